"""Do a newsletter's job of one date, or one phase of it: fetch and draft, then send. Safe to repeat at any point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from digest.model import Edition, EditionName, EditionState, Failure, Phase, Run, RunState
from digest.pipeline.drafting import draft
from digest.pipeline.marking import is_sent_elsewhere, tell_restored
from digest.pipeline.parts import Parts
from digest.pipeline.reading import fetch_sources
from digest.pipeline.report import FetchReport, Report
from digest.pipeline.sending import send_edition
from digest.pipeline.silence import watch_silence
from digest.pipeline.telling import ping, tell
from digest.pipeline.unapproved import is_staying, let_go, tell_staying

HOLD_AGAIN = timedelta(minutes=1)
TITLES = {
    RunState.QUIET: "a quiet day",
    RunState.WAITING: "a draft waits for you",
    RunState.FAILED: "the run failed",
}
NOT_APPROVED = "not approved by its hour"


def run_newsletter(
    parts: Parts,
    *,
    day: date,
    wait_seconds: float,
    phase: Phase = Phase.WHOLE,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Run a newsletter on a date, once: a finished run is told and left alone, a broken one is taken up.

    PREPARE ends with the draft; SEND fetches nothing. Raises the error that ended the run; it is recorded, and the
    next call goes on from there.
    """
    runs, now = parts.stores.runs, parts.now
    key = (parts.newsletter.name, day)
    name, before = EditionName(newsletter=parts.newsletter.name, date=day), runs.find(*key)
    if (before is None or before.state is not RunState.DONE) and is_sent_elsewhere(parts, name):
        sentence = tell_restored(parts.config, name)
        runs.finish(*key, RunState.DONE, now=now(), note=sentence)
        return Report(sentence=sentence)
    if runs.claim(*key, owner=parts.owner, now=now(), phase=phase) is None:
        return _told_before(parts, name)
    try:
        call = _Call(phase, before, wait_seconds, on_progress)
        state, report = _prepare(parts, name) if phase is Phase.PREPARE else _run(parts, name, call)
    except BaseException as exc:
        if isinstance(exc, KeyboardInterrupt) and phase is Phase.PREPARE:
            runs.let_go(*key, owner=parts.owner)
            raise
        note = str(exc) or type(exc).__name__
        runs.finish(*key, RunState.FAILED, now=now(), note=note, owner=parts.owner)
        _tell_once(parts, name, before, RunState.FAILED, Report(sentence=f"{name} failed: {note}"))
        ping(parts, RunState.FAILED)
        raise
    if runs.finish(*key, state, now=now(), note=report.sentence, owner=parts.owner):
        _tell_once(parts, name, before, state, report)
        ping(parts, state)
    if phase is not Phase.SEND:
        watch_silence(parts, name)
    return report


def _told_before(parts: Parts, name: EditionName) -> Report:
    run = parts.stores.runs.find(name.newsletter, name.date)
    if run is None or run.state is RunState.RUNNING:
        return Report(sentence=f"{name}: another process is at it; nothing was done here.")
    return Report(sentence=f"{name}: done before ({run.note}); nothing was sent.")


@dataclass(frozen=True, slots=True)
class _Call:
    """How a run was asked for, and what was known of it before."""

    phase: Phase
    before: Run | None
    wait_seconds: float
    on_progress: Callable[[int, int], None]

    @property
    def lacks_news(self) -> bool:
        """Say whether a send finds nothing because nothing could be fetched before it."""
        before = self.before
        return self.phase is Phase.SEND and (
            before is None or (before.phase is Phase.PREPARE and before.state is not RunState.PREPARED)
        )


def _prepare(parts: Parts, name: EditionName) -> tuple[RunState, Report]:
    """Fetch, and draft what there is to send at the hour; an edition that is approved already stays as it is."""
    edition = parts.stores.editions.find(name)
    if edition is not None and edition.state is not EditionState.DRAFT:
        return RunState.PREPARED, Report(sentence=f"prepared: {name} is {edition.state} already.")
    fetched = _fetch(parts)
    drafted = draft(parts, day=name.date)
    if drafted.edition is None:
        state, report = _quiet(parts, name, drafted.found, fetched)
        return (RunState.PREPARED if state is RunState.QUIET else state), report
    sentence = f"prepared: {name} is {drafted.edition.state} and goes out at its hour."
    if drafted.edition.state is EditionState.DRAFT:
        sentence = f"prepared: {name} is drafted. 'digest approve {name}' lets it go out at its hour."
    return RunState.PREPARED, Report(sentence=sentence, failures=fetched.failures)


def _run(parts: Parts, name: EditionName, call: _Call) -> tuple[RunState, Report]:
    edition = parts.stores.editions.find(name)
    failures: tuple[Failure, ...] = ()
    if edition is not None:
        edition = let_go(parts, edition)
        if is_staying(parts, edition):
            return RunState.WAITING, Report(sentence=tell_staying(edition))
    if edition is None or edition.state is EditionState.DRAFT:
        fetched = _fetch(parts) if call.phase is Phase.WHOLE else FetchReport()
        failures = fetched.failures
        parts.stores.runs.extend(name.newsletter, name.date, owner=parts.owner, now=parts.now())
        drafted = draft(parts, day=name.date)
        if drafted.edition is None and call.lacks_news:
            sentence = f"{name}: nothing could be fetched before its hour, and nothing new is stored."
            return RunState.FAILED, Report(sentence=sentence, is_finished=False)
        if drafted.edition is None:
            return _quiet(parts, name, drafted.found, fetched)
        edition = drafted.edition
        if edition.state is EditionState.DRAFT:
            again = f"'digest approve {name}', then 'digest run {name.newsletter} --date {name.date}'"
            sentence = f"waiting: {name} is {'held' if edition.is_held else 'drafted'}. {again}."
            return RunState.WAITING, Report(sentence=sentence, failures=failures)
    if _waits_for_its_hour(parts, edition):
        return RunState.WAITING, Report(sentence=_until(parts, edition), failures=failures)
    sent = send_edition(
        parts, name, wait_seconds=call.wait_seconds, on_progress=_holding(parts, name, call.on_progress)
    )
    state = RunState.DONE if sent.is_finished else RunState.FAILED
    return state, replace(sent, failures=failures + sent.failures)


def _waits_for_its_hour(parts: Parts, edition: Edition) -> bool:
    """Say whether an edition is approved and to be sent later, at a moment that a person set."""
    is_later = edition.send_at is not None and edition.send_at > parts.now()
    return is_later and edition.state is EditionState.APPROVED


def _until(parts: Parts, edition: Edition) -> str:
    assert edition.send_at is not None
    zone = parts.newsletter.timezone
    at = edition.send_at.astimezone(ZoneInfo(zone))
    return (
        f"waiting until {at:%Y-%m-%d %H:%M} ({zone}): {edition.name} is approved and set to go out then; nothing was "
        f"sent. 'digest send {edition.name}' sends it now."
    )


def _holding(
    parts: Parts, name: EditionName, on_progress: Callable[[int, int], None]
) -> Callable[[int, int], None]:
    """Keep the run ours for as long as the send goes on, which may be an hour."""
    held_at = parts.now()

    def show(done: int, total: int) -> None:
        nonlocal held_at
        if parts.now() - held_at >= HOLD_AGAIN:
            held_at = parts.now()
            parts.stores.runs.extend(name.newsletter, name.date, owner=parts.owner, now=held_at)
        on_progress(done, total)

    return show


def _quiet(parts: Parts, name: EditionName, found: int, fetched: FetchReport) -> tuple[RunState, Report]:
    """A day without enough stories is quiet; one on which no source could be read at all has failed."""
    if fetched.failures and not fetched.reached:
        sentence = f"{name}: no source could be read; nothing was sent."
        return RunState.FAILED, Report(sentence=sentence, failures=fetched.failures, is_finished=False)
    wanted = parts.settings.min_stories
    sentence = f"quiet: {found} new stories for {name}, at least {wanted} wanted; nothing was sent."
    return RunState.QUIET, Report(sentence=sentence, failures=fetched.failures)


def _tell_once(parts: Parts, name: EditionName, before: Run | None, state: RunState, report: Report) -> None:
    """Tell the editor of a run that did not end in a send, each way of ending once.

    That an edition waits for the hour which a person set is no news; that one was not approved by its hour is, after
    its draft was told of.
    """
    edition = parts.stores.editions.find(name)
    if state is RunState.PREPARED and edition is not None and edition.state is EditionState.DRAFT:
        state = RunState.WAITING
        if before is not None and before.state is RunState.PREPARED:
            return
    is_late = edition is not None and state is RunState.WAITING and is_staying(parts, edition)
    if state not in TITLES:
        return
    if state is RunState.WAITING and edition is not None and _waits_for_its_hour(parts, edition):
        return
    is_held = edition is not None and edition.is_held
    tell(
        parts,
        what="unapproved" if is_late else str(state),
        key=f"{name.date} held" if is_held else str(name.date),
        title=NOT_APPROVED if is_late else TITLES[state],
        text=report.sentence,
        day=name.date,
        failures=report.failures,
    )


def _fetch(parts: Parts) -> FetchReport:
    rules = parts.make_site_rules()
    with parts.make_fetcher() as fetcher:
        return fetch_sources(
            parts.config.sources_of(parts.settings),
            config=parts.config,
            stories=parts.stores.stories,
            fetcher=fetcher,
            now=parts.now(),
            rules=rules,
        )

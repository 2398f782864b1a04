"""Do a newsletter's whole job of one date: fetch, draft, approve, send. Safe to repeat at any point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from digest.errors import DigestError
from digest.model import EditionName, EditionState, Failure, RunState
from digest.pipeline.drafting import draft
from digest.pipeline.parts import Parts
from digest.pipeline.reading import fetch_sources
from digest.pipeline.report import Report
from digest.pipeline.sending import send_edition, tell_editor


def run_newsletter(
    parts: Parts,
    *,
    day: date,
    wait_seconds: float,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Run a newsletter on a date, once: a finished run is told and left alone, a broken one is taken up.

    Raises the error that ended the run; it is recorded, and the next call goes on from there.
    """
    newsletter, runs = parts.newsletter.name, parts.stores.runs
    name = EditionName(newsletter=newsletter, date=day)
    if runs.claim(newsletter, day, owner=parts.owner, now=parts.now()) is None:
        return _told_before(parts, name)
    try:
        state, report = _run(parts, name, wait_seconds, on_progress)
    except (DigestError, KeyboardInterrupt) as exc:
        runs.finish(newsletter, day, RunState.FAILED, now=parts.now(), note=str(exc) or "interrupted")
        raise
    runs.finish(newsletter, day, state, now=parts.now(), note=report.sentence)
    return report


def _told_before(parts: Parts, name: EditionName) -> Report:
    run = parts.stores.runs.find(name.newsletter, name.date)
    if run is None or run.state is RunState.RUNNING:
        return Report(sentence=f"{name}: another process is at it; nothing was done here.")
    ended = "its hour was missed" if run.state is RunState.MISSED else f"done before ({run.note})"
    return Report(sentence=f"{name}: {ended}; nothing was sent.")


def _run(
    parts: Parts, name: EditionName, wait_seconds: float, on_progress: Callable[[int, int], None]
) -> tuple[RunState, Report]:
    known = parts.stores.editions.find(name)
    failures: tuple[Failure, ...] = ()
    if known is None or known.state is EditionState.DRAFT:
        failures = _fetch(parts)
        parts.stores.runs.extend(name.newsletter, name.date, owner=parts.owner, now=parts.now())
        drafted = draft(parts, day=name.date)
        if drafted.edition is None:
            wanted = parts.settings.min_stories
            sentence = f"quiet: {drafted.found} new stories for {name}, at least {wanted} are wanted; nothing was sent."
            tell_editor(
                parts, subject=f"{parts.newsletter.title}: a quiet day", text=sentence, failures=failures
            )
            return RunState.QUIET, Report(sentence=sentence, failures=failures)
        if drafted.edition.state is EditionState.DRAFT:
            sentence = (
                f"waiting: {name} is drafted. 'digest approve {name}', then 'digest run {name.newsletter}'."
            )
            if known is None:
                title = f"{parts.newsletter.title}: a draft waits for you"
                tell_editor(parts, subject=title, text=sentence, failures=failures)
            return RunState.WAITING, Report(sentence=sentence, failures=failures)
    sent = send_edition(parts, name, wait_seconds=wait_seconds, on_progress=on_progress)
    return RunState.DONE, Report(sentence=sent.sentence, failures=failures + sent.failures)


def _fetch(parts: Parts) -> tuple[Failure, ...]:
    with parts.make_fetcher() as fetcher:
        report = fetch_sources(
            parts.config.sources_of(parts.settings),
            config=parts.config,
            stories=parts.stores.stories,
            fetcher=fetcher,
            now=parts.now(),
        )
    return report.failures

"""Send an edition: look it over, freeze it, fill the outbox once, and hand every delivery over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from digest.deliver.carry import carry
from digest.deliver.dispatch import Plan, dispatch
from digest.deliver.links import Links, Signer, site_secret
from digest.deliver.message import (
    as_eml,
    build_message,
    envelope_maker,
    filled_for_viewing,
    make_note,
    make_test_copy,
)
from digest.edition import mark_sent
from digest.errors import DigestError, EditionError, PreflightError
from digest.mailbox import domain_of, parse_mailbox
from digest.model import (
    DeliveryState,
    Edition,
    EditionName,
    EditionState,
    Failure,
    Finding,
    Rendered,
    RunState,
    Severity,
)
from digest.pipeline.bouncing import stop_refused
from digest.pipeline.checking import check_edition
from digest.pipeline.marking import mark_begun, mark_delivered
from digest.pipeline.parts import Parts
from digest.pipeline.reader_hours import hours_of, last_hour, skip_late
from digest.pipeline.rendering import html_for_viewing, render
from digest.pipeline.report import Report
from digest.pipeline.trimming import tell_cuts
from digest.store.sending import freeze_and_fill
from digest.trimmed import trim

OPEN = (DeliveryState.FAILED, DeliveryState.DEFERRED, DeliveryState.DOUBT)
MOST_TOLD = 100
"""How many deliveries a send's report names; the outbox names them all."""
UNTRIED = (DeliveryState.QUEUED, DeliveryState.LEASED, DeliveryState.INFLIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurry:
    """How a rehearsal hurries: what it does in place of waiting, and its first pause after a lost connection."""

    sleep: Callable[[float], object]
    reconnect_seconds: float


def send_edition(
    parts: Parts,
    name: EditionName,
    *,
    wait_seconds: float,
    force: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Send an edition to its readers, each once; again, go on where it stopped.

    Raises EditionError where it is not approved, PreflightError where it has error findings and is not
    forced, DeliveryError where the server could not be used at all.
    """
    _refuse_halted(parts, name)
    parts.make_transport()  # a secret that cannot be read is told before anything is frozen
    edition = parts.stores.editions.get(name)
    failures: tuple[Failure, ...] = ()
    if edition.state is not EditionState.SENT:
        rendered, failures = _freeze(parts, edition, force=force)
    else:
        rendered, _ = render(parts, edition)
        skip_late(parts, name)
    before = parts.stores.mailing.counts(name)
    mark_begun(parts, name)
    counts = deliver(parts, rendered, wait_seconds=wait_seconds, on_progress=on_progress)
    mark_delivered(parts, name, counts.get(DeliveryState.SENT, 0))
    ahead, last_at = last_hour(parts, name)
    untried = sum(counts.get(state, 0) for state in UNTRIED) - ahead
    report = Report(
        sentence=_sentence(name, before, counts)
        + _tell_ahead(parts, ahead, last_at)
        + tell_cuts(rendered.cuts),
        failures=failures + _unsent(parts, name, counts, untried=untried),
        is_finished=untried <= 0,
    )
    _close_run(parts, name, report)
    return report


def _refuse_halted(parts: Parts, name: EditionName) -> None:
    halt = parts.stores.mailing.find_halt(name)
    if halt is not None:
        raise EditionError(f"The send of {name} is {halt}. 'digest outbox resume {name}' lets it go on.")


def send_test(parts: Parts, name: EditionName, addresses: Sequence[str]) -> Report:
    """Send a copy marked [Test] to these addresses alone, whatever the edition's state, outside the outbox."""
    rendered, failures = render(parts, parts.stores.editions.get(name))
    copies = [
        make_test_copy(
            rendered, parts.newsletter, address=address, message_id=_message_id(parts), now=parts.now()
        )
        for address in addresses
    ]
    outcomes = carry(parts.make_transport(), copies)
    reached = []
    for address, outcome in zip(addresses, outcomes, strict=True):
        if outcome.state is DeliveryState.SENT:
            reached.append(f"{address} ({outcome.reply})" if outcome.reply else address)
        else:
            failures += (Failure(subject=address, message=outcome.reply or "the connection was lost"),)
    return Report(sentence=f"{name}: a test went to {', '.join(reached) or 'nobody'}.", failures=failures)


def rehearse_on_paper(parts: Parts, name: EditionName) -> Report:
    """Say what a send would do; change nothing."""
    edition = parts.stores.editions.get(name)
    rendered, failures = render(parts, edition)
    readers = count_readers(parts)
    errors = _errors(parts, edition, rendered, readers)
    state = (
        "" if edition.state is not EditionState.DRAFT else f" It is not approved: 'digest approve {name}'."
    )
    sentence = f"{name}: '{rendered.subject}' would go to {_readers(readers)}; nothing was sent.{state}"
    sentence += tell_cuts(rendered.cuts)
    return Report(
        sentence=sentence,
        failures=failures + tuple(Failure(subject=f.rule, message=f"{f.where}: {f.message}") for f in errors),
    )


def rendering_files(parts: Parts, rendered: Rendered) -> dict[str, bytes]:
    """Return a rendering as files by name; email.html takes its pictures from the folder `pictures/` beside it."""
    newsletter = parts.newsletter
    html = html_for_viewing(rendered, newsletter, base="pictures/")
    texts = {
        "email.html": filled_for_viewing(html, rendered, newsletter, is_html=True),
        "email.txt": filled_for_viewing(rendered.text, rendered, newsletter, is_html=False),
        "email.mjml": rendered.mjml,
        "subject.txt": rendered.subject + "\n",
    }
    files = {name: text.encode() for name, text in texts.items()}
    files["message.eml"] = sample_message(parts, rendered)
    return files | {f"pictures/{picture.name}": picture.content for picture in rendered.pictures}


def sample_message(parts: Parts, rendered: Rendered) -> bytes:
    """Return the message as a made-up reader would get it."""
    return as_eml(rendered, parts.newsletter, now=parts.now())


def tell_editor(parts: Parts, *, subject: str, text: str, failures: Sequence[Failure] = ()) -> bool:
    """Write to the newsletter's editor, where one is configured; say whether nothing is left to be told.

    A note that cannot be sent stops nothing: the run itself reports a server that cannot be used.
    """
    if not parts.settings.editor:
        return True
    lines = [text, *(f"{failure.subject}: {failure.message}" for failure in failures)]
    try:
        note = make_note(
            parts.newsletter,
            to=parts.settings.editor,
            subject=subject,
            text="\n\n".join(lines) + "\n",
            message_id=_message_id(parts),
            now=parts.now(),
        )
        (outcome,) = carry(parts.make_transport(), [note])
    except DigestError:
        return False
    return outcome.state in (DeliveryState.SENT, DeliveryState.DOUBT)


def _freeze(parts: Parts, edition: Edition, *, force: bool) -> tuple[Rendered, tuple[Failure, ...]]:
    """Look the edition over, freeze it and fill the outbox, in one transaction."""
    name = edition.name
    if edition.state is EditionState.DRAFT:
        raise EditionError(f"{name} is not approved. Type 'digest approve {name}' first.")
    unusable = parts.stores.mailing.ensure_readers(name.newsletter, parts.settings.readers, now=parts.now())
    readers = parts.stores.mailing.count_active(name.newsletter)
    if readers == 0:
        raise EditionError(
            f"'{name.newsletter}' has no readers. Add some with 'digest subscribers add', or in newsletters."
            f"{name.newsletter}.readers."
        )
    rendered, failures = render(parts, edition)
    errors = _errors(parts, edition, rendered, readers)
    if errors and not force:
        told = "; ".join(f"{finding.where}: {finding.message}" for finding in errors)
        raise PreflightError(f"{name} was not sent: {told} Mend it, or send it all the same with --force.")
    freeze_and_fill(
        parts.stores.mailing,
        parts.stores.engine,
        mark_sent(trim(edition, rendered.cuts)),
        rendered,
        domain=_domain(parts),
        now=parts.now(),
        hour_of=hours_of(parts, edition),
    )
    frozen = parts.stores.editions.rendering(
        name
    )  # another process may have been first: what it froze counts
    return frozen or rendered, (*failures, *unusable)


def _errors(parts: Parts, edition: Edition, rendered: Rendered, readers: int) -> list[Finding]:
    findings = check_edition(parts, edition, rendered, readers=readers)
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def count_readers(parts: Parts) -> int:
    """Count whom a send would reach: active readers, and configured ones that never were readers."""
    mailing, newsletter = parts.stores.mailing, parts.newsletter.name
    configured = {parse_mailbox(reader).address.casefold() for reader in parts.settings.readers}
    new = sum(mailing.find(newsletter, address) is None for address in configured)
    return mailing.count_active(newsletter) + new


def deliver(
    parts: Parts,
    rendered: Rendered,
    *,
    wait_seconds: float,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    hurry: Hurry | None = None,
) -> Mapping[DeliveryState, int]:
    """Hand over an edition's queue; `hurry` is for rehearsals, which do not wait."""
    smtp = parts.config.smtp
    links = Links(Signer(site_secret(parts.config.path(parts.config.site.secret_file))), parts.newsletter)
    make_message = envelope_maker(
        build_message(rendered, parts.newsletter),
        parts.newsletter,
        links,
        now=parts.now,
        return_path=smtp.return_path,
    )
    plan = Plan(
        connections=smtp.connections,
        wait_seconds=wait_seconds,
        rate_per_second=smtp.rate_per_second,
        domain_rates=smtp.domain_rates,
        in_doubt=smtp.in_doubt,
        resolver=parts.make_resolver(),
    )
    if hurry is not None:
        plan = replace(plan, reconnect_seconds=hurry.reconnect_seconds)
    counts = dispatch(
        parts.stores.mailing,
        rendered.name,
        transport_factory=parts.make_transport,
        make_message=make_message,
        plan=plan,
        clock=parts.now,
        sleep=hurry.sleep if hurry else None,
        on_progress=on_progress,
    )
    stop_refused(parts.stores.mailing, rendered.name, now=parts.now())
    return counts


def _close_run(parts: Parts, name: EditionName, report: Report) -> None:
    """Let a run that ended without a send say that it was sent by hand."""
    run = parts.stores.runs.find(name.newsletter, name.date)
    if report.is_finished and run is not None and run.state not in (RunState.RUNNING, RunState.DONE):
        parts.stores.runs.finish(
            name.newsletter, name.date, RunState.DONE, now=parts.now(), note=report.sentence
        )


def _sentence(
    name: EditionName, before: Mapping[DeliveryState, int], counts: Mapping[DeliveryState, int]
) -> str:
    sent = counts.get(DeliveryState.SENT, 0)
    new = sent - before.get(DeliveryState.SENT, 0)
    rest = ", ".join(
        f"{counts[state]} {state}"
        for state in DeliveryState
        if state is not DeliveryState.SENT and counts.get(state)
    )
    if new == 0 and sent and not rest:
        return f"{name}: all was sent before ({_readers(sent)}); nothing was sent."
    return f"{name}: sent to {_readers(new)}" + (f" ({rest})." if rest else ".")


def _readers(count: int) -> str:
    return f"{count} reader" if count == 1 else f"{count} readers"


def _tell_ahead(parts: Parts, ahead: int, last_at: datetime | None) -> str:
    """Say how many readers get it at an hour that is still to come where they are."""
    if last_at is None:
        return ""
    verb = "gets" if ahead == 1 else "get"
    when = f"at {parts.settings.send_at} where they are, the last at {last_at:%Y-%m-%d %H:%M} UTC"
    return f" {_readers(ahead)} {verb} it {when}: 'digest schedule' sends it then."


def _unsent(
    parts: Parts, name: EditionName, counts: Mapping[DeliveryState, int], *, untried: int
) -> tuple[Failure, ...]:
    waiting = {DeliveryState.DEFERRED: "is tried again later", DeliveryState.DOUBT: "may have it or not"}
    told = [
        Failure(
            subject=one.address,
            message=f"{waiting.get(one.state, 'was refused')}: {one.reply or 'no answer'}",
        )
        for one in parts.stores.mailing.list_deliveries(name, states=OPEN, limit=MOST_TOLD)
    ]
    untold = sum(counts.get(state, 0) for state in OPEN) - len(told)
    if untold > 0:
        told.append(
            Failure(subject=str(name), message=f"{untold} more: 'digest outbox list {name}' names them.")
        )
    if untried > 0:
        message = f"{_readers(untried)} still to come. 'digest send {name}' goes on."
        told.append(Failure(subject=str(name), message=message))
    return tuple(told)


def _message_id(parts: Parts) -> str:
    return f"<{uuid4().hex}@{_domain(parts)}>"


def _domain(parts: Parts) -> str:
    return domain_of(parse_mailbox(parts.newsletter.sender).address)

"""Sign readers up: take the form, mail the link that confirms, confirm, and keep what they choose.

A mail to an address that someone typed holds nothing else that they typed: the form is no way to send words to
strangers.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from digest.deliver.carry import carry
from digest.deliver.links import Purpose, Signer
from digest.deliver.message import make_note
from digest.errors import DigestError
from digest.mailbox import LONGEST_NAME, Mailbox, domain_of, one_line, parse_address
from digest.model import DeliveryState, Newsletter
from digest.pipeline.parts import Stores
from digest.ports import Transport
from digest.render.wording import Wording
from digest.store.mailing import Mailing
from digest.store.persons import Choices
from digest.store.signing_up import VALID, Asked, AskId, Asking, AskState, Letter

__all__ = ["AskState", "Asked", "Choices", "Form", "Post", "ask", "confirm", "find_asked", "send_letters"]

log = logging.getLogger(__name__)

MOST_TRIES = 8
FIRST_PAUSE = timedelta(minutes=1)
_SUBJECT = re.compile(r"(\d{1,18})-(\d{1,12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A filled sign-up form. `wording` is what stood above its button; `block` the network it came from."""

    address: str
    name: str
    wording: str
    came_from: str
    block: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What letters are sent with. `words` gives the words of a language."""

    stores: Stores
    signer: Signer
    newsletters: Mapping[str, Newsletter]
    make_transport: Callable[[], Transport]
    words: Callable[[str], Wording]


def ask(mailing: Mailing, newsletter: Newsletter, form: Form, *, now: datetime) -> bool:
    """Take a form down and queue its mail; False where its network asks too often. Raises AddressError."""
    mailbox = Mailbox(address=parse_address(form.address), name=one_line(form.name)[:LONGEST_NAME])
    asking = Asking(
        newsletter=newsletter.name,
        mailbox=mailbox,
        wording=form.wording,
        came_from=form.came_from,
        block=form.block,
    )
    return mailing.ask(asking, now=now)


def find_asked(stores: Stores, signer: Signer, token: str, *, now: datetime) -> Asked | None:
    """Return what a link to confirm speaks for, or None where we did not make it."""
    found = _SUBJECT.fullmatch(signer.read(Purpose.CONFIRM, token) or "")
    if found is None:
        return None
    asked = stores.mailing.find_asked(AskId(int(found[1])), now=now)
    # A store restored from a backup gives a number anew: the moment tells the two apart.
    return asked if asked is not None and int(asked.asked_at.timestamp()) == int(found[2]) else None


def confirm(stores: Stores, asked: Asked, *, came_from: str, now: datetime) -> AskState:
    """Make who asked a reader; repeating it changes nothing. Returns what the link is good for then."""
    confirmed = stores.mailing.confirm(asked.id, came_from=came_from, now=now)
    return confirmed.state if confirmed is not None else AskState.SPENT


def send_letters(post: Post, *, now: Callable[[], datetime]) -> int:
    """Send the mails that are due, outside the outbox; return how many went out.

    Where the server cannot be used now, they wait, longer each time; where it refuses one, that one is given up.
    """
    mailing, sent = post.stores.mailing, 0
    while letters := mailing.take_letters(now=now()):
        for letter in letters:
            went = _send(post, letter, now())
            again_at = _again_at(letter, now()) if went is None else None
            mailing.settle_letter(letter, sent=went is True, again_at=again_at, now=now())
            sent += went is True
    return sent


def _send(post: Post, letter: Letter, now: datetime) -> bool | None:
    """Try one mail: True where it was taken, False where it never will be, None where it may be later."""
    newsletter = post.newsletters.get(letter.newsletter)
    if newsletter is None or not newsletter.public_url or now >= letter.asked_at + VALID:
        return False
    words = post.words(letter.language or newsletter.language)
    subject, text = _written(letter, newsletter, words, post.signer)
    note = make_note(
        newsletter,
        to=letter.address,
        subject=subject,
        text=text,
        message_id=f"<{uuid4().hex}@{domain_of(newsletter.sender)}>",
        now=now,
    )
    try:
        (outcome,) = carry(post.make_transport(), [note])
    except DigestError as exc:
        log.warning("a mail to confirm a sign-up waits: %s", exc)
        return None
    if outcome.state is DeliveryState.SENT:
        return True
    return False if outcome.state is DeliveryState.FAILED else None


def _again_at(letter: Letter, now: datetime) -> datetime | None:
    return now + FIRST_PAUSE * 2**letter.tries if letter.tries < MOST_TRIES else None


def _written(letter: Letter, newsletter: Newsletter, words: Wording, signer: Signer) -> tuple[str, str]:
    base, title = newsletter.public_url.rstrip("/"), newsletter.title
    if letter.kind == "known":
        link = f"{base}/p/{signer.sign(Purpose.PREFERENCES, str(letter.subscriber))}"
        parts = [words.say("mail_known_text", title=title), link]
    else:
        moment = int(letter.asked_at.astimezone(UTC).timestamp())
        link = f"{base}/c/{signer.sign(Purpose.CONFIRM, f'{letter.ask}-{moment}')}"
        parts = [
            words.say("mail_confirm_text", title=title),
            link,
            words.say("mail_confirm_wording"),
            letter.wording,
            words.say("mail_confirm_end"),
        ]
    parts.append("\n".join(line for line in ("-- ", newsletter.site_name, newsletter.postal_address) if line))
    return words.say(f"mail_{letter.kind}_subject", title=title), "\n\n".join(parts) + "\n"

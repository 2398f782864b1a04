"""The values that cross a stage boundary: frozen, without I/O and without a clock.

Capture -> Story -> Ranked -> Blurb -> Edition -> Rendered -> Delivery
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import NewType

StoryId = NewType("StoryId", str)
SubscriberId = NewType("SubscriberId", int)
NewsletterName = NewType("NewsletterName", str)


# --- reading -------------------------------------------------------------------------------------


class DocumentKind(StrEnum):
    """What a captured document is."""

    PAGE = "page"
    DUMP = "dump"
    FEED = "feed"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Bytes of one document and where they came from.

    `source` is what the person named: the source's name, or the path or address as typed.
    `path` is the saved file, where there is one: pictures saved beside a page are found from it.
    `section` is the source's configured section, empty where it has none.
    """

    source: str
    kind: DocumentKind
    content: bytes
    fetched_at: datetime
    url: str | None = None
    path: Path | None = None
    content_type: str = ""
    encoding: str | None = None
    section: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One picture of a story.

    `url` is absolute; None where the document gave no address (a text dump).
    `file` is a copy saved beside the page. `width` and `height` are pixels.
    """

    url: str | None = None
    alt: str | None = None
    caption: str | None = None
    credit: str | None = None
    width: int | None = None
    height: int | None = None
    file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Who a picture's credit names: the people who made it, the agencies and owners, and who passed it on.

    Agencies of several spellings have one name (`AP`, `dpa`, `Getty Images`); others stand as printed.
    """

    photographers: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    via: str | None = None


class PictureUse(StrEnum):
    """What we may do with a picture.

    SHOW: copy it, into the message or onto our own site. LINK: let the reader's program fetch it from the
    outlet's address, and copy it nowhere. DROP: leave it out.
    """

    SHOW = "show"
    LINK = "link"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRuling:
    """What may be done with one picture, and why.

    `rule` is the key of `[photo_rights]` that decided. `is_configured` is False where the configuration does not
    have that key and its default stands in. `about` is the name in the credit that the key is about.
    """

    use: PictureUse
    rule: str
    is_configured: bool
    about: str = ""
    credit: Credit = Credit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A titled address."""

    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story as it was read.

    `text` is paragraphs joined by a blank line. Text from `blurb_end` on belongs to the story but is
    no material for its blurb (another film, a reading list); None: all of it is.
    `published_at` keeps the outlet's own offset; `published_at_assumed` says that the offset is ours.
    """

    id: StoryId
    source: str
    title: str
    text: str
    url: str | None = None
    description: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_at_assumed: bool = False
    site: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str = "en"
    blurb_end: int | None = None
    lead_image: Image | None = None
    images: tuple[Image, ...] = ()
    related: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One story as a feed tells it.

    `html` is the entry's own content, sanitised, its links absolute; `summary` likewise where the feed has
    both. `site` and `language` are the feed's. `url` and `guid` may each be missing.
    """

    title: str = ""
    url: str | None = None
    guid: str | None = None
    html: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_at_assumed: bool = False
    tags: tuple[str, ...] = ()
    image: Image | None = None
    language: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing of many that could not be done: what it was, and a sentence a person can act on."""

    subject: str
    message: str


# --- choosing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story that may go into an edition, with what the newsletter knows of its source.

    `seen_at` is when it was first read; `weight` is the source's; `is_hand_picked` is true of files and
    pages that a person named, whose age counts from `seen_at`.
    """

    story: Story
    seen_at: datetime
    weight: float = 1.0
    section: str = ""
    is_hand_picked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One part of a score: its name, its value and a phrase for the editor."""

    name: str
    value: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlsoIn:
    """The same event as another outlet told it."""

    story_id: StoryId
    site: str
    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """What a follow-up follows: the headline that ran last of its event, and the date of that edition."""

    title: str
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A story with its place among the others. `score` is the sum of the reasons' values.

    `outlet` is its outlet's name where that is better known than the story's own `site`. Of a follow-up, `told` is
    all that ran of its event: headlines, blurbs and texts.
    """

    story: Story
    section: str
    score: float
    reasons: tuple[Reason, ...] = ()
    also_in: tuple[AlsoIn, ...] = ()
    follows: Follows | None = None
    told: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A story that is not in the edition, and why. One that was not weighed has no score."""

    story_id: StoryId
    title: str
    site: str
    why: str
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A story that a newsletter has run: the edition's date, and the headline and blurb that readers saw.

    `text` is the story's as it was then; an empty one is not known, and follow-ups are then told by their headlines
    alone. `at` is when its edition was drafted last: what was told later cannot be in it. None: by the date's end.
    """

    story_id: StoryId
    title: str
    date: date
    url: str | None = None
    text: str = ""
    blurb: str = ""
    at: datetime | None = None


# --- condensing ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a story: `story.text[start:end] == text`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blurb:
    """A story condensed. `text` is the sentences joined by one space; `method` says who made it.

    Of a remote blurb (`remote/MODEL`), `sentences` are those that stand in the story letter for letter.
    `note` is for the editor: why there is no text, or what came out otherwise than asked. `fell_back` is, in a
    few words, why a remote text was not taken. `asked` names what a remote model was asked, where its answer may
    be used again.
    """

    story_id: StoryId
    text: str
    sentences: tuple[Sentence, ...]
    image: Image | None = None
    method: str = "extractive/1"
    note: str = ""
    fell_back: str = ""
    asked: str = ""


# --- the edition ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EditionName:
    """An edition's name: `daily/2026-11-24`. The date is local to the newsletter's zone."""

    newsletter: str
    date: date

    def __str__(self) -> str:
        return f"{self.newsletter}/{self.date.isoformat()}"


class EditionState(StrEnum):
    """How far an edition is. SENT: its outbox was filled, nothing in it changes any more."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A story and its blurb in an edition, as readers will see it.

    `headline`, `text` and `image` start as the story's title and the blurb's own; an editor's rewrite
    changes them and names the field in `edited`. `blurb` keeps the receipts.
    """

    story_id: StoryId
    section: str
    headline: str
    text: str
    blurb: Blurb
    site: str
    url: str | None = None
    image: Image | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    language: str = "en"
    story_words: int = 0
    also_in: tuple[AlsoIn, ...] = ()
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    is_pinned: bool = False
    edited: tuple[str, ...] = ()
    follows: Follows | None = None


class EditKind(StrEnum):
    """What an editor can do to an edition."""

    PIN = "pin"
    UNPIN = "unpin"
    DROP = "drop"
    RESTORE = "restore"
    MOVE = "move"
    REWRITE = "rewrite"
    SUBJECT = "subject"
    PREHEADER = "preheader"
    NOTE = "note"
    SENTENCES = "sentences"
    PICTURE = "picture"
    INCLUDE = "include"
    GO_BACK = "go-back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change by the editor, kept so that it can be replayed on a new draft.

    MOVE uses `section` and `position` (0 is the section's first place; None keeps either). REWRITE uses
    `field` (headline, text, caption, credit, alt) and `text`. SUBJECT, PREHEADER and NOTE use `text`.
    SENTENCES uses `sentences`: those of the story that are its blurb now. PICTURE uses `image`: another one of the
    story, or None for no picture. INCLUDE uses `item`: a story that was left out, condensed; and `left_out`: why.
    GO_BACK uses `revision` and `edits`: those that stood there, in place of all before it.
    """

    kind: EditKind
    story_id: StoryId | None = None
    section: str | None = None
    position: int | None = None
    field: str | None = None
    text: str | None = None
    sentences: tuple[Sentence, ...] = ()
    image: Image | None = None
    item: Item | None = None
    left_out: LeftOut | None = None
    revision: int | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One issue of a newsletter. Items are in reading order; a section is a run of equal `item.section`.

    `items` is always what `drafted` gives with the `standing` edits replayed on it; `revision` counts up from 1.
    `undone` are edits that were taken back and can be made again, the last one first. One that `is_held` is not
    approved by its hour, only by a person. `send_at` is when it goes out, where a person set another moment than its
    newsletter's hour.
    """

    name: EditionName
    title: str
    subject: str
    preheader: str
    items: tuple[Item, ...]
    drafted: tuple[Item, ...]
    made_at: datetime
    note: str = ""
    language: str = "en"
    state: EditionState = EditionState.DRAFT
    revision: int = 1
    edits: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    is_held: bool = False
    send_at: datetime | None = None

    @property
    def sections(self) -> tuple[tuple[str, tuple[Item, ...]], ...]:
        """Group the items by section, in reading order."""
        grouped: dict[str, list[Item]] = {}
        for item in self.items:
            grouped.setdefault(item.section, []).append(item)
        return tuple((section, tuple(items)) for section, items in grouped.items())

    @property
    def standing(self) -> tuple[Edit, ...]:
        """Return the edits in force: after going back, those of that revision and what was done since."""
        for place in range(len(self.edits) - 1, -1, -1):
            if self.edits[place].kind is EditKind.GO_BACK:
                return (*self.edits[place].edits, *self.edits[place + 1 :])
        return self.edits

    @property
    def chosen(self) -> tuple[Item, ...]:
        """Return every item that is in or was dropped, as it was made: those drafted, then those put in by hand."""
        known = {item.story_id for item in self.drafted}
        put_in = {edit.item.story_id: edit.item for edit in self.standing if edit.item is not None}
        return (*self.drafted, *(item for key, item in put_in.items() if key not in known))


# --- the newsletter, as the stages need it -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """What composing and sending need to know of a newsletter and its site.

    `sender` is `Name <address>`; `public_url` is empty where nothing is hosted; `images` is one of
    auto, host, attach, link, none; `theme` overrides the layout's colours, fonts and texts by name, and `logo`
    is the picture it names. `share` puts links to pass a story on; `tip_line` is an address for tips, or empty.
    """

    name: str
    title: str
    sender: str
    site_name: str = "Daily Dose"
    postal_address: str = ""
    public_url: str = ""
    language: str = "en"
    timezone: str = "UTC"
    template: str = "daily"
    images: str = "auto"
    reply_to: str = ""
    theme: Mapping[str, str] = field(default_factory=dict)
    logo: Picture | None = None
    share: bool = False
    tip_line: str = ""


# --- rendering -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture ready to be sent. `name` is a hash of the bytes with its ending and serves as Content-ID."""

    name: str
    content: bytes
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What an edition lost of a story so that mailboxes show it whole: `text` is what is left of its blurb.

    None: the story was left out. `why` says it to the editor, in a sentence.
    """

    story_id: StoryId
    headline: str
    text: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An edition laid out once for all readers.

    `html`, `text` and `subject` may hold the tokens of `SLOTS`; `headers` likewise. `pictures` are those
    to attach: the HTML names them as `cid:NAME`. `cuts` are what was too much for the byte budget.
    """

    name: EditionName
    subject: str
    preheader: str
    html: str
    text: str
    mjml: str
    pictures: tuple[Picture, ...] = ()
    cuts: tuple[Cut, ...] = ()


SLOTS = (
    "@@NAME@@",
    "@@UNSUBSCRIBE@@",
    "@@PREFERENCES@@",
    "@@VIEW@@",
)
"""The tokens that are replaced for each reader. Preflight refuses any other `@@WORD@@` in a rendering."""


class Severity(StrEnum):
    """How much a finding matters. An error stops a send that is not forced."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing preflight noticed: which rule, how bad, where in the edition, and a sentence.

    `story_id` names the story that it concerns, where it concerns one alone.
    """

    rule: str
    severity: Severity
    where: str
    message: str
    story_id: StoryId | None = None


# --- readers and delivery ------------------------------------------------------------------------


class SubscriberState(StrEnum):
    """Whether a subscriber gets the newsletter. Only ACTIVE does."""

    PENDING = "pending"
    ACTIVE = "active"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One reader of one newsletter. `consent` says how we know that they asked for it."""

    id: SubscriberId
    newsletter: str
    address: str
    state: SubscriberState
    name: str = ""
    time_zone: str | None = None
    language: str | None = None
    consent: str = ""
    joined_at: datetime | None = None
    plain_text: bool = False


class DeliveryState(StrEnum):
    """Where one delivery stands; QUEUED, LEASED, INFLIGHT and DEFERRED are still to be settled."""

    QUEUED = "queued"
    LEASED = "leased"
    INFLIGHT = "inflight"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    DOUBT = "doubt"
    SKIPPED = "skipped"


class EventKind(StrEnum):
    """What a mail provider tells of a message it took. DEFERRED: it is still trying."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvent:
    """One thing a mail provider tells, of a delivery by its Message-ID or of an address."""

    kind: EventKind
    message_id: str = ""
    address: str = ""
    reason: str = ""


class BounceKind(StrEnum):
    """What a bounce says. HARD: nobody is there; SOFT: not this time; REFUSED: by a rule, about the sender."""

    HARD = "hard"
    SOFT = "soft"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A delivery that came back, by its Message-ID. `status` is the code that stood there (`5.1.1`, or `550`)."""

    message_id: str
    kind: BounceKind
    status: str = ""
    reason: str = ""


class Halt(StrEnum):
    """How a send was told not to go on. PAUSED: for now. STOPPED: who has not got it gets it no more."""

    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One edition to one subscriber.

    A lease belongs to `owner` until `lease_until` and is fenced by `attempt`: a write that names another
    owner or attempt changes nothing. `message_id` never changes, whatever is tried again. Of a delivery in doubt,
    `lease_until` is since when it was in flight.
    `attempt` counts leases, `tries` what was tried in earnest, `doubts` how often nobody could know.
    """

    edition: EditionName
    subscriber_id: SubscriberId
    address: str
    name: str
    state: DeliveryState
    message_id: str
    attempt: int = 0
    owner: str | None = None
    lease_until: datetime | None = None
    next_at: datetime | None = None
    settled_at: datetime | None = None
    reply: str = ""
    tries: int = 0
    doubts: int = 0
    plain_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one attempt at one recipient ended, and the server's words.

    `state` is SENT, DEFERRED, FAILED, SKIPPED, QUEUED (lost before the final dot: nothing happened) or DOUBT.
    """

    state: DeliveryState
    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message as a transport carries it: whole bytes, and the bare addresses it goes from and to.

    `is_plain` promises that all its lines end in CRLF, none starts with a dot, and the body is in DKIM's relaxed form
    but for empty lines at its end: neither SMTP nor a signer has anything to change.
    """

    content: bytes
    sender: str
    recipient: str
    is_plain: bool = False


class RunState(StrEnum):
    """How a newsletter's run on one date ended, or that it is under way. PREPARED: its draft waits for the hour."""

    RUNNING = "running"
    PREPARED = "prepared"
    WAITING = "waiting"
    DONE = "done"
    QUIET = "quiet"
    FAILED = "failed"
    MISSED = "missed"


class Phase(StrEnum):
    """A part of a run that a process does by itself. PREPARE: fetch and draft, before the hour; SEND: at the hour."""

    WHOLE = ""
    PREPARE = "prepare"
    SEND = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One newsletter on one local date. `phase` is the part of it that was last at work."""

    newsletter: str
    date: date
    state: RunState
    started_at: datetime
    ended_at: datetime | None = None
    note: str = ""
    phase: Phase = Phase.WHOLE

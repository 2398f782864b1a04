"""Put together what an editor should know: why a story is in, what is left out, facts, rights, and what it weighs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from digest.check.markup import CLIPPED_AT, LARGE
from digest.model import Cut, Edition, Item, LeftOut, Rendered, StoryId
from digest.pipeline.fact_checking import CheckedField, check_item
from digest.pipeline.rendering import find_picture_problem
from digest.pipeline.reviewing import Remark, remarks_on
from digest.pipeline.rights import SHOWN, PictureReport, report_pictures
from digest.pipeline.trimming import BYTE_BUDGET
from digest.render.costs import story_costs
from digest.summarize.facts import Verdict
from digest.web.desk.place import Place
from digest.web.desk.receipts import Receipts
from digest.web.desk.room import Room

FIRST_SHOWN = 20
"""How many of the stories that were left out are listed until all are asked for."""

VERDICTS = {
    Verdict.SUPPORTED: "in the story",
    Verdict.MISSING: "not in the story",
    Verdict.CONTRADICTED: "the story says otherwise",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a story's score: its name, why, its value, and how large it is beside the largest (0 to 1)."""

    name: str
    detail: str
    value: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one item.

    `fields` are its checked facts, None where its story is not kept any more. `problem` says why its picture could
    not be had.
    """

    parts: tuple[Part, ...]
    remarks: tuple[Remark, ...]
    fields: tuple[CheckedField, ...] | None
    picture: PictureReport | None
    problem: str

    @property
    def checked(self) -> int:
        """Return how many facts were checked."""
        return sum(len(field.facts) for field in self.fields or ())

    @property
    def doubtful(self) -> int:
        """Return how many facts the story does not bear out."""
        return sum(
            fact.verdict is not Verdict.SUPPORTED for field in self.fields or () for fact in field.facts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutList:
    """The stories that were left out, as many as are shown; `found` fit what was looked for, of `total`."""

    shown: tuple[LeftOut, ...]
    found: int
    total: int
    find: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one story costs the email in bytes, and how much that is beside the dearest (0 to 1)."""

    item: Item
    size: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """The bytes of an email's HTML: all of them, those of each story and of the frame around them, and what was cut."""

    size: int
    costs: tuple[Cost, ...]
    frame: int
    cuts: tuple[Cut, ...]
    budget: int = BYTE_BUDGET
    large: int = LARGE
    clipped_at: int = CLIPPED_AT

    @property
    def words(self) -> str:
        """Say how heavy the email is."""
        if self.size >= self.clipped_at:
            return "Gmail cuts it off"
        return "over the budget" if self.size > self.budget else "near the budget" * (self.size >= self.large)


def know_item(room: Room, edition: Edition, item: Item | None, remarks: tuple[Remark, ...]) -> Known | None:
    """Return what is known of an item; None without one."""
    if item is None:
        return None
    parts = room.parts(edition.name.newsletter)
    story = room.stores.stories.find(item.story_id)
    alone = report_pictures(replace(edition, items=(item,)), parts.newsletter, room.config)
    picture = alone[0] if alone else None
    is_ours = picture is not None and picture.shown in (SHOWN["host"], SHOWN["attach"])
    return Known(
        parts=parts_of_score(item),
        remarks=remarks_on(remarks, item.story_id),
        fields=check_item(item, story) if story is not None else None,
        picture=picture,
        problem=find_picture_problem(parts, edition, item) if is_ours else "",
    )


def parts_of_score(item: Item) -> tuple[Part, ...]:
    """Return the parts that sum to an item's score, in the order in which they were weighed."""
    largest = max((abs(reason.value) for reason in item.reasons), default=0.0) or 1.0
    return tuple(
        Part(name=one.name, detail=one.detail, value=one.value, share=abs(one.value) / largest)
        for one in item.reasons
    )


def sentence_at(receipts: Receipts | None, start: int | None) -> str:
    """Return the span under which the sentence of a story at an offset is shown; empty where none is."""
    if receipts is None or start is None:
        return ""
    for piece in (piece for paragraph in receipts.paragraphs for piece in paragraph if piece.span):
        first, _, end = piece.span.partition("-")
        if int(first) <= start < int(end):
            return piece.span
    return ""


def list_left_out(edition: Edition, place: Place) -> OutList:
    """Return the stories that were left out in whose title, outlet or reason stands what is looked for."""
    words = place.get("find").casefold().split()
    found = [
        one
        for one in edition.left_out
        if all(word in f"{one.title} {one.site} {one.why}".casefold() for word in words)
    ]
    has_all = place.get("out") == "all"
    return OutList(
        shown=tuple(found if has_all else found[:FIRST_SHOWN]),
        found=len(found),
        total=len(edition.left_out),
        find=place.get("find"),
        is_open=bool(words) or has_all,
    )


def weigh(rendered: Rendered, edition: Edition) -> Meter:
    """Return where the bytes of an email go."""
    sizes: dict[StoryId, int] = story_costs(rendered.html, edition)
    size = len(rendered.html.encode())
    dearest = max(sizes.values(), default=0) or 1
    costs = [
        Cost(item=item, size=sizes[item.story_id], share=sizes[item.story_id] / dearest)
        for item in edition.items
    ]
    return Meter(size=size, costs=tuple(costs), frame=size - sum(sizes.values()), cuts=rendered.cuts)

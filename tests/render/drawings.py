"""Drawn photographs whose subject's place is known: people, towers, boats, before all kinds of backgrounds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

Box = tuple[float, float, float, float]
Pen = ImageDraw.ImageDraw

SKINS = ("#f1c9a5", "#d9a066", "#a86b3c", "#6d4326", "#4a2c1a")
HAIRS = ("#2a1a12", "#5a3a1e", "#b98d4f", "#8c8c8c", "#111111")
CLOTHES = ("#335577", "#7a2d3b", "#2f5a43", "#d8d0c0", "#1d1f24")
TALL, TALLER, BROAD, BROADER, SQUARE = (1000, 1500), (900, 1900), (1800, 1000), (2400, 800), (1200, 1200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture, and the box in pixels of what a crop of it must not cut: a head with its hair, a spire, a boat."""

    name: str
    picture: Pillow.Image
    subject: Box


def _plain(_pen: Pen, _size: tuple[int, int], _chance: random.Random) -> None:
    """Leave the grey that every picture starts with: a studio's wall."""


def _evening(pen: Pen, size: tuple[int, int], _chance: random.Random) -> None:
    for row in range(size[1]):
        share = row / size[1]
        pen.line((0, row, size[0], row), fill=(int(60 + 150 * share), int(90 + 70 * share), 150))


def _lights(pen: Pen, size: tuple[int, int], chance: random.Random) -> None:
    pen.rectangle((0, 0, *size), fill="#20242c")
    for _ in range(60):
        x, y, r = chance.randrange(size[0]), chance.randrange(size[1]), chance.randrange(15, 60)
        pen.ellipse(
            (x - r, y - r, x + r, y + r), fill=chance.choice(("#4a4436", "#38424f", "#5b4a35", "#2f3a36"))
        )


def _shelf(pen: Pen, size: tuple[int, int], chance: random.Random) -> None:
    for top in range(0, size[1], 170):
        left = 0
        while left < size[0]:
            wide = chance.randrange(18, 46)
            colour = chance.choice(("#5b3a2e", "#3a4a5b", "#6b6245", "#44553f", "#7a6f63", "#2e2b33"))
            pen.rectangle((left, top + chance.randrange(10, 40), left + wide, top + 155), fill=colour)
            left += wide + 3
        pen.rectangle((0, top + 155, size[0], top + 170), fill="#3b2a1f")


def _leaves(pen: Pen, size: tuple[int, int], chance: random.Random) -> None:
    pen.rectangle((0, 0, *size), fill="#3d5a35")
    for _ in range(size[0] * size[1] // 900):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        green = chance.choice(("#2f4a2a", "#4d6e3f", "#5d7f4a", "#38552f"))
        pen.ellipse((x, y, x + chance.randrange(8, 26), y + chance.randrange(6, 16)), fill=green)


def _street(pen: Pen, size: tuple[int, int], chance: random.Random) -> None:
    pen.rectangle((0, 0, *size), fill="#aebfcc")
    left = -40
    while left < size[0]:
        wide, top = chance.randrange(120, 260), chance.randrange(0, size[1] // 4)
        pen.rectangle(
            (left, top, left + wide, size[1]), fill=chance.choice(("#8d8377", "#9a8f84", "#7d7a78"))
        )
        for y in range(top + 30, size[1] * 3 // 4, 70):
            for x in range(left + 20, left + wide - 30, 55):
                pen.rectangle((x, y, x + 25, y + 38), fill="#566069")
        left += wide
    pen.rectangle((0, size[1] * 4 // 5, *size), fill="#6f6d6a")


BACKGROUNDS: tuple[Callable[[Pen, tuple[int, int], random.Random], None], ...] = (
    _plain, _evening, _lights, _shelf, _leaves, _street,
)  # fmt: skip


def _canvas(size: tuple[int, int], background: int, seed: int) -> tuple[Pillow.Image, Pen]:
    """Return a picture with its background, a little out of focus as behind a lens."""
    picture = Pillow.new("RGB", size, "#cfcac2")
    BACKGROUNDS[background](ImageDraw.Draw(picture), size, random.Random(seed))
    picture = picture.filter(ImageFilter.GaussianBlur(3))
    return picture, ImageDraw.Draw(picture)


def _person(pen: Pen, x: float, top: float, high: float, look: int, *, is_whole: bool = False) -> Box:
    """Draw a person whose hair begins at `top` and whose head is `high`; return the head's box."""
    skin, hair, cloth = SKINS[look % 5], HAIRS[(look + look // 5) % 5], CLOTHES[(look * 2 + 1) % 5]
    wide = high * 0.72
    shoulder, neck = top + high * 1.25, wide * 0.28
    bottom = top + high * (3.6 if is_whole else 12)
    if is_whole:
        for side in (-1, 1):
            leg = x + side * wide * 0.4
            pen.rectangle((leg - wide * 0.28, bottom, leg + wide * 0.28, top + high * 7), fill="#2b2d36")
    pen.rounded_rectangle((x - wide * 1.35, shoulder, x + wide * 1.35, bottom), radius=wide * 0.6, fill=cloth)
    pen.rectangle((x - neck, top + high * 0.8, x + neck, shoulder + high * 0.1), fill=skin)
    pen.ellipse((x - wide / 2, top, x + wide / 2, top + high * 0.8), fill=hair)
    pen.ellipse((x - wide * 0.43, top + high * 0.16, x + wide * 0.43, top + high), fill=skin)
    for side in (-1, 1):
        eye = x + side * wide * 0.18
        pen.ellipse(
            (eye - wide * 0.06, top + high * 0.48, eye + wide * 0.06, top + high * 0.55), fill="#20140e"
        )
    pen.arc(
        (x - wide * 0.2, top + high * 0.6, x + wide * 0.2, top + high * 0.82),
        20,
        160,
        fill="#7a2f2a",
        width=6,
    )
    return x - wide / 2, top, x + wide / 2, top + high


def _around(boxes: Iterable[Box]) -> Box:
    found = list(boxes)
    return (
        min(box[0] for box in found), min(box[1] for box in found),
        max(box[2] for box in found), max(box[3] for box in found),
    )  # fmt: skip


def _portraits() -> Iterable[Drawing]:
    """Yield one person: near and far, high and low, in the middle and at the side, before each background."""
    places = (
        ("near, tall", TALL, 0.5, 0.08, 0.26), ("near, tall, left", TALL, 0.33, 0.16, 0.22),
        ("middle, tall", TALL, 0.55, 0.28, 0.16), ("low, tall", TALL, 0.5, 0.42, 0.17),
        ("high, taller", TALLER, 0.5, 0.04, 0.13), ("far, taller", TALLER, 0.4, 0.36, 0.1),
        ("right, broader", BROADER, 0.82, 0.15, 0.4), ("left, broader", BROADER, 0.15, 0.2, 0.36),
        ("left, broad", BROAD, 0.25, 0.2, 0.4), ("square", SQUARE, 0.6, 0.12, 0.28),
        ("square, low", SQUARE, 0.4, 0.34, 0.25),
    )  # fmt: skip
    for number, (name, size, x, top, high) in enumerate(places):
        for step in range(2):
            seed = number * 2 + step
            background = (number + step * 3) % len(BACKGROUNDS)
            picture, pen = _canvas(size, background, seed)
            head = _person(pen, size[0] * x, size[1] * top, size[1] * high, seed)
            yield Drawing(name=f"{name}, {BACKGROUNDS[background].__name__}", picture=picture, subject=head)


def _whole_people() -> Iterable[Drawing]:
    for seed, (size, x, top, high) in enumerate(
        (
            (TALL, 0.5, 0.12, 0.11),
            (TALL, 0.3, 0.3, 0.09),
            (TALLER, 0.6, 0.48, 0.07),
            (SQUARE, 0.75, 0.25, 0.1),
        )
    ):
        background = (1, 5, 0, 4)[seed]
        picture, pen = _canvas(size, background, 50 + seed)
        head = _person(pen, size[0] * x, size[1] * top, size[1] * high, seed + 1, is_whole=True)
        yield Drawing(
            name=f"whole person {seed}, {BACKGROUNDS[background].__name__}", picture=picture, subject=head
        )


def _groups() -> Iterable[Drawing]:
    for seed, (size, count, top, high) in enumerate(
        ((TALL, 3, 0.3, 0.14), (TALL, 4, 0.45, 0.11), (SQUARE, 3, 0.2, 0.18), (SQUARE, 5, 0.4, 0.11),
         (TALL, 3, 0.12, 0.15), (BROAD, 3, 0.25, 0.22))
    ):  # fmt: skip
        background = (0, 4, 2, 3, 1, 5)[seed]
        picture, pen = _canvas(size, background, 80 + seed)
        chance = random.Random(seed)
        spread = 0.5 if size is BROAD else 0.72
        heads = [
            _person(
                pen,
                size[0] * (0.5 - spread / 2 + spread * (number + 0.5) / count),
                size[1] * (top + chance.uniform(0, 0.04)),
                size[1] * high,
                seed + number,
            )
            for number in range(count)
        ]
        yield Drawing(
            name=f"{count} people {seed}, {BACKGROUNDS[background].__name__}",
            picture=picture,
            subject=_around(heads),
        )


def _buildings() -> Iterable[Drawing]:
    for seed, (size, x, top) in enumerate(
        ((TALL, 0.5, 0.2), (TALL, 0.35, 0.5), (TALLER, 0.6, 0.6), (SQUARE, 0.5, 0.45), (BROADER, 0.2, 0.2))
    ):
        picture, pen = _canvas(size, 1, 120 + seed)
        wide, ground = size[0] * (0.16 if size is BROADER else 0.4), size[1] * 0.97
        peak, eaves = size[1] * top, size[1] * (top + 0.12)
        left, right = size[0] * x - wide / 2, size[0] * x + wide / 2
        pen.rectangle((0, ground, *size), fill="#4c4a3c")
        pen.rectangle((left, eaves, right, ground), fill="#8a6f5a")
        pen.polygon([(left, eaves), (size[0] * x, peak), (right, eaves)], fill="#4a2f2a")
        for y in range(int(eaves) + 40, int(ground) - 60, 90):
            for step in range(3):
                window = left + wide * (0.15 + step * 0.28)
                pen.rectangle((window, y, window + wide * 0.14, y + 50), fill="#f3dc9a")
        subject = (left, peak, right, eaves + size[1] * 0.05)
        yield Drawing(name=f"building {seed}", picture=picture, subject=subject)


def _boats() -> Iterable[Drawing]:
    for seed, (size, x, y) in enumerate(
        ((TALL, 0.5, 0.62), (BROADER, 0.85, 0.55), (TALL, 0.3, 0.4), (BROAD, 0.2, 0.5))
    ):
        picture, pen = _canvas(size, 1, 150 + seed)
        pen.rectangle((0, size[1] * 0.35, *size), fill="#3f6377")
        long, deck = min(size) * 0.32, size[1] * y
        left = size[0] * x - long / 2
        pen.polygon(
            [
                (left, deck),
                (left + long, deck),
                (left + long * 0.85, deck + long * 0.25),
                (left + long * 0.15, deck + long * 0.25),
            ],
            fill="#b0301f",
        )
        pen.polygon(
            [
                (left + long * 0.5, deck - long * 0.8),
                (left + long * 0.5, deck - 8),
                (left + long * 0.9, deck - 8),
            ],
            fill="#f6f2e6",
        )
        pen.rectangle((left + long * 0.48, deck - long * 0.85, left + long * 0.5, deck), fill="#2b1d14")
        subject = (left, deck - long * 0.85, left + long, deck + long * 0.25)
        yield Drawing(name=f"boat {seed}", picture=picture, subject=subject)


@cache
def make_drawings() -> tuple[Drawing, ...]:
    """Return all drawings, the same at each call."""
    return (*_portraits(), *_whole_people(), *_groups(), *_buildings(), *_boats())

"""Draw the bay, above and below."""

from __future__ import annotations

import math

from tests.samples.drawing.canvas import (
    AMBER,
    CORAL,
    CREAM,
    DUSK,
    INK,
    MOSS,
    NAVY,
    PLUM,
    SEA,
    TEAL,
    WIDTH,
    Canvas,
    Color,
    Point,
    arc,
    curve,
    down,
    mix,
)


def eelgrass() -> Canvas:
    """Draw a meadow under water, with a seahorse in a shaft of light."""
    canvas = Canvas(
        down(mix(SEA, CREAM, 0.5), SEA, mix(SEA, TEAL, 0.6), TEAL, mix(TEAL, NAVY, 0.55)), seed=37
    )
    canvas.glow((830, -40), 900, CREAM, strength=0.75)
    for _ in range(13):
        top, wide = canvas.chance.uniform(430, 1230), canvas.chance.uniform(16, 62)
        lean = (top - 830) * 1.1
        canvas.polygon(
            [
                (top - wide / 2, -20),
                (top + wide / 2, -20),
                (top + lean + wide * 2, 900),
                (top + lean - wide * 2, 900),
            ],
            CREAM,
            alpha=canvas.chance.uniform(0.05, 0.15),
            blur=9,
        )
    for _ in range(60):
        x, y = canvas.chance.uniform(0, WIDTH), canvas.chance.uniform(0, 34) ** 1.2
        canvas.box((x, y), (canvas.chance.uniform(40, 190), 3), CREAM, radius=2, alpha=0.35)
    canvas.ridge(830, 34, mix(TEAL, SEA, 0.25), waves=3)
    for layer, (count, color, tall) in enumerate(
        ((100, mix(TEAL, SEA, 0.45), 430), (84, mix(MOSS, SEA, 0.22), 480), (66, mix(MOSS, TEAL, 0.5), 520))
    ):
        if layer == 2:
            for x, y, size, way in (
                (1240, 330, 1.0, -1),
                (1310, 372, 0.8, -1),
                (1180, 392, 0.72, -1),
                (350, 300, 0.85, 1),
                (420, 342, 0.65, 1),
            ):
                _fish(canvas, (x, y), 36 * size, way)
        for n in range(count):
            x = (n + canvas.chance.random()) * WIDTH / count
            gap = math.exp(-(((x - 810) / (140 + 30 * layer)) ** 2))
            _blade(canvas, x, tall * (1 - 0.62 * gap) * canvas.chance.uniform(0.62, 1.12), color, layer)
    canvas.ridge(935, 18, mix(TEAL, NAVY, 0.75), waves=5)
    canvas.glow((812, 400), 300, CREAM, strength=0.4)
    _seahorse(canvas, (812, 430), 1.36)
    for n in range(38):
        _blade(
            canvas,
            n * 44 + canvas.chance.uniform(-16, 16),
            canvas.chance.uniform(90, 250) * (1.5 - 1.1 * math.exp(-(((n * 44 - 810) / 260) ** 2))),
            mix(NAVY, MOSS, 0.32),
            3,
        )
    for _ in range(34):
        x, r = (
            canvas.chance.choice((560, 1090, 330)) + canvas.chance.gauss(0, 14),
            canvas.chance.uniform(2, 8),
        )
        y = canvas.chance.uniform(80, 640)
        canvas.ellipse((x, y), (r, r), CREAM, alpha=0.28)
        canvas.ellipse((x - r * 0.3, y - r * 0.3), (r * 0.3, r * 0.3), CREAM, alpha=0.8)
    return canvas


def _blade(canvas: Canvas, x: float, tall: float, color: Color, layer: int) -> None:
    foot = 960 if layer < 3 else 1010
    sway = 46 * math.sin(x / 190 + layer) + canvas.chance.uniform(-18, 18)
    spine = curve(
        [
            (x, foot),
            (x + sway * 0.2, foot - tall * 0.35),
            (x + sway, foot - tall * 0.7),
            (x + sway * 1.9, foot - tall),
        ],
        steps=8,
    )
    wide = canvas.chance.uniform(4, 7.5) + layer
    left = [(px - wide * (1 - n / len(spine)) ** 0.6, py) for n, (px, py) in enumerate(spine)]
    right = [(px + wide * (1 - n / len(spine)) ** 0.6, py) for n, (px, py) in enumerate(spine)]
    shade = mix(color, NAVY, canvas.chance.uniform(0.3, 0.5))
    canvas.polygon(
        [*left, *reversed(right)], down(mix(color, CREAM, canvas.chance.uniform(0, 0.22)), color, shade)
    )


def _fish(canvas: Canvas, center: Point, size: float, way: int) -> None:
    x, y = center
    tint = mix(TEAL, NAVY, 0.35)
    canvas.ellipse((x, y), (size, size * 0.36), tint)
    canvas.polygon(
        [
            (x - way * size * 0.8, y),
            (x - way * size * 1.45, y - size * 0.36),
            (x - way * size * 1.3, y),
            (x - way * size * 1.45, y + size * 0.36),
        ],
        tint,
    )
    canvas.ellipse((x + way * size * 0.62, y - size * 0.07), (size * 0.07, size * 0.07), CREAM)


def _seahorse(canvas: Canvas, center: Point, size: float) -> None:
    x, y = center

    def at(dx: float, dy: float) -> Point:
        return x + dx * size, y + dy * size

    body = curve(
        [
            at(-8, -132),
            at(16, -110),
            at(24, -78),
            at(8, -42),
            at(4, 0),
            at(10, 48),
            at(4, 92),
            at(-4, 130),
            at(14, 158),
            at(40, 150),
            at(42, 128),
            at(26, 124),
        ],
        steps=26,
    )
    widths = [19, 24, 21, 24, 36, 33, 21, 13, 10, 8, 6, 4]
    for n, (px, py) in enumerate(body):
        place = n / (len(body) - 1) * (len(widths) - 1)
        low = min(int(place), len(widths) - 2)
        wide = (widths[low] + (widths[low + 1] - widths[low]) * (place - low)) * size
        canvas.ellipse((px, py), (wide, wide), mix(CORAL, PLUM, 0.12 + 0.34 * n / len(body)))
    canvas.polygon(curve([at(26, -6), at(74, 4), at(70, 42), at(34, 44)]), mix(AMBER, CORAL, 0.4), alpha=0.92)
    for n in range(4):
        canvas.line([at(40, 2 + n * 11), at(66, 9 + n * 9)], 2, CORAL)
    head = mix(CORAL, AMBER, 0.12)
    canvas.ellipse(at(-4, -130), (29 * size, 25 * size), head)
    canvas.polygon([at(-18, -142), at(-82, -116), at(-84, -103), at(-22, -110)], head)
    canvas.ellipse(at(-84, -110), (8 * size, 9 * size), head)
    for dx, dy, tall in ((-14, -152, 20), (2, -156, 26), (17, -150, 18)):
        canvas.polygon([at(dx - 8, dy + 8), at(dx + 3, dy - tall), at(dx + 10, dy + 8)], head)
    for n in range(9):
        dx = (2, -8, -18, -24, -22, -16, -12, -12, -14)[n]
        wide = (17, 18, 24, 29, 29, 25, 19, 14, 11)[n]
        dy = -62 + n * 20
        canvas.line(
            curve(
                [at(dx - wide * 0.5 + 8, dy), at(dx + 14, dy + 6), at(dx + wide * 0.7 + 18, dy - 2)], steps=8
            ),
            3.2,
            mix(CREAM, AMBER, 0.5),
            alpha=0.7,
        )
    canvas.ellipse(at(-12, -134), (7.5 * size, 7.5 * size), CREAM)
    canvas.ellipse(at(-13, -134), (4 * size, 4 * size), INK)


def survey_skiff() -> Canvas:
    """Draw two people in a flat boat on still water."""
    canvas = Canvas(
        down(mix(TEAL, DUSK, 0.3), mix(SEA, TEAL, 0.35), SEA, mix(SEA, CREAM, 0.6), CREAM, CREAM, CREAM),
        seed=41,
    )
    canvas.glow((520, 470), 620, CREAM, strength=0.85)
    canvas.ellipse((520, 400), (62, 62), mix(CREAM, (255, 255, 255), 0.5))
    for _ in range(12):
        x, y = canvas.chance.uniform(-100, WIDTH), canvas.chance.uniform(110, 330)
        canvas.ellipse(
            (x, y), (canvas.chance.uniform(140, 420), canvas.chance.uniform(5, 13)), CREAM, alpha=0.3, blur=7
        )
    canvas.ridge(478, 34, mix(SEA, TEAL, 0.32), waves=3, floor=540)
    canvas.ridge(508, 22, mix(TEAL, SEA, 0.3), waves=5, floor=540)
    for n in range(70):
        x = 1010 + n * 8.8
        canvas.ellipse(
            (x, 520 - 10 * math.sin(n / 9) - canvas.chance.uniform(0, 14)), (10, 20), mix(TEAL, MOSS, 0.5)
        )
    canvas.box((0, 524), (1600, 16), mix(TEAL, MOSS, 0.35))
    canvas.mirror(536, tint=mix(SEA, TEAL, 0.5), share=0.34, stretch=0.95)
    canvas.polygon([(0, 700), (1600, 700), (1600, 1000), (0, 1000)], TEAL, alpha=0.26, blur=80)
    canvas.glints(545, 990, CREAM, center=520, spread=(160, 560), count=170)
    for _ in range(110):
        x, y = canvas.chance.uniform(0, WIDTH), canvas.chance.uniform(690, 985)
        _frond(canvas, x, y)
    _skiff(canvas, 690, 640)
    return canvas


def _frond(canvas: Canvas, x: float, y: float) -> None:
    size = (y - 560) / 300
    for n in range(4):
        reach, root = canvas.chance.uniform(46, 120) * size, x + n * 13 * size
        path = curve(
            [(root, y + n * 3), (root + reach * 0.45, y - 9 * size), (root + reach, y - 6 * size)], steps=6
        )
        canvas.line(path, 3.4 * size, mix(MOSS, NAVY, 0.45), alpha=0.2)


def _skiff(canvas: Canvas, x: float, water: float) -> None:
    dark = mix(NAVY, TEAL, 0.2)
    canvas.ellipse((x + 220, water + 26), (290, 17), NAVY, alpha=0.4, blur=7)
    canvas.polygon(
        [(x + 30, water + 24), (x + 410, water + 24), (x + 380, water + 92), (x + 70, water + 92)],
        CORAL,
        alpha=0.24,
        blur=9,
    )
    for px, high, color in ((x + 130, 212, CORAL), (x + 312, 142, AMBER)):
        _figure(canvas, px, water - 14, high, color)
        canvas.box((px - 18, water + 30), (36, high * 0.75), color, radius=10, alpha=0.26, blur=7)
    canvas.line([(x + 62, water - 250), (x + 196, water + 92)], 6, dark)
    canvas.polygon(
        [
            (x - 26, water - 44),
            (x + 30, water - 26),
            (x + 410, water - 26),
            (x + 458, water - 40),
            (x + 414, water + 22),
            (x + 44, water + 22),
        ],
        down(mix(CREAM, CORAL, 0.1), mix(CREAM, CORAL, 0.45)),
    )
    canvas.polygon(
        [
            (x - 26, water - 44),
            (x + 30, water - 26),
            (x + 410, water - 26),
            (x + 458, water - 40),
            (x + 450, water - 26),
            (x + 410, water - 12),
            (x + 30, water - 12),
            (x - 12, water - 29),
        ],
        CORAL,
    )
    canvas.box((x + 404, water - 86), (26, 54), dark, radius=6)
    canvas.box((x + 394, water - 92), (46, 20), dark, radius=7)
    canvas.box((x + 214, water - 56), (54, 32), mix(TEAL, NAVY, 0.3), radius=4)
    for n in range(5):
        canvas.ellipse((x + 220, water + 30 + n * 15), (300 + n * 42, 3), CREAM, alpha=0.3 - n * 0.05)


def _figure(canvas: Canvas, x: float, foot: float, high: float, coat: Color) -> None:
    dark = mix(NAVY, TEAL, 0.15)
    canvas.box((x - 17, foot - high * 0.44), (34, high * 0.44), dark, radius=6)
    canvas.polygon(
        [
            (x - 28, foot - high * 0.34),
            (x - 22, foot - high * 0.8),
            (x + 20, foot - high * 0.8),
            (x + 28, foot - high * 0.34),
        ],
        down(coat, mix(coat, PLUM, 0.35)),
    )
    canvas.line(
        [(x - 14, foot - high * 0.74), (x - 48, foot - high * 0.56), (x - 46, foot - high * 0.78)],
        11,
        mix(coat, PLUM, 0.2),
    )
    canvas.ellipse((x, foot - high * 0.9), (15, 17), mix(PLUM, CORAL, 0.42))
    canvas.polygon(arc((x, foot - high * 0.93), (18, 15), 180, 360), dark)
    canvas.box((x - 26, foot - high * 0.94), (50, 5), dark, radius=2)

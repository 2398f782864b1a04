"""Draw the night ferry."""

from __future__ import annotations

from tests.samples.drawing.canvas import (
    AMBER,
    CORAL,
    CREAM,
    DUSK,
    INK,
    NAVY,
    PLUM,
    ROSE,
    SEA,
    TEAL,
    WIDTH,
    Canvas,
    Point,
    across,
    down,
    mix,
)


def night_ferry() -> Canvas:
    """Draw a lit ferry on dark water under a full moon."""
    canvas = Canvas(down(INK, NAVY, mix(NAVY, DUSK, 0.7), mix(DUSK, ROSE, 0.45), INK), seed=11)
    canvas.stars(190, below=470)
    canvas.glow((1150, 255), 420, mix(CREAM, ROSE, 0.2), strength=0.5)
    canvas.ellipse((1150, 255), (92, 92), down(CREAM, mix(CREAM, AMBER, 0.25)))
    for right, low, r in ((1122, 232, 20), (1176, 282, 27), (1184, 218, 10), (1112, 288, 12)):
        canvas.ellipse((right, low), (r, r * 0.9), mix(CREAM, DUSK, 0.16))
    canvas.ridge(560, 34, mix(DUSK, NAVY, 0.55), waves=4)
    canvas.ridge(592, 16, mix(NAVY, INK, 0.35), waves=7)
    for _ in range(46):
        x = canvas.chance.uniform(1010, 1590)
        y = canvas.chance.uniform(585, 611)
        canvas.ellipse((x, y), (2.1, 2.1), AMBER, alpha=canvas.chance.uniform(0.5, 1))
    canvas.polygon([(0, 614), (1600, 614), (1600, 1000), (0, 1000)], down(mix(DUSK, NAVY, 0.45), NAVY, INK))
    canvas.glints(618, 990, mix(CREAM, ROSE, 0.15), center=1150, spread=(110, 420), count=230)
    _ferry(canvas, 210, 668)
    for _ in range(330):
        depth = canvas.chance.random()
        x, y = canvas.chance.gauss(600, 250), 690 + 270 * depth**1.5
        length = canvas.chance.uniform(10, 60) * (0.6 + depth)
        canvas.box((x, y), (length, 2 + 2.5 * depth), AMBER, radius=2, alpha=0.5 * (1 - depth) ** 1.5 + 0.03)
    for _ in range(150):
        y = canvas.chance.uniform(640, 1000)
        length = canvas.chance.uniform(40, 190) * (y - 560) / 300
        x = canvas.chance.uniform(-80, WIDTH)
        canvas.box(
            (x, y), (length, 2.4), mix(DUSK, SEA, 0.25), radius=1.2, alpha=canvas.chance.uniform(0.05, 0.28)
        )
    return canvas


def _ferry(canvas: Canvas, left: float, water: float) -> None:
    canvas.glow((left + 400, water - 110), 520, AMBER, strength=0.34, flat=0.6)
    for n, (inset, top, length, high) in enumerate(
        ((80, 118, 660, 58), (140, 176, 520, 54), (330, 224, 250, 46))
    ):
        x, y = left + inset, water - top
        canvas.box(
            (x, y), (length, high), across(CREAM, mix(CREAM, ROSE, 0.3), mix(DUSK, ROSE, 0.5)), radius=8
        )
        canvas.box((x - 8, y - 6), (length + 16, 8), mix(NAVY, INK, 0.2), radius=4)
        count = (17, 13, 5)[n]
        for window in range(count):
            wide = (length - 44) / count
            corner = (x + 24 + window * wide, y + 16)
            canvas.box(corner, (wide * 0.62, high * 0.46), down(mix(CREAM, AMBER, 0.4), AMBER), radius=4)
            if canvas.chance.random() < 0.5 and n < 2:
                head = (corner[0] + wide * canvas.chance.uniform(0.15, 0.45), corner[1] + high * 0.27)
                canvas.ellipse(head, (4, 4.6), PLUM)
                canvas.box((head[0] - 5.5, head[1] + 4), (11, high * 0.19 - 4), PLUM, radius=3)
    canvas.polygon(
        [
            (left + 236, water - 300),
            (left + 306, water - 300),
            (left + 318, water - 176),
            (left + 232, water - 176),
        ],
        across(CORAL, mix(CORAL, PLUM, 0.6)),
    )
    canvas.box((left + 233, water - 276), (76, 18), CREAM)
    canvas.box((left + 233, water - 306), (76, 12), INK, radius=3)
    for n in range(5):
        canvas.ellipse(
            (left + 240 - n * 38, water - 330 - n * 13),
            (26 + n * 13, 15 + n * 5),
            mix(DUSK, ROSE, 0.5),
            alpha=0.3 - n * 0.05,
            blur=9,
        )
    hull: list[Point] = [
        (left, water - 64),
        (left + 806, water - 68),
        (left + 764, water + 10),
        (left + 44, water + 10),
    ]
    canvas.polygon(hull, across(mix(NAVY, TEAL, 0.4), NAVY, INK))
    canvas.polygon(
        [(left + 2, water - 58), (left + 804, water - 62), (left + 796, water - 46), (left + 10, water - 43)],
        across(CORAL, mix(CORAL, PLUM, 0.5)),
    )
    canvas.polygon(
        [(left + 34, water - 6), (left + 772, water - 6), (left + 764, water + 10), (left + 44, water + 10)],
        mix(CORAL, PLUM, 0.75),
    )
    for n in range(15):
        canvas.ellipse((left + 92 + n * 44, water - 26), (6, 6), mix(AMBER, CREAM, 0.3))
    canvas.line([(left + 452, water - 224), (left + 452, water - 362)], 5, mix(NAVY, INK, 0.3))
    canvas.line([(left + 422, water - 318), (left + 482, water - 318)], 3, mix(NAVY, INK, 0.3))
    for x, y, color in ((452, 364, CREAM), (422, 320, CORAL), (482, 320, SEA)):
        canvas.glow((left + x, water - y), 46, color, strength=0.8)
        canvas.ellipse((left + x, water - y), (4.5, 4.5), CREAM)
    rail = water - 64
    for n in range(19):
        canvas.line([(left + 12 + n * 4, rail), (left + 12 + n * 4, rail - 2)], 2, CREAM, alpha=0.4)
    canvas.line([(left + 6, rail - 26), (left + 80, rail - 26)], 2.5, CREAM, alpha=0.7)
    canvas.line([(left + 740, rail - 28), (left + 800, rail - 30)], 2.5, CREAM, alpha=0.7)
    for x in (8, 42, 76, 742, 798):
        canvas.line([(left + x, rail), (left + x, rail - 28)], 2.5, CREAM, alpha=0.7)

"""Draw the market street."""

from __future__ import annotations

from tests.samples.drawing.canvas import (
    AMBER,
    CORAL,
    CREAM,
    DUSK,
    INK,
    MOSS,
    NAVY,
    PLUM,
    ROSE,
    SEA,
    TEAL,
    Canvas,
    Color,
    Fill,
    Point,
    across,
    arc,
    curve,
    down,
    mix,
)


def market_street() -> Canvas:
    """Draw striped stalls along a street of old houses."""
    canvas = Canvas(
        down(mix(SEA, DUSK, 0.35), mix(SEA, CREAM, 0.35), CREAM, mix(CREAM, AMBER, 0.5), AMBER), seed=83
    )
    canvas.glow((840, 330), 620, CREAM, strength=0.85)
    for x, y, size in ((300, 150, 1.0), (1240, 120, 0.8), (860, 190, 0.6)):
        for dx, r in ((-80, 34), (-20, 52), (54, 40), (104, 24)):
            canvas.ellipse((x + dx * size, y), (r * 1.5 * size, r * 0.5 * size), CREAM, alpha=0.85)
    _steeple(canvas, 830, 640)
    walls = (
        mix(ROSE, CREAM, 0.25),
        mix(AMBER, CREAM, 0.25),
        mix(TEAL, SEA, 0.45),
        mix(CORAL, CREAM, 0.12),
        mix(PLUM, ROSE, 0.5),
    )
    for n, (x, wide, high) in enumerate(((-30, 216, 430), (186, 178, 500), (364, 200, 392), (564, 150, 330))):
        _house(canvas, (x, 690), (wide, high), walls[n], gabled=n % 2 == 0)
    for n, (x, wide, high) in enumerate(
        ((960, 156, 336), (1116, 190, 412), (1306, 170, 486), (1476, 170, 404))
    ):
        _house(canvas, (x, 690), (wide, high), walls[(n + 2) % 5], gabled=n % 2 == 1)
    canvas.polygon(
        [(0, 680), (1600, 680), (1600, 1000), (0, 1000)],
        down(mix(CREAM, ROSE, 0.45), mix(ROSE, DUSK, 0.45), mix(DUSK, PLUM, 0.5)),
    )
    for row in range(9):
        course = 700 + 8 * row * (1 + row * 0.4)
        for n in range(26):
            x = n * 78 - 60 + (row % 2) * 36
            canvas.box((x, course), (52 + row * 2, 4 + row * 0.7), PLUM, radius=3, alpha=0.09)
    _bunting(canvas, (300, 318), (1260, 300), 96)
    _bunting(canvas, (120, 408), (1400, 392), 70)
    for x, y, coat in ((700, 712, TEAL), (748, 716, PLUM), (872, 708, CORAL), (912, 720, NAVY)):
        _shopper(canvas, x, y, 0.74, coat)
    _stall(canvas, 40, 800, 400, (CORAL, CREAM), 0)
    _stall(canvas, 486, 762, 250, (TEAL, CREAM), 1)
    _stall(canvas, 940, 762, 250, (AMBER, CREAM), 2)
    _stall(canvas, 1190, 800, 400, (PLUM, CREAM), 3)
    _shopper(canvas, 806, 880, 1.35, mix(NAVY, TEAL, 0.3), basket=True)
    _shopper(canvas, 494, 872, 1.2, AMBER)
    _shopper(canvas, 1140, 866, 1.15, ROSE)
    _dog(canvas, 926, 890)
    return canvas


def _steeple(canvas: Canvas, x: float, ground: float) -> None:
    pale = mix(CREAM, ROSE, 0.42)
    for dx, wide, high in ((-190, 120, 110), (-80, 110, 150), (96, 120, 130), (-20, 190, 100)):
        canvas.box((x + dx, ground - high), (wide, high + 60), mix(pale, AMBER, 0.25))
        canvas.polygon(
            [
                (x + dx - 6, ground - high),
                (x + dx + wide / 2, ground - high - 50),
                (x + dx + wide + 6, ground - high),
            ],
            mix(pale, ROSE, 0.5),
        )
    canvas.box((x - 34, ground - 290), (68, 340), mix(pale, ROSE, 0.2))
    canvas.polygon([(x - 42, ground - 288), (x, ground - 430), (x + 42, ground - 288)], mix(ROSE, DUSK, 0.3))
    canvas.ellipse((x, ground - 240), (20, 20), CREAM)
    canvas.line([(x, ground - 240), (x, ground - 254)], 2.6, PLUM)
    canvas.line([(x, ground - 240), (x + 9, ground - 236)], 2.6, PLUM)


def _house(canvas: Canvas, foot: Point, size: Point, wall: Color, *, gabled: bool) -> None:
    (x, ground), (wide, high) = foot, size
    top, roof = ground - high, mix(PLUM, NAVY, 0.35)
    if gabled:
        canvas.polygon([(x - 8, top + 4), (x + wide / 2, top - wide * 0.42), (x + wide + 8, top + 4)], roof)
        canvas.ellipse((x + wide / 2, top - wide * 0.12), (13, 13), mix(CREAM, AMBER, 0.4))
    else:
        canvas.polygon(
            [(x - 8, top + 4), (x + 18, top - 52), (x + wide - 18, top - 52), (x + wide + 8, top + 4)], roof
        )
        canvas.box((x + wide * 0.66, top - 88), (26, 60), mix(wall, PLUM, 0.4))
    canvas.box((x, top), (wide, high), down(mix(wall, CREAM, 0.12), wall, mix(wall, PLUM, 0.3)))
    columns = 3 if wide > 160 else 2
    step = wide / columns
    for row in range(int((high - 120) / 104) + 1):
        for column in range(columns):
            left, y = x + column * step + step / 2 - 19, top + 34 + row * 104
            canvas.box((left - 5, y - 5), (48, 72), mix(CREAM, wall, 0.25), radius=3)
            lit = canvas.chance.random() < 0.3
            canvas.box(
                (left, y),
                (38, 62),
                AMBER if lit else down(mix(DUSK, SEA, 0.35), mix(NAVY, DUSK, 0.5)),
                radius=2,
            )
            canvas.box((left + 17, y), (4, 62), mix(CREAM, wall, 0.25))
            canvas.box((left, y + 29), (38, 4), mix(CREAM, wall, 0.25))
            canvas.box((left - 10, y + 66), (58, 7), mix(wall, PLUM, 0.35), radius=2)
            if canvas.chance.random() < 0.35:
                for n in range(6):
                    canvas.ellipse((left - 4 + n * 9, y + 62), (7, 7), MOSS if n % 2 else CORAL)


def _bunting(canvas: Canvas, start: Point, end: Point, sag: float) -> None:
    tones = (CORAL, CREAM, TEAL, AMBER, PLUM)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + sag)
    quarter = [
        (start[0] * 0.75 + end[0] * 0.25, start[1] + sag * 0.74),
        middle,
        (start[0] * 0.25 + end[0] * 0.75, end[1] + sag * 0.74),
    ]
    rope = curve([start, *quarter, end], steps=10)
    canvas.line(rope, 2.6, PLUM)
    for n, (a, b) in enumerate(zip(rope[::2], rope[1::2], strict=False)):
        canvas.polygon(
            [(a[0] - 2, a[1]), (b[0] + 4, b[1]), ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + 34)], tones[n % 5]
        )


def _stall(
    canvas: Canvas, x: float, ground: float, wide: float, stripes: tuple[Color, Color], goods: int
) -> None:
    size = wide / 400
    high, deep = 330 * size, 84 * size
    canvas.ellipse((x + wide / 2, ground + 4), (wide * 0.56, 16 * size), INK, alpha=0.3, blur=7)
    for dx in (14, wide - 24):
        canvas.box((x + dx, ground - high), (10 * size + 2, high), mix(PLUM, NAVY, 0.4))
    canvas.box(
        (x + 14, ground - high + 60 * size), (wide - 28, high - 130 * size), mix(PLUM, NAVY, 0.35), alpha=0.5
    )
    _keeper(canvas, x + wide * (0.36 + 0.1 * goods), ground - 118 * size, size)
    canvas.box((x, ground - 124 * size), (wide, 28 * size), mix(AMBER, PLUM, 0.35), radius=3)
    canvas.box(
        (x + 8, ground - 98 * size), (wide - 16, 98 * size), down(mix(AMBER, PLUM, 0.5), mix(PLUM, NAVY, 0.2))
    )
    for n in range(1, 6):
        canvas.box((x + 8 + n * (wide - 16) / 6, ground - 98 * size), (2.4, 98 * size), PLUM, alpha=0.5)
    _produce(canvas, x, ground - 124 * size, wide, size, goods)
    count = 10
    step = wide / count
    for n in range(count):
        tone = stripes[n % 2]
        left = x - 18 * size + n * (wide + 36 * size) / count
        far = x + n * step
        near = (wide + 36 * size) / count
        top, edge = ground - high - deep, ground - high + 26 * size
        canvas.polygon(
            [(far, top), (far + step + 0.6, top), (left + near + 0.6, edge), (left, edge)],
            down(mix(tone, CREAM, 0.1), mix(tone, PLUM, 0.14)),
        )
        flap: Fill = mix(tone, PLUM, 0.2)
        canvas.box((left, edge - 1), (near + 0.6, 16 * size), flap)
        canvas.polygon(
            arc((left + near / 2, edge + 14 * size), (near / 2, 15 * size), 0, 180, steps=16), flap
        )


def _keeper(canvas: Canvas, x: float, foot: float, size: float) -> None:
    canvas.box(
        (x - 26 * size, foot - 86 * size), (52 * size, 110 * size), mix(NAVY, TEAL, 0.35), radius=16 * size
    )
    canvas.box((x - 15 * size, foot - 64 * size), (30 * size, 90 * size), CREAM, radius=5 * size)
    canvas.ellipse((x, foot - 106 * size), (18 * size, 20 * size), mix(PLUM, CORAL, 0.6))
    canvas.polygon(arc((x, foot - 110 * size), (20 * size, 17 * size), 180, 360), mix(PLUM, NAVY, 0.6))
    canvas.box((x - 22 * size, foot - 113 * size), (44 * size, 6 * size), mix(PLUM, NAVY, 0.6), radius=3)


def _produce(canvas: Canvas, x: float, top: float, wide: float, size: float, goods: int) -> None:
    heaps = (
        (CORAL, MOSS, AMBER, ROSE),
        (AMBER, CREAM, AMBER, CREAM),
        (ROSE, CORAL, CREAM, PLUM),
        (MOSS, AMBER, MOSS, CORAL),
    )[goods]
    for n, tone in enumerate(heaps):
        left, span = x + 14 * size + n * (wide - 20 * size) / 4, (wide - 60 * size) / 4
        for row in range(3):
            for k in range(5 - row):
                center = (left + span * (0.14 + 0.18 * (k + row * 0.5)), top - (4 + row * 13) * size)
                shade = mix(tone, PLUM, canvas.chance.uniform(0, 0.28))
                canvas.ellipse(center, (9.5 * size, 9.5 * size), shade)
                canvas.ellipse(
                    (center[0] - 3 * size, center[1] - 3 * size), (2.6 * size, 2.4 * size), CREAM, alpha=0.5
                )
        canvas.box((left, top - 4 * size), (span, 18 * size), mix(AMBER, CREAM, 0.3), radius=3)
        canvas.box((left, top + 4 * size), (span, 3 * size), mix(AMBER, PLUM, 0.4))


def _shopper(
    canvas: Canvas, x: float, foot: float, size: float, coat: Color, *, basket: bool = False
) -> None:
    def at(dx: float, dy: float) -> Point:
        return x + dx * size, foot - dy * size

    canvas.ellipse(at(6, -2), (36 * size, 7 * size), INK, alpha=0.3, blur=3)
    for dx in (-14, 3):
        canvas.box(at(dx, 50), (12 * size, 52 * size), mix(NAVY, PLUM, 0.4), radius=3 * size)
    canvas.polygon(
        [at(-20, 128), at(20, 128), at(30, 38), at(-30, 38)],
        across(mix(coat, CREAM, 0.12), mix(coat, PLUM, 0.35)),
    )
    canvas.line([at(-17, 118), at(-32, 82), at(-30, 62)], 11 * size, mix(coat, PLUM, 0.15))
    canvas.line([at(17, 118), at(32, 84), at(33, 60)], 11 * size, mix(coat, PLUM, 0.4))
    canvas.box(
        at(-19, 138),
        (38 * size, 15 * size),
        mix(CORAL, CREAM, 0.2) if coat != CORAL else CREAM,
        radius=7 * size,
    )
    canvas.ellipse(at(0, 152), (15 * size, 18 * size), mix(PLUM, CORAL, 0.62))
    canvas.polygon(arc(at(0, 156), (18 * size, 18 * size), 170, 370), mix(PLUM, NAVY, 0.7))
    if basket:
        canvas.line(
            arc(at(46, 50), (24 * size, 26 * size), 180, 360, steps=20), 4 * size, mix(AMBER, PLUM, 0.4)
        )
        for dx, tone in ((34, MOSS), (46, CORAL), (58, AMBER)):
            canvas.ellipse(at(dx, 52), (10 * size, 11 * size), tone)
        canvas.polygon(
            [at(20, 50), at(72, 50), at(66, 20), at(26, 20)],
            down(mix(AMBER, CREAM, 0.15), mix(AMBER, PLUM, 0.35)),
        )


def _dog(canvas: Canvas, x: float, foot: float) -> None:
    fur = mix(CREAM, AMBER, 0.4)
    canvas.ellipse((x + 30, foot + 2), (50, 6), INK, alpha=0.3, blur=3)
    for dx in (4, 16, 52, 62):
        canvas.box((x + dx, foot - 30), (8, 31), mix(fur, PLUM, 0.25), radius=3)
    canvas.box((x, foot - 56), (74, 32), fur, radius=16)
    canvas.line(curve([(x + 6, foot - 46), (x - 14, foot - 62), (x - 10, foot - 80)], steps=8), 7, fur)
    canvas.ellipse((x + 78, foot - 66), (19, 17), fur)
    canvas.box((x + 82, foot - 68), (28, 15), fur, radius=7)
    canvas.ellipse((x + 109, foot - 62), (4.6, 4.4), INK)
    canvas.ellipse((x + 82, foot - 70), (2.8, 2.8), INK)
    canvas.polygon([(x + 62, foot - 82), (x + 74, foot - 78), (x + 68, foot - 52)], mix(fur, PLUM, 0.5))
    canvas.box((x + 58, foot - 52), (18, 6), CORAL, radius=3)

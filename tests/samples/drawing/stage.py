"""Draw the stage."""

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
    WIDTH,
    Canvas,
    Point,
    across,
    arc,
    curve,
    down,
    mix,
)


def stage_spotlights() -> Canvas:
    """Draw two beams that meet on a lone figure on a stage."""
    canvas = Canvas(down(INK, mix(INK, PLUM, 0.35), mix(NAVY, PLUM, 0.5), mix(PLUM, NAVY, 0.35)), seed=101)
    canvas.glow((800, 420), 700, mix(PLUM, ROSE, 0.4), strength=0.5)
    canvas.box((360, 322), (880, 12), mix(AMBER, PLUM, 0.55))
    canvas.box((360, 454), (880, 12), mix(AMBER, PLUM, 0.6))
    for shelf in (322, 454):
        for n in range(34):
            _keepsake(canvas, 380 + n * 25.4, shelf)
    canvas.polygon(
        [(0, 742), (1600, 742), (1600, 1000), (0, 1000)],
        down(mix(PLUM, CORAL, 0.3), mix(PLUM, NAVY, 0.4), INK),
    )
    for n in range(-14, 15):
        canvas.line([(800 + n * 62, 742), (800 + n * 150, 1000)], 2.4, INK, alpha=0.28)
    canvas.box((0, 738), (1600, 6), mix(INK, PLUM, 0.3))
    for x, lean in ((420, 1), (1180, -1)):
        _lantern(canvas, x, lean)
        target = 800 + lean * 20
        canvas.polygon(
            [(x + lean * 12, 118), (x + lean * 48, 104), (target + 190, 800), (target - 190, 800)],
            CREAM,
            alpha=0.16,
            blur=7,
        )
        canvas.polygon(
            [(x + lean * 20, 118), (x + lean * 44, 108), (target + 110, 800), (target - 110, 800)],
            CREAM,
            alpha=0.16,
            blur=10,
        )
    canvas.ellipse((800, 802), (268, 54), CREAM, alpha=0.55, blur=6)
    canvas.ellipse((800, 802), (190, 36), (255, 250, 236), alpha=0.6, blur=10)
    canvas.polygon([(700, 806), (930, 806), (1190, 846), (1120, 858)], INK, alpha=0.24, blur=6)
    _chair(canvas, 886, 806)
    _keeper(canvas, 776, 810)
    for x, side in ((-10, 1), (1610, -1)):
        _curtain(canvas, x, side)
    _pelmet(canvas)
    for _ in range(90):
        mote = (canvas.chance.gauss(800, 150), canvas.chance.uniform(200, 720))
        canvas.ellipse(mote, (1.5, 1.5), CREAM, alpha=canvas.chance.uniform(0.15, 0.6))
    _audience(canvas)
    return canvas


def _keepsake(canvas: Canvas, x: float, shelf: float) -> None:
    if canvas.chance.random() < 0.16:
        return
    size, tone = (
        canvas.chance.uniform(8, 15),
        canvas.chance.choice((AMBER, mix(AMBER, CREAM, 0.4), mix(CORAL, AMBER, 0.5))),
    )
    canvas.glow((x, shelf - size), 46, AMBER, strength=0.5)
    kind = canvas.chance.randrange(5)
    if kind == 0:
        canvas.box((x - size / 2, shelf - size * 2.2), (size, size * 2.2), tone, radius=size / 3)
        canvas.box((x - size / 4, shelf - size * 2.9), (size / 2, size), tone, radius=2)
    elif kind == 1:
        canvas.box((x - size, shelf - size * 1.3), (size * 2, size * 1.3), tone, radius=2)
        canvas.line([(x - size, shelf - size * 0.7), (x + size, shelf - size * 0.7)], 2, PLUM)
    elif kind == 2:
        canvas.ellipse((x, shelf - size * 0.7), (size * 0.7, size * 0.7), tone)
    elif kind == 3:
        canvas.polygon(
            [
                (x - size * 0.6, shelf - size * 2.2),
                (x + size * 0.1, shelf - size * 2.2),
                (x + size * 0.2, shelf - size * 0.8),
                (x + size, shelf - size * 0.5),
                (x + size, shelf),
                (x - size * 0.6, shelf),
            ],
            tone,
        )
    else:
        canvas.polygon([(x - size, shelf), (x, shelf - size * 1.8), (x + size, shelf)], tone)


def _lantern(canvas: Canvas, x: float, lean: int) -> None:
    canvas.line([(x, 40), (x, 88)], 6, INK)
    canvas.polygon(
        [(x - lean * 34, 66), (x + lean * 4, 50), (x + lean * 46, 106), (x + lean * 8, 124)],
        mix(INK, DUSK, 0.4),
    )
    canvas.glow((x + lean * 28, 114), 150, CREAM, strength=0.9)
    canvas.ellipse((x + lean * 28, 113), (20, 12), (255, 252, 240))


def _chair(canvas: Canvas, x: float, foot: float) -> None:
    wood = mix(PLUM, INK, 0.5)
    for dx in (0, 52):
        canvas.line([(x + dx, foot - 68), (x + dx + (-5 if dx == 0 else 5), foot + 4)], 7, wood)
    canvas.line([(x + 46, foot - 66), (x + 58, foot - 164)], 7, wood)
    canvas.box((x - 8, foot - 74), (66, 11), wood, radius=4)
    for n in range(3):
        canvas.line([(x + 16 + n * 2, foot - 96 - n * 26), (x + 50 + n * 3, foot - 96 - n * 26)], 6, wood)
    canvas.line([(x + 10, foot - 70), (x + 20, foot - 158)], 7, wood)


def _keeper(canvas: Canvas, x: float, foot: float) -> None:
    coat = mix(NAVY, INK, 0.25)
    for dx in (-22, 6):
        canvas.box((x + dx, foot - 74), (18, 76), INK, radius=4)
    canvas.polygon(
        curve(
            [
                (x - 34, foot - 218),
                (x - 44, foot - 130),
                (x - 56, foot - 44),
                (x, foot - 36),
                (x + 50, foot - 44),
                (x + 40, foot - 130),
                (x + 32, foot - 218),
            ],
            steps=10,
        ),
        across(coat, mix(DUSK, NAVY, 0.4), coat),
    )
    canvas.line([(x, foot - 214), (x - 2, foot - 46)], 2.4, INK)
    for n in range(4):
        canvas.ellipse((x + 9, foot - 190 + n * 32), (3.6, 3.6), AMBER)
    canvas.line(
        curve([(x + 30, foot - 208), (x + 68, foot - 190), (x + 92, foot - 236)], steps=8),
        20,
        mix(DUSK, NAVY, 0.5),
    )
    canvas.line(curve([(x - 30, foot - 208), (x - 64, foot - 168), (x - 52, foot - 128)], steps=8), 20, coat)
    skin = mix(CREAM, CORAL, 0.42)
    canvas.ellipse((x + 95, foot - 244), (11, 11), skin)
    canvas.glow((x + 108, foot - 268), 70, AMBER, strength=0.7)
    canvas.ellipse((x + 106, foot - 264), (15, 15), down(mix(AMBER, CREAM, 0.5), mix(AMBER, CORAL, 0.4)))
    canvas.ellipse((x, foot - 248), (29, 27), mix(CREAM, DUSK, 0.35))
    canvas.ellipse((x + 3, foot - 244), (23, 27), skin)
    canvas.box((x - 34, foot - 268), (66, 8), mix(NAVY, INK, 0.4), radius=4)
    canvas.polygon(arc((x - 2, foot - 264), (26, 24), 180, 360), mix(NAVY, INK, 0.4))
    canvas.box((x - 30, foot - 226), (60, 15), CORAL, radius=7)


def _curtain(canvas: Canvas, x: float, side: int) -> None:
    folds = 7
    for n in reversed(range(folds)):
        wide, left = 60 - n * 2, n * 43
        top, bottom = x + side * left, x + side * left * (1.06 if n < 5 else 0.96)
        red = mix(CORAL, PLUM, 0.42)
        shades = (mix(red, INK, 0.55), red, mix(red, CORAL, 0.3), mix(red, INK, 0.45))
        folded = across(*(shades if side > 0 else tuple(reversed(shades))))
        points: list[Point] = [
            (top, 60),
            (top + side * wide, 60),
            (bottom + side * (wide + 4), 460),
            (bottom + side * (wide - 8), 860),
            (bottom, 868),
        ]
        canvas.polygon(points, folded)
    canvas.line(curve([(x, 520), (x + side * 170, 548), (x + side * 318, 500)], steps=10), 15, AMBER)
    canvas.ellipse((x + side * 318, 500), (15, 15), mix(AMBER, CORAL, 0.3))
    canvas.polygon(
        [(x + side * 306, 508), (x + side * 330, 508), (x + side * 338, 568), (x + side * 300, 568)], AMBER
    )


def _pelmet(canvas: Canvas) -> None:
    red = mix(CORAL, PLUM, 0.5)
    count = 8
    wide = WIDTH / count
    for n in range(count):
        x = n * wide
        canvas.polygon(
            [(x, -10), (x + wide, -10), *arc((x + wide / 2, 60), (wide / 2, 62), 0, 180, steps=24)],
            down(mix(red, INK, 0.55), red, mix(red, CORAL, 0.25)),
        )
        canvas.line(arc((x + wide / 2, 60), (wide / 2, 62), 0, 180, steps=24), 6, AMBER)
    for n in range(count + 1):
        canvas.box((n * wide - 7, 40), (14, 46), AMBER, radius=6)


def _audience(canvas: Canvas) -> None:
    for row, (y, size, tone) in enumerate(((914, 1.0, mix(INK, PLUM, 0.3)), (974, 1.3, INK))):
        for n in range(26):
            x = n * 68 - 20 + row * 32 + canvas.chance.uniform(-9, 9)
            high = y + canvas.chance.uniform(-8, 8)
            canvas.box((x - 31 * size, high + 16 * size), (62 * size, 120), tone, radius=22 * size)
            canvas.ellipse((x, high), (17 * size, 20 * size), tone)
            if row == 0:
                canvas.line(arc((x, high), (17, 20), 220, 320), 2, mix(CREAM, PLUM, 0.4), alpha=0.5)

"""Draw the bakery's window."""

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
    TEAL,
    WIDTH,
    Canvas,
    Point,
    across,
    arc,
    curve,
    down,
    mix,
)


def bakery_window() -> Canvas:
    """Draw a bakery's lit window on a blue evening street."""
    canvas = Canvas(down(mix(NAVY, INK, 0.4), NAVY, mix(NAVY, DUSK, 0.7), DUSK), seed=97)
    canvas.box((0, 0), (1600, 800), down(mix(NAVY, INK, 0.3), mix(NAVY, DUSK, 0.4), mix(DUSK, NAVY, 0.4)))
    for row in range(22):
        for n in range(19):
            if canvas.chance.random() < 0.4:
                canvas.box(
                    (n * 90 - 40 + (row % 2) * 44, row * 36 + 4),
                    (82, 29),
                    mix(DUSK, ROSE, 0.3),
                    radius=2,
                    alpha=canvas.chance.uniform(0.04, 0.16),
                )
    for x in (90, 1330):
        canvas.box((x - 8, 60), (196, 196), mix(DUSK, INK, 0.3), radius=3)
        canvas.box((x, 68), (180, 180), down(mix(DUSK, NAVY, 0.5), mix(NAVY, TEAL, 0.4)))
        canvas.box((x + 86, 68), (8, 180), mix(DUSK, INK, 0.3))
        canvas.box((x, 152), (180, 8), mix(DUSK, INK, 0.3))
    front = mix(TEAL, NAVY, 0.35)
    canvas.box((300, 150), (1000, 660), across(mix(front, INK, 0.2), front, mix(front, INK, 0.25)))
    canvas.box((284, 138), (1032, 20), mix(front, CREAM, 0.18), radius=3)
    _sign(canvas)
    canvas.glow((740, 520), 760, AMBER, strength=0.5)
    _window(canvas)
    _door(canvas)
    _awning(canvas)
    canvas.polygon(
        [(0, 806), (1600, 806), (1600, 1000), (0, 1000)], down(mix(DUSK, NAVY, 0.3), mix(NAVY, INK, 0.3), INK)
    )
    canvas.box((0, 800), (1600, 12), mix(DUSK, ROSE, 0.25))
    canvas.polygon(
        [(350, 816), (1010, 816), (1140, 1000), (230, 1000)],
        down(AMBER, mix(AMBER, CORAL, 0.4), mix(PLUM, NAVY, 0.5)),
        alpha=0.5,
        blur=22,
    )
    canvas.polygon([(1080, 816), (1220, 816), (1300, 1000), (1080, 1000)], AMBER, alpha=0.22, blur=18)
    for _ in range(150):
        y = canvas.chance.uniform(822, 995)
        canvas.box(
            (canvas.chance.gauss(690, 240), y),
            (canvas.chance.uniform(12, 70), 2.6),
            mix(AMBER, CREAM, 0.3),
            radius=1.3,
            alpha=canvas.chance.uniform(0.1, 0.5),
        )
    _lamp(canvas, 1440)
    _bicycle(canvas, 130, 852)
    for _ in range(120):
        r = canvas.chance.uniform(1.4, 4.2)
        canvas.ellipse(
            (canvas.chance.uniform(0, WIDTH), canvas.chance.uniform(0, 980)),
            (r, r),
            CREAM,
            alpha=canvas.chance.uniform(0.25, 0.75),
        )
    return canvas


def _sign(canvas: Canvas) -> None:
    canvas.box((560, 168), (480, 62), mix(INK, NAVY, 0.5), radius=8)
    canvas.box((566, 174), (468, 50), mix(PLUM, NAVY, 0.45), radius=6)
    for side in (-1, 1):
        stem = curve([(800 + side * 34, 200), (800 + side * 110, 194), (800 + side * 190, 201)], steps=10)
        canvas.line(stem, 3, AMBER)
        for n in range(7):
            x = 800 + side * (64 + n * 20)
            for up in (-1, 1):
                canvas.polygon(arc((x, 197 + up * 7), (10, 4.5), 0, 360, steps=16), AMBER)
    canvas.ellipse((800, 199), (26, 17), AMBER)
    for dx in (-9, 0, 9):
        canvas.line([(800 + dx - 3, 191), (800 + dx + 4, 206)], 2.6, PLUM)


def _window(canvas: Canvas) -> None:
    canvas.box((350, 300), (660, 470), mix(INK, NAVY, 0.4), radius=6)
    canvas.box((366, 316), (628, 438), down(mix(CREAM, AMBER, 0.35), AMBER, mix(AMBER, CORAL, 0.6)), radius=3)
    for x in (480, 680, 880):
        canvas.line([(x, 316), (x, 372)], 3, mix(PLUM, NAVY, 0.3))
        canvas.glow((x, 396), 150, CREAM, strength=0.95)
        canvas.polygon([(x - 34, 396), (x - 12, 366), (x + 12, 366), (x + 34, 396)], mix(PLUM, NAVY, 0.3))
        canvas.ellipse((x, 397), (14, 8), (255, 252, 240))
    _baker(canvas, 736, 646)
    _baker(canvas, 628, 652)
    for y, kind in ((640, 0), (716, 1)):
        canvas.box((366, y), (628, 13), mix(PLUM, CORAL, 0.35))
        for n in range(9 if kind else 11):
            step = 628 / (9 if kind else 11)
            _loaf(canvas, (366 + step * (n + 0.5), y), step * 0.43, (n + kind) % 3)
    canvas.box((366, 728), (628, 26), mix(PLUM, NAVY, 0.2))
    for x in (572, 782):
        canvas.box((x, 316), (8, 438), mix(INK, NAVY, 0.4))
    canvas.polygon([(380, 316), (470, 316), (410, 600), (366, 640), (366, 390)], CREAM, alpha=0.13)
    canvas.box((334, 766), (692, 18), mix(TEAL, CREAM, 0.15), radius=4)


def _baker(canvas: Canvas, x: float, foot: float) -> None:
    tone = mix(CREAM, ROSE, 0.3)
    canvas.box((x - 44, foot - 120), (88, 130), mix(PLUM, CORAL, 0.35), radius=26)
    canvas.box((x - 26, foot - 96), (52, 110), tone, radius=6)
    canvas.line([(x - 36, foot - 100), (x - 62, foot - 52), (x - 24, foot - 28)], 20, mix(PLUM, CORAL, 0.35))
    canvas.line([(x + 36, foot - 100), (x + 62, foot - 52), (x + 24, foot - 28)], 20, mix(PLUM, CORAL, 0.35))
    canvas.ellipse((x, foot - 148), (26, 29), mix(PLUM, CORAL, 0.7))
    canvas.box((x - 25, foot - 184), (50, 26), CREAM, radius=4)
    for dx in (-18, 2, 20):
        canvas.ellipse((x + dx, foot - 190), (18, 17), CREAM)


def _loaf(canvas: Canvas, foot: Point, size: float, kind: int) -> None:
    x, y = foot
    crust = down(mix(AMBER, CORAL, 0.35), mix(CORAL, PLUM, 0.5))
    if kind == 0:
        canvas.ellipse((x, y - size * 0.62), (size, size * 0.66), crust)
        for dx in (-0.4, 0, 0.4):
            canvas.line(
                [(x + (dx - 0.1) * size, y - size * 1.02), (x + (dx + 0.16) * size, y - size * 0.52)],
                3.4,
                CREAM,
                alpha=0.85,
            )
    elif kind == 1:
        canvas.box((x - size * 0.86, y - size * 1.06), (size * 1.72, size * 1.06), crust, radius=size * 0.36)
        canvas.line(
            [(x - size * 0.6, y - size * 0.84), (x + size * 0.6, y - size * 0.84)], 4, CREAM, alpha=0.7
        )
    else:
        for dx in (-0.55, 0.0, 0.55):
            canvas.ellipse((x + dx * size, y - size * 0.36), (size * 0.42, size * 0.38), crust)
        canvas.ellipse((x, y - size * 0.84), (size * 0.42, size * 0.36), crust)


def _door(canvas: Canvas) -> None:
    canvas.box((1064, 300), (188, 510), mix(INK, NAVY, 0.4), radius=5)
    canvas.box((1078, 314), (160, 492), across(mix(CORAL, PLUM, 0.45), mix(PLUM, CORAL, 0.2)))
    canvas.box(
        (1100, 340), (116, 262), down(mix(CREAM, AMBER, 0.45), AMBER, mix(AMBER, CORAL, 0.5)), radius=4
    )
    canvas.box((1100, 628), (116, 146), mix(PLUM, CORAL, 0.25), radius=4)
    canvas.box((1122, 420), (72, 46), CREAM, radius=4)
    canvas.line([(1158, 396), (1130, 422)], 2, PLUM)
    canvas.line([(1158, 396), (1186, 422)], 2, PLUM)
    for n, wide in enumerate((44, 30)):
        canvas.box((1158 - wide / 2, 434 + n * 13), (wide, 5), CORAL, radius=2)
    canvas.ellipse((1228, 610), (7, 7), AMBER)


def _awning(canvas: Canvas) -> None:
    count = 22
    far, near = 960 / count, 1020 / count
    for n in range(count):
        tone = CORAL if n % 2 == 0 else CREAM
        a, b = 320 + n * far, 290 + n * near
        canvas.polygon(
            [(a, 240), (a + far + 0.6, 240), (b + near + 0.6, 322), (b, 322)],
            down(mix(tone, PLUM, 0.3), mix(tone, PLUM, 0.1)),
        )
        canvas.box((b, 321), (near + 0.6, 12), mix(tone, PLUM, 0.32))
        canvas.polygon(arc((b + near / 2, 332), (near / 2, 15), 0, 180, steps=14), mix(tone, PLUM, 0.32))


def _lamp(canvas: Canvas, x: float) -> None:
    canvas.glow((x, 352), 340, AMBER, strength=0.6)
    canvas.box((x - 5, 380), (10, 450), INK)
    canvas.box((x - 20, 806), (40, 26), INK, radius=5)
    canvas.polygon(
        [(x - 26, 316), (x + 26, 316), (x + 17, 384), (x - 17, 384)], down(mix(CREAM, AMBER, 0.3), AMBER)
    )
    canvas.polygon([(x - 34, 318), (x, 286), (x + 34, 318)], INK)
    canvas.box((x - 20, 382), (40, 9), INK, radius=3)
    canvas.line([(x, 318), (x, 384)], 3, INK)


def _bicycle(canvas: Canvas, x: float, foot: float) -> None:
    frame = mix(CORAL, PLUM, 0.15)
    for dx in (0, 150):
        canvas.line(arc((x + dx, foot - 52), (50, 50), 0, 360), 6, INK)
        canvas.line(arc((x + dx, foot - 52), (43, 43), 0, 360), 2, mix(DUSK, CREAM, 0.3))
        for spoke in range(6):
            a, b = arc((x + dx, foot - 52), (43, 43), spoke * 30, spoke * 30 + 180, steps=1)
            canvas.line([a, b], 1.4, mix(DUSK, CREAM, 0.3), alpha=0.6)
    for path in (
        [(x, foot - 52), (x + 56, foot - 122), (x + 122, foot - 122)],
        [(x, foot - 52), (x + 68, foot - 52), (x + 122, foot - 122)],
        [(x + 50, foot - 140), (x + 68, foot - 52)],
        [(x + 150, foot - 52), (x + 116, foot - 154), (x + 134, foot - 166)],
    ):
        canvas.line(path, 6, frame)
    canvas.box((x + 30, foot - 148), (44, 11), INK, radius=5)
    canvas.box((x + 122, foot - 168), (30, 7), INK, radius=3)
    canvas.polygon(
        [(x + 136, foot - 150), (x + 202, foot - 150), (x + 192, foot - 106), (x + 146, foot - 106)],
        down(AMBER, mix(AMBER, PLUM, 0.4)),
    )
    for dx, tall in ((148, 46), (164, 62), (180, 52)):
        canvas.line([(x + dx, foot - 146), (x + dx + 8, foot - 146 - tall)], 12, mix(AMBER, CORAL, 0.45))

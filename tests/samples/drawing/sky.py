"""Draw the observatory and the balloon under their skies."""

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
    ROSE,
    SEA,
    TEAL,
    Canvas,
    Color,
    across,
    arc,
    curve,
    down,
    mix,
)


def telescope_dome() -> Canvas:
    """Draw an observatory on a hill under the Milky Way."""
    canvas = Canvas(
        down(INK, NAVY, mix(NAVY, DUSK, 0.6), mix(DUSK, TEAL, 0.45), mix(TEAL, SEA, 0.4), SEA), seed=53
    )
    for n in range(150):
        place = n / 150
        x, y = 120 + 1300 * place + canvas.chance.gauss(0, 40), 640 - 680 * place + canvas.chance.gauss(0, 52)
        tone = canvas.chance.choice((DUSK, ROSE, SEA, CREAM))
        canvas.ellipse(
            (x, y), (canvas.chance.uniform(30, 120), canvas.chance.uniform(18, 60)), tone, alpha=0.05, blur=16
        )
    for _ in range(620):
        place = canvas.chance.random()
        x, y = 120 + 1300 * place + canvas.chance.gauss(0, 62), 640 - 680 * place + canvas.chance.gauss(0, 70)
        size = 0.5 + 1.1 * canvas.chance.random() ** 3
        canvas.ellipse((x, y), (size, size), CREAM, alpha=canvas.chance.uniform(0.25, 0.95))
    canvas.stars(430, below=640)
    for x, y, size in (
        (240, 170, 3.4),
        (1320, 330, 3.2),
        (560, 110, 2.8),
        (1180, 520, 2.6),
        (1490, 180, 3.0),
    ):
        canvas.glow((x, y), 34, CREAM, strength=0.6)
        canvas.ellipse((x, y), (size, size), CREAM)
    canvas.line([(286, 322), (420, 262)], 1.6, CREAM, alpha=0.5)
    canvas.line([(372, 283), (432, 257)], 2.6, CREAM, alpha=0.9)
    canvas.ridge(700, 40, mix(TEAL, DUSK, 0.35), waves=3)
    canvas.ridge(752, 30, mix(DUSK, TEAL, 0.5), waves=5)
    crest = curve(
        [(-20, 880), (220, 840), (480, 742), (700, 690), (960, 688), (1200, 760), (1430, 838), (1620, 866)]
    )
    canvas.polygon(
        [(-20, 1010), *crest, (1620, 1010)],
        down(mix(NAVY, TEAL, 0.35), mix(NAVY, INK, 0.5), mix(INK, NAVY, 0.35)),
    )
    _dome(canvas, 830, 690)
    _house(canvas, 560, 728)
    path = curve([(760, 1000), (700, 930), (850, 860), (900, 790), (846, 720), (838, 700)])
    edge = curve([(960, 1000), (850, 930), (920, 866), (934, 792), (866, 720), (846, 700)])
    canvas.polygon([*path, *reversed(edge)], down(mix(AMBER, DUSK, 0.45), mix(DUSK, NAVY, 0.5)), alpha=0.55)
    for n in range(34):
        x = n * 49 + canvas.chance.uniform(-18, 18)
        if not 640 < x < 1020:
            depth = abs(x - 830) / 830
            _pine(
                canvas,
                x,
                905 + 95 * depth,
                (100 + 130 * depth) * canvas.chance.uniform(0.75, 1.2),
                mix(INK, NAVY, 0.35),
            )
    _stargazer(canvas, 1010, 716)
    return canvas


def _dome(canvas: Canvas, x: float, ground: float) -> None:
    shell = across(mix(DUSK, CREAM, 0.3), mix(CREAM, SEA, 0.12), mix(CREAM, DUSK, 0.35), mix(DUSK, NAVY, 0.2))
    canvas.glow((x + 40, ground - 300), 360, AMBER, strength=0.22)
    canvas.box(
        (x - 172, ground - 130),
        (344, 150),
        across(mix(DUSK, CREAM, 0.16), mix(CREAM, DUSK, 0.25), mix(DUSK, NAVY, 0.3)),
    )
    canvas.polygon(
        [(x - 196, ground - 126), *arc((x, ground - 126), (196, 190), 180, 360), (x + 196, ground - 126)],
        shell,
    )
    canvas.polygon(
        [(x - 4, ground - 314), (x + 56, ground - 300), (x + 92, ground - 140), (x + 22, ground - 140)],
        down(mix(AMBER, CREAM, 0.5), AMBER, mix(CORAL, AMBER, 0.4)),
    )
    canvas.polygon(
        [(x + 16, ground - 144), (x + 40, ground - 152), (x + 74, ground - 330), (x + 38, ground - 340)],
        across(mix(NAVY, DUSK, 0.4), INK),
    )
    canvas.box((x + 35, ground - 346), (42, 16), mix(NAVY, DUSK, 0.6), radius=4)
    for angle in (204, 228, 252):
        turn = math.radians(angle)
        crown = (x + 196 * math.cos(turn), ground - 126 + 190 * math.sin(turn))
        canvas.line([crown, (x + 130 * math.cos(turn), ground - 140)], 2, DUSK, alpha=0.25)
    canvas.box((x - 204, ground - 140), (408, 22), mix(DUSK, NAVY, 0.25), radius=6)
    for n in range(3):
        canvas.box(
            (x - 140 + n * 58, ground - 92), (30, 42), mix(NAVY, INK, 0.2) if n != 1 else AMBER, radius=4
        )
    canvas.glow((x - 67, ground - 72), 90, AMBER, strength=0.4)
    canvas.box((x + 44, ground - 88), (58, 108), mix(NAVY, INK, 0.3), radius=4)
    canvas.ellipse((x + 73, ground - 104), (8, 8), CORAL)
    canvas.glow((x + 73, ground - 104), 110, CORAL, strength=0.55)


def _house(canvas: Canvas, x: float, ground: float) -> None:
    canvas.polygon([(x - 76, ground - 52), (x, ground - 96), (x + 76, ground - 52)], mix(NAVY, INK, 0.4))
    canvas.box((x - 64, ground - 54), (128, 76), mix(DUSK, NAVY, 0.5))
    canvas.box((x + 30, ground - 106), (16, 44), mix(NAVY, INK, 0.4))
    for dx in (-42, 14):
        canvas.glow((x + dx + 13, ground - 24), 60, AMBER, strength=0.5)
        canvas.box((x + dx, ground - 38), (26, 26), AMBER, radius=2)
        canvas.box((x + dx + 12, ground - 38), (2, 26), NAVY)


def _pine(canvas: Canvas, x: float, foot: float, tall: float, color: Color) -> None:
    canvas.box((x - tall * 0.03, foot - tall * 0.2), (tall * 0.06, tall * 0.22), color)
    for n in range(4):
        top, wide = foot - tall * (1 - n * 0.2), tall * (0.11 + n * 0.065)
        canvas.polygon(
            [(x, top), (x + wide, top + tall * 0.34), (x, top + tall * 0.29), (x - wide, top + tall * 0.34)],
            color,
        )


def _stargazer(canvas: Canvas, x: float, foot: float) -> None:
    tint = INK
    canvas.polygon([(x - 12, foot), (x - 9, foot - 46), (x + 11, foot - 46), (x + 13, foot)], tint)
    canvas.ellipse((x - 1, foot - 56), (8, 9), tint)
    canvas.line([(x + 30, foot + 6), (x + 42, foot - 34), (x + 54, foot + 8)], 3, tint)
    canvas.line([(x + 20, foot - 26), (x + 70, foot - 62)], 9, tint)


def weather_balloon() -> Canvas:
    """Draw a weather balloon rising over a school's playing fields."""
    sky = down(
        mix(DUSK, TEAL, 0.25),
        mix(DUSK, ROSE, 0.35),
        mix(ROSE, CORAL, 0.35),
        mix(CORAL, AMBER, 0.65),
        mix(AMBER, CREAM, 0.6),
        CREAM,
        CREAM,
    )
    canvas = Canvas(sky, seed=67)
    canvas.glow((1180, 640), 620, CREAM, strength=0.8)
    for left, top, size in (
        (180, 420, 1.2),
        (1330, 250, 1.0),
        (540, 560, 0.9),
        (1500, 500, 1.1),
        (300, 190, 0.7),
    ):
        _cloud(canvas, left, top, size)
    canvas.ridge(690, 60, mix(ROSE, AMBER, 0.45), waves=2.4)
    canvas.ridge(740, 44, mix(ROSE, DUSK, 0.35), waves=3.6)
    canvas.ridge(790, 30, mix(DUSK, TEAL, 0.55), waves=5)
    ground = curve([(-20, 850), (400, 822), (900, 812), (1300, 834), (1620, 856)])
    canvas.polygon(
        [(-20, 1010), *ground, (1620, 1010)], down(mix(MOSS, AMBER, 0.28), MOSS, mix(MOSS, NAVY, 0.55))
    )
    _school(canvas, 250, 846)
    for n in range(15):
        x = 1010 + n * 42
        canvas.ellipse(
            (x, 838 + n),
            (30, 34 + canvas.chance.uniform(-8, 8)),
            mix(MOSS, NAVY, 0.45 + 0.2 * canvas.chance.random()),
        )
    canvas.line([(520, 905), (1090, 890), (1290, 985)], 3, CREAM, alpha=0.5)
    canvas.ellipse((820, 930), (92, 20), CREAM, alpha=0.16)
    coats = (CORAL, AMBER, SEA, CREAM, ROSE, PLUM)
    for n in range(19):
        stand = (640 + n * 23 + canvas.chance.uniform(-7, 7), 882 + canvas.chance.uniform(-6, 15))
        _pupil(canvas, *stand, coats[n % 6], raised=n % 3 == 0)
    _balloon(canvas, 800, 300)
    return canvas


def _cloud(canvas: Canvas, x: float, y: float, size: float) -> None:
    tone = mix(CREAM, ROSE, 0.34) if y < 300 else mix(CREAM, CORAL, 0.2)
    for dx, dy, r in ((-70, 6, 40), (-20, -16, 56), (46, -4, 46), (92, 12, 30)):
        canvas.ellipse((x + dx * size, y + dy * size), (r * size * 1.15, r * size * 0.8), tone)
    canvas.box((x - 122 * size, y + 4 * size), (250 * size, 36 * size), tone, radius=18 * size)
    for dx, dy, r in ((-12, -8, 40), (52, 6, 30)):
        canvas.ellipse((x + dx * size, y + dy * size), (r * size, r * size * 0.66), CREAM, alpha=0.4, blur=10)


def _school(canvas: Canvas, x: float, ground: float) -> None:
    brick = across(mix(CORAL, AMBER, 0.25), mix(CORAL, PLUM, 0.35))
    canvas.box((x - 190, ground - 104), (380, 108), brick)
    canvas.polygon(
        [(x - 206, ground - 102), (x - 176, ground - 142), (x + 176, ground - 142), (x + 206, ground - 102)],
        mix(PLUM, NAVY, 0.5),
    )
    canvas.box((x - 42, ground - 178), (84, 182), brick)
    canvas.polygon([(x - 54, ground - 176), (x, ground - 232), (x + 54, ground - 176)], mix(PLUM, NAVY, 0.5))
    canvas.ellipse((x, ground - 148), (18, 18), CREAM)
    canvas.line([(x, ground - 148), (x, ground - 160)], 2.6, NAVY)
    canvas.line([(x, ground - 148), (x + 8, ground - 143)], 2.6, NAVY)
    canvas.box((x - 16, ground - 50), (32, 54), mix(PLUM, NAVY, 0.6), radius=3)
    for n in range(6):
        left = x - 172 + n * 44 + (120 if n > 2 else 0)
        canvas.box((left, ground - 80), (26, 42), down(mix(CREAM, AMBER, 0.3), mix(SEA, DUSK, 0.4)), radius=2)
        canvas.box((left + 12, ground - 80), (2, 42), PLUM)
        canvas.box((left, ground - 60), (26, 2), PLUM)


def _pupil(canvas: Canvas, x: float, y: float, coat: Color, *, raised: bool) -> None:
    canvas.ellipse((x + 8, y + 1), (15, 3), INK, alpha=0.25)
    canvas.box((x - 5, y - 16), (10, 17), NAVY, radius=2)
    canvas.box((x - 8, y - 36), (16, 24), coat, radius=5)
    canvas.ellipse((x, y - 43), (6.5, 7), mix(PLUM, CORAL, 0.5))
    if raised:
        canvas.line([(x + 5, y - 32), (x + 15, y - 52)], 4, coat)


def _balloon(canvas: Canvas, x: float, y: float) -> None:
    for end in ((x - 5, y + 330), (x + 5, y + 330)):
        canvas.line([(x, y + 214), end], 2, mix(NAVY, PLUM, 0.5))
    canvas.line([(x, y + 400), (x + 3, y + 478)], 2.2, mix(NAVY, PLUM, 0.5))
    skin = curve(
        [
            (x, y - 190),
            (x + 118, y - 150),
            (x + 176, y - 20),
            (x + 120, y + 110),
            (x + 26, y + 190),
            (x, y + 206),
            (x - 26, y + 190),
            (x - 120, y + 110),
            (x - 176, y - 20),
            (x - 118, y - 150),
            (x, y - 190),
        ]
    )
    canvas.glow((x, y), 420, CREAM, strength=0.4)
    canvas.polygon(
        skin,
        across(
            mix(CREAM, DUSK, 0.22),
            mix(CREAM, (255, 255, 255), 0.6),
            CREAM,
            mix(CREAM, AMBER, 0.35),
            mix(CREAM, CORAL, 0.4),
        ),
    )
    for share in (-0.62, -0.22, 0.22, 0.62):
        seam = curve([(x, y - 188), (x + 176 * share, y - 20), (x, y + 204)])
        canvas.line(seam, 2, mix(ROSE, DUSK, 0.4), alpha=0.22)
    canvas.ellipse((x - 70, y - 92), (24, 54), (255, 255, 255), alpha=0.5, blur=10)
    canvas.polygon(
        [(x - 13, y + 202), (x + 13, y + 202), (x + 20, y + 222), (x - 20, y + 222)], mix(CREAM, CORAL, 0.5)
    )
    canvas.polygon(
        [
            *arc((x, y + 330), (66, 46), 180, 360),
            (x + 44, y + 336),
            (x + 22, y + 330),
            (x, y + 338),
            (x - 22, y + 330),
            (x - 44, y + 336),
        ],
        across(CORAL, mix(CORAL, PLUM, 0.4)),
    )
    for dx in (-62, -22, 22, 62):
        canvas.line([(x + dx, y + 332), (x, y + 402)], 1.8, mix(NAVY, PLUM, 0.5))
    canvas.box((x - 27, y + 474), (60, 44), down(mix(SEA, CREAM, 0.4), mix(SEA, DUSK, 0.4)), radius=5)
    canvas.box((x - 27, y + 490), (60, 7), CORAL)
    canvas.ellipse((x + 3, y + 508), (6, 6), INK)

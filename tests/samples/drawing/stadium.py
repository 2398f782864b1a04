"""Draw the stadium by night."""

from __future__ import annotations

import math

from tests.samples.drawing.canvas import (
    AMBER,
    CORAL,
    CREAM,
    DUSK,
    HEIGHT,
    INK,
    MOSS,
    NAVY,
    PLUM,
    ROSE,
    SEA,
    TEAL,
    WIDTH,
    Canvas,
    Point,
    arc,
    down,
    mix,
)


def stadium_choir() -> Canvas:
    """Draw a floodlit stadium at night, seen from its upper tier."""
    canvas = Canvas(down(INK, NAVY, mix(NAVY, DUSK, 0.8), mix(DUSK, ROSE, 0.4), NAVY, INK), seed=79)
    canvas.stars(150, below=380)
    canvas.glow((800, 520), 900, mix(CREAM, SEA, 0.3), strength=0.4, flat=0.6)
    for x in range(0, WIDTH, 54):
        high = canvas.chance.uniform(24, 96) * (0.5 + abs(x - 800) / 800)
        canvas.box((x, 420 - high), (canvas.chance.uniform(34, 62), high + 60), mix(NAVY, INK, 0.25))
        for _ in range(4):
            canvas.box(
                (x + canvas.chance.uniform(4, 30), 424 - high * canvas.chance.random()),
                (5, 7),
                AMBER,
                alpha=0.6,
            )
    for x, lean in ((210, 1), (1390, -1), (480, 1), (1120, -1)):
        _mast(canvas, x, 150 if abs(x - 800) > 400 else 214, 440, lean, 1.0 if abs(x - 800) > 400 else 0.7)
    outer = arc((800, 640), (1000, 300), 180, 360, steps=90)
    canvas.polygon([(-200, 640), *outer, (1800, 640)], mix(NAVY, INK, 0.4))
    canvas.polygon(
        [(-190, 640), *arc((800, 640), (990, 270), 180, 360, steps=90), (1790, 640)],
        down(mix(DUSK, ROSE, 0.3), mix(DUSK, PLUM, 0.4), PLUM),
    )
    for n in range(11):
        rx, ry = 960 - n * 34, 258 - n * 15
        canvas.line(arc((800, 648), (rx, ry), 180, 360, steps=90), 2, mix(CREAM, DUSK, 0.4), alpha=0.3)
    _crowd(canvas)
    canvas.ellipse((800, 680), (600, 128), mix(NAVY, INK, 0.3))
    canvas.ellipse((800, 684), (574, 116), mix(CORAL, PLUM, 0.55))
    pitch: list[Point] = [(548, 612), (1052, 612), (1206, 750), (394, 750)]
    canvas.polygon(pitch, down(mix(MOSS, SEA, 0.35), MOSS, mix(MOSS, TEAL, 0.4)))
    for n in range(0, 10, 2):
        a, b = n / 10, (n + 1) / 10
        far, near = (548 + 504 * a, 548 + 504 * b), (394 + 812 * a, 394 + 812 * b)
        canvas.polygon([(far[0], 612), (far[1], 612), (near[1], 750), (near[0], 750)], SEA, alpha=0.16)
    canvas.line([*pitch, pitch[0]], 3, CREAM, alpha=0.85)
    canvas.line([(800, 612), (800, 750)], 2.6, CREAM, alpha=0.85)
    canvas.line(arc((800, 676), (92, 26), 0, 360), 2.6, CREAM, alpha=0.85)
    for n in range(15):
        angle = math.tau * n / 15
        _pupil_dot(canvas, 800 + 74 * math.cos(angle), 678 + 19 * math.sin(angle))
    _podium(canvas, 800, 806)
    _near_tier(canvas)
    return canvas


def _mast(canvas: Canvas, x: float, top: float, foot: float, lean: int, size: float) -> None:
    beam = [(x - 60 * size, top), (x + 60 * size, top), (800 + 380, 720), (800 - 380, 720)]
    canvas.polygon(beam, CREAM, alpha=0.055, blur=16)
    canvas.glow((x, top + 10), 330 * size, CREAM, strength=0.85)
    canvas.line([(x - 14 * size, foot), (x - 5 * size, top)], 7 * size, mix(NAVY, INK, 0.3))
    canvas.line([(x + 14 * size, foot), (x + 5 * size, top)], 7 * size, mix(NAVY, INK, 0.3))
    for n in range(7):
        y = top + 50 * size + n * (foot - top - 60) / 7
        canvas.line([(x - 10 * size, y), (x + 10 * size, y + 22 * size)], 3 * size, mix(NAVY, INK, 0.3))
    canvas.box((x - 76 * size, top - 34 * size), (152 * size, 82 * size), INK, radius=6)
    for row in range(3):
        for column in range(5):
            canvas.ellipse(
                (x + (column - 2) * 28 * size, top + (row * 25 - 18) * size),
                (10 * size, 9 * size),
                mix(CREAM, (255, 255, 255), 0.6),
            )
    canvas.glow((x + lean * 4, top + 8), 150 * size, (255, 250, 235), strength=0.6)


def _crowd(canvas: Canvas) -> None:
    tones = (CREAM, AMBER, CORAL, SEA, ROSE, DUSK, PLUM)
    for n in range(10):
        rx, ry = 944 - n * 34, 250 - n * 15
        for step in range(150):
            angle = math.radians(183 + 174 * (step + canvas.chance.random() * 0.7) / 150)
            x, y = 800 + rx * math.cos(angle), 648 + ry * math.sin(angle)
            if not -10 < x < WIDTH + 10 or canvas.chance.random() < 0.28:
                continue
            canvas.box((x - 3.4, y - 3), (7, 9), mix(canvas.chance.choice(tones), PLUM, 0.28), radius=2.5)
            canvas.ellipse((x, y - 6), (2.7, 3), mix(CREAM, CORAL, 0.45))
            if canvas.chance.random() < 0.06:
                canvas.glow((x, y - 9), 13, CREAM, strength=0.9)


def _pupil_dot(canvas: Canvas, x: float, y: float) -> None:
    canvas.box((x - 4, y - 13), (8, 13), AMBER, radius=3)
    canvas.ellipse((x, y - 16), (3.6, 3.8), mix(CREAM, CORAL, 0.4))
    canvas.box((x - 4, y - 3), (8, 4), CORAL, radius=1)


def _podium(canvas: Canvas, x: float, y: float) -> None:
    canvas.ellipse((x + 6, y + 3), (46, 7), INK, alpha=0.4)
    canvas.box((x - 34, y - 18), (68, 20), mix(CORAL, PLUM, 0.3), radius=3)
    canvas.polygon([(x - 15, y - 17), (x - 10, y - 66), (x + 10, y - 66), (x + 15, y - 17)], INK)
    canvas.ellipse((x, y - 76), (9, 10), mix(PLUM, CORAL, 0.5))
    canvas.line([(x - 8, y - 62), (x - 34, y - 84), (x - 42, y - 104)], 6, INK)
    canvas.line([(x + 8, y - 62), (x + 36, y - 78), (x + 38, y - 98)], 6, INK)
    canvas.line([(x + 38, y - 98), (x + 46, y - 120)], 2, CREAM)


def _near_tier(canvas: Canvas) -> None:
    canvas.polygon([(0, 838), (1600, 838), (1600, HEIGHT), (0, HEIGHT)], down(mix(NAVY, PLUM, 0.3), INK))
    canvas.box((0, 826), (1600, 9), mix(DUSK, SEA, 0.3))
    for post in range(20, WIDTH, 120):
        canvas.box((post, 830), (7, 50), mix(DUSK, NAVY, 0.3))
    for n in range(30):
        x = n * 56 + canvas.chance.uniform(-14, 14)
        y, size = 925 + canvas.chance.uniform(-16, 24), canvas.chance.uniform(0.9, 1.15)
        tint = mix(INK, NAVY, canvas.chance.uniform(0.1, 0.5))
        canvas.ellipse((x, y - 26 * size), (19 * size, 22 * size), tint)
        canvas.box((x - 37 * size, y), (74 * size, 120), tint, radius=26)
        canvas.line(
            arc((x, y - 26 * size), (19 * size, 22 * size), 215, 325), 2, mix(CREAM, DUSK, 0.3), alpha=0.6
        )
        if n % 4 == 1:
            canvas.polygon(
                [
                    (x - 26, y - 2),
                    (x + 2, y + 6),
                    (x + 30, y - 2),
                    (x + 30, y + 30),
                    (x + 2, y + 38),
                    (x - 26, y + 30),
                ],
                mix(CREAM, DUSK, 0.25),
            )

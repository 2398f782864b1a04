"""Draw the harbor at dawn."""

from __future__ import annotations

from tests.samples.drawing.canvas import (
    AMBER,
    CORAL,
    CREAM,
    INK,
    NAVY,
    PLUM,
    ROSE,
    TEAL,
    WIDTH,
    Canvas,
    Color,
    Point,
    curve,
    down,
    mix,
)


def harbor_dawn() -> Canvas:
    """Draw harbor cranes against the first light."""
    sky = down(mix(NAVY, PLUM, 0.5), mix(PLUM, ROSE, 0.45), ROSE, CORAL, AMBER, CREAM, CREAM, CREAM)
    canvas = Canvas(sky, seed=23)
    for _ in range(16):
        x, y = canvas.chance.uniform(-200, WIDTH), canvas.chance.uniform(130, 420)
        wide = canvas.chance.uniform(200, 620)
        canvas.ellipse(
            (x, y), (wide, canvas.chance.uniform(5, 15)), mix(CORAL, CREAM, y / 600), alpha=0.36, blur=7
        )
    canvas.glow((830, 585), 640, CREAM, strength=0.85)
    canvas.ellipse((830, 575), (104, 104), down(mix(CREAM, AMBER, 0.2), CREAM))
    canvas.ridge(588, 26, mix(ROSE, AMBER, 0.55), waves=4, floor=660)
    canvas.ridge(612, 18, mix(ROSE, PLUM, 0.25), waves=7, floor=660)
    _crane(canvas, 590, 640, 0.62, mix(PLUM, ROSE, 0.62))
    _crane(canvas, 1330, 640, 0.7, mix(PLUM, ROSE, 0.55))
    for x, high in ((700, 22), (742, 40), (760, 22), (842, 30), (880, 48), (930, 26), (1180, 30), (1210, 44)):
        canvas.box((x, 640 - high), (54, high), mix(PLUM, ROSE, 0.45))
    _crane(canvas, 1010, 640, 1.0, mix(PLUM, NAVY, 0.25))
    _crane(canvas, 250, 640, 1.16, mix(NAVY, PLUM, 0.4))
    _containers(canvas, 60, 640)
    canvas.box((0, 636), (1600, 8), mix(NAVY, PLUM, 0.5))
    canvas.mirror(643, tint=mix(PLUM, ROSE, 0.35), share=0.34, stretch=0.8)
    canvas.glints(650, 960, CREAM, center=830, spread=(140, 420), count=170)
    for _ in range(130):
        y = canvas.chance.uniform(660, 1000)
        length = canvas.chance.uniform(60, 220) * (y - 560) / 320
        canvas.box(
            (canvas.chance.uniform(-90, WIDTH), y),
            (length, 2.6),
            PLUM,
            radius=1.3,
            alpha=canvas.chance.uniform(0.08, 0.32),
        )
    _tug(canvas, 640, 742)
    for x, y, size in ((700, 292, 1.0), (762, 262, 0.8), (640, 250, 0.66), (1180, 190, 0.8)):
        _gull(canvas, (x, y), 26 * size)
    return canvas


def _crane(canvas: Canvas, x: float, ground: float, size: float, color: Color) -> None:
    def at(dx: float, dy: float) -> Point:
        return x + dx * size, ground - dy * size

    thick = 9 * size
    for dx in (-70, 60):
        canvas.line([at(dx, 0), at(dx * 0.82, 300)], thick, color)
        canvas.line([at(dx + 34, 0), at(dx * 0.82 + 24, 300)], thick * 0.7, color)
    canvas.line([at(-74, 110), at(92, 110)], thick * 0.9, color)
    canvas.line([at(-66, 210), at(84, 210)], thick * 0.6, color)
    canvas.line([at(-66, 112), at(76, 208)], thick * 0.45, color)
    canvas.line([at(-190, 300), at(330, 312)], thick * 1.3, color)
    canvas.line([at(-190, 286), at(330, 302)], thick * 0.5, color)
    for n in range(14):
        left = -180 + n * 36
        canvas.line([at(left, 288), at(left + 18, 306), at(left + 36, 290)], thick * 0.3, color)
    canvas.line([at(-40, 300), at(10, 432), at(52, 302)], thick * 0.9, color)
    canvas.line([at(10, 430), at(322, 312)], thick * 0.35, color)
    canvas.line([at(10, 430), at(180, 308)], thick * 0.35, color)
    canvas.line([at(10, 430), at(-184, 300)], thick * 0.35, color)
    canvas.box(at(-168, 344), (74 * size, 44 * size), color)
    canvas.box(at(196, 296), (36 * size, 26 * size), color)
    canvas.line([at(206, 276), at(206, 178)], thick * 0.24, color)
    canvas.line([at(224, 276), at(224, 178)], thick * 0.24, color)
    canvas.box(at(182, 180), (66 * size, 30 * size), mix(color, CORAL, 0.75))
    canvas.ellipse(at(10, 436), (4 * size, 4 * size), CREAM)
    canvas.box(at(-92, 12), (206 * size, 12 * size), color)


def _containers(canvas: Canvas, left: float, ground: float) -> None:
    colors = (
        mix(CORAL, PLUM, 0.3),
        mix(TEAL, PLUM, 0.35),
        mix(PLUM, NAVY, 0.2),
        mix(ROSE, PLUM, 0.3),
        mix(NAVY, TEAL, 0.3),
    )
    for column, stack in enumerate((2, 3, 3, 1, 2)):
        for row in range(stack):
            x, y = left + 300 + column * 66, ground - 29 * (row + 1)
            canvas.box((x, y), (63, 27), colors[(column * 2 + row * 3) % 5])
            for rib in range(6):
                canvas.box((x + 6 + rib * 10, y + 4), (2, 19), INK, alpha=0.16)


def _tug(canvas: Canvas, x: float, water: float) -> None:
    body = mix(NAVY, PLUM, 0.25)
    canvas.ellipse((x + 70, water + 18), (130, 12), INK, alpha=0.28, blur=5)
    canvas.polygon(
        [
            (x - 24, water - 34),
            (x + 30, water - 18),
            (x + 172, water - 22),
            (x + 162, water + 14),
            (x + 4, water + 14),
        ],
        body,
    )
    canvas.box((x + 40, water - 62), (62, 44), mix(CREAM, ROSE, 0.5), radius=3)
    canvas.box((x + 34, water - 68), (74, 8), body, radius=3)
    for n in range(3):
        canvas.box((x + 47 + n * 18, water - 54), (12, 15), NAVY, radius=2)
    canvas.box((x + 112, water - 76), (20, 56), CORAL, radius=2)
    canvas.box((x + 112, water - 78), (20, 10), body)
    canvas.line([(x + 70, water - 66), (x + 70, water - 108)], 3, body)
    canvas.polygon([(x + 4, water + 14), (x - 130, water + 20), (x + 20, water + 9)], CREAM, alpha=0.5)
    canvas.polygon([(x + 150, water + 12), (x + 420, water + 30), (x + 160, water + 16)], CREAM, alpha=0.45)


def _gull(canvas: Canvas, center: Point, span: float) -> None:
    x, y = center
    wing = curve(
        [
            (x - span, y - span * 0.24),
            (x - span * 0.45, y - span * 0.36),
            (x, y),
            (x + span * 0.5, y - span * 0.42),
            (x + span, y - span * 0.2),
        ]
    )
    canvas.line(wing, max(2.2, span / 9), mix(PLUM, NAVY, 0.4))

"""Draw the museum of umbrellas."""

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
    Point,
    across,
    arc,
    curve,
    down,
    mix,
)


def lost_umbrellas() -> Canvas:
    """Draw open umbrellas that hang in a museum's hall, one of them in the light."""
    canvas = Canvas(
        down(mix(NAVY, PLUM, 0.35), mix(DUSK, PLUM, 0.3), mix(ROSE, DUSK, 0.45), mix(ROSE, CREAM, 0.3)),
        seed=113,
    )
    for x in (190, 800, 1410):
        _arch(canvas, x)
    canvas.polygon(
        [(0, 800), (1600, 800), (1600, 1000), (0, 1000)],
        down(mix(ROSE, AMBER, 0.45), mix(PLUM, ROSE, 0.4), mix(PLUM, NAVY, 0.4)),
    )
    for n in range(-12, 13):
        canvas.line([(800 + n * 76, 800), (800 + n * 176, 1000)], 2.4, PLUM, alpha=0.3)
    for y in (826, 868, 928):
        canvas.box((0, y), (1600, 2.4), PLUM, alpha=0.28)
    canvas.polygon([(700, -20), (900, -20), (1120, 960), (480, 960)], CREAM, alpha=0.2, blur=24)
    canvas.ellipse((800, 884), (300, 44), CREAM, alpha=0.4, blur=12)
    tones = (CORAL, AMBER, TEAL, ROSE, CREAM, PLUM, SEA, DUSK)
    back = ((110, 210), (330, 130), (540, 190), (1060, 180), (1270, 128), (1490, 206))
    for n, (x, y) in enumerate(back):
        _umbrella(canvas, (x, y), 96, mix(tones[(n * 3 + 1) % 8], PLUM, 0.3))
    front = ((40, 404), (262, 330), (480, 396), (1124, 392), (1342, 326), (1560, 404))
    for n, (x, y) in enumerate(front):
        _umbrella(canvas, (x, y), 132, tones[(n * 5) % 8])
    canvas.glow((800, 400), 380, CREAM, strength=0.55)
    _umbrella(canvas, (800, 420), 236, mix(MOSS, SEA, 0.16))
    _visitor(canvas, 660, 896, 1.0, CORAL)
    _visitor(canvas, 590, 900, 0.7, AMBER)
    _visitor(canvas, 1010, 902, 1.04, NAVY)
    _stand(canvas, 1240, 892)
    return canvas


def _arch(canvas: Canvas, x: float) -> None:
    frame = [
        (x - 176, 800),
        (x - 176, 330),
        *arc((x, 330), (176, 190), 180, 360),
        (x + 176, 330),
        (x + 176, 800),
    ]
    canvas.polygon(frame, mix(PLUM, DUSK, 0.4))
    inner = [
        (x - 158, 800),
        (x - 158, 332),
        *arc((x, 332), (158, 172), 180, 360),
        (x + 158, 332),
        (x + 158, 800),
    ]
    canvas.polygon(inner, down(mix(DUSK, SEA, 0.25), mix(SEA, CREAM, 0.3), mix(CREAM, AMBER, 0.25)))
    for dx in (-80, 0, 80):
        canvas.box((x + dx - 3, 170 + abs(dx) * 0.32), (6, 640), mix(PLUM, DUSK, 0.4))
    for y in (332, 480, 628):
        canvas.box((x - 158, y), (316, 6), mix(PLUM, DUSK, 0.4))
    for _ in range(60):
        rx, ry = x + canvas.chance.uniform(-148, 148), canvas.chance.uniform(340, 780)
        canvas.line([(rx, ry), (rx - 5, ry + 22)], 1.6, CREAM, alpha=0.55)


def _umbrella(canvas: Canvas, center: Point, size: float, tone: Color) -> None:
    x, y = center
    high = size * 0.74
    canvas.line([(x, -20), (x, y - high)], 2.4, mix(INK, PLUM, 0.4), alpha=0.8)
    wood = mix(PLUM, INK, 0.35)
    canvas.line([(x, y - high * 0.4), (x, y + size * 0.8)], max(3.0, size * 0.035), wood)
    hook = curve(
        [
            (x, y + size * 0.78),
            (x + size * 0.02, y + size * 0.94),
            (x + size * 0.11, y + size),
            (x + size * 0.19, y + size * 0.92),
            (x + size * 0.19, y + size * 0.84),
        ],
        steps=8,
    )
    canvas.line(hook, max(5.0, size * 0.06), mix(AMBER, PLUM, 0.35))
    panels = 6
    ends = [(-1.0, 0.0), (-0.7, 0.05), (-0.25, 0.08), (0.25, 0.08), (0.7, 0.05), (1.0, 0.0)]
    canvas.ellipse((x, y + size * 0.01), (size * 0.97, size * 0.1), mix(tone, INK, 0.55))
    for n in range(panels - 1):
        (ax, ay), (bx, by) = ends[n], ends[n + 1]
        left = curve(
            [(x, y - high), (x + ax * size * 0.72, y - high * 0.72), (x + ax * size, y + ay * size)], steps=12
        )
        right = curve(
            [(x, y - high), (x + bx * size * 0.72, y - high * 0.72), (x + bx * size, y + by * size)], steps=12
        )
        middle = (x + (ax + bx) / 2 * size, y + (ay + by) / 2 * size - size * 0.06)
        scallop = curve([left[-1], middle, right[-1]], steps=8)
        shade = (0.24, 0.0, 0.1, 0.3, 0.46)[n]
        panel = mix(tone, CREAM, 0.16) if n == 1 else mix(tone, PLUM, shade)
        canvas.polygon(
            [*left, *scallop, *reversed(right)], down(mix(panel, CREAM, 0.1), panel, mix(panel, PLUM, 0.16))
        )
        canvas.line(right, max(1.4, size * 0.012), mix(tone, PLUM, 0.5), alpha=0.5)
    canvas.line([(x, y - high * 1.12), (x, y - high * 0.96)], max(3.0, size * 0.03), wood)


def _visitor(canvas: Canvas, x: float, foot: float, size: float, coat: Color) -> None:
    def at(dx: float, dy: float) -> Point:
        return x + dx * size, foot - dy * size

    canvas.ellipse(at(4, 0), (48 * size, 8 * size), INK, alpha=0.35, blur=4)
    for dx in (-16, 4):
        canvas.box(at(dx, 60), (13 * size, 62 * size), INK, radius=4 * size)
    canvas.polygon(
        [at(-24, 160), at(24, 160), at(36, 48), at(-36, 48)],
        across(mix(coat, CREAM, 0.1), mix(coat, PLUM, 0.4)),
    )
    canvas.line([at(22, 148), at(38, 106), at(30, 76)], 14 * size, mix(coat, PLUM, 0.35))
    canvas.line([at(-22, 148), at(-38, 106), at(-32, 76)], 14 * size, mix(coat, PLUM, 0.1))
    canvas.box(at(-7, 172), (14 * size, 16 * size), mix(PLUM, CORAL, 0.62))
    canvas.ellipse(
        at(0, 186), (20 * size, 22 * size), mix(CREAM, DUSK, 0.3) if coat == CORAL else mix(PLUM, INK, 0.5)
    )


def _stand(canvas: Canvas, x: float, foot: float) -> None:
    canvas.ellipse((x + 40, foot + 2), (74, 10), INK, alpha=0.35, blur=4)
    for dx, tone, lean in ((12, AMBER, -7), (32, CORAL, 3), (52, SEA, 8), (68, ROSE, 15)):
        canvas.polygon(
            [
                (x + dx - 7, foot - 20),
                (x + dx + 7, foot - 20),
                (x + dx + lean + 3, foot - 168),
                (x + dx + lean - 3, foot - 168),
            ],
            mix(tone, PLUM, 0.2),
        )
        canvas.line(
            arc((x + dx + lean + 9, foot - 170), (9, 12), 180, 350, steps=14), 5, mix(AMBER, PLUM, 0.45)
        )
    canvas.polygon(
        [(x - 6, foot - 96), (x + 86, foot - 96), (x + 78, foot), (x + 2, foot)],
        across(mix(NAVY, TEAL, 0.4), mix(NAVY, INK, 0.3)),
    )
    canvas.box((x - 10, foot - 102), (100, 12), mix(TEAL, CREAM, 0.15), radius=5)

"""Paint flat, layered shapes on one large sheet that is scaled down at the end.

All coordinates are in units of the finished picture, 1600 by 1000; the sheet itself is twice that, so that edges
come out smooth. Randomness is seeded: the same script draws the same picture.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT, SCALE = 1600, 1000, 2

Color = tuple[int, int, int]
Point = tuple[float, float]

INK: Color = (14, 20, 38)
NAVY: Color = (26, 40, 72)
DUSK: Color = (62, 76, 124)
TEAL: Color = (44, 108, 122)
SEA: Color = (146, 196, 184)
CREAM: Color = (248, 234, 208)
AMBER: Color = (244, 182, 92)
CORAL: Color = (228, 112, 88)
ROSE: Color = (206, 112, 116)
PLUM: Color = (104, 60, 94)
MOSS: Color = (70, 120, 98)


def mix(first: Color, second: Color, share: float) -> Color:
    """Return the color `share` of the way from the first to the second."""
    return (
        round(first[0] + (second[0] - first[0]) * share),
        round(first[1] + (second[1] - first[1]) * share),
        round(first[2] + (second[2] - first[2]) * share),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fade:
    """A fill that runs from the first color to the last, downwards or to the right."""

    stops: tuple[tuple[float, Color], ...]
    across: bool = False

    def sheet(self, width: int, height: int) -> Image.Image:
        """Return the fill at that size in pixels."""
        length = max(2, width if self.across else height)
        strip = Image.new("RGB", (length, 1))
        strip.putdata([self._at(step / (length - 1)) for step in range(length)])
        if not self.across:
            strip = strip.transpose(Image.Transpose.ROTATE_270)
        return strip.resize((width, height))

    def _at(self, place: float) -> Color:
        low = self.stops[0]
        for high in self.stops:
            if place <= high[0]:
                span = high[0] - low[0]
                return mix(low[1], high[1], (place - low[0]) / span if span else 1.0)
            low = high
        return low[1]


def down(*colors: Color) -> Fade:
    """Return a fade from top to bottom through evenly spaced colors."""
    return Fade(stops=tuple((n / (len(colors) - 1), color) for n, color in enumerate(colors)))


def across(*colors: Color) -> Fade:
    """Return a fade from left to right through evenly spaced colors."""
    return Fade(stops=down(*colors).stops, across=True)


Fill = Color | Fade


class Canvas:
    """A sheet to paint on, from the back to the front."""

    def __init__(self, background: Fade, *, seed: int) -> None:
        self.chance = random.Random(seed)
        self.sheet = background.sheet(WIDTH * SCALE, HEIGHT * SCALE)

    def polygon(self, points: Sequence[Point], fill: Fill, *, alpha: float = 1.0, blur: float = 0.0) -> None:
        """Fill a polygon; `blur` softens its edge by that many units."""

        def paint(draw: ImageDraw.ImageDraw, offset: Point) -> None:
            draw.polygon([(x * SCALE - offset[0], y * SCALE - offset[1]) for x, y in points], fill=255)

        self._lay(_bounds(points), paint, fill, alpha=alpha, blur=blur)

    def ellipse(
        self, center: Point, radii: Point, fill: Fill, *, alpha: float = 1.0, blur: float = 0.0
    ) -> None:
        """Fill an ellipse."""
        (x, y), (rx, ry) = center, radii
        corners = [(x - rx, y - ry), (x + rx, y + ry)]

        def paint(draw: ImageDraw.ImageDraw, offset: Point) -> None:
            (left, top), (right, bottom) = (
                (a * SCALE - offset[0], b * SCALE - offset[1]) for a, b in corners
            )
            draw.ellipse((left, top, right, bottom), fill=255)

        self._lay(_bounds(corners), paint, fill, alpha=alpha, blur=blur)

    def box(
        self,
        corner: Point,
        size: Point,
        fill: Fill,
        *,
        radius: float = 0,
        alpha: float = 1.0,
        blur: float = 0.0,
    ) -> None:
        """Fill a rectangle from its top left corner, rounded where asked."""
        (x, y), (width, height) = corner, size
        corners = [(x, y), (x + width, y + height)]

        def paint(draw: ImageDraw.ImageDraw, offset: Point) -> None:
            (left, top), (right, bottom) = (
                (a * SCALE - offset[0], b * SCALE - offset[1]) for a, b in corners
            )
            draw.rounded_rectangle((left, top, right, bottom), radius=radius * SCALE, fill=255)

        self._lay(_bounds(corners), paint, fill, alpha=alpha, blur=blur)

    def line(self, points: Sequence[Point], width: float, fill: Fill, *, alpha: float = 1.0) -> None:
        """Draw a line with round joints."""

        def paint(draw: ImageDraw.ImageDraw, offset: Point) -> None:
            moved = [(x * SCALE - offset[0], y * SCALE - offset[1]) for x, y in points]
            draw.line(moved, fill=255, width=max(1, round(width * SCALE)), joint="curve")

        left, top, right, bottom = _bounds(points)
        self._lay((left - width, top - width, right + width, bottom + width), paint, fill, alpha=alpha)

    def glow(
        self, center: Point, radius: float, color: Color, *, strength: float = 0.6, flat: float = 1.0
    ) -> None:
        """Shed light around a point; `flat` below 1 squeezes it into a pool."""
        size = (round(2 * radius * SCALE), max(2, round(2 * radius * flat * SCALE)))
        disc = Image.radial_gradient("L").resize(size)
        ramp = [round(255 * strength * max(0.0, 1 - value / 181) ** 2.2) for value in range(256)]
        corner = (round(center[0] * SCALE - size[0] / 2), round(center[1] * SCALE - size[1] / 2))
        self.sheet.paste(color, (*corner, corner[0] + size[0], corner[1] + size[1]), disc.point(ramp))

    def ridge(
        self, base: float, height: float, fill: Fill, *, waves: float = 3.0, floor: float = HEIGHT
    ) -> None:
        """Draw a range of hills whose crest wanders `height` units about `base`."""
        crest = self.wander(waves)
        points: list[Point] = [(x, base - height * crest(x / WIDTH)) for x in range(-10, WIDTH + 11, 5)]
        self.polygon([(-10, floor), *points, (WIDTH + 10, floor)], fill)

    def wander(self, waves: float) -> Callable[[float], float]:
        """Return a smooth random curve over 0..1 with values of about -1..1."""
        parts = [
            (
                waves * (n + 1) ** 1.25 * self.chance.uniform(0.8, 1.2),
                self.chance.uniform(0, math.tau),
                0.6**n,
            )
            for n in range(5)
        ]
        return lambda x: sum(size * math.sin(math.pi * rate * x + phase) for rate, phase, size in parts) / 1.9

    def stars(self, count: int, *, below: float, color: Color = CREAM) -> None:
        """Scatter stars over the sky down to `below`, fainter towards it."""
        for _ in range(count):
            x, y = self.chance.uniform(0, WIDTH), below * self.chance.random() ** 1.3
            size = 0.6 + 1.5 * self.chance.random() ** 4
            self.ellipse(
                (x, y), (size, size), color, alpha=self.chance.uniform(0.35, 1.0) * (1 - 0.8 * y / below)
            )

    def glints(
        self, top: float, bottom: float, color: Color, *, center: float, spread: Point, count: int
    ) -> None:
        """Lay short strokes of light on water, in a lane that widens from `spread[0]` to `spread[1]`."""
        for _ in range(count):
            depth = self.chance.random()
            y = top + (bottom - top) * depth**1.2
            wide = spread[0] + (spread[1] - spread[0]) * depth
            x = center + self.chance.gauss(0, 0.42) * wide
            length, thick = (8 + 46 * depth) * self.chance.uniform(0.4, 1.2), 1.2 + 3.4 * depth
            alpha = self.chance.uniform(0.2, 0.85) * (1 - 0.45 * abs(x - center) / (wide + 1))
            self.box((x - length / 2, y), (length, thick), color, radius=thick / 2, alpha=max(0.05, alpha))

    def mirror(self, waterline: float, *, tint: Color, share: float = 0.45, stretch: float = 1.0) -> None:
        """Turn everything below the waterline into a soft reflection of what is above it."""
        edge, wide, high = round(waterline * SCALE), WIDTH * SCALE, HEIGHT * SCALE
        above = self.sheet.crop((0, 0, wide, edge)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        above = above.resize((wide, round(edge * stretch))).crop((0, 0, wide, high - edge))
        small = above.resize((wide // 4, max(1, above.height // 16))).resize(
            above.size, Image.Resampling.BICUBIC
        )
        soft = Image.blend(above.filter(ImageFilter.BoxBlur((3, 9))), small, 0.45)
        self.sheet.paste(Image.blend(soft, Image.new("RGB", soft.size, tint), share), (0, edge))

    def finish(self, *, grain: float = 5.0, vignette: float = 0.22) -> Image.Image:
        """Return the finished picture: scaled down, darker in the corners, with a little grain."""
        image = self.sheet.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        shade = Image.radial_gradient("L").resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        dark = shade.point([round(255 * vignette * max(0.0, (v - 90) / 165) ** 1.6) for v in range(256)])
        image.paste(mix(INK, PLUM, 0.2), (0, 0, WIDTH, HEIGHT), dark)
        noise = Image.frombytes("L", (WIDTH, HEIGHT), self.chance.randbytes(WIDTH * HEIGHT))
        noise = noise.filter(ImageFilter.GaussianBlur(0.7)).point(
            [round(128 + (v - 128) * grain / 40) for v in range(256)]
        )
        return ImageChops.soft_light(image, Image.merge("RGB", (noise, noise, noise)))

    def _lay(
        self,
        bounds: tuple[float, float, float, float],
        paint: Callable[[ImageDraw.ImageDraw, Point], None],
        fill: Fill,
        *,
        alpha: float,
        blur: float = 0.0,
    ) -> None:
        margin = blur * 3
        left, top = (math.floor((edge - margin) * SCALE) for edge in bounds[:2])
        right, bottom = (math.ceil((edge + margin) * SCALE) + 1 for edge in bounds[2:])
        if right <= 0 or bottom <= 0 or left >= WIDTH * SCALE or top >= HEIGHT * SCALE:
            return
        mask = Image.new("L", (right - left, bottom - top), 0)
        paint(ImageDraw.Draw(mask), (left, top))
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * SCALE))
        if alpha < 1:
            mask = mask.point([round(value * alpha) for value in range(256)])
        where = (left, top, right, bottom)
        self.sheet.paste(fill.sheet(*mask.size) if isinstance(fill, Fade) else fill, where, mask)


def curve(points: Sequence[Point], *, steps: int = 24) -> list[Point]:
    """Return a smooth path through the points (Catmull-Rom)."""
    padded = [points[0], *points, points[-1]]
    path: list[Point] = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            path.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    return [*path, points[-1]]


def arc(center: Point, radii: Point, start: float, end: float, *, steps: int = 48) -> list[Point]:
    """Return points along an ellipse, angles in degrees, clockwise from the right."""
    angles = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return [(center[0] + radii[0] * math.cos(a), center[1] + radii[1] * math.sin(a)) for a in angles]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def _bounds(points: Iterable[Point]) -> tuple[float, float, float, float]:
    across_all, down_all = zip(*points, strict=True)
    return min(across_all), min(down_all), max(across_all), max(down_all)

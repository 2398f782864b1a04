"""Draw the sample stories' pictures: `python -m tests.samples.draw_pictures [NAME...]`.

Run by hand; what it writes to `digest/samples/pictures` is committed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.samples.drawing import bakery, bay, ferry, harbor, market, museum, sky, stadium, stage
from tests.samples.drawing.canvas import Canvas

PICTURES = Path(__file__).resolve().parents[2] / "digest" / "samples" / "pictures"
LARGEST = 150_000

SCENES: dict[str, Callable[[], Canvas]] = {
    "night-ferry": ferry.night_ferry,
    "harbor-dawn": harbor.harbor_dawn,
    "eelgrass": bay.eelgrass,
    "survey-skiff": bay.survey_skiff,
    "telescope-dome": sky.telescope_dome,
    "weather-balloon": sky.weather_balloon,
    "stadium-choir": stadium.stadium_choir,
    "market-street": market.market_street,
    "bakery-window": bakery.bakery_window,
    "stage-spotlights": stage.stage_spotlights,
    "lost-umbrellas": museum.lost_umbrellas,
}


def draw(name: str) -> Path:
    """Draw one picture, with as much quality as fits."""
    image = SCENES[name]().finish()
    path = PICTURES / f"{name}.jpg"
    for quality in range(84, 60, -2):
        image.save(path, quality=quality, optimize=True, progressive=True)
        if path.stat().st_size <= LARGEST:
            break
    print(f"{path.name}: {path.stat().st_size} bytes at quality {quality}")
    return path


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    for wanted in sys.argv[1:] or SCENES:
        draw(wanted)

"""Draw a page of the desk as a picture, in a browser that is on this machine and that reaches nothing but the desk."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image, ImageChops

from digest.errors import DigestError

BROWSERS = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
SECONDS = 30
TALLEST = 16_000
"""Pixels that are drawn; what is left over below the page is cut off."""
BELOW = 24
"""Pixels that stay below the last thing drawn, where there are any."""
NO_BROWSER = "No picture can be made: there is neither chromium nor google-chrome on this machine. Install one of them."

_ONE_AT_A_TIME = threading.Lock()


def find_browser() -> str | None:
    """Return the browser's path, where there is one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def draw(address: str, *, browser: str, width: int) -> bytes:
    """Return the page at an address, the whole of it at that width, as a PNG.

    Raises DigestError where the browser fails or takes too long.
    """
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory(prefix="daily-dose-") as temporary:
        file = Path(temporary) / "page.png"
        options = [
            "--headless",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-extensions",
            f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {urlsplit(address).hostname}",
            f"--user-data-dir={temporary}/profile",
            f"--window-size={width},{TALLEST}",
            f"--screenshot={file}",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
        ]
        said = _run([browser, *options, address])
        if not file.is_file():
            raise DigestError(f"{browser} made no picture: {said or 'it said nothing'}")
        return _without_rest(file.read_bytes())


def _run(command: list[str]) -> str:
    """Run the browser and return the last of what it said; it and all that it started end in time."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True, text=True
    )
    try:
        _, said = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired as exc:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise DigestError(f"{command[0]} did not draw the page within {SECONDS} seconds. Try again.") from exc
    return said.strip().rpartition("\n")[2]


def _without_rest(content: bytes) -> bytes:
    """Cut off what is left below a page: rows of one colour, that of the last one."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    empty = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    drawn = ImageChops.difference(picture, empty).getbbox()
    bottom = min(picture.height, drawn[3] + BELOW) if drawn else picture.height
    made = io.BytesIO()
    picture.crop((0, 0, picture.width, bottom)).save(made, "PNG")
    return made.getvalue()

"""Draw the manual's pictures of the desk: its pages over the sample sources, in a real browser (`make picture`)."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image as Pillow
from playwright.sync_api import Browser

from digest import app
from digest.config import load_config
from digest.model import EditionName
from digest.web.desk.serving import make_desk
from digest.web.listening import make_server, open_port
from tests.picture import save, side_by_side, start_browser

SCREEN = (1440, 900)
PHONE = (375, 812)
READERS = 40
EVENING = """
[newsletters.evening]
title = "The Evening Dose"
from = "The Evening Dose <evening@example.org>"
"""
PAGES = {
    "desk": "{edition}?story={second}",
    "desk-inbox": "{edition}?view=inbox",
    "desk-editions": "/editions/",
    "desk-sources": "/sources/",
    "desk-teach": "/sources/{source}/teach/{second}",
    "desk-readers": "/readers/",
    "desk-outbox": "/outbox/{sent}/",
}
"""The pictures by name, each with its page."""
PHONE_PAGES = ("{edition}#stories", "{edition}?width=375&look=dark#email", "{edition}?story={second}#story")


def make_project(folder: Path) -> EditionName:
    """Make a project with a draft to work on, and another newsletter's edition that was sent."""
    environment = os.environ | {"DIGEST_SMTP__TRANSPORT": "folder"}

    def type_in(*words: str) -> None:
        command = [sys.executable, "-m", "digest", *words]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)

    folder.mkdir()
    type_in("init")
    file = folder / "config" / "digest.toml"
    manual = file.read_text(encoding="utf-8").replace('approval = "auto"', 'approval = "manual"')
    file.write_text(manual + EVENING, encoding="utf-8")
    with (folder / "readers.csv").open("w", encoding="utf-8", newline="") as readers:
        rows = [(f"reader-{number}@example.org", f"Reader {number}") for number in range(READERS)]
        csv.writer(readers).writerows([("email", "name"), *rows])
    type_in("subscribers", "import", "readers.csv", "--newsletter", "evening")
    type_in("run", "evening")
    type_in("draft", "daily")
    stores = app.open_stores(load_config(file))
    name = stores.editions.resolve("daily/latest")
    stores.engine.dispose()
    return name


@contextmanager
def served(folder: Path, name: EditionName) -> Iterator[str]:
    """Serve the project's desk; yield its address."""
    config = load_config(folder / "config" / "digest.toml")
    with open_port("127.0.0.1", 0) as listener:
        server = make_server(make_desk(config, name), grace_seconds=1)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def photograph_page(browser: Browser, address: str, size: tuple[int, int]) -> Pillow.Image:
    """Return a page of the desk as a browser draws it, once its frames are there."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(address)
    page.wait_for_load_state("load")
    page.wait_for_timeout(800)  # the findings come after the page
    shot = page.screenshot()
    page.close()
    return Pillow.open(BytesIO(shot)).convert("RGB")


def main() -> None:
    """Photograph each page as on a screen, and the edition's three parts on a phone."""
    with tempfile.TemporaryDirectory() as parent, start_browser() as browser:
        folder = Path(parent) / "project"
        name = make_project(folder)
        config = load_config(folder / "config" / "digest.toml")
        stores = app.open_stores(config)
        second = stores.editions.get(name).items[1].story_id
        story = stores.stories.find(second)
        assert story is not None
        sent = stores.editions.resolve("evening/latest")
        stores.engine.dispose()
        words = {"edition": f"/editions/{name}/", "second": second, "source": story.source, "sent": str(sent)}
        with served(folder, name) as address:
            for picture, path in PAGES.items():
                save(photograph_page(browser, address + path.format(**words), SCREEN), f"{picture}.png")
            phones = [photograph_page(browser, address + path.format(**words), PHONE) for path in PHONE_PAGES]
            save(side_by_side(phones), "desk-phone.png")


if __name__ == "__main__":
    main()

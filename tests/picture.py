"""Draw the README's picture: the demo's email in a real browser, its upper part (`make picture`)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from digest.demo import run_demo

PICTURE = Path(__file__).resolve().parents[1] / "digest" / "help" / "daily.png"
WIDTH, HEIGHT = 700, 1180


def main() -> None:
    """Make the demo and photograph it."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        run_demo(Path(folder))
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"file://{folder}/email.html")
        page.screenshot(path=PICTURE)
        browser.close()
    print(PICTURE)


if __name__ == "__main__":
    main()

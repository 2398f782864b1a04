"""Read pages with one package: `python tests/bench/peers.py PACKAGE` takes a file's name a line, prints JSON lines.

It imports nothing of ours but for `ours`, so that the peers' own environment can run it. A line is
`{"text", "title", "cpu", "wall"}`; the seconds are those of making the text out of the file's bytes. The
first page is read once beforehand, untimed, and so is one that names no language, for what is loaded late.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

Read = Callable[[bytes], str]
Title = Callable[[bytes], str]


def ours() -> tuple[Read, Title]:
    story, errors, model = map(import_module, ("digest.extract.story", "digest.errors", "digest.model"))
    titles: dict[bytes, str] = {}

    def read(content: bytes) -> str:
        capture = model.Capture(
            source="page.html",
            kind=model.DocumentKind.PAGE,
            content=content,
            fetched_at=datetime(2026, 11, 24, tzinfo=UTC),
        )
        try:
            found = story.read_story(capture)
        except errors.NoStoryError:
            return ""
        titles[content] = found.title
        return str(found.text)

    return read, lambda content: titles.get(content, "")


def trafilatura() -> tuple[Read, Title]:
    package = import_module("trafilatura")

    def title(content: bytes) -> str:
        return str(package.extract_metadata(content).title or "")

    return lambda content: package.extract(content, favor_precision=True, include_comments=False) or "", title


def readability() -> tuple[Read, Title]:
    package, html_text = import_module("readability"), import_module("html_text")

    def read(content: bytes) -> str:
        return str(html_text.extract_text(package.Document(_decoded(content)).summary()))

    return read, lambda content: str(package.Document(_decoded(content)).short_title())


def resiliparse() -> tuple[Read, Title]:
    extract, parse = import_module("resiliparse.extract.html2text"), import_module("resiliparse.parse.html")

    def read(content: bytes) -> str:
        return str(extract.extract_plain_text(_decoded(content), main_content=True))

    return read, lambda content: str(parse.HTMLTree.parse(_decoded(content)).title)


def newspaper() -> tuple[Read, Title]:
    # It would ask the network for a list of domains: nothing listens there, and it takes its own copy.
    os.environ["HTTP_PROXY"] = os.environ["HTTPS_PROXY"] = "http://127.0.0.1:9"
    package = import_module("newspaper")
    titles: dict[bytes, str] = {}

    def parsed(content: bytes, language: str | None = None) -> Any:
        article = package.Article(
            "https://news.example/2026/11/a-story.html",
            fetch_images=False,
            **({"language": language} if language else {}),
        )
        article.download(input_html=_decoded(content))
        article.parse()
        return article

    def read(content: bytes) -> str:
        try:
            article = parsed(content)
        except (ImportError, LookupError):  # some languages want a package or data more
            article = parsed(content, language="en")
        titles[content] = article.title or ""
        return str(article.text or "")

    return read, lambda content: titles.get(content, "")


WARMING = b"<html><body>" + b"<p>The ferry left the pier at noon, and the mayor waved for a while.</p>" * 9

PACKAGES = {
    "ours": ours,
    "trafilatura": trafilatura,
    "readability": readability,
    "resiliparse": resiliparse,
    "newspaper4k": newspaper,
}


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def main(package: str) -> None:
    """Read the files named on stdin with one package."""
    read, title = PACKAGES[package]()
    for number, line in enumerate(sys.stdin):
        path = Path(line.rstrip("\n"))
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if number == 0:
            read(content), read(WARMING)
        cpu, wall = time.process_time(), time.perf_counter()
        text = read(content)
        seconds = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        print(json.dumps({"text": text, "title": title(content), **seconds}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])

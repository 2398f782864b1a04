"""Commands that read and condense: read, summarize, fetch."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from digest.cli.explaining import print_explained
from digest.cli.output import (
    DONE_WITH_FAILURES,
    AllowPrivateOption,
    ConfigOption,
    JsonOption,
    note,
    progress,
    report_failures,
    say,
    say_json,
)
from digest.cli.site_rules import check_rules, teach_rule
from digest.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from digest.ingest.fetch import Fetcher
    from digest.model import Blurb, Failure, Image, Story
    from digest.ports import Summarizer


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("read")(read)
    app.command("summarize")(summarize)
    app.command("fetch")(fetch)


def read(
    source: list[str] = typer.Argument(
        None,
        metavar="SOURCE",
        show_default=False,
        help="Files (.html .txt .xml .json .eml, or .gz of them), folders, addresses.",
    ),
    as_json: bool = JsonOption,
    explain: bool = typer.Option(
        False, "--explain", help="Say of each line of a text dump what it was taken for, and why."
    ),
    teach: list[str] = typer.Option(
        [],
        "--teach",
        metavar="FIELD=WORDS",
        help="Correct how the page is read (title='The headline') and keep that as a rule for its site.",
    ),
    check_sites: bool = typer.Option(
        False, "--check-sites", help="Look whether the rules for single sites still match their pages."
    ),
    allow_private: bool = AllowPrivateOption,
    config: Path | None = ConfigOption,
) -> None:
    """Read stories out of files, folders and addresses; store nothing."""
    from digest.app import now
    from digest.model import Failure

    if explain + bool(teach) + check_sites > 1:
        raise UsageError("--explain, --teach and --check-sites are asked for one at a time.")
    if not source and not check_sites:
        raise UsageError("Missing argument 'SOURCE...': name files, folders or addresses to read.")
    make_fetcher = partial(_fetcher, allow_private, config)
    if check_sites:
        check_rules(source or [], as_json=as_json, config=config, make_fetcher=make_fetcher, now=now())
        return
    if teach:
        teach_rule(source, teach, as_json=as_json, config=config, make_fetcher=make_fetcher, now=now())
        return
    if explain:
        print_explained(source, as_json=as_json, make_fetcher=make_fetcher, now=now())
        return
    failures = []
    for found in _stories(source, allow_private, config):
        if isinstance(found, Failure):
            failures.append(found)
            if as_json:
                say_json({"source": found.subject, "error": found.message})
        elif as_json:
            say_json(story_record(found))
        else:
            _print_story(found)
    report_failures(failures)
    if failures:
        raise typer.Exit(DONE_WITH_FAILURES)


def summarize(
    source: list[str] = typer.Argument(
        ..., help='As for read; \'-\' reads JSON Lines {"id", "title", "text"} from stdin.'
    ),
    words: int = typer.Option(60, "--words", min=5, help="At most so many words."),
    sentences: int | None = typer.Option(None, "--sentences", min=1, help="At most so many sentences."),
    as_json: bool = JsonOption,
    allow_private: bool = AllowPrivateOption,
    config: Path | None = ConfigOption,
) -> None:
    """Condense stories into blurbs, made of their own sentences or as the configuration's [summarizer] says."""
    from digest.model import Failure
    from digest.summarize.tally import tell_methods

    summarizer = _summarizer(config)
    failures, blurbs = [], []
    found = _stories_from_stdin() if source == ["-"] else _stories(source, allow_private, config)
    for made in _condensed(found, summarizer, words, sentences):
        if isinstance(made, Failure):
            failures.append(made)
            if as_json:
                say_json({"source": made.subject, "error": made.message})
            continue
        story, blurb = made
        blurbs.append(blurb)
        if as_json:
            say_json(blurb_record(story, blurb))
        else:
            say(f"{story.title}\n\n{blurb.text or f'(No blurb. {blurb.note})'}\n")
    if told := tell_methods(blurbs):
        note(f"digest: {told}.")
    report_failures(failures)
    if failures:
        raise typer.Exit(DONE_WITH_FAILURES)


def fetch(
    name: list[str] = typer.Argument(
        None, help="Sources to read; all that are configured where none is named."
    ),
    config: Path | None = ConfigOption,
) -> None:
    """Read the configured sources, or those named, into the store."""
    from digest.app import make_fetcher, make_site_rules, now, open_config, open_stores
    from digest.pipeline.reading import fetch_sources

    settings = open_config(config)
    unknown = sorted(set(name or ()) - {source.name for source in settings.sources})
    if unknown:
        known = ", ".join(source.name for source in settings.sources) or "none is configured"
        raise UsageError(f"There is no source named {', '.join(unknown)} (known: {known}).")
    wanted = [source for source in settings.sources if not name or source.name in name]
    if not wanted:
        raise ConfigError(["No source is configured. Add a [[sources]] table to the configuration."])
    rules = make_site_rules(settings)
    stores = open_stores(settings)
    done: list[str] = []
    with progress("Reading sources") as show, make_fetcher(settings) as fetcher:

        def tick(one: object) -> None:
            done.append("")
            show(len(done), len(wanted))

        report = fetch_sources(
            wanted,
            config=settings,
            stories=stores.stories,
            fetcher=fetcher,
            now=now(),
            rules=rules,
            on_done=tick,
        )
    report_failures(report.failures + report.notices)
    say(f"Read {report.read} stories from {len(wanted)} sources, {report.new} of them new.")
    if report.failures:
        raise typer.Exit(DONE_WITH_FAILURES if report.reached else 1)


def story_record(story: Story) -> dict[str, Any]:
    """Return a story as `digest read --json` prints it."""
    return {
        "source": story.source,
        "id": story.id,
        "url": story.url,
        "title": story.title,
        "description": story.description,
        "authors": list(story.authors),
        "published_at": story.published_at.isoformat() if story.published_at else None,
        "site": story.site,
        "section": story.section,
        "tags": list(story.tags),
        "language": story.language,
        "text": story.text,
        "lead_image": image_record(story.lead_image),
        "images": [image_record(image) for image in story.images],
        "related": [{"title": link.title, "url": link.url} for link in story.related],
    }


def image_record(image: Image | None) -> dict[str, Any] | None:
    """Return a picture as the JSON of stories and blurbs holds it."""
    if image is None:
        return None
    names = ("url", "alt", "caption", "credit", "width", "height")
    return {name: getattr(image, name) for name in names}


def blurb_record(story: Story, blurb: Blurb) -> dict[str, Any]:
    """Return a blurb as `digest summarize --json` prints it."""
    return {
        "id": story.id,
        "title": story.title,
        "url": story.url,
        "text": blurb.text,
        "sentences": sentence_records(blurb, story.language),
        "image": image_record(blurb.image),
        "method": blurb.method,
        **({"note": blurb.note} if blurb.note else {}),
        **({"fell_back": blurb.fell_back} if blurb.fell_back else {}),
    }


def sentence_records(blurb: Blurb, language: str) -> list[dict[str, Any]]:
    """Return a blurb's sentences as JSON holds them; where the story has one in other words, its offsets are null."""
    records = [{"text": s.text, "start": s.start, "end": s.end} for s in blurb.sentences]
    if not blurb.method.startswith("remote/"):
        return records
    from digest.summarize.sentences import split_sentences

    places = {record["text"]: record for record in records}
    return [
        places.get(one.text, {"text": one.text, "start": None, "end": None})
        for one in split_sentences(blurb.text, language=language)
    ]


def _summarizer(config: Path | None) -> Summarizer:
    """Make the configured summarizer; condensing works without a configuration."""
    from digest.app import make_summarizer, open_config

    if config is None and not _may_be_remote():
        return make_summarizer()
    from digest.config import find_config

    try:
        found = find_config(config)
    except ConfigError:
        return make_summarizer()
    return make_summarizer(open_config(found))


def _may_be_remote() -> bool:
    """Say whether a configuration may name a remote summarizer: reading it takes as long as a hundred stories."""
    if "DIGEST_SUMMARIZER__KIND" in os.environ:
        return True
    named = os.environ.get("DIGEST_CONFIG")
    for path in [Path(named)] if named else [Path("config/digest.toml"), Path("digest.toml")]:
        if path.is_file():
            return re.search(rb"^[^#\n]*\bremote\b", path.read_bytes(), re.MULTILINE) is not None
    return bool(named)


def _condensed(
    found: Iterable[Story | Failure], summarizer: Summarizer, words: int, sentences: int | None
) -> Iterator[tuple[Story, Blurb] | Failure]:
    """Yield each story with its blurb, and what could not be read, in input order."""
    from digest.model import Failure

    waiting: deque[Story | Failure] = deque()

    def stories() -> Iterator[Story]:
        for one in found:
            waiting.append(one)
            if not isinstance(one, Failure):
                yield one

    for blurb in summarizer.summarize_all(stories(), words=words, sentences=sentences):
        while isinstance(one := waiting.popleft(), Failure):
            yield one
        yield one, blurb
    for one in waiting:
        assert isinstance(one, Failure)
        yield one


def _stories(arguments: list[str], allow_private: bool, config: Path | None) -> Iterator[Story | Failure]:
    from digest.app import find_site_rules, now
    from digest.pipeline.reading import read_arguments

    return read_arguments(
        arguments,
        make_fetcher=lambda: _fetcher(allow_private, config),
        now=now(),
        rules=find_site_rules(config),
    )


def _fetcher(allow_private: bool, config: Path | None) -> Fetcher:
    """Make a fetcher from the configuration where there is one: reading works without."""
    from digest.app import make_fetcher, open_config
    from digest.config import find_config

    try:
        found = find_config(config)
    except ConfigError:
        return make_fetcher(None, allow_private=allow_private)
    return make_fetcher(open_config(found), allow_private=allow_private)


def _stories_from_stdin() -> Iterator[Story | Failure]:
    """Read JSON Lines; a line that is none is a Failure and costs only itself."""
    from digest.charset import sound
    from digest.model import Failure, Story, StoryId

    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            yield Story(
                id=StoryId(str(record.get("id") or number)),
                source="-",
                title=sound(str(record.get("title") or "")),
                text=sound(_required_text(record)),
                url=record.get("url"),
                language=str(record.get("language") or "en"),
            )
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            message = f'Line {number} is not a JSON object with a "text". Give one object a line.'
            yield Failure(subject=f"line {number}", message=message)


def _required_text(record: dict[str, Any]) -> str:
    text = record["text"]
    if not isinstance(text, str):
        raise ValueError("there is no text")
    return text


def _print_story(story: Story) -> None:
    facts = [
        story.site,
        ", ".join(story.authors),
        story.published_at.strftime("%Y-%m-%d %H:%M") if story.published_at else None,
        f"{len(story.text.split())} words",
    ]
    say(story.title)
    say(" · ".join(fact for fact in facts if fact))
    if story.lead_image and story.lead_image.caption:
        credit = f" ({story.lead_image.credit})" if story.lead_image.credit else ""
        say(f"Picture: {story.lead_image.caption}{credit}")
    say(f"\n{story.text}\n")

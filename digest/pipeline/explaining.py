"""Tell of each line of a text dump what it was taken for, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from digest.errors import FetchError
from digest.extract.dump import explain_dump
from digest.ingest.documents import open_documents
from digest.ingest.fetch import Fetcher
from digest.model import Capture, DocumentKind, Failure
from digest.pipeline.reading import is_address


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedLine:
    """One line of a dump that holds text. `number` counts all its lines from 1."""

    number: int
    role: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedDump:
    """A dump's lines with their roles, in order."""

    source: str
    lines: tuple[ExplainedLine, ...]


def explain_arguments(
    arguments: Iterable[str], *, make_fetcher: Callable[[], Fetcher], now: datetime
) -> Iterator[ExplainedDump | Failure]:
    """Explain the text dumps that `arguments` name, in input order; each that cannot be read is a Failure.

    So is a page or a feed: these have no lines to explain.
    """
    for document in _documents(arguments, make_fetcher, now):
        yield document if isinstance(document, Failure) else _explained(document)


def _documents(
    arguments: Iterable[str], make_fetcher: Callable[[], Fetcher], now: datetime
) -> Iterator[Capture | Failure]:
    for argument in arguments:
        if not is_address(argument):
            yield from open_documents([argument], now=now)
            continue
        try:
            with make_fetcher() as fetcher:
                fetched = fetcher.fetch(argument, source=argument, now=now)
        except FetchError as exc:
            yield Failure(subject=argument, message=str(exc))
            continue
        if fetched.capture is not None:
            yield fetched.capture


def _explained(document: Capture) -> ExplainedDump | Failure:
    if document.kind is not DocumentKind.DUMP:
        kind = "page (HTML)" if document.kind is DocumentKind.PAGE else str(document.kind)
        return Failure(
            subject=document.source,
            message=f"{document.source} is a {kind}, and --explain tells the lines of text dumps alone. "
            "Read it with --json to see all that was found.",
        )
    lines = explain_dump(document.content, encoding=document.encoding)
    return ExplainedDump(
        source=document.source,
        lines=tuple(
            ExplainedLine(number=number, role=str(role), rule=rule, text=text)
            for number, text, role, rule in lines
        ),
    )

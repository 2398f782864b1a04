"""Look whether the rules for single sites still match their sites' pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.errors import SourceError
from digest.extract.page import parse_page
from digest.extract.site_rules import SiteRule, SiteRules, counts_of
from digest.extract.teaching import page_address
from digest.ingest.documents import open_documents
from digest.ingest.fetch import Fetcher
from digest.model import Capture, DocumentKind, Failure
from digest.pipeline.reading import is_address


class SiteState(StrEnum):
    """What looking at a rule's page showed."""

    FINE = "fine"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCheck:
    """One field of a rule: its selectors, how many elements they match, and how many they did when it was taught."""

    name: str
    selectors: tuple[str, ...]
    found: int
    taught: int | None
    is_broken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCheck:
    """One rule held against one page. `rule` is its file's name; empty where a page has no rule."""

    rule: str
    site: str
    page: str
    state: SiteState
    message: str
    fields: tuple[FieldCheck, ...] = ()


def check_sites(
    rules: SiteRules, sources: Iterable[str], *, make_fetcher: Callable[[], Fetcher], now: datetime
) -> Iterator[SiteCheck]:
    """Check each rule on its remembered page; where `sources` are given, the rules of these pages on them."""
    fetcher: Fetcher | None = None

    def fetched(address: str) -> Capture:
        nonlocal fetcher
        fetcher = fetcher or make_fetcher()
        capture = fetcher.fetch(address, source=address, now=now).capture
        if capture is None:
            raise SourceError(f"{address} gave nothing new. Try again later.")
        return capture

    try:
        given = list(sources)
        if given:
            for source in given:
                yield from _check_source(source, rules, fetched, now)
            return
        for rule in rules.rules:
            yield _check_remembered(rule, fetched)
    finally:
        if fetcher is not None:
            fetcher.close()


def _check_remembered(rule: SiteRule, fetched: Callable[[str], Capture]) -> SiteCheck:
    if rule.example is None:
        return _unchecked(rule, "", "no page is remembered with it. Name one after --check-sites.")
    try:
        return check_rule(rule, fetched(rule.example.url), is_example=True)
    except SourceError as exc:
        return _unchecked(rule, rule.example.url, str(exc))


def _check_source(
    source: str, rules: SiteRules, fetched: Callable[[str], Capture], now: datetime
) -> Iterator[SiteCheck]:
    documents: Iterable[Capture | Failure]
    try:
        documents = [fetched(source)] if is_address(source) else open_documents([source], now=now)
        for document in documents:
            if isinstance(document, Failure):
                yield _unread(document.subject, document.message)
                continue
            yield _check_page(document, rules)
    except SourceError as exc:
        yield _unread(source, str(exc))


def _check_page(capture: Capture, rules: SiteRules) -> SiteCheck:
    if capture.kind is not DocumentKind.PAGE:
        return _unread(capture.source, "is not a page (HTML), and rules are for pages alone.")
    try:
        address = page_address(capture, parse_page(capture))
    except SourceError as exc:
        return _unread(capture.source, str(exc))
    rule = rules.find(address)
    if rule is None:
        return _unread(capture.source, f"no rule is for its address, {address or 'which it does not say'}.")
    return check_rule(rule, capture, is_example=rule.example is not None and address == rule.example.url)


def check_rule(rule: SiteRule, capture: Capture, *, is_example: bool = False) -> SiteCheck:
    """Hold a rule against a page, which may be the one remembered with it.

    A field is broken when it matches nothing. What is dropped need not be on every page: it is broken only on
    the page where it was seen.
    """
    taught = rule.example.found if rule.example and is_example else {}
    fields = tuple(
        FieldCheck(
            name=name,
            selectors=tuple(selector.css for selector in rule.selectors[name]),
            found=found,
            taught=taught.get(name),
            is_broken=not found and (taught.get(name, 0) > 0 or (name != "drop" and name not in taught)),
        )
        for name, found in counts_of(rule, parse_page(capture)).items()
    )
    broken = [field for field in fields if field.is_broken]
    return SiteCheck(
        rule=rule.name,
        site=rule.site,
        page=capture.url or capture.source,
        state=SiteState.BROKEN if broken else SiteState.FINE,
        message=_told(broken or list(fields)),
        fields=fields,
    )


def _told(fields: list[FieldCheck]) -> str:
    if not any(field.is_broken for field in fields):
        return ", ".join(f"{field.name} {field.found}" for field in fields)
    told = []
    for field in fields:
        before = f" ({field.taught} when it was taught)" if field.taught else ""
        told.append(f"{field.name} “{', '.join(field.selectors)}” matches nothing any more{before}")
    return "; ".join(told)


def _unchecked(rule: SiteRule, page: str, message: str) -> SiteCheck:
    return SiteCheck(rule=rule.name, site=rule.site, page=page, state=SiteState.UNCHECKED, message=message)


def _unread(source: str, message: str) -> SiteCheck:
    return SiteCheck(rule="", site="", page=source, state=SiteState.UNCHECKED, message=message)

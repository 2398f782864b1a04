"""Say when each reader is to get an edition of a newsletter that goes out by its readers' clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache

from digest.config import NewsletterSettings
from digest.model import Edition, EditionName
from digest.pipeline.parts import Parts
from digest.store.mailing import HourOf, ReaderHour
from digest.store.subscribers import Subscribers
from digest.timetable import Timing, edition_date, is_zone, last_moment, moment_in

ZONES_KEPT = timedelta(minutes=5)
"""How long the zones of a newsletter's readers are taken to be the same."""


def timing_of(settings: NewsletterSettings, reader_zones: Iterable[str | None] = ()) -> Timing:
    """Return a newsletter's hour as the timetable takes it; `reader_zones` count where it goes by readers' clocks."""
    zones = {_usable(zone, settings) for zone in reader_zones} if settings.is_by_reader else set()
    return Timing(
        send_at=time.fromisoformat(settings.send_at),
        zone=settings.zone,
        zones=tuple(sorted(zones)),
        days=settings.days,
        month_days=settings.month_days,
        except_dates=frozenset(settings.except_dates),
        too_late=_too_late(settings),
        draft_before=timedelta(minutes=settings.draft_minutes_before),
    )


def timing_now(settings: NewsletterSettings, newsletter: str, readers: Subscribers) -> Timing:
    """Return a newsletter's hour as its readers of this moment make it."""
    return timing_of(settings, readers.reader_zones(newsletter) if settings.is_by_reader else ())


class Timings:
    """The hours of all newsletters, for one who asks every few seconds: readers' zones are looked up now and then."""

    def __init__(
        self,
        newsletters: Mapping[str, NewsletterSettings],
        readers: Subscribers,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._newsletters = newsletters
        self._readers = readers
        self._now = now
        self._known: dict[str, Timing] = {}
        self._known_at: datetime | None = None

    def __call__(self) -> dict[str, Timing]:
        """Return them as they were at most `ZONES_KEPT` ago."""
        now = self._now()
        if self._known_at is None or not self._known_at <= now < self._known_at + ZONES_KEPT:
            self._known = {
                name: timing_now(settings, name, self._readers)
                for name, settings in self._newsletters.items()
            }
            self._known_at = now
        return self._known


def date_now(parts: Parts) -> date:
    """Return the date of an edition made now."""
    return edition_date(timing_now(parts.settings, parts.newsletter.name, parts.stores.mailing), parts.now())


def hours_of(parts: Parts, edition: Edition) -> HourOf | None:
    """Return what tells each reader's hour; None where all are to get the edition at once.

    That is so where a person set its moment, or sends it by hand after the last reader's hour is long past.
    """
    settings, name, now = parts.settings, edition.name, parts.now()
    if not settings.is_by_reader or edition.send_at is not None:
        return None
    timing = timing_now(settings, name.newsletter, parts.stores.mailing)
    if now - last_moment(timing, name.date) > timing.too_late:
        return None

    @cache
    def hour_of(zone: str | None) -> ReaderHour:
        where = _usable(zone, settings)
        at = moment_in(where, name.date, timing.send_at)
        is_late = now - at > timing.too_late
        return ReaderHour(at=at, too_late=_reason(settings, f" in {where}") if is_late else "")

    return hour_of


def skip_late(parts: Parts, name: EditionName) -> int:
    """Skip who waits for an hour that passed too long ago, while nothing ran; return how many."""
    settings, now = parts.settings, parts.now()
    if not settings.is_by_reader:
        return 0
    return parts.stores.mailing.skip_late(
        name, before=now - _too_late(settings), reply=_reason(settings, ""), now=now
    )


def last_hour(parts: Parts, name: EditionName) -> tuple[int, datetime | None]:
    """Count the readers whose hour is still to come, and return the last one's."""
    return parts.stores.mailing.hours_ahead(name, now=parts.now())


def _reason(settings: NewsletterSettings, where: str) -> str:
    return f"too late: {settings.send_at}{where} was more than {settings.too_late_hours:g} hours ago"


def _too_late(settings: NewsletterSettings) -> timedelta:
    return timedelta(hours=settings.too_late_hours)


def _usable(zone: str | None, settings: NewsletterSettings) -> str:
    return zone if zone and is_zone(zone) else settings.zone

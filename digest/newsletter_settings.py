"""The table of a newsletter in the configuration file: its hour, its days, its readers, its stories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from digest.errors import AddressError
from digest.mailbox import parse_address
from digest.service_settings import CalledUrl
from digest.settings import Address, OptionalAddress, Table

BRIEF_WORDS = 35
"""Words of a blurb in the layout `brief`, unless `blurb_words` says otherwise: twelve are read in three minutes."""
LAST_DAY = "last"
LONGEST_LEAD = 720
"""Minutes: a draft made a day ahead would not know yet what the edition before it prints."""
BY_READER = "subscriber"
"""The `timezone` of a newsletter that each reader gets at its hour where she is."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _check_plain_address(value: str) -> str:
    if value:
        try:
            parse_address(value)
        except AddressError as exc:
            raise ValueError(str(exc)) from exc
    return value


def _check_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{value!r} is not a time zone such as 'Europe/Berlin' or 'America/New_York'"
        ) from None
    return value


def _check_zone_or_reader(value: str) -> str:
    if value == BY_READER:
        return value
    try:
        return _check_zone(value)
    except ValueError as exc:
        raise ValueError(f"{exc}, nor '{BY_READER}': each reader's own") from None


def _check_hour(value: str) -> str:
    try:
        time.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is not an hour such as '06:30'") from None
    if len(value) != 5:
        raise ValueError(f"{value!r} is not an hour such as '06:30'")
    return value


def _read_dates(value: object) -> object:
    if not isinstance(value, (list, tuple)):
        raise ValueError('a list of dates is wanted, such as ["2026-12-25"]')
    return tuple(_read_date(one) for one in value)


def _read_date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and len(value) == len("2026-12-25"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f"{str(value)!r} is no date of the calendar. Write one as '2026-12-25'")


def _read_month_days(value: object) -> object:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f'a list of days of the month is wanted, such as [1, 15, "{LAST_DAY}"]')
    for one in value:
        is_day = isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= 31
        if not is_day and one != LAST_DAY:
            raise ValueError(f'{one!r} is no day of the month. Write 1 to 31, or "{LAST_DAY}" for the last')
    return value


def _refuse_text(value: object) -> object:
    if isinstance(value, str):
        raise ValueError(f'{value!r} is one text, and a list is wanted, such as ["ferry", "night train"]')
    return value


def _refuse_no_table(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError("a table is wanted, with a line for each section, such as: City = 4")
    return value


def _check_phrases(values: tuple[str, ...]) -> tuple[str, ...]:
    if any(not value.strip() for value in values):
        raise ValueError("a word or phrase in this list is empty. Remove it, or write one")
    return values


def _check_section_limits(value: dict[str, int]) -> dict[str, int]:
    seen: dict[str, str] = {}
    for section in value:
        other = seen.setdefault(section.strip().casefold(), section)
        if other != section:
            raise ValueError(f"'{other}' and '{section}' are one section. Keep one of the lines")
    return value


Zone = Annotated[str, AfterValidator(_check_zone)]
ZoneOrReader = Annotated[str, AfterValidator(_check_zone_or_reader)]
Hour = Annotated[str, AfterValidator(_check_hour)]
Dates = Annotated[tuple[date, ...], BeforeValidator(_read_dates)]
MonthDays = Annotated[tuple[int | Literal["last"], ...], BeforeValidator(_read_month_days)]
Phrases = Annotated[tuple[str, ...], BeforeValidator(_refuse_text), AfterValidator(_check_phrases)]
SectionLimits = Annotated[
    dict[str, Annotated[int, Field(ge=0, le=100)]],
    BeforeValidator(_refuse_no_table),
    AfterValidator(_check_section_limits),
]


class NewsletterSettings(Table):
    """One `[newsletters.NAME]`."""

    title: str = Field(default="The Daily Dose", min_length=1)
    sender: Address = Field(alias="from")
    send_at: Hour = "06:30"
    timezone: ZoneOrReader = "America/New_York"
    default_timezone: Zone = "UTC"
    days: tuple[Weekday, ...] = Field(default=WEEKDAYS, min_length=1)
    month_days: MonthDays = ()
    except_dates: Dates = ()
    draft_minutes_before: float = Field(default=30, ge=0, le=LONGEST_LEAD)
    sources: tuple[str, ...] = ("*",)
    min_stories: int = Field(default=1, ge=1)
    max_stories: int = Field(default=12, ge=1, le=100)
    max_age_hours: float = Field(default=36, gt=0, le=100_000)
    sections: SectionLimits = Field(default_factory=dict)
    keywords: Phrases = ()
    avoid: Phrases = ()
    blurb_words: int = Field(default=60, ge=10, le=400)
    approval: Literal["auto", "manual"] = "auto"
    unapproved: Literal["hold", "send"] = "hold"
    too_late_hours: float = Field(default=6, gt=0, le=48)
    readers: tuple[Address, ...] = ()
    sign_up: bool = True
    consent_text: str = Field(default="", max_length=2000)
    editor: OptionalAddress = ""
    editor_webhook: CalledUrl = ""
    ping_url: CalledUrl = ""
    silent_days: float = Field(default=3, ge=0, le=1000)
    reply_to: OptionalAddress = ""
    template: str = Field(default="daily", pattern=r"^[\w-]+$")
    images: Literal["auto", "host", "attach", "link", "none"] = "auto"
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z]+)?$")
    theme: dict[str, str | int] = Field(default_factory=dict)
    share: bool = False
    tip_line: Annotated[str, AfterValidator(_check_plain_address)] = ""

    @model_validator(mode="before")
    @classmethod
    def _a_brief_is_brief(cls, data: Any) -> Any:
        """Ask for shorter blurbs where the layout is the brief and the file does not say how long they are."""
        if isinstance(data, dict) and data.get("template") == "brief":
            return {"blurb_words": BRIEF_WORDS} | data
        return data

    @property
    def is_by_reader(self) -> bool:
        """Say whether each reader gets it at its hour where she is."""
        return self.timezone == BY_READER

    @property
    def zone(self) -> str:
        """Return the newsletter's own zone: that of readers without one where each gets it at her own hour."""
        return self.default_timezone if self.is_by_reader else self.timezone

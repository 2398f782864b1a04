"""What the last fetch of an address left, apart from the database that keeps it: reading alone needs none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LastFetch:
    """What the last fetch of one address left: validators kept verbatim, failures in a row, when to come again."""

    etag: str | None = None
    last_modified: str | None = None
    fetched_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    retry_at: datetime | None = None

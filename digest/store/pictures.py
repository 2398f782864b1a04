"""Keep the pictures that were made ready, so that each is fetched and cropped once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine, Row, select

from digest.model import Image, Picture
from digest.store.bulk import upsert
from digest.store.database import reading
from digest.store.tables import pictures

_FACTS = ("name", "content", "content_type", "width", "height")


def picture_key(image: Image, size: tuple[int, int], *, rule: int) -> str:
    """Return what a prepared picture is kept under: where it came from, the size asked for, the rule of cropping."""
    origin = str(image.url)
    if image.file is not None:
        try:
            facts = image.file.stat()
            origin = f"{image.file}:{facts.st_mtime_ns}:{facts.st_size}"
        except OSError:
            origin = str(image.file)
    return hashlib.sha256(f"{origin}|{size[0]}x{size[1]}|{rule}".encode()).hexdigest()


class Pictures:
    """The prepared pictures of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, key: str, *, problems_since: datetime) -> Picture | str | None:
        """Return the picture, the problem that there was with it since then, or None where it is not known."""
        return self.find_all([key], problems_since=problems_since).get(key)

    def find_all(self, keys: Iterable[str], *, problems_since: datetime) -> dict[str, Picture | str]:
        """Return by their keys the pictures that are known, and the problems that there were with some since then."""
        query = select(pictures).where(pictures.c.key.in_(list(keys)))
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        known = [row for row in rows if row.content is not None or row.made_at >= problems_since]
        return {row.key: _picture(row) if row.content is not None else str(row.problem) for row in known}

    def find_by_name(self, name: str) -> Picture | None:
        """Return the prepared picture of that name, or None."""
        query = select(pictures).where(pictures.c.name == name).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _picture(row)

    def save(self, key: str, picture: Picture | str, *, now: datetime) -> None:
        """Keep a picture, or the problem with it."""
        row: dict[str, object] = {"key": key, "made_at": now}
        if isinstance(picture, str):
            row |= dict.fromkeys(_FACTS) | {"problem": picture}
        else:
            row |= {name: getattr(picture, name) for name in _FACTS} | {"problem": None}
        with self._engine.begin() as connection:
            upsert(connection, pictures, row)


def _picture(row: Row[tuple[object, ...]]) -> Picture:
    return Picture(**{name: getattr(row, name) for name in _FACTS})

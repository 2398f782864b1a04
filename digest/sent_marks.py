"""Remember outside the database which editions were sent, so that a restored old store repeats none of them.

One small file an edition, `var/sent/NEWSLETTER/DATE`, holds how many messages of it were sent. It is on the
disk before the first message goes out.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from urllib.parse import quote

from digest.errors import StoreError
from digest.model import EditionName

FOLDER = "var/sent"
KEPT = 60
"""Marks kept of a newsletter: an older edition is too late to be sent by any rule."""


class SentMarks:
    """The marks of one project."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, name: EditionName) -> int | None:
        """Return how many messages of an edition were sent, 0 where its send began; None where it never did.

        A mark that cannot be read says that the send began. Raises StoreError where the disk does not answer.
        """
        try:
            text = self._path(name).read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise StoreError(f"The mark {self._path(name)} cannot be read ({exc.strerror}).") from exc
        return int(text) if text.isascii() and text.isdigit() else 0

    def write(self, name: EditionName, sent: int) -> None:
        """Put a mark on the disk durably; one with a higher number stays. Raises StoreError where that fails."""
        if (known := self.find(name)) is not None and known >= sent:
            return
        path = self._path(name)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("w", encoding="ascii") as file:
                file.write(f"{sent}\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _sync(path.parent)
            if known is None:
                self._forget_old(path.parent)
        except OSError as exc:
            raise StoreError(
                f"The mark {path}, which keeps a restored store from sending {name} again, cannot be written "
                f"({exc.strerror}). Mend the disk or the folder's permissions."
            ) from exc

    def _path(self, name: EditionName) -> Path:
        return self._folder / quote(name.newsletter, safe="") / name.date.isoformat()

    def _forget_old(self, folder: Path) -> None:
        for old in sorted(one for one in folder.iterdir() if _is_date(one.name))[:-KEPT]:
            old.unlink(missing_ok=True)


def is_older_than(mark: int | None, *, is_sent: bool, sent: int) -> bool:
    """Say whether a store is older than an edition's mark: it knows of no send, or of fewer messages."""
    return mark is not None and (not is_sent or sent < mark)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_date(name: str) -> bool:
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return True

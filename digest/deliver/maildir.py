"""Read a Maildir on this machine: new letters are looked at where they are, handled ones go to its folder Handled."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG

from digest.errors import DeliveryError

HANDLED = ".Handled"
"""As Maildir++ names a folder, which Dovecot and Courier show as `Handled`."""
_SEEN = "S"


class Maildir:
    """A Maildir. A letter is known by its file's name without the flags, which mail programs change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: dict[str, Path] = {}

    @property
    def name(self) -> str:
        """Return its path."""
        return f"maildir {self._path.resolve()}"

    def letters(self) -> list[str]:
        """Return the letters that nobody has seen, by age as their names tell it."""
        self._files = {}
        for folder in ("new", "cur"):
            with _named(self._path), os.scandir(self._path / folder) as entries:
                for entry in entries:
                    letter, _, flags = entry.name.partition(":2,")
                    if not entry.name.startswith(".") and _SEEN not in flags:
                        self._files[letter] = Path(entry.path)
        return sorted(self._files, key=_age)

    def read(self, letter: str, *, most: int) -> bytes | None:
        """Return a letter's bytes; None where another program has moved it. Links, pipes and folders are none."""
        file = self._files[letter]
        with _named(self._path):
            try:
                if not S_ISREG(file.lstat().st_mode):
                    return b""
                with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as content:
                    return content.read(most)
            except FileNotFoundError:
                return None

    def file_away(self, letters: Sequence[str]) -> None:
        """Move letters to the folder Handled, seen; where there can be none, mark them as seen where they are."""
        if not letters:
            return
        try:
            target = self._make_folder()
        except OSError:
            target = self._path / "cur"
        for letter in letters:
            file = self._files[letter]
            flags = file.name.partition(":2,")[2]
            name = f"{letter}:2,{''.join(sorted({*flags, _SEEN}))}"
            with _named(self._path), suppress(FileNotFoundError):
                file.rename(target / name)

    def _make_folder(self) -> Path:
        folder = self._path / HANDLED
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "maildirfolder").touch(mode=0o600)
        return folder / "cur"


@contextmanager
def open_maildir(path: Path) -> Iterator[Maildir]:
    """Open a Maildir; raise DeliveryError where there is none or it cannot be read."""
    for folder in ("new", "cur"):
        if not (path / folder).is_dir():
            raise DeliveryError(
                f"There is no Maildir at {path}: it has no folder '{folder}'. Check bounces.path, and that this "
                "account may look into it."
            )
    yield Maildir(path)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        told = (exc.strerror or str(exc)).lower()
        raise DeliveryError(
            f"Cannot use the Maildir {path} ({told}). This account must be able to read and change it."
        ) from exc


def _age(letter: str) -> tuple[int, str]:
    """Return what puts letters in order: names start with the second they came."""
    second = letter.partition(".")[0]
    return (int(second) if second.isascii() and second.isdigit() and len(second) < 20 else 0, letter)

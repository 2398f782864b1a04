"""Deliver into a folder: one .eml file a message."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path

from digest.errors import DeliveryError
from digest.model import DeliveryState, Envelope, Outcome
from digest.ports import BeforeDot, always

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>\r\n]+)>", re.IGNORECASE | re.MULTILINE)


class FolderTransport:
    """Write each message to a file named after its Message-ID, so that a repeat replaces and never doubles."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def open(self) -> None:
        """Make the folder; raise DeliveryError when that cannot be."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise self._error(exc) from exc

    async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
        """Write one message: whole or not at all. Raises DeliveryError when the folder cannot be written."""
        await self.open()
        path = self._path / file_name(envelope.content)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                file.write(envelope.content)
                file.flush()
                os.fsync(file.fileno())
            if not await before_dot():
                return Outcome(state=DeliveryState.QUEUED, reply="another process took the delivery over")
            draft.replace(path)
        except OSError as exc:
            raise self._error(exc) from exc
        finally:
            draft.unlink(missing_ok=True)
        return Outcome(state=DeliveryState.SENT, reply=f"written to {path.name}")

    async def close(self) -> None:
        """Nothing is held open."""

    def _error(self, exc: OSError) -> DeliveryError:
        return DeliveryError(
            f"Cannot write to the folder {self._path} ({(exc.strerror or str(exc)).lower()}). Check smtp.path."
        )


def file_name(content: bytes) -> str:
    """Return the name of a message's file: its Message-ID in the letters that any file system takes."""
    found = _MESSAGE_ID.search(content)
    if found is None:
        return f"{sha256(content).hexdigest()[:32]}.eml"
    plain = re.sub(r"[^A-Za-z0-9.@_-]+", "_", found[1].decode("ascii", "replace")).strip(".")
    return f"{plain[:150]}.eml"

"""Get the access token that a mail server wants in a password's place, from a command or a file."""

from __future__ import annotations

import shlex
import subprocess
import threading
from pathlib import Path

from digest.errors import DeliveryError

COMMAND_SECONDS = 60.0


class TokenSource:
    """Where tokens come from: the first line of a file, read each time, or what a command prints, kept until refused.

    The connections of a send share one, each in a thread of its own.
    """

    def __init__(self, *, command: str = "", file: Path | None = None) -> None:
        self._command = command
        self._file = file
        self._kept = ""
        self._lock = threading.Lock()

    def get(self) -> str:
        """Return a token; raise DeliveryError where there is none to be had."""
        return self.renew("")

    def renew(self, refused: str) -> str:
        """Return another token than the one refused, or the same again where no other is to be had."""
        with self._lock:
            if self._file is not None:
                return self._read(self._file)
            if not self._kept or self._kept == refused:
                self._kept = self._run()
            return self._kept

    def _read(self, file: Path) -> str:
        try:
            return _first_line(file.read_text(encoding="ascii"), told=f"smtp.token_file: {file}")
        except (OSError, UnicodeDecodeError) as exc:
            told = exc.strerror if isinstance(exc, OSError) and exc.strerror else "it is no ASCII"
            raise DeliveryError(f"smtp.token_file: cannot read {file} ({told.lower()}).") from exc

    def _run(self) -> str:
        told = f"smtp.token_command: '{self._command}'"
        try:
            done = subprocess.run(
                shlex.split(self._command),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=COMMAND_SECONDS,
                check=True,
                encoding="ascii",
            )
        except subprocess.CalledProcessError as exc:
            words = " ".join(str(exc.stderr).split())[-200:] or "it said nothing"
            raise DeliveryError(f"{told} ended with {exc.returncode}: {words}. Try it by hand.") from exc
        except subprocess.TimeoutExpired as exc:
            raise DeliveryError(f"{told} gave no token within {COMMAND_SECONDS:g} seconds.") from exc
        except (OSError, ValueError) as exc:
            raise DeliveryError(f"{told} cannot be run ({str(exc).lower()}).") from exc
        return _first_line(done.stdout, told=told)


def _first_line(text: str, *, told: str) -> str:
    """Return the token alone: printable, without spaces, so that it cannot carry another command."""
    line = text.strip().partition("\n")[0].strip()
    if not line or not line.isprintable() or " " in line:
        raise DeliveryError(f"{told} has no token on its first line.")
    return line

"""Read a mailbox by IMAP (RFC 3501): letters are peeked at, handled ones marked as seen and moved (RFC 6851)."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from digest.errors import DeliveryError

HANDLED = "Handled"
AT_ONCE = 100
_NAMESPACE = re.compile(rb'\(\("((?:[^"\\]|\\.)*)" (?:"(?:[^"\\]|\\.)*"|NIL)')


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """Where the box is. `security` is none, starttls or tls; `ca_file` is the authority in place of the machine's."""

    host: str
    port: int
    security: str
    username: str
    password: str
    folder: str = "INBOX"
    ca_file: Path | None = None
    timeout_seconds: float = 60


class ImapBox:
    """A folder that is open. A letter is known by its UID, which holds as long as UIDVALIDITY does."""

    def __init__(self, line: imaplib.IMAP4, server: ImapServer) -> None:
        self._line = line
        self._server = server
        self._moves_to: str | None = None
        validity = line.response("UIDVALIDITY")[1] or [b""]
        # `line.capabilities` is what the server could do before the login: many tell of MOVE only after it
        told = _asked(line.capability())
        self._can = set(b" ".join(one for one in told if isinstance(one, bytes)).upper().split())
        self._validity = (validity[0] or b"").decode("ascii", "replace")

    @property
    def name(self) -> str:
        """Return the account, the folder, and since when its numbers hold."""
        server = self._server
        return f"imap {server.username} {server.host}:{server.port} {server.folder} {self._validity}"

    def letters(self) -> list[str]:
        """Return the UIDs of letters that nobody has seen, the oldest first."""
        with _named(self._server):
            found = _asked(self._line.uid("SEARCH", "UNSEEN", "UNDELETED"))
            numbers = sorted(int(one) for piece in found if isinstance(piece, bytes) for one in piece.split())
        return [str(number) for number in numbers]

    def read(self, letter: str, *, most: int) -> bytes | None:
        """Return a letter's bytes without marking it; None where it is gone."""
        with _named(self._server):
            found = _asked(self._line.uid("FETCH", letter, f"(BODY.PEEK[]<0.{most}>)"))
        return next((bytes(piece[1]) for piece in found if isinstance(piece, tuple)), None)

    def file_away(self, letters: Sequence[str]) -> None:
        """Mark letters as seen, then move them to the folder Handled where the server can."""
        with _named(self._server):
            for start in range(0, len(letters), AT_ONCE):
                numbers = ",".join(letters[start : start + AT_ONCE])
                _asked(self._line.uid("STORE", numbers, "+FLAGS.SILENT", "(\\Seen)"))
                self._move(numbers)

    def _move(self, numbers: str) -> None:
        if b"MOVE" not in self._can:
            return
        if self._moves_to is None:
            self._moves_to = self._handled()
        self._line.uid("MOVE", numbers, self._moves_to)  # what is refused stays where it is, seen

    def _handled(self) -> str:
        """Return the folder's name, quoted, made if need be: some servers keep all folders below INBOX."""
        prefix = ""
        if b"NAMESPACE" in self._can:
            answer = self._line.namespace()[1]
            found = _NAMESPACE.match(answer[0]) if answer and isinstance(answer[0], bytes) else None
            prefix = found[1].decode("ascii", "replace") if found else ""
        folder = f'"{prefix}{HANDLED}"'
        self._line.create(folder)
        return folder


@contextmanager
def open_imap(server: ImapServer, *, is_read_only: bool = False) -> Iterator[ImapBox]:
    """Log in and open the folder; raise DeliveryError where that cannot be. What is read only marks nothing."""
    line: imaplib.IMAP4 | None = None
    try:
        with _named(server):
            line = _connect(server)
            _log_in(line, server)
            _asked(line.select(f'"{server.folder}"', readonly=is_read_only))
            box = ImapBox(line, server)
        yield box
    finally:
        if line is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                line.logout()


def _connect(server: ImapServer) -> imaplib.IMAP4:
    context = ssl.create_default_context(cafile=str(server.ca_file) if server.ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.security == "tls":
        return imaplib.IMAP4_SSL(
            server.host, server.port, ssl_context=context, timeout=server.timeout_seconds
        )
    line = imaplib.IMAP4(server.host, server.port, timeout=server.timeout_seconds)
    if server.security == "starttls":
        try:
            line.starttls(context)
        except (OSError, imaplib.IMAP4.error):
            line.shutdown()
            raise
    return line


def _log_in(line: imaplib.IMAP4, server: ImapServer) -> None:
    """Log in with PLAIN, which takes any letters, else with LOGIN."""
    try:
        if "AUTH=PLAIN" in line.capabilities:
            told = f"\0{server.username}\0{server.password}".encode()
            line.authenticate("PLAIN", lambda _: told)
        else:
            line.login(server.username, server.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError) as exc:
        raise DeliveryError(
            f"{server.host}:{server.port} does not let '{server.username}' in. Check bounces.username and "
            "bounces.password_file; many providers want an app password."
        ) from exc


def _asked(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    state, data = answer
    if state != "OK":
        told = data[0].decode("utf-8", "replace") if data and isinstance(data[0], bytes) else state
        raise imaplib.IMAP4.error(told)
    return data


@contextmanager
def _named(server: ImapServer) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as exc:
        raise DeliveryError(
            f"The certificate of {server.host}:{server.port} cannot be trusted ({exc.verify_message}). "
            "Check bounces.host, or name its authority in bounces.ca_file."
        ) from exc
    except (
        imaplib.IMAP4.error,
        OSError,
        ValueError,
        IndexError,
        TypeError,
    ) as exc:  # imaplib trips over nonsense
        told = " ".join(str(exc).split()) or type(exc).__name__
        raise DeliveryError(
            f"The box of bounces, folder '{server.folder}' at {server.host}:{server.port}, cannot be used "
            f"({told[:200].rstrip('.')}). Check [bounces]."
        ) from exc

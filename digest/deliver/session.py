"""Open an SMTP or LMTP session: connect, greet, TLS, log in. Every failure is a sentence naming host and port."""

from __future__ import annotations

import base64
import hmac
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from digest.deliver.line import Line
from digest.deliver.token import TokenSource
from digest.errors import ConfigError, DeliveryError
from digest.mailbox import one_line

Auth = Literal["auto", "plain", "login", "cram-md5", "xoauth2", "oauthbearer"]
Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where the mail server is, and how to speak to it.

    A `path` with LMTP is its unix socket and stands for host and port. The wait for the answer to a whole
    message is ten times `timeout_seconds`: at 60, the ten minutes of RFC 5321, 4.5.3.2.6. `token` gives what XOAUTH2
    and OAUTHBEARER take for a password.
    """

    host: str = "127.0.0.1"
    port: int = 25
    protocol: Literal["smtp", "lmtp"] = "smtp"
    path: str = ""
    security: Security = "none"
    username: str = ""
    password: str = field(default="", repr=False)
    auth: Auth = "auto"
    token: TokenSource | None = field(default=None, repr=False)
    timeout_seconds: float = 60
    ca_file: Path | None = None
    client_cert_file: Path | None = None
    client_key_file: Path | None = None

    @property
    def where(self) -> str:
        """Return how the server is named in sentences."""
        return self.path or f"{self.host}:{self.port}"


class LoginRefused(DeliveryError):
    """Report that the server did not take the password or token."""


def open_session(server: MailServer) -> Line:
    """Connect, and do all that comes before the first message; a token that is refused is renewed once.

    Raises DeliveryError where the server cannot be used, ConfigError where a file for TLS cannot be read.
    """
    if server.token is None:
        return _open(server, server.password)
    token = server.token.get()
    try:
        return _open(server, token)
    except LoginRefused:
        renewed = server.token.renew(token)
        if renewed == token:
            raise
        return _open(server, renewed)


def _open(server: MailServer, secret: str) -> Line:
    context = _tls_context(server) if server.security != "none" else None
    client = _client(server, context)
    try:
        _connect(client, server)
        if server.security == "starttls":
            _start_tls(client, server, context)
        if server.username:
            _log_in(client, server, secret)
    except smtplib.SMTPException as exc:
        client.close()
        raise DeliveryError(
            f"{server.where} broke off before anything was sent ({one_line(str(exc)).rstrip('.').lower()}). "
            "Check smtp.host, smtp.port and smtp.security."
        ) from exc
    except BaseException:
        client.close()
        raise
    sock = client.sock
    assert sock is not None
    client.sock = None
    if client.file is not None:
        client.file.close()
    return Line(sock, dict(client.esmtp_features), timeout_seconds=server.timeout_seconds)


def _client(server: MailServer, context: ssl.SSLContext | None) -> smtplib.SMTP:
    """Make the client, not connected. Its name for itself is set later: smtplib would ask the DNS for it."""
    if server.protocol == "lmtp":
        return _Lmtp(local_hostname="localhost", timeout=server.timeout_seconds)
    if server.security == "tls":
        return smtplib.SMTP_SSL(local_hostname="localhost", timeout=server.timeout_seconds, context=context)
    return smtplib.SMTP(local_hostname="localhost", timeout=server.timeout_seconds)


class _Lmtp(smtplib.LMTP):
    """smtplib's LMTP, made without connecting and with a timeout on unix sockets too."""

    def __init__(self, *, local_hostname: str, timeout: float) -> None:
        smtplib.SMTP.__init__(self, local_hostname=local_hostname, timeout=timeout)


def _connect(client: smtplib.SMTP, server: MailServer) -> None:
    wait = f"{server.where} did not answer within {server.timeout_seconds:g} seconds."
    try:
        client._host = server.host  # type: ignore[attr-defined]  # the name TLS checks; smtplib sets it in __init__ only
        code, words = client.connect(server.path or server.host, server.port)
    except socket.gaierror as exc:
        raise DeliveryError(
            f"There is no host named '{server.host}' ({exc.strerror}). Check smtp.host and the network."
        ) from exc
    except ssl.SSLCertVerificationError as exc:
        raise _bad_certificate(server, exc) from exc
    except ssl.SSLError as exc:
        raise DeliveryError(
            f'{server.where} does not speak TLS from the start ({_tls_cause(exc)}). Try smtp.security = "starttls", '
            "or another smtp.port."
        ) from exc
    except TimeoutError as exc:
        raise DeliveryError(f"{wait} Check smtp.host, smtp.port, smtp.security and the firewall.") from exc
    except OSError as exc:
        if isinstance(exc, smtplib.SMTPException):
            raise
        raise DeliveryError(
            f"Nothing can be sent through {server.where} ({(exc.strerror or str(exc)).lower()}). "
            "Check smtp.host and smtp.port, and that the server runs."
        ) from exc
    if code != 220:
        raise DeliveryError(f"{server.where} does not take mail from here: {_words(code, words)}. Try later.")
    assert client.sock is not None
    _send_at_once(client.sock)
    client.local_hostname = _own_name(client.sock)
    _greet(client, server)


def _greet(client: smtplib.SMTP, server: MailServer) -> None:
    code, words = client.ehlo()
    if code // 100 != 2 and server.protocol == "smtp":
        code, words = client.helo()
    if code // 100 != 2:
        raise DeliveryError(f"{server.where} refused our greeting: {_words(code, words)}. Check smtp.host.")


def _start_tls(client: smtplib.SMTP, server: MailServer, context: ssl.SSLContext | None) -> None:
    if not client.has_extn("starttls"):
        raise DeliveryError(
            f'{server.where} does not offer STARTTLS. Try smtp.security = "tls" with port 465, '
            'or "none" for a server on this machine.'
        )
    try:
        code, words = client.starttls(context=context)
    except ssl.SSLCertVerificationError as exc:
        raise _bad_certificate(server, exc) from exc
    except ssl.SSLError as exc:
        raise DeliveryError(
            f"TLS with {server.where} failed ({_tls_cause(exc)}). Check smtp.security."
        ) from exc
    if code != 220:
        raise DeliveryError(f"{server.where} refused STARTTLS: {_words(code, words)}. Try later.")
    _greet(client, server)


def _log_in(client: smtplib.SMTP, server: MailServer, secret: str) -> None:
    offered = client.esmtp_features.get("auth", "").upper().split()
    is_private = server.security != "none" or bool(server.path) or _is_loopback(client)
    wanted = ["PLAIN", "LOGIN", "CRAM-MD5"] if server.auth == "auto" else [server.auth.upper()]
    if not is_private:
        wanted = [name for name in wanted if name == "CRAM-MD5"]
    chosen = next((name for name in wanted if name in offered or server.auth != "auto"), None)
    if chosen is None and not is_private:
        raise DeliveryError(
            f"The password would travel to {server.where} in the clear. "
            'Set smtp.security to "starttls" or "tls".'
        )
    if chosen is None:
        raise DeliveryError(
            f"{server.where} offers no login we know ({', '.join(offered) or 'none at all'}). "
            "Check smtp.port and smtp.security, or empty smtp.username."
        )
    if chosen in _TOKEN_LOGINS:
        code, words = _bearer(client, server, chosen, secret)
        advice = "Check smtp.username, and that smtp.token_command or smtp.token_file gives a token that is still good"
    else:
        code, words = _LOGINS[chosen](client, server.username, secret)
        advice = "Check smtp.username and smtp.password_file; many providers want an app password"
    if code != 235:
        raise LoginRefused(
            f"{server.where} refused the login of '{one_line(server.username)}': {_words(code, words)}. {advice}."
        )


def _bearer(client: smtplib.SMTP, server: MailServer, mechanism: str, token: str) -> tuple[int, bytes]:
    """Log in with a token: XOAUTH2, or OAUTHBEARER (RFC 7628). A 334 is a refusal that has to be answered."""
    bearer = f"\x01auth=Bearer {token}\x01\x01"
    if mechanism == "XOAUTH2":
        first, last = f"user={server.username}{bearer}", ""
    else:
        name = server.username.replace("=", "=3D").replace(",", "=2C")
        first, last = f"n,a={name},\x01host={server.host}\x01port={server.port}{bearer}", _base64(b"\x01")
    code, words = client.docmd(f"AUTH {mechanism} {_base64(first.encode())}")
    return client.docmd(last) if code == 334 else (code, words)


def _plain(client: smtplib.SMTP, username: str, password: str) -> tuple[int, bytes]:
    return client.docmd("AUTH PLAIN " + _base64(f"\0{username}\0{password}".encode()))


def _login(client: smtplib.SMTP, username: str, password: str) -> tuple[int, bytes]:
    code, words = client.docmd("AUTH LOGIN")
    for answer in (username, password):
        if code == 334:
            code, words = client.docmd(_base64(answer.encode()))
    return code, words


def _cram_md5(client: smtplib.SMTP, username: str, password: str) -> tuple[int, bytes]:
    code, words = client.docmd("AUTH CRAM-MD5")
    if code != 334:
        return code, words
    try:
        challenge = base64.b64decode(words, validate=True)
    except ValueError:
        return code, words
    proof = hmac.new(password.encode(), challenge, "md5").hexdigest()
    return client.docmd(_base64(f"{username} {proof}".encode()))


_LOGINS: dict[str, Callable[[smtplib.SMTP, str, str], tuple[int, bytes]]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram_md5,
}


_TOKEN_LOGINS = ("XOAUTH2", "OAUTHBEARER")


def _tls_context(server: MailServer) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=server.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if server.client_cert_file:
            context.load_cert_chain(server.client_cert_file, server.client_key_file)
    except (OSError, ssl.SSLError) as exc:
        named = [path for path in (server.ca_file, server.client_cert_file, server.client_key_file) if path]
        raise ConfigError(
            [f"smtp.ca_file, smtp.client_cert_file: cannot use {', '.join(map(str, named))} ({exc})."]
        ) from exc
    return context


def _bad_certificate(server: MailServer, exc: ssl.SSLCertVerificationError) -> DeliveryError:
    return DeliveryError(
        f"The certificate of {server.where} cannot be trusted: {exc.verify_message.rstrip('.')}. "
        "Check smtp.host, or name your own authority in smtp.ca_file."
    )


def _tls_cause(exc: ssl.SSLError) -> str:
    return (exc.reason or str(exc)).replace("_", " ").lower()


def _send_at_once(sock: socket.socket) -> None:
    """Turn Nagle's waiting off: with it a real server gets 22 messages a second, without it 325."""
    if sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _own_name(sock: socket.socket) -> str:
    """Return our name for EHLO: the host's where it is a full one, else the address we speak from."""
    name = socket.gethostname()
    if "." in name.strip("."):
        return name
    if sock.family == socket.AF_UNIX:
        return "localhost"
    address = str(sock.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _is_loopback(client: smtplib.SMTP) -> bool:
    if client.sock is None or client.sock.family == socket.AF_UNIX:
        return client.sock is not None
    return ip_address(str(client.sock.getpeername()[0]).partition("%")[0]).is_loopback


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _words(code: int, words: bytes) -> str:
    return f"{code} {one_line(words.decode('utf-8', 'replace'))}".rstrip(" .")[:300]

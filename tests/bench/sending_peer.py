"""Send with one peer: `python sending_peer.py PEER PORT COUNT SIZE` prints the seconds a message.

It imports nothing of ours, so that the peers' own environment can run it. Each way is the peer's usual one: aiosmtplib
with 16 connections kept open, django with one connection for all and a message built for each reader.
"""

from __future__ import annotations

import asyncio
import sys
import time
from importlib import import_module

LINE = "The ferry left the pier at noon, and the mayor waved for a while."


def aiosmtplib(port: int, count: int, size: int) -> None:
    """Send ready bytes over 16 connections."""
    package = import_module("aiosmtplib")
    content = b"Subject: The Daily Dose\r\n\r\n" + f"{LINE}\r\n".encode() * (size // (len(LINE) + 2))

    async def work(numbers: range) -> None:
        async with package.SMTP(hostname="127.0.0.1", port=port) as client:
            for number in numbers:
                await client.sendmail("dose@example.org", [f"r{number}@example.org"], content)

    async def send() -> None:
        await asyncio.gather(*(work(range(first, count, 16)) for first in range(16)))

    asyncio.run(send())


def django(port: int, count: int, size: int) -> None:
    """Build and send a message for each reader over one connection."""
    import_module("django.conf").settings.configure(
        EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, USE_I18N=False, DEFAULT_CHARSET="utf-8"
    )
    mail = import_module("django.core.mail")
    html = f"<p>{LINE}</p>\n" * (size // (len(LINE) + 8))
    with mail.get_connection() as connection:
        for number in range(count):
            message = mail.EmailMultiAlternatives(
                "The Daily Dose", LINE, "dose@example.org", [f"r{number}@example.org"], connection=connection
            )
            message.attach_alternative(html, "text/html")
            message.send()


if __name__ == "__main__":
    peer, port, count, size = sys.argv[1], *map(int, sys.argv[2:5])
    started = time.perf_counter()
    {"aiosmtplib": aiosmtplib, "django": django}[peer](port, count, size)
    print((time.perf_counter() - started) / count)

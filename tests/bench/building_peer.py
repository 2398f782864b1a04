"""Build messages with django's EmailMultiAlternatives; print the CPU seconds for a thousand.

It imports nothing of ours, so that the peers' own environment can run it. Its stdin is JSON:
`{"subject", "text", "html", "count"}`, with the tokens of each reader's links left in.
"""

from __future__ import annotations

import json
import sys
import time
from html import escape
from importlib import import_module


def main() -> None:
    """Replace the tokens and build the whole message, once for each reader."""
    import_module("django.conf").settings.configure(USE_I18N=False)
    make = import_module("django.core.mail").EmailMultiAlternatives
    told = json.load(sys.stdin)

    def build(number: int) -> bytes:
        text, html = told["text"], told["html"]
        leave = f"https://news.example/u/{number}.{'x' * 32}"
        for token in ("@@UNSUBSCRIBE@@", "@@PREFERENCES@@", "@@VIEW@@"):
            text, html = text.replace(token, leave), html.replace(token, escape(leave))
        message = make(
            told["subject"],
            text,
            "The Daily Dose <dose@dose.example>",
            [f"Zoë {number} <r{number}@example.org>"],
            headers={"List-Unsubscribe": f"<{leave}>", "Message-ID": f"<{number}@dose.example>"},
        )
        message.attach_alternative(html, "text/html")
        return bytes(message.message().as_bytes(linesep="\r\n"))

    build(0)
    started = time.process_time()
    for number in range(told["count"]):
        build(number)
    print((time.process_time() - started) / told["count"] * 1000)


if __name__ == "__main__":
    main()

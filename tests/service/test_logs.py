"""Logs as JSON: one object a line, facts apart from the event, no reader's address."""

from __future__ import annotations

import io
import json
import logging

from digest.service.logs import JsonLines, JsonStream


def _line(message: str, *arguments: object, **extra: object) -> dict[str, str]:
    record = logging.getLogger("digest").makeRecord(
        "digest", logging.WARNING, "file", 1, message, arguments, None, extra=extra
    )
    found: dict[str, str] = json.loads(JsonLines().format(record))
    return found


def test_what_is_logged_has_its_facts_apart() -> None:
    line = _line("starting newsletter=%s command='%s'", "daily", "run daily --phase send", tries=3)

    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "event": "starting",
        "newsletter": "daily",
        "command": "run daily --phase send",
        "tries": "3",
    }


def test_no_address_is_logged_anywhere() -> None:
    line = _line("refused to=%s by the server", "ada@reader.example", who="<ada@reader.example>")

    assert "ada@" not in json.dumps(line)
    assert line["event"] == "refused by the server"


def test_a_fact_cannot_take_the_place_of_the_event() -> None:
    line = _line("odd level=none event=mine time=never")

    assert (line["level"], line["event"]) == ("warning", "odd")
    assert line["time"] != "never"


def test_printed_lines_become_events_each_when_it_is_whole() -> None:
    stream = io.StringIO()
    printed = JsonStream(stream, level="info")

    printed.write("sent to ada@reader.")
    printed.write('example and "others"\n\ndigest: done\n')

    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events] == ['sent to (an address) and "others"', "done"]
    assert [event["level"] for event in events] == ["info", "error"]
    assert all(set(event) == {"time", "level", "event"} for event in events)

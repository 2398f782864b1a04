"""Whatever a story holds, it gives a blurb of whole sentences or an honest reason why there is none."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from digest.model import Blurb, Story, StoryId
from digest.summarize.extractive import ExtractiveSummarizer

LONG = "the harbour board met and decided " * 150


def condense(text: str, *, title: str = "A title", language: str = "en", words: int = 60) -> Blurb:
    story = Story(id=StoryId("s"), source="courier", title=title, text=text, language=language)
    blurb = ExtractiveSummarizer().summarize(story, words=words)
    assert all(text[one.start : one.end] == one.text for one in blurb.sentences)
    assert bool(blurb.text) != bool(blurb.note)
    return blurb


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The story has no text."),
        (" \n\n\u00a0 \n", "The story has no text."),
        (f"{LONG.strip()}.", "No sentence of the story fits in 60 words."),
        ("the bridge is closed and nobody\nknows for how long", "can stand alone (unfinished)"),
        ("港の橋は閉鎖され市は金曜日に発表した" * 40 + "。", "No sentence of the story fits"),
        ("Follow us on Chirper. Subscribe now. Click here.", "can stand alone (plug)"),
    ],
)
def test_where_nothing_is_fit_to_print_the_reason_is_told(text: str, reason: str) -> None:
    assert reason in condense(text).note


def test_a_body_that_is_the_headline_gives_no_blurb() -> None:
    blurb = condense("The bridge is closed for a year.", title="The bridge is closed for a year")

    assert blurb.note == "The story says no more than its headline."


def test_a_sentence_of_nine_hundred_words_does_not_hide_the_next() -> None:
    blurb = condense(f"{LONG.strip()}. The bridge at Callow reopens on Friday at noon.")

    assert blurb.text == "The bridge at Callow reopens on Friday at noon."


def test_only_quotations_give_one_whole_quotation() -> None:
    blurb = condense("“I saw the light in the tower.” “Then I heard the bang.” “We all ran down the hill.”")

    assert len(blurb.sentences) == 1
    assert blurb.text.startswith("“")
    assert blurb.text.endswith("”")


def test_a_sentence_that_is_said_again_and_again_is_told_once() -> None:
    assert condense("The bridge at Callow is closed. " * 50).text == "The bridge at Callow is closed."


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("港の橋が閉鎖された。市は金曜日に工事の予定を発表した。" * 40, 180),
        ("大桥已经关闭一年。市政府星期五公布了施工计划。" * 40, 180),
        ("สะพานท่าเรือปิดหนึ่งปีหลังพบรอยร้าวในตอม่อสองต้น\n\nสภาเมืองจะประชุมในวันศุกร์เพื่อหาทางออก", 180),
        ("ស្ពានត្រូវបានបិទរយៈពេលមួយឆ្នាំ។ សាលាក្រុងនឹងប្រជុំនៅថ្ងៃសុក្រ។", 180),
    ],
)
def test_a_script_without_spaces_gives_a_short_blurb_though_no_language_is_told(text: str, most: int) -> None:
    blurb = condense(text)

    assert 0 < len(blurb.text) <= most


def test_mixed_languages_give_whole_sentences() -> None:
    text = (
        "The bridge at Callow is closed for a year. Die Brücke ist für ein Jahr gesperrt. "
        "Le pont est fermé pendant un an. 橋は一年間閉鎖された。 पुल एक साल के लिए बंद है।"
    )

    blurb = condense(text)

    assert blurb.text.startswith("The bridge at Callow is closed for a year.")
    assert blurb.text.endswith((".", "。", "।"))


@pytest.mark.parametrize(
    "text", ["\ud800 broken. ", "\x00\x01 nothing. ", "😀 " * 400, ". " * 3000, "«»“”" * 900]
)
def test_odd_letters_raise_nothing(text: str) -> None:
    condense(text)


def test_the_command_tells_why_there_is_no_blurb() -> None:
    command = [sys.executable, "-m", "digest", "summarize", "-"]
    line = json.dumps({"id": "1", "title": "Nothing", "text": ""}) + "\n"

    plain = subprocess.run(command, input=line, capture_output=True, text=True, check=True).stdout
    as_json = subprocess.run(
        [*command, "--json"], input=line, capture_output=True, text=True, check=True
    ).stdout

    assert plain == "Nothing\n\n(No blurb. The story has no text.)\n\n"
    assert json.loads(as_json)["text"] == ""
    assert json.loads(as_json)["note"] == "The story has no text."

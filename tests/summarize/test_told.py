"""A follow-up's blurb says only what readers were not told before."""

from __future__ import annotations

import pytest

from digest.model import Story, StoryId
from digest.summarize.allowance import Allowance
from digest.summarize.chat import ModelServer
from digest.summarize.extractive import NOTHING_NEW, ExtractiveSummarizer
from digest.summarize.remote import RemoteSummarizer
from digest.summarize.sentences import split_sentences
from digest.summarize.told import find_told
from tests.summarize.model_server import Answer, open_model

TOLD = (
    "Harbour bridge to close\n\nThe harbour bridge at Port Callow will close for a year after divers found cracks "
    "in two piers, the harbour board said on Monday. About 12,000 drivers cross it every day."
)
BRÜCKE = (
    "Die Hafenbrücke in Lindenau ist seit Montag gesperrt. Taucher hatten Risse in zwei Pfeilern gefunden, teilte das "
    "Bauamt mit."
)
INCENDIE = "Un incendie a détruit trente étals du marché couvert de Callow. Personne n'a été blessé."
橋 = "港の橋は月曜日から一年間閉鎖される。橋脚二本にひびが見つかった。"
AGAIN = "The harbour bridge at Port Callow will close for a year because of cracks in two piers."
NEWS = "Traders near the bridge want 400,000 crowns from the council, their speaker Jutta Feld said."


@pytest.mark.parametrize(
    ("language", "told", "sentence", "is_told"),
    [
        ("en", TOLD, "About 12,000 drivers cross it every day.", True),
        ("en", TOLD, AGAIN, True),
        ("en", TOLD, "Divers found cracks in two of its piers on Monday.", True),
        ("en", TOLD, "About 14,000 drivers cross it every day.", False),
        ("en", TOLD, NEWS, False),
        ("en", TOLD, "The harbour board of Port Callow said that Ines Falk will close the bridge.", False),
        ("en", TOLD, "Shopkeepers complain that customers stay away since the barriers went up.", False),
        ("de", BRÜCKE, "In zwei Pfeilern hatten Taucher Risse gefunden.", True),
        ("de", BRÜCKE, "Die Händler verlangen 400.000 Euro vom Land.", False),
        ("fr", INCENDIE, "L'incendie avait détruit trente étals du marché couvert.", True),
        ("fr", INCENDIE, "La procureure Anne Vasseur soupçonne un court-circuit.", False),
        ("ja", 橋, "港の橋は月曜日から閉鎖される。", True),
        ("ja", 橋, "商店主らは市に補償を求めている。", False),
        ("en", "", NEWS, False),
    ],
)
def test_a_sentence_is_told_or_new(language: str, told: str, sentence: str, is_told: bool) -> None:
    sentences = split_sentences(sentence, language=language)

    assert find_told(sentences, sentence, told, language=language) == ({0} if is_told else set())


def follow_up(*sentences: str) -> Story:
    return Story(id=StoryId("f"), source="c", title="Traders want money for bridge", text=" ".join(sentences))


def test_the_blurb_of_a_follow_up_holds_only_what_is_new() -> None:
    story = follow_up(AGAIN, "About 12,000 drivers cross it every day.", NEWS)
    summarizer = ExtractiveSummarizer()

    (plain,) = summarizer.summarize_all([story], words=60)
    (blurb,) = summarizer.summarize_all([story], words=60, told={story.id: TOLD})

    assert AGAIN in plain.text
    assert blurb.text == NEWS
    assert story.text[blurb.sentences[0].start : blurb.sentences[0].end] == NEWS


def test_a_story_that_says_nothing_new_has_no_blurb_and_a_note() -> None:
    story = follow_up(AGAIN, "About 12,000 drivers cross it every day.")

    (blurb,) = ExtractiveSummarizer().summarize_all([story], words=60, told={story.id: TOLD})

    assert (blurb.text, blurb.note) == ("", NOTHING_NEW)


@pytest.mark.parametrize(
    ("answer", "method", "fell_back"),
    [
        (NEWS, "remote/tiny", ""),
        (f"{AGAIN} {NEWS}", "extractive/1", "told before"),
    ],
)
def test_a_model_is_told_what_ran_and_may_not_repeat_it(answer: str, method: str, fell_back: str) -> None:
    story = follow_up(AGAIN, "About 12,000 drivers cross it every day.", NEWS)
    with open_model(lambda request: Answer(answer)) as model:
        server = ModelServer(url=model.url, model="tiny", retries=0)
        remote = RemoteSummarizer(
            server, Allowance(seconds=30, requests=9, tokens=99_999), extractive=ExtractiveSummarizer()
        )
        (blurb,) = remote.summarize_all([story], words=40, told={story.id: TOLD})
        list(remote.summarize_all([story], words=40))

    first, second = (request["messages"] for request in model.asked)
    assert TOLD in first[1]["content"] and "Readers were told" in first[0]["content"]
    assert TOLD not in second[1]["content"] and "Readers were told" not in second[0]["content"]
    assert (blurb.text, blurb.method, blurb.fell_back) == (NEWS, method, fell_back)

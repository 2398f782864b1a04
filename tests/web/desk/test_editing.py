"""Editing at the desk: each form is a revision, nothing that was typed is lost."""

from __future__ import annotations

from tests.web.desk.conftest import Desk


def test_a_rewritten_headline_is_a_revision_that_says_so(desk: Desk) -> None:
    story = desk.edition.items[2].story_id

    answer = desk.edit("rewrite", story=story, headline="Fish hall shuts", back=f"story={story}")

    assert answer.status == 303
    assert answer.headers["location"] == f"{desk.path}?story={story}"
    assert desk.edition.items[2].headline == "Fish hall shuts"
    assert "Fish hall shuts" in desk.page(answer.headers["location"]).text_content()
    assert desk.stores.editions.revisions(desk.name)[0].what.startswith("rewrote the headline")

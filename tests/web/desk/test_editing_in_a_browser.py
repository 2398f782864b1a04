"""Editing at the desk as an editor does: keys, dragging, clicking on sentences, two windows at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from digest.edition import approve
from digest.model import EditionState
from digest.subject.clusters import length
from tests.browser import find_barriers
from tests.web.desk.conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 1200})
    opened.set_default_timeout(5000)
    yield opened
    opened.close()


@pytest.fixture
def page(window: BrowserContext, desk: Desk) -> Page:
    return open_page(window, desk)


def open_page(window: BrowserContext, desk: Desk) -> Page:
    """Open the edition's page; nothing on it may break a policy or raise an error."""
    page = window.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(desk.url + desk.path)
    page.locator("html.js").wait_for(state="attached")
    return page


def rest(page: Page, desk: Desk) -> None:
    """Wait until the page shows the newest revision and sends nothing any more."""
    expect(page.locator("html[data-waiting]")).to_have_count(0)
    expect(page.locator("main")).to_have_attribute("data-revision", str(desk.edition.revision))


def shown(page: Page) -> list[str]:
    """Return the ids of the stories in the order in which the page lists them."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.stories li[data-story]')].map(one => one.dataset.story)"
    )
    return found


def kept(desk: Desk) -> list[str]:
    return [str(item.story_id) for item in desk.edition.items]


def told(desk: Desk) -> list[str]:
    """Return what was done to the edition, the first change first."""
    return [one.what for one in reversed(desk.stores.editions.revisions(desk.name))][1:]


def test_stories_are_moved_pinned_dropped_and_brought_back_with_keys_alone(page: Page, desk: Desk) -> None:
    before = kept(desk)

    for key in "jjKpx":
        page.keyboard.press(key)
    expect(page.locator(".dropped li")).to_have_count(1)
    rest(page, desk)
    dropped = kept(desk)
    page.keyboard.press("u")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator(".dropped li")).to_have_count(0)
    rest(page, desk)
    page.keyboard.press("4")
    expect(page.locator(".stories li.chosen")).to_have_attribute("data-story", before[3])
    rest(page, desk)

    assert dropped == [before[0], before[1], *before[3:]]
    assert kept(desk) == shown(page) == [before[0], before[2], before[1], *before[3:]]
    assert desk.edition.items[1].is_pinned
    assert [what.split()[0] for what in told(desk)] == [
        "moved",
        "pinned",
        "dropped",
        "undid:",
        "undid:",
        "redid:",
    ]


def test_many_moves_in_a_row_are_all_made_in_their_order(page: Page, desk: Desk) -> None:
    first = kept(desk)[0]

    for _ in range(6):
        page.keyboard.press("J")
    rest(page, desk)

    assert len(told(desk)) == 6
    assert kept(desk).index(first) == shown(page).index(first) == 5


def test_a_story_is_dragged_within_its_section_and_into_another_one(page: Page, desk: Desk) -> None:
    before = kept(desk)
    sections = [name for name, _ in desk.edition.sections]

    drag(page, before[0], before[2], below=True)
    expect(page.locator("main")).to_have_attribute("data-revision", "2")
    within = kept(desk)
    drag(page, before[5], before[0], below=False)
    expect(page.locator("main")).to_have_attribute("data-revision", "3")
    rest(page, desk)

    assert within[:3] == [before[1], before[2], before[0]]
    assert kept(desk) == shown(page)
    moved = next(item for item in desk.edition.items if item.story_id == before[5])
    assert (moved.section, kept(desk).index(before[5])) == (sections[0], 2)


def test_escape_puts_a_dragged_story_back(page: Page, desk: Desk) -> None:
    before = shown(page)

    start(page, before[0], before[2], below=True)
    assert shown(page) != before
    page.keyboard.press("Escape")
    page.mouse.up()

    assert shown(page) == before
    assert desk.edition.revision == 1


def test_a_finger_drags_by_the_grip(browser: Browser, desk: Desk) -> None:
    phone = browser.new_context(viewport={"width": 375, "height": 900}, has_touch=True, is_mobile=True)
    page = open_page(phone, desk)
    before = shown(page)
    bring_into_view(page, before[0])
    grip = page.locator(f"#in-{before[0]} .grip").bounding_box()
    to = page.locator(f"#in-{before[1]}").bounding_box()
    assert grip and to
    x, y, end = grip["x"] + 8, grip["y"] + 10, to["y"] + to["height"] - 4
    touch = phone.new_cdp_session(page)

    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        *(("touchMove", [{"x": x, "y": y + (end - y) * part / 4}]) for part in range(1, 5)),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator("main")).to_have_attribute("data-revision", "2")
    after = shown(page)
    phone.close()

    assert after[:2] == [before[1], before[0]] == kept(desk)[:2]


def bring_into_view(page: Page, story: str) -> None:
    """Scroll to a story at once: while a page glides, places are measured that are gone a moment later."""
    page.locator(f"#in-{story}").evaluate("one => one.scrollIntoView({block: 'center', behavior: 'instant'})")


def start(page: Page, story: str, to: str, *, below: bool) -> None:
    """Press on a story and carry it to the upper or lower part of another one."""
    bring_into_view(page, story)
    page.locator(f"#pick-{story}").hover()
    page.mouse.down()
    box = page.locator(f"#in-{to}").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2, steps=4)
    box = page.locator(f"#in-{to}").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + (box["height"] - 3 if below else 3), steps=3)


def drag(page: Page, story: str, to: str, *, below: bool) -> None:
    start(page, story, to, below=below)
    page.mouse.up()


def test_a_headline_is_saved_once_by_enter_and_by_leaving_and_typing_on_loses_nothing(
    page: Page, desk: Desk
) -> None:
    page.keyboard.press("e")
    page.locator("#headline").fill("A bell")
    page.keyboard.press("Enter")
    page.keyboard.type(" rises again")
    expect(page.locator("main")).to_have_attribute("data-revision", "2")
    while_typing = page.locator("#headline").input_value()
    focused = page.evaluate("document.activeElement.id")
    page.locator("#text").focus()
    expect(page.locator("main")).to_have_attribute("data-revision", "3")
    rest(page, desk)

    assert (while_typing, focused) == ("A bell rises again", "headline")
    assert desk.edition.items[0].headline == "A bell rises again"
    assert len(told(desk)) == 2
    assert page.evaluate("document.activeElement.id") == "text"


def test_what_was_typed_is_saved_when_another_story_is_gone_to(page: Page, desk: Desk) -> None:
    first, second = kept(desk)[:2]
    page.locator("#text").fill("Divers found a bell.")
    page.locator(f"#pick-{second}").click()
    expect(page.locator("#headline")).to_have_value(desk.edition.items[1].headline)
    rest(page, desk)

    assert desk.edition.items[0].text == "Divers found a bell."
    assert f"story={second}" in page.url
    assert first not in page.url


def test_sentences_are_chosen_and_left_out_by_clicking_on_them_and_with_the_keyboard(
    page: Page, desk: Desk
) -> None:
    item = desk.edition.items[0]
    story = desk.stores.stories.find(item.story_id)
    assert story is not None
    lit = page.locator(".sentence:has(input:checked)").all_inner_texts()
    other = "Nobody was hurt."

    page.locator(".sentence", has_text=other).click()
    expect(page.locator("#text")).to_have_value(re.compile(re.escape(other)))
    rest(page, desk)
    page.locator(".sentence input").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#text")).not_to_have_value(re.compile(re.escape(lit[0])))
    rest(page, desk)

    assert lit == [one.text for one in item.blurb.sentences]
    after = desk.edition.items[0]
    assert [one.text for one in after.blurb.sentences] == [*lit[1:], other]
    assert all(story.text[one.start : one.end] == one.text for one in after.blurb.sentences)
    assert page.locator("#text-length").inner_text() == f"{len(after.text.split())} of 60 words"
    assert page.evaluate("document.activeElement.name") == "sentence"


def test_another_picture_is_chosen_from_this_desk_alone(page: Page, desk: Desk) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.reload()
    page.locator(".pictures img").nth(1).scroll_into_view_if_needed()
    for one in page.locator(".pictures img").all():
        expect(one).to_have_js_property("naturalWidth", 240)

    page.locator("#picture-2").check()
    expect(page.locator("#caption")).to_have_value(re.compile("view 1"))
    rest(page, desk)

    image = desk.edition.items[0].image
    assert image is not None and image.caption is not None and "view 1" in image.caption
    assert hosts == {desk.url.removeprefix("http://")}


SAMPLES = (
    "A bell",
    "Café",
    "🇩🇪 wins",
    "👩‍👩‍👧 at sea",
    "한국 소식",
    "नमस्ते",
    "กำลัง",
    "مرحبا",
    "e\u0301tude 👍🏽",
)


def test_the_meters_count_while_one_types_as_the_subject_is_counted_when_it_is_cut(page: Page) -> None:
    counted = {}
    for text in SAMPLES:
        page.locator("#subject").fill(text)
        counted[text] = page.locator("#subject-length").inner_text()

    assert counted == {text: f"{length(text)} of 50 characters" for text in SAMPLES}


def test_the_later_of_two_windows_is_told_and_applies_what_was_typed_with_one_click(
    window: BrowserContext, page: Page, desk: Desk
) -> None:
    other = open_page(window, desk)
    other.route("**/live", lambda route: route.abort())
    other.reload()
    other.locator("#text").fill("Mine, typed later.")
    page.locator("#headline").fill("Theirs")
    page.keyboard.press("Enter")
    rest(page, desk)

    other.locator("#subject").focus()
    banner = other.locator('[data-region="told"] .banner')
    expect(banner).to_contain_text("rewrote the headline of")
    expect(banner.locator("pre")).to_have_text("Mine, typed later.")
    before = desk.edition.items[0]
    expect(other.locator("#text")).to_have_value(before.text)
    other.locator("#subject").fill("Meanwhile")
    other.locator("#preheader").focus()
    expect(other.locator("main")).to_have_attribute("data-revision", "3")
    expect(banner).to_be_visible()
    other.get_by_role("button", name="Apply it").click()
    expect(banner).to_have_count(0)
    rest(other, desk)

    assert (before.headline, before.text != "Mine, typed later.") == ("Theirs", True)
    after = desk.edition.items[0]
    assert (after.headline, after.text, desk.edition.subject) == ("Theirs", "Mine, typed later.", "Meanwhile")


def test_what_is_typed_over_a_change_made_meanwhile_does_not_overwrite_it(
    window: BrowserContext, page: Page, desk: Desk
) -> None:
    other = open_page(window, desk)
    page.locator("#headline").focus()
    page.keyboard.type("My ")
    other.locator("#headline").fill("Theirs")
    other.keyboard.press("Enter")
    expect(page.locator(".stories li.chosen .pick")).to_have_text("Theirs")
    typed = page.locator("#headline").input_value()
    page.locator("#text").focus()
    expect(page.locator('[data-region="told"] .banner')).to_contain_text("rewrote the headline")
    rest(page, desk)

    assert typed.startswith("My ") or typed.endswith("My ")
    assert desk.edition.items[0].headline == "Theirs" == page.locator("#headline").input_value()
    assert page.locator('[data-region="told"] pre').inner_text().strip() == typed.strip()


def test_an_approved_edition_is_read_only_until_it_is_held(page: Page, desk: Desk) -> None:
    desk.stores.editions.save(approve(desk.edition), what="approved it", now=desk.edition.made_at)
    page.reload()
    expect(page.locator("#headline")).not_to_be_editable()
    barriers = find_barriers(page)

    page.get_by_role("button", name="Hold to edit").click()
    expect(page.locator("#headline")).to_be_editable()

    assert barriers == []
    assert desk.edition.state is EditionState.DRAFT


def test_keys_are_listed_and_those_of_one_letter_can_be_turned_off(page: Page, desk: Desk) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    barriers = find_barriers(page)
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.reload()
    page.keyboard.press("J")
    page.locator("#show-keys").click()
    is_on = page.locator("#keys-on").is_checked()

    assert barriers == []
    assert (desk.edition.revision, is_on) == (1, False)


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (375, "light"), (320, "dark")]
)
def test_the_page_of_an_edition_has_no_barrier_and_nothing_sticks_out(
    browser: Browser, desk: Desk, width: int, scheme: str
) -> None:
    desk.edit("drop", story=kept(desk)[3])
    desk.edit("subject", text="Ours", revision="1")
    page = browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.goto(desk.url + desk.path)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    barriers, wide = find_barriers(page), page.evaluate("document.documentElement.scrollWidth")
    page.close()

    assert barriers == []
    assert wide <= width

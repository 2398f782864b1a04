"""A lead picture's caption, from its page or feed to the email: shown with its credit, and never made up."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from tests.acceptance.conftest import Project, Site, configuration
from tests.acceptance.pages import TEXT, figure, picture_bytes, story_page

HEADLINE = "Bridge closed for repairs"
CAPTION = "Linden points at a crack below the eastern arch."
CREDIT = "Orla Tench"


def serve(project: Project, site: Site, page: str, *, newsletter: str = "") -> None:
    """Draft an edition of one served page and its picture."""
    site.put("/bridge.jpg", picture_bytes(), "image/jpeg")
    address = site.put("/story.html", page)
    table = f'[[sources]]\nname = "served"\nkind = "pages"\nurls = ["{address}"]\n'
    project.configure(configuration(more=table, newsletter=newsletter))
    project.run("fetch")
    project.run("draft", "daily")


def words_of(project: Project) -> tuple[str, str, str | None]:
    """Return what an HTML reader sees, the text part, and the caption that the edition holds."""
    project.run("render", "latest", "--out", "out")
    html = (project.folder / "out/email.html").read_text(encoding="utf-8")
    seen = unescape(re.sub(r"<[^>]+>", " ", html.partition("<body")[2]))
    text = (project.folder / "out/email.txt").read_text(encoding="utf-8")
    item = json.loads(project.run("show", "latest", "--json").stdout)["items"][0]
    return " ".join(seen.split()), " ".join(text.split()), item["image"]["caption"]


def test_the_caption_is_shown_with_its_credit_in_every_part(project: Project, site: Site) -> None:
    serve(
        project, site, story_page(HEADLINE, figure("bridge.jpg", caption=CAPTION, credit=CREDIT, alt="Arch"))
    )

    html, text, caption = words_of(project)

    assert caption == CAPTION
    assert f"{CAPTION} Photo: {CREDIT}" in html
    assert f"[{CAPTION} Photo: {CREDIT}]" in text
    assert f"Picture: {CAPTION} ({CREDIT})" in project.run("show", "latest").stdout


@pytest.mark.parametrize(
    "given",
    ["", "bridge-arch.jpg", "IMG_2034", "bridge-arch-closeup", "Arch of the old bridge", HEADLINE],
    ids=["none", "file", "camera", "slug", "alt", "headline"],
)
def test_where_the_source_has_no_caption_none_is_shown(project: Project, site: Site, given: str) -> None:
    alt = "Arch of the old bridge"
    serve(project, site, story_page(HEADLINE, figure("bridge.jpg", caption=given, credit=CREDIT, alt=alt)))

    html, text, caption = words_of(project)

    assert caption is None
    assert f"Photo: {CREDIT}" in html and f"Photo: {CREDIT}" in text
    assert text.count(HEADLINE) == html.count(HEADLINE) <= 2
    for unwanted in {given, alt} - {"", HEADLINE}:
        assert unwanted not in html and unwanted not in text


def test_without_caption_and_credit_nothing_stands_under_the_picture(project: Project, site: Site) -> None:
    serve(project, site, story_page(HEADLINE, figure("bridge.jpg", alt="Arch of the old bridge")))

    html, text, caption = words_of(project)

    assert caption is None
    assert "Photo:" not in html and "Photo:" not in text and "[" not in text.partition(TEXT[0])[0]


@pytest.mark.parametrize(("told", "expected"), [(CAPTION, CAPTION), ("DSC01234.JPG", None), (HEADLINE, None)])
def test_a_feeds_caption_goes_the_same_way(
    project: Project, site: Site, told: str, expected: str | None
) -> None:
    site.put("/bridge.jpg", picture_bytes(), "image/jpeg")
    body = "".join(f"&lt;p&gt;{one}&lt;/p&gt;" for one in TEXT)
    feed = f"""<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"
xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Hask Beacon</title>
<item><title>{HEADLINE}</title><link>{site.url}/bridge</link><content:encoded>{body}</content:encoded>
<media:content url="{site.url}/bridge.jpg" medium="image" width="1300" height="800">
<media:description>{told}</media:description><media:credit>{CREDIT}</media:credit></media:content></item></channel></rss>"""
    (project.folder / "feed.xml").write_text(feed, encoding="utf-8")
    project.configure(configuration(more='[[sources]]\nname = "f"\nkind = "files"\npaths = ["feed.xml"]\n'))
    project.run("fetch")
    project.run("draft", "daily")

    html, _, caption = words_of(project)

    assert caption == expected
    assert (f"{told} Photo: {CREDIT}" in html) == (expected is not None)


def test_an_editors_caption_is_shown_as_written_and_taken_off_when_emptied(
    project: Project, site: Site
) -> None:
    page = story_page(HEADLINE, figure("bridge.jpg", caption="bridge.jpg", credit=CREDIT, alt="Old bridge"))
    serve(project, site, page, newsletter='approval = "manual"')

    project.run("edit", "latest", "--rewrite", "1", "--caption", "Old bridge", "--credit", "Ada Example")
    written = words_of(project)
    project.run("draft", "daily")
    redrafted = words_of(project)
    project.run("edit", "latest", "--rewrite", "1", "--caption", "")
    emptied = words_of(project)

    for html, text, caption in (written, redrafted):
        assert caption == "Old bridge"
        assert "Old bridge. Photo: Ada Example" in html and "Old bridge. Photo: Ada Example" in text
    assert emptied[2] is None
    assert "Old bridge" not in emptied[1] and "Photo: Ada Example" in emptied[1]

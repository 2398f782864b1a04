"""Pictures and their owners: what is copied, linked and left out, and how an editor learns of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.conftest import Project, Site, configuration, parsed
from tests.acceptance.pages import figure, picture_bytes, serve_stories, story_page
from tests.acceptance.test_email import CHROMIUM, preview
from tests.conftest import needs

CREDITS = {
    "Bridge closed for repairs": "Orla Tench",
    "Otter returns to the canal": "Jo Bloggs/AP",
    "Library opens on Sundays": "",
    "Tram line gets new wheels": "Getty Images",
}


def draft(project: Project, site: Site, rights: str = "", *, top: str = "", newsletter: str = "") -> None:
    """Draft an edition of the four stories under these lines of [photo_rights]."""
    lines = f"\n[photo_rights]\n{rights}\n" if rights else ""
    table = serve_stories(site, CREDITS)
    project.configure(top + configuration(more=table + lines, newsletter=newsletter))
    project.run("fetch")
    project.run("draft", "daily")


def sources_in(project: Project) -> list[str]:
    """Return where the rendered message takes its pictures from: attached, the outlet's path, or hosted."""
    project.run("render", "latest", "--out", "out")
    message = parsed((project.folder / "out/message.eml").read_bytes())
    html = message.get_body(("html",))
    assert html is not None
    found = []
    for piece in html.get_content().split("<img")[1:]:
        source = piece.partition('src="')[2].partition('"')[0]
        kind = "attached" if source.startswith("cid:") else "hosted" if "/images/" in source else "linked"
        alt = piece.partition('alt="')[2].partition('"')[0]
        name = next((name for name in CREDITS if name in alt), alt)
        found.append(f"{kind}: {name}")
    return sorted(found)


def told(project: Project) -> dict[str, dict[str, object]]:
    """Return what `digest rights` tells, by headline."""
    lines = project.run("rights", "latest", "--json").stdout.splitlines()
    return {record["headline"]: record for record in map(json.loads, lines)}


def findings(project: Project, rule: str) -> dict[str, str]:
    """Return the messages of one rule of preflight by where they are, each with its severity."""
    lines = project.run("check", "latest", "--json").stdout.splitlines()
    found = [record for record in map(json.loads, lines) if record["rule"] == rule]
    return {record["where"]: f"{record['severity']}: {record['message']}" for record in found}


def test_an_agencys_and_an_uncredited_picture_are_linked_and_never_fetched(
    project: Project, site: Site
) -> None:
    draft(project, site)

    assert sources_in(project) == [
        "attached: Bridge closed for repairs",
        "linked: Library opens on Sundays",
        "linked: Otter returns to the canal",
        "linked: Tram line gets new wheels",
    ]
    assert [path for path in site.asked if path.endswith(".jpg")] == ["/0.jpg"]


def test_on_a_site_of_ones_own_they_are_not_hosted_either(project: Project, site: Site) -> None:
    draft(project, site, top='[site]\npublic_url = "https://news.example"\n')

    assert sources_in(project)[0] == "hosted: Bridge closed for repairs"
    assert [line.partition(":")[0] for line in sources_in(project)] == [
        "hosted",
        "linked",
        "linked",
        "linked",
    ]
    assert [path for path in site.asked if path.endswith(".jpg")] == ["/0.jpg"]


def test_a_line_for_an_agency_lets_its_picture_be_copied_or_drops_it(project: Project, site: Site) -> None:
    draft(project, site, 'ap = "show"\n"Getty Images" = "drop"\nunknown = "show"\noutlet = "link"')

    assert sources_in(project) == [
        "attached: Library opens on Sundays",
        "attached: Otter returns to the canal",
        "linked: Bridge closed for repairs",
    ]


def test_without_pictures_none_is_linked(project: Project, site: Site) -> None:
    draft(project, site, newsletter='images = "none"')

    assert sources_in(project) == []
    assert findings(project, "photo-rights") == {}
    assert {record["shown"] for record in told(project).values()} == {"left out"}


def test_rights_tells_credit_decision_and_rule_of_each_picture(project: Project, site: Site) -> None:
    draft(project, site, '"Getty Images" = "drop"')

    otter = told(project)["Otter returns to the canal"]
    told_all = {
        name: f"{one['decision']} {one['shown']} {one['rule']}" for name, one in told(project).items()
    }

    assert otter["url"] == f"{site.url}/1.jpg"
    assert otter["caption"] == "What is seen at Otter returns to the canal."
    assert otter["credit"] == "Jo Bloggs/AP"
    assert (otter["photographers"], otter["agencies"], otter["via"]) == (["Jo Bloggs"], ["AP"], None)
    assert told_all == {
        "Bridge closed for repairs": "show attached photo_rights.outlet",
        "Otter returns to the canal": "link linked photo_rights.default",
        "Library opens on Sundays": "link linked photo_rights.unknown",
        "Tram line gets new wheels": "drop left out photo_rights.Getty Images",
    }


def test_rights_is_readable_without_json(project: Project, site: Site) -> None:
    draft(project, site)

    done = project.run("rights", "latest")

    assert "Credit:   Jo Bloggs/AP (photographer Jo Bloggs; agency or owner AP)" in done.stdout
    assert "Decision: link, linked (photo_rights.default for AP, not written: its default)" in done.stdout
    assert "Credit:   none" in done.stdout
    assert "4 of 4 stories have a picture" in done.stderr


def test_preflight_warns_of_pictures_without_a_line_and_says_what_was_left_out(
    project: Project, site: Site
) -> None:
    draft(project, site, '"Getty Images" = "drop"')

    found = findings(project, "photo-rights")

    assert found == {
        "Otter returns to the canal": "warning: This picture is linked and not copied: [photo_rights] has no line for "
        '“AP”. Write what you may do with it: AP = "show", "link" or "drop".',
        "Library opens on Sundays": "warning: This picture is linked and not copied: nobody is credited for it. "
        "Add its credit with 'digest edit', or write photo_rights.unknown.",
        "Tram line gets new wheels": 'info: This picture is left out: photo_rights."Getty Images" says drop.',
    }
    assert "[photo_rights]" in findings(project, "third-party")["127.0.0.1"]


def test_preflight_warns_of_what_is_copied_on_a_general_line_alone(project: Project, site: Site) -> None:
    draft(project, site, 'default = "show"\nunknown = "show"\nAP = "show"')

    found = findings(project, "photo-rights")

    assert set(found) == {"Library opens on Sundays", "Tram line gets new wheels"}
    assert all(message.startswith("warning: This picture is shown") for message in found.values())


def test_an_editors_credit_decides_anew(project: Project, site: Site) -> None:
    draft(project, site, 'own = ["Ada Example"]', newsletter='approval = "manual"')
    place = list(told(project)).index("Library opens on Sundays") + 1

    project.run("edit", "latest", "--rewrite", str(place), "--credit", "Ada Example")

    assert told(project)["Library opens on Sundays"]["rule"] == "photo_rights.own"
    assert "attached: Library opens on Sundays" in sources_in(project)


def test_a_picture_that_may_only_be_linked_and_has_no_address_is_left_out_and_told(project: Project) -> None:
    inbox = project.folder / "inbox"
    inbox.mkdir()
    (inbox / "otter.jpg").write_bytes(picture_bytes())
    page = story_page("Otter returns to the canal", figure("x", caption="An otter.", credit="AP"))
    (inbox / "story.html").write_text(page.replace("/x", "otter.jpg"), encoding="utf-8")
    project.configure(configuration(more='[[sources]]\nname="inbox"\nkind="files"\npaths=["inbox/*.html"]\n'))
    project.run("fetch")
    project.run("draft", "daily")

    assert sources_in(project) == []
    assert "no address on the web" in findings(project, "photo-rights")["Otter returns to the canal"]


def test_a_rule_that_changed_after_the_send_is_told(project: Project, site: Site) -> None:
    draft(project, site, 'AP = "show"')
    folder = configuration().replace("port = 2525", 'transport = "folder"\npath = "sent"')
    table = serve_stories(site, CREDITS)
    project.configure(folder.partition("[[sources]]")[0] + table + '\n[photo_rights]\nAP = "show"\n')
    project.run("send", "latest")
    project.configure(folder.partition("[[sources]]")[0] + table + '\n[photo_rights]\nAP = "drop"\n')

    found = findings(project, "photo-rights")["Otter returns to the canal"]

    assert found == "warning: This picture is copied, though photo_rights.AP says drop."


@pytest.mark.parametrize(
    ("lines", "told_key"), [('AP = "copy"', "photo_rights.AP"), ('own = "Ada"', "photo_rights.own")]
)
def test_a_wrong_line_is_refused_with_its_key(project: Project, lines: str, told_key: str) -> None:
    project.configure(configuration().replace("[photo_rights]", f"[photo_rights]\n{lines}"))

    assert told_key in project.run("rights", "latest", expect=2).stderr


def test_the_desk_shows_linked_pictures_as_readers_see_them(project: Project, site: Site) -> None:
    needs("chromium", CHROMIUM)
    from playwright.sync_api import sync_playwright

    draft(project, site)
    edition = json.loads(project.run("show", "latest", "--json").stdout)
    linked = next(one["id"] for one in edition["items"] if one["image"]["credit"] == "Jo Bloggs/AP")
    with preview(project) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto(f"{address}editions/{edition['edition']}/?story={linked}", wait_until="load")
        images = page.frame_locator("iframe").locator("img")
        widths = images.evaluate_all("images => images.map(image => image.naturalWidth)")
        story = page.locator("#story").text_content() or ""
        credit = page.get_by_label("Credit").input_value()
        browser.close()

    assert problems == []
    assert len(widths) == 4 and all(width > 100 for width in widths)
    assert "default, as it is where nothing is configured" in story
    assert "Agency" in story and credit == "Jo Bloggs/AP"


def test_what_is_linked_is_fetched_by_nobody_here(project: Project, site: Site) -> None:
    draft(project, site)

    sources_in(project)
    project.run("check", "latest")
    project.run("rights", "latest")

    assert "/1.jpg" not in site.asked
    assert not list(Path(project.folder, "out/pictures").glob("*"))[1:]

"""The installed command takes sources in from other readers and gives them back."""

from __future__ import annotations

import gzip
import json
import tomllib
from pathlib import Path

import pytest

from digest.assets import sample_folder
from tests.acceptance.conftest import Project

CONFIG = """# Mine.   Two spaces stay.
[[sources]]
name = "gazette"            # the first
kind = "feed"
url = "https://gazette.example/feed"

[newsletters.daily]
from = "Dose <dose@example.org>"
sources = ["*"]  # no line end after this"""
LIST = """<opml version="2.0"><head/><body><outline text="Sea &amp; Sky">
<outline text="Gazette" xmlUrl="http://www.gazette.example/feed/"/>
<outline text="gazette" xmlUrl="https://other.example/feed"/>
<outline text="A &quot;quoted&quot; \\ title" xmlUrl="https://quoted.example/feed?a=1&amp;b=2"/></outline>
<outline text="Odd" xmlUrl="ftp://odd.example/"/></body></opml>"""


@pytest.fixture
def filled(project: Project) -> Project:
    project.configure(CONFIG)
    (project.folder / "list.opml").write_text(LIST, encoding="utf-8")
    return project


def config_file(project: Project) -> Path:
    return project.folder / "config" / "digest.toml"


def test_import_appends_what_is_new_and_keeps_every_byte(filled: Project) -> None:
    config_file(filled).chmod(0o640)

    done = filled.run("sources", "import", "list.opml", expect=3)

    text = config_file(filled).read_text(encoding="utf-8")
    assert text.startswith(CONFIG + "\n")
    assert tomllib.loads(text)["sources"][1:] == [
        {"name": "gazette-2", "kind": "feed", "url": "https://other.example/feed", "section": "Sea & Sky"},
        {
            "name": "a-quoted-title",
            "kind": "feed",
            "url": "https://quoted.example/feed?a=1&b=2",
            "section": "Sea & Sky",
        },
    ]
    assert "gazette-2  https://other.example/feed  [Sea & Sky]" in done.stdout
    assert "2 added to config/digest.toml, 1 were there, 1 refused." in done.stdout
    assert "'ftp://odd.example/', which is not an http" in done.stderr
    assert config_file(filled).stat().st_mode & 0o777 == 0o640
    assert [path.name for path in config_file(filled).parent.iterdir()] == ["digest.toml"]


def test_import_names_every_source_as_the_configuration_allows(filled: Project) -> None:
    titles = ("፩ ፪", "৴ ½", "٣ ملف", "हिन्दी", "a\u200db", "Ⅷ ﬁ ﹍")
    outlines = "".join(
        f'<outline text="{title}" xmlUrl="https://{place}.numbers.example/feed"/>'
        for place, title in enumerate(titles)
    )
    own = '<outline xmlns:d="urn:daily-dose" d:name="፩" text="x" xmlUrl="https://own.example/feed"/>'
    (filled.folder / "odd.opml").write_text(f"<opml><body>{outlines}{own}</body></opml>", encoding="utf-8")

    done = filled.run("sources", "import", "odd.opml")

    assert len(done.stdout.splitlines()) == len(titles) + 2
    assert len(tomllib.loads(config_file(filled).read_text(encoding="utf-8"))["sources"]) == len(titles) + 2


def test_import_again_adds_nothing(filled: Project) -> None:
    filled.run("sources", "import", "list.opml", expect=3)
    text = config_file(filled).read_bytes()

    done = filled.run("sources", "import", "list.opml", expect=3)

    assert "0 added to config/digest.toml, 3 were there" in done.stdout
    assert config_file(filled).read_bytes() == text


def test_import_keeps_windows_line_ends_and_a_link_to_the_file(filled: Project) -> None:
    kept = filled.folder / "kept.toml"
    kept.write_bytes(CONFIG.replace("\n", "\r\n").encode())
    config_file(filled).unlink()
    config_file(filled).symlink_to(kept)

    filled.run("sources", "import", "list.opml", expect=3)

    assert config_file(filled).is_symlink()
    assert kept.read_bytes().count(b"\n") == kept.read_bytes().count(b"\r\n") > CONFIG.count("\n")


def test_import_says_which_newsletters_do_not_read_the_new_sources(filled: Project) -> None:
    filled.configure(CONFIG.replace('["*"]', '["gazette"]'))

    done = filled.run("sources", "import", "list.opml", expect=3)

    assert "add the new ones to newsletters.daily.sources" in done.stderr


def test_import_writes_nothing_where_the_outcome_would_be_no_configuration(filled: Project) -> None:
    inline = 'sources = [{name = "a", kind = "feed", url = "https://a.example/"}]\n'
    filled.configure(inline)

    done = filled.run("sources", "import", "list.opml", expect=2)

    assert "as [[sources]] tables" in done.stderr
    assert config_file(filled).read_text(encoding="utf-8") == inline
    assert [path.name for path in config_file(filled).parent.iterdir()] == ["digest.toml"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"%PDF-1.7", "is no OPML"), (b"", "is no OPML"), (b"<opml>" + b" " * 20_000_001, "larger than 20 MB")],
)
def test_import_of_what_is_no_list_is_one_line(filled: Project, content: bytes, says: str) -> None:
    (filled.folder / "list.opml").write_bytes(content)

    done = filled.run("sources", "import", "list.opml", expect=1)

    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert config_file(filled).read_text(encoding="utf-8") == CONFIG


def test_import_of_a_missing_file_is_one_line(filled: Project) -> None:
    done = filled.run("sources", "import", "none.opml", expect=1)

    assert done.stderr == "digest: There is no file none.opml. Check the path.\n"


def test_exported_sources_import_as_they_were(filled: Project) -> None:
    (filled.folder / "list.opml.gz").write_bytes(gzip.compress(LIST.encode()))
    filled.configure(CONFIG + '\n[[sources]]\nname = "Inbox"\nkind = "files"\npaths = ["inbox/"]\n')
    filled.run("sources", "import", "list.opml.gz", expect=3)
    before = [json.loads(line) for line in filled.run("sources", "list", "--json").stdout.splitlines()]

    done = filled.run("sources", "export", "out.opml")
    filled.configure('[newsletters.daily]\nfrom = "Dose <dose@example.org>"\n')
    filled.run("sources", "import", "out.opml")
    after = [json.loads(line) for line in filled.run("sources", "list", "--json").stdout.splitlines()]

    assert after == [source for source in before if source["kind"] == "feed"]
    assert len(after) == 3
    assert "1 of the 4 sources are no feeds" in done.stderr
    assert filled.run("sources", "export").stdout.startswith("<?xml")


def test_sources_are_listed_with_what_they_read(filled: Project) -> None:
    assert filled.run("sources", "list").stdout == "gazette  feed   https://gazette.example/feed\n"


def test_reading_a_list_of_feeds_says_what_to_type(filled: Project) -> None:
    done = filled.run("read", "list.opml", expect=3)

    assert done.stderr.endswith(
        "it is a list of feeds (OPML), which 'digest sources import' adds as sources.\n"
    )


def test_watched_folder_is_read_as_soon_as_a_file_lies_in_it_and_not_again(project: Project) -> None:
    inbox = '[[sources]]\nname = "inbox"\nkind = "files"\npaths = ["inbox/"]\n'
    project.configure(inbox + '[newsletters.daily]\nfrom = "Dose <dose@example.org>"\n')
    (project.folder / "inbox").mkdir()
    (project.folder / "inbox" / "one.html").write_bytes((sample_folder() / "late-boat.html").read_bytes())

    first, second = project.run("fetch"), project.run("fetch")
    (project.folder / "inbox" / "paper.html").write_bytes(b"%PDF-1.7")
    third = project.run("fetch", expect=3)

    assert first.stdout == "Read 1 stories from 1 sources, 1 of them new.\n"
    assert second.stdout == third.stdout == "Read 0 stories from 1 sources, 0 of them new.\n"
    assert third.stderr.count("\n") == 1
    assert "paper.html: it is a PDF" in third.stderr


def test_export_makes_no_folder(filled: Project) -> None:
    done = filled.run("sources", "export", "nowhere/list.opml", expect=2)

    assert "There is no folder nowhere." in done.stderr
    assert not (filled.folder / "nowhere").exists()


def test_entries_without_text_in_a_watched_file_are_told_and_not_kept(project: Project) -> None:
    project.configure(
        CONFIG.replace('kind = "feed"', 'kind = "files"').replace(
            'url = "https://gazette.example/feed"', 'paths = ["saved/*.xml"]'
        )
    )
    (project.folder / "saved").mkdir()
    (project.folder / "saved" / "map.xml").write_text(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://gazette.example/1</loc>'
        "<news:news><news:title>Gone</news:title></news:news></url></urlset>",
        encoding="utf-8",
    )

    done = project.run("fetch", expect=1)

    assert "1 of its entries have no text." in done.stderr
    assert "Read 0 stories" in done.stdout

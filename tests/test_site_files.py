from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from digest.assets import asset_folder
from digest.errors import ConfigError
from digest.extract.site_rules import Example, SiteRule, parse_selector
from digest.pipeline.site_files import load_site_rules, read_rule
from digest.pipeline.site_text import rule_text

WRITTEN = """\
# Ours since the autumn.
site = "courier.example"
title = "h1"            # the old layout's
# Two templates are in use.
body = [
    ".text",  # news
    ".long-read",
]
drop = [".ads"]

# The page we look at.
[example]
url = "https://courier.example/1"   # a short one
found = { title = 1 }
"""


def make_rule(**fields: str) -> SiteRule:
    selectors = {name: (parse_selector(css),) for name, css in fields.items()}
    return SiteRule(name="", site="courier.example", selectors=selectors)


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_the_files_of_a_folder_are_its_rules(tmp_path: Path) -> None:
    write(tmp_path, "courier.example.toml", WRITTEN)
    write(tmp_path, "gazette.example.toml", 'title = "h2"\n')
    write(tmp_path, "empty.example.toml", "# title = 'h1'\n")
    write(tmp_path, ".half-written.toml", "= nonsense")
    write(tmp_path, "notes.txt", "no rule")

    courier, gazette = load_site_rules(tmp_path).rules

    assert [one.css for one in courier.selectors["body"]] == [".text", ".long-read"]
    assert courier.example == Example(url="https://courier.example/1", found={"title": 1})
    assert (gazette.site, gazette.name) == ("gazette.example", str(tmp_path / "gazette.example.toml"))
    assert load_site_rules(tmp_path / "missing").rules == ()


def test_every_problem_of_every_file_is_told_with_its_key(tmp_path: Path) -> None:
    write(
        tmp_path, "a.example.toml", 'title = "h1 >"\nbody = [".fine", "p::text"]\ndorp = "x"\npath = "news"\n'
    )
    write(tmp_path, "b.example.toml", "title = [unquoted]\n")
    write(tmp_path, "c.example.toml", 'site = "https://c.example/"\ntitle = 3\n')
    (tmp_path / "d.example.toml").write_bytes(b'title = "\xff"')
    write(tmp_path, "e.example.toml", 'title = "h1"\n')
    write(tmp_path, "f.example.toml", 'site = "www.e.example"\ntitle = "h1"\n')

    with pytest.raises(ConfigError) as caught:
        load_site_rules(tmp_path)

    told = [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems]
    starts = [
        "a.example.toml: path: 'news' is not a path",
        "a.example.toml: title: 'h1 >' is not a CSS selector",
        "a.example.toml: body: 'p::text' is not a CSS selector",
        "a.example.toml: dorp: there is no such key",
        "b.example.toml is not valid TOML",
        "c.example.toml: site: 'https://c.example/' is not a host",
        "c.example.toml: title:",
        "d.example.toml is not written in UTF-8",
        "f.example.toml: site: ",
    ]
    assert len(told) == len(starts)
    assert [
        line for line, start in zip(sorted(told), sorted(starts), strict=True) if not line.startswith(start)
    ] == []


def test_the_shipped_example_is_a_true_rule_once_its_marks_are_taken_away(tmp_path: Path) -> None:
    shipped = (asset_folder("config") / "sites" / "example.org.toml").read_text(encoding="utf-8")
    head, _, body = shipped.partition("\n\n")
    write(tmp_path, "example.org.toml", "\n".join(line.removeprefix("# ") for line in body.splitlines()))

    (rule,) = load_site_rules(tmp_path).rules

    assert load_site_rules(asset_folder("config") / "sites").rules == ()
    assert len(rule.selectors) == 7
    assert rule.applies_to("https://www.example.org/news/1")
    assert head.startswith("# ")


@pytest.mark.parametrize("place", ["1", "a\x7fb", "a\u0085\u2028'\"\\"])
def test_a_new_rule_is_written_so_that_it_is_read_again(tmp_path: Path, place: str) -> None:
    made = make_rule(
        title='meta[property="og:title"]', body=".text > p", drop='p:contains("It\'s \\"free\\"")'
    )
    example = Example(url=f"https://courier.example/{place}", found={"title": 1, "body": 4})
    made = replace(made, example=example)
    path = tmp_path / "courier.example.toml"

    path.write_text(rule_text(made), encoding="utf-8")

    assert replace(read_rule(path), name="") == made


def test_comments_and_other_keys_of_a_rule_there_is_stay(tmp_path: Path) -> None:
    changed = replace(
        make_rule(title="h2.new", caption=".words"),
        example=Example(url="https://courier.example/2", found={"title": 1, "body": 1}),
    )

    text = rule_text(changed, changed=("title", "caption"), existing=WRITTEN)

    assert text == WRITTEN.replace(
        'title = "h1"            # the old', 'title = "h2.new"            # the old'
    ).replace('drop = [".ads"]\n', 'drop = [".ads"]\ncaption = ".words"\n').replace(
        'courier.example/1"   # a short', 'courier.example/2"   # a short'
    ).replace("found = { title = 1 }", "found = { title = 1, body = 1 }")


def test_a_value_over_several_lines_is_replaced_whole() -> None:
    text = rule_text(make_rule(body="article"), changed=("body",), existing=WRITTEN)

    assert '# Two templates are in use.\nbody = "article"\ndrop = [".ads"]\n' in text
    assert ".long-read" not in text


@pytest.mark.parametrize(
    "existing",
    [
        "# Nothing yet.\n",
        "",
        'example.url = "https://courier.example/0"\ncredit = ".c"\n',
        '[example]\nurl = "https://courier.example/0"\n',
        'example = { url = "x" }\ntitle = """\nh1"""\r\n',
    ],
)
def test_whatever_a_file_looks_like_nothing_in_it_is_lost(existing: str) -> None:
    made = replace(
        make_rule(title="h1.new"), example=Example(url="https://courier.example/1", found={"title": 1})
    )
    known = tomllib.loads(existing)

    data = tomllib.loads(rule_text(made, changed=("title",), existing=existing))

    assert data == {**known, "title": "h1.new", "example": {"url": made.example.url, "found": {"title": 1}}}  # type: ignore[union-attr]

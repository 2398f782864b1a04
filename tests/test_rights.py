"""What may be done with a picture follows from the names in its credit."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.config import load_config
from digest.errors import ConfigError
from digest.extract.credit_parts import parse_credit
from digest.model import PictureRuling, PictureUse
from digest.pipeline.rights import photo_rights
from digest.rights import decide_use, way_of

NEWSLETTER = '[newsletters.daily]\nfrom = "dose@example.org"\n'


def rule(credit: str | None, lines: str, tmp_path: Path, site: str = "Hask Beacon") -> PictureRuling:
    """Return the ruling on a credit under these lines of a real configuration."""
    path = tmp_path / "digest.toml"
    path.write_text(f"[photo_rights]\n{lines}\n{NEWSLETTER}", encoding="utf-8")
    return decide_use(parse_credit(credit), photo_rights(load_config(path)), printed=credit, site=site)


@pytest.mark.parametrize(
    ("credit", "expected"),
    [
        ("AP", "link default"),
        ("Jo Bloggs/AP", "link default"),
        ("Jo Bloggs/Reuters via Getty Images", "link default"),
        ("Getty", "link default"),
        (None, "link unknown"),
        ("", "link unknown"),
        ("Photo: handout", "link unknown"),
        ("Orla Tench", "show outlet"),
        ("Photo: Orla Tench", "show outlet"),
        ("Orla Tench / Hask Beacon", "show outlet"),
        ("The Hask Beacon", "show outlet"),
        ("Orla Tench / Halcyon Wire", "link default"),
        ("HALYARD PICTURES", "link default"),
    ],
)
def test_without_a_configuration_no_agencys_and_no_uncredited_picture_may_be_copied(
    credit: str | None, expected: str, tmp_path: Path
) -> None:
    ruling = rule(credit, "", tmp_path)

    assert f"{ruling.use} {ruling.rule}" == expected
    assert not ruling.is_configured


@pytest.mark.parametrize(
    ("credit", "lines", "expected"),
    [
        ("Jo Bloggs/AP", 'AP = "show"', "show AP"),
        ("AP Photo/Jo Bloggs", 'ap = "show"', "show ap"),
        ("AP", '"Associated Press" = "show"', "show Associated Press"),
        ("Jo Bloggs/Getty Images", 'Getty = "drop"', "drop Getty"),
        ("Getty Images", 'Getty = "drop"\n"Getty Images" = "show"', "show Getty Images"),
        ("AP via Getty Images", 'AP = "show"', "link default"),
        ("AP via Getty Images", 'AP = "show"\n"Getty Images" = "drop"', "drop Getty Images"),
        ("AP via Getty Images", 'AP = "drop"\n"Getty Images" = "show"', "drop AP"),
        ("Reuters", 'default = "drop"', "drop default"),
        ("Reuters", 'default = "show"', "show default"),
        ("Reuters", 'AP = "show"', "link default"),
        (None, 'unknown = "drop"', "drop unknown"),
        (None, 'unknown = "show"', "show unknown"),
        ("Orla Tench", 'outlet = "link"', "link outlet"),
        ("Orla Tench", '"Orla Tench" = "drop"', "drop Orla Tench"),
        ("Orla Tench", 'outlet = "drop"\nown = ["Orla Tench"]', "show own"),
        ("Orla Tench/Our Town News", 'own = ["orla tench"]', "show own"),
        ("Orla Tench/AP", 'own = ["Orla Tench"]\nAP = "link"', "link AP"),
        ("Ms. Idris, science department", '"Ms. Idris, science department" = "show"',
         "show Ms. Idris, science department"),
        ("Ms. Idris, science department", '"science department" = "show"', "show science department"),
    ],
)  # fmt: skip
def test_a_line_about_a_name_decides_and_the_strictest_of_several(
    credit: str | None, lines: str, expected: str, tmp_path: Path
) -> None:
    ruling = rule(credit, lines, tmp_path)

    assert f"{ruling.use} {ruling.rule}" == expected


def test_an_outlet_known_by_its_host_alone_is_told_from_an_agency(tmp_path: Path) -> None:
    assert rule("The Hask Beacon", "", tmp_path, site="www.haskbeacon.example").rule == "outlet"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('AP = "host"', "photo_rights.AP"),
        ('AP = "show"\nap = "link"', "are one name"),
        ('own = "Orla Tench"', "photo_rights.own"),
        ('"--" = "show"', "is no name"),
    ],
)
def test_a_wrong_line_is_told_with_its_key(lines: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=told):
        rule("AP", lines, tmp_path)


@pytest.mark.parametrize(
    ("use", "ways"),
    [
        ("show", "host attach link none"),
        ("link", "link link link none"),
        ("drop", "none none none none"),
    ],
)
def test_a_picture_goes_the_newsletters_way_as_far_as_its_use_allows(use: str, ways: str) -> None:
    modes = ("host", "attach", "link", "none")

    assert [way_of(PictureUse(use), mode) for mode in modes] == ways.split()

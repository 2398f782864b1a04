"""Compiled templates are kept beside their layout, and never stand in the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.model import Rendered
from digest.render.compose import render_edition
from digest.render.layout import environment
from tests.render.sample import TEMPLATE, make_edition, make_newsletter


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.setattr("sys.pycache_prefix", None)
    yield Path(shutil.copytree(TEMPLATE, tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__")))
    environment.cache_clear()


def lay_out(folder: Path) -> Rendered:
    """Lay out as a new process does: with nothing held in memory."""
    environment.cache_clear()
    return render_edition(make_edition(2), make_newsletter(), template_folder=folder, pictures={})


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "__pycache__").iterdir())


def test_a_second_process_finds_the_templates_compiled(layout: Path) -> None:
    first = lay_out(layout)
    times = [file.stat().st_mtime_ns for file in kept(layout)]

    second = lay_out(layout)

    assert len(times) == len(list(layout.glob("*.j2")))
    assert [file.stat().st_mtime_ns for file in kept(layout)] == times
    assert second == first


def test_a_changed_template_is_compiled_anew(layout: Path) -> None:
    lay_out(layout)
    subject = layout / "subject.txt.j2"
    subject.write_text("Changed: {{ page.subject }}", encoding="utf-8")

    assert lay_out(layout).subject.startswith("Changed: ")


@pytest.mark.parametrize("rubbish", [b"", b"j2\x80\x02K\x05.", b"\xff" * 200])
def test_a_damaged_file_is_passed_over(layout: Path, rubbish: bytes) -> None:
    first = lay_out(layout)
    for file in kept(layout):
        file.write_bytes(rubbish or file.read_bytes()[:40])

    assert lay_out(layout) == first


def test_a_layout_that_cannot_be_written_to_is_laid_out(layout: Path) -> None:
    (layout / "__pycache__").write_text("a file in the folder's place", encoding="utf-8")

    assert lay_out(layout).html


def test_python_told_to_write_no_bytecode_writes_none(layout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)

    lay_out(layout)

    assert not (layout / "__pycache__").exists()

"""What every test may use: goldens, the shared yardstick, a configured project folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import find_binaries, postgres_server

DATA = Path(__file__).parent / "data"
SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that rewrites goldens."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a whole output with the file of that name under tests/data; --update-golden writes it."""
    update = bool(request.config.getoption("--update-golden"))

    def compare(name: str, text: str) -> None:
        path = DATA / name
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert path.exists(), f"there is no golden {name}: run pytest --update-golden and read it"
        assert text == path.read_text(encoding="utf-8"), (
            f"{name} differs; pytest --update-golden shows how in git diff"
        )

    return compare


@pytest.fixture
def shared() -> Path:
    """Return the folder of measuring data beside the checkout; skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the measuring data is not beside this checkout")
    return SHARED


def needs(component: str, present: object) -> None:
    """Skip a test whose real component is missing; with CI=true that is a failure."""
    if present:
        return
    message = f"{component} is not installed: 'make system' installs it"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """Run a PostgreSQL server for the whole session; give the folder of its socket."""
    binaries = find_binaries()
    needs("PostgreSQL", binaries)
    assert binaries is not None
    with postgres_server(binaries) as folder:
        yield folder

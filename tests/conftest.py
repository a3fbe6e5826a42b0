"""A small study, laid out and analysed once, of which every test gets its own copy."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SMALL = Path(__file__).parent / "small_study"


def quiet(stage: str, done: int, total: int) -> None:
    """Draw no progress."""


@pytest.fixture
def small_study(tmp_path: Path) -> Path:
    """The small study before any run."""
    root = tmp_path / "study"
    shutil.copytree(SMALL, root)
    return root


@pytest.fixture(scope="session")
def analysed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study after one run; not to be changed."""
    from pipeline.steps.analyze import analyze

    root = tmp_path_factory.mktemp("analysed") / "study"
    shutil.copytree(SMALL, root)
    assert analyze(root, fresh=True, now=NOW, tick=quiet).exit_code == 0
    return root


@pytest.fixture
def analysed(analysed_once: Path, tmp_path: Path) -> Path:
    """A copy of the analysed small study, free to be changed."""
    root = tmp_path / "analysed"
    shutil.copytree(analysed_once, root)
    return root

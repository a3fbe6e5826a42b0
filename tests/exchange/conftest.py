"""The small study after coders decided, and its export: made once for all tests of exchange."""

import shutil
from pathlib import Path

import pytest
from decided_study import decide

from pipeline.steps.exchange.export import export


@pytest.fixture(scope="session")
def decided_once(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study after decisions and another run; not to be changed."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("decided") / "study")
    decide(root)
    return root


@pytest.fixture(scope="session")
def project(decided_once: Path) -> Path:
    """The export of that study."""
    return export(decided_once, decided_once.parent / "study.qdpx").path

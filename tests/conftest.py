"""A small study, laid out and analysed once, of which every test gets its own copy."""

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM, FLAGS
from drawn_once import drawn_once
from hostile_tally import tally
from links_by_hand import link_by_hand
from studies import NOW, SMALL, quiet


@pytest.fixture(scope="session", autouse=True)
def _drawn_once() -> Iterator[None]:
    with drawn_once():
        yield


@pytest.fixture
def small_study(tmp_path: Path) -> Path:
    """The small study before any run."""
    return shutil.copytree(SMALL, tmp_path / "study")


@pytest.fixture(scope="session")
def analysed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study after one run; not to be changed."""
    from pipeline.steps.analyze import analyze

    root = shutil.copytree(SMALL, tmp_path_factory.mktemp("analysed") / "study")
    assert analyze(root, fresh=True, now=NOW, tick=quiet).exit_code == 0
    return root


@pytest.fixture
def analysed(analysed_once: Path, tmp_path: Path) -> Path:
    """A copy of the analysed small study, free to be changed."""
    return shutil.copytree(analysed_once, tmp_path / "analysed")


@pytest.fixture(scope="session")
def linked_once(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study in which people linked excerpts to findings, after another run; not to be changed."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("linked") / "study")
    link_by_hand(root)
    return root


@pytest.fixture
def linked(linked_once: Path, tmp_path: Path) -> Path:
    """A copy of the small study in which people linked excerpts, free to be changed."""
    return shutil.copytree(linked_once, tmp_path / "linked")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)  # with an empty profile of its own
        yield launched
        launched.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many of the numbered hostile cases hold, out of all that there are."""
    stats = terminalreporter.stats
    cases = {outcome: _cases(stats.get(outcome, ())) for outcome in ("passed", "failed", "error")}
    broken = cases["failed"] | cases["error"]
    if cases["passed"] | broken:
        terminalreporter.write_line(tally(cases["passed"] - broken, broken))


def _cases(reports: Iterable[pytest.TestReport]) -> set[str]:
    return {number for report in reports for number in re.findall(r"case_(\d\d)", report.nodeid)}

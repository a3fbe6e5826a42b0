"""The review page of a study with a long interview, in a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from review_page import Open, Running, start, with_a_long_interview
from studies import NOW, SMALL, quiet

from pipeline.steps.analyze import analyze


@pytest.fixture(scope="module")
def long_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with one long interview more, analysed: sixty answers to settle."""
    root = tmp_path_factory.mktemp("long") / "study"
    with_a_long_interview(Path(shutil.copytree(SMALL, root)))
    assert analyze(root, fresh=True, now=NOW, tick=quiet).exit_code == 0
    return root


@pytest.fixture
def study(long_study: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(long_study, tmp_path / "study"))


@pytest.fixture
def running(study: Path) -> Iterator[Running]:
    page = start(study, "ana")
    yield page
    page.stop()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    """Open a page in a profile of its own; at the end nothing has been thrown or reported."""
    contexts: list[Any] = []
    trouble: list[str] = []

    def opened(address: str, **viewport: int) -> Any:
        context = browser.new_context(viewport={"width": 1280, "height": 800, **viewport})
        contexts.append(context)
        page = context.new_page()
        page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => { throw new Error('policy ' + e.violatedDirective) })"
        )
        page.goto(address)
        page.wait_for_selector(".reading")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []

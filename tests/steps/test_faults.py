"""Kills and errors of the system at file operations of commands: a seeded sample of what `python -m faults` sweeps whole."""

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import typer
from faults.commands import COMMANDS, review, with_news
from faults.operations import Fault
from faults.trials import Trials, warmed
from studies import NOW

from pipeline import study as folders
from pipeline.commands.messages import messages
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.review.web.app import answer
from pipeline.sheets import Prose, write_book
from pipeline.steps.agreement import agree
from pipeline.vocabulary import DecisionKind

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir() or not hasattr(os, "fork"), reason="for Linux")


@pytest.fixture(scope="module")
def studies(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    folder = tmp_path_factory.mktemp("faults")
    root = shutil.copytree(analysed_once, folder / "analysed" / "study")
    reviewed = shutil.copytree(root, folder / "reviewed" / "study")
    review(reviewed)
    with warmed():
        yield {"analysed": root, **{name: with_news(reviewed, folder / name) for name in ("decided", "changed")}}


@pytest.mark.parametrize("command", ["import", "agree", "page", "analyze"])
def test_case_56_and_case_57_a_fault_at_a_file_operation_leaves_the_old_or_the_new_state(
    studies: dict[str, Path], command: str
) -> None:
    trials = Trials(command, studies[COMMANDS[command].study])
    dice = Random(command)  # noqa: S311 - a sample that can be drawn again, no secret
    result = trials.sweep(dice.sample(trials.cases(list(Fault)), 2 if command == "analyze" else 4))
    assert not result.wrong, list(result.lines())


@pytest.mark.parametrize(("number", "remedy"), [
    (errno.ENOSPC, "make room on the disk"), (errno.EACCES, "check who may read and write there"),
    (errno.EMFILE, "close other programs"), (errno.EIO, "check the disk"), (errno.ENAMETOOLONG, "use a shorter name"),
])  # fmt: skip
def test_case_57_an_error_of_the_system_is_a_message_with_a_remedy(
    number: int, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as end, messages(as_json=False):
        raise OSError(number, os.strerror(number), "outputs/report.html")
    assert end.value.exit_code == 1
    assert (
        f"outputs/report.html: cannot be read or written ({os.strerror(number)}): {remedy}" in capsys.readouterr().err
    )


def test_case_57_an_error_of_the_system_on_the_review_page_is_an_answer_upon_which_it_saves_again() -> None:
    def save() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "coded/decisions.jsonl")

    response = answer(save)
    assert response.status_code == 507
    assert "make room on the disk" in bytes(response.body).decode()


def test_case_56_what_a_killed_program_was_about_to_write_is_removed_by_the_next(analysed: Path) -> None:
    left = analysed / "outputs" / ".measured.json.4711.new"
    left.write_text("{")
    with folders.lock(folders.Study(analysed), "agree"):
        assert not left.exists()


def test_a_clock_that_goes_back_loses_no_decision_and_changes_no_order(analysed: Path) -> None:
    path = analysed / "coded" / "decisions.jsonl"
    earlier = NOW.replace(year=NOW.year - 5)
    for now, note in ((NOW, "first"), (earlier, "second")):
        ledger.append(path, [Draft(DecisionKind.MEMO, "", "", note=note)], coder="ana", now=now)
    assert [decision.note for decision in ledger.load(path)] == ["first", "second"]
    agree(analysed)


@pytest.mark.skipif(sys.platform != "linux", reason="paths may be as long as the system allows")
def test_a_path_longer_than_the_system_allows_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as end, messages(as_json=False):
        agree(Path("/".join(["a" * 200] * 25)))
    assert end.value.exit_code == 1
    assert "Traceback" not in capsys.readouterr().err


def test_case_57_a_workbook_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_book(tmp_path / "missing" / "book.xlsx", [Prose("a", [("b", "c")])], title="d")

"""Kills and errors of the system at file operations of commands: a seeded sample of what tests/support/faults.py sweeps whole."""

import errno
import os
import shutil
import sys
from pathlib import Path
from random import Random

import pytest
import typer
from faults import KINDS, lay_out, sweep
from studies import NOW

from pipeline import study as folders
from pipeline.commands.messages import messages
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.sheets import Prose, write_book
from pipeline.steps.agreement import agree
from pipeline.vocabulary import DecisionKind

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


@pytest.fixture(scope="module")
def study(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(shutil.copytree(analysed_once, tmp_path_factory.mktemp("faults") / "study"))


@pytest.mark.parametrize("command", ["import", "agree", "save"])
def test_cases_56_and_57_a_fault_at_a_file_operation_leaves_the_old_or_the_new_state(study: Path, command: str) -> None:
    dice = Random(command)  # noqa: S311 - a sample that can be drawn again, no secret
    result = sweep(command, study, lambda count: dice.sample(range(1, count + 1), 2), dice.sample(KINDS, 3))
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

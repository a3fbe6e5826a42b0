"""Kills and errors of the system at file operations of commands: a seeded sample of what `python -m faults` sweeps whole."""

import errno
import gc
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pandas as pd
import pytest
import typer
from faults import deep_paths
from faults.commands import COMMANDS, review, with_news
from faults.operations import USUAL, Fault
from faults.trials import Trials, differences, state, warmed
from studies import NOW, quiet

from pipeline import study as folders
from pipeline import tables
from pipeline.commands.messages import messages
from pipeline.errors import IntegrityError
from pipeline.findings import load_register
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.review.web.app import answer
from pipeline.sheets import Prose, write_book
from pipeline.steps import inputs
from pipeline.steps.analyze import analyze
from pipeline.steps.results.agreement import agree
from pipeline.steps.review import Order, export, import_files
from pipeline.steps.review_page import make_page
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
    result = trials.sweep(dice.sample(trials.cases(USUAL), 2 if command == "analyze" else 4))
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


@pytest.mark.parametrize("fault", [Fault.INTERRUPT, Fault.MEMORY])
def test_case_58_and_case_60_a_run_that_is_interrupted_or_out_of_memory_is_completed_by_the_next(
    studies: dict[str, Path], fault: Fault
) -> None:
    trials = Trials("agree", studies["decided"])
    result = trials.sweep(Random(fault).sample(trials.cases([fault]), 3))  # noqa: S311 - no secret
    assert not result.wrong, list(result.lines())


def test_case_57_a_folder_that_cannot_be_listed_is_an_error_and_not_empty(
    analysed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, listed = folders.Study(analysed), os.scandir

    def scandir(path: object = ".") -> object:
        if Path(str(path)).name == "interviews":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return listed(path)  # type: ignore[call-overload]

    assert any(path.name == "rosa.txt" for path in folders.raw_files(study))
    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(PermissionError):
        folders.raw_files(study)


def test_case_57_a_file_that_the_disk_fails_to_give_once_stops_the_run_and_is_not_left_out() -> None:
    hashes = {"raw/interviews/rosa.txt": "0f" * 32, "raw/interviews/shut.txt": "unreadable: Permission denied"}
    inputs.check_opened(["raw/interviews/shut.txt"], hashes)
    with pytest.raises(IntegrityError, match=r"rosa.txt: could be read at the start of the run, but not later"):
        inputs.check_opened(["raw/interviews/rosa.txt", "raw/interviews/shut.txt"], hashes)


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.EMFILE])
def test_case_57_a_table_or_record_that_cannot_be_read_now_is_not_taken_for_missing(
    analysed: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    study = folders.Study(analysed)
    monkeypatch.setattr(pd, "read_parquet", refuse)
    with pytest.raises(OSError, match=os.strerror(number)):
        inputs.last_tables(study, (tables.TEXTS,))
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(OSError, match=os.strerror(number)):
        load_register(study.coded / "findings.toml", None)
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(OSError, match=os.strerror(number)):
        folders.last_run(study)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full disk to write to")
def test_case_57_a_workbook_on_a_full_disk_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.symlink_to("/dev/full")
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write_book(path, [Prose("a", [("b", "c" * 9000)])], title="d")
    gc.collect()  # an archive that complains as it is dropped would fail the test


def test_case_57_a_full_disk_is_not_blamed_on_the_workbook_that_is_imported(
    analysed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "coded/.decisions.jsonl.lock")

    book = export(analysed, Order(coder="ana"), NOW)
    monkeypatch.setattr(ledger.Ledger, "refresh", refuse)
    (problem,) = import_files(analysed, [book], NOW).problems
    assert str(problem).startswith("coded/.decisions.jsonl.lock: cannot be read or written (No space left on device)")


def test_case_74_the_next_command_removes_abandoned_temporary_files(analysed: Path) -> None:
    left = analysed / ".work" / "abc" / "words.tmp"
    left.parent.mkdir(parents=True)
    left.write_text("Antes íbamos al río", "utf-8")
    with folders.lock(folders.Study(analysed), "agree"):
        assert not left.parent.parent.exists()


def test_case_56_every_command_first_completes_what_a_killed_run_was_putting_in_place(analysed: Path) -> None:
    staged = analysed / ".staging" / "coded" / "machine" / "queue.parquet"
    for begin in (lambda: agree(analysed), lambda: make_page(analysed, "ana", port=1)):
        staged.parent.mkdir(parents=True)
        shutil.copy(analysed / "coded/machine/queue.parquet", staged)
        (analysed / "coded/machine/queue.parquet").unlink()
        journal = {"written": ["coded/machine/queue.parquet"], "removed": []}
        (analysed / ".staging" / "journal.json").write_text(json.dumps(journal), "utf-8")
        begin()
        assert (analysed / "coded/machine/queue.parquet").exists()
        assert not (analysed / ".staging").exists()


def test_case_57_after_a_system_error_the_review_page_saves_again() -> None:
    def save() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "coded/decisions.jsonl")

    response = answer(save, str)
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


def test_a_clock_that_goes_back_between_two_runs_changes_nothing_but_the_time_of_the_run(
    studies: dict[str, Path], tmp_path: Path
) -> None:
    one, other = (shutil.copytree(studies["changed"], tmp_path / name) for name in ("one", "other"))
    for path in other.rglob("*"):
        os.utime(path, (4_000_000_000, 4_000_000_000))
    for root, now in ((one, NOW), (other, NOW.replace(year=NOW.year - 5))):
        analyze(root, fresh=False, now=now, tick=quiet)
    timed = {"outputs/run.json", "coded/refusals.jsonl"}
    assert set(differences(state(one), state(other))) == timed


@pytest.mark.parametrize(("command", "length"), [("agree", 4045), ("import", 4060)])
def test_case_57_a_study_too_deep_in_folders_is_a_message_and_runs_nearer_to_the_root(
    studies: dict[str, Path], command: str, length: int
) -> None:
    result = deep_paths.sweep(Trials(command, studies[COMMANDS[command].study]), [length])
    assert not result.wrong, list(result.lines())


def test_case_57_a_workbook_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_book(tmp_path / "missing" / "book.xlsx", [Prose("a", [("b", "c")])], title="d")

"""What was decided, measured or added after the last run, as opposed to what was altered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from pipeline.audit.stored import (
    CORRECTIONS,
    LEDGER,
    Row,
    Stored,
    as_written,
    canonical,
    digest,
    json_file,
    ledger_lines,
    where_changed,
)
from pipeline.errors import Problem
from pipeline.study import paths_below
from pipeline.wording.messages import message

MEASURED = {"outputs/agreement.json": "agree", "outputs/quality.json": "evaluate"}  # file -> command that writes it
LIST = "outputs/measured.json"
FOLDERS = ("interviews", "surveys", "documents")
ANALYZE = "audit/run_make_analyze"


def check_measured(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every file of figures is, byte for byte, what the command wrote that measured it, or what the last run saw."""
    present = [name for name in MEASURED if name in _measured(stored) or name in stored.record.get("inputs", {})]
    problems = (problem for name in present for problem in _altered(stored, name))
    is_needed = any(name in present or (stored.root / name).is_file() for name in MEASURED)
    return len(present), chain(_problems_of_list(stored, is_needed=is_needed), problems)


def _problems_of_list(stored: Stored, *, is_needed: bool) -> Iterator[Problem]:
    """The list of what was measured is there if anything was, and as it was written."""
    path, again = stored.root / LIST, message("audit/measure_again")
    if not path.exists():
        if is_needed:
            yield Problem(LIST, message("audit/is_missing_although_there_are_figures"), again)
        return
    content = json_file(path, LIST)
    if content.get("seal") != digest(canonical(content.get("files"))):
        yield Problem(LIST, message("audit/was_changed_after_it_was_written"), again)
    elif path.read_bytes() != as_written(content):
        yield Problem(LIST, message("audit/was_written_again_its_lines"), again)


def _measured(stored: Stored) -> dict[str, Row]:
    """What `agree` and `evaluate` recorded of their files: path -> hash and hashes of the blocks."""
    path = stored.root / LIST
    files: dict[str, Row] = json_file(path, LIST).get("files", {}) if path.exists() else {}
    return files


def _altered(stored: Stored, name: str) -> Iterator[Problem]:
    path, record = stored.root / name, stored.record
    remedy = message("audit/find_out_who_changed", command=MEASURED[name])
    written = _measured(stored).get(name)
    if not path.is_file():
        yield Problem(name, message("audit/cannot_be_opened_it_no_longer"), remedy)
        return
    data = path.read_bytes()
    expected = written["sha256"] if written else record["inputs"].get(name)
    if digest(data) != expected:
        blocks = written["blocks"] if written else record.get("blocks", {}).get(name)
        where = f"{name} {where_changed(data, blocks)}".strip()
        yield Problem(where, message("audit/was_altered_after_it_was_written"), remedy)


def newer(stored: Stored) -> Iterator[Problem]:
    """What the outputs do not show yet: files measured or added and lines of the ledger written since the last run."""
    inputs = stored.record.get("inputs", {})
    for name in MEASURED:
        path = stored.root / name
        if path.is_file() and digest(path.read_bytes()) != inputs.get(name):
            yield Problem(name, message("audit/is_newer_than_the_last_run"), message(ANALYZE))
    for path in _files_read(stored.root):
        name = path.relative_to(stored.root).as_posix()
        if name not in inputs and not path.name.startswith((".", "~$")):
            yield Problem(name, message("audit/is_newer_than_the_last_run_so_the_outputs"), message(ANALYZE))
    yield from _undisplayed(stored)
    if not stored.is_of_this_program:
        what = message("audit/is_of_another_version")
        yield Problem("outputs/run.json", what, message(ANALYZE))


def _files_read(root: Path) -> list[Path]:
    """The files of the field, and their corrections."""
    paths = (path for folder in FOLDERS for path in paths_below(root / "raw" / folder))
    return sorted(path for path in (*paths, root / CORRECTIONS) if path.is_file())


def _undisplayed(stored: Stored) -> Iterator[Problem]:
    if (count := len(ledger_lines(stored.root)) - int(stored.record.get("ledger", {}).get("lines", 0))) > 0:
        yield Problem(LEDGER, message("audit/decisions_are_newer_than_the_last", n=count), message(ANALYZE))

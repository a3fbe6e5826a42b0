"""What was decided, measured or added after the last run, as opposed to what was altered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pipeline.audit.stored import (
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

MEASURED = {"outputs/agreement.json": "agree", "outputs/quality.json": "evaluate"}  # file -> command that writes it
LIST = "outputs/measured.json"
FOLDERS = ("interviews", "surveys", "documents")
ANALYZE = "run make analyze"


def check_measured(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every file of figures is, byte for byte, what the command wrote that measured it, or what the last run saw."""
    present = [name for name in MEASURED if name in _measured(stored) or name in stored.record.get("inputs", {})]
    problems = (problem for name in present for problem in _altered(stored, name))
    is_needed = any(name in present or (stored.root / name).is_file() for name in MEASURED)
    return len(present), chain(_problems_of_list(stored, is_needed=is_needed), problems)


def _problems_of_list(stored: Stored, *, is_needed: bool) -> Iterator[Problem]:
    """The list of what was measured is there if anything was, and as it was written."""
    path, again = stored.root / LIST, "find out who changed it, then run make agree or make evaluate again"
    if not path.exists():
        if is_needed:
            yield Problem(LIST, "is missing, although there are figures that it lists", again)
        return
    content = json_file(path, LIST)
    if content.get("seal") != digest(canonical(content.get("files"))):
        yield Problem(LIST, "was changed after it was written (its seal does not match)", again)
    elif path.read_bytes() != as_written(content):
        yield Problem(LIST, "was written again: its lines are in another order or form", again)


def _measured(stored: Stored) -> dict[str, Row]:
    """What `agree` and `evaluate` recorded of their files: path -> hash and hashes of the blocks."""
    path = stored.root / LIST
    files: dict[str, Row] = json_file(path, LIST).get("files", {}) if path.exists() else {}
    return files


def _altered(stored: Stored, name: str) -> Iterator[Problem]:
    path, record = stored.root / name, stored.record
    remedy = f"find out who changed it, then run make {MEASURED[name]}"
    written = _measured(stored).get(name)
    if not path.is_file():
        yield Problem(name, "cannot be opened (it no longer exists)", remedy)
        return
    data = path.read_bytes()
    expected = written["sha256"] if written else record["inputs"].get(name)
    if digest(data) != expected:
        blocks = written["blocks"] if written else record.get("blocks", {}).get(name)
        where = f"{name} {where_changed(data, blocks)}".strip()
        yield Problem(where, "was altered after it was written", remedy)


def newer(stored: Stored) -> Iterator[Problem]:
    """What the outputs do not show yet: files measured or added and lines of the ledger written since the last run."""
    inputs = stored.record.get("inputs", {})
    for name in MEASURED:
        path = stored.root / name
        if path.is_file() and digest(path.read_bytes()) != inputs.get(name):
            yield Problem(name, "is newer than the last run", ANALYZE)
    paths = (path for folder in FOLDERS for path in paths_below(stored.root / "raw" / folder))
    for path in sorted(path for path in paths if path.is_file()):
        name = path.relative_to(stored.root).as_posix()
        if name not in inputs and not path.name.startswith((".", "~$")):
            yield Problem(name, "is newer than the last run, so the outputs do not include it", ANALYZE)
    yield from _undisplayed(stored)
    if not stored.is_of_this_program:
        what = "is of another version of the program: what only this version writes was not checked"
        yield Problem("outputs/run.json", what, ANALYZE)


def _undisplayed(stored: Stored) -> Iterator[Problem]:
    if (count := len(ledger_lines(stored.root)) - int(stored.record.get("ledger", {}).get("lines", 0))) > 0:
        what = "1 decision is newer than the last run: the outputs do not show it yet"
        if count > 1:
            what = f"{count} decisions are newer than the last run: the outputs do not show them yet"
        yield Problem(LEDGER, what, ANALYZE)

"""coded/decisions.jsonl: every human decision, append-only, each line chained to the one before by hash."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from pipeline.errors import IntegrityError, Problem, StudyBusyError
from pipeline.provenance import canonical_json, sha256_text
from pipeline.records import Decision, Draft
from pipeline.vocabulary import DecisionKind

START = "0" * 64  # what the first line is chained to


def load(path: Path) -> tuple[Decision, ...]:
    """All decisions of a ledger in order; IntegrityError names the first line at odds with the chain. No file, no decisions."""
    return () if not path.exists() else read_chain(path.read_bytes(), path.name)


def read_chain(data: bytes, name: str) -> tuple[Decision, ...]:
    """The decisions in the bytes of a ledger, every hash recomputed."""
    decisions: list[Decision] = []
    prev = START
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        decision = _read_line(line, f"{name} line {number}")
        _check_link(decision, number, prev, f"{name} line {number}")
        decisions.append(decision)
        prev = decision.hash
    return tuple(decisions)


REMEDY = "restore the file from your own copy; nothing may be changed in it by hand"


def _read_line(line: bytes, where: str) -> Decision:
    if not line.endswith(b"\n"):
        remedy = (
            "a crash cut this line: delete the part of a line at the end of the file; the decisions above it are whole"
        )
        raise IntegrityError(Problem(where, "is cut off before its end", remedy))
    try:
        row = json.loads(line)
        return Decision(**{**row, "kind": DecisionKind(row["kind"])})
    except (ValueError, TypeError, KeyError):
        raise IntegrityError(Problem(where, "is not a decision", REMEDY)) from None


def _check_link(decision: Decision, number: int, prev: str, where: str) -> None:
    if decision.seq != number:
        raise IntegrityError(
            Problem(where, f"carries number {decision.seq}: a line is missing, doubled or moved", REMEDY)
        )
    if decision.prev != prev:
        raise IntegrityError(Problem(where, "does not follow from the line before it", REMEDY))
    if decision.hash != hash_of(decision):
        raise IntegrityError(Problem(where, "was changed after it was written", REMEDY))


def hash_of(decision: Decision) -> str:
    """The hash of a decision's content and of the line before it."""
    content = asdict(decision)
    del content["hash"]
    return sha256_text(canonical_json(content))


def append(path: Path, drafts: Sequence[Draft], *, coder: str, now: datetime) -> tuple[Decision, ...]:
    """Write drafts to the end of the ledger, synced to disk, and return them as decisions; all of them or none.

    Raises StudyBusyError where another program is writing, IntegrityError where the ledger is broken.
    """
    at = now.isoformat(timespec="seconds")
    blank = [Decision(seq=0, at=at, coder=coder, **asdict(draft), origin="", prev="", hash="") for draft in drafts]
    with _held(path) as file:
        return _write(file, path, blank)


def merge(path: Path, other: bytes, name: str) -> tuple[Decision, ...]:
    """Append the decisions of another coder's ledger that are not yet in this one; returns those that were new.

    Each keeps its coder and time and the hash of its line in the other ledger (`origin`), so that merging twice is merging once.
    """
    theirs = read_chain(other, name)
    with _held(path) as file:
        ours = read_chain(_whole(file), path.name)
        known = {d.hash for d in ours} | {d.origin for d in ours}
        new = [replace(d, origin=d.origin or d.hash) for d in theirs if (d.origin or d.hash) not in known]
        return _write(file, path, new)


@contextmanager
def _held(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock_of(path), timeout=0), path.open("a+b") as file:
            yield file
    except Timeout:
        raise StudyBusyError(
            Problem(path.name, "is being written by another program", "wait a moment, then try again")
        ) from None


def lock_of(path: Path) -> Path:
    """The file that is locked while a ledger is written: hidden, and beside it."""
    return path.with_name(f".{path.name}.lock")


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _write(file: IO[bytes], path: Path, blank: Iterable[Decision]) -> tuple[Decision, ...]:
    ours = read_chain(_whole(file), path.name)
    seq, prev = (ours[-1].seq, ours[-1].hash) if ours else (0, START)
    written = []
    for decision in blank:
        seq += 1
        chained = replace(decision, seq=seq, prev=prev, hash="")
        chained = replace(chained, hash=hash_of(chained))
        written.append(chained)
        prev = chained.hash
    file.write(b"".join(line_of(decision) for decision in written))
    file.flush()
    os.fsync(file.fileno())
    return tuple(written)


def line_of(decision: Decision) -> bytes:
    """A decision as a line of the ledger."""
    return (json.dumps(asdict(decision), ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8")


def head(decisions: Sequence[Decision]) -> str:
    """The hash that stands for the whole ledger: that of its last line."""
    return decisions[-1].hash if decisions else START

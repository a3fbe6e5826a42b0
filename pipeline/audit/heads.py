"""Compares an earlier state that a second party kept with the study as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.audit.stored import LEDGER, Row, Stored, json_object, ledger_lines
from pipeline.errors import Problem
from pipeline.merkle import EMPTY, consistency_proof, is_continued, tree_hash, tree_hashes


def lines_under(stored: Stored, head: str) -> int | None:
    """How many lines the ledger had when this was its head; None if it never was."""
    if head == EMPTY:
        return 0
    return next((count for count, value in enumerate(tree_hashes(ledger_lines(stored.root)), 1) if value == head), None)


def _files_of_run(stored: Stored) -> dict[str, str]:
    record = stored.record
    return {**record.get("inputs", {}), **record.get("machine", {}), **record.get("outputs", {})}


def tree_of_run(stored: Stored) -> str:
    """The Merkle tree hash of all files of the last run, by the hashes in its record."""
    return tree_hash(f"{name} {digest}\n".encode() for name, digest in sorted(_files_of_run(stored).items()))


def proof_since(root: Path, head: str) -> Row:
    """What proves to somebody without the ledger that it continues what a head covers (RFC 9162); empty for another head.

    `sizes` and `heads` are those of then and of now, `path` the hashes of the proof.
    """
    lines = ledger_lines(root)
    heads = [EMPTY, *tree_hashes(lines)]
    if head not in heads:
        return {}
    sizes, values = [heads.index(head), len(lines)], [head, heads[-1]]
    path = consistency_proof(lines, sizes[0])
    return {"sizes": sizes, "heads": values, "path": path} if is_continued(sizes, values, path) else {}


def check_head(stored: Stored, head: str) -> tuple[int, Iterator[Problem]]:
    """Check that what a head covers is unchanged: the lines of the ledger, or all files of the last run."""
    listed, of_run = _files_of_run(stored), tree_of_run(stored)
    count = lines_under(stored, head)

    def problems() -> Iterator[Problem]:
        if count is None and head != of_run:
            what = "matches no earlier state of the ledger, nor the files of the last run"
            yield Problem(
                f"--head {head[:16]}",
                what,
                "compare it with the head that you were given; if it is the same, restore your own copy",
            )

    return (count or 0) if head != of_run else len(listed), problems()


def added_since(stored: Stored, head: str) -> Iterator[Problem]:
    """What was added to the ledger after this was its head: by coder, how many lines."""
    count = lines_under(stored, head)
    if count is None:
        return
    rows: list[Row] = [json_object(line) for line in ledger_lines(stored.root)[count:]]
    for coder in sorted({row["coder"] for row in rows}):
        own = [row for row in rows if row["coder"] == coder]
        what = f"{len(own)} lines of {coder} were added since, from {own[0]['at']} to {own[-1]['at']}"
        yield Problem(f"{LEDGER} lines {own[0]['seq']}-{own[-1]['seq']}", what, "nothing to do")

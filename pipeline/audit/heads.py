"""The heads of the ledger and of the run: as the outputs show them, and as a second party kept them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from lxml import html

from pipeline.audit.stored import LEDGER, RERUN, Row, Stored, json_object, ledger_lines
from pipeline.errors import Problem
from pipeline.merkle import EMPTY, consistency_proof, is_continued, tree_hash, tree_hashes
from pipeline.wording.messages import message


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


def check_heads(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """The head of the ledger is the one in run.json, in the report and in *Read me*, and the head of the run is its own."""
    recorded = stored.record.get("ledger", {})
    lines = ledger_lines(stored.root)[: recorded.get("lines", 0)]
    head = tree_hash(lines)
    shown = {
        "outputs/run.json ledger.tree": str(recorded.get("tree", "")),
        "outputs/report.html foot": foot_of_report(stored),
        "outputs/evidence.xlsx Read me": read_me(stored),
    }

    def problems() -> Iterator[Problem]:
        for where, text in shown.items():
            if set(re.findall(r"\b[0-9a-f]{64}\b", text)) != {head}:
                what = message("audit/the_ledgers_head", lines=len(lines), head=head)
                yield Problem(where, what, message("audit/restore_coded_decisions_jsonl_from_your"))
        if stored.record.get("tree") != tree_of_run(stored):
            yield Problem("outputs/run.json tree", message("audit/is_not_the_head"), message(RERUN))

    return len(shown) + 1, problems()


def foot_of_report(stored: Stored) -> str:
    """The text at the foot of the report, in all its languages."""
    page = html.fromstring((stored.root / "outputs/report.html").read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    return " ".join(text for foot in page.iter("footer") for text in foot.itertext())


def read_me(stored: Stored) -> str:
    """The text of the first sheet of the evidence book."""
    book = openpyxl.load_workbook(stored.root / "outputs/evidence.xlsx", read_only=True)
    try:
        return " ".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell)
    finally:
        book.close()


def proof_since(root: Path, head: str) -> Row:
    """A proof, for somebody without the ledger, that it continues what a head covers (RFC 9162); empty for another head.

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
            yield _unlike_any(stored, head)

    return (count or 0) if head != of_run else len(listed), problems()


def _unlike_any(stored: Stored, head: str) -> Problem:
    """Why a head does not belong to this study: it is the hash of one line, or of something else."""
    where = f"--head {head[:16]}"
    if head == stored.record.get("ledger", {}).get("head"):
        what = message("audit/is_the_hash_of_the_last")
        return Problem(where, what, message("audit/give_ledger_tree_or_the_head"))
    what = message("audit/matches_no_earlier_state")
    return Problem(where, what, message("audit/compare_it_with_the_head"))


def added_since(stored: Stored, head: str) -> Iterator[Problem]:
    """The number of lines added to the ledger after this head, by coder."""
    count = lines_under(stored, head)
    if count is None:
        return
    rows: list[Row] = [json_object(line) for line in ledger_lines(stored.root)[count:]]
    for coder in sorted({row["coder"] for row in rows}):
        lines_of_coder = [row for row in rows if row["coder"] == coder]
        where, what = (
            f"{LEDGER} line {lines_of_coder[0]['seq']}",
            message("audit/1_line_of_was_added_since", coder=coder, at=lines_of_coder[0]["at"]),
        )
        if len(lines_of_coder) > 1:
            where = f"{LEDGER} lines {lines_of_coder[0]['seq']}-{lines_of_coder[-1]['seq']}"
            what = message(
                "audit/lines_of_were_added_since",
                lines=len(lines_of_coder),
                coder=coder,
                first=lines_of_coder[0]["at"],
                last=lines_of_coder[-1]["at"],
            )
        yield Problem(where, what, message("common/nothing_to_do"))

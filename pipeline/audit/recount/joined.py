"""What coders answered on excerpts that were joined since, and whether the cuts and joins of the ledger stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter

from pipeline.audit.stored import LEDGER, RERUN, Row, Stored, digest, json_object, ledger_lines, without_taken_back
from pipeline.errors import Problem
from pipeline.wording.messages import message

Passage = tuple[str, str]  # an excerpt as it was, and the hash of its words
BOUNDS = "excerpt"


def joined_places(stored: Stored) -> dict[Passage, str]:
    """Where the words are of excerpts that are part of a larger one now."""
    rows = (row for row in stored.tables["placements"] if row["status"] == "joined")
    return {(row["decided_on"], row["text_sha256"]): row["now_at"] for row in rows}


def counts_of_parts(joined: Mapping[Passage, str]) -> Counter[str]:
    """How many excerpts each joined one was made of."""
    return Counter(joined.values())


def holding(lines: Iterable[Row], yes_kinds: Iterable[str], parts: int) -> Row | None:
    """The line that holds of a coder's last answers on the parts of an excerpt: one that says yes if no other contradicts it.

    A no holds where it was said of every part.
    """
    lines = list(lines)
    ayes = [line for line in lines if line["kind"] in yes_kinds]
    noes = [line for line in lines if line["kind"] not in yes_kinds]
    if ayes:
        is_one = len({line["value"] for line in ayes}) == 1 and not noes
        return max(ayes, key=itemgetter("seq")) if is_one else None
    return max(noes, key=itemgetter("seq")) if noes and len(noes) == parts else None


def check_bounds(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that the parts of every cut that holds, and the whole of every join that holds, are excerpts.

    What was done last takes precedence over what it overlaps. Words that changed since are no fault.
    """
    count = stored.record.get("ledger", {}).get("lines", 0)
    rows = [json_object(line) for line in ledger_lines(stored.root)[:count]]
    standing = {row["seq"] for row in without_taken_back(rows)}
    lines = [row for row in rows if row["kind"] == BOUNDS]
    return len(lines), _problems(lines, standing, _touched(rows), stored)


def _problems(lines: list[Row], kept: set[int], touched: Mapping[int, int], stored: Stored) -> Iterator[Problem]:
    texts = {row["source_id"]: row["text"] for row in stored.tables["texts"]}
    present = {row["excerpt_id"] for row in stored.tables["excerpts"]}
    listed = {(row["decided_on"], row["text_sha256"]) for row in stored.tables["placements"]}
    taken: list[str] = []

    def is_missing(part: Row) -> bool:
        """Whether words are at their place, in the source as it is, and are no excerpt."""
        source, start, end = _place(part["excerpt_id"])
        words = texts.get(source, "")[start:end].encode("utf-8", "surrogatepass")
        is_moved = (part["excerpt_id"], part["text_sha256"]) in listed
        return digest(words) == part["text_sha256"] and not is_moved and part["excerpt_id"] not in present

    for row in sorted(lines, key=lambda row: max(row["seq"], touched.get(row["seq"], 0)), reverse=True):
        is_cut = (row["value"] == "cut") is (row["seq"] in kept)
        stands = row["parts"] if is_cut else [row]
        for part in stands:
            if is_missing(part) and not any(_overlap(part["excerpt_id"], other) for other in taken):
                what = message(f"audit/{row['value']}_is_not_followed", excerpt_id=part["excerpt_id"])
                yield Problem(f"{LEDGER} line {row['seq']}", what, message(RERUN))
        taken += [part["excerpt_id"] for part in stands]


def _overlap(one: str, other: str) -> bool:
    """Whether two excerpts, by their ids, share characters of a source."""
    (source, start, end), (of_other, first, last) = _place(one), _place(other)
    return source == of_other and start < last and first < end


def _touched(rows: list[Row]) -> dict[int, int]:
    """By the number of a line, the last line that took it back or put it back."""
    numbers = {name: row["seq"] for row in rows for name in (row["hash"], row["origin"]) if name}
    named: dict[int, list[int]] = {}
    touched: dict[int, int] = {}
    for row in rows:
        if row["kind"] == "undo":
            seqs = [numbers[name] for name in row["value"].split(";") if name in numbers]
            named[row["seq"]] = [last for seq in seqs for last in named.get(seq, [seq])]
            touched |= {seq: int(row["seq"]) for seq in named[row["seq"]]}
    return touched


def _place(excerpt: str) -> tuple[str, int, int]:
    source, _, stretch = excerpt.rpartition(":")
    start, end = stretch.split("-")
    return source, int(start), int(end)

"""Taking decisions back, and back again: a line of kind `undo` names lines by their hash, and from then on they do not hold.

It may name earlier lines of kind `undo`: then what these took back holds again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.records import Decision, Draft
from pipeline.vocabulary import DecisionKind


def undo_draft(lines: Sequence[Decision]) -> Draft:
    """The ledger line that takes back lines of one excerpt. A line that came from another ledger is named as there."""
    hashes = ";".join(line.origin or line.hash for line in lines)
    return Draft(
        DecisionKind.UNDO,
        excerpt_id=lines[0].excerpt_id,
        text_sha256=lines[0].text_sha256,
        value=hashes,
        base=lines[-1].seq,
    )


def without_undone(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that hold: those that their own coder did not take back later."""
    every = list(decisions)
    undone = _names_undone(every)
    return [d for d in every if d.kind is not DecisionKind.UNDO and not _names_of(d) & undone]


def undo_lines_that_hold(decisions: Iterable[Decision]) -> list[Decision]:
    """The lines of kind `undo` that were not taken back themselves, in order."""
    every = list(decisions)
    undone = _names_undone(every)
    return [d for d in every if d.kind is DecisionKind.UNDO and not _names_of(d) & undone]


def changes_since(decisions: Iterable[Decision], seq: int) -> list[Decision]:
    """The lines after a number that changed something: not those written since and taken back."""
    every = list(decisions)
    before = {name for line in every if line.seq <= seq for name in (line.hash, line.origin)}
    taken_back = (line for line in undo_lines_that_hold(every) if not before.isdisjoint(line.value.split(";")))
    return [line for line in (*without_undone(every), *taken_back) if line.seq > seq]


Name = tuple[str, str]  # coder, and the hash of one of their lines


def _names_undone(decisions: Iterable[Decision]) -> set[Name]:
    """The lines that are taken back, the last word on each first: a line is written after those that it names."""
    undone: set[Name] = set()
    for line in sorted((d for d in decisions if d.kind is DecisionKind.UNDO), key=_by_seq, reverse=True):
        if not _names_of(line) & undone:
            undone |= {(line.coder, name) for name in line.value.split(";")}
    return undone


def _by_seq(line: Decision) -> int:
    return line.seq


def _names_of(line: Decision) -> set[Name]:
    return {(line.coder, line.hash), (line.coder, line.origin)}

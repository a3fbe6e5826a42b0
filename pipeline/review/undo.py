"""Taking decisions back: a line of kind `undo` names lines by their hash, and from then on they do not hold."""

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
    undone = {(d.coder, name) for d in every if d.kind is DecisionKind.UNDO for name in d.value.split(";")}
    return [
        d for d in every if d.kind is not DecisionKind.UNDO and not {(d.coder, d.hash), (d.coder, d.origin)} & undone
    ]

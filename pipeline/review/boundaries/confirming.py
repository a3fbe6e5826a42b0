"""The excerpts, cut or joined since, on which a coder's earlier answers wait to be confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from pipeline.records import Decision
from pipeline.review.settle import CODES, LINKS, State
from pipeline.review.undo import without_undone
from pipeline.vocabulary import DecisionKind

ANSWERS = CODES | LINKS | {DecisionKind.REVIEWED}


def waiting_of(state: State, coder: str, lines: Iterable[Decision]) -> dict[str, int]:
    """The excerpts on which answers of a coder wait, and which they have not settled since; each with the last line that waits."""
    waiting: dict[str, int] = {}
    for each in state.unconfirmed:
        if each.decision.coder == coder:
            waiting[each.excerpt_id] = max(each.decision.seq, waiting.get(each.excerpt_id, 0))
    settled = _settled(state, coder, lines)
    return {excerpt: seq for excerpt, seq in waiting.items() if seq > settled.get(excerpt, 0)}


def _settled(state: State, coder: str, lines: Iterable[Decision]) -> dict[str, int]:
    """The last line by which a coder answered anything on each excerpt itself."""
    made = [(d.excerpt_id, d.seq) for d in state.coder_decisions if d.coder == coder and not d.is_carried]
    made += [(d.excerpt_id, d.seq) for d in without_undone(lines) if d.coder == coder and d.kind in ANSWERS]
    return dict(sorted(made, key=itemgetter(1)))

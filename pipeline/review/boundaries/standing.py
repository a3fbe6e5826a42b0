"""From the cuts and joins of a ledger to the excerpts that result.

Each line names a whole and its two parts. While a cut holds, its parts are the excerpts; while a join holds, its whole is; taken
back, it is the other way round. If lines contradict each other, what was done last holds, and takes precedence over excerpts that
somebody decided on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.records import Decision
from pipeline.review.identity import Bounds, Passage, bounds_of, passage_of
from pipeline.review.undo import without_undone
from pipeline.vocabulary import BoundaryAction, DecisionKind


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of a cut or a join: whether its parts stand or its whole, and since which line of the ledger."""

    line: Decision
    since: int
    is_cut: bool

    @property
    def whole(self) -> Passage:
        """The passage of both parts together."""
        return passage_of(self.line)

    @property
    def parts(self) -> tuple[Passage, Passage]:
        """The passages of the two parts, in order."""
        first, second = map(passage_of, self.line.parts)
        return first, second

    @property
    def is_holding(self) -> bool:
        """Whether its coder has not taken it back."""
        return self.is_cut is (self.line.value == BoundaryAction.CUT)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages that stand."""
        return self.parts if self.is_cut else (self.whole,)

    def places(self, placed: Mapping[Passage, str]) -> tuple[Bounds | None, list[Bounds]]:
        """Where the whole and its parts are now; the whole is None, and parts are left out, whose words have changed.

        `placed` has the excerpt id that each passage would have now.
        """
        whole = bounds_of(placed[self.whole]) if self.whole in placed else None
        parts = [bounds_of(placed[part]) for part in self.parts if part in placed]
        if whole is None:
            return None, parts
        if len(parts) == len(self.parts) and (parts[0][0], parts[-1][1]) == whole and parts[0][1] <= parts[-1][0]:
            return whole, parts
        start, end = self.whole.bounds
        if whole[1] - whole[0] != end - start:  # names were masked, or shown, within it since
            return whole, []
        shift = whole[0] - start
        return whole, [(first + shift, last + shift) for first, last in (part.bounds for part in self.parts)]

    def standing_places(self, placed: Mapping[Passage, str]) -> list[Bounds]:
        """The bounds of the excerpts that stand, as far as their words are there."""
        whole, parts = self.places(placed)
        if self.is_cut:
            return parts
        return [whole] if whole else []


def standings(decisions: Iterable[Decision]) -> list[Standing]:
    """What holds of every cut and join of a ledger, in the order in which it came to hold."""
    every = list(decisions)
    holding = {line.seq for line in without_undone(every)}
    touched = _last_touched(every)
    holds = []
    for line in every:
        if line.kind is DecisionKind.EXCERPT:
            is_cut = (line.value == BoundaryAction.CUT) is (line.seq in holding)
            holds.append(Standing(line, max(line.seq, touched.get(line.seq, 0)), is_cut))
    return sorted(holds, key=_since)


def _last_touched(decisions: Sequence[Decision]) -> dict[int, int]:
    """The last line that took another back, or put it back, by the number of the other."""
    lines = {name: line for line in decisions for name in (line.hash, line.origin) if name}
    named: dict[int, list[int]] = {}  # line of kind undo -> the lines that it takes back, or puts back
    touched: dict[int, int] = {}
    for line in decisions:
        if line.kind is DecisionKind.UNDO:
            undone = [
                other for name in line.value.split(";") if (other := lines.get(name)) and other.coder == line.coder
            ]
            named[line.seq] = [seq for other in undone for seq in named.get(other.seq, [other.seq])]
            touched |= dict.fromkeys(named[line.seq], line.seq)
    return touched


def _since(standing: Standing) -> int:
    return standing.since


def standing_bounds(held: Sequence[Standing], placed: Mapping[Passage, str]) -> dict[str, list[Bounds]]:
    """The bounds that people's cuts and joins give, by source, what was done last first."""
    bounds: dict[str, list[Bounds]] = {}
    for standing in reversed(held):
        bounds.setdefault(standing.whole.source_id, []).extend(standing.standing_places(placed))
    return bounds


def moved_bounds(held: Iterable[Standing], placed: Mapping[Passage, str]) -> set[tuple[str, Bounds]]:
    """Every stretch of a source that a cut or a join names, as whole or part, where it is now."""
    return {
        (standing.whole.source_id, bounds)
        for standing in held
        for whole, parts in [standing.places(placed)]
        for bounds in [*parts, whole]
        if bounds
    }


def sources_with_other_bounds(before: Sequence[Decision], now: Sequence[Decision]) -> frozenset[str]:
    """The sources in which other cuts and joins hold by the decisions `now` than by those `before`."""
    earlier, later = (
        {
            (standing.line.hash, standing.since, standing.is_cut): standing.whole.source_id
            for standing in standings(each)
        }
        for each in (before, now)
    )
    return frozenset({**earlier, **later}[key] for key in earlier.keys() ^ later.keys())

"""How well suggestions ranked what a coder decided on: the coder's answers in the order that the machine had given them before.

Only excerpts on which nobody had decided at the last run: the machine has not learnt from these answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.review.suggestions.precision import average_precision, in_random_order
from pipeline.review.web.ledger_view import LedgerView, OwnAnswers
from pipeline.review.web.rounds import Item, is_visible
from pipeline.review.web.study_view import StudyView
from pipeline.vocabulary import CoderView, Lane

EVERY = 10  # excerpts decided on, after which the figures are counted again
FEWEST = 10  # excerpts decided on for a code: with fewer, a random order is often as good

Json = dict[str, Any]
Decided = tuple[str, OwnAnswers]  # an excerpt, and the coder's answers on it


class RankedSuggestions:
    """The figures of one coder, counted again after every ten excerpts."""

    def __init__(self) -> None:
        self._counted_for: tuple[Any, ...] = ()
        self._figures: Json | None = None

    def figures(self, study: StudyView, ledger: LedgerView) -> Json | None:
        """By code the average precision on the coder's first excerpts since the last run, in tens; None before the first ten.

        None in a round that hides what the machine suggests, too.
        """
        if not is_visible(Item.COUNTS, ledger.round):
            return None
        decided = _decided_since_run(study, ledger)
        counted = decided[: len(decided) // EVERY * EVERY]
        state = (study.run, study.form.codebook.version, [own.latest for _, own in counted])
        if self._counted_for != state:
            self._counted_for, self._figures = state, _figures(study, counted) if counted else None
        return self._figures


def _decided_since_run(study: StudyView, ledger: LedgerView) -> list[Decided]:
    """What the coder decided on since the last run, in order; words that the coder had decided on before are left out."""
    shelf = study.shelf
    decided = [(name, own) for name, own in ledger.own.items() if own.is_settled and name in shelf.position]
    by_words: dict[int, Decided] = {}
    for name, own in sorted(decided, key=lambda each: each[1].latest_seq):
        by_words.setdefault(shelf.same_words(shelf.position[name]), (name, own))
    return [(name, own) for name, own in by_words.values() if own.latest_seq > study.lines_of_run]


def _figures(study: StudyView, counted: Sequence[Decided]) -> Json:
    chances = study.chances([name for name, _ in counted])
    lines = [own.latest for _, own in counted if own.latest]
    codes = [
        {"code": code, **_figures_of(code, counted, chances, since=study.lines_of_run)}
        for code in study.form.codebook.ids
    ]
    return {
        "count": len(counted),
        "drawn": sum(line.lane.startswith(Lane.RANDOM) for line in lines),
        "shown": sum(line.shown == CoderView.SUGGESTION for line in lines),
        "precision": _mean("precision", codes),
        "random": _mean("random", codes),
        "codes": codes,
    }


def _mean(name: str, codes: Sequence[Json]) -> float | None:
    """The mean of a figure over the codes that have it."""
    values = [each[name] for each in codes if name in each]
    return sum(values) / len(values) if values else None


def _figures_of(
    code: str, counted: Sequence[Decided], chances: Mapping[str, Mapping[str, float]], *, since: int
) -> Json:
    """What can be said of a code; "why_not" is why nothing can."""
    decided = [(name, own.decisions[code]) for name, own in counted if code in own.decisions]
    answers = [(name, decision.yes) for name, decision in decided if decision.seq > since]
    ranked = [(yes, chances[name][code]) for name, yes in answers if code in chances.get(name, {})]
    truths, scores = [yes for yes, _ in ranked], [chance for _, chance in ranked]
    counts = {"decided": len(ranked), "ayes": sum(truths)}
    if answers and not ranked:
        return {**counts, "why_not": "unranked"}
    if why_not := _why_not(truths, scores):
        return {**counts, "why_not": why_not}
    return {**counts, "precision": average_precision(truths, scores), "random": in_random_order(truths)}


def _why_not(truths: Sequence[bool], scores: Sequence[float]) -> str:
    if len(truths) < FEWEST:
        return "few"
    if len(set(truths)) == 1:
        return "all_yes" if truths[0] else "all_no"
    return "tied" if len(set(scores)) == 1 else ""

"""The links that a finding would get by chance from the same excerpts: statements of other evaluations serve as control.

An excerpt's similarity to a statement is compared with its similarity to the control statements: some excerpts are similar to
everything. A finding gets suggestions only if its most similar excerpts score higher than those of the control statements, at a
declared rate of false discoveries over the findings (Benjamini & Hochberg 1995), and only links above the mark at which the
control statements get few (compare the target-decoy approach, Elias & Gygi 2007).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

CLOSEST = 3  # excerpts by which a finding is compared with the control statements
LEAST_SPREAD = (
    0.03  # of an excerpt's similarities to the control statements: fewer words in common than this say nothing
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A finding of another evaluation, invented for the control."""

    id: str
    language: str
    statement: str


@cache
def statements() -> tuple[Statement, ...]:
    """The control statements that come with the program."""
    path = resources.files(__package__) / "unrelated_statements.jsonl"
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return tuple(Statement(row["id"], row["lang"], row["statement"]) for row in rows)


class Control:
    """How similar some excerpts are to the control statements (statements x excerpts), for all findings compared over them.

    `standard`: by how many spreads each excerpt is more similar to a control statement than to all of them, less the mean over
    all excerpts, because some statements are similar to everything.
    """

    def __init__(self, similarities: np.ndarray) -> None:
        self.mean, self.spread = similarities.mean(axis=0), similarities.std(axis=0) + LEAST_SPREAD
        self.standard = self.in_spreads(similarities) if similarities.size else similarities
        self.closest = _closest(self.standard)
        self.ascending = np.sort(self.standard.ravel())

    def in_spreads(self, similarities: np.ndarray) -> np.ndarray:
        """The similarities to a statement, or to several, in the same measure."""
        return _centred((similarities - self.mean) / self.spread)

    def by_chance(self, marks: np.ndarray) -> np.ndarray:
        """How many excerpts reach each mark, on average over the control statements."""
        reached: np.ndarray = self.ascending.size - np.searchsorted(self.ascending, marks)
        return reached / len(self.standard)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A finding compared with the control statements, over the same excerpts.

    `standard`: its similarities in the measure of the control; `p_value`: the share of control statements whose most similar
    excerpts are as similar, the finding itself included.
    """

    standard: np.ndarray
    control: Control
    p_value: float


@dataclass(frozen=True, slots=True)
class Clearance:
    """Which excerpts of a finding clear the control: the lowest mark, and how many a control statement gets above it on average."""

    least_standard: float
    links: int
    by_chance: float


NOTHING_CLEARS = Clearance(least_standard=np.inf, links=0, by_chance=0.0)


def compare(scores: np.ndarray, control: Control) -> Comparison:
    """Compare a finding's similarities to some excerpts with those of the control statements."""
    if not scores.size:
        return Comparison(scores, control, 1.0)
    standard = control.in_spreads(scores)
    reached = _closest(standard[None, :])[0]
    chance = (1 + int((control.closest >= reached).sum())) / (1 + len(control.closest))
    return Comparison(standard, control, chance)


def _centred(standard: np.ndarray) -> np.ndarray:
    centred: np.ndarray = standard - standard.mean(axis=-1, keepdims=True)
    return centred


def _closest(standard: np.ndarray) -> np.ndarray:
    """The mean of the most similar excerpts of each statement."""
    count = min(CLOSEST, standard.shape[1])
    if not count:
        return np.full(len(standard), -np.inf)
    means: np.ndarray = np.sort(np.partition(standard, -count, axis=1)[:, -count:], axis=1).mean(axis=1)
    return means


def discoveries(chances: Sequence[float], rate: float) -> list[bool]:
    """Which p-values are discoveries at a given rate of false ones: the step-up rule of Benjamini & Hochberg."""
    ordered = np.sort(np.array(chances, dtype=float))
    steps = rate * np.arange(1, len(ordered) + 1) / max(1, len(ordered))
    passed = np.flatnonzero(ordered <= steps)
    limit = ordered[passed.max()] if len(passed) else -1.0
    return [chance <= limit for chance in chances]


def clearance(comparison: Comparison, rate: float) -> Clearance:
    """The lowest mark from which on a control statement gets at most `rate` of the links that the finding gets; 1: no control."""
    if rate >= 1:
        return Clearance(least_standard=-np.inf, links=comparison.standard.size, by_chance=0.0)
    marks = np.sort(comparison.standard)[::-1]
    by_chance = comparison.control.by_chance(marks)
    cleared = np.flatnonzero(by_chance <= rate * np.arange(1, len(marks) + 1))
    if not len(cleared):
        return NOTHING_CLEARS
    last = int(cleared[-1])
    return Clearance(float(marks[last]), last + 1, round(float(by_chance[last]), 2))

"""Which codes a text carries, learnt from examples: seeds that come with the study and people's decisions, weighted above them.

Ridge regression on nearness and terms (Saunders et al. 1998), one column per code; an example teaches only the codes that somebody
decided on. Calibration and thresholds are fitted on scores of examples whose group (person, document, near-copy) the scoring model
never saw.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.metrics import average_precision_score

from pipeline.tag.learning import calibrate, grouping, reliability
from pipeline.tag.learning.ridge import ridge
from pipeline.tag.learning.space import Columns

FEWEST = 2  # examples of a code, for and against, below which nothing is learnt
ENOUGH, FEW_CODES = 2500, 10  # examples and codes on which a choice is made, by average precision
HELD_OUT = 10_000  # examples with an out-of-fold score: more move no threshold
MANY = 10  # examples from which a code is learnt, or its rate is taken for what it is if all carry it, or none
UNIVERSAL = 0.5  # a code that nobody denies is universal if this share of its examples deny another code
USUAL_THRESHOLDS = (0.3, 0.5, 0.8)  # where nothing was learnt


class Penalty(NamedTuple):
    """How much terms count beside vectors, and how strongly weights are shrunk."""

    share: float
    alpha: float


PENALTIES = (Penalty(1.0, 1.0), Penalty(1.0, 0.6), Penalty(2.0, 0.6))  # the first suits the seeds


@dataclass(frozen=True, slots=True)
class Lesson:
    """Training data: features, truth and weight of every cell (examples x codes; 0: undecided), and the fold of each example."""

    columns: Columns
    yes: np.ndarray
    weight: np.ndarray
    fold: np.ndarray

    def solve(self, penalty: Penalty, scored: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(weights, intercepts, out-of-fold scores: nan where the fold is not one of the `scored`)."""
        share = np.sqrt(penalty.share)
        columns = Columns(self.columns.near, np.float32(share) * self.columns.terms)
        training_masks = [np.ones(len(self.fold), dtype=bool), *(self.fold != number for number in range(scored))]
        cells = np.hstack([self.weight * rows[:, None] for rows in training_masks])
        weights, intercepts = ridge(columns, np.tile(self.yes, len(training_masks)), cells, penalty.alpha)
        weights[columns.near.shape[1] :] *= share
        count = self.yes.shape[1]
        scores = np.full(self.yes.shape, np.nan)
        for number in range(scored):
            rows, part = np.flatnonzero(self.fold == number), slice((number + 1) * count, (number + 2) * count)
            scores[rows] = self.columns.of(rows).times(weights[:, part]) + intercepts[part]
        return weights[:, :count], intercepts[:count], scores

    def small(self) -> Lesson:
        """A part that is large enough to choose by: examples evenly, the codes that most were decided on, two folds."""
        rows = np.arange(0, len(self.fold), 1 + len(self.fold) // ENOUGH)
        codes = np.sort(np.argsort(-(self.weight > 0).sum(axis=0), kind="stable")[:FEW_CODES])
        cells = np.ix_(rows, codes)
        return Lesson(self.columns.of(rows), self.yes[cells], self.weight[cells], self.fold[rows] % 2)


def _best_penalty(lesson: Lesson) -> Penalty:
    """The penalty whose out-of-fold scores rank true cases highest; the first one if there is nothing to compare."""
    small = lesson.small()
    precision = {penalty: _mean_precision(small, small.solve(penalty, 2)[2]) for penalty in PENALTIES}
    return max(PENALTIES, key=lambda penalty: round(precision[penalty], 4))


def _mean_precision(lesson: Lesson, scores: np.ndarray) -> float:
    precision = [0.0]
    for code in range(scores.shape[1]):
        rows = np.flatnonzero(~np.isnan(scores[:, code]) & (lesson.weight[:, code] > 0))
        if lesson.yes[rows, code].any():
            precision.append(float(average_precision_score(lesson.yes[rows, code], scores[rows, code])))
    return sum(precision) / len(precision)


@dataclass(frozen=True, slots=True)
class Hints:
    """What speaks for codes beside the examples, samples x codes: what rules add to a score, and log-odds by the definition.

    `opinions` of further voters: samples x codes x columns.
    """

    bonus: np.ndarray
    by_definition: np.ndarray
    opinions: np.ndarray

    def of(self, rows: np.ndarray) -> Hints:
        """The hints on some of the samples."""
        return Hints(self.bonus[rows], self.by_definition[rows], self.opinions[rows])


@dataclass
class CodeClassifier(BaseEstimator):  # type: ignore[misc]
    """A multi-label classifier with calibrated probabilities, and thresholds for a recall.

    After `fit`: `weights_` (columns x codes), `intercepts_`, `is_learnt_` (codes), `rates_` (codes: the chance of a code that all
    examples carry, or none; nan of the others), `calibration_` (codes x slopes of score, definition and voters, offset),
    `thresholds_` (codes x lower, threshold, upper) and `is_reliable_` (codes that were learnt so well that held-out examples bear
    it out).
    """

    recall: float = 0.9

    def fit(
        self,
        columns: Columns,
        truth: np.ndarray,
        *,
        weight: np.ndarray,
        group: np.ndarray,
        is_seed: np.ndarray,
        hints: Hints,
    ) -> Self:
        """Learn from examples: `truth` is examples x codes, 1, 0 or nan (undecided)."""
        decided, yes = ~np.isnan(truth), np.nan_to_num(truth)
        against = (decided & (yes == 0)).sum(axis=0)
        self.is_learnt_ = (np.minimum(yes.sum(axis=0), against) >= FEWEST) & (decided.sum(axis=0) >= MANY)
        self.rates_ = _rates(yes, decided)
        learnt, fold = np.flatnonzero(self.is_learnt_), grouping.folds(group)
        cells = decided[:, learnt] * weight[:, None]
        lesson = Lesson(columns, yes[:, learnt].astype(np.float32), cells.astype(np.float32), fold)
        penalty = _best_penalty(lesson)
        weights, intercepts, scores = lesson.solve(penalty, -(-HELD_OUT * grouping.FOLDS // max(len(fold), HELD_OUT)))
        self.weights_: np.ndarray = np.zeros((len(weights), truth.shape[1]))
        self.weights_[:, learnt] = weights
        self.intercepts_ = np.zeros(truth.shape[1])
        self.intercepts_[learnt] = intercepts
        held_out = np.full(truth.shape, np.nan)
        held_out[:, learnt] = scores
        coded = self._calibrate(held_out + hints.bonus, hints, truth, weight)
        self.is_reliable_ = reliability.reliable(truth, coded, is_seed)
        return self

    def _calibrate(self, held_out: np.ndarray, hints: Hints, truth: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Fit calibration and thresholds; which held-out examples would be coded: examples x codes, nan if not held out."""
        count = truth.shape[1]
        self.calibration_ = np.tile([1.0, 1.0, *[0.0] * hints.opinions.shape[2], 0.0], (count, 1))
        self.thresholds_ = np.tile(USUAL_THRESHOLDS, (count, 1))
        coded = np.full(truth.shape, np.nan)
        for code in np.flatnonzero(self.is_learnt_):
            rows = np.flatnonzero(~np.isnan(held_out[:, code] + truth[:, code]))
            scores, defined, yes = held_out[rows, code], hints.by_definition[rows, code], truth[rows, code]
            opinions = hints.opinions[rows, code]
            line = calibrate.fit_calibration(scores, defined, yes, weight[rows], opinions=opinions)
            self.calibration_[code] = line
            if yes.any():
                chances = calibrate.probabilities(
                    scores[:, None], defined[:, None], line[None], opinions=opinions[:, None]
                )[:, 0]
                self.thresholds_[code] = calibrate.fit_thresholds(chances, yes, self.recall)
                coded[rows, code] = chances >= self.thresholds_[code, 1]
        return coded

    def round_as_stored(self) -> None:
        """Round weights and calibration as they are stored."""
        self.weights_ = self.weights_.astype(np.float32).round(6)
        self.intercepts_ = self.intercepts_.round(6)
        self.calibration_ = self.calibration_.round(6)

    def predict_proba(self, columns: Columns, hints: Hints) -> np.ndarray:
        """The probabilities of samples, samples x codes; nan where there was nothing to learn."""
        scores = columns.times(self.weights_) + self.intercepts_ + hints.bonus
        learnt = calibrate.probabilities(scores, hints.by_definition, self.calibration_, opinions=hints.opinions)
        return np.where(self.is_learnt_, learnt, self.rates_)


def _rates(yes: np.ndarray, decided: np.ndarray) -> np.ndarray:
    """The smoothed rate of each code that (nearly) all its examples carry, or none of them; nan of the others.

    If coders never say no, a code is not universal just because nobody denied it.
    """
    count, carried = decided.sum(axis=0), yes.sum(axis=0)
    denies = (decided & (yes == 0)).any(axis=1)
    deniers = (decided & denies[:, None]).sum(axis=0)
    universal = (count - carried < FEWEST) & (deniers >= UNIVERSAL * count)
    has_rate = (count >= MANY) & (universal | (carried < FEWEST))
    return np.where(has_rate, (carried + 1) / (count + 2), np.nan)


def truth_of(sets: Sequence[Collection[str]], asked: Sequence[Collection[str]], codes: Sequence[str]) -> np.ndarray:
    """What is true of examples: 1 or 0 for every code that somebody was `asked` about, else nan (examples x codes)."""
    return np.where(membership(asked, codes), membership(sets, codes).astype(float), np.nan)


def membership(sets: Sequence[Collection[str]], codes: Sequence[str]) -> np.ndarray:
    """Which codes are in each of the sets: sets x codes, true or false."""
    cells = np.zeros((len(sets), len(codes)), dtype=bool)
    for row, present in enumerate(sets):
        cells[row] = [code in present for code in codes]
    return cells

"""Training of the tagger on examples: seeds that come with the study and people's decisions, weighted above them.

Kernel ridge regression (Saunders et al. 1998) on the likeness of samples, one column per code; an example teaches only the codes
that somebody decided on. What the ridge and the lexical share should be is chosen by grouped cross-validation, and so are
calibration and thresholds: all on scores of examples whose group (person, document, near-copy) the scoring model never saw.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from pipeline.records import Example
from pipeline.tag import calibrate, grouping, kernel
from pipeline.tag.features import Features
from pipeline.tag.kernel import LEXICAL, PARTS, Lexicons, gaussian, scaled
from pipeline.tag.lexical import Lexicon
from pipeline.tag.model import ON_ANSWER, ON_QUESTION, Goal, Model
from pipeline.tag.stance import Stances, learn_stances

FEWEST = 2  # examples of a code, for and against, below which nothing is learnt
ROWS = 256  # of the lexical likeness that are worked on together
ENOUGH = 2500  # examples on which ridge and share of terms are chosen
CHOICES = ((1.0, 0.6), (1.0, 1.5), (2.0, 0.6))  # (how much terms count beside vectors, ridge)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be learnt: truth and what is decided (examples x codes), weight and fold of every example, the rules' bonus."""

    truth: np.ndarray
    decided: np.ndarray
    weight: np.ndarray
    fold: np.ndarray
    bonus: np.ndarray

    def rows(self, code: int) -> np.ndarray:
        """The examples that somebody decided on for a code."""
        return np.flatnonzero(self.decided[:, code])

    def can_teach(self, code: int) -> bool:
        """Whether there are enough examples for and against a code."""
        truth = self.truth[self.rows(code), code]
        return bool(min(truth.sum(), len(truth) - truth.sum()) >= FEWEST)


def train(examples: Sequence[Example], features: Features, goal: Goal) -> Model:
    """A Model of the goal's codes. `features` are those of the examples, in their order."""
    lesson = lesson_of(examples, features, goal)
    lexicons = kernel.learn(features)
    by_part = term_tables(lexicons, features)
    by_vectors, by_terms = likeness_of(features, by_part)
    share, ridge = choose(by_vectors, by_terms, lesson)
    likeness = by_terms
    likeness *= share
    likeness += by_vectors
    held_out = out_of_fold(likeness, lesson, ridge)
    weights = solve(likeness, lesson, ridge)
    teachable = np.array([lesson.can_teach(code) for code in range(len(goal.codes))], dtype=bool)
    calibration, thresholds = _fitted(held_out, lesson, goal)
    stances = learn_stances(examples, goal.codes, goal.families, by_vectors=by_vectors, words=by_part["words"])
    of_terms = {name: _single(share * kernel.LEXICAL[name] * (by_part[name].T @ weights)) for name in kernel.PARTS}
    return Model(
        version=goal.version,
        codes=goal.codes,
        lexicons=lexicons,
        known=teachable,
        centres=features.vectors.astype(np.float16),
        weights=weights.round(7),
        of_words=of_terms["words"],
        of_pieces=of_terms["pieces"],
        of_question=of_terms["question"],
        definitions=goal.definitions,
        calibration=calibration.round(6),
        thresholds=thresholds,
        **_of_stances(stances, by_part["words"]),
    )


def _single(weights: np.ndarray) -> np.ndarray:

    return np.asarray(weights, dtype=np.float32).round(6)


def _of_stances(stances: Stances, words: Any) -> dict[str, np.ndarray]:

    by_words = np.array([words.T @ of_code for of_code in stances.by_words])
    return {
        "stance_of": _single(stances.by_vectors),
        "stance_words": _single(by_words),
        "stance_prior": stances.prior.round(6),
    }


def lesson_of(examples: Sequence[Example], features: Features, goal: Goal) -> Lesson:
    """What the examples teach of the goal's codes."""
    truth = membership([dict(example.codes) for example in examples], goal.codes).astype(float)
    decided = membership([example.asked for example in examples], goal.codes)
    group = grouping.groups([e.group for e in examples], features.vectors)
    weight = np.array([example.weight for example in examples])
    bonus = ON_ANSWER * features.on_answer + ON_QUESTION * features.on_question
    return Lesson(truth, decided, weight, grouping.folds(group, goal.seed), bonus)


def membership(sets: Sequence[Collection[str]], codes: Sequence[str]) -> np.ndarray:
    """Which codes are in each of the sets: sets x codes, true or false."""
    cells = np.zeros((len(sets), len(codes)), dtype=bool)
    for row, present in enumerate(sets):
        cells[row] = [code in present for code in codes]
    return cells


def _table(lexicon: Lexicon, texts: Sequence[str]) -> Any:
    """The terms of texts as a sparse matrix, texts x terms."""
    rows = [lexicon.row(text) for text in texts]
    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    places = np.concatenate([p for p, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
    values = np.concatenate([v for _, v in rows]) if rows else np.zeros(0)
    return sparse.csr_matrix((values, places, ends), shape=(len(rows), len(lexicon.terms)))


def term_tables(lexicons: Lexicons, features: Features) -> dict[str, Any]:
    """The sparse matrix of every lexical part."""
    return {name: _table(*part) for name, part in zip(PARTS, lexicons.parts(features), strict=True)}


def likeness_of(features: Features, by_part: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """The likeness of all samples to each other: by their vectors, and by their terms (`by_part`: sparse)."""
    vectors = scaled(features.vectors)
    return gaussian(vectors, vectors), _by_terms(by_part, len(vectors))


def _by_terms(by_part: Mapping[str, Any], samples: int) -> np.ndarray:
    """The lexical likeness, some rows at a time: a sparse product of many texts takes more room than a full matrix."""
    matrix = np.empty((samples, samples))
    across = {name: by_part[name].T.tocsr() for name in LEXICAL}
    for at in range(0, samples, ROWS):
        part = slice(at, at + ROWS)
        matrix[part] = sum(weight * (by_part[name][part] @ across[name]) for name, weight in LEXICAL.items()).toarray()
    return matrix


def _alike_asked(lesson: Lesson) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The codes that can be learnt, those decided on for the same examples together: (examples, codes)."""
    together: dict[bytes, list[int]] = {}
    for code in range(lesson.truth.shape[1]):
        if lesson.can_teach(code):
            together.setdefault(lesson.decided[:, code].tobytes(), []).append(code)
    for codes in together.values():
        yield lesson.rows(codes[0]), np.array(codes)


def _ridge(likeness: np.ndarray, truth: np.ndarray, weight: np.ndarray, ridge: float) -> np.ndarray:
    """The weights of the examples that minimise the weighted squared error with the ridge's penalty; `likeness` is used up."""
    likeness[np.diag_indices_from(likeness)] += ridge / weight
    factor = cho_factor(likeness.T, lower=True, overwrite_a=True, check_finite=False)  # by columns: no copy is made
    solved: np.ndarray = cho_solve(factor, truth)
    return solved


def solve(likeness: np.ndarray, lesson: Lesson, ridge: float) -> np.ndarray:
    """What likeness to each example adds to each code's score: examples x codes."""
    weights = np.zeros(lesson.truth.shape)
    for rows, codes in _alike_asked(lesson):
        cells = np.ix_(rows, codes)
        weights[cells] = _ridge(likeness[np.ix_(rows, rows)], lesson.truth[cells], lesson.weight[rows], ridge)
    return weights


def out_of_fold(likeness: np.ndarray, lesson: Lesson, ridge: float) -> np.ndarray:
    """The score of every example and code, the rules' bonus included, by a model that saw no example of its fold."""
    scores = np.zeros(lesson.truth.shape)
    for rows, codes in _alike_asked(lesson):
        for fold in np.unique(lesson.fold[rows]):
            train, test = rows[lesson.fold[rows] != fold], rows[lesson.fold[rows] == fold]
            if len(train):
                part = _ridge(
                    likeness[np.ix_(train, train)], lesson.truth[np.ix_(train, codes)], lesson.weight[train], ridge
                )
                scores[np.ix_(test, codes)] = likeness[np.ix_(test, train)] @ part
    total: np.ndarray = scores + lesson.bonus
    return total


def choose(by_vectors: np.ndarray, by_terms: np.ndarray, lesson: Lesson) -> tuple[float, float]:
    """The (share of terms, ridge) whose out-of-fold scores rank best: average precision, over the codes asked most."""
    teachable = list(_alike_asked(lesson))
    if not teachable:
        return CHOICES[0]
    rows, codes = max(teachable, key=lambda some: (len(some[1]) * len(some[0]), len(some[0])))
    rows = rows[:: 1 + len(rows) // ENOUGH]
    part = _part(lesson, rows, codes)
    small, terms = by_vectors[rows][:, rows], by_terms[rows][:, rows]
    scored = {}
    for share, ridge in CHOICES:
        held_out = out_of_fold(small + share * terms, part, ridge)
        scored[share, ridge] = sum(average_precision(held_out[:, i], part.truth[:, i]) for i in range(len(codes)))
    return max(CHOICES, key=lambda choice: round(scored[choice], 6))


def _part(lesson: Lesson, rows: np.ndarray, codes: np.ndarray) -> Lesson:
    return Lesson(
        lesson.truth[rows][:, codes],
        lesson.decided[rows][:, codes],
        lesson.weight[rows],
        lesson.fold[rows],
        lesson.bonus[rows][:, codes],
    )


def average_precision(scores: np.ndarray, truth: np.ndarray) -> float:
    """The mean, over the true ones in the order of their scores, of the share that is true down to each; 0 where none is."""
    ranked = truth[np.argsort(-scores, kind="stable")] == 1
    if not ranked.any():
        return 0.0
    right = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return float(right[ranked].mean())


def _fitted(held_out: np.ndarray, lesson: Lesson, goal: Goal) -> tuple[np.ndarray, np.ndarray]:
    """Calibration and thresholds of every code; cautious defaults where nothing was learnt."""
    count = lesson.truth.shape[1]
    calibration, thresholds = goal.usual.copy(), np.tile([0.3, 0.5, 0.8], (count, 1))
    for code in filter(lesson.can_teach, range(count)):
        rows = lesson.rows(code)
        scores, truth = held_out[rows, code], lesson.truth[rows, code]
        calibration[code] = calibrate.fit_calibration(scores, truth, lesson.weight[rows])
        chances = calibrate.sigmoid(scores * calibration[code, 0] + calibration[code, 1])
        thresholds[code] = calibrate.fit_thresholds(chances, truth, goal.recall)
    return calibration, thresholds

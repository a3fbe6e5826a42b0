"""Training of the tagger on examples: seeds that come with the study and people's decisions, weighted above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.records import Example
from pipeline.tag import lexical
from pipeline.tag.calibrate import fit_calibration, fit_thresholds
from pipeline.tag.features import Features
from pipeline.tag.model import STANCES, Model

if TYPE_CHECKING:
    import numpy as np

TRAINER = "classifier 1"
FOLDS = 5
FEWEST = 4  # examples of a code, for and against, below which nothing is learnt


@dataclass(frozen=True, slots=True)
class Learnt:
    """A linear model over (terms | dense | rule): its weights and its intercept."""

    weights: np.ndarray
    bias: float


def train(
    examples: Sequence[Example], features: Features, codes: Sequence[str], *, version: str, recall: float
) -> Model:
    """A Model of the codes. `features` are those of the examples, in their order."""
    import numpy as np

    lexicon = lexical.learn(features.texts)
    table = _table(lexicon, features)
    learnt = [_of_code(code, features.rules[:, [i]], examples, table, recall) for i, code in enumerate(codes)]
    n_terms, n_dense = len(lexicon.terms), features.dense.shape[1]
    weights = np.array([one[0].weights for one in learnt]).reshape(len(codes), n_terms + n_dense + 1)
    stance = _stances(examples, features)
    return Model(
        version=version,
        codes=tuple(codes),
        known=np.array([one[3] for one in learnt], dtype=bool),
        lexicon=lexicon,
        of_terms=weights[:, :n_terms].round(6),
        of_dense=weights[:, n_terms:-1].round(6),
        of_rules=weights[:, -1].round(6),
        bias=np.array([one[0].bias for one in learnt]).round(6),
        slope=np.array([one[1][0] for one in learnt]).round(6),
        offset=np.array([one[1][1] for one in learnt]).round(6),
        thresholds=np.array([one[2] for one in learnt]).reshape(len(codes), 3),
        stance_of_dense=stance[0].round(6),
        stance_bias=stance[1].round(6),
    )


def _table(lexicon: lexical.Lexicon, features: Features) -> Any:
    """Terms and dense features side by side, sparse; the rule's column is added per code."""
    from scipy import sparse

    rows = [lexicon.row(text) for text in features.texts]
    ends = [0]
    for row in rows:
        ends.append(ends[-1] + len(row))
    values = [w for row in rows for _, w in row]
    places = [i for row in rows for i, _ in row]
    terms = sparse.csr_matrix((values, places, ends), shape=(len(rows), len(lexicon.terms)))
    return sparse.hstack([terms, sparse.csr_matrix(features.dense)], format="csr")


def _of_code(
    code: str, column: np.ndarray, examples: Sequence[Example], table: Any, recall: float
) -> tuple[Learnt, tuple[float, float], tuple[float, float, float], bool]:
    import numpy as np
    from scipy import sparse

    asked = np.array([i for i, e in enumerate(examples) if code in e.asked], dtype=int)
    truth = np.array([any(c == code for c, _ in examples[i].codes) for i in asked], dtype=int)
    width = table.shape[1] + 1
    if min(truth.sum(), len(truth) - truth.sum()) < FEWEST:
        return Learnt(np.zeros(width), 0.0), (1.0, 0.0), (0.3, 0.5, 0.8), False
    rows = sparse.hstack([table[asked], sparse.csr_matrix(column[asked])], format="csr")
    weights = np.array([examples[i].weight for i in asked])
    groups = np.array([examples[i].group for i in asked])
    held_out = _out_of_fold(rows, truth, weights, groups)
    calibration = fit_calibration(held_out, truth, weights)
    chances = 1 / (1 + np.exp(-(held_out * calibration[0] + calibration[1])))
    return _fit(rows, truth, weights), calibration, fit_thresholds(chances, truth, recall), True


def _fit(rows: Any, truth: np.ndarray, weights: np.ndarray) -> Learnt:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=500)
    model.fit(rows, truth, sample_weight=weights)
    return Learnt(model.coef_[0], float(model.intercept_[0]))


def _out_of_fold(rows: Any, truth: np.ndarray, weights: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The score of every row by a model that saw no row of its group."""
    import numpy as np
    from sklearn.model_selection import GroupKFold

    scores = np.zeros(len(truth))
    folds = min(FOLDS, len(set(groups)))
    for learn, held in GroupKFold(folds).split(rows, truth, groups):
        if len(set(truth[learn])) == 2:
            fitted = _fit(rows[learn], truth[learn], weights[learn])
            scores[held] = rows[held] @ fitted.weights + fitted.bias
    return scores


def _stances(examples: Sequence[Example], features: Features) -> tuple[np.ndarray, np.ndarray]:
    """Weights (stances x dense features) and intercepts; empty where fewer than two stances are known or there are no vectors."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    said = [(i, s) for i, e in enumerate(examples) for s in {s for _, s in e.codes if s}]
    n = features.dense.shape[1]
    if len({s for _, s in said}) < 2 or not n:
        return np.zeros((0, n)), np.zeros(0)
    model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=500)
    model.fit(features.dense[[i for i, _ in said]], [s for _, s in said])
    weights, bias = np.zeros((len(STANCES), n)), np.full(len(STANCES), -1e3)
    rows = model.coef_ if len(model.classes_) > 2 else np.vstack([-model.coef_, model.coef_])
    intercepts = model.intercept_ if len(model.classes_) > 2 else [-model.intercept_[0], model.intercept_[0]]
    for name, row, intercept in zip(model.classes_, rows, intercepts, strict=True):
        weights[STANCES.index(name)], bias[STANCES.index(name)] = row, intercept
    return weights, bias

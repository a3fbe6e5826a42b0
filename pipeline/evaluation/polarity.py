"""Fits the shipped polarity model on the stances of seeds, and measures it with each writer left out.

`python -m pipeline.evaluation.polarity` prints the figures; with `--write` it also writes pipeline/tag/polarity.csv anew.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

from pipeline.records import Example
from pipeline.steps.inputs import load_seeds
from pipeline.study import locate_study
from pipeline.tag import polarity
from pipeline.vocabulary import Stance

SEEDS = Path("coded") / "seeds.jsonl"
RIGHT = 0.92  # of the judgements of one-sided texts from the threshold on, over writers left out; a study's own words are harder
FEWEST = 50  # judgements on which a threshold rests
RARE = 3  # texts in which a term must occur
INVERSE_RIDGE = 2.0
DIGITS = 4


@dataclass(frozen=True, slots=True)
class StanceTexts:
    """Texts that speak well (1), badly (0) or both ways (0.5) of their subject, as terms, with writer and language."""

    terms: tuple[tuple[str, ...], ...]
    truth: np.ndarray
    writers: np.ndarray
    languages: np.ndarray


def _stances(example: Example) -> set[str]:
    return {stance for _, stance in example.codes if stance}


def stance_texts(examples: Sequence[Example]) -> StanceTexts:
    """The examples with a stance. One that speaks well of one code and badly of another speaks both ways."""
    chosen = [example for example in examples if _stances(example)]
    stances = [_stances(example) for example in chosen]
    return StanceTexts(
        terms=tuple(polarity.terms_of(example.text) for example in chosen),
        truth=np.array([SIDES.get(next(iter(sides)), 0.5) if len(sides) == 1 else 0.5 for sides in stances]),
        writers=np.array([writer_of(example.group) for example in chosen]),
        languages=np.array([example.language for example in chosen]),
    )


SIDES = {str(Stance.POSITIVE): 1.0, str(Stance.NEGATIVE): 0.0}


def writer_of(group: str) -> str:
    """Who wrote a seed: the letters that its id begins with."""
    match = re.match(r"seed ([A-Za-z]+)", group)
    return match[1] if match else group


def fit(data: StanceTexts, rows: np.ndarray) -> polarity.PolarityModel:
    """A model of some rows; a text that speaks both ways teaches half of each."""
    counts = Counter(term for row in rows for term in data.terms[row])
    names = sorted(term for term, count in counts.items() if count >= RARE)
    features = _matrix([data.terms[row] for row in rows], {name: i for i, name in enumerate(names)})
    weights = np.concatenate([data.truth[rows], 1 - data.truth[rows]])
    used = weights > 0
    labels = np.repeat([1, 0], len(rows))
    learner = LogisticRegression(C=INVERSE_RIDGE, max_iter=500)
    learner.fit(sparse.vstack([features, features]).tocsr()[used], labels[used], sample_weight=weights[used])
    learnt = dict(zip(names, learner.coef_[0].round(DIGITS).tolist(), strict=True))
    return polarity.PolarityModel(
        weights=learnt, offset=round(float(learner.intercept_[0]), DIGITS), threshold=1.0, recall=0.0
    )


def _matrix(texts: Sequence[Sequence[str]], number: dict[str, int]) -> sparse.csr_matrix:
    rows, columns, values = [], [], []
    for row, terms in enumerate(texts):
        for term in terms:
            if term in number:
                rows.append(row)
                columns.append(number[term])
                values.append(1 / max(1.0, len(terms) ** 0.5))
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(number)))


def held_out(data: StanceTexts) -> np.ndarray:
    """The probability that each text speaks well of its subject, by a model that saw nothing of its writer."""
    chances = np.zeros(len(data.terms))
    for writer in sorted(set(data.writers.tolist())):
        model = fit(data, np.flatnonzero(data.writers != writer))
        for row in np.flatnonzero(data.writers == writer):
            chances[row] = model.chance(data.terms[row])
    return chances


def threshold_of(data: StanceTexts, chances: np.ndarray) -> float:
    """The least confidence from which on so many judgements of one-sided texts are right as `RIGHT` says; 1 where none is."""
    judged = np.flatnonzero((data.truth != 0.5) & (chances != 0.5))
    confidence = np.maximum(chances, 1 - chances)[judged]
    order = np.argsort(-confidence, kind="stable")
    right = (np.round(chances) == data.truth)[judged][order]
    shares = np.cumsum(right) / np.arange(1, len(right) + 1)
    reached = np.flatnonzero((shares >= RIGHT) & (np.arange(len(right)) >= FEWEST))
    return round(float(confidence[order[reached.max()]]), DIGITS) if len(reached) else 1.0


def figures(data: StanceTexts, chances: np.ndarray, threshold: float) -> dict[str, Any]:
    """How often the model speaks, how often it is right then, and what share of texts that speak badly it recognises."""
    speaks = np.maximum(chances, 1 - chances) >= threshold
    right = np.round(chances) == data.truth
    one_sided = data.truth != 0.5
    return {
        "n": len(chances),
        "writers": len(set(data.writers.tolist())),
        "threshold": threshold,
        "silent": _share(~speaks, np.ones(len(speaks), dtype=bool)),
        "right_of_one_sided": _share(right, speaks & one_sided),
        "right_of_all": _share(right, speaks),
        "recall_negative": _share(speaks & right, data.truth == 0),
        "recall_positive": _share(speaks & right, data.truth == 1),
        "languages": {
            str(name): _share(right, speaks & one_sided & (data.languages == name))
            for name in np.unique(data.languages)
        },
        "right_without_silence": _share(right, one_sided),
    }


def _share(values: np.ndarray, rows: np.ndarray) -> float | None:
    return round(float(values[rows].mean()), 3) if rows.any() else None


def measure(examples: Sequence[Example]) -> dict[str, Any]:
    """The figures of the model over writers left out, and the threshold that they give."""
    data = stance_texts(examples)
    chances = held_out(data)
    return figures(data, chances, threshold_of(data, chances))


def main(arguments: Sequence[str]) -> None:
    """Print the figures; write the weights where asked to."""
    seeds = load_seeds(locate_study(Path()).root / SEEDS, None)
    result = measure(seeds)
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    if "--write" in arguments:
        data = stance_texts(seeds)
        _write(fit(data, np.arange(len(data.terms))), result)


def _write(model: polarity.PolarityModel, result: dict[str, Any]) -> None:
    measured = {polarity.THRESHOLD: result["threshold"], polarity.RECALL: result["recall_negative"]}
    rows = {**model.weights, polarity.OFFSET: model.offset, **measured}
    with Path(polarity.__file__).with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["term", "weight"])
        writer.writerows(sorted(rows.items()))


if __name__ == "__main__":
    main(sys.argv[1:])

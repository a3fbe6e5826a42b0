"""Fits the shipped polarity model on stances of seeds and of link pairs, and measures it on writers that were held out.

`evaluate --polarity` prints the figures; `python -m pipeline.evaluation.polarity` rewrites pipeline/tag/polarity.csv.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from pipeline.engine.work import Tick, Work
from pipeline.evaluation.gold import read_gold
from pipeline.evaluation.links import pair_rows
from pipeline.records import SEED, Example
from pipeline.steps.inputs import load_seeds
from pipeline.study import locate_study
from pipeline.tag import embeddings, polarity
from pipeline.tag.embeddings import VectorStore
from pipeline.tag.features import spoken
from pipeline.tag.polarity import PolarityModel, Side
from pipeline.vocabulary import Direction

SEEDS = Path("coded") / "seeds.jsonl"
GOLD = Path("tests") / "gold"
# Writers of seeds. With the later ones as well, no confidence makes a share RIGHT of the answers right.
LEARNT_FROM = frozenset("ABCDEFGS")
RIGHT = 0.85  # of all its answers on excerpts about a finding, also on those with both sides, evaluations left out
STEPS = np.arange(0.99, 0.5, -0.01).round(2)  # confidences that are tried, the highest first
FEWEST_JUDGED = 40  # texts that must be above a confidence to say how many of them are right
RARE = 3  # texts in which a term must occur
DIGITS = 4
INVERSE_RIDGE = {True: 3.0, False: 5.0}  # with vectors; by words alone, whose features are sparse
LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class StanceTexts:
    """Texts that are positive (1), negative (0) or both (0.5) about their subject, with writer and language.

    vectors: texts x dimensions, of question and text read as one.
    """

    texts: tuple[str, ...]
    vectors: np.ndarray
    truth: np.ndarray
    writers: np.ndarray
    languages: np.ndarray

    def part(self, rows: np.ndarray) -> StanceTexts:
        """Some of the texts."""
        texts = tuple(self.texts[row] for row in rows)
        return StanceTexts(texts, self.vectors[rows], self.truth[rows], self.writers[rows], self.languages[rows])


@dataclass(frozen=True, slots=True)
class _Judged:
    """A text with its question, and 1, 0 or 0.5 as above."""

    text: str
    question: str
    language: str
    writer: str
    truth: float


def of_examples(examples: Sequence[Example]) -> list[_Judged]:
    """The examples with a stance. One that is positive about one code and negative about another is both."""
    judged = []
    for example in examples:
        stances = {stance for _, stance in example.codes if stance}
        if stances:
            truth = polarity.SIDES.get(next(iter(stances)), 0.5) if len(stances) == 1 else 0.5
            judged.append(_Judged(example.text, example.question, example.language, writer_of(example.group), truth))
    return judged


def writer_of(group: str) -> str:
    """Who wrote a seed: the letters that its id begins with. Of other texts: the group."""
    match = re.match(rf"{SEED}([A-Za-z]+)", group)
    return match[1] if match else group


def of_pairs() -> Iterator[_Judged]:
    """The excerpts of the shipped link pairs: supporting ones have their finding's stance, contradicting ones the opposite."""
    for row in pair_rows():
        if row["first"] == row["second"] == "1" and row["direction"] == row["second_direction"]:
            side = polarity.SIDES.get(row["stance"])
            turned = {Direction.SUPPORTS: side, Direction.CONTRADICTS: None if side is None else 1 - side}
            truth = turned.get(Direction(row["direction"]))
            yield _Judged(
                row["excerpt"],
                row["question"],
                row["excerpt_language"],
                row["programme"],
                0.5 if truth is None else truth,
            )


def stance_texts(judged: Sequence[_Judged], work: Work) -> StanceTexts:
    """The judged texts with their vectors."""
    read = [spoken(each.text, each.question) for each in judged]
    store = VectorStore({})
    store.add(read, work)
    return StanceTexts(
        texts=tuple(each.text for each in judged),
        vectors=embeddings.matrix(read, store.used),
        truth=np.array([each.truth for each in judged]),
        writers=np.array([each.writer for each in judged]),
        languages=np.array([each.language for each in judged]),
    )


def fit(data: StanceTexts, *, with_vectors: bool) -> PolarityModel:
    """A model of the texts; without a threshold it never answers."""
    terms = [polarity.terms_of(text) for text in data.texts]
    counts = Counter(term for of_text in terms for term in of_text)
    names = sorted(term for term, count in counts.items() if count >= RARE)
    features = _matrix(terms, {name: i for i, name in enumerate(names)})
    if with_vectors:
        features = sparse.hstack([features, sparse.csr_matrix(data.vectors)]).tocsr()
    learner = LogisticRegression(C=INVERSE_RIDGE[with_vectors], max_iter=1000).fit(features, data.truth.astype(str))
    bad, both, good = (np.append(*of_class) for of_class in zip(learner.coef_, learner.intercept_, strict=True))
    return PolarityModel(_side_of(good - both, names), _side_of(bad - both, names), threshold=1.0, recall=0.0)


def _side_of(learnt: np.ndarray, names: Sequence[str]) -> Side:
    """The weights of terms, then of dimensions if there are any, then the offset."""
    *weights, offset = learnt.round(DIGITS).tolist()
    of_vector = np.array(weights[len(names) :] or [0.0] * embeddings.DIMENSIONS)
    return Side(dict(zip(names, weights, strict=False)), of_vector, offset)


def _matrix(texts: Sequence[Sequence[str]], number: Mapping[str, int]) -> sparse.csr_matrix:
    """The terms of each text, weighted so that long texts count as much as short ones."""
    rows, columns, values = [], [], []
    for row, terms in enumerate(texts):
        for term in terms:
            if term in number:
                rows.append(row)
                columns.append(number[term])
                values.append(1 / max(1.0, len(terms) ** 0.5))
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(number)))


def figures(data: StanceTexts, chances: np.ndarray, threshold: float | np.ndarray) -> dict[str, Any]:
    """How often the model answers, how often it is right, and what share of negative texts it recognises."""
    speaks = np.maximum(chances, 1 - chances) >= threshold
    right = np.round(chances) == data.truth
    right[data.truth == 0.5] = False
    one_sided = data.truth != 0.5
    return {
        "n": len(chances),
        "writers": len(set(data.writers.tolist())),
        "silent": _share(~speaks, np.ones(len(speaks), dtype=bool)),
        "right": _share(right, speaks),
        "right_of_one_sided": _share(right, speaks & one_sided),
        "recall_negative": _share(speaks & right, data.truth == 0),
        "recall_positive": _share(speaks & right, data.truth == 1),
        "right_by_language": {name: _share(right, speaks & (data.languages == name)) for name in LANGUAGES},
        "worst_writer": _worst(data, right, speaks),
    }


def _share(values: np.ndarray, rows: np.ndarray) -> float | None:
    return round(float(values[rows].mean()), 3) if rows.any() else None


def _worst(data: StanceTexts, right: np.ndarray, speaks: np.ndarray) -> float | None:
    """The lowest share of right answers over the writers of whom it judges at least five texts."""
    by_writer = [speaks & (data.writers == writer) for writer in np.unique(data.writers)]
    return min((_share(right, rows) or 0.0 for rows in by_writer if rows.sum() >= 5), default=None)


@dataclass(frozen=True, slots=True)
class Material:
    """Texts to learn from, the first `seeds` of them seeds, and texts that are never learnt from, by the name of their set."""

    learn: StanceTexts
    seeds: int
    gold: Mapping[str, StanceTexts]

    @property
    def pairs(self) -> np.ndarray:
        """The places of the excerpts of the link pairs."""
        return np.arange(self.seeds, len(self.learn.texts))


def load(root: Path, work: Work) -> Material:
    """The seeds of the study with the shipped pairs, and the gold sets beside them."""
    seeds = [each for each in of_examples(load_seeds(root / SEEDS, None)) if each.writer in LEARNT_FROM]
    gold = {path.stem: of_examples(read_gold(path).examples) for path in sorted((root / GOLD).glob("*.csv"))}
    return Material(
        learn=stance_texts([*seeds, *of_pairs()], work),
        seeds=len(seeds),
        gold={name: stance_texts(judged, work) for name, judged in gold.items()},
    )


def threshold_of(data: StanceTexts, chances: np.ndarray) -> float:
    """The least confidence above which a share `RIGHT` of the answers is right; 1 if there is none."""
    least = 1.0
    for step in STEPS.tolist():
        if (np.maximum(chances, 1 - chances) >= step).sum() < FEWEST_JUDGED:
            continue
        if (figures(data, chances, step)["right"] or 0.0) < RIGHT:
            break
        least = float(step)
    return least


def _chances(model: PolarityModel, data: StanceTexts, *, with_vectors: bool) -> np.ndarray:
    return model.chances(data.texts, data.vectors if with_vectors else None)


SETS = {"seeds": "seeds, writers left out", "pairs": "excerpts about a finding, evaluations left out"}


def measure(material: Material) -> dict[str, Any]:
    """The figures of the shipped model on each gold set, and of models that saw nothing of a writer or evaluation on these.

    The confidence from which these speak is chosen on the other folds' pairs.
    """
    result = {}
    for column in (polarity.WITH_VECTORS, polarity.WORDS_ALONE):
        model, with_vectors = polarity.load(column), column == polarity.WITH_VECTORS
        by_set = {
            name: figures(data, _chances(model, data, with_vectors=with_vectors), model.threshold)
            for name, data in material.gold.items()
        }
        chances = held_out(material.learn, with_vectors=with_vectors)
        thresholds = _thresholds_left_out(material, chances)
        rows = {"seeds": np.arange(material.seeds), "pairs": material.pairs}
        for name, title in SETS.items():
            part = rows[name]
            by_set[title] = figures(material.learn.part(part), chances[part], thresholds[part])
        result[column] = {"threshold": model.threshold, "sets": by_set}
    return result


FOLDS = 8


def _folds(data: StanceTexts) -> np.ndarray:
    """The fold of each text, writers whole."""
    return np.unique(data.writers, return_inverse=True)[1] % FOLDS


def _thresholds_left_out(material: Material, chances: np.ndarray) -> np.ndarray:
    """For each text the confidence that the pairs of the other folds ask for."""
    fold, thresholds = _folds(material.learn), np.ones(len(chances))
    for test in range(FOLDS):
        other_folds = material.pairs[fold[material.pairs] != test]
        thresholds[fold == test] = threshold_of(material.learn.part(other_folds), chances[other_folds])
    return thresholds


def held_out(data: StanceTexts, *, with_vectors: bool) -> np.ndarray:
    """The probability that each text is positive about its subject, by a model that saw nothing of its writer."""
    fold = _folds(data)
    chances = np.zeros(len(data.texts))
    for test in range(FOLDS):
        rows = np.flatnonzero(fold == test)
        model = fit(data.part(np.flatnonzero(fold != test)), with_vectors=with_vectors)
        chances[rows] = _chances(model, data.part(rows), with_vectors=with_vectors)
    return chances


def evaluate(root: Path, tick: Tick) -> dict[str, Any]:
    """The figures, with the seeds and gold sets of the study."""
    return measure(load(locate_study(root).root, Work(0, tick)))


SELDOM = 0.95  # a model that gives no answer to more texts than this in every set has a line instead of rows
HEADINGS = (
    "model: texts",
    "texts",
    "writers",
    "no answer",
    "answers right",
    "on one-sided texts",
    "worst writer",
    "negative texts recognised",
)


def as_lines(result: Mapping[str, Any]) -> list[str]:
    """The figures as lines of Markdown."""
    lines = [
        "| " + " | ".join(HEADINGS) + " |",
        "|---" * len(HEADINGS) + "|",
    ]
    seldom = [name for name, model in result.items() if min(row["silent"] for row in model["sets"].values()) > SELDOM]
    lines += [
        _row(column, name, row)
        for column, of_model in result.items()
        if column not in seldom
        for name, row in of_model["sets"].items()
    ]
    answers = (f"{column.replace('_', ' ')} {of_model['threshold']:.2f}" for column, of_model in result.items())
    closing = [line for name in seldom for line in ("", _spread(name.replace("_", " "), result[name]["sets"].values()))]
    return [f"The model answers only at this probability or above: {', '.join(answers)}.", "", *lines, *closing]


def _row(column: str, name: str, row: Mapping[str, Any]) -> str:
    cells = [row[key] for key in ("silent", "right", "right_of_one_sided", "worst_writer", "recall_negative")]
    shown = " | ".join("-" if cell is None else f"{cell:.2f}" for cell in cells)
    return f"| {column.replace('_', ' ')}: {name} | {row['n']} | {row['writers']} | {shown} |"


def _spread(model: str, rows: Collection[Mapping[str, Any]]) -> str:
    """The range of the figures of a model that nearly never answers, over all sets."""
    names = {"silent": "no answer", "right": "answers right", "recall_negative": "negative texts recognised"}
    shown = []
    for key, name in names.items():
        values = [row[key] for row in rows if row[key] is not None]
        shown.append(f"{name} {min(values):.2f} to {max(values):.2f}" if values else f"{name} -")
    return f"{model.capitalize()}: {', '.join(shown)}."


def write(root: Path, work: Work) -> None:
    """Fit both models, choose the confidence from which each answers, and write them."""
    material = load(root, work)
    columns = {}
    for column in (polarity.WITH_VECTORS, polarity.WORDS_ALONE):
        model = fit_with_threshold(material, with_vectors=column == polarity.WITH_VECTORS)
        measured = {polarity.THRESHOLD: model.threshold, polarity.RECALL: model.recall}
        for side, name in ((model.good, polarity.GOOD), (model.bad, polarity.BAD)):
            dimensions = {f"{polarity.DIMENSION}{i:03}": value for i, value in enumerate(side.of_vector.tolist())}
            columns[f"{column}{name}"] = {**side.weights, **dimensions, polarity.OFFSET: side.offset, **measured}
    with Path(polarity.__file__).with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["term", *columns])
        for term in sorted(set().union(*columns.values())):
            writer.writerow([term, *(weights[term] for weights in columns.values())])


def fit_with_threshold(material: Material, *, with_vectors: bool) -> PolarityModel:
    """The model of all texts, with the confidence that evaluations left out ask for, and its recall of negative texts.

    The recall is the lowest of those on the gold sets and on the evaluations left out.
    """
    chances = held_out(material.learn, with_vectors=with_vectors)
    pairs = material.learn.part(material.pairs)
    threshold = threshold_of(pairs, chances[material.pairs])
    model = fit(material.learn, with_vectors=with_vectors)
    tested = [(data, _chances(model, data, with_vectors=with_vectors)) for data in material.gold.values()]
    recalls = [
        figures(data, by_text, threshold)["recall_negative"] or 0.0
        for data, by_text in (*tested, (pairs, chances[material.pairs]))
    ]
    return replace(model, threshold=threshold, recall=min(recalls))


if __name__ == "__main__":
    write(locate_study(Path()).root, Work(1, lambda _done, _total: None))

"""Training data, our training, the same task by scikit-learn alone, and training on large data."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from pipeline.bench.inputs import SEED, perturbed
from pipeline.codebook import Codebook, Criterion, load_codebook
from pipeline.config import Settings, load_settings
from pipeline.engine.work import Task, Work, perform
from pipeline.new_study import TEMPLATES
from pipeline.records import Example
from pipeline.tag import embeddings
from pipeline.tag.training import TrainingData, as_excerpt, features_of, goal_of, train, training, training_texts

LARGE = ((50_000, 5, 1.0), (5_000, 50, 0.5))  # examples, codes, and the share of cells that are decided


@dataclass(frozen=True, slots=True)
class Exercise:
    """Examples, the codes that they may carry, and a vector for every text: made up, for their values cost nothing."""

    examples: tuple[Example, ...]
    codebook: Codebook
    settings: Settings
    vectors: dict[str, np.ndarray]


def exercise(size: int) -> Exercise:
    """`size` examples of the five criteria, made from the seeds."""
    codebook = load_codebook(TEMPLATES / "codebook.toml")
    return _exercise(tuple(_examples(size, codebook.ids)), codebook)


def _exercise(examples: tuple[Example, ...], codebook: Codebook) -> Exercise:

    noise = np.random.default_rng(SEED)
    keys = sorted(map(embeddings.key, training_texts(codebook, examples) - {""}))
    vectors = noise.standard_normal((len(keys), embeddings.DIMENSIONS)).astype(np.float16) / 22
    settings = load_settings(TEMPLATES / "config.toml")
    return Exercise(examples, codebook, settings, dict(zip(keys, vectors, strict=True)))


def _examples(size: int, codes: tuple[str, ...]) -> Sequence[Example]:
    rows = [json.loads(row) for row in (TEMPLATES / "seeds.jsonl").read_text("utf-8").splitlines()]
    dice = random.Random(SEED)  # noqa: S311 (no secret)
    made = []
    for number in range(size):
        row = rows[number % len(rows)]
        made.append(
            Example(
                text=perturbed(dice, row["text"]) or row["text"],
                question=row.get("question", ""),
                language=row["lang"],
                codes=tuple(sorted(row["codes"].items())),
                asked=codes,
                group=f"person {number % 400}",
            )
        )
    return made


def _subdivided(example: Example, codes: tuple[str, ...], share: float, dice: random.Random) -> Example:
    """The example with codes that each belong to a criterion (`relevance 3`), of which this share is decided."""
    considered = tuple(code for code in codes if dice.random() < share)
    criteria = dict(example.codes)
    carried = tuple((code, criteria[code.split()[0]]) for code in considered if code.split()[0] in criteria)
    return replace(example, codes=carried, asked=considered)


def _undefined(code: str) -> Criterion:
    """A code that has examples but no definition."""
    return Criterion(
        id=code, family="criterion", name=(), definition=(), include=(), exclude=(), sub_codes=(), patterns=()
    )


def learn(size: int, count: int, share: float) -> None:
    """Train on examples and codes of these numbers, with a share of the cells decided, without rules."""
    dice, criteria = random.Random(SEED), load_codebook(TEMPLATES / "codebook.toml").ids  # noqa: S311 (no secret)
    codes = tuple(f"{criteria[number % len(criteria)]} {number}" for number in range(count))
    examples = tuple(_subdivided(example, codes, share, dice) for example in _examples(size, criteria))
    work = _exercise(examples, Codebook("", tuple(map(_undefined, codes))))
    excerpts = [as_excerpt(str(number), example) for number, example in enumerate(examples)]
    built = features_of(excerpts, (), codes, work.vectors)
    train(TrainingData(examples, built, goal_of(work.codebook, work.settings, "", work.vectors)))


class Alone(Work):
    """Work without workers."""

    def results(self, tasks: Sequence[Task]) -> list[Any]:
        """The results of the tasks, performed in this process."""
        return [perform(task) for task in tasks]


def ours(work: Exercise) -> Any:
    """Rules' votes, features, folds, calibration and thresholds: all that `analyze` does to train, in this process only."""
    alone = Alone(1, lambda *_: None)
    return perform(training(work.examples, work.codebook, work.settings, work.vectors, alone))


def peer(work: Exercise) -> Any:
    """TF-IDF of words and pairs, and a logistic regression per criterion, fitted once."""
    table = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(
        [example.text for example in work.examples]
    )
    models = []
    for code in work.codebook.ids:
        truth = [code in dict(example.codes) for example in work.examples]
        models.append(LogisticRegression(class_weight="balanced", max_iter=500).fit(table, truth))
    return models

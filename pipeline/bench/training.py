"""Something to train on, our training, and the same task by scikit-learn alone."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.bench.inputs import SEED, perturbed
from pipeline.codebook import Codebook
from pipeline.config import Settings
from pipeline.records import Example
from pipeline.steps import new_study
from pipeline.steps.new_study import DEMONSTRATION

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Task:
    """Examples, the codes that they may carry, and a vector for every text: made up, for their values cost nothing."""

    examples: tuple[Example, ...]
    codebook: Codebook
    settings: Settings
    vectors: dict[str, np.ndarray]


def task(size: int) -> Task:
    """So many examples of the five criteria, made of the seeds."""
    import tempfile
    from pathlib import Path

    import numpy as np

    from pipeline.codebook import load_codebook
    from pipeline.config import load_settings
    from pipeline.tag import embeddings
    from pipeline.tag.training import taught

    text = new_study.codebook((DEMONSTRATION / "coded/codebook.toml").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codebook.toml"
        path.write_text(text, "utf-8")
        codebook = load_codebook(path)
    rows = new_study.seeds((DEMONSTRATION / "coded/seeds.jsonl").read_text("utf-8"))
    examples = tuple(_examples([json.loads(row) for row in rows], size, codebook.ids))
    noise = np.random.default_rng(SEED)
    keys = sorted(map(embeddings.key, taught(codebook, examples) - {""}))
    vectors = noise.standard_normal((len(keys), embeddings.DIMENSIONS)).astype(np.float16) / 22
    return Task(examples, codebook, load_settings(DEMONSTRATION / "config.toml"), dict(zip(keys, vectors, strict=True)))


def _examples(rows: list[dict[str, Any]], size: int, codes: tuple[str, ...]) -> Sequence[Example]:
    dice = random.Random(SEED)  # noqa: S311 (no secret)
    made = []
    for number in range(size):
        row = rows[number % len(rows)]
        said = perturbed(dice, row["text"]) or row["text"]
        carried = tuple(sorted(row["codes"].items()))
        made.append(Example(said, row.get("question", ""), row["lang"], carried, codes, f"person {number % 400}"))
    return made


def ours(work: Task) -> Any:
    """Rules' votes, features, folds, calibration and thresholds: all that `analyze` does to train, in this process alone."""
    from pipeline.tag import training

    class Alone(training.Work):
        """Work without workers."""

        def over(self, tasks: Sequence[training.Task]) -> list[Any]:
            return [training.perform(task) for task in tasks]

    alone = Alone(1, lambda *_: None)
    return training.perform(training.training(work.examples, work.codebook, work.settings, work.vectors, alone))


def peer(work: Task) -> Any:
    """TF-IDF of words and pairs, and a logistic regression per criterion, fitted once."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    table = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(
        [example.text for example in work.examples]
    )
    carried = [{code for code, _ in example.codes} for example in work.examples]
    return [
        LogisticRegression(class_weight="balanced", max_iter=500).fit(table, [code in some for some in carried])
        for code in work.codebook.ids
    ]

"""What few examples teach: ranking and reliability by their number, with and without definitions, and with shuffled codes.

`PYTHONPATH=.:tests/support .venv/bin/python -m few_decisions` prints the figures of docs/quality.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.metrics import average_precision_score
from studies import ROOT

from pipeline.codebook import Codebook, load_codebook
from pipeline.config import load_settings
from pipeline.records import Example
from pipeline.steps import inputs
from pipeline.tag import definitions, embeddings, features, model, training
from pipeline.tag.encoder import one_thread
from pipeline.tag.features import Features, Goal, Sample
from pipeline.tag.learning.classifier import membership

SIZES = (10, 20, 40, 80, 160, 400)
DRAWS, SCORED = 8, 800


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seeds of the five criteria in an order drawn by chance, their features without rules, and what is learnt from them."""

    examples: Sequence[Example]
    features: Features
    goal: Goal

    @classmethod
    def of_the_demonstration(cls, most: int | None = None) -> Seeds:
        """Those that say of each criterion whether they carry it; `most` limits their number."""
        whole = load_codebook(ROOT / "coded/codebook.toml")
        five = Codebook("1", whole.of_family("criterion"))
        every = inputs.load_seeds(ROOT / "coded/seeds.jsonl", whole.ids)
        asked = [seed for seed in every if set(five.ids) <= set(seed.asked)]
        seeds = [asked[i] for i in np.random.default_rng(7).permutation(len(asked))[:most]]
        texts = sorted(training.training_texts(five, seeds) - {""})
        vectors = dict(zip(map(embeddings.key, texts), embeddings.encode(texts), strict=True))
        built = features.build([Sample(seed.text, seed.question, {}) for seed in seeds], five.ids, vectors)
        return cls(seeds, built, training.goal_of(five, load_settings(ROOT / "config.toml"), "1", vectors))

    def without_definitions(self) -> Seeds:
        """The same, as if the criteria had no definition."""
        return replace(self, goal=replace(self.goal, definitions=np.zeros_like(self.goal.definitions)))

    def precision(self, chances: np.ndarray, rows: Sequence[int]) -> float:
        """Mean average precision of the criteria on some seeds, by their chances there."""
        truth = membership([dict(self.examples[i].codes) for i in rows], self.goal.codes)
        return float(average_precision_score(truth, chances, average="macro"))

    def by_definition(self, rows: Sequence[int]) -> float:
        """Mean average precision of definitions alone."""
        chances = definitions.chances(self.features.part(rows), self.goal.definitions, self.goal.usual)
        return self.precision(chances, rows)

    def learn(self, rows: Sequence[int], *, shuffle: bool = False) -> model.Model:
        """A model of some seeds; their codes may be shuffled among them."""
        chosen = [self.examples[i] for i in rows]
        order = np.random.default_rng(len(rows)).permutation(len(rows)) if shuffle else range(len(rows))
        shuffled = [replace(each, codes=chosen[i].codes) for each, i in zip(chosen, order, strict=True)]
        return model.train(shuffled, self.features.part(rows), self.goal)


def draws(seeds: Seeds, size: int) -> list[tuple[range, range]]:
    """Seeds to learn from and seeds to score, several times."""
    starts = range(0, DRAWS * size, size) if DRAWS * size + SCORED <= len(seeds.examples) else (0, size)
    return [(range(start, start + size), range(len(seeds.examples) - SCORED, len(seeds.examples))) for start in starts]


def figures(seeds: Seeds, size: int) -> dict[str, float]:
    """Mean average precision after so many seeds, and the share of codes that would be coded; shuffled codes as a control."""
    total: dict[str, list[float]] = {}
    for learnt, scored in draws(seeds, size):
        real, shuffled = seeds.learn(learnt), seeds.learn(learnt, shuffle=True)
        total.setdefault("precision", []).append(
            seeds.precision(real.probabilities(seeds.features.part(scored)), scored)
        )
        for name, trained in (("coded", real), ("coded, shuffled", shuffled)):
            total.setdefault(name, []).append(float(trained.is_reliable.mean()))
    return {name: float(np.mean(values)) for name, values in total.items()}


def main() -> None:
    """Print the figures by number of seeds."""
    seeds = Seeds.of_the_demonstration()
    with one_thread():
        scored = range(len(seeds.examples) - SCORED, len(seeds.examples))
        print(f"definitions alone: precision {seeds.by_definition(scored):.2f}")  # noqa: T201
        for name, kind in (("with definitions", seeds), ("without", seeds.without_definitions())):
            for size in SIZES:
                line = ", ".join(f"{what} {value:.2f}" for what, value in figures(kind, size).items())
                print(f"{name}, {size} seeds: {line}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

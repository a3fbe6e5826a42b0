"""How often codings that the machine assigns are right after few decisions.

`PYTHONPATH=.:tests/support .venv/bin/python -m assigned_codings` prints the figures of docs/quality.md. Each gold set becomes a
study with criteria of its own: definitions alone, no seeds and no patterns. Decisions are made in the order of the queue, twelve
between two runs: eight likeliest excerpts, four at random. A third of the persons is never looked at: there codings are scored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from studies import ROOT

from pipeline.codebook import Codebook, load_codebook
from pipeline.config import load_settings
from pipeline.evaluation.gold import read_gold
from pipeline.records import Example
from pipeline.tag import definitions, embeddings, features, model, training
from pipeline.tag.encoder import one_thread
from pipeline.tag.features import Features, Goal, Sample

SETS = ("criteria", "speech")
DRAWS, MOST = 4, 144
LIKELIEST, RANDOM = 8, 4  # excerpts decided on between two runs
EARLY = 36  # decisions


@dataclass(frozen=True, slots=True)
class Study:
    """The excerpts of a gold set with their true codes, and what is learnt from those that were decided on."""

    examples: Sequence[Example]
    features: Features
    goal: Goal

    @classmethod
    def of(cls, name: str) -> Study:
        """The study of a gold set."""
        whole = load_codebook(ROOT / "coded/codebook.toml")
        five = Codebook("1", whole.of_family("criterion"))
        examples = [replace(each, asked=five.ids) for each in read_gold(ROOT / f"tests/gold/{name}.csv").examples]
        texts = sorted(training.training_texts(five, examples) - {""})
        vectors = dict(zip(map(embeddings.key, texts), embeddings.encode(texts), strict=True))
        built = features.build([Sample(each.text, each.question, {}) for each in examples], five.ids, vectors)
        return cls(examples, built, training.goal_of(five, load_settings(ROOT / "config.toml"), "1", vectors))

    def shuffled(self, seed: int) -> Study:
        """The same with decisions at random: the codes are shuffled among the excerpts."""
        order = np.random.default_rng(seed).permutation(len(self.examples))
        codes = [self.examples[place].codes for place in order]
        return replace(self, examples=[replace(e, codes=c) for e, c in zip(self.examples, codes, strict=True)])

    def history(self, seed: int) -> Iterator[tuple[int, model.Model, np.ndarray, np.ndarray]]:
        """After each dozen: decisions, model, where it would code words of persons never looked at, and the truth there."""
        random = np.random.default_rng(seed)
        persons = random.permutation(sorted({each.group for each in self.examples}))
        unseen = set(persons[: len(persons) // 3])
        waiting = [i for i in random.permutation(len(self.examples)) if self.examples[i].group not in unseen]
        rest = [i for i, each in enumerate(self.examples) if each.group in unseen]
        truth = np.array([[code in dict(self.examples[i].codes) for code in self.goal.codes] for i in rest])
        chances = definitions.chances(self.features, self.goal.definitions, self.goal.usual)
        decided: list[int] = []
        while len(waiting) >= 2 * (LIKELIEST + RANDOM) and len(decided) < MOST:
            waiting.sort(key=lambda i: -chances[i].max())
            drawn = random.choice(waiting[LIKELIEST:], RANDOM, replace=False)
            decided += [*waiting[:LIKELIEST], *drawn]
            waiting = [i for i in waiting if i not in decided]
            trained = model.train([self.examples[i] for i in decided], self.features.part(decided), self.goal)
            chances = trained.probabilities(self.features)
            yield len(decided), trained, chances[rest] >= trained.classifier.thresholds_[:, 1], truth


def figures(studies: Sequence[Study], *, shuffle: bool = False) -> Counter[str]:
    """Of all histories: codings assigned, and of these right, early and in all; and how often a code was assigned."""
    total: Counter[str] = Counter()
    for study in studies:
        for seed in range(DRAWS):
            of_study = study.shuffled(seed) if shuffle else study
            for number, trained, is_coded, truth in of_study.history(seed):
                assigned = is_coded & trained.classifier.is_reliable_
                total += Counter(codes=int(trained.classifier.is_reliable_.sum()), of=int(trained.is_learnt.sum()))
                total += Counter(assigned=int(assigned.sum()), right=int((assigned & truth).sum()))
                if number <= EARLY:
                    total += Counter(early=int(assigned.sum()), early_right=int((assigned & truth).sum()))
    return total


def main() -> None:
    """Print the figures of real and of random decisions."""
    with one_thread():
        studies = [Study.of(name) for name in SETS]
        for name, shuffle in (("decisions", False), ("random decisions", True)):
            n = figures(studies, shuffle=shuffle)
            early = f"until {EARLY} {n['early_right']} of {n['early']}"
            print(f"{name}: right {n['right']} of {n['assigned']}, {early}; codes {n['codes']} of {n['of']}")  # noqa: T201


if __name__ == "__main__":
    main()

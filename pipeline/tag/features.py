"""What the classifier sees of a text: its vector with its question's before it, its terms, and what the rules voted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.records import Vote
from pipeline.tag import embeddings

RuleScores = Mapping[str, tuple[float, float]]  # code -> highest score of a rule on the answer, on the question
Lookup = Callable[[Sequence[str]], np.ndarray]  # from texts to their vectors, a row each


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with its question, and what the rules say of it."""

    text: str
    question: str
    rules: RuleScores


@dataclass(frozen=True, slots=True)
class Features:
    """Samples as the classifier takes them.

    vectors: samples x 1024, of the question and text read as one, and of the question alone (x 0 without embeddings);
    on_answer, on_question: samples x codes, the rules' highest scores. `second`: the vectors of a second encoder, made where they
    are asked for; None if the study uses none. `opinions`: those of further voters (tag/voters/panel.py); None if there are none.
    """

    vectors: np.ndarray
    on_answer: np.ndarray
    on_question: np.ndarray
    texts: tuple[str, ...]
    questions: tuple[str, ...]
    second: Lookup | None = None
    opinions: np.ndarray | None = None

    def part(self, rows: Iterable[int]) -> Features:
        """The features of some of the samples."""
        chosen = list(rows)
        return Features(
            self.vectors[chosen],
            self.on_answer[chosen],
            self.on_question[chosen],
            tuple(self.texts[i] for i in chosen),
            tuple(self.questions[i] for i in chosen),
            self.second,
            None if self.opinions is None else self.opinions[chosen],
        )

    @property
    def by_voters(self) -> np.ndarray:
        """The opinions of further voters: samples x codes x 2 per voter."""
        return np.zeros((*self.on_answer.shape, 0)) if self.opinions is None else self.opinions

    def read_again(self, rows: Iterable[int]) -> np.ndarray:
        """The second encoder's vectors of some of the samples (x 0 if the study uses none)."""
        chosen = [spoken(self.texts[i], self.questions[i]) for i in rows]
        return self.second(chosen) if self.second else np.zeros((len(chosen), 0))


@dataclass(frozen=True, slots=True)
class Goal:
    """What is trained: the codes, the version of the data, the recall asked for, the seed of chance.

    `definitions`, `usual`: what is known of each code before any example (tag/definitions.py).
    """

    codes: tuple[str, ...]
    version: str
    recall: float
    seed: int
    definitions: np.ndarray
    usual: np.ndarray


def spoken(text: str, question: str) -> str:
    """The question followed by the answer: the string that is embedded."""
    return f"{question} {text}" if question and text else text


def build(
    samples: Sequence[Sample],
    codes: Sequence[str],
    vectors: Mapping[str, np.ndarray] | None,
    second: Lookup | None = None,
) -> Features:
    """The features of samples; without vectors (None) only terms and rules are used."""
    texts, questions = tuple(s.text for s in samples), tuple(s.question for s in samples)
    dense = np.zeros((len(samples), 0))
    if vectors is not None:
        spoken_texts = [spoken(s.text, s.question) for s in samples]
        dense = np.hstack([embeddings.matrix(spoken_texts, vectors), embeddings.matrix(questions, vectors)])
    ruled = np.zeros((len(samples), len(codes), 2))
    column_of = {code: column for column, code in enumerate(codes)}
    for row, sample in enumerate(samples):
        for code in column_of.keys() & sample.rules.keys():
            ruled[row, column_of[code]] = sample.rules[code]
    return Features(dense, ruled[:, :, 0], ruled[:, :, 1], texts, questions, second)


def rule_scores(votes: Iterable[Vote]) -> dict[str, dict[str, tuple[float, float]]]:
    """What the rules say of each excerpt: excerpt_id -> code -> highest score on the answer and on the question."""
    scores: dict[str, dict[str, tuple[float, float]]] = {}
    for vote in votes:
        of_excerpt = scores.setdefault(vote.excerpt_id, {})
        answer, question = of_excerpt.get(vote.criterion, (0.0, 0.0))
        if json.loads(vote.because).get("in") == "question":
            question = max(question, vote.score)
        else:
            answer = max(answer, vote.score)
        of_excerpt[vote.criterion] = (answer, question)
    return scores

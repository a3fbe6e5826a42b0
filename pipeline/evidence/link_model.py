"""How probable it is that an excerpt bears on a finding: in which direction is another question.

A logistic regression on how close the excerpt, with its question before it, is to the finding's statement: in meaning
(cosine of vectors, and by how many spreads that is more than for the control statements), in words, and in names and numbers.
Its weights are data: link_model.csv, fitted by `evaluation/links.py` on link_pairs.csv. Where the people of a study have
confirmed and rejected enough links, they correct it, and the codes that an excerpt shares with the finding count as well.
A finding gets a list of suggestions only if its likeliest excerpt reaches the model's gate.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd
from scipy.special import expit

from pipeline import tables
from pipeline.evidence import null_control
from pipeline.people import fold_name
from pipeline.vocabulary import LinkStatus

Encode = Callable[[Sequence[str]], np.ndarray]  # texts to their vectors as rows of length 1; zeros for an empty text
FEATURES = (
    "closeness",  # of question and text, read as one, to the statement
    "beyond_control",  # the same, in spreads of the closeness to the control statements
    "question",  # of the question alone
    "question_beyond_control",
    "words",  # share of the statement's words that are in the text
    "question_words",  # and in the question
    "names",  # share of the statement's names and numbers that are in text or question
    "asked",  # 1 where there is a question
)
WITH_VECTORS, WORDS_ALONE = "with_vectors", "words_alone"
OFFSET, GATE = "offset", "gate"
STEM = 5  # letters by which two words are taken for one
SHORTEST = 4  # letters of a word that is compared
NAME = re.compile(r"(?<=[\w,;] )[A-ZÁÉÍÓÚÑ]\w+|\d+(?:[.,]\d+)*")  # a capital within a sentence, or a number
FEWEST = 10  # confirmed and rejected links each from which on a study's people correct the model
LEAST_BEARING = 0.6  # of a suggested link: docs/quality.md says how many bear on their finding from here on
CARRIED = 0.5  # probability from which an excerpt carries a sub-code


@dataclass(frozen=True, slots=True)
class Pair:
    """A finding's statement with an excerpt, its question, and `read`: the question followed by the text."""

    statement: str
    text: str
    question: str
    read: str


def features(pairs: Sequence[Pair], encode: Encode | None) -> np.ndarray:
    """The features of pairs: pairs x FEATURES. Without vectors those of meaning are 0."""
    rows = np.zeros((len(pairs), len(FEATURES)))
    if not pairs:
        return rows
    if encode is not None:
        statements = encode([pair.statement for pair in pairs])
        control = encode([each.statement for each in null_control.statements()])
        rows[:, 0:2] = _closeness(statements, encode([pair.read for pair in pairs]), control)
        rows[:, 2:4] = _closeness(statements, encode([pair.question for pair in pairs]), control)
    rows[:, 4:] = [_lexical(pair) for pair in pairs]
    return rows


def _closeness(statements: np.ndarray, texts: np.ndarray, control: np.ndarray) -> np.ndarray:
    """The cosine of each statement and its text, and that in spreads of the text's cosines with the control statements."""
    cosine = (statements * texts).sum(axis=1)
    by_control = texts @ control.T
    beyond = (cosine - by_control.mean(axis=1)) / (by_control.std(axis=1) + null_control.LEAST_SPREAD)
    return np.column_stack([cosine, np.where(texts.any(axis=1), beyond, 0.0)])


def _lexical(pair: Pair) -> tuple[float, ...]:
    statement, names = _stems(pair.statement), _names(pair.statement)
    return (
        _share(statement & _stems(pair.text), statement),
        _share(statement & _stems(pair.question), statement),
        _share(names & (_names(pair.text) | _names(pair.question)), names),
        float(bool(pair.question)),
    )


def _share(part: set[str], whole: set[str]) -> float:
    return len(part) / len(whole) if whole else 0.0


@cache
def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in fold_name(text).split() if len(word) >= SHORTEST}


@cache
def _names(text: str) -> set[str]:
    return {fold_name(name) for name in NAME.findall(text)}


@dataclass(frozen=True, slots=True)
class LinkModel:
    """Weights of the features, the offset, and the probability that the likeliest excerpt of a list must reach."""

    weights: np.ndarray
    offset: float
    gate: float = 0.0

    def logits(self, rows: np.ndarray) -> np.ndarray:
        """The log odds that excerpt and finding of each pair belong together (`rows`: pairs x FEATURES)."""
        logits: np.ndarray = rows @ self.weights + self.offset
        return logits


@cache
def load(column: str) -> LinkModel:
    """The shipped model: WITH_VECTORS, or WORDS_ALONE for a study without them."""
    text = (resources.files(__package__) / "link_model.csv").read_text("utf-8")
    weights = {row["feature"]: float(row[column]) for row in csv.DictReader(text.splitlines())}
    return LinkModel(np.array([weights[name] for name in FEATURES]), weights[OFFSET], weights[GATE])


@dataclass(frozen=True, slots=True)
class Correction:
    """What a study's people taught beyond the shipped model: log odds = weights · (log odds, code, sub-codes) + offset."""

    weights: np.ndarray
    offset: float


UNCORRECTED = Correction(np.array([1.0, 0.0, 0.0]), 0.0)


def correction(logits: np.ndarray, shared: np.ndarray, is_confirmed: np.ndarray) -> Correction:
    """The correction by a study's decided links; none where fewer than FEWEST were confirmed, or rejected.

    `shared`: pairs x 2, the probability of the finding's criterion and the share of its sub-codes that the excerpt carries.
    """
    if min(is_confirmed.sum(), (~is_confirmed).sum()) < FEWEST:
        return UNCORRECTED
    from sklearn.linear_model import LogisticRegression  # heavy, and few studies have enough decided links

    learner = LogisticRegression(max_iter=500).fit(np.column_stack([logits, shared]), is_confirmed)
    return Correction(learner.coef_[0].round(4), round(float(learner.intercept_[0]), 4))


def probabilities(logits: np.ndarray, shared: np.ndarray, corrected: Correction) -> np.ndarray:
    """The probability of each pair under a correction (`shared` as above)."""
    chances: np.ndarray = expit(np.column_stack([logits, shared]) @ corrected.weights + corrected.offset).round(4)
    return chances


@dataclass(frozen=True, slots=True)
class StudyExcerpt:
    """What is asked of an excerpt: its words, its question, and the probability of every code that it may carry."""

    text: str
    question: str
    read: str
    codes: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class StudyFinding:
    """What is asked of a finding."""

    statement: str
    criterion: str
    sub_codes: tuple[str, ...]


class Bearing:
    """The probability that excerpts bear on the findings of a study."""

    def __init__(
        self,
        findings: Mapping[str, StudyFinding],
        excerpts: Mapping[str, StudyExcerpt],
        encode: Encode | None,
    ) -> None:
        self.findings = findings
        self.excerpts = excerpts
        self.encode = encode
        self.model = load(WORDS_ALONE if encode is None else WITH_VECTORS)
        self.corrected = UNCORRECTED

    def learn(self, decided: pd.DataFrame) -> None:
        """Take in the links that people confirmed or rejected (table `links`), as far as finding and words are still there."""
        decided_pairs = tables.rows_of(decided, ["finding_id", "excerpt_id"])
        is_present = [finding in self.findings and excerpt in self.excerpts for finding, excerpt in decided_pairs]
        present = decided[np.array(is_present, dtype=bool)]
        pairs = self._evidence(present["finding_id"].tolist(), present["excerpt_id"].tolist())
        self.corrected = correction(*pairs, (present["status"] == LinkStatus.CONFIRMED).to_numpy())

    def of(self, finding_id: str, excerpt_ids: Sequence[str]) -> np.ndarray:
        """The probabilities of some excerpts for one finding; 0 for words that no longer exist."""
        present = np.array([name in self.excerpts for name in excerpt_ids], dtype=bool)
        chances = np.zeros(len(excerpt_ids))
        chances[present] = self._of(finding_id, [name for name in excerpt_ids if name in self.excerpts])
        return chances

    def _of(self, finding_id: str, excerpt_ids: Sequence[str]) -> np.ndarray:
        return probabilities(*self._evidence([finding_id] * len(excerpt_ids), excerpt_ids), self.corrected)

    def _evidence(self, finding_ids: Sequence[str], excerpt_ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The log odds of pairs by the shipped model, and the codes that finding and excerpt share (pairs x 2)."""
        pairs, shared = [], np.zeros((len(excerpt_ids), 2))
        for row, (finding_id, excerpt_id) in enumerate(zip(finding_ids, excerpt_ids, strict=True)):
            finding, excerpt = self.findings[finding_id], self.excerpts[excerpt_id]
            pairs.append(Pair(finding.statement, excerpt.text, excerpt.question, excerpt.read))
            carried = [excerpt.codes.get(code, 0.0) >= CARRIED for code in finding.sub_codes]
            shared[row] = excerpt.codes.get(finding.criterion, 0.0), sum(carried) / max(1, len(carried))
        return self.model.logits(features(pairs, self.encode)), shared

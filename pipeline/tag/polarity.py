"""Whether a text is positive or negative about its subject, whatever the code; no answer if that is unclear.

A logistic regression with three outcomes (well, badly, both ways) on words (marked where a negation comes before them),
judging words, cues (negation, contrast, hedge, condition) and the vector of question and text read as one. Its weights are
data: polarity.csv, fitted by `evaluation/polarity.py` on all stances of the shipped seeds and link pairs, and measured on
writers that it never read. About a text with a contrast in it (but, although) the model is silent. Where the people of a study
have decided on enough stances, they correct its chances.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import numpy as np

from pipeline.tag.alternatives import beginnings, whole
from pipeline.tag.embeddings import Vectors
from pipeline.tag.folding import fold
from pipeline.vocabulary import Stance

CUES = ("negation", "contrast", "hedge", "conditional")
REACH = 4  # words after a negation that it turns over
MOST_JUDGING = 3  # judging words of a side that are counted
FEWEST_TERMS = 8  # known words and pairs, cues included, that a text needs for an answer
FEWEST_DECIDED = 15  # texts of each side that people decided on, from which they correct the model
CONTRAST, OFFSET, THRESHOLD, RECALL, DIMENSION = "contrast", "offset:", "threshold:", "recall:", "vector:"
GOOD, BAD = ":good", ":bad"
WITH_VECTORS, WORDS_ALONE = "with_vectors", "words_alone"
SENTENCE = re.compile(r"[^.!?;]+")
TOKEN = re.compile(r"\w+(?:['’]\w+)?|[.,;:!?]")


@dataclass(frozen=True, slots=True)
class Side:
    """The log odds that a text is positive, or negative, rather than both: weights of terms and of a vector, and offset."""

    weights: dict[str, float]
    of_vector: np.ndarray
    offset: float

    def logit(self, weighted: Sequence[str], count: int) -> float:
        """The log odds by the terms of a text that have weights, of `count` terms."""
        return sum(map(self.weights.__getitem__, weighted)) / float(max(1, count) ** 0.5) + self.offset


@dataclass(frozen=True, slots=True)
class PolarityModel:
    """The log odds of both sides, and the confidence from which the model answers."""

    good: Side
    bad: Side
    threshold: float
    recall: float  # share of negative texts, by unknown writers, that it recognises
    slope: float = 1.0  # by which a study's decisions correct the log odds
    shift: float = 0.0

    def chances(self, texts: Sequence[str], vectors: np.ndarray | None) -> np.ndarray:
        """The chance that each text is positive about its subject, half of *both* counted in; 0.5 if it is unclear.

        That is so where a contrast could turn it, and where the model knows too few of its terms. `vectors` has a row for
        each text, read with its question.
        """
        logits, can_tell = np.zeros((len(texts), 2)), np.zeros(len(texts), dtype=bool)
        contrast = cues()[1][CONTRAST]
        for row, text in enumerate(texts):
            folded = fold(text)
            if contrast.search(folded):
                continue
            terms = _terms(folded)
            known_terms = [term for term in terms if term in self.good.weights]
            if len(known_terms) >= FEWEST_TERMS:
                can_tell[row] = True
                logits[row] = [side.logit(known_terms, len(terms)) for side in (self.good, self.bad)]
        if vectors is not None and len(texts):
            logits += vectors @ np.column_stack([self.good.of_vector, self.bad.of_vector])
        odds = np.exp(np.clip(logits, -LARGEST, LARGEST))
        return self.correct(np.where(can_tell, (odds[:, 0] + 0.5) / (odds.sum(axis=1) + 1), UNCLEAR))

    def correct(self, chances: np.ndarray) -> np.ndarray:
        """The chances of the model as shipped, corrected by what the study decided; what is unclear stays so."""
        corrected = self.slope * np.log(chances / (1 - chances)) + self.shift
        return np.where(chances != UNCLEAR, 1 / (1 + np.exp(-corrected)), UNCLEAR)

    def stances(self, chances: np.ndarray) -> list[str]:
        """Positive or negative for each chance; blank if the model is not sure enough."""
        return [_side(chance, self.threshold) for chance in chances.tolist()]

    def agreed(self, chances: np.ndarray, coded: Sequence[str]) -> list[str]:
        """The stances of coded excerpts: the model's, unless the coding has another one; blank where it is not sure enough."""
        return [side if stance in ("", side) else "" for side, stance in zip(self.stances(chances), coded, strict=True)]

    def corrected(self, chances: np.ndarray, decided: Sequence[str]) -> PolarityModel:
        """The model with its log odds corrected by stances that people decided on; unchanged if they are too few.

        `chances` are the model's own for the decided texts; what is both, or unclear, teaches nothing.
        """
        truth = np.array([SIDES.get(stance, np.nan) for stance in decided])
        teaching = ~np.isnan(truth) & (chances != UNCLEAR)
        truth, odds = truth[teaching], np.log(chances[teaching] / (1 - chances[teaching]))
        if min((truth == 1).sum(), (truth == 0).sum()) < FEWEST_DECIDED:
            return self
        from sklearn.linear_model import LogisticRegression  # heavy, and few studies have decided on enough stances

        learner = LogisticRegression().fit(odds.reshape(-1, 1), truth)
        slope, shift = max(0.0, float(learner.coef_[0, 0])), float(learner.intercept_[0])
        return replace(self, slope=round(slope, DIGITS), shift=round(shift, DIGITS))


SIDES = {str(Stance.POSITIVE): 1.0, str(Stance.NEGATIVE): 0.0}
DIGITS = 4
UNCLEAR = 0.5  # chance of a text of which the model says nothing
LARGEST = 30.0  # log odds beyond which nothing is gained


def _side(chance: float, confidence: float) -> str:
    if max(chance, 1 - chance) < confidence:
        return ""
    return str(Stance.POSITIVE if chance > 0.5 else Stance.NEGATIVE)


def terms_of(text: str) -> tuple[str, ...]:
    """The features of a text's words, each once: words and pairs, `not_` before what a negation turns over, cues."""
    return _terms(fold(text))


def _terms(folded: str) -> tuple[str, ...]:
    features: list[str] = []
    left, before = 0, ""
    negations, by_kind = cues()
    for word in TOKEN.findall(folded):
        if not word[0].isalnum():
            left, before = 0, ""
            continue
        marked = f"not_{word}" if left else word
        features.append(marked)
        if before:
            features.append(f"{before} {marked}")
        before = marked
        left = REACH if word in negations or word.endswith("n't") else max(0, left - 1)
    for kind, phrases in by_kind.items():
        if phrases.search(folded):
            features.append(f"cue:{kind}")
    judged = {side: _beginnings(words, folded) for side, words in judging_words().items()}
    for side, places in judged.items():
        features += [f"judges:{side}:{n}" for n in range(1, 1 + min(len(places), MOST_JUDGING))]
    features += _sides_of_sentences(folded, judged)
    return tuple(dict.fromkeys(features))


def _sides_of_sentences(folded: str, judged: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """Which side the judging words of the first and the last sentence are on; `judged` has where these words begin."""
    sentences = [match.span() for match in SENTENCE.finditer(folded) if match[0].strip()]
    for where, (start, end) in (("first", sentences[0]), ("last", sentences[-1])) if sentences else ():
        good, bad = (_count_within(judged[side], start, end) for side in ("positive", "negative"))
        yield f"{where}:{'even' if good == bad else 'positive' if good > bad else 'negative'}"


def _beginnings(words: re.Pattern[str], text: str) -> list[int]:
    return [match.start() for match in words.finditer(text)]


def _count_within(places: Sequence[int], start: int, end: int) -> int:
    return sum(start <= at < end for at in places)


@cache
def judging_words() -> dict[str, re.Pattern[str]]:
    """A pattern for positive words and one for negative words, in all languages together."""
    tables = tomllib.loads((resources.files(__package__) / "polarity_words.toml").read_text("utf-8"))
    patterns = {}
    for side, languages in tables.items():
        listed = {word for of_language in languages.values() for word in of_language}
        patterns[side] = re.compile(rf"(?<!\w){beginnings(listed)}")
    return patterns


@cache
def cues() -> tuple[frozenset[str], dict[str, re.Pattern[str]]]:
    """The words that negate, and a pattern for each kind of cue, in all languages together."""
    path = resources.files("pipeline.tag.rules") / "cues.toml"
    tables = tomllib.loads(path.read_text("utf-8"))
    phrases = {}
    for kind in CUES:
        phrases[kind] = sorted({fold(p) for table in tables.values() for p in table.get(kind, ())})
    negations = frozenset(phrase for phrase in phrases["negation"] if " " not in phrase)
    patterns = {kind: re.compile(rf"(?<!\w){whole(listed)}(?!\w)") for kind, listed in phrases.items()}
    return negations, patterns


def load_for(vectors: Vectors | None) -> PolarityModel:
    """The shipped model for a study with these vectors, or with none."""
    return load(WORDS_ALONE if vectors is None else WITH_VECTORS)


@cache
def load(column: str) -> PolarityModel:
    """The shipped model: WITH_VECTORS, or WORDS_ALONE for a study without them."""
    path = resources.files(__package__) / "polarity.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    measured = {row["term"]: float(row[f"{column}{GOOD}"]) for row in rows if row["term"] in (THRESHOLD, RECALL)}
    return PolarityModel(
        good=_read_side(rows, f"{column}{GOOD}"),
        bad=_read_side(rows, f"{column}{BAD}"),
        threshold=measured[THRESHOLD],
        recall=measured[RECALL],
    )


def _read_side(rows: Sequence[dict[str, str]], column: str) -> Side:
    weights = {row["term"]: float(row[column]) for row in rows if row["term"] not in (THRESHOLD, RECALL)}
    offset = weights.pop(OFFSET)
    of_vector = np.array([weights.pop(name) for name in sorted(weights) if name.startswith(DIMENSION)])
    return Side(weights, of_vector, offset)

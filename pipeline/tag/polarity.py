"""Whether a text speaks well or badly of what it is about, in general, for any code; silent where it cannot tell.

A logistic regression on words (marked where a negation stands before them), judging words and cues (negation, contrast, hedge,
condition), fitted on all stances of the shipped seeds. Sentence vectors are not among its features: they know writers, not
polarity, and made it worse on writers left out. Its weights are data: polarity.csv, written by `evaluation/polarity.py`, which
measures it with writers left out and sets the threshold. A text with a contrast in it (but, although) may speak both ways:
about it the model is silent.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp

from pipeline.tag.folding import fold
from pipeline.vocabulary import Stance

CUES = ("negation", "contrast", "hedge", "conditional")
REACH = 4  # words after a negation that it turns over
MOST_JUDGING = 3  # judging words of a side that are counted
FEWEST_TERMS = 8  # known words and pairs in a text, cues among them, from which it can be told
LEANING = 0.55  # confidence from which the model is taken to lean to a side
CONTRAST, OFFSET, THRESHOLD, RECALL = "cue:contrast", "offset:", "threshold:", "recall:"
TOKEN = re.compile(r"\w+(?:['’]\w+)?|[.,;:!?]")


@dataclass(frozen=True, slots=True)
class PolarityModel:
    """Weights of terms, offset, and the confidence from which it speaks."""

    weights: dict[str, float]
    offset: float
    threshold: float
    recall: float  # of texts that speak badly, over writers left out: how many it recognises

    def chance(self, terms: Sequence[str]) -> float:
        """The probability that a text with these terms speaks well of its subject; 0.5 where it cannot be told.

        That is so where a contrast could turn it, and where the model knows too few of its terms.
        """
        weights = [self.weights[term] for term in terms if term in self.weights]
        if CONTRAST in terms or len(weights) < FEWEST_TERMS:
            return 0.5
        return 1 / (1 + exp(-(sum(weights) / len(terms) ** 0.5 + self.offset)))

    def stance(self, text: str) -> str:
        """Positive or negative; blank where the model is not sure enough."""
        return self._side(text, self.threshold)

    def agreed(self, text: str, coded: str) -> str:
        """The stance of a coded excerpt: the coding's, where the model leans to its side; without one, the model's."""
        if not coded:
            return self.stance(text)
        return coded if self._side(text, LEANING) == coded else ""

    def _side(self, text: str, confidence: float) -> str:
        chance = self.chance(terms_of(text))
        if max(chance, 1 - chance) < confidence:
            return ""
        return str(Stance.POSITIVE if chance > 0.5 else Stance.NEGATIVE)


def terms_of(text: str) -> tuple[str, ...]:
    """The features of a text's words, each once: words and pairs, `not_` before what a negation turns over, cues."""
    features: dict[str, None] = {}
    left, before = 0, ""
    negations, by_kind = cues()
    folded = fold(text)
    for word in TOKEN.findall(folded):
        if not word[0].isalnum():
            left, before = 0, ""
            continue
        marked = f"not_{word}" if left else word
        features[marked] = None
        if before:
            features[f"{before} {marked}"] = None
        before = marked
        left = REACH if word in negations or word.endswith("n't") else max(0, left - 1)
    for kind, phrases in by_kind.items():
        if phrases.search(folded):
            features[f"cue:{kind}"] = None
    for side, beginnings in judging_words().items():
        matches = beginnings.findall(folded)
        features.update(dict.fromkeys(f"judges:{side}:{n}" for n in range(1, 1 + min(len(matches), MOST_JUDGING))))
    features.update(dict.fromkeys(_sides_of_sentences(folded)))
    return tuple(features)


def _sides_of_sentences(folded: str) -> list[str]:
    """Which side the judging words of the first and the last sentence are on, with the negations before them counted."""
    sentences = [part for part in re.split(r"[.!?;]+", folded) if part.strip()]
    if not sentences:
        return []
    return [f"{where}:{_side_of(sentence)}" for where, sentence in (("first", sentences[0]), ("last", sentences[-1]))]


def _side_of(sentence: str) -> str:
    words = judging_words()
    good, bad = (len(words[side].findall(sentence)) for side in ("positive", "negative"))
    return "even" if good == bad else "positive" if good > bad else "negative"


@cache
def judging_words() -> dict[str, re.Pattern[str]]:
    """A pattern for the words that speak well of a thing and one for those that speak badly, in all languages together."""
    tables = tomllib.loads((resources.files(__package__) / "polarity_words.toml").read_text("utf-8"))
    patterns = {}
    for side, languages in tables.items():
        beginnings = sorted({beginning for listed in languages.values() for beginning in listed})
        patterns[side] = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, beginnings))})")
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
    patterns = {
        kind: re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w)") for kind, listed in phrases.items()
    }
    return negations, patterns


@cache
def load() -> PolarityModel:
    """The shipped model."""
    path = resources.files(__package__) / "polarity.csv"
    rows = csv.DictReader(path.read_text("utf-8").splitlines())
    weights = {row["term"]: float(row["weight"]) for row in rows}
    measured = {"offset": weights.pop(OFFSET), "threshold": weights.pop(THRESHOLD), "recall": weights.pop(RECALL)}
    return PolarityModel(weights=weights, **measured)

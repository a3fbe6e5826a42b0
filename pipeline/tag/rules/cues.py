"""Cues near a match (negation, hedge, reported speech, condition, contrast): what they do to a vote. None removes it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pipeline.tag.folding import fold
from pipeline.tag.rules.forms import tokenizer
from pipeline.tag.rules.match import SENTENCE_ENDS
from pipeline.vocabulary import Stance

BEFORE = {"negation": 3, "hedge": 6, "reported": 8, "conditional": 6}  # tokens before the match that are looked at
AFTER = {"contrast": 14}  # and after it
LONGEST_CUE = 4  # tokens
FARTHEST_BEFORE, FARTHEST_AFTER = max(BEFORE.values()) + LONGEST_CUE, max(AFTER.values())
FACTOR = {"negation": 0.9, "hedge": 0.8, "reported": 0.8, "conditional": 0.7, "contrast": 1.0}
TURNED = {Stance.POSITIVE: Stance.NEGATIVE, Stance.NEGATIVE: Stance.POSITIVE, Stance.MIXED: Stance.MIXED}


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue that was found: its kind and its words."""

    kind: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


@cache
def _phrases(language: str) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """First word -> (all words, kind) of every cue of a language, the longest first."""
    tables = tomllib.loads((resources.files(__package__) / "cues.toml").read_text("utf-8"))
    nlp = tokenizer(language)
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for kind, phrases in tables.get(language, {}).items():
        for phrase in phrases:
            words = tuple(fold(token.norm_) for token in nlp.make_doc(fold(phrase)))
            by_first.setdefault(words[0], []).append((words, kind))
    return {first: tuple(sorted(phrases_of, key=lambda s: (-len(s[0]), s))) for first, phrases_of in by_first.items()}


def find_cues(words: Sequence[str], start: int, end: int, language: str) -> list[Cue]:
    """The cues around the match `words[start:end]`, in their order, one of each kind; never across the end of a sentence.

    `words` are the folded norms of an excerpt's tokens.
    """
    phrases = _phrases(language)
    first, last = _sentence(words, start, end)
    cues: dict[str, Cue] = {}
    for at in (*range(first, start), *range(end, last)):
        for phrase, kind in phrases.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase and _is_near(kind, at + len(phrase), at, start, end):
                cues.setdefault(kind, Cue(kind, " ".join(phrase)))
                break
    return list(cues.values())


def _is_near(kind: str, phrase_end: int, phrase_start: int, start: int, end: int) -> bool:
    if kind in BEFORE:
        return phrase_end <= start and start - phrase_end < BEFORE[kind]
    return phrase_start >= end and phrase_start - end < AFTER[kind]


def _sentence(words: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The part of the sentence around a match in which its cues begin."""
    first, last = start, end
    while first > max(0, start - FARTHEST_BEFORE) and words[first - 1] not in SENTENCE_ENDS:
        first -= 1
    ends = 0
    while last < min(len(words), end + FARTHEST_AFTER) and ends < 2:  # a contrast may open the next sentence
        ends += words[last] in SENTENCE_ENDS
        last += 1
    return first, last


def weight_and_stance(weight: float, stance: str, cues: Sequence[Cue]) -> tuple[float, str]:
    """What a pattern's weight and stance become under the cues around its match."""
    for cue in cues:
        weight *= FACTOR[cue.kind]
        if stance and cue.kind == "negation":
            stance = str(TURNED[Stance(stance)])
        if stance and cue.kind == "contrast":
            stance = str(Stance.MIXED)
    return round(weight, 4), stance

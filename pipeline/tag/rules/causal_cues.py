"""Words with which people say that one thing brought about another; a person decides whether they do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from pipeline.codebook import Pattern
from pipeline.tag.folding import fold
from pipeline.tag.rules.rules import ANSWER, LanguageRules

LEAST_WORDS = 6  # of an excerpt beside the cue: with fewer it does not name both an influence and a consequence
WORD = re.compile(r"[\w']+")


class SpokenText(NamedTuple):
    """The words of an excerpt, and their language."""

    excerpt_id: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class _Language:
    rules: LanguageRules
    not_after: tuple[str, ...]
    negations: tuple[str, ...]


@cache
def tables() -> Mapping[str, Mapping[str, list[str]]]:
    """By language, the cues, and the words that deny them."""
    return tomllib.loads((resources.files(__package__) / "causal_cues.toml").read_text("utf-8"))


@cache
def _language(name: str) -> _Language:
    table = tables()[name]
    patterns = [Pattern(f"{name} {match}", "", name, match) for match in table["matches"]]
    before, after = (tuple(map(fold, table[key])) for key in ("negations", "not_after"))
    return _Language(LanguageRules(name, patterns), not_after=after, negations=before)


def causal_cues(texts: Iterable[SpokenText]) -> dict[str, str]:
    """The first causal cue of each text that has one, as it is written, by excerpt id."""
    cues = {}
    for each in texts:
        if each.language in tables() and (cue := _first_cue(each.text, _language(each.language))):
            cues[each.excerpt_id] = cue
    return cues


def _first_cue(text: str, language: _Language) -> str:
    matches = sorted(language.rules.find(text, ANSWER), key=lambda match: (match.start, -match.end))
    for match in matches:
        before, after = fold(text[: match.start]), fold(text[match.end :])
        other_words = len(WORD.findall(before)) + len(WORD.findall(after))
        if other_words >= LEAST_WORDS and not _is_denied(before, after, language):
            return text[match.start : match.end]
    return ""


def _is_denied(before: str, after: str, language: _Language) -> bool:
    """Whether the words right before a cue deny it, or those right after make it no cause; both are folded."""
    words_before, words_after = " ".join(WORD.findall(before)), f"{' '.join(WORD.findall(after))} "
    is_negated = any(words_before.endswith(each) for each in language.negations if each.startswith("n'"))
    is_negated |= any(f" {words_before}".endswith(f" {each}") for each in language.negations)
    return is_negated or any(words_after.startswith(f"{each} ") for each in language.not_after)

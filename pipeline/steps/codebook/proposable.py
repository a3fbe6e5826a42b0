"""Which words of a study may become a pattern: no names, nothing masked, nothing of people who want no quotes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import simplemma

from pipeline.codebook import Pattern
from pipeline.people import fold_name
from pipeline.privacy.consent import TurnId
from pipeline.privacy.names import lexicon
from pipeline.records import Participant
from pipeline.review.web.shelf import Shelf

MASKED = re.compile(r"\[[^\]]*\]")  # what stands in the place of a masked name
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
PAUSE = re.compile(r"[^\w\s'’-]|\d")  # no pair of words goes over one of these
NEGATIONS = frozenset("no not never nobody nothing without cannot nunca nadie nada sin ni".split())  # may begin a pair
SHORTEST = 3  # letters of a word that is proposed alone
WITH_LEMMAS = frozenset({"es", "en", "fr", "pt"})


@dataclass(frozen=True, slots=True)
class _Word:
    key: str  # by its dictionary form
    written: str
    start: int
    end: int
    is_ordinary: bool  # of any text: the, of, para


@dataclass(frozen=True, slots=True)
class ProposableWords:
    """The words of a study's excerpts that may become patterns."""

    shelf: Shelf
    unshown: Collection[TurnId]  # turns whose words are not shown
    names: frozenset[str]  # words of the names in the register

    def terms(self, at: int, stretches: Sequence[tuple[int, int]]) -> dict[str, str]:
        """The words and pairs of words of an excerpt, or of stretches of it, by dictionary form: as they are written."""
        row = self.shelf.row(at)
        if (row["source_id"], row["turn"]) in self.unshown:
            return {}
        words = list(self._words(str(row["text"]), str(row["language"])))
        inside = [word for word in words if _is_inside(word, stretches)]
        single = {w.key: w.written for w in inside if not w.is_ordinary and len(w.written) >= SHORTEST}
        return single | dict(_pairs(inside, str(row["text"])))

    def _words(self, text: str, language: str) -> Iterator[_Word]:
        from pipeline.privacy.quotes import names_in  # loads scipy, which the page starts without

        plain = MASKED.sub(lambda mask: "·" * len(mask.group()), text)
        like_names = {fold_name(name) for name in names_in(plain)}
        for match in WORD.finditer(plain):
            written = match.group().lower().replace("’", "'")
            if not {fold_name(written), fold_name(written.removesuffix("'s"))} & (
                self.names | like_names | _given_names()
            ):
                key = _dictionary_form(written, language)
                yield _Word(key, written, match.start(), match.end(), written in _ordinary_words(language))


def _is_inside(word: _Word, stretches: Sequence[tuple[int, int]]) -> bool:
    """Whether a word is in one of some stretches; without any, all are."""
    return not stretches or any(start <= word.start and word.end <= end for start, end in stretches)


def _pairs(words: Sequence[_Word], text: str) -> Iterator[tuple[str, str]]:
    for first, second in pairwise(words):
        between = text[first.end : second.start]
        is_telling = not second.is_ordinary and (not first.is_ordinary or first.written in NEGATIONS)
        if is_telling and between.isspace() and not PAUSE.search(between):
            yield f"{first.key} {second.key}", f"{first.written} {second.written}"


@cache
def _given_names() -> frozenset[str]:
    return lexicon.words("given") - lexicon.words("ordinary")


@cache
def _ordinary_words(language: str) -> frozenset[str]:
    from pipeline.tag.rules.forms import tokenizer  # loads spaCy, which the page starts without

    return frozenset(tokenizer(language).Defaults.stop_words)


@cache
def _dictionary_form(word: str, language: str) -> str:
    return fold_name(simplemma.lemmatize(word, lang=language)) if language in WITH_LEMMAS else fold_name(word)


def words_of_names(people: Iterable[Participant], interviewers: Iterable[str]) -> frozenset[str]:
    """The words of the names of a study, folded."""
    names = [*(name for person in people for name in person.names), *interviewers]
    return frozenset(word for name in names for word in fold_name(name).split())


def is_caught(patterns: Sequence[Pattern], language: str, words: str) -> bool:
    """Whether a pattern of the language already catches these words."""
    from pipeline.tag.rules.rules import ANSWER, LanguageRules  # loads spaCy, which the page starts without

    of_language = [pattern for pattern in patterns if pattern.language == language]
    return bool(of_language) and any(LanguageRules(language, of_language).find(words, ANSWER))

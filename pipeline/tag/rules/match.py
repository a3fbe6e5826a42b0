"""The match language of patterns, read into elements.

`lo que ..3 (necesitar|hacer falta)` reads: the words *lo* and *que*, up to three tokens that are no sentence end, then any
form of *necesitar* or of *hacer* followed by any form of *falta*. `=word` is that form alone, `word*` a prefix, `[x]` optional.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from pipeline.codebook import Codebook, Pattern
from pipeline.errors import Problem
from pipeline.tag.folding import fold
from pipeline.wording.messages import Message, message

SENTENCE_ENDS = (".", "!", "?", "...", "…")
LONGEST_GAP = 15
MOST_READINGS = 200  # a pattern that expands to more sequences of tokens than this is too expensive

PIECE = re.compile(r"\[\(([^()]*)\)\]|\[([^\[\]()]*)\]|\(([^()]*)\)|\.\.(\d+)(?=\s|$)|([^\s()\[\]|]+)")
GAP = re.compile(r"\.\.\d+")
WORD = re.compile(r"(=?)([^\s()|\[\]=*]+?)(\*?)$")

ENOUGH_COMMON_WORDS = 4  # this many common words in a row mean something: si no es por


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a pattern; `how` it matches: any form of its lemma, "exact", as a "prefix", or "gap": up to that many tokens."""

    text: str
    how: str = "lemma"

    @property
    def is_gap(self) -> bool:
        """Whether it matches any tokens."""
        return self.how == "gap"


@dataclass(frozen=True, slots=True)
class Element:
    """A place in a pattern: alternatives of one or more words. A gap between elements is an element of one gap."""

    alternatives: tuple[tuple[Word, ...], ...]
    optional: bool = False

    @property
    def is_gap(self) -> bool:
        """Whether the element is nothing but a gap."""
        return self.alternatives[0][0].is_gap

    @property
    def readings(self) -> int:
        """The number of token sequences that it matches; single words of a kind count as one."""
        longer = sum(len(a) > 1 for a in self.alternatives)
        kinds = {a[0].how == "prefix" for a in self.alternatives if len(a) == 1}
        return longer + len(kinds) + self.optional


class MatchError(ValueError):
    """The match of a pattern cannot be read; says why."""


def parse(match: str) -> tuple[Element, ...]:
    """The elements of a match, or MatchError that names the first part that cannot be read."""
    elements: list[Element] = []
    at = 0
    for piece in PIECE.finditer(match):
        if match[at : piece.start()].strip():
            raise MatchError(message("tag/cannot_read", part=match[at : piece.start()].strip()))
        elements.append(_element(piece))
        at = piece.end()
    if match[at:].strip():
        raise MatchError(message("tag/cannot_read", part=match[at:].strip()))
    if not elements or not all(_is_firm(e) for e in (elements[0], elements[-1])):
        raise MatchError(message("tag/begins_or_ends_with_a_gap"))
    return tuple(elements)


def _is_firm(element: Element) -> bool:
    return not element.is_gap and not element.optional


def readings(elements: Sequence[Element]) -> int:
    """The number of token sequences that a pattern matches."""
    return prod(element.readings for element in elements)


def _element(piece: re.Match[str]) -> Element:
    optional = piece[1] if piece[1] is not None else piece[2]
    if piece[4] is not None:
        return Element(((_gap(piece[0]),),))
    inside = optional if optional is not None else piece[3] if piece[3] is not None else piece[5]
    return Element(tuple(_words(part) for part in inside.split("|")), optional is not None)


def _words(part: str) -> tuple[Word, ...]:
    words = tuple(_gap(text) if GAP.fullmatch(text) else _word(text) for text in part.split())
    if not words or words[0].is_gap or words[-1].is_gap:
        raise MatchError(message("tag/has_an_alternative"))
    return words


def _gap(text: str) -> Word:
    if int(text[2:]) > LONGEST_GAP:
        raise MatchError(message("tag/gap_is_longer", gap=text, tokens=LONGEST_GAP))
    return Word(text[2:], "gap")


def _word(text: str) -> Word:
    match = WORD.match(text)
    if not match or (match[1] and match[3]) or ".." in text:
        raise MatchError(message("tag/cannot_read_the_word", word=text))
    return Word(match[2], "exact" if match[1] else "prefix" if match[3] else "lemma")


def words_of(elements: Sequence[Element]) -> Iterator[Word]:
    """Every word of a pattern, gaps apart."""
    for element in elements:
        for alternative in element.alternatives:
            yield from (word for word in alternative if not word.is_gap)


def unreadable(codebook: Codebook) -> list[Problem]:
    """The unusable patterns: they cannot be parsed, or match too many word sequences."""
    reasons = ((pattern, why_not(pattern)) for pattern in codebook.patterns)
    return [
        Problem(_place(pattern), why, message("tag/a_pattern_is_words_in_order")) for pattern, why in reasons if why
    ]


REMEDY = "tag/see_the_match_language_in_docs"


def _place(pattern: Pattern) -> str:
    return f"codebook.toml criterion {pattern.criterion} pattern {pattern.id}"


def why_not(pattern: Pattern) -> Message | None:
    """Why a pattern cannot be used: it cannot be read, or matches too many word sequences; None if it can."""
    try:
        stands_for = readings(parse(pattern.match))
    except MatchError as error:
        return message("tag/match_is_wrong", match=pattern.match, why=error)
    if stands_for > MOST_READINGS:
        return message("tag/match_has_readings", match=pattern.match, readings=stands_for, most=MOST_READINGS)
    return None


def doubtful(codebook: Codebook, languages: Sequence[str]) -> list[Problem]:
    """Valid patterns that their author should look at: they match nearly everything, can never match, or are duplicates."""
    problems = []
    seen: dict[tuple[str, str, str, str], str] = {}
    for pattern in codebook.patterns:
        where = _place(pattern)
        if _is_met_by_everything(parse(pattern.match)):
            what = message("tag/match_can_match_words_that_occur", match=pattern.match)
            problems.append(Problem(where, what, message(REMEDY)))
        if pattern.language not in languages:
            what = message(
                "tag/can_never_match_its_language", language=pattern.language, languages=", ".join(languages)
            )
            problems.append(Problem(where, what, message("tag/correct_the_language_or_add")))
        key = (pattern.criterion, pattern.language, fold(pattern.match), pattern.scope)
        if key in seen:
            problems.append(
                Problem(
                    where, message("tag/matches_the_same_as", pattern=seen[key]), message("tag/keep_one_of_the_two")
                )
            )
        seen.setdefault(key, pattern.id)
    return problems


def _is_met_by_everything(elements: Sequence[Element]) -> bool:
    common = [_shortest_common(element) for element in elements if _is_firm(element)]
    return all(common) and sum(common) < ENOUGH_COMMON_WORDS


def _shortest_common(element: Element) -> int:
    """The words of the shortest alternative of common words alone; 0 where there is none."""
    lengths = [len(words) for words in element.alternatives if all(map(_is_everywhere, words))]
    return min(lengths, default=0)


EVERYWHERE = frozenset(
    """a al de del el en es la las lo los no que se su un una y o por para con como me mi nos si ya ser haber estar
    the a an and or of to in is are was it that this for on with as at by not we i you they he she be do have""".split()
)


def _is_everywhere(word: Word) -> bool:
    if word.is_gap:
        return True
    text = fold(word.text)
    return text in EVERYWHERE or (word.how == "prefix" and len(text) < 3)

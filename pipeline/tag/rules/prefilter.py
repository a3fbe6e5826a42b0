"""Which patterns can match a text at all: one pass of an automaton over its words, then their order and distance.

It never rules out a pattern that matches; what it lets through is matched by spaCy.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick
from spacy.attrs import NORM, ORTH

from pipeline.tag.folding import fold
from pipeline.tag.rules.forms import Forms
from pipeline.tag.rules.match import EVERYWHERE, Element, Word

MOST_TEXTS = 300  # spellings of a phrase that are looked for
SLACK = 4  # tokens that split otherwise in spaCy than at every sign that is no letter
WORD = re.compile(r"[^ ]+")


class _Spacing(dict[int, str]):
    """For `str.translate` on folded text: everything but letters becomes a space."""

    def __missing__(self, code: int) -> str:
        self[code] = chr(code) if chr(code).isalpha() else " "
        return self[code]


SPACING = _Spacing()


class Span(NamedTuple):
    """The first and the last character at which a word begins."""

    first: int
    last: int


Step = tuple[int, int]  # key of an element's words, and how many tokens after the step before it may at most begin


class Prefilter:
    """The patterns of a language as sequences of words that a text must contain, near enough and in this order."""

    def __init__(self, patterns: Sequence[Sequence[Element]], forms: Forms) -> None:
        self.forms, self.hidden = forms, Hidden(forms)
        keys: dict[frozenset[str], int] = {}
        self.steps = [tuple(self._steps(elements, keys)) for elements in patterns]
        of_word: dict[str, list[int]] = {}
        for words, key in keys.items():
            for word in sorted(words):
                of_word.setdefault(word, []).append(key)
        self.keys_of = list(of_word.values())
        self.automaton = AhoCorasick(list(of_word)) if of_word else None
        self.lengths = [sum(map(_longest, elements)) for elements in patterns]
        self.always = [index for index, steps in enumerate(self.steps) if not steps]
        self.triggered = self._triggers()

    def candidates(self, folded: str) -> dict[int, Span]:
        """The patterns that may match a folded text, by index, and the span of characters that holds all their words."""
        whole = Span(0, len(folded))
        spans = dict.fromkeys(self.always, whole)
        spaced = f" {' '.join(folded.split()).translate(SPACING)} "
        places = self._places(spaced)
        complete = [i for key in places for i, needed in self.triggered.get(key, ()) if needed <= places.keys()]
        if not complete:
            return spans
        starts = [match.start() - 1 for match in WORD.finditer(spaced)]
        same_places = len(spaced) == len(folded) + 2  # no white space was joined
        for index in sorted(complete):
            if _in_order(self.steps[index], places, starts):
                seen = [place for key, _ in self.steps[index] for place in places[key]]
                spans[index] = Span(min(seen), max(seen)) if same_places else whole
        return spans

    def _places(self, spaced: str) -> dict[int, list[int]]:
        """Where the words of each key begin in a spaced text."""
        places: dict[int, list[int]] = {}
        if self.automaton:
            for hit, start, _ in self.automaton.find_matches_as_indexes(spaced, overlapping=True):
                for key in self.keys_of[hit]:
                    places.setdefault(key, []).append(start)
        return places

    def _triggers(self) -> dict[int, list[tuple[int, frozenset[int]]]]:
        """Each pattern under the key that fewest patterns need, with all keys that it needs."""
        needed = [frozenset(map(_key_of, steps)) for steps in self.steps]
        times = Counter(key for keys in needed for key in keys)
        triggered: dict[int, list[tuple[int, frozenset[int]]]] = {}
        for index, keys in enumerate(needed):
            if keys:
                triggered.setdefault(min(keys, key=lambda key: (times[key], key)), []).append((index, keys))
        return triggered

    def _steps(self, elements: Sequence[Element], keys: dict[frozenset[str], int]) -> Iterator[Step]:
        distance = 0
        for element in elements:
            words = self._needed(element)
            if words:
                yield keys.setdefault(words, len(keys)), distance + SLACK
                distance = 0
            distance += _longest(element)

    def _needed(self, element: Element) -> frozenset[str]:
        """Texts one of which occurs in everything that the element matches; empty if unknown."""
        if element.optional or element.is_gap:
            return frozenset()
        options = [self._phrases(alternative) for alternative in element.alternatives]
        if not all(options):
            return frozenset()
        return frozenset(text for phrases in options for text in max(phrases, key=_rarity))

    def _phrases(self, alternative: Sequence[Word]) -> list[set[str]]:
        """The parts of an alternative that occur literally in a spaced copy: each a set of texts, one of which is there."""
        stretches: list[set[str]] = []
        joins = False
        for word in alternative:
            if word.is_gap:
                joins = False
                continue
            for texts, how in self.forms.tokens(word.text, word.how):
                surfaces, left, right = self.hidden.surfaces(texts)
                marked = {f" {text}" if how == "prefix" else f" {text} " for text in surfaces}
                _append(stretches, marked, joins=joins and left)
                joins = bool(surfaces) and right and how != "prefix"
        return stretches


def _append(stretches: list[set[str]], marked: set[str], *, joins: bool) -> None:
    """Add the texts of a token: to the last stretch where it `joins` and not too many come of it, otherwise as a new one."""
    before = stretches[-1] if joins and stretches else set()
    if before and marked and len(before) * len(marked) <= MOST_TEXTS:
        stretches[-1] = {first + text[1:] for first in before for text in marked}
    elif marked:
        stretches.append(marked)


def _rarity(texts: set[str]) -> int:
    """A rough guess at how rarely a text holds one of these: common words count little, long ones most."""
    return min(sum(map(_weight, text.split())) for text in texts)


def _weight(word: str) -> int:
    return 1 if word in EVERYWHERE else 1 + len(word)


def _key_of(step: Step) -> int:
    return step[0]


def _longest_run(text: str) -> str:
    return max(text.translate(SPACING).split(), key=len, default="")


def _longest(element: Element) -> int:
    """The most tokens that an element takes."""
    return max(_length(alternative) for alternative in element.alternatives)


def _length(alternative: Sequence[Word]) -> int:
    """The most tokens of an alternative; a word with a hyphen or an apostrophe may be three."""
    return sum(int(word.text) if word.is_gap else 1 + 2 * (not word.text.isalpha()) for word in alternative)


def _in_order(steps: Sequence[Step], places: dict[int, list[int]], starts: list[int]) -> bool:
    """Whether the words of the steps occur in the text in order, none too far from the one before."""
    if len(steps) == 1:
        return True
    reached = [bisect_right(starts, place) for place in places[steps[0][0]]]
    for key, limit in steps[1:]:
        nexts = [bisect_right(starts, place) for place in places[key]]
        reached = [place for place in nexts if _is_within(reached, place - limit, place)]
        if not reached:
            return False
    return True


def _is_within(places: Sequence[int], first: int, last: int) -> bool:
    return any(first <= place <= last for place in places)


class Hidden:
    """Tokens that have another spelling in the text, as in contractions: "not" in don't, "will" in won't."""

    def __init__(self, forms: Forms) -> None:
        rules: dict[str, list[dict[int, str]]] = getattr(forms.nlp.tokenizer, "rules", None) or {}
        self.first: dict[str, set[str]] = {}  # as the beginning of a longer word: what is seen of it
        self.later: dict[str, set[str]] = {}  # as a later part
        for written, tokens in rules.items():
            for place, part in enumerate(tokens):
                surface = _first_run(fold(written)) if place == 0 else _longest_run(fold(written))
                seen = self.later if place else self.first
                for text in {fold(part[ORTH]), fold(part.get(NORM, ""))} - {""}:
                    seen.setdefault(text, set()).update({surface} - {""})

    def surfaces(self, texts: set[str]) -> tuple[set[str], bool, bool]:
        """Words of which one is in the spaced copy wherever a token has one of the texts; none if unknown.

        With it: whether the words before and after are adjacent there.
        """
        runs = {text: _longest_run(text) for text in texts}
        if not all(runs.values()):
            return set(), False, False
        whole = all(run == text for text, run in runs.items())
        begins, ends = texts & self.first.keys(), texts & self.later.keys()
        seen = set(runs.values()).union(*(self.first[t] for t in begins), *(self.later[t] for t in ends))
        return seen, whole and not ends, whole and not ends and not begins


def _first_run(text: str) -> str:
    return next(iter(text.translate(SPACING).split()), "")

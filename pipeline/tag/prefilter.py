"""Which patterns can match a text at all: one pass of an automaton over its words, then their order and distance.

It never rules out a pattern that matches; what it lets through is matched by spaCy.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence, Set

from pipeline.tag.forms import Forms, fold
from pipeline.tag.match import EVERYWHERE, Element, Word

SLACK = 4  # tokens that split otherwise in spaCy than at every sign that is no letter
WORD = re.compile(r"[^ ]+")


class _Spacing(dict[int, str]):
    """For `str.translate` on folded text: everything but letters becomes a space."""

    def __missing__(self, code: int) -> str:
        self[code] = chr(code) if chr(code).isalpha() else " "
        return self[code]


SPACING = _Spacing()
Step = tuple[int, int]  # key of an element's words, and how many tokens after the step before it may at most begin


class Prefilter:
    """The patterns of a language as sequences of words that must stand in a text, near enough and in this order."""

    def __init__(self, patterns: Sequence[Sequence[Element]], forms: Forms) -> None:
        from ahocorasick_rs import AhoCorasick

        self.forms, self.hidden = forms, _hidden(forms)
        keys: dict[frozenset[str], int] = {}
        self.steps = [tuple(self._steps(elements, keys)) for elements in patterns]
        of_word: dict[str, list[int]] = {}
        for words, key in keys.items():
            for word in sorted(words):
                of_word.setdefault(word, []).append(key)
        self.keys_of = list(of_word.values())
        self.automaton = AhoCorasick(list(of_word)) if of_word else None
        self.always = [index for index, steps in enumerate(self.steps) if not steps]
        self.triggered = self._triggers()

    def candidates(self, folded: str) -> list[int]:
        """The patterns that may match a folded text, by index."""
        if self.automaton is None:
            return self.always
        spaced = f" {folded.translate(SPACING)} "
        places: dict[int, list[int]] = {}
        for hit, start, _ in self.automaton.find_matches_as_indexes(spaced, overlapping=True):
            for key in self.keys_of[hit]:
                places.setdefault(key, []).append(start)
        complete = [i for key in places for i, needed in self.triggered.get(key, ()) if needed <= places.keys()]
        if not complete:
            return self.always
        starts = [match.start() - 1 for match in WORD.finditer(spaced)]
        return sorted([*self.always, *(i for i in complete if _in_order(self.steps[i], places, starts))])

    def _triggers(self) -> dict[int, list[tuple[int, frozenset[int]]]]:
        """Each pattern under the key that fewest patterns need, with all keys that it needs."""
        needed = [frozenset(key for key, _ in steps) for steps in self.steps]
        times = Counter(key for some in needed for key in some)
        triggered: dict[int, list[tuple[int, frozenset[int]]]] = {}
        for index, some in enumerate(needed):
            if some:
                triggered.setdefault(min(some, key=lambda key: (times[key], key)), []).append((index, some))
        return triggered

    def _steps(self, elements: Sequence[Element], keys: dict[frozenset[str], int]) -> Iterator[Step]:
        distance = 0
        for element in elements:
            words = self._needed(element)
            if words:
                yield keys.setdefault(words, len(keys)), distance + SLACK
                distance = 0
            distance += max(_length(alternative) for alternative in element.alternatives)

    def _needed(self, element: Element) -> frozenset[str]:
        """Texts of which one stands in whatever the element matches; empty where that cannot be said."""
        if element.optional or element.is_gap:
            return frozenset()
        words: set[str] = set()
        for alternative in element.alternatives:
            options = [option for word in alternative if not word.is_gap and (option := self._texts(word))]
            if not options:
                return frozenset()
            words |= max(options, key=_rarity)
        return frozenset(words)

    def _texts(self, word: Word) -> set[str]:
        """The texts of a word as they stand in a spaced copy: " word " or, for a prefix, " word"."""
        options = [self._surfaces(texts) for texts, _ in self.forms.tokens(word.text, word.how)]
        usable = [texts for texts in options if texts]
        if not usable:
            return set()
        texts = max(usable, key=_rarity)
        return {f" {text}" if word.how == "prefix" else f" {text} " for text in texts}

    def _surfaces(self, texts: set[str]) -> set[str]:
        """Words of which one stands in the spaced copy wherever a token has one of these texts; empty where there may be none."""
        runs = {text: _longest_run(text) for text in texts}
        if not all(runs.values()):
            return set()
        return set(runs.values()).union(*(self.hidden.get(text, set()) for text in texts))


def _rarity(texts: Set[str]) -> int:
    """A rough guess at how seldom a text holds one of these words: words of every sentence count nothing, long ones most."""
    return min(0 if text.strip() in EVERYWHERE else len(text) for text in texts)


def _longest_run(text: str) -> str:
    return max(text.translate(SPACING).split(), key=len, default="")


def _length(alternative: Sequence[Word]) -> int:
    """The most tokens that an alternative takes; a word with a hyphen or an apostrophe may be three."""
    return sum(int(word.text) if word.is_gap else 1 + 2 * (not word.text.isalpha()) for word in alternative)


def _in_order(steps: Sequence[Step], places: dict[int, list[int]], starts: list[int]) -> bool:
    """Whether the words of the steps stand in the text one after the other, none too far from the one before."""
    if len(steps) == 1:
        return True
    reached = [bisect_right(starts, place) for place in places[steps[0][0]]]
    for key, limit in steps[1:]:
        nexts = [bisect_right(starts, place) for place in places[key]]
        reached = [n for n in nexts if any(n - limit <= r <= n for r in reached)]
        if not reached:
            return False
    return True


def _hidden(forms: Forms) -> dict[str, set[str]]:
    """Tokens that stand in a text under another spelling, as in contractions: "not" -> {"don", "can", ...} for don't, can't."""
    from spacy.attrs import NORM, ORTH

    rules: dict[str, list[dict[int, str]]] = getattr(forms.nlp.tokenizer, "rules", None) or {}
    hidden: dict[str, set[str]] = {}
    for written, tokens in rules.items():
        surface = _longest_run(fold(written))
        for text in (fold(t) for part in tokens for t in (part[ORTH], part.get(NORM, "")) if t):
            if surface:
                hidden.setdefault(text, set()).add(surface)
    return hidden

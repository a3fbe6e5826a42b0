"""Which patterns can match a text at all: those with a wording whose words are all in the text, in whatever order.

Each set of word forms that a wording needs is a bit; a stretch of text between two white spaces has the bits of its tokens.
It never rules out a pattern that matches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import chain, product
from operator import or_

from pipeline.tag.rules.sequence import OneToken, StepSequence, tokens_of
from pipeline.tag.rules.tokens import MOST_WRITTEN, Token, Tokens

FEW_FORMS = 12  # a token of a pattern with fewer forms is a word as people say it, not every form of a verb


class Prefilter:
    """The patterns of a language, by the words that a text must have for them to match."""

    def __init__(self, patterns: Sequence[StepSequence], tokens: Tokens) -> None:
        wordings = [(index, wording) for index, pattern in enumerate(patterns) for wording in _wordings(pattern)]
        common = _how_common(wording for _, wording in wordings)
        bit_of: dict[OneToken, int] = {}
        self.triggered: dict[int, list[tuple[int, int]]] = {}  # rarest bit -> (pattern, all bits) of each wording
        for index, wording in wordings:
            bits = [bit_of.setdefault(token, 1 << len(bit_of)) for token in wording]
            rarest = min(zip(wording, bits, strict=True), key=lambda pair: common[pair[0]])[1]
            self.triggered.setdefault(rarest, []).append((index, reduce(or_, bits)))
        self.triggers = reduce(or_, self.triggered, 0)
        self.bits = _Bits(bit_of, tokens)

    def candidates(self, stretches: Iterable[str]) -> list[int]:
        """The patterns that may match a text of these stretches, by index, in their order."""
        present = reduce(or_, map(self.bits.__getitem__, stretches), 0)
        candidates: set[int] = set()
        triggers = present & self.triggers
        while triggers:
            trigger = triggers & -triggers
            triggers ^= trigger
            for index, needed in self.triggered[trigger]:
                if needed & present == needed:
                    candidates.add(index)
        return sorted(candidates)


def _wordings(pattern: StepSequence) -> list[tuple[OneToken, ...]]:
    """The ways to match a pattern, each as the tokens that must be there."""
    return [tuple(chain.from_iterable(ways)) for ways in product(*map(tokens_of, pattern.steps))]


def _how_common(wordings: Iterable[tuple[OneToken, ...]]) -> dict[OneToken, float]:
    """A rough guess at how often the tokens occur: words that are short, or in many patterns, count most."""
    used = [token for wording in wordings for token in dict.fromkeys(wording)]
    times = Counter(norm for token in used if len(token.norms) < FEW_FORMS for norm in token.norms)
    return {
        token: sum((times[text] + 0.5) / len(text) ** 2 for text in (*token.norms, *token.prefixes))
        for token in dict.fromkeys(used)
    }


class _Bits(dict[str, int]):
    """The bits of a stretch of text, as it is written."""

    def __init__(self, bit_of: dict[OneToken, int], tokens: Tokens) -> None:
        super().__init__()
        self.tokens = tokens
        self.of_norm: dict[str, int] = {}
        self.of_prefix: dict[str, int] = {}
        for token, bit in bit_of.items():
            for norm in token.norms:
                self.of_norm[norm] = self.of_norm.get(norm, 0) | bit
            for prefix in token.prefixes:
                self.of_prefix[prefix] = self.of_prefix.get(prefix, 0) | bit
        self.prefixes = tuple(self.of_prefix)

    def __missing__(self, written: str) -> int:
        if len(self) >= MOST_WRITTEN:
            self.clear()
        self[written] = reduce(or_, map(self._bits, self.tokens[written]), 0)
        return self[written]

    def _bits(self, token: Token) -> int:
        bits = self.of_norm.get(token.norm, 0)
        if token.norm.startswith(self.prefixes):
            bits |= reduce(or_, (bit for prefix, bit in self.of_prefix.items() if token.norm.startswith(prefix)))
        return bits

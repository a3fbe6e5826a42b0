"""A text as spaCy's tokens; what stands between two white spaces is split once, and remembered as it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from spacy.language import Language

from pipeline.tag.folding import fold

MOST_WRITTEN = 100_000  # stretches that are remembered, about 60 MB; a text in one language has fewer that come again
WRITTEN = re.compile(r"\S+")


class Token(NamedTuple):
    """A token: where it stands in its stretch of text, its norm, and the norm folded."""

    start: int
    end: int
    norm: str
    word: str


class Tokens(dict[str, tuple[Token, ...]]):
    """The tokens of a stretch of text without white space, as it is written. spaCy never joins such stretches."""

    def __init__(self, nlp: Language) -> None:
        super().__init__()
        self.nlp = nlp

    def __missing__(self, written: str) -> tuple[Token, ...]:
        if len(self) >= MOST_WRITTEN:
            self.clear()
        tokens = (token for token in self.nlp.make_doc(fold(written)) if not token.is_space)
        self[written] = tuple(
            Token(token.idx, token.idx + len(token), token.norm_, fold(token.norm_)) for token in tokens
        )
        return self[written]

    def of(self, stretches: Sequence[str]) -> list[Token]:
        """The tokens of some stretches, in their order."""
        return [token for written in stretches for token in self[written]]

    def token(self, text: str, number: int) -> tuple[int, int]:
        """Where a token of a text, counted from 0, begins and ends in it."""
        for stretch in WRITTEN.finditer(text):
            tokens = self[stretch[0]]
            if number < len(tokens):
                return stretch.start() + tokens[number].start, stretch.start() + tokens[number].end
            number -= len(tokens)
        raise IndexError(number)

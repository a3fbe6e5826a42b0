"""How positions count in a program's projects: code points or UTF-16 units, line ends as one or two, the byte order mark or not.

The standard says Unicode code points of the plain text. Programs differ; which way one counts is judged by the words that its
selections meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from pipeline.review.returned import plain
from pipeline.wording.messages import Message, message, separated

TRIED = 200  # selections that show how all positions of a source count
CLEARLY = 0.1  # by which share of selections another way of counting must be better than the usual one
NAMED = 8  # characters of a selection's name that must be those at its positions
WIDE = 0xFFFF  # beyond it a character is two units of UTF-16


class LineEnds(StrEnum):
    """How the end of a line counts."""

    AS_WRITTEN = "as written"
    ONE = "one"
    TWO = "two"


class Span(NamedTuple):
    """A selection as written: start, end, and a name that may be its words."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A way of counting positions; the standard's unless stated."""

    is_utf16: bool = False
    line_ends: LineEnds = LineEnds.AS_WRITTEN
    counts_mark: bool = False  # whether a byte order mark is the first character

    @classmethod
    def of(cls, origin: str) -> Interpretation:
        """The way that the program of this origin is known to count."""
        if "atlas" in origin.lower():
            return cls(line_ends=LineEnds.ONE)  # its texts have CRLF, and its positions count one
        if "nvivo" in origin.lower():
            return cls(is_utf16=True)
        return cls()

    def widths(self, text: str) -> np.ndarray:
        """How many positions each character takes."""
        characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        widths = np.ones(len(characters), dtype=np.int64)
        if self.is_utf16:
            widths[characters > WIDE] = 2
        is_cr, is_lf = characters == ord("\r"), characters == ord("\n")
        in_pair = np.zeros(len(characters), dtype=bool)
        if len(characters):
            in_pair[:-1] = is_cr[:-1] & is_lf[1:]
        if self.line_ends is LineEnds.ONE:
            widths[in_pair] = 0
        elif self.line_ends is LineEnds.TWO:
            after_cr = np.zeros(len(characters), dtype=bool)
            after_cr[1:] = in_pair[:-1]
            widths[(is_lf & ~after_cr) | (is_cr & ~in_pair)] = 2
        return widths

    def differs(self, text: str) -> bool:
        """Whether it counts otherwise than the standard in this text."""
        return self.counts_mark or not np.array_equal(self.widths(text), Interpretation().widths(text))

    def in_words(self) -> Message:
        """What is special in it."""
        ends = self.line_ends is not LineEnds.AS_WRITTEN
        ways = [
            *([message("exchange/utf_16_units")] if self.is_utf16 else []),
            *(
                [message("exchange/the_end_of_a_line_as", line_ends=message(f"exchange/{self.line_ends.name}"))]
                if ends
                else []
            ),
            *([message("exchange/the_byte_order_mark")] if self.counts_mark else []),
        ]
        return separated(message("exchange/and"), ways) if ways else message("exchange/code_points")


class Place(NamedTuple):
    """An index into the text, and whether the position was that of a character's beginning."""

    at: int
    is_exact: bool


class Positions:
    """The positions of one text under one way of counting."""

    def __init__(self, text: str, interpretation: Interpretation) -> None:
        widths = interpretation.widths(text)
        first = int(interpretation.counts_mark)
        self._starts = first + np.concatenate(([0], np.cumsum(widths)))

    def index(self, position: int) -> Place:
        """The index of the character at a position; one beyond the end, or before the start, is at that end."""
        at = int(np.searchsorted(self._starts, position, side="left"))
        if position < self._starts[0]:
            return Place(0, is_exact=True)
        if at >= len(self._starts):
            return Place(len(self._starts) - 1, is_exact=True)
        if self._starts[at] != position:
            return Place(at - 1, is_exact=False)
        while at + 1 < len(self._starts) and self._starts[at + 1] == position:
            at += 1  # a character of no width, the CR of a line's end, belongs to what is before
        return Place(at, is_exact=True)


def best_interpretation(text: str, spans: Sequence[Span], usual: Interpretation) -> Interpretation:
    """The way of counting under which the selections meet the words that they name, or else whole words.

    The standard's if the text does not show it; the usual way of the program goes before another one that is as good.
    """
    tried = spans[:TRIED]
    if not text or not tried:
        return Interpretation()
    folded = plain(text)
    if usual == Interpretation() and not _is_off(text, folded, tried):
        return Interpretation()
    ways = list(dict.fromkeys((usual, Interpretation(), *_every_way())))
    scores = [_score(text, folded, tried, way) - CLEARLY * (n > 0) for n, way in enumerate(ways)]
    return ways[scores.index(max(scores))]


def _every_way() -> list[Interpretation]:
    return [
        Interpretation(is_utf16=utf16, line_ends=ends, counts_mark=mark)
        for mark in (False, True)
        for utf16 in (False, True)
        for ends in LineEnds
    ]


def _is_off(text: str, folded: str, spans: Sequence[Span]) -> bool:
    """Whether the standard's way meets the words of less than most selections."""
    return _score(text, folded, spans, Interpretation()) < 1 - CLEARLY


def _score(text: str, folded: str, spans: Sequence[Span], way: Interpretation) -> float:
    """The share of selections that meet the words they name; of those without a name, that begin and end with words."""
    positions = Positions(text, way)
    return sum(_meets(text, folded, positions, span) for span in spans) / len(spans)


def _meets(text: str, folded: str, positions: Positions, span: Span) -> bool:
    first, last = positions.index(span.start), positions.index(span.end)
    if not first.is_exact or not last.is_exact:
        return False
    words, name = plain(text[first.at : last.at]), plain(span.name).rstrip(".").rstrip()
    if len(name) >= NAMED and name[:NAMED] in folded:
        return bool(words) and words[: len(name)] == name[: len(words)]
    return not (_is_inside_word(text, first.at) or _is_inside_word(text, last.at))


def _is_inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()

"""Two forms of one text laid side by side: where a stretch of a program's text is in the text of the study.

Lines that are equal once cleaned as files are when they are read (`ingest.characters.clean`) are matched first; what lies
between is matched word by word. So masks, corrections and missing headers do not move what is around them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from typing import NamedTuple

from pipeline.ingest.characters import clean, write_out_references

LINE_END = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # all that reading makes an LF
WORD = re.compile(r"\w+|\s+|[^\w\s]")


class Stretch(NamedTuple):
    """A span of the study's text, and whether both its ends are where they were."""

    start: int
    end: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: where it begins, as it is written, and cleaned."""

    start: int
    written: str
    cleaned: str

    def cleaned_offset(self, offset: int) -> int:
        """The offset into the cleaned line of one into the written line."""
        return offset if self.written == self.cleaned else len(_cleaned(self.written[:offset]))


def _cleaned(line: str) -> str:
    return clean(write_out_references(line)[0])[0]


def lines_of(text: str) -> list[_Line]:
    """The lines of a text."""
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    ends = [*(match.start() for match in LINE_END.finditer(text)), len(text)]
    return [_Line(a, text[a:b], _cleaned(text[a:b])) for a, b in zip(starts, ends, strict=True)]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Equal characters: `length` of them from `here` of the program's cleaned text are from `there` of the study's on."""

    here: int
    there: int
    length: int


class Alignment:
    """A program's text beside the study's."""

    def __init__(self, text: str, stored: str) -> None:
        self._lines = lines_of(text)
        self._starts = [line.start for line in self._lines]
        self._cleaned_starts = _starts([line.cleaned for line in self._lines])
        ours = [line.cleaned for line in self._lines]
        self._pieces = list(_pieces(ours, stored.split("\n")))
        self._piece_starts = [piece.here for piece in self._pieces]
        self.is_whole = ours == stored.split("\n")

    def stretch(self, start: int, end: int) -> Stretch | None:
        """Where `[start, end)` of the program's text is in the study's; None if no character of it is there."""
        first, last = self._cleaned(start), self._cleaned(end)
        spans = [
            (max(first, piece.here), min(last, piece.here + piece.length), piece.there - piece.here)
            for piece in self._between(first, last)
        ]
        spans = [span for span in spans if span[0] < span[1]]
        if not spans:
            return None
        (begin, _, shift), (_, stop, last_shift) = spans[0], spans[-1]
        return Stretch(begin + shift, stop + last_shift, is_exact=(begin, stop) == (first, last))

    def _between(self, first: int, last: int) -> Sequence[_Piece]:
        """The pieces that may overlap a stretch of the cleaned text."""
        low = max(0, bisect_right(self._piece_starts, first) - 1)
        return self._pieces[low : bisect_right(self._piece_starts, last)]

    def _cleaned(self, offset: int) -> int:
        """The offset into the cleaned text."""
        number = bisect_right(self._starts, offset) - 1
        line = self._lines[number]
        inside = min(offset - line.start, len(line.written))
        return self._cleaned_starts[number] + line.cleaned_offset(inside)


def _starts(lines: Sequence[str]) -> list[int]:
    """Where each line begins in the text of these lines."""
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts


def _pieces(here: Sequence[str], there: Sequence[str]) -> Iterator[_Piece]:
    """The equal pieces of two texts by lines, in order."""
    if here == there:
        yield _Piece(0, 0, sum(map(len, here)) + len(here))
        return
    shown, shown_there = _with_words(here), _with_words(there)
    matcher = SequenceMatcher(None, [here[n] for n in shown], [there[n] for n in shown_there], autojunk=False)
    starts, other_starts = _starts(here), _starts(there)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(shown[a:b], shown_there[c:d], strict=True)
            yield from (_Piece(starts[mine], other_starts[other], len(here[mine])) for mine, other in pairs)
        elif tag == "replace":
            for ours, theirs in _blocks(shown[a:b], shown_there[c:d]):
                block, counterpart = _joined(here, ours), _joined(there, theirs)
                yield from _words(block, counterpart, starts[ours.start], other_starts[theirs.start])


def _with_words(lines: Sequence[str]) -> list[int]:
    """The numbers of the lines that are not blank."""
    return [n for n, line in enumerate(lines) if line.strip()]


def _joined(lines: Sequence[str], numbers: range) -> str:
    return "\n".join(lines[numbers.start : numbers.stop])


def _blocks(left: Sequence[int], right: Sequence[int]) -> Iterator[tuple[range, range]]:
    """Differing lines as pairs of blocks to compare: line by line where they are as many, as where names are masked in each."""
    if len(left) == len(right):
        yield from ((range(a, a + 1), range(b, b + 1)) for a, b in zip(left, right, strict=True))
    else:
        yield range(left[0], left[-1] + 1), range(right[0], right[-1] + 1)


def _words(block: str, counterpart: str, here: int, there: int) -> Iterator[_Piece]:
    """The equal pieces of two differing blocks, which begin at `here` and `there`, by whole words."""
    ours, counterparts = WORD.findall(block), WORD.findall(counterpart)
    starts, other_starts = ([0, *accumulate(map(len, words))] for words in (ours, counterparts))
    for match in SequenceMatcher(None, ours, counterparts).get_matching_blocks():  # frequent words alone are no match
        if match.size:
            length = starts[match.a + match.size] - starts[match.a]
            yield _Piece(here + starts[match.a], there + other_starts[match.b], length)

"""Stretches of an excerpt's words that carry a code: whole characters only, their union, and how they are written.

Offsets count code points from the start of the excerpt. What readers see as one character (an emoji, a letter with its
accents) is never divided: Unicode's extended grapheme clusters (UAX #29).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from wcwidth import iter_graphemes

GAP = " […] "  # between the words of two stretches


class Stretch(NamedTuple):
    """The characters `[start, end)` of a text."""

    start: int
    end: int


class Part(NamedTuple):
    """Words of a text that are marked, or that are between marked ones."""

    words: str
    is_marked: bool


def whole_characters(text: str, start: int, end: int) -> Stretch | None:
    """The stretch without white space around it, moved outward to whole characters; None if it is empty or not in the text."""
    if not 0 <= start < end <= len(text):
        return None
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end -= len(text[start:end]) - len(text[start:end].rstrip())
    if start >= end:
        return None
    bounds = [0]
    for character in iter_graphemes(text):
        bounds.append(bounds[-1] + len(character))
    return Stretch(max(at for at in bounds if at <= start), min(at for at in bounds if at >= end))


def united(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The stretches in order, those that overlap or touch as one."""
    union: list[Stretch] = []
    for stretch in sorted(stretches):
        if union and stretch.start <= union[-1].end:
            union[-1] = Stretch(union[-1].start, max(union[-1].end, stretch.end))
        else:
            union.append(stretch)
    return tuple(union)


def parts_of(text: str, stretches: Sequence[Stretch]) -> Iterator[Part]:
    """The whole text in parts, marked and not; `stretches` are in order and do not overlap."""
    at = 0
    for start, end in stretches:
        yield from (
            Part(words, is_marked) for words, is_marked in ((text[at:start], False), (text[start:end], True)) if words
        )
        at = end
    if text[at:]:
        yield Part(text[at:], is_marked=False)


def words_of(text: str, stretches: Sequence[Stretch]) -> str:
    """The marked words, with a sign where something is left out between them."""
    return GAP.join(text[start:end] for start, end in stretches)


def as_cell(stretches: Iterable[Stretch]) -> str:
    """Offsets as a table holds them: `0-12;20-31`."""
    return ";".join(f"{start}-{end}" for start, end in stretches)


def of_cell(cell: str) -> tuple[Stretch, ...]:
    """The offsets that a cell of a table holds."""
    bounds = (part.split("-") for part in cell.split(";") if part)
    return tuple(Stretch(int(start), int(end)) for start, end in bounds)

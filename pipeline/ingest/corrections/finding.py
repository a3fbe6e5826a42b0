"""Where the words of a correction are in the turns of a source as it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.provenance import key_of
from pipeline.records import Correction, Turn
from pipeline.spans import whole_characters


class Occurrence(NamedTuple):
    """The words of a correction at one place: `[start, end)` of the text, and the turn that they are in."""

    start: int
    end: int
    turn: Turn


def correction_key(correction: Correction) -> str:
    """What a correction is known by in the table `corrections`: a hash of what it says."""
    c = correction
    return key_of("correction", c.source_id, c.words, c.nth, c.corrected, c.speaker, c.new_speaker)


def occurrences(words: str, text: str, turns: Sequence[Turn]) -> list[Occurrence]:
    """Every place in the turns, in order, where these words are whole words; white space may be any, also the end of a line."""
    pattern = _pattern(words)
    return [
        Occurrence(start, end, turn)
        for turn in sorted(turns, key=_start)
        for start, end in _places(pattern, text, turn)
        if whole_characters(text[turn.start : turn.end], start - turn.start, end - turn.start)
        == (start - turn.start, end - turn.start)
    ]


def _start(turn: Turn) -> int:
    return turn.start


def _pattern(words: str) -> re.Pattern[str]:
    parts = words.split()
    before = r"(?<!\w)" if parts[0][0].isalnum() else ""
    after = r"(?!\w)" if parts[-1][-1].isalnum() else ""
    spaced = r"\s+".join(map(re.escape, parts))
    return re.compile(f"(?=({before}{spaced}{after}))")


def _places(pattern: re.Pattern[str], text: str, turn: Turn) -> Iterator[tuple[int, int]]:
    """The matches within a turn, also those that overlap."""
    for match in pattern.finditer(text[turn.start : turn.end]):
        start, end = match.span(1)
        yield turn.start + start, turn.start + end

"""Paragraphs of a file as a Reading: one canonical text, a span for every line, every character counted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.ingest.characters import clean
from pipeline.provenance import count_chars
from pipeline.records import Exclusion, Part, Reading, ReadStatus, Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, a cell or a note as it stands in the file; a line break in it makes a span of its own."""

    words: str
    place: str
    part: Part = Part.BODY
    speaker: str = ""


@dataclass(slots=True)
class Findings:
    """What a reader gathers on its way through a file."""

    pieces: list[Piece] = field(default_factory=list)
    later: list[Piece] = field(default_factory=list)  # what comes after the text: comments
    left_out: list[Exclusion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    status: ReadStatus = ReadStatus.READ

    def leave_out(self, words: str, place: str, reason: str) -> None:
        """List words that are not part of the text, unless they are white space."""
        if chars := count_chars(words):
            self.left_out.append(Exclusion(-1, -1, place, reason, chars))


def assembled(reader: str, found: Findings) -> Reading:
    """The Reading of what was found, in Unicode NFC and without characters that nobody can see."""
    pieces, removed = _cleaned([*found.pieces, *found.later])
    lines: list[str] = []
    spans: list[Span] = []
    at = 0
    for words, piece in pieces:
        for line in _lines(words):
            spans.append(Span(at, at + len(line), piece.place, piece.part, piece.speaker))
            lines.append(line)
            at += len(line) + 1
    text = "\n".join(lines)
    outside = (*found.left_out, *removed)
    chars = count_chars(text) + sum(exclusion.chars for exclusion in outside)
    return Reading(reader, text, tuple(spans), chars, outside, tuple(found.notes), found.status)


def _lines(words: str) -> Iterator[str]:
    return filter(None, map(str.strip, words.split("\n")))


def _cleaned(pieces: Sequence[Piece]) -> tuple[list[tuple[str, Piece]], Iterable[Exclusion]]:
    """The words of each piece made legal; where the whole is legal already, which is usual, at the price of one look."""
    whole = "\n".join(piece.words for piece in pieces)
    if clean(whole) == (whole, ()):
        return [(piece.words, piece) for piece in pieces], ()
    counts: Counter[str] = Counter()
    result = []
    for piece in pieces:
        words, removed = clean(piece.words)
        counts.update({exclusion.reason: exclusion.chars for exclusion in removed})
        result.append((words, piece))
    return result, [Exclusion(-1, -1, "whole file", reason, chars) for reason, chars in sorted(counts.items())]

"""Paragraphs of a file as a Reading: one canonical text, a span for every line, every character counted."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from pipeline.ingest.characters import clean, count_legal, count_visible
from pipeline.provenance import count_chars
from pipeline.records import Exclusion, Reading, Span
from pipeline.vocabulary import Part, ReadStatus

# A Span of its six values, in a third of the time that Span(...) takes: readers make one for every line of every file.
span_of: Callable[[tuple[int, int, str, Part, str, int]], Span] = partial(tuple.__new__, Span)


class Piece(NamedTuple):
    """A paragraph, a cell or a note as in the file; a line break in it begins a new span."""

    words: str
    place: str
    part: Part = Part.BODY
    speaker: str = ""
    level: int = 0  # of a heading, or of a paragraph in a numbered list
    marked: tuple[tuple[int, int], ...] = ()  # stretches of the words in bold, in italics or in colour; not all of them


@dataclass(slots=True)
class ReadingDraft:
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

    def take(self, inner: "ReadingDraft", where: str) -> None:
        """Add what was gathered from a part of the file; `where` begins each of its places."""
        self.pieces += [piece._replace(place=f"{where}, {piece.place}") for piece in inner.pieces]
        self.later += [piece._replace(place=f"{where}, {piece.place}") for piece in inner.later]
        self.left_out += [replace(each, place=f"{where}, {each.place}") for each in inner.left_out]
        self.notes += [note for note in inner.notes if note not in self.notes]
        if inner.status is not ReadStatus.READ:
            self.status = inner.status


def build_reading(reader: str, draft: ReadingDraft) -> Reading:
    """The Reading of the pieces, in Unicode NFC and without invisible characters."""
    pieces = [*draft.pieces, *draft.later]
    chars, removed = _cleaned(pieces)
    lines: list[str] = []
    spans: list[Span] = []
    at = 0
    for words, place, part, speaker, level, _ in pieces:
        for line in words.split("\n") if "\n" in words else (words,):
            if inner := line.strip():
                spans.append(span_of((at, at + len(inner), place, part, speaker, level)))
                lines.append(inner)
                at += len(inner) + 1
    outside = (*draft.left_out, *removed)
    chars += sum(exclusion.chars for exclusion in outside)
    return Reading(reader, "\n".join(lines), tuple(spans), chars, outside, tuple(draft.notes), draft.status)


def _cleaned(pieces: list[Piece]) -> tuple[int, Iterable[Exclusion]]:
    """The number of characters of the pieces after cleaning, and what was removed.

    If all is legal, as usual, this costs one look at the whole.
    """
    whole = "\n".join([piece.words for piece in pieces])
    if (chars := count_legal(whole)) is not None:
        return chars, ()
    counts: Counter[str] = Counter()
    for number, piece in enumerate(pieces):
        if count_legal(piece.words) is not None:
            continue
        words, removed = clean(piece.words)
        for exclusion in removed:
            counts[exclusion.reason] += exclusion.chars
        pieces[number] = piece._replace(words=words)
    chars = count_visible("\n".join([piece.words for piece in pieces]))
    return chars, [Exclusion(-1, -1, "whole file", reason, count) for reason, count in sorted(counts.items())]

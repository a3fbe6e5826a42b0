"""Paragraphs of a file as a Reading: one canonical text, a span for every line, every character counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
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
    # Stretches of the words in bold, in italics or in colour, not all of them; of a label, all that only this shows.
    marked: tuple[tuple[int, int], ...] = ()


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
    marked_labels: list[int] = []
    at = 0
    for words, place, part, speaker, level, marked in pieces:
        for line in words.split("\n") if "\n" in words else (words,):
            if inner := line.strip():
                if marked and part is Part.LABEL:
                    marked_labels.append(at)
                spans.append(span_of((at, at + len(inner), place, part, speaker, level)))
                lines.append(inner)
                at += len(inner) + 1
    outside = (*draft.left_out, *removed)
    chars += sum(exclusion.chars for exclusion in outside)
    return Reading(
        reader, "\n".join(lines), tuple(spans), chars, outside, tuple(draft.notes), draft.status, tuple(marked_labels)
    )


def names_of_marked_labels(reading: Reading) -> dict[int, str]:
    """Whom the labels name that only emphasis or their place shows, by where they begin."""
    begins = set(reading.marked_labels)
    return {label.start: words.speaker for label, words in pairwise(reading.spans) if label.start in begins}


def without_marked_labels(reading: Reading, dropped: Set[int]) -> Reading:
    """The reading with the labels that begin there as words of their paragraph; the text has as many characters."""
    if not dropped:
        return reading
    characters = list(reading.text)
    spans: list[Span] = []
    is_open = False  # the last span ends with such a label
    for span in reading.spans:
        is_label = span.start in dropped
        if spans and (is_open or (is_label and _goes_before(spans[-1], span))):
            before = spans.pop()
            characters[span.start - 1] = " "
            spans.append(before._replace(end=span.end, part=before.part if is_label else span.part))
        else:
            spans.append(span._replace(part=Part.BODY) if is_label else span)
        is_open = is_label
    kept = tuple(start for start in reading.marked_labels if start not in dropped)
    return replace(reading, text="".join(characters), spans=tuple(spans), marked_labels=kept)


def _goes_before(span: Span, label: Span) -> bool:
    """Whether a span holds the words of the same paragraph before a label in its middle."""
    return span.place == label.place and "¶" in span.place and span.part is not Part.LABEL


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

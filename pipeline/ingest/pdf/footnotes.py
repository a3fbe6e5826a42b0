"""Footnotes: the small lines at the bottom of a page, from the first with a mark on. The text above continues without them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pipeline.ingest.pdf.headers_footers import Page
from pipeline.ingest.pdf.lines import Line

MARK = re.compile(r"(\d{1,3}|[*†‡§]{1,3})\s*[^\W\d_]")
SMALLER = 0.95  # times the usual letter
LONGEST = 40  # lines of the footnotes of a page; more are a list of references


def footnotes_of(pages: Sequence[Page], size: float) -> dict[Line, list[Line]]:
    """The footnotes of each page, by the last line of its text; `size` is the usual letter size."""
    notes: dict[Line, list[Line]] = {}
    for page in pages:
        if block := _block(page.lines, size):
            inside = set(block)
            *_, last = (line for line in page.lines if line not in inside and line.size >= SMALLER * size)
            notes[last] = block
    return notes


def _block(lines: Sequence[Line], size: float) -> list[Line]:
    """The small lines from the first with a mark downwards, where nothing of the usual size is below them."""
    large = [line.base for line in lines if line.size >= SMALLER * size]
    if not large:
        return []
    below = [line for line in lines if line.size < SMALLER * size and line.base < min(large)]
    first = next((at for at, line in enumerate(below) if MARK.match(line.words)), len(below))
    return below[first:] if len(below) - first <= LONGEST else []


def each(block: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each footnote: a line with the next number, or with a sign, begins one."""
    note: list[Line] = []
    number = 0
    for line in block:
        mark = MARK.match(line.words)
        begins = mark is not None and (not mark[1].isdigit() or int(mark[1]) == number + 1 or not note)
        if begins and note:
            yield note
            note = []
        if begins and mark is not None:
            number = int(mark[1]) if mark[1].isdigit() else number
        note.append(line)
    if note:
        yield note


def without(lines: Sequence[Line], notes: Mapping[Line, Sequence[Line]]) -> list[Line]:
    """The lines that are in no footnote."""
    inside = {line for block in notes.values() for line in block}
    return [line for line in lines if line not in inside]

"""A report as blocks: paragraphs, headings and rows of tables, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from pipeline.ingest import FileTask, read_document
from pipeline.ingest.document_turns import level_of, paragraphs_of
from pipeline.records import Reading, Span
from pipeline.registers.report.marks import split_marks
from pipeline.vocabulary import Part

LEADERS = re.compile(r"(?:\.\s?){4,}\s*\d*\s*$")  # an entry of a table of contents
RULED = re.compile(r"\|?[\s:|-]+\|?")  # the line below the headings of a Markdown table
MARKDOWN = re.compile(r"^#{1,6}\s+|\*\*|__|\s#+$")
BULLET = re.compile(r"^(?:[-–—*•·▪◦●■]|o(?=\s))\s+")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
USED = frozenset({Part.BODY, Part.STRONG, Part.HEADING, Part.TABLE, Part.TEXTBOX})


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading (`level` above 0), or a row of a table, which has a cell or more and the number of its table."""

    cells: tuple[str, ...]
    place: str
    level: int = 0
    table: str = ""

    @property
    def words(self) -> str:
        """All of it in one line."""
        return " ".join(self.cells)


def read_blocks(task: FileTask) -> tuple[Block, ...]:
    """The blocks of a report. UnreadableError if the file cannot be read."""
    return tuple(blocks_of(read_document(task)))


def blocks_of(reading: Reading) -> Iterator[Block]:
    """The blocks of a text: cells of a row together, entries of tables of contents and footnotes left out."""
    spans = (span for span in paragraphs_of(reading) if span.part in USED)
    for row, members in groupby(spans, key=_row):
        if row:
            cells = [_cell(reading.text[span.start : span.end]) for span in members]
            yield Block(tuple(filter(None, cells)), row, table=row.rpartition(", row")[0])
            continue
        for span in members:
            yield from _paragraph(span, reading.text[span.start : span.end])


def _row(span: Span) -> str:
    return span.place if span.part is Part.TABLE else ""


def _paragraph(span: Span, words: str) -> Iterator[Block]:
    if LEADERS.search(words):
        return
    if span.part is Part.HEADING:
        yield Block((_clean(words),), span.place, level=span.level or level_of(words))
    elif words.startswith("|") or "\t" in words:
        yield from _drawn_rows(span, words)
    else:
        yield from (Block((part,), span.place) for part in split_marks(_clean(words)) if part)


def _drawn_rows(span: Span, words: str) -> Iterator[Block]:
    """The rows of a table in plain text, whose cells are between bars or tab stops."""
    for line in words.split("\n"):
        if RULED.fullmatch(line):
            continue
        sign = "|" if line.startswith("|") else "\t"
        cells = tuple(filter(None, (_cell(cell) for cell in line.strip("|").split(sign))))
        if cells:
            yield Block(cells, span.place, table="text" if len(cells) > 1 else "")


def _clean(words: str) -> str:
    """The words in one line, without marks of Markdown and signs of lists."""
    plain = MARKDOWN.sub("", CONTROL.sub(" ", words))
    return BULLET.sub("", " ".join(plain.split()) + " ").strip()


def _cell(words: str) -> str:
    return _clean(words).strip(" :•·|")

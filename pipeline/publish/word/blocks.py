"""What a document consists of: parts with headings, paragraphs and tables, before anything is known of its file format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.spans import Stretch


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below that of a part; the table of contents lists it."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `style` is its role: body, statement, note (on what follows), remark (on what is above) or item (of a list)."""

    text: str
    style: str = "body"


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell, its language where it is not that of the document, and its marked words; the rest is then grey."""

    text: str
    language: str = ""
    marked: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its share of the width of the table, and whether it holds numbers."""

    heading: str
    share: float
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name in the file (letters, digits, _), its caption, what a screen reader says of it, columns and rows."""

    name: str
    caption: str
    description: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str | Cell]]
    has_total: bool = False  # whether the last row adds up those above it


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture (PNG) as wide as the page and no higher: its name in the file, its caption, what a screen reader says of it."""

    name: str
    caption: str
    description: str
    png: bytes


Block = Heading | Paragraph | Table | Picture


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the document; it begins on a new page unless it continues below the part before.

    A part of turned pages that begins with a high picture begins on an upright page.
    """

    title: str
    blocks: tuple[Block, ...]
    is_landscape: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class TitlePage:
    """The first page: title, subtitle and paragraphs, above the table of contents."""

    title: str
    subtitle: str
    kicker: str  # above the title: what the document is
    paragraphs: tuple[Paragraph, ...]
    contents: str  # heading of the table of contents

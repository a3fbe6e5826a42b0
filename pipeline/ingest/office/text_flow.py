"""The text flow of a document as it streams by: paragraphs numbered, tables gathered, notes put where they are called."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from lxml import etree

from pipeline.ingest.office.layout_tables import Row, as_turns
from pipeline.ingest.office.package import SAFELY, broken
from pipeline.ingest.reading_builder import Piece, ReadingDraft
from pipeline.vocabulary import Part

MOST_STRETCHES = 200  # of a paragraph, in which names are looked for


@dataclass(slots=True)
class Paragraph:
    """One paragraph: its words, exclusions, and the boxes, footnotes and comments attached to it."""

    words: list[str] = field(default_factory=list)
    part: Part = Part.BODY
    left_out: list[tuple[str, str]] = field(default_factory=list)  # (words, reason)
    hung: list[tuple[str, Paragraph]] = field(default_factory=list)  # (what it is called, its paragraph)
    level: int = 0  # of a heading
    speaker: str = ""  # whom the sign of its list names: `R%1:`
    plain: bool = False  # some of its words are neither bold nor in italics
    listed: int = 0  # how deep in a numbered list it is
    marked: list[tuple[int, int]] = field(
        default_factory=list
    )  # stretches of its words in bold, in italics or in colour
    is_joined: bool = False  # its end was deleted in tracked changes: the next paragraph continues it

    @property
    def text(self) -> str:
        """The words in one piece."""
        return "".join(self.words)

    def say(self, words: str, *, is_strong: bool, is_marked: bool = False) -> None:
        """More words of it."""
        if (is_strong or is_marked) and len(self.words) < MOST_STRETCHES:
            self._mark(len(words))
        self.words.append(words)
        self.plain = self.plain or not (is_strong or words.isspace())

    def _mark(self, length: int) -> None:
        """The next words are marked; they continue the stretch before them, if that ends here."""
        start = sum(map(len, self.words))
        if self.marked and self.marked[-1][1] == start:
            start = self.marked.pop()[0]
        self.marked.append((start, sum(map(len, self.words)) + length))

    def mark_strong(self) -> None:
        """Make it emphasised where it is of the body and all its words are in bold or italics."""
        if self.part is Part.BODY and self.words and not self.plain:
            self.part = Part.STRONG

    def followed_by(self, other: Paragraph) -> Paragraph:
        """This paragraph with the next one in it."""
        lists = {name: [*getattr(self, name), *getattr(other, name)] for name in ("words", "left_out", "hung")}
        joined = Paragraph(part=self.part, level=self.level, speaker=self.speaker, is_joined=other.is_joined)
        joined.plain, joined.listed = self.plain or other.plain, self.listed
        length = len(self.text)
        joined.marked = [*self.marked, *((start + length, end + length) for start, end in other.marked)]
        joined.words, joined.left_out, joined.hung = lists["words"], lists["left_out"], lists["hung"]
        return joined

    def become(self, part: Part) -> None:
        """Make it, and the boxes in it, part of a header or footer."""
        self.part = part
        for _, inner in self.hung:
            if inner.part is not Part.COMMENT:
                inner.become(part)

    def all_words(self) -> str:
        """Everything in it, left out or not."""
        return " ".join([self.text, *(w for w, _ in self.left_out), *(inner.all_words() for _, inner in self.hung)])


class Walker(Protocol):
    """What knows the elements of one format."""

    def walk(self, node: Any, reason: str) -> Paragraph:
        """A paragraph; with a reason, all of it is left out."""

    def surroundings(self, node: Any) -> tuple[str, Part | None]:
        """Why everything inside an element is left out, if it is, and what its paragraphs are."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one format calls the elements of its body."""

    paragraphs: frozenset[str]
    table: str
    row: str
    cells: frozenset[str]
    containers: frozenset[str] = frozenset()  # elements whose surroundings matter

    @property
    def tags(self) -> tuple[str, ...]:
        """All of them, in any namespace."""
        return tuple(
            f"{{*}}{n}" for n in sorted({*self.paragraphs, self.table, self.row, *self.cells, *self.containers})
        )


@dataclass(slots=True)
class _Table:
    number: int
    rows: list[Row] = field(default_factory=list)


@cache
def _without_namespace(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def local_name(node: Any) -> str:
    """An element's name without namespace; nothing for what is no element."""
    return _without_namespace(node.tag)


def put_down(paragraph: Paragraph, place: str, draft: ReadingDraft) -> Iterator[Piece]:
    """Add the piece of a paragraph, then what is attached to it; comments go to the end of the text."""
    for words, reason in paragraph.left_out:
        draft.leave_out(words, place, reason)
    level = paragraph.level or (paragraph.listed if paragraph.part in (Part.BODY, Part.STRONG) else 0)
    marked = tuple(paragraph.marked) if paragraph.plain else ()
    yield Piece(paragraph.text, place, paragraph.part, paragraph.speaker, level, marked)
    for label, inner in paragraph.hung:
        if inner.part is Part.COMMENT:
            draft.later += put_down(inner, f"{label} ({place})", draft)
        else:
            yield from put_down(inner, f"{place}, {label}", draft)


class Flow:
    """Walks the body of a document and forgets each element when it is done."""

    def __init__(self, names: Names, walker: Walker, draft: ReadingDraft) -> None:
        self.names, self.walker, self.draft = names, walker, draft
        self.tables: list[_Table] = []  # open ones, the innermost last
        self.count = self.count_tables = 0
        self.depth = 0  # of paragraphs in paragraphs
        self.around: list[tuple[str, Part | None]] = []
        self.carried: tuple[Paragraph, str] | None = None  # a paragraph whose end was deleted, and its place

    def read(self, xml: bytes, name: str) -> None:
        """Put the pieces of a part of the file, in order, into what was found."""
        try:
            for event, node in etree.iterparse(io.BytesIO(xml), events=("start", "end"), tag=self.names.tags, **SAFELY):
                if event == "start":
                    self._start(local_name(node), node)
                else:
                    self._end(local_name(node), node)
        except etree.XMLSyntaxError as error:
            raise broken(name, error) from None
        self._put_down()

    def _start(self, name: str, node: Any) -> None:
        if name in self.names.paragraphs:
            self.depth += 1
        elif self.depth:
            return
        elif name == self.names.table:
            self.count_tables += 1
            self.tables.append(_Table(self.count_tables))
        elif name in self.names.containers:
            self.around.append(self.walker.surroundings(node))
        elif self.tables and name == self.names.row:
            self.tables[-1].rows.append([])
        elif self.tables and self.tables[-1].rows:
            self.tables[-1].rows[-1].append([])

    def _end(self, name: str, node: Any) -> None:
        is_paragraph = name in self.names.paragraphs
        self.depth -= is_paragraph
        if self.depth:
            return
        if is_paragraph:
            self._paragraph(node)
        elif name == self.names.table:
            table = self.tables.pop()
            self._sink().extend(as_turns(table.rows))
        elif name in self.names.containers:
            self.around.pop()
        elif name in self.names.cells:
            self._put_down()
            return
        if name != self.names.row:
            _forget(node)

    def _sink(self) -> list[Piece]:
        for table in reversed(self.tables):
            if table.rows and table.rows[-1]:
                return table.rows[-1][-1]
        return self.draft.pieces

    def _paragraph(self, node: Any) -> None:
        reason = next((reason for reason, _ in self.around if reason), "") if self.around else ""
        self.count += not reason
        paragraph = self.walker.walk(node, reason)
        if self.around:
            paragraph.part = next((part for _, part in reversed(self.around) if part), paragraph.part)
        place = f"¶ {self.count}"
        if self.tables:
            place = f"table {self.tables[-1].number}, row {len(self.tables[-1].rows)}"
            paragraph.part = Part.TABLE
        if self.carried:
            before, place = self.carried
            paragraph = before.followed_by(paragraph)
        self.carried = (paragraph, place)
        if not paragraph.is_joined:
            self._put_down()

    def _put_down(self) -> None:
        if self.carried:
            self._sink().extend(put_down(*self.carried, self.draft))
            self.carried = None


def _forget(node: Any) -> None:
    """Free what was read; the parent keeps no trace of it."""
    parent = node.getparent()
    node.clear(keep_tail=False)
    while parent is not None and node.getprevious() is not None:
        del parent[0]

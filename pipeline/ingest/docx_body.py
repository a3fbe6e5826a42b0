"""The body of a Word file as it streams by: paragraphs numbered, tables gathered row by row, nothing kept of what is done."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.ingest.assembly import Piece
from pipeline.ingest.docx_styles import local_name
from pipeline.ingest.docx_walk import Paragraph, Walker
from pipeline.ingest.grid import Row, as_turns
from pipeline.ingest.package import SAFELY, broken
from pipeline.records import Part

TAGS = ("{*}p", "{*}tbl", "{*}tr", "{*}tc", "{*}Fallback")


@dataclass(slots=True)
class Table:
    """A table in the making."""

    number: int
    rows: list[Row] = field(default_factory=list)


class Body:
    """Walks the main part; `take` turns each paragraph and its place into pieces."""

    def __init__(self, walker: Walker, take: Callable[[Paragraph, str], Iterator[Piece]]) -> None:
        self.walker, self.take = walker, take
        self.pieces: list[Piece] = []
        self.tables: list[Table] = []  # open ones, the innermost last
        self.count = {"p": 0, "tbl": 0}
        self.inside = {"p": 0, "Fallback": 0}
        self.carried: tuple[Paragraph, str] | None = None  # a paragraph whose end was deleted, and its place

    def read(self, xml: bytes, name: str) -> list[Piece]:
        """The pieces of the main part, in order."""
        from lxml import etree

        try:
            for event, node in etree.iterparse(io.BytesIO(xml), events=("start", "end"), tag=TAGS, **SAFELY):
                if event == "start":
                    self._start(local_name(node))
                else:
                    self._end(local_name(node), node)
        except etree.XMLSyntaxError as error:
            raise broken(name, error) from None
        self._put_down()
        return self.pieces

    def _start(self, name: str) -> None:
        if name in self.inside:
            self.inside[name] += 1
        elif self.inside["p"]:
            return
        elif name == "tbl":
            self.count["tbl"] += 1
            self.tables.append(Table(self.count["tbl"]))
        elif name == "tr" and self.tables:
            self.tables[-1].rows.append([])
        elif name == "tc" and self.tables and self.tables[-1].rows:
            self.tables[-1].rows[-1].append([])

    def _end(self, name: str, node: Any) -> None:
        if name in self.inside:
            self.inside[name] -= 1
        if self.inside["p"]:
            return
        if name == "p":
            self._paragraph(node)
            _forget(node)
        elif name == "tc":
            self._put_down()
        elif name == "tbl":
            table = self.tables.pop()
            self._sink().extend(as_turns(table.rows))
            _forget(node)

    def _sink(self) -> list[Piece]:
        if self.tables and self.tables[-1].rows and self.tables[-1].rows[-1]:
            return self.tables[-1].rows[-1][-1]
        return self.pieces

    def _paragraph(self, node: Any) -> None:
        self.count["p"] += 1
        paragraph = self.walker.walk(node, is_repeated=self.inside["Fallback"] > 0)
        if self.tables:
            place = f"table {self.tables[-1].number}, row {len(self.tables[-1].rows)}"
            paragraph.part = Part.TABLE
        else:
            place = f"¶ {self.count['p']}"
        if self.carried:
            before, place = self.carried
            paragraph = before.followed_by(paragraph)
        self.carried = (paragraph, place)
        if not paragraph.is_joined:
            self._put_down()

    def _put_down(self) -> None:
        if self.carried:
            self._sink().extend(self.take(*self.carried))
            self.carried = None


def _forget(node: Any) -> None:
    """Free what was read; the parent keeps no trace of it."""
    node.clear(keep_tail=False)
    parent = node.getparent()
    while parent is not None and node.getprevious() is not None:
        del parent[0]

"""What an RTF file builds as it is read: paragraphs, tables, and the notes, boxes, headers and footers beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.office.layout_tables import Row, as_turns
from pipeline.ingest.office.text_flow import Paragraph, put_down
from pipeline.ingest.reading_builder import Piece, ReadingDraft
from pipeline.vocabulary import Part, Reason
from pipeline.wording.messages import message

DEEPEST = 50
COUNTS = re.compile(r"[0-9]")  # the sign of a numbered list
LABELS = {Part.FOOTNOTE: "footnote", Part.COMMENT: "comment", Part.TEXTBOX: "text box"}


@dataclass(slots=True)
class Builder:
    """Takes words and ends of paragraphs, cells and rows, in order."""

    draft: ReadingDraft = field(default_factory=ReadingDraft)
    paragraph: Paragraph = field(default_factory=Paragraph)
    outer: list[Paragraph] = field(default_factory=list)  # paragraphs in which a note or box is open
    rows: list[Row] = field(default_factory=list)
    cells: Row = field(default_factory=list)
    cell: list[Piece] = field(default_factory=list)
    edges: list[tuple[Part, Paragraph]] = field(default_factory=list)
    counts: dict[Part, int] = field(default_factory=dict)
    number: int = 0
    tables: int = 0

    def say(self, words: str, reason: str = "", *, is_strong: bool = False) -> None:
        """Words of the paragraph that is open, or words that are left out of it."""
        if reason:
            self.paragraph.left_out.append((words, reason))
            if reason == Reason.LIST_SIGN and COUNTS.search(words):
                self.paragraph.listed = 1
        else:
            self.paragraph.say(words, is_strong=is_strong)

    def end_paragraph(self, *, in_table: bool, level: int = 0) -> None:
        """Close the paragraph; in a note or a box, a new line."""
        if self.outer:
            self.paragraph.words.append("\n")
            return
        self.number += 1
        if in_table:
            self._into_cell()
            return
        self._end_table()
        self.paragraph.part, self.paragraph.level = Part.HEADING if level else Part.BODY, level
        self.paragraph.mark_strong()
        self.draft.pieces += put_down(self.paragraph, f"¶ {self.number}", self.draft)
        self.paragraph = Paragraph()

    def end_cell(self) -> None:
        """Close the cell of a table."""
        if self.outer:
            self.paragraph.words.append("\n")
            return
        self.number += 1
        self._into_cell()
        self.cells.append(self.cell)
        self.cell = []

    def end_row(self) -> None:
        """Close the row of a table."""
        if not self.outer:
            self.rows.append(self.cells)
            self.cells = []

    def open_story(self) -> None:
        """Begin a note, box, header or footer inside the paragraph."""
        if len(self.outer) == DEEPEST:
            what = message("ingest/more_than_notes_or_boxes", deepest=DEEPEST)
            raise UnreadableError(
                Problem(f"¶ {self.number + 1}", what, message("ingest/open_it_in_its_program_and_save"))
            )
        self.outer.append(self.paragraph)
        self.paragraph = Paragraph()

    def close_story(self, part: Part) -> None:
        """Close a text flow: headers and footers go to the end of the text, all else to the paragraph."""
        inner, self.paragraph = self.paragraph, self.outer.pop()
        inner.part = part
        if part in (Part.HEADER, Part.FOOTER):
            self.edges.append((part, inner))
        else:
            self.counts[part] = self.counts.get(part, 0) + 1
            self.paragraph.hung.append((f"{LABELS[part]} {self.counts[part]}", inner))

    def finished(self) -> ReadingDraft:
        """All that was found; what is still open, as in a file that was cut, is closed."""
        while self.outer:
            self.close_story(Part.TEXTBOX)
        if self.rows or self.cells or self.cell:
            self.end_cell()
            self.end_row()
        else:
            self.end_paragraph(in_table=False)
        self._end_table()
        for number, (part, paragraph) in enumerate(self.edges, 1):
            self.draft.pieces += put_down(paragraph, f"{part.removeprefix('page ')} {number}", self.draft)
        return self.draft

    def _into_cell(self) -> None:
        if not self.rows and not self.cells and not self.cell:
            self.tables += 1
        self.paragraph.part = Part.TABLE
        place = f"table {self.tables}, row {len(self.rows) + 1}"
        self.cell += put_down(self.paragraph, place, self.draft)
        self.paragraph = Paragraph()

    def _end_table(self) -> None:
        if self.cell or self.cells:
            self.cells.append(self.cell)
            self.rows.append(self.cells)
        self.draft.pieces += as_turns(self.rows)
        self.rows, self.cells, self.cell = [], [], []

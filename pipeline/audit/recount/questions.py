"""The evaluation matrix by question in the report and the evidence book, from evidence.csv, links and registers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pipeline import wording
from pipeline.audit.recount.annex.material import material_of
from pipeline.audit.recount.annex.tables import matrix_rows
from pipeline.audit.recount.book import SheetRows, cell_text, differs, other_length
from pipeline.audit.recount.registers import words_in
from pipeline.audit.stored import RERUN, Stored
from pipeline.errors import Problem
from pipeline.wording.messages import message

COUNTS = ("persons", "supports", "qualifies", "contradicts", "undecided")
KEYS = ("criterion", "question", "finding_id", "statement", "confirmed_sources", *COUNTS, "strength")
TABLE, REGISTER = "outputs/report.html evaluation matrix", "the register of findings"


def question_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of the evaluation matrix, beside links and registers."""
    material = material_of(stored)
    expected = matrix_rows(material)
    if len(sheet.rows) != len(expected):
        yield other_length(sheet, REGISTER, len(expected))
        return
    for index, (row, cells) in enumerate(zip(sheet.rows, expected, strict=True)):
        for name, text in zip(KEYS, cells, strict=True):
            shown = wording.number(int(row[name]), material.language) if row[name].isdecimal() else row[name]
            if cell_text(shown if name in COUNTS else row[name]) != cell_text(text):
                yield differs(sheet, index, name, "links and registers")


def problems_of_questions(page: Any, stored: Stored) -> Iterator[Problem]:
    """The evaluation matrix of the report, in both languages."""
    material = material_of(stored)
    rows = page.xpath("//table[contains(@class, 'questions')]/tbody/tr")
    if len(rows) != len(material.findings):
        yield Problem(
            TABLE,
            message("audit/has_rows_and_2", rows=len(rows), register=REGISTER, findings=len(material.findings)),
            message(RERUN),
        )
    for language in wording.LANGUAGES:
        for row, expected in zip(rows, matrix_rows(replace(material, language=language)), strict=False):
            for name, cell, text in zip(KEYS, _cells(row, language), expected, strict=True):
                if cell != " ".join(text.split()):
                    yield Problem(
                        f"{TABLE} {expected[2]}", message("audit/its_is_not_what_links", name=name), message(RERUN)
                    )


def _cells(row: Any, language: str) -> Sequence[str]:
    """The texts of a row in one language; number and statement of the finding share a cell."""
    criterion, question, finding, *further = row
    chip, statement = finding.xpath("./a")
    number = chip.text or ""
    cells = [words_in(criterion, language), words_in(question, language), number, "".join(statement.itertext())]
    cells += [words_in(other, language) for other in further]
    return [" ".join(cell.split()) for cell in cells]

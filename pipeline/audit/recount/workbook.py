"""The evidence book, cell by cell beside evidence.csv, matrix.csv and the tables.

The book is in the study's language, the tables are not: a cell of closed words is right where one word of the table is one
word of the book everywhere, and two words of the table are never one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl

from pipeline import wording
from pipeline.audit.recount.counts import COUNTS, MATRIX, coded_rows
from pipeline.audit.recount.links import EVIDENCE, PersonsOf
from pipeline.audit.recount.strengths import DIGITS, recounts_of
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows
from pipeline.errors import Problem

WORKBOOK = "outputs/evidence.xlsx"
SHOWN = ("quote", "question", "participant", "country", "source_id", "because")  # as in evidence.csv
NUMBERS = ("probability", "score")
CLOSED = ("direction", "status", "group", "gender", "kind", "place", "language", "criterion", "stance", "coding_status")
LEAST_DIFFERENCE: float = 10**-DIGITS
HEADINGS = 2  # rows above the first row of a sheet: keys, headings


@dataclass(frozen=True, slots=True)
class SheetRows:
    """A sheet by its keys; `first` is the number of its first row."""

    title: str
    keys: tuple[str, ...]
    rows: tuple[Row, ...]

    def where(self, index: int) -> str:
        """The place of a row."""
        return f"{WORKBOOK} sheet {self.title} row {index + HEADINGS + 1}"


@dataclass(slots=True)
class Translation:
    """Which word of the book each word of a table is, by column; the first pair that is seen holds."""

    words: dict[tuple[str, str], str] = field(default_factory=dict)
    originals: dict[tuple[str, str], str] = field(default_factory=dict)

    def fits(self, column: str, original: str, word: str) -> bool:
        """Whether a pair agrees with the pairs before it."""
        is_word = self.words.setdefault((column, original), word) == word
        return is_word and self.originals.setdefault((column, word), original) == original


def sheets_of(stored: Stored) -> list[SheetRows]:
    """The sheets of the evidence book that begin with a row of keys, in their order."""
    book = openpyxl.load_workbook(stored.root / WORKBOOK, read_only=True, data_only=True)
    try:
        sheets = []
        for sheet in book:
            cells = list(sheet.iter_rows(values_only=True))
            keys = tuple(str(key) for key in cells[0] if key is not None) if cells else ()
            rows = tuple(dict(zip(keys, map(_text, row), strict=False)) for row in cells[HEADINGS:])
            sheets.append(SheetRows(sheet.title, keys, rows))
        return sheets
    finally:
        book.close()


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def check_workbook(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every row of findings, evidence, matrix and codings in the evidence book is what the tables say."""
    sheets = sheets_of(stored)
    evidence, matrix = csv_rows(stored.root / EVIDENCE), csv_rows(stored.root / MATRIX)
    translation = Translation()
    codes = iter(_criteria(stored))

    def problems() -> Iterator[Problem]:
        for sheet in sheets:
            if sheet.keys[:1] == ("finding_id",) and "quote" in sheet.keys:
                yield from _evidence_problems(sheet, evidence, translation)
            elif sheet.keys[:1] == ("finding_id",):
                yield from _finding_problems(sheet, stored, evidence)
            elif sheet.keys[:1] == ("criterion",) and "persons" in sheet.keys:
                yield from _matrix_problems(sheet, matrix)
            elif sheet.keys[:1] == ("excerpt_id",):
                yield from _coding_problems(sheet, next(codes, ""), stored)

    return sum(len(sheet.rows) for sheet in sheets), problems()


def _evidence_problems(sheet: SheetRows, evidence: Sequence[Row], translation: Translation) -> Iterator[Problem]:
    if len(sheet.rows) != len(evidence):
        yield _other_length(sheet, EVIDENCE, len(evidence))
        return
    for index, (row, expected) in enumerate(zip(sheet.rows, evidence, strict=True)):
        yield from (_differs(sheet, index, name) for name in _unlike(row, expected, translation))


def _unlike(row: Row, expected: Row, translation: Translation) -> Iterator[str]:
    """The columns in which a row of the book is not the row of evidence.csv."""
    guarded = (expected.get("guarded") or "").split(";")
    plain = {name: cell[1:] if name in guarded else cell or "" for name, cell in expected.items()}
    for name in ("finding_id", "excerpt_id", *SHOWN):
        if _plain(row[name]) != _plain(plain[name]):
            yield name
    yield from (name for name in NUMBERS if not _is_number(row[name], plain[name]))
    plain["group"] = _group(plain)
    yield from (name for name in CLOSED if not translation.fits(name, plain[name], row[name]))


def _group(row: Row) -> str:
    """The group of a row as shown: blank for a document, *no group* for a person without one."""
    return row["group"] or ("" if row["kind"] == "document" else "(no group)")


def _plain(text: str) -> str:
    """The text as a cell can hold it: XML has no control characters, and one line end."""
    return "".join(character for character in text.replace("\r\n", "\n") if character in "\n\t" or character >= " ")


def _is_number(cell: str, expected: str) -> bool:
    return abs(float(cell or 0) - float(expected or 0)) < LEAST_DIFFERENCE


def _differs(sheet: SheetRows, index: int, name: str, beside: str = EVIDENCE) -> Problem:
    return Problem(sheet.where(index), f"its {name} is not that of {beside}", RERUN)


def _other_length(sheet: SheetRows, beside: str, length: int) -> Problem:
    return Problem(f"{WORKBOOK} sheet {sheet.title}", f"has {len(sheet.rows)} rows, and {beside} {length}", RERUN)


def _finding_problems(sheet: SheetRows, stored: Stored, evidence: Sequence[Row]) -> Iterator[Problem]:
    recounts = recounts_of(stored, evidence)
    if len(sheet.rows) != len(recounts):
        yield _other_length(sheet, "the register of findings", len(recounts))
    for index, row in enumerate(sheet.rows):
        recount = recounts.get(row["finding_id"])
        if recount is None:
            yield Problem(sheet.where(index), "is not a finding of the register", RERUN)
            continue
        for name, value in recount.counts.items():
            if not _is_number(row[name], str(value)):
                yield Problem(sheet.where(index), f"its {name} does not follow from the links ({value:g})", RERUN)
        if row["strength"] != wording.closed_word("strength", recount.strength, stored.settings.study.language):
            yield Problem(
                sheet.where(index), f"its strength does not follow from the links ({recount.strength})", RERUN
            )


def _matrix_problems(sheet: SheetRows, matrix: Sequence[Row]) -> Iterator[Problem]:
    if len(sheet.rows) != len(matrix):
        yield _other_length(sheet, MATRIX, len(matrix))
        return
    translation = Translation()
    for index, (row, expected) in enumerate(zip(sheet.rows, matrix, strict=True)):
        for name in COUNTS:
            if row[name] != expected[name].removeprefix("'"):
                yield _differs(sheet, index, name, MATRIX)
        for name in ("criterion", "kind", "group"):
            original = _group(expected) if name == "group" else expected[name]
            if not translation.fits(name, original, row[name]):
                yield _differs(sheet, index, name, MATRIX)


def _criteria(stored: Stored) -> list[str]:
    """The codes that have a sheet of their own, in the order of the codebook."""
    content = tomllib.loads((stored.root / "coded" / "codebook.toml").read_text("utf-8-sig"))
    return [code["id"] for code in content.get("criteria", ()) if code.get("family", "criterion") == "criterion"]


def _coding_problems(sheet: SheetRows, code: str, stored: Stored) -> Iterator[Problem]:
    """A sheet of the excerpts of one code: exactly those that carry it, with their words, or the note in their place."""
    codings = {row["excerpt_id"]: row for row in coded_rows(stored) if row["criterion"] == code}
    excerpts = {row["excerpt_id"] for row in sheet.rows}
    spoken, persons = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}, PersonsOf(stored)
    note = wording.text("consent.withheld", stored.settings.study.language)
    for name in sorted(excerpts ^ codings.keys()):
        what = f"{name} is in the sheet, or carries {code}, but not both"
        yield Problem(f"{WORKBOOK} sheet {sheet.title}", what, RERUN)
    translation = Translation()
    for index, row in enumerate(sheet.rows):
        coding, excerpt = codings.get(row["excerpt_id"]), spoken.get(row["excerpt_id"])
        if coding is None or excerpt is None:
            continue
        shown = {True: (excerpt["text"],), False: (note,), None: (excerpt["text"], note)}[persons.is_shown(excerpt)]
        yield from (_differs(sheet, index, *unlike) for unlike in _unlike_coding(row, coding, shown, translation))


def _unlike_coding(row: Row, coding: Row, shown: Sequence[str], translation: Translation) -> Iterator[tuple[str, str]]:
    """The columns in which a row is not its coding, or does not show its words, each with what it is compared with."""
    if not _is_number(row["probability"], str(coding["probability"])):
        yield "probability", "the codings"
    for name in ("stance", "status"):
        if not translation.fits(name, coding[name], row[name]):
            yield name, "the codings"
    if _plain(row["text"]) not in map(_plain, shown):
        yield "text", "the excerpts"

"""The evidence book, cell by cell beside evidence.csv, matrix.csv and the tables.

The book is in the study's language, the tables are not: a cell of closed words is right where one word of the table is one
word of the book everywhere, and two words of the table are never one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence

from pipeline import wording
from pipeline.audit.recount import sentences
from pipeline.audit.recount import sheets as listed
from pipeline.audit.recount.annex.material import Material, material_of
from pipeline.audit.recount.book import (
    WORKBOOK,
    SheetRows,
    Translation,
    cell_text,
    differs,
    is_number,
    other_length,
    sheets_of,
)
from pipeline.audit.recount.counts import COUNTS, MATRIX, coded_rows, person_key
from pipeline.audit.recount.coverage.causal_paths import problems_of_sheet
from pipeline.audit.recount.coverage.cooccurrence import cooccurrence_problems
from pipeline.audit.recount.coverage.profiles import profile_problems
from pipeline.audit.recount.coverage.saturation import saturation_problems
from pipeline.audit.recount.coverage.theory_shown import element_problems, element_voice_problems
from pipeline.audit.recount.coverage.use_of_excerpts import unused_problems
from pipeline.audit.recount.links import EVIDENCE, PersonsOf
from pipeline.audit.recount.prevalence import share_problems
from pipeline.audit.recount.questions import question_problems
from pipeline.audit.recount.strengths import Recount, recounts_of
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows, main_codes, unguarded
from pipeline.errors import Problem
from pipeline.wording.messages import message

SHOWN = ("quote", "span", "span_at", "question", "participant", "country", "source_id", "because")  # as in evidence.csv
NUMBERS = ("probability", "score", "bearing")
CLOSED = ("direction", "status", "group", "gender", "kind", "place", "language", "criterion", "stance", "coding_status")


def check_workbook(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that findings, evidence, matrix and codings in the evidence book match the tables, row by row."""
    sheets = sheets_of(stored)
    evidence, matrix = csv_rows(stored.root / EVIDENCE), csv_rows(stored.root / MATRIX)
    translation, speakers = Translation(), _Speakers(stored, evidence)
    codes = iter(_criteria(stored))

    def problems() -> Iterator[Problem]:
        for sheet in sheets:
            if sheet.keys[:1] == ("finding_id",) and "quote" in sheet.keys:
                yield from _evidence_problems(sheet, evidence, translation, stored)
            elif sheet.keys[:1] == ("finding_id",):
                yield from _finding_problems(sheet, stored, evidence)
                yield from listed.finding_texts(sheet, stored)
            elif sheet.keys[:1] == ("criterion",) and "excerpts" in sheet.keys:
                yield from _matrix_problems(sheet, matrix)
            elif sheet.keys[:1] == ("excerpt_id",):
                yield from _coding_problems(sheet, next(codes, ""), stored, speakers)
            elif sheet.keys[:5] == PROFILE:
                yield from profile_problems(sheet, stored)
            elif sheet.keys[:2] in LISTED:
                yield from LISTED[sheet.keys[:2]](sheet, stored)

    return sum(len(sheet.rows) for sheet in sheets), problems()


PROFILE = ("attribute", "value", "criterion", "persons", "speaking")
LISTED: dict[tuple[str, ...], Callable[[SheetRows, Stored], Iterator[Problem]]] = {
    ("source_id", "path"): listed.source_problems,
    ("attribute", "value"): share_problems,
    ("codings", "order"): saturation_problems,
    ("code", "other"): cooccurrence_problems,
    ("criterion", "question"): question_problems,
    ("element", "element_kind"): element_problems,
    ("element", "direction"): element_voice_problems,
    ("influence", "consequence"): problems_of_sheet,
    ("use", "carried"): unused_problems,
    ("stage", "source_id"): listed.rejected_problems,
    ("section", "id"): listed.register_problems,
    ("criterion", "family"): listed.code_problems,
}  # by the first two keys of a sheet


class _Speakers:
    """Who speaks in each excerpt, with the code that the book gives them: each person has one, the same in evidence.csv."""

    def __init__(self, stored: Stored, evidence: Sequence[Row]) -> None:
        self.sources = {row["source_id"]: row for row in stored.tables["sources"]}
        self.excerpts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
        self.persons = PersonsOf(stored)
        self.translation = Translation()
        for row in evidence:
            if row["excerpt_id"] in self.excerpts:
                self._has_code(self.excerpts[row["excerpt_id"]], row["participant"])

    def _has_code(self, excerpt: Row, code: str) -> bool:
        person = person_key(excerpt, self.sources[excerpt["source_id"]], self.sources)
        return self.translation.fits("participant", person, code)

    def unlike(self, row: Row, excerpt: Row) -> Iterator[tuple[str, str]]:
        """The columns in which a row is not its excerpt and speaker, each with what it is compared with."""
        kind = self.sources[excerpt["source_id"]]["kind"]
        about = self.persons.attributes(excerpt)
        closed = {"kind": kind, "place": excerpt["place"], "gender": about["gender"]}
        closed["group"] = _group({"group": about["group"], "kind": kind})
        for name in ("source_id", "question"):
            if cell_text(row[name]) != cell_text(excerpt[name]):
                yield name, "the excerpts"
        if cell_text(row["country"]) != cell_text(about["country"]):
            yield "country", "the register"
        yield from ((n, "the tables") for n, word in closed.items() if not self.translation.fits(n, word, row[n]))
        if not self._has_code(excerpt, row["participant"]):
            yield "participant", EVIDENCE


def _evidence_problems(
    sheet: SheetRows, evidence: Sequence[Row], translation: Translation, stored: Stored
) -> Iterator[Problem]:
    if len(sheet.rows) != len(evidence):
        yield other_length(sheet, EVIDENCE, len(evidence))
        return
    material = material_of(stored)
    for index, (row, expected) in enumerate(zip(sheet.rows, evidence, strict=True)):
        yield from (differs(sheet, index, name, EVIDENCE) for name in _unlike(row, expected, translation))
        if row["reference"] != material.reference(unguarded(expected)):
            yield differs(sheet, index, "reference", "the order of the sources")


def _unlike(row: Row, expected: Row, translation: Translation) -> Iterator[str]:
    """The columns in which a row of the book is not the row of evidence.csv."""
    plain = unguarded(expected)
    for name in ("finding_id", "excerpt_id", *SHOWN):
        if cell_text(row[name]) != cell_text(plain[name]):
            yield name
    yield from (name for name in NUMBERS if not is_number(row[name], plain[name]))
    plain["group"] = _group(plain)
    yield from (name for name in CLOSED if not translation.fits(name, plain[name], row[name]))


def _group(row: Row) -> str:
    """The group of a row as shown: blank for a document, *no group* for a person without one."""
    return row["group"] or ("" if row["kind"] == "document" else "(no group)")


def _finding_problems(sheet: SheetRows, stored: Stored, evidence: Sequence[Row]) -> Iterator[Problem]:
    material = material_of(stored)
    recounts = recounts_of(stored, evidence)
    if len(sheet.rows) != len(recounts):
        yield other_length(sheet, "the register of findings", len(recounts))
    for index, row in enumerate(sheet.rows):
        recount = recounts.get(row["finding_id"])
        if recount is None:
            yield Problem(sheet.where(index), message("audit/is_not_a_finding"), message(RERUN))
            continue
        for name, value in recount.counts.items():
            if not is_number(row[name], str(value)):
                yield Problem(
                    sheet.where(index),
                    message("audit/its_does_not_follow_from_the_links_it_should", name=name, value=value),
                    message(RERUN),
                )
        of_finding = [each for each in evidence if each["finding_id"] == row["finding_id"]]
        yield from _sentence_problems(sheet, index, recount, of_finding, material)
        if row["strength"] != wording.closed_word("strength", recount.strength, stored.settings.study.language):
            yield Problem(
                sheet.where(index),
                message("audit/its_strength_does_not_follow_from_the_links", strength=recount.strength),
                message(RERUN),
            )


def _sentence_problems(
    sheet: SheetRows, index: int, recount: Recount, evidence: Sequence[Row], material: Material
) -> Iterator[Problem]:
    rules, rows = material.stored.settings.evidence, list(map(unguarded, evidence))
    worded = {
        "reason": sentences.reason(recount, rules, material.language),
        "robustness": material.in_references(sentences.robustness(rows, rules, material.language), rows),
    }
    for name, sentence in worded.items():
        if cell_text(sheet.rows[index][name]) != cell_text(sentence):
            yield Problem(
                sheet.where(index), message("audit/its_does_not_follow_from_the_links", name=name), message(RERUN)
            )


def _matrix_problems(sheet: SheetRows, matrix: Sequence[Row]) -> Iterator[Problem]:
    if len(sheet.rows) != len(matrix):
        yield other_length(sheet, MATRIX, len(matrix))
        return
    translation = Translation()
    for index, (row, expected) in enumerate(zip(sheet.rows, matrix, strict=True)):
        for name in COUNTS:
            if row[name] != expected[name].removeprefix("'"):
                yield differs(sheet, index, name, MATRIX)
        for name in ("criterion", "kind", "group"):
            original = _group(expected) if name == "group" else expected[name]
            if not translation.fits(name, original, row[name]):
                yield differs(sheet, index, name, MATRIX)


def _criteria(stored: Stored) -> list[str]:
    """The codes that have a sheet of their own, in the order of the codebook."""
    content = tomllib.loads((stored.root / "coded" / "codebook.toml").read_text("utf-8-sig"))
    return main_codes(content.get("criteria", ()))


def _coding_problems(sheet: SheetRows, code: str, stored: Stored, speakers: _Speakers) -> Iterator[Problem]:
    """Check that the sheet of a code has exactly the excerpts that carry it, with their words or the note in their place."""
    codings = {row["excerpt_id"]: row for row in coded_rows(stored) if row["criterion"] == code}
    excerpts = {row["excerpt_id"] for row in sheet.rows}
    spoken, persons = speakers.excerpts, speakers.persons
    note = wording.text("consent.withheld", stored.settings.study.language)
    for name in sorted(excerpts ^ codings.keys()):
        what = message("audit/is_in_the_sheet_or_carries", name=name, code=code)
        yield Problem(f"{WORKBOOK} sheet {sheet.title}", what, message(RERUN))
    translation = Translation()
    for index, row in enumerate(sheet.rows):
        coding, excerpt = codings.get(row["excerpt_id"]), spoken.get(row["excerpt_id"])
        if coding is None or excerpt is None:
            continue
        shown = {True: (excerpt["text"],), False: (note,), None: (excerpt["text"], note)}[persons.is_shown(excerpt)]
        yield from (differs(sheet, index, *unlike) for unlike in _unlike_coding(row, coding, shown, translation))
        yield from (differs(sheet, index, *unlike) for unlike in speakers.unlike(row, excerpt))


def _unlike_coding(row: Row, coding: Row, shown: Sequence[str], translation: Translation) -> Iterator[tuple[str, str]]:
    """The columns in which a row is not its coding, or does not show its words, each with what it is compared with."""
    if not is_number(row["probability"], str(coding["probability"])):
        yield "probability", "the codings"
    for name in ("stance", "status"):
        if not translation.fits(name, coding[name], row[name]):
            yield name, "the codings"
    if cell_text(row["text"]) not in map(cell_text, shown):
        yield "text", "the excerpts"

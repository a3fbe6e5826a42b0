"""From codings and votes to the codes that occur together."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from pipeline import wording
from pipeline.audit.recount.book import SheetRows, Translation, cell_text, differs, other_length
from pipeline.audit.recount.counts import person_key, shown_count
from pipeline.audit.recount.coverage.coded_by import machine_cells, people_cells
from pipeline.audit.recount.coverage.group_names import code_name
from pipeline.audit.recount.registers import words_in
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows, unguarded
from pipeline.errors import Problem
from pipeline.wording.messages import message

COOCCURRENCE, TABLE = "outputs/cooccurrence.csv", "outputs/report.html codes together"
STANCES = ("positive", "negative", "mixed")
COUNTS = ("excerpts", "excerpt_persons", "persons")
FIGURES = (*COUNTS, *STANCES, *(f"other_{stance}" for stance in STANCES))
CELLS = (*FIGURES, *(f"machine_{name}" for name in FIGURES))
IN_REPORT = (*COUNTS, *(f"machine_{name}" for name in COUNTS))
MOST_SHOWN = 12
Voices = dict[str, dict[str, dict[str, str]]]  # by code and person, the excerpts with their stance


def check_cooccurrence(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every row of cooccurrence.csv counts the codings of people, and those of the machine."""
    published = [unguarded(row) for row in csv_rows(stored.root / COOCCURRENCE)]
    expected = {(row["code"], row["other"]): row for row in expected_rows(stored)}

    def problems() -> Iterator[Problem]:
        if [(row["code"], row["other"]) for row in published] != list(expected):
            yield Problem(COOCCURRENCE, message("audit/its_rows_are_not_the_codes"), message(RERUN))
        for number, row in enumerate(published, 2):
            for name, value in expected.get((row["code"], row["other"]), {}).items():
                if row[name] != value:
                    yield Problem(
                        f"{COOCCURRENCE} line {number}",
                        message("audit/its_does_not_match", name=name, value=value),
                        message(RERUN),
                    )

    return len(published), problems()


def expected_rows(stored: Stored) -> Iterator[Row]:
    """The rows as they should be."""
    codes = codes_by_id(stored)
    voices = {"": voices_of(stored, people_cells(stored)), "machine_": voices_of(stored, machine_cells(stored))}
    smallest = stored.settings.disclosure.smallest_cell
    for one, two in combinations(codes, 2):
        counts = {prefix: together(each.get(one, {}), each.get(two, {})) for prefix, each in voices.items()}
        is_related = one in _above(two, codes) or two in _above(one, codes)
        if is_related or not any(map(any, counts.values())):
            continue
        row: Row = {"code": one, "other": two}
        for prefix, (excerpts, speakers, persons, *stances) in counts.items():
            figures = (
                str(excerpts),
                shown_count(speakers, smallest),
                shown_count(persons, smallest),
                *map(str, stances),
            )
            row |= {f"{prefix}{name}": figure for name, figure in zip(FIGURES, figures, strict=True)}
        yield row


def together(one: Mapping[str, Mapping[str, str]], two: Mapping[str, Mapping[str, str]]) -> list[int]:
    """Excerpts with both codes, persons who speak in them, persons who speak of both anywhere, and stances on either."""
    shared = {person: one[person].keys() & two[person].keys() for person in one.keys() & two.keys()}
    excerpts = sum(map(len, shared.values()))
    speakers = sum(bool(common) for person, common in shared.items() if person)
    stances: list[int] = []
    for code in (one, two):
        by_stance = Counter(code[person][excerpt] for person, common in shared.items() for excerpt in common)
        stances += [by_stance[stance] for stance in STANCES]
    return [excerpts, speakers, len(shared.keys() - {""}), *stances]


def voices_of(stored: Stored, cells: Iterator[Row]) -> Voices:
    """The excerpts of each code and person with their stance; copies left out, "" are documents."""
    sources = {row["source_id"]: row for row in stored.tables["sources"]}
    persons = {
        row["excerpt_id"]: person_key(row, sources[row["source_id"]], sources)
        for row in stored.tables["excerpts"]
        if row["role"] == "respondent" and not sources[row["source_id"]]["copy_of"]
    }
    voices: Voices = defaultdict(lambda: defaultdict(dict))
    for row in cells:
        if row["excerpt_id"] in persons:
            voices[row["criterion"]][persons[row["excerpt_id"]]][row["excerpt_id"]] = row["stance"]
    return voices


def codes_by_id(stored: Stored) -> dict[str, Row]:
    """The codes of the codebook, in its order."""
    content = tomllib.loads((stored.root / "coded" / "codebook.toml").read_text("utf-8-sig"))
    return {code["id"]: code for code in content.get("criteria", ())}


def _above(code: str, codes: Mapping[str, Row]) -> Iterator[str]:
    while code := codes.get(code, {}).get("parent", ""):
        yield code


def cooccurrence_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of codes that occur together, beside cooccurrence.csv."""
    published = [unguarded(row) for row in csv_rows(stored.root / COOCCURRENCE)]
    if len(sheet.rows) != len(published):
        yield other_length(sheet, COOCCURRENCE, len(published))
        return
    translation, codes = Translation(), codes_by_id(stored)
    for index, (row, other) in enumerate(zip(sheet.rows, published, strict=True)):
        for name in CELLS:
            if cell_text(row[name]) != other[name]:
                yield differs(sheet, index, name, COOCCURRENCE)
        for name in ("code", "other"):
            if not translation.fits("code", other[name], row[name]):
                yield differs(sheet, index, name, COOCCURRENCE)
            column = "family" if name == "code" else "other_family"
            if row.get(column) != _family(codes[other[name]], stored.settings.study.language):
                yield differs(sheet, index, column, "coded/codebook.toml")


def problems_of_pairs(page: Any, stored: Stored) -> Iterator[Problem]:
    """The table of codes that occur together in the report, in both languages."""
    expected = sorted(expected_rows(stored), key=lambda row: (-int(row["excerpts"]), -int(row["machine_excerpts"])))
    shown = page.xpath("//table[contains(@class, 'together')]/tbody/tr")
    if len(shown) != len(expected[:MOST_SHOWN]):
        yield Problem(
            TABLE,
            message("audit/has_rows_instead_of", rows=len(shown), expected=len(expected[:MOST_SHOWN])),
            message(RERUN),
        )
    codes = codes_by_id(stored)
    for language in wording.LANGUAGES:
        for row, other in zip(shown, expected, strict=False):
            names = [code_name(codes[other[key]], language) for key in ("code", "other")]
            cells = [words_in(cell, language).strip() for cell in row.xpath("./th/b | ./td")]
            counts = [*names, *(_number(other[name], language) for name in IN_REPORT)]
            for key, cell, text in zip(("code", "other", *IN_REPORT), cells, counts, strict=True):
                if cell != text:
                    yield Problem(
                        f"{TABLE} ({', '.join(names)})",
                        message("audit/its_does_not_match", name=key, value=text),
                        message(RERUN),
                    )


def _family(code: Row, language: str) -> str:
    return wording.closed_word("family", code.get("family", "criterion"), language)


def _number(count: str, language: str) -> str:
    return wording.number(int(count), language) if count.isdecimal() else count

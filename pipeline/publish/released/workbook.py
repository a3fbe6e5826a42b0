"""evidence.xlsx of a released edition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline import wording
from pipeline.findings import REGISTERS
from pipeline.publish import dependents
from pipeline.publish.released import QUOTES, ReducedPublication
from pipeline.publish.released.report import ordered, persons_in_words, value_in_words
from pipeline.publish.released.tables import matrix_rows
from pipeline.publish.workbook import RowsOf, Words
from pipeline.sheets import Prose, Sheet, write_book
from pipeline.vocabulary import DIRECTIONS, PERSON_ATTRIBUTES

FINDING = ["finding_id", "criterion", "statement", "strength", *map(str, DIRECTIONS), "conclusions", "recommendations"]
MATRIX = ["criterion", "group", "persons"]
PEOPLE = ["attribute", "value", "persons"]
REGISTER = ["section", "id", "statement", "findings"]
CODE = ["criterion", "name", "definition"]


def write(publication: ReducedPublication, folder: Path) -> None:
    """Write evidence.xlsx into `folder`; equal publications give equal bytes."""
    title = publication.settings.study.title
    write_book(folder / "evidence.xlsx", pages(publication), title=title)


def pages(publication: ReducedPublication) -> Iterator[Sheet | Prose]:
    """The sheets, in order."""
    words = Words(publication.language, publication.codebook)
    headings = {**words.columns, **{key: _say(publication, key) for key in ("attribute", "value", "quote_id")}}
    headings["source"] = words.columns["source_id"]

    def sheet(name: str, keys: list[str], rows: Any) -> Sheet:
        return Sheet(words.names[name], words.fields(keys, headings=headings), rows)

    yield _read_me(publication, words)
    yield sheet("findings", FINDING, [_finding_row(publication, finding, words) for finding in ordered(publication)])
    quotes = RowsOf(publication.quotes, QUOTES, lambda key, value: words.cell(SECTIONS.get(key, ""), key, value))
    yield sheet("evidence", QUOTES, quotes)
    yield sheet("matrix", MATRIX, [_matrix_row(publication, row, words) for row in matrix_rows(publication)])
    yield sheet("participants", PEOPLE, list(_attribute_rows(publication)))
    yield sheet("registers", REGISTER, list(_register_rows(publication, words)))
    codes = publication.codebook.criteria
    yield sheet("codebook", CODE, [(c.id, words.codes[c.id], c.text("definition", words.language)) for c in codes])


SECTIONS = {"direction": "direction", "status": "link", "strength": "strength", "kind": "kind", "gender": "sex",
            "language": "language"}  # fmt: skip


def _say(publication: ReducedPublication, key: str, **values: object) -> str:
    return wording.text(f"release.{key}", publication.language, **values)


def _count(publication: ReducedPublication, *name: str) -> int | str:
    count = publication.counts[name]
    return _say(publication, "withheld") if count is None else count


def _read_me(publication: ReducedPublication, words: Words) -> Prose:
    study = publication.settings.study
    findings = len(publication.register.findings)
    lines = [
        (study.title, study.subtitle),
        (wording.text(f"edition.{publication.edition}", publication.language), study.date),
        ("", _say(publication, "about", findings=findings, persons=persons_in_words(publication))),
        ("", _say(publication, "protection", k=publication.smallest, last=publication.smallest - 1)),
        ("", _say(publication, "coded_note")),
    ]
    if publication.quotes_left_out:
        lines.append(("", _say(publication, "left_out", n=publication.quotes_left_out)))
    foot = _say(
        publication,
        "foot",
        edition=wording.text(f"edition.{publication.edition}", publication.language),
        name=publication.name,
        version=publication.version,
        lines=publication.ledger_lines,
    )
    return Prose(words.names["read_me"], [*lines, ("", foot)])


def _finding_row(publication: ReducedPublication, finding: Any, words: Words) -> tuple[Any, ...]:
    return (
        finding.id,
        words.codes[finding.criterion],
        finding.statement,
        words.cell("strength", "", publication.strengths[finding.id]),
        *(_count(publication, "finding", finding.id, str(word)) for word in DIRECTIONS),
        dependents.resting(finding, publication.register.conclusions),
        dependents.resting(finding, publication.register.recommendations),
    )


def _matrix_row(publication: ReducedPublication, row: list[str], words: Words) -> tuple[Any, ...]:
    criterion, kind, group, _ = row
    total = kind == "total"
    name = ("criterion", criterion) if total else ("matrix", criterion, group)
    label = _say(publication, "everybody") if total else value_in_words("group", group, publication.language)
    return words.codes[criterion], label, _count(publication, *name)


def _attribute_rows(publication: ReducedPublication) -> Iterator[tuple[Any, ...]]:
    for attribute in PERSON_ATTRIBUTES:
        for value in publication.values(attribute):
            shown = value_in_words(attribute, value, publication.language)
            yield _say(publication, attribute), shown, _count(publication, attribute, value)
    yield _say(publication, "everybody"), "", _count(publication, "persons")


def _register_rows(publication: ReducedPublication, words: Words) -> Iterator[tuple[Any, ...]]:
    for section in REGISTERS:
        for entry in getattr(publication.register, section):
            findings = ", ".join(getattr(entry, "findings", ()))
            yield words.cell("section", "", section), entry.id, entry.statement, findings

"""The sheets of the evidence book that list what tables and registers hold: sources, exclusions, registers, codes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pipeline.audit.recount.annex.material import material_of
from pipeline.audit.recount.book import SheetRows, Translation, cell_text, differs, is_number, other_length
from pipeline.audit.recount.links import REGISTERS, entries_of, findings_of
from pipeline.audit.stored import Row, Stored
from pipeline.errors import Problem

MANY_SOURCES = 400  # from which on the rows of a survey are one line of the book
SOURCES, REJECTED = "coded/machine/sources.parquet", "coded/machine/rejected.parquet"
CODEBOOK, FINDINGS = "coded/codebook.toml", "coded/findings.toml"


def source_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of sources, beside their table."""
    named = material_of(stored).references
    rows = [{**row, "reference": named.get(row["source_id"], "")} for row in stored.tables["sources"]]
    unanswered = {row["path"] for row in rows if row["status"] == "rejected" and row["reader"]}
    if len(rows) > MANY_SOURCES:
        rows = list({row["path"]: row for row in reversed(rows)}.values())[::-1]
    expected = [{**row, "status": "unanswered" if row["path"] in unanswered else row["status"]} for row in rows]
    names = ("source_id", "reference", "path", "date", "site", "chars", "chars_excluded", "reader", "note")
    yield from _unlike(sheet, expected, names, closed=("kind", "status", "language"), beside=SOURCES)


def rejected_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """Compare the sheet *Not used* with its table."""
    rows = stored.tables["rejected"]
    yield from _unlike(sheet, rows, ("source_id", "chars"), closed=("stage", "place", "reason"), beside=REJECTED)


def register_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of conclusions, recommendations, lessons and practices, beside coded/findings.toml."""
    entries = entries_of(stored)
    expected = [{**_joined(entry), "section": section} for section in REGISTERS for entry in entries[section]]
    names = ("id", "statement", "timeframe", "addressees", "findings", "conclusions")
    yield from _unlike(sheet, expected, names, closed=("section", "priority"), beside=FINDINGS)


def _joined(entry: Row) -> Row:
    blank = dict.fromkeys(("timeframe", "priority", "addressees", "findings", "conclusions"), "")
    lists = {key: ", ".join(value) for key, value in entry.items() if isinstance(value, list)}
    return {**blank, **entry, **lists}


def code_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of the codebook, beside coded/codebook.toml."""
    language = stored.settings.study.language
    content = tomllib.loads((stored.root / CODEBOOK).read_text("utf-8-sig"))
    expected = [
        {"criterion": code["id"], "family": code.get("family", "criterion")} for code in content.get("criteria", ())
    ]
    yield from _unlike(sheet, expected, ("criterion",), closed=("family",), beside=CODEBOOK)
    for index, (row, code) in enumerate(zip(sheet.rows, content.get("criteria", ()), strict=False)):
        for name in ("name", "definition"):
            text = code.get(name, "")
            texts = list(text.values()) if isinstance(text, dict) else [text]
            preferred = text.get(language) if isinstance(text, dict) else text
            if cell_text(row[name]) != cell_text(preferred or "") and (
                preferred or cell_text(row[name]) not in [*texts, code["id"]]
            ):
                yield differs(sheet, index, name, CODEBOOK)


def finding_texts(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The statements of the sheet of findings, and what relies on each, beside coded/findings.toml."""
    entries = entries_of(stored)
    findings, translation = findings_of(stored), Translation()
    for index, row in enumerate(sheet.rows):
        if not (finding := findings.get(row["finding_id"])):
            continue
        relying = {name: _relying(entries[name], finding["id"]) for name in REGISTERS[:2]}
        for name, text in {"statement": finding["statement"], **relying}.items():
            if cell_text(row[name]) != cell_text(text):
                yield differs(sheet, index, name, FINDINGS)
        if not translation.fits("criterion", finding["criterion"], row["criterion"]):
            yield differs(sheet, index, "criterion", FINDINGS)


def _relying(entries: Sequence[Row], finding: str) -> str:
    return ", ".join(entry["id"] for entry in entries if finding in entry.get("findings", ()))


def _unlike(
    sheet: SheetRows, expected: Sequence[Row], names: Sequence[str], *, closed: Sequence[str], beside: str
) -> Iterator[Problem]:
    """The cells of a sheet that are not those of the rows beside it; closed words may be in another language."""
    if len(sheet.rows) != len(expected):
        yield other_length(sheet, beside, len(expected))
        return
    translation = Translation()
    for index, (row, other) in enumerate(zip(sheet.rows, expected, strict=True)):
        for name in names:
            is_same: Callable[[str, Any], bool] = is_number if isinstance(other[name], int) else _is_text
            if not is_same(row[name], other[name]):
                yield differs(sheet, index, name, beside)
        for name in closed:
            if not translation.fits(name, str(other[name]), row[name]):
                yield differs(sheet, index, name, beside)


def _is_text(cell: str, expected: Any) -> bool:
    return cell_text(cell) == cell_text(str(expected))

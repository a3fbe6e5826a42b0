"""The annex beside what it should say, paragraph by paragraph and cell by cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from pipeline.audit.recount.annex import sentences
from pipeline.audit.recount.annex.material import Material, material_of
from pipeline.audit.recount.annex.reading import ANNEX, ReadAnnex, ReadTable, read_annex
from pipeline.audit.recount.annex.tables import AGREED, QUALITY, Expected, expected_tables, is_newer, measured
from pipeline.audit.recount.coverage.causal_paths import expected_rows as path_rows
from pipeline.audit.stored import RERUN, Stored
from pipeline.errors import Problem
from pipeline.wording.messages import message

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ALWAYS = ("1", "1980-01-01T00:00:00Z")  # revision and times of every file
DRAWN = "outputs/figures/theory-of-change.png"  # the only picture of the annex
SHOWN = 60  # characters of a paragraph by which a problem names it


def check_annex(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every paragraph and every cell of the annex is what evidence.csv, the tables and the registers say."""
    annex, material = read_annex(stored.root), material_of(stored)
    tables = {table.name: table for table in expected_tables(material)}

    def problems() -> Iterator[Problem]:
        newer = [name for name in (QUALITY, AGREED) if is_newer(material, name)]
        if not newer:
            yield from _unlike_paragraphs(annex, material, list(tables.values()))
        yield from _unlike_tables(annex, tables, may_have_more=bool(newer))
        drawn = stored.root / DRAWN
        if annex.pictures != ([drawn.read_bytes()] if drawn.exists() else []):
            yield Problem(f"{ANNEX} figure 1", message("audit/is_not_what_the_tables"), message(RERUN))
        if annex.edges != [_plain(text) for text in sentences.edges(material)]:
            yield Problem(
                f"{ANNEX} head and foot of pages", message("audit/are_not_those_of_the_study"), message(RERUN)
            )
        sentences_shown = [text for text in sentences.properties(material) if text]
        if [text for text in annex.properties if text not in ALWAYS] != [_plain(text) for text in sentences_shown]:
            yield Problem(f"{ANNEX} properties", message("audit/are_not_those_of_the_study"), message(RERUN))

    return len(annex.paragraphs) + sum(len(table.rows) for table in annex.tables.values()), problems()


def _plain(text: str) -> str:
    """The text as XML can hold it."""
    return NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _unlike_paragraphs(annex: ReadAnnex, material: Material, tables: Sequence[Expected]) -> Iterator[Problem]:
    expected = [_plain(text) for text in _paragraphs(material, tables)]
    expected = [text for text in expected if text]
    matcher = SequenceMatcher(None, annex.paragraphs, expected, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "insert":
            yield Problem(
                f"{ANNEX} after paragraph {start}",
                message("audit/lacks", words=_named(expected[first:last])),
                message(RERUN),
            )
        elif tag != "equal":
            for number in range(start, end):
                where = f"{ANNEX} paragraph {number + 1}"
                yield Problem(where, message("audit/is_not_what_the_tables"), message(RERUN))


def _named(paragraphs: Sequence[str]) -> str:
    return "; ".join(sentences.short(text, SHOWN) for text in paragraphs)


def _paragraphs(material: Material, tables: Sequence[Expected]) -> Iterator[str]:
    """All paragraphs in their order; the captions of tables are numbered."""
    yield from sentences.title_page(material)
    below = sentences.headings(material)
    yield from (heading for part in below.values() for heading in part)
    captions = {
        table.name: f"{material.say('annex.table')} {number}. {table.caption}" for number, table in enumerate(tables, 1)
    }
    none = [] if material.findings else [material.say("overview.no_findings")]
    smallest = material.stored.settings.disclosure.smallest_cell
    yield below["matrix"][0]
    yield from (material.say("annex.why"), captions["strengths"], captions["matrix"]) if material.findings else none
    yield from _on_registers(material, below, captions)
    yield from below.get("theory", ())
    yield from _on_theory(material, captions)
    yield from (below["persons"][0], material.say("annex.small_counts", k=smallest))
    yield captions.get("persons") or material.say("method.limit_nobody")
    sources = [captions[name] for name in ("sources", "documents") if name in captions]
    yield from (below["sources"][0], *(sources or [material.say("annex.nothing")]))
    yield from (below["evidence"][0], *none)
    yield from _on_findings(material, below, captions)
    yield from (below["crossings"][0], *_on_crossings(material, captions))
    yield from (below["codebook"][0], captions.get("codebook", ""))
    yield from _on_method(material, below, captions)
    yield from (below["coreq"][0], captions["coreq"])


def _on_findings(material: Material, below: dict[str, list[str]], captions: dict[str, str]) -> Iterator[str]:
    for number, finding in enumerate(material.findings, 1):
        yield from (below["evidence"][number], finding["statement"])
        shown = (f"{name}_{number}" for name in ("answers", "supports", "contrary", "divided", "suggested"))
        yield from (captions[name] for name in shown if name in captions)


def _on_crossings(material: Material, captions: dict[str, str]) -> list[str]:
    """A note and the tables; a sentence if people confirmed nothing."""
    shown = [text for name, text in captions.items() if name.startswith(("crossing_", "profile_"))]
    smallest = material.stored.settings.disclosure.smallest_cell
    return [material.say("annex_crossing.note", k=smallest), *shown] if shown else [material.say("annex_crossing.none")]


def _on_registers(material: Material, below: dict[str, list[str]], captions: dict[str, str]) -> Iterator[str]:
    if "registers" in below:
        yield from (below["registers"][0], material.say("annex.registers"))
        yield from (captions[name] for name, entries in material.registers.items() if entries)


def _on_theory(material: Material, captions: dict[str, str]) -> Iterator[str]:
    if "theory" in captions:
        contested = material.stored.settings.evidence.contested
        if (material.stored.root / DRAWN).exists():
            yield f"{material.say('annex.figure')} 1. {material.say('annex.drawing')}"
        yield from (material.say("theory.rule", share=sentences.share(contested)), captions["theory"])
    if "paths" in captions:
        yield from (material.say("paths.note"), captions["paths"])
    elif arrows := path_rows(material.stored):
        yield material.say("annex.no_paths", n=len(arrows))


def _on_method(material: Material, below: dict[str, list[str]], captions: dict[str, str]) -> Iterator[str]:
    agreed = [text for name, text in captions.items() if name.startswith(("agreement_", "machine_"))]
    yield from (below["coding"][0], *sentences.method(material), captions["rule"])
    yield from (material.say("saturation.note"), captions["saturation"])
    yield from (material.say("measured.note" if agreed else "annex.no_agreement"), *agreed)
    machine = [text for name, text in captions.items() if name.startswith(("cold_", "trained_", "totals_"))]
    yield below["quality"][0]
    if machine:
        quality = measured(material, QUALITY)
        last = quality["trained"] if (quality.get("trained") or {}).get("criteria") else quality["cold"]
        what = material.closed("measured_on", str(quality.get("measured_on", "")))
        size = material.say("trust.size", n=int(last.get("n", 0)), groups=int(last.get("groups", 0)))
        yield f"{material.say('trust.measured_on', what=what)}: {size}"
        yield from (material.say("measured.note"), *machine)
    else:
        yield from (material.say("trust.not_measured"), material.say("trust.until_then"))
    yield from (below["limits"][0], *sentences.limits(material, is_measured=bool(machine)))


def _unlike_tables(annex: ReadAnnex, tables: dict[str, Expected], *, may_have_more: bool) -> Iterator[Problem]:
    for name in sorted(annex.tables.keys() - tables.keys()) if not may_have_more else ():
        yield Problem(f"{ANNEX} table {name}", message("audit/has_nothing_behind_it"), message(RERUN))
    for name, expected in tables.items():
        if name in annex.tables:
            yield from _unlike_table(annex.tables[name], expected)
        else:
            yield Problem(f"{ANNEX} table {name}", message("common/is_missing"), message(RERUN))


def _unlike_table(table: ReadTable, expected: Expected) -> Iterator[Problem]:
    where = f"{ANNEX} table {expected.name}"
    rows = [list(map(_plain, row)) for row in expected.rows]
    if table.head != list(expected.head):
        yield Problem(where, message("audit/has_other_headings"), message(RERUN))
    if not all(text in table.description for text in (str(len(rows)), ", ".join(expected.head))):
        yield Problem(where, message("audit/is_described_wrongly_to_screen_readers"), message(RERUN))
    if len(table.rows) != len(rows):
        yield Problem(
            where, message("audit/has_rows_instead_of", rows=len(table.rows), expected=len(rows)), message(RERUN)
        )
    elif expected.is_ordered:
        yield from _unlike_cells(where, table.rows, rows, expected.head)
    else:
        left = Counter(map(tuple, rows))
        for number, row in enumerate(table.rows, 1):
            left[tuple(row)] -= 1
            if left[tuple(row)] < 0:
                yield Problem(f"{where} row {number}", message("audit/is_not_a_row_of_evidence"), message(RERUN))


def _unlike_cells(
    where: str, rows: Sequence[Sequence[str]], expected: Sequence[Sequence[str]], head: Sequence[str]
) -> Iterator[Problem]:
    for number, (row, other) in enumerate(zip(rows, expected, strict=True), 1):
        for name, cell, text in zip(head, row, other, strict=False):
            if cell != text:
                yield Problem(f"{where} row {number} {name}", message("audit/is_not_what_the_tables"), message(RERUN))

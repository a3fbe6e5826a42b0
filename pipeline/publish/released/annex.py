"""report.docx of a released edition: the annex with its counts as they are protected, and the quotes that may leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import wording
from pipeline.findings import Finding
from pipeline.publish import labels
from pipeline.publish.html import quality as report_quality
from pipeline.publish.references import References
from pipeline.publish.released import ReducedPublication
from pipeline.publish.released.report import ordered, persons_in_words, value_in_words
from pipeline.publish.word.annex import as_annex
from pipeline.publish.word.blocks import Block, Cell, Heading, Paragraph, Part, TitlePage
from pipeline.publish.word.method_parts import quality_tables, rule
from pipeline.publish.word.register_parts import registers
from pipeline.publish.word.study_parts import codebook
from pipeline.publish.word.texts import Texts
from pipeline.spans import of_cell
from pipeline.vocabulary import DIRECTIONS, PERSON_ATTRIBUTES, LinkStatus


def write(publication: ReducedPublication, folder: Path) -> None:
    """Write report.docx into `folder`; equal publications give equal bytes."""
    texts = Texts(publication.language, publication.codebook, References(publication.language, {}, {}))
    edition = wording.text(f"edition.{publication.edition}", publication.language)
    parts = (
        _matrix(publication, texts),
        *filter(None, [registers(publication.register, publication.strengths, texts)]),
        _persons(publication, texts),
        _evidence(publication, texts),
        codebook(publication.codebook, texts),
        _method(publication, texts),
    )
    data = as_annex(publication.settings.study, texts, edition, _title_page(publication, texts), parts)
    (folder / "report.docx").write_bytes(data)


def _title_page(publication: ReducedPublication, texts: Texts) -> TitlePage:
    study, smallest = publication.settings.study, publication.smallest
    foot = {"edition": texts.say(f"edition.{publication.edition}"), "name": publication.name}
    versions = {"version": publication.version, "lines": publication.ledger_lines}
    findings = len(publication.register.findings)
    paragraphs = [
        Paragraph(study.date, "note"),
        Paragraph(texts.say("release.about", findings=findings, persons=persons_in_words(publication))),
        Paragraph(texts.say("release.protection", k=smallest, last=smallest - 1)),
        Paragraph(texts.say("release.left_out", n=publication.quotes_left_out) if publication.quotes_left_out else ""),
        Paragraph(texts.say("annex.confirmed_apart")),
        Paragraph(texts.say("release.foot", **foot, **versions), "note"),
    ]
    return TitlePage(
        title=study.title,
        subtitle=study.subtitle,
        kicker=texts.say("annex.title"),
        paragraphs=tuple(each for each in paragraphs if each.text),
        contents=texts.say("annex.contents"),
    )


def _count(texts: Texts, count: int | None) -> str:
    return texts.say("release.withheld") if count is None else texts.number(count)


def _matrix(publication: ReducedPublication, texts: Texts) -> Part:
    columns = (
        texts.column("asked", 30),
        texts.column("finding_id", 10),
        texts.column("statement", 60),
        *(texts.headed(texts.closed("direction", word), 16) for word in DIRECTIONS),
        texts.column("strength", 15),
    )
    rows = [
        [
            texts.asked(finding),
            finding.id,
            finding.statement,
            *(_count(texts, publication.persons(finding.id, str(word))) for word in DIRECTIONS),
            texts.closed("strength", publication.strengths[finding.id]),
        ]
        for finding in ordered(publication)
    ]
    blocks: list[Block] = [Paragraph(texts.say("overview.no_findings"))]
    if rows:
        note = Paragraph(f"{texts.say('release.counted')}.", "note")
        blocks = [note, texts.table("matrix", texts.say("annex_table.matrix"), columns, rows)]
    return Part(texts.say("annex_part.matrix"), tuple(blocks), is_landscape=True)


def _persons(publication: ReducedPublication, texts: Texts) -> Part:
    columns = (texts.column("attribute", 30), texts.column("value", 50), texts.condition("persons", 20))
    rows = [
        [texts.say(f"release.{name}"), value_in_words(name, value, texts.language), _count(texts, count)]
        for name in PERSON_ATTRIBUTES
        for value in publication.values(name)
        for count in [publication.counts[name, value]]
    ]
    rows.append([texts.say("release.everybody"), "", _count(texts, publication.counts["persons",])])
    table = texts.table("persons", texts.say("release.attributes"), columns, rows)
    return Part(texts.say("annex_part.persons"), (table,))


def _evidence(publication: ReducedPublication, texts: Texts) -> Part:
    blocks: list[Block] = []
    for number, finding in enumerate(ordered(publication), 1):
        blocks += _of_finding(publication, texts, finding, number)
    title = texts.say("annex_part.evidence")
    return Part(title, tuple(blocks or [Paragraph(texts.say("overview.no_findings"))]), is_landscape=True)


def _of_finding(publication: ReducedPublication, texts: Texts, finding: Finding, number: int) -> Iterator[Block]:
    strength = texts.closed("strength", publication.strengths[finding.id])
    yield Heading(f"{finding.id}  {texts.codes[finding.criterion]}: {strength}")
    yield Paragraph(finding.statement, "statement")
    quotes = publication.quotes[publication.quotes["finding_id"] == finding.id]
    is_confirmed, is_support = quotes["status"] == LinkStatus.CONFIRMED, quotes["direction"] == DIRECTIONS[0]
    listed = {
        "supports": quotes[is_confirmed & is_support],
        "contrary": quotes[is_confirmed & ~is_support],
        "suggested": quotes[~is_confirmed],
    }
    if quotes.empty:
        yield Paragraph(texts.say("release.no_quotes"), "note")
    shares = {"reference": 26, "quote": 60, "direction": 12}
    columns = [texts.column(key, part) for key, part in shares.items()]
    for name, rows in listed.items():
        if len(rows):
            caption = texts.say(f"annex_table.{name}", id=finding.id)
            yield texts.table(f"{name}_{number}", caption, columns, _quote_rows(rows, texts))


def _quote_rows(rows: pd.DataFrame, texts: Texts) -> list[list[str | Cell]]:
    return [_quote_row(row, texts) for row in rows.to_dict("records")]


def _quote_row(row: dict[Any, Any], texts: Texts) -> list[str | Cell]:
    about = (
        row["participant"] or row["source"],
        texts.closed("sex", row["gender"]) if row["gender"] else "",
        labels.group_name(row["group"]),
        row["country"],
        texts.closed("kind", row["kind"]) if row["kind"] else "",
    )
    who = ", ".join(part for part in about if part)
    return [
        f"{who}\n{row['quote_id']}",
        Cell(row["quote"], row["language"], of_cell(row["span_at"])),
        texts.closed("direction", row["direction"]),
    ]


def _method(publication: ReducedPublication, texts: Texts) -> Part:
    settings = publication.settings.evidence
    tables = report_quality.tables_of(publication.quality, publication.agreement, publication.codebook)
    measured = [replace(table, rows=tuple(row for row in table.rows if row[0] in texts.codes)) for table in tables]
    blocks: tuple[Block, ...] = (
        rule(settings, texts),
        Paragraph(texts.say("release.contested", share=labels.share(settings.contested))),
        Paragraph(texts.say("method.limit_counts")),
        *quality_tables(measured, texts),
    )
    return Part(texts.say("annex_part.coding"), blocks, is_landscape=True)

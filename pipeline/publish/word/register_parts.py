"""The part of the annex on what rests on the findings: conclusions, recommendations, lessons and promising practices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.findings import REGISTERS, Register
from pipeline.publish.word.blocks import Block, Paragraph, Part
from pipeline.publish.word.texts import Texts
from pipeline.vocabulary import Strength

COLUMNS = {  # shares of the width of a page
    "number": 9,
    "statement": 60,
    "priority": 11,
    "timeframe": 14,
    "addressees": 22,
    "findings": 26,
    "conclusions": 14,
}


def registers(register: Register, strengths: Mapping[str, Strength], texts: Texts) -> Part | None:
    """A table for each register, with the strength of every finding that an entry rests on; None if all are empty."""
    columns = [texts.column(key, share) for key, share in COLUMNS.items()]
    tables: list[Block] = []
    for name in REGISTERS:
        rows = [_row(entry, strengths, texts) for entry in getattr(register, name)]
        if rows:
            tables.append(texts.table(name, texts.say(f"annex_table.{name}"), columns, rows))
    if not tables:
        return None
    note = Paragraph(texts.say("annex.registers"), "note")
    return Part(texts.say("annex_part.registers"), (note, *tables), is_landscape=True)


def _row(entry: Any, strengths: Mapping[str, Strength], texts: Texts) -> list[str]:
    priority = getattr(entry, "priority", "")
    return [
        entry.id,
        entry.statement,
        texts.closed("rank", priority) if priority else "",
        getattr(entry, "timeframe", ""),
        ", ".join(getattr(entry, "addressees", ())),
        ", ".join(_rated(entry.findings, strengths, texts)),
        ", ".join(getattr(entry, "conclusions", ())),
    ]


def _rated(findings: Iterable[str], strengths: Mapping[str, Strength], texts: Texts) -> Iterable[str]:
    """The findings, each with its strength; a number that no finding has, as it was typed."""
    for name in findings:
        yield f"{name} ({texts.closed('strength', strengths[name])})" if name in strengths else name

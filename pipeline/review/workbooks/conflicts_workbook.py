"""The workbook of what coders differ on: both values side by side, and a cell for the ruling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipeline.records import Decision
from pipeline.review.conflicts import KIND, Conflict, identity, word
from pipeline.review.form import Choices, Form, list_of
from pipeline.review.handouts import Handout
from pipeline.review.workbooks.review_workbook import (
    Item,
    context_of,
    info_rows,
    info_sheet,
    instructions,
    locked,
    origin_of,
    words_of,
)
from pipeline.sheets import Field, Prose, Sheet, write_book

SHOWN = ("excerpt_id", "target", "text", "about", "context")  # before the coders' columns
FROZEN = 3  # of them, so that words and question stay in view
BEHIND = ("origin", "text_sha256")
WIDTHS = {"text": 68, "context": 40, "about": 40, "memos": 36, "why": 36, "excerpt_id": 12, "origin": 18}


def _ruled_word(ruling: Decision | None) -> str:
    if ruling is None:
        return ""
    answer, _, value = ruling.value.partition(":")
    return value or answer


def write(
    path: Path,
    rows: Sequence[Conflict],
    items: Mapping[str, Item],
    *,
    handout: Handout,
    form: Form,
    language: str,
) -> None:
    """Write the workbook: a row per conflict, a column per coder, their memos, and the cell for the ruling."""
    words = words_of(language)
    choices = form.choices(language)
    coders = sorted({decision.coder for conflict in rows for decision in conflict.decisions})
    headings = {**words["columns"], **words[KIND]["columns"], **{f"said:{coder}": coder for coder in coders}}
    columns = (
        *(locked(key, headings[key], WIDTHS.get(key, 12)) for key in SHOWN),
        *(locked(f"said:{coder}", coder, 12) for coder in coders),
        locked("memos", headings["memos"], WIDTHS["memos"]),
        Field("ruling", headings["ruling"], 14, open=True, choices=list_of("ruling")),
        Field("why", headings["why"], WIDTHS["why"], open=True),
        *(locked(key, headings[key], WIDTHS.get(key, 12)) for key in BEHIND),
    )
    cells = [_cells(conflict, items[conflict.excerpt_id], form, choices, language) for conflict in rows]
    title = words[KIND]["title"]
    info = info_rows(handout, [identity(conflict.excerpt_id, conflict.target) for conflict in rows], kind=KIND)
    pages = (
        Prose(words["sheet"], instructions(words[KIND]["read_me"], handout.coder, language)),
        Sheet(
            title,
            columns,
            [_in_order(row, columns) for row in cells],
            frozen=FROZEN,
            protected=True,
        ),
        info_sheet((*info, *choices.info())),
    )
    write_book(path, pages, title=f"{title} {handout.coder}", lists={"rulings": tuple(choices.lists["rulings"])})


def _in_order(row: Mapping[str, str], columns: Iterable[Field]) -> tuple[str, ...]:
    return tuple(row.get(column.key, "") for column in columns)


def _cells(conflict: Conflict, item: Item, form: Form, choices: Choices, language: str) -> dict[str, str]:
    """The cells of a row by machine key."""
    decisions = {f"said:{d.coder}": choices.shown("rulings", word(d)) for d in conflict.decisions}
    return {
        **decisions,
        "excerpt_id": conflict.excerpt_id,
        "target": conflict.target,
        "text": item.text,
        "about": _about(conflict.target, form, language),
        "context": context_of(item, language),
        "memos": item.memo,
        "ruling": choices.shown("rulings", _ruled_word(conflict.ruling)),
        "why": conflict.ruling.note if conflict.ruling else "",
        "origin": origin_of(item, language),
        "text_sha256": item.text_sha256,
    }


def _about(target: str, form: Form, language: str) -> str:
    """What the code means, or what the finding states."""
    statements = {finding.id: finding.statement for finding in form.findings}
    if target in statements:
        return statements[target]
    if target not in form.codebook.ids:
        return target
    code = form.codebook[target]
    return ": ".join(
        text for text in (code.text("name", language) or target, code.text("definition", language)) if text
    )

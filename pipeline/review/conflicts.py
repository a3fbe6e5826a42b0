"""Where coders differ: both values side by side in a workbook, and what a third person, or all of them together, rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Problem
from pipeline.records import Decision, Draft
from pipeline.review.settle import Opinion, State, grouped
from pipeline.review.workbook import CODE_WORDS, INFO, NO, YES, Form, Handout, Item, chunks, words_of
from pipeline.sheets import Field, Prose, Sheet, write_book
from pipeline.words import DecisionKind, Direction

SHEET = "Conflicts"
KIND = "conflicts"  # what the workbook says of itself
RULINGS = (*CODE_WORDS, *Direction)
SHOWN = ("excerpt_id", "text_sha256", "target", "about", "source_id", "place", "question", "before", "text", "after")
WIDTHS = {"text": 80, "question": 40, "before": 40, "after": 40, "about": 40, "memos": 40, "why": 40, "excerpt_id": 18}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One excerpt and one code or finding of which coders say different things, and how it was ruled (None: not yet)."""

    excerpt_id: str
    target: str
    opinions: tuple[Opinion, ...]
    ruling: Decision | None


def identity(excerpt_id: str, target: str) -> str:
    """What tells the rows of the workbook apart."""
    return f"{excerpt_id} {target}"


def conflicts(state: State, *, ruled: bool) -> list[Conflict]:
    """Where coders differ on whether, on the stance or on the direction; by excerpt. `ruled`: those already settled too."""
    found = [
        Conflict(excerpt, target, tuple(opinions), state.rulings.get((excerpt, target)))
        for (excerpt, target), opinions in sorted(grouped(state.opinions).items())
        if len({(o.yes, o.value) for o in opinions}) > 1
    ]
    return [conflict for conflict in found if ruled or conflict.ruling is None]


def word(opinion: Opinion) -> str:
    """What an opinion says, as it stands in a cell."""
    return (opinion.value or YES) if opinion.yes else NO


def _ruled_word(ruling: Decision | None) -> str:
    if ruling is None:
        return ""
    answer, _, value = ruling.value.partition(":")
    return value or answer


def write(path: Path, found: Sequence[Conflict], items: Mapping[str, Item], handout: Handout, form: Form) -> None:
    """Write the workbook: a row per conflict, a column per coder, their memos, and the cell for the ruling."""
    words = words_of(handout.language)
    coders = sorted({o.coder for conflict in found for o in conflict.opinions})
    headings = {**words["columns"], **words[KIND]["columns"], **{f"said:{coder}": coder for coder in coders}}
    keys = (*SHOWN, *(f"said:{coder}" for coder in coders), "memos")
    locked = [Field(key, headings[key], 4 if key == "text_sha256" else WIDTHS.get(key, 12), wrap=True) for key in keys]
    answers = (
        Field("ruling", headings["ruling"], 14, open=True, choices="rulings"),
        Field("why", headings["why"], 40, open=True),
    )
    rows = [tuple(_cells(conflict, items[conflict.excerpt_id], coders, form, handout.language)) for conflict in found]
    lines = [(line["heading"].format(coder=handout.coder), line["text"]) for line in words[KIND]["read_me"]]
    info = Sheet(INFO, (Field("key", "key", 20), Field("value", "value", 60)), _info(found, handout), protected=True)
    pages = (
        Prose(words["sheet"], lines),
        Sheet(SHEET, (*locked, *answers), rows, frozen=1, protected=True),
        info,
    )
    write_book(path, pages, title=f"{SHEET} {handout.coder}", lists={"rulings": RULINGS})


def _cells(conflict: Conflict, item: Item, coders: Sequence[str], form: Form, language: str) -> Iterator[str]:
    about = _about(conflict.target, form, language)
    for key in SHOWN:
        yield {"target": conflict.target, "about": about}.get(key) or str(getattr(item, key))
    said = {o.coder: word(o) for o in conflict.opinions}
    yield from (said.get(coder, "") for coder in coders)
    yield item.memo
    yield _ruled_word(conflict.ruling)
    yield conflict.ruling.note if conflict.ruling else ""


def _about(target: str, form: Form, language: str) -> str:
    """What the code means, or what the finding states."""
    statements = {finding.id: finding.statement for finding in form.findings}
    if target in statements:
        return statements[target]
    return form.codebook[target].text("definition", language) if target in form.codebook.ids else target


def _info(found: Sequence[Conflict], handout: Handout) -> list[tuple[str, str]]:
    rows = [identity(conflict.excerpt_id, conflict.target) for conflict in found]
    head = [("study", handout.study_key), ("coder", handout.coder), ("base", str(handout.base)), ("kind", KIND)]
    return head + [(f"id{n}", json.dumps(list(chunk))) for n, chunk in enumerate(chunks(rows, 500), 1)]


def ruling_of(cells: Mapping[str, str], form: Form, base: int) -> Draft | Problem | None:
    """What a row rules: a draft, a Problem with the cell, or None where the cell is blank."""
    said, target = cells.get("ruling", "").strip(), cells["target"]
    is_finding = target in form.finding_ids
    allowed = (*Direction, NO) if is_finding else CODE_WORDS
    if not said:
        return None
    if said not in allowed:
        return Problem("column ruling", "does not hold one of its words", f"use {', '.join(allowed)}")
    value = said if said in (YES, NO) else f"{YES}:{said}"
    names = ("", target) if is_finding else (target, "")
    why = cells.get("why", "").strip()
    return Draft(DecisionKind.ADJUDICATE, cells["excerpt_id"], cells["text_sha256"], *names, value, why, base)

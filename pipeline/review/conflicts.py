"""Where coders differ: both values side by side in a workbook, and what a third person, or all of them together, rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Problem
from pipeline.records import Decision, Draft
from pipeline.review.form import NO, YES, Choices, Form, list_of
from pipeline.review.handouts import Handout
from pipeline.review.row_answers import Cells, RowAnswers, misspelt
from pipeline.review.settle import CoderDecision, State, grouped
from pipeline.review.workbook import Item, context_of, info_rows, info_sheet, instructions, locked, origin_of, words_of
from pipeline.sheets import Field, Prose, Sheet, write_book
from pipeline.vocabulary import DecisionKind, RowFate

KIND = "conflicts"  # what the workbook says of itself
SHOWN = ("excerpt_id", "target", "text", "about", "context")  # before what coders said
FROZEN = 3  # of them, the words and what is asked of them stay in view
BEHIND = ("origin", "text_sha256")
WIDTHS = {"text": 72, "context": 44, "about": 40, "memos": 36, "why": 36, "excerpt_id": 14, "origin": 22}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One excerpt and one code or finding that coders differ on, and how it was ruled (None: not yet)."""

    excerpt_id: str
    target: str
    decisions: tuple[CoderDecision, ...]
    ruling: Decision | None


def identity(excerpt_id: str, target: str) -> str:
    """What tells the rows of the workbook apart."""
    return f"{excerpt_id} {target}"


def conflicts(state: State, *, ruled: bool) -> list[Conflict]:
    """Where coders differ on whether, on the stance or on the direction; by excerpt. `ruled`: those already settled too."""
    groups = sorted(grouped(state.coder_decisions).items())
    every = [
        Conflict(excerpt, target, tuple(decisions), state.rulings.get((excerpt, target)))
        for (excerpt, target), decisions in groups
        if len({(decision.yes, decision.value) for decision in decisions}) > 1
    ]
    return [conflict for conflict in every if ruled or conflict.ruling is None]


def word(decision: CoderDecision) -> str:
    """What a decision says, as it stands in a cell."""
    return (decision.value or YES) if decision.yes else NO


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
            [tuple(row.get(column.key, "") for column in columns) for row in cells],
            frozen=FROZEN,
            protected=True,
        ),
        info_sheet((*info, *choices.info())),
    )
    write_book(path, pages, title=f"{title} {handout.coder}", lists={"rulings": tuple(choices.lists["rulings"])})


def _cells(conflict: Conflict, item: Item, form: Form, choices: Choices, language: str) -> dict[str, str]:
    """The cells of a row by machine key."""
    said = {f"said:{d.coder}": choices.shown("rulings", word(d)) for d in conflict.decisions}
    return {
        **said,
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
    return f"{code.text('name', language) or target}: {code.text('definition', language)}"


def list_of_ruling(target: str, form: Form) -> str:
    """The list that a ruling on a code or finding is chosen from."""
    return "directions" if target in form.finding_ids else "answers"


def ruling_of(cells: Cells, form: Form, choices: Choices, *, headings: Mapping[str, str] | None = None) -> RowAnswers:
    """What a row rules: one draft, none where the ruling is blank, or why it cannot be used."""
    headings = headings or {}
    cell, why, target = cells.get("ruling", "").strip(), cells.get("why", "").strip(), cells["target"]
    name = list_of_ruling(target, form)
    meaning = choices.meant(name, cell) if cell else ""
    if cell and not meaning:
        return RowAnswers(fate=RowFate.DAMAGED, problems=(misspelt("ruling", cell, choices.lists[name], headings),))
    if why and not cell:
        heading = headings.get("why", "why")
        problem = Problem(
            f"column {heading}", "gives a reason, and nothing is ruled", "choose the ruling, or empty the cell"
        )
        return RowAnswers(fate=RowFate.CONTRADICTORY, problems=(problem,))
    if not cell:
        return RowAnswers()
    return RowAnswers(
        drafts=(
            Draft(
                kind=DecisionKind.ADJUDICATE,
                excerpt_id=cells["excerpt_id"],
                text_sha256=cells["text_sha256"],
                criterion="" if target in form.finding_ids else target,
                finding_id=target if target in form.finding_ids else "",
                value=meaning if meaning in (YES, NO) else f"{YES}:{meaning}",
                note=why,
            ),
        )
    )

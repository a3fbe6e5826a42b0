"""Where coders differ, and what a third person, or all of them together, ruled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter

from pipeline.errors import Problem
from pipeline.records import Decision, Draft
from pipeline.review.form import NO, YES, Choices, Form
from pipeline.review.row_answers import Cells, RowAnswers, misspelt
from pipeline.review.settle import CoderDecision, State, grouped
from pipeline.vocabulary import DecisionKind, RowFate
from pipeline.wording.messages import message

KIND = "conflicts"  # the kind of a workbook of conflicts


@dataclass(frozen=True, slots=True)
class Conflict:
    """One excerpt and one code or finding that coders differ on, and how it was ruled (None: not yet)."""

    excerpt_id: str
    target: str
    decisions: tuple[CoderDecision, ...]
    ruling: Decision | None


def identity(excerpt_id: str, target: str) -> str:
    """The key of a row of the workbook."""
    return f"{excerpt_id} {target}"


def conflicts(state: State, *, ruled: bool) -> list[Conflict]:
    """Where coders differ on whether, on the stance or on the direction; by excerpt. `ruled`: those already settled too."""
    groups = sorted(grouped(state.coder_decisions).items())
    every = [
        Conflict(excerpt, target, tuple(decisions), state.rulings.get((excerpt, target)))
        for (excerpt, target), decisions in groups
        if len(set(map(attrgetter("yes", "value"), decisions))) > 1
    ]
    return [conflict for conflict in every if ruled or conflict.ruling is None]


def word(decision: CoderDecision) -> str:
    """The value of a decision, as shown in a cell."""
    return (decision.value or YES) if decision.yes else NO


def list_of_ruling(target: str, form: Form) -> str:
    """The list that a ruling on a code or finding is chosen from."""
    return "directions" if target in form.finding_ids else "answers"


def ruling_of(cells: Cells, form: Form, choices: Choices, *, headings: Mapping[str, str] | None = None) -> RowAnswers:
    """What a row rules: one draft, none if the ruling is blank, or why it cannot be used."""
    headings = headings or {}
    cell, why, target = cells.get("ruling", "").strip(), cells.get("why", "").strip(), cells["target"]
    name = list_of_ruling(target, form)
    meaning = choices.meant(name, cell) if cell else ""
    if cell and not meaning:
        return RowAnswers(fate=RowFate.DAMAGED, problems=(misspelt("ruling", cell, choices.lists[name], headings),))
    if why and not cell:
        heading = headings.get("why", "why")
        problem = Problem(
            f"column {heading}",
            message("review/gives_a_reason_without_a_ruling"),
            message("review/choose_the_ruling_or_empty"),
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

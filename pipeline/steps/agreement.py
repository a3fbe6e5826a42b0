"""`agree`: how far coders agree on codes, stances, links and directions, and each coder with the machine as one more coder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline import study as folders
from pipeline.records import Decision
from pipeline.review import agreement
from pipeline.review.agreement import COEFFICIENTS, Ratings
from pipeline.review.coders import MACHINE
from pipeline.review.settle import CoderDecision, State
from pipeline.steps import tag as tag_step
from pipeline.steps.inputs import Brief, load_brief
from pipeline.steps.review import load_frames, load_ledger, state_of
from pipeline.study import Study
from pipeline.vocabulary import AgreementNorm, CoderView, Direction, Lane, Stance

Figures = dict[str, Any]
Unit = tuple[str, str]  # excerpt, and code or finding


@dataclass(frozen=True, slots=True)
class RatingTable:
    """Decisions as numbers: units × coders, nan where a coder did not decide, and the excerpt of each unit."""

    excerpts: tuple[str, ...]
    ratings: Ratings


def agree(root: Path) -> dict[str, Any]:
    """Write outputs/agreement.json and return its content."""
    study = folders.locate_study(root)
    with folders.lock(study, "agree"):
        brief = load_brief(study)
        frames = load_frames(study, "excerpts", "placements")
        excerpts = frames["excerpts"]
        decisions = load_ledger(study)
        state = state_of(decisions, frames, brief.codebook)
        machine = machine_opinions(study, brief, excerpts, state)
        result = agreement_of(state, excerpts, brief, machine, lines={line.seq: line for line in decisions})
        folders.write_measured(study, "outputs/agreement.json", as_json(result))
    return result


def as_json(result: dict[str, Any]) -> bytes:
    """The agreement as the file that is written; what is not defined is null."""
    return (json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def agreement_of(
    state: State,
    excerpts: pd.DataFrame,
    brief: Brief,
    machine: Mapping[tuple[str, str], CoderDecision],
    *,
    lines: Mapping[int, Decision],
) -> dict[str, Any]:
    """Figures per code over all coders, of stances, links and directions; pairs with their raw tables; coders and machine.

    A criterion is listed when at least two coders decided on one excerpt for it. `by_chance` has the figures over the
    excerpts that were drawn by chance and decided blind: those alone are what the study's coders would reach on all of it.
    `lines` is the ledger by number.
    """
    persons = persons_of(excerpts)
    codes = by_target(state.coder_decisions, brief.codebook.ids)
    links = by_target(state.coder_decisions, [finding.id for finding in brief.register.findings])
    coders = sorted({opinion.coder for opinion in state.coder_decisions})
    result: dict[str, Any] = {
        "coders": coders,
        "criteria": {},
        "stance": _summary(codes, coders, persons, _stance_number, tuple(Stance)),
        "links": _summary(links, coders, persons, _yes_number, ()),
        "by_chance": _summary(
            by_target(_drawn_and_blind(state.coder_decisions, lines), brief.codebook.ids),
            coders,
            persons,
            _yes_number,
            (),
        ),
        "direction": _summary(links, coders, persons, _direction_number, tuple(Direction)),
        "pairs": {},
        "machine": {},
        "rounds": _rounds(codes, coders),
    }
    for code, opinions in codes.items():
        table = table_of(opinions, coders)
        if len(coders) > 1:
            result["criteria"][code] = _binary_figures(table, persons)
        for first, second in agreement.pairs_of(coders):
            pair = table.ratings[:, [coders.index(first), coders.index(second)]]
            result["pairs"].setdefault(f"{first} & {second}", {})[code] = _pair(pair)
        for coder in coders:
            beside = _beside_machine(opinions, coder, machine)
            result["machine"].setdefault(coder, {})[code] = {
                **_pair(beside.ratings),
                **_binary_figures(beside, persons),
            }
    return result


def figures_on(state: State, code: str, excerpts: pd.DataFrame) -> Figures | None:
    """The figures of all coders on one code, as `agreement_of` gives them; None where no two decided on one excerpt."""
    decisions = [decision for decision in state.coder_decisions if decision.target == code]
    coders = sorted({decision.coder for decision in decisions})
    if len(coders) < 2:
        return None
    table = table_of(decisions, coders)
    return _binary_figures(table, persons_of(excerpts)) if agreement.decided_twice(table.ratings).any() else None


def _drawn_and_blind(decisions: Sequence[CoderDecision], lines: Mapping[int, Decision]) -> list[CoderDecision]:
    """The decisions on excerpts that a hand-out drew by chance, and on which every coder decided blind."""
    drawn: set[str] = set()
    prompted: set[str] = set()
    for decision in decisions:
        line = lines.get(decision.seq)
        lane = line.lane if line else ""
        if lane.startswith(Lane.RANDOM):
            drawn.add(decision.excerpt_id)
        if line is None or line.shown is not CoderView.BLIND:
            prompted.add(decision.excerpt_id)
    return [decision for decision in decisions if decision.excerpt_id in drawn - prompted]


def persons_of(excerpts: pd.DataFrame) -> dict[str, str]:
    """The person (else the source) that an excerpt belongs to: what an interval leaves out at a time."""
    persons = excerpts["participant_id"].where(excerpts["participant_id"] != "", excerpts["source_id"])
    return dict(zip(excerpts["excerpt_id"], persons, strict=True))


def by_target(opinions: Sequence[CoderDecision], targets: Sequence[str]) -> dict[str, list[CoderDecision]]:
    """The opinions on each code or finding that anybody decided on, in the order of `targets`."""
    groups: dict[str, list[CoderDecision]] = {target: [] for target in targets}
    for opinion in opinions:
        if opinion.target in groups:
            groups[opinion.target].append(opinion)
    return {target: group for target, group in groups.items() if group}


def table_of(
    opinions: Sequence[CoderDecision], coders: Sequence[str], number_of: Callable[[CoderDecision], float] | None = None
) -> RatingTable:
    """Opinions as a table of numbers, by default 1 yes, 0 no; a unit is an excerpt and a code or finding."""
    number_of = number_of or _yes_number
    units: list[Unit] = sorted({(opinion.excerpt_id, opinion.target) for opinion in opinions})
    ratings = np.full((len(units), len(coders)), np.nan)
    row_of = {unit: row for row, unit in enumerate(units)}
    column_of = {coder: column for column, coder in enumerate(coders)}
    for opinion in opinions:
        ratings[row_of[opinion.excerpt_id, opinion.target], column_of[opinion.coder]] = number_of(opinion)
    return RatingTable(tuple(excerpt for excerpt, _ in units), ratings)


def _yes_number(opinion: CoderDecision) -> float:
    return float(opinion.yes)


def _stance_number(opinion: CoderDecision) -> float:
    """The number of a stance; nan for who did not give the code or gave it without a stance."""
    return _number(opinion, tuple(Stance))


def _direction_number(opinion: CoderDecision) -> float:
    return _number(opinion, tuple(Direction))


def _number(opinion: CoderDecision, words: Sequence[str]) -> float:
    return float(words.index(opinion.value)) if opinion.yes and opinion.value in words else np.nan


def machine_opinions(
    study: Study, brief: Brief, excerpts: pd.DataFrame, state: State
) -> dict[tuple[str, str], CoderDecision]:
    """What the machine says, as one more coder, of the excerpts that people decided on.

    It is trained on the seeds alone: a model that has learnt from these very decisions would agree too well.
    """
    decided = excerpts[excerpts["excerpt_id"].isin(list({opinion.excerpt_id for opinion in state.coder_decisions}))]
    if decided.empty:
        return {}
    return {
        (row["excerpt_id"], row["criterion"]): CoderDecision(
            excerpt_id=row["excerpt_id"],
            target=row["criterion"],
            coder=MACHINE,
            yes=bool(row["coded"]),
            value=row["stance"],
            seq=0,
        )
        for row in tag_step.code_unseen(study, brief, decided).to_dict("records")
    }


def _beside_machine(
    opinions: Sequence[CoderDecision], coder: str, machine: Mapping[tuple[str, str], CoderDecision]
) -> RatingTable:
    of_coder = [opinion for opinion in opinions if opinion.coder == coder]
    coded = [machine[key] for opinion in of_coder if (key := (opinion.excerpt_id, opinion.target)) in machine]
    return table_of([*of_coder, *coded], [coder, MACHINE])


def _summary(
    opinions: Mapping[str, Sequence[CoderDecision]],
    coders: Sequence[str],
    persons: Mapping[str, str],
    number_of: Callable[[CoderDecision], float],
    words: Sequence[str],
) -> dict[str, Any]:
    """Figures over all codes or findings together, and of each by itself; empty where no two coders answered on one unit."""
    tables = {target: table_of(group, coders, number_of) for target, group in opinions.items()}
    together = table_of([opinion for group in opinions.values() for opinion in group], coders, number_of)
    if len(coders) < 2 or not agreement.decided_twice(together.ratings).any():
        return {}

    def figures(table: RatingTable) -> Figures:
        return _nominal_figures(table, persons, words) if words else _binary_figures(table, persons)

    each = {target: figures(table) for target, table in tables.items() if agreement.decided_twice(table.ratings).any()}
    return {"overall": figures(together), "each": each}


def _figures(table: RatingTable, persons: Mapping[str, str]) -> Figures:
    groups = [persons[excerpt] for excerpt in table.excerpts]
    figures: Figures = {}
    for name, coefficient in COEFFICIENTS.items():
        figure = agreement.with_interval(coefficient, table.ratings, groups)
        figures[name] = {key: _or_null(getattr(figure, key)) for key in ("value", "low", "high")}
        if name == "alpha":
            figures["rarer"] = agreement.rarer(table.ratings)
            figures["norm"] = str(agreement.norm(figure, figures["rarer"]))
    twice = agreement.decided_twice(table.ratings)
    figures["n"] = int(twice.sum())
    figures["persons"] = len({group for group, is_twice in zip(groups, twice, strict=True) if is_twice})
    return figures


def _binary_figures(table: RatingTable, persons: Mapping[str, str]) -> Figures:
    twice = agreement.decided_twice(table.ratings)
    return {
        **_figures(table, persons),
        "positives": int((table.ratings[twice] == 1).any(axis=1).sum()),
        "prevalence": _or_null(round(agreement.prevalence(table.ratings), 4)),
    }


def _nominal_figures(table: RatingTable, persons: Mapping[str, str], words: Sequence[str]) -> Figures:
    answers = table.ratings[agreement.decided_twice(table.ratings)]
    counts = {str(word): int((answers == number).sum()) for number, word in enumerate(words)}
    return {**_figures(table, persons), "answers": counts}


def _or_null(value: float) -> float | None:
    return None if isnan(value) else value


def _pair(pair: Ratings) -> dict[str, Any]:
    kappa = round(agreement.kappa(pair).value, 4)
    return {"counts": agreement.raw_counts(pair[:, 0], pair[:, 1]), "kappa": _or_null(kappa)}


def _rounds(opinions: Mapping[str, Sequence[CoderDecision]], coders: Sequence[str]) -> dict[str, int]:
    """How many excerpts were decided by one coder, by two, ..."""
    decisions = {(opinion.excerpt_id, opinion.coder) for group in opinions.values() for opinion in group}
    coders_of_excerpt = Counter(excerpt for excerpt, _ in decisions)
    excerpts_by_coders = Counter(coders_of_excerpt.values())
    return {f"decided by {n}": excerpts_by_coders[n] for n in range(1, len(coders) + 1)}


# ---- as text

HEADS = ("n", "persons", "positives", "percent", "kappa", "alpha", "95 % interval", "AC1", "prevalence")
WIDTHS = (5, 9, 11, 9, 8, 8, 18, 8, 12)
NAME = 24  # characters of the first column


def as_text(result: dict[str, Any]) -> list[str]:
    """The agreement as tables in lines, with the norms that they are read by."""
    if not result["criteria"]:
        return ["No excerpt was decided by two coders yet: make review-export CODER=second SAME_AS=first"]
    lines = [_line("code", HEADS)]
    lines += [_row(code, figures) for code, figures in result["criteria"].items()]
    for key, name in (
        ("stance", "stance, all codes"),
        ("links", "links, all findings"),
        ("direction", "direction of links"),
    ):
        if result[key]:
            lines.append(_row(name, result[key]["overall"]))
    for first, second in agreement.pairs_of(result["coders"]):
        lines += _raw_table(first, second, result["pairs"][f"{first} & {second}"])
    for coder, codes in result["machine"].items():
        alphas = [
            f"{code} {row['alpha']['value']:.2f}" for code, row in codes.items() if row["alpha"]["value"] is not None
        ]
        lines.append(f"machine and {coder}: alpha " + ", ".join(alphas))
    if not result["by_chance"]:
        lines.append(
            "No excerpt drawn by chance was decided blind by two coders: these figures are of chosen excerpts."
        )
    lines.append("The machine has not learnt from these decisions.")
    lines.append(
        "The word goes by the lower bound of alpha: from .80 firm, from .667 tentative, below: revise the codebook first "
        "(Krippendorff 2004)."
    )
    return lines


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<{NAME}}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True))


def _row(name: str, figures: Figures) -> str:
    cells = (
        str(figures["n"]),
        str(figures["persons"]),
        str(figures.get("positives", "-")),
        *(_shown(figures[key]["value"]) for key in ("percent", "kappa", "alpha")),
        f"{_shown(figures['alpha']['low'])} to {_shown(figures['alpha']['high'])}",
        _shown(figures["ac1"]["value"]),
        _shown(figures.get("prevalence")),
    )
    return f"{_line(name, cells)}  {_norm_in_words(figures)}"


def _norm_in_words(figures: Figures) -> str:
    norm = AgreementNorm(figures["norm"])
    if norm is not AgreementNorm.TOO_FEW:
        return str(norm)
    if figures["rarer"] == figures.get("positives"):
        return f"{norm}: {figures['rarer']} positives"
    return f"{norm}: {figures['rarer']} unlike the commonest answer"


CELLS = ("yes_yes", "yes_no", "no_yes", "no_no")  # both say yes, only the first, only the second, neither


def _raw_table(first: str, second: str, codes: Mapping[str, Figures]) -> list[str]:
    """The table behind the figures of two coders: for each code, how many excerpts both, one or neither gave it."""
    heads = ("both yes", f"only {first}", f"only {second}", "both no")
    widths = [max(10, len(head) + 2) for head in heads]
    lines = [f"{f'{first} & {second}':<{NAME}}" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True))]
    for code, row in codes.items():
        counts = [row["counts"][cell] for cell in CELLS]
        lines.append(f"{code:<{NAME}}" + "".join(f"{n:>{w}}" for n, w in zip(counts, widths, strict=True)))
    return lines


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"

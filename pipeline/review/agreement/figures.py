"""Agreement of a study: on codes, stances, links and directions, with the machine as one more coder, and with oneself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.records import Decision
from pipeline.review.agreement import coefficients
from pipeline.review.agreement.coefficients import COEFFICIENTS, Ratings
from pipeline.review.agreement.unitizing import agreement_on_spans
from pipeline.review.coders import MACHINE
from pipeline.review.settle import CoderDecision, State
from pipeline.vocabulary import CoderView, DecisionKind, Direction, Lane, Stance

if TYPE_CHECKING:
    import pandas as pd

Figures = dict[str, Any]
Unit = tuple[str, str]  # excerpt, and code or finding


UNRECORDED, DIFFERENT = "unrecorded", "different"  # lines of older versions; coders who saw different things
VIEWS = (*map(str, CoderView), UNRECORDED, DIFFERENT)


@dataclass(frozen=True, slots=True)
class RatingTable:
    """Decisions as numbers: units × coders, nan where a coder did not decide, and the excerpt of each unit."""

    excerpts: tuple[str, ...]
    ratings: Ratings


def agreement_of(
    state: State,
    excerpts: pd.DataFrame,
    machine: Mapping[Unit, CoderDecision],
    *,
    codes: Sequence[str],
    findings: Sequence[str],
    lines: Mapping[int, Decision],
) -> dict[str, Any]:
    """Figures per code over all coders, of stances, links and directions; pairs with their raw tables; coders and machine.

    A criterion is listed when at least two coders decided on one excerpt for it. `by_chance` has the figures over the
    excerpts that were drawn at random and decided blind: only these estimate the agreement on the whole study.
    `by_view` has them by what coders saw while they decided, and `machine_in_sight` compares the machine with decisions made
    with its suggestion in sight, which `machine` leaves out. `spans` is on marked words.
    `lines` is the ledger by number.
    """
    persons = persons_of(excerpts)
    of_codes = by_target(state.coder_decisions, codes)
    links = by_target(state.coder_decisions, findings)
    coders = sorted({opinion.coder for opinion in state.coder_decisions})

    def summary(opinions: Sequence[CoderDecision]) -> dict[str, Any]:
        return _summary(by_target(opinions, codes), coders, persons, _yes_number, ())

    by_view = {view: summary(opinions) for view, opinions in _by_view(state.coder_decisions, lines).items()}
    prompted = {seq for seq, line in lines.items() if line.shown is CoderView.SUGGESTION}
    parted = _parted(of_codes, prompted)
    return {
        "coders": coders,
        "criteria": _criteria(of_codes, coders, persons),
        "stance": _summary(of_codes, coders, persons, _stance_number, tuple(Stance)),
        "links": _summary(links, coders, persons, _yes_number, ()),
        "by_chance": summary(_drawn_and_blind(state.coder_decisions, lines)),
        "by_view": {view: figures for view, figures in by_view.items() if figures},
        "direction": _summary(links, coders, persons, _direction_number, tuple(Direction)),
        "pairs": _pairs_by_code(of_codes, coders),
        "machine": _machine_figures(parted.without, coders, persons, machine),
        "machine_in_sight": _machine_figures(parted.in_sight, coders, persons, machine),
        "rounds": _rounds(of_codes, coders),
        "spans": agreement_on_spans(state.spans, codes, persons),
    }


Opinions = Mapping[str, Sequence[CoderDecision]]  # by code


def _criteria(codes: Opinions, coders: Sequence[str], persons: Mapping[str, str]) -> dict[str, Figures]:
    if len(coders) < 2:
        return {}
    return {code: _binary_figures(table_of(opinions, coders), persons) for code, opinions in codes.items()}


def _pairs_by_code(codes: Opinions, coders: Sequence[str]) -> dict[str, dict[str, Any]]:
    """For each pair of coders and each code the raw table and kappa."""
    tables = {code: table_of(opinions, coders) for code, opinions in codes.items()}
    pairs: dict[str, dict[str, Any]] = {}
    for first, second in coefficients.pairs_of(coders):
        columns = [coders.index(first), coders.index(second)]
        pairs[f"{first} & {second}"] = {code: _pair(table.ratings[:, columns]) for code, table in tables.items()}
    return pairs


def _machine_figures(
    codes: Opinions, coders: Sequence[str], persons: Mapping[str, str], machine: Mapping[Unit, CoderDecision]
) -> dict[str, dict[str, Figures]]:
    """For each coder and code, the machine as a second coder; coders without a decision are left out."""
    figures: dict[str, dict[str, Figures]] = {}
    for code, opinions in codes.items():
        for coder in coders:
            if any(opinion.coder == coder for opinion in opinions):
                beside = _beside_machine(opinions, coder, machine)
                of_coder = figures.setdefault(coder, {})
                of_coder[code] = {**_pair(beside.ratings), **_binary_figures(beside, persons)}
    return figures


@dataclass(frozen=True, slots=True)
class PartedOpinions:
    """Opinions by code, separated by whether the machine's suggestion was in sight."""

    without: Opinions
    in_sight: Opinions


def _parted(codes: Opinions, prompted: Collection[int]) -> PartedOpinions:
    without: dict[str, list[CoderDecision]] = {}
    in_sight: dict[str, list[CoderDecision]] = {}
    for code, opinions in codes.items():
        without[code] = [opinion for opinion in opinions if opinion.seq not in prompted]
        in_sight[code] = [opinion for opinion in opinions if opinion.seq in prompted]
    return PartedOpinions(without=without, in_sight=in_sight)


def _by_view(decisions: Sequence[CoderDecision], lines: Mapping[int, Decision]) -> dict[str, list[CoderDecision]]:
    """The decisions by what all coders of an excerpt saw while they decided: VIEWS, in this order."""
    seen: dict[str, set[str]] = {}
    for decision in decisions:
        line = lines.get(decision.seq)
        seen.setdefault(decision.excerpt_id, set()).add(str(line.shown) if line and line.shown else UNRECORDED)
    groups: dict[str, list[CoderDecision]] = {view: [] for view in VIEWS}
    for decision in decisions:
        views = seen[decision.excerpt_id]
        groups[next(iter(views)) if len(views) == 1 else DIFFERENT].append(decision)
    return groups


def figures_on(state: State, code: str, excerpts: pd.DataFrame) -> Figures | None:
    """The figures of all coders on one code, as `agreement_of` gives them; None if no two decided on one excerpt."""
    decisions = [decision for decision in state.coder_decisions if decision.target == code]
    coders = sorted({decision.coder for decision in decisions})
    if len(coders) < 2:
        return None
    table = table_of(decisions, coders)
    if not coefficients.decided_twice(table.ratings).any():
        return None
    pairs = {
        f"{first} & {second}": _pair(table.ratings[:, [coders.index(first), coders.index(second)]])
        for first, second in coefficients.pairs_of(coders)
    }
    persons = persons_of(excerpts)
    marked = agreement_on_spans(state.spans, [code], persons)
    return {**_binary_figures(table, persons), "pairs": pairs, "spans": marked.get(code)}


def second_looks(
    decisions: Sequence[Decision], coder: str, resolve: Callable[[Sequence[Decision]], State]
) -> Figures | None:
    """How well a coder agrees with their own first answers on excerpts that came back; None if none was decided again.

    The first answer is the one that held when the excerpt came back. `resolve` gives the state of some decisions.
    """
    came_back = _came_back(decisions, coder)
    if not came_back:
        return None
    table = table_of(list(_both_looks(decisions, coder, came_back, resolve)), ["first", "second"])
    both = ~np.isnan(table.ratings).any(axis=1)
    return {
        "excerpts": len(came_back),
        "decisions": int(both.sum()),
        "counts": coefficients.raw_counts(table.ratings[:, 0], table.ratings[:, 1]),
        "percent": _or_null(round(coefficients.percent(table.ratings).value, 4)),
        "alpha": _or_null(round(coefficients.alpha(table.ratings).value, 4)),
    }


def _came_back(decisions: Sequence[Decision], coder: str) -> dict[str, int]:
    """The excerpts that a coder decided on a second time, each with the first line of that."""
    came_back: dict[str, int] = {}
    for line in decisions:
        if line.coder == coder and line.lane == Lane.SECOND_LOOK:
            came_back.setdefault(line.excerpt_id, line.seq)
    return came_back


def _both_looks(
    decisions: Sequence[Decision],
    coder: str,
    came_back: Mapping[str, int],
    resolve: Callable[[Sequence[Decision]], State],
) -> Iterator[CoderDecision]:
    """What a coder decided on the excerpts that came back, as two coders: the first look and the second."""
    lines = [line for line in decisions if line.coder == coder and line.excerpt_id in came_back]
    changes = [line for line in decisions if line.kind is DecisionKind.CODEBOOK]
    before = [line for line in lines if line.seq < came_back[line.excerpt_id]]
    again = [line for line in lines if line.lane == Lane.SECOND_LOOK]
    for look, of_look in (("first", before), ("second", again)):
        for decision in _codes_in(resolve, [*changes, *of_look]):
            yield replace(decision, coder=look)


def _codes_in(resolve: Callable[[Sequence[Decision]], State], lines: Sequence[Decision]) -> Iterator[CoderDecision]:
    """The present decisions on codes of some lines."""
    ordered = sorted(lines, key=attrgetter("seq"))
    findings = {line.finding_id for line in ordered if line.finding_id}
    yield from (decision for decision in resolve(ordered).coder_decisions if decision.target not in findings)


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
    """The person of each excerpt, or its source if unknown: the unit that the jackknife leaves out."""
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
    """Figures over all codes or findings together, and of each by itself; empty if no two coders answered on one unit."""
    tables = {target: table_of(group, coders, number_of) for target, group in opinions.items()}
    together = table_of([opinion for group in opinions.values() for opinion in group], coders, number_of)
    if len(coders) < 2 or not coefficients.decided_twice(together.ratings).any():
        return {}

    def figures(table: RatingTable) -> Figures:
        return _nominal_figures(table, persons, words) if words else _binary_figures(table, persons)

    each = {
        target: figures(table) for target, table in tables.items() if coefficients.decided_twice(table.ratings).any()
    }
    return {"overall": figures(together), "each": each}


def _figures(table: RatingTable, persons: Mapping[str, str]) -> Figures:
    groups = [persons[excerpt] for excerpt in table.excerpts]
    figures: Figures = {}
    for name, coefficient in COEFFICIENTS.items():
        figure = coefficients.with_interval(coefficient, table.ratings, groups)
        figures[name] = {key: _or_null(getattr(figure, key)) for key in ("value", "low", "high")}
        if name == "alpha":
            figures["rarer"] = coefficients.rarer(table.ratings)
            figures["norm"] = str(coefficients.norm(figure, figures["rarer"]))
    twice = coefficients.decided_twice(table.ratings)
    figures["n"] = int(twice.sum())
    figures["persons"] = len({group for group, is_twice in zip(groups, twice, strict=True) if is_twice})
    return figures


def _binary_figures(table: RatingTable, persons: Mapping[str, str]) -> Figures:
    twice = coefficients.decided_twice(table.ratings)
    return {
        **_figures(table, persons),
        "positives": int((table.ratings[twice] == 1).any(axis=1).sum()),
        "prevalence": _or_null(round(coefficients.prevalence(table.ratings), 4)),
    }


def _nominal_figures(table: RatingTable, persons: Mapping[str, str], words: Sequence[str]) -> Figures:
    answers = table.ratings[coefficients.decided_twice(table.ratings)]
    counts = {str(word): int((answers == number).sum()) for number, word in enumerate(words)}
    return {**_figures(table, persons), "answers": counts}


def _or_null(value: float) -> float | None:
    return None if isnan(value) else value


def _pair(pair: Ratings) -> dict[str, Any]:
    kappa = round(coefficients.kappa(pair).value, 4)
    return {"counts": coefficients.raw_counts(pair[:, 0], pair[:, 1]), "kappa": _or_null(kappa)}


def _rounds(opinions: Mapping[str, Sequence[CoderDecision]], coders: Sequence[str]) -> dict[str, int]:
    """How many excerpts were decided by one coder, by two, ..."""
    decisions = {(opinion.excerpt_id, opinion.coder) for group in opinions.values() for opinion in group}
    coders_of_excerpt = Counter(excerpt for excerpt, _ in decisions)
    excerpts_by_coders = Counter(coders_of_excerpt.values())
    return {f"decided by {n}": excerpts_by_coders[n] for n in range(1, len(coders) + 1)}

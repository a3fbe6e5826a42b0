"""`agree`: how far coders agree with each other, and each with the machine as one more coder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline import study as folders
from pipeline.review import agreement
from pipeline.review.agreement import COEFFICIENTS, Ratings
from pipeline.review.settle import Opinion, State
from pipeline.steps import tag as tag_step
from pipeline.steps.inputs import Brief, load_brief
from pipeline.steps.review import load_frames, load_ledger, state_of
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

MACHINE = "machine"
UNDEFINED = "not defined: all decisions are the same"


def agree(root: Path) -> dict[str, Any]:
    """Write outputs/agreement.json and return its content."""
    study = folders.locate_study(root)
    with folders.lock(study, "agree"):
        brief = load_brief(study)
        excerpts = load_frames(study, "excerpts")["excerpts"]
        state = state_of(load_ledger(study), excerpts, brief.codebook)
        result = agreement_of(state, excerpts, brief, machine_opinions(study, brief, excerpts, state))
        folders.write_measured(study, "outputs/agreement.json", as_json(result))
    return result


def as_json(result: dict[str, Any]) -> bytes:
    """The agreement as the file that is written; what is not defined is null."""
    return (json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def agreement_of(
    state: State, excerpts: pd.DataFrame, brief: Brief, machine: dict[tuple[str, str], Opinion]
) -> dict[str, Any]:
    """Per code: coefficients with intervals by person over all coders; every pair with its raw table; each coder and the machine.

    A criterion stands here when at least two coders decided on one excerpt for it; `alone` lists coders that no other met.
    """
    seed = brief.settings.study.seed
    groups = groups_of(excerpts)
    opinions = by_criterion(state.opinions, brief.codebook.ids)
    coders = sorted({o.coder for o in chain.from_iterable(opinions.values())})
    result: dict[str, Any] = {
        "coders": coders,
        "criteria": {},
        "pairs": {},
        "machine": {},
        "rounds": _rounds(opinions, coders),
    }
    for criterion, said in opinions.items():
        units, ratings = table_of(said, coders)
        if len(coders) > 1:
            result["criteria"][criterion] = _figures(ratings, [groups[u] for u in units], seed)
        for first, second in agreement.pairs_of(coders):
            pair = ratings[:, [coders.index(first), coders.index(second)]]
            result["pairs"].setdefault(f"{first} & {second}", {})[criterion] = _pair(pair)
        for coder in coders:
            mine = [o for o in said if o.coder == coder]
            both = [*mine, *(machine[o.excerpt_id, criterion] for o in mine if (o.excerpt_id, criterion) in machine)]
            units, pair = table_of(both, [coder, MACHINE])
            result["machine"].setdefault(coder, {})[criterion] = {
                **_pair(pair), **_figures(pair, [groups[u] for u in units], seed)
            }  # fmt: skip
    return result


def groups_of(excerpts: pd.DataFrame) -> dict[str, str]:
    """The person (else the source) that an excerpt belongs to: what the bootstrap draws."""
    groups = excerpts["participant_id"].where(excerpts["participant_id"] != "", excerpts["source_id"])
    return dict(zip(excerpts["excerpt_id"], groups, strict=True))


def by_criterion(opinions: Sequence[Opinion], codes: Sequence[str]) -> dict[str, list[Opinion]]:
    """The opinions on each code that anybody has one on."""
    found = {code: [o for o in opinions if o.target == code] for code in codes}
    return {code: said for code, said in found.items() if said}


def table_of(opinions: Sequence[Opinion], coders: Sequence[str]) -> tuple[list[str], Ratings]:
    """The excerpts that anybody decided, and units × coders with 1 yes, 0 no, nan not decided."""
    units = sorted({o.excerpt_id for o in opinions})
    ratings = np.full((len(units), len(coders)), np.nan)
    at = {unit: i for i, unit in enumerate(units)}
    for o in opinions:
        ratings[at[o.excerpt_id], coders.index(o.coder)] = float(o.yes)
    return units, ratings


def machine_opinions(
    study: Study, brief: Brief, excerpts: pd.DataFrame, state: State
) -> dict[tuple[str, str], Opinion]:
    """What the machine says, as one more coder, of the excerpts that people decided on.

    It is asked with the seeds as its only teachers: a model that has learnt from these very decisions would agree too well.
    """
    decided = excerpts[excerpts["excerpt_id"].isin(list({o.excerpt_id for o in state.opinions}))]
    if decided.empty:
        return {}
    return {
        (row["excerpt_id"], row["criterion"]): Opinion(
            row["excerpt_id"], row["criterion"], MACHINE, bool(row["coded"]), row["stance"], 0
        )
        for row in tag_step.code_unseen(study, brief, decided).to_dict("records")
    }


def _figures(ratings: Ratings, groups: Sequence[str], seed: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, coefficient in COEFFICIENTS.items():
        figure = agreement.with_interval(coefficient, ratings, groups, seed=seed)
        figures[name] = {"value": _known(figure.value), "low": _known(figure.low), "high": _known(figure.high)}
    decided_twice = int(((~np.isnan(ratings)).sum(axis=1) > 1).sum())
    alpha = figures["alpha"]["value"]
    norm = agreement.norm(alpha) if alpha is not None else UNDEFINED
    return {**figures, "prevalence": _known(round(agreement.prevalence(ratings), 4)), "n": decided_twice, "norm": norm}


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def _pair(pair: Ratings) -> dict[str, Any]:
    return {"counts": agreement.raw_counts(pair[:, 0], pair[:, 1]), "kappa": _known(round(agreement.kappa(pair), 4))}


def _rounds(opinions: dict[str, list[Opinion]], coders: Sequence[str]) -> dict[str, int]:
    """How many excerpts were decided by so many coders."""
    by_excerpt: dict[str, set[str]] = {}
    for o in chain.from_iterable(opinions.values()):
        by_excerpt.setdefault(o.excerpt_id, set()).add(o.coder)
    counts = [len(who) for who in by_excerpt.values()]
    return {f"decided by {n}": counts.count(n) for n in range(1, len(coders) + 1)}


def as_text(result: dict[str, Any]) -> list[str]:
    """The agreement as a table in lines, with the norms that it is read by."""
    if not result["criteria"]:
        return ["No excerpt was decided by two coders yet: make review-export CODER=second SAME_AS=first"]
    lines = [
        f"{'code':<24}{'n':>5}{'percent':>9}{'kappa':>8}{'alpha':>8}{'95 % interval':>18}{'AC1':>8}{'prevalence':>12}"
    ]
    for criterion, row in result["criteria"].items():
        values = [_shown(row[name]["value"]) for name in ("percent", "kappa", "alpha")]
        interval = f"{_shown(row['alpha']['low'])} to {_shown(row['alpha']['high'])}"
        cells = [f"{row['n']:>5}", f"{values[0]:>9}", f"{values[1]:>8}", f"{values[2]:>8}", f"{interval:>18}"]
        lines.append(
            f"{criterion:<24}{''.join(cells)}{_shown(row['ac1']['value']):>8}{_shown(row['prevalence']):>12}  {row['norm']}"
        )
    lines += _raw_tables(result["pairs"])
    for coder, codes in result["machine"].items():
        known = [(code, row["alpha"]["value"]) for code, row in codes.items() if row["alpha"]["value"] is not None]
        lines.append(f"machine beside {coder}: alpha " + ", ".join(f"{code} {value:.2f}" for code, value in known))
    lines.append("The machine was asked without having learnt from these decisions.")
    lines.append("alpha: .80 and above firm, .667 to .80 tentative, below: fix the codebook first (Krippendorff 2004)")
    return lines


CELLS = ("yes_yes", "yes_no", "no_yes", "no_no")  # both say yes, only the first, only the second, neither


def _raw_tables(pairs: dict[str, dict[str, Any]]) -> list[str]:
    """The tables behind the figures: for each pair of coders and each code, how many excerpts both, one or neither gave it."""
    lines = []
    for pair, codes in pairs.items():
        first, _, second = pair.partition(" & ")
        heads = ("both yes", f"only {first}", f"only {second}", "both no")
        widths = [max(10, len(head) + 2) for head in heads]
        lines.append(f"{pair:<24}" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True)))
        for code, row in codes.items():
            counts = [row["counts"][cell] for cell in CELLS]
            lines.append(f"{code:<24}" + "".join(f"{n:>{w}}" for n, w in zip(counts, widths, strict=True)))
    return lines


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"

"""The human ceiling: how far one coder of the study finds what another finds, in the figures that the tagger is measured by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.review import agreement
from pipeline.review.agreement import Ratings
from pipeline.review.settle import Opinion
from pipeline.steps import review as review_step
from pipeline.steps.agreement import by_criterion, groups_of, table_of
from pipeline.steps.inputs import Brief
from pipeline.study import Study

FIGURES = {"f1": agreement.f1, "alpha": agreement.alpha}


def human(study: Study, brief: Brief) -> dict[str, Any]:
    """The ceiling of a study's coders, from the excerpts that two of them or more decided on; empty where there are none."""
    ledger = review_step.load_ledger(study)
    if not ledger:
        return {}
    excerpts = review_step.load_frames(study, "excerpts")["excerpts"]
    state = review_step.state_of(ledger, excerpts, brief.codebook)
    opinions = by_criterion(state.opinions, brief.codebook.ids)
    return ceiling(opinions, groups_of(excerpts), brief.settings.study.seed)


def ceiling(opinions: Mapping[str, Sequence[Opinion]], groups: Mapping[str, str], seed: int) -> dict[str, Any]:
    """Per code: F1 of one coder against another and alpha, with intervals by person, over what both decided on."""
    coders = sorted({o.coder for said in opinions.values() for o in said})
    tables = {code: _decided_twice(*table_of(said, coders)) for code, said in opinions.items()}
    criteria = {
        code: _figures(ratings, [groups[u] for u in units], seed) for code, (units, ratings) in tables.items() if units
    }
    if not criteria:
        return {}
    known = [row["f1"]["value"] for row in criteria.values() if row["f1"]["value"] is not None]
    excerpts = {unit for units, _ in tables.values() for unit in units}
    mean = round(sum(known) / len(known), 4) if known else None
    return {"criteria": criteria, "macro_f1": mean, "coders": len(coders), "n": len(excerpts)}


def _decided_twice(units: Sequence[str], ratings: Ratings) -> tuple[list[str], Ratings]:
    rows = (~np.isnan(ratings)).sum(axis=1) > 1
    return [unit for unit, row in zip(units, rows, strict=True) if row], ratings[rows]


def _figures(ratings: Ratings, groups: Sequence[str], seed: int) -> dict[str, Any]:
    found: dict[str, Any] = {"n": len(ratings)}
    for name, coefficient in FIGURES.items():
        figure = agreement.with_interval(coefficient, ratings, groups, seed=seed)
        found[name] = {key: _known(getattr(figure, key)) for key in ("value", "low", "high")}
    return found


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value

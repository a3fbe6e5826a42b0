"""The human ceiling: how well two coders of the study agree, in the figures by which the tagger is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from pipeline.review.agreement import coefficients
from pipeline.review.agreement.figures import RatingTable, by_target, persons_of, table_of
from pipeline.review.settle import CoderDecision
from pipeline.steps import review as review_step
from pipeline.steps.inputs import Brief
from pipeline.study import Study

FIGURES = {"f1": coefficients.f1, "alpha": coefficients.alpha}


def human(study: Study, brief: Brief) -> dict[str, Any]:
    """The ceiling of a study's coders, from the excerpts that two of them or more decided on; empty if there are none."""
    ledger = review_step.load_ledger(study)
    if not ledger:
        return {}
    frames = review_step.load_frames(study, "excerpts", "placements")
    state = review_step.state_of(ledger, frames, brief.codebook)
    return ceiling(by_target(state.coder_decisions, brief.codebook.ids), persons_of(frames["excerpts"]))


def ceiling(opinions: Mapping[str, Sequence[CoderDecision]], persons: Mapping[str, str]) -> dict[str, Any]:
    """Per code: F1 of one coder against another and alpha, with intervals by person, over what both decided on."""
    coders = sorted({opinion.coder for group in opinions.values() for opinion in group})
    tables = {code: _decided_twice(table_of(group, coders)) for code, group in opinions.items()}
    criteria = {code: _figures(table, persons) for code, table in tables.items() if table.excerpts}
    if not criteria:
        return {}
    defined = [row["f1"]["value"] for row in criteria.values() if row["f1"]["value"] is not None]
    excerpts = {excerpt for table in tables.values() for excerpt in table.excerpts}
    mean = round(sum(defined) / len(defined), 4) if defined else None
    return {"criteria": criteria, "macro_f1": mean, "coders": len(coders), "n": len(excerpts)}


def _decided_twice(table: RatingTable) -> RatingTable:
    rows = coefficients.decided_twice(table.ratings)
    excerpts = tuple(excerpt for excerpt, twice in zip(table.excerpts, rows, strict=True) if twice)
    return RatingTable(excerpts, table.ratings[rows])


def _figures(table: RatingTable, persons: Mapping[str, str]) -> dict[str, Any]:
    groups = [persons[excerpt] for excerpt in table.excerpts]
    figures: dict[str, Any] = {"n": len(table.ratings)}
    for name, coefficient in FIGURES.items():
        figure = coefficients.with_interval(coefficient, table.ratings, groups)
        figures[name] = {key: _or_null(getattr(figure, key)) for key in ("value", "low", "high")}
    return figures


def _or_null(value: float) -> float | None:
    return None if isnan(value) else value

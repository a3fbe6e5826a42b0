"""How good further voters are by themselves, on the texts on which they voted; nobody is asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.evaluation import metrics
from pipeline.evaluation.data import EvaluationData
from pipeline.tag.learning.classifier import truth_of
from pipeline.tag.voters import text_key


def report(data: EvaluationData, rows: np.ndarray) -> dict[str, Any]:
    """Macro- and micro-F1 of each voter on some of the examples; what it has no opinion on counts as not given."""
    figures = {}
    for number, seat in enumerate(data.panel.seats):
        judged = [int(row) for row in rows if text_key(data.examples[row]) in seat.ballots]
        if not judged:
            continue
        examples, codes = [data.examples[row] for row in judged], data.codebook.ids
        truth = truth_of([dict(example.codes) for example in examples], [example.asked for example in examples], codes)
        predicted = data.features.by_voters[judged][:, :, 2 * number] > 0
        macro = metrics.macro_f1(predicted, truth)
        figures[seat.name] = {
            "version": seat.version,
            "n": len(judged),
            "macro_f1": None if np.isnan(macro) else round(macro, 4),
            "micro_f1": round(float(metrics.f1(*metrics.counts(predicted, truth).sum(axis=(0, 1)))), 4),
            "criteria": metrics.f1_by_code(codes, predicted, truth),
        }
    return figures

"""How good the tagger is: per code with intervals by group, calibration, candidates, stance, languages; known truth against scores.

Truth and predictions are matrices, texts x codes; a cell that nobody decided on is nan and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import hypergeom
from sklearn.metrics import average_precision_score

from pipeline.review.agreement import coefficients
from pipeline.vocabulary import Stance

ROUNDS = 1000  # of the bootstrap
BINS = 10  # of the reliability figure


@dataclass(frozen=True, slots=True)
class Scored:
    """Texts with their true codes and those of the tagger.

    truth: 1, 0 or nan; chances: probabilities; coded, candidates, sets: what the thresholds, the lower thresholds and the
    likeliest set of the text give; stances: (row, column) -> (true, said) of rightly coded cells; group and language per text.
    """

    codes: tuple[str, ...]
    truth: np.ndarray
    chances: np.ndarray
    coded: np.ndarray
    candidates: np.ndarray
    sets: np.ndarray
    stances: Mapping[tuple[int, int], tuple[str, str]]
    groups: tuple[str, ...]
    languages: tuple[str, ...]
    prompted: np.ndarray  # whether a pattern of the code matches the text (texts x codes)
    not_learnt: tuple[str, ...] = ()  # codes that the examples taught nothing of
    unreliable: tuple[str, ...] = ()  # codes that were learnt, but not well enough to be coded


def report(scored: Scored, seed: int) -> dict[str, Any]:
    """The figures in the form of quality.json."""
    weights = draws(scored.groups, seed)
    criteria = {code: _criterion(scored, column, weights) for column, code in enumerate(scored.codes)}
    counted = counts(scored.coded, scored.truth)
    return {
        "criteria": criteria,
        "macro_f1": _round(macro_f1(scored.coded, scored.truth)),
        "macro_f1_interval": _macro_interval(scored, weights),
        "micro_f1": _round(f1(*counted.sum(axis=(0, 1)))),
        "samples_f1": _round(samples_f1(scored.sets, scored.truth)),
        "calibration_error": _mean([c["calibration_error"] for c in criteria.values()]),
        "candidates": {
            "recall": _mean([c["candidates"]["recall"] for c in criteria.values()]),
            "precision": _mean([c["candidates"]["precision"] for c in criteria.values()]),
        },
        "stance_accuracy": _stance_accuracy(scored, range(len(scored.codes))),
        "stances": _stances(scored),
        "unprompted": _unprompted(scored),
        "not_learnt": list(scored.not_learnt),
        "unreliable": list(scored.unreliable),
        "languages": _languages(scored),
        "reliability": _reliability_of_all(scored),
        "n": len(scored.groups),
        "groups": len(set(scored.groups)),
    }


def counts(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Per text and code: (true positive, false positive, false negative), texts x codes x 3."""
    yes, no, claimed = truth == 1, truth == 0, predicted.astype(bool)
    return np.stack([yes & claimed, no & claimed, yes & ~claimed], axis=2).astype(float)


def f1(right: Any, wrong: Any, missed: Any) -> Any:
    """2 TP / (2 TP + FP + FN); 0 where there is nothing."""
    return 2 * right / np.maximum(2 * right + wrong + missed, 1e-12)


def macro_f1(predicted: np.ndarray, truth: np.ndarray) -> float:
    """The mean F1 over the codes that occur in the truth."""
    occurs = (truth == 1).any(axis=0)
    totals = counts(predicted, truth).sum(axis=0)
    return float(f1(*totals[occurs].T).mean()) if occurs.any() else float(np.nan)


def f1_by_code(codes: Sequence[str], predicted: np.ndarray, truth: np.ndarray) -> dict[str, float | None]:
    """The F1 of each code; None for one that does not occur in the truth."""
    totals = counts(predicted, truth).sum(axis=0)
    occurs = (truth == 1).any(axis=0)
    return {code: _round(f1(*totals[i])) if occurs[i] else None for i, code in enumerate(codes)}


def samples_f1(sets: np.ndarray, truth: np.ndarray) -> float:
    """The mean over texts of the F1 of the text's set of codes; 1 where both sets are empty."""
    right, wrong, missed = counts(sets, truth).sum(axis=1).T
    both_empty = right + wrong + missed == 0
    return float(np.where(both_empty, 1.0, f1(right, wrong, missed)).mean())


def draws(groups: Sequence[str], seed: int) -> np.ndarray:
    """How often each text is drawn in each round of a bootstrap that draws whole groups: rounds x texts."""
    names, place = np.unique(np.array(groups), return_inverse=True)
    chance = np.full(len(names), 1 / len(names))
    drawn = np.random.default_rng(seed).multinomial(len(names), chance, size=ROUNDS)
    return drawn[:, place].astype(float)


def interval(values: np.ndarray) -> tuple[float | None, float | None]:
    """The middle 95 % of bootstrap values."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None, None
    low, high = np.quantile(defined, [0.025, 0.975])
    return _round(low), _round(high)


def _criterion(scored: Scored, column: int, weights: np.ndarray) -> dict[str, Any]:

    truth, chances = scored.truth[:, column], scored.chances[:, column]
    judged = ~np.isnan(truth)
    cells = counts(scored.coded[:, [column]], scored.truth[:, [column]])[:, 0]
    drawn = weights @ cells
    total = cells.sum(axis=0)
    occurs = float(total[0] + total[2] > 0) or np.nan  # without true ones there is no F1
    candidates = counts(scored.candidates[:, [column]], scored.truth[:, [column]])[:, 0].sum(axis=0)
    return {
        "precision": _with_interval(_share(total[0], total[1]), _share(drawn[:, 0], drawn[:, 1])),
        "recall": _with_interval(_share(total[0], total[2]), _share(drawn[:, 0], drawn[:, 2])),
        "f1": _with_interval(f1(*total) * occurs, f1(*drawn.T) * occurs),
        "average_precision": _round(
            average_precision_score(truth[judged], chances[judged]) if total[0] + total[2] else 0
        ),
        "calibration_error": _round(calibration_error(chances[judged], truth[judged])),
        "reliability": reliability(chances[judged], truth[judged]),
        "candidates": {
            "recall": _round(_share(candidates[0], candidates[2])),
            "precision": _round(_share(candidates[0], candidates[1])),
        },
        "stance_accuracy": _stance_accuracy(scored, [column]),
        "alpha": _alpha(scored.coded[judged, column], truth[judged]),
        "chance": _chance_of_guessing(total, int(judged.sum())),
        "n": int(judged.sum()),
        "positive": int((truth == 1).sum()),
    }


def _share(part: Any, other: Any) -> Any:

    whole = np.asarray(part + other, dtype=float)
    return np.where(whole > 0, part / np.maximum(whole, 1e-12), np.nan)


def _with_interval(value: Any, drawn: np.ndarray) -> dict[str, float | None]:
    low, high = interval(drawn)
    return {"value": _round(value), "low": low, "high": high}


def _macro_interval(scored: Scored, weights: np.ndarray) -> dict[str, float | None]:

    occurs = (scored.truth == 1).any(axis=0)
    if not occurs.any():
        return {"low": None, "high": None}
    totals = np.einsum("rt,tck->rck", weights, counts(scored.coded, scored.truth)[:, occurs])
    low, high = interval(f1(totals[..., 0], totals[..., 1], totals[..., 2]).mean(axis=1))
    return {"low": low, "high": high}


def reliability(chances: np.ndarray, truth: np.ndarray) -> list[dict[str, float | int | None]]:
    """For each tenth of probability: how many texts, the mean probability, and the share that is true."""
    bin_of = np.clip((chances * BINS).astype(int), 0, BINS - 1)
    rows = ((bin_of == i) for i in range(BINS))
    return [
        {"n": int(row.sum()), "probability": _round(chances[row].mean()), "true": _round(truth[row].mean())}
        for row in rows
        if row.any()
    ]


def _reliability_of_all(scored: Scored) -> list[dict[str, float | int | None]]:
    """The reliability of all cells that somebody decided on, whatever the code."""
    judged = ~np.isnan(scored.truth)
    return reliability(scored.chances[judged], scored.truth[judged])


def calibration_error(chances: np.ndarray, truth: np.ndarray) -> float:
    """The expected calibration error (Naeini et al. 2015): mean gap of probability and truth over ten bins, by their sizes."""
    bins = reliability(chances, truth)
    gaps = [bin_["n"] * abs(bin_["probability"] - bin_["true"]) for bin_ in bins]  # type: ignore[operator]
    return float(sum(gaps) / len(truth)) if len(truth) else float(np.nan)


def _stance_accuracy(scored: Scored, columns: Sequence[int]) -> float | None:
    """The share with the right stance among correctly coded cells whose stance is known."""
    pairs = [pair for (_, column), pair in scored.stances.items() if column in columns]
    return _round(sum(true == predicted for true, predicted in pairs) / len(pairs)) if pairs else None


def _stances(scored: Scored) -> dict[str, float | None]:
    """The share right of rightly coded cells that are positive, negative and mixed, and of all if all were called positive."""
    pairs = list(scored.stances.values())
    shares = {"always_positive": _mean([float(true == Stance.POSITIVE) for true, _ in pairs])}
    for stance in Stance:
        shares[str(stance)] = _mean([float(predicted == true) for true, predicted in pairs if true == stance])
    return shares


def _unprompted(scored: Scored) -> dict[str, float | int | None]:
    """Recall and precision over the cells whose code has no pattern that matches: texts without a trigger word."""
    truth = np.where(scored.prompted, np.nan, scored.truth)
    right, wrong, missed = counts(scored.coded, truth).sum(axis=(0, 1))
    return {
        "recall": _round(_share(right, missed)),
        "precision": _round(_share(right, wrong)),
        "true": int(right + missed),
    }


def _alpha(coded: np.ndarray, truth: np.ndarray) -> float | None:
    """Krippendorff's alpha of the machine and the people, as of two coders."""
    return _round(coefficients.alpha(np.column_stack([coded.astype(float), truth])).value)


def _chance_of_guessing(cells: np.ndarray, count: int) -> float | None:
    """The chance of as many hits if the codings were dealt out at random: a permutation test, worked out exactly.

    It treats texts as independent and is therefore optimistic if few persons speak (compare Chew et al. 2023).
    """
    right, wrong, missed = (int(cell) for cell in cells)
    if not right + missed:
        return None
    return _round(hypergeom.sf(right - 1, count, right + missed, right + wrong))


def _languages(scored: Scored) -> dict[str, dict[str, float | int | None]]:

    figures = {}
    for language in sorted(set(scored.languages)):
        rows = np.array([name == language for name in scored.languages])
        figures[language] = {
            "macro_f1": _round(macro_f1(scored.coded[rows], scored.truth[rows])),
            "n": int(rows.sum()),
        }
    return figures


def _mean(values: Sequence[float | None]) -> float | None:
    defined = [value for value in values if value is not None]
    return _round(sum(defined) / len(defined)) if defined else None


def _round(value: Any) -> float | None:

    number = float(value)
    return None if np.isnan(number) else round(number, 4)


def errors_by(attribute: Sequence[str], persons: Sequence[str], wrong: Sequence[float], seed: int) -> dict[str, Any]:
    """The share of wrong codings for each value of a person's attribute, and the chance of so large a gap if it did not matter.

    The test permutes the attribute among persons (never among excerpts, which are not independent) and compares the spread
    of the shares. `attribute`, `persons` and `wrong` (mean error) have one element per excerpt.
    """
    people = sorted(set(persons))
    by_person: dict[str, list[float]] = {person: [] for person in people}
    for person, share in zip(persons, wrong, strict=True):
        by_person[person].append(share)
    mean = np.array([np.mean(shares) for shares in by_person.values()])
    of_person = dict(zip(persons, attribute, strict=True))
    values = np.array([of_person[person] for person in people])
    shares = {value: _round(mean[values == value].mean()) for value in sorted(set(values))}
    generator = np.random.default_rng(seed)
    spread = _spread(mean, values)
    beyond = sum(_spread(mean, generator.permutation(values)) >= spread - 1e-12 for _ in range(ROUNDS))
    chance = (beyond + 1) / (ROUNDS + 1) if len(shares) > 1 else None
    return {"error": shares, "persons": {v: int((values == v).sum()) for v in shares}, "p": chance and _round(chance)}


def _spread(mean: np.ndarray, values: np.ndarray) -> float:

    return float(sum((values == v).sum() * (mean[values == v].mean() - mean.mean()) ** 2 for v in np.unique(values)))

"""How often the intervals of agreement hold the true figure: studies simulated from coders whose true agreement is known."""

from functools import cache
from itertools import product

import numpy as np
import pytest
from studies import ROOT

from pipeline.review.agreement.coefficients import LEAST_RARER, Figure, alpha, rarer, with_interval

STUDIES = 200  # of each kind
PERSONS = (10, 20, 30, 60)
CODERS = ((0.3, 0.9, 0.95), (0.3, 0.75, 0.9), (0.5, 0.95, 0.95))  # prevalence, sensitivity, specificity
EXCERPTS = 5  # of a person, on average


def study(
    persons: int, prevalence: float, sensitivity: float, specificity: float, chance: np.random.Generator
) -> tuple[np.ndarray, list[str]]:
    """Excerpts of persons who differ in how often they carry a code, decided by two coders of the same skill."""
    counts = 1 + chance.poisson(EXCERPTS - 1, persons)
    shares = chance.beta(3 * prevalence, 3 * (1 - prevalence), persons)
    carries = chance.random(counts.sum()) < np.repeat(shares, counts)
    says = np.where(carries, sensitivity, 1 - specificity)[:, None]
    ratings = (chance.random((counts.sum(), 2)) < says).astype(float)
    return ratings, [str(person) for person in np.repeat(np.arange(persons), counts)]


@cache
def intervals(persons: int, prevalence: float, sensitivity: float, specificity: float) -> tuple[float, list[Figure]]:
    """The true alpha, and the intervals of all studies that have enough positives for one."""
    chance = np.random.default_rng(7)
    truth = alpha(study(20_000, prevalence, sensitivity, specificity, chance)[0]).value
    drawn = [study(persons, prevalence, sensitivity, specificity, chance) for _ in range(STUDIES)]
    figures = [with_interval(alpha, ratings, groups) for ratings, groups in drawn if rarer(ratings) >= LEAST_RARER]
    return truth, [figure for figure in figures if not np.isnan(figure.low)]


def covered(persons: int, coders: tuple[float, float, float]) -> int:
    truth, figures = intervals(persons, *coders)
    return sum(figure.low <= truth <= figure.high for figure in figures)


@pytest.mark.parametrize("persons", PERSONS)
@pytest.mark.parametrize("coders", CODERS)
def test_a10_the_interval_holds_the_true_alpha_in_more_than_nine_of_ten_studies(
    persons: int, coders: tuple[float, float, float]
) -> None:
    truth, figures = intervals(persons, *coders)
    assert len(figures) > 0.9 * STUDIES
    assert covered(persons, coders) / len(figures) > 0.92
    # a word that goes by the lower bound rarely promises too much
    assert sum(figure.low > truth for figure in figures) / len(figures) < 0.03


def test_the_documentation_says_how_often_intervals_hold_the_truth() -> None:
    page = " ".join((ROOT / "docs" / "method.md").read_text("utf-8").split())
    kinds = list(product(PERSONS, CODERS))
    studies = sum(len(intervals(persons, *coders)[1]) for persons, coders in kinds)
    assert f"{sum(covered(*kind) for kind in kinds):,} of {studies:,} simulated studies" in page
    of_ten = [covered(10, coders) for coders in CODERS]
    assert f"{min(of_ten)} to {max(of_ten)} of {STUDIES} with 10 persons" in page

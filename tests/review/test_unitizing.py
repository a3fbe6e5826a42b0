"""Krippendorff's alpha for unitizing: the worked examples of the literature, and what coders of a study make of it."""

from random import Random
from statistics import mean

import pytest

from pipeline.review.agreement.unitizing import (
    Continuum,
    agreement_on_spans,
    expected_disagreement,
    observed_disagreement,
    pooled,
)
from pipeline.review.spans.of_coders import CoderSpan
from pipeline.spans import Stretch


def continuum(length: int, *coders: list[tuple[int, int]], scale: int = 1) -> Continuum:
    """Units as the literature writes them: where they begin, and how long they are."""
    units = tuple(tuple(Stretch(b * scale, (b + n) * scale) for b, n in coder) for coder in coders)
    return Continuum(length * scale, units)


# Krippendorff (2004), Content Analysis, 2nd ed., p. 254: two observers, categories c and k, on [150, 450).
C = continuum(300, [(75, 70), (220, 30)], [(70, 80), (205, 20), (250, 20)])
K = continuum(300, [(30, 60), (150, 50)], [(30, 60), (150, 50)])


def test_the_example_of_krippendorff_2004() -> None:
    assert observed_disagreement(C) == pytest.approx(0.0144, abs=0.00005)
    assert expected_disagreement(C) == pytest.approx(0.0532, abs=0.00005)
    assert pooled([C]).value == pytest.approx(0.7286, abs=0.0002)  # the book divides rounded figures
    assert (observed_disagreement(K), pooled([K]).value) == (0, 1)
    assert expected_disagreement(K) == pytest.approx(0.0490, abs=0.00005)
    assert pooled([C, K]).value == pytest.approx(0.8591, abs=0.0005)  # both categories together


# Krippendorff (1995), p. 57: four pairs of observers on 24 moments; figures for a continuum cut as fine as one likes.
A95 = ([(2, 8), (14, 6)], [(4, 4), (15, 2)])
B95 = ([(0, 18)], [(0, 2), (2, 1), (3, 1), (4, 1), (5, 1), (6, 3), (9, 1)])
C95 = ([(2, 6), (10, 2), (14, 4), (20, 2)], [(0, 2), (4, 4), (10, 4), (16, 2), (20, 2)])
D95 = ([(0, 2), (2, 8), (10, 4), (14, 6), (20, 4)], [(0, 4), (4, 4), (8, 7), (15, 2), (17, 7)])


@pytest.mark.parametrize(
    ("coders", "observed", "expected", "alpha"),
    [
        (A95, 0.03125, 0.06990, 0.553),
        (B95, 2.26736, 1.17731, -0.926),
        (C95, 0.02777, 0.08642, 0.679),
        (D95, 0.38715, 0.41445, 0.066),
    ],
)
def test_the_examples_of_krippendorff_1995(
    coders: tuple[list[tuple[int, int]], ...], observed: float, expected: float, alpha: float
) -> None:
    fine = continuum(24, *coders, scale=50_000)
    assert observed_disagreement(fine) == pytest.approx(observed, abs=0.00001)
    # the article has a plus where the book has a minus; on a fine continuum that hardly shows
    assert expected_disagreement(fine) == pytest.approx(expected, abs=0.005)
    assert pooled([fine]).value == pytest.approx(alpha, abs=0.02)


def test_units_placed_by_chance_agree_by_chance() -> None:
    dice = Random(5)  # noqa: S311 (no secret)

    def marks() -> list[tuple[int, int]]:
        """Twenty units without overlap, anywhere on the continuum."""
        starts = sorted(dice.sample(range(0, 5700, 60), 20))
        return [(start + dice.randint(0, 9), dice.randint(5, 50)) for start in starts]

    assert abs(mean(pooled([continuum(5760, marks(), marks())]).value for _ in range(60))) < 0.06


def test_chance_inside_the_same_excerpts_reaches_what_the_page_on_method_says() -> None:
    dice = Random(5)  # noqa: S311 (no secret)

    def chance(excerpts: int) -> float:
        spans = []
        for number in range(excerpts):
            for coder in ("ana", "ben"):
                length = dice.randint(5, 60)
                start = dice.randint(0, 100 - length)
                spans.append(span(f"e:{100 * number}-{100 * number + 100}", coder, start, start + length))
        persons = {each.excerpt_id: "rosa" for each in spans}
        return float(agreement_on_spans(spans, ["relevance"], persons)["relevance"]["u_alpha"]["value"])

    assert 0.2 < mean(chance(60) for _ in range(20)) < 0.3


def span(excerpt: str, coder: str, start: int, end: int, code: str = "relevance") -> CoderSpan:
    return CoderSpan(excerpt, code, coder, start, end, 1)


def test_only_excerpts_that_two_coders_marked_count_and_overlaps_of_one_coder_are_one_unit() -> None:
    spans = [
        span("a:0-100", "ana", 0, 20),
        span("a:0-100", "ana", 10, 30),
        span("a:0-100", "ben", 0, 30),
        span("b:0-50", "ana", 0, 5),
        span("a:0-100", "ana", 0, 30, "efficiency"),
    ]
    figures = agreement_on_spans(spans, ["relevance", "efficiency"], {"a:0-100": "rosa", "b:0-50": "leo"})
    assert list(figures) == ["relevance"]
    assert figures["relevance"] == {
        "u_alpha": {"value": 1.0, "low": None, "high": None},
        "n": 1,
        "persons": 1,
        "units": 2,
    }


def test_the_interval_is_a_jackknife_over_persons() -> None:
    dice = Random(7)  # noqa: S311 (no secret)
    spans, persons = [], {}
    for number in range(30):
        excerpt = f"s{number % 10}:{number * 100}-{number * 100 + 100}"
        persons[excerpt] = f"p{number % 10}"
        start = dice.randint(0, 40)
        spans += [
            span(excerpt, "ana", start, start + 40),
            span(excerpt, "ben", start, start + 40 + dice.randint(0, 12)),
        ]
    alpha = agreement_on_spans(spans, ["relevance"], persons)["relevance"]["u_alpha"]
    assert 0.7 < alpha["low"] < alpha["value"] < alpha["high"] < 1

"""Coefficients of agreement against known answers from the literature."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from pipeline.review.agreement import ac1, alpha, f1, kappa, norm, percent, raw_counts, with_interval

NAN = np.nan


def table(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> np.ndarray:
    return np.array([[1, 1]] * yes_yes + [[1, 0]] * yes_no + [[0, 1]] * no_yes + [[0, 0]] * no_no, dtype=float)


def test_alpha_of_krippendorffs_two_coders_on_ten_units_is_095() -> None:
    # Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example A
    meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert alpha(np.array([meg, owen], dtype=float).T) == pytest.approx(0.095, abs=0.001)


def test_alpha_leaves_out_units_that_only_one_coder_decided() -> None:
    both = table(10, 2, 3, 15)
    with_blanks = np.vstack([both, [[1, NAN], [NAN, 0], [NAN, NAN]]])
    assert alpha(with_blanks) == alpha(both)
    assert percent(with_blanks) == percent(both)


def test_alpha_takes_any_number_of_coders() -> None:
    # three coders, four units, worked by hand: Do = 4/3 / 12 of the coincidences, De from margins 7 and 5
    ratings = np.array([[1, 1, 1], [0, 0, 0], [1, 1, 0], [1, 1, 0]], dtype=float)
    observed, expected = 4.0, 2 * 5 * 7 / 11
    assert alpha(ratings) == pytest.approx(1 - observed / expected)


def test_kappa_of_cohens_standard_table_is_04() -> None:
    assert kappa(table(20, 5, 10, 15)) == pytest.approx(0.4)


def test_kappa_agrees_with_an_independent_implementation() -> None:
    for cells in ((20, 5, 10, 15), (118, 5, 2, 3), (1, 7, 9, 80)):
        yes_yes, yes_no, no_yes, no_no = cells
        expected = cohens_kappa(np.array([[yes_yes, yes_no], [no_yes, no_no]]), return_results=False)
        assert kappa(table(*cells)) == pytest.approx(float(expected))


def test_ac1_holds_where_kappa_collapses() -> None:
    # Gwet (2008): 118 joint positives of 125; kappa falls below 0 and AC1 stays at .94
    ratings = table(118, 5, 2, 0)
    assert ac1(ratings) == pytest.approx(0.9408, abs=0.0005)
    assert kappa(ratings) < 0


def test_f1_of_two_coders_is_the_same_both_ways_and_that_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    ratings = table(20, 5, 10, 15)
    assert f1(ratings) == f1(ratings[:, ::-1]) == pytest.approx(float(f1_score(ratings[:, 0], ratings[:, 1])))
    assert np.isnan(f1(table(0, 0, 0, 9))), "nobody ever says yes"
    with_blanks = np.vstack([ratings, [[1, NAN], [NAN, 1]]])
    assert f1(with_blanks) == f1(ratings)


def test_f1_of_three_coders_pools_their_pairs() -> None:
    ratings = np.array([[1, 1, 0], [1, 0, NAN], [0, 0, 1]], dtype=float)
    # pairs: 1&2: TP 1, said 3; 1&3: TP 0, said 2; 2&3: TP 0, said 2
    assert f1(ratings) == pytest.approx(2 * 1 / 7)


@pytest.mark.parametrize("prevalence", [0.1, 0.5, 0.8])
def test_coders_who_throw_dice_agree_by_chance_alone(prevalence: float) -> None:
    chance = np.random.default_rng(7)
    ratings = (chance.random((40_000, 2)) < prevalence).astype(float)
    assert kappa(ratings) == pytest.approx(0, abs=0.02)
    assert alpha(ratings) == pytest.approx(0, abs=0.02)


def test_identical_coders_agree_fully() -> None:
    ratings = table(6, 0, 0, 14)
    assert percent(ratings) == kappa(ratings) == alpha(ratings) == ac1(ratings) == 1


def test_one_coder_alone_has_no_agreement() -> None:
    alone = np.array([[1.0, NAN], [0.0, NAN], [1.0, NAN]])
    assert all(np.isnan(coefficient(alone)) for coefficient in (percent, kappa, alpha, ac1))


def test_blank_is_not_no() -> None:
    ratings = np.array([[1, NAN], [1, 1], [0, 0], [1, 1]])
    assert percent(ratings) == 1
    assert raw_counts(ratings[:, 0], ratings[:, 1]) == {
        "yes_yes": 2, "yes_no": 0, "no_yes": 0, "no_no": 1, "decided_by_one": 1,
    }  # fmt: skip


def test_the_interval_draws_whole_persons() -> None:
    ratings = np.vstack([table(10, 0, 0, 10), table(0, 10, 10, 0)])
    by_person = with_interval(alpha, ratings, ["a"] * 20 + ["b"] * 20, seed=1)
    by_unit = with_interval(alpha, ratings, [str(i) for i in range(40)], seed=1)
    assert by_person.low == pytest.approx(-0.95, abs=0.05)
    assert by_person.high - by_person.low > by_unit.high - by_unit.low


def test_the_interval_is_the_same_for_the_same_seed() -> None:
    ratings = table(10, 3, 4, 20)
    groups = [str(i % 9) for i in range(len(ratings))]
    assert with_interval(kappa, ratings, groups, seed=5) == with_interval(kappa, ratings, groups, seed=5)


def test_norms_name_what_a_figure_is_good_for() -> None:
    assert [norm(value) for value in (0.85, 0.7, 0.5, NAN)] == ["firm", "tentative", "not enough", ""]

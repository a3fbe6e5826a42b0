"""Coefficients of agreement against known answers from the literature."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from pipeline.review.agreement.coefficients import (
    ac1,
    alpha,
    f1,
    kappa,
    norm,
    percent,
    rarer,
    raw_counts,
    with_interval,
)
from pipeline.vocabulary import AgreementNorm

NAN = np.nan


def table(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> np.ndarray:
    return np.array([[1, 1]] * yes_yes + [[1, 0]] * yes_no + [[0, 1]] * no_yes + [[0, 0]] * no_no, dtype=float)


def test_alpha_of_krippendorffs_two_coders_on_ten_units_is_095() -> None:
    # Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example A
    meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert alpha(np.array([meg, owen], dtype=float).T).value == pytest.approx(0.095, abs=0.001)


def test_alpha_leaves_out_units_that_only_one_coder_decided() -> None:
    both = table(10, 2, 3, 15)
    with_blanks = np.vstack([both, [[1, NAN], [NAN, 0], [NAN, NAN]]])
    assert alpha(with_blanks).value == alpha(both).value
    assert percent(with_blanks).value == percent(both).value


def test_alpha_takes_any_number_of_coders() -> None:
    # three coders, four units, worked by hand: Do = 4/3 / 12 of the coincidences, De from margins 7 and 5
    ratings = np.array([[1, 1, 1], [0, 0, 0], [1, 1, 0], [1, 1, 0]], dtype=float)
    observed, expected = 4.0, 2 * 5 * 7 / 11
    assert alpha(ratings).value == pytest.approx(1 - observed / expected)


def test_kappa_of_cohens_standard_table_is_04() -> None:
    assert kappa(table(20, 5, 10, 15)).value == pytest.approx(0.4)


def test_kappa_agrees_with_an_independent_implementation() -> None:
    for cells in ((20, 5, 10, 15), (118, 5, 2, 3), (1, 7, 9, 80)):
        yes_yes, yes_no, no_yes, no_no = cells
        expected = cohens_kappa(np.array([[yes_yes, yes_no], [no_yes, no_no]]), return_results=False)
        assert kappa(table(*cells)).value == pytest.approx(float(expected))


def test_ac1_holds_where_kappa_collapses() -> None:
    # Gwet (2008): 118 joint positives of 125; kappa falls below 0 and AC1 stays at .94
    ratings = table(118, 5, 2, 0)
    assert ac1(ratings).value == pytest.approx(0.9408, abs=0.0005)
    assert kappa(ratings).value < 0


def test_f1_of_two_coders_is_the_same_both_ways_and_that_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    ratings = table(20, 5, 10, 15)
    assert (
        f1(ratings).value == f1(ratings[:, ::-1]).value == pytest.approx(float(f1_score(ratings[:, 0], ratings[:, 1])))
    )
    assert np.isnan(f1(table(0, 0, 0, 9)).value), "nobody ever says yes"
    with_blanks = np.vstack([ratings, [[1, NAN], [NAN, 1]]])
    assert f1(with_blanks).value == f1(ratings).value


def test_f1_of_three_coders_pools_their_pairs() -> None:
    ratings = np.array([[1, 1, 0], [1, 0, NAN], [0, 0, 1]], dtype=float)
    # pairs: 1&2: TP 1, said 3; 1&3: TP 0, said 2; 2&3: TP 0, said 2
    assert f1(ratings).value == pytest.approx(2 * 1 / 7)


@pytest.mark.parametrize("prevalence", [0.1, 0.5, 0.8])
def test_coders_who_throw_dice_agree_by_chance_alone(prevalence: float) -> None:
    chance = np.random.default_rng(7)
    ratings = (chance.random((40_000, 2)) < prevalence).astype(float)
    assert kappa(ratings).value == pytest.approx(0, abs=0.02)
    assert alpha(ratings).value == pytest.approx(0, abs=0.02)


def test_identical_coders_agree_fully() -> None:
    ratings = table(6, 0, 0, 14)
    assert percent(ratings).value == kappa(ratings).value == alpha(ratings).value == ac1(ratings).value == 1


def test_one_coder_alone_has_no_agreement() -> None:
    alone = np.array([[1.0, NAN], [0.0, NAN], [1.0, NAN]])
    assert all(np.isnan(coefficient(alone).value) for coefficient in (percent, kappa, alpha, ac1))


def test_blank_is_not_no() -> None:
    ratings = np.array([[1, NAN], [1, 1], [0, 0], [1, 1]])
    assert percent(ratings).value == 1
    assert raw_counts(ratings[:, 0], ratings[:, 1]) == {
        "yes_yes": 2, "yes_no": 0, "no_yes": 0, "no_no": 1, "decided_by_one": 1,
    }  # fmt: skip


def table_by_person(persons: int, answers: dict[tuple[int, int], int], *, odd: int = 0) -> tuple[np.ndarray, list[str]]:
    """Every person with the same excerpts; the first `odd` have one more, on which the coders differ."""
    each = [pair for pair, count in answers.items() for _ in range(count)]
    units = [(pair, f"p{i}") for i in range(persons) for pair in (*each, *([(1, 0)] if i < odd else []))]
    return np.array([pair for pair, _ in units], dtype=float), [person for _, person in units]


def test_alpha_of_nominal_answers_is_that_of_krippendorffs_table_of_five_values() -> None:
    # Krippendorff (2011), example B: two observers, twelve units, five values, nominal: alpha .692
    ben = [1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1]
    gerry = [2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4]
    assert alpha(np.array([ben, gerry], dtype=float).T).value == pytest.approx(0.692, abs=0.001)


def test_alpha_of_four_observers_with_missing_values_is_0743() -> None:
    # Krippendorff (2011), example C: four observers, twelve units, nominal, missing values: alpha .743
    n = NAN
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, n, n, n],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, n, 3],
        [n, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, n],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, n],
    ]
    assert alpha(np.array(observers).T).value == pytest.approx(0.743, abs=0.001)


def test_kappa_of_three_answers_is_that_of_fleiss_cohen_and_everitt() -> None:
    # Fleiss, Cohen & Everitt (1969): 200 subjects, three diagnoses, kappa .429
    cells = [(0, 0, 106), (0, 1, 10), (0, 2, 4), (1, 0, 22), (1, 1, 28), (1, 2, 10), (2, 0, 2), (2, 1, 12), (2, 2, 6)]
    ratings = np.array([(a, b) for a, b, count in cells for _ in range(count)], dtype=float)
    assert kappa(ratings).value == pytest.approx(0.429, abs=0.001)


def test_the_interval_is_by_person_not_by_excerpt() -> None:
    ratings = np.vstack([table(10, 0, 0, 10)] * 3 + [table(0, 10, 10, 0)])
    by_person = with_interval(alpha, ratings, [str(i // 20) for i in range(80)])
    by_unit = with_interval(alpha, ratings, [str(i) for i in range(80)])
    assert by_person.low == pytest.approx(-1, abs=0.02)
    assert by_person.high - by_person.low > 2 * (by_unit.high - by_unit.low)


def test_a9_no_interval_has_no_width() -> None:
    alike, groups = table_by_person(12, {(1, 1): 1, (0, 0): 2})
    figure = with_interval(alpha, alike, groups)
    assert figure.value == figure.high == 1
    assert figure.low < 0.7  # none of twelve persons: up to 26 % of persons may hide a disagreement
    same_everywhere, groups = table_by_person(8, {(1, 1): 2, (1, 0): 1, (0, 0): 3})
    assert np.isnan(with_interval(alpha, same_everywhere, groups).low)
    assert np.isnan(with_interval(alpha, table(5, 1, 1, 5), ["one"] * 12).low)


@pytest.mark.parametrize("persons", [3, 7, 20, 41])
@pytest.mark.parametrize("cells", [(1, 0, 1, 3), (0, 2, 3, 0), (1, 1, 0, 1), (3, 1, 2, 2)])
def test_a9_persons_who_are_all_alike_give_no_interval_whatever_the_figure(
    persons: int, cells: tuple[int, int, int, int]
) -> None:
    ratings = np.vstack([table(*cells)] * persons)
    groups = [str(number // sum(cells)) for number in range(len(ratings))]
    for coefficient in (percent, kappa, alpha, ac1):
        figure = with_interval(coefficient, ratings, groups)
        assert np.isnan(figure.low)
        assert np.isnan(figure.high)


def test_a9_an_interval_holds_its_figure_and_has_a_width_whatever_was_decided() -> None:
    chance = np.random.default_rng(3)
    for _ in range(300):
        units, coders, answers = chance.integers(1, 30), chance.integers(1, 5), chance.integers(1, 4)
        ratings = chance.integers(0, answers + 1, (units, coders)).astype(float)
        ratings[chance.random((units, coders)) < 0.6 * chance.random()] = NAN
        groups = [str(person) for person in chance.integers(0, chance.integers(1, 12), units)]
        for coefficient in (percent, kappa, alpha, ac1):
            figure = with_interval(coefficient, ratings, groups)
            assert np.isnan(figure.low) or (figure.low < figure.high and figure.low <= figure.value <= figure.high)


def test_two_persons_show_next_to_nothing() -> None:
    ratings = np.vstack([table(10, 1, 2, 10), table(8, 2, 2, 9)])
    figure = with_interval(alpha, ratings, ["a"] * 23 + ["b"] * 21)
    assert figure.high - figure.low > 1


def test_more_persons_with_no_disagreement_give_a_higher_lower_bound() -> None:
    lows = []
    for persons in (5, 20, 80):
        ratings, groups = table_by_person(persons, {(1, 1): 1, (0, 0): 2})
        lows.append(with_interval(alpha, ratings, groups).low)
    assert lows == sorted(lows)
    assert lows[-1] > 0.88


def test_a9_the_word_goes_by_the_lower_bound() -> None:
    firm, groups = table_by_person(200, {(1, 1): 1, (0, 0): 2}, odd=10)
    assert norm(with_interval(alpha, firm, groups), rarer(firm)) is AgreementNorm.FIRM
    few, groups = table_by_person(10, {(1, 1): 1, (0, 0): 2}, odd=1)
    figure = with_interval(alpha, few, groups)
    assert figure.value > 0.9
    assert norm(figure, rarer(few)) is not AgreementNorm.FIRM
    poor, groups = table_by_person(40, {(1, 1): 1, (0, 0): 1}, odd=30)
    assert norm(with_interval(alpha, poor, groups), rarer(poor)) is AgreementNorm.NOT_ENOUGH


def test_a9_three_positives_are_too_few_however_well_coders_agree_on_them() -> None:
    ratings = table(3, 0, 0, 100)
    figure = with_interval(alpha, ratings, [str(i // 3) for i in range(103)])
    assert rarer(ratings) == 3
    assert norm(figure, rarer(ratings)) is AgreementNorm.TOO_FEW


def test_what_is_rare_may_also_be_the_no() -> None:
    assert rarer(table(100, 1, 1, 0)) == 2
    assert rarer(table(0, 0, 0, 9)) == 0
    assert rarer(np.array([[1.0, NAN]])) == 0

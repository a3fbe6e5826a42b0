"""How many further persons the machine expects: known answers."""

import numpy as np
import pytest

from pipeline.evidence.expectation import NOTHING, Chance, expectation, interval


def test_persons_are_expected_once_however_often_they_speak() -> None:
    expected = expectation([Chance("a", "x1", 0.5), Chance("a", "x2", 0.5), Chance("b", "x3", 0.25)])
    assert expected.persons == pytest.approx(1.0)


def test_persons_already_confirmed_and_documents_are_not_expected() -> None:
    undecided = [Chance("a", "x1", 0.9), Chance("", "x2", 0.9)]
    assert expectation(undecided, confirmed=["a"], suggested=["x1", "x2"]) == NOTHING


def test_excerpts_that_are_undecided_and_not_suggested_are_counted_whoever_speaks() -> None:
    undecided = [Chance("a", "x1", 0.9), Chance("b", "x2", 0.3), Chance("", "x3", 0.2)]
    assert expectation(undecided, confirmed=["a"], suggested=["x1"]).unshown == 2


def test_the_interval_of_even_chances_is_that_of_the_binomial_distribution() -> None:
    """2.5 and 97.5 % points of 20 tosses of a coin: 6 and 14."""
    assert interval([0.5] * 20) == [6, 14]
    assert interval([1.0] * 3) == [3, 3]
    assert interval([]) == [0, 0]


def test_the_interval_covers_as_often_as_it_says() -> None:
    generator = np.random.default_rng(7)
    chances = generator.uniform(0.05, 0.95, 30)
    low, high = interval(list(chances))
    drawn = (generator.uniform(size=(4000, 30)) < chances).sum(axis=1)
    assert ((drawn >= low) & (drawn <= high)).mean() >= 0.945


def test_the_excerpts_to_review_first_are_the_likeliest_of_each_person() -> None:
    undecided = [Chance("a", "x1", 0.8), Chance("b", "x2", 0.9), Chance("b", "x3", 0.9), Chance("a", "x4", 0.7)]
    undecided += [Chance(f"q{number}", f"y{number}", 0.2) for number in range(4)]
    assert expectation(undecided).review_first == ("x2", "x1")
    assert expectation(undecided[::-1]).review_first == ("x2", "x1")


def test_looks_end_where_fewer_than_one_further_person_is_expected() -> None:
    undecided = [Chance(f"p{i}", f"x{i}", 0.9) for i in range(4)] + [Chance(f"q{i}", f"y{i}", 0.05) for i in range(10)]
    assert len(expectation(undecided).review_first) == 4
    assert expectation([Chance("a", "x", 0.6)]).review_first == ()

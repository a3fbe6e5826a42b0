"""How many further persons the machine expects: known answers."""

import numpy as np
import pytest

from pipeline.evidence.expectation import NOTHING, expectation, interval


def test_persons_are_expected_once_however_often_they_speak() -> None:
    expected = expectation([("a", 0.5), ("a", 0.5), ("b", 0.25)], [])
    assert expected.persons == pytest.approx(1.0)


def test_persons_already_confirmed_and_documents_are_not_expected() -> None:
    assert expectation([("a", 0.9), ("", 0.9)], ["a"]) == NOTHING


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


def test_looks_end_where_fewer_than_one_further_person_is_expected() -> None:
    voices = [(f"p{i}", 0.9) for i in range(4)] + [(f"q{i}", 0.05) for i in range(10)]
    assert expectation(voices, []).looks == 4
    assert expectation([("a", 0.6)], []).looks == 0

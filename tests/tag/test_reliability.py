"""Which codes the machine may code by: those on which it agrees with people on examples that it has not seen."""

import numpy as np

from pipeline.tag.learning.reliability import reliable


def cells(agreeing: int, differing: int) -> tuple[np.ndarray, np.ndarray]:
    """Truth and coding of one code: half of the examples carry it; on some of each half the machine differs."""
    truth = np.repeat([1.0, 0.0], (agreeing + differing) // 2)
    coded = truth.copy()
    coded[: differing // 2] = 0.0
    coded[len(coded) - differing // 2 :] = 1.0
    return truth, coded


def only(truth: np.ndarray, coded: np.ndarray, seeds: int = 0) -> bool:
    """Whether one code is reliable; the first examples are seeds."""
    return bool(reliable(truth[:, None], coded[:, None], np.arange(len(truth)) < seeds)[0])


def test_a_code_on_which_the_machine_agrees_with_people_is_reliable() -> None:
    assert only(*cells(70, 30))


def test_a_code_that_is_coded_everywhere_is_not_reliable_however_large_its_f1() -> None:
    truth, _ = cells(100, 0)
    assert not only(truth, np.ones(100))


def test_agreement_by_chance_is_not_enough() -> None:
    assert not only(*cells(52, 48))


def test_a_code_that_was_not_held_out_is_not_reliable() -> None:
    truth, _ = cells(100, 0)
    assert not only(truth, np.full(100, np.nan))


def test_five_examples_for_a_code_are_judged_with_those_of_its_like() -> None:
    truth = np.zeros((40, 6))
    truth[:5] = 1.0
    coded = truth.copy()
    coded[:4, 5] = 0.0
    coded[5:8, 5] = 1.0
    alone = only(truth[:, 5], coded[:, 5])
    among = reliable(truth, coded, np.zeros(40, dtype=bool))
    assert not alone
    assert among.all(), "five others of the same size were learnt well"


def test_a_code_with_many_examples_answers_for_itself() -> None:
    truth, coded = cells(100, 100)
    good, _ = cells(200, 0)
    both = reliable(np.column_stack([truth, good]), np.column_stack([coded, good]), np.zeros(200, dtype=bool))
    assert both.tolist() == [False, True]


def test_distinguishing_written_seeds_from_decisions_on_speech_does_not_count() -> None:
    truth = np.repeat([1.0, 0.0], 50)
    assert only(truth, truth)
    assert not only(truth, truth, seeds=50), "all for the code are seeds, all against it decisions"


def test_seeds_that_distinguish_a_code_keep_it_reliable_when_first_decisions_all_deny_it() -> None:
    truth, coded = cells(90, 10)
    denied, wrong = np.zeros(10), np.ones(10)
    assert only(np.concatenate([truth, denied]), np.concatenate([coded, wrong]), seeds=100)

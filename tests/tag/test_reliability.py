"""Which codes the machine may code by: those on which it agrees with people on examples that it has not seen."""

import numpy as np

from pipeline.tag.learning.reliability import reliable, still_needed


def cells(agreeing: int, differing: int) -> tuple[np.ndarray, np.ndarray]:
    """Truth and coding of one code: half of the examples carry it; on some of each half the machine differs."""
    truth = np.repeat([1.0, 0.0], (agreeing + differing) // 2)
    coded = truth.copy()
    coded[: differing // 2] = 0.0
    coded[len(coded) - differing // 2 :] = 1.0
    return truth, coded


def only(truth: np.ndarray, coded: np.ndarray, seeds: int = 0) -> bool:
    """Whether one code is reliable; the first examples are seeds."""
    persons = np.arange(len(truth))
    return bool(reliable(truth[:, None], coded[:, None], persons < seeds, persons)[0])


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


def test_few_examples_for_a_code_are_judged_with_those_of_its_like() -> None:
    truth, coded, person = decided(right=8, wrong=1, missed=24, persons=99)
    assert not only(truth[:, 0], coded[:, 0]), "kappa .17"
    like = np.hstack([truth, np.repeat(truth, 5, axis=1)]), np.hstack([coded, np.repeat(truth, 5, axis=1)])
    among = reliable(*like, np.zeros(len(truth), dtype=bool), person)
    assert among.all(), "five others of the same size were learnt well"


def test_a_code_with_many_examples_answers_for_itself() -> None:
    truth, coded = cells(100, 100)
    good, _ = cells(200, 0)
    both = reliable(
        np.column_stack([truth, good]), np.column_stack([coded, good]), np.zeros(200, dtype=bool), np.arange(200)
    )
    assert both.tolist() == [False, True]


def test_distinguishing_written_seeds_from_decisions_on_speech_does_not_count() -> None:
    truth = np.repeat([1.0, 0.0], 50)
    assert only(truth, truth)
    assert not only(truth, truth, seeds=50), "all for the code are seeds, all against it decisions"


def test_seeds_that_distinguish_a_code_keep_it_reliable_when_first_decisions_all_deny_it() -> None:
    truth, coded = cells(90, 10)
    denied, wrong = np.zeros(10), np.ones(10)
    assert only(np.concatenate([truth, denied]), np.concatenate([coded, wrong]), seeds=100)


def decided(*, right: int, wrong: int, persons: int, missed: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, coding and persons of 24 decisions or more on one code: so many codings right and wrong, the others rightly none."""
    truth = np.array([1.0] * right + [0.0] * wrong + [1.0] * missed + [0.0] * 20)
    coded = np.array([1.0] * (right + wrong) + [0.0] * (missed + 20))
    return truth[:, None], coded[:, None], np.arange(len(truth)) % persons


def test_a_code_of_which_every_second_coding_is_wrong_is_only_suggested_however_it_agrees() -> None:
    truth, coded, person = decided(right=6, wrong=6, persons=40)
    assert not reliable(truth, coded, np.zeros(len(truth), dtype=bool), person)[0]
    assert still_needed(truth, coded, np.zeros(len(truth), dtype=bool), person)[0] > 0


def test_a_code_whose_few_codings_are_right_of_many_persons_is_assigned() -> None:
    truth, coded, person = decided(right=8, wrong=1, persons=40)
    assert reliable(truth, coded, np.zeros(len(truth), dtype=bool), person)[0]


def test_ten_right_codings_of_two_persons_are_no_reason_to_assign_a_code_to_others() -> None:
    truth, coded, person = decided(right=10, wrong=0, persons=2)
    assert not reliable(truth, coded, np.zeros(len(truth), dtype=bool), person)[0]
    assert still_needed(truth, coded, np.zeros(len(truth), dtype=bool), person)[0] == 3


def test_random_decisions_lead_to_an_assigned_code_less_than_once_in_two_hundred_times() -> None:
    random = np.random.default_rng(3)
    assigned = 0
    for size in (12, 24, 48, 96):
        truth = (random.random((size, 60)) < 0.3).astype(float)
        coded = (random.random((size, 60)) < 0.3).astype(float)
        assigned += int(reliable(truth, coded, np.zeros(size, dtype=bool), np.arange(size) % 20).sum())
    assert assigned <= 1, "of 240"


def test_seeds_teach_a_code_until_decisions_of_five_persons_show_that_most_codings_are_wrong() -> None:
    written, seen = np.repeat([1.0, 0.0], 10), np.array([1.0] * 5 + [0.0] * 7)
    truth = np.concatenate([written, seen])[:, None]
    coded = np.concatenate([written, np.ones(11), np.zeros(1)])[:, None]
    is_seed, person = np.arange(32) < 20, np.arange(32)
    assert not reliable(truth, coded, is_seed, person)[0]
    assert reliable(truth[:24], coded[:24], is_seed[:24], person[:24])[0], "decisions of four persons"

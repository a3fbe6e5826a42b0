"""How the votes of further voters count: as far as examples bear them out, and as suggestions where nothing is learnt."""

from dataclasses import replace

import numpy as np
import pytest
from studies import SMALL

from pipeline.codebook import load_codebook
from pipeline.provenance import key_of
from pipeline.records import Example
from pipeline.tag import combine, features, model
from pipeline.tag.features import Goal, Sample
from pipeline.tag.learning import calibrate
from pipeline.tag.training import as_excerpt
from pipeline.tag.voters import Ballot, Opinion, text_key
from pipeline.tag.voters.kept import Place, ballot_line, instructions_line, read_ballots, read_instructions
from pipeline.tag.voters.panel import NOBODY, Panel, Seat
from pipeline.vocabulary import Fault

CODES = ("water", "money")


def example(text: str, *codes: str, asked: tuple[str, ...] = CODES, group: str = "seed one") -> Example:
    return Example(text, "", "en", tuple((code, "") for code in codes), asked, group)


def panel(ballots: dict[Example, tuple[Opinion, ...]], *shown: str) -> Panel:
    by_key = {text_key(text): Ballot(text_key(text), opinions) for text, opinions in ballots.items()}
    return Panel((Seat("chat", "v1", by_key),), frozenset(shown))


def test_yes_and_no_are_columns_of_their_own_and_no_opinion_is_neither() -> None:
    one, other = example("the river"), example("the mill")
    opinions = panel({one: (Opinion("water", 1, 0.8), Opinion("money", 0))}).opinions([one, other], CODES)
    assert opinions.tolist() == [[[0.8, 0.0], [0.0, -1.0]], [[0.0, 0.0], [0.0, 0.0]]]
    assert NOBODY.opinions([one], CODES).shape == (1, 2, 0)


def test_an_excerpt_that_was_not_shown_has_no_vote_though_others_said_the_same_words() -> None:
    said = example("yes")
    shown, hidden = as_excerpt("a", said), as_excerpt("b", said)
    voters = panel({said: (Opinion("water", 1),)}, "a")
    assert [vote.excerpt_id for vote in voters.votes([shown, hidden])] == ["a"]
    assert voters.opinions([shown, hidden], CODES)[1].any() is np.False_


def test_a_model_is_trained_anew_only_if_what_voters_say_of_its_examples_changed() -> None:
    learnt, unseen = example("the river"), example("the mill")
    votes = (Opinion("water", 1),)
    one, more = panel({learnt: votes}), panel({learnt: votes, unseen: votes})
    assert one.marks([learnt]) == more.marks([learnt]) != panel({learnt: ()}).marks([learnt])
    assert NOBODY.marks([learnt]) == []


def fitted(right: float, count: int) -> np.ndarray:
    """The slopes of a voter's yes and no that are right so often, beside a score that tells nothing."""
    draw = np.random.default_rng(3)
    truth = (draw.random(count) < 0.3).astype(float)
    says = np.where(draw.random(count) < right, truth, 1 - truth)
    opinions = np.column_stack([says, says - 1])
    line = calibrate.fit_calibration(draw.normal(size=count), np.zeros(count), truth, np.ones(count), opinions=opinions)
    return line[2:4]


def test_a_voter_counts_as_far_as_examples_bear_it_out() -> None:
    assert (fitted(0.9, 400) > 1).all()
    assert (fitted(0.9, 400) > fitted(0.7, 400)).all()
    assert (fitted(0.9, 8) < fitted(0.9, 400)).all(), "a handful of examples says little"
    assert (fitted(0.1, 400) == 0).all(), "one that is mostly wrong is not turned round"


@pytest.mark.parametrize("count", [0, 2])
def test_a_yes_suggests_a_code_of_which_nothing_is_learnt_and_codes_nothing(count: int) -> None:
    seeds = [example(f"the river {i}", "water", asked=("water",)) for i in range(count)]
    voters = panel({example("the mill"): (Opinion("money", 1),)}, "e1")
    built = features.build([Sample(e.text, "", {}) for e in seeds], CODES, None)
    goal = Goal(CODES, key_of("v"), 0.9, 1, np.zeros((2, 0)), np.tile([1.0, 0.0], (2, 1)))
    trained = model.train(seeds, replace(built, opinions=voters.opinions(seeds, CODES)), goal)
    mill = as_excerpt("e1", example("the mill"))
    asked = replace(features.build([Sample(mill.text, "", {})], CODES, None), opinions=voters.opinions([mill], CODES))
    output = combine.judge(trained, ["e1"], asked)
    assert output.suggested.tolist() == [[False, True]]
    assert not output.coded.any()


def test_what_is_kept_comes_back_and_lines_that_are_none_are_left_out() -> None:
    text = "a line\u2028and more \u00f1 \ud800"
    ballot = Ballot("", (Opinion("water", 1, 0.5, "a line"),), (Fault.CUT,), "asked", text)
    whole = instructions_line("v1", "Do.") + ballot_line(Place("v1", "k"), ballot)
    broken = [
        '{"version": "v1"}',
        "null",
        "7",
        "[" * 100_000,
        '{"version": "v", "key": "k", "opinions": [7], "faults": []}',
    ]
    ballots = read_ballots(whole + "\n".join(broken) + '\n{"version": "v2", "cut')
    assert list(ballots) == [Place("v1", "k")]
    assert ballots[Place("v1", "k")].opinions == ballot.opinions
    assert ballots[Place("v1", "k")].answer == text.replace("\ud800", "?")
    assert list(read_instructions(whole)) == ["v1"]


def test_texts_that_are_equal_have_one_key_and_another_question_another() -> None:
    codebook = load_codebook(SMALL / "coded/codebook.toml")
    one = example("the river", asked=codebook.ids)
    assert text_key(one) == text_key(as_excerpt("a", one))
    assert text_key(one) != text_key(Example("the river", "Where?", "en", (), (), ""))

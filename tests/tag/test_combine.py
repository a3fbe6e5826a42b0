"""What votes come to: a coding for every excerpt and code, with a reason that a person can read."""

import json

import numpy as np
import pytest

from pipeline.tag import combine, features, kernel
from pipeline.tag.features import Features, Sample
from pipeline.tag.lexical import Lexicon
from pipeline.tag.model import Model

CODES = ("a", "b", "unknown")


def model() -> Model:
    """A model that knows: *well* speaks for a, *late* for b; nothing of the third code."""
    words = Lexicon("words", ("late", "well"), np.ones(2))
    empty = Lexicon("words", (), np.zeros(0))
    return Model(
        version="v1",
        codes=CODES,
        lexicons=kernel.Lexicons(words, Lexicon("pieces", (), np.zeros(0)), empty),
        known=np.array([True, True, False]),
        centres=np.zeros((0, 0), dtype=np.float16),
        weights=np.zeros((0, 3)),
        of_words=np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
        of_pieces=np.zeros((0, 3)),
        of_question=np.zeros((0, 3)),
        definitions=np.zeros((3, 0), dtype=np.float32),
        calibration=np.array([[6.0, -3.0]] * 2 + [[1.0, 0.0]]),
        thresholds=np.array([[0.2, 0.5, 0.9]] * 3),
        stance_of=np.zeros((3, 0, 3)),
        stance_words=np.zeros((3, 2, 3)),
        stance_prior=np.array([[0.2, 0.7, 0.1], [0, 0, 0], [0, 0, 0]]),
    )


@pytest.fixture
def built() -> Features:
    samples = [Sample("the well", "", {}), Sample("too late", "", {"unknown": (1.0, 0.0)}), Sample("late well", "", {})]
    return features.build(samples, CODES, None)


def test_every_excerpt_and_code_has_a_row(built: Features) -> None:
    frame = combine.codings(model(), combine.judge(model(), ["e1", "e2", "e3"], built), {})
    assert len(frame) == 9
    coded = {(r.excerpt_id, r.criterion) for r in frame.itertuples() if r.coded}
    assert coded == {("e1", "a"), ("e2", "b"), ("e2", "unknown"), ("e3", "a"), ("e3", "b")}


def test_between_the_thresholds_it_is_doubtful(built: Features) -> None:
    frame = combine.codings(model(), combine.judge(model(), ["e1", "e2", "e3"], built), {}).set_index(
        ["excerpt_id", "criterion"]
    )
    assert not frame.loc[("e1", "a"), "doubtful"]
    assert frame.loc[("e3", "a"), "doubtful"], "coded, but not surely"
    assert not frame.loc[("e1", "b"), "doubtful"]


def test_the_stance_is_learnt_else_the_rules(built: Features) -> None:
    judged = combine.judge(model(), ["e1", "e2", "e3"], built)
    frame = combine.codings(model(), judged, {("e2", "b"): "positive"}).set_index(["excerpt_id", "criterion"])
    assert frame.loc[("e1", "a"), "stance"] == "negative"
    assert frame.loc[("e2", "b"), "stance"] == "positive"
    assert frame.loc[("e2", "a"), "stance"] == "", "what is not coded has no stance"


def test_votes_say_why_and_abstain_where_nothing_speaks(built: Features) -> None:
    judged = combine.judge(model(), ["e1", "e2", "e3"], built)
    votes = list(combine.classifier_votes(model(), judged, built, {("e1", "b")}))
    assert [(v.excerpt_id, v.criterion, v.vote) for v in votes] == [
        ("e1", "a", 1), ("e1", "b", 0), ("e2", "b", 1), ("e3", "a", 1), ("e3", "b", 1)
    ]  # fmt: skip
    assert json.loads(votes[0].because)["terms"][0][0] == "well"
    assert all(v.voter == "classifier:v1" for v in votes)

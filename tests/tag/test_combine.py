"""What votes come to: a coding for every excerpt and code, with a reason that a person can read."""

import json

import numpy as np
import pytest
from scipy import sparse

from pipeline.tag import combine, features
from pipeline.tag.features import Features, Sample
from pipeline.tag.learning.classifier import CodeClassifier
from pipeline.tag.learning.space import TextSpace
from pipeline.tag.learning.stance import StanceClassifier
from pipeline.tag.model import Model

CODES = ("a", "b", "unknown")


def model() -> Model:
    """A model that has learnt: *well* speaks for a, *late* for b, both are spoken of badly; nothing of the third code."""
    nothing = (), np.zeros(0)
    space = TextSpace.of(
        np.zeros((0, 0)), {"words": (("late", "well"), np.ones(2)), "pieces": nothing, "question": nothing}
    )
    classifier, stance = CodeClassifier(), StanceClassifier(len(CODES))
    classifier.weights_ = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]) / np.sqrt(0.3)
    classifier.intercepts_ = np.zeros(3)
    classifier.is_learnt_ = np.array([True, True, False])
    classifier.is_reliable_ = np.array([True, True, False])
    classifier.rates_ = np.full(3, np.nan)
    classifier.calibration_ = np.array([[6.0, 1.0, -3.0]] * 2 + [[1.0, 1.0, 0.0]])
    classifier.thresholds_ = np.array([[0.2, 0.5, 0.9]] * 3)
    stance.of_near_, stance.of_terms_ = np.zeros((0, 8)), sparse.csr_matrix((2, 8))
    stance.intercepts_ = np.array([0.2, 0.8])
    stance.both_, stance.is_learnt_ = 0.5, True
    return Model("v1", CODES, space, classifier, stance, np.zeros((3, 0), dtype=np.float32), np.zeros((3, 2)))


@pytest.fixture
def built() -> Features:
    samples = [Sample("the well", "", {}), Sample("too late", "", {"unknown": (1.0, 0.0)}), Sample("late well", "", {})]
    return features.build(samples, CODES, None)


def test_every_excerpt_and_code_has_a_row(built: Features) -> None:
    frame = combine.codings(model(), combine.judge(model(), ["e1", "e2", "e3"], built), {})
    assert len(frame) == 9
    coded = {(r.excerpt_id, r.criterion) for r in frame.itertuples() if r.coded}
    assert coded == {("e1", "a"), ("e2", "b"), ("e3", "a"), ("e3", "b")}
    suggested = frame[frame["doubtful"] & ~frame["coded"]]
    assert list(zip(suggested["excerpt_id"], suggested["criterion"], strict=True)) == [("e2", "unknown")]


@pytest.mark.parametrize(
    ("learnt", "rate", "suggested"), [(False, np.nan, True), (False, 0.1, False), (True, np.nan, False)]
)
def test_a_pattern_suggests_every_code_of_which_nothing_is_known_and_codes_none(
    *, learnt: bool, rate: float, suggested: bool
) -> None:
    """Also beside a likelier code, and however little a word near the match leaves of its score."""
    trained = model()
    trained.classifier.is_learnt_[1], trained.classifier.rates_[1] = learnt, rate
    trained.classifier.is_reliable_[1] = False
    sample = Sample("too early", "", {"b": (0.2, 0.0), "unknown": (1.0, 0.0)})
    asked = Sample("too early", "", {"b": (0.0, 1.0), "unknown": (1.0, 0.0)})
    output = combine.judge(trained, ["e1", "e2"], features.build([sample, asked], CODES, None))
    assert output.suggested.tolist() == [[False, suggested, True], [False, False, True]], (
        "words of a question say little"
    )
    assert not output.coded.any()
    assert output.chances[0, 1] <= output.chances[0, 2]
    frame = combine.codings(trained, output, {})
    assert frame["doubtful"].tolist() == output.suggested.ravel().tolist()
    ruled = {("e1", "b"), ("e1", "unknown"), ("e2", "b"), ("e2", "unknown")}
    assert not [vote for vote in combine.classifier_votes(trained, output, ruled) if vote.vote], (
        "the pattern's vote is enough"
    )


def test_between_the_thresholds_it_is_doubtful(built: Features) -> None:
    frame = combine.codings(model(), combine.judge(model(), ["e1", "e2", "e3"], built), {}).set_index(
        ["excerpt_id", "criterion"]
    )
    assert not frame.loc[("e1", "a"), "doubtful"]
    assert frame.loc[("e3", "a"), "doubtful"], "coded, but not surely"
    assert not frame.loc[("e1", "b"), "doubtful"]


def test_the_stance_is_that_of_the_classifier(built: Features) -> None:
    judged = combine.judge(model(), ["e1", "e2", "e3"], built)
    frame = combine.codings(model(), judged, {("e2", "b"): "positive"}).set_index(["excerpt_id", "criterion"])
    assert frame.loc[("e1", "a"), "stance"] == "negative"
    assert frame.loc[("e2", "a"), "stance"] == "", "what is not coded has no stance"


def test_where_no_stance_was_learnt_the_rules_have_theirs(built: Features) -> None:
    without = model()
    without.stance.is_learnt_ = False
    judged = combine.judge(without, ["e1", "e2", "e3"], built)
    frame = combine.codings(without, judged, {("e2", "b"): "positive"}).set_index(["excerpt_id", "criterion"])
    assert frame.loc[("e2", "b"), "stance"] == "positive"
    assert frame.loc[("e1", "a"), "stance"] == ""


def test_votes_say_why_and_abstain_where_nothing_speaks(built: Features) -> None:
    judged = combine.judge(model(), ["e1", "e2", "e3"], built)
    votes = list(combine.classifier_votes(model(), judged, {("e1", "b")}))
    assert [(v.excerpt_id, v.criterion, v.vote) for v in votes] == [
        ("e1", "a", 1),
        ("e1", "b", 0),
        ("e2", "b", 1),
        ("e3", "a", 1),
        ("e3", "b", 1),
    ]
    assert json.loads(votes[0].because)["terms"][0][0] == "well"
    assert all(v.voter == "classifier:v1" for v in votes)

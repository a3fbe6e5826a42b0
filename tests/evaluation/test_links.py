"""What the suggested links are worth, on whole evaluations held out: the figures of docs/quality.md."""

import pytest

from pipeline.engine.work import Work
from pipeline.evaluation import links
from pipeline.evidence import link_model

QUIET = Work(1, lambda _done, _total: None)


@pytest.fixture(scope="module")
def data() -> links.LinkData:
    return links.load(QUIET)


@pytest.mark.slow
def test_the_ten_likeliest_pairs_bear_on_their_findings_and_closeness_alone_does_worse(data: links.LinkData) -> None:
    figures = links.measure(data)
    model, cosine, tfidf = (figures["ranking"][name] for name in ("the link model", "cosine of vectors", "TF-IDF"))
    for form in links.FORMS:
        assert model[form]["precision_at_10"] >= 0.7
        assert model[form]["average_precision"] > cosine[form]["average_precision"] > tfidf[form]["average_precision"]
        assert figures["calibration_error"][form] <= 0.05
        assert figures["suggested"][form]["precision"] >= 0.75
        assert figures["suggested"][form]["empty_without_true_excerpts"] >= 0.7


@pytest.mark.slow
def test_the_shipped_weights_are_those_of_the_shipped_pairs(data: links.LinkData) -> None:
    fitted = links.fit(data.rows, data.truth)
    assert fitted.weights == pytest.approx(link_model.load(link_model.WITH_VECTORS).weights, abs=0.01)
    assert fitted.offset == pytest.approx(link_model.load(link_model.WITH_VECTORS).offset, abs=0.01)


def test_the_evaluations_held_out_are_whole(data: links.LinkData) -> None:
    for learn, test in links.folds(data):
        assert not set(data.evaluations[learn]) & set(data.evaluations[test])

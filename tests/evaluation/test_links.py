"""What the suggested links are worth, on whole evaluations held out: the figures of docs/quality.md."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from studies import ROOT

from pipeline.engine.work import Work
from pipeline.evaluation import links
from pipeline.evidence import link_model

QUIET = Work(1, lambda _done, _total: None)


@pytest.fixture(scope="module")
def data() -> links.LinkData:
    return links.load(QUIET)


@pytest.fixture(scope="module")
def figures(data: links.LinkData) -> dict:
    return links.measure(data)


@pytest.mark.slow
@pytest.mark.parametrize("form", links.FORMS)
def test_the_ten_likeliest_pairs_bear_on_their_findings_and_closeness_alone_does_worse(
    figures: dict, form: str
) -> None:
    model, cosine, tfidf = (
        figures["ranking"][name][form] for name in ("the link model", "cosine of vectors", "TF-IDF")
    )
    assert model["precision_at_10"] >= 0.7
    assert model["average_precision"] > cosine["average_precision"] > tfidf["average_precision"]
    assert figures["calibration_error"][form] <= 0.05
    assert figures["suggested"][form]["precision"] >= 0.75


@pytest.mark.slow
@pytest.mark.parametrize("judge", links.JUDGES)
def test_the_ten_likeliest_pairs_bear_on_their_findings_by_each_judge_alone(figures: dict, judge: str) -> None:
    assert figures["by_judge"][judge]["precision_at_10"] >= 0.7


@pytest.mark.slow
@pytest.mark.parametrize("form", links.FORMS)
def test_about_nine_in_ten_findings_without_a_true_excerpt_get_an_empty_list(figures: dict, form: str) -> None:
    """The gate is chosen without the evaluation that is tested, so that the share is not exactly the declared one."""
    row = figures["suggested"][form]
    assert row["empty"] / row["findings"] >= 0.85
    assert row["empty_interval"][0] <= 1 - links.NEEDLESS <= row["empty_interval"][1]


def test_agreement_of_the_two_judges_counts_pairs_and_directions() -> None:
    rows = [
        {"statement": "a", "first": first, "second": second, "direction": one, "second_direction": other}
        for first, second, one, other in (
            ("1", "1", "supports", "supports"),
            ("1", "1", "contradicts", "supports"),
            ("0", "0", "", ""),
            ("0", "1", "", "supports"),
        )
    ]
    counted = links.agreement(rows)
    assert (counted["pairs"], counted["bearing"]) == (4, 2)
    assert (counted["agreement"], counted["direction_agreement"]) == (0.75, 0.5)
    assert counted["kappa"] == 0.5


def test_a_pair_on_which_the_judges_differ_counts_half_for_and_half_against(data: links.LinkData) -> None:
    part = data.part(np.arange(40))
    divided = replace(part, pairs=tuple(replace(each, first=True, second=False) for each in part.pairs))
    assert set(divided.share) == {0.5}
    assert not divided.is_agreed.any()
    assert not divided.truth.any()
    fitted = links.fit(divided)
    assert fitted.offset == pytest.approx(0.0, abs=0.01)


def test_suggestions_that_were_read_blind_are_counted_with_an_interval(tmp_path: Path) -> None:
    file = tmp_path / "read.csv"
    file.write_text("finding_id,bears\nF1,1\nF1,0\nF2,1\nF2,1\n", "utf-8")
    counted = links.read_blind(file)
    assert (counted["links"], counted["findings"], counted["bearing"]) == (4, 2, 3)
    assert counted["interval"] == [0.3, 0.95]  # Wilson's
    assert links.read_blind(tmp_path / "none.csv") == {}


def test_thirty_suggestions_of_ten_findings_of_the_demonstration_were_read() -> None:
    counted = links.read_blind(ROOT / links.READ)
    assert (counted["links"], counted["findings"]) == (30, 10)


@pytest.mark.slow
def test_the_shipped_weights_are_those_of_the_shipped_pairs(data: links.LinkData) -> None:
    fitted, shipped = links.fit_with_gate(data), link_model.load(link_model.WITH_VECTORS)
    assert fitted.weights == pytest.approx(shipped.weights, abs=0.01)
    assert fitted.offset == pytest.approx(shipped.offset, abs=0.01)
    assert fitted.gate == shipped.gate


def test_the_evaluations_held_out_are_whole(data: links.LinkData) -> None:
    for learn, test in links.folds(data):
        assert not set(data.evaluations[learn]) & set(data.evaluations[test])

"""What a person should look at first, and the recall that is estimated for when they did."""

from pathlib import Path

import numpy as np
import pytest
from studies import NOW, quiet

from pipeline import tables
from pipeline.review.stopping import recall
from pipeline.steps.analyze import analyze


def test_recall_is_the_share_of_what_is_expected_to_be_there() -> None:
    found = np.array([True, True, False, False])
    estimate = recall(np.array([1.0, 0.8, 0.2, 0.0]), found)
    assert estimate.value == pytest.approx(0.9)
    assert estimate.low < 0.9 < estimate.high


def test_what_was_decided_leaves_no_doubt() -> None:
    estimate = recall(np.array([1.0, 0.0, 1.0]), np.array([True, True, True]))
    assert (estimate.value, estimate.low, estimate.high) == (1, 1, 1)


def test_where_nothing_is_expected_there_is_no_recall() -> None:
    assert np.isnan(recall(np.zeros(3), np.zeros(3, dtype=bool)).value)


@pytest.mark.parametrize(("a", "b", "cut"), [(0.3, 2.0, 0.4), (0.1, 1.0, 0.3), (1.0, 6.0, 0.2)])
def test_the_interval_holds_the_true_recall_in_nineteen_of_twenty_studies(a: float, b: float, cut: float) -> None:
    chance = np.random.default_rng(11)
    covered = 0
    for _ in range(800):
        chances = chance.beta(a, b, 1500)
        truth = chance.random(1500) < chances
        found = (chances >= cut) | (chance.random(1500) < 0.1)
        estimate = recall(chances, found)
        covered += estimate.low <= truth[found].sum() / truth.sum() <= estimate.high
    assert covered / 800 == pytest.approx(0.95, abs=0.025)


def test_the_queue_gives_each_excerpt_once_with_its_reason(analysed: Path) -> None:
    queue = tables.read_table(analysed / "coded" / "machine" / "queue.parquet", tables.QUEUE)
    links = tables.read_table(analysed / "coded" / "machine" / "links.parquet", tables.LINKS)
    contrary = set(links.loc[(links["direction"] == "contradicts") & (links["status"] == "suggested"), "excerpt_id"])
    assert queue["excerpt_id"].is_unique
    assert contrary <= set(queue["excerpt_id"])
    assert list(queue["rank"]) == list(range(1, len(queue) + 1))


def test_the_summary_says_how_many_wait_and_what_will_have_been_found(analysed: Path) -> None:
    queue = tables.read_table(analysed / "coded" / "machine" / "queue.parquet", tables.QUEUE)
    said = analyze(analysed, fresh=False, now=NOW, tick=quiet).record["summary"]
    assert said["waiting"] == len(queue)
    assert 0 <= said["recall_low"] <= said["recall"] <= said["recall_high"] <= 100

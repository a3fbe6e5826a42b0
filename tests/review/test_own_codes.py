"""A study with criteria of its own: how well suggestions rank is shown after every ten excerpts."""

import shutil
from itertools import pairwise, permutations
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from own_codes_study import code_of, own_codes_study
from review_page import desk_of
from sklearn.metrics import average_precision_score
from studies import NOW, quiet

from pipeline.review.suggestions.precision import average_precision, in_random_order
from pipeline.review.web.answering import Answers
from pipeline.review.web.desk import Desk, RoundOrder
from pipeline.steps.analyze import analyze


@pytest.fixture(scope="module")
def own_codes_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = own_codes_study(tmp_path_factory.mktemp("own") / "study")
    assert analyze(root, fresh=True, now=NOW, tick=quiet).exit_code == 0
    return root


@pytest.fixture
def study(own_codes_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(own_codes_once, tmp_path / "study"))


def settle(desk: Desk, name: str, *codes: str) -> dict[str, Any]:
    shown = desk.excerpt(name)
    answers = Answers(
        excerpt_id=name,
        text_sha256=shown["sha"],
        codes=dict.fromkeys(codes, "yes"),
        links={},
        tab="t1",
        base=shown["base"],
        is_rest_no=True,
    )
    return desk.settle(answers)


def go_on(desk: Desk, count: int) -> list[dict[str, Any] | None]:
    """Decide on the next excerpts as a careful reader does; the ranking after each."""
    rankings = []
    for item in [item for item in desk.queue() if not item["done"]][:count]:
        code = code_of(desk.excerpt(item["id"])["text"])
        rankings.append(settle(desk, item["id"], *([code] if code else []))["ranking"])
    return rankings


def test_average_precision_is_that_of_scikit_learn_and_over_ties_the_mean_of_all_orders() -> None:
    dice = np.random.default_rng(3)
    truths, scores = [bool(each) for each in dice.random(40) < 0.3], list(dice.permutation(40) / 40)
    assert average_precision(truths, scores) == pytest.approx(average_precision_score(truths, scores))
    truths, scores = [True, False, True, False, True, False], [0.9, 0.9, 0.9, 0.4, 0.4, 0.1]
    orders = [order for order in permutations(range(6)) if all(scores[a] >= scores[b] for a, b in pairwise(order))]
    ranks = -np.arange(6)
    every = [average_precision_score([truths[i] for i in order], ranks) for order in orders]
    assert average_precision(truths, scores) == pytest.approx(mean(every))
    every = [average_precision_score([truths[i] for i in order], ranks) for order in permutations(range(6))]
    assert in_random_order(truths) == pytest.approx(mean(every))


def test_after_every_ten_excerpts_the_page_says_how_well_each_code_was_ranked(study: Path) -> None:
    desk = desk_of(study)
    rankings = go_on(desk, 20)
    assert rankings[:9] == [None] * 9
    assert [ranking and ranking["count"] for ranking in rankings[9:]] == [10] * 10 + [20]
    assert rankings[-1] == desk_of(study).start()["study"]["ranking"]
    stored = pq.read_table(study / "coded/machine/codings.parquet").to_pandas()
    chances = {(row.excerpt_id, row.criterion): row.probability for row in stored.itertuples()}
    decided = [name for name in desk.ledger.own if desk.ledger.own_on(name).is_settled]
    for each in rankings[-1]["codes"]:
        truths = [desk.ledger.own_on(name).decisions[each["code"]].yes for name in decided]
        expected = average_precision_score(truths, [chances[name, each["code"]] for name in decided])
        assert each["precision"] == pytest.approx(expected)
        assert (each["decided"], each["ayes"]) == (20, sum(truths))
        assert each["random"] < each["precision"]


def test_what_the_machine_learnt_from_is_not_counted_and_the_next_ten_are(study: Path) -> None:
    desk = desk_of(study)
    go_on(desk, 10)
    assert analyze(study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    desk.look_for_new_run()
    assert desk.start()["study"]["ranking"] is None
    *before, ranking = go_on(desk, 10)
    assert not any(before)
    assert ranking
    assert ranking["count"] == 10
    assert ranking["precision"] > ranking["random"]


def test_where_nothing_can_be_ranked_the_page_says_why(study: Path) -> None:
    desk = desk_of(study)
    names = [item["id"] for item in desk.queue()[:10]]
    last = [settle(desk, name, "meetings") for name in names][-1]
    why = {each["code"]: each.get("why_not") for each in last["ranking"]["codes"]}
    assert why == {"fees": "all_no", "repairs": "all_no", "meetings": "all_yes"}
    assert last["ranking"]["precision"] is None
    assert desk.undo(names[0])["ranking"] is None  # nine are left


def test_a_round_that_hides_the_machine_hides_how_well_it_ranked(study: Path) -> None:
    desk = desk_of(study)
    go_on(desk, 10)
    desk.start_round(RoundOrder(name="r1", coders=("ana",), size=5, shows="blind"))
    assert desk.start()["study"]["ranking"] is None
    desk.close_round("r1")
    assert desk.start()["study"]["ranking"]["count"] == 10

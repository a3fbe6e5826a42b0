"""Review rounds: what is drawn, and what a coder may see while one is open."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.review import decisions
from pipeline.review.web import rounds
from pipeline.review.web.rounds import Item, Round, is_visible
from pipeline.vocabulary import CoderView

IDS = [f"s:{n}-{n + 9}" for n in range(0, 1000, 10)]


def a_round(shows: CoderView, *, is_open: bool = True) -> Round:
    return Round(name="one", coders=("ana", "ben"), shows=shows, ids=("s:0-9",), fraction=0.1, seed=1, is_open=is_open)


SEEN = {
    CoderView.BLIND: {Item.OWN},
    CoderView.SUGGESTION: {Item.SUGGESTION, Item.OWN},
    CoderView.OTHERS: set(Item),
}


@pytest.mark.parametrize("shows", CoderView)
@pytest.mark.parametrize("item", Item)
def test_an_open_round_shows_what_it_declares_and_a_closed_one_everything(item: Item, shows: CoderView) -> None:
    assert is_visible(item, a_round(shows)) == (item in SEEN[shows])
    assert is_visible(item, a_round(shows, is_open=False))
    assert is_visible(item, None)


@pytest.mark.parametrize("item", Item)
@pytest.mark.parametrize("in_round", [None, *(a_round(shows) for shows in CoderView)])
def test_a_second_look_shows_nothing_not_even_the_coders_first_answer(item: Item, in_round: Round | None) -> None:
    assert not is_visible(item, in_round, is_second_look=True)


def test_a_round_is_drawn_by_chance_with_its_fraction_and_read_back_from_the_ledger(tmp_path: Path) -> None:
    book = decisions.Ledger(tmp_path / "decisions.jsonl")
    draft = rounds.start_draft("week 1", coders=["ana", "ben"], shows=CoderView.BLIND, size=20, respondents=IDS, seed=7)
    book.append([draft], coder="ana", now=datetime(2026, 1, 1, tzinfo=UTC))
    drawn = rounds.rounds_of(book.refresh())["week 1"]
    assert drawn.fraction == 0.2
    assert len(set(drawn.ids)) == 20
    assert set(drawn.ids) <= set(IDS)
    assert rounds.open_round({"week 1": drawn}, "ben", today="2026-01-01") == drawn
    assert rounds.open_round({"week 1": drawn}, "eva", today="2026-01-01") is None
    book.append([rounds.close_draft("week 1")], coder="ana", now=datetime(2026, 1, 2, tzinfo=UTC))
    assert not rounds.rounds_of(book.refresh())["week 1"].is_open


def test_a_round_is_over_after_its_last_day(tmp_path: Path) -> None:
    book = decisions.Ledger(tmp_path / "decisions.jsonl")
    draft = rounds.start_draft(
        "week 1", coders=["ana"], shows=CoderView.BLIND, size=2, respondents=IDS, seed=7, ends="2026-01-08"
    )
    book.append([draft], coder="ana", now=datetime(2026, 1, 1, tzinfo=UTC))
    drawn = rounds.rounds_of(book.refresh())
    assert rounds.open_round(drawn, "ana", today="2026-01-08") == drawn["week 1"]
    assert rounds.open_round(drawn, "ana", today="2026-01-09") is None


def test_the_same_seed_draws_the_same_excerpts_whatever_their_order() -> None:
    first, second = (
        rounds.start_draft("w", coders=["a"], shows=CoderView.BLIND, size=9, respondents=ids, seed=3).value
        for ids in (IDS, IDS[::-1])
    )
    assert first == second


def test_each_coder_meets_the_excerpts_of_a_round_in_an_order_of_their_own() -> None:
    ana, ben = (rounds.order_of(IDS, a_round(CoderView.BLIND), coder) for coder in ("ana", "ben"))
    assert ana != ben
    assert sorted(ana) == sorted(ben)


MANY = [f"s:{n}-{n + 9}" for n in range(0, 20_000, 10)]


def test_a_twentieth_of_the_early_excerpts_comes_back_once() -> None:
    again = rounds.second_looks(MANY, seed=1, already=())
    assert len(again) / len(MANY) == pytest.approx(0.05, abs=0.01)
    assert not set(again) & set(MANY[-rounds.EARLY :])
    assert rounds.second_looks(MANY, seed=1, already=again) == []


def test_an_excerpt_that_comes_back_stays_in_the_queue_while_others_are_decided() -> None:
    before, after = (rounds.second_looks(MANY[:count], seed=1, already=()) for count in (1000, 1500))
    assert before == after[: len(before)]


@pytest.mark.parametrize(
    ("name", "coders", "size", "what"),
    [(" ", ["a"], 5, "has no name"), ("w", [], 5, "has no coders"), ("w", ["a"], 101, "there are only 100")],
)
def test_a_round_that_cannot_be_drawn_is_refused_with_the_reason(
    name: str, coders: list[str], size: int, what: str
) -> None:
    with pytest.raises(ConfigError, match=what):
        rounds.start_draft(name, coders=coders, shows=CoderView.BLIND, size=size, respondents=IDS, seed=1)

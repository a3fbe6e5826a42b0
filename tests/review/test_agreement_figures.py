"""What `agree` counts: codes, stances, links and directions, each with persons and positives, and words that promise little."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest
from small_publication import codebook

from pipeline.records import Decision
from pipeline.review.agreement.figures import agreement_of
from pipeline.review.agreement.text import as_text
from pipeline.review.settle import CoderDecision, State
from pipeline.vocabulary import CoderView, DecisionKind

CODE = codebook().ids[0]


def opinions(coder: str, target: str, answers: Sequence[str]) -> list[CoderDecision]:
    """A coder's answers on e0, e1, ...: a value, `yes`, `no`, or nothing for an excerpt that was not decided."""
    return [
        CoderDecision(f"e{n}", target, coder, answer != "no", "" if answer in ("yes", "no") else answer, n)
        for n, answer in enumerate(answers)
        if answer
    ]


def figures(
    *groups: list[CoderDecision],
    persons: int = 10,
    lines: dict[int, Decision] | None = None,
    machine: dict[tuple[str, str], CoderDecision] | None = None,
) -> dict:
    everything = [opinion for group in groups for opinion in group]
    excerpts = sorted({opinion.excerpt_id for opinion in everything})
    frame = pd.DataFrame({"excerpt_id": excerpts, "source_id": "s"})
    frame["participant_id"] = [f"p{int(excerpt[1:]) % persons}" for excerpt in excerpts]
    state = State(coder_decisions=tuple(everything), codings=(), links=(), memos=(), stale=(), rulings={})
    return agreement_of(state, frame, machine or {}, codes=codebook().ids, findings=["F1"], lines=lines or {})


def test_a4_coders_who_agree_on_the_code_and_differ_on_the_stance_have_a_figure_for_it() -> None:
    ana = opinions("ana", CODE, ["positive"] * 6 + ["negative"] * 6 + ["no"] * 6)
    ben = opinions("ben", CODE, ["positive"] * 3 + ["negative"] * 9 + ["no"] * 6)
    result = figures(ana, ben)
    assert result["criteria"][CODE]["percent"]["value"] == 1
    stance = result["stance"]["overall"]
    assert (stance["n"], stance["percent"]["value"]) == (12, 0.75)
    assert stance["alpha"]["value"] < 0.6
    assert stance["answers"] == {"positive": 9, "negative": 15, "mixed": 0}


def test_a_code_without_a_stance_is_not_an_opinion_on_the_stance() -> None:
    result = figures(
        opinions("ana", CODE, ["positive", "yes", "yes"]), opinions("ben", CODE, ["positive", "negative", "yes"])
    )
    assert result["stance"]["overall"]["n"] == 1


def test_a4_links_and_their_directions_have_figures_of_their_own() -> None:
    ana = opinions("ana", "F1", ["supports"] * 4 + ["contradicts"] * 2 + ["no"] * 4)
    ben = opinions("ben", "F1", ["supports"] * 6 + ["supports", "no", "no", "no"])
    result = figures(ana, ben)
    assert (result["links"]["overall"]["n"], result["links"]["each"]["F1"]["positives"]) == (10, 7)
    assert (result["direction"]["overall"]["n"], result["direction"]["overall"]["percent"]["value"]) == (6, 0.6667)


def test_one_coder_alone_has_no_figures() -> None:
    result = figures(opinions("ana", CODE, ["positive", "no"]))
    assert result["criteria"] == result["stance"] == result["links"] == result["direction"] == {}
    assert "decided on by two coders yet" in as_text(result)[0]


def test_a9_three_positives_are_too_few_for_a_word_and_have_no_interval_from_0_to_1() -> None:
    both = ["yes"] * 3 + ["no"] * 60
    result = figures(opinions("ana", CODE, both), opinions("ben", CODE, both), persons=30)
    row = result["criteria"][CODE]
    assert (row["norm"], row["positives"], row["persons"]) == ("too few", 3, 30)
    assert any(line.startswith(CODE) and line.endswith("too few: 3 positives") for line in as_text(result))


def test_the_rating_follows_the_lower_bound_and_persons_are_shown_beside_it() -> None:
    ana = opinions("ana", CODE, ["yes"] * 10 + ["no"] * 20)
    ben = opinions("ben", CODE, ["yes"] * 9 + ["no"] * 21)
    result = figures(ana, ben)
    row = result["criteria"][CODE]
    assert row["alpha"]["value"] > 0.9
    assert row["alpha"]["low"] < 0.8
    assert row["norm"] != "firm"
    head, line = as_text(result)[:2]
    assert head.split()[:4] == ["code", "n", "persons", "positives"]
    assert line.split()[1:4] == ["30", "10", "10"]


@pytest.mark.parametrize("first", ["ana & co", "ana"])
def test_the_raw_table_names_both_coders(first: str) -> None:
    result = figures(opinions(first, CODE, ["yes", "no"]), opinions("ben", CODE, ["yes", "yes"]))
    assert any(f"only {first}" in line and "only ben" in line for line in as_text(result))


def test_excerpts_drawn_by_chance_and_decided_blind_have_figures_of_their_own() -> None:
    ana, ben = opinions("ana", CODE, ["yes", "no", "yes"]), opinions("ben", CODE, ["yes", "no", "no"])
    blind = Decision(kind=DecisionKind.CODE, shown=CoderView.BLIND, lane="random 2/9")
    lines = {0: blind, 1: blind, 2: replace(blind, lane="doubt")}  # by number of the excerpt, which both coders share
    result = figures(ana, ben, lines=lines)
    assert result["by_chance"]["each"][CODE]["n"] == 2
    assert result["criteria"][CODE]["n"] == 3
    prompted = {number: replace(line, shown=CoderView.SUGGESTION) for number, line in lines.items()}
    assert figures(ana, ben, lines=prompted)["by_chance"] == {}
    assert any("for excerpts that were chosen" in line for line in as_text(figures(ana, ben, lines=prompted)))


def seen(*views: CoderView | None) -> dict[int, Decision]:
    """Lines by number, each with what its coder saw."""
    return {number: Decision(kind=DecisionKind.CODE, shown=view) for number, view in enumerate(views)}


def test_d3_blind_and_prompted_decisions_have_figures_apart() -> None:
    lines = seen(CoderView.BLIND, CoderView.BLIND, CoderView.SUGGESTION, CoderView.SUGGESTION, None)
    ana = opinions("ana", CODE, ["yes", "no", "yes", "no", "yes"])
    ben = opinions("ben", CODE, ["no", "yes", "yes", "no", "yes"])
    result = figures(ana, ben, lines=lines)
    shares = {view: rows["overall"]["percent"]["value"] for view, rows in result["by_view"].items()}
    assert shares == {"blind": 0.0, "suggestion": 1.0, "unrecorded": 1.0}
    printed = [line for line in as_text(result) if line.startswith("codes, ")]
    assert [line[:24].strip() for line in printed] == [
        "codes, all blind",
        "codes, suggestion seen",
        "codes, view not recorded",
    ]


def test_d3_an_excerpt_that_coders_decided_with_different_things_in_sight_counts_for_neither() -> None:
    lines = seen(CoderView.BLIND, CoderView.SUGGESTION)
    ana, ben = opinions("ana", CODE, ["yes"]), [replace(opinions("ben", CODE, ["yes"])[0], seq=1)]
    assert set(figures(ana, ben, lines=lines)["by_view"]) == {"different"}


def test_d3_the_machine_is_compared_apart_with_decisions_made_with_its_suggestion_in_sight() -> None:
    answers = ["yes", "yes", "no", "no"]
    machine = {(f"e{n}", CODE): CoderDecision(f"e{n}", CODE, "machine", n < 2, "", 0) for n in range(4)}
    views = (CoderView.SUGGESTION, CoderView.BLIND, CoderView.SUGGESTION, CoderView.BLIND)
    result = figures(
        opinions("ana", CODE, answers), opinions("ben", CODE, answers), lines=seen(*views), machine=machine
    )
    assert (result["machine"]["ana"][CODE]["n"], result["machine_in_sight"]["ana"][CODE]["n"]) == (2, 2)
    printed = [line.partition(":")[0] for line in as_text(result) if line.startswith("machine and ana")]
    assert printed == ["machine and ana", "machine and ana, who saw its suggestion"]

"""Coders who mark only what is there: what they leave blank beside a mark teaches, by a declared rule."""

import pandas as pd
from studies import SMALL

from pipeline.records import Example
from pipeline.review.settle import CoderDecision, ConsensusCoding, State
from pipeline.steps import apply_decisions
from pipeline.steps.inputs import load_brief
from pipeline.study import locate_study
from pipeline.vocabulary import CodingStatus

BRIEF = load_brief(locate_study(SMALL))
CODES = ("effectiveness", "efficiency")


def marks(excerpts: int, *, coder: str = "ana", denies: bool = False) -> list[CoderDecision]:
    """A coder who marks efficiency and effectiveness in turn, and perhaps says no once."""
    rows = [CoderDecision(f"s:{i}-{i + 1}", CODES[i % 2], coder, yes=True, value="", seq=i) for i in range(excerpts)]
    return [*rows, CoderDecision("s:0-1", CODES[1], coder, yes=False, value="", seq=excerpts)] if denies else rows


def state_of(rows: list[CoderDecision]) -> State:
    codings = tuple(
        ConsensusCoding(row.excerpt_id, row.target, row.yes, "", CodingStatus.SINGLE, row.coder) for row in rows
    )
    return State(tuple(rows), codings, links=(), memos=(), stale=(), rulings={})


def blanks(rows: list[CoderDecision]) -> list[Example]:
    """The examples beyond the seeds that only deny."""
    names = sorted({row.excerpt_id for row in rows})
    excerpts = pd.DataFrame(
        {"excerpt_id": names, "text": names, "question": "", "language": "en", "participant_id": "", "source_id": "s"}
    )
    informed = apply_decisions.with_examples(BRIEF, state_of(rows), excerpts)
    return [example for example in informed.seeds[len(BRIEF.seeds) :] if not example.codes]


def test_a_code_that_a_marking_coder_uses_and_left_blank_is_a_weak_no() -> None:
    denied = blanks(marks(10))
    assert len(denied) == 10
    assert {example.asked for example in denied} == {("effectiveness",), ("efficiency",)}
    assert {example.weight for example in denied} == {1.0}
    assert {example.text: example.asked for example in denied}["s:0-1"] == ("efficiency",)


def test_blanks_say_nothing_where_a_coder_also_says_no_or_marked_little() -> None:
    assert [example.text for example in blanks(marks(10, denies=True))] == []
    assert blanks(marks(9)) == []


def test_what_somebody_else_decided_is_not_blank() -> None:
    other = CoderDecision("s:0-1", "efficiency", "ben", yes=True, value="", seq=99)
    assert "s:0-1" not in {example.text for example in blanks([*marks(10), other])}


def test_the_assumption_about_blanks_is_a_remark_of_the_run() -> None:
    (remark,) = apply_decisions.notes_on_blanks(state_of(marks(10)))
    assert "ana never says no" in remark.what
    assert not list(apply_decisions.notes_on_blanks(state_of(marks(10, denies=True))))

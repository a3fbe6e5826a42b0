"""Excerpts that people cut and joined: the words stay, the decisions wait to be confirmed, and everything can be taken back."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from boundaries import cut, join, undo
from hypothesis import given, settings
from hypothesis import strategies as st
from small_ledger import After, Said, after, decide_on, interview, quotes_in

from pipeline.config import SegmentSettings
from pipeline.errors import IntegrityError
from pipeline.review import decisions as ledger
from pipeline.review.boundaries.drafting import gaps, nearest_gap
from pipeline.vocabulary import DecisionKind

PUMP, PAY = "The pump works again and the clinic stays open.", "We pay for diesel."
WHY = "Nobody told us why, and nobody asked what we would have wanted instead."
TALK = (
    Said("Q", "What changed?"),
    Said(
        "R",
        f"{PUMP} {PAY} {WHY}",
        "P1",
    ),
    Said("Q", "And now?"),
    Said("R", "Now we wait.", "P1"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "decisions.jsonl"


@pytest.fixture
def frames() -> dict[str, pd.DataFrame]:
    return interview(*TALK)


def spoken(now: After) -> list[str]:
    return [
        str(text)
        for text, role in zip(now.excerpts["text"], now.excerpts["role"], strict=True)
        if role != "interviewer"
    ]


def now_in(path: Path, frames: dict[str, pd.DataFrame], **more: object) -> After:
    return after(ledger.load(path), frames, **more)


def waiting(now: After) -> list[tuple[str, str]]:
    """What waits to be confirmed: the code, and the words of the excerpt on which it waits."""
    texts = dict(zip(now.excerpts["excerpt_id"], now.excerpts["text"], strict=True))
    return [
        (each.decision.criterion or each.decision.finding_id, texts[each.excerpt_id]) for each in now.state.unconfirmed
    ]


def counted(now: After) -> list[tuple[str, str, str]]:
    texts = dict(zip(now.excerpts["excerpt_id"], now.excerpts["text"], strict=True))
    return [(c.target, c.value if c.yes else "no", texts[c.excerpt_id]) for c in (*now.state.codings, *now.state.links)]


def test_a_cut_makes_two_excerpts_of_one_and_leaves_the_others(path: Path, frames: dict[str, pd.DataFrame]) -> None:
    cut(path, frames, PUMP, "and the clinic")
    now = now_in(path, frames)
    assert spoken(now) == ["The pump works again", "and the clinic stays open.", PAY, WHY, "Now we wait."]


def test_a_cut_that_is_taken_back_is_as_if_it_had_not_been_and_can_be_made_again(
    path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    before = decide_on(path, frames, PUMP)
    line = cut(path, frames, PUMP, "and the clinic")
    undo(path, line)
    now = now_in(path, frames)
    assert spoken(now)[0] == PUMP
    assert counted(now) == [("relevance", "positive", PUMP)]
    assert waiting(now) == []
    assert now.state.coder_decisions[0].seq == before.seq
    cut(path, frames, PUMP, "and the clinic")
    assert spoken(now_in(path, frames))[:2] == ["The pump works again", "and the clinic stays open."]


def test_decisions_on_an_excerpt_that_was_cut_wait_on_both_parts_until_they_are_confirmed_on_each(
    path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    decide_on(path, frames, PUMP)
    decide_on(path, frames, PUMP, kind=DecisionKind.LINK, criterion="", finding_id="F1", value="supports")
    cut(path, frames, PUMP, "and the clinic")
    now = now_in(path, frames)
    first, second = "The pump works again", "and the clinic stays open."
    assert counted(now) == []
    assert waiting(now) == [("relevance", first), ("relevance", second), ("F1", first), ("F1", second)]
    frames = {**frames, "excerpts": now.excerpts}
    decide_on(path, frames, first)
    now = now_in(path, frames)
    assert counted(now) == [("relevance", "positive", first)]
    assert waiting(now) == [("relevance", second), ("F1", first), ("F1", second)]
    assert now.state.stale == ()


def test_on_a_joined_excerpt_what_was_decided_on_its_parts_holds_together(
    path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    decide_on(path, frames, PAY)
    decide_on(path, frames, WHY, criterion="efficiency", value="negative")
    decide_on(path, frames, WHY, kind=DecisionKind.LINK, criterion="", finding_id="F1", value="supports")
    join(path, frames, PAY)
    now = now_in(path, frames)
    both = f"{PAY} {WHY}"
    assert spoken(now) == [PUMP, both, "Now we wait."]
    assert counted(now) == [("efficiency", "negative", both), ("relevance", "positive", both), ("F1", "supports", both)]
    assert waiting(now) == []


@pytest.mark.parametrize(
    ("first", "second", "holds"),
    [
        ({"value": "positive"}, {"value": "negative"}, []),
        ({"value": "positive"}, {"kind": DecisionKind.UNCODE, "value": ""}, []),
        ({"kind": DecisionKind.UNCODE, "value": ""}, {"kind": DecisionKind.UNCODE, "value": ""}, ["no"]),
        ({"value": "positive"}, {"value": "positive"}, ["positive"]),
    ],
)
def test_what_disagrees_on_the_parts_waits(
    path: Path, frames: dict[str, pd.DataFrame], first: dict[str, object], second: dict[str, object], holds: list[str]
) -> None:
    decide_on(path, frames, PAY, **first)
    decide_on(path, frames, WHY, **second)
    join(path, frames, PAY)
    now = now_in(path, frames)
    assert [value for _, value, _ in counted(now)] == holds
    assert len(waiting(now)) == (0 if holds else 2)


def test_a_code_left_blank_on_one_part_does_not_contradict_a_yes_on_the_other(
    path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    for words in (PAY, WHY):
        decide_on(
            path, frames, words, kind=DecisionKind.REVIEWED, criterion="", value="", codes=("relevance", "efficiency")
        )
    decide_on(path, frames, WHY)
    join(path, frames, PAY)
    now = now_in(path, frames)
    assert [each[:2] for each in counted(now)] == [("efficiency", "no"), ("relevance", "positive")]
    assert waiting(now) == []


def test_a_yes_on_one_part_holds_also_where_the_other_was_gone_through_later(
    path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    blank = {"kind": DecisionKind.REVIEWED, "criterion": "", "value": "", "codes": ("relevance", "efficiency")}
    decide_on(path, frames, PAY)
    decide_on(path, frames, PAY, **blank)
    decide_on(path, frames, WHY, **blank)
    join(path, frames, PAY)
    now = now_in(path, frames)
    assert [each[:2] for each in counted(now)] == [("efficiency", "no"), ("relevance", "positive")]
    assert waiting(now) == []


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ({"value": "negative"}, {"value": "negative"}, ("negative",)),
        ({"value": "negative"}, {"kind": DecisionKind.UNCODE, "value": ""}, ("negative", "no")),
        ({"kind": DecisionKind.UNCODE, "value": ""}, None, ("no", "positive")),
        ({"value": "positive"}, None, ()),
        ({"kind": DecisionKind.REVIEWED, "criterion": "", "value": "", "codes": ("relevance",)}, None, ()),
    ],
)
def test_answers_on_parts_that_are_newer_than_those_on_the_whole_wait_where_they_differ(
    path: Path,
    frames: dict[str, pd.DataFrame],
    first: dict[str, object],
    second: dict[str, object] | None,
    words: tuple[str, ...],
) -> None:
    both = "The pump works again", "and the clinic stays open."
    decide_on(path, frames, PUMP)
    cut(path, frames, PUMP, "and the clinic")
    frames = {**frames, "excerpts": now_in(path, frames).excerpts}
    for part, answer in zip(both, (first, second), strict=True):
        if answer:
            decide_on(path, frames, part, **answer)
    join(path, frames, both[0])
    now = now_in(path, frames)
    assert counted(now) == [("relevance", "positive", PUMP)]
    assert [answers.get("relevance") for answers in now.state.rejoined.values()] == ([words] if words else [])
    assert bool(waiting(now)) is bool(words)


@pytest.mark.parametrize(
    ("first", "second", "holds"),
    [
        ("yes:positive", None, [("positive", "ruled")]),
        ("yes:positive", "yes:positive", [("positive", "ruled")]),
        ("no", "no", [("no", "ruled")]),
        ("yes:positive", "yes:negative", []),
        ("yes:positive", "no", []),
        ("no", None, []),
    ],
)
def test_rulings_on_the_parts_of_a_joined_excerpt_hold_together_as_answers_do(
    path: Path, frames: dict[str, pd.DataFrame], first: str, second: str | None, holds: list[tuple[str, str]]
) -> None:
    ruled = {PAY: first, WHY: second}
    for words, value in ruled.items():
        if value:
            decide_on(path, frames, words, kind=DecisionKind.ADJUDICATE, value=value, coder="meeting")
    join(path, frames, PAY)
    now = now_in(path, frames)
    assert [(c.value if c.yes else "no", str(c.status)) for c in now.state.codings] == holds
    assert len(waiting(now)) == (0 if holds else sum(value is not None for value in ruled.values()))


def test_a_ruling_on_an_excerpt_that_was_cut_waits_on_both_parts_until_it_is_made_on_each(
    path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    decide_on(path, frames, PUMP, kind=DecisionKind.ADJUDICATE, value="yes:positive", coder="meeting")
    cut(path, frames, PUMP, "and the clinic")
    now = now_in(path, frames)
    first, second = "The pump works again", "and the clinic stays open."
    assert now.state.rulings == {}
    assert waiting(now) == [("relevance", first), ("relevance", second)]
    frames = {**frames, "excerpts": now.excerpts}
    decide_on(path, frames, first, kind=DecisionKind.ADJUDICATE, value="no", coder="meeting")
    now = now_in(path, frames)
    assert counted(now) == [("relevance", "no", first)]
    assert waiting(now) == [("relevance", second)]


def test_a_no_to_one_part_alone_says_nothing_of_both(path: Path, frames: dict[str, pd.DataFrame]) -> None:
    decide_on(path, frames, PAY, kind=DecisionKind.UNCODE, value="")
    join(path, frames, PAY)
    now = now_in(path, frames)
    assert counted(now) == []
    assert waiting(now) == [("relevance", f"{PAY} {WHY}")]


def test_cuts_and_joins_follow_each_other(path: Path, frames: dict[str, pd.DataFrame]) -> None:
    cut(path, frames, PUMP, "and the clinic")
    now = {**frames, "excerpts": now_in(path, frames).excerpts}
    joined = join(path, now, "and the clinic stays open.")
    assert spoken(now_in(path, now)) == [
        "The pump works again",
        f"and the clinic stays open. {PAY}",
        WHY,
        "Now we wait.",
    ]
    undo(path, joined)
    assert spoken(now_in(path, now))[:3] == ["The pump works again", "and the clinic stays open.", PAY]


def test_two_coders_may_cut_and_join_the_same_words_and_the_last_holds(
    path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    cut(path, frames, PUMP, "and the clinic")
    now = {**frames, "excerpts": now_in(path, frames).excerpts}
    join(path, now, "The pump works again", coder="leo")
    assert spoken(now_in(path, now))[0] == PUMP


def test_a_decision_made_on_the_whole_after_the_cut_does_not_take_the_cut_back(
    path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    cut(path, frames, PUMP, "and the clinic")
    decide_on(path, frames, PUMP, coder="leo")
    now = now_in(path, frames)
    assert spoken(now)[:2] == ["The pump works again", "and the clinic stays open."]
    assert [code for code, _ in waiting(now)] == ["relevance", "relevance"]


def test_a_cut_and_a_join_follow_their_words_to_another_place(path: Path, frames: dict[str, pd.DataFrame]) -> None:
    cut(path, frames, PUMP, "and the clinic")
    join(path, frames, PAY)
    earlier = quotes_in(ledger.load(path), frames)
    moved = interview(Said("Q", "Good morning. What changed?"), *TALK[1:])
    now = now_in(path, moved, quotes=earlier)
    assert spoken(now)[:3] == ["The pump works again", "and the clinic stays open.", f"{PAY} {WHY}"]


def test_a_cut_whose_words_changed_holds_no_more_and_is_listed_by_the_parts_that_are_left(
    path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    cut(path, frames, PUMP, "and the clinic")
    changed = interview(TALK[0], replace(TALK[1], words=TALK[1].words.replace("clinic", "school")), *TALK[2:])
    now = now_in(path, changed, quotes=quotes_in(ledger.load(path), frames))
    assert spoken(now)[0] == "The pump works again and the school stays open."
    assert set(now.placements["status"]) == {"stale"}


def test_a_cut_survives_other_limits(path: Path, frames: dict[str, pd.DataFrame]) -> None:
    cut(path, frames, PUMP, "and the clinic")
    limits = SegmentSettings(sentences=3, chars=600)
    now = now_in(path, interview(*TALK, limits=limits), limits=limits)
    assert spoken(now) == ["The pump works again", "and the clinic stays open.", f"{PAY} {WHY}", "Now we wait."]


def test_a_merged_ledger_brings_its_cuts(path: Path, frames: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    line = cut(other, frames, PUMP, "and the clinic", coder="leo")
    undo(other, line)
    cut(other, frames, PUMP, "stays open", coder="leo")
    decide_on(path, frames, PAY)
    ledger.Ledger(path).merge(other.read_bytes(), "other.jsonl")
    assert spoken(now_in(path, frames))[:2] == ["The pump works again and the clinic", "stays open."]


def test_keys_of_parts_that_this_version_does_not_know_are_kept(path: Path, frames: dict[str, pd.DataFrame]) -> None:
    cut(path, frames, PUMP, "and the clinic")
    line = ledger.load(path)[0]
    row = ledger.row_of(line)
    row["parts"][0]["colour"] = "red"
    row["hash"] = ledger.hash_of(row)
    read = ledger.read_chain(ledger.canonical_json(row).encode() + b"\n", "x")[0]
    assert ledger.row_of(read)["parts"][0]["colour"] == "red"


def test_a_cut_with_one_part_alone_is_refused_as_no_decision(path: Path, frames: dict[str, pd.DataFrame]) -> None:
    cut(path, frames, PUMP, "and the clinic")
    row = ledger.row_of(ledger.load(path)[0])
    row["parts"] = row["parts"][:1]
    row["hash"] = ledger.hash_of(row)
    with pytest.raises(IntegrityError, match="not a decision"):
        ledger.read_chain(ledger.canonical_json(row).encode() + b"\n", "x")


@pytest.mark.parametrize(
    ("text", "at", "parts"),
    [
        ("one two", 3, ("one", "two")),
        ("one two", 5, ("one", "two")),  # within a word: the nearest gap
        ("a cafe\u0301 b", 6, ("a cafe\u0301", "b")),  # between a letter and its accent
        ("a \u0301e b", 2, ("a \u0301e", "b")),  # an accent on a space
        ("ok 👩‍👩‍👧 yes", 5, ("ok", "👩‍👩‍👧 yes")),  # within an emoji of several characters
        ("so [person 1] left", 8, ("so", "[person 1] left")),  # within a masked name
        ("10\u00a0000 soles", 3, ("10", "000 soles")),
    ],
)
def test_a_cut_falls_between_two_words(text: str, at: int, parts: tuple[str, str]) -> None:
    gap = nearest_gap(text, at)
    assert gap
    assert (text[: gap.start], text[gap.end :]) == parts


@pytest.mark.parametrize("text", ["one", "👩‍👩‍👧", "[person 1]", "a \u0301"])
def test_a_single_word_cannot_be_cut(text: str) -> None:
    assert list(gaps(text)) == []


WORDS = st.text(alphabet=" \n.aé\u0301👧🏽\u200d[]?", min_size=1, max_size=60).map(lambda text: f"a{text}z")


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=3), st.data())
def test_whatever_is_cut_joined_and_taken_back_every_character_stays_in_one_excerpt(
    words: list[str], data: st.DataObject
) -> None:
    frames = interview(*(Said("R" if n % 2 else "Q", each, "P1" if n % 2 else "") for n, each in enumerate(words)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "decisions.jsonl"
        for _ in range(data.draw(st.integers(1, 6))):
            _do_something(path, frames, data)
            now = now_in(path, frames)
            _check_whole(now.excerpts, frames)
            fresh = now_in(path, interview(*_said(words)))
            pd.testing.assert_frame_equal(now.excerpts, fresh.excerpts)
            frames = {**frames, "excerpts": now.excerpts}


def _said(words: list[str]) -> list[Said]:
    return [Said("R" if n % 2 else "Q", each, "P1" if n % 2 else "") for n, each in enumerate(words)]


def _do_something(path: Path, frames: dict[str, pd.DataFrame], data: st.DataObject) -> None:
    """A cut, a join, an undo or a decision, drawn at random among those that are possible."""
    texts = [str(text) for text in frames["excerpts"]["text"]]
    turns = frames["excerpts"]["turn"].tolist()
    lines = [line for line in ledger.load(path) if line.kind is DecisionKind.EXCERPT]
    cuts = [(text, gap) for text in texts for gap in gaps(text)]
    joins = [texts[n] for n in range(len(texts) - 1) if turns[n] == turns[n + 1] and texts.count(texts[n]) == 1]
    what = data.draw(
        st.sampled_from(["decide", *["cut"] * bool(cuts), *["join"] * bool(joins), *["undo"] * bool(lines)])
    )
    if what == "cut":
        text, gap = data.draw(st.sampled_from(cuts))
        cut(path, frames, text, text[gap.end :])
    elif what == "join":
        join(path, frames, data.draw(st.sampled_from(joins)))
    elif what == "undo":
        undo(path, data.draw(st.sampled_from(lines)))
    else:
        decide_on(path, frames, data.draw(st.sampled_from(texts)))


def _check_whole(excerpts: pd.DataFrame, frames: dict[str, pd.DataFrame]) -> None:
    text = str(frames["texts"].iloc[0]["text"])
    for turn in frames["turns"].to_dict("records"):
        rows = excerpts[excerpts["turn"] == turn["turn"]].sort_values("start")
        at = turn["start"]
        for start, end in zip(rows["start"], rows["end"], strict=True):
            assert at <= start < end
            assert not text[at:start].strip()
            at = end
        assert not text[at : turn["end"]].strip()

"""A decision follows its words: carried where they are no guess, stale where they changed, never on other words."""

from pathlib import Path

import pytest
from small_ledger import LIMITS, Said, after, decide_on, interview, quotes_in

from pipeline.config import SegmentSettings
from pipeline.review import decisions as ledger

LAST = "They gave it back in March, after the third visit to the office in town."  # too long to join the one before
ROSA = Said("ROSA", f"We waited two hours. The form was lost. {LAST}", "P1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "decisions.jsonl"


def edited(said: Said, old: str, new: str) -> Said:
    assert old in said.words
    return Said(said.label, said.words.replace(old, new), said.person)


def test_b10_a_letter_added_before_it_carries_a_decision_to_where_its_words_are(path: Path) -> None:
    before = interview(ROSA)
    decided = decide_on(path, before, "The form was lost.")
    now = after(ledger.load(path), interview(edited(ROSA, "two", "twoo")))
    assert now.words_decided_on() == ["The form was lost."]
    assert now.state.stale == ()
    assert [(d.seq, place) for d, place in now.state.carried] == [(1, now.state.coder_decisions[0].excerpt_id)]
    (row,) = now.placements.to_dict("records")
    assert (row["decided_on"], row["status"], row["decisions"]) == (decided.excerpt_id, "carried", 1)
    assert [(c.status, c.decided_by) for c in now.state.codings] == [("carried", "ana")]


def test_a_decision_whose_words_changed_is_stale_and_listed_with_the_old_words(path: Path) -> None:
    before = interview(ROSA)
    decide_on(path, before, "The form was lost.")
    quotes = quotes_in(ledger.load(path), before)
    now = after(ledger.load(path), interview(edited(ROSA, "form was lost", "form was never lost")), quotes=quotes)
    assert now.state.coder_decisions == ()
    assert len(now.state.stale) == 1
    (row,) = now.placements.to_dict("records")
    texts = dict(zip(now.excerpts["excerpt_id"], now.excerpts["text"], strict=True))
    assert (row["status"], row["text"]) == ("stale", "The form was lost.")
    assert texts[row["now_at"]] == "The form was never lost."


def test_accepting_the_new_words_answers_the_stale_decision(path: Path) -> None:
    decide_on(path, interview(ROSA), "The form was lost.")
    edit = interview(Said("ROSA", "Long before that. " + ROSA.words.replace("was lost", "was never lost"), "P1"))
    quotes = quotes_in(ledger.load(path), interview(ROSA))
    assert len(after(ledger.load(path), edit, quotes=quotes).state.stale) == 1
    decide_on(path, edit, "The form was never lost.")
    assert after(ledger.load(path), edit, quotes=quotes).state.stale == ()


def test_b11_another_setting_of_segment_keeps_what_people_decided_on_and_cuts_the_rest(path: Path) -> None:
    cut_in_three, in_one = interview(ROSA), SegmentSettings(sentences=3, chars=600)
    decide_on(path, cut_in_three, "The form was lost.")
    now = after(ledger.load(path), interview(ROSA, limits=in_one), limits=in_one)
    assert list(now.excerpts["text"]) == ["We waited two hours.", "The form was lost.", LAST]
    assert now.state.stale == now.state.carried == ()


def test_pins_that_the_settings_would_give_anyway_change_no_other_excerpt(path: Path) -> None:
    before = interview(ROSA, Said("Q", "Why?"), ROSA)
    decide_on(path, before, "We waited two hours.")
    assert list(after(ledger.load(path), before).excerpts["excerpt_id"]) == list(before["excerpts"]["excerpt_id"])


@pytest.mark.parametrize("has_selector", [True, False])
def test_words_that_go_on_are_not_the_words_that_were_decided_on(*, has_selector: bool, path: Path) -> None:
    decide_on(path, interview(Said("ROSA", "It worked", "P1")), "It worked", has_selector=has_selector)
    now = after(ledger.load(path), interview(Said("ROSA", "It worked badly for us", "P1")))
    assert now.state.coder_decisions == ()
    assert len(now.state.stale) == 1


def test_the_same_words_of_another_speaker_are_not_what_was_decided_on(path: Path) -> None:
    decide_on(path, interview(ROSA), "The form was lost.")
    now = after(ledger.load(path), interview(Said("JUAN", ROSA.words, "P2")))
    assert len(now.state.stale) == 1


def test_a_speaker_who_is_found_in_the_register_later_is_the_same_speaker(path: Path) -> None:
    decide_on(path, interview(Said("ROSA", ROSA.words)), "The form was lost.")
    now = after(ledger.load(path), interview(Said("Q", "And?"), ROSA))
    assert now.words_decided_on() == ["The form was lost."]


YES = Said("ROSA", "Yes.", "P1")
FIRST, SECOND = Said("Q", "Was it useful to you?"), Said("Q", "Did they steal from you?")


def test_of_words_said_twice_the_decision_stays_with_its_own(path: Path) -> None:
    before = interview(FIRST, YES, SECOND, YES)
    decide_on(path, before, "Yes.", nth=1)
    now = after(ledger.load(path), interview(Said("Q", "Good morning."), FIRST, YES, SECOND, YES))
    (decision,) = now.state.coder_decisions
    assert decision.excerpt_id == now.excerpts.query("text == 'Yes.'").iloc[1]["excerpt_id"]


def test_of_words_said_twice_of_which_one_is_gone_nothing_is_guessed(path: Path) -> None:
    before = interview(FIRST, YES, SECOND, YES)
    decide_on(path, before, "Yes.", nth=1)
    now = after(ledger.load(path), interview(FIRST, YES, SECOND, Said("ROSA", "No.", "P1")))
    assert now.state.coder_decisions == ()
    assert len(now.state.stale) == 1


def test_without_a_selector_repeated_words_are_stale_and_unique_words_are_carried(
    path: Path,
) -> None:
    decide_on(path, interview(ROSA), "The form was lost.", has_selector=False)
    later = Said("ROSA", "Well. " + ROSA.words, "P1")
    assert after(ledger.load(path), interview(later)).words_decided_on() == ["The form was lost."]
    assert len(after(ledger.load(path), interview(later, Said("ROSA", "The form was lost.", "P1"))).state.stale) == 1


def test_of_two_overlapping_excerpts_the_one_decided_on_last_is_kept(path: Path) -> None:
    wide = SegmentSettings(sentences=2, chars=600)
    decide_on(path, interview(ROSA, limits=wide), "We waited two hours. The form was lost.", coder="ben")
    decide_on(path, interview(ROSA), "The form was lost.")
    now = after(ledger.load(path), interview(ROSA), limits=LIMITS)
    assert now.words_decided_on() == ["The form was lost."]
    assert [d.coder for d in now.state.stale] == ["ben"]


def test_a_selector_holds_no_words_and_no_name(path: Path) -> None:
    decide_on(path, interview(Said("ROSA MAMANI", ROSA.words)), "The form was lost.")
    line = path.read_text("utf-8")
    assert "ROSA" not in line
    assert "form" not in line

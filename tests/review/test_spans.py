"""Words that coders mark inside an excerpt: what is recorded, what counts, and what becomes of it when things change."""

from pathlib import Path

import boundaries
import pandas as pd
import pytest
from small_ledger import NOW, Said, after, decide_on, interview, quotes_in

from pipeline.errors import IntegrityError
from pipeline.provenance import sha256_text
from pipeline.records import CodebookChange, Decision, Draft, MarkedSpan
from pipeline.review import decisions as ledger
from pipeline.review.masked.gaps import Gap, mask_changes, stretch_now
from pipeline.review.undo import undo_draft, without_undone
from pipeline.spans import Stretch, as_cell, of_cell, parts_of, united, whole_characters, words_of
from pipeline.steps.apply_decisions import stale
from pipeline.vocabulary import CodebookAction, DecisionKind

WORDS = "The forms were lost, but the courses helped us a lot."
TURNS = (Said("Q", "How was it?"), Said("Rosa", WORDS))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "decisions.jsonl"


def mark(path: Path, frames: dict[str, pd.DataFrame], words: str, **more: object) -> Decision:
    """Let a coder mark some words of the excerpt."""
    start = WORDS.index(words)
    span = MarkedSpan(start, start + len(words))
    return decide_on(path, frames, WORDS, kind=DecisionKind.SPAN, value="", span=span, **more)


def undo(path: Path, *lines: Decision, coder: str = "ana") -> Decision:
    return ledger.append(path, [undo_draft(lines)], coder=coder, now=NOW)[0]


def change(path: Path, action: CodebookAction, *codes: str, into: tuple[str, ...] = ()) -> None:
    done = CodebookChange(action, codes=codes, into=into)
    ledger.append(path, [Draft(DecisionKind.CODEBOOK, change=done)], coder="ana", now=NOW)


def marked(path: Path, *turns: Said, **more: object) -> list[tuple[str, str, str]]:
    """Coder, code and words of the spans that count."""
    now = after(ledger.load(path), interview(*(turns or TURNS)), **more)
    texts = dict(zip(now.excerpts["excerpt_id"], now.excerpts["text"], strict=True))
    return [(s.coder, s.criterion, texts[s.excerpt_id][s.start : s.end]) for s in now.state.spans]


def test_a_span_is_a_line_of_the_ledger_with_offsets_and_no_words(path: Path) -> None:
    mark(path, interview(*TURNS), "helped us")
    (line,) = ledger.load(path)
    assert line.span == MarkedSpan(37, 46)
    assert (line.kind, line.criterion, line.text_sha256) == (DecisionKind.SPAN, "relevance", sha256_text(WORDS))
    assert "helped" not in path.read_text("utf-8")


def test_a_span_counts_while_its_coder_gives_the_code(path: Path) -> None:
    frames = interview(*TURNS)
    mark(path, frames, "helped us")
    assert marked(path) == []
    decide_on(path, frames, WORDS)
    assert marked(path) == [("ana", "relevance", "helped us")]
    decide_on(path, frames, WORDS, kind=DecisionKind.UNCODE, value="")
    assert marked(path) == []


def test_spans_overlap_for_several_codes_and_coders_and_the_same_one_counts_once(path: Path) -> None:
    frames = interview(*TURNS)
    for coder, code, words in (
        ("ana", "relevance", "the courses helped us"),
        ("ana", "relevance", "helped us a lot"),
        ("ana", "efficiency", "helped us"),
        ("ben", "relevance", "helped us"),
        ("ben", "relevance", "helped us"),
    ):
        decide_on(path, frames, WORDS, coder=coder, criterion=code)
        mark(path, frames, words, coder=coder, criterion=code)
    assert marked(path) == [
        ("ana", "relevance", "the courses helped us"),
        ("ana", "relevance", "helped us a lot"),
        ("ana", "efficiency", "helped us"),
        ("ben", "relevance", "helped us"),
    ]


def test_a_span_is_taken_back_and_put_back(path: Path) -> None:
    frames = interview(*TURNS)
    decide_on(path, frames, WORDS)
    span = mark(path, frames, "helped us")
    undone = undo(path, span)
    assert marked(path) == []
    redone = undo(path, undone)
    assert marked(path) == [("ana", "relevance", "helped us")]
    undo(path, redone)
    assert marked(path) == []


def test_nobody_takes_back_the_span_of_another_coder(path: Path) -> None:
    frames = interview(*TURNS)
    decide_on(path, frames, WORDS)
    span = mark(path, frames, "helped us")
    undo(path, span, coder="ben")
    assert marked(path) == [("ana", "relevance", "helped us")]


def test_what_was_taken_back_and_put_back_twice_holds_as_it_was(path: Path) -> None:
    frames = interview(*TURNS)
    line = decide_on(path, frames, WORDS)
    for _ in range(2):
        line_of_undo = undo(path, line)
        assert without_undone(ledger.load(path)) == []
        undo(path, line_of_undo)
        assert [d.hash for d in without_undone(ledger.load(path))] == [line.hash]


def test_a_span_follows_its_words_to_another_place(path: Path) -> None:
    frames = interview(*TURNS)
    decide_on(path, frames, WORDS)
    mark(path, frames, "helped us")
    moved = (Said("Q", "A question that was missing. How was it?"), TURNS[1])
    assert marked(path, *moved, quotes=quotes_in(ledger.load(path), frames)) == [("ana", "relevance", "helped us")]


def test_a_span_on_words_that_changed_is_stale_and_its_coder_marks_anew(path: Path) -> None:
    frames = interview(*TURNS)
    decide_on(path, frames, WORDS)
    span = mark(path, frames, "helped us")
    corrected = (TURNS[0], Said("Rosa", WORDS.replace("forms", "papers")))
    now = after(ledger.load(path), interview(*corrected), quotes=quotes_in(ledger.load(path), frames))
    assert now.state.spans == ()
    (listed,) = [str(each) for each in stale(now.state) if each.where.endswith(f"line {span.seq}")]
    assert f"marks words for relevance and is stale: the text of {span.excerpt_id} has changed" in listed


def test_a_span_outside_of_its_excerpt_or_empty_is_listed_and_does_not_count(path: Path) -> None:
    frames = interview(*TURNS)
    decide_on(path, frames, WORDS)
    for span in (MarkedSpan(50, 60), MarkedSpan(4, 4), MarkedSpan(-1, 4)):
        decide_on(path, frames, WORDS, kind=DecisionKind.SPAN, value="", span=span)
    state = after(ledger.load(path), frames).state
    assert (state.spans, [line.seq for line in state.outside]) == ((), [2, 3, 4])


def test_a_span_whose_offsets_are_no_numbers_is_no_line_of_a_ledger(path: Path) -> None:
    line = mark(path, interview(*TURNS), "helped us")
    row = ledger.row_of(line) | {"span": {"start": "4", "end": "9"}}
    row["hash"] = ledger.hash_of(row)
    with pytest.raises(IntegrityError, match="is not a decision"):
        ledger.read_chain(ledger.canonical_json(row).encode() + b"\n", "x")


def test_a_span_follows_its_code_through_changes_of_the_codebook(path: Path) -> None:
    frames = interview(*TURNS)
    decide_on(path, frames, WORDS, criterion="need")
    mark(path, frames, "helped us", criterion="need")
    change(path, CodebookAction.RENAME, "need", into=("use",))
    assert marked(path) == [("ana", "use", "helped us")]
    change(path, CodebookAction.SPLIT, "use", into=("relevance", "efficiency"))
    assert marked(path) == []
    decide_on(path, frames, WORDS, criterion="efficiency")
    assert marked(path) == [("ana", "efficiency", "helped us")]
    change(path, CodebookAction.MERGE, "relevance", "efficiency", into=("relevance",))
    assert marked(path) == [("ana", "relevance", "helped us")]


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("We agreed.", 3, 9, "agreed"),
        ("We agreed.", 2, 10, "agreed."),
        ("cafe\u0301s", 2, 4, "fe\u0301"),
        ("cafe\u0301s", 4, 6, "e\u0301s"),
        ("a 👩‍👩‍👧 b", 3, 4, "👩‍👩‍👧"),
        ("🇵🇪🇧🇴", 1, 2, "🇵🇪"),
        ("👍🏽!", 1, 2, "👍🏽"),
    ],
)
def test_a_span_takes_whole_characters(text: str, start: int, end: int, expected: str) -> None:
    stretch = whole_characters(text, start, end)
    assert stretch is not None
    assert text[stretch.start : stretch.end] == expected


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (2, 3), (-1, 2), (4, 40)])
def test_nothing_is_no_span(start: int, end: int) -> None:
    assert whole_characters("We agreed.", start, end) is None


def test_spans_that_overlap_or_touch_are_one_and_what_is_between_others_is_left_out() -> None:
    union = united([Stretch(8, 12), Stretch(0, 3), Stretch(3, 5), Stretch(10, 14), Stretch(9, 10)])
    assert union == ((0, 5), (8, 14))
    assert of_cell(as_cell(union)) == union
    assert of_cell("") == ()
    assert words_of("abcdefghijklmnop", union) == "abcde […] ijklmn"
    assert [tuple(part) for part in parts_of("abcdefghijklmnop", union)] == [
        ("abcde", True),
        ("fgh", False),
        ("ijklmn", True),
        ("op", False),
    ]


def test_offsets_follow_masks_and_a_span_that_begins_in_a_name_takes_all_of_it() -> None:
    then, now = "Rosa and Juan came", "[name] and [name 2] came"
    changes = mask_changes((), (Gap(0, 6, 4), Gap(11, 19, 4)))
    for start, end, expected in ((5, 8, "and"), (9, 13, "[name 2]"), (2, 11, now[:19]), (14, 18, "came")):
        first, last = stretch_now(start, end, changes)
        assert now[first:last] == expected, then[start:end]
    back = mask_changes((Gap(0, 6, 4), Gap(11, 19, 4)), ())
    first, last = stretch_now(7, 13, back)
    assert then[first:last] == "and Juan"
    assert mask_changes((), ()) == ()


def test_a_span_on_an_excerpt_that_was_cut_is_on_the_parts_to_which_its_coder_gives_the_code(path: Path) -> None:
    words = "The forms were lost, but the courses helped us a lot."
    frames = interview(*TURNS)
    decide_on(path, frames, words)
    mark(path, frames, "lost, but the courses")
    boundaries.cut(path, frames, words, "but")
    assert marked(path) == []  # the answer waits to be confirmed on each part
    now = after(ledger.load(path), frames)
    for part in now.excerpts["text"].tolist():
        if part in words:
            decide_on(path, {**frames, "excerpts": now.excerpts}, part)
    assert marked(path) == [("ana", "relevance", "lost,"), ("ana", "relevance", "but the courses")]


def test_a_span_on_an_excerpt_that_was_joined_is_in_the_whole(path: Path) -> None:
    two = (TURNS[0], Said("Rosa", "The forms were lost. The courses helped us. We hope so."))
    frames = interview(*two)
    last = frames["excerpts"]["text"].iloc[-1]
    line = decide_on(path, frames, last)
    span = MarkedSpan(4, 11)
    decide_on(path, frames, last, kind=DecisionKind.SPAN, value="", span=span)
    boundaries.join(path, frames, "The forms were lost.")
    assert line.excerpt_id not in set(after(ledger.load(path), frames).excerpts["excerpt_id"])
    assert marked(path, *two) == [("ana", "relevance", "courses")]

"""The ledger of decisions: what it refuses, what follows from it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.errors import IntegrityError, StudyBusyError
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.review.settle import settle
from pipeline.vocabulary import CodingStatus, DecisionKind

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FAMILIES = {"criterion": ("relevance", "efficiency"), "learning": ("lesson",)}
HASHES = {"s:0-5": "aa", "s:6-9": "bb"}


def draft(kind: DecisionKind = DecisionKind.CODE, **given: str) -> Draft:
    return Draft(kind, given.get("excerpt_id", "s:0-5"), given.get("sha", "aa"), given.get("criterion", "relevance"),
                 given.get("finding_id", ""), given.get("value", ""))  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "decisions.jsonl"
    ledger.append(path, [draft(value="positive"), draft(criterion="efficiency")], coder="ana", now=NOW)
    ledger.append(path, [draft(kind=DecisionKind.UNCODE)], coder="ben", now=NOW)
    return path


def test_what_is_appended_is_read_back_in_order(path: Path) -> None:
    read = ledger.load(path)
    assert [d.seq for d in read] == [1, 2, 3]
    assert [d.coder for d in read] == ["ana", "ana", "ben"]
    assert read[1].prev == read[0].hash


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def test_a_changed_line_is_named(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"efficiency", b"relevances"))
    with pytest.raises(IntegrityError, match=r"decisions.jsonl line 2: was changed after it was written"):
        ledger.load(path)


def test_a_removed_line_is_named(path: Path) -> None:
    first, _, third = lines(path)
    path.write_bytes(first + third)
    with pytest.raises(IntegrityError, match=r"line 2: carries number 3: a line is missing, doubled or moved"):
        ledger.load(path)


def test_swapped_lines_are_named(path: Path) -> None:
    first, second, third = lines(path)
    path.write_bytes(second + first + third)
    with pytest.raises(IntegrityError, match="line 1: carries number 2"):
        ledger.load(path)


def test_a_line_cut_by_a_crash_is_named_with_its_remedy(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(IntegrityError, match=r"line 3: is cut off before its end: .*the decisions above it are whole"):
        ledger.load(path)


def test_nothing_is_appended_to_a_broken_ledger(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    before = path.read_bytes()
    with pytest.raises(IntegrityError):
        ledger.append(path, [draft()], coder="ana", now=NOW)
    assert path.read_bytes() == before


def test_two_writers_at_once_wait_for_each_other(path: Path) -> None:
    with FileLock(ledger.lock_of(path)), pytest.raises(StudyBusyError):
        ledger.append(path, [draft()], coder="ana", now=NOW)


def test_merging_another_coders_ledger_twice_is_merging_it_once(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    ledger.append(other, [draft(criterion="sustainability")], coder="eva", now=NOW)
    assert len(ledger.merge(path, other.read_bytes(), other.name)) == 1
    assert len(ledger.merge(path, other.read_bytes(), other.name)) == 0
    merged = ledger.load(path)[-1]
    assert (merged.coder, merged.seq, merged.origin) == ("eva", 4, ledger.load(other)[0].hash)


def test_a_copy_of_the_same_ledger_brings_nothing_new(path: Path) -> None:
    assert ledger.merge(path, path.read_bytes(), "copy.jsonl") == ()


def test_every_line_is_one_json_object_in_utf8(path: Path) -> None:
    assert all(isinstance(json.loads(line), dict) for line in lines(path))


def state(*given: tuple[str, Draft], tmp_path: Path):
    path = tmp_path / "d.jsonl"
    for coder, one in given:
        ledger.append(path, [one], coder=coder, now=NOW)
    return settle(ledger.load(path), HASHES, FAMILIES)


def test_one_coder_makes_a_single_coding(tmp_path: Path) -> None:
    (settled,) = state(("ana", draft(value="negative")), tmp_path=tmp_path).codings
    assert (settled.status, settled.yes, settled.value, settled.decided_by) == (
        CodingStatus.SINGLE,
        True,
        "negative",
        "ana",
    )


def test_two_who_say_the_same_agree(tmp_path: Path) -> None:
    (settled,) = state(("ana", draft(value="positive")), ("ben", draft(value="positive")), tmp_path=tmp_path).codings
    assert (settled.status, settled.decided_by) == (CodingStatus.AGREED, "ana;ben")


def test_two_who_say_the_opposite_conflict_and_decide_nothing(tmp_path: Path) -> None:
    (settled,) = state(("ana", draft()), ("ben", draft(kind=DecisionKind.UNCODE)), tmp_path=tmp_path).codings
    assert (settled.status, settled.yes) == (CodingStatus.CONFLICTED, None)


def test_two_who_differ_in_stance_together_say_mixed(tmp_path: Path) -> None:
    (settled,) = state(("ana", draft(value="positive")), ("ben", draft(value="negative")), tmp_path=tmp_path).codings
    assert (settled.status, settled.value) == (CodingStatus.AGREED, "mixed")


def test_a_ruling_settles_a_conflict(tmp_path: Path) -> None:
    ruling = draft(kind=DecisionKind.ADJUDICATE, value="yes:negative")
    (settled,) = state(
        ("ana", draft()), ("ben", draft(kind=DecisionKind.UNCODE)), ("eva", ruling), tmp_path=tmp_path
    ).codings
    assert (settled.status, settled.yes, settled.value, settled.decided_by) == (
        CodingStatus.AGREED,
        True,
        "negative",
        "eva",
    )


def test_a_coders_later_word_replaces_the_earlier_one_whatever_the_clock_says(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    ledger.append(path, [draft()], coder="ana", now=NOW)
    ledger.append(path, [draft(kind=DecisionKind.UNCODE)], coder="ana", now=datetime(2001, 1, 1, tzinfo=UTC))
    (settled,) = settle(ledger.load(path), HASHES, FAMILIES).codings
    assert settled.yes is False


def test_a_decision_upon_words_that_changed_is_stale_and_counts_for_nothing(tmp_path: Path) -> None:
    found = state(("ana", draft(sha="other")), ("ana", draft(excerpt_id="gone:0-1")), tmp_path=tmp_path)
    assert found.codings == ()
    assert len(found.stale) == 2


@pytest.mark.parametrize(("again", "left"), [
    (draft(), 0),  # on the words that stand at the old place now
    (draft(excerpt_id="s:3-9", sha="bb"), 0),  # on an excerpt that was cut otherwise
    (draft(excerpt_id="s:50-60", sha="old"), 0),  # on the same words further down
    (draft(kind=DecisionKind.UNCODE), 0),
    (draft(kind=DecisionKind.REVIEWED, criterion="", value="criterion"), 0),
    (draft(criterion="efficiency"), 1),  # another code
    (draft(excerpt_id="s:9-20", sha="cc"), 1),  # beside it
    (draft(excerpt_id="t:0-5", sha="dd"), 1),  # another source
    (draft(kind=DecisionKind.LINK, criterion="", finding_id="F1"), 1),
])  # fmt: skip
def test_a_stale_decision_is_answered_once_its_coder_decides_anew_on_what_stands_there(
    again: Draft, left: int, tmp_path: Path
) -> None:
    path = tmp_path / "d.jsonl"
    ledger.append(path, [draft(sha="old")], coder="ana", now=NOW)
    ledger.append(path, [again], coder="ana", now=NOW)
    hashes = {"s:0-5": "aa", "s:3-9": "bb", "s:50-60": "old", "s:9-20": "cc", "t:0-5": "dd"}
    assert len(settle(ledger.load(path), hashes, FAMILIES).stale) == left


def test_a_stale_decision_is_answered_by_its_own_coder_alone_and_only_afterwards(tmp_path: Path) -> None:
    assert len(state(("ana", draft(sha="old")), ("ben", draft()), tmp_path=tmp_path).stale) == 1
    assert len(state(("ana", draft()), ("ana", draft(sha="old")), tmp_path=tmp_path / "later").stale) == 1


def test_a_reviewed_excerpt_carries_no_code_of_the_families_gone_through_but_those_decided(tmp_path: Path) -> None:
    gone_through = Draft(DecisionKind.REVIEWED, "s:0-5", "aa", value="criterion")
    found = state(("ana", gone_through), ("ana", draft(value="mixed")), tmp_path=tmp_path)
    assert [(s.target, s.yes, s.value) for s in found.codings] == [
        ("efficiency", False, ""),
        ("relevance", True, "mixed"),
    ]


def test_links_are_settled_apart_from_codes(tmp_path: Path) -> None:
    link = Draft(DecisionKind.LINK, "s:0-5", "aa", finding_id="F1", value="contradicts")
    found = state(("ana", link), ("ana", draft()), tmp_path=tmp_path)
    assert [(s.target, s.value) for s in found.links] == [("F1", "contradicts")]
    assert [s.target for s in found.codings] == ["relevance"]

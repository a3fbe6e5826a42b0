"""The ledger of decisions: what it refuses, what follows from it."""

import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock
from studies import ROOT

from pipeline.errors import ConfigError, IntegrityError, StudyBusyError
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.review.identity import Passage
from pipeline.review.placement import Places
from pipeline.review.settle import link_status, settle
from pipeline.vocabulary import CoderView, CodingStatus, DecisionKind, LinkStatus

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FAMILIES = {"criterion": ("relevance", "efficiency"), "learning": ("lesson",)}
HASHES = {"s:0-5": "aa", "s:6-9": "bb"}
PLACES = Places({Passage(*item): item[0] for item in HASHES.items()})


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
    with pytest.raises(IntegrityError, match=r"line 2: has number 3: a line is missing, repeated or moved"):
        ledger.load(path)


def test_swapped_lines_are_named(path: Path) -> None:
    first, second, third = lines(path)
    path.write_bytes(second + first + third)
    with pytest.raises(IntegrityError, match="line 1: has number 2"):
        ledger.load(path)


def test_c11_a_line_cut_by_a_crash_is_set_aside_and_named_and_the_lines_above_it_count(path: Path) -> None:
    whole, cut = path.read_bytes(), lines(path)[2][:-20]
    path.write_bytes(b"".join(lines(path)[:2]) + cut)
    assert [d.seq for d in ledger.load(path)] == [1, 2]
    (aside,) = path.parent.glob("decisions.cut-*")
    assert aside.read_bytes() == cut
    assert path.read_bytes() == b"".join(whole.splitlines(keepends=True)[:2])
    (named,) = ledger.cut_lines(path)
    assert named.where.endswith("decisions.cut-1")
    ledger.append(path, [draft()], coder="ben", now=NOW)
    assert [d.seq for d in ledger.load(path)] == [1, 2, 3]


def test_a_line_that_lacks_only_its_end_is_a_whole_decision(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert len(ledger.load(path)) == 3
    assert path.read_bytes() == whole
    assert ledger.cut_lines(path) == ()


def test_a_second_cut_line_does_not_replace_the_first(path: Path) -> None:
    for _ in range(2):
        path.write_bytes(path.read_bytes() + b'{"seq":4,"at"')
        ledger.load(path)
    assert [named.where.rpartition("-")[2] for named in ledger.cut_lines(path)] == ["1", "2"]


def test_a_writer_waits_for_another_and_gives_up_in_the_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "PATIENCE", 0.05)
    with FileLock(ledger.lock_of(path)), pytest.raises(StudyBusyError):
        ledger.append(path, [draft()], coder="ana", now=NOW)


def test_a_reader_leaves_a_line_alone_that_is_being_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "PATIENCE", 0.05)
    path.write_bytes(path.read_bytes()[:-20])
    with FileLock(ledger.lock_of(path)):
        assert len(ledger.load(path)) == 2
    assert ledger.cut_lines(path) == ()


def test_a_line_says_on_what_the_decision_was_made(path: Path) -> None:
    made_on = replace(draft(), codebook="1+abc", handout="wb-7", shown=CoderView.BLIND, lane="random", round="pilot")
    ledger.append(path, [made_on], coder="ana", now=NOW)
    read = ledger.load(path)[-1]
    assert (read.codebook, read.handout, read.shown, read.lane, read.round) == (
        "1+abc", "wb-7", CoderView.BLIND, "random", "pilot",
    )  # fmt: skip


def grown(path: Path, **more: object) -> None:
    """Add a line with other keys, as a later version of the program may write it."""
    before = json.loads(lines(path)[-1])
    row = {**before, "seq": before["seq"] + 1, "prev": before["hash"], **more}
    row["hash"] = ledger.hash_of(row)
    with path.open("ab") as file:
        file.write(json.dumps(row).encode() + b"\n")


def test_c12_a_key_that_this_version_does_not_know_is_kept_and_handed_on(path: Path, tmp_path: Path) -> None:
    grown(path, mood={"tired": True}, selector={**SELECTOR, "chapter": 3})
    assert ledger.load(path)[-1].extra["mood"] == {"tired": True}
    other = tmp_path / "other.jsonl"
    ledger.Ledger(other).merge(path.read_bytes(), path.name)
    handed_on = json.loads(lines(other)[-1])
    assert handed_on["mood"] == {"tired": True}
    assert handed_on["selector"]["chapter"] == 3
    ledger.load(other)


SELECTOR = {"participant": "P1", "label": "", "before": "b", "after": "a", "nth": 1, "of": 2}


def test_c12_a_key_that_this_version_does_not_know_is_under_the_hash(path: Path) -> None:
    grown(path, mood="tired")
    path.write_bytes(path.read_bytes().replace(b"tired", b"awake"))
    with pytest.raises(IntegrityError, match="line 4: was changed after it was written"):
        ledger.load(path)


@pytest.mark.parametrize(
    "forged",
    [b'"coder":"eva","coder":"ana"', b'"coder":"ana","weight":NaN', b'"coder":7', b'"coder":"ana","codes":"relevance"'],
)
def test_a_line_with_a_key_twice_or_a_value_of_another_type_is_refused(forged: bytes, path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"coder":"ana"', forged, 1))
    with pytest.raises(IntegrityError, match="line 1: is not a decision"):
        ledger.load(path)


@pytest.mark.parametrize(("key", "word"), [("kind", "sing"), ("shown", "everything")])
def test_a_word_of_a_later_version_is_named_and_not_passed_over(key: str, word: str, path: Path) -> None:
    grown(path, **{key: word})
    with pytest.raises(
        IntegrityError, match=rf"line 4: has values that this version of the program does not know \({key}\)"
    ):
        ledger.load(path)


def test_the_first_line_names_the_study_and_an_older_ledger_is_named_when_it_is_next_written(path: Path) -> None:
    new = path.with_name("new.jsonl")
    for file in (path, new):
        ledger.append(file, [draft(), draft()], coder="ana", now=NOW, study="study-1")
        ledger.append(file, [draft()], coder="ana", now=NOW, study="study-1")
    assert [d.study for d in ledger.load(path)] == ["", "", "", "study-1", "", ""]
    assert [d.study for d in ledger.load(new)] == ["study-1", "", ""]


def test_a_ledger_of_another_study_is_refused_before_anything_is_added(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    ledger.append(other, [draft()], coder="eva", now=NOW, study="study-2")
    ledger.append(path, [draft()], coder="ana", now=NOW, study="study-1")
    before = path.read_bytes()
    for add in (
        lambda: ledger.Ledger(path, "study-1").merge(other.read_bytes(), other.name),
        lambda: ledger.append(path, [draft()], coder="ana", now=NOW, study="study-2"),
        lambda: ledger.load(path, "study-2"),
    ):
        with pytest.raises(ConfigError, match="belongs to another study"):
            add()
    assert path.read_bytes() == before


def test_a_full_disk_leaves_the_ledger_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(file: object, data: bytes) -> None:
        file.write(data[:40])
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(ledger, "_write_all", fails)
    with pytest.raises(IntegrityError, match="nothing was added"):
        ledger.append(path, [draft()], coder="ana", now=NOW)
    assert path.read_bytes() == before


def test_c10_each_look_verifies_only_the_lines_added_since(path: Path) -> None:
    held = ledger.Ledger(path)
    for number in range(4, 24):
        held.append([draft()], coder="ana", now=NOW)
        ledger.append(path, [draft()], coder="ben", now=NOW)
        assert len(held.refresh()) == held.lines_verified == 3 + 2 * (number - 3)


def test_a_ledger_that_was_replaced_is_verified_again(path: Path) -> None:
    held = ledger.Ledger(path)
    held.refresh()
    path.write_bytes(b"".join(lines(path)[:1]))
    assert len(held.refresh()) == 1
    path.write_bytes(path.read_bytes().replace(b"positive", b"negative"))
    with pytest.raises(IntegrityError, match="line 1: was changed"):
        held.refresh()


def append_many(path: Path, coder: str, count: int) -> int:
    held = ledger.Ledger(path, "study-1")
    for number in range(count):
        held.append([draft(value="positive" if number % 2 else "negative")], coder=coder, now=NOW)
    return held.lines_verified


@pytest.mark.slow
def test_four_writers_at_once_lose_no_line_and_verify_none_twice(tmp_path: Path) -> None:
    path, each = tmp_path / "decisions.jsonl", 2500
    with ProcessPoolExecutor(4) as pool:
        verified = list(pool.map(append_many, [path] * 4, ["ana", "ben", "eva", "leo"], [each] * 4))
    decisions = ledger.load(path)
    assert len(decisions) == 4 * each
    assert Counter(d.coder for d in decisions) == dict.fromkeys(("ana", "ben", "eva", "leo"), each)
    assert max(verified) <= 4 * each
    assert sum(bool(d.study) for d in decisions) == 1


def test_the_demonstrations_ledger_of_1418_lines_is_valid_as_it_is() -> None:
    data = (ROOT / "coded" / "decisions.jsonl").read_bytes()
    decisions = ledger.read_chain(data, "decisions.jsonl")
    assert len(decisions) >= 1418
    assert b"".join(ledger.line_of(d) for d in decisions) == data


def test_merging_another_coders_ledger_twice_is_merging_it_once(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    ledger.append(other, [draft(criterion="sustainability")], coder="eva", now=NOW)
    assert len(ledger.Ledger(path).merge(other.read_bytes(), other.name)) == 1
    assert len(ledger.Ledger(path).merge(other.read_bytes(), other.name)) == 0
    merged = ledger.load(path)[-1]
    assert (merged.coder, merged.seq, merged.origin) == ("eva", 4, ledger.load(other)[0].hash)


def test_a_copy_of_the_same_ledger_brings_nothing_new(path: Path) -> None:
    assert ledger.Ledger(path).merge(path.read_bytes(), "copy.jsonl") == ()


def test_every_line_is_one_json_object_in_utf8(path: Path) -> None:
    assert all(isinstance(json.loads(line), dict) for line in lines(path))


def state(*given: tuple[str, Draft], tmp_path: Path):
    path = tmp_path / "d.jsonl"
    for coder, one in given:
        ledger.append(path, [one], coder=coder, now=NOW)
    return settle(ledger.load(path), PLACES, FAMILIES)


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


def test_a4_two_who_differ_in_stance_alone_conflict_on_the_stance_and_say_none(tmp_path: Path) -> None:
    (coding,) = state(("ana", draft(value="positive")), ("ben", draft(value="negative")), tmp_path=tmp_path).codings
    assert (coding.status, coding.yes, coding.value) == (CodingStatus.CONFLICTED, True, "")


def test_a_coder_who_gives_no_stance_does_not_differ_in_it(tmp_path: Path) -> None:
    (coding,) = state(("ana", draft(value="positive")), ("ben", draft()), tmp_path=tmp_path).codings
    assert (coding.status, coding.value) == (CodingStatus.AGREED, "positive")


def test_a4_a_link_whose_direction_coders_differ_on_confirms_nothing(tmp_path: Path) -> None:
    links = [Draft(DecisionKind.LINK, "s:0-5", "aa", finding_id="F1", value=v) for v in ("supports", "contradicts")]
    (link,) = state(("ana", links[0]), ("ben", links[1]), tmp_path=tmp_path).links
    assert (link.status, link_status(link)) == (CodingStatus.CONFLICTED, LinkStatus.SUGGESTED)


def test_a5_a_ruling_settles_a_conflict(tmp_path: Path) -> None:
    ruling = draft(kind=DecisionKind.ADJUDICATE, value="yes:negative")
    (settled,) = state(
        ("ana", draft()), ("ben", draft(kind=DecisionKind.UNCODE)), ("eva", ruling), tmp_path=tmp_path
    ).codings
    assert (settled.status, settled.yes, settled.value, settled.decided_by) == (
        CodingStatus.RULED,
        True,
        "negative",
        "eva",
    )


def test_a_coders_later_word_replaces_the_earlier_one_whatever_the_clock_says(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    ledger.append(path, [draft()], coder="ana", now=NOW)
    ledger.append(path, [draft(kind=DecisionKind.UNCODE)], coder="ana", now=datetime(2001, 1, 1, tzinfo=UTC))
    (settled,) = settle(ledger.load(path), PLACES, FAMILIES).codings
    assert settled.yes is False


def test_a_decision_on_words_that_changed_is_stale_and_does_not_count(tmp_path: Path) -> None:
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
def test_a_stale_decision_is_answered_once_its_coder_decides_on_the_new_words(
    again: Draft, left: int, tmp_path: Path
) -> None:
    path = tmp_path / "d.jsonl"
    ledger.append(path, [draft(sha="old")], coder="ana", now=NOW)
    ledger.append(path, [again], coder="ana", now=NOW)
    hashes = {"s:0-5": "aa", "s:3-9": "bb", "s:50-60": "old", "s:9-20": "cc", "t:0-5": "dd"}
    places = Places({Passage(*item): item[0] for item in hashes.items()})
    assert len(settle(ledger.load(path), places, FAMILIES).stale) == left


def test_a_stale_decision_is_answered_by_its_own_coder_alone_and_only_afterwards(tmp_path: Path) -> None:
    assert len(state(("ana", draft(sha="old")), ("ben", draft()), tmp_path=tmp_path).stale) == 1
    assert len(state(("ana", draft()), ("ana", draft(sha="old")), tmp_path=tmp_path / "later").stale) == 1


def test_a_reviewed_excerpt_carries_no_code_of_the_families_gone_through_but_those_decided(tmp_path: Path) -> None:
    gone_through = Draft(DecisionKind.REVIEWED, "s:0-5", "aa", value="criterion", codes=("relevance", "efficiency"))
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

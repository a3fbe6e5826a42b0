"""Another coder's ledger: what of it is added, what holds, and what is refused before anything is added."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from studies import NOW

from pipeline import tables
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.review.identity import Passage
from pipeline.review.placement import Places
from pipeline.review.settle import settle
from pipeline.steps.review import ImportResult, import_files
from pipeline.study import locate_study, study_id
from pipeline.vocabulary import DecisionKind

JUNE_1, JUNE_10 = (datetime(2026, 6, day, tzinfo=UTC) for day in (1, 10))
PASSAGE = Passage("s:0-5", "aa")
YES = Draft(DecisionKind.CODE, *PASSAGE, criterion="relevance", value="positive")
NO = Draft(DecisionKind.UNCODE, *PASSAGE, criterion="relevance")


@pytest.mark.parametrize("is_laptop_older", [True, False])
def test_a6_of_two_ledgers_of_one_coder_the_newer_decision_holds_and_the_contradiction_is_listed(
    tmp_path: Path, *, is_laptop_older: bool
) -> None:
    desktop, laptop = tmp_path / "desktop.jsonl", tmp_path / "laptop.jsonl"
    ledger.append(laptop, [YES], coder="ana", now=JUNE_1 if is_laptop_older else JUNE_10)
    ledger.append(desktop, [NO], coder="ana", now=JUNE_10 if is_laptop_older else JUNE_1)
    ledger.Ledger(desktop).merge(laptop.read_bytes(), laptop.name)
    state = settle(ledger.load(desktop), Places({PASSAGE: PASSAGE.excerpt_id}), {"criterion": ("relevance",)})
    assert [d.yes for d in state.coder_decisions] == [not is_laptop_older]
    assert [(pair.older.seq, pair.newer_seq) for pair in state.superseded] == ([(2, 1)] if is_laptop_older else [])


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (Draft(DecisionKind.MEMO, *PASSAGE, note="first"), Draft(DecisionKind.MEMO, *PASSAGE, note="second")),
        (
            Draft(DecisionKind.ADJUDICATE, *PASSAGE, criterion="relevance", value="yes"),
            Draft(DecisionKind.ADJUDICATE, *PASSAGE, criterion="relevance", value="no"),
        ),
        (
            Draft(DecisionKind.LINK, *PASSAGE, finding_id="F1", value="supports"),
            Draft(DecisionKind.LINK, *PASSAGE, finding_id="F1", value="contradicts"),
        ),
    ],
)
def test_an_older_copy_merged_after_a_newer_one_changes_no_memo_ruling_or_link_and_is_listed(
    tmp_path: Path, older: Draft, newer: Draft
) -> None:
    desktop, laptop = tmp_path / "desktop.jsonl", tmp_path / "laptop.jsonl"
    ledger.append(laptop, [older], coder="ana", now=JUNE_1)
    ledger.append(desktop, [newer], coder="ana", now=JUNE_10)
    ledger.Ledger(desktop).merge(laptop.read_bytes(), laptop.name)
    state = settle(ledger.load(desktop), Places({PASSAGE: PASSAGE.excerpt_id}), {"criterion": ("relevance",)})
    assert [memo.note for memo in state.memos] in ([], ["second"])
    assert [ruling.value for ruling in state.rulings.values()] in ([], ["no"])
    assert [link.value for link in state.links] in ([], ["contradicts"])
    assert [(pair.older.seq, pair.newer_seq) for pair in state.superseded] == [(2, 1)]


def excerpt_of(study: Path) -> Passage:
    excerpts = tables.read_table(study / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS)
    row = excerpts.query("role == 'respondent'").iloc[0]
    return Passage(row["excerpt_id"], row["text_sha256"])


def merged(study: Path, *drafts: Draft, identity: str = "") -> ImportResult:
    other = study / "other.jsonl"
    ledger.append(other, drafts, coder="ben", now=NOW, study=identity)
    return import_files(study, [other], NOW)


def test_a7_a_ledger_of_this_study_is_added(analysed: Path) -> None:
    draft = Draft(DecisionKind.CODE, *excerpt_of(analysed), criterion="efficiency")
    assert merged(analysed, draft, identity=study_id(locate_study(analysed))).counts == {"merged": 1}


@pytest.mark.parametrize(
    ("passage", "code", "identity", "what"),
    [
        (None, "efficiency", "0123456789abcdef", "belongs to another study"),
        (Passage("elsewhere:0-5", "aa"), "efficiency", "", "has no decision on a source of this study"),
        (None, "prophecy", "", "names codes that the codebook does not have: prophecy"),
    ],
)
def test_a7_a_ledger_of_another_study_or_with_unknown_codes_is_refused_before_anything_is_added(
    passage: Passage | None, code: str, identity: str, what: str, analysed: Path
) -> None:
    draft = Draft(DecisionKind.CODE, *(passage or excerpt_of(analysed)), criterion=code)
    result = merged(analysed, draft, identity=identity)
    assert what in str(result.problems[0])
    assert result.written == 0
    assert not (analysed / "coded" / "decisions.jsonl").exists()

"""Case 65: a person withdraws, and no word of theirs is left in what the program made."""

import errno
import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from studies import NOW, quiet

from pipeline.errors import ConfigError
from pipeline.privacy.word_search import texts_of
from pipeline.provenance import excerpt_id
from pipeline.records import Draft, Selector
from pipeline.registers.corrections import COLUMNS
from pipeline.review import decisions as ledger
from pipeline.review.masked.gaps import gaps_of, source_offset
from pipeline.steps import withdraw as withdraw_step
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.check import check
from pipeline.steps.review import Order, export
from pipeline.steps.withdraw import Withdrawal, as_lines, withdraw
from pipeline.vocabulary import DecisionKind

ROSA = "W1"
WORDS = ("íbamos al río con baldes", "la bomba sigue andando", "los niños están sanos")
MADE = (
    "coded/machine",
    "coded/review",
    "outputs",
    "coded/quotes.jsonl",
    "coded/corrections.csv",
    "coded/withdrawals.jsonl",
)


@pytest.fixture
def decided(analysed: Path) -> Path:
    """The small study after people decided on Rosa's words and others, linked hers to a finding and hold a workbook."""
    excerpts = pd.read_parquet(analysed / "coded/machine/excerpts.parquet").query("role == 'respondent'")
    hashes = dict(zip(excerpts["excerpt_id"], excerpts["text_sha256"], strict=True))
    drafts = [Draft(DecisionKind.CODE, name, text, "efficiency", value="negative") for name, text in hashes.items()]
    hers = excerpts.loc[excerpts["participant_id"] == ROSA, "excerpt_id"]
    drafts += [Draft(DecisionKind.LINK, name, hashes[name], finding_id="F1", value="supports") for name in hers]
    ledger.append(analysed / "coded" / "decisions.jsonl", drafts, coder="ana", now=NOW)
    row = "rosa,íbamos al río con baldes,,íbamos al arroyo,,,,ana,2026-01-01,ana 2026-01-02"
    (analysed / "coded/corrections.csv").write_text(f"{','.join(COLUMNS)}\n{row}\n", "utf-8")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    export(analysed, Order(coder="leo", again=False, size=50), NOW)
    assert words_left(analysed), "before it, her words are there"
    return analysed


def words_left(study: Path) -> list[str]:
    """What the program made and her words are found in, unpacked byte for byte."""
    files = [
        path for name in MADE for path in ([study / name] if (study / name).is_file() else (study / name).rglob("*"))
    ]
    return [
        path.name
        for path in files
        if path.is_file() and any(word in text for text in texts_of(path.read_bytes()) for word in WORDS)
    ]


def withdrawn(study: Path, *, is_removing: bool = False) -> Withdrawal:
    return withdraw(study, ROSA, is_removing=is_removing, now=NOW, tick=quiet)


def test_case_65_no_word_is_left_in_tables_models_outputs_and_workbooks(decided: Path) -> None:
    result = withdrawn(decided)
    assert words_left(decided) == []
    assert result.workbook_rows > 0
    assert result.remaining == ()


def test_case_65_the_chain_verifies_and_every_check_holds(decided: Path) -> None:
    lines = (decided / "coded" / "decisions.jsonl").read_bytes()
    withdrawn(decided)
    assert (decided / "coded" / "decisions.jsonl").read_bytes() == lines
    assert [str(problem) for check in audit(decided) for problem in check.problems] == []


def test_case_65_it_says_which_findings_moved(decided: Path) -> None:
    moved = withdrawn(decided).moved
    assert moved
    assert all("coded/refusals.jsonl" in finding["files"] for finding in moved)


def test_the_receipt_holds_no_words_and_no_name(decided: Path) -> None:
    withdrawn(decided)
    receipt = (decided / "coded" / "withdrawals.jsonl").read_text("utf-8")
    assert json.loads(receipt)["participant_id"] == ROSA
    assert "Rosa" not in receipt


def test_files_of_raw_are_named_and_kept(decided: Path) -> None:
    result = withdrawn(decided)
    assert result.in_raw == ("raw/interviews/rosa.txt", "raw/surveys/vecinos.csv")
    assert (decided / "raw/interviews/rosa.txt").exists()


def test_on_request_a_file_in_which_nobody_else_answers_is_removed(decided: Path) -> None:
    path = decided / "raw/interviews/rosa.txt"
    path.write_text(
        "".join(line for line in path.read_text("utf-8").splitlines(keepends=True) if "Tito" not in line), "utf-8"
    )
    analyze(decided, fresh=False, now=NOW, tick=quiet)
    result = withdrawn(decided, is_removing=True)
    assert result.removed == ("raw/interviews/rosa.txt",)
    assert not path.exists()
    assert (decided / "raw/surveys/vecinos.csv").exists(), "others answer there"


def test_no_word_of_the_register_lifts_a_withdrawal(decided: Path) -> None:
    withdrawn(decided)
    analyze(decided, fresh=True, now=NOW, tick=quiet)
    assert words_left(decided) == []
    refusals = (decided / "coded" / "refusals.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["consent"] for line in refusals] == ["withdrawn"]


def test_sentences_that_people_copied_are_named_with_their_file(decided: Path) -> None:
    memo = Draft(DecisionKind.MEMO, "", "", note="Antes íbamos al río con baldes, dos horas de camino.")
    ledger.append(decided / "coded" / "decisions.jsonl", [memo], coder="ana", now=NOW)
    assert withdrawn(decided).remaining == ("coded/decisions.jsonl",)


def test_what_others_say_about_the_person_is_listed(decided: Path) -> None:
    path = decided / "raw/interviews/rosa.txt"
    path.write_text(path.read_text("utf-8") + "Tito Mar: Pregúntele a Rosa Luna, ella sabe.\n", "utf-8")
    analyze(decided, fresh=False, now=NOW, tick=quiet)
    (mention,) = withdrawn(decided).mentions
    assert mention.startswith("rosa:")


def test_where_a_workbook_is_held_by_another_program_nothing_is_withdrawn_yet(decided: Path, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(openpyxl.Workbook, "save", refuse)
        with pytest.raises(ConfigError, match=r"review-leo-2026-01-02.xlsx: cannot be cleared"):
            withdrawn(decided)
    assert not (decided / "coded" / "refusals.jsonl").exists()
    withdrawn(decided)
    assert words_left(decided) == []


def test_an_unknown_person_is_refused_and_nothing_is_written(decided: Path) -> None:
    with pytest.raises(ConfigError, match="is not a participant_id of the register"):
        withdraw(decided, "W99", is_removing=False, now=NOW, tick=quiet)
    assert not (decided / "coded" / "withdrawals.jsonl").exists()


def test_the_lines_say_what_only_a_person_can_do(decided: Path) -> None:
    text = "\n".join(as_lines(withdrawn(decided)))
    assert "raw/interviews/rosa.txt" in text
    assert "decide whether to keep them" in text


def test_the_lines_say_what_a_withdrawal_leaves(decided: Path) -> None:
    text = " ".join(" ".join(as_lines(withdrawn(decided))).split())
    assert ". 6 decisions on them no longer count." in text
    assert "decisions.jsonl keeps decisions and votes on the words, as ids and hashes" in text
    assert "raw/participants still has the person's row" in text
    assert "collect the reports, tables and workbooks that were handed out earlier" in text


def test_case_60_a_withdrawal_interrupted_after_the_analysis_still_gives_the_whole_receipt(
    decided: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    other = shutil.copytree(decided, tmp_path / "other")
    whole = withdraw(other, ROSA, is_removing=False, now=NOW, tick=quiet)
    with monkeypatch.context() as patched:
        patched.setattr(withdraw_step, "_write_receipt", refuse)
        with pytest.raises(OSError, match="No space"):
            withdraw(decided, ROSA, is_removing=False, now=NOW, tick=quiet)
    assert any("whose withdrawal was interrupted" in problem.what for problem in check(decided).problems)
    assert withdraw(decided, ROSA, is_removing=False, now=NOW, tick=quiet) == whole
    assert not words_left(decided)
    assert not list((decided / "coded").glob("withdrawing-*"))


GROUP = (
    "Ana Rey: ¿Quién cuida la bomba?\n"
    "Tito Mar: La cuida Jo Vale con su hermano, todos los días.\n"
    "Rosa Luna: Yo anoto en un cuaderno quién paga la cuota.\n"
    "Tito Mar: Eso dice ella.\n"
)


@pytest.fixture
def decided_before_masking(small_study: Path) -> Path:
    """A group interview after people decided on Rosa's words and others, in offsets of before names were masked."""
    study = small_study
    (study / "raw/interviews/grupo.txt").write_text(GROUP, "utf-8")
    analyze(study, fresh=True, now=NOW, tick=quiet)
    frames = {name: pd.read_parquet(study / f"coded/machine/{name}.parquet") for name in ("excerpts", "masks")}
    gaps = gaps_of(frames)["grupo"]
    excerpts = frames["excerpts"].query("source_id == 'grupo' and role == 'respondent'")
    shifted = excerpts[[source_offset(start, gaps) != start for start in excerpts["start"]]]
    assert ROSA in set(shifted["participant_id"]), "a name is masked before her words"
    drafts = [
        Draft(DecisionKind.CODE, excerpt_id("grupo", *bounds), digest, "efficiency", value="negative")
        for *bounds, digest in zip(
            [source_offset(start, gaps) for start in shifted["start"]],
            [source_offset(end, gaps) for end in shifted["end"]],
            shifted["text_sha256"],
            strict=True,
        )
    ]
    ledger.append(study / "coded" / "decisions.jsonl", drafts, coder="ana", now=NOW)
    analyze(study, fresh=False, now=NOW, tick=quiet)
    assert problems_of_audit(study) == []
    return study


def problems_of_audit(study: Path) -> list[str]:
    """All that the audit says is wrong."""
    return [str(problem) for each in audit(study) for problem in each.problems]


def test_a_decision_on_words_after_a_masked_name_is_withheld_with_them(decided_before_masking: Path) -> None:
    result = withdrawn(decided_before_masking)
    assert problems_of_audit(decided_before_masking) == []
    placements = pd.read_parquet(decided_before_masking / "coded/machine/placements.parquet")
    assert placements.query("status == 'withheld'")[["now_at", "text"]].to_numpy().tolist() == [["", ""]]
    assert result.decisions == 1


def test_nobody_is_to_decide_on_words_that_are_gone(decided_before_masking: Path) -> None:
    withdrawn(decided_before_masking)
    result = check(decided_before_masking)
    assert not any("stale" in problem.what for problem in (*result.problems, *result.remarks))
    queue = pd.read_parquet(decided_before_masking / "coded/machine/queue.parquet")
    assert "stale" not in set(queue["reason"])
    codings = pd.read_parquet(decided_before_masking / "coded/machine/codings.parquet")
    assert "stale" not in set(codings["status"])


def test_a_line_that_says_whose_words_it_is_on_is_withheld_wherever_they_were(decided: Path) -> None:
    selector = Selector(participant=ROSA, label="", before="", after="", nth=1, of=1)
    draft = Draft(DecisionKind.CODE, "rosa:9000-9010", "0" * 64, "efficiency", value="negative", selector=selector)
    ledger.append(decided / "coded" / "decisions.jsonl", [draft], coder="ana", now=NOW)
    withdrawn(decided)
    assert problems_of_audit(decided) == []

"""What the audit says of decisions after changes of the codebook, under other spellings of a coder, and after an undo."""

from pathlib import Path

import pytest
from studies import NOW, quiet

from pipeline import tables
from pipeline.errors import ConfigError
from pipeline.records import CodebookChange, Decision, Draft
from pipeline.review import decisions as ledger
from pipeline.review.undo import undo_draft
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.check import check
from pipeline.steps.codebook import Details, change_codebook
from pipeline.vocabulary import CodebookAction, DecisionKind

OLD_WORDS = "0" * 64


def wrong(study: Path, what: str) -> list[str]:
    """The problems of the audit that say this."""
    problems = [str(problem) for each in audit(study) for problem in each.problems]
    return [problem for problem in problems if what in problem]


def decide(study: Path, code: str, *, coder: str = "ana", is_stale: bool = False) -> Decision:
    """A decision on the first excerpt of a respondent, or on words that were there before."""
    excerpts = tables.read_table(study / "coded/machine/excerpts.parquet", tables.EXCERPTS)
    row = excerpts.query("role == 'respondent'").iloc[0]
    digest = OLD_WORDS if is_stale else row["text_sha256"]
    draft = Draft(DecisionKind.CODE, row["excerpt_id"], digest, criterion=code)
    return ledger.append(study / "coded/decisions.jsonl", [draft], coder=coder, now=NOW)[0]


def rename(study: Path, old: str, new: str) -> None:
    change = CodebookChange(CodebookAction.RENAME, codes=(old,), into=(new,))
    change_codebook(study, change, reason="clearer", coder="eva", now=NOW)


def rename_by_hand(study: Path, old: str, new: str) -> None:
    for name in ("codebook.toml", "seeds.jsonl", "findings.toml"):
        path = study / "coded" / name
        path.write_text(path.read_text("utf-8").replace(f'"{old}"', f'"{new}"'), "utf-8")


def test_a_stale_decision_is_made_again_on_the_code_that_its_code_became(analysed: Path) -> None:
    decide(analysed, "efficiency", is_stale=True)
    rename(analysed, "efficiency", "economy")
    assert wrong(analysed, "is stale")
    decide(analysed, "economy")
    assert wrong(analysed, "is stale") == []


def test_a8_a_stale_decision_is_made_again_by_the_same_coder_in_another_spelling(analysed: Path) -> None:
    decide(analysed, "efficiency", coder="Ana", is_stale=True)
    decide(analysed, "efficiency", coder="ana ")
    assert wrong(analysed, "is stale") == []


def test_a_decision_that_was_taken_back_is_not_stale(analysed: Path) -> None:
    line = decide(analysed, "efficiency", is_stale=True)
    ledger.append(analysed / "coded/decisions.jsonl", [undo_draft([line])], coder="ana", now=NOW)
    assert wrong(analysed, "is stale") == []


def test_a1_a_code_renamed_by_hand_after_a_recorded_rename_stops_check_audit_and_analyze(analysed: Path) -> None:
    decide(analysed, "efficiency")
    rename(analysed, "efficiency", "economy")
    assert wrong(analysed, "coded/codebook.toml does not have") == []
    rename_by_hand(analysed, "economy", "thrift")
    assert wrong(analysed, "coded/codebook.toml does not have")
    assert any("code economy" in str(problem) for problem in check(analysed).problems)
    with pytest.raises(ConfigError, match=r"code economy: 1 decision is on a code.*make codebook"):
        analyze(analysed, fresh=False, now=NOW, tick=quiet)


def test_a_retired_code_and_a_new_one_taken_back_are_explained(analysed: Path) -> None:
    def change(action: CodebookAction, **codes: object) -> int:
        record = CodebookChange(action, **codes)  # type: ignore[arg-type]
        return change_codebook(
            analysed, record, details=Details(family="criterion"), reason="r", coder="eva", now=NOW
        ).seq

    decide(analysed, "learning")
    change(CodebookAction.RETIRE, codes=("learning",))
    line = change(CodebookAction.NEW, into=("fairness",))
    decide(analysed, "fairness")
    change(CodebookAction.UNDO, undoes=line)
    assert wrong(analysed, "coded/codebook.toml does not have") == []
    assert not any("does not have" in str(problem) for problem in check(analysed).problems)

"""What a second party kept of the ledger or of a run: case 63, a rewrite by somebody who holds everything else."""

import json
import re
from pathlib import Path

import openpyxl
import pytest
from alterations.consistent import renew_chain, renew_record
from studies import NOW, quiet

from pipeline.errors import ConfigError
from pipeline.merkle import EMPTY
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import Keys, audit, write_pack
from pipeline.vocabulary import DecisionKind

CHECK = "what the head covers is unchanged"
SHOWN = "outputs show the head of the ledger"


@pytest.fixture
def decided(analysed: Path) -> Path:
    append(analysed, "ana", 3)
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    return analysed


def append(study: Path, coder: str, count: int) -> None:
    drafts = [Draft(DecisionKind.MEMO, "", "", note=f"memo {number}") for number in range(count)]
    ledger.append(study / "coded" / "decisions.jsonl", drafts, coder=coder, now=NOW)


def record(study: Path) -> dict:
    return json.loads((study / "outputs" / "run.json").read_bytes())


def under(study: Path, head: str) -> tuple[list[str], list[str]]:
    """Problems and remarks of the check of a head."""
    (check,) = [check for check in audit(study, head=head) if check.name == CHECK]
    return [str(problem) for problem in check.problems], [str(remark) for remark in check.remarks]


def test_a_head_holds_and_what_came_after_is_listed(decided: Path) -> None:
    head = record(decided)["ledger"]["tree"]
    assert under(decided, head) == ([], [])
    append(decided, "leo", 2)
    problems, (remark,) = under(decided, head)
    assert problems == []
    assert "lines 4-5: 2 lines of leo have been added since" in remark


def test_one_line_and_one_decision_are_counted_as_one(decided: Path) -> None:
    head = record(decided)["ledger"]["tree"]
    append(decided, "leo", 1)
    checks = audit(decided, head=head)
    remarks = "\n".join(str(remark) for check in checks for remark in check.remarks)
    assert "decisions.jsonl line 4: 1 line of leo has been added since, at 2026-01-02T03:04:05+00:00" in remarks
    assert "1 decision is newer than the last run: the outputs do not show it yet" in remarks


def test_case_63_a_ledger_rewritten_whole_is_found_by_the_head(decided: Path) -> None:
    head = record(decided)["ledger"]["tree"]
    path = decided / "coded" / "decisions.jsonl"
    path.unlink()
    append(decided, "eva", 5)
    assert any("matches no earlier state of the ledger" in problem for problem in under(decided, head)[0])


def test_the_tree_of_a_run_holds_until_another_run(decided: Path) -> None:
    tree = record(decided)["tree"]
    assert under(decided, tree)[0] == []
    append(decided, "leo", 1)
    analyze(decided, fresh=False, now=NOW, tick=quiet)
    assert under(decided, tree)[0] != []


def test_an_empty_ledger_has_a_head_that_every_ledger_continues(decided: Path) -> None:
    problems, remarks = under(decided, EMPTY)
    assert problems == []
    assert "3 lines of ana have been added since" in remarks[0]


def test_the_report_shows_the_head_that_the_record_has(decided: Path) -> None:
    page = (decided / "outputs" / "report.html").read_text("utf-8")
    assert re.search(r"<footer.*<code>(\w{64})</code>", page).group(1) == record(decided)["ledger"]["tree"]


# ---- the head that the outputs show


def rewrite(study: Path, *, tree: str = "") -> None:
    """Change a remark in the ledger and renew its chain, and the record of the run with every hash; `tree` stays if it is given."""
    path = study / "coded" / "decisions.jsonl"
    path.write_bytes(path.read_bytes().replace(b"memo 1", b"memo 9"))
    renew_chain(path)
    renew_record(study, ledger={"tree": tree} if tree else {})


def places(study: Path, *, is_quick: bool = False) -> set[str]:
    """Where the audit finds another head of the ledger; nothing else is wrong."""
    wrong = [(check.name, problem.where) for check in audit(study, is_quick=is_quick) for problem in check.problems]
    assert {name for name, _ in wrong} <= {SHOWN}
    return {where for _, where in wrong}


@pytest.mark.parametrize("is_quick", [False, True])
def test_case_63_a_ledger_rewritten_with_its_chain_has_not_the_head_that_run_json_keeps(
    decided: Path, *, is_quick: bool
) -> None:
    rewrite(decided, tree=record(decided)["ledger"]["tree"])
    everywhere = {"outputs/run.json ledger.tree", "outputs/report.html foot", "outputs/evidence.xlsx Read me"}
    assert places(decided, is_quick=is_quick) == everywhere


def test_case_63_a_ledger_rewritten_with_run_json_has_not_the_head_that_the_outputs_show(
    decided: Path, tmp_path: Path
) -> None:
    rewrite(decided)
    assert places(decided) == {"outputs/report.html foot", "outputs/evidence.xlsx Read me"}
    with pytest.raises(ConfigError, match="signs nothing"):
        audit(decided, keys=Keys(sign=tmp_path / "private.pem"))
    with pytest.raises(ConfigError, match="needs a head that is the same in the ledger and in the outputs"):
        write_pack(decided, tmp_path / "pack")
    assert "WRONG  outputs show the head" in (tmp_path / "pack" / "audit.txt").read_text("utf-8")
    assert not (tmp_path / "pack" / "sign-off.xlsx").exists()


def test_case_63_another_head_in_one_place_is_named_with_its_place(decided: Path) -> None:
    tree = record(decided)["ledger"]["tree"]
    page = decided / "outputs" / "report.html"
    text = page.read_text("utf-8")
    page.write_text(text.replace(tree, "0" * 64), "utf-8")
    renew_record(decided)
    assert places(decided) == {"outputs/report.html foot"}
    page.write_text(text, "utf-8")
    book = openpyxl.load_workbook(decided / "outputs" / "evidence.xlsx")
    cell = next(cell for row in book.worksheets[0] for cell in row if tree in str(cell.value))
    cell.value = cell.value.replace(tree, "0" * 64)
    book.save(decided / "outputs" / "evidence.xlsx")
    renew_record(decided)
    assert places(decided) == {"outputs/evidence.xlsx Read me"}


def test_another_head_of_the_run_is_named(decided: Path) -> None:
    path = decided / "outputs" / "run.json"
    path.write_text(path.read_text("utf-8").replace(record(decided)["tree"], "0" * 64), "utf-8")
    named = [problem.where for check in audit(decided) for problem in check.problems if check.name == SHOWN]
    assert named == ["outputs/run.json tree"]


def test_the_hash_of_the_last_line_is_not_a_head_and_the_audit_says_so(decided: Path) -> None:
    (problem,) = under(decided, record(decided)["ledger"]["head"])[0]
    assert "is the hash of the last line alone" in problem
    assert "the head of the ledger is ledger.tree" in problem

"""What a second party kept of the ledger or of a run: case 63, a rewrite by whoever holds everything else."""

import json
import re
from pathlib import Path

import pytest
from studies import NOW, quiet

from pipeline.merkle import EMPTY
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.vocabulary import DecisionKind

CHECK = "what the head covers is unchanged"


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
    assert "lines 4-5: 2 lines of leo were added since" in remark


def test_case_63_a_ledger_rewritten_whole_is_found_by_the_head(decided: Path) -> None:
    head = record(decided)["ledger"]["tree"]
    path = decided / "coded" / "decisions.jsonl"
    path.unlink()
    append(decided, "eva", 5)
    assert any("matches no earlier state of the ledger" in problem for problem in under(decided, head)[0])


def test_the_tree_of_a_run_stands_until_another_run(decided: Path) -> None:
    tree = record(decided)["tree"]
    assert under(decided, tree)[0] == []
    append(decided, "leo", 1)
    analyze(decided, fresh=False, now=NOW, tick=quiet)
    assert under(decided, tree)[0] != []


def test_an_empty_ledger_has_a_head_that_every_ledger_continues(decided: Path) -> None:
    problems, remarks = under(decided, EMPTY)
    assert problems == []
    assert "3 lines of ana were added since" in remarks[0]


def test_the_report_shows_the_head_that_the_record_has(decided: Path) -> None:
    page = (decided / "outputs" / "report.html").read_text("utf-8")
    assert re.search(r"<footer.*<code>(\w{64})</code>", page).group(1) == record(decided)["ledger"]["tree"]

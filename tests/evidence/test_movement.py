"""After a run, what moved: which findings changed strength, and what did it."""

from dataclasses import replace
from pathlib import Path

import pytest
from studies import NOW, quiet

from pipeline import tables
from pipeline.commands.study import moved_line
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.vocabulary import DecisionKind


@pytest.mark.slow
def test_a_decision_that_moves_a_finding_is_named_with_it_and_only_once(analysed: Path) -> None:
    path = analysed / "coded" / "machine" / "codings.parquet"
    codings = tables.read_table(path, tables.CODINGS).query("coded and criterion == 'sustainability'")
    excerpts = tables.read_table(path.with_name("excerpts.parquet"), tables.EXCERPTS)
    chosen = excerpts[excerpts["excerpt_id"].isin(list(codings["excerpt_id"]))]
    drafts = [
        Draft(DecisionKind.LINK, row.excerpt_id, row.text_sha256, finding_id="F1", value="supports")
        for row in chosen.itertuples()
    ]
    drafts.append(replace(drafts[0], kind=DecisionKind.CODE, criterion="efficiency", finding_id="", value="negative"))
    written = ledger.append(analysed / "coded" / "decisions.jsonl", drafts, coder="ana", now=NOW)
    record = analyze(analysed, fresh=False, now=NOW, tick=quiet).record
    (moved,) = [finding for finding in record["moved"] if finding["finding_id"] == "F1"]
    assert moved["from"] != moved["to"] == record["strengths"]["F1"]
    assert moved["decisions"] == [d.seq for d in written[:-1]]
    assert analyze(analysed, fresh=True, now=NOW, tick=quiet).record["moved"] == []


def test_the_closing_line_names_the_finding_the_change_and_its_causes() -> None:
    moved = {
        "finding_id": "F11", "from": "moderate", "to": "contested", "decisions": [1419, 1420], "codebook": [1421],
        "sources": ["raw/interviews/BO-01.docx"], "files": [],
    }  # fmt: skip
    causes = "2 decisions: line 1419, 1420; codebook change of line 1421; raw/interviews/BO-01.docx"
    assert moved_line(moved) == f"F11 moderate -> contested ({causes})"

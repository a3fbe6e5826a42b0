"""Findings that nobody should write, over a small study: nothing breaks, and nothing is supported that people did not confirm."""

import json
from pathlib import Path

import pandas as pd
import pytest
from studies import NOW, quiet

from pipeline.steps.analyze import analyze

ODD = {
    "one word": ["Water."],
    "a question": ["Do children fall ill less often?"],
    "a language nobody speaks": ["Vesi on puhdasta ja lapset ovat terveitä."],
    "two opposite findings": ["The pump will keep running.", "The pump will not keep running."],
    "signs alone": ["???"],
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_finding_breaks_nothing_and_is_unsupported(small_study: Path, name: str) -> None:
    blocks = [
        f'[[findings]]\nid = "F{number}"\ncriterion = "sustainability"\nstatement = "{statement}"\n'
        for number, statement in enumerate(ODD[name], 1)
    ]
    (small_study / "coded" / "findings.toml").write_text("\n".join(blocks), "utf-8")
    assert analyze(small_study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    summary = json.loads((small_study / "outputs" / "run.json").read_text("utf-8"))["summary"]
    assert summary["findings_unsupported"] == summary["findings"] == len(ODD[name])
    evidence = pd.read_csv(small_study / "outputs" / "evidence.csv", dtype=str, keep_default_na=False)
    assert set(evidence["status"]) <= {"suggested"}


def test_the_report_itself_among_the_documents_is_named_as_evidence_for_itself(small_study: Path) -> None:
    path = small_study / "coded" / "findings.toml"
    statement = "Nobody was trained to repair the pump, and no money was set aside for spare parts."
    path.write_text(
        path.read_text("utf-8").replace("The pump will not keep running once the project has gone.", statement)
    )
    (problem,) = analyze(small_study, fresh=False, now=NOW, tick=quiet).problems
    assert problem.where == "raw/documents/report.md"
    assert problem.what.startswith("contains the statement of 1 finding word for word")
    assert problem.remedy.startswith("move the report out of raw/; make import FILE=report.docx")

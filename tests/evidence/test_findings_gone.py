"""Findings that are taken out of the register while people's decisions on them stand in the ledger."""

import shutil
from pathlib import Path

from links_by_hand import link_by_hand
from studies import NOW, SMALL, quiet

from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit


def test_decided_links_outlive_a_finding_that_is_taken_out(tmp_path: Path) -> None:
    root = shutil.copytree(SMALL, tmp_path / "study")
    analyze(root, fresh=True, now=NOW, tick=quiet)
    link_by_hand(root)
    (root / "coded/findings.toml").write_text("", "utf-8")
    result = analyze(root, fresh=False, now=NOW, tick=quiet)
    assert result.record["summary"]["findings"] == 0
    assert result.record["summary"]["links"] == 0
    assert not [problem for check in audit(root) for problem in check.problems]

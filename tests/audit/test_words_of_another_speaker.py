"""Words that stay in place and are given to another speaker: who decided before has to decide again, for whoever counts."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from second_verifier import verify
from studies import NOW, quiet

from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.review.placement import with_selectors
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.review import load_frames
from pipeline.study import Study
from pipeline.vocabulary import DecisionKind


def decide_on_the_spare_parts(root: Path, coder: str) -> None:
    frames = load_frames(Study(root), "excerpts", "texts", "turns", "masks")
    (row,) = frames["excerpts"][frames["excerpts"]["text"].str.contains("repuestos")].to_dict("records")
    draft = Draft(DecisionKind.CODE, row["excerpt_id"], row["text_sha256"], "sustainability", value="negative")
    ledger.append(root / "coded/decisions.jsonl", with_selectors([draft], frames), coder=coder, now=NOW)
    analyze(root, fresh=False, now=NOW, tick=quiet)


@pytest.mark.parametrize("label", [b"Jo Vale: ", b"Jo Vale:   "], ids=["two characters further left", "in place"])
def test_the_earlier_decision_is_stale_in_tables_and_audit_though_somebody_decides_on_the_words_again(
    analysed_once: Path, tmp_path: Path, label: bytes
) -> None:
    root = shutil.copytree(analysed_once, tmp_path / "study")
    decide_on_the_spare_parts(root, "ana")
    interview = root / "raw/interviews/rosa.txt"
    interview.write_bytes(interview.read_bytes().replace(b"Tito Mar:", label))
    analyze(root, fresh=False, now=NOW, tick=quiet)
    assert verify(root) == []
    assert [problem.where for check in audit(root) for problem in check.problems] == ["coded/decisions.jsonl line 1"]
    decide_on_the_spare_parts(root, "leo")
    codings = pd.read_parquet(root / "coded/machine/codings.parquet")
    assert set(codings["decided_by"]) == {"machine", "leo"}
    assert verify(root) == []
    (problem,) = [problem for check in audit(root) for problem in check.problems]
    assert problem.where == "coded/decisions.jsonl line 1"
    decide_on_the_spare_parts(root, "ana")
    assert set(pd.read_parquet(root / "coded/machine/codings.parquet")["decided_by"]) == {"machine", "ana;leo"}
    assert verify(root) == []
    assert [problem for check in audit(root) for problem in check.problems] == []

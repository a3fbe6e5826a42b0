"""A stance under people's names is theirs: where they gave none, none is shown."""

import shutil
from pathlib import Path

import pandas as pd
from studies import NOW, SMALL, quiet

from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.vocabulary import DecisionKind


def codings(root: Path) -> pd.DataFrame:
    return pd.read_parquet(root / "coded/machine/codings.parquet").set_index(["excerpt_id", "criterion"])


def decided(root: Path, stances: dict[str, str]) -> pd.Series:
    """A coding on which the machine has a stance, after each of these coders gave the code with their stance."""
    analyze(root, fresh=True, now=NOW, tick=quiet)
    before = codings(root)
    excerpt, code = before[before["coded"] & (before["stance"] == "positive")].index[0]
    words = pd.read_parquet(root / "coded/machine/excerpts.parquet").set_index("excerpt_id")["text_sha256"]
    for coder, stance in stances.items():
        draft = Draft(DecisionKind.CODE, excerpt, words[excerpt], code, value=stance)
        ledger.append(root / "coded/decisions.jsonl", [draft], coder=coder, now=NOW)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    assert not [problem for check in audit(root) for problem in check.problems]
    row: pd.Series = codings(root).loc[(excerpt, code)]
    return row


def test_a_code_that_a_person_gives_without_a_stance_has_none(tmp_path: Path) -> None:
    row = decided(shutil.copytree(SMALL, tmp_path / "study"), {"ana": ""})
    assert (row["status"], row["coded"], row["stance"]) == ("single", True, "")


def test_coders_who_agree_on_the_code_and_not_on_its_stance_have_none_together(tmp_path: Path) -> None:
    row = decided(shutil.copytree(SMALL, tmp_path / "study"), {"ana": "negative", "leo": "mixed"})
    assert (row["status"], row["coded"], row["stance"]) == ("conflicted", True, "")

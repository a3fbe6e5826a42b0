"""The score of a link is measured, also where the machine would never have suggested it."""

import shutil
from pathlib import Path

import pandas as pd
from studies import NOW, SMALL, quiet

from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.vocabulary import DecisionKind


def score_of_link(root: Path, words: str) -> float:
    """The score of a link that a person makes between these words and the first finding."""
    excerpts = pd.read_parquet(root / "coded/machine/excerpts.parquet")
    row = excerpts[excerpts["text"].str.contains(words, regex=False)].iloc[0]
    draft = Draft(DecisionKind.LINK, row["excerpt_id"], row["text_sha256"], finding_id="F1", value="supports")
    ledger.append(root / "coded/decisions.jsonl", [draft], coder="ana", now=NOW)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    links = pd.read_parquet(root / "coded/machine/links.parquet").set_index(["finding_id", "excerpt_id"])
    return float(links.loc[("F1", row["excerpt_id"]), "score"])


def test_a_link_below_the_least_closeness_of_suggestions_has_the_score_of_its_words(tmp_path: Path) -> None:
    root = shutil.copytree(SMALL, tmp_path / "study")
    config = root / "config.toml"
    config.write_text(config.read_text("utf-8").replace("closeness = 0.0", "closeness = 0.97"), "utf-8")
    analyze(root, fresh=True, now=NOW, tick=quiet)
    assert score_of_link(root, "Nobody was trained to repair the pump") > 0.3

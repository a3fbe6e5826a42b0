"""Studies in which something is missing that evidence is built from: nothing breaks, nobody drops out, nothing is earned."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from studies import NOW, quiet

from pipeline import tables
from pipeline.steps.analyze import analyze


def without_seeds(study: Path) -> None:
    (study / "coded" / "seeds.jsonl").write_text("", "utf-8")


def without_stances(study: Path) -> None:
    seeds = study / "coded" / "seeds.jsonl"
    seeds.write_text(re.sub(r'": "(positive|negative|mixed)"', '": ""', seeds.read_text("utf-8")), "utf-8")
    findings = study / "coded" / "findings.toml"
    findings.write_text(re.sub(r"stance = .*\n", "", findings.read_text("utf-8")), "utf-8")


def without_groups(study: Path) -> None:
    register = study / "raw" / "participants.csv"
    register.write_text(re.sub(r",(neighbours|staff|stakeholder_group)\n", "\n", register.read_text("utf-8")), "utf-8")


def with_one_person(study: Path) -> None:
    for path in ("surveys/vecinos.csv", "documents/report.md", "interviews/rosa.txt"):
        (study / "raw" / path).unlink()
    config = study / "config.toml"
    config.write_text(re.sub(r"\[\[surveys\]\].*?\n\n", "", config.read_text("utf-8"), flags=re.S), "utf-8")


def with_forty_copies(study: Path) -> None:
    words = (study / "raw" / "interviews" / "rosa.txt").read_text("utf-8")
    for number in range(40):
        (study / "raw" / "interviews" / f"copy-{number:02}.txt").write_text(words, "utf-8")


@pytest.mark.parametrize("thin", [without_seeds, without_stances, without_groups, with_one_person, with_forty_copies])
def test_a_thin_study_earns_nothing_and_its_matrix_has_everybody(
    small_study: Path, thin: Callable[[Path], None]
) -> None:
    thin(small_study)
    outcome = analyze(small_study, fresh=False, now=NOW, tick=quiet)
    assert outcome.exit_code == (2 if thin is with_forty_copies else 0), "copies are named, and count once"
    summary = json.loads((small_study / "outputs" / "run.json").read_text("utf-8"))["summary"]
    assert summary["findings_unsupported"] == summary["findings"] == 2
    codings = tables.read_table(small_study / "coded" / "machine" / "codings.parquet", tables.CODINGS)
    cells = pd.read_csv(small_study / "outputs" / "matrix.csv")
    if thin is without_seeds:
        assert not codings["coded"].any()
    elif thin is with_forty_copies:
        assert summary["persons"] == 4
    else:
        assert cells["excerpts"].sum() == codings["coded"].sum()


def test_no_stance_gives_no_direction(small_study: Path) -> None:
    without_stances(small_study)
    analyze(small_study, fresh=False, now=NOW, tick=quiet)
    evidence = pd.read_csv(small_study / "outputs" / "evidence.csv", dtype=str, keep_default_na=False)
    assert set(evidence["direction"]) <= {"not_told"}

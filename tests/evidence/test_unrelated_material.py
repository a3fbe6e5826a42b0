"""Findings of the demonstration over material that has nothing to do with them: noise earns nothing."""

import csv
import json
import random
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from studies import NOW, ROOT, quiet

from pipeline.config import EvidenceSettings
from pipeline.evaluation import unrelated
from pipeline.evidence import null_control
from pipeline.tag import embeddings
from pipeline.tag.similarity import PARAPHRASE

DATA = ROOT.parent / "shared" / "data" / "interviews"
MOST = 300  # excerpts of a corpus


def pieces(text: str) -> list[str]:
    """Excerpts of three sentences; what is shorter than 40 characters is left out."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    joined = (" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))
    return [piece for piece in joined if len(piece) > 40]


def spanish_interviews() -> list[str]:
    paths = sorted((DATA / "paraguay_es").glob("Entrevista_E[123].md"))
    return [piece for path in paths for line in path.read_text("utf-8").splitlines() for piece in pieces(line)]


def podcasts() -> list[str]:
    paths = sorted((DATA / "otter").glob("0*.md"))
    return [piece for path in paths for line in path.read_text("utf-8").splitlines() for piece in pieces(line)]


def oral_history() -> list[str]:
    excerpts = []
    for path in sorted((DATA / "oral_history_csv").glob("*.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            excerpts += [piece for row in csv.DictReader(file) for piece in pieces(" ".join(map(str, row.values())))]
    return excerpts


def random_words() -> list[str]:
    lines = (ROOT / "coded" / "seeds.jsonl").read_text("utf-8").splitlines()
    words = [word for line in lines for word in json.loads(line)["text"].split()]
    draw = random.Random(5)  # noqa: S311 - a sample, not a secret
    return [" ".join(draw.choices(words, k=25)) for _ in range(MOST)]


def vectors(texts: list[str]) -> np.ndarray:
    return np.array(embeddings.encode(texts), dtype=float)


@pytest.mark.slow
@pytest.mark.parametrize("corpus", [spanish_interviews, podcasts, oral_history, random_words])
def test_hardly_a_finding_gets_suggestions_from_material_that_has_nothing_to_do_with_it(
    corpus: Callable[[], list[str]],
) -> None:
    if corpus is not random_words and not DATA.exists():
        pytest.skip("no ../shared/data beside the repository")
    register = tomllib.loads(Path(ROOT / "coded" / "findings.toml").read_text("utf-8"))
    findings = vectors([finding["statement"] for finding in register["findings"]])
    control = vectors([each.statement for each in null_control.statements()])
    excerpts = vectors(corpus()[:MOST])
    similar, by_control = (np.clip(statements @ excerpts.T / PARAPHRASE, 0, 1) for statements in (findings, control))
    chances = [null_control.compare(row, null_control.Control(by_control)).p_value for row in similar]
    suggested = sum(null_control.discoveries(chances, EvidenceSettings().false_findings))
    assert len(findings) - suggested >= 22


OTHERS = ("interviews/usability_odt", "interviews/pdf_maxqda", "surveys/spss_es")  # on which nothing was chosen


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_whole_runs_over_other_peoples_files_and_random_words_earn_nothing() -> None:
    folders = [ROOT.parent / "shared" / "data" / name for name in OTHERS]
    if not all(folder.is_dir() for folder in folders):
        pytest.skip("no ../shared/data beside the repository")
    measured = unrelated.evaluate(ROOT, folders, NOW, quiet)
    assert len(measured) == len(OTHERS) + 1
    for row in measured.values():
        assert row["excerpts"] > 100
        assert row["strengths"]["unsupported"] >= 22
        assert row["without_suggestions"] >= 22
        assert row["paths"] <= row["excerpts"] / 100
        assert not row["strengths"]["moderate"] + row["strengths"]["strong"]

"""Six survey answers that say the opposite of a welcome finding, half of them in a second file as well."""

import csv
import shutil
from pathlib import Path

import pytest
from studies import NOW, SHARED, quiet

from pipeline.steps.analyze import analyze

OPPOSITE = SHARED / "cases" / "reports" / "m4_surveys"
DELIVERED = '[study]\ntitle = "Tests of a project"\n'
WITHOUT_CONTROL = f"{DELIVERED}[evidence]\ncloseness = 0.0\nfalse_findings = 1.0\nfalse_links = 1.0\n"


@pytest.mark.skipif(not OPPOSITE.is_dir(), reason="no ../shared beside the repository")
@pytest.mark.parametrize("config", [DELIVERED, WITHOUT_CONTROL], ids=["as delivered", "without the control"])
def test_answers_that_say_the_opposite_of_a_finding_never_support_it(tmp_path: Path, config: str) -> None:
    (tmp_path / "coded").mkdir()
    (tmp_path / "raw" / "surveys").mkdir(parents=True)
    (tmp_path / "config.toml").write_text(config, "utf-8")
    for path in OPPOSITE.iterdir():
        shutil.copy(path, tmp_path / ("coded" if path.suffix == ".toml" else "raw/surveys"))
    analyze(tmp_path, fresh=False, now=NOW, tick=quiet)
    with (tmp_path / "outputs" / "evidence.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["direction"] for row in rows} <= {"contradicts", "not_told"}
    assert {row["strength"] for row in rows} <= {"unsupported"}

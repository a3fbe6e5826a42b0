"""`import REPORT` into a study: a findings file to look over, which replaces nothing that somebody wrote."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.errors import UserError
from pipeline.new_study import lay_out
from pipeline.steps.check import check
from pipeline.steps.imports.report import import_report

REPORT = """Relevance

Finding 1. The pump answers what the village asked for.

Finding 2. Nobody asked the women.

Recommendation 1. Train two people.

Based on findings: 1
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    lay_out(tmp_path / "study")
    return tmp_path / "study"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.md"
    path.write_text(REPORT, "utf-8")
    return path


def test_a_new_study_gets_the_findings_of_the_report(study: Path, report: Path) -> None:
    result = import_report(study, report)
    assert result.path == study / "coded" / "findings.toml"
    assert (result.counts["findings"], result.counts["recommendations"]) == (2, 1)
    checked = check(study)
    assert checked.problems == ()
    assert "no recommendation takes it up" in {r.what for r in checked.remarks if r.where == "findings.toml F2"}


def test_findings_that_somebody_wrote_are_never_replaced(study: Path, report: Path) -> None:
    import_report(study, report)
    before = (study / "coded" / "findings.toml").read_bytes()
    assert import_report(study, report).path.name == "findings_imported.toml"
    with pytest.raises(UserError, match=r"already exists from an earlier import.*remove it, and import again"):
        import_report(study, report)
    assert (study / "coded" / "findings.toml").read_bytes() == before


def test_a_broken_findings_file_is_not_replaced_either(study: Path, report: Path) -> None:
    (study / "coded" / "findings.toml").write_text("[[findings", "utf-8")
    assert import_report(study, report).path.name == "findings_imported.toml"


def test_a_report_without_numbers_writes_nothing_and_says_how_to_number(study: Path, report: Path) -> None:
    report.write_text("# Findings\n\nThe pump is right.\n", "utf-8")
    before = (study / "coded" / "findings.toml").read_bytes()
    with pytest.raises(UserError, match=r"no numbered findings under this heading: type their numbers"):
        import_report(study, report)
    report.write_text("The pump is right.\n", "utf-8")
    with pytest.raises(UserError, match=r"has no findings, conclusions, .* with numbers: number them"):
        import_report(study, report)
    assert (study / "coded" / "findings.toml").read_bytes() == before


def test_a_report_that_no_reader_knows_is_a_problem(study: Path, report: Path) -> None:
    report.write_bytes(b"%PDF-1.4\nbroken")
    with pytest.raises(UserError, match=r"report\.md"):
        import_report(study, report)
    with pytest.raises(UserError, match="cannot be opened"):
        import_report(study, report.with_name("gone.md"))


def test_the_check_names_entries_alike_whose_links_differ(study: Path, report: Path) -> None:
    report.write_text(REPORT + "\nRecommendation 1. Train two people.\n\nBased on findings: 2\n", "utf-8")
    import_report(study, report)
    remarks = {(r.where, r.what) for r in check(study).remarks}
    assert ("findings.toml R1", "this id is used 2 times") in remarks
    assert ("findings.toml R1", "occurs 2 times, each time relying on something else: F1; F2") in remarks


def test_the_command_takes_reports_without_a_coder_and_codings_with_one(study: Path, report: Path) -> None:
    ran = CliRunner().invoke(app, ["import", str(report), "--study", str(study), "--json"])
    assert (ran.exit_code, json.loads(ran.stdout)["entries"]["findings"]) == (0, 2)
    shutil.copy(report, report.with_suffix(".csv"))
    refused = CliRunner().invoke(app, ["import", str(report.with_suffix(".csv")), "--study", str(study)])
    assert refused.exit_code == 1
    assert "say whose they are: --coder NAME" in refused.stderr

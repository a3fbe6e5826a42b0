"""A study with several families of codes, and one without any code yet: which family has columns, sheets and colours."""

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook
from studies import NOW, quiet

from pipeline.audit.stored import main_codes
from pipeline.codebook import Codebook, codebook_of
from pipeline.publish import labels
from pipeline.review.form import Form
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit

BLOCKS = {"barrier": ["fees"], "criterion": ["relevance"], "actor": ["mayor"]}


def entries(*families: str) -> list[dict[str, str]]:
    return [{"id": code, "family": family, "definition": "x"} for family in families for code in BLOCKS[family]]


def codebook(*families: str) -> Codebook:
    return codebook_of({"criteria": entries(*families)}, "codebook.toml")


@pytest.mark.parametrize(
    ("families", "main"),
    [
        (("barrier", "criterion", "actor"), "relevance"),  # wherever it stands
        (("barrier", "actor"), "fees"),  # without it the first family
        (("actor", "barrier"), "mayor"),
    ],
)
def test_form_colours_and_audit_agree_on_the_main_family(families: tuple[str, ...], main: str) -> None:
    book = codebook(*families)
    coloured = [code for code, hue in labels.hues(book).items() if hue >= 0]
    assert Form.of(book, ()).criteria == (main,)
    assert coloured == main_codes(entries(*families)) == [main]


def test_a_study_without_a_code_yet_is_analysed_and_its_audit_holds(small_study: Path) -> None:
    (small_study / "coded/codebook.toml").write_text("# none yet\n", "utf-8")
    (small_study / "coded/findings.toml").write_text("", "utf-8")
    (small_study / "coded/seeds.jsonl").unlink()
    assert analyze(small_study, fresh=True, now=NOW, tick=quiet).exit_code == 0
    assert [str(problem) for check in audit(small_study) for problem in check.problems] == []


def test_sheets_of_the_evidence_book_are_of_the_main_family(small_study: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(small_study, tmp_path / "families"))
    path = root / "coded/codebook.toml"
    path.write_text(path.read_text("utf-8").replace('family = "criterion"', 'family = "topic"'), "utf-8")
    assert analyze(root, fresh=True, now=NOW, tick=quiet).exit_code == 0
    assert [str(problem) for check in audit(root) for problem in check.problems] == []
    assert "Efficiency" in load_workbook(root / "outputs/evidence.xlsx", read_only=True).sheetnames

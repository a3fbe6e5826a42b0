"""A second verifier, which shares no code with the program, agrees with the audit."""

import ast
import shutil
from pathlib import Path

import openpyxl
import pytest
import second_verifier
from decided_study import decide
from second_verifier import shown, verify
from second_verifier.stored import StoredStudy
from studies import ROOT

from pipeline.evidence.strength import Counts
from pipeline.steps.audit import audit

MODULES = sorted(Path(second_verifier.__file__).parent.glob("*.py"))


@pytest.fixture(scope="module")
def decided(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("decided") / "study")
    decide(root)
    return root


def imported(module: Path) -> set[str]:
    """The packages that a module imports."""
    tree = ast.parse(module.read_text("utf-8"))
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    parts = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in (*plain, *parts)}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_it_imports_nothing_of_the_program(module: Path) -> None:
    assert imported(module).isdisjoint({"pipeline", "studies", "conftest", "decided_study"})


def test_case_73_it_counts_the_same_as_the_program_on_a_study_that_people_decided_on(decided: Path) -> None:
    assert verify(decided) == []
    assert [problem for check in audit(decided) for problem in check.problems] == []


@pytest.mark.parametrize("count", Counts.__slots__)
def test_it_sees_every_count_of_a_finding_that_is_altered_alone_in_the_book(
    decided: Path, tmp_path: Path, count: str
) -> None:
    root = shutil.copytree(decided, tmp_path / "study")
    path = root / "outputs/evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    cell = sheet.cell(3, [cell.value for cell in sheet[1]].index(count) + 1)
    cell.value = float(cell.value or 0) + 0.5
    book.save(path)
    (difference,) = shown.workbook(StoredStudy(root))
    assert f"its {count} does not follow from the links" in str(difference)


@pytest.mark.skipif(not (ROOT / "outputs" / "run.json").exists(), reason="the demonstration has not been analysed")
def test_it_counts_the_same_as_the_program_on_the_demonstration(tmp_path: Path) -> None:
    assert verify(ROOT) == []
    assert [problem for check in audit(ROOT, tmp_path) for problem in check.problems] == []

"""The notebooks: they import pipeline, define nothing of their own, are stored without results, and run over a study."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from studies import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")


def code_cells(path: Path) -> Iterator[dict[str, object]]:
    yield from (cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")


def test_there_is_a_notebook_for_each_question() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["codebook", "explore", "finding", "prevalence", "tagger"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_is_stored_without_results(path: Path) -> None:
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code_cells(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_imports_pipeline_and_defines_nothing(path: Path) -> None:
    nodes = [node for cell in code_cells(path) for node in ast.walk(ast.parse(str(cell["source"])))]
    assert not [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda))]
    assert any(isinstance(node, ast.ImportFrom) and str(node.module).startswith("pipeline") for node in nodes)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
@pytest.mark.filterwarnings("default")  # of the programs that run notebooks
@pytest.mark.slow
def test_it_runs_over_the_small_study_and_writes_nothing(path: Path, analysed: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    before = {file: file.read_bytes() for file in analysed.rglob("*") if file.is_file()}
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    )
    client.execute(
        env={**os.environ, "HALLAZGO_STUDY": str(analysed), "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}
    )
    said = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))
    assert "A small water project" in said
    assert ("is at its place" in said) == (path.stem == "finding"), "the quotes were looked up in their sources"
    assert before == {file: file.read_bytes() for file in analysed.rglob("*") if file.is_file()}

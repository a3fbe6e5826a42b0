"""A new study: laid out by the installed program alone, with templates that say the same as the demonstration."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from new_study_files import templates
from studies import NOW, ROOT, quiet

from pipeline.new_study import TEMPLATES, lay_out
from pipeline.steps.analyze import analyze


@pytest.mark.parametrize("name", templates())
def test_a_template_says_the_same_as_the_demonstration(name: str) -> None:
    same = (TEMPLATES / name).read_text("utf-8") == templates()[name]
    assert same, "edit the demonstration, then run: PYTHONPATH=. python tests/support/new_study_files.py"


def installed(folder: Path) -> Path:
    """The package as setuptools installs it: modules, and data files of the kinds that pyproject.toml names; nothing beside it."""
    kinds = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]["*"]
    for kind in ("*.py", *kinds):
        for path in (ROOT / "pipeline").rglob(kind):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return folder


def test_a_study_is_laid_out_and_checked_by_an_installed_program(tmp_path: Path) -> None:
    site = installed(tmp_path / "site")
    for words in (("study", "mine"), ("check", "--study", "mine")):
        command = [sys.executable, "-m", "pipeline", *words]
        environment = {**os.environ, "PYTHONPATH": str(site)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine" / "coded" / "seeds.jsonl").stat().st_size > 0


def test_a_folder_of_data_is_part_of_the_package(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", "from setuptools import find_packages; print(find_packages(include=['pipeline*']))"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if found.returncode:
        pytest.skip("setuptools is not installed here")
    assert "'pipeline.new_study'" in found.stdout


def test_a_missing_template_leaves_no_half_made_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.new_study.TEMPLATES", tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError):
        lay_out(tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_a_new_study_is_analysed_before_it_has_findings(tmp_path: Path) -> None:
    lay_out(tmp_path / "new")
    path = tmp_path / "new" / "raw" / "interviews" / "rosa.txt"
    path.write_text("Entrevistadora: ¿Cómo está el pozo?\nRosa: El pozo da agua todo el año.\n" * 4, "utf-8")
    outcome = analyze(tmp_path / "new", fresh=False, now=NOW, tick=quiet)
    assert outcome.record["summary"]["findings"] == 0
    assert outcome.record["summary"]["excerpts"] > 0

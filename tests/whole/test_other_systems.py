"""The program where the modules of POSIX are missing, as on Windows: tried with these modules shadowed, in all processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from studies import ROOT

MISSING = ("fcntl", "resource", "pwd", "grp", "termios")


def run(*words: str, cwd: Path, shadows: Path) -> subprocess.CompletedProcess[str]:
    shadows.mkdir(exist_ok=True)
    for name in MISSING:
        (shadows / f"{name}.py").write_text("raise ImportError('not on this system')\n")
    environment = {**os.environ, "PYTHONPATH": f"{shadows}:{ROOT}"}
    command = [sys.executable, "-m", "pipeline", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)


def test_a_study_is_checked_and_analysed_without_the_modules_of_posix(small_study: Path, tmp_path: Path) -> None:
    shadows = tmp_path / "shadows"
    for words in (("check",), ("analyze",), ("analyze",)):
        done = run(*words, "--study", str(small_study), cwd=tmp_path, shadows=shadows)
        assert done.returncode == 0, done.stderr
    assert "Nothing has changed" in done.stdout
    assert (small_study / "outputs" / "report.html").exists()


@pytest.mark.parametrize("module", ["fcntl", "resource"])
def test_the_shadows_do_hide_the_modules(module: str, tmp_path: Path) -> None:
    run("--help", cwd=tmp_path, shadows=tmp_path / "shadows")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "shadows")}
    done = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, check=False, env=environment)
    assert done.returncode == 1

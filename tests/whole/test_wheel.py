"""The installed program: a wheel, in an environment of its own, away from the repository."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from studies import ROOT

pytest.importorskip("setuptools", reason="setuptools is not installed")

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
OFFLINE = ["--no-index", "--no-deps", "--no-build-isolation"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a new environment with the wheel; what the wheel needs is lent from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    source = sources(folder / "source")
    built = subprocess.run(
        [*PIP, "wheel", *OFFLINE, "--wheel-dir", folder, source], capture_output=True, text=True, check=False
    )
    if built.returncode and "setuptools" in built.stderr:
        pytest.skip("setuptools is too old to build the wheel")
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("hallazgo-*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    scripts = folder / "env" / Path(sysconfig.get_path("scripts")).name
    python = scripts / Path(sys.executable).name
    packages = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (Path(packages) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    subprocess.run([*PIP, "--python", python, "install", "--no-index", "--no-deps", wheel], check=True)
    return scripts


def sources(folder: Path) -> Path:
    """A copy of what the wheel is built from; nothing is built inside the repository."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        folder.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "pipeline", folder / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(program: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([program, *words], capture_output=True, text=True, check=False, cwd=cwd, env=clean)


@pytest.mark.slow
def test_the_installed_program_lays_out_a_study_and_analyses_it(environment: Path, tmp_path: Path) -> None:
    hallazgo = environment / "hallazgo"
    assert run(hallazgo, "study", "mine", cwd=tmp_path).returncode == 0
    words = "Entrevistadora: ¿Cómo está el pozo?\nRosa: El pozo da agua todo el año.\n" * 4
    (tmp_path / "mine/raw/interviews/rosa.txt").write_text(words, "utf-8")
    done = run(hallazgo, "analyze", "--study", "mine", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "mine/outputs/report.html").is_file()
    code = "import pipeline; print(len(pipeline.open_study('mine').excerpts()), pipeline.__file__)"
    counted, place = run(environment / "python", "-c", code, cwd=tmp_path).stdout.split()
    assert int(counted) > 0
    assert Path(place).is_relative_to(environment.parent), "not the repository's own"

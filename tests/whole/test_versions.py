"""What a change of the program does again, and what it leaves: counted, for a change in each part of it."""

import json
import shutil
from pathlib import Path

import pytest
from studies import NOW, ROOT, quiet

from pipeline import engine, provenance
from pipeline.steps.analyze import Outcome, analyze

DONE = ("read_anew", "voted", "trained", "embedded")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package's files from which versions are computed, to be changed; the code that runs stays as it is."""
    copy = tmp_path / "pipeline"
    shutil.copytree(ROOT / "pipeline", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "PACKAGE", copy)
    forget()
    engine.dismiss()
    yield copy
    monkeypatch.undo()
    forget()


def forget() -> None:
    provenance.code_version.cache_clear()
    provenance._package_files.cache_clear()


def run_after(study: Path, changed: Path) -> Outcome:
    comment = "/* a comment */" if changed.suffix == ".css" else "# a comment"
    changed.write_text(changed.read_text("utf-8") + f"\n{comment}\n", "utf-8")
    forget()
    return analyze(study, fresh=False, now=NOW, tick=quiet)


def done_again(outcome: Outcome) -> dict[str, int]:
    assert not outcome.unchanged
    counts = {**outcome.record["stages"]["ingest"], **outcome.record["stages"]["tag"]}
    return {name: counts[name] for name in DONE if counts[name]}


def everything(study: Path) -> dict[str, int]:
    stages = json.loads((study / "outputs" / "run.json").read_text("utf-8"))["stages"]
    return {name: {**stages["ingest"], **stages["tag"]}[name] for name in DONE}


@pytest.mark.parametrize("file", ["publish/html/templates/report.css", "publish/figures.py", "evidence/strength.py"])
def test_a_change_in_what_is_published_reads_votes_and_trains_nothing(analysed: Path, program: Path, file: str) -> None:
    assert done_again(run_after(analysed, program / file)) == {}


@pytest.mark.parametrize("file", ["ingest/plain.py", "segment.py", "privacy/consent.py"])
def test_a_change_in_a_reader_reads_all_files_and_keeps_votes_and_model(
    analysed: Path, program: Path, file: str
) -> None:
    first = everything(analysed)
    assert done_again(run_after(analysed, program / file)) == {"read_anew": first["read_anew"]}


@pytest.mark.parametrize("file", ["tag/rules/match.py", "tag/rules/cues.toml"])
def test_a_change_in_the_rules_votes_and_trains_and_reads_nothing(analysed: Path, program: Path, file: str) -> None:
    first = everything(analysed)
    assert done_again(run_after(analysed, program / file)) == {"voted": first["voted"], "trained": 1}


def test_a_change_in_the_classifier_trains_alone(analysed: Path, program: Path) -> None:
    assert done_again(run_after(analysed, program / "tag/learning/classifier.py")) == {"trained": 1}


def test_a_change_in_the_encoder_encodes_and_trains(analysed: Path, program: Path) -> None:
    config = analysed / "config.toml"
    config.write_text(config.read_text("utf-8").replace("embeddings = false", "embeddings = true"), "utf-8")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    first = everything(analysed)
    assert first["embedded"] > 0
    assert done_again(run_after(analysed, program / "tag/encoder.py")) == {"trained": 1, "embedded": first["embedded"]}


@pytest.mark.parametrize("file", ["commands/review.py", "bench/figures.py", "evaluation/page.py", "audit/verify.py"])
def test_a_change_in_other_commands_leaves_the_study_as_it_is(analysed: Path, program: Path, file: str) -> None:
    assert run_after(analysed, program / file).unchanged


def test_all_that_a_stage_imports_counts_for_its_version() -> None:
    graph = pytest.importorskip("grimp").build_graph("pipeline")
    for parts in (
        ("steps/ingest.py", "ingest"),
        ("tag/rules",),
        ("tag/training.py",),
        ("steps/run.py", "ingest", "publish"),
    ):
        counted = {_module(name) for name in provenance.code_files(*parts) if name.endswith(".py")}
        for module in sorted(counted - {"pipeline"}):  # its own imports are for scripts: no stage runs them
            assert graph.find_modules_directly_imported_by(module) <= counted, module


def _module(name: str) -> str:
    return ".".join(["pipeline", *name.removesuffix(".py").split("/")]).removesuffix(".__init__")


def test_a_part_that_is_not_there_is_an_error_and_not_an_empty_version() -> None:
    with pytest.raises(FileNotFoundError):
        provenance.code_files("steps/gone.py")

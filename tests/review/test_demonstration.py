"""The decisions of the demonstration study, over a corrected transcript and over other settings."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from studies import ROOT

from pipeline.config import Settings
from pipeline.records import Decision
from pipeline.registers.study_registers import load_field
from pipeline.review import decisions as ledger
from pipeline.review.identity import passages
from pipeline.review.placement import quotes_of
from pipeline.review.settle import State
from pipeline.segment import recut
from pipeline.steps.apply_decisions import place_decisions
from pipeline.steps.ingest import read_all
from pipeline.steps.inputs import load_brief
from pipeline.steps.review import state_of
from pipeline.study import locate_study

MAYOR = "interviews/PE-05-valley-mayor.txt"


@dataclass(frozen=True, slots=True)
class Read:
    """Tables of some files of the demonstration, and the decisions on them."""

    root: Path
    settings: Settings
    frames: dict[str, pd.DataFrame]
    decisions: tuple[Decision, ...]

    def state(self, quotes: Mapping | None = None, sentences: int = 4) -> State:
        limits = self.settings.segment.model_copy(update={"sentences": sentences})
        frames = self.frames
        if sentences != self.settings.segment.sentences:
            no_pins = {str(source): [] for source in frames["texts"]["source_id"]}
            frames = {**frames, "excerpts": recut(frames, no_pins, limits)}
        placed = place_decisions(self.decisions, quotes or {}, frames, limits)
        present = {"excerpts": placed.excerpts, "placements": placed.placements}
        return state_of(self.decisions, present, load_brief(locate_study(self.root)).codebook)


def read(root: Path) -> Read:
    study = locate_study(root)
    settings = load_brief(study).settings
    frames = read_all(study, settings, load_field(study), {}, lambda _done, _total: None).frames
    sources = set(frames["sources"]["source_id"])
    decisions = ledger.load(study.coded / "decisions.jsonl")
    return Read(root, settings, frames, tuple(d for d in decisions if d.excerpt_id.rpartition(":")[0] in sources))


@pytest.fixture
def demonstration(tmp_path: Path) -> Path:
    """A copy of the demonstration with the text interviews alone: they are read in a moment."""
    root = tmp_path / "demonstration"
    root.mkdir()
    shutil.copy(ROOT / "config.toml", root)
    shutil.copytree(ROOT / "coded", root / "coded", ignore=shutil.ignore_patterns("machine", "review"))
    (root / "raw" / "interviews").mkdir(parents=True)
    for file in [*(ROOT / "raw").glob("*.csv"), *(ROOT / "raw" / "interviews").glob("*.txt")]:
        shutil.copy(file, root / file.relative_to(ROOT))
    return root


@pytest.mark.parametrize("has_quotes", [True, False])
def test_b10_one_letter_added_to_the_first_answer_of_pe_05_leaves_29_of_its_30_decisions_in_force(
    demonstration: Path, *, has_quotes: bool
) -> None:
    before = read(demonstration)
    quotes = quotes_of(passages(before.decisions), before.frames) if has_quotes else {}
    file = demonstration / "raw" / MAYOR
    answer = before.frames["turns"].query("source_id.str.startswith('PE-05') and role == 'respondent'").iloc[0]
    words = before.frames["texts"].query("source_id == @answer.source_id").iloc[0]["text"][answer["start"] :][:40]
    text = file.read_text("utf-8")
    assert text.count(words) == 1
    file.write_text(text.replace(words, words.replace(" ", "x ", 1)), "utf-8")
    own = [d for d in before.decisions if d.excerpt_id.startswith("PE-05")]
    state = read(demonstration).state(quotes)
    stale = [d for d in state.stale if d.excerpt_id.startswith("PE-05")]
    assert len(own) == 30
    assert len(own) - len(stale) >= 29
    assert len(state.carried) >= 29


def test_b11_other_settings_of_segment_leave_every_decision_of_the_demonstration_in_force(demonstration: Path) -> None:
    reading = read(demonstration)
    usual = reading.state()
    for sentences in (1, 2, 3, 6):
        state = reading.state(sentences=sentences)
        assert state.coder_decisions == usual.coder_decisions
        assert state.stale == state.carried == ()

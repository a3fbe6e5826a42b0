"""The decisions of the demonstration study, over a corrected transcript, over other settings, and over a renamed code."""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from studies import NOW, ROOT, quiet

from pipeline import tables
from pipeline.config import Settings
from pipeline.records import CodebookChange, Decision, Draft
from pipeline.registers.study_registers import load_registers
from pipeline.review import decisions as ledger
from pipeline.review.agreement.figures import agreement_of
from pipeline.review.identity import passages
from pipeline.review.placement import QUOTES, load_quotes, quotes_of
from pipeline.review.row_answers import code_draft
from pipeline.review.settle import State
from pipeline.segment import recut
from pipeline.steps.analyze import analyze
from pipeline.steps.apply_decisions import place_decisions
from pipeline.steps.codebook import change_codebook
from pipeline.steps.ingest import read_all
from pipeline.steps.inputs import load_brief
from pipeline.steps.results.agreement import agree, as_json
from pipeline.steps.review import state_of
from pipeline.study import locate_study
from pipeline.vocabulary import CodebookAction, DecisionKind

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
        words = load_quotes(self.root / "coded" / QUOTES) if quotes is None else quotes
        placed = place_decisions(self.decisions, words, frames, limits)
        present = {"excerpts": placed.excerpts, "placements": placed.placements}
        return state_of(self.decisions, present, load_brief(locate_study(self.root)).codebook)


def read(root: Path) -> Read:
    study = locate_study(root)
    settings = load_brief(study).settings
    frames = read_all(study, settings, load_registers(study), {}, lambda _done, _total: None).frames
    sources = set(frames["sources"]["source_id"])
    decisions = ledger.load(study.coded / "decisions.jsonl")
    return Read(root, settings, frames, tuple(d for d in decisions if d.excerpt_id.rpartition(":")[0] in sources))


def copied(root: Path) -> Path:
    """A copy of the demonstration without raw/ and without what a run makes."""
    root.mkdir()
    shutil.copy(ROOT / "config.toml", root)
    shutil.copytree(ROOT / "coded", root / "coded", ignore=shutil.ignore_patterns("machine", "review"))
    return root


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """All files of the demonstration, read once; not to be changed."""
    root = copied(tmp_path_factory.mktemp("whole") / "demonstration")
    shutil.copytree(ROOT / "raw", root / "raw")
    return read(root)


@pytest.fixture
def demonstration(tmp_path: Path) -> Path:
    """A copy of the demonstration with the text interviews alone: they are read in a moment."""
    root = copied(tmp_path / "demonstration")
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


@pytest.mark.slow
def test_b11_three_sentences_instead_of_four_leave_every_decision_of_the_whole_demonstration_in_force(
    whole: Read, tmp_path: Path
) -> None:
    root = copied(tmp_path / "demonstration")
    (root / "raw").symlink_to(whole.root / "raw")
    config = root / "config.toml"
    config.write_text(config.read_text("utf-8").replace("sentences = 4", "sentences = 3"), "utf-8")
    otherwise = read(root)
    assert otherwise.settings.segment.sentences == 3
    assert len(otherwise.frames["excerpts"]) != len(whole.frames["excerpts"])
    before, after = whole.state(), otherwise.state(sentences=3)
    assert len(whole.decisions) > 1400
    assert after.coder_decisions == before.coder_decisions
    assert (after.stale, after.carried) == (before.stale, before.carried)


def renamed(figures: dict, old: str, new: str) -> dict:
    """The figures of `agree` with a code under another id."""
    return json.loads(re.sub(rf'"{old}"', f'"{new}"', json.dumps(figures)))


def rename(root: Path, old: str, new: str) -> None:
    change = CodebookChange(CodebookAction.RENAME, codes=(old,), into=(new,))
    change_codebook(root, change, reason="clearer", coder="eva", now=NOW)


@pytest.mark.slow
def test_a1_a_rename_leaves_every_figure_of_agreement_of_the_demonstration_to_the_digit(
    whole: Read, tmp_path: Path
) -> None:
    def figures(root: Path) -> dict:
        study = locate_study(root)
        brief, decisions = load_brief(study), ledger.load(study.coded / "decisions.jsonl")
        placed = place_decisions(decisions, {}, whole.frames, whole.settings.segment)
        state = state_of(decisions, {"excerpts": placed.excerpts, "placements": placed.placements}, brief.codebook)
        lines = {line.seq: line for line in decisions}
        return agreement_of(
            state,
            placed.excerpts,
            {},
            codes=brief.codebook.ids,
            findings=[finding.id for finding in brief.register.findings],
            lines=lines,
        )

    root = copied(tmp_path / "demonstration")
    before = figures(root)
    assert len(before["criteria"]) > 20
    rename(root, "priority_force", "priority_use_of_force")
    assert as_json(figures(root)) == as_json(renamed(before, "priority_force", "priority_use_of_force"))


@pytest.mark.slow
def test_a1_a_rename_leaves_agreement_between_coders_and_with_the_machine_to_the_digit(analysed: Path) -> None:
    for coder, word in (("ana", "positive"), ("ben", "no")):
        decide_all(analysed, coder, word)
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    before = agree(analysed)
    assert before["machine"]
    rename(analysed, "efficiency", "economy")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    assert as_json(agree(analysed)) == as_json(renamed(before, "efficiency", "economy"))


def decide_all(study: Path, coder: str, word: str) -> None:
    """Decisions of a coder on every excerpt of respondents: a word for every third, no for the others."""
    excerpts = tables.read_table(study / "coded/machine/excerpts.parquet", tables.EXCERPTS)
    rows = excerpts[excerpts["role"] == "respondent"].itertuples()
    drafts = []
    for number, row in enumerate(rows):
        blank = Draft(DecisionKind.CODE, row.excerpt_id, row.text_sha256)
        drafts += [
            code_draft(blank, code, word if number % 3 == 0 else "no") for code in ("efficiency", "effectiveness")
        ]
    ledger.append(study / "coded/decisions.jsonl", drafts, coder=coder, now=NOW)

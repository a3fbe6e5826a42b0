"""Decisions from before names were masked, or while they were: they stay on their words, and words that changed are stale."""

from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from small_ledger import decide_on
from studies import quiet

from pipeline.config import load_settings
from pipeline.records import Decision
from pipeline.registers.study_registers import load_registers
from pipeline.review import decisions as ledger
from pipeline.review.identity import passages
from pipeline.review.placement import places_of, quotes_of
from pipeline.review.settle import settle
from pipeline.steps.apply_decisions import PlacedDecisions, place_decisions
from pipeline.steps.ingest import read_all
from pipeline.study import locate_study
from pipeline.vocabulary import CodingStatus

NAMED = "Pregúntele a Rosa Luna, ella sabe de bombas."
PLAIN = "La bomba nueva llegó en marzo con su repuesto."
OFF = '\n[privacy]\nnames = "off"\n'


@pytest.fixture
def study(small_study: Path) -> Path:
    """The small study with a passage that names somebody and one after it, each an excerpt; nothing is masked."""
    path = small_study / "raw/interviews/rosa.txt"
    path.write_text(
        path.read_text("utf-8") + f"Ana Rey: ¿Y?\nTito Mar: {NAMED}\nAna Rey: ¿Y?\nTito Mar: {PLAIN}\n", "utf-8"
    )
    config = small_study / "config.toml"
    config.write_text(config.read_text("utf-8") + OFF, "utf-8")
    return small_study


def read(root: Path) -> dict[str, pd.DataFrame]:
    opened = locate_study(root)
    return read_all(opened, load_settings(opened.config), load_registers(opened), {}, partial(quiet, "read")).frames


def switch(root: Path, *, masks: bool) -> None:
    config = root / "config.toml"
    text = config.read_text("utf-8")
    config.write_text(text.replace('"off"', '"mask"') if masks else text.replace('"mask"', '"off"'), "utf-8")


def change(root: Path, old: str, new: str) -> None:
    path = root / "raw/interviews/rosa.txt"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def follow(root: Path, decided: list[Decision], before: dict[str, pd.DataFrame]) -> tuple[PlacedDecisions, dict]:
    after = read(root)
    quotes = quotes_of(passages(decided), before)
    return place_decisions(decided, quotes, after, load_settings(root / "config.toml").segment), after


def words_now(placed: PlacedDecisions, decided: list[Decision], after: dict[str, pd.DataFrame]) -> list[str]:
    frames = {**after, "excerpts": placed.excerpts, "placements": placed.placements}
    state = settle(decided, places_of(decided, frames), {"criterion": ("relevance",)})
    texts = dict(zip(placed.excerpts["excerpt_id"], placed.excerpts["text"], strict=True))
    assert {coding.status for coding in state.codings} <= {CodingStatus.SINGLE}
    return [texts[each.excerpt_id] for each in sorted(state.coder_decisions, key=lambda d: d.seq)]


def decide(root: Path, frames: dict[str, pd.DataFrame], *words: str) -> list[Decision]:
    path = root / "coded/decisions.jsonl"
    for each in words:
        decide_on(path, frames, each)
    return list(ledger.load(path))


def test_a_decision_stays_on_its_words_when_names_are_masked(study: Path) -> None:
    before = read(study)
    decided = decide(study, before, NAMED, PLAIN)
    switch(study, masks=True)
    placed, after = follow(study, decided, before)
    named, plain = words_now(placed, decided, after)
    assert named.startswith("Pregúntele a [person ")
    assert plain == PLAIN
    assert set(placed.placements["status"]) == {"masked"}


def test_it_stays_there_when_the_masks_are_taken_away(study: Path) -> None:
    switch(study, masks=True)
    before = read(study)
    (masked,) = [text for text in before["excerpts"]["text"] if text.startswith("Pregúntele")]
    decided = decide(study, before, masked, PLAIN)
    switch(study, masks=False)
    placed, after = follow(study, decided, before)
    frames = {**after, "excerpts": placed.excerpts, "placements": placed.placements}
    state = settle(decided, places_of(decided, frames), {"criterion": ("relevance",)})
    texts = dict(zip(placed.excerpts["excerpt_id"], placed.excerpts["text"], strict=True))
    assert {texts[each.excerpt_id] for each in state.coder_decisions} == {NAMED, PLAIN}


@pytest.mark.parametrize(("old", "new"), [
    ("ella sabe de bombas", "ella nada sabe de bombas"), ("sabe", "duda"), ("Rosa Luna", "Rosa María Luna"),
])  # fmt: skip
def test_words_that_changed_as_well_are_stale(study: Path, old: str, new: str) -> None:
    before = read(study)
    decided = decide(study, before, NAMED)
    switch(study, masks=True)
    change(study, old, new)
    placed, _ = follow(study, decided, before)
    assert list(placed.placements["status"]) == ["stale"]


def test_a_name_masked_where_the_words_have_moved_is_found_by_the_same_speaker(study: Path) -> None:
    before = read(study)
    decided = decide(study, before, NAMED)
    switch(study, masks=True)
    change(study, "Tito Mar: Yo no creo.", "Tito Mar: Pues, la verdad, yo no creo.")
    placed, _ = follow(study, decided, before)
    assert list(placed.placements["status"]) == ["carried"]

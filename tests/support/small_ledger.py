"""A small interview as the tables of a run, decisions on its excerpts, and what became of them after an edit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from pipeline import tables
from pipeline.config import SegmentSettings
from pipeline.provenance import sha256_text
from pipeline.records import Decision, Draft, Text, Turn
from pipeline.review import decisions as ledger
from pipeline.review.identity import Passage, passages
from pipeline.review.placement import Quote, places_of, quotes_of, with_selectors
from pipeline.review.settle import State, settle
from pipeline.segment import segment
from pipeline.steps.apply_decisions import place_decisions
from pipeline.vocabulary import DecisionKind, Role

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LIMITS = SegmentSettings(sentences=1, chars=600)
FAMILIES = {"criterion": ("relevance", "efficiency"), "priority": ("priority_force", "priority_valley")}
SOURCE = "s"


@dataclass(frozen=True, slots=True)
class Said:
    """What one speaker says once."""

    label: str
    words: str
    person: str = ""


def interview(*turns: Said, limits: SegmentSettings = LIMITS) -> dict[str, pd.DataFrame]:
    """The tables texts, turns and excerpts of one source in which the turns follow each other."""
    text, records = "", []
    for number, said in enumerate(turns, 1):
        text += f"{said.label}: "
        start, text = len(text), text + said.words + "\n"
        role = Role.INTERVIEWER if said.label == "Q" else Role.RESPONDENT
        records.append(
            Turn(SOURCE, number, said.label, role, said.person, start, start + len(said.words), "", "", "en")
        )
    source = Text(SOURCE, text, sha256_text(text))
    return {
        "texts": tables.frame([source], tables.TEXTS),
        "turns": tables.frame(records, tables.TURNS),
        "excerpts": tables.frame(segment(source, records, limits), tables.EXCERPTS),
    }


def decide_on(path: Path, frames: dict[str, pd.DataFrame], words: str, *, nth: int = 0, **more: object) -> Decision:
    """Let a coder (ana unless named) decide on the excerpt with these words, and return the line."""
    rows = frames["excerpts"].query("text == @words")
    row = rows.iloc[nth]
    draft = {"kind": DecisionKind.CODE, "criterion": "relevance", "value": "positive", **more}
    coder = str(draft.pop("coder", "ana"))
    has_selector = draft.pop("has_selector", True)
    draft = Draft(excerpt_id=row["excerpt_id"], text_sha256=row["text_sha256"], **draft)
    drafts = with_selectors([draft], frames) if has_selector else [draft]
    return ledger.append(path, drafts, coder=coder, now=NOW)[0]


@dataclass(frozen=True, slots=True)
class After:
    """The state of a ledger over an interview, with its excerpts and the table placements."""

    state: State
    excerpts: pd.DataFrame
    placements: pd.DataFrame

    def words_decided_on(self) -> list[str]:
        """The words of the excerpts that carry a decision in force, in the order of the decisions."""
        texts = dict(zip(self.excerpts["excerpt_id"], self.excerpts["text"], strict=True))
        return [texts[d.excerpt_id] for d in sorted(self.state.coder_decisions, key=lambda d: d.seq)]


def after(
    decisions: Sequence[Decision],
    frames: dict[str, pd.DataFrame],
    *,
    quotes: dict[Passage, Quote] | None = None,
    limits: SegmentSettings = LIMITS,
) -> After:
    """What became of decisions over an interview."""
    placed = place_decisions(decisions, quotes or {}, frames, limits)
    present = {"excerpts": placed.excerpts, "placements": placed.placements}
    state = settle(decisions, places_of(decisions, present), FAMILIES)
    return After(state, placed.excerpts, placed.placements)


def quotes_in(decisions: Sequence[Decision], frames: dict[str, pd.DataFrame]) -> dict[Passage, Quote]:
    """The words of the decisions that the tables still hold."""
    return quotes_of(passages(decisions), frames)

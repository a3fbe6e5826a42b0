"""Cuts and joins of a small interview, written into a ledger as the page writes them."""

from pathlib import Path
from typing import Any

import pandas as pd
from small_ledger import NOW

from pipeline.records import Decision, Draft
from pipeline.review import decisions as ledger
from pipeline.review.boundaries.drafting import Stretch, cut_draft, join_draft, nearest_gap
from pipeline.review.placement import with_selectors
from pipeline.review.undo import undo_draft

Frames = dict[str, pd.DataFrame]


def cut(path: Path, frames: Frames, words: str, before: str, *, coder: str = "ana") -> Decision:
    """Cut the excerpt with these words before the first place of others."""
    excerpt = _stretch(_row(frames, words))
    gap = nearest_gap(excerpt.text, excerpt.text.index(before))
    assert gap
    return _write(path, frames, cut_draft(excerpt, gap), coder)


def join(path: Path, frames: Frames, words: str, *, coder: str = "ana") -> Decision:
    """Join the excerpt with these words with the next one."""
    excerpts = frames["excerpts"]
    at = int(excerpts.index.get_indexer_for(excerpts[excerpts["text"] == words].index)[0])
    first, second = _stretch(excerpts.iloc[at]), _stretch(excerpts.iloc[at + 1])
    texts = dict(zip(frames["texts"]["source_id"], frames["texts"]["text"], strict=True))
    text = str(texts[first.source_id])
    return _write(path, frames, join_draft(first, second, text[first.end : second.start]), coder)


def undo(path: Path, line: Decision) -> Decision:
    """Take a line back, as its own coder."""
    return ledger.append(path, [undo_draft([line])], coder=line.coder, now=NOW)[0]


def _write(path: Path, frames: Frames, draft: Draft, coder: str) -> Decision:
    return ledger.append(path, with_selectors([draft], frames), coder=coder, now=NOW)[0]


def _row(frames: Frames, words: str) -> Any:
    return frames["excerpts"].query("text == @words").iloc[0]


def _stretch(row: Any) -> Stretch:
    return Stretch(str(row["source_id"]), int(row["start"]), str(row["text"]))

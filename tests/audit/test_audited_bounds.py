"""Excerpts that were cut and joined, through `analyze` and both audits after each step."""

from pathlib import Path

import pandas as pd
import pytest
from boundaries import Frames, cut, join, undo
from second_verifier import verify
from studies import NOW, quiet

from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.vocabulary import DecisionKind


def tables(root: Path) -> Frames:
    names = ("excerpts", "texts", "turns", "codings", "placements", "links")
    return {name: pd.read_parquet(root / "coded" / "machine" / f"{name}.parquet") for name in names}


def holds(root: Path) -> Frames:
    """Analyse the study again, and let both audits go through it."""
    analyze(root, fresh=False, now=NOW, tick=quiet)
    assert [str(problem) for check in audit(root) for problem in check.problems] == []
    assert verify(root) == []
    return tables(root)


def long_answer(frames: Frames, at: int = 0) -> str:
    spoken = frames["excerpts"].query("role == 'respondent'")
    return str(spoken[spoken["text"].str.count(" ") > 6]["text"].iloc[at])


def decide(root: Path, frames: Frames, words: str, value: str = "positive", coder: str = "ana") -> None:
    row = frames["excerpts"].query("text == @words").iloc[0]
    passage = (row["excerpt_id"], row["text_sha256"])
    drafts = [
        Draft(DecisionKind.CODE, *passage, "efficiency", value=value),
        Draft(DecisionKind.REVIEWED, *passage, codes=("efficiency", "effectiveness")),
        Draft(DecisionKind.LINK, *passage, finding_id="F1", value="supports"),
        Draft(DecisionKind.MEMO, *passage, note="see the map"),
    ]
    ledger.append(root / "coded" / "decisions.jsonl", drafts, coder=coder, now=NOW)


def rule(root: Path, frames: Frames, words: str, value: str) -> None:
    row = frames["excerpts"].query("text == @words").iloc[0]
    draft = Draft(DecisionKind.ADJUDICATE, row["excerpt_id"], row["text_sha256"], "effectiveness", value=value)
    ledger.append(root / "coded" / "decisions.jsonl", [draft], coder="meeting", now=NOW)


def statuses(frames: Frames, words: str) -> dict[str, str]:
    name = frames["excerpts"].query("text == @words")["excerpt_id"].iloc[0]
    rows = frames["codings"][frames["codings"]["excerpt_id"] == name]
    return dict(zip(rows["criterion"], rows["status"], strict=True))


@pytest.mark.slow
def test_both_audits_hold_after_each_cut_join_and_undo(analysed: Path) -> None:
    path = analysed / "coded" / "decisions.jsonl"
    frames = tables(analysed)
    words = long_answer(frames)
    first = " ".join(words.split()[:3])
    second = words[len(first) :].strip()
    decide(analysed, frames, words)
    line = cut(path, frames, words, second)
    assert not any(check.problems for check in audit(analysed))  # what no run has followed yet is no fault
    frames = holds(analysed)
    assert {statuses(frames, part)["efficiency"] for part in (first, second)} == {"stale"}
    decide(analysed, frames, first)
    frames = holds(analysed)
    assert statuses(frames, first)["efficiency"] == "single"
    decide(analysed, frames, second, "negative")
    frames = holds(analysed)
    joined = join(path, frames, first)
    frames = holds(analysed)
    assert statuses(frames, words)["efficiency"] == "single"  # as it was decided on the whole
    undo(path, joined)
    undo(path, line)
    frames = holds(analysed)
    assert words in set(frames["excerpts"]["text"])


@pytest.mark.slow
def test_both_audits_follow_what_holds_on_a_joined_excerpt(analysed: Path) -> None:
    path = analysed / "coded" / "decisions.jsonl"
    frames = tables(analysed)
    words = long_answer(frames, 1)
    first = " ".join(words.split()[:3])
    second = words[len(first) :].strip()
    cut(path, frames, words, second)
    frames = holds(analysed)
    decide(analysed, frames, first)
    decide(analysed, frames, second, coder="leo")
    rule(analysed, frames, first, "yes:positive")
    rule(analysed, frames, second, "yes:positive")
    join(path, frames, first)
    frames = holds(analysed)
    assert statuses(frames, words) | {"efficiency": "carried", "effectiveness": "ruled"} == statuses(frames, words)
    rows = frames["links"].query("decided_by == 'ana;leo'")
    assert list(rows["status"]) == ["confirmed"]


@pytest.mark.slow
def test_a_cut_that_the_excerpts_do_not_follow_is_found(analysed: Path) -> None:
    path = analysed / "coded" / "decisions.jsonl"
    frames = tables(analysed)
    words = long_answer(frames)
    cut(path, frames, words, words[len(" ".join(words.split()[:3])) :].strip())
    holds(analysed)
    whole = ledger.load(path)[0]
    table = analysed / "coded" / "machine" / "excerpts.parquet"
    excerpts = pd.read_parquet(table)
    parts = [part.excerpt_id for part in whole.parts]
    before = frames["excerpts"].query("excerpt_id == @whole.excerpt_id")
    pd.concat([excerpts[~excerpts["excerpt_id"].isin(parts)], before]).to_parquet(table)
    failed = {check.key for check in audit(analysed) if check.problems}
    assert "bounds" in failed

"""A study of a hundred thousand excerpts, copied from an analysed one, and what it costs to aggregate it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import pandas as pd

from pipeline import study as folders
from pipeline.bench.cost import cost_of
from pipeline.bench.inputs import SEED
from pipeline.contract import is_among
from pipeline.evidence import null_control
from pipeline.records import Participant
from pipeline.registers.participants import load_participants
from pipeline.steps.apply_decisions import drawn_by_chance
from pipeline.steps.evidence import Decided, EvidenceResult, build_evidence
from pipeline.steps.inputs import Brief, load_brief
from pipeline.steps.review import load_frames, load_ledger, state_of
from pipeline.steps.tag import TagResult
from pipeline.tag import embeddings, model
from pipeline.tag.coding import RespondentExcerpts
from pipeline.tag.features import spoken
from pipeline.vocabulary import LinkStatus, Role

TABLES = ("sources", "turns", "excerpts", "masks", "attributes", "votes", "codings", "links", "spans")
OWN = ("source_id", "excerpt_id", "participant_id", "copy_of")  # columns that name something of one copy
NOISE = 0.01  # by which each number of a vector differs from copy to copy, as those of paraphrases do
TIMES = 3
SIZES = (10_000, 100_000)  # excerpts


@dataclass(frozen=True, slots=True)
class LargeStudy:
    """What is aggregated."""

    brief: Brief
    people: list[Participant]
    frames: dict[str, pd.DataFrame]
    tagged: TagResult
    decided: Decided
    key: bytes


@dataclass(frozen=True, slots=True)
class Aggregation:
    """The size of a study that was aggregated, and what it cost: processor seconds, and peak MB with its tables in memory."""

    excerpts: int
    findings: int
    seconds: float
    peak_mb: float


def large_study(root: Path, copies: int) -> LargeStudy:
    """An analysed study `copies` times over: everybody is another person each time, and no two copies of a text are the same."""
    study = folders.locate_study(root)
    brief, (people, _) = load_brief(study), load_participants(study.raw)
    once = load_frames(study, *TABLES, "placements")
    decisions = load_ledger(study)
    drawn = drawn_by_chance(decisions, state_of(decisions, once, brief.codebook))
    frames = {name: _copied(once[name], copies) for name in TABLES}
    version = json.loads((study.machine / "model/model.json").read_bytes())["version"]
    learnt = model.load(study.machine / "model", version, brief.codebook.ids)
    assert learnt is not None  # noqa: S101 - the study was analysed
    excerpts, codings, links = frames["excerpts"], frames["codings"], frames["links"]
    criteria = brief.codebook.with_codes_below({finding.criterion for finding in brief.register.findings})
    is_carried = (codings["coded"] | codings["doubtful"]) & codings["criterion"].isin(criteria)
    is_candidate = (excerpts["role"] == Role.RESPONDENT) & is_among(
        excerpts["excerpt_id"], codings.loc[is_carried, "excerpt_id"]
    )
    vectors = None
    if brief.settings.tag.embeddings:
        vectors = _vectors(brief, once["excerpts"], embeddings.read(study.machine / "vectors.npz"), copies)
        is_candidate &= np.array([embeddings.key(text) in vectors for text in excerpts["text"].tolist()])
    return LargeStudy(
        brief=brief,
        people=[replace(one, participant_id=_id(one.participant_id, n)) for n in range(copies) for one in people],
        frames=frames,
        tagged=TagResult(
            frames={},
            model=learnt,
            candidates=RespondentExcerpts(excerpts, np.flatnonzero(is_candidate)),
            vectors=vectors,
        ),
        decided=Decided(
            links=links[links["status"] != LinkStatus.SUGGESTED],
            drawn=[_id(name, n) for n in range(copies) for name in drawn],
        ),
        key=folders.person_key(study),
    )


def _id(name: str, copy: int) -> str:
    return f"c{copy}-{name}" if name and copy else name


def _text(text: str, copy: int) -> str:
    return f"{text} {copy}." if text and copy else text


def _copied(table: pd.DataFrame, copies: int) -> pd.DataFrame:
    parts = []
    for copy in range(copies):
        own = {name: _renamed(table[name], partial(_id, copy=copy)) for name in OWN if name in table}
        if "text" in table:
            own["text"] = _renamed(table["text"], partial(_text, copy=copy))
        parts.append(table.assign(**own))
    return pd.concat(parts, ignore_index=True)


def _renamed(cells: pd.Series[str], name: Callable[[str], str]) -> pd.Series[str]:
    return pd.Series([name(cell) for cell in cells.tolist()], dtype="str")


def _vectors(brief: Brief, excerpts: pd.DataFrame, stored: dict[str, np.ndarray], copies: int) -> dict[str, np.ndarray]:
    """The vectors of statements, questions and all copies of texts, each a little different."""
    statements = {finding.statement for finding in brief.register.findings}
    statements |= {each.statement for each in null_control.statements()}
    texts = statements | set(excerpts["question"].tolist()) - {""}
    vectors = {name: stored[name] for name in map(embeddings.key, texts) if name in stored}
    dice = np.random.default_rng(SEED)
    spoken_words = [*zip(excerpts["text"].tolist(), excerpts["question"].tolist(), strict=True)]
    for copy in range(copies):
        for text, question in spoken_words:
            copied = _text(text, copy)
            for before, after in ((text, copied), (spoken(text, question), spoken(copied, question))):
                if (of_text := stored.get(embeddings.key(before))) is not None:
                    vectors[embeddings.key(after)] = _near(of_text, dice) if copy else of_text
    return vectors


def _near(vector: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    moved = vector + dice.normal(0, NOISE, len(vector))
    return (moved / np.linalg.norm(moved)).astype(np.float16)


def aggregate(study: LargeStudy) -> EvidenceResult:
    """Links, strengths and all counts."""
    return build_evidence(study.brief, study.people, study.frames, study.tagged, decided=study.decided, key=study.key)


def measure(root: str, copies: int, to: str) -> None:
    """Aggregate copies of a study, and write the size and the processor seconds into a file; runs in a process of its own."""
    study = large_study(Path(root), copies)
    began = process_time()
    result = aggregate(study)
    seconds = process_time() - began
    Path(to).write_text(json.dumps([len(result.uses), len(result.assessments), seconds]), "utf-8")


def aggregations(root: Path, folder: Path) -> list[Aggregation]:
    """The aggregation of about 10,000 and of about 100,000 excerpts, each the median of some runs."""
    excerpts = pd.read_parquet(root / "coded/machine/excerpts.parquet", columns=["role"])
    once = int((excerpts["role"] == Role.RESPONDENT).sum())
    return [_aggregation(root, folder / "aggregation.json", ceil(size / once)) for size in SIZES]


def _aggregation(root: Path, to: Path, copies: int) -> Aggregation:
    order = f"from pipeline.bench.aggregated import measure; measure({str(root)!r}, {copies}, {str(to)!r})"
    runs = []
    for _ in range(TIMES):
        cost = cost_of([sys.executable, "-c", order], Path.cwd())
        excerpts, findings, seconds = json.loads(to.read_bytes())
        runs.append(Aggregation(excerpts, findings, seconds=seconds, peak_mb=cost.peak_mb))
    return Aggregation(
        runs[0].excerpts,
        runs[0].findings,
        seconds=median(run.seconds for run in runs),
        peak_mb=max(run.peak_mb for run in runs),
    )

"""Excerpts to votes and codings; unchanged votes, vectors and models are kept from the last run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline.engine.work import Tick, Work
from pipeline.errors import Problem
from pipeline.evidence import null_control
from pipeline.steps.inputs import Brief
from pipeline.study import Study
from pipeline.tag import coding, embeddings, model, rules
from pipeline.tag.coding import CachedVotes, MachineCoder, RespondentExcerpts, respondents
from pipeline.tag.embeddings import Vectors, VectorStore
from pipeline.tag.model import Model
from pipeline.tag.training import data_version, texts_to_embed, training, training_texts
from pipeline.wording.messages import message

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class TagResult:
    """The votes and codings of a study, and what they were made with."""

    frames: Frames
    model: Model
    candidates: RespondentExcerpts  # that may be evidence for a finding
    vectors: Vectors | None  # of the statements, of the candidates' words, and of all that was said with its question
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)  # what was done again: voted, trained, embedded


def tag_all(
    study: Study,
    staging: Path,
    brief: Brief,
    *,
    excerpts: pd.DataFrame,
    previous: Mapping[str, pd.DataFrame],
    tick: Tick,
    decided: Collection[str] = (),
) -> TagResult:
    """Votes and codings of every respondent's excerpt.

    `previous` are tables of the last run, beside model and vectors; `decided` the ids of the excerpts that people decided on.
    """
    rows, work = respondents(excerpts), Work(brief.settings.engine.workers, tick)
    last = study.machine if previous else None
    store = _vector_store(brief, last)
    stored = _stored_model(brief, last)
    trained = _with_vectors(brief, rows, store, work, stored)
    vectors = store.used if store else None
    cached = _cached_votes(brief, rows, previous)
    coder = MachineCoder(trained, brief.codebook, cached, vectors)
    coded = _code(coder, brief, rows, work, decided=decided)
    if store:
        store.add({excerpt.text for excerpt in coded.candidates}, work)
    _save(staging / "coded" / "machine", trained, store)
    return TagResult(
        frames={"votes": coded.votes, "codings": coded.codings},
        model=trained,
        candidates=coded.candidates,
        vectors=vectors,
        remarks=(*_not_learnt(trained), *_unreliable(trained)),
        counts={
            "voted": len(rows) - (len(cached.excerpt_ids) if cached else 0),
            "trained": int(stored is None),
            "embedded": store.computed if store else 0,
        },
    )


def code_unseen(study: Study, brief: Brief, frame: pd.DataFrame) -> pd.DataFrame:
    """Codings of some excerpts by a model that learnt from the brief's examples alone; nothing is stored."""
    rows = respondents(frame)
    work, store = Work(brief.settings.engine.workers, lambda _done, _total: None), _vector_store(brief, study.machine)
    trained = _with_vectors(brief, rows, store, work, None)
    return _code(MachineCoder(trained, brief.codebook, None, store.used if store else None), brief, rows, work).codings


def _code(
    coder: MachineCoder, brief: Brief, rows: RespondentExcerpts, work: Work, *, decided: Collection[str] = ()
) -> coding.CodingResult:
    criteria = brief.codebook.with_codes_below({finding.criterion for finding in brief.register.findings})
    return coder.code(rows, work, criteria=criteria, decided=decided)


def _not_learnt(trained: Model) -> tuple[Problem, ...]:
    """The codes that only patterns and definitions suggest."""
    if not (codes := trained.not_learnt()):
        return ()
    what = message("steps/nothing_was_learnt_about_fewer_than", codes=", ".join(codes))
    return (
        Problem(
            "codebook.toml",
            what,
            message("steps/decide_on_some_excerpts_or_add"),
        ),
    )


def _unreliable(trained: Model) -> tuple[Problem, ...]:
    """The codes that have examples, but too few."""
    if not (codes := trained.unreliable()):
        return ()
    return (
        Problem(
            "codebook.toml",
            message("steps/suggested_only_on_examples", codes=", ".join(codes)),
            message("steps/decide_on_more_excerpts_each_ten"),
        ),
    )


def _vector_store(brief: Brief, folder: Path | None) -> VectorStore | None:
    """The vector store, filled from a folder; None if the study uses no embeddings."""
    if not brief.settings.tag.embeddings:
        return None
    return VectorStore(embeddings.read(folder / "vectors.npz") if folder else {})


def _stored_model(brief: Brief, folder: Path | None) -> Model | None:
    """The model of the last run, where all that it depends on is unchanged."""
    version = data_version(brief.seeds, brief.codebook, brief.settings)
    return model.load(folder / "model", version, brief.codebook.ids) if folder else None


def _with_vectors(
    brief: Brief, rows: RespondentExcerpts, store: VectorStore | None, work: Work, stored: Model | None
) -> Model:
    """The stored model, or one trained now while the vectors of the excerpts are computed into the store."""
    if store:
        statements = {finding.statement for finding in brief.register.findings}
        control = {each.statement for each in null_control.statements()} if statements else set()
        store.add(training_texts(brief.codebook, brief.seeds) | statements | control, work)
    vectors = store.used if store else None
    tasks = [] if stored else [training(brief.seeds, brief.codebook, brief.settings, vectors, work)]
    results = store.add(texts_to_embed(rows), work, tasks) if store else work.results(tasks)
    return stored or results[0]


def _save(folder: Path, trained: Model, store: VectorStore | None) -> None:
    model.save(trained, folder / "model")
    if store:
        embeddings.write(folder / "vectors.npz", store.used)


def _cached_votes(brief: Brief, rows: RespondentExcerpts, previous: Mapping[str, pd.DataFrame]) -> CachedVotes | None:
    if "votes" not in previous or "excerpts" not in previous:
        return None
    version = rules.version_of(brief.codebook)
    return coding.still_valid(previous["votes"], respondents(previous["excerpts"]), rows, version)

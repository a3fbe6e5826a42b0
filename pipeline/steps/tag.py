"""Excerpts to votes and codings; unchanged votes, vectors and models are kept from the last run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pandas as pd

from pipeline.engine.work import Tick, Work
from pipeline.errors import Problem
from pipeline.evidence import null_control
from pipeline.steps.inputs import Brief
from pipeline.study import Study
from pipeline.tag import coding, embeddings, judged, model, rules
from pipeline.tag.coding import MachineCoder, RespondentExcerpts, respondents
from pipeline.tag.embeddings import Vectors, VectorStore
from pipeline.tag.judged import KeptJudgements
from pipeline.tag.model import Model
from pipeline.tag.rules import kept_forms
from pipeline.tag.training import data_version, texts_to_embed, texts_to_read_again, training, training_texts
from pipeline.tag.voters.panel import NOBODY, Panel
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
    counts: Mapping[str, int] = field(default_factory=dict)  # what was done again: voted, judged, trained, embedded


@dataclass(frozen=True, slots=True)
class Stores:
    """The vectors of a study's encoder, and those of the better one; None where the study does not use it."""

    first: VectorStore | None
    second: VectorStore | None

    @classmethod
    def of(cls, brief: Brief, folder: Path | None) -> Self:
        """The stores of a study, filled from a folder."""
        chosen = brief.settings.tag.embeddings
        return cls(
            first=VectorStore.of(folder) if chosen else None,
            second=VectorStore.of(folder, embeddings.BEST) if chosen == embeddings.BEST else None,
        )

    @property
    def vectors(self) -> Vectors | None:
        """The vectors of the study's encoder that were asked for."""
        return self.first.used if self.first else None

    @property
    def counts(self) -> dict[str, int]:
        """How many texts each encoder read; of the better one only where the study uses it."""
        again = {"embedded_best": self.second.computed} if self.second else {}
        return {"embedded": self.first.computed if self.first else 0, **again}


@dataclass(frozen=True, slots=True)
class Judges:
    """Who else judges excerpts: people, by the ids of those that they `decided` on, and the `panel` of further voters."""

    decided: Collection[str] = ()
    panel: Panel = NOBODY


def tag_all(
    study: Study,
    staging: Path,
    brief: Brief,
    *,
    excerpts: pd.DataFrame,
    previous: Mapping[str, pd.DataFrame],
    tick: Tick,
    judges: Judges = Judges(),
) -> TagResult:
    """Votes and codings of every respondent's excerpt. `previous` are tables of the last run, beside model and vectors."""
    rows, work = respondents(excerpts), Work.of(brief.settings.engine, tick)
    folder = study.machine if previous else None
    stores = Stores.of(brief, folder)
    stored = _stored_model(brief, folder, judges.panel)
    trained = _with_vectors(brief, rows, stores, work, stored, judges.panel)
    last = LastRun.of(study.machine, rows, previous)
    cached = coding.still_valid(last.votes, last.same, rules.version_of(brief.codebook)) if last else None
    kept = _kept_judgements(last, trained, stores, judges.panel)
    del last  # its votes are in what is kept, and must not be held twice
    forms = kept_forms.prepare(brief.codebook, folder, staging / "coded" / "machine", work)
    coder = MachineCoder(trained, brief.codebook, cached, stores.vectors, stores.second, judges.panel, kept, forms.path)
    coded = _code(coder, brief, rows, work, decided=judges.decided)
    if stores.first:
        stores.first.add({excerpt.text for excerpt in coded.candidates}, work)
    _save(staging / "coded" / "machine", trained, stores)
    judged.save(coded.outputs, staging / "coded" / "machine", trained.version)
    return TagResult(
        frames={"votes": coded.votes, "codings": coded.codings},
        model=trained,
        candidates=coded.candidates,
        vectors=stores.vectors,
        remarks=(*_not_learnt(trained), *_unreliable(trained)),
        counts={
            "voted": len(rows) - (len(cached.excerpt_ids) if cached else 0),
            "judged": coded.judged,
            "trained": int(stored is None),
            "inflected": forms.inflected,
            **stores.counts,
            **_left_to_best(brief, coded.unsure),
        },
    )


def _left_to_best(brief: Brief, unsure: int) -> dict[str, int]:
    """How many texts the better encoder would read, of a study that could use it and does not."""
    is_offered = brief.settings.tag.embeddings is True and unsure
    return {"left_to_best": unsure + len(texts_to_read_again(brief.seeds))} if is_offered else {}


def code_unseen(study: Study, brief: Brief, frame: pd.DataFrame) -> pd.DataFrame:
    """Codings of some excerpts by a model that learnt from the brief's examples alone; nothing is stored."""
    rows = respondents(frame)
    work, stores = Work.of(brief.settings.engine, lambda _done, _total: None), Stores.of(brief, study.machine)
    trained = _with_vectors(brief, rows, stores, work, None)
    coder = MachineCoder(trained, brief.codebook, None, stores.vectors, stores.second)
    return _code(coder, brief, rows, work).codings


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


def _stored_model(brief: Brief, folder: Path | None, panel: Panel) -> Model | None:
    """The model of the last run, where all that it depends on is unchanged."""
    version = data_version(brief.seeds, brief.codebook, brief.settings, panel)
    return model.load(folder / "model", version, brief.codebook.ids) if folder else None


def _with_vectors(
    brief: Brief,
    rows: RespondentExcerpts,
    stores: Stores,
    work: Work,
    stored: Model | None,
    panel: Panel = NOBODY,
) -> Model:
    """The stored model, or one trained now while the vectors of the excerpts are computed into the stores."""
    store, lookup = stores.first, None
    if store:
        statements = {finding.statement for finding in brief.register.findings}
        control = {each.statement for each in null_control.statements()} if statements else set()
        store.add(training_texts(brief.codebook, brief.seeds) | statements | control, work)
    if stores.second:
        stores.second.add(texts_to_read_again(brief.seeds), work)
        lookup = stores.second.lookup
    tasks = (
        []
        if stored
        else [training(brief.seeds, brief.codebook, brief.settings, stores.vectors, work, lookup, panel=panel)]
    )
    results = store.add(texts_to_embed(rows), work, tasks) if store else work.results(tasks)
    return stored or results[0]


def _save(folder: Path, trained: Model, stores: Stores) -> None:
    model.save(trained, folder / "model")
    for store in (stores.first, stores.second):
        if store:
            store.save(folder)


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the last run left of the tagging: its folder, its votes, and the excerpts that are the `same` as then."""

    folder: Path
    votes: pd.DataFrame
    same: Collection[str]

    @classmethod
    def of(cls, folder: Path, rows: RespondentExcerpts, previous: Mapping[str, pd.DataFrame]) -> Self | None:
        """The last run, by its tables; None if it left none."""
        if "votes" not in previous or "excerpts" not in previous:
            return None
        return cls(folder, previous["votes"], coding.unchanged(respondents(previous["excerpts"]), rows))


def _kept_judgements(last: LastRun | None, trained: Model, stores: Stores, panel: Panel) -> KeptJudgements | None:
    """What the same model said in the last run of excerpts that have not changed.

    None where further voters or a second encoder are asked about excerpts: what they say is not part of the model.
    """
    if not last or panel.seats or stores.second:
        return None
    output = judged.load(last.folder, trained.version)
    return coding.still_judged(output, last.votes, last.same) if output else None

"""Excerpts to votes and codings; what did not change since the last run is carried over, and nothing is trained twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import tables
from pipeline.errors import Problem
from pipeline.evidence.link import Closeness
from pipeline.records import Excerpt, Vote
from pipeline.steps.inputs import Brief
from pipeline.study import Study
from pipeline.tag import combine, embeddings, features, lexical, model, rules
from pipeline.tag.combine import ClassifierOutput
from pipeline.tag.encoder import one_thread
from pipeline.tag.training import (
    Store,
    Task,
    Tick,
    Vectors,
    Work,
    cast_votes,
    data_version,
    features_of,
    heard,
    perform,
    taught,
    training,
)
from pipeline.vocabulary import Role

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Frames = dict[str, "pd.DataFrame"]
Kept = Mapping[str, "pd.DataFrame"]  # tables of the last run, by name
AT_A_TIME = 20_000  # excerpts whose features and votes are held as records
IDENTITY = ["excerpt_id", "text_sha256", "question", "language"]  # what the rules' votes on an excerpt depend on
PARAPHRASE = 0.6  # cosine of a finding and someone's own words for the same thing: taken as fully close


@dataclass(frozen=True, slots=True)
class TagResult:
    """The votes and codings of a study, closeness of findings to excerpts, the findings' own stances, and people's links."""

    frames: Frames
    closeness: Closeness
    finding_stances: dict[str, str]
    decided_links: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()


def tag_all(study: Study, staging: Path, brief: Brief, given: tuple[Frames, Kept], tick: Tick) -> TagResult:
    """Votes and codings of every respondent's excerpt. `given`: the tables of this run's reading, and those of the last run."""
    frames, kept = given
    rows = respondents(frames["excerpts"])
    work, last = Work(brief.settings.engine.workers, tick), study if kept else None
    store = _store(brief, last)
    trained = _model(last, brief, (rows, store), work)
    vectors = store.wanted if store else None
    coded, near = _code(trained, brief, rows, (_carried(kept, rows, rules.version_of(brief.codebook)), vectors), work)
    if store:
        store.want({excerpt.text for excerpt in near}, work)
    _save(staging / "coded" / "machine", trained, store)
    return TagResult(coded, closeness(brief, near, vectors), _finding_stances(trained, brief, vectors), _no_links())


def code_unseen(study: Study, brief: Brief, frame: pd.DataFrame) -> pd.DataFrame:
    """Codings of some excerpts by a model that learnt from the brief's examples alone; nothing is stored."""
    rows = respondents(frame)
    work, store = Work(brief.settings.engine.workers, lambda _done, _total: None), _store(brief, study)
    if store:
        store.want(heard(rows) | taught(brief.codebook, brief.seeds), work)
    vectors = store.wanted if store else None
    trained = perform(_training(brief, store, work))
    return _code(trained, brief, rows, (None, vectors), work)[0]["codings"]


@dataclass(frozen=True, slots=True)
class RespondentExcerpts:
    """Excerpts of a table, at these places in it: they are taken out of it some at a time, and never copied as a whole."""

    frame: pd.DataFrame
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Excerpt]:
        return (excerpt for at in range(0, len(self), AT_A_TIME) for excerpt in self.some(at))

    def some(self, at: int) -> list[Excerpt]:
        """The next excerpts from a number on, as records."""
        rows = self.frame[tables.EXCERPTS.names].iloc[self.places[at : at + AT_A_TIME]]
        return [Excerpt(*row) for row in rows.itertuples(index=False, name=None)]

    @property
    def identities(self) -> pd.DataFrame:
        """What the rules' votes on each depend on."""
        return self.frame[IDENTITY].iloc[self.places]


def respondents(frame: pd.DataFrame) -> RespondentExcerpts:
    """The excerpts that are coded, in the table's order."""
    return RespondentExcerpts(frame, (frame["role"] == Role.RESPONDENT).to_numpy().nonzero()[0])


def _store(brief: Brief, last: Study | None) -> Store | None:
    if not brief.settings.tag.embeddings:
        return None
    return Store(embeddings.read(last.machine / "vectors.npz") if last else {})


def _save(folder: Path, trained: model.Model, store: Store | None) -> None:
    model.save(trained, folder / "model")
    if store:
        embeddings.write(folder / "vectors.npz", store.wanted)


@dataclass(frozen=True, slots=True)
class CachedVotes:
    """What the last run's rules said that still holds: of which excerpts, and their votes, in the table's order."""

    known: frozenset[str]
    votes: pd.DataFrame


def _carried(kept: Kept, rows: RespondentExcerpts, version: str) -> CachedVotes | None:
    """The last run's rule votes of the excerpts that did not change; none where the rules are others."""
    if "votes" not in kept or "excerpts" not in kept:
        return None
    votes = kept["votes"]
    votes = votes[votes["voter"].str.startswith("rule:")]
    if votes.empty or set(votes["version"]) != {version}:
        return None
    same = rows.identities.merge(respondents(kept["excerpts"]).identities, on=IDENTITY)["excerpt_id"]
    return CachedVotes(frozenset(same), votes[votes["excerpt_id"].isin(same)])


def _rule_votes(brief: Brief, excerpts: Sequence[Excerpt], carried: CachedVotes | None, work: Work) -> list[Vote]:
    """The votes of the patterns on some excerpts, in their order; those that still hold come from the last run."""
    new = [e for e in excerpts if carried is None or e.excerpt_id not in carried.known]
    votes = cast_votes(brief.codebook, new, work)
    if carried is not None and len(new) < len(excerpts):
        asked = carried.votes["excerpt_id"].isin([e.excerpt_id for e in excerpts])
        votes += (Vote(*row) for row in carried.votes.loc[asked, tables.VOTES.names].itertuples(index=False, name=None))
    cast = _by_excerpt(votes)
    return [vote for e in excerpts for vote in cast.get(e.excerpt_id, ())]


def _by_excerpt(votes: Iterable[Vote]) -> dict[str, list[Vote]]:
    found: dict[str, list[Vote]] = {}
    for vote in votes:
        found.setdefault(vote.excerpt_id, []).append(vote)
    return found


def _model(last: Study | None, brief: Brief, given: tuple[RespondentExcerpts, Store | None], work: Work) -> model.Model:
    """The model of the last run where its data is unchanged, else one trained now, while vectors of excerpts are computed.

    `given`: the excerpts, and the store, which has all their vectors afterwards.
    """
    rows, store = given
    version = data_version(brief.seeds, brief.codebook, brief.settings)
    trained = model.load(last.machine / "model", version, brief.codebook.ids) if last else None
    if store:
        statements = {finding.statement for finding in brief.register.findings}
        store.want(taught(brief.codebook, brief.seeds) | statements, work)
    tasks = [] if trained else [_training(brief, store, work)]
    learnt = store.want(heard(rows), work, tasks) if store else work.over(tasks)
    return trained or learnt[0]


def _training(brief: Brief, store: Store | None, work: Work) -> Task:
    return training(brief.seeds, brief.codebook, brief.settings, store.wanted if store else None, work)


def _code(
    trained: model.Model, brief: Brief, rows: RespondentExcerpts, given: tuple[CachedVotes | None, Vectors], work: Work
) -> tuple[Frames, RespondentExcerpts]:
    """The tables of votes and codings, and the excerpts that may stand behind a finding.

    So many excerpts at a time that memory stays flat. `given`: what the last run's rules said, and vectors.
    """
    import numpy as np

    carried, vectors = given
    near: list[np.ndarray] = []
    frames: dict[str, list[pd.DataFrame]] = {"votes": [], "codings": []}
    work.expect(len(rows) - (len(carried.known) if carried else 0))
    for at in range(0, max(1, len(rows)), AT_A_TIME):
        some = rows.some(at)
        ruled = _rule_votes(brief, some, carried, work)
        with one_thread():
            judged, found = _code_some(trained, some, ruled, vectors)
        near.append(rows.places[at : at + AT_A_TIME][_worth_ranking(brief, some, judged.coded, trained)])
        for name, frame in found.items():
            frames[name].append(frame)
    of = {table.name: table for table in (tables.VOTES, tables.CODINGS)}
    joined = {name: tables.joined(frames.pop(name), of[name]) for name in of}
    return joined, RespondentExcerpts(rows.frame, np.concatenate(near))


def _code_some(
    trained: model.Model, excerpts: Sequence[Excerpt], ruled: list[Vote], vectors: Vectors
) -> tuple[ClassifierOutput, Frames]:
    built = features_of(excerpts, ruled, trained.codes, vectors)
    judged = combine.judge(trained, [e.excerpt_id for e in excerpts], built)
    votes = [*ruled, *combine.classifier_votes(trained, judged, built, {(v.excerpt_id, v.criterion) for v in ruled})]
    said = {(v.excerpt_id, v.criterion): v.stance for v in sorted(ruled, key=lambda v: (v.score, v.voter)) if v.stance}
    return judged, {"votes": tables.frame(votes, tables.VOTES), "codings": combine.codings(trained, judged, said)}


def _worth_ranking(brief: Brief, excerpts: Sequence[Excerpt], coded: np.ndarray, trained: model.Model) -> list[bool]:
    """Which excerpts may stand behind a finding: coded with its criterion, or among what people decided on."""
    asked = {finding.criterion for finding in brief.register.findings}
    columns = [i for i, code in enumerate(trained.codes) if code in asked]
    decided = {example.text for example in brief.seeds}
    return [bool(row[columns].any()) or e.text in decided for e, row in zip(excerpts, coded, strict=True)]


def closeness(brief: Brief, near: RespondentExcerpts, vectors: Vectors) -> Closeness:
    """How close excerpts are to each finding's statement, some at a time: cosine of vectors or terms, 0 to 1."""
    import numpy as np

    findings = brief.register.findings
    cosines = _cosines([f.statement for f in findings], near, vectors)
    ids: list[str] = []
    kept = [np.zeros((len(findings), 0))]
    for at in range(0, len(near), AT_A_TIME):
        some = near.some(at)
        scores = np.clip(cosines([e.text for e in some]) / PARAPHRASE, 0.0, 1.0).round(4)
        close = np.flatnonzero((scores >= brief.settings.evidence.closeness).any(axis=0))
        ids += [some[i].excerpt_id for i in close]
        kept.append(scores[:, close])
    return Closeness([f.id for f in findings], ids, np.hstack(kept))


def _cosines(
    statements: Sequence[str], near: RespondentExcerpts, vectors: Vectors
) -> Callable[[Sequence[str]], np.ndarray]:
    """What tells how close some of the texts of `near` are to every statement: statements x texts."""
    if vectors is None:
        return lexical.cosines(statements, (excerpt.text for excerpt in near))
    stated = embeddings.matrix(statements, vectors)
    return lambda texts: stated @ embeddings.matrix(texts, vectors).T


def _finding_stances(trained: model.Model, brief: Brief, vectors: Vectors) -> dict[str, str]:
    """What each finding's statement says of its criterion."""
    import numpy as np

    findings = brief.register.findings
    built = features.build([features.Sample(f.statement, "", {}) for f in findings], trained.codes, vectors)
    columns = np.array([trained.codes.index(f.criterion) for f in findings], dtype=int)
    return dict(zip([f.id for f in findings], model.stances(trained, built, columns), strict=True))


def _no_links() -> pd.DataFrame:
    import pandas as pd

    return tables.typed(pd.DataFrame(columns=tables.LINKS.names), tables.LINKS)

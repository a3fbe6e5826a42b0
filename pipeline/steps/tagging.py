"""Excerpts to votes and codings; what did not change since the last run is carried over, and nothing is trained twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import tables
from pipeline.errors import Problem
from pipeline.evidence.link import Closeness
from pipeline.records import Excerpt, Vote
from pipeline.steps.learning import (
    Store,
    Tick,
    Vectors,
    Work,
    cast_votes,
    data_version,
    features_of,
    heard,
    one_thread,
    train,
)
from pipeline.steps.loading import Brief
from pipeline.study import Study
from pipeline.tag import combine, embeddings, features, lexical, model, rules
from pipeline.tag.combine import Judged
from pipeline.words import Role

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Frames = dict[str, "pd.DataFrame"]
AT_A_TIME = 20_000  # excerpts whose features and votes are held as records
PARAPHRASE = 0.6  # cosine of a finding and someone's own words for the same thing: taken as fully close


@dataclass(frozen=True, slots=True)
class Tagged:
    """The votes and codings of a study, closeness of findings to excerpts, the findings' own stances, and people's links."""

    frames: Frames
    closeness: Closeness
    finding_stances: dict[str, str]
    decided_links: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()


def tag_all(study: Study, staging: Path, brief: Brief, given: tuple[Frames, Frames], tick: Tick) -> Tagged:
    """Votes and codings of every respondent's excerpt. `given`: the tables of this run's reading, and those of the last run."""
    frames, kept = given
    excerpts = respondents(frames["excerpts"])
    work, last = Work(brief.settings.engine.workers, tick), study if kept else None
    ruled = _rule_votes(brief, excerpts, kept, work)
    store = _store(brief, last)
    if store:
        store.want(heard((*excerpts, *brief.seeds)) | {f.statement for f in brief.register.findings}, work)
    trained = _model(last, brief, store.wanted if store else None, work)
    with one_thread():
        carried, coded = _code(trained, excerpts, ruled, store.wanted if store else None)
    near = _worth_ranking(brief, excerpts, carried, trained)
    if store:
        store.want((e.text for e in near), work)
    _save(staging / "coded" / "machine", trained, store)
    return Tagged(
        coded,
        closeness(brief, excerpts, near, store.wanted if store else None),
        _finding_stances(trained, brief, store.wanted if store else None),
        _no_links(),
    )


def code_unseen(study: Study, brief: Brief, frame: pd.DataFrame) -> pd.DataFrame:
    """Codings of some excerpts by a model that learnt from the brief's examples alone; nothing is stored."""
    excerpts = respondents(frame)
    work, store = Work(brief.settings.engine.workers, lambda _done, _total: None), _store(brief, study)
    if store:
        store.want(heard((*excerpts, *brief.seeds)), work)
    vectors = store.wanted if store else None
    trained = train(brief.seeds, brief.codebook, brief.settings, vectors, work)
    with one_thread():
        return _code(trained, excerpts, cast_votes(brief.codebook, excerpts, work), vectors)[1]["codings"]


def respondents(frame: pd.DataFrame) -> list[Excerpt]:
    """The excerpts that are coded, as records, in the table's order."""
    rows = frame[frame["role"] == Role.RESPONDENT]
    return [Excerpt(*row) for row in rows[tables.EXCERPTS.names].itertuples(index=False, name=None)]


def _store(brief: Brief, last: Study | None) -> Store | None:
    if not brief.settings.tag.embeddings:
        return None
    return Store(embeddings.read(last.machine / "vectors.npz") if last else {})


def _save(folder: Path, trained: model.Model, store: Store | None) -> None:
    model.save(trained, folder / "model")
    if store:
        embeddings.write(folder / "vectors.npz", store.wanted)


def _rule_votes(brief: Brief, excerpts: Sequence[Excerpt], kept: Frames, work: Work) -> list[Vote]:
    """The votes of the patterns; those of unchanged excerpts under unchanged rules come from the last run."""
    known = _carried(kept, rules.version_of(brief.codebook))
    fresh = _by_excerpt(cast_votes(brief.codebook, [e for e in excerpts if _identity(e) not in known], work))
    return [v for e in excerpts for v in known.get(_identity(e), fresh.get(e.excerpt_id, []))]


def _identity(excerpt: Excerpt) -> tuple[str, str, str, str]:
    return excerpt.excerpt_id, excerpt.text_sha256, excerpt.question, excerpt.language


def _carried(kept: Frames, version: str) -> dict[tuple[str, str, str, str], list[Vote]]:
    """The last run's rule votes of each of its excerpts; none where the rules are others."""
    if "votes" not in kept or "excerpts" not in kept:
        return {}
    rows = kept["votes"][kept["votes"]["voter"].str.startswith("rule:")]
    if rows.empty or set(rows["version"]) != {version}:
        return {}
    votes = _by_excerpt(Vote(*row) for row in rows[tables.VOTES.names].itertuples(index=False, name=None))
    return {_identity(e): votes.get(e.excerpt_id, []) for e in respondents(kept["excerpts"])}


def _by_excerpt(votes: Iterable[Vote]) -> dict[str, list[Vote]]:
    found: dict[str, list[Vote]] = {}
    for vote in votes:
        found.setdefault(vote.excerpt_id, []).append(vote)
    return found


def _model(last: Study | None, brief: Brief, vectors: Vectors, work: Work) -> model.Model:
    """The model of the last run where its data is unchanged, else one trained now."""
    version = data_version(brief.seeds, brief.codebook, brief.settings)
    stored = model.load(last.machine / "model", version, brief.codebook.ids) if last else None
    return stored or train(brief.seeds, brief.codebook, brief.settings, vectors, work)


def _code(
    trained: model.Model, excerpts: Sequence[Excerpt], ruled: list[Vote], vectors: Vectors
) -> tuple[np.ndarray, Frames]:
    """Which excerpts carry which codes, and the tables of votes and codings; so many at a time that memory stays flat."""
    import numpy as np

    cast = _by_excerpt(ruled)
    coded: list[np.ndarray] = []
    frames: dict[str, list[pd.DataFrame]] = {"votes": [], "codings": []}
    for at in range(0, max(1, len(excerpts)), AT_A_TIME):
        some = excerpts[at : at + AT_A_TIME]
        judged, found = _code_some(trained, some, [v for e in some for v in cast.get(e.excerpt_id, ())], vectors)
        coded.append(judged.coded)
        for name, frame in found.items():
            frames[name].append(frame)
    of = {table.name: table for table in (tables.VOTES, tables.CODINGS)}
    return np.vstack(coded), {name: tables.joined(frames.pop(name), of[name]) for name in of}


def _code_some(
    trained: model.Model, excerpts: Sequence[Excerpt], ruled: list[Vote], vectors: Vectors
) -> tuple[Judged, Frames]:
    built = features_of(excerpts, ruled, trained.codes, vectors)
    judged = combine.judge(trained, [e.excerpt_id for e in excerpts], built)
    votes = [*ruled, *combine.classifier_votes(trained, judged, built, {(v.excerpt_id, v.criterion) for v in ruled})]
    said = {(v.excerpt_id, v.criterion): v.stance for v in sorted(ruled, key=lambda v: (v.score, v.voter)) if v.stance}
    return judged, {"votes": tables.frame(votes, tables.VOTES), "codings": combine.codings(trained, judged, said)}


def _worth_ranking(brief: Brief, excerpts: Sequence[Excerpt], coded: np.ndarray, trained: model.Model) -> list[Excerpt]:
    """The excerpts that may stand behind a finding: coded with its criterion, or among what people decided on."""
    asked = {finding.criterion for finding in brief.register.findings}
    columns = [i for i, code in enumerate(trained.codes) if code in asked]
    decided = {example.text for example in brief.seeds}
    return [e for e, row in zip(excerpts, coded, strict=True) if row[columns].any() or e.text in decided]


def closeness(brief: Brief, excerpts: Sequence[Excerpt], near: Sequence[Excerpt], vectors: Vectors) -> Closeness:
    """How close excerpts are to each finding's statement: cosine of vectors (or terms), 0 to 1; 0 for those not in `near`."""
    import numpy as np

    findings = brief.register.findings
    statements, texts = [f.statement for f in findings], [e.text for e in near]
    if vectors is None:
        cosines = lexical.closeness(statements, texts)
    else:
        cosines = embeddings.matrix(statements, vectors) @ embeddings.matrix(texts, vectors).T
    place = {excerpt.excerpt_id: i for i, excerpt in enumerate(excerpts)}
    scores = np.zeros((len(findings), len(excerpts)))
    scores[:, [place[e.excerpt_id] for e in near]] = np.clip(cosines / PARAPHRASE, 0.0, 1.0).round(4)
    return Closeness([f.id for f in findings], list(place), scores)


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

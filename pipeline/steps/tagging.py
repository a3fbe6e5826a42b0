"""Excerpts to votes and codings; what did not change since the last run is carried over, and nothing is trained twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import engine, tables
from pipeline.codebook import Codebook
from pipeline.errors import Problem, UserError
from pipeline.evidence.link import Closeness
from pipeline.provenance import key_of
from pipeline.records import Example, Excerpt, Role, Vote
from pipeline.register import Finding
from pipeline.steps.loading import Brief
from pipeline.study import Study
from pipeline.tag import classifier, combine, embeddings, features, model, rules
from pipeline.tag.features import Sample

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Frames = dict[str, "pd.DataFrame"]
Tick = Callable[[int, int], None]
IN_PROCESS = 120  # items below which starting workers costs more than it saves
PARAPHRASE = 0.6  # cosine of a finding and someone's own words for the same thing: taken as fully close
CHUNK = 200  # excerpts that a worker takes at a time


@dataclass(frozen=True, slots=True)
class Tagged:
    """The votes and codings of a study, closeness of findings to excerpts, the findings' own stances, and people's links."""

    frames: Frames
    closeness: Closeness
    finding_stances: dict[str, str]
    decided_links: pd.DataFrame
    problems: tuple[Problem, ...]


def tag_all(study: Study, staging: Path, brief: Brief, given: tuple[Frames, Frames], tick: Tick) -> Tagged:
    """Votes and codings of every respondent's excerpt. `given`: the tables of this run's reading, and those of the last run."""
    frames, kept = given
    excerpts = respondents(frames["excerpts"])
    progress = _Progress(tick)
    ruled = _rule_votes(brief, excerpts, kept, progress)
    vectors = _vectors(study if kept else None, brief, excerpts, progress)
    trained = _model(study if kept else None, brief, vectors)
    folder = staging / "coded" / "machine"
    model.save(trained, folder / "model")
    if vectors is not None:
        embeddings.write(folder / "vectors.npz", vectors)
    coded = _code(trained, excerpts, ruled, vectors)
    ids = [excerpt.excerpt_id for excerpt in excerpts]
    return Tagged(
        coded,
        closeness(brief.register.findings, excerpts, ids, vectors),
        _finding_stances(trained, brief, vectors),
        tables.typed(_empty(tables.LINKS), tables.LINKS),
        (),
    )


def respondents(frame: pd.DataFrame) -> list[Excerpt]:
    """The excerpts that are coded, as records, in the table's order."""
    rows = frame[frame["role"] == Role.RESPONDENT]
    return [Excerpt(*row) for row in rows[tables.EXCERPTS.names].itertuples(index=False, name=None)]


class _Progress:
    """Counts what is done of all the work that is announced."""

    def __init__(self, tick: Tick) -> None:
        self.tick, self.done, self.total = tick, 0, 0

    def announce(self, more: int) -> None:
        self.total += more
        self.tick(self.done, max(1, self.total))

    def advance(self, by: int) -> None:
        self.done += by
        self.tick(self.done, max(1, self.total))


def _over(
    function: Callable[[Any], Any], pieces: Sequence[Any], sizes: Sequence[int], brief: Brief, progress: _Progress
) -> list[Any]:
    """The function's results over pieces of work, in their order; in this process where there is little to do."""
    results: list[Any] = [None] * len(pieces)
    alone = sum(sizes) < IN_PROCESS
    done: Iterable[tuple[int, Any]] = (
        ((i, function(piece)) for i, piece in enumerate(pieces))
        if alone
        else engine.run(function, pieces, workers=brief.settings.engine.workers, limits=engine.Limits())
    )
    for index, result in done:
        if isinstance(result, engine.Failure):
            raise UserError(result.problems)
        results[index] = result
        progress.advance(sizes[index])
    return results


def vote_chunk(piece: tuple[Codebook, Sequence[Excerpt]]) -> list[Vote]:
    """The rules' votes on some excerpts; runs in a worker."""
    codebook, excerpts = piece
    return rules.votes(rules.compile_rules(codebook), excerpts)


def _rule_votes(brief: Brief, excerpts: Sequence[Excerpt], kept: Frames, progress: _Progress) -> list[Vote]:
    """The votes of the patterns; those of unchanged excerpts under unchanged rules come from the last run."""
    version = rules.version_of(brief.codebook)
    known = _carried(kept, version)
    fresh = [e for e in excerpts if _identity(e) not in known]
    pieces = [(brief.codebook, fresh[at : at + CHUNK]) for at in range(0, len(fresh), CHUNK)]
    progress.announce(len(fresh))
    cast = (
        _over(vote_chunk, pieces, [len(some) for _, some in pieces], brief, progress) if brief.codebook.patterns else []
    )
    new = _by_excerpt(v for some in cast for v in some)
    return [v for e in excerpts for v in known.get(_identity(e), new.get(e.excerpt_id, []))]


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


def _vectors(
    study: Study | None, brief: Brief, excerpts: Sequence[Excerpt], progress: _Progress
) -> dict[str, np.ndarray] | None:
    """The vectors of all texts that matter, exactly those; None where the study does without."""
    if not brief.settings.tag.embeddings:
        return None
    texts = {t for e in excerpts for t in (e.text, e.question)} | {f.statement for f in brief.register.findings}
    texts |= {t for seed in brief.seeds for t in (seed.text, seed.question)}
    texts.discard("")
    stored = embeddings.read(study.machine / "vectors.npz") if study else {}
    needed = embeddings.missing(texts, stored)
    progress.announce(len(needed))
    pieces = embeddings.chunks(needed)
    found = _over(embeddings.encode, pieces, [len(p) for p in pieces], brief, progress)
    stored |= {
        embeddings.key(t): v
        for piece, some in zip(pieces, found, strict=True)
        for t, v in zip(piece, some, strict=True)
    }
    return {key: stored[key] for key in map(embeddings.key, texts)}


def data_version(brief: Brief) -> str:
    """The hash of all that the model depends on."""
    tag = brief.settings.tag.model_dump()
    return key_of(
        classifier.TRAINER, [asdict(s) for s in brief.seeds], brief.codebook.version, tag, brief.settings.study.seed
    )


def _model(study: Study | None, brief: Brief, vectors: Mapping[str, np.ndarray] | None) -> model.Model:
    """The model of the last run where its data is unchanged, else one trained now."""
    version, codes = data_version(brief), brief.codebook.ids
    stored = model.load(study.machine / "model", version, codes) if study else None
    return stored or train(brief, brief.seeds, vectors, version)


def train(
    brief: Brief, examples: Sequence[Example], vectors: Mapping[str, np.ndarray] | None, version: str
) -> model.Model:
    """A model of the study's codes, learnt from the examples."""
    excerpts = [_as_excerpt(str(i), example) for i, example in enumerate(examples)]
    scores = features.rule_scores(rules.votes(rules.compile_rules(brief.codebook), excerpts)) if excerpts else {}
    samples = [Sample(e.text, e.question, scores.get(e.excerpt_id, {})) for e in excerpts]
    built = features.build(samples, brief.codebook.ids, vectors)
    return classifier.train(examples, built, brief.codebook.ids, version=version, recall=brief.settings.tag.recall)


def _as_excerpt(name: str, example: Example) -> Excerpt:
    return Excerpt(
        name,
        name,
        0,
        "",
        Role.RESPONDENT,
        example.language,
        0,
        len(example.text),
        example.text,
        "",
        example.question,
        "",
    )


def _code(
    trained: model.Model, excerpts: Sequence[Excerpt], ruled: list[Vote], vectors: Mapping[str, np.ndarray] | None
) -> Frames:
    scores = features.rule_scores(ruled)
    samples = [Sample(e.text, e.question, scores.get(e.excerpt_id, {})) for e in excerpts]
    built = features.build(samples, trained.codes, vectors)
    judged = combine.judge(trained, [e.excerpt_id for e in excerpts], built)
    votes = [*ruled, *combine.classifier_votes(trained, judged, built, scores)]
    said = {(v.excerpt_id, v.criterion): v.stance for v in sorted(ruled, key=lambda v: (v.score, v.voter)) if v.stance}
    return {"votes": tables.frame(votes, tables.VOTES), "codings": combine.codings(trained, judged, said)}


def closeness(
    findings: Sequence[Finding],
    excerpts: Sequence[Excerpt],
    ids: Sequence[str],
    vectors: Mapping[str, np.ndarray] | None,
) -> Closeness:
    """How close each excerpt is to each finding's statement: cosine of their vectors (or terms), 0 to 1."""
    import numpy as np

    from pipeline.tag import lexical

    statements, texts = [f.statement for f in findings], [e.text for e in excerpts]
    if vectors is None:
        scores = lexical.closeness(statements, texts)
    else:
        scores = embeddings.matrix(statements, vectors) @ embeddings.matrix(texts, vectors).T
    return Closeness([f.id for f in findings], ids, np.clip(scores / PARAPHRASE, 0.0, 1.0).round(4))


def _finding_stances(trained: model.Model, brief: Brief, vectors: Mapping[str, np.ndarray] | None) -> dict[str, str]:
    findings = brief.register.findings
    built = features.build([Sample(f.statement, "", {}) for f in findings], trained.codes, vectors)
    return dict(zip([f.id for f in findings], model.stances(trained, built), strict=True))


def _empty(table: tables.Table) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=table.names)

"""From excerpts to votes and codings, a portion at a time, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.codebook import Codebook
from pipeline.engine.work import Work
from pipeline.records import Excerpt, Vote
from pipeline.tag import combine, features, judged
from pipeline.tag.combine import ClassifierOutput
from pipeline.tag.embeddings import Vectors, VectorStore
from pipeline.tag.encoder import one_thread
from pipeline.tag.features import Sample
from pipeline.tag.judged import KeptJudgements
from pipeline.tag.learning.second_opinion import is_unsure
from pipeline.tag.model import Model
from pipeline.tag.training import cast_votes, features_of
from pipeline.tag.voters.panel import NOBODY, Panel
from pipeline.vocabulary import Role

AT_A_TIME = 20_000  # excerpts whose features and votes are held as records
IDENTITY = ["excerpt_id", "text_sha256", "question", "language"]  # what the rules' votes on an excerpt depend on


@dataclass(frozen=True, slots=True)
class RespondentExcerpts:
    """The excerpts at some places of a table: taken out of it a portion at a time, and never copied as a whole."""

    frame: pd.DataFrame
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Excerpt]:
        return chain.from_iterable(self.portions())

    def portions(self) -> Iterator[list[Excerpt]]:
        """The excerpts as records, some at a time."""
        return (self.portion(at) for at in range(0, len(self), AT_A_TIME))

    def columns(self, *names: str) -> Iterator[list[list[Any]]]:
        """Some columns of the excerpts, some rows at a time."""
        for at in range(0, len(self), AT_A_TIME):
            places = self.places[at : at + AT_A_TIME]
            yield [self.frame[name].iloc[places].tolist() for name in names]

    def portion(self, at: int) -> list[Excerpt]:
        """The next excerpts from number `at` on, as records."""
        rows = self.frame[tables.EXCERPTS.names].iloc[self.places[at : at + AT_A_TIME]]
        return [Excerpt(*row) for row in tables.rows_of(rows, tables.EXCERPTS.names)]

    @property
    def identities(self) -> pd.DataFrame:
        """What the rules' votes on each depend on."""
        return self.frame[IDENTITY].iloc[self.places]


def respondents(frame: pd.DataFrame) -> RespondentExcerpts:
    """The excerpts that are coded, in the table's order."""
    return RespondentExcerpts(frame, (frame["role"] == Role.RESPONDENT).to_numpy().nonzero()[0])


@dataclass(frozen=True, slots=True)
class CachedVotes:
    """The rules' votes of the last run that still hold, in the table's order, and the ids of the excerpts that they cover."""

    excerpt_ids: frozenset[str]
    votes: pd.DataFrame

    def on(self, excerpts: Iterable[Excerpt]) -> Iterator[Vote]:
        """The votes on these excerpts."""
        rows = self.votes[tables.is_among(self.votes["excerpt_id"], (excerpt.excerpt_id for excerpt in excerpts))]
        return (Vote(*row) for row in tables.rows_of(rows, tables.VOTES.names))


def still_valid(votes: pd.DataFrame, same: Collection[str], version: str) -> CachedVotes | None:
    """The last run's votes of the rules on excerpts that are the `same`; none if the rules, of this `version`, are not."""
    votes = votes[votes["voter"].str.startswith("rule:")]
    if votes.empty or set(votes["version"]) != {version}:
        return None
    return CachedVotes(frozenset(same), votes[tables.is_among(votes["excerpt_id"], same)])


def unchanged(before: RespondentExcerpts, now: RespondentExcerpts) -> list[str]:
    """The ids of the excerpts whose words, question and language are those of the last run."""
    return now.identities.merge(before.identities, on=IDENTITY)["excerpt_id"].tolist()


def still_judged(output: ClassifierOutput, votes: pd.DataFrame, same: Collection[str]) -> KeptJudgements:
    """What the model said in the last run, by whose `votes`, of the excerpts that are the `same`."""
    votes = votes[votes["voter"].str.startswith(("rule:", "classifier:"))]
    kept = judged.of_excerpts(output, same)
    return KeptJudgements(kept, votes[tables.is_among(votes["excerpt_id"], kept.excerpt_ids)])


@dataclass(frozen=True, slots=True)
class CodingResult:
    """The tables of votes and codings, the excerpts that may be evidence for a finding, and how many have an unsure code.

    `outputs`: what the model said of all excerpts; `judged`: of how many it was asked now.
    """

    votes: pd.DataFrame
    codings: pd.DataFrame
    candidates: RespondentExcerpts
    unsure: int
    outputs: tuple[ClassifierOutput, ...]
    judged: int


@dataclass(frozen=True, slots=True)
class CodedPortion:
    """What the model said of some excerpts, asked now and in the last run, with their votes and codings."""

    outputs: tuple[ClassifierOutput, ...]
    votes: pd.DataFrame
    codings: pd.DataFrame

    def carrying(self, columns: Sequence[int]) -> set[str]:
        """The excerpts that carry one of some codes or are suggested for it."""
        carried = ((output, (output.coded | output.suggested)[:, columns].any(axis=1)) for output in self.outputs)
        return {output.excerpt_ids[row] for output, is_carrying in carried for row in np.flatnonzero(is_carrying)}


@dataclass(frozen=True, slots=True)
class MachineCoder:
    """Codes excerpts, by a trained model, the rules, votes that still hold, vectors, those of a second encoder, further voters.

    Of what is `kept` from the last run nothing is judged again. `forms`: the file with the forms of the words in patterns.
    """

    model: Model
    codebook: Codebook
    cached: CachedVotes | None
    vectors: Vectors | None
    second: VectorStore | None = None
    panel: Panel = NOBODY
    kept: KeptJudgements | None = None
    forms: Path | None = None

    def code(
        self, excerpts: RespondentExcerpts, work: Work, *, criteria: Collection[str], decided: Collection[str]
    ) -> CodingResult:
        """Votes and codings of the excerpts.

        Candidates are those that carry one of the criteria or are suggested for it, and those that people `decided` on, by id.
        """
        work.expect(len(excerpts) - (len(self.cached.excerpt_ids) if self.cached else 0))
        columns = [i for i, code in enumerate(self.model.codes) if code in criteria]
        candidates: list[np.ndarray] = []
        votes: list[pd.DataFrame] = []
        codings: list[pd.DataFrame] = []
        outputs: list[ClassifierOutput] = []
        for at in range(0, max(1, len(excerpts)), AT_A_TIME):
            portion = excerpts.portion(at)
            coded = self._code_portion(portion, work)
            votes.append(coded.votes)
            codings.append(coded.codings)
            outputs += coded.outputs
            chosen = coded.carrying(columns).union(decided)
            is_candidate = np.array([excerpt.excerpt_id in chosen for excerpt in portion], dtype=bool)
            candidates.append(excerpts.places[at : at + AT_A_TIME][is_candidate])
        return CodingResult(
            votes=tables.joined(votes, tables.VOTES),
            codings=tables.joined(codings, tables.CODINGS),
            candidates=RespondentExcerpts(excerpts.frame, np.concatenate(candidates)),
            unsure=sum(int(self._is_unsure(output).sum()) for output in outputs),
            outputs=tuple(outputs),
            judged=len(excerpts) - (len(self.kept.excerpt_ids) if self.kept else 0),
        )

    def _is_unsure(self, output: ClassifierOutput) -> np.ndarray:
        unsure: np.ndarray = (is_unsure(output.chances) & self.model.classifier.is_learnt_).any(axis=1)
        return unsure

    def _code_portion(self, excerpts: Sequence[Excerpt], work: Work) -> CodedPortion:
        """What was kept of some excerpts, with what the model says now of the others."""
        if not self.kept:
            return self._judge(excerpts, work)
        kept = self.kept.on(excerpts)
        names = set(kept.excerpt_ids)
        others = [excerpt for excerpt in excerpts if excerpt.excerpt_id not in names]
        by_rules = (Vote(*row) for row in tables.rows_of(kept.votes[kept.votes["stance"] != ""], tables.VOTES.names))
        stances = _rule_stances(vote for vote in by_rules if vote.voter.startswith("rule:"))
        codings = combine.codings(self.model, kept.output, stances)
        if not others:
            return CodedPortion((kept.output,), kept.votes.reset_index(drop=True), codings)
        now = self._judge(others, work)
        return CodedPortion(
            outputs=(kept.output, *now.outputs),
            votes=tables.joined([kept.votes, now.votes], tables.VOTES),
            codings=tables.joined([codings, now.codings], tables.CODINGS),
        )

    def _judge(self, excerpts: Sequence[Excerpt], work: Work) -> CodedPortion:
        by_rules = self._rule_votes(excerpts, work)
        second = partial(self.second.rows, work=work) if self.second else None
        with one_thread():
            by_voters = list(self.panel.votes(excerpts))
            built = features_of(excerpts, by_rules, self.model.codes, self.vectors, second)
            built = replace(built, opinions=self.panel.opinions(excerpts, self.model.codes))
            output = combine.judge(self.model, [e.excerpt_id for e in excerpts], built)
            ruled = {(vote.excerpt_id, vote.criterion) for vote in (*by_rules, *by_voters) if vote.vote}
            by_model = combine.classifier_votes(self.model, output, ruled)
            return CodedPortion(
                outputs=(output,),
                votes=tables.frame([*by_rules, *by_voters, *by_model], tables.VOTES),
                codings=combine.codings(self.model, output, _rule_stances(by_rules)),
            )

    def _rule_votes(self, excerpts: Sequence[Excerpt], work: Work) -> list[Vote]:
        """The rules' votes on the excerpts, in their order; those that still hold come from the last run."""
        cached = self.cached.excerpt_ids if self.cached else frozenset()
        fresh = [excerpt for excerpt in excerpts if excerpt.excerpt_id not in cached]
        votes = cast_votes(self.codebook, fresh, work, self.forms)
        if self.cached and len(fresh) < len(excerpts):
            votes += self.cached.on(excerpts)
        by_excerpt: dict[str, list[Vote]] = {}
        for vote in votes:
            by_excerpt.setdefault(vote.excerpt_id, []).append(vote)
        return [vote for excerpt in excerpts for vote in by_excerpt.get(excerpt.excerpt_id, ())]


def _rule_stances(votes: Iterable[Vote]) -> dict[tuple[str, str], str]:
    """The stance of the surest rule that has one, by excerpt and criterion."""
    rising = sorted(votes, key=lambda vote: (vote.score, vote.voter))
    return {(vote.excerpt_id, vote.criterion): vote.stance for vote in rising if vote.stance}


def stances_of(
    statements: Sequence[str], criteria: Sequence[str], trained: Model, vectors: Vectors | None
) -> list[str]:
    """The stance of each statement on its criterion, by the model."""
    built = features.build([Sample(text, "", {}) for text in statements], trained.codes, vectors)
    columns = np.array([trained.codes.index(criterion) for criterion in criteria], dtype=int)
    return trained.stance.predict(trained.space.transform(built), columns)

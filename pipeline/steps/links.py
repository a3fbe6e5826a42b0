"""From codings to links between excerpts and findings: how similar, how likely, in which direction, and what people decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.evidence import link, null_control
from pipeline.evidence.link import Similarities, Suggestions
from pipeline.evidence.link_model import Bearing, StudyExcerpt, StudyFinding
from pipeline.review.settle import ConsensusCoding, State, link_status
from pipeline.steps.inputs import Brief
from pipeline.steps.tag import TagResult
from pipeline.tag import coding, embeddings, polarity
from pipeline.tag.embeddings import Vectors
from pipeline.tag.features import spoken
from pipeline.tag.polarity import PolarityModel
from pipeline.tag.similarity import similarity
from pipeline.vocabulary import CONFIRMED, CodingStatus, Direction

CARRIED = ["excerpt_id", "criterion", "probability"]
WORDED_BY = ["excerpt_id", "text", "question"]


@dataclass(frozen=True, slots=True)
class Links:
    """The table `links`, and the machine's suggestions before people's decisions took their place."""

    links: pd.DataFrame
    suggestions: Suggestions


def link_findings(
    brief: Brief,
    frames: Mapping[str, pd.DataFrame],
    tagged: TagResult,
    *,
    decided: pd.DataFrame,
    copied: Collection[str],
) -> Links:
    """The links of every finding: the machine's suggestions, and in their place what people `decided` (as table `links`).

    `frames` has the tables excerpts and codings; sources that are `copied` get no suggestion.
    """
    scores = _scores(brief, tagged, decided)
    names, is_near = [finding.id for finding in brief.register.findings], scores >= brief.settings.evidence.closeness
    bearing = bearing_of(brief, frames, decided, tagged.vectors)
    bearing.learn(decided)
    near = Similarities(names, scores.loc[:, is_near.any()])
    suggestions = _suggestions(brief, frames, tagged, near, bearing, copied=copied)
    links = link.with_decisions(suggestions.links, decided, Similarities(names, scores), bearing.of)
    is_present = links["finding_id"].isin(names)  # a finding on which people decided may have been taken out
    return Links(links[is_present], suggestions)


def _scores(brief: Brief, tagged: TagResult, decided: pd.DataFrame) -> pd.DataFrame:
    """How similar the candidates are to the findings and, below these, to the control statements: statements x excerpts."""
    findings = brief.register.findings
    statements = [finding.statement for finding in findings]
    statements += [each.statement for each in null_control.statements()] if findings else []
    least, always = brief.settings.evidence.closeness, set(decided["excerpt_id"])
    return similarity(statements, tagged.candidates, tagged.vectors, least=least, always=always)


def bearing_of(
    brief: Brief, frames: Mapping[str, pd.DataFrame], decided_links: pd.DataFrame, vectors: Vectors | None
) -> Bearing:
    """What gives the probability that an excerpt, coded or decided on, bears on a finding; `frames` has excerpts and codings."""
    findings = {
        finding.id: StudyFinding(finding.statement, finding.criterion, finding.sub_codes)
        for finding in brief.register.findings
    }
    codes = {code for finding in findings.values() for code in (finding.criterion, *finding.sub_codes)}
    codings = frames["codings"]
    codings = codings[codings["criterion"].isin(codes) & (codings["coded"] | codings["doubtful"])]
    excerpts = frames["excerpts"]
    needed = {*codings["excerpt_id"].tolist(), *decided_links["excerpt_id"].tolist()}
    excerpts = excerpts[tables.is_among(excerpts["excerpt_id"], needed)]
    code_probabilities: dict[str, dict[str, float]] = {name: {} for name in excerpts["excerpt_id"].tolist()}
    for excerpt_id, code, chance in tables.rows_of(codings, CARRIED):
        code_probabilities[excerpt_id][code] = chance
    return Bearing(
        findings,
        {
            excerpt_id: StudyExcerpt(text, question, spoken(text, question), code_probabilities[excerpt_id])
            for excerpt_id, text, question in tables.rows_of(excerpts, WORDED_BY)
        },
        partial(embeddings.matrix, vectors=vectors) if vectors is not None else None,
    )


def _suggestions(
    brief: Brief,
    frames: Mapping[str, pd.DataFrame],
    tagged: TagResult,
    near: Similarities,
    bearing: Bearing,
    *,
    copied: Collection[str],
) -> Suggestions:
    """The machine's links, copied sources apart; the stance of a finding is what its register states, else what is read in it."""
    findings = brief.register.findings
    read = _finding_stances(brief, tagged)
    codings = frames["codings"]
    is_suggested = codings["doubtful"] & codings["criterion"].isin(list(tagged.model.only_suggested()))
    used = codings["coded"] | (is_suggested & (codings["status"] == CodingStatus.MACHINE))
    used &= codings["criterion"].isin({finding.criterion for finding in findings})
    usable = codings.loc[used, ["excerpt_id", "criterion", "stance", "status"]]
    texts = frames["excerpts"].loc[~frames["excerpts"]["source_id"].isin(copied), ["excerpt_id", "text", "question"]]
    usable = usable[tables.is_among(usable["excerpt_id"], texts["excerpt_id"])].merge(
        texts, on="excerpt_id", how="left", validate="many_to_one"
    )
    stances = {finding.id: finding.stance or read[finding.id] for finding in findings}
    return link.suggest(
        findings,
        link.Stances(stances, CodingStances.of(usable, tagged.vectors)),
        usable,
        near,
        bearing.of,
        brief.settings.evidence,
        gate=bearing.model.gate,
    )


def _finding_stances(brief: Brief, tagged: TagResult) -> dict[str, str]:
    """The stance of each finding's statement on its criterion, as the classifier and the polarity model read it."""
    findings = brief.register.findings
    statements = [finding.statement for finding in findings]
    stances = coding.stances_of(statements, [f.criterion for f in findings], tagged.model, tagged.vectors)
    general = polarity.load_for(tagged.vectors)
    vectors = embeddings.matrix(statements, tagged.vectors) if tagged.vectors is not None else None
    agreed = general.agreed(general.chances(statements, vectors), stances)
    return dict(zip((finding.id for finding in findings), agreed, strict=True))


@dataclass(frozen=True, slots=True)
class CodingStances:
    """The stance of codings that directs links: people's, else what the polarity model reads and the coding does not deny.

    Called with rows of `usable`: excerpt_id, text, question, stance, status.
    """

    model: PolarityModel  # as shipped
    corrected: PolarityModel  # by the study's decisions
    vectors: Vectors | None

    @classmethod
    def of(cls, usable: pd.DataFrame, vectors: Vectors | None) -> CodingStances:
        """The stances of the codings of a study; those that people gave correct the model."""
        model = polarity.load_for(vectors)
        decided = usable[_is_decided(usable)]
        return cls(model, model.corrected(_chances(model, decided, vectors), decided["stance"].tolist()), vectors)

    def __call__(self, rows: pd.DataFrame) -> list[str]:
        """The stance of each row; blank where nobody gave one and the model is not sure."""
        stances, is_open = rows["stance"].to_numpy(dtype=object, copy=True), ~_is_decided(rows)
        chances = self.corrected.correct(_chances(self.model, rows[is_open], self.vectors))
        stances[is_open] = self.corrected.agreed(chances, stances[is_open].tolist())
        return stances.tolist()


def _is_decided(codings: pd.DataFrame) -> np.ndarray:
    is_decided: np.ndarray = (codings["status"].isin(list(CONFIRMED)) & (codings["stance"] != "")).to_numpy(dtype=bool)
    return is_decided


def _chances(model: PolarityModel, codings: pd.DataFrame, vectors: Vectors | None) -> np.ndarray:
    """The chance that the words of each coding are positive; an excerpt with several codes is read once."""
    numbers, _ = pd.factorize(codings["excerpt_id"])
    once = codings.iloc[np.unique(numbers, return_index=True)[1]]
    read = [spoken(*words) for words in tables.rows_of(once, ["text", "question"])]
    matrix = embeddings.matrix(read, vectors) if vectors is not None else None
    return model.chances(once["text"].tolist(), matrix)[numbers]


def decided_links(state: State) -> pd.DataFrame:
    """The links that people decided on, as table `links`; score and bearing are still 0."""
    rows = [
        (link.target, link.excerpt_id, _direction(link), 0.0, 0.0, str(link_status(link)), link.decided_by)
        for link in state.links
    ]
    return tables.typed(pd.DataFrame(rows, columns=tables.LINKS.names), tables.LINKS)


def _direction(link: ConsensusCoding) -> str:
    """The direction of a link; where coders differ on it without a majority it is not confirmed, and qualifies till ruled."""
    if link.value:
        return link.value
    return str(Direction.QUALIFIES if link.status is CodingStatus.CONFLICTED else Direction.SUPPORTS)

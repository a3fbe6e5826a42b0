"""Links from excerpts to findings: those that clear the null control are suggested, and people's decisions replace them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.config import EvidenceSettings
from pipeline.evidence.link_model import LEAST_BEARING
from pipeline.evidence.null_control import (
    NOTHING_CLEARS,
    Clearance,
    Control,
    clearance,
    compare,
    discoveries,
)
from pipeline.findings import Finding
from pipeline.vocabulary import Direction, LinkStatus, Stance

BearingOf = Callable[[str, Sequence[str]], np.ndarray]  # finding, excerpts -> probability that each bears on it
CANDIDATES_PER_CONTRARY = 4  # one candidate in this many is sought among the excerpts that contradict the finding

# What an excerpt's stance does to a finding's: the suggestion that a person confirms or corrects.
DIRECTION = {
    (Stance.POSITIVE, Stance.POSITIVE): Direction.SUPPORTS,
    (Stance.POSITIVE, Stance.NEGATIVE): Direction.CONTRADICTS,
    (Stance.POSITIVE, Stance.MIXED): Direction.QUALIFIES,
    (Stance.NEGATIVE, Stance.POSITIVE): Direction.CONTRADICTS,
    (Stance.NEGATIVE, Stance.NEGATIVE): Direction.SUPPORTS,
    (Stance.NEGATIVE, Stance.MIXED): Direction.QUALIFIES,
    (Stance.MIXED, Stance.POSITIVE): Direction.SUPPORTS,  # each half of a two-sided finding has its own witnesses
    (Stance.MIXED, Stance.NEGATIVE): Direction.SUPPORTS,
    (Stance.MIXED, Stance.MIXED): Direction.SUPPORTS,
}


def _stated(rows: pd.DataFrame) -> Sequence[str]:
    return list(rows["stance"].tolist())


@dataclass(frozen=True, slots=True)
class Stances:
    """The stance of each finding, and the reader of stances for excerpts (rows of `usable`) that clear the null control."""

    of_findings: Mapping[str, str]
    of_excerpts: Callable[[pd.DataFrame], Sequence[str]] = _stated


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The suggested links (table `links`), and by finding how many clear the control and how many would by chance.

    `clear` has a row for every excerpt that clears the control: finding_id, excerpt_id, bearing.
    """

    links: pd.DataFrame
    clearances: Mapping[str, Clearance]
    clear: pd.DataFrame


def suggest(
    findings: Sequence[Finding],
    stances: Stances,
    usable: pd.DataFrame,
    similarity: Similarities,
    bearing: BearingOf,
    settings: EvidenceSettings,
    *,
    gate: float,
) -> Suggestions:
    """The suggested links of every finding: excerpts with its criterion that clear the null control, the likeliest first.

    `usable` has a row per excerpt and code that it carries or, where the code is not reliable, is suggested for: excerpt_id,
    criterion, and what the stance is read from; `bearing` gives the probability that excerpts bear
    on a finding: below LEAST_BEARING nothing is suggested. A finding of which no excerpt reaches the `gate` gets no
    suggestion. A quarter of the candidates is reserved for excerpts that speak against the finding.
    """
    pools = {code: usable[usable["criterion"] == code] for code in dict.fromkeys(each.criterion for each in findings)}
    controls = {code: Control(similarity.control(pool["excerpt_id"].tolist())) for code, pool in pools.items()}
    comparisons = {
        each.id: compare(similarity.of(each.id, pools[each.criterion]["excerpt_id"].tolist()), controls[each.criterion])
        for each in findings
    }
    passed = discoveries([each.p_value for each in comparisons.values()], settings.false_findings)
    clearances = {
        name: clearance(each, settings.false_links) if is_discovery else NOTHING_CLEARS
        for (name, each), is_discovery in zip(comparisons.items(), passed, strict=True)
    }
    clear, parts = [], []
    for finding in findings:
        excerpts = pools[finding.criterion][comparisons[finding.id].standard >= clearances[finding.id].least_standard]
        links = _links(finding, stances, excerpts, similarity, bearing)
        clear.append(links[["finding_id", "excerpt_id", "bearing"]])
        parts.append(_likeliest(links, settings, gate))
    none = pd.DataFrame(columns=tables.LINKS.names)
    return Suggestions(
        links=tables.typed(pd.concat(parts) if parts else none, tables.LINKS),
        clearances=clearances,
        clear=pd.concat(clear) if clear else none[["finding_id", "excerpt_id", "bearing"]],
    )


class Similarities:
    """How similar excerpts are to every finding and to the control statements, 0 to 1; excerpts similar to none are left out.

    `scores` has a row for each finding, then one for each control statement, and a column for each excerpt, by its id.
    """

    def __init__(self, finding_ids: Sequence[str], scores: pd.DataFrame) -> None:
        self.rows = {name: i for i, name in enumerate(finding_ids)}
        self.columns = {name: j for j, name in enumerate(scores.columns.tolist())}
        self.scores = scores.to_numpy()

    def of(self, finding_id: str, excerpt_ids: Sequence[str]) -> np.ndarray:
        """The scores of some excerpts for one finding; 0 for those that are left out."""
        scores: np.ndarray = self._part(self.scores[[self.rows[finding_id]]], excerpt_ids)[0]
        return scores

    def control(self, excerpt_ids: Sequence[str]) -> np.ndarray:
        """The scores of some excerpts for the control statements: statements x excerpts."""
        return self._part(self.scores[len(self.rows) :], excerpt_ids)

    def _part(self, scores: np.ndarray, excerpt_ids: Sequence[str]) -> np.ndarray:
        part = np.zeros((len(scores), len(excerpt_ids)))
        at = np.array([self.columns.get(name, -1) for name in excerpt_ids], dtype=int)
        part[:, at >= 0] = scores[:, at[at >= 0]]
        return part


def _links(
    finding: Finding, stances: Stances, clear: pd.DataFrame, similarity: Similarities, bearing: BearingOf
) -> pd.DataFrame:
    excerpts, stance = clear["excerpt_id"].tolist(), stances.of_findings[finding.id]
    return clear[["excerpt_id"]].assign(
        finding_id=finding.id,
        direction=[direction(stance, of_excerpt) for of_excerpt in stances.of_excerpts(clear)],
        score=similarity.of(finding.id, excerpts),
        bearing=bearing(finding.id, excerpts),
        status=str(LinkStatus.SUGGESTED),
        decided_by="machine",
    )


def _likeliest(links: pd.DataFrame, settings: EvidenceSettings, gate: float) -> pd.DataFrame:
    """The links to suggest among those that pass the control: the likeliest first, contrary ones last."""
    near = links[(links["score"] >= settings.closeness) & (links["bearing"] >= LEAST_BEARING)]
    if near["bearing"].max() < gate:
        return near.iloc[:0]
    near = near.sort_values(["bearing", "score", "excerpt_id"], ascending=[False, False, True])
    contrary = near[near["direction"] == Direction.CONTRADICTS].head(settings.candidates // CANDIDATES_PER_CONTRARY)
    likeliest = near.drop(contrary.index).head(settings.candidates - len(contrary))
    return pd.concat([likeliest, contrary])


def direction(of_finding: str, of_excerpt: str) -> str:
    """The direction of a link, from the stances of finding and excerpt; `not_told`, shown as unclear, if either has none."""
    if not of_finding or not of_excerpt:
        return str(Direction.NOT_TOLD)
    return str(DIRECTION[Stance(of_finding), Stance(of_excerpt)])


def divided(links: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """The links on which people decided and differ, so that they are as undecided as the machine's: (finding, excerpt)."""
    is_divided = (links["status"] == LinkStatus.SUGGESTED) & (links["decided_by"] != "machine")
    return frozenset(tables.rows_of(links[is_divided], ["finding_id", "excerpt_id"]))


def with_decisions(
    suggested: pd.DataFrame, decided: pd.DataFrame, similarity: Similarities, bearing: BearingOf
) -> pd.DataFrame:
    """The links with people's decisions in the place of the machine's suggestions (both as table `links`)."""
    if decided.empty:
        return suggested
    key = ["finding_id", "excerpt_id"]
    untouched = suggested[~pd.MultiIndex.from_frame(suggested[key]).isin(pd.MultiIndex.from_frame(decided[key]))]
    parts = [_scored(rows, str(name), similarity, bearing) for name, rows in decided.groupby("finding_id", sort=False)]
    return tables.typed(pd.concat([untouched, *parts]), tables.LINKS)


def _scored(decided: pd.DataFrame, finding_id: str, similarity: Similarities, bearing: BearingOf) -> pd.DataFrame:
    """Decided links of a finding with similarity and probability, as far as the study still has the finding."""
    if finding_id not in similarity.rows:
        return decided
    excerpts = decided["excerpt_id"].tolist()
    return decided.assign(score=similarity.of(finding_id, excerpts), bearing=bearing(finding_id, excerpts))

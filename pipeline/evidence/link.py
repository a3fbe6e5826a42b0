"""Links from excerpts to findings: the closest coded excerpts, contrary ones looked for, people's decisions on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline import tables
from pipeline.config import EvidenceSettings
from pipeline.findings import Finding
from pipeline.vocabulary import Direction, LinkStatus, Stance

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

CONTRARY_SHARE = 4  # one candidate in so many is sought among the excerpts that speak against the finding

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


def suggest(
    findings: Sequence[Finding],
    stances: Mapping[str, str],
    codings: pd.DataFrame,
    closeness: Closeness,
    settings: EvidenceSettings,
) -> pd.DataFrame:
    """The suggested links of every finding (table `links`): coded excerpts of its criterion, the closest first.

    `stances` holds each finding's stance; `closeness` the score (0 to 1) of every finding and excerpt. A quarter of the
    candidates is kept for excerpts that speak against the finding, so that contrary evidence is looked for, not stumbled upon.
    """
    import pandas as pd

    parts = [_of_finding(finding, stances[finding.id], codings, closeness, settings) for finding in findings]
    links = pd.concat(parts) if parts else pd.DataFrame(columns=tables.LINKS.names)
    return tables.typed(links, tables.LINKS)


class Closeness:
    """How close excerpts are to every finding: `scores[i, j]` for `finding_ids[i]` and `excerpt_ids[j]`, 0 to 1, 4 digits.

    Excerpts that are close to none are left out.
    """

    def __init__(self, finding_ids: Sequence[str], excerpt_ids: Sequence[str], scores: np.ndarray) -> None:
        self.rows = {name: i for i, name in enumerate(finding_ids)}
        self.columns = {name: j for j, name in enumerate(excerpt_ids)}
        self.scores = scores

    def of(self, finding_id: str, excerpt_ids: Sequence[str]) -> list[float]:
        """The scores of some excerpts for one finding; 0 for those that are left out."""
        row = self.scores[self.rows[finding_id]]
        places = (self.columns.get(name) for name in excerpt_ids)
        return [0.0 if place is None else float(row[place]) for place in places]


def _of_finding(
    finding: Finding, stance: str, codings: pd.DataFrame, closeness: Closeness, settings: EvidenceSettings
) -> pd.DataFrame:
    coded = codings[(codings["criterion"] == finding.criterion) & codings["coded"]]
    links = coded[["excerpt_id"]].assign(
        finding_id=finding.id,
        direction=[direction(stance, said) for said in coded["stance"]],
        score=closeness.of(finding.id, list(coded["excerpt_id"])),
        status=str(LinkStatus.SUGGESTED),
        decided_by="machine",
    )
    near = links[links["score"] >= settings.closeness].sort_values(["score", "excerpt_id"], ascending=[False, True])
    contrary = near[near["direction"] == Direction.CONTRADICTS].head(settings.candidates // CONTRARY_SHARE)
    others = near.drop(contrary.index).head(settings.candidates - len(contrary))
    import pandas as pd

    return pd.concat([others, contrary])


def direction(finding: str, excerpt: str) -> str:
    """What an excerpt of this stance does to a finding of that stance; where either has none, nothing is told."""
    if not finding or not excerpt:
        return str(Direction.NOT_TOLD)
    return str(DIRECTION[Stance(finding), Stance(excerpt)])


def decide(suggested: pd.DataFrame, decided: pd.DataFrame, closeness: Closeness) -> pd.DataFrame:
    """The links with people's decisions in the place of the machine's suggestions (both as table `links`).

    A link that somebody made carries its measured similarity, whether the machine suggested it or not.
    """
    import pandas as pd

    key = ["finding_id", "excerpt_id"]
    if decided.empty:
        return suggested
    scores = [
        closeness.of(finding, [excerpt])[0] if finding in closeness.rows else 0.0
        for finding, excerpt in zip(decided["finding_id"], decided["excerpt_id"], strict=True)
    ]
    untouched = suggested[~pd.MultiIndex.from_frame(suggested[key]).isin(pd.MultiIndex.from_frame(decided[key]))]
    return tables.typed(pd.concat([untouched, decided.assign(score=scores)]), tables.LINKS)

"""What a person should look at first, and how much will have been found once they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import tables
from pipeline.evidence.robustness import pivots
from pipeline.review.settle import State
from pipeline.review.stopping import Recall, recall
from pipeline.steps.evidence import EvidenceResult
from pipeline.steps.inputs import Brief
from pipeline.vocabulary import CodingStatus, Direction, LinkStatus

if TYPE_CHECKING:
    import pandas as pd


def queue_of(brief: Brief, state: State, codings: pd.DataFrame, evidence_result: EvidenceResult) -> pd.DataFrame:
    """The table `queue`: excerpts to look at first, each under its weightiest reason.

    A decision made on words that changed, coders in conflict, a suggested link on which a finding's strength hangs, and a
    suggested link that speaks against a finding, in this order.
    """
    import pandas as pd

    stale = {d.excerpt_id for d in state.stale}
    voices = stale and stale.intersection(codings.loc[codings["excerpt_id"].isin(stale), "excerpt_id"])
    divided = codings[codings["status"] == CodingStatus.CONFLICTED]
    contrary = evidence_result.links[
        (evidence_result.links["status"] == LinkStatus.SUGGESTED)
        & (evidence_result.links["direction"] == Direction.CONTRADICTS)
    ]
    rows = [
        *((d.excerpt_id, "stale", d.criterion or d.finding_id) for d in state.stale if d.excerpt_id in voices),
        *((e, "conflict", c) for e, c in zip(divided["excerpt_id"], divided["criterion"], strict=True)),
        *((e, "strength", f.id) for f in brief.register.findings for e in _pivots(evidence_result, f.id, brief)),
        *((e, "contrary", f) for e, f in zip(contrary["excerpt_id"], contrary["finding_id"], strict=True)),
    ]
    first = {row[0]: row for row in reversed(rows)}
    ranked = [first[name] for name in dict.fromkeys(row[0] for row in rows)]
    numbered = [(rank, *row) for rank, row in enumerate(ranked, 1)]
    return tables.typed(pd.DataFrame(numbered, columns=tables.QUEUE.names), tables.QUEUE)


def _pivots(evidence_result: EvidenceResult, finding_id: str, brief: Brief) -> list[str]:
    return pivots(
        evidence_result.evidence[evidence_result.evidence["finding_id"] == finding_id], brief.settings.evidence
    )


def recall_after(brief: Brief, codings: pd.DataFrame, queue: pd.DataFrame) -> Recall:
    """The estimated recall of the first family's codes once the excerpts of the queue have been looked at."""
    family = brief.codebook.families[brief.codebook.criteria[0].family]
    columns = ["excerpt_id", "status", "coded", "probability"]
    cells = codings.loc[codings["criterion"].isin(list(family)), columns]
    decided = (cells["status"] != CodingStatus.MACHINE).to_numpy()
    coded = cells["coded"].to_numpy()
    looked = cells["excerpt_id"].isin(list(queue["excerpt_id"])).to_numpy()
    chances = cells["probability"].to_numpy().copy()
    chances[decided] = coded[decided].astype(float)
    return recall(chances, decided | coded | looked)

"""What a person should look at first, and how much will have been found after that."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from pipeline import tables
from pipeline.review.settle import State
from pipeline.review.stopping import Recall, recall
from pipeline.vocabulary import UNDECIDED, CodingStatus, Direction, LinkStatus


def queue_of(
    state: State, codings: pd.DataFrame, links: pd.DataFrame, pivotal: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """The table `queue`: excerpts to look at first, each under its weightiest reason.

    In this order: decisions on words that changed, codes that coders disagree on, suggested links on which a finding's
    strength depends (`pivotal`: excerpt ids by finding), and suggested links that contradict a finding.
    """
    coded = frozenset(codings["excerpt_id"]) if state.stale or state.unconfirmed else frozenset()
    first: dict[str, tuple[str, str, str]] = {}
    for row in (*_stale(state, coded), *_conflicting(codings), *_pivotal(pivotal), *_contrary(links)):
        first.setdefault(row[0], row)
    numbered = [(rank, *row) for rank, row in enumerate(first.values(), 1)]
    return tables.typed(pd.DataFrame(numbered, columns=tables.QUEUE.names), tables.QUEUE)


def _stale(state: State, coded: Collection[str]) -> Iterator[tuple[str, str, str]]:
    for decision, now in state.waiting:
        excerpt_id = now or decision.excerpt_id
        if excerpt_id in coded:
            yield excerpt_id, "stale", decision.criterion or decision.finding_id


def _conflicting(codings: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    rows = codings[codings["status"] == CodingStatus.CONFLICTED]
    for excerpt_id, criterion in zip(rows["excerpt_id"], rows["criterion"], strict=True):
        yield excerpt_id, "conflict", criterion


def _pivotal(pivotal: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    for finding_id, excerpt_ids in pivotal.items():
        for excerpt_id in excerpt_ids:
            yield excerpt_id, "strength", finding_id


def _contrary(links: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    is_contrary = (links["status"] == LinkStatus.SUGGESTED) & (links["direction"] == Direction.CONTRADICTS)
    rows = links[is_contrary]
    for excerpt_id, finding_id in zip(rows["excerpt_id"], rows["finding_id"], strict=True):
        yield excerpt_id, "contrary", finding_id


def recall_after(codings: pd.DataFrame, queue: pd.DataFrame, codes: Collection[str]) -> Recall:
    """The estimated recall of some codes once the excerpts of the queue have been looked at."""
    columns = ["excerpt_id", "status", "coded", "probability"]
    cells = codings.loc[codings["criterion"].isin(list(codes)), columns]
    decided = (~cells["status"].isin(list(UNDECIDED))).to_numpy()
    coded = cells["coded"].to_numpy()
    queued = cells["excerpt_id"].isin(list(queue["excerpt_id"])).to_numpy()
    probabilities = cells["probability"].to_numpy().copy()
    probabilities[decided] = coded[decided].astype(float)
    return recall(probabilities, decided | coded | queued)

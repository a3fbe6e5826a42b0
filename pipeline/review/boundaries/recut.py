"""Which excerpts hold the words of a passage whose bounds people changed since somebody decided on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import pandas as pd

from pipeline.review.identity import Bounds, Passage, bounds_of, overlap

Recut = Mapping[Passage, tuple[str, ...]]  # passage -> the excerpts that hold its words now, in order


def recut_passages(
    placed: Mapping[Passage, str], moved: Collection[tuple[str, Bounds]], excerpts: pd.DataFrame
) -> Recut:
    """The passages that were cut, or joined with others, each with the excerpts that hold their words now.

    `placed` has the excerpt id that each passage would have now, `moved` the stretches that cuts and joins name.
    """
    by_source = _excerpts_of({source_id for source_id, _ in moved}, excerpts)
    recut = {}
    for passage, now in placed.items():
        bounds = bounds_of(now)
        if (passage.source_id, bounds) in moved:
            holding = (each for each in by_source.get(passage.source_id, ()) if overlap(bounds_of(each), bounds))
            names = tuple(sorted(holding, key=bounds_of))
            if names and names != (now,):
                recut[passage] = names
    return recut


def counts_of_parts(recut: Recut) -> Counter[str]:
    """For each joined excerpt, the number of passages whose words it has."""
    return Counter(names[0] for names in recut.values() if len(names) == 1)


def _excerpts_of(source_ids: Collection[str], excerpts: pd.DataFrame) -> dict[str, list[str]]:
    there = excerpts.loc[excerpts["source_id"].isin(list(source_ids)), ["source_id", "excerpt_id"]]
    by_source: dict[str, list[str]] = {}
    for source_id, name in there.itertuples(index=False, name=None):
        by_source.setdefault(source_id, []).append(name)
    return by_source

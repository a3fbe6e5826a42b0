"""Decisions on words that are withheld: their speaker does not consent, and blanks are in their place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from pipeline.records import Selector
from pipeline.review.identity import Passage
from pipeline.review.masked.gaps import SourceGap, gaps_of, stored_offset


def withheld(
    passages: Mapping[Passage, Selector | None], frames: Mapping[str, pd.DataFrame], refusing: Collection[str]
) -> frozenset[Passage]:
    """The passages, of some that are not in the texts, which are words of people who do not consent.

    They are known by their speaker, where a selector says it, or by their place: a turn that is blank now. A place may be from
    before names were masked. `frames` has the tables `texts`, `turns` and `masks`; `refusing` are participant ids.
    """
    blanks, masks = _blank_turns({passage.source_id for passage in passages}, frames), gaps_of(frames)
    return frozenset(
        passage
        for passage, selector in passages.items()
        if (selector is not None and selector.participant in refusing)
        or _is_blank(passage, blanks.get(passage.source_id, ()), masks.get(passage.source_id, ()))
    )


def _is_blank(passage: Passage, blanks: Sequence[tuple[int, int]], masks: Sequence[SourceGap]) -> bool:
    """Whether a passage is in a turn that is blank, by its offsets as they are or as they are since names are masked."""
    start, end = passage.bounds
    places = ((start, end), (stored_offset(start, masks), stored_offset(end, masks)))
    return end > 0 and any(
        begin is not None and stop is not None and first <= begin < stop <= last
        for begin, stop in places
        for first, last in blanks
    )


def _blank_turns(source_ids: Collection[str], frames: Mapping[str, pd.DataFrame]) -> dict[str, list[tuple[int, int]]]:
    """The turns of these sources without a word, by source."""
    texts, turns = (frame[frame["source_id"].isin(list(source_ids))] for frame in (frames["texts"], frames["turns"]))
    words = dict(zip(texts["source_id"], texts["text"], strict=True))
    blanks: dict[str, list[tuple[int, int]]] = {}
    for source_id, start, end in turns[["source_id", "start", "end"]].itertuples(index=False, name=None):
        if words[source_id][start:end].isspace():
            blanks.setdefault(str(source_id), []).append((int(start), int(end)))
    return blanks

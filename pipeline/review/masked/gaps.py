"""Masks in a text, and a text in the characters of its source.

A mask replaces as many characters as the name has. A text is compared in the characters of its source, in which every
masked character is hidden: two passages are the same words where they have the same length and differ in no character that
both show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from pipeline.vocabulary import MaskStatus

HIDDEN = "\ue000"  # a character of the private use area, which no text has


class Gap(NamedTuple):
    """A placeholder `[start, end)` of a text, and the number of characters that it replaces."""

    start: int
    end: int
    chars: int


class SourceGap(NamedTuple):
    """A placeholder of a stored text, and its place in the text as it was read."""

    start: int
    end: int
    source_start: int
    source_end: int


def masks_of(frames: Mapping[str, pd.DataFrame]) -> dict[str, list[SourceGap]]:
    """The placeholders of every source in order, by the table `masks`; none where there is no such table."""
    gaps: dict[str, list[SourceGap]] = {}
    if "masks" in frames:
        table = frames["masks"]
        rows = table[table["status"] == MaskStatus.MASKED].sort_values(["source_id", "start"])
        columns = rows[["source_id", "start", "end", "source_start", "source_end"]]
        for source_id, *bounds in columns.itertuples(index=False, name=None):
            gaps.setdefault(str(source_id), []).append(SourceGap(*bounds))
    return gaps


def gaps_in(gaps: Sequence[SourceGap], start: int, end: int) -> tuple[Gap, ...]:
    """The placeholders in a stretch of a stored text, counted from its start."""
    return tuple(
        Gap(gap.start - start, gap.end - start, gap.source_end - gap.source_start)
        for gap in gaps
        if start <= gap.start and gap.end <= end
    )


def spelled(text: str, gaps: Sequence[Gap]) -> str:
    """A text in the characters of its source, those of masks hidden."""
    parts, at = [], 0
    for gap in gaps:
        parts += [text[at : gap.start], HIDDEN * gap.chars]
        at = gap.end
    return "".join([*parts, text[at:]])


def source_offset(offset: int, gaps: Sequence[SourceGap]) -> int:
    """Where a character of the stored text is in the text as it was read; of a placeholder, where the name begins."""
    shift = 0
    for gap in gaps:
        if gap.start < offset < gap.end:
            return gap.source_start
        if gap.end <= offset:
            shift = gap.source_end - gap.end
    return offset + shift


def stored_offset(offset: int, gaps: Sequence[SourceGap]) -> int | None:
    """Where a character of the text as it was read is in the stored text; None inside a name that is masked."""
    shift = 0
    for gap in gaps:
        if gap.source_start < offset < gap.source_end:
            return None
        if gap.source_end <= offset:
            shift = gap.end - gap.source_end
    return offset + shift


def is_same(words: str, other: str) -> bool:
    """Whether two spelled passages are the same words, as far as both show them; a passage that shows nothing is none."""
    pairs = zip(words, other, strict=False)
    is_shown = any(character != HIDDEN and not character.isspace() for character in words)
    return is_shown and len(words) == len(other) and all(a == b or HIDDEN in (a, b) for a, b in pairs)

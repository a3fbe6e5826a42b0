"""Masks and corrections in a text, and a text in the characters of its source.

A mask replaces as many characters as the name has, a correction as many as the words that were mistyped. A text is compared in
the characters of its source, in which every character that is masked or corrected is hidden: two passages are the same words
where they have the same length and differ in no character that both show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from pipeline.review.identity import overlap
from pipeline.vocabulary import CorrectionStatus, MaskStatus

HIDDEN = "\ue000"  # a character of the private use area, which no text has


class Gap(NamedTuple):
    """A placeholder or corrected words, `[start, end)` of a text, and the number of characters that they replace."""

    start: int
    end: int
    chars: int


class SourceGap(NamedTuple):
    """A placeholder or corrected words of a stored text, and their place in the text as it was read."""

    start: int
    end: int
    source_start: int
    source_end: int


class MaskChange(NamedTuple):
    """A stretch `[start, end)` of words in which masks or corrections differ, and the stretch that it is now."""

    start: int
    end: int
    now_start: int
    now_end: int


def mask_changes(then: Sequence[Gap], now: Sequence[Gap]) -> tuple[MaskChange, ...]:
    """Where the same words differ in their masks, in order; both counted from the start of the words."""
    hidden: list[list[int]] = []
    for start, end in sorted([*_in_source(then), *_in_source(now)]):
        if hidden and start < hidden[-1][1]:
            hidden[-1][1] = max(end, hidden[-1][1])
        else:
            hidden.append([start, end])
    return tuple(
        MaskChange(_in_text(start, then), _in_text(end, then), _in_text(start, now), _in_text(end, now))
        for start, end in hidden
    )


def stretch_now(start: int, end: int, changes: Sequence[MaskChange]) -> tuple[int, int]:
    """A stretch of words as they were, in the words as they are; one that begins or ends inside a mask takes all of it."""
    return _moved(start, changes, is_end=False), _moved(end, changes, is_end=True)


def _moved(offset: int, changes: Sequence[MaskChange], *, is_end: bool) -> int:
    shift = 0
    for change in changes:
        if change.start < offset < change.end:
            return change.now_end if is_end else change.now_start
        if change.end <= offset:
            shift = change.now_end - change.end
    return offset + shift


def _in_source(gaps: Sequence[Gap]) -> list[tuple[int, int]]:
    """The masked characters of some words, counted as the source has them."""
    stretches, more = [], 0
    for gap in gaps:
        stretches.append((gap.start + more, gap.start + more + gap.chars))
        more += gap.chars - (gap.end - gap.start)
    return stretches


def _in_text(offset: int, gaps: Sequence[Gap]) -> int:
    """Where a character of the source, at the edge of a mask or outside of all, is in the text."""
    more = 0
    for gap in gaps:
        if gap.start + more + gap.chars <= offset:
            more += gap.chars - (gap.end - gap.start)
    return offset - more


def gaps_of(frames: Mapping[str, pd.DataFrame]) -> dict[str, list[SourceGap]]:
    """The placeholders and corrected words of every source in order, by the tables `masks` and `corrections`, if there are any."""
    masks, corrections = _rows(frames, "masks", MaskStatus.MASKED), corrected_places(frames)
    return {
        name: _in_file(masks.get(name, []), corrections.get(name, [])) for name in masks.keys() | corrections.keys()
    }


def corrected_places(frames: Mapping[str, pd.DataFrame]) -> dict[str, list[SourceGap]]:
    """The corrected words of every source in order; corrections that touch one name are one."""
    places = _rows(frames, "corrections", CorrectionStatus.APPLIED)
    return {name: sorted(set(of_source)) for name, of_source in places.items()}


def _rows(frames: Mapping[str, pd.DataFrame], name: str, status: str) -> dict[str, list[SourceGap]]:
    gaps: dict[str, list[SourceGap]] = {}
    if name in frames:
        table = frames[name]
        rows = table[table["status"] == status].sort_values(["source_id", "start"])
        rows = rows[~rows["is_speaker"]] if "is_speaker" in rows else rows
        columns = rows[["source_id", "start", "end", "source_start", "source_end"]]
        for source_id, *bounds in columns.itertuples(index=False, name=None):
            gaps.setdefault(str(source_id), []).append(SourceGap(*bounds))
    return gaps


def _in_file(masks: Sequence[SourceGap], corrections: Sequence[SourceGap]) -> list[SourceGap]:
    """Masks and corrections with their places in the file; masks lead to the corrected text, and some are part of a correction."""
    touching = {mask for mask in masks for other in corrections if overlap(mask[:2], other[:2])}
    apart = [mask for mask in masks if mask not in touching]
    gaps, more = [], 0
    for gap in sorted([*apart, *corrections]):
        chars = gap.source_end - gap.source_start
        gaps.append(SourceGap(gap.start, gap.end, gap.start + more, gap.start + more + chars))
        more += chars - (gap.end - gap.start)
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

"""The places of corrections in the stored text, in which names are masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.records import CorrectedPlace, Mask
from pipeline.vocabulary import CorrectionStatus, MaskStatus


def stored_places(places: Iterable[CorrectedPlace], masks: Iterable[Mask]) -> tuple[CorrectedPlace, ...]:
    """The places with offsets of the stored text. Where a placeholder touches the words, all of it is part of the place."""
    masked = [mask for mask in masks if mask.status is MaskStatus.MASKED]
    by_source: dict[str, list[CorrectedPlace]] = {}
    for place in places:
        by_source.setdefault(place.source_id, []).append(place)
    moved: list[CorrectedPlace] = []
    for source_id, of_source in by_source.items():
        moved += _stored(of_source, [mask for mask in masked if mask.source_id == source_id])
    return tuple(moved)


def _stored(places: Sequence[CorrectedPlace], masks: Sequence[Mask]) -> Iterator[CorrectedPlace]:
    applied = [place for place in places if place.status is CorrectionStatus.APPLIED]
    words = [place for place in applied if not place.is_speaker]
    whole = _united(words, masks)
    for place in places:
        if place not in applied:
            yield place
            continue
        start, end = next(
            (each for each in whole if not place.is_speaker and each[0] <= place.start and place.end <= each[1]),
            (place.start, place.end),
        )
        yield replace(
            place,
            start=_in_stored(start, masks),
            end=_in_stored(end, masks),
            source_start=_in_file(start, words),
            source_end=_in_file(end, words),
        )


def _united(words: Sequence[CorrectedPlace], masks: Sequence[Mask]) -> list[tuple[int, int]]:
    """The corrected words with the names that overlap them, as stretches that do not overlap."""
    stretches = [(place.start, place.end) for place in words]
    names = [(mask.source_start, mask.source_end) for mask in masks]
    touching = [(first, last) for first, last in names for start, end in stretches if first < end and start < last]
    united: list[tuple[int, int]] = []
    for start, end in sorted([*stretches, *touching]):
        if united and start < united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _in_stored(offset: int, masks: Sequence[Mask]) -> int:
    before = max((mask for mask in masks if mask.source_end <= offset), key=_end_of_name, default=None)
    return offset + (before.end - before.source_end if before else 0)


def _end_of_name(mask: Mask) -> int:
    return mask.source_end


def _in_file(offset: int, words: Iterable[CorrectedPlace]) -> int:
    longer = sum(
        (place.end - place.start) - (place.source_end - place.source_start) for place in words if place.end <= offset
    )
    return offset - longer

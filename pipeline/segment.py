"""Turns to excerpts: consecutive sentences of one turn, with exact offsets; nothing but white space is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline import tables
from pipeline.config import SegmentSettings
from pipeline.provenance import excerpt_id, sha256_text
from pipeline.records import Excerpt, Text, Turn
from pipeline.sentences import sentences
from pipeline.vocabulary import Role

if TYPE_CHECKING:
    import pandas as pd

TAIL = 60  # a last excerpt shorter than this many characters joins the one before


def grouped(
    spans: Sequence[tuple[int, int]], limits: SegmentSettings, *, joins_tail: bool = True
) -> list[tuple[int, int]]:
    """Consecutive sentences joined, up to the limits of sentences and characters; a sentence is never cut.

    `joins_tail`: a short last group joins the one before it.
    """
    groups: list[list[tuple[int, int]]] = []
    for span in spans:
        group = groups[-1] if groups else []
        if group and len(group) < limits.sentences and span[1] - group[0][0] <= limits.chars:
            group.append(span)
        else:
            groups.append([span])
    joined = [(group[0][0], group[-1][1]) for group in groups]
    return _tail_joined(joined) if joins_tail else joined


def _tail_joined(groups: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if len(groups) > 1 and groups[-1][1] - groups[-1][0] < TAIL:
        return [*groups[:-2], (groups[-2][0], groups[-1][1])]
    return groups


def segment(
    text: Text, turns: Sequence[Turn], limits: SegmentSettings, pins: Sequence[tuple[int, int]] = ()
) -> list[Excerpt]:
    """The excerpts of a source's turns, in order; every character of a turn but white space is in exactly one of them.

    `pins` are excerpts that people decided on, in order, without overlap: they stay as they are, and what lies between
    them is cut by the limits. Pins that the limits would give anyway change nothing else.
    """
    excerpts = []
    for turn in turns:
        pins_of_turn = [pin for pin in pins if turn.start <= pin[0] < pin[1] <= turn.end]
        excerpts += [_excerpt(text, turn, start, end) for start, end in _cut(text.text, turn, limits, pins_of_turn)]
    return excerpts


def _cut(text: str, turn: Turn, limits: SegmentSettings, pins: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    begin = turn.start
    for start, end in pins:
        yield from grouped(list(sentences(text, begin, start)), limits, joins_tail=False)
        yield start, end
        begin = end
    yield from grouped(list(sentences(text, begin, turn.end)), limits)


def recut(
    frames: Mapping[str, pd.DataFrame], pins: Mapping[str, Sequence[tuple[int, int]]], limits: SegmentSettings
) -> pd.DataFrame:
    """The table `excerpts` with the sources of `pins` split again, so that each pin is an excerpt."""
    texts, turns = (frame[frame["source_id"].isin(list(pins))] for frame in (frames["texts"], frames["turns"]))
    by_source: dict[str, list[Turn]] = {}
    for row in turns.to_dict("records"):
        by_source.setdefault(str(row["source_id"]), []).append(_turn(row))
    excerpts = []
    for row in texts.to_dict("records"):
        source_id = str(row["source_id"])
        text = Text(source_id, str(row["text"]), str(row["text_sha256"]))
        excerpts += segment(text, by_source.get(source_id, []), limits, pins[source_id])
    unchanged = frames["excerpts"][~frames["excerpts"]["source_id"].isin(list(pins))]
    return tables.joined([unchanged.copy(), tables.frame(excerpts, tables.EXCERPTS)], tables.EXCERPTS)


def _turn(row: Mapping[Any, Any]) -> Turn:
    return Turn(**{**{str(name): value for name, value in row.items()}, "role": Role(row["role"])})


def _excerpt(text: Text, turn: Turn, start: int, end: int) -> Excerpt:
    words = text.text[start:end]
    return Excerpt(
        excerpt_id=excerpt_id(text.source_id, start, end),
        source_id=text.source_id,
        turn=turn.turn,
        participant_id=turn.participant_id,
        role=turn.role,
        language=turn.language,
        start=start,
        end=end,
        text=words,
        text_sha256=sha256_text(words),
        question=turn.question,
        place=turn.place,
    )

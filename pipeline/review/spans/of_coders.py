"""Which words each coder now marks for each code: lines of kind `span` that hold, where their excerpt says yes to the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from pipeline.records import Decision, MarkedSpan
from pipeline.review.codebook_changes import Answer, CodebookHistory
from pipeline.review.identity import bounds_of


@dataclass(frozen=True, slots=True)
class CoderSpan:
    """The stretch `[start, end)` of an excerpt that one coder marks for one code; `seq` is the first line that says so."""

    excerpt_id: str
    criterion: str
    coder: str
    start: int
    end: int
    seq: int
    again: tuple[int, ...] = ()  # further lines that say so, as where two marks are cut alike


@dataclass(frozen=True, slots=True)
class PlacedSpan:
    """A line of kind `span`, the excerpt where its words are now, and the stretch there; None if it lies outside."""

    line: Decision
    excerpt_id: str
    stretch: MarkedSpan | None


def placed_span(line: Decision, excerpt_id: str, stretch: MarkedSpan) -> PlacedSpan:
    """A line of kind `span` on an excerpt: one outside of it, or without a character, is not usable."""
    start, end = bounds_of(excerpt_id)
    is_inside = 0 <= stretch.start < stretch.end <= end - start
    return PlacedSpan(line, excerpt_id, stretch if is_inside else None)


def spans_in_parts(line: Decision, names: Sequence[str]) -> Iterator[PlacedSpan]:
    """A span of an excerpt that was cut or joined since, on each of the excerpts `names` that hold some of its words."""
    if line.span is None:
        return
    first, _ = bounds_of(line.excerpt_id)
    begins = bounds_of(names[0])[0] - first if len(names) > 1 else 0  # parts of a cut begin where the excerpt did
    for name in names:
        start, end = bounds_of(name)
        shift = first + begins - start
        stretch = MarkedSpan(max(0, line.span.start + shift), min(end - start, line.span.end + shift))
        if stretch.start < stretch.end:
            yield PlacedSpan(line, name, stretch)


def lines_outside(placed: Iterable[PlacedSpan]) -> Iterator[Decision]:
    """The lines whose span is not in its excerpt, or empty."""
    return (each.line for each in placed if each.stretch is None)


def spans_of(
    placed: Iterable[PlacedSpan],
    answers: Mapping[tuple[str, str], Mapping[str, Answer]],
    changes: CodebookHistory,
) -> Iterator[CoderSpan]:
    """The spans that count, each once: those of codes to which their own coder now says yes. Answers are by (excerpt, coder).

    A span follows its code where the codebook changes; after a split it belongs to those codes that its coder gives.
    """
    lines: dict[tuple[str, str, str, MarkedSpan], list[int]] = {}
    for line, excerpt, stretch in _usable(placed):
        cell = answers.get((excerpt, line.coder), {})
        codes = changes.now(line.criterion, changes.position(line))
        for code in sorted(code for code in codes if code in cell and cell[code].yes):
            lines.setdefault((excerpt, code, line.coder, stretch), []).append(line.seq)
    for (excerpt, code, coder, stretch), (first, *again) in lines.items():
        yield CoderSpan(excerpt, code, coder, stretch.start, stretch.end, first, tuple(again))


def open_spans_of(
    placed: Iterable[PlacedSpan],
    answers: Mapping[tuple[str, str], Mapping[str, Answer]],
    changes: CodebookHistory,
) -> Iterator[CoderSpan]:
    """The spans of codes on which their own coder has to answer: the excerpt was cut or joined since, or the code was split."""
    for line, excerpt, stretch in _usable(placed):
        answered = answers.get((excerpt, line.coder), {})
        for code in sorted(changes.now(line.criterion, changes.position(line)) - answered.keys()):
            yield CoderSpan(excerpt, code, line.coder, stretch.start, stretch.end, line.seq)


def _usable(placed: Iterable[PlacedSpan]) -> Iterator[tuple[Decision, str, MarkedSpan]]:
    for each in sorted(placed, key=attrgetter("line.seq")):
        if each.stretch is not None:
            yield each.line, each.excerpt_id, each.stretch

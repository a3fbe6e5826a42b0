"""What stands inside a paragraph and is not its speaker's words: times, labels in mid-line, what another says in between."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pipeline.ingest.characters import count_visible
from pipeline.ingest.transcript.layout_engine import is_unspoken
from pipeline.ingest.transcript.layouts import HARD_BREAK
from pipeline.ingest.transcript.speaker_labels import Label
from pipeline.ingest.transcript.times import SP, WRITTEN, is_time
from pipeline.records import Exclusion, Reading, Span
from pipeline.vocabulary import Part

MAY_HOLD = re.compile(r"[\[({<#`]\s?\d|\d:\d\d:\d\d|\d:\d\d[\])}]|\\\n|<br")
SIGNS = ("[", "(", "{", "<", "#", "`", "\\\n")  # without which and figures behind a colon nothing is looked for
COLON_AND_FIGURES = re.compile(r":\d\d")
INNER_TIME = re.compile(rf"{SP}*{WRITTEN}|(?<=[^\W\d_]){SP}+\d{{1,3}}:\d{{2}}(?::\d{{2}})?(?=[\])}}])")
LAST_TIME = re.compile(rf"{SP}+\d{{1,3}}:\d{{2}}$")
LEAST_LAST, SHARE_LAST = 4, 0.1  # paragraphs that end with a bare time, and their share, where it is a mark
OPENERS = {"//": "//", "[": r"\]", "((": r"\)\)", "(": r"\)", "{": r"\}", "<": ">", "/": "/"}
MOST_NAMES = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of one speaker, or of nobody: its span and the label before its words, if it has one."""

    span: Span
    label: Label | None


def without_times(reading: Reading, lines: Sequence[Line]) -> tuple[Reading, list[Line]]:
    """The reading without times inside the words of its spans; they are listed outside of its text."""
    are_times_last = _ends_with_times(reading.text, lines)
    may_hold = any(sign in reading.text for sign in SIGNS) or COLON_AND_FIGURES.search(reading.text) is not None
    if not are_times_last and not (may_hold and MAY_HOLD.search(reading.text)):
        return reading, list(lines)
    cuts = [cut for line in lines for cut in _marks(reading.text, line, are_times_last=are_times_last)]
    if not cuts:
        return reading, list(lines)
    starts = [start for start, *_ in cuts]
    removed = [0]
    for start, end, *_ in cuts:
        removed.append(removed[-1] + end - start)
    pieces: list[str] = []
    at = 0
    for start, end, *_ in cuts:
        pieces.append(reading.text[at:start])
        at = end
    pieces.append(reading.text[at:])

    def moved(offset: int) -> int:
        before = bisect_right(starts, offset - 1)
        inside = max(0, cuts[before - 1][1] - offset) if before else 0
        return offset - removed[before] + inside

    outside = tuple(
        Exclusion(-1, -1, cut.place, str(cut.part), chars)
        for cut in cuts
        if (chars := count_visible(reading.text[cut.start : cut.end]))
    )
    new = [
        Line(
            line.span._replace(start=moved(line.span.start), end=moved(line.span.end)),
            line.label and replace(line.label, end=moved(line.label.end)),
        )
        for line in lines
    ]
    text = "".join(pieces)
    spans = tuple(line.span for line in new)
    return replace(reading, text=text, spans=spans, outside=(*reading.outside, *outside)), new


class Cut(NamedTuple):
    """A stretch of a text that is not its speaker's words, and what it is."""

    start: int
    end: int
    place: str
    part: Part


def _ends_with_times(text: str, lines: Sequence[Line]) -> bool:
    """Whether so many paragraphs end with a bare time such as 05:56 that it is a mark: nobody ends sentences so."""
    ends = sum(
        LAST_TIME.search(text, max(line.span.start, line.span.end - 10), line.span.end) is not None for line in lines
    )
    return ends >= max(LEAST_LAST, SHARE_LAST * len(lines))


def _marks(text: str, line: Line, *, are_times_last: bool) -> Iterator[Cut]:
    """The times after the first words of a line, and the mark of a hard break at its end."""
    if is_unspoken(line.span):
        return
    start = line.label.end if line.label else line.span.start
    while start < line.span.end and text[start].isspace():
        start += 1
    if start >= line.span.end or is_time(text, start, line.span.end):
        return
    for match in INNER_TIME.finditer(text, start, line.span.end):
        if match.start() > start:
            yield Cut(match.start(), match.end(), line.span.place, Part.TIME)
    last = LAST_TIME.search(text, max(start, line.span.end - 10), line.span.end) if are_times_last else None
    if last and last.start() > start and text[last.start() - 1] not in ":.":
        yield Cut(last.start(), last.end(), line.span.place, Part.TIME)
    hard_break = HARD_BREAK.search(text, max(start, line.span.end - 12), line.span.end)
    if hard_break and hard_break.start() > start:
        yield Cut(hard_break.start(), hard_break.end(), line.span.place, Part.MARKUP)


def with_inner_labels(text: str, lines: Sequence[Line]) -> list[Line]:
    """The lines, parted where a label of the file's speakers stands in the middle of one, or what another says in brackets."""
    names = {line.label.name for line in lines if line.label} | {
        line.span.speaker for line in lines if line.span.speaker
    }
    if (
        not names
        or len(names) > MOST_NAMES
        or not _come_again(text, names, sum(line.label is not None for line in lines))
    ):
        return list(lines)
    either = "|".join(
        re.escape(name).replace(r"\ ", r"\s+") for name in sorted(names, key=lambda n: (-len(n), n)) if name
    )
    middle = re.compile(rf"(?<=[.?!…:\"”»)\]])\s+\*{{0,2}}(?P<name>{either})\s?(?:\*\*\s?:|:\s?\*\*|:)\s*(?=\S)")
    opened = "|".join(re.escape(opener) for opener in OPENERS)
    aside = re.compile(
        rf"\s*(?P<open>{opened})\s*(?P<name>{either})\s?:\s*(?P<words>[^\n\[\](){{}}<>/]{{1,200}}?)\s*(?P<close>//|\]|\)\)|\)|\}}|>|/)"
    )
    parted: list[Line] = []
    speaker = ""
    for line in lines:
        if is_unspoken(line.span):
            parted.append(line)
            continue
        speaker = line.label.name if line.label else line.span.speaker or speaker
        for piece in _parted(text, line, speaker, middle, aside):
            parted.append(piece)
            speaker = piece.label.name if piece.label else speaker
    return parted


def _come_again(text: str, names: set[str], labels: int) -> bool:
    """Whether the names stand before a colon more often than they are labels of lines."""
    return sum(text.count(f"{name}{colon}") for name in names for colon in (":", " :", "**:")) > labels or any(
        text.count(f"{name}:") for name in names if not labels
    )


def _parted(text: str, line: Line, speaker: str, middle: re.Pattern[str], aside: re.Pattern[str]) -> Iterator[Line]:
    """One line as its pieces, each with its label; what another says in between goes back to who spoke before."""
    start = line.label.end if line.label else line.span.start
    at, label = line.span.start, line.label
    layout = line.label.layout if line.label else "name and colon"
    place = start
    while place < line.span.end:
        mark = min(
            (m for m in (middle.search(text, place, line.span.end), aside.search(text, place, line.span.end)) if m),
            key=lambda m: m.start(),
            default=None,
        )
        if mark is None:
            break
        is_aside = "open" in mark.re.groupindex
        if is_aside and not re.fullmatch(OPENERS[mark["open"]], mark["close"]):
            place = mark.end()
            continue
        if text[at : mark.start()].strip():
            yield Line(_cut(text, line.span, at, mark.start()), label)
        begin = mark.start("open") if is_aside else mark.start("name")
        name = " ".join(mark["name"].split())
        if is_aside:
            inner = mark.start("words")
            yield Line(_cut(text, line.span, begin, mark.end("words")), Label(name, layout, inner))
            closer, at = mark.start("close"), mark.start("close")
            label, place = Label(speaker, layout, mark.end("close")), mark.end()
            if not text[mark.end() : line.span.end].strip():
                yield Line(_cut(text, line.span, closer, line.span.end), label)
                return
        else:
            at, label, place, speaker = begin, Label(name, layout, mark.end()), mark.end(), name
    if at == line.span.start:
        yield line
    elif text[at : line.span.end].strip():
        yield Line(_cut(text, line.span, at, line.span.end), label)


def _cut(text: str, span: Span, start: int, end: int) -> Span:
    """The part of a span from `start` to `end`, without white space around it."""
    words = text[start:end]
    return span._replace(start=start + len(words) - len(words.lstrip()), end=start + len(words.rstrip()))

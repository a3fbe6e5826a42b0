"""A document as turns: every paragraph one, with the headings above it."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.ingest.turns import Split, Stretch
from pipeline.provenance import count_chars
from pipeline.records import SPOKEN, Exclusion, Part, Reading, Span

LONGEST_TITLE = 90
WRAPPED = 45  # a line this long may go on in the next
HASHES = re.compile(r"#{1,6}(?=[ \t])")
BULLET = re.compile(r"[-–—•*·▪◦o][ \t]|\(?\w{1,3}[.)][ \t]")
SECTION = re.compile(r"(?:\d{1,2}\.)+\d{0,2}[ \t]+\w|[IVXLC]{1,6}[.)][ \t]+\w")


def split_document(reading: Reading) -> Split:
    """The paragraphs of a document as turns; headings stand beside them, everything unspoken is listed."""
    turns: list[Stretch] = []
    left_out: list[Exclusion] = []
    headings: dict[int, str] = {}
    for span in _paragraphs(reading):
        words = reading.text[span.start : span.end]
        if span.part not in SPOKEN or span.part is Part.HEADING:
            left_out.append(Exclusion(span.start, span.end, span.place, str(span.part), count_chars(words)))
        else:
            turns.append(Stretch("", span.start, span.end, span.place, " > ".join(headings.values())))
        if span.part is Part.HEADING:
            headings = _below(headings, words)
    return Split(tuple(turns), tuple(left_out))


def _below(headings: dict[int, str], words: str) -> dict[int, str]:
    """The headings that hold from here on."""
    marks = HASHES.match(words)
    level = len(marks.group()) if marks else 1
    return {k: v for k, v in headings.items() if k < level} | {level: " ".join(words.lstrip("#").split())}


def _paragraphs(reading: Reading) -> Iterator[Span]:
    """Spans, with the lines of a wrapped paragraph joined and title lines told from body."""
    spans = reading.spans
    is_plain = reading.reader.startswith("plain")
    joined = _joined(reading.text, spans) if is_plain else list(spans)
    after = [*(span.start for span in joined[1:]), len(reading.text)]
    for span, following in zip(joined, after, strict=True):
        is_title = is_plain and span.part is Part.BODY and _is_title(reading.text, span, following)
        yield Span(span.start, span.end, span.place, Part.HEADING) if is_title else span


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Lines that follow each other without a blank line, where the first is long enough to have been wrapped."""
    result = list(spans[:1])
    for before, span in pairwise(spans):
        is_wrapped = (
            before.part is span.part is Part.BODY
            and text.count("\n", before.end, span.start) == 1
            and before.end - before.start >= WRAPPED
            and not BULLET.match(text, span.start, span.end)
        )
        if is_wrapped:
            result[-1] = Span(result[-1].start, span.end, result[-1].place)
        else:
            result.append(span)
    return result


def _is_title(text: str, span: Span, following: int) -> bool:
    """A short line of its own, without a full stop, with a blank line after it."""
    words = text[span.start : span.end]
    if len(words) > LONGEST_TITLE or "\n" in words or words[-1] in ".:;,!?…" or following >= len(text):
        return False
    stands_alone = "\n\n" in re.sub(r"[ \t]", "", text[span.end : following])
    stands_alone = stands_alone and (
        span.start == 0
        or "\n\n" in re.sub(r"[ \t]", "", text[max(0, span.start - 20) : span.start])
        or not text[: span.start].strip()
    )
    is_marked = SECTION.match(words) is not None or words.isupper()
    return stands_alone and (is_marked or (not BULLET.match(words) and not words[0].islower()))

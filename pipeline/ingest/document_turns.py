"""A document as turns: every paragraph one, with the headings above it."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.ingest.characters import count_visible
from pipeline.ingest.transcript.inner_marks import without_emphasis
from pipeline.ingest.transcript.turn_builder import Split, TurnSpan
from pipeline.records import Exclusion, Reading, Span
from pipeline.vocabulary import SPOKEN, Part, Reason

LONGEST_TITLE = 90
LONGEST_ENTRY = 200  # of a table of contents
WIDEST = 120  # a text without longer lines may have been wrapped by hand
FULL = 0.6  # of the longest line: a line so long may go on in the next
HASHES = re.compile(r"#{1,6}(?=[ \t])")
NUMBERS = re.compile(r"\d{1,2}((?:\.\d{1,2})*)")
BULLET = re.compile(r"[-–—•*·▪◦o][ \t]|\(?\w{1,3}[.)][ \t]")
UNDERLINES = {"=": 1, "-": 2}
LEADERS = re.compile(r"(?:[.…·]\s?){4,}\s*(?:\d{1,4}|[ivxlcIVXLC]{1,7})\s*")  # to a page, in a table of contents
BLANK_LINE = re.compile(r"\n[ \t]*\n")


def split_document(reading: Reading) -> Split:
    """The paragraphs of a document as turns, each with its headings; everything unspoken is listed."""
    if reading.reader.startswith("plain"):
        reading = without_emphasis(reading)
    turns: list[TurnSpan] = []
    left_out: list[Exclusion] = []
    headings: dict[int, str] = {}
    last = ""
    for span in paragraphs_of(reading):
        words = reading.text[span.start : span.end]
        reason = _left_out(span, words)
        if reason:
            left_out.append(Exclusion(span.start, span.end, span.place, str(reason), count_visible(words)))
        else:
            turns.append(TurnSpan("", span.start, span.end, span.place, " > ".join(headings.values())))
        if reason is Part.HEADING:
            headings = _below(headings, span, words, goes_on=span.place == last and span.place.startswith("¶"))
        last = span.place
    return Split(tuple(turns), tuple(left_out), reading=reading)


def _left_out(span: Span, words: str) -> Part | Reason | None:
    """Why a paragraph is no turn: what part of the document it is, or that it says nothing."""
    if span.part not in SPOKEN:
        return span.part
    *entries, trailing = LEADERS.split(words)
    if entries and not trailing and all(len(entry) <= LONGEST_ENTRY for entry in entries):
        return Part.FRONT
    if not any(map(str.isalpha, words)):
        return Reason.NO_LETTERS
    return Part.HEADING if span.part is Part.HEADING else None


def _below(headings: dict[int, str], span: Span, words: str, *, goes_on: bool) -> dict[int, str]:
    """The headings that hold from here on: those above this one, and this one; a second line continues it."""
    level = span.level or level_of(words)
    first = f"{headings[level]} " if goes_on and level in headings else ""
    return {k: v for k, v in headings.items() if k < level} | {level: first + _shown(words)}


def _shown(words: str) -> str:
    """The words of a heading without the marks of Markdown."""
    marks = HASHES.match(words)
    inner = words[marks.end() :].rstrip("# \t") if marks else words
    return " ".join(inner.replace("**", "").split())


def level_of(words: str) -> int:
    """How deep a heading is if the format does not say: by its # marks, or else by its number (2.1 is below 2)."""
    if marks := HASHES.match(words):
        return len(marks.group())
    number = NUMBERS.match(words)
    return 1 + number.group(1).count(".") if number else 1


def paragraphs_of(reading: Reading) -> Iterator[Span]:
    """The spans of a document; in plain text wrapped lines are joined and title lines recognised."""
    if not reading.reader.startswith("plain"):
        yield from reading.spans
        return
    spans = _joined(reading.text, reading.spans)
    borders = [0, *(end for span in spans for end in (span.start, span.end)), len(reading.text)]
    for number, span in enumerate(spans):
        before = reading.text[borders[2 * number] : span.start]
        after = reading.text[span.end : borders[2 * number + 3]]
        words = reading.text[span.start : span.end]
        beneath = spans[number + 1 : number + 2] if after == "\n" else ()
        level = _underlined(words, beneath[0], reading.text) if beneath else 0
        is_title = span.part is Part.BODY and (level > 0 or _is_title(words, before, after))
        yield Span(span.start, span.end, span.place, Part.HEADING, level=level) if is_title else span


def _underlined(words: str, following: Span, text: str) -> int:
    """The level of a heading with a line of = or - below it, or 0."""
    if len(words) > LONGEST_TITLE or "\n" in words or words[-1] in ".:;," or following.part is not Part.MARKUP:
        return 0
    return UNDERLINES.get("".join(sorted(set(text[following.start : following.end]))), 0)


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Lines that follow each other without a blank line, where the file is wrapped and the first is full."""
    longest = max((span.end - span.start for span in spans), default=0)
    if longest > WIDEST:
        return list(spans)
    result = list(spans[:1])
    for before, span in pairwise(spans):
        is_wrapped = (
            before.part is span.part is Part.BODY
            and text.count("\n", before.end, span.start) == 1
            and before.end - before.start >= FULL * longest
            and not BULLET.match(text, span.start, span.end)
        )
        if is_wrapped:
            result[-1] = Span(result[-1].start, span.end, result[-1].place)
        else:
            result.append(span)
    return result


def _is_title(words: str, before: str, after: str) -> bool:
    """A short line without a full stop: in capitals, or with blank lines around it. `before`, `after`: the space around."""
    if len(words) > LONGEST_TITLE or "\n" in words or words[-1] in ".:;,!?…":
        return False
    if words.isupper() and sum(map(str.isalpha, words)) > 3:  # initials are no title
        return True
    stands_alone = BLANK_LINE.search(after) is not None and (not before or BLANK_LINE.search(before) is not None)
    is_numbered = NUMBERS.match(words) is not None
    return stands_alone and (is_numbered or (not BULLET.match(words) and not words[0].islower()))

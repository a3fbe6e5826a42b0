"""Parts of a paragraph that are not its speaker's words: times, labels in mid-line, what another says in between."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from typing import NamedTuple

from pipeline.ingest.characters import count_visible
from pipeline.ingest.transcript.layout_engine import is_unspoken
from pipeline.ingest.transcript.layouts import HARD_BREAK, layout_named
from pipeline.ingest.transcript.marked_questions import EMPHASISED
from pipeline.ingest.transcript.speaker_labels import Label, is_note_label, looks_like_name
from pipeline.ingest.transcript.times import SP, WRITTEN, is_time
from pipeline.records import Exclusion, Reading, Span
from pipeline.vocabulary import Part

SIGN = re.compile(r"[0-9\\>]")  # without which a line holds neither a time nor a hard break
EMPHASIS_SIGN = re.compile(r"[*_>]")
# One star around words may be a transcriber's (*laughs*), and is no mark here.
EMPHASIS = (
    re.compile(r"(?<![^\W_])(?<![*\\])(?P<mark>\*{2,3})(?=[^\s*])[^*\n]*(?<=[^\s\\])(?P=mark)(?![^\W_]|\*)"),
    re.compile(r"(?<![\w\\])(?P<mark>_{1,3})(?=[^\s_])[^_\n]*(?<=[^\s\\])(?P=mark)(?!\w)"),
)
FIELD_IN_BOLD = ("**", "- **", "* **")  # begins the name of a form's field, which is read as such
OPENED = re.compile(r"\W*?(\*{1,3}|_{1,3})(?=[^*_])")
INSIDE = re.compile(r"(?<=[.?!…] )(?P<name>[^\W\d_][^\W_]*(?:[ .][^\W\d_a-z][^\W_]*){0,2}): (?=\S)")
QUOTED = re.compile(r">(?!>)[ \t]*(?=\S)")  # two are a change of speakers
INNER_TIME = re.compile(
    rf"{SP}*{WRITTEN}|{SP}+\d{{1,9}}_\d{{1,9}}$|(?<=[^\W\d_]){SP}+\d{{1,3}}:\d{{2}}(?::\d{{2}})?(?=[\])}}])"
)
LAST_TIME = re.compile(rf"{SP}+\d{{1,3}}:\d{{2}}$")
LEAST_LAST, SHARE_LAST = 4, 0.1  # paragraphs that end with a bare time, and their share, where it is a mark
CLOSING = {"[": "]", "(": ")", "{": "}"}
NOTE_IN_BRACKETS = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|\{[^{}]*\}")
LETTER = re.compile(r"[^\W\d_]")
OPENERS = {"//": "//", "[": r"\]", "((": r"\)\)", "(": r"\)", "{": r"\}", "<": ">", "/": "/"}
MOST_NAMES = 60
DEFAULT_LAYOUT = "name and colon"  # of a label inside a line that has none before


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of one speaker, or of none: its span and the label before its words, if it has one."""

    span: Span
    label: Label | None


class Cut(NamedTuple):
    """A stretch of a text that is not its speaker's words, and what it is."""

    start: int
    end: int
    place: str
    part: Part


def without_marks(reading: Reading, lines: Sequence[Line]) -> tuple[Reading, list[Line]]:
    """The reading without times and marks of Markdown inside the words of its spans; they are listed outside of its text."""
    are_times_last = _ends_with_times(reading.text, lines)
    is_plain = reading.reader.startswith("plain")
    marks = [cut for line in lines for cut in _marks(reading.text, line, are_times_last=are_times_last)]
    emphasis = [cut for line in lines for cut in _emphasis(reading.text, line)] if is_plain else []
    brackets = [cut for line in lines for cut in _close_of_brackets(reading.text, line)]
    lines = [_as_emphasised(reading.text, line) for line in lines] if emphasis else lines
    return _shortened(reading, lines, [*marks, *emphasis, *brackets])


def _as_emphasised(text: str, line: Line) -> Line:
    """A line without a label, as emphasised if Markdown marks it as a quotation."""
    is_quoted = line.label is None and line.span.part is Part.BODY and QUOTED.match(text, line.span.start)
    return replace(line, span=line.span._replace(part=Part.STRONG)) if is_quoted else line


def without_emphasis(reading: Reading) -> Reading:
    """The reading of a document in plain text without the marks of Markdown inside its paragraphs."""
    lines = [Line(span, None) for span in reading.spans]
    return _shortened(reading, lines, [cut for line in lines for cut in _emphasis(reading.text, line)])[0]


def _shortened(reading: Reading, lines: Sequence[Line], cuts: Sequence[Cut]) -> tuple[Reading, list[Line]]:
    """The reading without the stretches, which are listed outside of its text, and its lines where they are then."""
    if not cuts:
        return reading, list(lines)
    cuts = list(_apart(cuts))
    shorter = _Shortened(cuts)
    moved = [_moved(line, shorter) for line in lines]
    outside = tuple(
        Exclusion(-1, -1, cut.place, str(cut.part), chars)
        for cut in cuts
        if (chars := count_visible(reading.text[cut.start : cut.end]))
    )
    spans = tuple(line.span for line in moved)
    text = shorter.text(reading.text)
    return replace(reading, text=text, spans=spans, outside=(*reading.outside, *outside)), moved


def _apart(cuts: Iterable[Cut]) -> Iterator[Cut]:
    """The cuts in the order of the text; what two share belongs to the first."""
    last_end = 0
    for cut in sorted(cuts):
        if cut.end > last_end:
            yield cut._replace(start=max(cut.start, last_end))
            last_end = cut.end


class _Shortened:
    """Where the offsets of a text lie once cuts, sorted and apart, are taken out of it."""

    def __init__(self, cuts: Sequence[Cut]) -> None:
        self.cuts = cuts
        self.starts = [cut.start for cut in cuts]
        self.removed = [0, *accumulate(cut.end - cut.start for cut in cuts)]

    def text(self, whole: str) -> str:
        """The text without the cuts."""
        begins = [0, *(cut.end for cut in self.cuts)]
        ends = [*self.starts, len(whole)]
        return "".join(whole[begin:end] for begin, end in zip(begins, ends, strict=True))

    def offset(self, offset: int) -> int:
        """The new offset of an old one; where a cut begins, of one inside it."""
        before = bisect_right(self.starts, offset - 1)
        inside = max(0, self.cuts[before - 1].end - offset) if before else 0
        return offset - self.removed[before] + inside


def _moved(line: Line, shorter: _Shortened) -> Line:
    span = line.span._replace(start=shorter.offset(line.span.start), end=shorter.offset(line.span.end))
    return Line(span, line.label and line.label._replace(end=shorter.offset(line.label.end)))


def _ends_with_times(text: str, lines: Sequence[Line]) -> bool:
    """Whether enough paragraphs end with a bare time such as 05:56 for it to be a mark: sentences do not end like this."""
    ends = sum(
        text[line.span.end - 1].isdigit()
        and LAST_TIME.search(text, max(line.span.start, line.span.end - 10), line.span.end) is not None
        for line in lines
    )
    return ends >= max(LEAST_LAST, SHARE_LAST * len(lines))


def _marks(text: str, line: Line, *, are_times_last: bool) -> Iterator[Cut]:
    """The times after the first words of a line, and the mark of a hard break at its end."""
    start, end = _words_of(text, line)
    if is_unspoken(line.span) or not SIGN.search(text, start, end) or is_time(text, start, end):
        return
    matches = [(match, Part.TIME) for match in INNER_TIME.finditer(text, start, end)]
    last = LAST_TIME.search(text, max(start, end - 10), end) if are_times_last else None
    if last and text[last.start() - 1] not in ":.":
        matches.append((last, Part.TIME))
    if hard_break := HARD_BREAK.search(text, max(start, end - 12), end):
        matches.append((hard_break, Part.MARKUP))
    for match, part in matches:
        if match.start() > start:
            yield Cut(match.start(), match.end(), line.span.place, part)


def _emphasis(text: str, line: Line) -> Iterator[Cut]:
    """The marks around words in bold or italics, and of a quotation; those around a whole paragraph say what it is and stay."""
    start, end = _words_of(text, line)
    if is_unspoken(line.span) or not EMPHASIS_SIGN.search(text, start, end):
        return
    place = line.span.place
    yield from _close_of_label(text, line, start, end)
    if line.label is None:
        if text.startswith(FIELD_IN_BOLD, start) or EMPHASISED.match(text[start:end]):
            return
        if quoted := QUOTED.match(text, start, end):
            yield Cut(start, quoted.end(), place, Part.MARKUP)
            start = quoted.end()
    for pair in chain.from_iterable(form.finditer(text, start, end) for form in EMPHASIS):
        is_whole = not text[start : pair.start()].strip("*_") and not text[pair.end() : end].strip(" \t\\.*_")
        if not is_whole or _is_bold_speech(pair, line):
            yield Cut(*pair.span("mark"), place, Part.MARKUP)
            yield Cut(pair.end() - len(pair["mark"]), pair.end(), place, Part.MARKUP)


def _close_of_brackets(text: str, line: Line) -> Iterator[Cut]:
    """The bracket that closes one opened before a label: `[Ana: How is the water?]`; what follows it may be notes alone."""
    closed = close_of_label(text, line)
    if closed >= 0 and not words_behind(text, line, closed):
        yield Cut(closed, closed + 1, line.span.place, Part.MARKUP)


def close_of_label(text: str, line: Line) -> int:
    """Where the bracket is that closes the one opened before a label, or -1."""
    closing = CLOSING.get(text[line.span.start])
    if closing is None or not line.label or not layout_named(line.label.layout).closes_late:
        return -1
    depth = 0
    for at in range(line.span.start, line.span.end):
        depth += (text[at] == text[line.span.start]) - (text[at] == closing)
        if depth == 0:
            return at if at >= line.label.end else -1
    return -1


def words_behind(text: str, line: Line, closed: int) -> bool:
    """Whether words follow the bracket that closes a labelled sentence, not in brackets themselves: they may be another's."""
    return LETTER.search(NOTE_IN_BRACKETS.sub("", text[closed + 1 : line.span.end])) is not None


def _close_of_label(text: str, line: Line, start: int, end: int) -> Iterator[Cut]:
    """The mark that closes the bold or italics opened before a label: `**Ana: How is the water?**`."""
    if line.label and layout_named(line.label.layout).closes_late:
        opened = OPENED.match(text, line.span.start, start)
        closed = text.find(opened[1], start, end) if opened else -1
        if opened and closed >= 0:
            yield Cut(closed, closed + len(opened[1]), line.span.place, Part.MARKUP)


def _is_bold_speech(pair: re.Match[str], line: Line) -> bool:
    return line.label is not None and pair["mark"].startswith(("**", "__"))


def _words_of(text: str, line: Line) -> tuple[int, int]:
    """Where the words of a line begin, behind its label and white space, and where they end."""
    start, end = line.label.end if line.label else line.span.start, line.span.end
    while start < end and text[start].isspace():
        start += 1
    return start, end


class _Patterns(NamedTuple):
    """How speakers' names occur inside a paragraph: before their words, or in brackets with them."""

    middle: re.Pattern[str]
    aside: re.Pattern[str]

    def first(self, text: str, start: int, end: int) -> re.Match[str] | None:
        """The first mark of a speaker in `text[start:end]`."""
        matches = (self.middle.search(text, start, end), self.aside.search(text, start, end))
        return min((match for match in matches if match), key=lambda match: match.start(), default=None)


def with_inner_labels(text: str, lines: Sequence[Line]) -> list[Line]:
    """The lines, split at labels in the middle of a line and at what another speaker says in brackets."""
    labels = [line.label.name for line in lines if line.label]
    names = _names_in(text, lines, labels)
    if not 0 < len(names) <= MOST_NAMES or not _come_again(text, names, len(labels)):
        return list(lines)
    patterns = _patterns_of(names)
    parted: list[Line] = []
    speaker = ""
    for line in lines:
        if is_unspoken(line.span):
            parted.append(line)
            continue
        speaker = line.label.name if line.label else line.span.speaker or speaker
        pieces = list(_parted(text, line, speaker, patterns))
        parted += pieces
        speaker = next((piece.label.name for piece in reversed(pieces) if piece.label), speaker)
    return parted


def _names_in(text: str, lines: Sequence[Line], labels: Sequence[str]) -> set[str]:
    """The names that labels and formats give; where they give one alone, those in mid-line, too."""
    names = {*labels, *(line.span.speaker for line in lines)} - {""}
    return names | _inside_alone(text) if len(names) == 1 else names


def _inside_alone(text: str) -> set[str]:
    """Names before a colon that only come in mid-line, behind a sentence, and more than once."""
    inside = Counter(match["name"] for match in INSIDE.finditer(text))
    return {name for name, count in inside.items() if count > 1 and looks_like_name(name) and not is_note_label(name)}


def _patterns_of(names: Set[str]) -> _Patterns:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    either = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in longest_first)
    opened = "|".join(map(re.escape, OPENERS))
    return _Patterns(
        middle=re.compile(
            rf"(?:(?<=[.?!…:\"”»)\]\d])\s+|\s+(?=\*{{2,4}}[^*\n]{{1,60}}:\*\*))"
            rf"(?P<bold>\*{{0,4}})(?P<name>{either})\s?(?:\*{{2,4}}\s?:|:\s?\*{{2,4}}|:)\s*(?=\S)"
        ),
        aside=re.compile(
            rf"\s*(?P<open>{opened})\s*(?P<name>{either})\s?:\s*(?P<words>[^\n\[\](){{}}<>/]{{1,200}}?)\s*(?P<close>//|\]|\)\)|\)|\}}|>|/)"
        ),
    )


def _come_again(text: str, names: set[str], labels: int) -> bool:
    """Whether the names come before a colon more often than they are labels of lines."""
    return sum(text.count(f"{name}{colon}") for name in names for colon in (":", " :", "**:")) > labels or any(
        text.count(f"{name}:") for name in names if not labels
    )


def _parted(text: str, line: Line, speaker: str, patterns: _Patterns) -> Iterator[Line]:
    """One line as its pieces, each with its label; after an interjection the previous speaker continues."""
    at, label, end = line.span.start, line.label, line.span.end
    layout = label.layout if label else DEFAULT_LAYOUT
    place = label.end if label else at
    while mark := patterns.first(text, place, end) if place < end else None:
        place = mark.end()
        is_aside = mark.re is patterns.aside
        if is_aside and not re.fullmatch(OPENERS[mark["open"]], mark["close"]):
            continue
        begin = mark.start("open") if is_aside else mark.start("bold")
        if text[at : mark.start()].strip():
            yield Line(_cut(text, line.span, at, mark.start()), label)
        name = " ".join(mark["name"].split())
        if is_aside:
            yield Line(_cut(text, line.span, begin, mark.end("words")), Label(name, layout, mark.start("words")))
            at, label = mark.start("close"), Label(speaker, layout, mark.end("close"))
        else:
            at, label, speaker = begin, Label(name, layout, place), name
    if at == line.span.start:
        yield line
    elif text[at:end].strip():
        yield Line(_cut(text, line.span, at, end), label)


def _cut(text: str, span: Span, start: int, end: int) -> Span:
    """The part of a span from `start` to `end`, without white space around it."""
    words = text[start:end]
    return span._replace(start=start + len(words) - len(words.lstrip()), end=start + len(words.rstrip()))

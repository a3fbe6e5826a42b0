"""Lines of a PDF to paragraphs: which lines continue in the next, and which hyphens at line ends do not belong to the word."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median

from pipeline.ingest.pdf import footnotes
from pipeline.ingest.pdf.hanging_labels import hanging_labels
from pipeline.ingest.pdf.headers_footers import Page
from pipeline.ingest.pdf.lines import Line
from pipeline.ingest.transcript import layouts, speaker_labels
from pipeline.vocabulary import Part

BULLET = re.compile(r"(?:[•◦▪‣·○●■□➢✓\uf000-\uf0ff]|[-–—](?=\s))\s*")
ITEM = re.compile(r"\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)](?:\s|(?=¿))")
ROW = re.compile(r"(?:^|\s)(?:[-–$€]?\d[\d.,]*(?:\s?%)?\s+){2,}[-–$€]?\d[\d.,]*(?:\s?%)?$")  # three figures or more
LEADERS = re.compile(r"(?:\.\s?){5,}\s*(?:\d{1,4}|[ivxlc]{1,6})?$")  # of a table of contents
NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})*")  # of a heading
NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?\s+[^\W\d]")
SENTENCE_END = re.compile(r"[.?!:;…][\"”»’')\]]*$")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
FEW = 100
FIGURE_ENDS = frozenset("0123456789%")
LARGER = 1.15  # times the usual letter: a heading
BOLD = 1.3  # times the usual weight of strokes
LONGEST_HEADING = 250
NEIGHBOURS = 8  # lines before and after that show how far a line may run
WIDER_STEP = 1.25
LEAST_HALF = 4  # letters of each half of a compound word


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together."""

    lines: list[Line]
    part: Part = Part.BODY
    level: int = 0  # of a heading
    label: str = ""  # who speaks, in a column of its own

    @property
    def place(self) -> str:
        """The page, or the pages from the first line to the last."""
        first, last = self.lines[0].page, self.lines[-1].page
        return f"p. {first}" if first == last else f"p. {first}-{last}"


@dataclass(slots=True)
class Layout:
    """What is usual in a document: letter size and weight, distance of lines, and which lines begin with a speaker."""

    size: float
    weight: int
    pitches: dict[float, float]
    spoken: frozenset[Line]
    labels: dict[Line, str]  # in a column of their own


class Words:
    """The words of a document, to distinguish a divided word from a compound one."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.lookups = 0

    @cached_property
    def text(self) -> str:
        """Every line in small letters; halves of words at line ends stay apart."""
        return "\n".join([line.words for line in self.lines]).casefold()

    @cached_property
    def counts(self) -> Counter[str]:
        """How often every word and every compound with its hyphens is there."""
        return Counter(WORD.findall(self.text))

    def count(self, word: str) -> int:
        """How often a word is there; for a few words, searching is cheaper than counting all."""
        self.lookups += 1
        if self.lookups > FEW:
            return self.counts[word]
        return len(re.findall(_alone(word), self.text)) if word in self.text else 0

    def keeps_hyphen(self, before: str, after: str) -> bool:
        """Whether the hyphen between two halves of a word at a line's end belongs to the word."""
        first, second = _last_word(before).casefold(), _first_word(after).casefold()
        if not first or not second or not after[0].islower():
            return True
        if self.count(first.rpartition("-")[2] + second):
            return False
        if self.count(f"{first}-{second}"):
            return True
        halves = (first.rpartition("-")[2], second.partition("-")[0])
        return all(len(half) >= LEAST_HALF and self.count(half) > 1 for half in halves)


def _alone(word: str) -> str:
    """A pattern for a whole word; what precedes it is checked last, because finding the word is quick."""
    word, letter = re.escape(word), r"[^\W\d_]"
    return f"{word}(?!-?{letter})(?<!{letter}{word})(?<!{letter}-{word})"


def _last_word(words: str) -> str:
    paragraphs = WORD.findall(words[-60:])
    return paragraphs[-1] if paragraphs and words.endswith(paragraphs[-1]) else ""


def _first_word(words: str) -> str:
    paragraphs = WORD.match(words)
    return paragraphs.group() if paragraphs else ""


def paragraphs(pages: Sequence[Page]) -> list[Paragraph]:
    """The paragraphs of the pages in reading order; one may go on from page to page."""
    lines = [line for page in pages for line in page.lines]
    if not lines:
        return []
    layout = _layout(lines)
    notes = footnotes.footnotes_of(pages, layout.size)
    result = _joined(footnotes.without(lines, notes), layout)
    for paragraph in result:
        paragraph.part = _part(paragraph, layout)
        paragraph.label = layout.labels.get(paragraph.lines[0], "")
    _rank([paragraph for paragraph in result if paragraph.part is Part.HEADING])
    return list(_with_notes(result, notes))


def _joined(lines: Sequence[Line], layout: Layout) -> list[Paragraph]:
    limits = _limits(lines)
    result = [Paragraph([lines[0]])]
    for index, (line, following) in enumerate(pairwise(lines)):
        if _goes_on(line, following, limits[index], layout):
            result[-1].lines.append(following)
        else:
            result.append(Paragraph([following]))
    return result


def _with_notes(paragraphs: Sequence[Paragraph], notes: Mapping[Line, Sequence[Line]]) -> Iterator[Paragraph]:
    """The paragraphs, each followed by the footnotes of the pages whose text ends in it."""
    for paragraph in paragraphs:
        yield paragraph
        for line in paragraph.lines:
            yield from map(Paragraph, footnotes.each(notes.get(line, ())))


def _layout(lines: Sequence[Line]) -> Layout:
    weights: Counter[float] = Counter()
    strokes: Counter[int] = Counter()
    steps: dict[float, list[float]] = {}
    for line in lines:
        weights[line.size] += len(line.words)
        strokes[line.weight] += len(line.words)
    for line, following in pairwise(lines):
        step = line.base - following.base
        if line.page == following.page and 0.5 * line.size < step < 3 * line.size:
            steps.setdefault(line.size, []).append(step)
    pitches = {size: _pitch(values) for size, values in steps.items()}
    spoken = _spoken(lines)
    labels = {} if spoken else hanging_labels(lines)
    return Layout(
        size=weights.most_common(1)[0][0],
        weight=strokes.most_common(1)[0][0],
        pitches=pitches,
        spoken=spoken | labels.keys(),
        labels=labels,
    )


def _spoken(lines: Sequence[Line]) -> frozenset[Line]:
    """The lines that begin with a label which comes again and looks like a name."""
    may_be = [line for line in lines if ":" in line.words or line.words[0] == "["]
    paragraphs = {
        line: label for line in may_be if (label := _label(line)) and label.layout in layouts.OF_PRINTED_LINES
    }
    counts = Counter((label.name, label.layout) for label in paragraphs.values())
    return frozenset(
        line
        for line, label in paragraphs.items()
        if counts[label.name, label.layout] > 1 and speaker_labels.looks_like_name(label.name)
    )


def _label(line: Line) -> speaker_labels.Label | None:
    words = line.words
    may_be = words.find(":", 0, layouts.LONGEST) > 0 or words[0] == "["
    return layouts.find(words, 0, len(words)) if may_be else None


def _pitch(steps: Sequence[float]) -> float:
    """The usual distance of lines inside a paragraph: the lower of those that come often."""
    common = Counter(round(step, 0) for step in steps)
    often = [step for step, times in common.items() if times >= 0.15 * len(steps)]
    near = min(often, default=median(steps))
    return median([step for step in steps if abs(step - near) <= 1])


def _limits(lines: Sequence[Line]) -> list[float]:
    """How far to the right each line could have run, by the lines around it."""
    rights = [line.right for line in lines]
    result = []
    for index, line in enumerate(lines):
        first, last = max(0, index - NEIGHBOURS), index + NEIGHBOURS + 1
        first, last = _on_its_page(lines, index, first, min(last, len(lines)))
        farthest = max(rights[first:last])
        if not _is_alike(lines[rights.index(farthest, first)], line):
            alike = [other.right for other in lines[first:last] if _is_alike(other, line)]
            farthest = max(alike, default=line.right)  # a line that runs backwards is not even like itself
        result.append(farthest)
    return result


def _on_its_page(lines: Sequence[Line], index: int, first: int, last: int) -> tuple[int, int]:
    """The neighbours of a line on its own page, where there are enough: margins of left and right pages may differ."""
    page, begin, end = lines[index].page, index, index + 1
    while begin > first and lines[begin - 1].page == page:
        begin -= 1
    while end < last and lines[end].page == page:
        end += 1
    return (begin, end) if end - begin > NEIGHBOURS else (first, last)


def _is_alike(other: Line, line: Line) -> bool:
    """Whether another line has the same column and font."""
    return abs(other.size - line.size) < 1 and other.left < line.right


def _goes_on(line: Line, following: Line, limit: float, layout: Layout) -> bool:
    """Whether the next line belongs to the same paragraph."""
    is_of_other_size = abs(line.size - following.size) > 0.1 * line.size
    if is_of_other_size or _is_row(line) or _is_figures(following) or _opens(line, following, layout):
        return False
    step = line.base - following.base
    if line.page != following.page or step < -line.size:
        return _goes_over(line, following, limit)
    return _goes_on_below(line, following, limit, layout)


def _goes_on_below(line: Line, following: Line, limit: float, layout: Layout) -> bool:
    step = line.base - following.base
    if abs(step) < 0.3 * line.size or (line.hyphen and following.words[0].islower()):
        return True
    if step > WIDER_STEP * layout.pitches.get(line.size, 1.3 * line.size):
        return False
    if _is_mid_sentence(line, following):
        return True
    return not _had_room(line, following, limit) and not _is_indented(line, following)


def _is_mid_sentence(line: Line, following: Line) -> bool:
    """Whether a small letter follows a word or a comma, one below the other, as where text runs beside a picture."""
    is_below = abs(line.left - following.left) < line.size and not ITEM.match(following.words)
    return is_below and following.words[0].islower() and (line.words[-1].isalpha() or line.words[-1] == ",")


def _goes_over(line: Line, following: Line, limit: float) -> bool:
    """Whether a paragraph continues at the top of the next page or column."""
    return bool(line.hyphen) or (not _had_room(line, following, limit) and not SENTENCE_END.search(line.words))


def _is_row(line: Line) -> bool:
    """Whether the line is a row of figures, or of a table of contents."""
    return _is_figures(line) or LEADERS.search(line.words) is not None


def _is_figures(line: Line) -> bool:
    """Whether the line is the row of a table of figures."""
    return line.words[-1] in FIGURE_ENDS and ROW.search(line.words) is not None


def _opens(line: Line, following: Line, layout: Layout) -> bool:
    """Whether the next line begins with a speaker, a bullet or, after the end of a sentence, a number."""
    words = following.words
    if following in layout.spoken:
        return True
    if not words[0].isalnum() and BULLET.match(words) and not line.hyphen:
        return True
    return not line.words[-1].isalnum() and bool(ITEM.match(words) and SENTENCE_END.search(line.words))


def _had_room(line: Line, following: Line, limit: float) -> bool:
    """Whether the first word of the next line would fit at the end of this one."""
    if line.hyphen:
        return False
    word = following.words.split(maxsplit=1)[0]
    letter = (following.right - following.left) / max(1, len(following.words))
    return line.right + 1.25 * letter * len(word) + 0.3 * line.size < limit


def _is_indented(line: Line, following: Line) -> bool:
    """Whether the next line is a first line with an indent; a hanging list item is not."""
    hangs = BULLET.match(line.words) or ITEM.match(line.words)
    return not hangs and following.left > line.left + 0.8 * line.size and bool(SENTENCE_END.search(line.words))


def _part(paragraph: Paragraph, layout: Layout) -> Part:
    """The part of a paragraph: letters larger than usual, or bold ones after a number, make a heading, unless it is spoken."""
    first, length = paragraph.lines[0], sum(len(line.words) for line in paragraph.lines)
    is_large = first.size >= LARGER * layout.size or _is_bold_number(paragraph, layout)
    if not is_large or length > LONGEST_HEADING:
        return Part.BODY
    return Part.BODY if first in layout.spoken or first.words.endswith("?") else Part.HEADING


def _is_bold_number(paragraph: Paragraph, layout: Layout) -> bool:
    """Whether a paragraph is one line in bold that begins with a number and ends no sentence: `2.1 Methods`."""
    first = paragraph.lines[0]
    is_bold = 0 < BOLD * layout.weight <= first.weight
    return (
        len(paragraph.lines) == 1
        and is_bold
        and bool(NUMBERED.match(first.words))
        and not SENTENCE_END.search(first.words)
    )


def _rank(headings: Sequence[Paragraph]) -> None:
    """Say how deep each heading is: the larger its letters the higher; among letters of one size, the shorter its number."""
    keys = [(-round(paragraph.lines[0].size), _depth(paragraph.lines[0].words)) for paragraph in headings]
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys)), 1)}
    for paragraph, key in zip(headings, keys, strict=True):
        paragraph.level = ranks[key]


def _depth(words: str) -> int:
    number = NUMBER.match(words)
    return number[0].count(".") if number else 0


def joined(lines: Sequence[Line], words: Words) -> tuple[str, list[Line]]:
    """The words of a paragraph on one line, and the lines that lost their hyphen."""
    if not any(line.hyphen for line in lines):
        return " ".join([line.words for line in lines]), []
    pieces: list[str] = []
    removed: list[Line] = []
    for line, following in pairwise([*lines, None]):
        assert line is not None  # noqa: S101
        pieces.append(line.words)
        if following is None:
            pieces.append(line.hyphen.replace("\u00ad", "-"))
        elif not line.hyphen:
            pieces.append(" ")
        elif words.keeps_hyphen(line.words, following.words):
            pieces.append("-")
        else:
            removed.append(line)
    return "".join(pieces), removed

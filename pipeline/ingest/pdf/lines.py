"""The lines of a PDF's pages with their place on the page, as PDFium gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from ctypes import CFUNCTYPE, addressof, c_double, c_float, c_int, c_ushort, c_void_p, cast
from dataclasses import dataclass
from functools import cache
from math import hypot
from typing import Any, NamedTuple

import pypdfium2.raw as raw

from pipeline.errors import Problem, UnreadableError
from pipeline.provenance import count_chars
from pipeline.wording.messages import message

HYPHENS = frozenset("-\u00ad\u2010")
STRANGE = re.compile("[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f\x7f-\x9f\U000f0000-\U0010fffd]")
BULLETS = re.compile("(?m)^[ \t]*[\uf000-\uf0ff](?=\\s)")  # symbol fonts keep their bullets in the private area
SAMPLE = 64  # letters of a page
MOST_STARTS = 4  # words of a line, behind the first, whose place is kept: a name in a column of its own has no more
HYPHEN = "\ufffe"  # PDFium's mark for a hyphen at the end of a line; it leaves out the line break after it


@dataclass(slots=True, eq=False)
class Line:
    """One line of a page, in points from the lower left corner of what is shown of it.

    `hyphen`: the sign at its end that divides a word.

    Two lines are never the same, though they read the same.
    """

    page: int
    words: str
    left: float
    right: float
    base: float
    size: float
    hyphen: str = ""
    weight: int = 0  # of its strokes, of the last letter; about 400 is usual and 700 bold
    starts: tuple[float, ...] = ()  # where its second word begins, and the next ones; nothing where that is not certain


# Words, the first and the last letter of them by its index in the page's text, and a hyphen behind them.
_Stretch = tuple[str, int, int, str]


@cache
def _asked() -> tuple[Callable[..., Any], ...]:
    """PDFium's functions for one letter, taking bare addresses: to convert its arguments costs more than the answer."""

    def bare(function: Any, result: Any, rooms: int) -> Any:
        return CFUNCTYPE(result, c_void_p, c_int, *[c_void_p] * rooms)(cast(function, c_void_p).value or 0)

    return (
        bare(raw.FPDFText_GetCharOrigin, c_int, 2),
        bare(raw.FPDFText_GetCharBox, c_int, 4),
        bare(raw.FPDFText_GetFontSize, c_double, 0),
        bare(raw.FPDFText_GetMatrix, c_int, 1),
        bare(raw.FPDFText_GetFontWeight, c_int, 0),
        bare(raw.FPDFText_HasUnicodeMapError, c_int, 0),
    )


class _Frame(NamedTuple):
    """The visible part of a page, in points, and its clockwise rotation in quarter turns."""

    left: float
    bottom: float
    right: float
    top: float
    quarters: int

    def placed(self, letter: Sequence[float], x: float, y: float) -> tuple[float, float, float]:
        """Where a line is seen: from left to right, and its base; `letter`: left, right, bottom, top of its last letter."""
        if not self.quarters:
            return x - self.left, letter[1] - self.left, y - self.bottom
        match self.quarters:
            case 1:
                return y - self.bottom, letter[3] - self.bottom, self.right - x
            case 2:
                return self.right - x, self.right - letter[0], self.top - y
        return self.top - y, self.top - letter[2], x - self.left


class _Probe:
    """Positions of letters by PDFium; `index` translates an offset in the page's text to PDFium's own count."""

    def __init__(self, textpage: Any, frame: _Frame) -> None:
        self.textpage, self.frame = textpage, frame
        self.page = cast(textpage, c_void_p).value
        count, self.text = _text(textpage)
        self.is_direct = count == len(self.text)  # no letter was left out, put in between or wider than 16 bits
        self.room = (c_double * 6)()  # left, right, bottom, top of one letter; x and y of another
        at = addressof(self.room)
        self.box, self.origin = (at, at + 8, at + 16, at + 24), (at + 32, at + 40)
        self.scale = (c_float * 6)()  # the matrix of a letter
        self.ask_origin, self.ask_box, self.ask_size, self.ask_scale, self.ask_weight, self.ask_unknown = _asked()

    def index(self, at: int) -> int:
        units = len(self.text[:at].encode("utf-16-le", "surrogatepass")) // 2
        return int(raw.FPDFText_GetCharIndexFromTextIndex(self.textpage, units))

    def line(self, number: int, stretch: _Stretch) -> Line:
        words, first, last, hyphen = stretch
        if not self.is_direct:
            first, last = self.index(first), self.index(last)
        self.ask_origin(self.page, first, *self.origin)
        self.ask_box(self.page, last, *self.box)
        *letter, x, y = self.room[:]
        left, right, base = self.frame.placed(letter, x, y)
        size, weight = max(self.size(first), self.size(last)), self.ask_weight(self.page, last)
        return Line(number, words, left, right, base, size, hyphen, weight, self.starts(words, first))

    def starts(self, words: str, first: int) -> tuple[float, ...]:
        """Where words of a line begin, from its second; `first`: the index of its first letter."""
        if not self.is_direct or self.frame.quarters:
            return ()
        starts: list[float] = []
        space = words.find(" ")
        while space >= 0 and len(starts) < MOST_STARTS:
            self.ask_origin(self.page, first + space + 1, *self.origin)
            starts.append(self.room[4] - self.frame.left)
            space = words.find(" ", space + 1)
        return tuple(starts)

    def size(self, index: int) -> float:
        """The size of a letter as it is seen: some programs write every font in size 1 and enlarge it."""
        is_scaled = self.ask_scale(self.page, index, addressof(self.scale))
        enlarged = hypot(self.scale[2], self.scale[3]) if is_scaled else 1.0
        return round(float(self.ask_size(self.page, index)) * enlarged, 2)

    def count_unknown(self, indices: range) -> int:
        """How many of these letters have no Unicode value in their font."""
        ask, page = self.ask_unknown, self.page
        return [ask(page, index) for index in indices].count(1)


def lines_of(page: Any, number: int) -> tuple[list[Line], float]:
    """The lines of one page of PDFium in reading order, and the share of unreadable characters."""
    box = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, box)
    frame = _Frame(box.left, box.bottom, box.right, box.top, raw.FPDFPage_GetRotation(page))
    textpage = raw.FPDFText_LoadPage(page)
    if not textpage:
        what, remedy = (
            message("ingest/its_text_cannot_be_loaded"),
            message("ingest/open_it_in_its_program"),
        )
        raise UnreadableError(Problem(f"p. {number}", what, remedy))
    try:
        probe = _Probe(textpage, frame)
        return [probe.line(number, stretch) for stretch in _stretches(probe.text)], _unreadable(probe, probe.text)
    finally:
        raw.FPDFText_ClosePage(textpage)


def _text(textpage: Any) -> tuple[int, str]:
    """How many characters PDFium counts on a page, and its text, which may have some more or fewer."""
    count = last = raw.FPDFText_CountChars(textpage)
    while last > 0 and (index := raw.FPDFText_GetTextIndexFromCharIndex(textpage, last - 1)) < 0:
        last -= 1
    if last <= 0:
        return max(count, 0), ""
    room = (c_ushort * (2 * max(count, index + 1) + 1))()
    written = raw.FPDFText_GetText(textpage, 0, count, room)
    return count, bytes(room)[: 2 * max(written - 1, 0)].decode("utf-16-le", "surrogatepass")


def _stretches(text: str) -> Iterator[_Stretch]:
    """Every line that is not blank; PDFium ends lines by CRLF, or by its mark for a hyphen."""
    at, is_divided = 0, HYPHEN in text
    for words in text.split("\r\n"):
        if is_divided and HYPHEN in words:
            yield from _divided(words, at)
        elif inner := words.strip():
            yield _stretch(words, inner, at)
        at += len(words) + 2


def _divided(words: str, at: int) -> Iterator[_Stretch]:
    """The lines that PDFium joined over a hyphen."""
    *divided, remainder = words.split(HYPHEN)
    for part in divided:
        if inner := part.strip():
            line, first, last, _ = _stretch(part, inner, at)
            yield line, first, last, "-"
        else:
            yield "-", at, at, ""
        at += len(part) + 1
    if inner := remainder.strip():
        yield _stretch(remainder, inner, at)


def _stretch(words: str, inner: str, at: int) -> _Stretch:
    """A line, and what it is without white space around it."""
    first = at if words[0] == inner[0] else at + len(words) - len(words.lstrip())
    if inner[-1] in HYPHENS and inner[-2:-1].isalpha():
        return inner[:-1], first, first + len(inner) - 2, inner[-1]
    return inner, first, first + len(inner) - 1, ""


def _unreadable(probe: _Probe, text: str) -> float:
    """The share of letters without a known character: private use, replaced, or without a Unicode value."""
    sampled = _without_unicode(probe, len(text)) if text else 0.0
    if not STRANGE.search(text):
        return sampled
    strange = len(STRANGE.findall(BULLETS.sub("", text)))
    return max(strange / max(1, count_chars(text)), sampled)


def _without_unicode(probe: _Probe, length: int) -> float:
    """The share of letters for which the font has no Unicode value: of a sample, and of all where the sample has one."""
    step = max(1, length // SAMPLE)
    bad = probe.count_unknown(range(0, length, step))
    if not bad or step == 1:
        return bad * step / max(1, length)
    return probe.count_unknown(range(length)) / length

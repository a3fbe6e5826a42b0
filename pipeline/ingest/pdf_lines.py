"""The lines of a PDF's pages with their place on the page, as PDFium gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ctypes import byref, c_double
from dataclasses import dataclass
from typing import Any

BREAK = re.compile("\r\n|[\r\n]|\ufffe")
STRANGE = re.compile("[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f\x7f-\x9f\U000f0000-\U0010fffd]")
BULLETS = re.compile("(?m)^[ \t]*[\uf000-\uf0ff](?=\\s)")  # symbol fonts keep their bullets in the private area
SAMPLE = 100  # letters of a page
HYPHEN = "\ufffe"  # PDFium's mark for a hyphen at the end of a line; it leaves out the line break after it


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page, in points from its lower left corner; `hyphen`: what stood at its end and divides a word."""

    page: int
    words: str
    left: float
    right: float
    base: float
    size: float
    hyphen: str = ""


@dataclass(frozen=True, slots=True)
class _Stretch:
    words: str
    first: int  # index of the first letter in the page's text
    last: int
    hyphen: str


def lines_of(page: Any, number: int) -> tuple[list[Line], float]:
    """The lines of one page in reading order, and the share of its characters that cannot be told."""
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_range(errors="surrogatepass")
        lines = [_line(textpage, number, stretch) for stretch in _stretches(text)]
        return lines, _unreadable(textpage, text)
    finally:
        textpage.close()


def _stretches(text: str) -> Iterator[_Stretch]:
    """Every line that is not blank."""
    at = 0
    for match in BREAK.finditer(text + "\n"):
        words = text[at : match.start()]
        inner = words.strip()
        hyphen = "-" if match.group() == HYPHEN else ""
        if inner:
            first = at + len(words) - len(words.lstrip())
            if not hyphen and inner[-1] in "-\u00ad\u2010" and inner[-2:-1].isalpha():
                hyphen, inner = inner[-1], inner[:-1]
            yield _Stretch(inner, first, first + len(inner) - 1, hyphen)
        elif hyphen:
            yield _Stretch("-", at, at, "")
        at = match.end()


def _line(textpage: Any, number: int, stretch: _Stretch) -> Line:
    import pypdfium2.raw as raw

    x, y, right, other = c_double(), c_double(), c_double(), c_double()
    index_of = raw.FPDFText_GetCharIndexFromTextIndex
    begin, end = index_of(textpage.raw, stretch.first), index_of(textpage.raw, stretch.last)
    raw.FPDFText_GetCharOrigin(textpage.raw, begin, byref(x), byref(y))
    raw.FPDFText_GetCharBox(textpage.raw, end, byref(other), byref(right), byref(other), byref(other))
    size = raw.FPDFText_GetFontSize(textpage.raw, begin)
    return Line(number, stretch.words, x.value, right.value, y.value, size, stretch.hyphen)


def _unreadable(textpage: Any, text: str) -> float:
    """The share of letters that stand for no known character: of private use, replaced, or without a Unicode value."""
    inked = len("".join(text.split()))
    strange = len(STRANGE.findall(BULLETS.sub("", text)))
    sampled = _without_unicode(textpage, len(text)) if inked else 0.0
    return max(strange / max(1, inked), sampled)


def _without_unicode(textpage: Any, length: int) -> float:
    """The share of letters for which the font has no Unicode value: of a sample, and of all where the sample has one."""
    import pypdfium2.raw as raw

    step = max(1, length // SAMPLE)
    bad: int = sum(raw.FPDFText_HasUnicodeMapError(textpage.raw, i) == 1 for i in range(0, length, step))
    if not bad or step == 1:
        return bad * step / max(1, length)
    all_bad: int = sum(raw.FPDFText_HasUnicodeMapError(textpage.raw, i) == 1 for i in range(length))
    return all_bad / length

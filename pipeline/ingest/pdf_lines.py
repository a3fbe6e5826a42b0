"""The lines of a PDF's pages with their place on the page, as PDFium gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ctypes import byref, c_double
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.provenance import count_chars

HYPHENS = frozenset("-\u00ad\u2010")
STRANGE = re.compile("[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f\x7f-\x9f\U000f0000-\U0010fffd]")
BULLETS = re.compile("(?m)^[ \t]*[\uf000-\uf0ff](?=\\s)")  # symbol fonts keep their bullets in the private area
SAMPLE = 64  # letters of a page
HYPHEN = "\ufffe"  # PDFium's mark for a hyphen at the end of a line; it leaves out the line break after it


@dataclass(slots=True, eq=False)
class Line:
    """One line of a page, in points from its lower left corner; `hyphen`: what stood at its end and divides a word.

    Two lines are never the same, though they read the same.
    """

    page: int
    words: str
    left: float
    right: float
    base: float
    size: float
    hyphen: str = ""


class _Stretch(NamedTuple):
    words: str
    first: int  # index of the first letter in the page's text
    last: int
    hyphen: str


class _Probe:
    """Asks PDFium where letters stand; `index` translates a place in the page's text to PDFium's own count."""

    def __init__(self, textpage: Any, text: str) -> None:
        import pypdfium2.raw as raw

        self.raw, self.page, self.text = raw, textpage.raw, text
        self.is_direct = textpage.count_chars() == len(
            text
        )  # no letter was left out, put in between or wider than 16 bits
        self.x, self.y, self.right, self.other = c_double(), c_double(), c_double(), c_double()
        self.origin = byref(self.x), byref(self.y)
        self.box = byref(self.other), byref(self.right), byref(self.other), byref(self.other)

    def index(self, at: int) -> int:
        if self.is_direct:
            return at
        units = len(self.text[:at].encode("utf-16-le", "surrogatepass")) // 2
        return int(self.raw.FPDFText_GetCharIndexFromTextIndex(self.page, units))

    def line(self, number: int, stretch: _Stretch) -> Line:
        first = self.index(stretch.first)
        self.raw.FPDFText_GetCharOrigin(self.page, first, *self.origin)
        self.raw.FPDFText_GetCharBox(self.page, self.index(stretch.last), *self.box)
        size = self.raw.FPDFText_GetFontSize(self.page, first)
        return Line(number, stretch.words, self.x.value, self.right.value, self.y.value, size, stretch.hyphen)


def lines_of(page: Any, number: int) -> tuple[list[Line], float]:
    """The lines of one page in reading order, and the share of its characters that cannot be told."""
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_range(errors="surrogatepass")
        probe = _Probe(textpage, text)
        lines = [probe.line(number, stretch) for stretch in _stretches(text)]
        return lines, _unreadable(textpage, text)
    finally:
        textpage.close()


def _stretches(text: str) -> Iterator[_Stretch]:
    """Every line that is not blank; PDFium ends lines by CRLF, or by its mark for a hyphen."""
    at = 0
    for words in text.split("\r\n"):
        if HYPHEN in words:
            yield from _divided(words, at)
        elif words and not words.isspace():
            yield _stretch(words, at)
        at += len(words) + 2


def _divided(words: str, at: int) -> Iterator[_Stretch]:
    """The lines that PDFium joined over a hyphen."""
    *divided, last = words.split(HYPHEN)
    for part in divided:
        yield _stretch(part, at)._replace(hyphen="-") if part.strip() else _Stretch("-", at, at, "")
        at += len(part) + 1
    if last.strip():
        yield _stretch(last, at)


def _stretch(words: str, at: int) -> _Stretch:
    inner = words.strip()
    first = at if words[0] == inner[0] else at + len(words) - len(words.lstrip())
    hyphen = inner[-1] if inner[-1] in HYPHENS and inner[-2:-1].isalpha() else ""
    if hyphen:
        inner = inner[:-1]
    return _Stretch(inner, first, first + len(inner) - 1, hyphen)


def _unreadable(textpage: Any, text: str) -> float:
    """The share of letters that stand for no known character: of private use, replaced, or without a Unicode value."""
    sampled = _without_unicode(textpage, len(text)) if text else 0.0
    if not STRANGE.search(text):
        return sampled
    strange = len(STRANGE.findall(BULLETS.sub("", text)))
    return max(strange / max(1, count_chars(text)), sampled)


def _without_unicode(textpage: Any, length: int) -> float:
    """The share of letters for which the font has no Unicode value: of a sample, and of all where the sample has one."""
    import pypdfium2.raw as raw

    step = max(1, length // SAMPLE)
    bad: int = sum(raw.FPDFText_HasUnicodeMapError(textpage.raw, i) == 1 for i in range(0, length, step))
    if not bad or step == 1:
        return bad * step / max(1, length)
    all_bad: int = sum(raw.FPDFText_HasUnicodeMapError(textpage.raw, i) == 1 for i in range(length))
    return all_bad / length

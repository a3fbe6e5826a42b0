"""Lines of a page that are not its text: running headers and footers, numbers in the margin, lines off the page."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from pipeline.ingest.pdf.lines import Line
from pipeline.vocabulary import Part, Reason

EDGE = 4  # lines at the top and at the bottom of a page that may be its header or footer
LEAST_SHARE = 0.4  # of the pages, for a header or footer; on every other page is enough
SET_APART = 1.25  # times the usual distance of lines
NUMBER = re.compile(r"\d+")
NUMBERED = re.compile(r"[^\w]*\d{1,4}[^\w]*")
LEAST_MARGIN_NUMBERS = 3
LONGEST_NUMBER = 12
LONGEST_FURNITURE = 200


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one page, its size in points, and whether it is the picture of a text, or shows nothing at all."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    is_picture: bool = False
    is_blank: bool = False


SAID = re.compile(r"\**[^\W\d_]{1,3}\d{0,2}:[*]*\s+\S|.*\?\W*$")  # a speaker's initials before words, or a question


@dataclass(frozen=True, slots=True)
class Furniture:
    """A line that is no text, and why."""

    line: Line
    reason: str


def without_furniture(pages: Sequence[Page]) -> tuple[list[Page], list[Furniture]]:
    """The pages with their text alone, and the lines that were taken off."""
    removed: dict[Line, str] = {}
    for page in pages:
        off = {line: "outside the page" for line in page.lines if _is_off(line, page)}
        removed |= dict.fromkeys(_margin_numbers(page, off), Reason.MARGIN_NUMBER) | off
    running = _running(pages, removed)
    if any(line not in removed and line not in running for page in pages for line in page.lines):
        removed |= running
    removed |= _repeated_at_break(pages, removed)
    remaining = [_without(page, removed) for page in pages]
    return remaining, [Furniture(line, removed[line]) for page in pages for line in page.lines if line in removed]


def _without(page: Page, removed: Collection[Line]) -> Page:
    lines = tuple(line for line in page.lines if line not in removed)
    return Page(number=page.number, width=page.width, height=page.height, lines=lines)


def _is_off(line: Line, page: Page) -> bool:
    return line.base < -1 or line.base > page.height + 1 or line.right < -1 or line.left > page.width + 1


def _margin_numbers(page: Page, removed: dict[Line, str]) -> list[Line]:
    """Line or paragraph numbers: several, each a number alone, left or right of all the text."""
    numbers = [line for line in page.lines if len(line.words) < LONGEST_NUMBER and NUMBERED.fullmatch(line.words)]
    if len(numbers) < LEAST_MARGIN_NUMBERS:
        return []
    aside = _aside(numbers, _without(page, removed.keys() | set(numbers)).lines)
    return aside if len(aside) >= LEAST_MARGIN_NUMBERS else []


def _aside(numbers: Sequence[Line], texts: Sequence[Line]) -> list[Line]:
    """The numbers that are left or right of all the text."""
    if not texts:
        return []
    left, right = min(line.left for line in texts), max(line.right for line in texts)
    return [line for line in numbers if line.right < left or line.left > right]


class _Edge(NamedTuple):
    """The top or the bottom of a page: `part` is the header or the footer."""

    page: int
    part: str


def _running(pages: Sequence[Page], removed: dict[Line, str]) -> dict[Line, str]:
    """Lines at the edge of pages that repeat, numbers apart, and are separate from the text or carry a number."""
    edges = {_Edge(page.number, part): edge for page in pages for part, edge in _edges(page, removed).items()}
    seen = _by_pattern(edges)
    least = max(2, LEAST_SHARE * len(pages) if len(pages) < 8 else 3)
    repeated = {line: words for (_, words), lines in seen.items() if len(lines) >= least for line in lines.values()}
    counted = {line for lines in seen.values() if _counts_on(lines) for line in lines.values()}
    result: dict[Line, str] = {}
    for (_, name), edge in edges.items():
        result |= dict.fromkeys(_block(edge, repeated, counted), name)
    return result


def _by_pattern(edges: Mapping[_Edge, Sequence[Line]]) -> dict[tuple[str, str], dict[int, Line]]:
    """By part of the page and words without numbers: the lines by page. `edges` has (page, part) -> lines."""
    lines: dict[tuple[str, str], dict[int, Line]] = defaultdict(dict)
    for (number, part), edge in edges.items():
        for line in edge:
            if len(line.words) <= LONGEST_FURNITURE and not SAID.match(line.words):
                lines[part, _pattern(line.words)][number] = line
    return lines


def _edges(page: Page, removed: Collection[Line]) -> dict[str, list[Line]]:
    """The lines at the top and at the bottom of a page, from the edge inwards."""
    ordered = sorted(_without(page, removed).lines, key=lambda line: -line.base)
    return {str(Part.HEADER): ordered[:EDGE], str(Part.FOOTER): ordered[::-1][:EDGE]}


def _pattern(words: str) -> str:
    return NUMBER.sub("#", " ".join(words.casefold().split()))


def _counts_on(lines: dict[int, Line]) -> bool:
    """Whether the numbers in a repeated line change from page to page."""
    numbers = [tuple(NUMBER.findall(line.words)) for line in lines.values()]
    return len(set(numbers)) > len(lines) / 2 and all(numbers)


def _block(edge: Sequence[Line], repeated: dict[Line, str], counted: set[Line]) -> list[Line]:
    """The lines from the edge inwards that are repeated; only those with a page number where text follows closely."""
    block: list[Line] = []
    for line in edge:
        if line not in repeated:
            break
        block.append(line)
    if not block or len(block) == len(edge) or _stands_off(block[-1], edge[len(block)], edge):
        return block
    return [line for line in block if line in counted]


def _stands_off(line: Line, text: Line, edge: Sequence[Line]) -> bool:
    if abs(line.size - text.size) > 0.1 * text.size:
        return True
    steps = [abs(a.base - b.base) for a, b in pairwise(edge[edge.index(text) :])]
    usual = median(steps) if steps else 1.3 * text.size
    return abs(line.base - text.base) > SET_APART * max(min(usual, 2 * text.size), text.size)


def _repeated_at_break(pages: Sequence[Page], removed: dict[Line, str]) -> dict[Line, str]:
    """The last line of a page that the next page shows again as its first: some programs print a cut line on both."""
    result = {}
    for before, after in pairwise(pages):
        last, first = _text_edge(before.lines, removed, -1), _text_edge(after.lines, removed, 0)
        if last and first and last.words == first.words and len(last.words.split()) > 3:
            result[last] = "line shown again on the next page"
    return result


def _text_edge(lines: Iterable[Line], removed: dict[Line, str], which: int) -> Line | None:
    text = [line for line in lines if line not in removed]
    return text[which] if text else None

"""The layouts of transcripts: how the label of a speaker looks, as data (layouts.toml), and where such labels stand in a line."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pipeline.ingest.transcript.speaker_labels import Label, looks_like_name
from pipeline.ingest.transcript.times import BRACKETED, SP, TIME

LONGEST = 120  # characters in which a label must end
LONGEST_NAME = 60
LONGEST_ABBREVIATION = 5  # of a name that ends with a full stop
BOLD_LABEL = frozenset({"bold name", "bold name and time"})
OF_PRINTED_LINES = frozenset(
    {"name and colon", "name in brackets", "name and time"}
)  # at which a line of a page begins anew
LAYOUTS_FILE = Path(__file__).with_name("layouts.toml")


class Among(StrEnum):
    """What a label that nobody knows may be in a layout."""

    NAMES = "names"
    ANYTHING = "anything"
    CAPITALS = "capitals"
    PAIRS = "pairs"


class Beside(StrEnum):
    """What stands on the line above or below a label."""

    ANYTHING = ""
    TIME_ABOVE = "time above"
    TIME_BELOW = "time below"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to write who speaks: the patterns of the label, and what an unknown label must be to be a speaker's."""

    id: str
    patterns: tuple[re.Pattern[str], ...]
    signs: str
    below: bool
    beside: Beside
    among: Among
    enough: int
    example: str
    turns: tuple[tuple[str, ...], ...]
    is_bare: bool  # the label is nothing but a name


# What a label may hold; hyphens of every kind stand between letters.
INSIDE = r"(?:[\w \t\u00a0\u2002-\u200a\u202f\u3000.,'’‘ʼ`´/()&+#°ºª-]|(?<=\w)[\u2010-\u2013](?=\w))"
NAME = rf"(?P<name>[^\W_]{INSIDE}{{0,70}}?)"
OPEN = r"(?P<open>\*{1,3}|_{1,3}|<(?P<tag>b|strong|em|i|u)>)"
CLOSE = r"(?(tag)</(?P=tag)>|(?P=open))"
PARTS = {
    "name": NAME,
    "code": r"(?P<name>[^\W\d_a-z]{1,3}\d{0,3}|[^\W\d_]{2,20}[ _-]?\d{1,3})",
    "caps": r"(?P<name>[^\W\d_a-z][^\W_a-z]+(?:[ .][^\W_a-z]+){0,3})",
    "letter": r"(?P<name>[^\W\d_a-z]\d{0,3})",
    "time": TIME,
    "bracketed": BRACKETED,
    "bold": OPEN,
    "/bold": CLOSE,
    "dash": r"\.?[-–—]",
    "tab": r"\t+",
    "gap": rf"{SP}+",
    "words": r"(?=\S)",
    "line": r"$",
    ":": r"[:：](?!\d|//)",
}
# In bold and in brackets a name may hold any character but those that close it.
INNER = {"bold": r"(?P<name>[^*\n]{1,80}?)", "[": r"(?P<name>[^\]\[\n:]{1,70}?)", "<": r"(?P<name>[^<>\n:]{1,60}?)"}
TABBED = r"(?P<name>[^\W_][^\t\n:]{0,60}?)"
# A bullet, a mark of a quote, or a number before a label. A bullet wants no space behind it where it can be nothing else.
LEAD = re.compile(
    rf"(?:[-–—*]{SP}+|[-–—•·▪◦●○■►➢➤»>](?!>){SP}*)?(?:(?:\d{{1,4}}(?:[.)\]]|\.-)?|[#(\[]\d{{1,4}}[)\]]?){SP}+)?"
)
TIME_BEGINS = frozenset("[(<{#`0123456789")
TIME_BEFORE = re.compile(rf"{TIME}{SP}*(?:[-–—]{SP}*)?")
# When a message was sent, as programs for chats write it.
SENT = re.compile(
    rf"\[?\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{2,4}},?{SP}+\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:{SP}*[apAP]\.?{SP}?[mM]\.?)?\]?{SP}*[-–—]?{SP}*"
)
BY_AND_TO = re.compile(r"(?:From|De) (?P<who>.+?)(?: (?:to|a|para) .+)?")  # before the colon in a chat
HARD_BREAK = re.compile(rf"{SP}*(?:\\|<br{SP}*/?>)$")  # as pandoc and HTML end a line


@cache
def layouts() -> tuple[Layout, ...]:
    """The table of layouts."""
    return tuple(map(layout_of, tomllib.loads(LAYOUTS_FILE.read_text("utf-8"))["layouts"]))


def layout_of(entry: dict[str, Any]) -> Layout:
    """One entry of the table."""
    labels = entry["label"] if isinstance(entry["label"], list) else [entry["label"]]
    return Layout(
        id=entry["id"],
        patterns=tuple(map(_compiled, labels)),
        signs=entry.get("signs", ""),
        below=entry.get("below", False),
        beside=Beside(entry.get("beside", "")),
        among=Among(entry["among"]),
        enough=entry["enough"],
        example=entry["example"],
        turns=tuple(map(tuple, entry["turns"])),
        is_bare=labels == ["name line"],
    )


def _compiled(label: str) -> re.Pattern[str]:
    """The pattern of a label's parts, white space between them."""
    parts = label.split()
    inner = next((INNER[part] for part in parts if part in INNER), TABBED if "tab" in parts else NAME)
    pattern = ""
    for part in parts:
        name = part if part in PARTS else part.removesuffix("?")
        piece = inner if name == "name" else PARTS.get(name, re.escape(name))
        pattern += (
            f"(?:{piece}{SP}*)?" if part != name else piece if name in ("gap", "words", "line") else f"{piece}{SP}*"
        )
    return re.compile(pattern)


@cache
def _by_id() -> dict[str, Layout]:
    return {layout.id: layout for layout in layouts()}


def layout_named(name: str) -> Layout:
    """The layout with this id."""
    return _by_id()[name]


def find(text: str, start: int, end: int) -> Label | None:
    """The first label that any layout sees at the start of `text[start:end]`."""
    return next(labels_of(text, start, end), None)


def labels_of(text: str, start: int, end: int, *, beside: frozenset[Beside] = frozenset()) -> Iterator[Label]:
    """What each layout takes for a label at the start of `text[start:end]`; of a line of 50 MB only its first characters matter.

    `beside` says what stands on the lines above and below.
    """
    stop = min(end, start + LONGEST)
    lead = SENT.match(text, start, stop) or LEAD.match(text, start, stop)
    behind = lead.end() if lead and lead.end() < stop else start
    begins = [start] if behind == start else [behind, start]
    if text[behind] in TIME_BEGINS and (time := TIME_BEFORE.match(text, behind, stop)) and time.end() < stop:
        begins.insert(0, time.end())
    for begin in begins:
        yield from _labels(text, begin, end, beside=beside, behind_time=begin > behind)


def _labels(text: str, start: int, end: int, *, beside: frozenset[Beside], behind_time: bool) -> Iterator[Label]:
    line_end = end
    if text[end - 1] in "\\>" and (hard_break := HARD_BREAK.search(text, max(start, end - 12), end)):
        line_end = hard_break.start()
    stop = min(line_end, start + LONGEST)
    head = text[start:stop]
    is_short = line_end - start <= LONGEST
    is_bare = is_short and not behind_time and _may_be_bare(head)
    for layout in _candidates(frozenset(_signs().findall(head)), beside, is_short=is_short, is_bare=is_bare):
        if label := _match(layout, text, start, stop, behind_time=behind_time):
            yield Label(label.name, label.layout, end) if label.end >= line_end else label


@cache
def _signs() -> re.Pattern[str]:
    """Any sign of any layout."""
    return re.compile(f"[{re.escape(''.join(sorted({sign for layout in layouts() for sign in layout.signs})))}]")


@lru_cache(maxsize=4096)
def _candidates(
    signs: frozenset[str], beside: frozenset[Beside], *, is_short: bool, is_bare: bool
) -> tuple[Layout, ...]:
    """The layouts that a line with these signs may have: all others cannot fit."""
    return tuple(
        layout
        for layout in layouts()
        if (not layout.beside or layout.beside in beside)
        and (is_bare or not layout.is_bare)
        and (is_short or not layout.below)
        and (not layout.signs or not signs.isdisjoint(layout.signs))
    )


def _may_be_bare(head: str) -> bool:
    return len(head) <= LONGEST_NAME and bool(head) and head[-1] not in ".,;:!?…" and looks_like_name(head)


def _match(layout: Layout, text: str, start: int, stop: int, *, behind_time: bool) -> Label | None:
    for pattern in layout.patterns:
        match = pattern.match(text, start, stop)
        if match and any(c.isalpha() for c in match["name"]) and _fits(layout, match):
            return Label(_name(match, behind_time=behind_time), layout.id, match.end())
    return None


def _fits(layout: Layout, match: re.Match[str]) -> bool:
    if layout.among is Among.NAMES:
        name = match["name"].rstrip()
        return looks_like_name(name) and (name[-1] != "." or len(name) <= LONGEST_ABBREVIATION)
    return layout.among is not Among.CAPITALS or match["name"].isupper()


def _name(match: re.Match[str], *, behind_time: bool) -> str:
    name = " ".join(match["name"].split()).removesuffix(":").strip("*_ ")
    if behind_time and (sent := BY_AND_TO.fullmatch(name)):
        name = sent["who"]
    return name

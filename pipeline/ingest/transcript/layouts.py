"""The layouts of transcripts: how the label of a speaker looks, as data (layouts.toml), and where such labels are in a line."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.ingest.transcript.invented_words import OF_CHAT
from pipeline.ingest.transcript.speaker_labels import Label, looks_like_name
from pipeline.ingest.transcript.times import BRACKETED, CLOCK, SP, TIME

LONGEST = 120  # characters in which a label must end
LONGEST_NAME = 60
LONGEST_ABBREVIATION = 5  # of a name that ends with a full stop
BOLD_LABEL = frozenset({"bold name", "bold name and time"})
OF_PRINTED_LINES = frozenset(
    {"name and colon", "name in brackets", "name and time"}
)  # at which a new line of a page begins
LAYOUTS_FILE = Path(__file__).with_name("layouts.toml")


class Among(StrEnum):
    """What an unknown label may be in a layout."""

    NAMES = "names"
    ANYTHING = "anything"
    CAPITALS = "capitals"
    PAIRS = "pairs"
    CODES = "codes"
    EVERYWHERE = "everywhere"
    SIDES = "sides"


class Beside(StrEnum):
    """What is on the line above or below a label."""

    ANYTHING = ""
    TIME_ABOVE = "time above"
    TIME_BELOW = "time below"


class LabelPattern(NamedTuple):
    """One way to write a label."""

    regex: re.Pattern[str]
    has_figures: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to write who speaks: the patterns of the label, and what an unknown label must be to be a speaker's."""

    id: str
    patterns: tuple[LabelPattern, ...]
    signs: str
    below: bool
    closes_late: bool  # bold or italics that begin before the name may end behind the words
    beside: Beside
    among: Among
    enough: int
    example: str
    turns: tuple[tuple[str, ...], ...]
    is_bare: bool  # the label is nothing but a name

    def patterns_for(self, *, has_figures: bool) -> tuple[re.Pattern[str], ...]:
        """The patterns that a line with or without figures may fit."""
        return tuple(regex for regex, needs_figures in self.patterns if has_figures or not needs_figures)


class Candidate(NamedTuple):
    """A layout that a line may have, with the patterns that may match."""

    layout: Layout
    patterns: tuple[re.Pattern[str], ...]


# What a label may hold.
INSIDE = r"[\w \t\u00a0\u2002-\u200a\u202f\u3000.,'’‘ʼ`´/()&+#°ºª\u2010-\u2013-]"
LONG_HYPHEN = re.compile(
    r"(?<!\w)[\u2010-\u2013]|[\u2010-\u2013](?!\w)"
)  # elsewhere than between letters, it is a dash
NAME = rf"(?P<name>[^\W_]{INSIDE}{{0,70}}?)"
OPEN = r"(?P<open>\*{1,3}|_{1,3}|<(?P<tag>b|strong|em|i|u)>)"
CLOSE = r"(?(tag)</(?P=tag)>|(?P=open))"
QUESTION_WORD = rf"(?i:question|pregunta|pergunta|frage){SP}?\d{{1,3}}"
ANSWER_WORD = rf"(?i:answer|respuesta|resposta|r[ée]ponse|antwort)(?:{SP}?\d{{1,3}})?"
PARTS = {
    "name": NAME,
    "code": r"(?P<name>[^\W\d_a-z]{1,3}\d{0,3}|[^\W\d_]{2,20}[ _-]?(?:\d{1,3}|\?))",
    "initials": r"(?P<name>[^\W\d_a-z]{2,4})",
    "caps": r"(?P<name>[^\W\d_a-z][^\W_a-z]+(?:[ .][^\W_a-z]+){0,3})",
    "short": r"(?P<name>[^\W\d_a-z][^\W\d_]{1,5})",
    "number": r"(?P<name>\d{1,4})",
    "side": r"(?P<name>[12])",
    "small": r"(?P<name>[a-z]{1,6}\d{1,6}[a-z]?)",
    "qa": r"(?P<name>[QPRA])",
    "figures": r"\d{1,3}",
    "mark": r"[A-Z]\d{1,4}",
    "qword": rf"(?=[A-Z])(?P<name>{QUESTION_WORD}|{ANSWER_WORD})(?!\w)",
    "count": rf"(?i:interven(?:ci[óo]n|ção|cao|tion)|turn[oe]?|tour|fala|utterance){SP}?\d{{1,3}}",
    "letter": r"(?P<name>[^\W\d_a-z]\d{0,3})",
    "time": rf"(?=[\d\s\[(<{{#`]){TIME}",  # the first character is looked at first: that costs least
    "bracketed": rf"(?=[\[(<{{#`]){BRACKETED}",
    "clock": rf"{CLOCK}(?!\w)",
    "bold": OPEN,
    "/bold": CLOSE,
    "dash": r"\.?[-–—]",
    "tab": r"\t+",
    "gap": rf"{SP}+",
    "wide": rf"{SP}{{2,}}",
    "words": r"(?=\S)",
    "line": r"$",
    "br": rf"<br{SP}*/?>",
    ":": r"[:：](?!\d|//)",
}
FIGURED = frozenset(
    {"time", "clock", "bracketed", "number", "side", "small", "count", "figures", "mark"}
)  # parts that hold a figure
TAG = (
    r"[/!?]|[^<>\n]*=|(?:p|br|td|th|tr|table|thead|tbody|div|span|font|small|center|details|summary|img|iframe|em|strong|sub|sup"
    r"|h[1-6]|li|ul|ol|hr|code|pre|figure|figcaption|caption|section|body|html|blockquote)\s*/?>"
)  # of a page, not the name of a person
TURN_MARK = r"\[?SPEAKER_TURN\]"  # of whisper.cpp, before or behind a turn
# In bold and in brackets a name may hold any character but those that close it.
INNER = {
    "bold": r"(?P<name>[^*\n]{1,80}?)",
    "[": rf"(?!{TURN_MARK})(?P<name>[^\]\[\n:]{{1,70}}?)",
    "<": rf"(?P<name>(?!{TAG})[^<>\n:]{{1,60}}?)",
}
TABBED = r"(?P<name>[^\W_][^\t\n:]{0,60}?)"
# A bullet, a mark of a quote, a picture, or a number before a label. A bullet that can be nothing else wants no space behind it.
LEAD = re.compile(
    rf"(?:[-–—*]{SP}+|(?:[-–—•·▪◦●○■►➢➤»>](?!>)|[\u2600-\u27bf\U0001f000-\U0001faff]+[\u200d\ufe0f]*){SP}*)?(?:(?:\d{{1,4}}(?:[.)\]]|\.-)?|[#(\[]\d{{1,4}}[)\]]?){SP}+)?"
)
TIME_BEGINS = frozenset("[(<{#`@0123456789")
OF_TRACK = r"\d{1,5}\.\d{3,6}\t\d{1,5}\.\d{3,6}\t"  # seconds from and to, of a label of Audacity
TIME_BEFORE = re.compile(rf"(?:{OF_TRACK}|{BRACKETED}|@?{TIME}){SP}*(?:[-–—]{SP}*)?")
# When a message was sent, as programs for chats write it.
SENT = re.compile(
    rf"\[?\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{2,4}},?{SP}+\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:{SP}*[apAP]\.?{SP}?[mM]\.?)?\]?{SP}*[-–—]?{SP}*"
)
BY_AND_TO = re.compile(r"(?:From|De) (?P<who>.+?)(?: (?:to|a|para) .+)?")  # before the colon in a chat
COLON = re.compile(r":(?!\d)")  # none of a time
LETTER = re.compile(r"[^\W\d_]")
CODE_END = re.compile(r"(?<=\d)\.$")  # of a code with a number: P1.
FIGURE = re.compile(r"[0-9]")
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
        closes_late=entry.get("closes_late", False),
        beside=Beside(entry.get("beside", "")),
        among=Among(entry["among"]),
        enough=entry["enough"],
        example=entry["example"],
        turns=tuple(map(tuple, entry["turns"])),
        is_bare=labels == ["name line"],
    )


def _compiled(label: str) -> LabelPattern:
    """The pattern of a label's parts, white space between them."""
    parts = label.split()
    inner = next((INNER[part] for part in parts if part in INNER), TABBED if "tab" in parts else NAME)
    pattern = ""
    for part in parts:
        name = part if part in PARTS else part.removesuffix("?")
        piece = inner if name == "name" else PARTS.get(name, re.escape(name))
        pattern += (
            f"(?:{piece}{SP}*)?"
            if part != name
            else piece
            if name in ("gap", "wide", "words", "line")
            else f"{piece}{SP}*"
        )
    return LabelPattern(re.compile(pattern), has_figures=not FIGURED.isdisjoint(parts))


@cache
def _by_id() -> dict[str, Layout]:
    return {layout.id: layout for layout in layouts()}


def layout_named(name: str) -> Layout:
    """The layout with this id."""
    return _by_id()[name]


def find(text: str, start: int, end: int) -> Label | None:
    """The first label that any layout sees at the start of `text[start:end]`."""
    return next(iter(labels_of(text, start, end)), None)


def labels_of(text: str, start: int, end: int, *, beside: frozenset[Beside] = frozenset()) -> list[Label]:
    """What each layout takes for a label at the start of `text[start:end]`; only the first characters of a long line matter.

    `beside` says what is on the lines above and below.
    """
    if text[start].isalpha() or text.startswith(("**", "__"), start):  # neither a bullet nor a number nor a time
        return _labels(text, start, end, beside=beside)
    stop = min(end, start + LONGEST)
    if text[start] == "@" and OF_CHAT.match(text, start, stop):
        return []
    lead = SENT.match(text, start, stop) or LEAD.match(text, start, stop)
    behind = lead.end() if lead and lead.end() < stop else start
    labels: list[Label] = []
    if text[behind] in TIME_BEGINS and (time := TIME_BEFORE.match(text, behind, stop)) and time.end() < stop:
        labels += _labels(text, time.end(), end, beside=beside, behind_time=True)
    labels += _labels(text, behind, end, beside=beside)
    if behind > start:
        labels += _labels(text, start, end, beside=beside)
    return labels


def _labels(text: str, start: int, end: int, *, beside: frozenset[Beside], behind_time: bool = False) -> list[Label]:
    line_end = end
    if text[end - 1] in "\\>" and (hard_break := HARD_BREAK.search(text, max(start, end - 12), end)):
        line_end = hard_break.start()
    stop = min(line_end, start + LONGEST)
    head = text[start:stop]
    is_short = line_end - start <= LONGEST
    is_bare = is_short and not behind_time and _may_be_bare(head)
    signs = frozenset(_signs().findall(head))
    has_figures = FIGURE.search(head) is not None
    if has_figures and not COLON.search(head):
        signs -= {":"}
    labels: list[Label] = []
    for layout, patterns in _candidates(signs, beside, is_short, is_bare, has_figures):
        for pattern in patterns:
            match = pattern.match(text, start, stop)
            if match and (name := _name(match["name"], layout.among, behind_time)):
                label_end = match.end()
                labels.append(Label(name, layout.id, label_end if label_end < line_end else end))
                break
    return labels


@cache
def _signs() -> re.Pattern[str]:
    """Any sign of any layout."""
    return re.compile(f"[{re.escape(''.join(sorted({sign for layout in layouts() for sign in layout.signs})))}]")


@lru_cache(maxsize=4096)
def _candidates(
    signs: frozenset[str],
    beside: frozenset[Beside],
    is_short: bool,  # noqa: FBT001 (asked for every line: keywords cost as much as the answer)
    is_bare: bool,  # noqa: FBT001
    has_figures: bool,  # noqa: FBT001
) -> tuple[Candidate, ...]:
    """The layouts that a line with these signs can have, each with the patterns that can match."""
    fitting = [
        layout
        for layout in layouts()
        if (not layout.beside or layout.beside in beside)
        and (is_bare or not layout.is_bare)
        and (is_short or not layout.below)
        and (not layout.signs or not signs.isdisjoint(layout.signs))
    ]
    return tuple(Candidate(layout, layout.patterns_for(has_figures=has_figures)) for layout in fitting)


def _may_be_bare(head: str) -> bool:
    return len(head) <= LONGEST_NAME and bool(head) and head[-1] not in ".,;:!?…" and looks_like_name(head)


@lru_cache(maxsize=8192)
def _name(written: str, among: Among, behind_time: bool) -> str:  # noqa: FBT001 (as above)
    """The name in a label as it is shown, or nothing if it can be no speaker's in such a layout."""
    has_letter = among in (Among.CODES, Among.SIDES) or LETTER.search(written) is not None
    if not has_letter or LONG_HYPHEN.search(written) or not _fits(among, written):
        return ""
    name = CODE_END.sub("", " ".join(written.split()).removesuffix(":").strip("*_ "))
    if behind_time and (sent := BY_AND_TO.fullmatch(name)):
        return sent["who"]
    return name


def _fits(among: Among, written: str) -> bool:
    if among in (Among.NAMES, Among.EVERYWHERE):
        name = written.rstrip()
        return looks_like_name(name) and (name[-1] != "." or len(name) <= LONGEST_ABBREVIATION)
    return among is not Among.CAPITALS or written.isupper()

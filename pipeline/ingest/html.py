"""HTML, also when it is named .xls or .doc: blocks as paragraphs, tables row by row, scripts and hidden text listed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import Any

from lxml import etree
from lxml.etree import iterwalk

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import clean, decode
from pipeline.ingest.office.layout_tables import Row, as_turns
from pipeline.ingest.office.marked_names import with_marked_names
from pipeline.ingest.reading_builder import Piece, ReadingDraft, build_reading
from pipeline.records import Reading
from pipeline.vocabulary import Part, Reason
from pipeline.wording.messages import message

READER = "html 1"
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
BLOCKS = HEADINGS | frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form header hr html legend li main menu nav ol option p pre section select summary table tbody td textarea
    tfoot th thead tr ul""".split()
)
LEFT_OUT = {
    "script": Reason.SCRIPT, "style": Reason.SCRIPT, "template": Reason.SCRIPT, "xml": Reason.SCRIPT,
    "title": Reason.PAGE_TITLE, "nav": Reason.NAVIGATION, "button": Reason.FORM_FIELD, "select": Reason.FORM_FIELD,
    "textarea": Reason.FORM_FIELD, "datalist": Reason.FORM_FIELD, "del": str(Part.DELETED), "noscript": Reason.NO_SCRIPT,
    "iframe": Reason.FRAME, "object": Reason.OBJECT, "svg": Reason.DRAWING, "math": "",
}  # fmt: skip
EDGES = {"header": Part.HEADER, "footer": Part.FOOTER}
STRONG = frozenset("b strong i em".split())
MARKED = STRONG | frozenset("u mark".split())
PLAIN_COLOUR = r"(?:#?0{3}(?:0{3})?\b|black|windowtext|inherit|initial|auto|rgb\(0,0,0\))"
SETS_APART = re.compile(
    rf"(?:^|;)(?:font-weight:(?:bold|[6-9]00)|font-style:(?:italic|oblique)|text-decoration(?:-line)?:[^;]*underline"
    rf"|color:(?!{PLAIN_COLOUR})|background(?:-color)?:(?!none|transparent|white|#fff|inherit|initial))"
)
CELLS = frozenset({"td", "th"})
UNTYPED = frozenset({"hidden", "checkbox", "radio", "submit", "button", "reset", "image", "file", "password"})
PREFORMATTED = frozenset({"pre", "textarea"})
SPACES = re.compile("[ \t\n\r\f]+")
END = re.compile(r"</(?:[bB][oO][dD][yY]|[hH][tT][mM][lL])(?=[\s/>])[^>]*>")
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
FATAL = 3  # libxml2's level of errors after which it reads no further


@dataclass(slots=True)
class _Table:
    number: int
    rows: list[Row] = field(default_factory=list)


class _Page:
    """One page on its way to paragraphs."""

    def __init__(self, draft: ReadingDraft) -> None:
        self.draft = draft
        self.words: list[str] = []
        self.marked: list[bool] = []  # whether each of the words is set apart from the others
        self.part = Part.BODY
        self.level = 0  # of a heading
        self.left_out: list[tuple[Any, str]] = []  # elements that are open and left out, and why
        self.edge: Part | None = None  # inside a footer, or a header that LibreOffice wrote
        self.preformatted = 0
        self.strong = 0  # elements in bold or italics that are open
        self.is_plain = False  # some words of the open paragraph are in none
        self.count_marks = 0  # elements that set words apart and are open
        self.tables: list[_Table] = []
        self.count = self.count_tables = 0

    def start(self, node: Any, tag: str) -> None:
        """An element opens."""
        if tag in BLOCKS:
            self.put_down()
            self._open_block(node, tag)
        elif tag in STRONG:
            self.strong += 1
        elif tag == "br":
            self.words.append("\n")
            self.marked.append(False)
        elif tag == "input":
            self.draft.leave_out(_typed(node), f"¶ {self.count + 1}", Reason.FORM_FIELD)
        self.count_marks += _is_marked(node, tag)
        if (tag in LEFT_OUT or node.attrib) and (reason := _reason(node, tag)):
            self.left_out.append((node, reason))
        if words := node.text:
            self.say(words)

    def end(self, node: Any, tag: str) -> None:
        """An element closes."""
        if tag in BLOCKS:
            self.put_down()
            self._close_block(node, tag)
        self.strong -= tag in STRONG
        self.count_marks -= _is_marked(node, tag)
        if self.left_out and self.left_out[-1][0] is node:
            self.left_out.pop()
        if words := node.tail:
            self.say(words)

    def pass_over(self, node: Any) -> None:
        """A comment or an instruction: not text, but an unclosed one may contain text."""
        self.draft.leave_out(node.text or "", f"¶ {self.count + 1}", Reason.PAGE_COMMENT)
        if words := node.tail:
            self.say(words)

    def say(self, words: str) -> None:
        """Text between two tags."""
        if words == "\n":
            return
        if self.left_out:
            self.draft.leave_out(words, f"¶ {self.count + 1}", self.left_out[0][1])
        else:
            self.words.append(words if self.preformatted else _flat(words))
            self.marked.append(self.count_marks > 0)
            self.is_plain = self.is_plain or not (self.strong or words.isspace())

    def put_down(self) -> None:
        """The paragraph that is open is complete."""
        if not self.words:
            return
        marked = _stretches(self.words, self.marked) if True in self.marked else ()
        words, self.words, self.marked = "".join(self.words), [], []
        is_plain, self.is_plain = self.is_plain, False
        if not words.strip():
            return
        self.count += 1
        if self.tables:
            table = self.tables[-1]
            self._sink().append(Piece(words, f"table {table.number}, row {len(table.rows)}", Part.TABLE))
        else:
            part = self.part if is_plain or self.part is not Part.BODY else Part.STRONG
            self._sink().append(
                Piece(words, f"¶ {self.count}", self.edge or part, level=self.level, marked=marked if is_plain else ())
            )

    def _open_block(self, node: Any, tag: str) -> None:
        if tag == "table":
            self.count_tables += 1
            self.tables.append(_Table(self.count_tables))
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append([])
        elif tag in CELLS and self.tables and self.tables[-1].rows:
            self.tables[-1].rows[-1].append([])
        elif tag == "footer":
            self.edge = Part.FOOTER
        elif tag == "div":
            self.edge = EDGES.get(node.get("title", ""), self.edge)
        elif tag in HEADINGS and not self.tables:
            self.part, self.level = Part.HEADING, int(tag[1])
        self.preformatted += tag in PREFORMATTED

    def _close_block(self, node: Any, tag: str) -> None:
        self.part, self.level = Part.BODY, 0
        if tag == "table" and self.tables:
            table = self.tables.pop()
            self._sink().extend(as_turns(table.rows))
        elif tag == "footer" or (tag == "div" and node.get("title", "") in EDGES):
            self.edge = None
        self.preformatted -= tag in PREFORMATTED

    def _sink(self) -> list[Piece]:
        for table in reversed(self.tables):
            if table.rows and table.rows[-1]:
                return table.rows[-1][-1]
        return self.draft.pieces


def read(data: bytes) -> Reading:
    """The text of an HTML page. UnreadableError if it is nested too deeply to be read to its end."""
    return build_reading(READER, page_draft(data))


def page_draft(data: bytes) -> ReadingDraft:
    """The paragraphs of an HTML page and what was left out of it, each with its place on the page."""
    root, draft = _parsed(data)
    page = _Page(draft)
    for event, node in iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            page.start(node, _tag(node.tag))
        elif event == "end":
            page.end(node, _tag(node.tag))
        else:
            page.pass_over(node)
    page.put_down()
    for node in (*root.itersiblings(preceding=True), *root.itersiblings()):
        page.pass_over(node)
    page.put_down()
    draft.pieces = with_marked_names(draft.pieces)
    return draft


def rows(data: bytes) -> list[list[str]]:
    """The cells of the page's longest table, for surveys saved as HTML (often named .xls)."""
    root, _ = _parsed(data)
    tables = [list(map(_cells, table.iter("tr"))) for table in root.iter("table")]
    return max(tables, key=len, default=[])


def _cells(row: Any) -> list[str]:
    return [_flat(cell.xpath("string()")).strip() for cell in row.iterchildren("td", "th")]


def _parsed(data: bytes) -> tuple[Any, ReadingDraft]:
    file = decode(data)
    draft = ReadingDraft(notes=list(file.notes), status=file.status)
    encoded = _encoded(file.text, draft)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(encoded, parser)
    except etree.XMLSyntaxError:
        root = None
    fatal = [error for error in parser.error_log if error.level >= FATAL]
    if root is None or fatal:
        where = f"line {fatal[0].line}" if fatal else ""
        remedy = message("ingest/open_it_in_a_browser_copy")
        raise UnreadableError(Problem(where, message("ingest/is_html_that_cannot_be_read"), remedy))
    return root, draft


def _encoded(text: str, draft: ReadingDraft) -> bytes:
    """The page as bytes that the parser reads to their end: it would stop at NUL and at halves of characters."""
    try:
        if "\0" not in text:
            return _without_early_end(text).encode()
    except UnicodeEncodeError:
        pass
    text, outside = clean(text)
    draft.left_out += outside
    return _without_early_end(text).encode()


def _without_early_end(text: str) -> str:
    """The page without end tags that are followed by words: the parser would stop there, but browsers do not."""
    end = END.search(text)
    behind = END.sub("", text[end.start() :]) if end else ""
    return text[: end.start()] + behind if end and COMMENT.sub("", behind).strip() else text


@cache
def _tag(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _reason(node: Any, tag: str) -> str:
    attributes = node.attrib
    if tag in LEFT_OUT or not attributes:
        return LEFT_OUT.get(tag, "")
    style = _squeezed(node, "style")
    is_hidden = (
        "hidden" in attributes or "display:none" in style or "visibility:hidden" in style or "mso-hide:all" in style
    )
    return str(Part.HIDDEN) if is_hidden else ""


def _is_marked(node: Any, tag: str) -> bool:
    """Whether an element sets its words apart from those around it."""
    if tag == "font":
        return "color" in node.attrib and SETS_APART.match(f"color:{_squeezed(node, 'color')}") is not None
    return tag in MARKED or (tag == "span" and SETS_APART.search(_squeezed(node, "style")) is not None)


def _squeezed(node: Any, attribute: str) -> str:
    """An attribute without case and white space."""
    return "".join(node.get(attribute, "").split()).casefold()


def _stretches(words: Sequence[str], marked: Sequence[bool]) -> tuple[tuple[int, int], ...]:
    """The stretches of the words, joined, that are marked."""
    ends = list(accumulate(map(len, words)))
    return tuple(
        (end - len(each), end) for each, is_marked, end in zip(words, marked, ends, strict=True) if is_marked and each
    )


def _typed(node: Any) -> str:
    """What a field to write in holds."""
    return node.get("value", "") if node.get("type", "text").lower() not in UNTYPED else ""


def _flat(words: str) -> str:
    """White space as a browser shows it: one space for a run of it; a no-break space stays."""
    return SPACES.sub(" ", words) if "\n" in words or "  " in words or "\t" in words else words

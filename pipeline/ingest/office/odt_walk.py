"""The paragraphs of OpenDocument text: its text is mixed with its elements, so tails count."""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from pipeline.ingest.office.docx_styles import attribute
from pipeline.ingest.office.text_flow import Names, Paragraph, local_name
from pipeline.vocabulary import Part

DELETED, HIDDEN = str(Part.DELETED), str(Part.HIDDEN)
NUMBER = re.compile(r"[0-9]{1,6}")
LEVELS = re.compile(r"[1-9][0-9]?")
NOTE_NUMBER = "number of a footnote"
SCRIPT = "script"
INDEXES = frozenset(
    """table-of-content illustration-index table-index object-index user-index alphabetical-index bibliography""".split()
)
NAMES = Names(
    frozenset({"p", "h"}), "table", "table-row", frozenset({"table-cell", "covered-table-cell"}),
    frozenset({"deletion", "change-info", "annotation", "note", "style", "list-style", "section", *INDEXES}),
)  # fmt: skip
PARTS = {"annotation": Part.COMMENT, "change-info": Part.COMMENT, "note": Part.FOOTNOTE} | dict.fromkeys(
    INDEXES, Part.FRONT
)
# Dates and authors of comments and changes, alternative texts of pictures: about the text, not in it.
ABOUT = frozenset(
    "creator date date-string title desc change-info sender-initials creator-initials event-listeners".split()
)
PARAGRAPHS = NAMES.paragraphs
LEVEL = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}outline-level"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}style-name"


class OdtWalker:
    """Walks paragraphs; `reason` is set while what it passes is to be left out."""

    def __init__(self) -> None:
        self.hiding: set[str] = set()  # names of styles that hide text
        self.strong: set[str] = set()  # names of styles that are bold or in italics
        self.coloured: set[str] = set()  # names of styles that set text apart by a colour or a line below it
        self.numbered: set[str] = set()  # names of styles of lists that are numbered
        self.lists: dict[str, str] = {}  # the style of the list of a paragraph's style
        self.is_strong = self.is_marked = False
        self.titles = {"Title", "Subtitle"}  # styles of titles, and those that build on them
        self.reason = ""
        self.paragraph = Paragraph()
        self.counts = {"footnote": 0, "endnote": 0, "comment": 0}

    def walk(self, node: Any, reason: str = "") -> Paragraph:
        """The Paragraph of a <text:p> or <text:h>; with a reason, all of it is left out."""
        outer, self.paragraph = self.paragraph, Paragraph()
        before, self.reason = self.reason, self.reason or reason or self._hidden(node)
        is_heading = local_name(node) == "h" or node.get(STYLE) in self.titles
        if is_heading:
            self.paragraph.part, self.paragraph.level = Part.HEADING, _level(node)
        around, self.is_strong = self.is_strong, node.get(STYLE) in self.strong
        if self.numbered:
            self.paragraph.listed = self._depth(node)
        self._inline(node)
        self.is_strong = around
        self.reason = before
        self.paragraph.mark_strong()
        result, self.paragraph = self.paragraph, outer
        return result

    def paragraphs(self, node: Any) -> Iterator[Paragraph]:
        """The Paragraphs inside a header or a footer, however deep in tables, lists and sections."""
        for child in node:
            name = local_name(child)
            if name in PARAGRAPHS:
                yield self.walk(child)
            elif name and name not in ABOUT:
                yield from self.paragraphs(child)

    def surroundings(self, node: Any) -> tuple[str, Part | None]:
        """Deletions and hidden sections are left out; a table of contents is front matter."""
        name = local_name(node)
        if name == "style":
            self._learn(node)
        if name == "list-style" and next(node.iterchildren("{*}list-level-style-number"), None) is not None:
            self.numbered.add(attribute(node, "name"))
        if name == "deletion":
            return DELETED, None
        if name == "section" and attribute(node, "display") == "none":
            return HIDDEN, None
        return "", PARTS.get(name)

    def _learn(self, style: Any) -> None:
        if any(attribute(node, "display") == "none" for node in style.iterchildren("{*}text-properties")):
            self.hiding.add(attribute(style, "name"))
        if any(_is_strong(node) for node in style.iterchildren("{*}text-properties")):
            self.strong.add(attribute(style, "name"))
        if any(_is_coloured(node) for node in style.iterchildren("{*}text-properties")):
            self.coloured.add(attribute(style, "name"))
        parent = attribute(style, "parent-style-name")
        if listed := attribute(style, "list-style-name") or self.lists.get(parent, ""):
            self.lists[attribute(style, "name")] = listed
        for declared in (self.titles, self.hiding, self.strong, self.coloured):
            if parent in declared:
                declared.add(attribute(style, "name"))

    def _depth(self, node: Any) -> int:
        """How deep in a numbered list a paragraph is, of which it is the first of an item; 0 elsewhere."""
        lists = [each for each in node.iterancestors() if local_name(each) == "list"]
        is_first = node.getprevious() is None and local_name(node.getparent()) == "list-item"
        style = next((each.get(STYLE) for each in lists if each.get(STYLE)), "") or self.lists.get(
            node.get(STYLE, ""), ""
        )
        return len(lists) if is_first and style in self.numbered else 0

    def _hidden(self, node: Any) -> str:
        return HIDDEN if self.hiding and node.get(STYLE) in self.hiding else ""

    def _inline(self, node: Any) -> None:
        self._say(node.text)
        for child in node:
            name = local_name(child)
            if handle := self.HANDLERS.get(name):
                handle(self, child)
            elif name in PARAGRAPHS:
                self._hang("text box", Part.TEXTBOX, child)
            elif name and name not in ABOUT:
                self._inline(child)
            self._say(child.tail)

    def _say(self, words: str | None) -> None:
        if not words:
            return
        if "\n" in words:
            words = words.replace("\n", " ")
        if self.reason:
            self.paragraph.left_out.append((words, self.reason))
        else:
            self.paragraph.say(words, is_strong=self.is_strong, is_marked=self.is_marked)

    def _within(self, node: Any, reason: str) -> None:
        before, self.reason = self.reason, self.reason or reason
        self._inline(node)
        self.reason = before

    def _span(self, node: Any) -> None:
        around = self.is_strong, self.is_marked
        self.is_strong = self.is_strong or node.get(STYLE) in self.strong
        self.is_marked = self.is_marked or node.get(STYLE) in self.coloured
        self._within(node, self._hidden(node))
        self.is_strong, self.is_marked = around

    def _spaces(self, node: Any) -> None:
        count = attribute(node, "c")
        self.paragraph.words.append(" " * (min(int(count), 1000) if NUMBER.fullmatch(count) else 1))

    def _sign(self, node: Any) -> None:
        self.paragraph.words.append("\t" if local_name(node) == "tab" else "\n")

    def _hidden_text(self, node: Any) -> None:
        self._within(node, "" if attribute(node, "is-hidden") == "false" else HIDDEN)

    def _hidden_paragraph(self, node: Any) -> None:
        """A field that hides its paragraph."""
        if attribute(node, "is-hidden") == "true":
            self.paragraph.left_out += [(words, HIDDEN) for words in self.paragraph.words]
            self.paragraph.words.clear()
            self.reason = self.reason or HIDDEN

    def _script(self, node: Any) -> None:
        self._within(node, SCRIPT)

    def _note(self, node: Any) -> None:
        kind = attribute(node, "note-class")
        kind = kind if kind in self.counts else "footnote"
        self.counts[kind] += 1
        for child in node:
            if local_name(child) == "note-citation":
                self._within(child, NOTE_NUMBER)
            else:
                self._hang_all(f"{kind} {self.counts[kind]}", Part.FOOTNOTE, child)

    def _comment(self, node: Any) -> None:
        self.counts["comment"] += 1
        self._hang_all(f"comment {self.counts['comment']}", Part.COMMENT, node)

    def _hang_all(self, label: str, part: Part, node: Any) -> None:
        """Attach every paragraph inside an element, however deep, to the one that is walked."""
        for child in node:
            name = local_name(child)
            if name in PARAGRAPHS:
                self._hang(label, part, child)
            elif name and name not in ABOUT:
                self._hang_all(label, part, child)

    def _hang(self, label: str, part: Part, node: Any) -> None:
        paragraph = self.walk(node)
        paragraph.part = part
        self.paragraph.hung.append((label, paragraph))

    HANDLERS: ClassVar[dict[str, Callable[["OdtWalker", Any], None]]] = {
        "span": _span,
        "s": _spaces,
        "tab": _sign,
        "line-break": _sign,
        "note": _note,
        "annotation": _comment,
        "hidden-text": _hidden_text,
        "hidden-paragraph": _hidden_paragraph,
        "script": _script,
    }


def _level(node: Any) -> int:
    """The level of a heading, as the file writes it; that of a title is 1."""
    level = node.get(LEVEL, "")
    return int(level) if LEVELS.fullmatch(level) else 1


def _is_coloured(properties: Any) -> bool:
    return attribute(properties, "color") not in ("", "#000000")


def _is_strong(properties: Any) -> bool:
    return attribute(properties, "font-weight") == "bold" or attribute(properties, "font-style") == "italic"

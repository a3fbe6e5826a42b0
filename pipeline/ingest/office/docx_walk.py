"""The paragraphs of WordprocessingML: text, deletions, hidden text, and what is attached to a paragraph."""

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any, ClassVar

from pipeline.ingest.office.docx_styles import (
    ListLevel,
    Styles,
    attribute,
    is_hidden,
    is_marked,
    is_on,
    is_strong,
    level_of,
    list_level_of,
    part_at,
)
from pipeline.ingest.office.text_flow import Names, Paragraph, local_name
from pipeline.vocabulary import Part, Reason

DELETED, HIDDEN = str(Part.DELETED), str(Part.HIDDEN)
SKIPPED = frozenset(
    "rPr sdtPr sdtEndPr tblPr tblGrid tblPrEx tcPr trPr rubyPr fldData proofErr sectPr oMathParaPr ctrlPr".split()
)
SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
NAMES = Names(frozenset({"p"}), "tbl", "tr", frozenset({"tc"}), frozenset({"Choice", "Fallback", "sdtContent"}))
Note = list[Paragraph]


class DocxWalker:
    """Walks paragraphs; `reason` is set while what it passes is to be left out."""

    def __init__(
        self,
        styles: Styles,
        *,
        list_speakers: Mapping[ListLevel, str] | None = None,
        numbered: Set[ListLevel] = frozenset(),
    ) -> None:
        self.styles = styles
        self.list_speakers = list_speakers or {}
        self.numbered = numbered  # lists that Word numbers
        self.reason = ""
        self.is_strong = self.is_strong_style = False  # what is said now, and what the paragraph's style says
        self.is_marked = False  # in a colour
        self.paragraph = Paragraph()
        self.notes: dict[tuple[str, str], Note] = {}  # (footnote, endnote or comment; id) -> what it says
        self.called: list[tuple[str, str]] = []

    def walk(self, node: Any, reason: str = "") -> Paragraph:
        """The Paragraph of a <w:p>; with a reason, all of it is left out."""
        outer, self.paragraph = self.paragraph, Paragraph()
        before, self.reason = self.reason, self.reason or reason
        around = self.is_strong, self.is_strong_style
        self.is_strong = self.is_strong_style = False
        self._inline(node)
        self.is_strong, self.is_strong_style = around
        self.reason = before
        self.paragraph.mark_strong()
        result, self.paragraph = self.paragraph, outer
        return result

    def surroundings(self, node: Any) -> tuple[str, Part | None]:
        """Words of paragraphs repeated for other programs, and of placeholders."""
        if local_name(node) == "sdtContent":
            return _unanswered(node), None
        before = node.getprevious()
        return "" if before is None else Reason.REPEATED, None

    def paragraphs(self, node: Any) -> Iterator[Paragraph]:
        """The Paragraphs inside a note, a header or a text box, tables included."""
        for child in node:
            name = local_name(child)
            if name == "p":
                yield self.walk(child)
            elif name == "AlternateContent":
                for choice, reason in _alternatives(child):
                    before, self.reason = self.reason, self.reason or reason
                    yield from self.paragraphs(choice)
                    self.reason = before
            elif name == "sdtContent":
                before, self.reason = self.reason, self.reason or _unanswered(child)
                yield from self.paragraphs(child)
                self.reason = before
            elif name not in SKIPPED:
                yield from self.paragraphs(child)

    def uncalled(self) -> Iterator[tuple[str, Note]]:
        """(kind, what it says) of notes and comments that nothing refers to."""
        for (kind, key), note in self.notes.items():
            if (kind, key) not in self.called:
                yield kind, note

    def _inline(self, node: Any) -> None:
        for child in node:
            name = local_name(child)
            if name in ("t", "delText"):
                words = "".join(child.itertext()) if len(child) else child.text or ""
                self._say(words, "" if name == "t" else DELETED)
            elif handle := self.HANDLERS.get(name):
                handle(self, child)
            elif name in SIGNS:
                self._say(SIGNS[name], "")
            elif name and name not in SKIPPED:
                self._inline(child)

    def _say(self, words: str, reason: str) -> None:
        reason = self.reason or reason
        if reason:
            self.paragraph.left_out.append((words, reason))
        else:
            self.paragraph.say(words, is_strong=self.is_strong, is_marked=self.is_marked)

    def _within(self, node: Any, reason: str) -> None:
        """Continue the walk with everything left out for a reason."""
        before, self.reason = self.reason, self.reason or reason
        self._inline(node)
        self.reason = before

    def _run(self, node: Any) -> None:
        properties = node.find("{*}rPr")
        self.is_strong, self.is_marked = self.is_strong_style, False
        if properties is None or not len(properties):
            self._inline(node)
            return
        self.is_strong, self.is_marked = self._emphasises(properties), is_marked(properties)
        if self._is_hidden(properties):
            self._within(node, HIDDEN)
        else:
            self._inline(node)

    def _emphasises(self, properties: Any) -> bool:
        """Whether a run is bold or in italics: by itself, by its style, or by that of its paragraph."""
        strong = is_strong(properties)
        if strong is not None:
            return strong
        style = properties.find("{*}rStyle")
        return self.is_strong_style or (style is not None and self.styles.emphasises(attribute(style, "val")))

    def _is_hidden(self, properties: Any) -> bool:
        style = properties.find("{*}rStyle")
        if properties.find("{*}vanish") is not None or style is None:  # goes before what the style says
            return is_hidden(properties)
        return self.styles.hides(attribute(style, "val"))

    def _properties(self, node: Any) -> None:
        """What the paragraph is, by its style or outline level."""
        style = node.find("{*}pStyle")
        if style is not None:
            style_id = attribute(style, "val")
            self.paragraph.part, self.paragraph.level = self.styles.part_of(style_id)
            self.is_strong = self.is_strong_style = self.styles.emphasises(style_id)
            if self.styles.hides(style_id):
                self.reason = self.reason or HIDDEN
        if self.numbered or self.list_speakers:
            self._listed(node, "" if style is None else attribute(style, "val"))
        level = level_of(node)
        if level is not None:
            self.paragraph.part, self.paragraph.level = part_at(level), level
        self.paragraph.is_joined = node.find("{*}rPr/{*}del") is not None

    def _listed(self, node: Any, style_id: str) -> None:
        """Whom the sign of the paragraph's list names, and how deep in a numbered list it is."""
        sign = node.find("{*}numPr")
        listed = list_level_of(sign) if sign is not None else self.styles.list_level_of(style_id)
        if listed is None:
            return
        if listed in self.numbered:
            self.paragraph.listed = 1 + int(listed.level) if listed.level.isdecimal() else 1
        if sign is not None:
            self.paragraph.speaker = self.list_speakers.get(listed, "")

    def _deleted(self, node: Any) -> None:
        self._within(node, DELETED)

    def _field(self, node: Any) -> None:
        self._say(node.text or "", Reason.FIELD_CODE)

    def _symbol(self, _: Any) -> None:
        self._say("?", self.reason or Reason.SYMBOL)  # what it shows depends on its font; it counts as one character

    def _call(self, node: Any) -> None:
        """Attach a footnote, endnote or comment to the place where it is first called."""
        call = (local_name(node).removesuffix("Reference"), attribute(node, "id"))
        if call not in self.notes or call in self.called or (self.reason and call[0] != "comment"):
            return
        self.called.append(call)
        number = sum(kind == call[0] for kind, _ in self.called)
        part = Part.COMMENT if call[0] == "comment" else Part.FOOTNOTE
        self._hang(f"{call[0]} {number}", part, self.notes[call])

    def _hang(self, label: str, part: Part, paragraphs: Note) -> None:
        for paragraph in paragraphs:
            paragraph.part = part
            self.paragraph.hung.append((label, paragraph))

    def _content(self, node: Any) -> None:
        self._within(node, _unanswered(node))

    def _choice(self, node: Any) -> None:
        """The chosen entry of a drop-down list in an old form: the file has its number here, and the words elsewhere."""
        entries = [attribute(entry, "val") for entry in node.iterchildren("{*}listEntry")]
        chosen = node.find("{*}result")
        number = attribute(chosen, "val") if chosen is not None else "0"
        self._say(entries[int(number)] if number.isdecimal() and int(number) < len(entries) else "", "")

    def _tick(self, node: Any) -> None:
        """A box to tick of an old form."""
        states = [state for name in ("checked", "default") if (state := node.find(f"{{*}}{name}")) is not None]
        self._say("☒" if states and is_on(states[0]) else "☐", "")

    def _drawn(self, node: Any) -> None:
        """Words that are drawn as a picture."""
        words = [(node.get("string", ""), self.reason)]
        drawn = Paragraph(left_out=words) if self.reason else Paragraph([node.get("string", "")])
        self._hang("drawing", Part.TEXTBOX, [drawn])

    def _either(self, node: Any) -> None:
        for choice, reason in _alternatives(node):
            self._within(choice, reason)

    def _box(self, node: Any) -> None:
        self._hang("text box", Part.TEXTBOX, list(self.paragraphs(node)))

    HANDLERS: ClassVar[dict[str, Callable[["DocxWalker", Any], None]]] = {
        "r": _run,
        "pPr": _properties,
        "del": _deleted,
        "moveFrom": _deleted,
        "instrText": _field,
        "delInstrText": _field,
        "sym": _symbol,
        "footnoteReference": _call,
        "endnoteReference": _call,
        "commentReference": _call,
        "AlternateContent": _either,
        "txbxContent": _box,
        "sdtContent": _content,
        "ddList": _choice,
        "checkBox": _tick,
        "textpath": _drawn,
    }


def _unanswered(content: Any) -> str:
    """The reason to leave out the content of a field: it is still the placeholder that asks for an answer."""
    properties = content.getprevious()
    while properties is not None and local_name(properties) != "sdtPr":
        properties = properties.getprevious()
    asks = properties.find("{*}showingPlcHdr") if properties is not None else None
    return Reason.PLACEHOLDER if asks is not None and is_on(asks) else ""


def _alternatives(node: Any) -> Iterator[tuple[Any, str]]:
    """A drawing that is there twice, for new and for older programs: the first with text counts, the other is left out."""
    choices = [child for child in node if local_name(child) in ("Choice", "Fallback")]
    chosen = next((child for child in choices if _has_text(child)), None)
    for child in choices:
        yield child, "" if child is chosen else Reason.REPEATED


def _has_text(node: Any) -> bool:
    return any(text.text for text in node.iter("{*}t"))

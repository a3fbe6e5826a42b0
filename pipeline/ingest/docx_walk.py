"""The paragraphs of WordprocessingML: what is text, what was deleted or hidden, what hangs on a paragraph."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pipeline.ingest.docx_styles import Styles, attribute, is_hidden, local_name, outline_of
from pipeline.records import Part

DELETED = str(Part.DELETED)
HIDDEN = str(Part.HIDDEN)
FIELD = "field code"
SYMBOL = "character of a symbol font"
REPEATED = "repeated for older versions of Word"
SKIPPED = frozenset(
    "rPr sdtPr sdtEndPr tblPr tblGrid tblPrEx tcPr trPr rubyPr fldData proofErr sectPr oMathParaPr ctrlPr".split()
)
SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


@dataclass(slots=True)
class Paragraph:
    """One paragraph: its words, what is left out of them, the notes it calls, the text boxes anchored in it."""

    words: list[str] = field(default_factory=list)
    part: Part = Part.BODY
    left_out: list[tuple[str, str]] = field(default_factory=list)  # (words, reason)
    calls: list[tuple[str, str]] = field(default_factory=list)  # (footnote, endnote or comment; id)
    boxes: list["Paragraph"] = field(default_factory=list)
    is_joined: bool = False  # its end was deleted in tracked changes: the next paragraph goes on in it

    @property
    def text(self) -> str:
        """The words in one piece."""
        return "".join(self.words)

    def followed_by(self, other: "Paragraph") -> "Paragraph":
        """This paragraph with the next one in it."""
        parts = ("words", "left_out", "calls", "boxes")
        mine = {part: [*getattr(self, part), *getattr(other, part)] for part in parts}
        return Paragraph(part=self.part, is_joined=other.is_joined, **mine)


class Walker:
    """Walks paragraphs; `reason` is set while what it passes is to be left out."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.reason = ""
        self.paragraph = Paragraph()

    def walk(self, node: Any, *, is_repeated: bool = False) -> Paragraph:
        """The Paragraph of a <w:p>; `is_repeated`: it stands in the file a second time, for older programs."""
        outer, self.paragraph = self.paragraph, Paragraph()
        reason, self.reason = self.reason, self.reason or (REPEATED if is_repeated else "")
        self._inline(node)
        self.reason = reason
        result, self.paragraph = self.paragraph, outer
        return result

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
            elif name not in SKIPPED:
                yield from self.paragraphs(child)

    def _inline(self, node: Any) -> None:
        for child in node:
            name = local_name(child)
            if name == "t" or name == "delText":
                self._say(child.text or "", "" if name == "t" else DELETED)
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
            self.paragraph.words.append(words)

    def _within(self, node: Any, reason: str) -> None:
        """Walk on with everything left out for a reason."""
        before, self.reason = self.reason, self.reason or reason
        self._inline(node)
        self.reason = before

    def _run(self, node: Any) -> None:
        properties = node.find("{*}rPr")
        if properties is not None and len(properties) and self._is_hidden(properties):
            self._within(node, HIDDEN)
        else:
            self._inline(node)

    def _is_hidden(self, properties: Any) -> bool:
        style = properties.find("{*}rStyle")
        return is_hidden(properties) or (style is not None and self.styles.hides(attribute(style, "val")))

    def _properties(self, node: Any) -> None:
        """What the paragraph is, by its style or outline level."""
        style = node.find("{*}pStyle")
        if style is not None:
            style_id = attribute(style, "val")
            self.paragraph.part = self.styles.part_of(style_id)
            if self.styles.hides(style_id):
                self.reason = self.reason or HIDDEN
        if outline_of(node):
            self.paragraph.part = Part.HEADING
        self.paragraph.is_joined = node.find("{*}rPr/{*}del") is not None

    def _deleted(self, node: Any) -> None:
        self._within(node, DELETED)

    def _field(self, node: Any) -> None:
        self._say(node.text or "", FIELD)

    def _symbol(self, node: Any) -> None:
        code = attribute(node, "char")
        self._say(chr(int(code, 16)) if code else "?", SYMBOL)

    def _call(self, node: Any) -> None:
        kind = local_name(node).removesuffix("Reference")
        if not self.reason or kind == "comment":
            self.paragraph.calls.append((kind, attribute(node, "id")))

    def _either(self, node: Any) -> None:
        for choice, reason in _alternatives(node):
            self._within(choice, reason)

    def _box(self, node: Any) -> None:
        for box in self.paragraphs(node):
            self.paragraph.left_out += box.left_out
            self.paragraph.calls += box.calls
            inner, box.left_out, box.boxes, box.calls = box.boxes, [], [], []
            self.paragraph.boxes += [box, *inner]

    HANDLERS: ClassVar[dict[str, Callable[["Walker", Any], None]]] = {
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
    }


def _alternatives(node: Any) -> Iterator[tuple[Any, str]]:
    """A drawing that is there twice, for new and for older programs: the first with text counts, the other is left out."""
    choices = [child for child in node if local_name(child) in ("Choice", "Fallback")]
    chosen = next((child for child in choices if any(text.text for text in child.iter("{*}t"))), None)
    for child in choices:
        yield child, "" if child is chosen else REPEATED

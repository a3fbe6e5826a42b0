"""What the styles of a Word file say: which are headings, which lists of contents, which hide their text."""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.ingest.office.text_flow import local_name
from pipeline.vocabulary import Part

HEADING = re.compile(r"heading (?:([1-9])|.+)")
PLAIN_COLOURS = frozenset({"", "auto", "000000"})
LEVELS = {**{str(number): number + 1 for number in range(9)}, "9": 0}  # as the file writes them


class ListLevel(NamedTuple):
    """A list of a document and the level in it."""

    number: str
    level: str


@dataclass(slots=True)
class Style:
    """One style: its name, the style it builds on, its level in the outline, whether it hides text."""

    name: str = ""
    based_on: str = ""
    level: int | None = None  # of the outline: 0 is that of body text
    hidden: bool = False
    strong: bool | None = None  # in bold or italics; None: as the style it builds on
    list_level: ListLevel | None = None


@dataclass(frozen=True, slots=True)
class Styles:
    """All styles of a file by id."""

    by_id: dict[str, Style]

    def part_of(self, style_id: str) -> tuple[Part, int]:
        """What a paragraph of this style is, and, of a heading, its level."""
        for style in self._chain(style_id):
            name = style.name.casefold()
            if name.startswith("toc ") or name == "table of figures":
                return Part.FRONT, 0
            if style.level is not None:
                return part_at(style.level), style.level
            if heading := HEADING.fullmatch(name):
                return Part.HEADING, int(heading[1] or 1)
            if name in ("title", "subtitle"):
                return Part.HEADING, 1
        return Part.BODY, 0

    def hides(self, style_id: str) -> bool:
        """Whether text in this style is hidden."""
        return any(style.hidden for style in self._chain(style_id))

    def emphasises(self, style_id: str) -> bool:
        """Whether text in this style is bold or in italics."""
        return next((style.strong for style in self._chain(style_id) if style.strong is not None), False)

    def list_level_of(self, style_id: str) -> ListLevel | None:
        """The list in which paragraphs of this style are."""
        return next((style.list_level for style in self._chain(style_id) if style.list_level), None)

    def _chain(self, style_id: str) -> list[Style]:
        chain: list[Style] = []
        while (style := self.by_id.get(style_id)) and style not in chain:
            chain.append(style)
            style_id = style.based_on
        return chain


def styles_of(root: Any) -> Styles:
    """The styles of word/styles.xml."""
    by_id: dict[str, Style] = {}
    for node in root.iterchildren("{*}style"):
        style = by_id[attribute(node, "styleId")] = Style()
        for child in node:
            match local_name(child):
                case "name":
                    style.name = attribute(child, "val")
                case "basedOn":
                    style.based_on = attribute(child, "val")
                case "pPr":
                    style.level = level_of(child)
                    sign = child.find("{*}numPr")
                    style.list_level = list_level_of(sign) if sign is not None else None
                case "rPr":
                    style.hidden = is_hidden(child)
                    style.strong = is_strong(child)
    return Styles(by_id)


def list_level_of(sign: Any) -> ListLevel:
    """The list and level that a paragraph's <w:numPr> names."""
    number, level = sign.find("{*}numId"), sign.find("{*}ilvl")
    return ListLevel(
        "" if number is None else attribute(number, "val"), "0" if level is None else attribute(level, "val") or "0"
    )


def is_marked(properties: Any) -> bool:
    """Whether run properties set their text apart by a colour or a line below it."""
    colour, line = properties.find("{*}color"), properties.find("{*}u")
    is_coloured = colour is not None and attribute(colour, "val").casefold() not in PLAIN_COLOURS
    is_underlined = line is not None and attribute(line, "val") != "none"
    return is_coloured or is_underlined or properties.find("{*}highlight") is not None


def level_of(properties: Any) -> int | None:
    """The level that paragraph properties give, from 1 for the highest heading; 0 says body text, None nothing."""
    values = [attribute(level, "val") for level in properties.iterchildren("{*}outlineLvl")]
    listed = [value for value in values if value in LEVELS]
    return LEVELS[listed[-1]] if listed else None


def part_at(level: int) -> Part:
    """What a paragraph at a level of the outline is."""
    return Part.HEADING if level else Part.BODY


def is_hidden(properties: Any) -> bool:
    """Whether run properties hide their text."""
    return any(is_on(child) for child in properties.iterchildren("{*}vanish"))


def is_strong(properties: Any) -> bool | None:
    """Whether run properties make their text bold or italic; None if they do not say."""
    switches = [child for name in ("b", "i") if (child := properties.find(f"{{*}}{name}")) is not None]
    return any(map(is_on, switches)) if switches else None


def is_on(node: Any) -> bool:
    """Whether a switch such as <w:vanish/> is on."""
    return attribute(node, "val") not in ("0", "false", "off")


def attribute(node: Any, name: str) -> str:
    """An attribute by its name without namespace, or nothing."""
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")

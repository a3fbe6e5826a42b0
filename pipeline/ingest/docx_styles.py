"""What the styles of a Word file say: which are headings, which lists of contents, which hide their text."""

from dataclasses import dataclass
from typing import Any

from pipeline.ingest.story import local_name
from pipeline.records import Part


@dataclass(slots=True)
class Style:
    """One style: its name, the style it builds on, its outline level, whether it hides text."""

    name: str = ""
    based_on: str = ""
    outline: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Styles:
    """All styles of a file by id."""

    by_id: dict[str, Style]

    def part_of(self, style_id: str) -> Part:
        """What a paragraph of this style is."""
        for style in self._chain(style_id):
            name = style.name.casefold()
            if name.startswith("toc ") or name == "table of figures":
                return Part.FRONT
            if style.outline or name.startswith("heading ") or name in ("title", "subtitle"):
                return Part.HEADING
        return Part.BODY

    def hides(self, style_id: str) -> bool:
        """Whether text in this style is hidden."""
        return any(style.hidden for style in self._chain(style_id))

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
                    style.outline = outline_of(child)
                case "rPr":
                    style.hidden = is_hidden(child)
    return Styles(by_id)


def outline_of(properties: Any) -> bool:
    """Whether paragraph properties give an outline level: 0 to 8 are headings, 9 is body text."""
    return any(attribute(level, "val") in set("012345678") for level in properties.iterchildren("{*}outlineLvl"))


def is_hidden(properties: Any) -> bool:
    """Whether run properties hide their text."""
    return any(is_on(child) for child in properties.iterchildren("{*}vanish"))


def is_on(node: Any) -> bool:
    """Whether a switch such as <w:vanish/> is on."""
    return attribute(node, "val") not in ("0", "false", "off")


def attribute(node: Any, name: str) -> str:
    """An attribute by its name without namespace, or nothing."""
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")

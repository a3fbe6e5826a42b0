"""Words in a workbook outside its cells: comments and text boxes. They are counted and listed, never taken as answers."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree

from pipeline.ingest.characters import count_visible
from pipeline.ingest.guard import Archive
from pipeline.records import Exclusion

COMMENTS = re.compile(r"xl/(?:threadedComments/\w+|comments\d*|comments/\w+)\.xml")
DRAWINGS = re.compile(r"xl/drawings/drawing\d*\.xml")


def comments(archive: Archive) -> Iterator[Exclusion]:
    """Each comment with its cell, and the words of each drawing."""
    for name in sorted(archive.parts):
        if COMMENTS.fullmatch(name):
            for comment in _elements(archive, name, ("comment", "threadedComment")):
                yield Exclusion(
                    -1, -1, f"cell {comment.get('ref', '?')} ({_short(name)})", "a comment on a cell", _chars(comment)
                )
        elif DRAWINGS.fullmatch(name):
            words = sum(_chars(element) for element in _elements(archive, name, ("t",)))
            if words:
                yield Exclusion(-1, -1, _short(name), "text in a drawing", words)


def _elements(archive: Archive, name: str, tags: tuple[str, ...]) -> Iterator[Element]:
    try:
        root = ElementTree.fromstring(archive.xml(name))
    except ParseError:
        return
    yield from (element for element in root.iter() if element.tag.rpartition("}")[2] in tags)


def _chars(element: Element) -> int:
    return sum(map(count_visible, element.itertext()))


def _short(name: str) -> str:
    return name.rpartition("/")[2]

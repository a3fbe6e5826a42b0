"""The official schema, applied to parts: what it refuses is taken out, the rest stays."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

from lxml import etree

SCHEMA = Path(__file__).with_name("Project-mrt2019.xsd")
ATTRIBUTE = re.compile(r"attribute '(?:\{.*?\})?(\w+)'")
MOST_ROUNDS = (
    20  # taking out one part may leave another without what it needs: codings without a code, lists without items
)


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def without_faults(root: etree._Element) -> Counter[str]:
    """Take out of a project what the schema refuses; returns the names of these elements. All of it if nothing else helps."""
    taken: Counter[str] = Counter()
    for _ in range(MOST_ROUNDS):
        if _schema().validate(root):
            return taken
        places = dict.fromkeys((entry.path, _attribute(entry.message)) for entry in _schema().error_log)
        refused = [(node, name) for path, name in places for node in root.xpath(path)]
        for node, name in refused:
            if name and name in node.attrib:
                del node.attrib[name]
            elif node is not root and node.getparent() is not None:
                taken[etree.QName(node).localname] += 1
                node.getparent().remove(node)
    root[:] = []
    return taken


def _attribute(fault: str) -> str:
    """The attribute that a fault is about; "" if it is about an element."""
    match = ATTRIBUTE.search(fault)
    return match.group(1) if match else ""

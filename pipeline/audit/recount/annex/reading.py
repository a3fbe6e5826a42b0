"""report.docx as paragraphs and tables, read without the code that writes it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

ANNEX = "outputs/report.docx"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SIGNS = {f"{WORD}br": "\n", f"{WORD}tab": "\t", f"{WORD}noBreakHyphen": "-"}  # that stand for a character
TABLE = "table_"  # begins the bookmark in the caption of a table
Element = Any


@dataclass(slots=True)
class ReadTable:
    """A table: what a screen reader says of it, its headings and its rows."""

    description: str
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class ReadAnnex:
    """The annex: its paragraphs in order, its tables by name, what is at the head and foot of pages, properties, pictures."""

    paragraphs: list[str] = field(default_factory=list)
    tables: dict[str, ReadTable] = field(default_factory=dict)
    edges: list[str] = field(default_factory=list)
    properties: list[str] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)


def read_annex(root: Path) -> ReadAnnex:
    """The annex of a study. OSError, BadZipFile or XMLSyntaxError if it cannot be read."""
    annex = ReadAnnex()
    with zipfile.ZipFile(root / ANNEX) as archive:
        body = _xml(archive, "word/document.xml")[0]
        for name in ("word/header1.xml", "word/footer1.xml"):
            annex.edges.append("".join(map(_text, _xml(archive, name).iter(f"{WORD}p"))))
        annex.pictures = [archive.read(each) for each in archive.namelist() if each.startswith("word/media/")]
        annex.properties = [text for each in _xml(archive, "docProps/core.xml") if (text := each.text)]
    name = ""
    for element in body:
        if element.tag == f"{WORD}p":
            name = _table_named(element) or name
            text = _text(element).removesuffix("\t")  # before the number of a page, which only a word processor knows
            annex.paragraphs += [text] if text else []
        elif element.tag == f"{WORD}tbl":
            annex.tables[name] = _table(element)
    return annex


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    return etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, no_network=True))


def _table_named(paragraph: Element) -> str:
    """The name of the table whose caption a paragraph is, or ''."""
    names = (mark.get(f"{WORD}name", "") for mark in paragraph.iter(f"{WORD}bookmarkStart"))
    return next((name.removeprefix(TABLE) for name in names if name.startswith(TABLE)), "")


def _table(element: Element) -> ReadTable:
    rows = [list(map(_cell, row.iterchildren(f"{WORD}tc"))) for row in element.iterchildren(f"{WORD}tr")]
    descriptions = (each.get(f"{WORD}val", "") for each in element.iter(f"{WORD}tblDescription"))
    return ReadTable(next(descriptions, ""), rows[0] if rows else [], rows[1:])


def _cell(cell: Element) -> str:
    return "\n".join(_text(paragraph) for paragraph in cell.iterchildren(f"{WORD}p"))


def _text(paragraph: Element) -> str:
    return "".join(_pieces(paragraph))


def _pieces(paragraph: Element) -> Iterator[str]:
    for element in paragraph.iter(f"{WORD}t", *SIGNS):
        yield SIGNS.get(element.tag, element.text or "")

"""The parts of an Office file: which is the document, which its notes, headers and comments, and what lies outside it."""

import posixpath
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lxml import etree

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.guard import SAVE_ANEW, Archive
from pipeline.wording.messages import message, separated

FETCHED = {
    "attachedTemplate": "ingest/fetched_template",
    "image": "ingest/fetched_picture",
    "oleObject": "ingest/fetched_object",
    "package": "ingest/fetched_object",
    "frame": "ingest/fetched_frame",
    "subDocument": "ingest/fetched_document",
    "aFChunk": "ingest/fetched_document",
    "video": "ingest/fetched_film",
    "audio": "ingest/fetched_sound",
}
HELD_INSIDE = {
    "oleObject": "ingest/held_objects",
    "package": "ingest/held_objects",
    "chart": "ingest/held_charts",
    "aFChunk": "ingest/held_files",
}


@dataclass(slots=True)
class Package:
    """An Office file by its relations: kind -> names of parts, for the document; and what it would fetch from elsewhere."""

    archive: Archive
    main: str
    parts: dict[str, list[str]]
    notes: list[str] = field(default_factory=list)

    def tree(self, name: str) -> Any:
        """The XML of a part."""
        return parsed(self.archive.xml(name), name)

    def first(self, kind: str) -> Any:
        """The XML of the first part of a kind, or None."""
        names = self.parts.get(kind, ())
        return self.tree(names[0]) if names else None


def open_package(archive: Archive) -> Package:
    """The package, or UnreadableError if it has no document or holds macros."""
    parts, _ = relations_of(archive, "")
    main = next(iter(parts.get("officeDocument", ())), "word/document.xml")
    if main not in archive.parts:
        raise UnreadableError(Problem("", message("ingest/is_an_office_file_without"), message(SAVE_ANEW)))
    parts, fetched = relations_of(archive, main)
    if "vbaProject" in parts or any(name.casefold().endswith("vbaproject.bin") for name in archive.parts):
        raise UnreadableError(
            Problem("", message("ingest/contains_macros_docm_which_are_never"), message("ingest/save_it_as_docx"))
        )
    unread = {HELD_INSIDE[kind] for kind in parts if kind in HELD_INSIDE}
    notes: list[str] = [message("ingest/in_it_are_not_read", what=what) for what in sorted(map(message, unread))]
    if fetched:
        notes.append(
            message("ingest/it_points_to_things_elsewhere", fetched=separated(", ", sorted(map(message, fetched))))
        )
    return Package(archive, main, parts, notes)


def relations_of(archive: Archive, source: str) -> tuple[dict[str, list[str]], set[str]]:
    """Kind -> parts that a part is related to, and the kinds of things elsewhere that opening it would fetch."""
    folder, name = posixpath.split(source)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    parts: dict[str, list[str]] = defaultdict(list)
    fetched: set[str] = set()
    if relations not in archive.parts:
        return parts, fetched
    names = {name.casefold(): name for name in archive.parts}
    for node in parsed(archive.xml(relations), relations):
        kind = node.get("Type", "").rpartition("/")[2]
        target = posixpath.normpath(posixpath.join("/", folder, unquote(node.get("Target", "")))).lstrip("/")
        if node.get("TargetMode") == "External":
            fetched |= {FETCHED[kind]} if kind in FETCHED else set()
        elif target.casefold() in names:  # as Word finds them
            parts[kind].append(names[target.casefold()])
    settings = posixpath.join(folder, "settings.xml")
    if source and settings in archive.parts and source != settings:
        fetched |= relations_of(archive, settings)[1]
    return parts, fetched


def parsed(data: bytes, name: str) -> Any:
    """The root of an XML part. UnreadableError with the line where it breaks."""
    try:
        return etree.fromstring(data, parser())
    except etree.XMLSyntaxError as error:
        raise broken(name, error) from None


def parser() -> Any:
    """A parser that fetches nothing, expands nothing and refuses what is too large or too deep."""
    return etree.XMLParser(**SAFELY)


SAFELY: dict[str, bool] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def broken(name: str, error: Any) -> UnreadableError:
    """What to say of XML that cannot be parsed; the parser's own message could hold words of the text."""
    where = f"part {name}, line {getattr(error, 'lineno', 0) or 0}"
    return UnreadableError(Problem(where, message("ingest/is_not_well_formed_xml"), message(SAVE_ANEW)))

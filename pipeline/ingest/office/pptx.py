"""Presentations: the text of every slide in order, titles as headings, tables row by row, then its notes and comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.guard import SAVE_ANEW, Archive, open_archive
from pipeline.ingest.office.package import open_package, parsed, relations_of
from pipeline.ingest.office.text_flow import local_name
from pipeline.ingest.reading_builder import Piece, ReadingDraft, build_reading
from pipeline.records import Reading
from pipeline.vocabulary import Part, Reason
from pipeline.wording.messages import message

READER = "pptx 1"
TITLES = frozenset({"title", "ctrTitle"})
EDGES = {"hdr": Part.HEADER, "dt": Part.FOOTER, "ftr": Part.FOOTER, "sldNum": Part.FOOTER}
SIGNS = {"br": "\n", "tab": "\t"}
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read(data: bytes) -> Reading:
    """The text of a .pptx. UnreadableError if it holds macros, or the archive or its XML cannot be trusted."""
    archive = open_archive(data)
    package = open_package(archive)
    draft = ReadingDraft(notes=[*archive.notes, *package.notes])
    for number, slide in enumerate(_slides(archive, package.main), 1):
        _read_slide(archive, slide, f"slide {number}", draft)
    return build_reading(READER, draft)


def _slides(archive: Archive, main: str) -> Iterator[str]:
    """The parts of the slides in the order in which they are shown."""
    related = dict(_parts_by_id(archive, main))
    for node in parsed(archive.xml(main), main).iter("{*}sldId"):
        if node.get(RELATION) in related:
            yield related[node.get(RELATION)]
        else:
            raise UnreadableError(Problem("", message("ingest/lists_a_slide"), message(SAVE_ANEW)))


def _parts_by_id(archive: Archive, main: str) -> Iterator[Any]:
    """(id, part) of every slide that the presentation refers to."""
    folder, _, name = main.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    slides = {part.casefold(): part for part in relations_of(archive, main)[0].get("slide", ())}
    for node in parsed(archive.xml(relations), relations):
        target = node.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
        if part.casefold() in slides:
            yield node.get("Id"), slides[part.casefold()]


def _read_slide(archive: Archive, name: str, where: str, draft: ReadingDraft) -> None:
    related, _ = relations_of(archive, name)
    for piece in _pieces(parsed(archive.xml(name), name), where, draft):
        draft.pieces.append(piece)
    for drawing in related.get("diagramData", ()):
        draft.pieces += _pieces(parsed(archive.xml(drawing), drawing), f"{where}, drawing", draft)
    for notes in related.get("notesSlide", ()):
        draft.pieces += _pieces(parsed(archive.xml(notes), notes), f"{where}, notes", draft)
    for comments in related.get("comments", ()):
        for node in parsed(archive.xml(comments), comments).iter("{*}text", "{*}t"):
            draft.later.append(Piece(node.text or "", where, Part.COMMENT))


def _pieces(root: Any, where: str, draft: ReadingDraft) -> Iterator[Piece]:
    """The paragraphs of a slide; what is repeated for older programs is left out."""
    for fallback in list(root.iter("{*}Fallback")):
        draft.leave_out("".join(node.text or "" for node in fallback.iter("{*}t")), where, Reason.REPEATED)
        fallback.getparent().remove(fallback)
    for node in root.iter("{*}p"):
        if (words := _words(node)).strip():
            kind = _placeholder(node)
            part = Part.HEADING if kind in TITLES else EDGES.get(kind, _part(node))
            yield Piece(words, where, part, level=1 if kind in TITLES else 0)


def _words(paragraph: Any) -> str:
    names = ((node, local_name(node)) for node in paragraph.iter())
    return "".join(SIGNS.get(name, node.text or "") for node, name in names if name == "t" or name in SIGNS)


def _placeholder(node: Any) -> str:
    """What the shape of a paragraph is there for: a title, a page number, ...; '' for text."""
    for above in node.iterancestors("{*}sp"):
        for each in above.iter("{*}ph"):
            return str(each.get("type", ""))
    return ""


def _part(node: Any) -> Part:
    return Part.TABLE if next(node.iterancestors("{*}tc"), None) is not None else Part.BODY

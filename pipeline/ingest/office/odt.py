"""OpenDocument text: the body in order, notes where they are called; then comments, headers and footers; deletions listed."""

import re
from typing import Any

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.guard import SAVE_ANEW, Archive, open_archive
from pipeline.ingest.office.docx_styles import attribute
from pipeline.ingest.office.marked_names import with_marked_names
from pipeline.ingest.office.odt_walk import NAMES, OdtWalker
from pipeline.ingest.office.package import parsed
from pipeline.ingest.office.text_flow import Flow, local_name, put_down
from pipeline.ingest.reading_builder import Piece, ReadingDraft, build_reading
from pipeline.records import Reading
from pipeline.vocabulary import Part
from pipeline.wording.messages import message

READER = "odt 1"
CONTENT, STYLES, MANIFEST = "content.xml", "styles.xml", "META-INF/manifest.xml"
INNER = re.compile(r"[^/]+/content\.xml|Object [^/]+")
ELSEWHERE = re.compile(
    rb"<(?:draw:image|draw:object|draw:plugin|text:section-source)\b[^>]*?:href=[\"'](?:\w+:|/|\.\./)"
)
EDGES = {"header": Part.HEADER, "footer": Part.FOOTER}


def read(data: bytes) -> Reading:
    """The text of an .odt. UnreadableError if it is encrypted, or the archive or its XML cannot be trusted."""
    archive = open_archive(data)
    if MANIFEST in archive.parts and b"encryption-data" in archive.read(MANIFEST):
        what, remedy = message("ingest/is_encrypted_with_a_password"), message("ingest/open_it_remove_the_password")
        raise UnreadableError(Problem("", what, remedy))
    if CONTENT not in archive.parts:
        raise UnreadableError(Problem("", message("ingest/has_no", content=CONTENT), message(SAVE_ANEW)))
    draft, walker = ReadingDraft(notes=list(archive.notes)), OdtWalker()
    root = parsed(archive.xml(STYLES), STYLES) if STYLES in archive.parts else None
    if root is not None:
        for style in root.iter("{*}style", "{*}list-style"):
            walker.surroundings(style)
    content = archive.xml(CONTENT)
    Flow(NAMES, walker, draft).read(content, CONTENT)
    if b"current-value" in content:
        _form(parsed(content, CONTENT), draft)
    if root is not None:
        _edges(walker, root, draft)
    _note_extras(archive, content, draft)
    draft.pieces = with_marked_names(draft.pieces)
    return build_reading(READER, draft)


def _edges(walker: OdtWalker, root: Any, draft: ReadingDraft) -> None:
    """Headers and footers of the page styles; equal ones once."""
    seen: set[tuple[Part, str]] = set()
    for node in root.iterfind(".//{*}master-page/*"):
        name = local_name(node).partition("-")[0]
        if name not in EDGES:
            continue
        paragraphs = list(walker.paragraphs(node))
        words = "\n".join(paragraph.all_words() for paragraph in paragraphs)
        if (EDGES[name], words) in seen:
            continue
        seen.add((EDGES[name], words))
        for paragraph in paragraphs:
            paragraph.become(EDGES[name])
            draft.pieces += put_down(paragraph, name, draft)


def _form(root: Any, draft: ReadingDraft) -> None:
    """What was typed into the fields of a form."""
    for node in root.iter("{*}text", "{*}textarea", "{*}combobox", "{*}formatted-text", "{*}number", "{*}date"):
        if words := attribute(node, "current-value"):
            draft.pieces.append(Piece(words, "form field"))


def _note_extras(archive: Archive, content: bytes, draft: ReadingDraft) -> None:
    """Name what is not read: macros, objects, and content kept in other files."""
    if any(INNER.fullmatch(name) for name in archive.parts):
        draft.notes.append(message("ingest/embedded_objects"))
    if ELSEWHERE.search(content):
        draft.notes.append(message("ingest/it_points_to_things_elsewhere_which_were_not_fetched"))
    if any(name.startswith(("Basic/", "Scripts/")) and name.endswith((".xml", ".py", ".js")) for name in archive.parts):
        draft.notes.append(message("ingest/holds_macros_which_were_neither_read"))

"""OpenDocument text: the body in order, notes where they are called; then comments, headers and footers; deletions listed."""

from typing import Any

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.assembly import Findings, assembled
from pipeline.ingest.guard import SAVE_ANEW, Archive, open_archive
from pipeline.ingest.odt_walk import NAMES, OdtWalker
from pipeline.ingest.package import parsed
from pipeline.ingest.story import Flow, local_name, put_down
from pipeline.records import Reading
from pipeline.words import Part

READER = "odt 1"
CONTENT, STYLES, MANIFEST = "content.xml", "styles.xml", "META-INF/manifest.xml"
EDGES = {"header": Part.HEADER, "footer": Part.FOOTER}


def read(data: bytes) -> Reading:
    """The text of an .odt. UnreadableError where it is encrypted, or the archive or its XML cannot be trusted."""
    archive = open_archive(data)
    if MANIFEST in archive.parts and b"encryption-data" in archive.read(MANIFEST):
        what, remedy = "is encrypted with a password", "open it, take the password off, and save it anew"
        raise UnreadableError(Problem("", what, remedy))
    if CONTENT not in archive.parts:
        raise UnreadableError(Problem("", f"has no {CONTENT}", SAVE_ANEW))
    found, walker = Findings(notes=list(archive.notes)), OdtWalker()
    root = parsed(archive.xml(STYLES), STYLES) if STYLES in archive.parts else None
    if root is not None:
        for style in root.iter("{*}style"):
            walker.surroundings(style)
    Flow(NAMES, walker, found).read(archive.xml(CONTENT), CONTENT)
    if root is not None:
        _edges(walker, root, found)
    _note_macros(archive, found)
    return assembled(READER, found)


def _edges(walker: OdtWalker, root: Any, found: Findings) -> None:
    """Headers and footers of the page styles; equal ones once."""
    seen: set[tuple[Part, str]] = set()
    for node in root.iterfind(".//{*}master-page/*"):
        name = local_name(node).partition("-")[0]
        if name not in EDGES:
            continue
        paragraphs = [walker.walk(child) for child in node.iter("{*}p", "{*}h") if child.getparent() is node]
        words = "\n".join(paragraph.all_words() for paragraph in paragraphs)
        if (EDGES[name], words) in seen:
            continue
        seen.add((EDGES[name], words))
        for paragraph in paragraphs:
            paragraph.part = EDGES[name]
            found.pieces += put_down(paragraph, name, found)


def _note_macros(archive: Archive, found: Findings) -> None:
    if any(name.startswith(("Basic/", "Scripts/")) and name.endswith((".xml", ".py", ".js")) for name in archive.parts):
        found.notes.append("holds macros, which were neither read nor run")

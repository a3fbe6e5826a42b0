"""Word: the body in order, notes where they are called; then comments, drawings, headers and footers; deletions listed."""

from typing import Any

from pipeline.ingest.guard import open_archive
from pipeline.ingest.office.docx_styles import Styles, attribute, styles_of
from pipeline.ingest.office.docx_walk import NAMES, DocxWalker
from pipeline.ingest.office.list_labels import numbered_levels, speakers_of_lists
from pipeline.ingest.office.marked_names import with_marked_names
from pipeline.ingest.office.package import Package, open_package
from pipeline.ingest.office.text_flow import Flow, put_down
from pipeline.ingest.reading_builder import ReadingDraft, build_reading
from pipeline.records import Reading
from pipeline.vocabulary import Part, ReadStatus

READER = "docx 1"
NOTES = ("footnote", "endnote", "comment")
STORIES = (
    ("diagramData", "drawing", Part.TEXTBOX),
    ("header", "header", Part.HEADER),
    ("footer", "footer", Part.FOOTER),
)


def read(data: bytes) -> Reading:
    """The text of a .docx. UnreadableError if the archive or its XML cannot be trusted, or if it holds macros."""
    package = open_package(open_archive(data))
    draft = ReadingDraft(notes=[*package.archive.notes, *package.notes])
    if "aFChunk" in package.parts:
        draft.status = ReadStatus.PARTIAL
    walker = _walker(package)
    Flow(NAMES, walker, draft).read(package.archive.xml(package.main), package.main)
    for kind, label, part in STORIES:
        for number, name in enumerate(dict.fromkeys(package.parts.get(kind, ())), 1):
            _add(walker, package.tree(name), f"{label} {number}", part, draft)
    for kind, note in walker.uncalled():
        for paragraph in note:
            draft.leave_out(paragraph.all_words(), f"{kind}s", f"{kind} that nothing refers to")
    draft.pieces = with_marked_names(draft.pieces)
    return build_reading(READER, draft)


def _walker(package: Package) -> DocxWalker:
    styles = package.first("styles")
    numbering = package.first("numbering")
    walker = DocxWalker(
        Styles({}) if styles is None else styles_of(styles),
        list_speakers={} if numbering is None else speakers_of_lists(numbering),
        numbered=frozenset() if numbering is None else numbered_levels(numbering),
    )
    for kind in NOTES:
        for name in dict.fromkeys(package.parts.get(f"{kind}s", ())):
            for node in package.tree(name):
                walker.notes.setdefault((kind, attribute(node, "id")), []).extend(walker.paragraphs(node))
    return walker


def _add(walker: DocxWalker, root: Any, place: str, part: Part, draft: ReadingDraft) -> None:
    for paragraph in walker.paragraphs(root):
        paragraph.become(part)
        draft.pieces += put_down(paragraph, place, draft)

"""Word: the body in order, notes where they are called; then comments, drawings, headers and footers; deletions listed."""

from collections.abc import Iterator
from typing import Any

from pipeline.ingest.assembly import Findings, Piece, assembled
from pipeline.ingest.docx_body import Body
from pipeline.ingest.docx_styles import Styles, attribute, styles_of
from pipeline.ingest.docx_walk import Paragraph, Walker
from pipeline.ingest.guard import open_archive
from pipeline.ingest.package import Package, open_package
from pipeline.records import Part, Reading

READER = "docx 1"
KINDS = ("footnote", "endnote", "comment")
Note = list[Paragraph]


def read(data: bytes) -> Reading:
    """The text of a .docx. UnreadableError where the archive or its XML cannot be trusted, or where it holds macros."""
    return assembled(READER, _Document(open_package(open_archive(data))).findings())


class _Document:
    """One Word file on its way to pieces of text."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.found = Findings(notes=[*package.archive.notes, *package.notes])
        root = package.first("styles")
        self.walker = Walker(styles_of(root) if root is not None else Styles({}))
        self.notes = {(kind, key): note for kind in KINDS for key, note in self._notes_of(kind)}
        self.called: dict[tuple[str, str], str] = {}

    def findings(self) -> Findings:
        """All that the file holds, in order."""
        main = self.package.main
        self.found.pieces = Body(self.walker, self._take).read(self.package.archive.xml(main), main)
        self._comments()
        for kind, part in (("diagramData", Part.TEXTBOX), ("header", Part.HEADER), ("footer", Part.FOOTER)):
            for number, name in enumerate(dict.fromkeys(self.package.parts.get(kind, ())), 1):
                label = "drawing" if part is Part.TEXTBOX else kind
                self._story(self.package.tree(name), f"{label} {number}", part)
        self._uncalled()
        return self.found

    def _notes_of(self, kind: str) -> Iterator[tuple[str, Note]]:
        root = self.package.first(f"{kind}s")
        for node in root if root is not None else ():
            yield attribute(node, "id"), list(self.walker.paragraphs(node))

    def _take(self, paragraph: Paragraph, place: str) -> Iterator[Piece]:
        """A paragraph's own piece, then its text boxes and the notes that it calls."""
        for words, reason in paragraph.left_out:
            self.found.leave_out(words, place, reason)
        yield Piece(paragraph.text, place, paragraph.part)
        for box in paragraph.boxes:
            yield Piece(box.text, f"{place}, text box", Part.TEXTBOX)
        for call in paragraph.calls:
            yield from self._called_note(call, place)

    def _called_note(self, call: tuple[str, str], place: str) -> Iterator[Piece]:
        kind, _ = call
        note = self.notes.get(call)
        if note is None or call in self.called:
            return
        self.called[call] = place
        if kind != "comment":
            number = sum(known == kind for known, _ in self.called)
            yield from self._note_pieces(note, f"{place}, {kind} {number}", Part.FOOTNOTE)

    def _note_pieces(self, note: Note, place: str, part: Part) -> Iterator[Piece]:
        for paragraph in note:
            paragraph.part = part
            yield from self._take(paragraph, place)

    def _comments(self) -> None:
        comments = [(key, note) for (kind, key), note in self.notes.items() if kind == "comment"]
        for number, (key, note) in enumerate(comments, 1):
            place = self.called.setdefault(("comment", key), "")
            self.found.pieces += self._note_pieces(note, f"comment {number}{place and f' ({place})'}", Part.COMMENT)

    def _story(self, root: Any, place: str, part: Part) -> None:
        self.found.pieces += self._note_pieces(list(self.walker.paragraphs(root)), place, part)

    def _uncalled(self) -> None:
        """Notes that nothing refers to any more: their words are still in the file."""
        for (kind, key), note in self.notes.items():
            if (kind, key) not in self.called:
                for paragraph in note:
                    self.found.leave_out(_all_words(paragraph), f"{kind}s", f"{kind} that nothing refers to")


def _all_words(paragraph: Paragraph) -> str:
    return " ".join([paragraph.text, *(words for words, _ in paragraph.left_out), *map(_all_words, paragraph.boxes)])

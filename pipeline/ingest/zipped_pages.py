"""Web pages in an archive: the chapters of an .epub in reading order, and a document that Google Docs exported as HTML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.formats import WEB_PAGE
from pipeline.ingest.guard import SAVE_ANEW, Archive, open_archive
from pipeline.ingest.html import page_draft
from pipeline.ingest.office.package import parsed
from pipeline.ingest.reading_builder import ReadingDraft, build_reading
from pipeline.records import Reading
from pipeline.wording.messages import message

BOOK_READER, PAGE_READER = "epub 1", "zipped html 1"
CONTAINER = "META-INF/container.xml"
RIGHTS = "META-INF/encryption.xml"
DECLARATION = re.compile(rb"\s*<\?xml[^>]*\?>")
PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp)$", re.IGNORECASE)


def read_book(data: bytes) -> Reading:
    """The text of an .epub, chapter by chapter. UnreadableError if it is protected, or has no list of its chapters."""
    archive = open_archive(data)
    if RIGHTS in archive.parts and b"EncryptedData" in archive.read(RIGHTS) and not _has_chapters(archive):
        what, remedy = message("ingest/is_protected_against_copying"), message("ingest/ask_the_publisher_for_a_file")
        raise UnreadableError(Problem("", what, remedy))
    draft = ReadingDraft(notes=list(archive.notes))
    for number, name in enumerate(_chapters(archive, draft), 1):
        draft.take(page_draft(DECLARATION.sub(b"", archive.read(name), count=1)), f"chapter {number}")
    return build_reading(BOOK_READER, draft)


def read_web_page(data: bytes) -> Reading:
    """The text of the one page in an archive."""
    archive = open_archive(data)
    (name,) = (name for name in archive.parts if WEB_PAGE.fullmatch(name))
    draft = page_draft(archive.read(name))
    pictures = sum(bool(PICTURE.search(part)) for part in archive.parts)
    draft.notes += [
        *archive.notes,
        *([message("ingest/pictures_in_it_are_not_read", pictures=pictures)] if pictures else []),
    ]
    return build_reading(PAGE_READER, draft)


def _has_chapters(archive: Archive) -> bool:
    """Whether a chapter can be read as it is: some books encrypt their fonts alone."""
    pages = [name for name in archive.parts if name.endswith((".xhtml", ".html", ".htm"))]
    return any(archive.read(name).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") for name in pages)


def _chapters(archive: Archive, draft: ReadingDraft) -> Iterator[str]:
    """The pages of a book: those in reading order, then others that its list of parts names."""
    package = _package(archive)
    folder = posixpath.dirname(package)
    root = parsed(archive.xml(package), package)
    pages = {}
    for item in root.iter("{*}item"):
        if item.get("media-type") in ("application/xhtml+xml", "text/html"):
            name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
            pages[item.get("id", "")] = name
    in_order = [pages.pop(each.get("idref", ""), "") for each in root.iter("{*}itemref")]
    for name in (*filter(None, in_order), *sorted(pages.values())):
        if name in archive.parts:
            yield name
        else:
            draft.notes.append(message("ingest/a_chapter_that_its_list_names"))


def _package(archive: Archive) -> str:
    """The part that lists all others."""
    if CONTAINER in archive.parts:
        for node in parsed(archive.xml(CONTAINER), CONTAINER).iter("{*}rootfile"):
            if node.get("full-path", "") in archive.parts:
                return str(node.get("full-path"))
    raise UnreadableError(Problem("", message("ingest/is_a_book_without_a_list"), message(SAVE_ANEW)))

"""PDF: paragraphs with their page; headers, footers and hyphens at line ends taken off and listed; scans named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import pypdfium2
import pypdfium2.raw as raw

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.pdf.annotations import annotations_of
from pipeline.ingest.pdf.guard import check_streams, is_cut
from pipeline.ingest.pdf.headers_footers import Page, without_furniture
from pipeline.ingest.pdf.lines import lines_of
from pipeline.ingest.pdf.paragraphs import Paragraph, Words, joined, paragraphs
from pipeline.ingest.reading_builder import Piece, ReadingDraft, build_reading
from pipeline.records import Reading
from pipeline.vocabulary import Part, ReadStatus, Reason
from pipeline.wording.messages import and_more, message

READER = "pdf 1"
UNREADABLE_SHARE = 0.01
FEW_LETTERS = 100  # on a page: a stamp or a page number, should a picture fill the rest
LARGE_PICTURE = 0.5  # of the page
SYMBOL_BULLET = re.compile("^[\uf000-\uf0ff](?=\\s)")
PAGE = re.compile(rb"/Type\s*/Page\b")
OCR = "ingest/run_it_through_text_recognition_ocr"


def read(data: bytes) -> Reading:
    """The text of a PDF. UnreadableError if it is encrypted, broken, a scan, or in unreadable letters."""
    damaged = check_streams(data)
    document = _opened(data)
    try:
        draft = ReadingDraft()
        _note_extras(document, data, draft)
        if document.get_formtype():
            document.init_forms()
        pages = [page for index in range(len(document)) if (page := _page(document, index, draft))]
        _note_missing(len(document), pages, draft)
    finally:
        document.close()
    if damaged and b"/Encrypt" not in data:
        _note_damage(damaged, pages, draft)
    _check_text_layer(pages, draft)
    _fill(pages, draft)
    return build_reading(READER, draft)


def _opened(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).casefold():
            problem = Problem(
                "", message("ingest/is_encrypted_with_a_password"), message("ingest/open_it_remove_the_password")
            )
        else:
            problem = Problem(
                "", message("ingest/is_not_a_complete_pdf_truncated"), message("ingest/open_it_in_its_program")
            )
        raise UnreadableError(problem) from None


def _note_extras(document: Any, data: bytes, draft: ReadingDraft) -> None:
    """Add notes on what the file holds besides its pages, and on what it lacks."""
    if is_cut(data):
        draft.notes.append(message("ingest/the_file_is_cut_its_end"))
        draft.status = ReadStatus.PARTIAL
    more = len(PAGE.findall(data)) - len(document)
    if more > 0 and data.count(b"startxref") == 1:  # later versions of a file may well leave old pages in it
        draft.notes.append(message("ingest/holds_unlisted_pages", more=more))
    scripts = raw.FPDFDoc_GetJavaScriptActionCount(document.raw)
    if scripts > 0 or b"/JavaScript" in data:
        draft.notes.append(message("ingest/holds_javascript_which_was_not_run", value=max(1, scripts)))
    if files := raw.FPDFDoc_GetAttachmentCount(document.raw):
        draft.notes.append(message("ingest/holds_attached_files", files=files))
    if document.get_formtype() in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND):
        draft.notes.append(message("ingest/is_an_xfa_form"))
        draft.status = ReadStatus.PARTIAL
    if raw.FPDF_GetSecurityHandlerRevision(document.raw) > 0:
        draft.notes.append(message("ingest/is_protected_by_an_owners_password"))


def _page(document: Any, index: int, draft: ReadingDraft) -> Page | None:
    """A page, or None if it cannot be loaded; PDFium is asked itself, since its wrapping costs as much as our own work."""
    page, form = raw.FPDF_LoadPage(document.raw, index), document.formenv
    if not page:
        return None
    if form:
        raw.FORM_OnAfterLoadPage(page, form.raw)
    try:
        width, height = raw.FPDF_GetPageWidthF(page), raw.FPDF_GetPageHeightF(page)
        lines, unreadable = lines_of(page, index + 1)
        is_picture = sum(len(line.words) for line in lines) < FEW_LETTERS and _shows_picture(document[index])
        is_blank = not lines and raw.FPDFPage_CountObjects(page) == 0
        draft.later += annotations_of(page, form, index + 1)
    finally:
        if form:
            raw.FORM_OnBeforeClosePage(page, form.raw)
        raw.FPDF_ClosePage(page)
    if unreadable > UNREADABLE_SHARE:
        what = message("ingest/of_the_characters_cannot_be_identified", unreadable=unreadable)
        raise UnreadableError(Problem(f"p. {index + 1}", what, message("ingest/print_it_to_pdf", ocr=message(OCR))))
    return Page(index + 1, width, height, tuple(lines), is_picture, is_blank)


def _note_missing(count: int, pages: Sequence[Page], draft: ReadingDraft) -> None:
    """Name the pages that cannot be loaded."""
    if missing := set(range(1, count + 1)) - {page.number for page in pages}:
        draft.notes.append(message("ingest/p_cannot_be_loaded_the_file", value=ranges(missing)))
        draft.status = ReadStatus.PARTIAL


def _note_damage(damaged: Sequence[str], pages: Sequence[Page], draft: ReadingDraft) -> None:
    """Name what is damaged in the file, and the pages that show nothing, perhaps because of it."""
    draft.notes.append(message("ingest/cannot_be_unpacked_to_the_end", what=and_more(damaged)))
    if blank := [page.number for page in pages if page.is_blank]:
        draft.notes.append(message("ingest/nothing_is_shown_on", pages=ranges(blank)))
        draft.status = ReadStatus.PARTIAL


def _shows_picture(page: Any) -> bool:
    """Whether a page without words shows anything, or one with a stamp on it a picture over most of it."""
    area = page.get_width() * page.get_height()
    is_empty = page.get_textpage().count_chars() == 0
    for item in page.get_objects(max_depth=3):
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            if (right - left) * (top - bottom) > LARGE_PICTURE * area:
                return True
        if is_empty and item.type != raw.FPDF_PAGEOBJ_TEXT:
            return True
    return False


def _check_text_layer(pages: Sequence[Page], draft: ReadingDraft) -> None:
    """Pages that are pictures are named; a file of nothing else is refused."""
    scanned = [page.number for page in pages if page.is_picture]
    if scanned and all(page.is_picture or not page.lines for page in pages):
        raise UnreadableError(Problem(f"p. {ranges(scanned)}", message("ingest/no_text_layer_the_pages"), message(OCR)))
    if scanned:
        draft.notes.append(message("ingest/p_no_text_layer", value=ranges(scanned), value_2=message(OCR)))
        draft.status = ReadStatus.PARTIAL


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as `1-3, 7`."""
    runs = []
    for _, group in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        runs.append(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}")
    return ", ".join(runs)


def _fill(pages: list[Page], draft: ReadingDraft) -> None:
    texts, furniture = without_furniture(pages)
    for item in furniture:
        draft.leave_out(item.line.words + item.line.hyphen, f"p. {item.line.page}", item.reason)
    words = Words([line for page in texts for line in page.lines])
    hyphens: Counter[int] = Counter()
    for paragraph in paragraphs(texts):
        draft.pieces += _pieces(paragraph, words, hyphens)
    for number, times in sorted(hyphens.items()):
        draft.leave_out("-" * times, f"p. {number}", Reason.HYPHEN)


def _pieces(paragraph: Paragraph, words: Words, hyphens: Counter[int]) -> Iterator[Piece]:
    """A paragraph; if a column beside it says who speaks, the label and the words."""
    piece, label = _piece(paragraph, words, hyphens), paragraph.label
    if label:
        yield piece._replace(words=label, part=Part.LABEL, marked=((0, len(label)),))
        piece = piece._replace(words=piece.words.removeprefix(label).lstrip(), part=Part.BODY, speaker=label)
    yield piece


def _piece(paragraph: Paragraph, words: Words, hyphens: Counter[int]) -> Piece:
    text, removed = joined(paragraph.lines, words)
    for line in removed:
        hyphens[line.page] += 1
    if not text.isprintable() or "  " in text:
        text = SYMBOL_BULLET.sub("•", " ".join(text.split()).replace("\u00ad", "-"))
    return Piece(text, paragraph.place, paragraph.part, level=paragraph.level)

"""What people put onto a PDF's pages: comments, typed notes, and the entries of its forms."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2.raw as raw

from pipeline.ingest.reading_builder import Piece
from pipeline.vocabulary import Part

FREE_TEXT, POPUP, LINK, WIDGET = 3, 16, 2, 20  # kinds of annotations, as PDFium numbers them
LIST = 5
TEXT_FIELDS = frozenset({4, 6})  # to choose from and to write in
BOXES = frozenset({2, 3})  # to tick


def annotations_of(page: Any, form: Any, number: int) -> Iterator[Piece]:
    """The words of the annotations of a page of PDFium: typed notes and form entries as text, remarks as comments."""
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            yield from _piece(annotation, form, f"p. {number}")
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _piece(annotation: Any, form: Any, place: str) -> Iterator[Piece]:
    kind = raw.FPDFAnnot_GetSubtype(annotation)
    if kind == WIDGET:
        field = raw.FPDFAnnot_GetFormFieldType(form.raw, annotation) if form else 0
        if field == LIST:
            for words in _chosen(annotation, form):
                yield Piece(words, f"{place}, form field", Part.BODY)
        elif field in TEXT_FIELDS:
            words = _string(lambda *room: raw.FPDFAnnot_GetFormFieldValue(form.raw, annotation, *room))
            yield Piece(words, f"{place}, form field", Part.BODY)
        elif field in BOXES and raw.FPDFAnnot_IsChecked(form.raw, annotation):
            words = _string(lambda *room: raw.FPDFAnnot_GetFormFieldExportValue(form.raw, annotation, *room))
            yield Piece(words, f"{place}, box that is ticked", Part.BODY)
    elif kind not in (POPUP, LINK):
        words = _string(lambda *room: raw.FPDFAnnot_GetStringValue(annotation, b"Contents", *room))
        is_typed = kind == FREE_TEXT
        yield Piece(
            words, f"{place}, {'text box' if is_typed else 'comment'}", Part.TEXTBOX if is_typed else Part.COMMENT
        )


def _chosen(annotation: Any, form: Any) -> Iterator[str]:
    """Everything that is chosen in a list; PDFium's value of the field is the first of it alone."""
    for index in range(raw.FPDFAnnot_GetOptionCount(form.raw, annotation)):
        if raw.FPDFAnnot_IsOptionSelected(form.raw, annotation, index):
            yield _string(lambda *room, i=index: raw.FPDFAnnot_GetOptionLabel(form.raw, annotation, i, *room))


def _string(ask: Callable[..., int]) -> str:
    """A string of PDFium's: asked first for its length in bytes, then for itself."""
    length = ask(None, 0)
    if length <= 2:
        return ""
    room = (ctypes.c_ushort * (length // 2))()
    ask(room, length)
    return bytes(room)[: length - 2].decode("utf-16-le", "surrogatepass").replace("\r", "\n")

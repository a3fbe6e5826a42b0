"""Files of each format, our reader of it, and the bare library on the same bytes."""

from __future__ import annotations

import html
import io
import textwrap
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

import docx as python_docx
import odfdo
import pypdfium2
import webvtt
from lxml import etree
from lxml import html as parser
from matplotlib import rc_context
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from striprtf.striprtf import rtf_to_text

from pipeline.bench.tables import csv_of, turns_of, with_openpyxl, with_pandas, with_records, xlsx_of
from pipeline.ingest import READERS
from pipeline.ingest.characters import count_visible
from pipeline.ingest.spreadsheets.book import Book, read_book
from pipeline.records import Reading

LINES_OF_PAGE = 45
LINE = 95


@dataclass(frozen=True, slots=True)
class Contest:
    """One format: a file of it, the name of the library, and what that does with the file."""

    format: str
    data: bytes
    library: str
    bare: Callable[[bytes], Any]
    target: str = "≥ 0.7"  # of our speed over the library's; nothing if that does less than reading asks for
    cells: str = ""  # of a survey: the format whose cells are read, before they are answers

    def ours(self) -> Reading | Book:
        """What our reader makes of the file."""
        if self.cells:
            return read_book(self.data, self.cells)
        module, function = READERS[self.format]
        reading: Reading = getattr(import_module(f"pipeline.ingest.{module}"), function)(self.data)
        return reading

    def chars(self) -> int:
        """How many characters are read."""
        made = self.ours()
        if isinstance(made, Reading):
            return made.chars
        return sum(count_visible(cell) for sheet in made.sheets for row in sheet.rows for cell in row)


def contests(paragraphs: list[str]) -> Iterator[Contest]:
    """A contest per format, each with a file that holds the paragraphs."""
    text = "\n\n".join(paragraphs).encode()
    yield Contest("plain", text, "Python, a record per line", _as_lines)
    yield Contest("plain", text, "Python, decode and splitlines alone", lambda b: b.decode().splitlines(), target="")
    word = docx(paragraphs)
    yield Contest("docx", word, "python-docx", _with_python_docx)
    yield Contest("docx", word, "lxml, parse alone", _with_lxml, target="")
    yield Contest("odt", odt(paragraphs), "odfdo", _with_odfdo)
    yield Contest("pdf", pdf(paragraphs), "pypdfium2", _with_pdfium)
    yield Contest("subtitles", vtt(paragraphs), "webvtt-py", _with_webvtt)
    yield Contest("rtf", rtf(paragraphs), "striprtf", _with_striprtf)
    site = page(paragraphs)
    yield Contest("html", site, "lxml.html, a text per block", _with_lxml_blocks)
    yield Contest("html", site, "lxml.html, parse and text alone", _with_lxml_html, target="")

    yield from _tables(paragraphs)


def _tables(paragraphs: list[str]) -> Iterator[Contest]:
    """Tables of turns, and surveys: the same rows as text and as a workbook."""
    rows = turns_of(paragraphs)
    text, book = csv_of(rows), xlsx_of(rows)
    yield Contest("table", text, "pandas.read_csv, a record per row", with_records)
    yield Contest("table", text, "pandas.read_csv alone", with_pandas, target="")
    yield Contest("xlsx", book, "openpyxl, every cell", with_openpyxl)
    yield Contest("survey, .csv", text, "pandas.read_csv, every cell", with_pandas, cells="csv")
    yield Contest("survey, .xlsx", book, "openpyxl, every cell", with_openpyxl, cells="xlsx")


def docx(paragraphs: list[str]) -> bytes:
    """A Word file."""
    document, out = python_docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(out)
    return out.getvalue()


def odt(paragraphs: list[str]) -> bytes:
    """An OpenDocument text."""
    document, out = odfdo.Document("text"), io.BytesIO()
    document.body.clear()
    for paragraph in paragraphs:
        document.body.append(odfdo.Paragraph(paragraph))
    document.save(out)
    return out.getvalue()


def pdf(paragraphs: list[str]) -> bytes:
    """A PDF with one column of text a page."""
    lines = [line for paragraph in paragraphs for line in [*textwrap.wrap(paragraph, LINE), ""]]
    out = io.BytesIO()
    with rc_context({"pdf.fonttype": 42}), PdfPages(out) as pages:
        for at in range(0, len(lines), LINES_OF_PAGE):
            figure = Figure(figsize=(8.3, 11.7))
            for number, line in enumerate(lines[at : at + LINES_OF_PAGE]):
                figure.text(0.08, 0.95 - number * 0.02, line.replace("$", "S"), fontsize=9)
            pages.savefig(figure)
    return out.getvalue()


def vtt(paragraphs: list[str]) -> bytes:
    """A WebVTT file with a cue a paragraph."""
    cues = [
        f"{number}\n{clock(number * 5)} --> {clock(number * 5 + 4)}\n<v P{number % 2}>{paragraph}</v>\n"
        for number, paragraph in enumerate(paragraphs, 1)
    ]
    return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def clock(seconds: int) -> str:
    """Seconds as a cue has them."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"


def rtf(paragraphs: list[str]) -> bytes:
    """A Rich Text file."""
    return ("{\\rtf1\\ansi\\deff0\n" + "\\par\n".join(map(_as_rtf, paragraphs)) + "}").encode("ascii")


def _as_rtf(paragraph: str) -> str:
    plain = paragraph.replace("\\", "").replace("{", "").replace("}", "")
    return "".join(c if ord(c) < 128 else f"\\u{ord(c)}?" for c in plain if ord(c) < 0x8000)


def page(paragraphs: list[str]) -> bytes:
    """A page of HTML."""
    return ("<!doctype html><html><body>" + "".join(f"<p>{html.escape(p)}</p>\n" for p in paragraphs)).encode()


class Line(NamedTuple):
    """A line of a text: its number, where it begins, its words."""

    number: int
    start: int
    words: str


def _as_lines(data: bytes) -> list[Line]:
    text = unicodedata.normalize("NFC", data.decode().replace("\r\n", "\n").replace("\r", "\n"))
    lines, at = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        if words := line.strip():
            lines.append(Line(number, at + line.index(words), words))
        at += len(line) + 1
    return lines


def _with_python_docx(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in python_docx.Document(io.BytesIO(data)).paragraphs]


def _with_lxml(data: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read("word/document.xml"))


def _with_odfdo(data: bytes) -> str:
    text: str = odfdo.Document(io.BytesIO(data)).get_formatted_text()
    return text


def _with_pdfium(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def _with_webvtt(data: bytes) -> list[str]:
    return [caption.text for caption in webvtt.from_buffer(io.StringIO(data.decode())).captions]


def _with_striprtf(data: bytes) -> str:
    convert: Callable[[str], str] = rtf_to_text
    return convert(data.decode("ascii"))


def _with_lxml_blocks(data: bytes) -> list[str]:
    blocks = parser.fromstring(data).iter("p", "li", "td", "th", "h1", "h2", "h3", "h4", "pre")
    return [words for block in blocks if (words := " ".join(block.text_content().split()))]


def _with_lxml_html(data: bytes) -> str:
    text: str = parser.fromstring(data).text_content()
    return text

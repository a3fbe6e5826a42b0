"""The format of a file, by its content and never by its name."""

import io
import re
import zipfile
import zlib

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import BOMS, wide_encoding
from pipeline.ingest.subtitles import is_subtitles
from pipeline.ingest.turn_columns import SPEAKER_COLUMNS, WORD_COLUMNS, is_table
from pipeline.vocabulary import Kind

HEAD = 8192
MAGIC = ((b"%PDF-", "pdf"), (b"{\\rtf", "rtf"), (b"$FL2", "sav"), (b"$FL3", "sav"))
MEMBERS = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsx"),
    ("project.qde", "qdpx"),
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body|div|p|table)\b",
    re.IGNORECASE | re.DOTALL,
)
MOST_NULS = 0.1
UTF8_BOM = b"\xef\xbb\xbf"
JSON = re.compile(r"\s*(?:\{\s*(?:\"|\})|\[\s*(?:\{|\[\s*\{|\]))")
TIERS = re.compile(r"<(?:ANNOTATION_DOCUMENT|basic-transcription)\b")
XML_ROOT = re.compile(r"\s*<(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*(?:\s+[\w:.-]+=\"[^\"<]*\")+\s*/?>\s*<")
XML = re.compile(r"\s*<\?xml\b[^<>]{0,200}\?>")


def detect(data: bytes, kind: Kind) -> str:
    """The format of a file, a key of READERS; UnreadableError if there is no reader for it."""
    head = data[:HEAD]
    if not data.strip(b"\0 \t\r\n\x0b\x0c\xef\xbb\xbf"):
        raise UnreadableError(Problem("", "is empty", "add the text, or remove the file from raw/"))
    for magic, name in MAGIC:
        if magic in head[:1024] if name == "pdf" else head.removeprefix(UTF8_BOM).startswith(magic):
            return name
    if head.startswith(b"PK\x03\x04"):
        return _archive(data)
    if head.startswith(OLD_OFFICE):
        what = "is in an old Office format, or encrypted"
        raise UnreadableError(Problem("", what, "open it, remove the password, and save it as .docx or .xlsx"))
    return _text(head, kind)


def _archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            is_odf = "mimetype" in names and archive.getinfo("mimetype").file_size < HEAD
            mimetype = archive.read("mimetype") if is_odf else b""
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise UnreadableError(
            Problem("", "is a broken archive: truncated or altered", "open it in its program and save it again")
        ) from None
    if b"opendocument.text" in mimetype:
        return "odt"
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    for member, name in MEMBERS:
        if member in names:
            return name
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return "docx"  # whose document has another name
    raise UnreadableError(Problem("", "is an archive, not a document", "unpack it, and put its files into raw/"))


def _text(head: bytes, kind: Kind) -> str:
    if head.count(0) > MOST_NULS * len(head) and not _is_wide(head):
        raise UnreadableError(Problem("", "is neither text nor in a known format", "save it as .docx, .pdf or .txt"))
    start = beginning(head)
    if HTML.match(start):
        return "html"
    if TIERS.search(start):
        return "tiers"
    if kind is Kind.INTERVIEW and JSON.match(start):
        return "json"
    if XML.match(start) or XML_ROOT.match(start):
        raise UnreadableError(
            Problem("", "is XML of an unsupported kind", "open it in its program and save it as .docx")
        )
    return "csv" if kind is Kind.SURVEY else _text_of_turns(start, kind)


def _text_of_turns(start: str, kind: Kind) -> str:
    """Subtitles, a table of turns, or plain text."""
    if is_subtitles(start.replace("\r\n", "\n").replace("\r", "\n")):
        return "subtitles"
    is_of_turns = is_transcript_table(start.split("\n", 1)[0]) or is_table(start)
    return "table" if kind is Kind.INTERVIEW and is_of_turns else "plain"


def beginning(head: bytes) -> str:
    """The first characters of a text in any encoding, to recognise its format."""
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "ignore")
    return head.decode(wide_encoding(head) or "utf-8", "ignore")


def _is_wide(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or min(
        head[::2].count(0), head[1::2].count(0)
    ) < MOST_NULS * len(head)


def is_transcript_table(first: str) -> bool:
    """Whether a first line names the columns of a transcript: one with speakers, one with words."""
    cells = {cell.strip(' "\r').casefold() for cell in re.split(r"[,;\t]", first)}
    return bool(cells & SPEAKER_COLUMNS) and bool(cells & WORD_COLUMNS)

"""The format of a file, by its content and never by its name."""

import io
import re
import zipfile
import zlib
from itertools import chain

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import BOMS, wide_encoding
from pipeline.ingest.subtitles import is_subtitles
from pipeline.ingest.transcript.speaker_labels import fold
from pipeline.ingest.turn_columns import SPEAKER_COLUMNS, WORD_COLUMNS, is_table
from pipeline.vocabulary import Kind
from pipeline.wording.messages import message

HEAD = 8192
MAGIC = ((b"%PDF-", "pdf"), (b"{\\rtf", "rtf"), (b"$FL2", "sav"), (b"$FL3", "sav"))
MIMETYPES = (
    (b"opendocument.text", "odt"),
    (b"opendocument.spreadsheet", "ods"),
    (b"application/epub+zip", "epub"),
)
MEMBERS = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsx"),
    ("ppt/presentation.xml", "pptx"),
    ("project.qde", "qdpx"),
)
RECORDING = re.compile(  # sound and video: WAV, AVI, MP3, Ogg, FLAC, MP4 and M4A, Matroska and WebM, Windows Media, AMR
    rb"RIFF....(?:WAVE|AVI )|ID3|\xff[\xfb\xf3\xf2\xfa]|OggS|fLaC|....ftyp|\x1aE\xdf\xa3|\x30\x26\xb2\x75|#!AMR",
    re.DOTALL,
)
MAIL_HEADER = re.compile(r"([A-Za-z][A-Za-z-]*):[ \t]")
OF_MAIL = frozenset(
    {"from", "message-id", "mime-version", "received", "return-path", "delivered-to", "subject", "date"}
)
LEAST_MAIL_HEADERS = 3
WEB_PAGE = re.compile(r"[^/]+\.html?|[^/]+/[^/]+\.html?", re.IGNORECASE)
TRANSCRIBE = "ingest/transcribe_it_on_this_computer_first"
TABLE_REMEDY = "ingest/open_it_in_the_program"
OTHER_FORMATS = (  # by their first bytes: what it is, what to do
    (re.compile(rb"PAR1"), "ingest/is_a_parquet_file", TABLE_REMEDY),
    (re.compile(rb"SQLite format 3\0"), "ingest/is_a_database", TABLE_REMEDY),
    (re.compile(rb"<stata_dta>|[\x6e-\x77][\x01\x02]\x01\0"), "ingest/is_a_stata_file", TABLE_REMEDY),
    (re.compile(rb"\x1f\x8b"), "ingest/is_packed_with_gzip", "ingest/unpack_it_and_put_the_file_inside"),
    (
        re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*"),
        "ingest/is_a_picture",
        "ingest/type_what_it_says",
    ),
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body|div|p|table|dl|ul|ol|section|article|main)\b",
    re.IGNORECASE | re.DOTALL,
)
MOST_NULS = 0.1
UTF8_BOM = b"\xef\xbb\xbf"
JSON = re.compile(r"\s*(?:\{\s*(?:\"|\})|\[\s*(?:\{|\[\s*\{|\]))")
JSON_OBJECT = re.compile(r"\s*\[?\s*\{\s*\"[^\"\n]*\"\s*:")  # what other texts than transcripts do not begin with
TIERS = re.compile(r"<(?:ANNOTATION_DOCUMENT|basic-transcription)\b")
XML_ROOT = re.compile(r"\s*<(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*(?:\s+[\w:.-]+=\"[^\"<]*\")+\s*/?>\s*<")
XML = re.compile(r"\s*<\?xml\b[^<>]{0,200}\?>")


def detect(data: bytes, kind: Kind) -> str:
    """The format of a file, a key of READERS; UnreadableError if there is no reader for it."""
    head = data[:HEAD]
    if not data.strip(b"\0 \t\r\n\x0b\x0c\xef\xbb\xbf"):
        raise UnreadableError(Problem("", message("common/is_empty"), message("ingest/add_the_text_or_remove")))
    for magic, name in MAGIC:
        if magic in head[:1024] if name == "pdf" else head.removeprefix(UTF8_BOM).startswith(magic):
            return name
    if head.startswith(b"PK\x03\x04"):
        return _archive(data)
    if RECORDING.match(head):
        raise UnreadableError(Problem("", message("ingest/is_a_recording_not_a_text"), message(TRANSCRIBE)))
    if head.startswith(OLD_OFFICE):
        what = message("ingest/is_in_an_old_office_format")
        raise UnreadableError(Problem("", what, message("ingest/open_it_remove_the_password_and_save")))
    for form, is_what, remedy in OTHER_FORMATS:
        if form.match(head):
            raise UnreadableError(Problem("", message(is_what), message(remedy)))
    return _text(head, kind)


def _archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            is_odf = "mimetype" in names and archive.getinfo("mimetype").file_size < HEAD
            mimetype = archive.read("mimetype") if is_odf else b""
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise UnreadableError(
            Problem("", message("ingest/is_a_broken_archive_truncated"), message("ingest/open_it_in_its_program"))
        ) from None
    by_type = (name for kind, name in MIMETYPES if kind in mimetype)
    by_member = (name for member, name in MEMBERS if member in names)
    if name := next(chain(by_type, by_member), ""):
        return name
    return _other_archive(names)


def _other_archive(names: set[str]) -> str:
    """An archive that names no format: a document of Word under another name, or a web page with its pictures."""
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return "docx"  # whose document has another name
    if len([name for name in names if WEB_PAGE.fullmatch(name)]) == 1:
        return "zipped_html"  # as Google Docs exports a document with its pictures
    raise UnreadableError(
        Problem("", message("ingest/is_an_archive_not_a_document"), message("ingest/unpack_it_and_put_its_files"))
    )


def _text(head: bytes, kind: Kind) -> str:
    if head.count(0) > MOST_NULS * len(head) and not _is_wide(head):
        remedy = message(TABLE_REMEDY) if kind is Kind.SURVEY else message("ingest/save_it_as_docx_pdf")
        raise UnreadableError(Problem("", message("ingest/is_neither_text_nor"), remedy))
    start = beginning(head)
    if is_mail(start):
        return "mail"
    if HTML.match(start):
        return "html"
    if TIERS.search(start):
        return "tiers"
    if (JSON if kind is Kind.INTERVIEW else JSON_OBJECT).match(start):
        return _json(kind)
    if XML.match(start) or XML_ROOT.match(start):
        raise UnreadableError(
            Problem(
                "", message("ingest/is_xml_of_an_unsupported_kind"), message("ingest/open_it_in_its_program_and_save")
            )
        )
    return "csv" if kind is Kind.SURVEY else _text_of_turns(start, kind)


def _json(kind: Kind) -> str:
    """Transcripts may be JSON. Responses in JSON have no columns of which a person could say what they hold."""
    if kind is Kind.INTERVIEW:
        return "json"
    remedy = message("ingest/export_it_as_csv_or_xlsx")
    raise UnreadableError(Problem("", message("ingest/is_json_not_a_table"), remedy))


def is_mail(start: str) -> bool:
    """Whether a text begins as a stored e-mail: lines of headers alone, several of which only e-mails have."""
    block = re.split(r"\r?\n\r?\n", start, maxsplit=1)[0]
    lines = [line for line in block.splitlines() if not line.startswith((" ", "\t"))]
    headers = [match[1].lower() for line in lines if (match := MAIL_HEADER.match(f"{line} "))]
    is_whole = len(headers) == len(lines) and "from" in headers
    return is_whole and len(OF_MAIL & set(headers)) > LEAST_MAIL_HEADERS


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
    cells = {fold(cell) for cell in re.split(r"[,;\t]", first)}
    return bool(cells & SPEAKER_COLUMNS) and bool(cells & WORD_COLUMNS)

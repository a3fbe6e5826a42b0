"""What well-known libraries lose silently, beside what this program does with the same file.

`PYTHONPATH=. python tests/support/silent_losses.py > tests/support/silent_losses.md`
"""

import csv
import io
import sys
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))

from hostile import office, pdf, rtf, texts
from small_surveys import task

from pipeline import sheets
from pipeline.config import IngestSettings, Settings, StudySettings
from pipeline.errors import UnreadableError, UserError
from pipeline.ingest import FileTask, read_file
from pipeline.records import FileReading, Participant, SourceEntry
from pipeline.vocabulary import Consent, Kind

HEAD = """# What libraries lose silently, and what this program does

Each file is given to the library with its defaults, then to this program as `analyze` would.
`PYTHONPATH=. python tests/support/silent_losses.py` prints this page.
Versions: {versions}.

| file | library, by default | this program |
|---|---|---|
"""
PEOPLE = (Participant("P001", Consent.YES, ("Luz", "Respondent"), ()),)
ROWS = [["id", "q"], ["007", "NA"], ["1E5", "Llega poco"]]


@dataclass(frozen=True)
class Loss:
    """A file, what a library makes of it, and what this program makes of it."""

    file: str
    library: str
    theirs: Callable[[], str]
    ours: Callable[[], str]


# ---- this program


def survey(data: bytes, name: str = "a.csv", **more: object) -> str:
    """What is said of a survey, or of its cells."""
    try:
        return _cells(read_file(task(data, name, people=(), **more)))
    except UnreadableError as error:
        return _refusal(error)


def _refusal(error: UserError) -> str:
    """The first problem; what to do about it is in the message of the program."""
    first = error.problems[0]
    return f"refused: {first.where}: {first.what}".replace(": : ", ": ")


def _cells(reading: FileReading) -> str:
    texts_of = {text.source_id: text.text for text in reading.texts}
    cells = []
    for source in reading.sources:
        values = [*(a.value for a in reading.answers if a.source_id == source.source_id), texts_of[source.source_id]]
        cells.append(f"{source.source_id}: {', '.join(short(value) for value in values if value)}")
    return "; ".join(cells) + _listed(reading)


def interview(data: bytes, name: str) -> str:
    """What is said of an interview: its words, and what was left out."""
    path = f"interviews/{name}"
    settings = Settings(study=StudySettings(title="t"), ingest=IngestSettings(interviewers=("Ana", "Interviewer")))
    try:
        reading = read_file(FileTask(path, data, Kind.INTERVIEW, SourceEntry(path), PEOPLE, settings))
    except UnreadableError as error:
        return _refusal(error)
    return f"{short(reading.texts[0].text)}{_listed(reading)}"


def _listed(reading: FileReading) -> str:
    """The notes of a file, and what was left out of it apart from headings, labels and time stamps."""
    dull = ("column headings", "row id", "speaker label", "time stamps and cue numbers", "markup")
    rows = [f"{r.place}: {r.reason} ({r.chars})" for r in reading.rejected if r.reason not in dull]
    notes = [note for note in reading.sources[0].note.split("; ") if not note.startswith(("read as t", "columns sep"))]
    said = [*filter(None, notes), *rows]
    return f" — listed: {'; '.join(said)}" if said else ""


def short(text: str) -> str:
    """A text as one piece of a line."""
    shown = repr(text)
    return shown if len(shown) <= 90 else f"{len(text)} characters"


# ---- the libraries


def pandas_of(text: str) -> str:
    """The rows of a table as pandas gives them."""
    import pandas as pd

    frame = pd.read_csv(io.StringIO(text))
    return f"index {list(frame.index)}, rows {frame.to_numpy().tolist()}"


def csv_reader(text: str) -> str:
    rows = list(csv.reader(io.StringIO(text)))
    return f"{len(rows) - 1} rows of 3; the last cell holds {rows[-1][-1]!r}"


def openpyxl_cell() -> str:
    from openpyxl import Workbook, load_workbook

    file, book = io.BytesIO(), Workbook()
    book.active["A1"] = "x" * 40_000
    book.save(file)
    return f"{len(load_workbook(file).active['A1'].value)} of 40,000 characters; nothing raised"


def xlsxwriter_cell() -> str:
    from xlsxwriter import Workbook

    with Workbook(io.BytesIO()) as book, warnings.catch_warnings(record=True):
        code = book.add_worksheet().write_string(0, 0, "x" * 40_000)
    return f"returns {code}, raises nothing"


def our_cell() -> str:
    from python_calamine import CalamineWorkbook

    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        page = sheets.Sheet("A", (sheets.Field("quote", "Quote"),), [("x" * 40_000,)])
        sheets.write_book(path, [page], title="t")
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("A").to_python()
    keys, cells = rows[sheets.KEYS], rows[sheets.FIRST]
    return f"{' + '.join(str(len(c)) for c in cells)} characters, in columns {', '.join(keys)}"


def our_trip(text: str) -> str:
    """A text written to a workbook by this program and read as a workbook that comes back from review."""
    from pipeline.ingest.spreadsheets.every_sheet import read_every_sheet

    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        page = sheets.Sheet("A", (sheets.Field("quote", "Quote"),), [(text,)])
        sheets.write_book(path, [page], title="t")
        return repr(read_every_sheet(path.read_bytes()).sheets["A"][sheets.FIRST][0])


def calamine_trip(text: str) -> str:
    """A text written by openpyxl and read by calamine."""
    from openpyxl import Workbook
    from python_calamine import CalamineWorkbook

    file, book = io.BytesIO(), Workbook()
    book.active["A1"] = text
    book.save(file)
    file.seek(0)
    return repr(CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[0][0])


def word_file(old: str = "", new: str = "") -> bytes:
    """A file of python-docx itself, with something in its text replaced."""
    from docx import Document

    file, document = io.BytesIO(), Document()
    document.add_paragraph("Ana: ¿Y?")
    document.add_paragraph("Luz: Llega poco.")
    document.save(file)
    return texts.with_part(file.getvalue(), "word/document.xml", old, new)


def python_docx(data: bytes) -> str:
    from docx import Document

    return repr("\n".join(p.text for p in Document(io.BytesIO(data)).paragraphs))


def webvtt(text: str) -> str:
    import webvtt as library

    return repr([caption.text for caption in library.from_string(text)])


def pdfium(data: bytes) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        return repr([page.get_textpage().get_text_range() for page in document])


def striprtf(data: bytes) -> str:
    from striprtf.striprtf import rtf_to_text

    return repr(rtf_to_text(data.decode("latin-1")))


def zip_file(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return f"the last wins: {'Other words' in archive.read('word/document.xml').decode()}; nothing said"


ESCAPED = "_x0041_"
EXTRA = "id,q\n1,Sí,x\n2,No,y\n"
CUT = "id,q,edad\n1,Bien,40\n2,Llega\n"
QUOTE = 'id,q,edad\n1,"nunca se cierra,40\n2,Bien,41\n3,Mal,42\n'
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nAna: ¿Y?\n\n00:03 -> 00:04\nLuz: Llega poco.\n"
TWO = office.case_06_doubled_part()
RUN = "<w:r><w:t>Luz: Llega poco.</w:t></w:r>"
CONTROL = f"<w:sdt><w:sdtContent>{RUN}</w:sdtContent></w:sdt>"


def losses() -> list[Loss]:
    """Every row of the page."""
    values = "".join(",".join(row) + "\n" for row in ROWS)
    no_rtf = rtf.case_28_not_rtf()
    scan = pdf.case_19_scan({1}, pages=2)
    inserted = word_file(RUN, f'<w:ins w:id="1">{RUN}</w:ins>')
    entity = word_file("<w:document ", '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///c">]><w:document ')
    entity = texts.with_part(entity, "word/document.xml", "Llega poco", "&c; Llega poco")
    controlled = word_file(RUN, CONTROL)
    return [
        Loss("one cell more than headings in every row", "pandas", lambda: pandas_of(EXTRA), lambda: survey(EXTRA.encode())),
        Loss("`007`, `1E5`, `NA` as answers", "pandas", lambda: pandas_of(values), lambda: survey(values.encode(), id="id")),
        Loss("cut off in the middle of a row", "pandas", lambda: pandas_of(CUT), lambda: survey(CUT.encode())),
        Loss("an unclosed quotation mark", "csv", lambda: csv_reader(QUOTE), lambda: survey(QUOTE.encode())),
        Loss("a text of 40,000 characters in a cell", "openpyxl", openpyxl_cell, our_cell),
        Loss("the same", "XlsxWriter", xlsxwriter_cell, our_cell),
        Loss(f"`{ESCAPED}` through a workbook", "openpyxl, calamine", lambda: calamine_trip(ESCAPED), lambda: our_trip(ESCAPED)),
        Loss("a tracked insertion", "python-docx", lambda: python_docx(inserted), lambda: interview(inserted, "a.docx")),
        Loss("a content control", "python-docx", lambda: python_docx(controlled), lambda: interview(controlled, "a.docx")),
        Loss("an external entity", "python-docx", lambda: python_docx(entity), lambda: interview(entity, "a.docx")),
        Loss("a cue with a malformed timing", "webvtt-py", lambda: webvtt(VTT), lambda: interview(VTT.encode(), "a.vtt")),
        Loss("a scanned page before one with text", "pypdfium2", lambda: pdfium(scan), lambda: interview(scan, "a.pdf")),
        Loss("a file that is not RTF", "striprtf", lambda: striprtf(no_rtf), lambda: rtf_alone(no_rtf)),
        Loss("two parts with the same name", "zipfile", lambda: zip_file(TWO), lambda: interview(TWO, "a.docx")),
    ]  # fmt: skip


def rtf_alone(data: bytes) -> str:
    """What the reader of RTF says, were it given a file that is none."""
    from pipeline.ingest.rtf.reader import read

    try:
        return repr(read(data).text)
    except UnreadableError as error:
        return _refusal(error)


LIBRARIES = ("pandas", "openpyxl", "XlsxWriter", "python-docx", "webvtt-py", "pypdfium2", "striprtf")


def page() -> str:
    """The page of the documentation."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    lines = [f"| {loss.file} | {loss.library}: {_cell(loss.theirs)} | {_cell(loss.ours)} |\n" for loss in losses()]
    return HEAD.format(versions=versions) + "".join(lines)


def _cell(run: Callable[[], str]) -> str:
    try:
        said = run()
    except Exception as error:  # noqa: BLE001
        said = f"raises {type(error).__name__}"
    said = "; ".join(said.splitlines())
    return said.lstrip(": ").replace("refused: : ", "refused: ").replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(page())

"""Characters of every file of raw/ and of ../shared/data, as this program accounts for them and as a second counter does.

The second counter shares no code with the readers: bytes as text, cells by a machine of its own, XML by patterns, poppler's
pdftotext, openpyxl.

`PYTHONPATH=. python tests/support/conservation.py` prints n/N files per format, and names each file that differs.
"""

import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from studies import ROOT

sys.path.insert(0, str(Path(__file__).parent))

import pandas as pd
import pyreadstat
from independent_counter import count_docx, count_odt, visible
from small_surveys import cells_of_text, chars_of_workbook

from pipeline.config import Settings, StudySettings
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask, read_file
from pipeline.records import FileReading, SourceEntry
from pipeline.vocabulary import Kind

SHARED = ROOT.parent / "shared" / "data"
FOLDERS = {
    Kind.INTERVIEW: (ROOT / "raw" / "interviews", SHARED / "interviews"),
    Kind.SURVEY: (ROOT / "raw" / "surveys", SHARED / "surveys"),
    Kind.DOCUMENT: (ROOT / "raw" / "documents",),
}
SETTINGS = Settings(study=StudySettings(title="t", languages=("es", "en", "fr", "pt")))
NOT_ON_PAPER = ("outside the page",)  # poppler leaves it out, this program lists it


def files() -> Iterator[tuple[Kind, Path]]:
    """Every file in a format that is counted, with its kind."""
    for kind, folders in FOLDERS.items():
        for folder in folders:
            found = sorted(p for p in folder.rglob("*") if p.suffix in COUNTERS)
            yield from ((kind, path) for path in found if not path.name.startswith(("LICENSE", "SOURCE", "README")))


def accounted(kind: Kind, path: Path) -> int:
    """The characters of a file as the records of this program account for them, added up one by one."""
    data = path.read_bytes()
    reading = read_file(FileTask(f"{kind}s/{path.name}", data, kind, SourceEntry(path.name), (), SETTINGS))
    return _kept(reading) + sum(row.chars for row in reading.rejected if row.reason not in NOT_ON_PAPER)


def _kept(reading: FileReading) -> int:
    said = {text.source_id: text.text for text in reading.texts}
    turns = sum(visible(said[turn.source_id][turn.start : turn.end]) for turn in reading.turns)
    return turns + sum(visible(answer.value) for answer in reading.answers)


# ---- the second counter


def count_text(path: Path) -> int:
    """What is visible in a text file."""
    return visible(path.read_bytes().decode("utf-8-sig"))


def count_csv(path: Path) -> int:
    """What is visible in the cells of a table, whatever its delimiter."""
    data = path.read_bytes()
    first = data.decode("utf-8-sig").splitlines()[0]
    return sum(visible(cell) for row in cells_of_text(data, max(",;\t", key=first.count)) for cell in row)


def count_pdf(path: Path) -> int:
    """What poppler's pdftotext finds on the pages."""
    printed = subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True)
    return visible(printed.stdout.decode("utf-8"))


def count_sav(path: Path) -> int:
    """The names of the variables, and the cells of a data file with labels for values, as pandas writes them."""
    frame, _ = pyreadstat.read_sav(str(path), apply_value_formats=True, user_missing=True)
    cells = (_shown(value) for column in frame for value in frame[column].astype(object))
    return sum(map(visible, frame.columns)) + sum(map(visible, cells))


def _shown(value: object) -> str:
    if pd.isna(value):
        return ""
    return f"{value:g}" if isinstance(value, float) and value.is_integer() and abs(value) < 1e5 else str(value)


COUNTERS: dict[str, Callable[[Path], int]] = {
    **dict.fromkeys((".txt", ".md", ".vtt", ".srt", ".json", ".eaf", ".exb"), count_text),
    ".csv": count_csv,
    ".docx": lambda path: count_docx(path.read_bytes()),
    ".odt": lambda path: count_odt(path.read_bytes()),
    ".pdf": count_pdf,
    ".xlsx": lambda path: chars_of_workbook(path.read_bytes()),
    ".sav": count_sav,
}
NEEDS = {".pdf": "pdftotext"}


def counts() -> Iterator[tuple[str, Path, int, int]]:
    """(format, file, characters that this program accounts for, those of the second counter), for files that are read."""
    for kind, path in files():
        if path.suffix in NEEDS and not shutil.which(NEEDS[path.suffix]):
            continue
        try:
            ours = accounted(kind, path)
        except UnreadableError:
            ours = -1
        try:
            yield path.suffix, path, ours, COUNTERS[path.suffix](path) if ours >= 0 else -1
        except UnicodeDecodeError:
            yield path.suffix, path, ours, -2


def report(found: list[tuple[str, Path, int, int]]) -> Iterator[str]:
    """n/N files per format, and each file that differs."""
    by_format: dict[str, list[bool]] = defaultdict(list)
    for suffix, path, ours, theirs in found:
        if ours >= 0:
            by_format[suffix].append(ours == theirs)
        if ours != theirs or ours < 0:
            yield f"  {path.name}: {'not read' if ours < 0 else f'{ours} accounted for, {theirs} counted'}"
    yield "; ".join(f"{suffix} {sum(same)}/{len(same)}" for suffix, same in sorted(by_format.items()))


if __name__ == "__main__":
    sys.stdout.write("\n".join(report(list(counts()))) + "\n")

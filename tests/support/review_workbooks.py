"""Review workbooks as people fill them in: handed out, changed, saved, and taken back."""

from collections.abc import Callable, Mapping
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from studies import NOW

from pipeline.records import Decision
from pipeline.review import decisions as ledger
from pipeline.steps.review import ImportResult, Order, export, import_files

Change = Callable[[Worksheet, dict[str, int]], None]
FIRST = 3  # the first row of answers


def handed_out(study: Path, coder: str = "ana", **order: object) -> Path:
    """A workbook for a coder, of 50 excerpts unless the order says otherwise."""
    return export(study, Order(coder, **{"size": 50, **order}), NOW)  # type: ignore[arg-type]


def columns(sheet: Worksheet) -> dict[str, int]:
    """Machine key -> column."""
    return {cell.value: cell.column for cell in sheet[1] if cell.value}


def edit(path: Path, change: Change) -> Path:
    """The workbook as a person saves it after a change to its sheet of answers."""
    book = load_workbook(path)
    sheet = book.worksheets[1]
    change(sheet, columns(sheet))
    book.save(path)
    return path


def answer(path: Path, cells: Mapping[str, object], row: int = FIRST) -> Path:
    """The workbook with these cells of a row filled in, by machine key."""

    def fill(sheet: Worksheet, keys: dict[str, int]) -> None:
        for key, value in cells.items():
            sheet.cell(row, keys[key]).value = value  # type: ignore[assignment]

    return edit(path, fill)


def cells_of(path: Path, row: int = FIRST) -> dict[str, object]:
    """A row by machine key."""
    sheet = load_workbook(path).worksheets[1]
    return {key: sheet.cell(row, column).value for key, column in columns(sheet).items()}


def back(study: Path, *paths: Path) -> ImportResult:
    """Workbooks taken back into the ledger."""
    return import_files(study, list(paths), NOW)


def decided(study: Path) -> list[Decision]:
    """The lines of the ledger."""
    return list(ledger.load(study / "coded" / "decisions.jsonl"))


def answers(study: Path) -> list[tuple[str, str, str]]:
    """The lines of the ledger as kind, code or finding, and value."""
    return [(str(line.kind), line.criterion or line.finding_id, line.value) for line in decided(study)]


def problems(result: ImportResult) -> str:
    """What an import lists."""
    return "\n".join(map(str, result.problems))

"""Tables of turns as text and as a workbook, and the bare libraries on them."""

from __future__ import annotations

import csv
import io
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import xlsxwriter

Rows = list[list[str]]


def turns_of(paragraphs: list[str]) -> Rows:
    """A table of turns with headings, a row a paragraph."""
    turns = [
        [str(number), f"P{number % 40:03}", f"{number // 60 % 60:02}:{number % 60:02}", "De acuerdo", words]
        for number, words in enumerate(paragraphs, 1)
    ]
    return [["id", "speaker", "time", "rating", "text"], *turns]


def csv_of(rows: Rows) -> bytes:
    """The rows as comma-separated text."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def xlsx_of(rows: Rows) -> bytes:
    """The rows as a workbook."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("turns")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def with_pandas(data: bytes) -> Any:
    """Every cell as text, by pandas."""
    return pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)


class TurnRow(NamedTuple):
    """A row of a table of turns: its number, the offset of its words in the whole text, and the speaker."""

    row: int
    start: int
    speaker: str
    words: str


def with_records(data: bytes) -> list[TurnRow]:
    """A record for every row with words, by pandas and a loop."""
    frame = with_pandas(data)
    rows, at = [], 0
    for number, (speaker, cell) in enumerate(zip(frame["speaker"], frame["text"], strict=True), 2):
        if words := " ".join(cell.split()):
            rows.append(TurnRow(number, at, speaker, words))
            at += len(words) + 1
    return rows


def with_openpyxl(data: bytes) -> list[list[Any]]:
    """Every cell, by openpyxl."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    return [list(row) for sheet in book for row in sheet.iter_rows(values_only=True)]

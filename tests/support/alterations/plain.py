"""Plain alterations: one byte, cell, line or file changed, removed, doubled or moved, and no hash renewed."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pandas as pd
from lxml import etree

from alterations.study_copy import StudyCopy

BytesChange = Callable[[bytes, Random], bytes]


def _flipped(data: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]


def _stretch(data: bytes, dice: Random) -> slice:
    at = dice.randrange(len(data))
    return slice(at, at + dice.choice((1, 1, 4, 50)))


def _removed(data: bytes, dice: Random) -> bytes:
    part = _stretch(data, dice)
    return data[: part.start] + data[part.stop :]


def _doubled(data: bytes, dice: Random) -> bytes:
    part = _stretch(data, dice)
    return data[: part.stop] + data[part] + data[part.stop :]


def _moved(data: bytes, dice: Random) -> bytes:
    part = _stretch(data, dice)
    left = data[: part.start] + data[part.stop :]
    at = dice.randrange(len(left) + 1)
    return left[:at] + data[part] + left[at:]


def _cut(data: bytes, dice: Random) -> bytes:
    return data[: dice.randrange(len(data))]


def _line_removed(data: bytes, dice: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    del lines[dice.randrange(len(lines))]
    return b"".join(lines)


def _line_doubled(data: bytes, dice: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))
    return b"".join(lines)


def _lines_swapped(data: bytes, dice: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


BYTES: dict[str, BytesChange] = {
    "bytes changed": _flipped,
    "bytes removed": _removed,
    "bytes doubled": _doubled,
    "bytes moved": _moved,
    "the end cut off": _cut,
}
LINES: dict[str, BytesChange] = {
    "a line removed": _line_removed,
    "a line doubled": _line_doubled,
    "two lines swapped": _lines_swapped,
}
TEXT = (".txt", ".md", ".vtt", ".srt", ".csv", ".toml", ".jsonl", ".json", ".html", ".svg")


def another(value: Any, dice: Random) -> Any:
    """A value of the same type that is not this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return type(value)(value + dice.choice((1, 2, 0.25) if isinstance(value, float) else (1, 2)))
    text = str(value)
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice("aeiou1") + text[at:]


def csv_cell(data: bytes, dice: Random) -> bytes:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    row = dice.choice(rows[1:])
    at = dice.randrange(len(row))
    row[at] = another(row[at], dice)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def json_cell(data: bytes, dice: Random) -> bytes:
    content = json.loads(data)
    _alter_leaf(content, dice)
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def jsonl_cell(data: bytes, dice: Random) -> bytes:
    lines = data.splitlines()
    at = dice.randrange(len(lines))
    content = json.loads(lines[at])
    _alter_leaf(content, dice)
    lines[at] = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join(line + b"\n" for line in lines)


def _alter_leaf(content: Any, dice: Random) -> None:
    """Change one value somewhere inside a JSON object."""
    keys = sorted(content) if isinstance(content, dict) else range(len(content))
    key = dice.choice([key for key in keys if content[key] not in ({}, [])])
    if isinstance(content[key], dict | list):
        _alter_leaf(content[key], dice)
    else:
        content[key] = another("" if content[key] is None else content[key], dice)


def parquet_cell(data: bytes, dice: Random) -> bytes:
    frame = pd.read_parquet(io.BytesIO(data))
    if frame.empty:
        return data
    row, column = dice.randrange(len(frame)), dice.choice(list(frame.columns))
    values = frame[column].tolist()
    values[row] = another(values[row], dice)
    frame[column] = values
    return frame.to_parquet(index=False)


def workbook_cell(data: bytes, dice: Random) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    cell = dice.choice(cells)
    cell.value = another(cell.value, dice)
    changed = io.BytesIO()
    book.save(changed)
    return changed.getvalue()


def document_text(data: bytes, dice: Random) -> bytes:
    """A text of a .docx file with a letter or digit more: in its body, at the head or foot of pages, or in its properties."""
    before = {
        name: zipfile.ZipFile(io.BytesIO(data)).read(name) for name in zipfile.ZipFile(io.BytesIO(data)).namelist()
    }
    name = dice.choice(["word/document.xml"] * 5 + ["word/header1.xml", "word/footer1.xml", "docProps/core.xml"])
    tree = etree.fromstring(before[name])
    texts = [
        each
        for each in tree.iter()
        if each.text and not each.tag.endswith(("instrText", "revision", "created", "modified"))
    ]
    chosen = dice.choice(texts)
    chosen.text = another(chosen.text, dice)
    return repacked({**before, name: etree.tostring(tree, encoding="UTF-8", standalone=True)})


def repacked(members: dict[str, bytes]) -> bytes:
    """An archive of these members."""
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return changed.getvalue()


CELLS: dict[str, BytesChange] = {
    ".csv": csv_cell,
    ".docx": document_text,
    ".json": json_cell,
    ".jsonl": jsonl_cell,
    ".parquet": parquet_cell,
    ".xlsx": workbook_cell,
}


def alter(study: StudyCopy, dice: Random) -> str:
    """Alter one file of the study, and say how; the file is the only one that differs afterwards, or one of two swapped."""
    name = dice.choice(sorted(name for name, data in study.content.items() if data))
    data, path = study.content[name], study.root / name
    changes = dict(BYTES)
    if name.endswith(TEXT):
        changes |= LINES
    if path.suffix in CELLS:
        changes["a cell changed"] = CELLS[path.suffix]
    how = dice.choice((*changes, "the file removed", "the file emptied", "the file swapped"))
    if how == "the file removed":
        path.unlink()
    elif how == "the file emptied":
        path.write_bytes(b"")
    elif how == "the file swapped":
        other = dice.choice(sorted(other for other in study.content if Path(other).suffix == path.suffix))
        path.write_bytes(study.content[other])
        (study.root / other).write_bytes(data)
    else:
        path.write_bytes(changes[how](data, dice))
    return how

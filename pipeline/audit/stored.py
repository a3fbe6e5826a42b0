"""Stored files as plain rows, read by their contracts without the code that wrote them."""

from __future__ import annotations

import csv
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from pipeline.config import Settings
from pipeline.errors import IntegrityError, Problem
from pipeline.provenance import program
from pipeline.records import Participant
from pipeline.tables import Table
from pipeline.wording.messages import message

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """The files of a study as rows, its settings, and the people of its register by participant id."""

    root: Path
    record: Row
    tables: dict[str, list[Row]]
    settings_read: Settings | None
    people: Mapping[str, Participant]

    @property
    def settings(self) -> Settings:
        """The settings of the study; IntegrityError if they cannot be read."""
        if self.settings_read is None:
            raise IntegrityError(
                Problem("config.toml", message("common/cannot_be_read"), message("audit/run_make_check_study"))
            )
        return self.settings_read

    @property
    def is_of_this_program(self) -> bool:
        """Whether this version of the program made the last run; an older one may not write all that is checked."""
        return bool(self.record.get("program") == program())


Checker = Callable[[Stored], tuple[int, Iterator[Problem]]]


def rows(folder: Path, table: Table) -> list[Row]:
    """The rows of a stored table; IntegrityError if it is missing, unreadable or lacks a column."""
    path = folder / f"{table.name}.parquet"
    try:
        data = parquet.ParquetFile(path).read(columns=table.names)
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        raise IntegrityError(
            Problem(
                f"coded/machine/{path.name}", message("audit/cannot_be_read", name=type(error).__name__), message(RERUN)
            )
        ) from None
    if set(table.names) - set(data.column_names):
        raise IntegrityError(
            Problem(f"coded/machine/{path.name}", message("audit/lacks_columns_of_its_contract"), message(RERUN))
        )
    content: list[Row] = data.to_pylist()
    return content


LEDGER = "coded/decisions.jsonl"
CORRECTIONS = "coded/corrections.csv"
RERUN = "audit/find_out_who_changed_it_then_run"


def ledger_lines(root: Path) -> list[bytes]:
    """The lines of the ledger of decisions, byte for byte; none if there is no ledger."""
    path = root / LEDGER
    return path.read_bytes().splitlines(keepends=True) if path.exists() else []


def csv_rows(path: Path) -> list[Row]:
    """The rows of a CSV file with headings, strictly read."""
    with path.open(encoding="utf-8", newline="") as file:
        return [dict(row) for row in csv.DictReader(file, strict=True)]


def unguarded(row: Row) -> Row:
    """A row of a CSV file without the apostrophes that keep cells from being read as formulas."""
    guarded = (row.get("guarded") or "").split(";")
    return {name: (cell or "")[name in guarded :] for name, cell in row.items()}


def json_object(data: bytes) -> Row:
    """A JSON object in which no key occurs twice, at any depth; ValueError otherwise.

    Of a doubled key a person reads the first and a program the last: both must see the same.
    """
    try:
        content = json.loads(data, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(content, dict):
        raise ValueError("not an object")  # noqa: TRY004 - callers handle one kind of error
    return content


def _unique_keys(pairs: list[tuple[str, Any]]) -> Row:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key occurs twice")
    return content


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def json_file(path: Path, where: str) -> Row:
    """The object in a JSON file; IntegrityError if there is none."""
    try:
        return json_object(path.read_bytes())
    except FileNotFoundError:
        raise IntegrityError(Problem(where, message("common/is_missing"), message("audit/run_make_analyze"))) from None
    except OSError as error:
        raise IntegrityError(
            Problem(where, message("common/cannot_be_opened", strerror=error.strerror), message(RERUN))
        ) from None
    except ValueError as error:
        raise IntegrityError(Problem(where, message("audit/is_not_valid_json", error=error), message(RERUN))) from None


def as_written(content: Row) -> bytes:
    """The bytes of a JSON file as the program writes it: keys in order, each on its line."""
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces, as UTF-8: the bytes that are hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def solid(text: str) -> int:
    """Characters of a text that are not white space."""
    return sum(map(len, text.split()))


FAMILY = "criterion"  # of a code that names none


def main_codes(codes: Iterable[Row]) -> list[str]:
    """The codes that have sheets and cells of their own: those of the family `criterion`, else those of the first family."""
    families = {code["id"]: code.get("family", FAMILY) for code in codes}
    main = FAMILY if FAMILY in families.values() else next(iter(families.values()), FAMILY)
    return [code for code, family in families.items() if family == main]


BLOCK = 1024


def where_changed(data: bytes, blocks: str | None) -> str:
    """The first changed place: the lines of a text file, otherwise the bytes."""
    if blocks is None:
        return ""
    before = [blocks[i : i + 8] for i in range(0, len(blocks), 8)]
    now = [digest(data[i : i + BLOCK])[:8] for i in range(0, len(data), BLOCK)]
    first = next((i for i, (a, b) in enumerate(zip(before, now, strict=False)) if a != b), min(len(before), len(now)))
    start, end = first * BLOCK, min((first + 1) * BLOCK, len(data))
    lines = (data[:start].count(b"\n") + 1, data[:end].count(b"\n") + 1)
    place = f"bytes {start}-{end}"
    return place if b"\0" in data[:8000] else f"lines {lines[0]}-{lines[1]} ({place})"


MACHINE_NAMES = frozenset({"machine", "máquina", "rule", "regla", "classifier", "clasificador"})


def last_speakers(rows: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """By excerpt and hash of its words, the selector of the last line on them, which says whose they are."""
    return {(row["excerpt_id"], row["text_sha256"]): row["selector"] for row in rows if row.get("selector")}


def is_by(speaker: Row | None, selector: Row | None) -> bool:
    """Whether a selector names this speaker: the person of the register or, if they differ, the label; without a selector, yes."""
    if not speaker or not selector:
        return True
    is_same_person = bool(speaker["participant"] == selector["participant"])
    if (is_same_person and speaker["participant"]) or not (speaker["label"] or selector["label"]):
        return is_same_person
    return bool(speaker["label"] == selector["label"])


def overlap(one: Row, other: Row) -> bool:
    """Whether two rows with `start` and `end` have a character in common."""
    return bool(one["start"] < other["end"] and other["start"] < one["end"])


def lines_of_vote(vote: Row) -> list[int]:
    """The lines of the ledger that a coder's vote stands on, in order: several after a merge of codes."""
    because = json_object(vote["because"].encode())
    return sorted([because["decision"], *because.get("with", ())])


def with_one_name(rows: Iterable[Row]) -> list[Row]:
    """Lines of the ledger with one name for each coder, the first spelling: capitals and white space do not make another person.

    A name reserved for the machine counts as a person's, a blank one is *no name*, and `;` or `&` in a name becomes a plus.
    """
    names: dict[str, str] = {}
    return [
        {**row, "coder": names.setdefault(_plain_name(row["coder"]).casefold(), _plain_name(row["coder"]))}
        for row in rows
    ]


def without_taken_back(rows: Iterable[Row]) -> list[Row]:
    """The lines of the ledger that hold: their own coder did not take them back, or took back that line in turn."""
    lines = list(rows)
    gone: set[tuple[str, str]] = set()
    for row in sorted((row for row in lines if row["kind"] == "undo"), key=_number, reverse=True):
        if not _names(row) & gone:
            gone |= {(row["coder"], name) for name in str(row["value"]).split(";")}
    return [row for row in lines if row["kind"] != "undo" and not _names(row) & gone]


def _number(row: Row) -> int:
    return int(row["seq"])


def _names(row: Row) -> set[tuple[str, str]]:
    return {(row["coder"], row["hash"]), (row["coder"], row.get("origin", ""))}


def _plain_name(coder: str) -> str:
    name = unicodedata.normalize("NFC", " ".join(coder.split())).replace(";", "+").replace("&", "+")
    if name.casefold() in MACHINE_NAMES:
        return f"{name} (person)"
    return name or "no name"

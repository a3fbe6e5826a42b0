"""Files of texts coded by people, as examples: a gold set to be scored against, or one to learn from."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.codebook import Codebook, Criterion
from pipeline.errors import ConfigError, Problem
from pipeline.records import Example
from pipeline.vocabulary import Stance
from pipeline.wording.messages import message

ABOUT = frozenset({"id", "text", "language", "lang", "question", "group"})
YES, NO = frozenset({"1", "1.0", "true"}), frozenset({"0", "0.0", "false"})


@dataclass(frozen=True, slots=True)
class GoldFile:
    """The rows of a file as examples, and the codes that it has columns for."""

    name: str
    codes: tuple[str, ...]
    examples: tuple[Example, ...]


def read_gold(path: Path) -> GoldFile:
    """The coded texts of a CSV file; ConfigError if it is not one.

    A column of 0 and 1 is a code (blank: nobody decided); `CODE_stance` beside it may hold the stance; `text` must be there;
    `question`, `language` and `group` (person or document) may be. Without groups every row is its own.
    """
    rows = _rows(path)
    codes = tuple(
        name
        for name in rows[0]
        if name and name.lower() not in ABOUT and not name.endswith("_stance") and _is_code([row[name] for row in rows])
    )
    if not codes:
        raise ConfigError(
            Problem(path.name, message("evaluation/has_no_column_of_0"), message("evaluation/give_one_column_per_code"))
        )
    return GoldFile(path.name, codes, tuple(_example(row, codes, number) for number, row in enumerate(rows, 1)))


def _rows(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(2**24)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(map(_texts, csv.DictReader(file)))
    except OSError as error:
        raise ConfigError(
            Problem(
                str(path),
                message("common/cannot_be_read"),
                message("evaluation/check_the_path", strerror=error.strerror),
            )
        ) from None
    except (UnicodeDecodeError, csv.Error):
        raise ConfigError(
            Problem(path.name, message("evaluation/is_not_a_csv_file"), message("evaluation/save_it_as_csv_utf_8"))
        ) from None
    if not rows or "text" not in rows[0]:
        what = message("evaluation/has_no_rows") if not rows else message("evaluation/has_no_column_text")
        raise ConfigError(Problem(path.name, what, message("evaluation/give_text_language_and_one_0")))
    return rows


def _texts(row: dict[str | None, str | None]) -> dict[str, str]:
    """The cells of a row under a heading; a missing one is empty."""
    return {key: value or "" for key, value in row.items() if isinstance(key, str)}


def _is_code(values: Sequence[str]) -> bool:
    words = {value.strip().lower() for value in values} - {""}
    return bool(words) and words <= YES | NO


def _example(row: dict[str, str], codes: Sequence[str], number: int) -> Example:
    judged = tuple(code for code in codes if row[code].strip())
    carried = tuple((code, _stance(row, code)) for code in judged if row[code].strip().lower() in YES)
    language = row.get("language", "") or row.get("lang", "")
    return Example(row["text"], row.get("question", ""), language, carried, judged, row.get("group") or f"row {number}")


def _stance(row: dict[str, str], code: str) -> str:
    word = row.get(f"{code}_stance", "").strip().lower()
    return word if word in tuple(Stance) else ""


def codebook_for(codes: Sequence[str], codebook: Codebook) -> Codebook:
    """The study's codebook reduced to these codes; codes that it lacks have no definition or patterns."""
    by_id = {criterion.id: criterion for criterion in codebook.criteria}
    criteria = tuple(by_id.get(code, Criterion(code, "criterion", (), (), (), (), (), ())) for code in codes)
    return Codebook(codebook.version, criteria)

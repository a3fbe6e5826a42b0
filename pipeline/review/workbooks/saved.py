"""A review workbook as a spreadsheet program saved it: its rows by machine key, wherever columns and sheets were moved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import Problem, UnreadableError
from pipeline.review.form import CODE, WORD
from pipeline.review.row_answers import Suggestion
from pipeline.review.workbooks.review_workbook import INFO
from pipeline.wording.messages import message

KEYS_OF_ROW = {"excerpt_id", "text_sha256"}
LISTED_CODE = f"{WORD}:codes:"  # what begins the key of a code that is chosen from a list
NAMED = 5  # columns or comments that a message names; the others are counted


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet, by machine key.

    `twice` has the keys of columns that occur twice with different answers, `formulas` those of cells whose formula has no
    value.
    """

    sheet: str
    number: int
    cells: Mapping[str, str]
    twice: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedWorkbook:
    """A workbook as it came back: the sheet Info, its rows, what was handed out, headings by key, and what is not read."""

    name: str
    info: Mapping[str, str]
    rows: tuple[Row, ...]
    handed_out: tuple[str, ...]
    headings: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def base(self) -> int:
        """The last line of the ledger when the workbook was handed out."""
        return int(self.info["base"])

    @property
    def codes(self) -> frozenset[str]:
        """The codes that it handed out: those with a column, those of its list, and those that are to be ruled on."""
        columns = {key.removeprefix(CODE) for key in self.headings if key.startswith(CODE)}
        listed = {means for key, means in self.info.items() if key.startswith(LISTED_CODE)}
        return frozenset(columns | listed | {row.cells["target"] for row in self.rows if row.cells.get("target")})

    @property
    def lists_codes(self) -> bool:
        """Whether it lists its further codes; workbooks of earlier versions do not."""
        return any(key.startswith(LISTED_CODE) for key in self.info)

    def with_codes(self, names: Mapping[str, str]) -> SavedWorkbook:
        """The workbook with its codes under other names, in columns, lists, suggestions and in what is to be ruled on."""
        if all(code == name for code, name in names.items()):
            return self

        def key(name: str) -> str:
            return f"{CODE}{names.get(code, code)}" if (code := name.removeprefix(CODE)) != name else name

        info = {
            name: names.get(means, means) if name.startswith(LISTED_CODE) else means
            for name, means in self.info.items()
        }
        return replace(
            self,
            info=info,
            rows=tuple(_with_codes(row, {name: key(name) for name in row.cells}, names) for row in self.rows),
            handed_out=tuple(_renamed_identity(identity, names) for identity in self.handed_out),
            headings={key(name): heading for name, heading in self.headings.items()},
        )

    def place(self, row: Row) -> str:
        """The place of a row, with its sheet if several sheets hold answers."""
        is_alone = len({other.sheet for other in self.rows}) == 1
        return f"{self.name} row {row.number}" if is_alone else f"{self.name}, sheet {row.sheet}, row {row.number}"


def _with_codes(row: Row, keys: Mapping[str, str], names: Mapping[str, str]) -> Row:
    cells = {keys[name]: cell for name, cell in row.cells.items()}
    if "target" in cells:
        cells["target"] = names.get(cells["target"], cells["target"])
    if suggestion := Suggestion.of_cell(cells.get("suggested", "")):
        cells["suggested"] = suggestion.with_codes(names).as_cell()
    twice = tuple(keys.get(name, name) for name in row.twice)
    formulas = tuple(keys.get(name, name) for name in row.formulas)
    return replace(row, cells=cells, twice=twice, formulas=formulas)


def _renamed_identity(identity: str, names: Mapping[str, str]) -> str:
    """What was handed out under the new name of its code: an excerpt, or an excerpt and a code or finding."""
    excerpt, _, target = identity.rpartition(" ")
    return f"{excerpt} {names.get(target, target)}" if excerpt else identity


def saved_workbook(
    sheets: Mapping[str, Sequence[Sequence[str]]],
    name: str,
    *,
    without_value: Mapping[str, Sequence[str]] | None = None,
    comments: Sequence[str] = (),
) -> SavedWorkbook:
    """The workbook in the sheets of a file; UnreadableError if it is not ours. Sheets are identified by their machine keys.

    `without_value` has the cells of each sheet whose formula has no value, `comments` the places of comments.
    """
    info = {row[0]: row[1] for row in sheets.get(INFO, ()) if len(row) > 1}
    filled_in = {title: rows for title, rows in sheets.items() if _key_row(rows) is not None}
    if not filled_in or "study" not in info:
        raise UnreadableError(
            Problem(name, message("review/is_not_a_review_workbook"), message("review/use_a_workbook_made_by"))
        )
    rows: list[Row] = []
    headings: dict[str, str] = {}
    problems: list[Problem] = []
    for title, content in filled_in.items():
        sheet = _Sheet(title, content, frozenset((without_value or {}).get(title, ())))
        rows += sheet.rows()
        headings |= sheet.headings()
        problems += sheet.columns_without_key(name)
    if comments:
        named = ", ".join(comments[:NAMED]) + (" ..." if len(comments) > NAMED else "")
        what = message("review/has_cell_comments", named=named)
        problems.append(Problem(name, what, message("review/write_them_into_the_memo_column")))
    return SavedWorkbook(name, info, tuple(rows), _handed_out(info, name), headings, tuple(problems))


def _handed_out(info: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The excerpts handed out; UnreadableError if the sheet Info lacks them or the last line of the ledger."""
    try:
        int(info["base"])
        chunks = [json.loads(info[key]) for key in sorted(info) if re.fullmatch(r"id\d+", key)]
        return tuple(str(identity) for chunk in chunks for identity in chunk)
    except (KeyError, ValueError, TypeError):
        raise UnreadableError(
            Problem(name, message("review/has_lost_part_of_its_hidden_sheet"), message("review/copy_the_answers"))
        ) from None


def _key_row(rows: Sequence[Sequence[str]]) -> int | None:
    """The number, from 0, of the row of machine keys; None if the sheet has none."""
    return next((number for number, row in enumerate(rows) if set(row) >= KEYS_OF_ROW), None)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that holds answers."""

    title: str
    content: Sequence[Sequence[str]]
    without_value: frozenset[str]

    @property
    def first(self) -> int:
        """The number, from 0, of the row of machine keys; headings are below it, then the answers."""
        return _key_row(self.content) or 0

    @property
    def columns(self) -> dict[str, list[int]]:
        """Machine key -> the columns that carry it."""
        columns: dict[str, list[int]] = {}
        for number, key in enumerate(self.content[self.first]):
            if key:
                columns.setdefault(key, []).append(number)
        return columns

    def headings(self) -> dict[str, str]:
        titles = self.content[self.first + 1] if len(self.content) > self.first + 1 else ()
        return {key: titles[at[0]] for key, at in self.columns.items() if at[0] < len(titles) and titles[at[0]]}

    def rows(self) -> Iterator[Row]:
        columns = self.columns
        for number, cells in enumerate(self.content[self.first + 2 :], self.first + 3):
            if any(cell.strip() for cell in cells):
                yield self._row(number, cells, columns)

    def _row(self, number: int, cells: Sequence[str], columns: Mapping[str, Sequence[int]]) -> Row:
        single: dict[str, str] = {}
        twice: list[str] = []
        formulas: list[str] = []
        for key, at in columns.items():
            answers = list(
                dict.fromkeys(cells[column] for column in at if column < len(cells) and cells[column].strip())
            )
            single[key] = answers[0] if answers else ""
            if len(answers) > 1:
                twice.append(key)
            if self.without_value and any(f"{_letters(column)}{number}" in self.without_value for column in at):
                formulas.append(key)
        return Row(self.title, number, _joined(single), tuple(twice), tuple(formulas))

    def columns_without_key(self, name: str) -> Iterator[Problem]:
        """Columns that people added: named, not read."""
        keys = self.content[self.first]
        filled: dict[int, int] = {}
        for row in self.content[self.first + 2 :]:
            for column, cell in enumerate(row):
                if cell.strip() and (column >= len(keys) or not keys[column]):
                    filled[column] = filled.get(column, 0) + 1
        titles = self.content[self.first + 1] if len(self.content) > self.first + 1 else ()
        for column, count in filled.items():
            title = titles[column] if column < len(titles) and titles[column] else _letters(column)
            where = f"{name} column {title}"
            yield Problem(where, message("review/is_not_a_column", count=count), message("review/use_the_memo_column"))


def _letters(column: int) -> str:
    """The name that spreadsheets give a column, counted from 0."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _joined(cells: Mapping[str, str]) -> dict[str, str]:
    """The row with texts that were carried on in `key#2`, `key#3`, ... in one piece again."""
    joined = {key: cell for key, cell in cells.items() if "#" not in key}
    for key in sorted(key for key in cells if "#" in key):
        joined[key.partition("#")[0]] += cells[key]
    return joined

"""The registers of raw/: participants.csv|xlsx and sources.csv|xlsx."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import Problem, UserError
from pipeline.ingest.characters import read_text
from pipeline.people import GENDER, fold_name, remark_on_genders, words_of_gender
from pipeline.records import Participant, SourceEntry
from pipeline.registers.consent_column import (
    COLUMN,
    REMEDY,
    answering_columns,
    consent_heading,
    consent_of,
    heading_problems,
    unnamed_problems,
)
from pipeline.registers.headings import columns_of, doubled, holds_names
from pipeline.study import paths_in
from pipeline.vocabulary import Consent, Kind
from pipeline.wording import texts
from pipeline.wording.messages import message

STRICTEST_LAST = (Consent.UNSAID, Consent.YES, Consent.NO_QUOTES, Consent.NO)
# What a register may be called by mistake.
ALIKE = {
    "participants": re.compile(
        r"(?:list[ao]? (?:de |of )?|registr[oy] (?:de |of )?)?(?:partici?pants?|partici?pantes?|personas?|people)\b"
    ),
    "sources": re.compile(r"(?:sources?|fuentes?)$"),
}
LANGUAGE = re.compile(r"[a-z]{2,3}")
KINDS = {word: kind for kind in Kind for word in (kind, *(texts()[f"kind.{kind}"].values()))}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a register with its place."""

    where: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a register that could be read, and what is wrong with the others."""

    rows: tuple[Row, ...] = ()
    headings: tuple[str, ...] = ()  # the columns that the headings stand for
    written: tuple[str, ...] = ()  # the headings as they are in the file
    problems: tuple[Problem, ...] = ()
    is_complete: bool = True


def load_participants(raw: Path) -> tuple[tuple[Participant, ...], tuple[Problem, ...]]:
    """The people of a study in the order of the register, and all its problems; no people without a register.

    A blank consent counts as `no quotes` and a word that is not clear as `no`, until the register is corrected. Where no row
    says anything of consent, it is unknown for everybody (UNSAID). Of two rows of one person the stricter consent holds.
    Nobody is read from a register in which it is unclear who refused: which column is that of consent, or whose row it is.
    """
    register = _rows(raw, "participants", needed="participant_id")
    rows, problems = register.rows, list(register.problems)
    unclear = _consent_column_problems(rows) if rows else ()
    if unclear or not register.is_complete:
        return (), (*problems, *unclear)
    column = consent_heading(list(rows[0].cells) if rows else [])
    has_consent = any(row.cells.get(column) for row in rows)
    people: dict[str, Participant] = {}
    genders = words_of_gender(_genders(rows))
    for row in rows:
        person = _participant(row, column if has_consent else "", genders)
        problems += _person_problems(row, person, people)
        if person.participant_id:
            first = people.setdefault(person.participant_id, person)
            stricter = max(first, person, key=_strictness)
            people[person.participant_id] = replace(
                first, consent=stricter.consent, is_consent_stated=stricter.is_consent_stated
            )
        elif has_consent and person.consent is not Consent.YES:
            return (), tuple(problems)
    return tuple(people.values()), tuple(problems) + (tuple(_consent_problems(rows, column)) if has_consent else ())


def _consent_column_problems(rows: Sequence[Row]) -> tuple[Problem, ...]:
    """Reasons why it is unclear which column says who consents."""
    headings, where = list(rows[0].cells), f"{rows[0].where.rpartition(' line ')[0]} line 1"
    column = consent_heading(headings)
    problems = heading_problems(headings, where)
    if problems or any(row.cells.get(column) for row in rows):
        return problems
    other = [{key: cell for key, cell in row.cells.items() if not _is_named(key)} for row in rows]
    return unnamed_problems(list(answering_columns(other)), where)


def _participant(row: Row, column: str, genders: Mapping[str, str]) -> Participant:
    """The person of a row; `column` is that of consent, empty if the register has none; `genders` as in `words_of_gender`."""
    cell = row.cells.get(column, "")
    consent = consent_of(cell)
    safe = Consent.UNSAID if not column else Consent.NO if cell else Consent.NO_QUOTES
    return Participant(
        participant_id=row.cells["participant_id"],
        consent=consent or safe,
        names=_names(row.cells),
        attributes=tuple(
            (key, genders.get(value, value) if key == GENDER else value)
            for key, value in row.cells.items()
            if key != column and not _is_named(key)
        ),
        is_consent_stated=consent is not None or not column,
    )


def _is_named(column: str) -> bool:
    """Whether a column is one of those that hold no attribute: id, names and consent."""
    return column in ("participant_id", COLUMN) or holds_names(column)


def _names(cells: Mapping[str, str]) -> tuple[str, ...]:
    """All names of a person; where given names and surnames have columns of their own, joined first."""
    given, surnames = cells.get("name", ""), [cells.get("surname", ""), cells.get("second_surname", "")]
    further = [surname for surname in surnames if surname and surname not in given]
    whole = " ".join(filter(None, (given, *further))) if further and ";" not in given else ""
    columns = [
        cell for column, cell in cells.items() if holds_names(column) and column not in ("surname", "second_surname")
    ]
    return tuple(dict.fromkeys(filter(None, (whole, *(name for cell in columns for name in parts(cell))))))


def gender_words_taken(raw: Path) -> Iterator[Problem]:
    """A remark that says which words of the register are taken for woman and man."""
    rows = _rows(raw, "participants", needed="participant_id").rows
    yield from remark_on_genders("raw/participants", _genders(rows))


def _genders(rows: Sequence[Row]) -> list[str]:
    return [row.cells.get(GENDER, "") for row in rows]


def _strictness(person: Participant) -> int:
    return STRICTEST_LAST.index(person.consent)


def _consent_problems(rows: Sequence[Row], column: str) -> Iterator[Problem]:
    """One problem for all blanks, one for each word that is not clear."""
    blank = [row.where for row in rows if not row.cells[column]]
    if blank:
        more = f" (and {len(blank) - 1} more)" if len(blank) > 1 else ""
        what = message("registers/consent_is_blank_the_words")
        yield Problem(f"{blank[0]}{more}", what, message(REMEDY))
    for row in rows:
        if row.cells[column] and consent_of(row.cells[column]) is None:
            yield Problem(row.where, message("registers/its_consent_is_unclear_none"), message(REMEDY))


def _person_problems(row: Row, person: Participant, people: dict[str, Participant]) -> Iterator[Problem]:
    if not person.participant_id:
        yield Problem(row.where, message("registers/has_no_participant_id"), message("registers/give_the_person_an_id"))
    elif person.participant_id in people:
        yield Problem(
            row.where, message("registers/has_a_participant_id"), message("registers/keep_one_row_per_person")
        )
    if ";" in person.participant_id or ":" in person.participant_id:
        yield Problem(
            row.where,
            message("registers/its_participant_id_contains_a_semicolon"),
            message("registers/use_letters_digits_and"),
        )


def load_sources(raw: Path) -> tuple[dict[str, SourceEntry], tuple[Problem, ...]]:
    """The rows of raw/sources by path, and all its problems; none without the file."""
    register = _rows(raw, "sources", needed="path")
    problems = list(register.problems)
    entries: dict[str, SourceEntry] = {}
    for row in register.rows:
        entry = _entry(row)
        problems += _entry_problems(row, entry, entries)
        if entry.path:
            entries.setdefault(entry.path, entry)
    return entries, tuple(problems)


def with_speakers(raw: Path, speakers: Mapping[str, str]) -> list[list[str]]:
    """The headings of raw/sources, and for each of these paths its row with this cell as its speakers, or a new row."""
    register = _rows(raw, "sources", needed="path")
    columns = tuple(dict.fromkeys((*(register.headings or ("path",)), "speakers")))
    present = {_entry(row).path: row.cells for row in register.rows}
    rows = [{**present.get(path, {}), "path": path, "speakers": cell} for path, cell in speakers.items()]
    as_written = (*register.written, *columns[len(register.written) :])
    return [list(as_written), *([row.get(column, "") for column in columns] for row in rows)]


def _entry(row: Row) -> SourceEntry:
    cells = row.cells
    pairs = tuple(_pair(text) for text in parts(cells.get("speakers", "")) if "=" in text)
    kind, language = KINDS.get(cells.get("kind", "").lower(), ""), cells.get("language", "").lower()
    return SourceEntry(
        path=cells["path"].replace("\\", "/").removeprefix("./").removeprefix("raw/"),
        source_id=cells.get("source_id", ""),
        kind=kind,
        participant_ids=parts(cells.get("participant_ids", "")),
        language=language if LANGUAGE.fullmatch(language) else "",
        date=cells.get("date", ""),
        site=cells.get("site", ""),
        speakers=pairs,
    )


def _pair(text: str) -> tuple[str, str]:
    label, _, person = text.rpartition("=")
    return label.strip(), person.strip()


def _entry_problems(row: Row, entry: SourceEntry, entries: dict[str, SourceEntry]) -> Iterator[Problem]:
    if not entry.path:
        yield Problem(row.where, message("registers/has_no_path"), message("registers/give_the_path_of_the_file"))
    elif entry.path in entries:
        yield Problem(row.where, message("registers/is_a_second_row"), message("registers/keep_one_row_per_file"))
    if entry.source_id and entry.source_id in {e.source_id for e in entries.values()}:
        yield Problem(
            row.where, message("registers/has_a_source_id"), message("registers/give_every_file_its_own_source")
        )
    yield from _cell_problems(row, entry)


def _cell_problems(row: Row, entry: SourceEntry) -> Iterator[Problem]:
    """Cells of a row that cannot be used."""
    if "=" in entry.source_id:
        yield Problem(
            row.where, message("registers/its_source_id_looks_like"), message("registers/move_it_into_that_column")
        )
    if ":" in entry.source_id:
        yield Problem(
            row.where,
            message("registers/its_source_id_contains_a_colon"),
            message("registers/use_letters_digits_and_2"),
        )
    if row.cells.get("kind") and not entry.kind:
        yield Problem(
            row.where,
            message("registers/its_kind_is_unknown"),
            message("registers/use_or_leave_it_empty", kind=", ".join(Kind)),
        )
    if row.cells.get("language") and not entry.language:
        yield Problem(
            row.where, message("registers/its_language_is_not_a_code"), message("registers/use_two_letters_es_en_fr")
        )
    if any("=" not in text for text in parts(row.cells.get("speakers", ""))):
        yield Problem(
            row.where,
            message("registers/its_speakers_are_not_written_label"),
            message("registers/write_for_example_e_interviewer_p1"),
        )


def parts(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, joined by ; (or |)."""
    return tuple(part.strip() for part in cell.replace("|", ";").split(";") if part.strip())


def _rows(raw: Path, name: str, *, needed: str) -> Rows:
    files = [path for path in (raw / f"{name}.csv", raw / f"{name}.xlsx") if path.exists() or path.is_symlink()]
    alike = _misspelt(raw, name, files)
    if not files:
        remedy = message("registers/rename_it_to_csv_or_xlsx", name=name)
        what = message("registers/may_be_the_register_of_but", name=name)
        return Rows(problems=tuple(Problem(f"raw/{path.name}", what, remedy) for path in alike))
    register = _read(files[0], needed)
    what = message("registers/is_next_to_and_only", name=files[0].name)
    remedy = message("registers/keep_the_right_one_and_remove")
    beside = [Problem(f"raw/{other.name}", what, remedy) for other in (*files[1:], *alike)]
    return replace(register, problems=(*register.problems, *beside))


def _misspelt(raw: Path, name: str, files: Sequence[Path]) -> list[Path]:
    """Things in raw/ that are called nearly as a register is, and are not read: `Participants.csv`, `participantes.xlsx`."""
    neighbours = (path for path in paths_in(raw) if path not in files and not path.name.startswith((".", "~$")))
    return [path for path in neighbours if ALIKE[name].match(fold_name(path.stem))]


def _read(path: Path, needed: str) -> Rows:
    where = f"raw/{path.name}"
    if not path.is_file():
        what = (
            message("registers/is_a_folder")
            if path.is_dir()
            else message("common/is_a_broken_link")
            if path.is_symlink()
            else message("common/is_not_a_file")
        )
        return Rows(problems=(Problem(where, what, message("registers/put_the_register_itself")),))
    try:
        data = path.read_bytes()
        table = read_csv(data) if path.suffix == ".csv" else read_xlsx(data)
    except UserError as error:
        return Rows(problems=tuple(Problem(f"{where} {p.where}".strip(), p.what, p.remedy) for p in error.problems))
    except (ValueError, csv.Error):
        return Rows(
            problems=(
                Problem(
                    where,
                    message("common/cannot_be_read_as_a_table"),
                    message("registers/save_it_as_csv_utf_8_or_xlsx"),
                ),
            )
        )
    if path.suffix == ".csv" and _is_cut(table, data):
        what = message("registers/ends_inside_its_last_row")
        return Rows(
            problems=(Problem(f"{where} row {len(table)}", what, message("registers/export_it_again_or_complete")),)
        )
    if not table:
        return Rows(
            problems=(
                Problem(where, message("common/is_empty"), message("registers/give_it_a_first_row", needed=needed)),
            )
        )
    return _checked(table, where, path.stem, needed)


def _is_cut(table: Sequence[Sequence[str]], data: bytes) -> bool:
    """Whether a CSV file ends in a row without all columns and without a line end: *sin citas* may have become *si*."""
    return (
        len(table) > 1 and len(table[-1]) < len(table[0]) and not read_text(data, references=False).text.endswith("\n")
    )


def _checked(table: list[list[str]], where: str, register: str, needed: str) -> Rows:
    heads = columns_of(table[0], register)
    if needed not in heads:
        return Rows(
            problems=(
                Problem(
                    f"{where} line 1",
                    message("registers/has_no_column", needed=needed),
                    message("registers/name_the_columns_in_the_first", needed=needed),
                ),
            )
        )
    if several := doubled(heads):
        what = message("registers/has_several_columns_with_the_same", doubled=", ".join(several))
        return Rows(problems=(Problem(f"{where} line 1", what, message("registers/give_each_column_its_own_name")),))
    rows, problems = [], []
    for number, cells in enumerate(table[1:], 2):
        if len(cells) > len(heads) and any(cells[len(heads) :]):
            problems.append(
                Problem(
                    f"{where} line {number}",
                    message("registers/has_more_cells_than_columns"),
                    message("registers/put_text_with_commas_in_quotes"),
                )
            )
        elif any(cells):
            rows.append(Row(f"{where} line {number}", by_heading(heads, cells)))
    return Rows(tuple(rows), tuple(heads), tuple(table[0]), tuple(problems), is_complete=not problems)


def by_heading(heads: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The cells of a row by their headings; "" for cells that the row lacks."""
    return dict(zip(heads, [*cells, *[""] * len(heads)], strict=False))


def read_csv(data: bytes) -> list[list[str]]:
    """The cells of a CSV file as written, white space around them left out. The delimiter is the one its first line uses most."""
    text = read_text(data, references=False).text
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    return [_stripped(row) for row in reader if row]


def _stripped(row: Iterable[str]) -> list[str]:
    return [cell.strip() for cell in row]


def read_xlsx(data: bytes) -> list[list[str]]:
    """The cells of a workbook's first sheet that is shown, as text. UnreadableError if the workbook cannot be trusted."""
    from pipeline.ingest.spreadsheets.workbooks import read

    sheets = read(data).sheets
    return [_stripped(row) for row in sheets[0].rows] if sheets else []

"""The registers of raw/: participants.csv|xlsx and sources.csv|xlsx."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import Problem, UserError
from pipeline.ingest.characters import read_text
from pipeline.ingest.transcript.speaker_labels import fold
from pipeline.records import Participant, SourceEntry
from pipeline.vocabulary import Consent, Kind

NAME_COLUMNS = ("name", "names", "initials", "aliases")
STRICTEST_LAST = (Consent.UNSAID, Consent.YES, Consent.NO_QUOTES, Consent.NO)
KNOWN = frozenset(STRICTEST_LAST[1:])
WORDS_OF_CONSENT = "write yes, no quotes or no"
LANGUAGE = re.compile(r"[a-z]{2,3}")
ENTRY_COLUMNS = ("path", "source_id", "kind", "participant_ids", "language", "date", "site", "speakers")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a register with its place."""

    where: str
    cells: dict[str, str]


def load_participants(raw: Path) -> tuple[tuple[Participant, ...], tuple[Problem, ...]]:
    """The people of a study in the order of the register, and every problem of it. No register: nobody.

    A blank consent counts as `no quotes` and a word that is none of the three as `no`, until the register is mended. Where
    no row says anything of consent, nobody's is known (UNSAID). Of two rows of one person the stricter consent holds.
    """
    rows, problems = _rows(raw, "participants", needed="participant_id")
    is_said = any(row.cells.get("consent") for row in rows)
    people: dict[str, Participant] = {}
    for row in rows:
        person = _participant(row, _consent(row) if is_said else Consent.UNSAID)
        problems += _person_problems(row, person, people)
        if person.participant_id:
            first = people.setdefault(person.participant_id, person)
            people[person.participant_id] = replace(first, consent=max(first.consent, person.consent, key=_strictness))
    return tuple(people.values()), tuple(problems) + (tuple(_consent_problems(rows)) if is_said else ())


def _participant(row: Row, consent: Consent) -> Participant:
    names = tuple(name for column in NAME_COLUMNS for name in parts(row.cells.get(column, "")))
    own = ("participant_id", "consent", *NAME_COLUMNS)
    attributes = tuple((key, value) for key, value in row.cells.items() if key not in own)
    return Participant(row.cells["participant_id"], consent, names, attributes)


def _consent(row: Row) -> Consent:
    said = row.cells["consent"]
    if not said:
        return Consent.NO_QUOTES
    return Consent(fold(said)) if fold(said) in KNOWN else Consent.NO


def _strictness(consent: Consent) -> int:
    return STRICTEST_LAST.index(consent)


def _consent_problems(rows: Sequence[Row]) -> Iterator[Problem]:
    """One problem for all blanks, one for each word that is not known."""
    blank = [row.where for row in rows if not row.cells["consent"]]
    if blank:
        more = f" (and {len(blank) - 1} more)" if len(blank) > 1 else ""
        what = "consent is blank: the words are used and not shown"
        yield Problem(f"{blank[0]}{more}", what, WORDS_OF_CONSENT)
    for row in rows:
        if row.cells["consent"] and fold(row.cells["consent"]) not in KNOWN:
            yield Problem(
                row.where, "its consent is none of the words: nothing of the person is used", WORDS_OF_CONSENT
            )


def _person_problems(row: Row, person: Participant, people: dict[str, Participant]) -> Iterator[Problem]:
    if not person.participant_id:
        yield Problem(row.where, "has no participant_id", "give the person an id, or take the row out")
    elif person.participant_id in people:
        yield Problem(row.where, "has a participant_id that stands above", "keep one row a person")
    if ";" in person.participant_id or ":" in person.participant_id:
        yield Problem(row.where, "its participant_id has ; or : in it", "use letters, digits, - and _")


def load_sources(raw: Path) -> tuple[dict[str, SourceEntry], tuple[Problem, ...]]:
    """What raw/sources says of each file, by path, and every problem of it. No register: nothing."""
    rows, problems = _rows(raw, "sources", needed="path")
    entries: dict[str, SourceEntry] = {}
    for row in rows:
        entry = _entry(row)
        problems += _entry_problems(row, entry, entries)
        if entry.path:
            entries.setdefault(entry.path, entry)
    return entries, tuple(problems)


def _entry(row: Row) -> SourceEntry:
    cells = row.cells
    pairs = tuple(_pair(text) for text in parts(cells.get("speakers", "")) if "=" in text)
    kind, language = cells.get("kind", "").lower(), cells.get("language", "").lower()
    return SourceEntry(
        path=cells["path"].replace("\\", "/").removeprefix("./").removeprefix("raw/"),
        source_id=cells.get("source_id", ""),
        kind=kind if kind in set(Kind) else "",
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
        yield Problem(row.where, "has no path", "name the file as it stands below raw/, for example interviews/a.docx")
    elif entry.path in entries:
        yield Problem(row.where, "is the second row of one file", "keep one row a file")
    if entry.source_id and entry.source_id in {e.source_id for e in entries.values()}:
        yield Problem(row.where, "has a source_id that stands above", "give every file its own")
    if ":" in entry.source_id:
        yield Problem(row.where, "its source_id has a colon", "use letters, digits, . - and _")
    if row.cells.get("kind") and not entry.kind:
        yield Problem(row.where, "its kind is unknown", f"use {', '.join(Kind)}, or leave it empty")
    if row.cells.get("language") and not entry.language:
        yield Problem(row.where, "its language is no code", "use two letters: es, en, fr, pt; or leave it empty")
    if any("=" not in text for text in parts(row.cells.get("speakers", ""))):
        yield Problem(
            row.where, "its speakers are not written label=participant_id", "for example E=INTERVIEWER;P1=P014"
        )


def parts(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, joined by ; (or |)."""
    return tuple(part.strip() for part in cell.replace("|", ";").split(";") if part.strip())


def _rows(raw: Path, name: str, *, needed: str) -> tuple[list[Row], list[Problem]]:
    found = [p for p in (raw / f"{name}.csv", raw / f"{name}.xlsx") if p.is_file()]
    if not found:
        return [], []
    rows, problems = _read(found[0], needed)
    for other in found[1:]:
        what = f"stands beside {found[0].name}, which alone is read"
        problems.append(Problem(f"raw/{other.name}", what, "keep the one that holds, and take the other out of raw/"))
    return rows, problems


def _read(path: Path, needed: str) -> tuple[list[Row], list[Problem]]:
    where = f"raw/{path.name}"
    try:
        table = read_csv(path.read_bytes()) if path.suffix == ".csv" else read_xlsx(path.read_bytes())
    except UserError as error:
        return [], [Problem(f"{where} {p.where}".strip(), p.what, p.remedy) for p in error.problems]
    except (OSError, ValueError, csv.Error):
        return [], [Problem(where, "cannot be read as a table", "save it as .csv (UTF-8) or .xlsx")]
    if not table:
        return [], [Problem(where, "is empty", f"give it a first row with column names, {needed} among them")]
    return _checked(table, where, needed)


def _checked(table: list[list[str]], where: str, needed: str) -> tuple[list[Row], list[Problem]]:
    heads = [fold(head).replace(" ", "_") for head in table[0]]
    if needed not in heads:
        return [], [Problem(f"{where} line 1", f"has no column {needed}", "name the columns in the first row")]
    doubled = sorted(head for head, times in Counter(heads).items() if head and times > 1)
    if doubled:
        what = f"has several columns of one name ({', '.join(doubled)}); the register is not read"
        return [], [Problem(f"{where} line 1", what, "give each column a name of its own")]
    rows, problems = [], []
    for number, cells in enumerate(table[1:], 2):
        if len(cells) > len(heads) and any(cells[len(heads) :]):
            problems.append(
                Problem(f"{where} line {number}", "has more cells than columns", "put text with commas in quotes")
            )
        elif any(cells):
            rows.append(Row(f"{where} line {number}", dict(zip(heads, [*cells, *[""] * len(heads)], strict=False))))
    return rows, problems


def read_csv(data: bytes) -> list[list[str]]:
    """The cells of a CSV file as written, white space around them left out. The delimiter is the one its first line uses most."""
    text = read_text(data, references=False).text
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    return [[cell.strip() for cell in row] for row in reader if row]


def read_xlsx(data: bytes) -> list[list[str]]:
    """The cells of a workbook's first sheet that is shown, as text. UnreadableError where the workbook cannot be trusted."""
    from pipeline.ingest.spreadsheets.workbooks import read

    sheets = read(data).sheets
    return [[cell.strip() for cell in row] for row in sheets[0].rows] if sheets else []

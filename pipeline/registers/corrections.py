"""coded/corrections.csv: words of transcripts that were mistyped, and turns under the wrong speaker, with what they should be.

The review page writes the rows, and a person may write or delete them by hand. A row that is withdrawn stays, and is not applied.
The file holds participants' words: it is as confidential as raw/.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pipeline.errors import Problem, UserError
from pipeline.ingest.corrections.finding import correction_key
from pipeline.records import Correction
from pipeline.registers.participants import by_heading, read_csv
from pipeline.sheets import RISKY, guarded_cell
from pipeline.study import Study, write_atomic
from pipeline.vocabulary import CorrectionStatus
from pipeline.wording.messages import Message, message

NAME = "coded/corrections.csv"
NEEDED = ("source", "words", "corrected")
COLUMNS = (*NEEDED[:2], "nth", "corrected", "speaker", "new_speaker", "reason", "by", "at", "withdrawn")
LONGEST = 2000  # characters of a cell: a correction is of words, not of an interview
JOINERS = "\u200c\u200d"  # the only invisible signs that words need


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A row of the file: what is corrected, who says so, when and why; `withdrawn` by whom and when, blank while it holds."""

    line: int
    correction: Correction
    reason: str = ""
    by: str = ""
    at: str = ""
    withdrawn: str = ""

    @property
    def day(self) -> str:
        """The day on which it was corrected."""
        return self.at[:10]

    @property
    def key(self) -> str:
        """What the row is known by in the table `corrections`."""
        return correction_key(self.correction)


class Headed(NamedTuple):
    """The cells of a file by its headings."""

    heads: Sequence[str]
    rows: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class CorrectionsFile:
    """The rows that can be used, withdrawn ones too, and what is wrong with the others."""

    rows: tuple[CorrectionRow, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def holding(self) -> tuple[CorrectionRow, ...]:
        """The rows that are not withdrawn."""
        return tuple(row for row in self.rows if not row.withdrawn)

    def of_source(self, source_id: str, *, is_survey: bool) -> tuple[Correction, ...]:
        """The corrections of a file by its source id; those of a survey name its rows, whose ids begin with it."""
        return tuple(
            row.correction
            for row in self.holding
            if row.correction.source_id == source_id
            or (is_survey and row.correction.source_id.startswith(f"{source_id}."))
        )


def load_corrections(study: Study) -> CorrectionsFile:
    """The corrections of a study; none without the file. Rows that cannot be used are problems."""
    path = study.root / NAME
    if not path.exists():
        return CorrectionsFile()
    try:
        table = _cells(path.read_bytes())
    except UserError as error:
        return CorrectionsFile(problems=tuple(replace(p, where=f"{NAME} {p.where}".strip()) for p in error.problems))
    except (OSError, csv.Error):
        what = message("common/cannot_be_read_as_a_table")
        return CorrectionsFile(problems=(Problem(NAME, what, message("registers/save_it_as_csv_utf_8")),))
    heads = table[0] if table else []
    if table and set(NEEDED) - set(heads):
        what = message("registers/does_not_have_the_columns_of_corrections")
        return CorrectionsFile(problems=(Problem(NAME, what, message("registers/restore_its_first_row_or_remove")),))
    return _of_rows([(line, by_heading(heads, cells)) for line, cells in enumerate(table[1:], 2)])


def _cells(data: bytes) -> list[list[str]]:
    """The cells of the file, without the apostrophe that keeps a cell from being read as a formula."""
    return [list(map(_unguarded, row)) for row in read_csv(data)]


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(RISKY) else cell


def _of_rows(cells: Iterable[tuple[int, Mapping[str, str]]]) -> CorrectionsFile:
    rows: list[CorrectionRow] = []
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    for line, row in cells:
        if not any(row.values()):
            continue
        read = _row(line, row)
        faults = list(_faults(read, row))
        if not faults and not read.withdrawn and read.key in lines:
            faults = [
                (
                    message("registers/is_the_same_as_line", line=lines[read.key]),
                    message("registers/delete_one_of_them"),
                )
            ]
        if faults:
            problems += [Problem(f"{NAME} line {line}", what, remedy) for what, remedy in faults]
            continue
        if not read.withdrawn:
            lines[read.key] = line
        rows.append(read)
    return CorrectionsFile(tuple(rows), tuple(problems))


def _row(line: int, row: Mapping[str, str]) -> CorrectionRow:
    nth = row.get("nth", "")
    return CorrectionRow(
        line=line,
        correction=Correction(
            source_id=row["source"],
            words=plain_words(row["words"]),
            nth=int(nth) if nth.isdecimal() and len(nth) < 7 else 0,
            corrected=plain_words(row["corrected"]),
            speaker=plain_words(row.get("speaker", "")),
            new_speaker=plain_words(row.get("new_speaker", "")),
        ),
        reason=row.get("reason", ""),
        by=row.get("by", ""),
        at=row.get("at", ""),
        withdrawn=row.get("withdrawn", ""),
    )


def plain_words(text: str) -> str:
    """Words as they are compared and written: accents composed, white space and line ends as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _faults(row: CorrectionRow, cells: Mapping[str, str]) -> Iterator[tuple[Message, Message]]:
    """What is wrong with a row in itself."""
    correction = row.correction
    if cells.get("nth", "") and not correction.nth:
        yield message("registers/its_nth_is_not_a_number"), message("registers/write_which_of_the_places")
    yield from faults_of(correction)


def faults_of(correction: Correction) -> Iterator[tuple[Message, Message]]:
    """What is wrong with a correction in itself, each with the remedy."""
    if not correction.source_id or not correction.words:
        yield message("registers/names_no_source_or_no_words"), message("registers/write_the_source_and_the_words")
    if correction.corrected and correction.new_speaker:
        yield message("registers/corrects_two_things"), message("registers/fill_corrected_or_new_speaker")
    elif (correction.corrected or correction.new_speaker) in ("", correction.words):
        yield message("registers/corrects_nothing"), message("registers/fill_corrected_or_new_speaker")
    texts = (correction.words, correction.corrected, correction.new_speaker)
    if any(map(strange_signs, texts)):
        yield message("registers/holds_invisible_signs"), message("registers/type_the_words_anew")
    if max(map(len, texts)) > LONGEST:
        yield message("registers/is_longer_than", longest=LONGEST), message("registers/correct_single_words")


def strange_signs(text: str) -> bool:
    """Whether a text holds signs that are no words: control characters, invisible ones, those of private use."""
    return any(unicodedata.category(c)[0] == "C" and c not in JOINERS for c in text)


STATUS_REMEDY = {
    CorrectionStatus.NOT_FOUND: "registers/copy_the_words_from_the_file",
    CorrectionStatus.SEVERAL: "registers/write_which_of_the_places",
    CorrectionStatus.CROSSES: "registers/keep_one_of_them",
    CorrectionStatus.OTHER_SPEAKER: "registers/correct_who_speaks_there_now",
    CorrectionStatus.UNKNOWN_SPEAKER: "registers/name_a_speaker_of_the_file",
    CorrectionStatus.NO_SPEAKERS: "registers/only_interviews_have_speakers",
}


def not_applied(file: CorrectionsFile, statuses: Mapping[str, str]) -> Iterator[Problem]:
    """A problem for each row that holds and is not applied; `statuses` are those of the rows whose source was read, by key."""
    for row in file.holding:
        where = f"{NAME} line {row.line}"
        status = statuses.get(row.key)
        if status is None:
            yield Problem(
                where, message("registers/names_a_source_that_is_not_there"), message("registers/write_the_source_id")
            )
        elif status != CorrectionStatus.APPLIED:
            kind = CorrectionStatus(status)
            yield Problem(where, message(f"registers/correction_{kind.name.lower()}"), message(STATUS_REMEDY[kind]))


def add_row(study: Study, row: CorrectionRow, *, instead_of: Collection[str] = (), withdrawn: str = "") -> None:
    """Add a row to the file, and withdraw those with the keys `instead_of`; every other row stays as it is."""
    heads, rows = _table(study)
    rows = _withdrawn(heads, rows, keys=instead_of, withdrawn=withdrawn)
    _write(study, heads, [*rows, _cells_of(row)])


def withdraw_rows(study: Study, keys: Collection[str], *, withdrawn: str) -> None:
    """Say in the file by whom and when rows were withdrawn."""
    heads, rows = _table(study)
    _write(study, heads, _withdrawn(heads, rows, keys=keys, withdrawn=withdrawn))


def drop_rows(study: Study, is_dropped: Callable[[CorrectionRow], bool]) -> None:
    """Take rows out of the file, withdrawn ones too; those that cannot be read stay."""
    if not (study.root / NAME).exists():
        return
    heads, rows = _table(study)
    remaining = [row for row in rows if not is_dropped(_row(0, row))]
    if len(remaining) < len(rows):
        _write(study, heads, remaining)


def _table(study: Study) -> Headed:
    path = study.root / NAME
    table = _cells(path.read_bytes()) if path.exists() else []
    heads = table[0] if table else []
    rows = [by_heading(heads, cells) for cells in table[1:]]
    return Headed((*heads, *(column for column in COLUMNS if column not in heads)), rows)


def _withdrawn(
    heads: Sequence[str], rows: Iterable[dict[str, str]], *, keys: Collection[str], withdrawn: str
) -> list[dict[str, str]]:
    every = [{**dict.fromkeys(heads, ""), **row} for row in rows]
    return [
        {**row, "withdrawn": withdrawn} if not row["withdrawn"] and _row(0, row).key in keys else row for row in every
    ]


def _write(study: Study, heads: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([guarded_cell(row.get(column, "")) for column in heads])
    write_atomic(study.root / NAME, text.getvalue().encode("utf-8-sig"))


def _cells_of(row: CorrectionRow) -> dict[str, str]:
    correction = row.correction
    return {
        "source": correction.source_id,
        "words": correction.words,
        "nth": str(correction.nth or ""),
        "corrected": correction.corrected,
        "speaker": correction.speaker,
        "new_speaker": correction.new_speaker,
        "reason": " ".join(row.reason.split()),
        "by": row.by,
        "at": row.at,
        "withdrawn": row.withdrawn,
    }

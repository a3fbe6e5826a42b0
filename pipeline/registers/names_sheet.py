"""coded/names.csv: every name that the words of the sources hold, and what a person decided on it.

The program writes the rows; the columns `decision` and `person` are yours. A row that you add masks its words wherever they
are written so. Rows are known again by `name_id`, so spreadsheets may change anything else. The file holds names: it is for
the team alone.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import pandas as pd

from pipeline.errors import Problem, UserError
from pipeline.people import fold_name
from pipeline.privacy.names.plan import AddedName, NameChoice
from pipeline.records import NameEntry
from pipeline.registers.participants import by_heading, read_csv
from pipeline.sheets import guarded_cell
from pipeline.study import Study, write_atomic
from pipeline.vocabulary import Identity, MaskEvidence, MaskStatus, NameDecision
from pipeline.wording import LANGUAGES, closed_word, place_of_problem
from pipeline.wording.messages import message

NAME = "coded/names.csv"
COLUMNS = ("decision", "person", "kind", "words", "status", "because", "count", "places", "name_id")
DECISIONS = {
    "mask": NameDecision.MASK, "hide": NameDecision.MASK, "ocultar": NameDecision.MASK, "tapar": NameDecision.MASK,
    "lift": NameDecision.LIFT, "show": NameDecision.LIFT, "mostrar": NameDecision.LIFT, "dejar": NameDecision.LIFT,
}  # fmt: skip
REMEDY = "registers/write_mask_or_show_ocultar_mostrar"
Word = TypeVar("Word", bound=StrEnum)
PLACES = 3  # of a name that a row gives


@dataclass(frozen=True, slots=True)
class NamesSheet:
    """The rows of coded/names.csv as the last run left them and persons filled them in."""

    entries: Mapping[str, NameEntry]
    choices: tuple[NameChoice, ...]
    added: tuple[AddedName, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def waiting(self) -> int:
        """How many names wait for a person."""
        decided = {choice.name_id for choice in self.choices}
        return sum(e.status is MaskStatus.WAITING for e in self.entries.values() if e.name_id not in decided)


def load_names(study: Study) -> NamesSheet:
    """The sheet of names; without rows where there is none yet. Rows that cannot be used are problems."""
    path = study.root / NAME
    if not path.exists():
        return NamesSheet({}, (), ())
    try:
        table = read_csv(path.read_bytes())
    except UserError as error:
        return NamesSheet({}, (), (), tuple(replace(p, where=f"{NAME} {p.where}".strip()) for p in error.problems))
    except (OSError, csv.Error):
        return NamesSheet(
            {},
            (),
            (),
            (Problem(NAME, message("common/cannot_be_read_as_a_table"), message("registers/save_it_as_csv_utf_8")),),
        )
    heads = table[0] if table else []
    if table and {"decision", "words", "name_id"} - set(heads):
        what = message("registers/does_not_have_the_columns_decision")
        return NamesSheet({}, (), (), (Problem(NAME, what, message("registers/restore_its_first_row_or_remove")),))
    rows = [by_heading(heads, cells) for cells in table[1:]]
    return _sheet(rows)


def _sheet(rows: Sequence[Mapping[str, str]]) -> NamesSheet:
    entries: dict[str, NameEntry] = {}
    choices, added, problems = [], [], []
    for number, row in enumerate(rows, 2):
        decision = DECISIONS.get(fold_name(row["decision"]))
        words, person = row["words"].removeprefix("'"), row.get("person", "")
        if row["decision"] and decision is None:
            problems.append(
                Problem(f"{NAME} line {number}", message("registers/its_decision_is_unclear"), message(REMEDY))
            )
        if _is_added(row):
            if words and decision is not NameDecision.LIFT:
                kind = _word_of("mask", row.get("kind", ""), Identity, Identity.NAME)
                added.append(AddedName(words, kind, person))
            continue
        entries[row["name_id"]] = _entry(row, words)
        if decision:
            choices.append(NameChoice(row["name_id"], decision, person))
    return NamesSheet(entries, tuple(choices), tuple(added), tuple(problems))


def _is_added(row: Mapping[str, str]) -> bool:
    return not row["name_id"]


def _entry(row: Mapping[str, str], words: str) -> NameEntry:
    return NameEntry(
        name_id=row["name_id"],
        kind=_word_of("mask", row.get("kind", ""), Identity, Identity.NAME),
        words=words,
        status=_word_of("mask_status", row.get("status", ""), MaskStatus, MaskStatus.WAITING),
        because=_word_of("mask_evidence", row.get("because", ""), MaskEvidence, MaskEvidence.FORM),
        person=row.get("person", ""),
    )


def _word_of(section: str, shown: str, words: type[Word], otherwise: Word) -> Word:
    """The closed word that is shown by a text in any language."""
    for word in words:
        if shown in {word, *(closed_word(section, word, language) for language in LANGUAGES)}:
            return word
    return otherwise


def write_names(
    study: Study,
    sheet: NamesSheet,
    entries: Mapping[str, NameEntry],
    frames: Mapping[str, pd.DataFrame],
    *,
    refusing: Collection[str],
    language: str,
) -> None:
    """Write the sheet again: what waits first, then what is masked, with the decisions as they are.

    `entries` are the names of all sources. The words of a name that no source has any more go, its decision holds; so do the
    words by which persons are called who refuse.
    """
    uses = _uses(frames)
    choices = {choice.name_id: choice for choice in sheet.choices}
    rows = []
    for name in sorted({*uses, *choices}):
        entry = entries.get(name) or sheet.entries[name]
        use = uses.get(name, _Use(entry.status, 0, ()))
        is_named = bool(use.count) and entry.person not in refusing
        rows.append(_row(entry, use, choices.get(name), language, words=entry.words if is_named else ""))
    rows.sort(key=_by_urgency)
    _write(study, [*rows, *(_added_row(each, language) for each in sheet.added)])


def _write(study: Study, rows: Sequence[Mapping[str, str | int]]) -> None:
    """Write the rows if they differ from the file's; no file if there are none and there was none."""
    path = study.root / NAME
    if not rows and not path.exists():
        return
    shown = [[guarded_cell(str(row[column])) for column in COLUMNS] for row in rows]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *shown])
    data = text.getvalue().encode("utf-8-sig")
    if not path.exists() or path.read_bytes() != data:
        write_atomic(path, data)


@dataclass(frozen=True, slots=True)
class _Use:
    status: MaskStatus
    count: int
    places: tuple[str, ...]


def _uses(frames: Mapping[str, pd.DataFrame]) -> dict[str, _Use]:
    """Of every name in the words of sources: its status, how often it comes, and the first places."""
    masks = frames["masks"][frames["masks"]["name_id"] != ""]
    place_of = _Places(frames)
    uses = {}
    for name, rows in masks.sort_values(["source_id", "start"], kind="stable").groupby("name_id", sort=True):
        statuses = set(rows["status"])
        status = next(word for word in (MaskStatus.WAITING, MaskStatus.MASKED, MaskStatus.LIFTED) if word in statuses)
        first = rows.head(PLACES)[["source_id", "start"]].itertuples(index=False, name=None)
        uses[str(name)] = _Use(status, len(rows), tuple(place_of(source, start) for source, start in first))
    return uses


class _Places:
    """Where in which file a character of a source is."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        sources, turns = frames["sources"], frames["turns"].sort_values(["source_id", "start"])
        self.paths = dict(zip(sources["source_id"], sources["path"], strict=True))
        self.turns: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for source, start, place in turns[["source_id", "start", "place"]].itertuples(index=False, name=None):
            self.turns[source].append((start, place))

    def __call__(self, source_id: str, start: int) -> str:
        turns = self.turns[source_id]
        place = turns[bisect_right(turns, start, key=_start_of) - 1][1]
        return f"{self.paths[source_id]} {place}".strip()


def _start_of(turn: Sequence[int | str]) -> int:
    return int(turn[0])


def _row(entry: NameEntry, use: _Use, choice: NameChoice | None, language: str, *, words: str) -> dict[str, str | int]:
    return {
        "decision": closed_word("name_decision", choice.decision, language) if choice else "",
        "person": choice.person if choice and choice.person else entry.person,
        "kind": closed_word("mask", entry.kind, language),
        "words": words,
        "status": closed_word("mask_status", use.status, language),
        "because": closed_word("mask_evidence", entry.because, language),
        "count": use.count,
        "places": "; ".join(place_of_problem(place, language) for place in use.places),
        "name_id": entry.name_id,
        "order": list(MaskStatus).index(use.status),
    }


def _added_row(name: AddedName, language: str) -> dict[str, str | int]:
    return {
        "decision": closed_word("name_decision", NameDecision.MASK, language),
        "person": name.person,
        "kind": closed_word("mask", name.kind, language),
        "words": name.words,
        "status": closed_word("mask_status", MaskStatus.MASKED, language),
        "because": closed_word("mask_evidence", MaskEvidence.ADDED, language),
        "count": "",
        "places": "",
        "name_id": "",
    }


def _by_urgency(row: Mapping[str, str | int]) -> tuple[bool, bool, int, str, str]:
    is_waiting = row["order"] == list(MaskStatus).index(MaskStatus.WAITING)
    return (not is_waiting, not row["count"], -int(row["count"]), str(row["words"]), str(row["name_id"]))


def waiting_names(sheet: NamesSheet) -> Iterator[Problem]:
    """A remark on how many names wait for a person."""
    if count := sheet.waiting:
        what = message("registers/nobody_has_decided_whether_to_mask", n=count)
        yield Problem(NAME, what, message("registers/write_mask_or_show_into"))

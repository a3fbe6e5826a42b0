"""What became of answers on codes that a change of the codebook touched, recounted from the lines of the ledger alone.

Coders who answered between a change and its undoing, or on a code that had ended, are left out: the order of the lines alone does
not settle these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.audit.stored import Row

CHANGE, UNDO, REVIEWED, MIXED = "codebook", "undo", "reviewed", "mixed"
MAKES_OTHER_CODES = ("rename", "merge", "split", "retire")  # after the others a code is what it was
Key = tuple[str, str]  # excerpt, coder


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line says: coder, excerpt and codes, yes or no, with a stance or without."""

    line: int
    key: Key
    codes: tuple[str, ...]
    yes: bool
    value: str
    is_blank: bool = False  # a no by a form that was gone through, which replaces no answer
    is_settled: bool = True  # its place among the others is that of its line


@dataclass(frozen=True, slots=True)
class Sum:
    """An answer, and all lines that it stands on."""

    yes: bool
    value: str
    lines: frozenset[int]


@dataclass(slots=True)
class Replayed:
    """Answers by (excerpt, coder) and code, and the (excerpt, coder) that were left out."""

    answers: dict[Key, dict[str, Sum]] = field(default_factory=lambda: defaultdict(dict))
    open: set[Key] = field(default_factory=set)

    def cells(self, codes: Iterable[str]) -> Iterator[tuple[Key, str, Sum]]:
        """The answers on some codes that the lines settle."""
        for key, cell in sorted(self.answers.items()):
            if key not in self.open:
                yield from ((key, code, cell[code]) for code in sorted(codes) if code in cell)


def codes_of_change(row: Row) -> tuple[str, ...]:
    """The codes before and after a change that makes other codes; none for other lines."""
    change = row.get("change") or {}
    is_other = row["kind"] == CHANGE and change.get("action") in MAKES_OTHER_CODES
    return (*change.get("codes", ()), *change.get("into", ())) if is_other else ()


def replayed(rows: Iterable[Row], entries: Iterable[Entry]) -> Replayed:
    """The entries and the changes of the codebook among `rows`, gone through in the order of their lines."""
    changes = {row["seq"]: row for row in rows if row["kind"] == CHANGE and row.get("change")}
    holding, spells = _in_force(changes)
    result, ended = Replayed(), set[str]()
    events: list[tuple[int, Row | Entry]] = [(line, changes[line]["change"]) for line in holding]
    for _, event in sorted([*events, *((entry.line, entry) for entry in entries)], key=lambda each: each[0]):
        if not isinstance(event, Entry):
            ended = (ended | set(event["codes"])) - set(event["into"])
            result.answers |= {key: _after(event, cell) for key, cell in result.answers.items()}
            continue
        if ended & set(event.codes) or not event.is_settled or _is_between(event, spells):
            result.open.add(event.key)
        _enter(result.answers[event.key], event)
    return result


def _is_between(entry: Entry, spells: list[tuple[int, int, set[str]]]) -> bool:
    """Whether an entry on codes of a change lies between this and its taking back."""
    return any(first < entry.line < last and codes & set(entry.codes) for first, last, codes in spells)


def _enter(cell: dict[str, Sum], entry: Entry) -> None:
    for code in entry.codes:
        if not (entry.is_blank and code in cell):
            cell[code] = Sum(entry.yes, entry.value, frozenset({entry.line}))


def _in_force(changes: Mapping[int, Row]) -> tuple[list[int], list[tuple[int, int, set[str]]]]:
    """The lines of changes that hold, and for each that was ever taken back its first and last line, and its codes."""
    void: set[int] = set()
    root: dict[int, int] = {}
    last: dict[int, int] = {}
    for line, row in sorted(changes.items()):
        target = row["change"].get("undoes", 0)
        root[line] = root.get(target, line)
        last[root[line]] = line
    for line, row in sorted(changes.items(), reverse=True):
        if row["change"]["action"] == UNDO and line not in void:
            void.add(row["change"]["undoes"])
    spells = [(line, end, set(codes_of_change(changes[line]))) for line, end in last.items() if end > line]
    holding = [line for line, row in changes.items() if codes_of_change(row) and line not in void]
    return holding, spells


def _after(change: Row, cell: Mapping[str, Sum]) -> dict[str, Sum]:
    """The answers after a change: renamed, put together where codes were merged, a no to each part of a split code; else gone."""
    touched = [cell[code] for code in change["codes"] if code in cell]
    left = {code: answer for code, answer in cell.items() if code not in change["codes"]}
    after = _in_place_of(touched, change) if touched else None
    return left | dict.fromkeys(change["into"], after) if after else left


def _in_place_of(touched: list[Sum], change: Row) -> Sum | None:
    """The answer on each code that a change made, from those on its codes."""
    if change["action"] == "rename" or (change["action"] == "split" and not touched[0].yes):
        return touched[0]
    return _together(touched, len(change["codes"])) if change["action"] == "merge" else None


def _together(touched: list[Sum], codes: int) -> Sum | None:
    """Yes where any of the merged codes has a yes, no where each has a no; else nothing."""
    ayes = [answer for answer in touched if answer.yes]
    if not ayes and len(touched) < codes:
        return None
    answers = ayes or touched
    lines = frozenset().union(*(answer.lines for answer in answers))
    return Sum(bool(ayes), stance_in_common(answer.value for answer in answers), lines)


def stance_in_common(values: Iterable[str]) -> str:
    """The stance that answers on merged codes give together: blank ones say nothing, different ones make it mixed."""
    stances = set(values) - {""}
    return MIXED if len(stances) > 1 else "".join(stances)

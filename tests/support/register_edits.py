"""Random edits of a register of participants in which people refuse: whether one of them lifts a refusal silently.

`PYTHONPATH=.:tests/support .venv/bin/python tests/support/register_edits.py` prints the figures of docs/reliability.md.
"""

from __future__ import annotations

import argparse
import csv
import io
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from studies import NOW

from pipeline.errors import UserError
from pipeline.registers.refusals import NAME, lifted_since, record_refusals, state_of_refusals
from pipeline.registers.study_registers import check_register, load_registers
from pipeline.study import Study

HEAD = ["participant_id", "name", "aliases", "consent", "gender"]
ROWS = [
    ["P1", "Rosa Luna", "doña Rosa", "yes", "f"],
    ["P2", "Tito Mar", "", "no", "m"],
    ["P3", "Jo Vale", "Josefa", "no quotes", "f"],
    ["P4", "Ñusta Paz", "", "sí", "f"],
    ["P5", "Eli Paz", "don Elí", "sin citas", "m"],
    ["P6", "Kim Dale", "", "", ""],
]
REFUSED = ("P2", "P3", "P5")
YES = ("yes", "y", "si", "sí", "s")  # of the words that a cell may say, what an edit can make
CELLS = (
    "",
    "yes?",
    "perhaps",
    "no quotes",
    "no",
    "ja",
    "1",
    "x",
    "P1",
    "Rosa Luna",
    "yes",
    "pendiente",
    "YES (verbal)",
)
HEADINGS = ("consentimiento", "consentement", "permission", "name", "id", "", "Consent ", "notes", "participant_id")
LETTERS = 'yesnoí,;\t\n P2"'
SILENCE = "a refusal is lifted in silence"
Table = list[list[str]]


def _delete_row(table: Table, dice: Random) -> None:
    table.pop(dice.randrange(len(table)))


def _double_row(table: Table, dice: Random) -> None:
    table.insert(dice.randrange(len(table)), list(dice.choice(table)))


def _move_row(table: Table, dice: Random) -> None:
    table.insert(dice.randrange(len(table)), table.pop(dice.randrange(len(table))))


def _change_cell(table: Table, dice: Random) -> None:
    row = dice.choice(table)
    row[dice.randrange(len(row))] = dice.choice(CELLS)


def _add_cell(table: Table, dice: Random) -> None:
    row = dice.choice(table)
    row.insert(dice.randrange(len(row) + 1), dice.choice(CELLS))


def _remove_cell(table: Table, dice: Random) -> None:
    row = dice.choice(table)
    if len(row) > 1:
        row.pop(dice.randrange(len(row)))


def _change_heading(table: Table, dice: Random) -> None:
    table[0][dice.randrange(len(table[0]))] = dice.choice(HEADINGS)


def _delete_column(table: Table, dice: Random) -> None:
    at = dice.randrange(len(table[0]))
    for row in table:
        del row[at : at + 1]


def _sort_column(table: Table, dice: Random) -> None:
    """Sort one column by itself."""
    at = dice.randrange(len(HEAD))
    cells = sorted(row[at] for row in table[1:] if len(row) > at)
    for row in table[1:]:
        if len(row) > at:
            row[at] = cells.pop(0)


EDITS: tuple[Callable[[Table, Random], None], ...] = (
    _delete_row,
    _double_row,
    _move_row,
    _change_cell,
    _add_cell,
    _remove_cell,
    _change_heading,
    _delete_column,
    _sort_column,
)


def edited(dice: Random) -> bytes:
    """The register after one to four edits of its rows, columns and cells, some also of its letters, delimiter and encoding."""
    table = [list(HEAD), *(list(row) for row in ROWS)]
    for _ in range(dice.randint(0, 3)):
        if table and table[0]:
            dice.choice(EDITS)(table, dice)
    text = io.StringIO()
    csv.writer(text, delimiter=dice.choice(",,,;\t"), lineterminator=dice.choice(("\n", "\r\n"))).writerows(table)
    letters = list(text.getvalue())
    for _ in range(dice.randint(0, 2)):
        at = dice.randrange(len(letters) + 1)
        letters[at : at + dice.randint(0, 6)] = dice.choices(LETTERS, k=dice.randint(0, 4))
    data = "".join(letters).encode(dice.choice(("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16")))
    return data[: dice.randrange(len(data) + 1)] if dice.random() < 0.05 else data


def who_agrees(data: bytes) -> set[str]:
    """The ids beside which the register says yes in a cell of its own, read without the program."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeError:
        text = data.decode("cp1252", "replace")
    ids: set[str] = set()
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            cells = {cell.strip().strip(".").casefold() for cell in row}
            if cells & set(YES):
                ids |= {cell.strip() for cell in row}
    return ids


def outcome(study: Study, recorded: bytes, register: bytes) -> str:
    """What becomes of the refusals that were recorded, where the register is this one now."""
    (study.raw / "participants.csv").write_bytes(register)
    (study.root / NAME).write_bytes(recorded)
    try:
        registers = load_registers(study)
        check_register(registers)
    except UserError:
        return "the run stops with a message"
    lifted = {person.participant_id for person in registers.people if person.consent == "yes"} & set(REFUSED)
    before = state_of_refusals(study)
    record_refusals(study, registers.stated, NOW)
    if lifted - who_agrees(register) or lifted != set(lifted_since(study, before)) & set(REFUSED):
        return SILENCE
    return "the register says yes, and the run says so" if lifted else "every refusal holds"


def trials(folder: Path, *, edits: int, seed: int) -> Counter[str]:
    """Counts of what came of random edits of the register of a study in which everybody's refusal was recorded."""
    study = Study(folder)
    study.raw.mkdir(parents=True)
    lines = io.StringIO()
    csv.writer(lines).writerows([HEAD, *ROWS])
    (study.raw / "participants.csv").write_text(lines.getvalue(), "utf-8")
    record_refusals(study, load_registers(study).stated, NOW)
    dice = Random(seed)  # noqa: S311 - edits that can be made again, no secret
    recorded = (study.root / NAME).read_bytes()
    return Counter(outcome(study, recorded, edited(dice)) for _ in range(edits))


def main() -> None:
    """Make the edits and print what came of them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[14])
    options = parser.parse_args()
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            counts = trials(Path(folder) / "study", edits=options.edits, seed=seed)
        parts = ", ".join(f"{what}: {count}" for what, count in sorted(counts.items()) if what != SILENCE)
        print(f"seed {seed}: {SILENCE}: {counts[SILENCE]} of {options.edits} ({parts})")  # noqa: T201


if __name__ == "__main__":
    main()

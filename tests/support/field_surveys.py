"""How many surveys that others made are read right: `python tests/support/field_surveys.py FOLDER [HALF]`.

FOLDER holds `truth.json`: objects with `kind` "survey", `file`, `rows`, `left_out.count`, `open` and `identifying` headings, and
`half`; `either` lists columns of which a person could say both. Printed: n of N files whose rows, open columns and
identifying columns are right, and, of a half that may be looked at (`dev`), what differs.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from pipeline.config import Settings, StudySettings
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask
from pipeline.ingest.survey.columns import Use
from pipeline.ingest.survey.records import Column
from pipeline.ingest.survey.sources import book_of, counted_rows, layout_for, settings_of
from pipeline.ingest.survey.vocabulary import is_listed, words_of
from pipeline.records import SourceEntry
from pipeline.vocabulary import Kind

UNSTORED = (Use.PEOPLE, Use.ROW_ID, Use.PERSON)
LOOKED_AT = "dev"


@dataclass(frozen=True)
class Score:
    """What is right of a file; `differences` name headings, never answers."""

    rows: bool
    open_columns: bool
    identifying: bool
    differences: tuple[str, ...]


def score(folder: Path, truth: dict) -> Score:
    """What the program makes of a file, beside what a person counted."""
    path = folder / truth["file"]
    task = FileTask(
        f"surveys/{path.name}", path.read_bytes(), Kind.SURVEY, SourceEntry(f"surveys/{path.name}"), (),
        Settings(study=StudySettings(title="A study", languages=("es", "en", "fr", "pt"))),
    )  # fmt: skip
    try:
        layout = layout_for(task, book_of(task))
    except UnreadableError as error:
        return Score(rows=False, open_columns=False, identifying=False, differences=(str(error),))
    table, plan = layout.export.table, layout.plans[0]
    rows, _ = counted_rows(layout, settings_of(task))
    wanted = {_key(heading) for heading in truth["open"]}
    opened = [column for column in plan.columns(table, Use.OPEN) if table.filled(column)]
    missing = [heading for heading in truth["open"] if not any(_is_named(heading, column) for column in opened)]
    surplus = [
        column.name
        for column in opened
        if not _is_beside_choices(column)
        and not any(_is_named(heading, column) for heading in (*truth["open"], *truth.get("either", ())))
    ]
    stored = [column for column in table.columns if plan.uses[column.index] not in UNSTORED and table.filled(column)]
    leaked = [heading for heading in truth["identifying"] if any(_is_named(heading, column) for column in stored)]
    differences = [f"{len(rows)} rows, counted {truth['rows']}"] if len(rows) != truth["rows"] else []
    differences += [f"not open: {heading}" for heading in missing] + [f"open: {heading}" for heading in surplus]
    differences += [f"stored: {heading}" for heading in leaked]
    return Score(
        rows=len(rows) == truth["rows"],
        open_columns=not missing and not surplus and len(wanted) == len(truth["open"]),
        identifying=not leaked,
        differences=tuple(differences),
    )


def _is_beside_choices(column: Column) -> bool:
    """Whether a column is *Other (please specify)*: open to the program, and counted by nobody."""
    part = column.name.rpartition("[")[2].rstrip("]")
    return any(is_listed(part, tool, "open_part") for tool in ("SurveyMonkey", "LimeSurvey"))


def _key(heading: str) -> str:
    return " ".join(words_of(heading))


def _is_named(heading: str, column: Column) -> bool:
    """Whether a heading, or a first and a second one (`question | part`), is a column's."""
    first, _, second = heading.partition(" | ")
    keys = {_key(column.name), _key(column.question)}
    return bool(
        {_key(heading), _key(f"{first} [{second}]"), _key(first) if "Response" in second else _key(heading)} & keys
    )


def main(folder: Path, half: str) -> None:
    """Print the figures of a half, or of all."""
    truths = json.loads((folder / "truth.json").read_text("utf-8"))
    surveys = [truth for truth in truths if truth["kind"] == "survey" and half in ("", truth["half"])]
    scores = [(truth, score(folder, truth)) for truth in surveys]
    for name in ("rows", "open_columns", "identifying"):
        print(f"{name}: {sum(getattr(each, name) for _, each in scores)} of {len(scores)} files right")  # noqa: T201
    print(f"all: {sum(not each.differences for _, each in scores)} of {len(scores)}")  # noqa: T201
    for truth, each in scores:
        if truth["half"] == LOOKED_AT and each.differences:
            print(truth["file"], *each.differences, sep="\n   ")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")

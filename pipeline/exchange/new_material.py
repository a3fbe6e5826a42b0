"""What a project of another program gives a study that has nothing yet: texts for raw/, and rows of its two registers."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from pipeline.exchange.codebook_blocks import slug
from pipeline.exchange.project import Case, Project, TextSource
from pipeline.ingest import safe_id
from pipeline.sheets import guarded_cell

ENDINGS = frozenset({".txt", ".docx", ".doc", ".rtf", ".odt", ".pdf", ".md"})
LABEL = re.compile(r"^[^\s:][^:\n]{0,40}:\s", re.MULTILINE)  # who speaks, at the beginning of a line
FEWEST_LABELS = 4
LABELLED = 0.2  # of the lines, from which on a text is a conversation
PERSON_COLUMNS = ("participant_id", "name", "initials", "aliases", "consent")
SOURCE_COLUMNS = ("path", "source_id", "kind", "participant_ids", "language", "date", "site", "speakers")


@dataclass(frozen=True, slots=True)
class NewMaterial:
    """Files by their path below raw/, registers among them, and how many persons and sources they hold."""

    files: Mapping[str, bytes]
    sources: int
    persons: int


def material_of(project: Project) -> NewMaterial:
    """The texts of a project, and registers of its cases. Consent is left blank: nothing is shown until somebody states it."""
    persons = {case.guid: f"P{number:03}" for number, case in enumerate(_people(project), 1)}
    speaking: dict[str, list[str]] = defaultdict(list)
    for case in _people(project):
        for guid in case.sources:
            speaking[guid].append(persons[case.guid])
    files: dict[str, bytes] = {}
    rows = []
    for source in project.sources:
        path = _path(source, files, is_spoken=source.guid in speaking)
        if path:
            files[path] = source.text.encode("utf-8", "replace") if source.text else _original(source)
            rows.append({"path": path, "participant_ids": ";".join(speaking[source.guid])})
    registers = {
        "participants.csv": _table(_person_rows(project, persons), PERSON_COLUMNS),
        "sources.csv": _table(rows, SOURCE_COLUMNS),
    }
    return NewMaterial({**files, **registers}, sources=len(rows), persons=len(persons))


def _people(project: Project) -> list[Case]:
    return [case for case in project.cases if case.name.strip()]


def _original(source: TextSource) -> bytes:
    return source.original.data if source.original else b""


def _path(source: TextSource, taken: Iterable[str], *, is_spoken: bool) -> str:
    """Where a source goes; "" where it has neither a text nor a file of its own."""
    ending = ".txt" if source.text else source.original.ending if source.original else ""
    if ending not in ENDINGS:
        return ""
    name = PurePath(source.name)
    stem = safe_id(name.stem if name.suffix.lower() in ENDINGS else source.name or source.guid)
    folder = "interviews" if is_spoken or _is_conversation(source.text) else "documents"
    present = {path.casefold() for path in taken}
    number, path = 1, f"{folder}/{stem}{ending}"
    while path.casefold() in present:
        number += 1
        path = f"{folder}/{stem}-{number}{ending}"
    return path


def _is_conversation(text: str) -> bool:
    labels = len(LABEL.findall(text))
    lines = sum(bool(line.strip()) for line in text.split("\n"))
    return labels >= FEWEST_LABELS and labels >= LABELLED * lines


def _person_rows(project: Project, persons: Mapping[str, str]) -> list[dict[str, str]]:
    names = {variable.guid: slug(variable.name) for variable in project.variables}
    rows = []
    for case in _people(project):
        values = {names[value.variable]: value.text for value in case.values if value.variable in names}
        safe = {name: value for name, value in values.items() if name not in PERSON_COLUMNS}
        rows.append({"participant_id": persons[case.guid], "name": case.name, **safe})
    return rows


def _table(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> bytes:
    """Rows as CSV, with an apostrophe before what a spreadsheet may take for a formula."""
    more = sorted({name for row in rows for name in row} - set(columns))
    file = io.StringIO()
    writer = csv.DictWriter(file, [*columns, *more], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: guarded_cell(cell) for name, cell in row.items()} for row in rows)
    return file.getvalue().encode("utf-8")

"""One conversation in several layouts, and as a table whose columns name who speaks: what it costs to recognise the speakers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.bench.tables import csv_of
from pipeline.config import Settings, StudySettings
from pipeline.ingest import FileTask
from pipeline.records import SourceEntry
from pipeline.vocabulary import Kind

SETTINGS = Settings(study=StudySettings(title="A conversation", languages=("es", "en")))
SPEAKERS = ("Ana Rojas", "Luis Vega")
LAYOUTS: dict[str, Callable[[str, str, int], str]] = {
    "name and colon": lambda name, words, _: f"{name}: {words}",
    "name in bold and colon": lambda name, words, _: f"**{name}:** {words}",
    "name and time above the words": lambda name, words, at: f"{name}  00:{at // 60 % 60:02}:{at % 60:02}\n{words}",
}


def in_layout(layout: str, paragraphs: Sequence[str]) -> FileTask:
    """A transcript in which the two take turns, a paragraph each."""
    write = LAYOUTS[layout]
    turns = [write(SPEAKERS[number % 2], words, number) for number, words in enumerate(paragraphs)]
    return _task("conversation.txt", "\n\n".join(turns).encode())


def in_table(paragraphs: Sequence[str]) -> FileTask:
    """The same turns as rows of a table."""
    turns = [[SPEAKERS[number % 2], words] for number, words in enumerate(paragraphs)]
    return _task("conversation.csv", csv_of([["speaker", "text"], *turns]))


def _task(name: str, data: bytes) -> FileTask:
    return FileTask(f"interviews/{name}", data, Kind.INTERVIEW, SourceEntry(name), (), SETTINGS)

"""How the tests of ingest make a file and read it."""

from collections import Counter
from pathlib import Path

import pytest
import studies

from pipeline import ingest
from pipeline.config import IngestSettings, Settings, StudySettings
from pipeline.provenance import count_chars
from pipeline.records import FileReading, Participant, SourceEntry
from pipeline.vocabulary import Consent, Kind

SHARED = studies.SHARED / "data"
PEOPLE = (
    Participant("P001", Consent.YES, ("Rufina Ccahuana Poma", "RC", "Rufina", "mamá Rufina"), ()),
    Participant("P002", Consent.YES, ("Teófilo Ñaupari Sosa", "TÑ", "don Teófilo"), ()),
    Participant("P003", Consent.YES, ("Grace Ashdown-Pereira", "GA", "Dr Ashdown"), ()),
)


def settings(*languages: str, interviewers: tuple[str, ...] = ("Vera Quintanal", "VQ")) -> Settings:
    """The settings of a study in which Vera Quintanal asks."""
    study = StudySettings(title="A study", languages=languages or ("es", "en"))
    return Settings(study=study, ingest=IngestSettings(interviewers=interviewers))


def read(
    content: str | bytes,
    *,
    name: str = "a.txt",
    kind: Kind = Kind.INTERVIEW,
    entry: SourceEntry | None = None,
    people: tuple[Participant, ...] = PEOPLE,
    chosen: Settings | None = None,
) -> FileReading:
    """What ingest makes of a file with this content; checked to have lost nothing."""
    data = content.encode() if isinstance(content, str) else content
    path = f"{kind}s/{name}"
    reading = ingest.read_file(
        ingest.FileTask(path, data, kind, entry or SourceEntry(path), people, chosen or settings())
    )
    check_conserved(reading)
    return reading


def check_conserved(reading: FileReading) -> None:
    """Every character that was read is in exactly one turn or listed; turns follow each other."""
    source, text = reading.sources[0], reading.texts[0].text
    kept = sum(count_chars(text[turn.start : turn.end]) for turn in reading.turns)
    assert kept + sum(row.chars for row in reading.rejected) == source.chars
    assert sum(row.chars for row in reading.rejected) == source.chars_excluded
    ends = [0, *(turn.end for turn in reading.turns)]
    assert all(end <= turn.start < turn.end for end, turn in zip(ends, reading.turns, strict=False))


def said(reading: FileReading) -> list[tuple[str, str, str]]:
    """(role, person, words) of every turn."""
    text = reading.texts[0].text
    return [(str(t.role), t.participant_id, " ".join(text[t.start : t.end].split())) for t in reading.turns]


def roles(reading: FileReading) -> Counter[str]:
    """How many turns each role has."""
    return Counter(str(turn.role) for turn in reading.turns)


def shared(path: str) -> Path:
    """A file of ../shared/data, or the test is skipped."""
    if not (SHARED / path).exists():
        pytest.skip(f"shared/data is not here: {path}")
    return SHARED / path

"""A survey export comes to a source per row, with nothing lost on the way."""

from pathlib import Path

from pipeline.config import Settings, load_settings
from pipeline.ingest import FileTask, read_file
from pipeline.ingest.participants import load_participants
from pipeline.records import FileReading, Kind, Role, SourceEntry

ROOT = Path(__file__).parents[1]


def demonstration() -> FileReading:
    people, _ = load_participants(ROOT / "raw")
    path = ROOT / "raw" / "surveys" / "encuesta-2023.csv"
    entry = SourceEntry("surveys/encuesta-2023.csv", source_id="ENC-2023", language="es")
    settings: Settings = load_settings(ROOT / "config.toml")
    return read_file(FileTask(entry.path, path.read_bytes(), Kind.SURVEY, entry, people, settings))


def test_every_row_of_the_demonstration_is_a_source_of_its_person() -> None:
    reading = demonstration()
    assert len(reading.sources) == 96
    assert {s.source_id for s in reading.sources} >= {"ENC-2023.P045", "ENC-2023.P109"}
    assert all(s.participant_ids == s.source_id.removeprefix("ENC-2023.") for s in reading.sources)


def test_every_open_answer_is_a_turn_of_a_respondent_at_its_row_and_column() -> None:
    reading = demonstration()
    first = [turn for turn in reading.turns if turn.source_id == "ENC-2023.P109"]
    assert [turn.place for turn in first] == ["row 2, column J", "row 2, column K", "row 2, column L"]
    assert {turn.role for turn in reading.turns} == {Role.RESPONDENT}
    assert first[2].question == "¿Qué pasará cuando la Misión ya no esté?"
    text = next(text.text for text in reading.texts if text.source_id == "ENC-2023.P109")
    assert text[first[2].start : first[2].end] == "El protocolo es acuerdo ministerial vigente y se usa a diario."


def test_a_blank_answer_is_missing_and_not_a_no() -> None:
    reading = demonstration()
    assert sum(turn.source_id == "ENC-2023.P132" for turn in reading.turns) == 1
    assert "" not in {answer.value for answer in reading.answers}

"""coded/corrections.csv: every line that cannot be used or applied is named with its remedy; names and consent apply after it."""

from pathlib import Path

import pytest
from studies import NOW, quiet

from pipeline.config import Settings, StudySettings
from pipeline.ingest import FileTask
from pipeline.records import Correction, Participant, SourceEntry
from pipeline.registers.corrections import NAME, CorrectionRow, add_row, load_corrections, withdraw_rows
from pipeline.steps.analyze import analyze
from pipeline.steps.check import check
from pipeline.steps.reading.one_file import FileResult, read_one
from pipeline.steps.review import load_frames
from pipeline.study import Study
from pipeline.vocabulary import Consent, Kind

HEAD = "source,words,nth,corrected,speaker,new_speaker,reason,by,at,withdrawn\n"


def write(root: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> None:
    (root / NAME).write_bytes((HEAD + "\n".join(lines) + "\n").replace("\n", end).encode(encoding))


def problems_of(root: Path) -> list[str]:
    return [f"{p.where}: {p.what}" for p in check(root).problems if p.where.startswith(NAME)]


def test_check_names_every_line_that_is_not_applied(small_study: Path) -> None:
    write(
        small_study,
        "rosa,baldes,,cubetas,,,,Ana,2026-01-01,",
        "rosa,Baldes,,cubetas,,,,,,",
        "rosa,la,,las,,,,,,",
        "nadie,baldes,,cubetas,,,,,,",
        "rosa,dos horas,,tres horas,,,,,,",
        "rosa,horas de,,horas a,,,,,,",
        "rosa,Yo no creo.,,,,Pedro Nadie,,,,",
        "rosa,Yo no creo.,,,Rosa Luna,INTERVIEWER,,,,",
        "rosa,niños,9,niñas,,,,,,",
        "rosa,todo el tiempo,,siempre,,,,Ana,2026-01-01,Ana 2026-01-02",
    )
    assert problems_of(small_study) == [
        f"{NAME} line 3: its words are not in the source (any more); it is not applied",
        f"{NAME} line 4: its words occur several times in the source; it is not applied",
        f"{NAME} line 5: names a source that is not there, or whose file cannot be read; it is not applied",
        f"{NAME} line 6: corrects what another line corrects as well; neither is applied",
        f"{NAME} line 7: corrects what another line corrects as well; neither is applied",
        f"{NAME} line 8: its new speaker is in neither the file nor the register; it is not applied",
        f"{NAME} line 9: its words are not in a turn of the speaker that it names; it is not applied",
        f"{NAME} line 10: its words are not in the source (any more); it is not applied",
    ]


def test_lines_that_cannot_be_used_are_named_with_the_remedy(small_study: Path) -> None:
    write(
        small_study,
        "rosa,baldes,,cubetas,,,,,,",
        "rosa,baldes,,cubetas,,,,,,",
        ",baldes,,cubetas,,,,,,",
        "rosa,río,x,arroyo,,,,,,",
        "rosa,río,,,,,,,,",
        "rosa,río,,arroyo,,INTERVIEWER,,,,",
        "rosa,río,,río,,,,,,",
        "rosa,río,,ar\ue000royo,,,,,,",
    )
    listed = [(p.where, p.what) for p in load_corrections(Study(small_study)).problems]
    assert listed == [
        (f"{NAME} line 3", "is the same as line 2"),
        (f"{NAME} line 4", "names no source or no words"),
        (f"{NAME} line 5", "its nth is not a whole number of at least 1"),
        (f"{NAME} line 6", "corrects nothing"),
        (f"{NAME} line 7", "corrects both the words and the speaker"),
        (f"{NAME} line 8", "corrects nothing"),
        (f"{NAME} line 9", "contains control or invisible characters"),
    ]
    assert all(p.remedy for p in load_corrections(Study(small_study)).problems)


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b'source,words,corrected\n"x'])
def test_a_file_that_is_no_table_of_corrections_is_a_problem_and_no_crash(small_study: Path, data: bytes) -> None:
    (small_study / NAME).write_bytes(data)
    assert [p.where.startswith(NAME) for p in load_corrections(Study(small_study)).problems] == [True]


SETTINGS = Settings(study=StudySettings(title="t", languages=("en",)))
PEOPLE = (
    Participant("P1", Consent.YES, ("Rosa Luna",), ()),
    Participant("P2", Consent.NO, ("Tito Mar",), ()),
    Participant("P3", Consent.YES, ("Ana Soto",), ()),
    Participant("P4", Consent.NO, ("Ana Sosa",), ()),
)


def reading(words: str, *corrections: Correction, kind: Kind = Kind.INTERVIEW, plan: object = None) -> FileResult:
    entry = SourceEntry("interviews/i.txt", "i", speakers=(("Q", "INTERVIEWER"),))
    task = FileTask(entry.path, words.encode(), kind, entry, PEOPLE, SETTINGS, corrections=corrections)
    return read_one(task, plan=plan)


def spoken(result: FileResult) -> list[str]:
    text = result.reading.texts[0].text
    return [text[turn.start : turn.end] for turn in result.reading.turns]


TALK = (
    "Q: How was it?\nRosa Luna: We wayted two\nhours, and wayted again 👩‍🌾.\nQ: And then?\nRosa Luna: Nothing came.\n"
)


def test_words_over_a_line_end_and_one_of_several_places_are_corrected_and_all_offsets_move() -> None:
    result = reading(
        TALK,
        Correction("i", "two hours", corrected="three"),
        Correction("i", "wayted", nth=2, corrected="waited"),
        Correction("i", "How", corrected="What"),
    )
    assert spoken(result) == ["What was it?", "We wayted three, and waited again 👩‍🌾.", "And then?", "Nothing came."]
    assert [turn.question for turn in result.reading.turns] == ["", "What was it?", "", "And then?"]
    text = result.reading.texts[0].text
    assert sorted(text[p.start : p.end] for p in result.corrections) == ["What", "three", "waited"]
    assert {TALK[p.source_start : p.source_end] for p in result.corrections} == {"How", "two\nhours", "wayted"}
    assert all(e.text == text[e.start : e.end] for e in result.excerpts)


@pytest.mark.parametrize("words", ["👩", "wayte", "hours, and wayted again 👩", "Rosa Luna", "two hours Q"])
def test_a_part_of_an_emoji_or_word_and_a_label_are_no_words(words: str) -> None:
    assert [str(p.status) for p in reading(TALK, Correction("i", words, nth=1, corrected="x")).corrections] == [
        "not found"
    ]


def test_an_accent_is_the_same_composed_or_not() -> None:
    talk = "Q: ¿Y?\nRosa Luna: El rio esta\u0301 seco.\n"
    assert spoken(reading(talk, Correction("i", "está", corrected="estaba")))[1] == "El rio estaba seco."
    talk = "Q: ¿Y?\r\nRosa Luna: El rio está\r\nseco.\r\n"
    assert spoken(reading(talk, Correction("i", "está seco", corrected="corre")))[1] == "El rio corre."


def test_a_turn_that_turns_out_to_be_of_somebody_who_refuses_is_withheld() -> None:
    result = reading(TALK, Correction("i", "Nothing came.", new_speaker="Tito Mar"))
    assert "Nothing" not in result.reading.texts[0].text
    assert [str(row.reason) for row in result.reading.rejected if row.chars == 12] == ["no consent"]


def test_a_turn_that_may_be_somebodys_who_refuses_is_withheld() -> None:
    result = reading(TALK, Correction("i", "Nothing came.", new_speaker="Ana"))
    assert [str(p.status) for p in result.corrections] == ["applied"]
    assert "Nothing" not in result.reading.texts[0].text


def test_a_document_has_words_to_correct_and_no_speakers() -> None:
    words = "The programm was late.\n\nIt came in May."
    result = reading(
        words,
        Correction("i", "programm", corrected="programme"),
        Correction("i", "It came", new_speaker="Rosa Luna"),
        kind=Kind.DOCUMENT,
    )
    assert spoken(result)[0] == "The programme was late."
    assert [str(p.status) for p in result.corrections] == ["applied", "no speakers"]


def test_rows_added_and_withdrawn_by_the_page_leave_every_other_cell(small_study: Path) -> None:
    (small_study / NAME).write_text("source,words,corrected,mine\nrosa,baldes,,of mine\n", "utf-8")
    study = Study(small_study)
    row = CorrectionRow(0, Correction("rosa", "=río", 0, "-arroyo"), reason="heard\nagain", by="Ana", at="2026-01-01")
    add_row(study, row)
    lines = (small_study / NAME).read_text("utf-8-sig").splitlines()
    assert lines[1].startswith("rosa,baldes,,of mine")
    assert "'=río" in lines[2]
    assert "'-arroyo" in lines[2]
    (read,) = load_corrections(study).rows
    assert (read.correction, read.reason) == (row.correction, "heard again")
    withdraw_rows(study, [read.key], withdrawn="Leo 2026-01-02")
    (read,) = load_corrections(study).rows
    assert read.withdrawn == "Leo 2026-01-02"
    assert load_corrections(study).holding == ()


def test_a_run_reads_only_the_corrected_file_again_and_masks_the_name_that_comes_in(analysed: Path) -> None:
    write(analysed, "rosa,baldes,,Rosa Luna,,,,,,", end="\r\n")
    outcome = analyze(analysed, fresh=False, now=NOW, tick=quiet)
    assert outcome.record["stages"]["ingest"]["read_anew"] == 1
    frames = load_frames(Study(analysed), "texts", "corrections", "masks")
    (text,) = frames["texts"].query("source_id == 'rosa'")["text"]
    (row,) = frames["corrections"].to_dict("records")
    assert "con [person 5]" in text
    assert text[row["start"] : row["end"]].startswith("[")
    raw = (analysed / "raw/interviews/rosa.txt").read_text("utf-8")
    assert raw[row["source_start"] : row["source_end"]] == "baldes"
    assert not analyze(analysed, fresh=False, now=NOW, tick=quiet).record["problems"]

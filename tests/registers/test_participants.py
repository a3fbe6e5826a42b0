"""The registers of raw/: what they say, and each mistake with its line and remedy."""

from pathlib import Path

import openpyxl
import pytest
from hostile import office

from pipeline.config import Settings, StudySettings
from pipeline.records import Participant, SourceEntry
from pipeline.registers.coverage import several_choices, unknown_group
from pipeline.registers.participants import gender_words_taken, load_participants, load_sources, with_speakers
from pipeline.registers.study_registers import load_registers
from pipeline.study import Study
from pipeline.vocabulary import Consent

HEAD = "participant_id,name,initials,aliases,consent,gender\n"


def write(folder, name, text, encoding="utf-8"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode(encoding))
    return folder


def test_a_person_has_names_consent_and_attributes(tmp_path):
    raw = write(tmp_path, "participants.csv", HEAD + "007,Rufina Poma,RP,Rufina;mamá Rufina,yes,woman\n")
    people, problems = load_participants(raw)
    assert people == (
        Participant("007", Consent.YES, ("Rufina Poma", "RP", "Rufina", "mamá Rufina"), (("gender", "woman"),)),
    )
    assert problems == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings_are_recognised_by_the_content(tmp_path, delimiter, encoding):
    text = "participant_id,name,consent\nP1,Eñe Ávila,yes\nP2,Óscar Núñez,no\n".replace(",", delimiter)
    people, problems = load_participants(write(tmp_path, "participants.csv", text.replace("\n", "\r\n"), encoding))
    assert [(p.participant_id, p.names, p.consent) for p in people] == [
        ("P1", ("Eñe Ávila",), "yes"),
        ("P2", ("Óscar Núñez",), "no"),
    ]
    assert not problems


def test_names_of_columns_are_read_without_case_and_accents(tmp_path):
    people, _ = load_participants(
        write(tmp_path, "participants.csv", "Participant ID,Náme,Stakeholder Group\nP1,A,x\n")
    )
    assert people == (Participant("P1", Consent.UNSAID, ("A",), (("stakeholder_group", "x"),)),)


def test_ids_that_look_like_numbers_stay_as_written(tmp_path):
    raw = write(tmp_path, "participants.csv", "participant_id,name\n007,A\n1E5,B\nNA,C\nTRUE,D\n")
    assert [person.participant_id for person in load_participants(raw)[0]] == ["007", "1E5", "NA", "TRUE"]


def test_a_workbook_is_as_good_as_a_csv(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ("participant_id", "name", "consent", "age"),
        ("P1", "Rufina Poma", "yes", 61),
        ("P2", None, "yes", 3.5),
    ):
        book.active.append(row)
    book.save(tmp_path / "participants.xlsx")
    people, problems = load_participants(tmp_path)
    assert people == (
        Participant("P1", Consent.YES, ("Rufina Poma",), (("age", "61"),)),
        Participant("P2", Consent.YES, (), (("age", "3.5"),)),
    )
    assert not problems


def test_without_a_register_there_are_no_people_and_no_problems(tmp_path):
    assert load_participants(tmp_path) == ((), ())
    assert load_sources(tmp_path) == ({}, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "raw/participants.csv: is empty: give it a first row with column names, including participant_id"),
        (
            "name\nA\n",
            (
                "raw/participants.csv line 1: has no column participant_id: "
                "write participant_id in the first row, above its column"
            ),
        ),
        (
            HEAD + ",A,,,yes,\n",
            "raw/participants.csv line 2: has no participant_id: give the person an id, or remove the row",
        ),
        (
            HEAD + "P1,A,,,yes,w\nP1,B,,,no,m\n",
            "raw/participants.csv line 3: has a participant_id that is used above: keep one row per person",
        ),
        (
            HEAD + "P1,A,,,yes,w,more\n",
            "raw/participants.csv line 2: has more cells than columns: put text with commas in quotes",
        ),
        (HEAD + 'P1,"A,,,yes,w\n', "raw/participants.csv: cannot be read as a table: save it as .csv (UTF-8) or .xlsx"),
        (
            HEAD + "P1;P2,A,,,yes,w\n",
            "raw/participants.csv line 2: its participant_id contains a semicolon or colon: use letters, digits, - and _",
        ),
    ],
)
def test_mistakes_in_participants_are_named_with_line_and_remedy(tmp_path, text, said):
    _, problems = load_participants(write(tmp_path, "participants.csv", text))
    assert [str(problem) for problem in problems] == [said]


def test_of_two_rows_of_one_person_the_first_counts_and_the_stricter_consent(tmp_path):
    people, _ = load_participants(write(tmp_path, "participants.csv", HEAD + "P1,A,,,yes,w\nP1,B,,,no,m\n"))
    assert [(person.names, person.consent) for person in people] == [(("A",), "no")]


SOURCES = "path,source_id,kind,participant_ids,language,date,site,speakers\n"


def test_an_entry_gives_people_language_and_speakers(tmp_path):
    row = "interviews/a b.txt,A-1,Interview,P1; P2,ES,2023-05-03,Huallpa,E=INTERVIEWER; P1 = P1;a=b=P2\n"
    entries, problems = load_sources(write(tmp_path, "sources.csv", SOURCES + row))
    assert entries == {
        "interviews/a b.txt": SourceEntry(
            "interviews/a b.txt", "A-1", "interview", ("P1", "P2"), "es", "2023-05-03", "Huallpa",
            (("E", "INTERVIEWER"), ("P1", "P1"), ("a=b", "P2")),
        )
    }  # fmt: skip
    assert not problems


@pytest.mark.parametrize("path", ["raw/interviews/a.txt", "./interviews/a.txt", "interviews\\a.txt"])
def test_paths_are_taken_below_raw(tmp_path, path):
    assert list(load_sources(write(tmp_path, "sources.csv", f"path\n{path}\n"))[0]) == ["interviews/a.txt"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",A,,,,,,", "line 2: has no path"),
        ("x,a:b,,,,,,", "line 2: its source_id contains a colon"),
        ("x,,poem,,,,,", "line 2: its kind is unknown: use interview, survey, document"),
        ("x,,,,,,,E", "line 2: its speakers are not written as label=participant_id"),
        ("x,,,,,,,\nx,,,,,,,", "line 3: is a second row for the same file"),
        ("x,A,,,,,,\ny,A,,,,,,", "line 3: has a source_id that is used above"),
    ],
)
def test_mistakes_in_sources_are_named_with_line(tmp_path, row, said):
    _, problems = load_sources(write(tmp_path, "sources.csv", SOURCES + row + "\n"))
    assert len(problems) == 1
    assert str(problems[0]).startswith(f"raw/sources.csv {said}")


@pytest.mark.parametrize("doctype", ["billion laughs", "file outside"])
def test_case_09_a_register_that_declares_entities_is_refused(tmp_path, doctype):
    (tmp_path / "participants.xlsx").write_bytes(
        office.case_09_doctype("xlsx", "xl/sharedStrings.xml", doctype, "/etc/passwd")
    )
    people, (problem,) = load_participants(tmp_path)
    assert not people
    assert problem.where == "raw/participants.xlsx part xl/sharedStrings.xml"
    assert problem.what.startswith("declares a DOCTYPE")


def test_case_15_a_register_that_is_not_a_workbook_is_named(tmp_path):
    (tmp_path / "participants.xlsx").write_bytes(office.zipped({"xl/workbook.xml": "<workbook/>"}))
    _, (problem,) = load_participants(tmp_path)
    assert problem.where.startswith("raw/participants.xlsx")
    assert problem.remedy


def test_two_columns_of_one_name_are_named_and_neither_is_guessed(tmp_path):
    raw = write(tmp_path, "participants.csv", "participant_id,consent,Consent,,\nP1,no,yes,,\n")
    people, (problem,) = load_participants(raw)
    assert people == ()
    assert "several columns with the same name (consent)" in str(problem)


def test_a_second_register_beside_the_first_is_named(tmp_path):
    raw = write(tmp_path, "participants.csv", HEAD)
    openpyxl.Workbook().save(raw / "participants.xlsx")
    _, (problem,) = load_participants(raw)
    assert str(problem).startswith("raw/participants.xlsx: is next to participants.csv, and only the latter is read")


def test_a_language_that_is_not_a_code_is_named_and_guessed(tmp_path):
    raw = write(tmp_path, "sources.csv", "path,language\na.txt,Spanish\nb.txt,ES\n")
    entries, (problem,) = load_sources(raw)
    assert [entry.language for entry in entries.values()] == ["", "es"]
    assert str(problem).startswith("raw/sources.csv line 2: its language is not a code")


def test_a_label_given_to_somebody_who_is_in_no_register_is_named(tmp_path):
    raw = write(tmp_path / "raw", "participants.csv", HEAD + "P1,,,,yes,\n")
    write(raw, "sources.csv", "path,speakers\ninterviews/a.txt,E=interviewer;A=P1;B=P2;C=P2;D=OTHER\n")
    write(raw / "interviews", "a.txt", "A: Yes.\n")
    (problem,) = load_registers(Study(tmp_path)).problems
    assert "names participant P2, who is not in raw/participants" in str(problem)


def test_several_choices_in_one_cell_of_an_attribute_are_a_remark() -> None:
    people = [
        Participant("P1", Consent.YES, (), (("stakeholder_group", "staff; parent"),)),
        Participant("P2", Consent.YES, (), (("stakeholder_group", "staff"),)),
    ]
    (remark,) = several_choices(people, Settings(study=StudySettings(title="A study")))
    assert remark.what == (
        "1 of 2 people have several choices in stakeholder_group: profiles, prevalence and queries count them in each; "
        "strength and matrix treat each combination as a group"
    )


def genders(raw: Path, *cells: str) -> list[str]:
    """How these values of one column gender are read."""
    rows = "".join(f"P{number},{cell}\n" for number, cell in enumerate(cells))
    people, _ = load_participants(write(raw, "participants.csv", f"participant_id,gender\n{rows}"))
    return [dict(person.attributes)["gender"] for person in people]


@pytest.mark.parametrize(
    ("cells", "meant"),
    [
        (("female", "Mujer", "F", "woman"), ["woman"] * 4),
        (("male", "HOMBRE", "Masculino", "man"), ["man"] * 4),
        (("F", "M"), ["woman", "man"]),
        (("H", "M"), ["man", "woman"]),
        (("M", "m"), ["M", "m"]),  # of men, or of mujeres: nobody can know
        (("F", "H", "M"), ["woman", "man", "M"]),
        (("no binario", "travesti", "otra", ""), ["no binario", "travesti", "otra", ""]),
        (("mujer; trans",), ["mujer; trans"]),
    ],
)
def test_words_for_woman_and_man_are_one_group_each_and_nothing_else_is_guessed(
    tmp_path: Path, cells: tuple[str, ...], meant: list[str]
) -> None:
    assert genders(tmp_path, *cells) == meant


def test_the_words_taken_for_woman_and_man_are_named(tmp_path: Path) -> None:
    raw = write(tmp_path, "participants.csv", "participant_id,gender\n1,female\n2,mujer\n3,man\n4,M\n5,F\n")
    (remark,) = gender_words_taken(raw)
    assert remark.where == "raw/participants"
    assert remark.what == "in the column gender, these words are taken as woman: F, female, mujer; as man: M"
    assert remark.remedy == "nothing to do if that is right; otherwise write woman, man or a word of your own"
    assert (
        list(gender_words_taken(write(tmp_path, "participants.csv", "participant_id,gender\n1,woman\n2,otra\n"))) == []
    )


SPANISH = "Código,Nombre,Apellidos,Iniciales,Alias,Consentimiento,Género,Edad,País\n"


def test_a_register_with_spanish_headings_is_read_as_one_with_english_headings(tmp_path: Path) -> None:
    people, problems = load_participants(
        write(tmp_path, "participants.csv", SPANISH + "P1,Rosa,Luna Paz,RLP,Rosita;la profe,sí,mujer,41,Perú\n")
    )
    names = ("Rosa Luna Paz", "Rosa", "RLP", "Rosita", "la profe")
    attributes = (("gender", "woman"), ("edad", "41"), ("country", "Perú"))
    assert people == (Participant("P1", Consent.YES, names, attributes),)
    assert not problems


@pytest.mark.parametrize(
    ("head", "cells", "names"),
    [
        ("nombre,primer_apellido,segundo_apellido", "Rosa,Luna,Paz", ("Rosa Luna Paz", "Rosa")),
        ("full_name,first_name,last_name", "Rosa Luna,Rosa,Luna", ("Rosa Luna", "Rosa")),
        ("nombre,apodo,nombre completo", "Rosa,Rosita,Rosa Luna", ("Rosa", "Rosita", "Rosa Luna")),
        ("apellidos,nombres", "Luna,Rosa", ("Rosa Luna", "Rosa")),
        ("apellidos", "Luna", ("Luna",)),
    ],
)
def test_no_column_of_names_becomes_an_attribute_that_outputs_show(
    tmp_path: Path, head: str, cells: str, names: tuple[str, ...]
) -> None:
    people, _ = load_participants(write(tmp_path, "participants.csv", f"participant_id,{head}\nP1,{cells}\n"))
    assert people == (Participant("P1", Consent.UNSAID, names, ()),)


def test_of_a_heading_and_its_synonym_the_column_of_that_name_is_read(tmp_path: Path) -> None:
    people, problems = load_participants(
        write(tmp_path, "participants.csv", "id,participant_id,sexo,gender\n7,P1,F,woman\n")
    )
    assert people == (Participant("P1", Consent.UNSAID, (), (("id", "7"), ("sexo", "F"), ("gender", "woman"))),)
    assert not problems


def test_a_group_by_that_the_register_reads_under_another_name_is_answered_with_that_name() -> None:
    people = [Participant("P1", Consent.YES, (), (("gender", "woman"), ("edad", "41")))]
    (remark,) = unknown_group(people, Settings(study=StudySettings(title="T", group_by="Sexo")))
    assert str(remark).endswith("the column Sexo is read as gender: write that")


def test_sources_with_spanish_headings_are_read(tmp_path: Path) -> None:
    text = "ruta,tipo,participantes,idioma,fecha,lugar,hablantes\na.txt,Entrevista,P1,es,2024-05-02,Cusco,R1=P1\n"
    entries, problems = load_sources(write(tmp_path, "sources.csv", text))
    assert entries == {
        "a.txt": SourceEntry("a.txt", "", "interview", ("P1",), "es", "2024-05-02", "Cusco", (("R1", "P1"),))
    }
    assert not problems


def test_rows_proposed_for_sources_stand_under_the_headings_of_the_file(tmp_path: Path) -> None:
    raw = write(tmp_path, "sources.csv", "Ruta,Fecha\na.txt,2024-05-02\n")
    assert with_speakers(raw, {"a.txt": "R1=P1"}) == [["Ruta", "Fecha", "speakers"], ["a.txt", "2024-05-02", "R1=P1"]]

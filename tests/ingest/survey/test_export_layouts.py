"""Whole exports as survey tools write them, with all their own columns and marks; the answers are invented."""

from datetime import datetime

import pytest
from small_surveys import LONG, answers, comma, listed, read, said, workbook

from pipeline.records import FileReading

BOM = b"\xef\xbb\xbf"
THEMES = ("Agua", "Luz", "Camino", "Escuela")


def note(reading: FileReading) -> str:
    return reading.sources[0].note


def chosen(n: int) -> list[str]:
    """What somebody ticked of the themes."""
    return [theme for at, theme in enumerate(THEMES) if (n + at) % 3]


def quoted(rows: list[list[str]], delimiter: str = ";", end: str = "\r\n") -> bytes:
    """Every cell in quotation marks, as LimeSurvey and Google write them."""
    lines = (delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    return "".join(line + end for line in lines).encode()


# Microsoft Forms: workbook or CSV; a checkbox question ends each choice with a semicolon.

FORMS = {
    "en": ["Id", "Start time", "Completion time", "Email", "Name", "Last modified time"],
    "es": [
        "Id",
        "Hora de inicio",
        "Hora de finalización",
        "Correo electrónico",
        "Nombre",
        "Hora de la última modificación",
    ],
    "quiz": [
        "ID",
        "Start time",
        "Completion time",
        "Email",
        "Name",
        "Total points",
        "Quiz feedback",
        "Last modified time",
    ],
}


@pytest.mark.parametrize("language", list(FORMS))
def test_microsoft_forms(language: str) -> None:
    heads = [*FORMS[language], "¿Qué temas le importan?\xa0", "¿Qué cambió?\n"]
    data = [
        [
            str(n),
            "8/20/25 12:51:45",
            "8/20/25 12:54:25",
            f"rosa{n}@example.org",
            f"Rosa Luna {n}",
            *("" for _ in FORMS[language][5:]),
            "".join(f"{theme};" for theme in chosen(n)),
            LONG[n % 4] + f" {n}",
        ]
        for n in range(1, 9)
    ]
    reading = read(BOM + comma([heads, *data]))
    assert note(reading).startswith("read as Microsoft Forms")
    assert {turn.question for turn in reading.turns} == {"¿Qué cambió?"}
    assert set(answers(reading, "encuesta.1")) == {"¿Qué temas le importan?", *FORMS[language][1:3]}
    assert "Rosa" not in repr(reading)
    assert "example.org" not in repr(reading)


def test_microsoft_forms_in_a_workbook() -> None:
    heads = [*FORMS["es"], "¿Qué cambió?"]
    moment = datetime(2025, 8, 20, 12, 51, 45)  # noqa: DTZ001 - Excel knows no zones
    data = [[n, moment, moment, "anonymous", "", moment, words] for n, words in enumerate(LONG, 1)]
    reading = read(workbook({"Sheet1": [heads, *data]}, default_date_format="d/m/yy h:mm:ss"), "respuestas.xlsx")
    assert note(reading).startswith("read as Microsoft Forms")
    assert said(reading) == list(LONG)
    assert [source.source_id for source in reading.sources] == [f"respuestas.{n}" for n in range(1, 5)]
    assert answers(reading)["Hora de inicio"] == "2025-08-20 12:51:45"


# Google Forms: every cell quoted, the time with its zone, choices joined by commas, grids by row, equal titles not told apart.


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        ("Timestamp", "2023/05/14 10:26:52 PM GMT-3"),
        ("Marca temporal", "2023/05/14 10:26:52 p. m. GMT-3"),
        ("Marca temporal", "14/5/2023 22:26:52"),
        ("Horodateur", "2023/05/14 10:26:52 PM UTC+2"),
    ],
)
def test_google_forms(stamp: str, time: str) -> None:
    heads = [stamp, "Nombre de usuario", "¿Qué temas?", "Valore [El agua]", "Valore [La luz]", "¿Por qué?", "¿Por qué?"]
    data = [
        [time, f"rosa{n}@example.org", ", ".join(chosen(n)), "Muy buena", "Mala", f"{LONG[0]} {n}", f"{LONG[1]} {n}"]
        for n in range(8)
    ]
    reading = read(quoted([heads, *data], ",", "\n").rstrip(b"\n"))
    assert note(reading).startswith("read as Google Forms")
    assert [turn.heading for turn in reading.turns[:2]] == ["¿Por qué?", "¿Por qué? (2)"]
    assert {turn.question for turn in reading.turns} == {"¿Por qué?"}
    assert answers(reading) == {
        stamp: time,
        "¿Qué temas?": "Luz, Camino",
        "Valore [El agua]": "Muy buena",
        "Valore [La luz]": "Mala",
    }
    assert "example.org" not in repr(reading)


def test_ticked_choices_with_a_few_words_of_ones_own_stay_closed() -> None:
    ticked = [", ".join(["Que el agua llegue", "Que la luz no falle"][: 1 + n % 2]) for n in range(10)]
    ticked[3] += ", Otra cosa que nadie dijo"
    data = [["14/5/2023 22:26:52", cell, f"{LONG[n % 4]} {n}"] for n, cell in enumerate(ticked)]
    reading = read(comma([["Marca temporal", "¿Qué espera?", "¿Por qué?"], *data]))
    assert {turn.question for turn in reading.turns} == {"¿Por qué?"}
    assert answers(reading, "encuesta.row5")["¿Qué espera?"].endswith("nadie dijo")


def test_sentences_with_commas_are_not_choices() -> None:
    words = [
        "Sí, claro, cambió todo",
        "No, nada, la verdad",
        "Sí, pero poco, muy poco",
        "Claro, en mayo, con la lluvia",
    ]
    data = [["14/5/2023 22:26:52", f"{words[n % 4]} {n}"] for n in range(8)]
    assert len(read(comma([["Marca temporal", "¿Qué cambió?"], *data])).turns) == 8


# LimeSurvey: byte order mark, every cell quoted, a blank line at the end, codes or texts or both as headings.

LIME = ["id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "ipaddr", "refurl"]
LIME_TEXT = [
    "Response ID", "Date submitted", "Last page", "Start language", "Seed", "Date started", "Date last action", "IP address",
    "Referrer URL",
]  # fmt: skip
ASKED = {
    "code": ["temas[SQ001]", "temas[SQ002]", "temas[other]", "cambio", "cambio[comment]", "interviewtime",
        "groupTime81", "temasTime"],
    "full": [
        "¿Qué temas? [Agua]", "¿Qué temas? [Luz]", "¿Qué temas? [Other]", "¿Qué cambió?", "¿Qué cambió? [Comment]", "Total time",
        "Group time: Temas", "Question time: temas",
    ],
    "codetext": [
        "temas[SQ001]. ¿Qué temas? [Agua]", "temas[SQ002]. ¿Qué temas? [Luz]", "temas[other]. ¿Qué temas? [Other]",
        "cambio. ¿Qué cambió?", "cambio[comment]. ¿Qué cambió? [Comment]", "interviewtime. Total time",
        "groupTime81. Group time: Temas", "temasTime. Question time: temas",
    ],
}  # fmt: skip


def lime(style: str, delimiter: str) -> bytes:
    own = {"code": LIME, "full": LIME_TEXT, "codetext": [f"{c}. {t}" for c, t in zip(LIME, LIME_TEXT, strict=True)]}
    data = [
        [
            str(n),
            "" if n == 3 else "2023-05-14 10:00:00",
            "2" if n == 3 else "4",
            "es",
            "1740284615",
            "2023-05-14 09:50:00",
            "2023-05-14 10:00:00",
            "192.0.2.7",
            "",
            "Yes" if n % 2 else "N/A",
            "N/A",
            "Las becas" if n == 2 else "",
            f"{LONG[n % 4]} {n}",
            "Faltó tiempo" if n == 1 else "",
            "600.5",
            "",
            "31.2",
        ]
        for n in range(1, 7)
    ]
    return BOM + quoted([[*own[style], *ASKED[style]], *data], delimiter) + b"\r\n"


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("style", list(ASKED))
def test_limesurvey(style: str, delimiter: str) -> None:
    reading = read(lime(style, delimiter))
    assert note(reading).startswith("read as LimeSurvey")
    assert len(reading.sources) == 5  # one of them was not handed in
    assert ("row 4", "unfinished response") in listed(reading)
    mostly = [turn.heading for turn in reading.turns if turn.source_id == "encuesta.2"]
    assert mostly == [ASKED[style][2], ASKED[style][3]]  # what was written beside the choices is open, however short
    assert [turn.heading for turn in reading.turns if turn.source_id == "encuesta.1"] == [
        ASKED[style][3],
        ASKED[style][4],
    ]
    assert answers(reading, "encuesta.1")[ASKED[style][0]] == "Yes"
    assert "192.0.2.7" not in repr(reading)


# SurveyMonkey: two rows of headings, of which the second holds choices, "Open-Ended Response" and what "Other" was.


@pytest.mark.parametrize(
    ("own", "open_", "other"),
    [
        (
            "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1",
            "Open-Ended Response",
            "Other (please specify)",
        ),
        (
            (
                "ID del encuestado,ID del recopilador,Fecha de inicio,Fecha de finalización,Dirección IP,"
                "Dirección de correo electrónico,Nombre,Apellido,Datos personalizados 1"
            ),
            "Respuesta abierta",
            "Otro (especifique)",
        ),
    ],
)
def test_surveymonkey(own: str, open_: str, other: str) -> None:
    system = own.split(",")
    first = [*system, "¿Qué temas?", "", "", "Comentarios", "Comentarios"]
    second = ["" for _ in system] + ["Agua", "Luz", other, open_, open_]
    data = [
        [
            f"1144776{n}", "300", "05/14/2023 10:00:00 AM", "05/14/2023 10:09:00 AM", "192.0.2.7", "", "Rosa", "Luna", f"P00{n}",
            "Agua", "", "Becas" if n == 2 else "", f"{LONG[0]} {n}", f"{LONG[1]} {n}",
        ]
        for n in range(1, 4)
    ]  # fmt: skip
    reading = read(comma([first, second, *data]))
    assert note(reading).startswith("read as SurveyMonkey")
    assert [turn.heading for turn in reading.turns if turn.source_id.endswith("2")] == [
        f"¿Qué temas? [{other}]",
        "Comentarios",
        "Comentarios (2)",
    ]
    assert [turn.participant_id for turn in reading.turns] == ["P001"] * 2 + ["P002"] * 3 + ["P003"] * 2
    assert not {"Rosa", "192.0.2.7"} & set(repr(reading).replace("'", " ").split())


def test_surveymonkey_condensed_with_a_blank_second_row() -> None:
    heads = ["Respondent ID", "Collector ID", "Start Date", "IP Address", "What changed?"]
    data = [[str(1001 + n), "C1", "2024-01-01", "192.0.2.7", words] for n, words in enumerate(LONG)]
    reading = read(comma([heads, [""] * 5, *data]))
    assert said(reading) == list(LONG)
    assert reading.turns[0].place == "row 3, column E"


# ODK Central: paths joined by hyphens, choices split into 0 and 1, places on the map in four columns.


def test_odk_central() -> None:
    heads = [
        "SubmissionDate", "meta-instanceID", "hogar-opinion", "temas", "temas/agua", "temas/luz", "casa-Latitude",
        "casa-Longitude", "casa-Altitude", "casa-Accuracy", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent",
        "AttachmentsExpected", "Status", "ReviewState", "DeviceID", "Edits", "FormVersion",
    ]  # fmt: skip
    data = [
        [
            "2023-05-14T10:26:52.301Z", f"uuid:{n}", words, "agua luz", "1", "1", "-13.5", "-71.9", "3400", "12", f"uuid:{n}", "5",
            "Rosa Luna", "0", "0", "", "", "collect:AbC", "0", "2023051401",
        ]
        for n, words in enumerate(LONG)
    ]  # fmt: skip
    reading = read(comma([heads, *data], end="\n"))
    assert note(reading).startswith("read as ODK")
    assert said(reading) == list(LONG)
    assert set(answers(reading)) & {"temas", "temas/agua", "temas/luz"} == {"temas", "temas/agua", "temas/luz"}
    people = {place for place, reason in listed(reading) if reason == "column that tells who somebody is"}
    assert people == {f"column {letter}" for letter in "GHIJLMR"}


# KoboToolbox: semicolons, groups before the question, and with labels as headings several of the same words.


def test_kobo_with_labels() -> None:
    heads = [
        "start", "end", "¿Qué temas le importan?", "¿Qué temas le importan?/Agua", "¿Qué temas le importan?/Otro", "Especifique",
        "Hogar/¿Qué cambió?", "Especifique", "Ubicación", "_Ubicación_latitude", "_Ubicación_longitude", "_id", "_uuid",
        "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__", "_tags", "meta/rootUuid",
        "_index",
    ]  # fmt: skip
    data = [
        [
            "2023-05-14T10:00:00.000-05:00", "2023-05-14T10:20:00.000-05:00", "Agua Otro", "1", "1", "Las becas", f"{words} {n}",
            "Nadie", "-13.53195 -71.96746 3400 12", "-13.53195", "-71.96746", str(500 + n), f"u{n}", "2023-05-14T15:21:00", "", "",
            "submitted_via_web", "rosa", "vAbc", "", f"u{n}", str(n + 1),
        ]
        for n, words in enumerate(LONG)
    ]  # fmt: skip
    reading = read(comma([heads, *data], ";", end="\n"))
    assert note(reading).startswith("read as KoboToolbox")
    assert [turn.heading for turn in reading.turns] == ["Hogar/¿Qué cambió?"] * 4
    closed = answers(reading, "encuesta.u0")
    assert (closed["Especifique"], closed["Especifique (2)"]) == ("Las becas", "Nadie")
    assert "-71.96746" not in repr(reading)
    assert "rosa" not in repr(reading)


# Qualtrics: tab-separated UTF-16, and a workbook in Spanish with two rows of headings.


def test_qualtrics_with_tabs() -> None:
    heads = [
        "StartDate",
        "EndDate",
        "Status",
        "IPAddress",
        "Progress",
        "Finished",
        "ResponseId",
        "Q1",
        "Q1_3_TEXT",
        "Q2",
    ]
    asked = [
        "Fecha de inicio", "Fecha de finalización", "Tipo de respuesta", "Dirección IP", "Progreso", "Finalizado",
        "ID de respuesta", "¿Qué temas? - Opción seleccionada", "¿Qué temas? - Otro - Texto", "¿Qué\ncambió?",
    ]  # fmt: skip
    ids = [
        "startDate", "endDate", "status", "ipAddress", "progress", "finished", "_recordId", "QID1", "QID1_3_TEXT", "QID2_TEXT",
    ]  # fmt: skip
    imports = [f'{{"ImportId":"{each}"}}' for each in ids]
    data = [
        ["2023-05-14 10:00:00", "2023-05-14 10:09:00", "0", "192.0.2.7", "100", "1", f"R_{n}", "1,3", "Becas", words]
        for n, words in enumerate(LONG)
    ]
    text = comma([heads, asked, imports, *data], "\t").decode()
    reading = read(b"\xff\xfe" + text.encode("utf-16-le"), "export.tsv")
    assert note(reading).startswith("read as Qualtrics")
    assert [(turn.heading, turn.question) for turn in reading.turns[:2]] == [
        ("Q1_3_TEXT", "¿Qué temas? - Otro - Texto"),
        ("Q2", "¿Qué cambió?"),
    ]
    assert "192.0.2.7" not in repr(reading)


# Typeform, Survey123 and REDCap: one row of headings with columns of their own, some of which say who or where somebody is.


def test_typeform() -> None:
    heads = [
        "#",
        "¿Qué cambió?",
        "Other",
        "¿Por qué?",
        "Other",
        "Response Type",
        "Start Date (UTC)",
        "Submit Date (UTC)",
        "Network ID",
    ]
    data = [
        [
            f"t{n}",
            words,
            "",
            f"{LONG[0]} {n}",
            "",
            "completed",
            "2023-01-23 06:24:12",
            "2023-01-23 06:27:59",
            "938f4331f1",
        ]
        for n, words in enumerate(LONG)
    ]
    reading = read(comma([heads, *data]))
    assert note(reading).startswith("read as Typeform")
    assert {turn.heading for turn in reading.turns} == {"¿Qué cambió?", "¿Por qué?"}
    assert "938f4331f1" not in repr(reading)
    assert reading.sources[1].source_id == "encuesta.t1"


def test_survey123() -> None:
    heads = ["ObjectID", "GlobalID", "¿Qué cambió?", "CreationDate", "Creator", "EditDate", "Editor", "x", "y"]
    data = [
        [
            str(n),
            f"881135cc-bc16-{n}",
            words,
            "4/11/2019 1:22:44 PM",
            "rluna",
            "4/11/2019 1:22:44 PM",
            "rluna",
            "-71.967",
            "-13.53",
        ]
        for n, words in enumerate(LONG, 1)
    ]
    reading = read(comma([heads, *data]))
    assert note(reading).startswith("read as Survey123")
    assert said(reading) == list(LONG)
    assert "rluna" not in repr(reading)
    assert "-71.967" not in repr(reading)


def test_redcap_with_several_events_of_one_person() -> None:
    heads = ["record_id", "redcap_event_name", "redcap_survey_identifier", "edad", "que_cambio", "encuesta_complete"]
    data = [
        [f"P00{1 + n // 2}", f"visita_{n % 2}_arm_1", "rosa@example.org", "42", words, "2"]
        for n, words in enumerate(LONG)
    ]
    reading = read(comma([heads, *data]))
    assert note(reading).startswith("read as REDCap")
    assert [turn.participant_id for turn in reading.turns] == ["P001", "P001", "P002", "P002"]
    assert "example.org" not in repr(reading)

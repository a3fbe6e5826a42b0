"""Every layout of the table by its own example, and the labels of each on lines that look alike."""

import pytest
from hostile.office import docx, p, r, story
from small_interviews import read, said, settings

from pipeline.ingest.transcript.layouts import Layout, labels_of, layouts


def spoken(reading):
    """(label, words) of every turn; turns of one speaker that follow each other are one."""
    text = reading.texts[0].text
    turns: list[tuple[str, str]] = []
    for turn in reading.turns:
        words = " ".join(text[turn.start : turn.end].split())
        if turns and turns[-1][0] == turn.speaker:
            turns[-1] = (turn.speaker, f"{turns[-1][1]} {words}")
        else:
            turns.append((turn.speaker, words))
    return turns


def alone(text, **more):
    """A file of which nothing is known but its words."""
    return read(text, people=(), chosen=settings(interviewers=()), **more)


@pytest.mark.parametrize("layout", layouts(), ids=lambda layout: layout.id)
def test_the_example_of_a_layout_gives_its_turns(layout: Layout):
    assert spoken(alone(layout.example.lstrip("\n"))) == list(layout.turns)


@pytest.mark.parametrize("layout", layouts(), ids=lambda layout: layout.id)
def test_in_the_example_of_a_layout_who_puts_the_questions_interviews(layout: Layout):
    roles = {turn.speaker: str(turn.role) for turn in alone(layout.example.lstrip("\n")).turns}
    asks, answers = layout.turns[0][0], layout.turns[1][0]
    assert roles == {asks: "interviewer", answers: "respondent"}


@pytest.mark.parametrize(
    ("line", "layout"),
    [
        ("**Ana**<br>", "bold name on its own line"),
        ("__Ana__: yes", "bold name"),
        ("<b>Ana:</b> yes", "bold name"),
        ("[SPEAKER_00]: yes", "name in brackets"),
        ("{00:00:03} INT: yes", "name and colon"),
        ("Ana Rojas 10:15 AM", "name and time"),
        ("Ana Rojas   1 hour 2 minutes 5 seconds", "name and time"),
        ("(speaker 0) yes", "code in round brackets"),
        ("(speaker ?) yes", "code in round brackets"),
        ("**Ana**<br>yes", "bold name without a colon"),
        ("**Ana [00:00:03]:** yes", "bold name"),
        ("(min 3) Ana: yes", "name and colon"),
        ("@00:00:04 Ana: yes", "name and colon"),
        ("0.000000\t2.000000\tANA: yes", "name and colon"),
        ("P.- yes", "letter and full stop"),
        ("P1) yes", "letter and full stop"),
    ],
)
def test_a_line_is_seen_by_its_layout(line, layout):
    assert layout in [label.layout for label in labels_of(line, 0, len(line))]


def test_times_are_never_inside_the_words_however_they_are_written():
    text = (
        "I: How [00:00:05] is it? #00:00:05-3#\n"
        "B: It comes (00:13) every day [00.00.15] and {00:00:16} night 00:00:17 too.\n"
        "I: At five? <00:00:20>\nB: At 5:30, I think. [inaudible 00:00:22] Yes.\n"
    )
    assert spoken(alone(text)) == [
        ("I", "How is it?"),
        ("B", "It comes every day and night too."),
        ("I", "At five?"),
        ("B", "At 5:30, I think. [inaudible] Yes."),
    ]


def test_what_another_says_in_between_is_a_turn_of_its_own():
    text = (
        "INT: How is it?\nRES: It comes // INT: yes // every day. [laughs]\n"
        "INT: And then?\nRES: Then (INT: mm) it stops {pause}.\n"
    )
    assert spoken(alone(text)) == [
        ("INT", "How is it?"),
        ("RES", "It comes"),
        ("INT", "yes"),
        ("RES", "every day. [laughs]"),
        ("INT", "And then?"),
        ("RES", "Then"),
        ("INT", "mm"),
        ("RES", "it stops {pause}."),
    ]


def test_a_label_in_the_middle_of_a_line_begins_a_turn():
    text = "E: ¿Qué cambió? R: La luz.\nE: ¿Y antes? R: Velas. E: ¿Nada más?\nR: Nada.\n"
    assert [label for label, _ in spoken(alone(text))] == ["E", "R", "E", "R", "E", "R"]


@pytest.mark.parametrize(
    "header",
    [
        "Fecha: 3 de mayo\nEntrevistada: Rosa Marín (RM)\nEntrevistador: Luis Soto (LS)\n\n",
        "Entrevistador: Luis Soto\nEntrevistada: Rosa Marín\n\n",
        "RM = entrevistada, LS = entrevistador\n\n",
        "---\nfecha: 2024-03-01\n---\nEntrevistó: Luis Soto\nLugar: Huay\n\n",
    ],
)
def test_the_header_says_who_asks_even_where_the_other_puts_the_questions(header):
    text = header + "LS: Cuénteme del agua.\nRM: ¿Del agua? Llega.\nLS: Siga.\nRM: ¿Qué más?\n"
    reading = alone(text)
    assert {turn.speaker: str(turn.role) for turn in reading.turns} == {"LS": "interviewer", "RM": "respondent"}
    assert spoken(reading)[0] == ("LS", "Cuénteme del agua.")


def test_a_wrapped_transcript_is_counted_by_its_paragraphs():
    words = "creía que la cooperativa iba a durar tanto tiempo como duró\n" * 9
    text = "".join(f"Lucía: ¿Y la etapa {n}?\n\nJustina: Nadie en el pueblo antes de eso\n{words}\n" for n in range(6))
    assert [label for label, _ in spoken(alone(text))] == ["Lucía", "Justina"] * 6


def test_questions_in_bold_are_asked_and_the_rest_answers():
    text = "**What changed?**\n\nWe have water.\n\nAll year.\n\n**And who pays?**\n\nEach family.\n"
    reading = alone(text)
    assert [str(turn.role)[0] for turn in reading.turns] == ["i", "r", "r", "i", "r"]
    assert reading.turns[-1].question == "And who pays?"


def test_questions_without_answers_are_not_an_interview():
    text = "\n\n".join(f"**Theme {n}?**\n\n- How is it?\n\n- Who pays?" for n in range(4))
    assert {str(turn.role) for turn in alone(text).turns} <= {"interviewer", "other"}


def test_words_without_speakers_wait_where_there_are_questions_and_count_where_there_are_none():
    assert {str(t.role) for t in alone("Is there water? There is.\n\nIt comes every day.\n").turns} == {"other"}
    assert {str(t.role) for t in alone("There is water.\n\nIt comes every day.\n").turns} == {"respondent"}


def test_subtitles_that_a_machine_writes_into_silence_are_listed():
    text = (
        "I: How is it?\nB: It comes.\nI: And then?\nB: It stops.\nI: Thanks.\n"
        "Thanks for watching!\nSubtítulos realizados por la comunidad de Amara.org\n"
    )
    reading = alone(text)
    assert spoken(reading)[-1] == ("I", "Thanks.")
    assert sum("speech recognition" in row.reason for row in reading.rejected) == 2


@pytest.mark.parametrize(
    ("asks", "answers", "form"),
    [("P%1:", "R%1:", ""), ("Entrevistadora:", "Entrevistada:", ""), ("P:", "R:", '<w:numFmt w:val="none"/>')],
    ids=["with a number", "without", "no number format"],
)
def test_the_automatic_signs_of_word_lists_name_their_speakers(asks, answers, form):
    def level(number, sign):
        return (
            f'<w:abstractNum w:abstractNumId="{number}"><w:lvl w:ilvl="0">{form}<w:lvlText w:val="{sign}"/></w:lvl>'
            f'</w:abstractNum><w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
        )

    def said(number, words):
        sign = f'<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'
        return f"<w:p>{sign}{r(words)}</w:p>"

    numbering = story("numbering", level(1, asks) + level(2, answers))
    body = said(1, "¿Qué cambió?") + said(2, "La luz.") + p(r("Antes, velas.")) + said(1, "¿Y hoy?") + said(2, "Focos.")
    reading = alone(docx(body, notes={"numbering": numbering}), name="a.docx")
    who, whom = asks.strip("%1:"), answers.strip("%1:")
    assert spoken(reading) == [
        (who, "¿Qué cambió?"),
        (whom, "La luz. Antes, velas."),
        (who, "¿Y hoy?"),
        (whom, "Focos."),
    ]
    assert {turn.speaker: str(turn.role) for turn in reading.turns} == {who: "interviewer", whom: "respondent"}


@pytest.mark.parametrize("dash", ["— ", "- ", "– ", "—", ">> "])
def test_a_dash_before_a_turn_is_in_nobodys_words(dash):
    turns = ("How is the water?", "It comes every day.", "And at night?", "At night, too.")
    reading = alone("".join(f"{dash}{words}\n" for words in turns))
    assert tuple(words for _, _, words in said(reading)) == turns


@pytest.mark.parametrize(
    "text",
    [
        "Ana – my aunt – came.\nShe stayed.\nAna – as I said – left.\nLuis – her son – wept.\nLuis – he is ten – stayed.\n",
        "We left. It was cold.\nBut. I mean it was cold.\nBut. You know how it is.\nWe stayed. All of us did.\nThe end came.\n",
    ],
)
def test_signs_with_which_sentences_go_on_too_make_no_speakers(text):
    assert {turn.speaker for turn in alone(text).turns} == {""}

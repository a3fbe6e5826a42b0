"""Transcripts as the field sends them, every turn checked by hand. All people are invented."""

import pytest
from small_interviews import read, roles, settings

from pipeline.records import Participant, SourceEntry
from pipeline.vocabulary import Consent

LONG = "Sembramos en mayo.\n\nDespués vino la helada.\n\nAl fin quedó la mitad.\n\n"
MARIAS = (
    Participant("P011", Consent.YES, ("María Huamán Rojas",), ()),
    Participant("P012", Consent.YES, ("María Tintaya Luna",), ()),
)


def heard(reading):
    """(label, words) of every turn."""
    text = reading.texts[0].text
    return [(turn.speaker, " ".join(text[turn.start : turn.end].split())) for turn in reading.turns]


def persons(reading):
    """(role, person) of every turn, the role by its first letter."""
    return [(str(turn.role)[0], turn.participant_id) for turn in reading.turns]


def unknown(text, **more):
    """A file of which nothing is known but its words."""
    return read(text, people=(), chosen=settings(interviewers=()), **more)


def test_stamps_glued_to_names_and_ranges_of_time():
    text = (
        "00:00:01VQ: ¿Cómo llegó el agua?\n"
        "00:00:09Rufina: Por gravedad.\n"
        "[00:00:15-00:00:21] VQ: ¿Quién cavó?\n"
        "[00:00:22-00:00:40]Rufina: Todos cavamos, a las 5:30 ya estábamos.\n"
        "00:00:41 --> 00:00:50 VQ: ¿Y las mujeres?\n"
        "00:00:51 – 00:01:10 Rufina: También.\n"
        "(01:11)VQ: ¿Todas?\n"
        "(01:15) Rufina: Casi.\n"
    )
    assert heard(read(text)) == [
        ("VQ", "¿Cómo llegó el agua?"),
        ("Rufina", "Por gravedad."),
        ("VQ", "¿Quién cavó?"),
        ("Rufina", "Todos cavamos, a las 5:30 ya estábamos."),
        ("VQ", "¿Y las mujeres?"),
        ("Rufina", "También."),
        ("VQ", "¿Todas?"),
        ("Rufina", "Casi."),
    ]


def test_one_speaker_in_three_spellings_and_the_interviewer_by_initials():
    text = (
        "V.Q.: ¿Desde cuándo?\n\nRufina: Desde niña.\n\nVQ: ¿Y antes?\n\nRUFINA CCAHUANA: No había.\n\n"
        "V. Q.: ¿Nada?\n\nR.C.: Nada.\n\nY así fue.\n"
    )
    assert persons(read(text)) == [("i", ""), ("r", "P001")] * 3
    assert heard(read(text))[-1][1] == "Nada. Y así fue."


def test_two_people_of_one_first_name_are_distinguished_by_the_words_in_brackets():
    text = (
        "Vera: ¿Cómo empezó?\nMaría (promotora): Con una faena.\nMaría (regidora): Con un oficio.\n"
        "Vera: ¿Cuándo?\nMaría (promotora): En mayo.\nMaría (regidora): En abril.\n"
    )
    entry = SourceEntry("a", speakers=(("María (promotora)", "P011"), ("María (regidora)", "P012")))
    told = [("i", ""), ("r", "P011"), ("r", "P012")] * 2
    assert persons(read(text, people=MARIAS, entry=entry)) == told
    reading = read(text, people=MARIAS)
    assert [label for label, _ in heard(reading)] == ["Vera", "María (promotora)", "María (regidora)"] * 2
    assert {person for _, person in persons(reading)} == {""}  # which María is which, nobody said


def test_a_role_in_brackets_after_a_name_names_the_same_person():
    text = (
        "Vera: ¿Qué hace?\nRufina (coordinadora): Convoco.\nVera: ¿Sola?\nRufina: No.\nVera: ¿Con?\nRufina: Tres más.\n"
    )
    assert persons(read(text)) == [("i", ""), ("r", "P001")] * 3
    assert heard(read(text))[1] == ("Rufina (coordinadora)", "Convoco.")


def test_a_moderator_who_answers_stays_who_she_is_and_the_other_too():
    text = (
        "Vera Quintanal: Why did you join?\nGrace Ashdown: For the seeds. And why did you start it?\n"
        "Vera Quintanal: Because nobody else did.\nGrace Ashdown: Nobody?\nVera Quintanal: Not one.\nGrace Ashdown: I see.\n"
    )
    assert persons(read(text)) == [("i", ""), ("r", "P003")] * 3


def test_an_interviewer_who_says_most_of_the_words_is_noted_because_labels_may_be_swapped():
    text = f"Entrevistador: {LONG.replace(chr(10), ' ')}\n\nEntrevistada: ¿Y?\n\n" * 4
    note = unknown(text).sources[0].note
    assert "the interviewers say 96% of the words: check whether the labels are the other way round" in note
    assert "other way round" not in read(f"VQ: ¿Y?\n\nRufina: {LONG}" * 4).sources[0].note


def test_a_page_without_labels_goes_on_with_the_last_speaker_and_is_noted():
    talk = "VQ: ¿Y?\nRufina: Sí.\n" * 6
    page = "".join(f"Frase {'abcdefghijkl'[n]} de la página.\n" for n in range(12))
    reading = read(talk + page + talk)
    assert len(reading.turns) == 24
    assert heard(reading)[11][1].startswith("Sí. Frase a de la página.")
    assert (
        "12 paragraphs in a row without a label (from line 13): read as words of the previous speaker"
        in reading.sources[0].note
    )


def test_an_answer_of_some_paragraphs_is_not_noted():
    reading = read(("VQ: ¿Y?\n\nRufina: Sí.\n\nAsí.\n\nAsí fue.\n\nY ya.\n\n") * 6)
    assert "without a label" not in reading.sources[0].note


def test_teams_with_edits_by_hand():
    text = (
        "Vera Quintanal   0:03\n¿Cómo va el huerto?\n\nRufina Ccahuana Poma   0:09\nBien.\nYa hay zanahoria.\n\n"
        "Vera Quintanal   0:15\n¿Y el riego?\nRufina: Falta la manguera.\nVera: ¿Cuánto falta?\n\n"
        "Rufina Ccahuana Poma   0:31\nVeinte metros.\n\nVera Quintanal detuvo la transcripción\n"
    )
    assert heard(read(text)) == [
        ("Vera Quintanal", "¿Cómo va el huerto?"),
        ("Rufina Ccahuana Poma", "Bien. Ya hay zanahoria."),
        ("Vera Quintanal", "¿Y el riego?"),
        ("Rufina", "Falta la manguera."),
        ("Vera", "¿Cuánto falta?"),
        ("Rufina Ccahuana Poma", "Veinte metros."),
    ]
    assert persons(read(text)) == [("i", ""), ("r", "P001")] * 3


def test_labels_in_capitals_with_accents():
    text = "MODERADORA: ¿Qué cambió?\n\nÁNGELA ÑAÑA: La luz.\n\nÍTALO: El camino.\n\n" * 2
    assert (
        heard(unknown(text))
        == [
            ("MODERADORA", "¿Qué cambió?"),
            ("ÁNGELA ÑAÑA", "La luz."),
            ("ÍTALO", "El camino."),
        ]
        * 2
    )


def test_pregunta_and_respuesta_by_their_letters_with_answers_of_several_paragraphs():
    text = "P: ¿Qué cambió?\n\nR: La luz.\n\nAntes había velas.\n\nP. ¿Y hoy?\n\nR. Focos.\n\n" * 2
    assert heard(unknown(text))[:4] == [
        ("P", "¿Qué cambió?"),
        ("R", "La luz. Antes había velas."),
        ("P", "¿Y hoy?"),
        ("R", "Focos."),
    ]
    assert roles(unknown(text)) == {"interviewer": 4, "respondent": 4}


def test_pregunta_and_respuesta_before_full_stops_as_newspapers_print_them():
    text = "P. ¿Qué cambió?\n\nR. La luz.\n\nAntes había velas.\n\nP. ¿Y hoy?\n\nR. Focos.\n"
    assert heard(unknown(text)) == [
        ("P", "¿Qué cambió?"),
        ("R", "La luz. Antes había velas."),
        ("P", "¿Y hoy?"),
        ("R", "Focos."),
    ]
    assert roles(unknown(text)) == {"interviewer": 2, "respondent": 2}


def test_an_initial_before_a_name_is_not_a_label():
    text = "E: ¿Quién vino?\nR: Vinieron dos.\nE. García llegó tarde.\nE. García se fue.\n" * 2
    assert [label for label, _ in heard(unknown(text))] == ["E", "R"] * 2
    text = "Vinieron dos.\nA. Soto llegó.\nNadie más.\nA. Soto se fue.\nB. Luna también.\n"
    assert {label for label, _ in heard(unknown(text))} == {""}


@pytest.mark.parametrize("number", ["{}. ", "{}) ", "{}.- ", "{}\t", "#{} ", "[{}] "])
def test_numbers_before_the_labels_are_not_part_of_the_names(number):
    lines = ["Vera: ¿Y?", "Rufina: Sí, 2. ya.", "Vera: ¿Más?", "Rufina: No."]
    text = "\n".join(number.format(n) + line for n, line in enumerate(lines, 1))
    assert heard(read(text)) == [("Vera", "¿Y?"), ("Rufina", "Sí, 2. ya."), ("Vera", "¿Más?"), ("Rufina", "No.")]


@pytest.mark.parametrize("bullet", ["- ", "• ", "* ", "– ", "· ", "▪ ", "-", "> ", "➢ "])
def test_bullets_before_the_labels_are_not_part_of_the_names(bullet):
    text = "\n".join(f"{bullet}{line}" for line in ["Vera: ¿Y?", "Rufina: Sí.", "Vera: ¿Más?", "Rufina: No."])
    assert heard(read(text)) == [("Vera", "¿Y?"), ("Rufina", "Sí."), ("Vera", "¿Más?"), ("Rufina", "No.")]


@pytest.mark.parametrize("colon", ["\u00a0: ", "\u202f: ", " :\u00a0", "\uff1a", " ：", "\u00a0:\u00a0", "\t:\t", ":"])
def test_colons_as_french_and_other_keyboards_write_them(colon):
    text = "\n".join(
        f"{who}{colon}{words}" for who, words in [("Vera", "Et\u00a0?"), ("Rufina\u00a0Ccahuana", "Oui.")] * 2
    )
    assert heard(read(text)) == [("Vera", "Et ?"), ("Rufina Ccahuana", "Oui.")] * 2


def test_labels_on_lines_of_their_own_with_a_colon():
    text = "Vera:\n¿Y?\n\nRufina:\nSí.\nAsí.\n\nHilda Tarqui:\nYo no.\n\nVera:\n¿No?\n\nRufina:\nElla no.\n"
    assert heard(read(text)) == [
        ("Vera", "¿Y?"),
        ("Rufina", "Sí. Así."),
        ("Hilda Tarqui", "Yo no."),
        ("Vera", "¿No?"),
        ("Rufina", "Ella no."),
    ]


def test_labels_on_lines_of_their_own_without_a_colon():
    text = "VERA QUINTANAL\n¿Y?\n\nRUFINA\nSí.\n\nHILDA TARQUI\nYo no.\n\nVERA QUINTANAL\n¿No?\n\nRUFINA\nElla no.\n"
    assert [label for label, _ in heard(read(text))] == [
        "VERA QUINTANAL",
        "RUFINA",
        "HILDA TARQUI",
        "VERA QUINTANAL",
        "RUFINA",
    ]


def test_speakers_of_a_machine_and_a_name_put_in_by_hand():
    text = "SPEAKER_00: How did it go?\nSPEAKER_01: Fine.\nSPEAKER_00: And the seeds?\nGrace: They came late.\nSPEAKER_01: Very.\n"
    assert heard(read(text))[3] == ("Grace", "They came late.")
    assert [label for label, _ in heard(read(text))] == [
        "SPEAKER_00",
        "SPEAKER_01",
        "SPEAKER_00",
        "Grace",
        "SPEAKER_01",
    ]


# Who speaks but once, among long answers of several paragraphs.


@pytest.mark.parametrize(
    ("others", "once"),
    [
        (("MODERADORA", "RUFINA", "TEÓFILO"), "HILDA"),
        (("E", "P1", "P2"), "P7"),
        (("Vera Quintanal", "Rufina Ccahuana", "Teófilo Ñaupari"), "Hilda Tarqui"),
        (("M", "F1", "H2"), "F3"),
        (("MOD", "VECINA 1", "VECINO 1"), "VECINA 4"),
        (("**VERA", "**RUFINA", "**TEÓFILO"), "**HILDA"),
    ],
)
def test_who_speaks_only_once_is_recognised_if_the_label_is_written_like_the_others(others, once):
    close = ":** " if once[0] == "*" else ": "
    asks, first, second = others
    text = f"{asks}{close}¿Y?\n\n{first}{close}{LONG}{second}{close}{LONG}" * 2
    text += f"{once}{close}Yo perdí todo.\n\n{asks}{close}¿Todo?\n\n{first}{close}{LONG}"
    reading = read(text)
    assert (once.strip("*"), "Yo perdí todo.") in heard(reading)
    assert "speakers who speak only once or twice: 1" in reading.sources[0].note


def test_a_person_of_the_register_who_speaks_only_once_is_recognised():
    text = f"VQ: ¿Y?\n\nRufina: {LONG}" * 3 + f"Teófilo Ñaupari: Yo perdí todo.\n\nVQ: ¿Todo?\n\nRufina: {LONG}"
    assert ("r", "P002") in persons(read(text))


def test_a_first_name_that_others_call_somebody_by_is_a_speakers():
    text = (
        f"Vera: ¿Y?\n\nRufina: {LONG}" * 3 + f"Hilda: Yo perdí todo.\n\nVera: Gracias, Hilda. ¿Todo?\n\nRufina: {LONG}"
    )
    assert ("Hilda", "Yo perdí todo.") in heard(read(text))


@pytest.mark.parametrize(
    "words",
    [
        "Y me dijo: no vuelvas.",
        "Mi mamá: ella sí fue.",
        "Resultado: nada.",
        "Primero: el agua.",
        "Ventaja: había luz.",
        "Ojo: eso fue en mayo.",
        "Doña Hilda me decía: anda.",
        "Como decía Hilda: nada.",
        "La verdad: no sé.",
        "OJO: eso fue en mayo.",
        "Fui a Lima: nada.",
        "Una cosa: no vino.",
        "A las 10:30 llegó.",
        "Señores: basta, les dije.",
    ],
)
def test_words_before_a_colon_inside_an_answer_are_not_a_speaker(words):
    text = (
        f"Vera: ¿Y?\n\nRufina: {LONG}" * 3
        + f"{words}\n\nEso fue. La ventaja y el resultado.\n\nVera: ¿Todo?\n\nRufina: {LONG}"
    )
    assert {label for label, _ in heard(read(text))} == {"Vera", "Rufina"}
    assert words in heard(read(text))[5][1]


def test_what_precedes_the_first_speaker_is_not_a_speaker():
    text = f"PROYECTO: Semillas\n\nLUGAR: Huallpa\n\nVERA: ¿Y?\n\nRUFINA: {LONG}" + f"VERA: ¿Y?\n\nRUFINA: {LONG}" * 3
    assert {label for label, _ in heard(read(text))} == {"VERA", "RUFINA"}


def test_a_line_that_may_be_a_speaker_is_named_by_its_place_and_can_be_said():
    text = f"Vera: ¿Y?\n\nRufina: {LONG}" * 3 + f"Hilda: Yo perdí todo.\n\nVera: ¿Todo?\n\nRufina: {LONG}"
    note = read(text).sources[0].note
    assert "may be a speaker who speaks only once, read as words of the previous speaker: line 25" in note
    assert "Hilda" not in note
    said = SourceEntry("a", speakers=(("Hilda", "P002"),))
    assert ("r", "P002") in persons(read(text, entry=said))


# Layouts of programs and of habits, each four turns and more of the same talk.
TALK = (
    ("Vera", "¿Qué cambió en la casa?"),
    ("Rufina", "El agua, que ya llega hasta la cocina."),
    ("Vera", "¿Y antes?"),
    ("Rufina", "Nada, la verdad, íbamos al río."),
) * 2
LAYOUTS = {
    "stamp, dash, name": "[00:0{n}:01.230] - {who}\n{words}\n\n",
    "name, colon, stamp": "{who}: 00:0{n}:01\n{words}\n\n",
    "WhatsApp on a telephone": "[14/5/23, 10:0{n}:52] {who}: {words}\n",
    "WhatsApp on another": "14/5/2023, 10:0{n} a. m. - {who}: {words}\n",
    "WhatsApp in English": "5/14/23, 10:0{n} AM - {who}: {words}\n",
    "chat of Zoom": "10:0{n}:58\t From {who} to Everyone:\t{words}\n",
    "name and tab": "{who}\t{words}\n",
    "name and long dash": "{who} — {words}\n",
    "name in small letters": "{small}: {words}\n",
    "name in angles": "<{who}> {words}\n",
}


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_layouts_of_programs_and_habits(layout):
    text = "".join(
        LAYOUTS[layout].format(n=n, who=who, small=who.lower(), words=words) for n, (who, words) in enumerate(TALK, 1)
    )
    reading = unknown(text)
    assert [(label.lower(), words) for label, words in heard(reading)] == [(who.lower(), words) for who, words in TALK]
    assert roles(reading) == {"interviewer": 4, "respondent": 4}


def test_letters_in_round_brackets_are_labels_and_what_somebody_does_is_none():
    text = "(E) ¿Qué cambió?\n(R) El agua.\n(E) ¿Y antes?\n(R) Nada.\n(ríe) La verdad.\n"
    assert [label for label, _ in heard(unknown(text))] == ["E", "R", "E", "R"]
    assert {label for label, _ in heard(unknown("(Risas) El agua.\n(Risas) Nada.\nLa verdad.\n"))} == {""}


def test_questions_and_answers_with_numbers_are_two_people():
    text = "".join(f"P{n}: ¿Qué cambió en {n}?\n\nR{n}: Nada en {n}.\n\nDe veras.\n\n" for n in range(1, 5))
    assert [label for label, _ in heard(unknown(text))] == ["P", "R"] * 4
    assert roles(unknown(text)) == {"interviewer": 4, "respondent": 4}


def test_people_of_a_group_with_numbers_stay_apart():
    text = "M: ¿Qué cambió?\nFG3-P2: El agua.\nFG3-P3: La luz.\nM: ¿Y?\nFG3-P2: Eso.\nFG3-P5: No.\n"
    assert [label for label, _ in heard(unknown(text))] == ["M", "FG3-P2", "FG3-P3", "M", "FG3-P2", "FG3-P5"]
    assert roles(unknown(text)) == {"interviewer": 2, "respondent": 4}


def test_a_list_in_which_nearly_every_line_has_a_colon_is_not_a_dialogue():
    text = "".join(
        f"{month}: llovió {n} días.\n" for n, month in enumerate(["enero", "febrero", "marzo", "abril", "mayo"])
    )
    assert {label for label, _ in heard(unknown(text))} == {""}


@pytest.mark.parametrize("mark", ["00:45 B:", "18:45 **B:**", "**B:**", "****B:****"])
def test_a_label_in_mid_line_behind_a_time_or_in_bold_begins_a_turn(mark):
    text = f"I: How is it?\nB: It comes.\nI: And at night {mark} At night, too\nI: All night?\nB: All night.\n"
    assert [label for label, _ in heard(unknown(text))] == ["I", "B", "I", "B", "I", "B"]


def test_a_full_name_first_and_the_first_name_from_then_on_are_one_person():
    text = "Ana Rojas: How is it?\nLuis Vega: Good.\nAna: And then?\nLuis: It comes.\nAna: Why?\nLuis: By gravity.\n"
    assert [label for label, _ in heard(unknown(text))] == ["Ana", "Luis"] * 3


def test_a_stutter_at_the_beginning_of_a_line_is_not_a_label():
    text = "1\n00:00:01,000 --> 00:00:02,000\nAna: How is it?\n\n" + "".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{words}\n\n"
        for n, words in enumerate(
            ["Luis: Well, I-", "I- I dug it.", "I- we did.", "I- all of us.", "Ana: Why?", "Luis: Dry."], 2
        )
    )
    assert {label for label, _ in heard(unknown(text, name="a.srt"))} == {"Ana", "Luis"}

"""Who speaks when, in the layouts that transcripts come in."""

import pytest
from small_interviews import PEOPLE, read, roles, said, settings

from pipeline.ingest.transcript import speaker_labels
from pipeline.ingest.transcript.roles import label_without_name
from pipeline.records import Participant, SourceEntry
from pipeline.vocabulary import Consent, Kind, ReadStatus, Undecided

Q, A = "¿Desde cuándo los conoce?", "Desde la feria de San Roque."
EXPECTED = [("interviewer", "", Q), ("respondent", "P001", A)]
TOLD = EXPECTED * 2

LAYOUTS = {
    "Name: text": f"Vera Quintanal: {Q}\n\nRufina Ccahuana: {A}\n\n",
    "bold name with colon": f"**VERA:** {Q}\n\n**RUFINA:** {A}\n\n",
    "bold name, colon outside": f"**Vera**: {Q}\n\n**Rufina**: {A}\n\n",
    "bold name and time above": f"**Vera Quintanal**  0:20\n\n{Q}\n\n**Rufina Ccahuana**  0:31\n\n{A}\n\n",
    "bold name and time before": f"**Vera** [0:20] {Q}\n\n**Rufina** [1:02:31]{A}\n\n",
    "brackets": f"[Vera Quintanal] {Q}\n\n[mamá Rufina] {A}\n\n",
    "name and time above": f"Vera Quintanal   0:03\n{Q}\n\nRufina Ccahuana Poma   1:00:07\n{A}\n\n",
    "name and time in brackets": f"Vera Quintanal (00:03):\n{Q}\nRufina (00:07):\n{A}\n",
    "time, then name": f"[00:00:03] Vera: {Q}\n[00:00:07] Rufina: {A}\n",
    "glued time stamps": f"00:00:03VQ: {Q}\n00:00:07RC: {A}\n",
    "initials": f"VQ: {Q}\nRC: {A}\n",
    "initials with full stop and dash": f"VQ.- {Q}\nRC.- {A}\n",
    "words in Spanish": f"ENTREVISTADORA: {Q}\n\nENTREVISTADA: {A}\n\n",
    "words with a slash": f"ENTREVISTADOR/A: {Q}\n\nENTREVISTADO/A: {A}\n\n",
    "words in English": f"Interviewer: {Q}\n\nRespondent: {A}\n\n",
    "words in French": f"Enquêtrice : {Q}\n\nEnquêtée : {A}\n\n",
    "words in Portuguese": f"Pesquisador: {Q}\n\nParticipante 1: {A}\n\n",
    "letters": f"E: {Q}\nP1: {A}\n",
    "question and answer": f"Q: {Q}\nA: {A}\n",
    "pregunta y respuesta": f"P: {Q}\nR: {A}\n",
}


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_a_layout_gives_its_turns(layout):
    entry = SourceEntry("a", participant_ids=("P001",))
    assert said(read(LAYOUTS[layout] * 2, entry=entry)) == TOLD


@pytest.mark.parametrize("role", ["RESPONDENT", "P001"])
def test_the_only_respondent_is_the_only_person_of_the_file_even_if_a_person_confirmed_the_roles(role):
    entry = SourceEntry("a", participant_ids=("P001",), speakers=(("Vera", "INTERVIEWER"), ("Guest", role)))
    assert said(read(f"Vera: {Q}\nGuest: {A}\n" * 2, entry=entry)) == TOLD


def test_of_two_respondents_none_is_the_only_person_of_the_file():
    roles = (("Vera", "INTERVIEWER"), ("Guest", "RESPONDENT"), ("Host", "RESPONDENT"))
    entry = SourceEntry("a", participant_ids=("P001",), speakers=roles)
    turns = read(f"Vera: {Q}\nGuest: {A}\nVera: {Q}\nHost: {A}\n" * 2, entry=entry).turns
    assert {turn.participant_id for turn in turns} == {""}


@pytest.mark.parametrize("layout", list(LAYOUTS))
@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_change_nothing(layout, line_end):
    entry = SourceEntry("a", participant_ids=("P001",))
    assert said(read((LAYOUTS[layout] * 2).replace("\n", line_end), entry=entry)) == TOLD


def test_a_name_alone_below_its_time_range_is_a_speaker():
    text = f"0:0:0.0 --> 0:0:1.660\nVera Quintanal\n{Q}\n0:0:2.0 --> 0:0:3.660\nRufina Ccahuana\n{A}\n"
    assert said(read(text)) == EXPECTED


def test_names_on_lines_of_their_own_are_speakers_where_they_are_known_and_come_again():
    assert said(read(f"VERA QUINTANAL\n{Q}\n\nRUFINA\n{A}\n\n" * 2)) == TOLD


def test_the_answer_knows_its_question_and_place():
    turns = read(f"VQ: {Q}\n\nRC: {A}\nY de antes.\n").turns
    assert [(t.question, t.place) for t in turns] == [("", "line 1"), (Q, "line 3")]


def test_paragraphs_of_one_answer_are_one_turn():
    assert said(read(f"VQ: {Q}\n\nRC: Uno.\n\nDos.\n\nTres.\n"))[1] == ("respondent", "P001", "Uno. Dos. Tres.")


def test_what_precedes_the_first_speaker_is_front_matter():
    reading = read(f"Entrevista 7\nHuallpa, 3 de mayo\n\nVQ: {Q}\n\nRC: {A}\n")
    assert [(r.place, r.reason, r.chars) for r in reading.rejected if r.reason == "front matter"] == [
        ("line 1", "front matter", 11),
        ("line 2", "front matter", 15),
    ]
    assert said(reading) == EXPECTED


def test_a_note_of_its_own_is_kept_apart_and_one_inside_stays():
    reading = read(f"VQ: {Q}\n\nRC: Antes [ríe] de eso.\n\n[suena el teléfono]\n\nDespués también.\n")
    assert [words for _, _, words in said(reading)] == [Q, "Antes [ríe] de eso.", "Después también."]
    assert [turn.question for turn in reading.turns] == ["", Q, Q]
    assert [r.place for r in reading.rejected if r.reason == "note of the transcriber"] == ["line 5"]


def test_a_label_with_nothing_but_a_note_is_not_a_turn():
    assert roles(read(f"VQ: {Q}\nRC: [asiente]\nVQ: {Q}\nRC: {A}\n")) == {"interviewer": 2, "respondent": 1}


def test_time_stamps_are_never_speakers():
    reading = read(
        f"VQ: {Q}\n[00:01:10]\nRC: Llegaron a las 10: tarde.\n00:02:20\n10:30 era la cita.\n(00:03:15) Y ya.\n"
    )
    assert {turn.speaker for turn in reading.turns} == {"VQ", "RC"}
    assert [words for _, _, words in said(reading)][1:] == ["Llegaron a las 10: tarde.", "10:30 era la cita.", "Y ya."]


def test_a_colon_inside_an_answer_is_not_a_speaker():
    text = f"VQ: {Q}\nRC: {A}\nEntonces: nada.\nVea usted: nada.\nhttp://nada.example\n" * 3
    assert {turn.speaker for turn in read(text).turns} == {"VQ", "RC"}


def test_a_third_person_who_speaks_once_is_recognised_if_every_paragraph_has_a_label():
    text = f"VQ: {Q}\nRC: {A}\n" * 4 + "Hilda Tarqui: Permiso.\n" + f"RC: {A}\n"
    reading = read(text)
    assert roles(reading) == {"interviewer": 4, "respondent": 5, "other": 1}
    assert "unknown speakers, whose words are not counted: 1" in reading.sources[0].note


def test_the_register_of_sources_corrects_everything_else():
    entry = SourceEntry("a", speakers=(("VQ", "P002"), ("RC", "INTERVIEWER"), ("Perro", "OTHER")))
    reading = read(f"RC: {Q}\nVQ: {A}\nPerro: Guau.\n", entry=entry)
    assert [(role, person) for role, person, _ in said(reading)] == [
        ("interviewer", ""),
        ("respondent", "P002"),
        ("other", ""),
    ]


def test_people_named_for_a_file_come_before_others_of_the_same_initials():
    people = (*PEOPLE, Participant("P009", Consent.YES, ("Rosalía Condori", "RC"), ()))
    text = f"VQ: {Q}\nRC: {A}\n"
    assert said(read(text, people=people, entry=SourceEntry("a", participant_ids=("P009",))))[1][:2] == (
        "respondent",
        "P009",
    )
    assert said(read(text, people=people))[1][:2] == ("respondent", "")


def test_one_person_speaks_in_several_files():
    for text in (f"VQ: {Q}\nRufina: {A}\n", f"**VERA:** {Q}\n**RUFINA CCAHUANA:** {A}\n"):
        assert said(read(text))[1][1] == "P001"


def test_one_speaker_spelt_in_three_ways_is_one_and_noted_without_a_name():
    text = f"VQ: {Q}\nRufina: {A}\nVQ: {Q}\nRUFINA CCAHUANA: {A}\nVQ: {Q}\nmamá Rufina: {A}\n"
    reading = read(text)
    assert {person for role, person, _ in said(reading) if role == "respondent"} == {"P001"}
    assert "names spelt in 3 ways: 1" in reading.sources[0].note
    assert "ufina" not in reading.sources[0].note


def test_initials_of_a_name_in_the_same_file_are_the_same_speaker():
    text = f"Devon Bright: {Q}\nKit Mora: {A}\n" + f"DB: {Q}\nKM: {A}\n" * 4
    reading = read(text, people=(), chosen=settings(interviewers=()))
    assert roles(reading) == {"interviewer": 5, "respondent": 5}


def test_a_group_interview_keeps_its_people_apart():
    entry = SourceEntry(
        "a", participant_ids=("P001", "P002"), speakers=(("P1", "P001"), ("P2", "P002"), ("E", "INTERVIEWER"))
    )
    reading = read(f"E: {Q}\nP1: Uno.\nP2: Dos.\nE: ¿Y?\nP2: Tres.\n", entry=entry)
    assert [(p, t.question) for (_, p, _), t in zip(said(reading), reading.turns, strict=True)] == [
        ("", ""), ("P001", Q), ("P002", Q), ("", ""), ("P002", "¿Y?"),
    ]  # fmt: skip
    assert reading.sources[0].participant_ids == "P001;P002"


def test_who_asks_is_guessed_from_questions_and_the_guess_is_noted():
    reading = read(f"Marga: {Q}\nElvio: {A} Y mucho más que contar.\n" * 3, people=(), chosen=settings(interviewers=()))
    assert roles(reading) == {"interviewer": 3, "respondent": 3}
    assert "guess" in reading.sources[0].note


def test_many_unknown_speakers_are_other_and_the_file_is_read_whole():
    text = "Ana: Uno.\nEva: Dos.\nLuz: Tres.\nSol: Cuatro.\n" * 3
    reading = read(text, people=(), chosen=settings(interviewers=()))
    assert roles(reading) == {"other": 12}
    assert reading.sources[0].status is ReadStatus.READ
    assert "unknown" in reading.sources[0].note


def test_as_many_unknown_as_the_file_has_people_left_are_respondents():
    entry = SourceEntry("a", participant_ids=("P001", "P002"))
    reading = read(f"VQ: {Q}\nRC: {A}\nViejo: No.\nViejo: Sí.\nViejo: Bueno.\n", entry=entry)
    assert [p for role, p, _ in said(reading) if role == "respondent"] == ["P001", "P002", "P002", "P002"]


def test_a_text_without_speakers_is_one_respondents_and_says_so():
    reading = read(
        "Primero fue la sequía.\n\nDespués vinieron ellos.\n", entry=SourceEntry("a", participant_ids=("P002",))
    )
    assert said(reading) == [
        ("respondent", "P002", "Primero fue la sequía."),
        ("respondent", "P002", "Después vinieron ellos."),
    ]
    assert "one respondent" in reading.sources[0].note


def test_where_only_the_interviewer_is_labelled_the_rest_is_the_respondents():
    text = "Ya entré.\n\nMODERATOR: Could you start?\n\nAsí.\n\nAh, sí.\n\nMODERATOR: Well?\n\nPor aquí.\n\nNo.\n\nNo sé.\n"
    assert roles(read(text, people=())) == {"interviewer": 2, "respondent": 6}


def answered(*answers):
    return "\n".join(f"{n}. ¿Pregunta {n}?\n{answer}\n" for n, answer in enumerate(answers, 1))


def test_numbered_questions_with_answers_below_are_the_interviewers():
    text = answered("Mucho.", "1.a ¿Por qué?\nPor el agua.", "Nada.\nNada más.", "No sé.")
    reading = read(f"Cuestionario de Huallpa\n{text}", people=())
    assert roles(reading) == {
        "interviewer": 4,
        "respondent": 6,
    }  # 1.a does not belong to question 2; the title is nobody's
    assert [turn.question for turn in reading.turns if turn.role == "respondent"][-1] == "4. ¿Pregunta 4?"
    assert reading.turns[-1].speaker == ""
    assert "numbered questions of the guide, read as the interviewer's: 4" in reading.sources[0].note


def test_parts_of_a_question_belong_to_the_guide():
    text = answered("Mucho.", "2.a ¿Por qué?\nPor el agua.\n2.b ¿Cuándo?\na.i Antes\nAyer.", "Nada.")
    assert roles(read(text, people=())) == {"interviewer": 5, "respondent": 5}  # a.i is no part of 2.b


@pytest.mark.parametrize(
    "text",
    [
        "Llegamos tarde.\n\n1. Primero el agua.\n2. Luego la luz.\n3. Al fin la escuela.\n\nY eso fue todo.\n",
        "1. Empecé sola.\nVinieron más.\n2. Crecimos.\nY ya.\n",
        "3. Empecé sola.\nVinieron más.\n7. Crecimos.\nY ya.\n9. Fin.\nSí.\n",
    ],
)
def test_a_list_that_somebody_says_is_not_a_guide(text):
    assert set(roles(read(text, people=()))) == {"respondent"}


def test_headings_and_form_fields_are_not_speech():
    text = (
        f"# Entrevista\n\n**Fecha:** 2023-05-03\n\n**ENTREVISTADOR:** {Q}\n\n**E1:** {A}\n\n**[NOTAS]:** mira al suelo\n\n"
        f"## Parte dos\n\n_Objetivo: conocer_\n\n**ENTREVISTADOR:** {Q}\n\n**E1 (probe):** {A}\n\n**Correo:** a@b.example\n\nfin\n"
    )
    reading = read(text, people=())
    assert [(role, words) for role, _, words in said(reading)] == [(role, words) for role, _, words in TOLD]
    reasons = {row.place: row.reason for row in reading.rejected}
    assert reasons["line 9"] == "note of the transcriber"
    assert reasons["line 19"] == "form field"
    assert reasons["line 21"] == "no speaker after a form field"


def test_footers_of_transcription_services_are_markup():
    text = f"Vera Quintanal  0:01\n{Q}\n\nRufina  0:04\n{A}\n\nTranscribed by https://otter.ai\n"
    assert said(read(text)) == EXPECTED


def test_a_document_gives_its_paragraphs_with_their_headings():
    text = "# Informe\n\n## Salud\n\nSe abrieron dos puestos.\n\nUno cerró.\n\n## Agua\n\nVera: no es hablante aquí.\n"
    turns = read(text, kind=Kind.DOCUMENT, entry=SourceEntry("a", participant_ids=())).turns
    assert [(t.heading, str(t.role), t.speaker) for t in turns] == [
        ("Informe > Salud", "respondent", ""),
        ("Informe > Salud", "respondent", ""),
        ("Informe > Agua", "respondent", ""),
    ]


def test_title_lines_of_a_plain_document_are_headings_and_wrapped_lines_are_one_paragraph():
    text = (
        "ANTECEDENTES\n\nEl convenio se firmó en marzo con la universidad y\nfue renovado al año siguiente sin cambios.\n\n"
        "2. Compromisos\n\n- Dictar dos cursos\n- Enviar docentes\n"
    )
    turns = read(text, kind=Kind.DOCUMENT).turns
    assert [t.heading for t in turns] == ["ANTECEDENTES", "2. Compromisos", "2. Compromisos"]


@pytest.mark.parametrize(
    "name", ["Rufina Ccahuana", "NORA", "P1", "Dr Ashdown", "E1 (probe)", "Rosa de la Cruz", "Speaker 1"]
)
def test_names_and_codes_look_like_names(name):
    assert speaker_labels.looks_like_name(name)


@pytest.mark.parametrize("name", ["Fecha", "a las 10", "Le dije a mi hermana", "Hora de inicio", "", "Nota"])
def test_other_words_do_not(name):
    assert not speaker_labels.looks_like_name(name)


def test_two_paragraphs_that_begin_alike_make_no_dialogue_of_a_text():
    text = "Llegamos de noche.\n\n" * 8 + "Ventaja: había luz.\n\nDesventaja: llovía.\n\nVentaja: había pan.\n"
    reading = read(text, people=(), chosen=settings(interviewers=()))
    assert roles(reading) == {"respondent": 11}


def test_a_name_quoted_once_makes_no_dialogue_of_a_text():
    reading = read("Llegamos de noche.\n\nRufina: así empezaba la carta.\n\nY seguía.\n")
    assert roles(reading) == {"respondent": 3}


def test_much_text_before_the_first_speaker_is_noted():
    reading = read("Antes de empezar hubo que esperar mucho.\n" * 30 + f"\nVQ: {Q}\nRC: {A}\n" * 3)
    assert "characters before the first speaker" in reading.sources[0].note


def test_names_written_as_headings_are_speakers():
    text = f"# Interview 4\n\n### Vera Quintanal (0:01)\n\n{Q}\n\n### Rufina (0:07)\n\n{A}\n\n"
    assert said(read(text)) == EXPECTED
    text = f"# Entrevista\n\n## VERA\n\n{Q}\n\n## RUFINA\n\n{A}\n\n"
    assert said(read(text * 2)) == TOLD


def test_a_heading_with_a_colon_is_not_a_speaker():
    text = f"VQ: {Q}\n\nRC: {A}\n\n## Rufina: su vida\n\nVQ: {Q}\n\nRC: {A}\n\n## Parte B: Contexto\n\n"
    assert said(read(text)) == TOLD


@pytest.mark.parametrize("space", [" " * 500, "\u00a0 \u00a0", " 00:00:21 \u00a0"])
def test_a_turn_begins_with_its_first_letter_however_far_from_the_label(space):
    reading = read(f"VQ: ¿Y?\nRufina:{space}Sí, sí.\n")
    turn = reading.turns[-1]
    assert reading.texts[0].text[turn.start : turn.end] == "Sí, sí."


def test_a_beginning_that_is_left_out_is_undecided_until_somebody_confirms_the_reading():
    form = "\n".join(f"Field number {number} of the form that was filled in before" for number in range(14))
    text = f"{form}\n\n" + f"Vera: {Q}\nGuest: {A}\n" * 6
    entry = SourceEntry("a", speakers=(("Vera", "INTERVIEWER"), ("Guest", "RESPONDENT")))
    assert Undecided.BEGINNING_LEFT_OUT in read(text).transcript.undecided
    settled = read(text, entry=entry)
    assert settled.transcript.undecided == ()
    assert any(each.reason == "front matter" for each in settled.rejected)


MARKED = """**E1:** **Sí...** Vamos a _probar_, dice el __guion__.

**ENTREVISTADOR:** [x] ¿Cómo **comenzó**?

**E1:** **Desde chico.**

**ENTREVISTADOR:** [ ] ¿Cuántos se han producido?

**E1:** Uno que se llama mi_guion_2 y *ríe* 2 ** 3.

> Y otro que está citado.
"""


def test_marks_of_markdown_are_not_words_and_are_listed():
    reading = read(MARKED, name="e1.md")
    text = reading.texts[0].text
    words = [text[turn.start : turn.end] for turn in reading.turns]
    assert words == [
        "Sí... Vamos a probar, dice el guion.",
        "¿Cómo comenzó?",
        "Desde chico.",
        "Uno que se llama mi_guion_2 y *ríe* 2 ** 3.\n\nY otro que está citado.",
    ]
    assert {row.reason for row in reading.rejected} >= {"markup"}


def test_a_question_of_the_guide_that_was_not_ticked_was_not_asked():
    reading = read(MARKED, name="e1.md")
    assert reading.turns[-1].question == "¿Cómo comenzó?"
    assert ("line 7", "question of the guide that was not asked") in {
        (row.place, row.reason) for row in reading.rejected
    }


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("ENTREVISTADOR", "ENTREVISTADOR"),
        ("PROBE aplicado (si/no)", "PROBE aplicado"),
        ("Participant 2", "Participant 2"),
        ("Speaker 1", "Speaker 1"),
        ("Q", "Q"),
        ("Moderator Anna Meier", ""),
        ("Entrevistado (Luis)", "Entrevistado"),
        ("Dan", ""),
        ("AM", ""),
        ("E1", ""),
        ("", ""),
    ],
)
def test_a_label_that_may_be_a_name_or_an_id_is_not_shown(label, shown):
    assert label_without_name(label) == shown

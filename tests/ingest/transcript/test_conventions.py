"""Conventions of programs and people who transcribe, each with the same four turns; who asks and every word must be right."""

import io
import json

import pytest
from small_interviews import read, said, settings

ASKED, TOLD, AGAIN, PAYS = TURNS = (
    "What changed since the project came?",
    "We have water all year, and the committee looks after it.",
    "And who pays?",
    "Each family pays two soles.",
)
SIDES = ("interviewer", "respondent", "interviewer", "respondent")


def lines(*labels, end="\n"):
    """The four turns, each behind its label."""
    return end.join(label + words for label, words in zip(labels * (4 // len(labels)), TURNS, strict=True)) + "\n"


def turns_of(content, name="a.txt"):
    """(role, words) of every turn; neighbours of one role are one."""
    reading = read(content, name=name, people=(), chosen=settings("en", "es", interviewers=()))
    turns: list[tuple[str, str]] = []
    for role, _, words in said(reading):
        turns = (
            [*turns[:-1], (role, f"{turns[-1][1]} {words}")]
            if turns and turns[-1][0] == role
            else [*turns, (role, words)]
        )
    return turns


RIGHT = list(zip(SIDES, TURNS, strict=True))
WORDS_ALONE = [
    {"speaker": f"spk{n % 2 + 1}", "words": [{"text": word, "start": 0.1} for word in turn.split()]}
    for n, turn in enumerate(TURNS)
]
CONVENTIONS = {
    "end of a meeting": lines("Ana Paz: ", "Luis Vega: ") + "Meeting ended after 00:06:12 👋\n",
    "notice of Google Meet": lines("Ana: ", "Luis: ")
    + "La transcripción finalizó después de 00:06:12\n\nEsta transcripción editable se generó por computadora.\n",
    "keywords of Otter": "Fri, May 3, 2024\n\nSUMMARY KEYWORDS\nwater, river\n\nSPEAKERS\nSpeaker 1, Speaker 2\n\n"
    + lines("Speaker 1  00:03\n", "Speaker 2  00:09\n", end="\n\n"),
    "durations of Trint": "".join(
        f"{who}: [00:00:03] {words} [00:00:05][2.0]\n" for who, words in zip("ABAB", TURNS, strict=True)
    ),
    "form at the end": lines("Interviewer: ", "Rosa: ") + "\nDuration: 12 minutes\nRecorded by: Luis\n",
    "page of pages": lines("Ana: ", "Rosa: ") + "\nPage 2 of 2\n",
    "page numbers and a running line": f"Interview 7\nAna: {ASKED}\nRosa: We have water all year, and the committee\n1\n"
    f"Interview 7\nlooks after it.\nAna: {AGAIN}\nRosa: {PAYS}\n2\n",
    "two who interview": lines("I1: ", "B: ", "I2: ", "B: "),
    "role in brackets": lines("Moderator (Ana): ", "Rosa: ", "Ana (moderator): ", "Rosa: "),
    "P.- and R.-": lines("P.- ", "R.- "),
    "CHILDES": "@UTF8\n@Begin\n@Participants:\tINV Investigator, PAR Participant\n"
    + lines("*INV:\t", "*PAR:\t").replace("?\n", "? \x153000_5000\x15\n")
    + "@End\n",
    "SubViewer": "".join(
        f"0:00:0{n}.000,0:00:0{n + 1}.000\n{who}: {words}\n\n"
        for n, (who, words) in enumerate(zip(("ANA", "LUIS") * 2, TURNS, strict=True))
    ),
    "words without a text": json.dumps({"segments": WORDS_ALONE}),
    "lines of JSON": "\n".join(json.dumps({"speaker": f"S{n % 2}", "text": turn}) for n, turn in enumerate(TURNS)),
    "number of the turn": "Turn,Speaker,Utterance\n"
    + "".join(f'{n},{"AB"[n % 2]}na,"{turn}"\n' for n, turn in enumerate(TURNS)),
    "definition list": "<dl>"
    + "".join(f"<dt>{'AB'[n % 2]}na</dt><dd>{turn}</dd>" for n, turn in enumerate(TURNS))
    + "</dl>",
    "dashes in a cue": f"1\n00:00:00,000 --> 00:00:04,000\n- {ASKED}\n- {TOLD}\n\n"
    f"2\n00:00:05,000 --> 00:00:09,000\n- {AGAIN}\n- {PAYS}\n",
    "questions and answers in a table": "No,Question,Answer\n" + f'1,"{ASKED}","{TOLD}"\n2,"{AGAIN}","{PAYS}"\n',
    "a column of labels": "Label;Text\n" + "".join(f"{'AB'[n % 2]}na;{turn}\n" for n, turn in enumerate(TURNS)),
    "keys in Spanish": json.dumps(
        [{"hablante": f"{'AB'[n % 2]}na", "inicio": n, "texto": turn} for n, turn in enumerate(TURNS)]
    ),
    "signs before names": lines("🎤 Ana: ", "🗣️ Luis: ", end="\n\n"),
    "numbered letters": f"1P: {ASKED}\n1R: {TOLD}\n2P: {AGAIN}\n2R: {PAYS}\n",
    "numbered lines": "".join(
        f"L{n} {who}: {t}\n" for n, (who, t) in enumerate(zip(("Ana", "Luis") * 2, TURNS, strict=True), 1)
    ),
    "names and two spaces": lines("Moderadora  ", "Mujer 1  ", end="\n\n"),
    "age behind a word": lines("Ana (00:03)\n", "Mujer, 45 años (00:09)\n", end="\n\n"),
    "a number on every line": "".join(
        f"{n:>3}  {line}\n"
        for n, line in enumerate(
            (
                f"I: {ASKED}",
                "R: We have water all year, and",
                "   the committee looks after it.",
                f"I: {AGAIN}",
                f"R: {PAYS}",
            ),
            1,
        )
    ),
    "names inside a cue": f"1\n00:00:00,000 --> 00:00:04,000\nANA: {ASKED} LUIS: {TOLD}\n\n"
    f"2\n00:00:05,000 --> 00:00:09,000\nANA: {AGAIN} LUIS: {PAYS}\n",
}

LEFT_OPEN = {
    "small letters": lines("interviewer: ", "rosa: "),
    "bold name and dash": lines("**ANA** — ", "**ROSA** — ", end="\n\n"),
    "name, time and dash": lines("Ana 00:03 - ", "Rosa 00:09 - "),
    "codes and dash": lines("E1 - ", "M3 - "),
    "two on a line": f"Ana: {ASKED} Luis: {TOLD}\nAna: {AGAIN} Luis: {PAYS}\n",
    "one paragraph": f"Entrevistadora: {ASKED} Luis: {TOLD} Entrevistadora: {AGAIN} Luis: {PAYS}\n",
    "names of devices": lines("Ana's iPhone: ", "Luis (he/him): "),
    "name, dash and time": lines("Ana Paz - 00:03\n", "Luis Vega - 00:09\n", end="\n\n"),
    "coding of ATLAS.ti": lines("@Ana: ", "@Luis: "),
    "two columns": "Quién,Qué\n" + "".join(f'{"AB"[n % 2]}na,"{turn}"\n' for n, turn in enumerate(TURNS)),
    "bold names in a table": "| Who | What |\n|---|---|\n"
    + "".join(f"| **{'AB'[n % 2]}na** | {t} |\n" for n, t in enumerate(TURNS)),
    "question and answer in one paragraph": f"**{ASKED}** {TOLD}\n\n**{AGAIN}** {PAYS}\n",
    "wrapped question in bold": f"**What changed since\nthe project came?**\n\n{TOLD}\n\n**{AGAIN}**\n\n{PAYS}\n",
    "numbered bold questions": f"1. **{ASKED}**\n\n{TOLD}\n\n2. **{AGAIN}**\n\n{PAYS}\n",
    "answers in italics": f"{ASKED}\n\n*{TOLD}*\n\n{AGAIN}\n\n*{PAYS}*\n",
    "only questions have a label": f"Q: {ASKED}\n\n{TOLD}\n\nQ: {AGAIN}\n\n{PAYS}\n",
    "only answers have a label": f"{ASKED}\n\nA: {TOLD}\n\n{AGAIN}\n\nA: {PAYS}\n",
    "only the interviewer has a label": f"Interviewer: {ASKED}\n\n{TOLD}\n\nInterviewer: {AGAIN}\n\n{PAYS}\n",
    "P1 and R": f"P1. {ASKED}\nR. {TOLD}\nP2. {AGAIN}\nR. {PAYS}\n",
    "P1 in bold": f"**P1.** {ASKED}\n\n**R1.** {TOLD}\n\n**P2.** {AGAIN}\n\n**R2.** {PAYS}\n",
    "speakers in front matter": "---\nid: e07\nspeakers:\n  - LP: interviewer\n  - RM: participant\nconsent: true\n---\n\n"
    + lines("LP: ", "RM: ", end="\n\n"),
    "speakers of words": json.dumps(
        {
            "segments": [
                {"text": t, "words": [{"word": w, "speaker": f"S{n % 2}"} for w in t.split()]}
                for n, t in enumerate(TURNS)
            ]
        }
    ),
    "messages": json.dumps(
        {"messages": [{"from": f"{'AB'[n % 2]}na", "date": "2024", "text": t} for n, t in enumerate(TURNS)]}
    ),
}


@pytest.mark.parametrize("convention", LEFT_OPEN)
def test_who_asks_is_right_where_little_tells(convention):
    assert turns_of(LEFT_OPEN[convention]) == RIGHT


def test_questions_in_capitals_ask():
    turns = turns_of(f"WHAT CHANGED SINCE THEN?\n\n{TOLD}\n\nAND WHO PAYS FOR IT?\n\n{PAYS}\n")
    assert turns == [
        ("interviewer", "WHAT CHANGED SINCE THEN?"),
        RIGHT[1],
        ("interviewer", "AND WHO PAYS FOR IT?"),
        RIGHT[3],
    ]


def test_a_star_that_nothing_closes_joins_no_lines():
    assert (
        turns_of("*Ana: How is it?\nIt is cold.\n*Luis: It is.\n*Ana: Why?\n*Luis: Winter.\n")[0][1]
        == "How is it? It is cold."
    )


TURN_MARKS = {
    "arrows in subtitles": "WEBVTT\n\n"
    + "".join(
        f"00:{n:02d}.000 --> 00:{n + 1:02d}.000\n{words}\n\n"
        for n, words in enumerate(
            f">> {ASKED}\n>> We have\nwater all year,\nand the\ncommittee\nlooks after it.\n"
            f">> {AGAIN}\n>> {PAYS}".split("\n")
        )
    ),
    "whisper.cpp before": "".join(f"[SPEAKER_TURN] {turn}\n" for turn in TURNS),
    "whisper.cpp behind": "".join(f"{turn} [SPEAKER_TURN]\n" for turn in TURNS),
}


@pytest.mark.parametrize("mark", TURN_MARKS)
def test_marks_of_a_change_of_speaker_without_names_part_questions_from_answers(mark):
    assert turns_of(TURN_MARKS[mark], name="a.vtt") == RIGHT


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_who_asks_and_every_word_are_right(convention):
    assert turns_of(CONVENTIONS[convention]) == RIGHT


def test_one_exchange_of_cues_has_its_two_speakers():
    cues = f"WEBVTT\n\n00:03.000 --> 00:05.000\nAna Rojas: {ASKED}\n\n00:09.000 --> 00:15.000\nLuis Vega: {TOLD}\n"
    assert turns_of(cues) == RIGHT[:2]


def test_a_label_with_a_number_that_comes_once_is_a_speakers_where_others_have_numbers():
    turns = turns_of(
        f"Facilitator: {ASKED}\nFemale 1: {TOLD}\nMale 2: I saw nothing.\nFacilitator: {AGAIN}\nFemale 1: {PAYS}\n"
    )
    assert turns[1] == ("respondent", f"{TOLD} I saw nothing.")


def test_an_interpreter_neither_asks_nor_answers():
    turns = turns_of(
        f"Interviewer: {ASKED}\nInterpreter: ¿Qué cambió?\nRosa: {TOLD}\nInterviewer: {AGAIN}\nRosa: {PAYS}\n"
    )
    assert turns == [RIGHT[0], ("other", "¿Qué cambió?"), *RIGHT[1:]]


def test_several_with_a_letter_and_a_number_who_are_asked_do_not_ask():
    turns = turns_of(lines("E: ", "I1: ", "E: ", "I2: ") * 2)
    assert turns == RIGHT * 2


def test_a_number_alone_on_a_line_is_an_answer_where_no_page_ends():
    turns = turns_of("**Ana**\nHow many children?\n\n**Rosa**\n3\n\n**Ana**\nAnd cows?\n\n**Rosa**\n12\n")
    assert [words for _, words in turns] == ["How many children?", "3", "And cows?", "12"]


def test_a_label_misspelt_once_is_the_same_speakers():
    turns = turns_of(
        lines("Entrevistador: ", "Rosalía: ", "Entrevistador: ", "Rosalía: ")
        + lines("Entrevitsador: ", "Rosalía: ", "Entrevistador: ", "Rosalia: ")
    )
    assert turns == RIGHT * 2


def test_names_that_differ_by_their_last_letter_are_two_people():
    reading = read(lines("Ana: ", "Francisca: ") * 2 + lines("Ana: ", "Francisco: "), people=())
    assert len({turn.speaker for turn in reading.turns}) == 3


def test_people_who_speak_once_are_speakers_where_others_begin_nearly_every_line():
    text = f"Grupo focal\nParticipan: Eva, Luisa, Nora\nInés.- {ASKED}\nEva.- {TOLD}\nInés.- {AGAIN}\nLuisa.- {PAYS}\nNora.- No.\n"
    assert turns_of(text + f"Inés.- {AGAIN}\nEva.- {PAYS}\n")[0] == RIGHT[0]
    assert len(turns_of(text + f"Inés.- {AGAIN}\nEva.- {PAYS}\n")) == 6


def test_who_is_present_answers_where_somebody_else_moderates():
    form = "Modera: Inés\nParticipantes: Eva, Luisa\n\n"
    text = f"{form}Inés: {ASKED}\nEva: {TOLD}\nLuisa: No.\nInés: {AGAIN}\nLuisa: {PAYS}\nEva: Sí.\n"
    assert [role for role, _ in turns_of(text)] == list(SIDES)


@pytest.mark.parametrize("mark", ["{}", "**{}**"])
def test_what_is_marked_as_the_questions_asks_although_it_ends_without_a_question_mark(mark):
    asks = ["Tell me about the water.".upper(), "AND WHO PAYS?", "HOW OFTEN?", "LET US END WITH THE ROAD."]
    answers = [f"F: {TOLD}", f"M: {PAYS}", "F: Every month.", "M: It is bad."]
    text = "\n\n".join(part for ask, answer in zip(asks, answers, strict=True) for part in (mark.format(ask), answer))
    assert [words for role, words in turns_of(text) if role == "interviewer"] == asks


@pytest.mark.parametrize("mark", ["**{}**", "> {}"])
def test_prompts_without_question_marks_ask_where_they_are_marked_and_address_somebody(mark):
    prompts = ["Tell me how you came to the village.", "I would like to hear about your work.", "Describe your day.",
               "And who looks after your children?"]  # fmt: skip
    answers = ["I came with my aunt.", "I sell bread.", "I get up at four.", "My sister does."]
    text = "\n\n".join(part for both in zip(prompts, answers, strict=True) for part in (mark.format(both[0]), both[1]))
    assert [words for role, words in turns_of(text) if role == "interviewer"] == prompts


def test_titles_in_bold_above_paragraphs_ask_nothing():
    parts = ["Background", "What we did", "Next steps", "Annex"]
    text = "\n\n".join(f"**{part}**\n\nThe team met the farmers and they told us about their year." for part in parts)
    assert "interviewer" not in [role for role, _ in turns_of(text)]


def test_labels_that_nobody_recognises_are_a_problem():
    text = "".join(f"Ana: {ASKED}\n\nthe one who sells: {TOLD}\n\n" for _ in range(4))
    reading = read(text, people=(), chosen=settings("en", "es", interviewers=("Ana",)))
    is_right = {turn.speaker for turn in reading.turns} == {"Ana", "the one who sells"}
    assert is_right or reading.transcript.undecided


def test_one_line_that_says_who_asks_is_no_turn():
    assert turns_of("Moderadora: I. Salas\n\n" + lines("M: ", "P1: ", "M: ", "P2: ")) == RIGHT


def test_a_paragraph_that_calls_itself_a_note_is_nobodys_words():
    assert turns_of(lines("E: ", "Rosa: ").replace(TOLD, TOLD + "\nNota de campo: mira hacia la puerta.")) == RIGHT


def test_rows_above_the_headings_of_questions_and_answers_are_listed():
    from openpyxl import Workbook

    book = Workbook()
    for row in (["Entrevista 7"], [], ["N.º", "Pregunta", "Respuesta"], [1, ASKED, TOLD], [2, AGAIN, PAYS]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    assert turns_of(buffer.getvalue(), name="a.xlsx") == RIGHT

"""Transcripts that others made, read as a careful person reads them. The numbers were counted by hand in the files."""

import csv
from collections import Counter

import pytest
from small_interviews import read, roles, said, settings, shared

from pipeline.records import SourceEntry
from pipeline.vocabulary import ReadStatus


def speakers(reading):
    return Counter(turn.speaker for turn in reading.turns)


def read_shared(path, **more):
    return read(
        shared(path).read_bytes(), name=path.rsplit("/", 1)[-1], people=(), chosen=settings(interviewers=()), **more
    )


# Labels of the interviewee in the file, less those with nothing but a placeholder in brackets: 27 - 2 + 29 - 18,
# 27 + 12 - 8, 27 + 11 - 9. Probes: those that are ticked (`grep -c 'PROBE aplicado.*\[x\]'`); the others were not asked.
@pytest.mark.parametrize(
    ("name", "asked", "probes", "answers"), [("E1", 27, 10, 36), ("E2", 27, 4, 31), ("E3", 27, 2, 29)]
)
def test_three_spanish_interviews_with_bold_labels_and_a_form(name, asked, probes, answers):
    reading = read_shared(f"interviews/paraguay_es/Entrevista_{name}.md")
    assert roles(reading) == {"interviewer": asked + probes, "respondent": answers}
    assert {turn.language for turn in reading.turns} == {"es"}
    words = " ".join(words for role, _, words in said(reading) if role == "respondent")
    assert "COMPLETAR" not in words
    assert "NO APLICÓ" not in words
    assert "Fecha" not in words
    assert "@" not in words


def test_the_first_answers_of_a_spanish_interview_follow_their_questions():
    reading = read_shared("interviews/paraguay_es/Entrevista_E2.md")
    answers = [turn for turn in reading.turns if turn.role == "respondent"]
    assert answers[1].question == "Años de experiencia como guionista:"
    assert answers[1].place == "line 64"
    assert reading.texts[0].text[answers[1].start :].startswith("Mmm... diría que ocho años")


def test_the_empty_form_gives_nothing():
    reading = read_shared("interviews/paraguay_es/Entrevista_Ex_Template.md")
    assert reading.turns == ()
    assert reading.sources[0].status is ReadStatus.REJECTED


def test_teams_cues_come_to_the_turns_that_a_person_wrote_down():
    reading = read_shared("interviews/teams_zoom/teams_transcript.vtt")
    lines = shared("interviews/teams_zoom/teams_transcript_correct.txt").read_text("utf-8").splitlines()[1:]
    expected = [
        (speaker, " ".join(words.replace("---", " ").split())) for _, speaker, words in (x.split("\t") for x in lines)
    ]
    text = reading.texts[0].text
    assert [(t.speaker, " ".join(text[t.start : t.end].split())) for t in reading.turns] == expected
    assert roles(reading) == {"interviewer": 5, "respondent": 5}


@pytest.mark.parametrize(
    ("name", "turns", "first"),
    [("New Teams Format.vtt", 3, "And more."), ("Test OneDrive Transcription 2022-11.vtt", 116, "Recording.")],
)
def test_teams_files_without_speakers_wait_for_a_person_utterance_by_utterance(name, turns, first):
    reading = read_shared(f"interviews/teams_zoom/{name}")
    assert len(reading.turns) == turns
    assert said(reading)[0] == ("other", "", first)
    assert "do not count until raw/sources.csv says who speaks" in reading.sources[0].note


# grep -c '^\*\*Name\*\*' FILE
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("02-side-project-balancing-act.md", {"Ali": 20, "Emma": 38, "Kelly": 23, "Lindsey": 27}),
        ("04-web-technologies-were-excited-about.md", {"Ali": 18, "Emma": 31, "Kelly": 15, "Lindsey": 20}),
        ("05-how-the-ladybugs-got-their-spots.md", {"Ali": 19, "Emma": 35, "Kelly": 31, "Lindsey": 21}),
    ],
)
def test_otter_exports_give_a_turn_for_every_label(name, counts):
    hosts = SourceEntry("a", speakers=(("Emma", "INTERVIEWER"), ("Ali", "A"), ("Kelly", "K"), ("Lindsey", "L")))
    reading = read_shared(f"interviews/otter/{name}", entry=hosts)
    assert speakers(reading) == counts
    assert roles(reading) == {"interviewer": counts["Emma"], "respondent": sum(counts.values()) - counts["Emma"]}
    assert "&#39;" not in reading.texts[0].text


def test_a_paragraph_without_a_label_goes_on_with_the_last_speaker():
    reading = read_shared("interviews/otter/04-web-technologies-were-excited-about.md")
    words = next(words for _, _, words in said(reading) if words.startswith("And I'm Lindsey"))
    assert words.endswith("what you're excited about with CSS.")


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("gluck.csv", {"DB": 166, "LG": 179, "KRISTIN": 6}),
        ("mohammad.csv", {"DB": 130, "KM": 131, "Devin Becker": 1, "Kasey Mohammad": 1}),
    ],
)
def test_oral_histories_in_tables_give_a_turn_for_every_row_that_is_spoken(name, counts):
    reading = read_shared(f"interviews/oral_history_csv/{name}")
    assert speakers(reading) == counts
    with shared(f"interviews/oral_history_csv/{name}").open(encoding="utf-8", newline="") as file:
        rows = sum(bool(row["words"]) for row in csv.DictReader(file))
    notes = [row for row in reading.rejected if row.reason in ("no speaker", "note of the transcriber")]
    assert rows == sum(counts.values()) + len(notes)
    assert "guess" in reading.sources[0].note


def test_further_paragraphs_of_an_answer_in_rows_without_a_speaker_are_the_answers():
    # 166 rows of the poet, and 13 rows below one of hers in which the cell of the speaker is blank; row 2 is a note.
    reading = read_shared("interviews/oral_history_csv/gluck.csv")
    answers = {turn.place: turn for turn in reading.turns if turn.speaker == "LG"}
    blank = (71, 90, 91, 168, 169, 170, 171, 172, 187, 228, 239, 240, 301)
    assert all(f"row {number}" in answers for number in blank)
    assert [row.place for row in reading.rejected if row.reason == "no speaker"] == ["row 2"]


def test_in_an_oral_history_the_poet_answers_and_the_third_voice_is_not_counted():
    reading = read_shared("interviews/oral_history_csv/gluck.csv")
    assert roles(reading) == {"interviewer": 166, "respondent": 179, "other": 6}


# Every paragraph of these files has a number, and the last one's is one more than their sum. In P3, paragraph 79 is nothing but
# "(unintelligible)", and 111 is printed on both sides of a page's end.
@pytest.mark.parametrize(
    ("name", "asked", "answered", "last"), [("P1", 47, 47, 95), ("P2", 81, 84, 166), ("P3", 61, 60 - 1, 122)]
)
def test_transcripts_printed_by_maxqda_give_a_turn_for_every_numbered_paragraph(name, asked, answered, last):
    reading = read_shared(f"interviews/pdf_maxqda/{name}.pdf")
    assert speakers(reading) == {"Dan": asked, "Participant": answered}
    assert roles(reading) == {"interviewer": asked, "respondent": answered}
    assert asked + answered == last - 1 - (name == "P3")


@pytest.mark.parametrize(
    ("name", "number", "start"),
    [("P1", 24, "Okay. I see. So you would choose"), ("P2", 87, "How are you doing the down sampling?")],
)
def test_a_turn_at_the_end_of_a_printed_page_keeps_its_place_in_the_order(name, number, start):
    reading = read_shared(f"interviews/pdf_maxqda/{name}.pdf")
    assert said(reading)[number - 2][2].startswith(start)


# Lines of the files as LibreOffice writes them out: those that begin with MODERATOR, the numbered tasks (9, with 26 parts and 6
# parts of parts), and all others that are not wholly in brackets, but for three titles of plots.
@pytest.mark.parametrize(
    ("name", "moderator", "answers"),
    [
        ("P1_GMT20211118", 1, 151),
        ("P5_GMT20211125", 8, 155),
        ("P9_GMT20211129", 23, 103),
        ("P12_GMT20211206", 10, 95),
    ],
)
def test_in_usability_sessions_the_numbered_tasks_are_not_the_participants_words(name, moderator, answers):
    reading = read_shared(f"interviews/usability_odt/{name}.odt")
    assert speakers(reading) == {"MODERATOR": moderator, "": 41 + answers}
    assert roles(reading) == {"interviewer": moderator + 41, "respondent": answers}


def test_what_is_said_on_a_task_is_beside_the_task():
    reading = read_shared("interviews/usability_odt/P12_GMT20211206.odt")
    text = reading.texts[0].text
    turn = next(turn for turn in reading.turns if text[turn.start :].startswith("Okay, yeah. I thought"))
    assert turn.question.startswith("1.a Was the information presented enough")

"""Titles of the parts of an interview, and of persons, between answers without labels: nobody's words. All people are invented."""

import io

import docx
from small_interviews import read, settings

from pipeline.vocabulary import Role, Undecided

PARTS = {
    "Informationen zum Wasser": [("Woher kommt das Wasser?", "Es kommt vom Hügel."), ("Wie oft?", "Jeden Tag.")],
    "Verwaltung": [("Wer verwaltet es?", "Das Komitee."), ("Und die Kosten?", "Jeder zahlt etwas.")],
    "Ausblick": [("Was fehlt noch?", "Ein zweiter Tank."), ("Wer hilft?", "Die Gemeinde.")],
}


def unknown(content, *, name="interview.txt"):
    return read(content, name=name, people=(), chosen=settings(interviewers=()))


def answers(reading):
    text = reading.texts[0].text
    return [text[turn.start : turn.end] for turn in reading.turns if turn.role is not Role.INTERVIEWER]


def as_docx(*, end=""):
    """Titles in bold, questions of a numbered list, plain answers."""
    document, out = docx.Document(), io.BytesIO()
    for title, exchanges in PARTS.items():
        document.add_paragraph().add_run(title).bold = True
        for question, answer in exchanges:
            document.add_paragraph(question, style="List Number")
            document.add_paragraph(answer.rstrip(".") + end)
    document.save(out)
    return out.getvalue()


def test_titles_in_bold_are_no_answers():
    assert answers(unknown(as_docx(), name="interview.docx")) == [
        answer.rstrip(".") for exchanges in PARTS.values() for _, answer in exchanges
    ]


def test_titles_without_a_full_stop_are_no_answers_where_these_have_one():
    text = "\n\n".join(
        f"{title}\n\n" + "\n\n".join(f"**{question}**\n\n{answer}" for question, answer in exchanges)
        for title, exchanges in PARTS.items()
    )
    assert answers(unknown(text, name="interview.md")) == [
        answer for exchanges in PARTS.values() for _, answer in exchanges
    ]


def test_the_last_of_a_list_of_answers_is_an_answer():
    text = (
        "1. Was bauen Sie an?\n\nMais\n\nBohnen\n\n2. Was verkaufen Sie?\n\nMais\n\nEier\n\n"
        "3. Was fehlt Ihnen?\n\nWasser\n\nSaatgut\n"
    )
    assert answers(unknown(text)) == ["Mais", "Bohnen", "Mais", "Eier", "Wasser", "Saatgut"]


def test_persons_that_titles_count_are_several():
    text = (
        "Person 1\n\n1. How often do you fetch water?\n\nEvery day.\n\n2. From where?\n\nFrom the well, because I live near it.\n\n"
        "Person 2\n\n3. How do you store it?\n\nIn a jar, as my mother did.\n\n4. And when it is empty?\n\nI go again.\n"
    )
    reading = unknown(text)
    assert Undecided.SEVERAL_INTERVIEWS in reading.transcript.undecided
    assert not any("Person" in answer for answer in answers(reading))

"""Sources as they are stored: placeholders for names, offsets that lead back, every character accounted for."""

from collections import Counter
from dataclasses import replace

import pytest
from small_names import PEOPLE, PLAN

from pipeline.config import Settings, StudySettings
from pipeline.ingest import FileTask
from pipeline.privacy.names.plan import AddedName, NameChoice, name_id, numbered
from pipeline.records import Participant, SourceEntry
from pipeline.steps.reading.one_file import FileResult, read_one
from pipeline.vocabulary import Consent, Identity, Kind, MaskStatus, NameDecision

WORDS = "P: ¿Quién vino, doña Eulalia?\nEulalia Quiñca: Vino Pepe Huamán con Rosa.\n\nP: ¿Y José Huamán?\nEulalia Quiñca: No.\n"
REGISTER = tuple(Participant(p.key, Consent.YES, p.names, ()) for p in PEOPLE)
SETTINGS = Settings(study=StudySettings(title="t"))


def read(words: str = WORDS, plan=PLAN, kind: Kind = Kind.INTERVIEW, path: str = "interviews/a.txt") -> FileResult:
    entry = SourceEntry(path, source_id="a")
    return read_one(FileTask(path, words.encode(), kind, entry, REGISTER, SETTINGS), plan=plan)


def visible(text: str) -> int:
    return sum(not c.isspace() for c in text)


def test_nothing_after_reading_has_the_names() -> None:
    result = read()
    stored = repr((result.reading.texts, result.reading.turns, result.excerpts, result.masks))
    for name in ("Eulalia", "Quiñca", "Pepe", "Huamán"):
        assert name not in stored


def test_one_person_has_one_placeholder_however_they_are_called() -> None:
    text = read().reading.texts[0].text
    assert text.count("[person 4]") == 2
    assert text.count("[person 3]") == 3  # asked, and twice the label


def test_every_mask_leads_back_to_the_words_in_the_file() -> None:
    plain, result = read(plan=None), read()
    before, after = plain.reading.texts[0].text, result.reading.texts[0].text
    at = 0
    rebuilt = []
    for mask in result.masks:
        rebuilt += [after[at : mask.start], before[mask.source_start : mask.source_end]]
        at = mask.end
    assert "".join([*rebuilt, after[at:]]) == before


def test_no_character_is_lost() -> None:
    result = read()
    text, (source,) = result.reading.texts[0].text, result.reading.sources
    turns = sum(visible(text[turn.start : turn.end]) for turn in result.reading.turns)
    masks = [m for m in result.masks if m.name_id and m.status is MaskStatus.MASKED]
    more = sum(m.chars - visible(text[m.start : m.end]) for m in masks)
    assert source.chars == turns + more + sum(row.chars for row in result.reading.rejected)


def test_who_speaks_is_still_known_and_the_label_is_not_a_name() -> None:
    turns = read().reading.turns
    answers = [turn for turn in turns if turn.participant_id == "P01"]
    assert len(answers) == 2
    assert {turn.speaker for turn in answers} == {"[person 3]"}


def test_questions_are_masked_too() -> None:
    assert [turn.question for turn in read().reading.turns if turn.participant_id == "P01"] == [
        "¿Quién vino, doña [person 3]?",
        "¿Y [person 4]?",
    ]


def test_a_doubtful_name_is_shown_and_listed_until_somebody_decides() -> None:
    result = read()
    (waiting,) = [mask for mask in result.masks if mask.status is MaskStatus.WAITING]
    assert result.reading.texts[0].text[waiting.start : waiting.end] == "Rosa"
    assert {entry.words for entry in result.entries if entry.name_id == waiting.name_id} == {"Rosa"}


@pytest.mark.parametrize(("decision", "words"), [
    (NameDecision.MASK, "con [person 2]."), (NameDecision.LIFT, "con Rosa."),
])  # fmt: skip
def test_what_a_person_decides_on_a_name_holds(decision: NameDecision, words: str) -> None:
    choice = NameChoice(name_id(Identity.NAME, "Rosa", PLAN.secret), decision, "P04")
    assert words in read(plan=replace(PLAN, choices=(choice,))).reading.texts[0].text


def test_words_that_a_person_adds_are_masked() -> None:
    plan = replace(PLAN, added=(AddedName("Quién vino", Identity.ADDRESS),))
    assert "¿[address], doña" in read(plan=plan).reading.texts[0].text


def test_the_placeholders_are_in_the_language_of_the_study() -> None:
    assert "[persona 4]" in read(plan=replace(PLAN, language="es")).reading.texts[0].text


def test_a_closed_answer_that_names_somebody_is_left_out_and_counted() -> None:
    rows = ["quien,opinion,zona"]
    rows += [f"{name},El agua llega tarde y el canal está roto desde marzo número {n},norte" for n, name in enumerate(
        ["alcalde", "nadie", "Eulalia Quiñca", "alcalde", "nadie", "alcalde"])]  # fmt: skip
    result = read("\n".join(rows), kind=Kind.SURVEY, path="surveys/a.csv")
    assert "Eulalia Quiñca" not in repr(result.reading)
    read_of = {source.source_id: source.chars for source in result.reading.sources}
    inside = Counter(dict.fromkeys(read_of, 0))
    text_of = {text.source_id: text.text for text in result.reading.texts}
    for turn in result.reading.turns:
        inside[turn.source_id] += visible(text_of[turn.source_id][turn.start : turn.end])
    for answer in result.reading.answers:
        inside[answer.source_id] += visible(answer.value)
    for row in result.reading.rejected:
        inside[row.source_id] += row.chars
    assert {name: inside[name] for name in read_of} == read_of


def test_names_in_the_headings_of_closed_answers_are_masked_and_the_headings_stay_apart() -> None:
    rows = ["¿Conoce a Eulalia Quiñca?,¿Conoce a Quiñca Ramos?,opinion,zona"]
    rows += [f"sí,no,El agua llega tarde y el canal está roto desde marzo número {n},norte" for n in range(6)]
    answers = read("\n".join(rows), kind=Kind.SURVEY, path="surveys/a.csv").reading.answers
    assert len(answers) >= 12
    assert "Quiñca" not in repr(answers)
    assert len({(answer.source_id, answer.column) for answer in answers}) == len(answers)
    assert any("[person 3]" in answer.column for answer in answers)


def test_numbers_of_people_stay_and_say_nothing_of_the_register() -> None:
    ids = [f"P{n:02}" for n in range(1, 21)]
    first = numbered(ids, {}, "secret")
    assert sorted(first.values()) == list(range(1, 21))
    assert [first[name] for name in ids] != sorted(first.values())
    later = numbered([*ids, "P00"], first, "secret")
    assert later == first | {"P00": 21}

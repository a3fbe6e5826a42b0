"""Case 67: the gate before a release finds a name in whatever spelling and wherever in a file it is."""

from pathlib import Path

import pytest
from planted_names import NAME, PLACES, SPELLINGS

from pipeline.privacy.identifiers import IdentifierSearch, contacts_in, needles
from pipeline.privacy.release_gate import problems_of
from pipeline.privacy.word_search import WordSearch, fragments_of
from pipeline.records import Participant
from pipeline.vocabulary import Consent, Identifier


def person(name: str = NAME) -> Participant:
    return Participant("P001", Consent.YES, (name, "EQ", "doña Eulalia"), ())


SEARCH = IdentifierSearch(
    needles(
        [person()],
        paths=["interviews/PE-05-valley-mayor.txt", "surveys/survey.csv"],
        ids=["PE-05"],
        labels=["Interviewer", "Mujer 1", "Zenón"],
        denied=["Operation Condor"],
    )
)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_case_67_a_name_is_found_in_every_spelling(spelling: str) -> None:
    assert Identifier.NAME in SEARCH.kinds_in(f"... {SPELLINGS[spelling](NAME)} ...")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("see P001", Identifier.ID),
        ("PE-05, line 3", Identifier.ID),
        ("pe_05_valley_mayor", Identifier.FILE),
        ("and ZENON went", Identifier.LABEL),
        ("operation-condor", Identifier.DENIED),
        ("Doña Eulalia came", Identifier.NAME),
    ],
)
def test_ids_files_labels_and_denied_words_are_found(text: str, kind: Identifier) -> None:
    assert kind in SEARCH.kinds_in(text)


def test_everyday_words_initials_and_codes_are_not_identifiers() -> None:
    for text in ("The interviewer asked a woman, mujer 1, in the survey.", "P-7Q3K, EQ, equal", "eulalia"):
        assert SEARCH.kinds_in(text) == frozenset()


def test_telephone_numbers_and_addresses_are_distinguished_from_dates_and_figures() -> None:
    assert contacts_in("call +51 987 654 321") == {Identifier.PHONE}
    assert contacts_in("write to ana.rey@example.org") == {Identifier.EMAIL}
    assert contacts_in("2023-02-21 and 12/05/2023, 0.81 (0.74-0.88), 1 234 persons") == frozenset()


def test_case_67_a_name_is_found_in_every_part_of_a_file(tmp_path: Path) -> None:
    for number, plant in enumerate(PLACES.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        plant(folder / "file", NAME)
    problems = {problem.where.split("/")[0] for problem in problems_of(tmp_path, SEARCH, WordSearch(()))}
    assert problems == {str(number) for number in range(len(PLACES))}


def test_a_problem_names_the_place_and_never_the_name(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(f"<p>one</p>\n<p>{NAME}</p>\n", "utf-8")
    (problem,) = problems_of(tmp_path, SEARCH, WordSearch(()))
    assert (problem.where, problem.what) == ("report.html line 2", "contains a name from the register")
    assert "Eulalia" not in str(problem)


def test_sentences_that_may_not_be_quoted_are_found(tmp_path: Path) -> None:
    sentence = "The pump broke in March and nobody came to repair it."
    (tmp_path / "report.html").write_text(f"<p>{sentence.upper()}</p>", "utf-8")
    (problem,) = problems_of(tmp_path, SEARCH, WordSearch(fragments_of([sentence])))
    assert problem.what == "contains words that this edition must not quote"

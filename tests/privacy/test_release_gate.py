"""Case 67: the gate before a release finds a name in whatever spelling and wherever in a file it is."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from planted_names import NAME, PLACES, SPELLINGS

from pipeline.people import ANSWERING, ASKING, ASKING_ALONE
from pipeline.privacy.identifiers import IdentifierSearch, Needle, contacts_in, is_generic, needles
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


GENERIC = (
    "R1 P1 E2 S1 S01 P3a INT Int. ENT MOD RESP Resp-3 ENTR PART2 FGD2 GF1-P3 SPEAKER_00 SPK_1".split(),
    "Speaker 2,Entrevistada 1,Participant 4,[person 5],Mujer 2,Frau 2,Persona entrevistada".split(","),
    sorted(word for word in ASKING | ASKING_ALONE | ANSWERING if word.isalpha()),
)


@pytest.mark.parametrize("label", [label for labels in GENERIC for label in labels])
def test_a_label_of_a_role_and_a_number_names_nobody(label: str) -> None:
    assert is_generic(label)
    assert needles([], paths=(), ids=(), labels=[label], denied=()) == ()


@pytest.mark.parametrize(
    "label", ["Zenón", "Zenón 2", "JMR", "JMR1", "Mann", "Frau", "INT Zenón", "Int-Zenón", "R. Quiñca"]
)
def test_a_label_with_a_name_or_initials_is_looked_for(label: str) -> None:
    assert needles([], paths=(), ids=(), labels=[label], denied=()) == (Needle(Identifier.LABEL, label),)


def document_with(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """A document whose part was changed, or added."""
    docx.Document().save(str(path.with_suffix(".blank")))
    with zipfile.ZipFile(path.with_suffix(".blank")) as blank, zipfile.ZipFile(path, "w") as changed:
        for name in dict.fromkeys([*blank.namelist(), part]):
            text = blank.read(name) if name in blank.namelist() else b"<Properties></Properties>"
            changed.writestr(name, change(text.decode()) if name == part else text)
    path.with_suffix(".blank").unlink()
    return path


LABELS = ("int", "Lim", "rPr", "sectPr", "Jpan", "uiPriority")  # words of the markup of every document


def test_the_markup_of_office_files_is_no_speaker_label(tmp_path: Path) -> None:
    search = IdentifierSearch([Needle(Identifier.LABEL, label) for label in LABELS])
    docx.Document().save(str(tmp_path / "report.docx"))
    assert list(problems_of(tmp_path, search, WordSearch(()))) == []
    document_with(
        tmp_path / "report.docx",
        "word/document.xml",
        lambda xml: xml.replace("<w:sectPr", "<w:t>Jpan</w:t><w:sectPr", 1),
    )
    (problem,) = problems_of(tmp_path, search, WordSearch(()))
    assert problem.where.startswith("report.docx word/document.xml")
    assert "R1" in problem.remedy


PARTS = ("word/settings.xml", "word/styles.xml", "word/theme/theme1.xml", "docProps/core.xml", "docProps/custom.xml")
WAYS = {
    "text": lambda words: f"<a>{words}</a></",
    "value": lambda words: f'<a b="{words}"/></',
    "comment": lambda words: f"<!-- {words} --></",
}


@pytest.mark.parametrize("part", [*PARTS, "word/comments.xml", "word/document.xml"])
@pytest.mark.parametrize("way", WAYS)
def test_a_name_is_met_in_every_part_of_a_document_and_a_label_wherever_a_study_brings_words(
    tmp_path: Path, part: str, way: str
) -> None:
    for words, kind in ((NAME, "a name from the register"), ("Zenón", "a speaker label from a source")):
        document_with(tmp_path / "report.docx", part, lambda xml, words=words: xml.replace("</", WAYS[way](words), 1))
        problems = list(problems_of(tmp_path, SEARCH, WordSearch(())))
        is_own_value = way == "value" and part in PARTS[:3] and words != NAME
        assert [problem.what for problem in problems] == ([] if is_own_value else [f"contains {kind}"])
        assert all(problem.where.startswith(f"report.docx {part}") for problem in problems)

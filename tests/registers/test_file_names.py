"""Names of files are published: a file that is called by a participant's name is remarked, and the name is not repeated."""

from pathlib import Path

import pytest
from studies import NOW, quiet

from pipeline.records import Participant
from pipeline.registers.file_names import files_named_after_people
from pipeline.steps.analyze import analyze
from pipeline.steps.check import check
from pipeline.vocabulary import Consent

PEOPLE = (
    Participant("P1", Consent.YES, ("Rosa Luna Ñahui", "PE", "Rosita"), ()),
    Participant("P2", Consent.YES, ("José de la Mar", "JM"), ()),
)


@pytest.mark.parametrize(
    "path",
    [
        "interviews/Rosa Luna.docx",
        "interviews/entrevista_luna-rosa_2.txt",
        "interviews/RosaLuna2023.txt",
        "interviews/rosita.vtt",
        "interviews/LUNA Ñahui/1.txt",
        "documents/José de la Mar.pdf",
        "documents/Jose\u0301 de la Mar.pdf",
        "documents/josedelamar.pdf",
        "interviews/rosa.txt",
        "interviews/Entrevista-José-2.docx",
    ],
)
def test_a_file_called_by_a_name_or_an_alias_is_reported(path: str) -> None:
    assert files_named_after_people(["interviews/01.txt", path], PEOPLE) == (1,)


@pytest.mark.parametrize(
    "path",
    [
        "interviews/PE-04-forensic.vtt",
        "interviews/jm.txt",
        "documents/de-la-mar-a-la-sierra.txt",
        "interviews/media-luna.txt",
        "documents/rosa.pdf",
    ],
)
def test_initials_small_words_surnames_alone_and_first_names_of_documents_are_not(path: str) -> None:
    assert files_named_after_people([path], PEOPLE) == ()


def test_check_and_analyze_remark_it_by_the_files_place_and_print_no_name(small_study: Path) -> None:
    (small_study / "raw" / "interviews" / "Luna, Rosa.txt").write_text("Rosa Luna: El agua llega.\n", "utf-8")
    remedy = "rename them, also in raw/sources, after a number, place or role"
    said = (
        "raw/interviews: 2 files are named after people in raw/participants (sorted by name, numbers 1, 3 of 3); "
        f"outputs show file names: {remedy}"
    )
    assert [str(remark) for remark in check(small_study)[1] if "named after" in remark.what] == [said]
    record = analyze(small_study, fresh=True, now=NOW, tick=quiet).record
    assert [r["where"] for r in record["remarks"] if "named after" in r["what"]] == ["raw/interviews"]


def test_a_file_named_after_somebody_who_refuses_is_a_problem_of_check(small_study: Path) -> None:
    register = small_study / "raw/participants.csv"
    register.write_text(register.read_text("utf-8").replace("W1,Rosa Luna,RL,,yes", "W1,Rosa Luna,RL,,no"), "utf-8")
    (problem,) = check(small_study).problems
    assert str(problem).startswith(
        "raw/interviews: 1 file is named after a person who refuses (sorted by name, number 2 of 2); outputs show file"
    )


def test_files_without_a_name_are_not_remarked(small_study: Path) -> None:
    (small_study / "raw/interviews/rosa.txt").rename(small_study / "raw/interviews/12.txt")
    (small_study / "raw/interviews/jo.vtt").rename(small_study / "raw/interviews/13.vtt")
    assert not [remark for remark in check(small_study)[1] if "named after" in remark.what]

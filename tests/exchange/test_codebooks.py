"""Codebooks of other programs: the codes that a study does not have are added, with what is above and below them."""

import tomllib
from pathlib import Path

import pytest
from lxml import etree
from projects import faults
from studies import NOW, SHARED

from pipeline.codebook import load_codebook
from pipeline.errors import UnreadableError
from pipeline.exchange.codebooks import read_codebook
from pipeline.exchange.project import Code, codes_in
from pipeline.exchange.project_xml import write_qdc
from pipeline.review import decisions as ledger
from pipeline.steps.exchange.export import export
from pipeline.steps.exchange.import_codebook import holds_codebook, import_codebook

TAGUETTE = "tag,description,number of highlights\nMoney,What it cost,3\nTime > late,,4\n"
QUALCODER = 'Free code\t"A memo"\nPeople>>Children\nPeople>>Work>>Paid work\tanother\n'
QC = "- people:\n    - children\n    - work:\n        - paid\n- money\n"
REFI = """<?xml version="1.0"?><CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Taguette 1.5.2"><Codes>
<Code guid="51B2B2B7-27EB-4ECB-9D56-E75B0A0496C2" name="Money" isCodable="true"><Description>What it cost</Description>
<Code guid="{51B2B2B7-27EB-4ECB-9D56-E75B0A0496C3}" name="Cash"/></Code></Codes><Sets/></CodeBook>"""


def names(codes: tuple[Code, ...]) -> list[str]:
    return [code.name for code in codes_in(codes)]


def added(study: Path, name: str, text: str) -> tuple[str, ...]:
    path = study.parent / name
    path.write_text(text, "utf-8")
    return import_codebook(study, path, coder="ana", now=NOW).added


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("codebook.csv", TAGUETTE, ["Money", "Time > late"]),
        ("codes.txt", QUALCODER, ["Free code", "People", "Children", "Work", "Paid work"]),
        ("codebook.yaml", QC, ["people", "children", "work", "paid", "money"]),
        ("codebook.qdc", REFI, ["Money", "Cash"]),
    ],
)
def test_each_program_s_codebook_is_read(name: str, text: str, codes: list[str]) -> None:
    assert names(read_codebook(text.encode(), name).project.codes) == codes


def test_a_category_of_qualcoder_only_groups_and_a_memo_is_the_definition() -> None:
    free, people = read_codebook(QUALCODER.encode(), "codes.txt").project.codes
    assert (free.is_codable, free.description) == (True, "A memo")
    assert [code.is_codable for code in codes_in((people,))] == [False, True, False, True]


def test_new_codes_are_added_with_family_parent_and_definition_and_each_is_a_line_of_the_ledger(
    small_study: Path,
) -> None:
    assert added(small_study, "codes.txt", QUALCODER + "Efficiency\n") == ("free_code", "children", "paid_work")
    codebook = load_codebook(small_study / "coded" / "codebook.toml")
    assert (codebook["children"].family, codebook["paid_work"].family) == ("people", "work")
    assert codebook["free_code"].text("definition", "en") == "A memo"
    assert codebook.without_definition == ("children",), "a code without a description"
    lines = ledger.load(small_study / "coded" / "decisions.jsonl")
    assert [line.change.into for line in lines if line.change] == [("free_code",), ("children",), ("paid_work",)]
    assert added(small_study, "codes.txt", QUALCODER) == ()


def test_a_code_below_another_has_it_as_parent_and_names_of_taken_ids_get_a_number(small_study: Path) -> None:
    assert added(small_study, "a.qdc", REFI.replace("Cash", "Learn!ng").replace("Money", "Élan vital")) == (
        "elan_vital",
        "learn_ng",
    )
    assert load_codebook(small_study / "coded" / "codebook.toml")["learn_ng"].parent == "elan_vital"
    assert added(small_study, "b.csv", "tag,description\nElan-vital!,x\n") == ("elan_vital_2",)


def test_the_codebook_of_a_study_is_the_same_in_an_empty_one(analysed: Path, small_study: Path, tmp_path: Path) -> None:
    path = export(analysed, tmp_path / "out.qdc").path
    assert import_codebook(analysed, path, coder="", now=NOW).added == ()
    codes = read_codebook(path.read_bytes(), path.name).project.codes
    written = write_qdc(codes, "Hallazgo 0.1.0")
    assert faults(etree.fromstring(written), "Codebook") == []
    assert written == path.read_bytes()


def test_include_and_exclude_come_back_from_our_own_codebook(small_study: Path, tmp_path: Path) -> None:
    book = small_study / "coded" / "codebook.toml"
    book.write_text(
        book.read_text("utf-8") + '\n[[criteria]]\nid = "reach"\ndefinition = "Who"\ninclude = "a"\nexclude = "b"\n',
        "utf-8",
    )
    path = export(small_study, tmp_path / "out.qdc").path
    before = book.read_text("utf-8")
    book.write_text(before.partition('\n[[criteria]]\nid = "reach"')[0] + "\n", "utf-8")
    assert import_codebook(small_study, path, coder="", now=NOW).added == ("reach",)
    entry = tomllib.loads(book.read_text("utf-8"))["criteria"][-1]
    assert (entry["definition"], entry["include"], entry["exclude"]) == ("Who", "a", "b")


def test_case_48_aliases_objects_and_broken_yaml_are_refused_with_their_line() -> None:
    for text, match in (
        ("- &a [x]\n- *a\n", "line 2: repeats a part through a YAML alias"),
        ("- !!python/object/apply:os.system [id]\n", "line 1: is not YAML as qc writes it"),
        ("- a: [\n", "is not YAML"),
        ("- {a: 1, b: 2}\n", "is neither a name"),
        ("just words", "contains no codes"),
    ):
        with pytest.raises(UnreadableError, match=match):
            read_codebook(text.encode(), "codebook.yaml")


def test_a_codebook_is_distinguished_from_codings_and_reports(tmp_path: Path) -> None:
    for name, text, answer in (
        ("a.csv", TAGUETTE, True),
        ("b.csv", "quote,code\nwords,Money\n", False),
        ("c.txt", QUALCODER, True),
        ("d.txt", "F1. The water came.\n", False),
    ):
        (tmp_path / name).write_text(text, "utf-8")
        assert holds_codebook(tmp_path / name) is answer
    assert not holds_codebook(tmp_path / "gone.csv")


@pytest.mark.skipif(not (SHARED / "data" / "refi").exists(), reason="../shared/data/refi is absent")
def test_real_codebooks_of_taguette_are_read_whole() -> None:
    for path in sorted((SHARED / "data" / "refi" / "taguette_codebooks").glob("*.csv")):
        codes = read_codebook(path.read_bytes(), path.name).project.codes
        assert len(codes) >= 18
        assert all(code.is_codable for code in codes)

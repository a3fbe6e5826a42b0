"""evidence.xlsx: what its sheets say of findings and registers."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.utils import range_boundaries
from small_publication import publication

from pipeline.publish import dependents, workbook
from pipeline.sheets import Field, Sheet, write_book
from pipeline.vocabulary import Strength


def rows(name: str, language: str = "en") -> list[dict[str, Any]]:
    """The rows of a sheet of the small publication's evidence book, by the keys of its columns."""
    (sheet,) = (each for each in workbook.pages(publication(language)) if isinstance(each, Sheet) and each.name == name)
    return [dict(zip((field.key for field in sheet.fields), row, strict=True)) for row in sheet.rows]


def test_a_finding_says_what_people_confirmed_of_it() -> None:
    shown = ("finding_id", "strength", "suggested_only", "persons", "confirmed", "suggested")
    assert [tuple(row[key] for key in shown) for row in rows("Findings")] == [
        ("F1", "weak", "", 1, 1, 3),
        ("F2", "unsupported", "suggested only", 0, 0, 3),
        ("F3", "unsupported", "", 0, 0, 0),
    ]


def test_a_share_of_nothing_is_blank() -> None:
    shares = [(row["top_share"], row["contradicting_share"], row["confirmed_share"]) for row in rows("Findings")]
    assert shares == [(1.0, 0.0, 0.25), ("", "", 0.0), ("", "", "")]


def test_the_mark_speaks_spanish_too() -> None:
    assert [row["suggested_only"] for row in rows("Hallazgos", "es")] == ["", "solo sugerido", ""]


def test_an_entry_that_rests_on_shaky_findings_says_so() -> None:
    said = [
        (row["id"], row["remarks"]) for row in rows("Registers") if row["section"] in ("conclusion", "recommendation")
    ]
    assert said == [
        ("C1", "refers to F9, which does not exist"),
        ("C2", "relies on F2 (unsupported)"),
        ("R1", "this id is used 2 times; relies on F2 (unsupported)"),
        ("R1", "this id is used 2 times; relies on F1 (weak)"),
    ]
    assert "se apoya en F2 (sin respaldo)" in [row["remarks"] for row in rows("Registros", "es")]


@pytest.mark.parametrize(("reached", "shaky"), [
    (Strength.STRONG, set()), (Strength.MODERATE, set()), (Strength.WEAK, {"R1"}),
    (Strength.CONTESTED, {"C1", "C2", "R1"}), (Strength.UNSUPPORTED, {"C1", "C2", "R1"}),
])  # fmt: skip
def test_a_recommendation_needs_more_than_a_conclusion(reached: Strength, shaky: set[str]) -> None:
    made = publication()
    assessments = {name: replace(standing, strength=reached) for name, standing in made.assessments.items()}
    said = dependents.remarks(replace(made, assessments=assessments))
    assert {remark.where.removeprefix("findings.toml ") for remark in said} == shaky


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("book")
    workbook.write(publication(), folder)
    return openpyxl.load_workbook(folder / "evidence.xlsx")


def test_what_programs_need_of_the_evidence_is_not_printed(book: Any) -> None:
    sheet = book["Evidence"]
    last = next(cell for cell in sheet[2] if cell.value == "Place").column_letter
    assert sheet.print_area == f"'Evidence'!$A$2:${last}${sheet.max_row}"


def test_every_sheet_of_facts_is_ready_to_filter_and_to_print(book: Any) -> None:
    for sheet in book.worksheets[1:]:
        assert sheet.row_dimensions[1].hidden, sheet.title
        assert sheet.freeze_panes.endswith("3"), sheet.title
        assert sheet.auto_filter.ref.startswith("A2:"), sheet.title
        assert sheet.print_title_rows == "$2:$2", sheet.title
        assert sheet.page_setup.orientation == "landscape", sheet.title
        assert not sheet.merged_cells.ranges, sheet.title
    assert book["Findings"].freeze_panes == "C3"
    assert book["Matrix"].freeze_panes == "D3"


def test_every_sheet_is_one_page_wide_on_paper(book: Any) -> None:
    assert all(sheet.sheet_properties.pageSetUpPr.fitToPage for sheet in book.worksheets)


def test_every_sheet_is_printed_large_enough_to_be_read(book: Any) -> None:
    wide = {}  # a character of a column's width has 7 pixels in Excel, 9 in LibreOffice without Calibri
    for sheet in book.worksheets:
        printed = range_boundaries(sheet.print_area.split("!")[-1].replace("$", ""))[2] if sheet.print_area else None
        columns = [sheet.column_dimensions[cell.column_letter] for cell in sheet[1][:printed]]
        pixels = sum(9 * column.width + 6 for column in columns if not column.hidden)
        paper = 210 if sheet.page_setup.paperSize == "9" else 420  # A4 upright, A3 on its side
        room = (paper - 2 * 0.4 * 25.4) / 25.4 * 96
        wide[sheet.title] = 11 * min(1, room / pixels)
    assert {title: size for title, size in wide.items() if size < 6.5} == {}


def test_the_words_of_people_are_in_a_wrapped_column_80_wide(book: Any) -> None:
    for name, key in (("Evidence", "quote"), ("Relevance", "text")):
        sheet = book[name]
        column = next(cell.column_letter for cell in sheet[1] if cell.value == key)
        assert round(sheet.column_dimensions[column].width) in (80, 81)
        assert sheet[f"{column}3"].alignment.wrap_text


def test_counts_are_aligned_to_the_right_small_ones_too(book: Any) -> None:
    for name, keys in (("Participants", {"participants", "speaking"}), ("Matrix", {"persons", "excerpts"})):
        for column in book[name].iter_cols(min_row=1):
            sides = {cell.alignment.horizontal for cell in column[1:]}
            assert sides == ({"right"} if column[0].value in keys else sides), (name, column[0].value)


def test_empty_cells_of_the_matrix_are_shaded_and_the_others_are_not(book: Any) -> None:
    column = next(each for each in book["Matrix"].iter_cols(min_row=1) if each[0].value == "excerpts")
    shaded = {cell.value == 0: cell.fill.fgColor.rgb for cell in column[2:]}
    assert shaded[True] == "FFF2F2F2"
    assert shaded[False] != shaded[True]


def test_few_people_are_counted_as_fewer_than_the_smallest_cell(book: Any) -> None:
    counts = [row[3:5] for row in book["Participants"].iter_rows(min_row=3, values_only=True)]
    assert counts
    assert {cell for row in counts for cell in row} <= {"<5", 0}


def test_what_was_left_out_has_a_reason_of_its_own_name(book: Any) -> None:
    headings = dict(zip(*([cell.value for cell in row] for row in book["Not used"]["1:2"]), strict=True))
    assert headings["reason"] == "Why left out"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("=cmd|' /C calc'!A0", id="case_42"),
        pytest.param('=HYPERLINK("http://127.0.0.1/","x")', id="case_42_link"),
        pytest.param("@SUM(1)", id="case_42_at"),
        pytest.param("-1+1", id="case_42_minus"),
        pytest.param("http://127.0.0.1/", id="case_42_address"),
        pytest.param("_x0041_ and _x000D_", id="case_43"),
        pytest.param("one\r\ntwo\ttabbed", id="case_43_lines"),
        pytest.param("\x01\x0b", id="case_43_control"),
        pytest.param("é" * 40_000, id="case_35"),
        pytest.param("<b>&amp;", id="case_42_markup"),
    ],
)
def test_words_come_back_from_a_workbook_as_typed(typed: str, tmp_path: Path) -> None:
    sheet = Sheet("S", (Field("id", "Id"), Field("text", "Text", 80, wrap=True)), [("F1", typed)])
    write_book(tmp_path / "b.xlsx", [sheet], title="t")
    with zipfile.ZipFile(tmp_path / "b.xlsx") as archive:
        strings, cells = archive.read("xl/sharedStrings.xml"), archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in cells
    assert b"<hyperlink" not in cells
    assert {cell.data_type for cell in openpyxl.load_workbook(tmp_path / "b.xlsx")["S"][3]} == {"s"}
    held = [each.text or "" for each in ElementTree.fromstring(strings).iter() if each.tag.endswith("}t")]
    assert typed in {unescaped("".join(held[i:])) for i in range(len(held))}


def unescaped(text: str) -> str:
    """The text with the format's escapes resolved: _x000D_ is a carriage return."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def test_names_that_no_workbook_bears_still_name_a_sheet_each(tmp_path: Path) -> None:
    names = [workbook.sheet_name(name) for name in ("a\0b", "x" * 40, "X" * 33, "Lists", "=1+1", "")]
    write_book(tmp_path / "b.xlsx", [Sheet(name, (), []) for name in names], title="t")
    assert openpyxl.load_workbook(tmp_path / "b.xlsx").sheetnames == [
        "a b", "x" * 31, "X" * 26 + " (2)", "Lists (2)", "=1+1", "Sheet",
    ]  # fmt: skip

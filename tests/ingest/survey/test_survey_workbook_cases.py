"""Hostile and faulty workbooks, by the numbers of the list of cases: nothing hidden, broken or far away goes unnamed."""

import io
import zipfile

import pytest
import xlsxwriter
from small_surveys import LONG, answers, chars_of, comma, listed, read, refused, said, visible, workbook

from pipeline.vocabulary import ReadStatus

HEADS = ["id", "edad", "sexo", "q"]
GOOD = [HEADS, *[[str(n), "40", "M", words] for n, words in enumerate(LONG, 1)]]
UNCHANGED = [
    "007",
    "1E5",
    "MARCH1",
    "3-4",
    "12345678901234567",
    "NA",
    "Null",
    "None",
    "TRUE",
    "=1+1",
    "+51 999",
    "1,50",
]


def rewritten(data: bytes, part: str, change: tuple[str, str]) -> bytes:
    """A workbook with something in one of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name == part:
                assert change[0] in content
                content = content.replace(*change)
            new.writestr(name, content)
    return out.getvalue()


def test_case_01_a_workbook_that_swells_is_refused_by_name() -> None:
    huge = "<si><t>" + "a" * 30_000_000 + "</t></si>"
    data = rewritten(workbook({"A": GOOD}), "xl/sharedStrings.xml", ("</sst>", f"{huge}</sst>"))
    assert len(data) < 100_000
    assert refused(data, "a.xlsx").startswith("part xl/sharedStrings.xml: unpacks to")


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_case_09_a_workbook_that_declares_entities_is_refused(part: str) -> None:
    bomb = '?>\n<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    data = rewritten(workbook({"A": GOOD}), part, ("?>", bomb))
    assert "declares a DOCTYPE" in refused(data, "a.xlsx")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (('<row r="5"', '<row r="2147483647"'), "sheet A, row 2147483647"),
        (('r="D5"', 'r="XFD1048576"'), "sheet A, cell XFD1048576"),
        (('r="D5"', 'r="ZZZ5"'), "sheet A, cell ZZZ5"),
    ],
)
def test_case_11_a_cell_far_from_all_others_is_named(change: tuple[str, str], where: str) -> None:
    message = refused(rewritten(workbook({"A": GOOD}), "xl/worksheets/sheet1.xml", change), "a.xlsx")
    assert message.startswith(where)


def test_case_12_an_old_or_encrypted_workbook_is_named() -> None:
    message = refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls")
    assert (
        message
        == ": is in an old Office format, or encrypted: open it, remove the password, and save it as .docx or .xlsx"
    )


def test_case_15_a_workbook_cut_by_a_kilobyte_is_named() -> None:
    assert "broken archive" in refused(workbook({"A": GOOD})[:-1024], "a.xlsx")


def test_case_16_html_named_xls_is_known_by_its_content() -> None:
    message = refused(b"<html><body><table><tr><td>q</td></tr></table></body></html>", "a.xls")
    assert message == ": a .html file is not a survey export: export it as .csv, .xlsx or .sav"


def test_case_35_a_cell_as_long_as_excel_allows_is_doubted() -> None:
    reading = read(workbook({"A": [["id", "q"], ["1", "x" * 32_767]]}), "a.xlsx", open=["q"])
    assert len(said(reading)[0]) == 32_767
    assert "a cell of row 2 is as long as Excel allows (32767 characters) and may be cut" in reading.sources[0].note


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_case_37_ids_and_words_for_nothing_stay_as_they_are(format_: str) -> None:
    rows = [["código", *[f"c{n}" for n in range(len(UNCHANGED))]], ["007", *UNCHANGED]]
    data = comma(rows, ";") if format_ == "csv" else workbook({"A": rows})
    reading = read(data, f"a.{format_}", id="código")
    assert list(answers(reading).values()) == UNCHANGED
    assert reading.sources[0].source_id == "a.007"


def test_case_37_numbers_of_a_workbook_are_as_shown_and_long_ones_are_doubted() -> None:
    rows = [["a", "b", "c", "d"], [7.0, 0.1 + 0.2, True, 12345678901234567]]
    reading = read(workbook({"A": rows}), "a.xlsx")
    assert list(answers(reading).values())[:3] == ["7", "0.3", "TRUE"]
    assert "row 2 has a number of more than 15 digits" in reading.sources[0].note


@pytest.mark.parametrize("from_1904", [False, True])
def test_case_38_dates_of_a_workbook_are_the_same_in_either_calendar(from_1904: bool) -> None:  # noqa: FBT001
    from datetime import datetime

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"date_1904": from_1904}) as book:
        sheet = book.add_worksheet("A")
        sheet.write_row(0, 0, ["id", "fecha", "hora"])
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write(1, 0, "1")
        sheet.write_datetime(1, 1, datetime(2023, 5, 1), day)  # noqa: DTZ001
        sheet.write_datetime(1, 2, datetime(2023, 5, 1, 9, 30), day)  # noqa: DTZ001
    assert answers(read(data.getvalue(), "a.xlsx")) == {"fecha": "2023-05-01", "hora": "2023-05-01 09:30:00"}


def marked_workbook() -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet("Datos")
        for number, row in enumerate(GOOD):
            sheet.write_row(number, 0, row)
        sheet.write_formula("B3", "=40+1", None, 41)
        sheet.write_formula("B4", "=40+2", None, "")
        sheet.write_formula("C5", "=#REF!", None, "#REF!")
        sheet.merge_range("A7:A8", "6")
        sheet.write("D7", "Otra respuesta más, la verdad")
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column("B:C", None, None, {"hidden": True})
        sheet.write_comment("D2", "ojo con esta", {"author": "Ana"})
        sheet.insert_textbox(20, 1, "un aviso")
        other = book.add_worksheet("Notas")
        other.write(0, 0, "secreto")
        other.hide()
    return data.getvalue()


def test_case_41_what_a_workbook_hides_is_named_cell_by_cell() -> None:
    reading = read(marked_workbook(), "a.xlsx", open=["q"])
    assert len(reading.turns) == 5
    assert answers(reading, "a.2") == {"edad": "41", "sexo": "M"}
    assert answers(reading, "a.3") == {"sexo": "M"}
    assert answers(reading, "a.4") == {"edad": "40"}
    assert set(listed(reading)) >= {
        ("sheet Datos, cell B4", "a formula without a value"),
        ("sheet Datos, cell C5", "an error of the workbook (#REF!)"),
        ("sheet Notas", "hidden sheet"),
        ("cell D2 (comments1.xml)", "a comment on a cell"),
        ("drawing1.xml", "text in a drawing"),
    }
    note = reading.sources[0].note
    assert "sheet Datos: rows 3 are hidden (a filter?); they are read anyway" in note
    assert "sheet Datos: columns B to C are hidden; they are read anyway" in note
    assert "sheet Datos: cells A7:A8 are merged; only the first cell of each holds the answer" in note
    assert {source.status for source in reading.sources} == {ReadStatus.PARTIAL}
    assert "secreto" not in repr(reading)
    shown = (
        sum(visible(cell) for row in GOOD for cell in row) + len("41" + "#REF!" + "6" + "secreto") - len("40" * 2 + "M")
    )
    assert chars_of(reading) == shown + visible("Otra respuesta más, la verdad") + visible("ojo con esta un aviso")

"""What changed files brought to light: each is refused with a remedy, and no reader dies of it."""

import pytest
from hostile.archives import archive_of, stored, zipped
from hostile.office import xlsx_parts
from small_surveys import LONG, comma, refused, task

from pipeline.errors import UnreadableError
from pipeline.ingest import read_file
from pipeline.ingest.formats import detect
from pipeline.vocabulary import Kind


def test_case_15_an_archive_whose_first_part_is_cut_is_named() -> None:
    mimetype = stored("mimetype", b"application/vnd.oasis.opendocument.text")
    data = archive_of([mimetype]).replace((39).to_bytes(4, "little") * 2, (900).to_bytes(4, "little") * 2)
    with pytest.raises(UnreadableError, match="broken archive"):
        detect(data, Kind.INTERVIEW)


def test_an_import_id_nested_without_end_is_not_an_import_id() -> None:
    nested = '{"ImportId":' + "[" * 100_000
    rows = [["Q1", "Q2"], ["¿Qué cambió?", "¿Qué falta?"], [nested, nested], *[[words, words] for words in LONG]]
    assert read_file(task(comma(rows))).sources


def test_a_heading_row_of_qualtrics_that_is_blank_says_nothing_of_the_columns() -> None:
    rows = [["Q1", "Q2"], ['{"ImportId":"QID1_TEXT"}', '{"ImportId":"QID2_TEXT"}']]
    data = comma(rows[:1]).rstrip() + b"\n\n" + comma([*rows[1:], *([words, words] for words in LONG)])
    assert read_file(task(data)).sources


@pytest.mark.parametrize("cell", ["XFDXFD1", "BResponseId3", "A" * 100 + "1", "&#88;FD1048576", "A99999999999"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_case_11_a_cell_that_no_sheet_can_have_is_refused_before_the_sheet_is_opened(cell: str, quote: str) -> None:
    parts = xlsx_parts()
    sheet = parts["xl/worksheets/sheet1.xml"].replace('r="A2"', f"r={quote}{cell}{quote}")
    said = refused(zipped({**parts, "xl/worksheets/sheet1.xml": sheet}), "a.xlsx")
    assert said.startswith("sheet a")
    assert "beyond the last row or column" in said

"""Hostile and faulty tables of text, by the numbers of the list of cases: nothing swallowed, shifted, cut or changed silently."""

import re

import pytest
from small_surveys import LONG, answers, chars_of, chars_of_text, comma, listed, read, refused, said, visible, workbook

from pipeline.vocabulary import ReadStatus

HEADS = ["id", "edad", "sexo", "q"]


GOOD = [HEADS, *[[str(n), "40", "M", words] for n, words in enumerate(LONG, 1)]]


def test_case_30_an_unclosed_quote_is_named_by_the_line_where_it_opens() -> None:
    text = comma([*GOOD[:2], ["2", "40", "M", 'dijo "hola"\ny adiós'], *GOOD[3:]]).decode()
    message = refused(text.replace('adiós"', "adiós").encode())
    assert message.startswith("line 3: a quotation mark opens a cell of row 3 and is not closed")
    assert "adiós" not in message


def test_case_30_an_unclosed_quote_before_other_quotes_is_named_too() -> None:
    rows = b'id,edad,sexo,q\n1,40,M,"uno"\n2,40,M,"dos\n3,40,M,"tres"\n4,40,M,"cuatro"\n'
    assert refused(rows).startswith(
        "line 3: a quotation mark opens a cell of row 3 and is not closed properly (line 4)"
    )


def test_case_30_rows_swallowed_between_two_stray_quotes_are_named() -> None:
    rows = b'id,edad,sexo,q\n1,40,M,"uno\n2,40,M,dos\n3,40,M,tres\n4,40,M,cuatro"\n5,40,M,cinco\n'
    assert refused(rows).startswith("row 2: one cell contains several rows")


def test_case_30_prose_of_many_lines_with_commas_is_not_a_swallowed_row() -> None:
    words = "Primero:\nagua, luz, gas, y más\nsalud, escuela, trabajo, y más\nuno, dos, tres, cuatro\nfin"
    assert said(read(comma([HEADS, ["1", "40", "M", words]]), open=["q"])) == [words]


def test_case_31_an_extra_cell_in_every_row_shifts_nothing() -> None:
    message = refused(comma([HEADS, *[["x", *row] for row in GOOD[1:]]]))
    assert message.split("\n")[0].startswith("row 2: more cells than headings: 5 instead of 4")
    assert len(message.split("\n")) == 4


def test_case_31_an_extra_cell_in_some_rows_is_named_by_row() -> None:
    assert refused(comma([*GOOD[:3], [*GOOD[3], "x"], *GOOD[4:]])).startswith("row 4: more cells than headings")
    assert refused(comma([*GOOD[:3], GOOD[3][:3], *GOOD[4:]])).startswith("row 4: fewer cells than headings")


def test_case_31_many_odd_rows_are_counted() -> None:
    message = refused(comma([HEADS, *[["1", "2", "3"] for _ in range(40)], *GOOD[1:]]))
    assert message.split("\n")[-1].startswith("row 7 and after: 40 of 44 rows have more or fewer cells than headings")


def test_case_32_a_file_cut_in_a_row_is_never_read_as_whole() -> None:
    whole = comma(GOOD)
    for cut in range(len(whole) - 3, len(whole) - 60, -1):
        part = whole[:cut].decode("utf-8", "ignore")
        if part.endswith("\n"):
            continue
        if part.rpartition("\n")[2].count(",") < 3:
            assert refused(part.encode()).startswith("row 5: the file ends in the middle of this row")
        else:
            note = read(part.encode()).sources[0].note
            assert "does not end with a line break: check that its last row is whole" in note


def test_case_32_a_file_cut_in_a_quoted_cell_is_named() -> None:
    whole = comma([*GOOD, ["5", "40", "M", "dijo, y dijo, y volvió a decir"]])
    assert refused(whole[:-9]).startswith("line 6: the file ends in the middle of row 6")


def test_case_32_fewer_rows_than_declared_make_the_survey_partial() -> None:
    reading = read(comma(GOOD), rows=5)
    assert {source.status for source in reading.sources} == {ReadStatus.PARTIAL}
    assert "4 rows, but config.toml says 5" in reading.sources[0].note
    assert {source.status for source in read(comma(GOOD), rows=4).sources} == {ReadStatus.READ}


def test_case_32_an_export_as_long_as_its_tool_allows_is_doubted() -> None:
    reading = read(comma([["id", "q"], *[[str(n), "sí"] for n in range(30_000)]]))
    assert "it ends at the limit of 30000 rows of KoboToolbox: it may be cut off there" in reading.sources[0].note


def test_case_33_two_equal_headings_are_named_with_both_columns_and_the_remedy() -> None:
    message = refused(comma([["id", "q", "sexo", "q"], *[[*row[:3], "x"] for row in GOOD[1:]]]))
    remedy = "give each its own, for example by adding 2 to that of column D"
    assert message == f"row 1: columns B and D have the same heading: {remedy}"


def test_case_33_a_blank_heading_is_named_by_its_column() -> None:
    reading = read(comma([["", "q", ""], *[["7", words, ""] for words in LONG]]))
    assert answers(reading) == {"column A": "7"}
    assert said(reading) == list(LONG)


def test_case_34_the_text_after_a_nul_is_kept() -> None:
    data = comma([["id", "q"], ["1", "antes\0después"]])
    reading = read(data, open=["q"])
    assert said(reading) == ["antesdespués"]
    assert ("row 2", "control characters") in listed(reading)
    assert chars_of(reading) == chars_of_text(data, ",")


@pytest.mark.parametrize("length", [40_000, 200_000])
def test_case_35_a_long_cell_is_kept_whole(length: int) -> None:
    words = ("agua " * length)[:length].strip()
    assert said(read(comma([["id", "q"], ["1", words], ["2", "luz"]]), open=["q"])) == [words, "luz"]


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")]
)
def test_case_36_the_delimiter_is_recognised_and_reported(delimiter: str, name: str) -> None:
    rows = [["id", "nota", "q"], *[[str(n), "3,5", f"Uno, dos; tres | {words}"] for n, words in enumerate(LONG)]]
    reading = read(comma(rows, delimiter), open=["q"])
    assert said(reading) == [row[2] for row in rows[1:]]
    assert answers(reading) == {"nota": "3,5"}
    assert f"columns separated by {name}" in reading.sources[0].note


def test_case_36_unicode_text_of_excel_is_read() -> None:
    data = b"\xff\xfe" + comma(GOOD, "\t").decode().encode("utf-16-le")
    assert said(read(data, "encuesta.txt")) == list(LONG)


def test_case_36_other_encodings_are_read_and_reported() -> None:
    reading = read(comma(GOOD, ";").decode().encode("cp1252"))
    assert said(reading) == list(LONG)
    assert "read as cp1252" in reading.sources[0].note


def test_case_36_a_line_that_declares_the_delimiter_is_not_a_row() -> None:
    reading = read(b"sep=;\r\n" + comma(GOOD, ";"))
    assert said(reading) == list(LONG)
    assert reading.turns[0].place == "row 3, column D"


def test_case_36_line_ends_of_an_old_mac_are_line_ends() -> None:
    assert said(read(comma(GOOD, end="\r"))) == list(LONG)


@pytest.mark.parametrize(
    ("dates", "doubt"),
    [
        (["01/02/2023", "03/04/2023"], "column B: its dates may be day/month or month/day; they are kept as written"),
        (["13/02/2023", "03/04/2023"], ""),
        (["02/13/2023", "03/04/2023"], ""),
        (
            ["13/02/2023", "03/14/2023"],
            "column B: some of its dates are day/month, others month/day; they are kept as written",
        ),
        (["13/02/23", "03/04/23"], "column B: its years have two digits; they are kept as written"),
        (["2023-02-01", "2023-04-03"], ""),
    ],
)
def test_case_38_dates_that_may_be_read_two_ways_are_named(dates: list[str], doubt: str) -> None:
    reading = read(comma([["id", "fecha", "q"], *[[str(n), date, "sí"] for n, date in enumerate(dates)]]))
    assert reading.sources[0].note.partition("separated by comma; ")[2] == doubt
    assert answers(reading)["fecha"] == dates[0]


TWICE = [
    ["_uuid", "quién", "q"],
    ["u1", "P001", LONG[0]],
    ["u2", "P002", LONG[1]],
    ["u1", "P001", LONG[0]],
    ["u2", "P002", LONG[2]],
]


TWICE += [[f"u{n}", "", f"{words} {n}"] for n in range(3, 60) for words in LONG[:1]]


def test_case_39_one_id_twice_is_listed_and_both_rows_stay() -> None:
    reading = read(comma(TWICE), person="quién", open=["q"])
    found = [row for row in listed(reading) if "same id as" in row[1]]
    assert found == [
        ("row 4", "has the same id as row 2, and the same answers"),
        ("row 5", "has the same id as row 3, and other answers"),
    ]
    assert [source.source_id for source in reading.sources][:4] == [
        f"encuesta.{i}" for i in ("u1", "u2", "u1-2", "u2-2")
    ]


@pytest.mark.parametrize(("twice", "kept"), [("first", LONG[1]), ("last", LONG[2])])
def test_case_39_one_id_twice_counts_once_only_if_config_says_so(twice: str, kept: str) -> None:
    data = comma(TWICE)
    reading = read(data, person="quién", open=["q"], twice=twice)
    assert len(reading.sources) == len(TWICE) - 3
    texts = {text.source_id: text.text for text in reading.texts}
    assert texts["encuesta.u2"] == kept
    aside = [row for row in reading.rejected if "comes again" in row.reason]
    assert [row.place for row in aside] == (["row 4", "row 5"] if twice == "first" else ["row 2", "row 3"])
    assert {row.reason for row in aside} == {"its row id comes again"}
    assert chars_of(reading) == chars_of_text(data, ",")


def test_case_39_one_person_in_two_rows_and_equal_words_of_two_are_listed() -> None:
    rows = [
        ["id", "quién", "q"],
        ["1", "P001", LONG[0]],
        ["2", "P001", LONG[1]],
        ["3", "P002", LONG[0]],
        ["4", "", "sí"],
        ["5", "", "sí"],
    ]
    reading = read(comma(rows), person="quién", open=["q"])
    assert [row for row in listed(reading) if row[1] != "no person given" and row[0].startswith("row")] == [
        ("row 3", "its person also answers in row 2"),
        ("row 4", "has exactly the words of row 2: one person under two ids?"),
    ]


def test_case_40_a_choice_not_shown_is_missing_and_one_not_taken_is_a_no() -> None:
    heads = ["_uuid", "temas", "temas/agua", "temas/luz"]
    reading = read(comma([heads, ["u1", "agua", "1", "0"], ["u2", "", "", ""]], ";"))
    assert answers(reading, "encuesta.u1") == {"temas": "agua", "temas/agua": "1", "temas/luz": "0"}
    assert answers(reading, "encuesta.u2") == {}


def test_case_40_rows_of_a_repeat_without_a_parent_are_listed() -> None:
    main = [["hogar", "_index"], ["Norte", "1"]]
    child = [["relato", "_parent_table_name", "_parent_index"], [LONG[0], "Casa", "1"], [LONG[1], "Casa", "9"]]
    data = workbook({"Casa": main, "r": child})
    reading = read(data, "a.xlsx", open=["relato"])
    assert said(reading) == [LONG[0]]
    assert ("sheet r, row 3", "its parent row is not in the export") in listed(reading)
    assert chars_of(reading) == sum(visible(cell) for rows in (main, child) for row in rows for cell in row)


def test_no_message_holds_the_words_of_an_answer() -> None:
    words = "Mi vecina Zoila contó todo"
    broken = [
        comma([HEADS, ["1", "40", "M", words, "x"]]),
        comma([HEADS, ["1", "40", words]]) + b"2,40\n",
        f'id,q\n1,"{words}\n'.encode(),
        f'id,q\n1,"{words}" x\n2,y\n'.encode(),
    ]
    for data in broken:
        assert not re.search("Zoila|vecina", refused(data))

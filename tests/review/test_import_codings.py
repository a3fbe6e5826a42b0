"""Codings made in a spreadsheet elsewhere become one coder's lines of the ledger; what cannot be placed is listed."""

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook
from review_workbooks import answers, decided, problems
from small_publication import codebook
from studies import NOW

from pipeline import tables
from pipeline.errors import ConfigError, UnreadableError
from pipeline.review.form import Form
from pipeline.review.workbooks.spreadsheet_codings import ExcerptIndex, PlacedCodings, place_codings
from pipeline.steps.review import ImportResult, import_codings


def excerpts(study: Path) -> list[dict[str, str]]:
    frame = tables.read_table(study / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS)
    return frame[frame["role"] == "respondent"].to_dict("records")


def imported(
    study: Path, rows: Sequence[Sequence[object]], name: str = "codings.csv", coder: str = "ana"
) -> ImportResult:
    path = study.parent / name
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    else:
        book = Workbook()
        for row in rows:
            book.active.append(list(row))  # type: ignore[union-attr]
        book.save(path)
    return import_codings(study, path, coder=coder, now=NOW)


def test_d6_a_column_per_code_says_yes_no_or_a_stance_and_blank_says_nothing(analysed: Path) -> None:
    first, second = (row["excerpt_id"] for row in excerpts(analysed)[:2])
    rows = [["excerpt_id", "efficiency", "Effectiveness", "Lesson"], [first, 1, 0, ""], [second, "negative", "", "x"]]
    for name in ("codings.csv", "codings.xlsx"):
        result = imported(analysed, rows, name)
        assert result.problems == ()
    assert set(answers(analysed)) == {
        ("code", "efficiency", ""), ("uncode", "effectiveness", ""), ("code", "efficiency", "negative"), ("code", "learning", ""),
    }  # fmt: skip
    assert {line.coder for line in decided(analysed)} == {"ana"}
    assert {(line.shown, line.lane) for line in decided(analysed)} == {(None, "")}


def test_d6_quotes_with_codes_by_name_are_placed_by_their_words(analysed: Path) -> None:
    whole, part = excerpts(analysed)[:2]
    quote = part["text"][: len(part["text"]) - 3]
    rows = [
        ["Quotation Content", "Code 1", "Code 2"],
        [whole["text"].replace(" ", "  ", 1), "Efficiency", "lesson"],
        [quote, "sustainability; Effectiveness", ""],
    ]
    result = imported(analysed, rows)
    assert result.problems == ()
    coded = {(line.excerpt_id, line.criterion) for line in decided(analysed)}
    assert coded == {
        (whole["excerpt_id"], "efficiency"), (whole["excerpt_id"], "learning"),
        (part["excerpt_id"], "sustainability"), (part["excerpt_id"], "effectiveness"),
    }  # fmt: skip


def test_one_quotation_a_row_adds_up_and_two_words_for_one_code_are_listed(analysed: Path) -> None:
    row = excerpts(analysed)[0]["excerpt_id"]
    rows = [["id", "code"], [row, "Efficiency"], [row, "Lesson"], [row, "Efficiency"]]
    assert imported(analysed, rows).written == 2
    result = imported(analysed, [["id", "efficiency"], [row, "positive"], [row, "no"]], "other.csv", "ben")
    assert result.written == 0
    assert "efficiency is answered twice: no and positive" in problems(result)


def test_what_cannot_be_placed_is_listed_row_by_row(analysed: Path) -> None:
    row = excerpts(analysed)[0]
    rows = [
        ["text", "code 1", "efficiency", "colour"],
        ["Words that nobody ever said here.", "Efficiency", "", "red"],
        [row["text"], "Beauty", "maybe", "blue"],
        [row["text"][5:45], "", "0", ""],
    ]
    result = imported(analysed, rows)
    listed = problems(result)
    assert "row 2: its excerpt is not in the study" in listed
    assert 'row 3 column code 1: "Beauty" is not a code' in listed
    assert 'row 3 column efficiency: says "maybe", which is not a possible answer' in listed
    assert "row 4: says no to efficiency for words that are only part of an excerpt" in listed
    assert "column colour: is neither an excerpt nor a code" in listed
    assert result.counts["unplaced"] == 1
    assert result.written == 0


def test_the_same_file_twice_is_once_and_a_corrected_one_corrects_itself(analysed: Path) -> None:
    row = excerpts(analysed)[0]["excerpt_id"]
    rows = [["excerpt_id", "efficiency", "memo"], [row, "positive", "the pump"]]
    assert imported(analysed, rows).written == 2
    assert imported(analysed, rows).written == 0
    rows[1][1] = "negative"
    assert imported(analysed, rows).written == 1
    elsewhere = imported(analysed, [["excerpt_id", "efficiency"], [row, "mixed"]], "elsewhere.csv")
    assert dict(elsewhere.counts) == {"conflicting": 1}
    assert "the workbook says mixed; line 3 of the ledger" in problems(elsewhere)


def test_an_interviewers_words_are_not_coded(analysed: Path) -> None:
    frame = tables.read_table(analysed / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS)
    asked = frame.loc[frame["role"] == "interviewer", "excerpt_id"]
    assert len(asked)
    row = excerpts(analysed)[0]["excerpt_id"]
    result = imported(analysed, [["excerpt_id", "efficiency"], [row, 1], [asked.iloc[0], 1]])
    assert (result.written, result.counts["unplaced"]) == (1, 1)


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([["name", "efficiency"], ["x", 1]], "has no column of excerpts or quotes"),
        ([["quote", "colour"], ["x", 1]], "has no column of codes"),
        ([[]], "has no column of excerpts or quotes"),
    ],
)
def test_a_table_without_excerpts_or_codes_is_refused_with_a_remedy(
    analysed: Path, rows: list[list[object]], what: str
) -> None:
    with pytest.raises(UnreadableError, match=what):
        imported(analysed, rows, "table.xlsx")
    assert decided(analysed) == []


def test_a_file_of_another_kind_and_a_reserved_name_are_refused(analysed: Path, tmp_path: Path) -> None:
    path = tmp_path / "codes.pdf"
    path.write_bytes(b"%PDF-1.4")
    with pytest.raises(UnreadableError, match=r"codes\.pdf"):
        import_codings(analysed, path, coder="ana", now=NOW)
    with pytest.raises(UnreadableError, match="cannot be opened"):
        import_codings(analysed, tmp_path / "gone.csv", coder="ana", now=NOW)
    with pytest.raises(ConfigError, match="machine"):
        import_codings(analysed, path, coder="machine", now=NOW)


@pytest.mark.parametrize(
    "headings",
    [
        ("Cita", "Código 1", "Comentario"),
        ("Contenido de la cita", "Códigos", "Nota"),
        ("Segmento codificado", "Etiqueta 1", "memo"),
        ("EXTRACTO", "código", "NOTA"),
        ("Texto", "Code1", "comment"),
    ],
)
def test_headings_of_both_languages_are_understood(analysed: Path, headings: Sequence[str]) -> None:
    text = excerpts(analysed)[0]["text"]
    result = imported(analysed, [headings, [text, "Efficiency", "la bomba"]])
    assert (result.problems, result.written) == ((), 2)


def test_a_quote_in_another_form_of_letters_or_with_curly_quotes_is_placed(analysed: Path) -> None:
    row = next(row for row in excerpts(analysed) if unicodedata.normalize("NFD", row["text"]) != row["text"])
    quote = unicodedata.normalize("NFD", row["text"]).replace(" ", "\u00a0")
    result = imported(analysed, [["quote", "code"], [quote, "Efficiency"]])
    assert [line.excerpt_id for line in decided(analysed)] == [row["excerpt_id"]]
    assert result.problems == ()


def index_of(*excerpts_and_texts: tuple[str, str]) -> ExcerptIndex:
    texts = dict(excerpts_and_texts)
    return ExcerptIndex.of(texts, dict.fromkeys(texts, "hash"))


def test_words_of_two_excerpts_are_listed_and_placed_where_the_source_is_named() -> None:
    words = "We waited two hours at the pump."
    index = index_of(("ana:0-32", words), ("ben:0-32", words), ("ben:40-72", words))
    form = Form.of(codebook(), [])
    code = form.codebook.ids[0]

    def placed(*row: str) -> PlacedCodings:
        rows = [["quote", "source", "code"], list(row)]
        return place_codings(rows, "codings.csv", index=index, form=form, choices=form.choices("en"))

    assert "row 2: its words are in 3 excerpts" in str(placed(words, "", code).problems[0])
    assert placed(words, "ana", code).answers == {"ana:0-32": {code: {"yes"}}}
    assert placed(words, "ben", code).unplaced == 1
    assert placed(words, "nobody", code).unplaced == 1


def test_an_id_beside_other_words_is_listed() -> None:
    form = Form.of(codebook(), [])
    index = index_of(("ana:0-32", "We waited two hours at the pump."))
    rows = [["id", "quote", "code"], ["ana:0-32", "We waited three hours", form.codebook.ids[0]]]
    placed = place_codings(rows, "codings.csv", index=index, form=form, choices=form.choices("en"))
    assert (placed.answers, placed.unplaced) == ({}, 1)
    assert "row 2: quotes words that differ from those of ana:0-32 now" in str(placed.problems[0])


@pytest.mark.parametrize("name", ["missing", "The missing", "Lo que falta", " the MISSING "])
def test_a_code_is_known_by_its_id_and_by_its_name_in_each_language(name: str) -> None:
    by_language = replace(codebook().criteria[0], id="missing", name=(("en", "The missing"), ("es", "Lo que falta")))
    form = Form.of(replace(codebook(), criteria=(by_language,)), [])
    index = index_of(("s:0-5", "words"))
    for rows in ([["id", "code"], ["s:0-5", name]], [["id", name], ["s:0-5", "x"]]):
        placed = place_codings(rows, "codings.csv", index=index, form=form, choices=form.choices("en"))
        assert placed.answers == {"s:0-5": {"missing": {"yes"}}}


def test_a_name_that_two_codes_have_is_not_a_code() -> None:
    first, second = (replace(codebook().criteria[0], id=name, name=(("en", "Water"),)) for name in ("river", "pump"))
    form = Form.of(replace(codebook(), criteria=(first, second)), [])
    rows = [["id", "code"], ["s:0-5", "Water"], ["s:0-5", "pump"]]
    placed = place_codings(rows, "c.csv", index=index_of(("s:0-5", "words")), form=form, choices=form.choices("en"))
    assert placed.answers == {"s:0-5": {"pump": {"yes"}}}
    assert '"Water" is not a code' in str(placed.problems[0])

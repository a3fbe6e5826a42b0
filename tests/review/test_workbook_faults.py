"""What people do to a workbook: no answer is lost silently, and none changes its meaning."""

import re
import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet
from review_workbooks import answer, answers, back, cells_of, columns, decided, edit, handed_out, problems
from small_publication import codebook
from studies import NOW, quiet

from pipeline.findings import Finding
from pipeline.review.form import Form
from pipeline.review.handouts import Handout
from pipeline.review.returned import plain
from pipeline.review.row_answers import Suggestion, answers_of
from pipeline.review.workbooks.review_workbook import Item, write
from pipeline.steps.analyze import analyze
from pipeline.vocabulary import CoderView

SPLIT = {"code:efficiency": "positive", "memo": "Mirar otra vez"}


def handed_back(study: Path, cells: Mapping[str, object]) -> tuple[Path, str]:
    """One row answered and imported: its workbook, and what the import lists."""
    path = answer(handed_out(study, size=1), cells)
    return path, problems(back(study, path))


# ---- within a row


@pytest.mark.parametrize(
    ("cells", "listed"),
    [
        ({"other1_stance": "negative"}, "column Its stance: says negative, but the row names no code for it"),
        (
            {"finding1": None, "direction1": "contradicts"},
            "column and: says contradicts, but the row names no finding for it",
        ),
        (
            {"other1": "Lesson", "other1_stance": "positive", "other2": "Lesson", "other2_stance": "negative"},
            "learning is answered twice: negative and positive",
        ),
        (
            {"finding1": "F1", "direction1": "supports", "finding2": "F1", "direction2": "no"},
            "F1 is answered twice: no and supports",
        ),
        ({"finding1": "F2", "direction1": None}, "F2 is named without a direction"),
        ({"accept": "yes"}, "accepts a suggestion, but the row has none"),
    ],
)
def test_b1_b2_b3_a_row_that_says_two_things_or_half_a_thing_is_listed_and_writes_nothing(
    analysed: Path, cells: dict[str, object], listed: str
) -> None:
    path = answer(handed_out(analysed, size=1), {**cells, "suggested": None, "code:efficiency": "positive"})
    result = back(analysed, path)
    assert (dict(result.counts), result.written) == ({"contradictory": 1}, 0)
    assert listed in problems(result)


def test_the_same_answer_twice_in_a_row_is_one_answer(analysed: Path) -> None:
    row = {"other1": "Lesson", "other1_stance": "positive", "other2": "Lesson", "other2_stance": "positive"}
    assert back(analysed, answer(handed_out(analysed, size=1), row)).written == 1


def test_a_suggested_finding_without_a_direction_is_not_decided(analysed: Path) -> None:
    path = handed_out(analysed, size=8)
    suggested = [row for row in range(3, 11) if cells_of(path, row)["finding1"]]
    assert suggested
    result = back(analysed, path)
    assert (result.written, result.problems, dict(result.counts)) == (0, (), {"unchanged": 8})
    assert back(analysed, answer(path, {"direction1": "contradicts"}, suggested[0])).written == 1


# ---- cells that were emptied


def test_a3_an_emptied_direction_is_listed_and_does_not_turn_into_supports(analysed: Path) -> None:
    handed_back(analysed, {"finding1": "F1", "direction1": "contradicts"})
    again = answer(handed_out(analysed, again=True), {"direction1": None})
    assert "the cell of F1 was emptied; contradicts in line 1 of the ledger still holds" in problems(
        back(analysed, again)
    )
    assert answers(analysed) == [("link", "F1", "contradicts")]


def test_b6_an_emptied_memo_is_listed(analysed: Path) -> None:
    handed_back(analysed, SPLIT)
    again = answer(handed_out(analysed, again=True), {"memo": None})
    assert "the cell of the memo was emptied; the memo in line 2 of the ledger still holds" in problems(
        back(analysed, again)
    )


def test_b6_a_changed_memo_takes_the_place_of_the_old_one_also_among_conflicts(analysed: Path) -> None:
    handed_back(analysed, SPLIT)
    back(analysed, answer(handed_out(analysed, again=True), {"memo": "Now I see"}))
    back(analysed, answer(handed_out(analysed, "ben", same_as="ana"), {"code:efficiency": "no"}))
    assert cells_of(handed_out(analysed, "eva", conflicts=True))["memos"] == "ana: Now I see"


def test_b9_a_yes_that_is_emptied_while_all_blank_codes_are_not_becomes_a_no_and_is_listed(analysed: Path) -> None:
    handed_back(analysed, SPLIT)
    result = back(analysed, answer(handed_out(analysed, again=True), {"code:efficiency": None, "rest": "no"}))
    assert "efficiency is left blank, so it is now no" in problems(result)
    assert [line for line in answers(analysed) if line[1] == "efficiency"] == [
        ("code", "efficiency", "positive"), ("uncode", "efficiency", ""),
    ]  # fmt: skip


def test_b7_a_reason_without_a_ruling_is_listed_and_an_emptied_ruling_stays(analysed: Path) -> None:
    handed_back(analysed, SPLIT)
    back(analysed, answer(handed_out(analysed, "ben", same_as="ana"), {"code:efficiency": "no"}))
    path = answer(handed_out(analysed, "eva", conflicts=True), {"why": "they mean the pump"})
    result = back(analysed, path)
    assert "column Why: gives a reason without a ruling" in problems(result)
    assert dict(result.counts) == {"contradictory": 1}
    assert back(analysed, answer(path, {"ruling": "no"})).written == 1
    assert decided(analysed)[-1].note == "they mean the pump"
    assert "the cell of the ruling was emptied" in problems(back(analysed, answer(path, {"ruling": None, "why": None})))
    assert "the cell of the reason was emptied" in problems(back(analysed, answer(path, {"ruling": "no"})))
    assert decided(analysed)[-1].note == "they mean the pump"


# ---- sheets, columns, comments


def test_b4_answers_in_a_copy_of_the_sheet_count(analysed: Path) -> None:
    path = handed_out(analysed, size=3)
    book = load_workbook(path)
    copy = book.copy_worksheet(book["Review"])
    copy.cell(4, columns(copy)["code:efficiency"]).value = "negative"
    book.save(path)
    result = back(analysed, path)
    assert (result.written, result.problems) == (1, ())
    assert answers(analysed) == [("code", "efficiency", "negative")]


def test_b4_two_sheets_with_different_answers_are_both_named(analysed: Path) -> None:
    path = answer(handed_out(analysed, size=3), {"code:efficiency": "positive"})
    book = load_workbook(path)
    copy = book.copy_worksheet(book["Review"])
    copy.cell(3, columns(copy)["code:efficiency"]).value = "negative"
    book.save(path)
    result = back(analysed, path)
    assert (result.written, result.counts["damaged"]) == (0, 2)
    assert "sheet Review, row 3" in problems(result)
    assert "also in" in problems(result)
    assert "sheet Review Copy, row 3" in problems(result)


def copied_column(key: str, value: str | None) -> Callable[[Worksheet, dict[str, int]], None]:
    def change(sheet: Worksheet, keys: dict[str, int]) -> None:
        last = sheet.max_column + 1
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, last).value = sheet.cell(row, keys[key]).value
        sheet.cell(3, last).value = value

    return change


def test_b5_a_yellow_column_that_was_copied_loses_no_answer(analysed: Path) -> None:
    path = answer(handed_out(analysed, size=2), {"code:efficiency": "positive"})
    edit(path, copied_column("code:efficiency", None))
    assert back(analysed, path).written == 1
    edit(path, copied_column("code:efficiency", "negative"))
    result = back(analysed, path)
    assert result.counts["contradictory"] == 1
    assert "column Efficiency occurs twice in the sheet, with different answers" in problems(result)


def test_b8_own_columns_and_comments_are_named_with_how_much_is_not_read(analysed: Path) -> None:
    def change(sheet: Worksheet, keys: dict[str, int]) -> None:
        own = sheet.max_column + 1
        sheet.cell(2, own).value = "My notes"
        sheet.cell(3, own).value = "ask Rosa's neighbour"
        sheet.cell(3, keys["text"]).comment = Comment("why?", "Ana")

    result = back(analysed, edit(answer(handed_out(analysed, size=2), {"code:efficiency": "no"}), change))
    assert result.written == 1
    assert "column My notes: is not a column of the workbook; cells not read: 1" in problems(result)
    assert "has cell comments, which are not read (cell B3)" in problems(result)
    assert "neighbour" not in problems(result)


def test_a_column_of_a_code_that_is_gone_is_named(analysed: Path) -> None:
    path = answer(handed_out(analysed, size=1), {"code:efficiency": "positive"})
    codebook = analysed / "coded" / "codebook.toml"
    text = codebook.read_text("utf-8")
    start = text.index('[[criteria]]\nid = "efficiency"')
    following = text.find("[[criteria]]\n", start + 5)
    codebook.write_text(text[:start] + text[following:], "utf-8")
    findings = analysed / "coded" / "findings.toml"
    findings.write_text(findings.read_text("utf-8").replace("efficiency", "effectiveness"), "utf-8")
    seeds = analysed / "coded" / "seeds.jsonl"
    seeds.write_text(
        "".join(line + "\n" for line in seeds.read_text("utf-8").splitlines() if "efficiency" not in line), "utf-8"
    )
    assert "column Efficiency: is for a code that new workbooks have no column for; cells not read: 1" in problems(
        back(analysed, path)
    )


# ---- values of other kinds


def test_b12_a_formula_without_a_value_is_named_and_dates_and_numbers_are_read_as_they_are_shown(
    analysed: Path,
) -> None:
    path = handed_out(analysed, size=3)
    for row, memo in enumerate(('=CONCATENATE("see ",A1)', date(2023, 5, 1), 1.0), 3):
        answer(path, {"memo": memo, "code:efficiency": "no"}, row)
    result = back(analysed, path)
    assert "row 3" in problems(result)
    assert "column Memo contains a formula without a value" in problems(result)
    assert [line.note for line in decided(analysed) if line.note] == ["2023-05-01", "1"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("x", "yes"), ("X ", "yes"), (1, "yes"), (True, "yes"), ("TRUE", "yes"), ("sí", "yes"), ("Si", "yes"), ("Yes", "yes"),
        (0, "no"), (False, "no"), ("No.", "no"), ("Positiva", "positive"), ("POSITIVO", "positive"), ("negative ", "negative"),
    ],
)  # fmt: skip
def test_c6_words_of_both_languages_ticks_and_truth_are_understood(analysed: Path, cell: object, expected: str) -> None:
    _, listed = handed_back(analysed, {"code:efficiency": cell})
    assert listed == ""
    (line,) = decided(analysed)
    assert ("no" if line.kind == "uncode" else line.value or "yes") == expected


@pytest.mark.parametrize(
    ("key", "cell"),
    [
        ("code:efficiency", "positive, negative"),
        ("code:efficiency", "2"),
        ("rest", "x"),
        ("direction1", "1"),
        ("other1_stance", "x"),
    ],
)
def test_c6_what_could_mean_two_things_is_named_with_what_the_cell_says(analysed: Path, key: str, cell: str) -> None:
    row = {"finding1": "F1", "direction1": "supports", "other1": "Lesson", key: cell}
    path, listed = handed_back(analysed, row)
    assert f'says "{cell}", which is not a possible answer: use ' in listed
    assert str(cells_of(path)["excerpt_id"]) in listed
    assert decided(analysed) == []


# ---- the file


def test_c1_a_row_corrected_in_the_same_file_is_a_correction(analysed: Path) -> None:
    path, _ = handed_back(
        analysed, {"code:efficiency": "positive", "memo": "first", "finding1": "F1", "direction1": "supports"}
    )
    answer(path, {"code:efficiency": "negative", "memo": "second", "direction1": "no"})
    result = back(analysed, path)
    assert (dict(result.counts), result.written, result.problems) == ({"decided": 1}, 3, ())
    assert back(analysed, path).written == 0


def test_c1_codes_said_no_to_in_the_same_file_can_be_corrected(analysed: Path) -> None:
    path, _ = handed_back(analysed, {"rest": "no"})
    result = back(analysed, answer(path, {"code:efficiency": "positive"}))
    assert (result.written, result.problems) == (1, ())
    emptied = back(analysed, answer(path, {"rest": None}))
    assert "the cell for all codes left blank was emptied" in problems(emptied)


@pytest.mark.parametrize("key", ["base", "id1"])
def test_c2_an_info_sheet_that_was_edited_is_named(analysed: Path, key: str) -> None:
    path = handed_out(analysed, size=1)
    book = load_workbook(path)
    for row in book["Info"].iter_rows():
        if row[0].value == key:
            row[1].value = "yesterday"
    book.save(path)
    assert "has lost part of its hidden sheet Info" in problems(back(analysed, path))


@pytest.mark.parametrize(
    "change", [lambda text: unicodedata.normalize("NFD", text), lambda text: text.replace(" ", "\u00a0", 1)]
)
def test_c3_a_quote_as_another_program_saves_it_is_the_same_quote(analysed: Path, change: Callable[[str], str]) -> None:
    path = handed_out(analysed, size=8)
    rows = [(row, text) for row in range(3, 11) if change(text := str(cells_of(path, row)["text"])) != text]
    assert rows
    for row, text in rows:
        answer(path, {"text": change(text), "code:efficiency": "no"}, row)
    result = back(analysed, path)
    assert (result.written, result.problems) == (len(rows), ())


def test_c3_quotes_dashes_and_ellipses_as_autocorrection_writes_them_are_the_same() -> None:
    assert plain("“Yes” – she’s… «here»") == plain('"Yes" - she\'s... "here"')
    assert plain("the pump") != plain("the pumps")


def test_c4_a_wrong_dimension_of_another_writer_hides_no_row(analysed: Path, tmp_path: Path) -> None:
    path = answer(handed_out(analysed, size=4), {"code:efficiency": "no"}, 6)
    small = tmp_path / "small.xlsx"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(small, "w") as written:
        for name in archive.namelist():
            data = archive.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data = re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1"/>', data)
            written.writestr(name, data)
    result = back(analysed, small)
    assert (result.written, result.problems) == (1, ())


def test_d3_lines_of_a_workbook_say_on_what_they_were_made(analysed: Path) -> None:
    handed_back(analysed, {"code:efficiency": "positive", "rest": "no"})
    path = handed_out(analysed, "ben", same_as="ana", blind=True)
    back(analysed, answer(path, {"code:efficiency": "no"}))
    first, reviewed, blind = decided(analysed)
    assert first.handout
    assert (first.shown, blind.shown) == ("suggestion", "blind")
    assert blind.handout != first.handout
    assert blind.lane == "second coder 1/1"
    assert first.codebook
    assert "efficiency" in reviewed.codes


def test_a_hand_out_whose_record_is_gone_comes_back_without_its_lanes(analysed: Path) -> None:
    path = answer(handed_out(analysed, size=1), {"code:efficiency": "no"})
    shutil.rmtree(analysed / "coded" / "review" / "handouts")
    assert back(analysed, path).written == 1
    assert [(line.lane, line.shown) for line in decided(analysed)] == [("", "suggestion")]


def test_c5_a_workbook_saved_as_an_open_document_spreadsheet_comes_back(analysed: Path) -> None:
    odfdo = pytest.importorskip("odfdo")
    path = answer(handed_out(analysed, size=3), {"code:efficiency": "negative"})
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    for sheet in load_workbook(path):
        table = odfdo.Table(sheet.title)
        for cells in sheet.iter_rows(values_only=True):
            row = odfdo.Row()
            row.set_values(["" if cell is None else cell for cell in cells])
            table.append_row(row)
        document.body.append(table)
    document.save(str(path.with_suffix(".ods")))
    result = back(analysed, path.with_suffix(".ods"))
    assert (result.written, result.problems) == (1, ())


def test_c7_an_excerpt_with_five_suggested_links_is_answered_in_one_row(tmp_path: Path) -> None:
    names = [f"F{number}" for number in range(1, 6)]
    form = Form.of(codebook(), [Finding(id=name, criterion="missing", statement="It came.") for name in names])
    suggestion = Suggestion(links=dict.fromkeys(names, "supports"))
    item = Item("s:0-5", "aa", "link", "s", "line 1", "P-1", "", "", "words", "", suggested=suggestion)
    handout = Handout(key="k", study="s", coder="ana", base=0, codebook="1", shown=CoderView.SUGGESTION)
    path = tmp_path / "review.xlsx"
    write(path, [item], handout=handout, form=form, decisions=[], language="en")
    directions = dict(zip(names, ("supports", "no", "contradicts", "qualifies", "no"), strict=True))
    row = cells_of(answer(path, {f"direction{n}": word for n, word in enumerate(directions.values(), 1)}))
    assert [row[f"finding{n}"] for n in range(1, 6)] == names
    cells = {key: str(value or "") for key, value in row.items()}
    drafts = answers_of(cells, form.with_pairs(0, 5), form.choices("en")).drafts
    assert {draft.finding_id: draft.value or "no" for draft in drafts} == directions


# ---- accepting


def test_c8_accepting_takes_the_suggestion_whole_and_no_other_code(analysed: Path) -> None:
    path = handed_out(analysed, size=8)
    rows = [row for row in range(3, 11) if "negative" in str(cells_of(path, row)["suggestion"])]
    result = back(analysed, answer(path, {"accept": "x"}, rows[0]))
    assert result.problems == ()
    lines = decided(analysed)
    assert {line.kind for line in lines} >= {"code", "reviewed"}
    assert any(line.value == "negative" for line in lines)
    assert back(analysed, path).written == 0


def test_accepting_leaves_a_link_undecided_if_its_direction_is_unclear() -> None:
    suggestion = Suggestion(codes={}, links={"F1": "not_told", "F2": "supports"})
    form = Form.of(codebook(), [Finding(id=name, criterion="missing", statement="It came.") for name in ("F1", "F2")])
    cells = {"excerpt_id": "e", "text_sha256": "h", "accept": "x", "suggested": suggestion.as_cell(), "finding1": "F1"}
    drafts = answers_of(cells, form, form.choices("en")).drafts
    assert [(draft.finding_id, draft.value) for draft in drafts if draft.finding_id] == [("F2", "supports")]


def test_a_rows_own_answers_override_the_accepted_suggestion(analysed: Path) -> None:
    path = handed_out(analysed, size=8)
    row = next(row for row in range(3, 11) if "Effectiveness" in str(cells_of(path, row)["suggestion"]))
    back(analysed, answer(path, {"accept": "yes", "code:effectiveness": "no"}, row))
    assert [line.kind for line in decided(analysed) if line.criterion == "effectiveness"] == ["uncode"]


def test_nobody_elses_decision_is_handed_out_as_a_suggestion(analysed: Path) -> None:
    handed_back(analysed, {"code:efficiency": "positive"})
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    row = cells_of(handed_out(analysed, "ben", same_as="ana"))
    assert not row["suggestion"]
    assert not row["suggested"]


def test_words_that_changed_after_a_decision_are_shown_beside_the_new_ones(analysed: Path) -> None:
    path = handed_out(analysed, size=8)
    row = next(row for row in range(3, 11) if "dos horas" in str(cells_of(path, row)["text"]))
    back(analysed, answer(path, {"code:efficiency": "negative"}, row))
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    raw = analysed / "raw" / "interviews" / "rosa.txt"
    raw.write_text(raw.read_text("utf-8").replace("dos horas", "tres horas"), "utf-8")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    path = handed_out(analysed, size=8)
    contexts = {str(cells_of(path, row)["text"]): str(cells_of(path, row)["context"]) for row in range(3, 11)}
    (context,) = [context for text, context in contexts.items() if "tres horas" in text]
    assert "Decided on before the words changed" in context
    assert "dos horas" in context


def test_case_53_an_open_workbook_and_a_conflicted_copy_are_named_and_the_others_count(analysed: Path) -> None:
    path = answer(handed_out(analysed), {"code:effectiveness": "positive"})
    lock = path.with_name(f"~${path.name}")
    lock.write_bytes(b"\x03ana")
    result = back(analysed, lock, path)
    assert answers(analysed) == [("code", "effectiveness", "positive")]
    assert f"{lock.name}: is not a workbook" in problems(result)
    copy = Path(shutil.copy(path, path.with_stem(f"{path.stem} (conflicted copy)")))
    back(analysed, answer(path, {"code:effectiveness": "negative"}))
    older = back(analysed, copy)
    assert older.counts["conflicting"] == 1
    assert copy.name in problems(older)
    assert "negative" in problems(older)

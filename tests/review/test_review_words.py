"""The review workbook in the study's language: Spanish words out, the same ledger back."""

from dataclasses import replace
from pathlib import Path

from openpyxl import load_workbook
from small_publication import codebook
from test_review import back, columns, decided, differing, handed_out, problems

from pipeline.findings import Finding
from pipeline.review.form import Form, list_of

SPANISH = {"positive": "positiva", "negative": "negativa", "mixed": "mixta", "yes": "sí", "no": "no", "supports": "respalda",
           "contradicts": "contradice", "qualifies": "matiza"}  # fmt: skip
ROWS = (  # one row each: column -> word
    {"code:efficiency": "positive", "code:effectiveness": "no", "rest": "no"},
    {"code:sustainability": "yes", "other1": "Lesson", "other1_stance": "mixed"},
    {"finding1": "F1", "direction1": "qualifies", "finding2": "F2", "direction2": "no", "memo": "sí o no"},
)


def in_spanish(study: Path) -> Path:
    config = study / "config.toml"
    config.write_text(config.read_text("utf-8").replace('language = "en"', 'language = "es"', 1), "utf-8")
    return study


def fill(path: Path, rows: tuple[dict[str, str], ...], words: dict[str, str]) -> Path:
    """The workbook with these rows answered in these words, whatever its sheet is called."""
    book = load_workbook(path)
    sheet = book.worksheets[1]
    keys = columns(sheet)
    for number, answers in enumerate(rows, 3):
        for key, word in answers.items():
            sheet.cell(number, keys[key]).value = words.get(word, word)
    book.save(path)
    return path


def ledger_of(study: Path) -> list[tuple[str, ...]]:
    return [(d.kind, d.excerpt_id, d.criterion, d.finding_id, d.value, d.note) for d in decided(study)]


def test_a_workbook_filled_in_with_spanish_words_writes_the_same_ledger(analysed: Path) -> None:
    english = back(analysed, fill(handed_out(analysed, size=3), ROWS, {}))
    expected = ledger_of(analysed)
    (analysed / "coded" / "decisions.jsonl").unlink()
    spanish = back(analysed, fill(handed_out(in_spanish(analysed), size=3), ROWS, SPANISH))
    assert (english.problems, spanish.problems, spanish.counts) == ((), (), {"decided": 3})
    assert ledger_of(analysed) == expected
    assert {value for _, _, _, _, value, _ in expected} >= {"positive", "mixed", "qualifies"}


def test_what_was_decided_is_handed_out_again_in_spanish_words_and_comes_back_unchanged(analysed: Path) -> None:
    back(analysed, fill(handed_out(analysed, size=3), ROWS, {}))
    path = handed_out(in_spanish(analysed), again=True)
    sheet = load_workbook(path).worksheets[1]
    keys, shown = columns(sheet), [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert {row[keys["code:efficiency"] - 1] for row in shown} == {"positiva", ""}
    assert {row[keys["other1_stance"] - 1] for row in shown} == {"mixta", ""}
    assert {row[keys["direction1"] - 1] for row in shown} == {"matiza", ""}
    assert back(analysed, path).counts == {"unchanged": 3}


def test_a_spanish_workbook_shows_no_word_of_the_machine(analysed: Path) -> None:
    book = load_workbook(handed_out(in_spanish(analysed), size=3))
    assert book.sheetnames == ["Léame", "Revisión", "Info", "Lists"]
    assert [sheet.sheet_state for sheet in book] == ["visible", "visible", "hidden", "hidden"]
    sheet = book["Revisión"]
    keys = columns(sheet)
    reasons = {sheet.cell(row, keys["reason"]).value for row in range(3, 6)}
    assert not reasons & {"doubt", "link", "random", "strength", "contrary"}
    chosen = {cell.value for row in book["Lists"].iter_rows() for cell in row}
    assert not chosen & ({*SPANISH, "learning"} - {"no"})
    assert {"positiva", "respalda", "sí", "no"} <= chosen


def test_a_workbook_is_taken_back_even_if_the_study_has_another_language_now(analysed: Path) -> None:
    path = fill(handed_out(analysed, size=3), ROWS, {})
    assert back(in_spanish(analysed), path).counts == {"decided": 3}


def test_a_workbook_that_does_not_list_its_words_has_those_of_the_ledger(analysed: Path) -> None:
    path = fill(handed_out(analysed, size=3), ROWS, {"Lesson": "learning"})
    book = load_workbook(path)
    info = book["Info"]
    for row in range(info.max_row, 2, -1):
        if str(info.cell(row, 1).value).startswith("word:"):
            info.delete_rows(row)
    book.save(path)
    assert back(analysed, path).counts == {"decided": 3}


def test_case_does_not_matter_and_a_wrong_word_is_named_with_the_allowed_ones(analysed: Path) -> None:
    rows = ({"code:efficiency": "POSITIVA"}, {"code:efficiency": "respalda"}, {"finding1": "F1", "direction1": "sí"})
    result = back(analysed, fill(handed_out(in_spanish(analysed), size=3), rows, {}))
    assert result.counts == {"decided": 1, "damaged": 2}
    assert "use positiva, negativa, mixta, sí, no" in problems(result)
    assert "use respalda, contradice, matiza, incierta, no" in problems(result)


def test_a_ruling_in_spanish_words_is_the_same_ruling(analysed: Path) -> None:
    differing(analysed)
    path = handed_out(in_spanish(analysed), "eva", conflicts=True)
    book = load_workbook(path)
    sheet = book["Conflictos"]
    keys = columns(sheet)
    said = {
        sheet.cell(row, keys["target"]).value: sheet.cell(row, keys["said:ben"]).value
        for row in range(3, sheet.max_row + 1)
    }
    assert said == {"efficiency": "no", "effectiveness": "mixta", "F1": "contradice"}
    for row in range(3, sheet.max_row + 1):
        is_finding = sheet.cell(row, keys["target"]).value == "F1"
        sheet.cell(row, keys["ruling"]).value = "matiza" if is_finding else "negativa"
    book.save(path)
    assert back(analysed, path).counts == {"decided": 3}
    assert {d.value for d in decided(analysed)[-3:]} == {"yes:qualifies", "yes:negative"}


def form() -> Form:
    return Form.of(codebook(), [Finding(id="F1", criterion=codebook().ids[0], statement="The water came.")])


def test_words_that_the_ledger_knows_are_the_english_ones() -> None:
    lists = form().choices("en").lists
    assert all(
        shown == {"not_told": "unclear"}.get(means, means.replace("_", " "))
        for name, words in lists.items()
        if name != "codes"
        for shown, means in words.items()
    )


def test_codes_of_one_name_are_distinguished_by_their_id() -> None:
    doubled = replace(form(), further_codes=("missing", "missing"))
    assert list(doubled.choices("en").lists["codes"]) == ["The missing (missing)"]


def test_the_list_of_a_column_is_known_by_its_key() -> None:
    keys = ("code:other1", "rest", "other12", "other12_stance", "finding2", "direction2", "ruling", "memo", "why")
    assert [list_of(key) for key in keys] == [
        "answers", "rest", "codes", "stances", "findings", "directions", "rulings", "", "",
    ]  # fmt: skip

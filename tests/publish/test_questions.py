"""The evaluation matrix by question: one computation in report, workbook and annex, and a value altered in it is named."""

import re
import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from decided_study import decide
from docx import Document
from lxml import html
from second_verifier import shown
from second_verifier.shown import report as second_report
from second_verifier.stored import StoredStudy
from small_publication import publication
from studies import NOW, quiet

from pipeline.publish.html import report
from pipeline.publish.questions import NAMED, QuestionRow, question_rows
from pipeline.publish.references import references
from pipeline.publish.word.annex import annex
from pipeline.publish.workbook import pages
from pipeline.sheets import Sheet
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.vocabulary import Strength

COUNTS = ("persons", "supports", "qualifies", "contradicts", "undecided")


def rows_of(language: str = "en") -> tuple[QuestionRow, ...]:
    made = publication(language)
    return question_rows(made, references(made))


def test_a_finding_has_its_question_confirmed_sources_and_strength() -> None:
    first, second, _ = rows_of()
    assert (first.finding.question, first.references) == ("Did it meet needs?", ("FGD-02",))
    assert (first.persons, first.undecided, first.suggested_only) == (1, 3, False)
    assert (second.contradicts, second.undecided) == (0, 3)
    assert first.rating("es") == "débil"
    assert (second.sources("en"), second.rating("en")) == ("none", "unsupported\n(suggested only)")


def test_a_finding_counts_the_excerpts_that_support_qualify_and_contradict_it() -> None:
    made = publication()
    evidence = made.evidence.assign(status="confirmed")
    counted = {"supports": 2, "qualifies": 1, "contradicts": 1}
    assessments = {**made.assessments, "F1": replace(made.assessments["F1"], **counted)}
    first, *_ = question_rows(replace(made, evidence=evidence, assessments=assessments), references(made))
    assert {name: getattr(first, name) for name in counted} == counted


def test_of_many_sources_the_first_are_named_and_the_others_counted() -> None:
    row = replace(rows_of()[0], references=tuple(f"KII-{n:02d}" for n in range(1, NAMED + 4)), strength=Strength.WEAK)
    assert row.sources("en").endswith("KII-12 and 3 more")
    assert row.sources("es").endswith("KII-12 y 3 más")


def test_no_line_ends_within_a_reference() -> None:
    assert '<span class="nowrap">FGD-02</span>' in report.page(publication())


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["en", "es"])
def test_report_workbook_and_annex_say_the_same(language: str) -> None:
    made = publication(language)
    (sheet,) = (
        page
        for page in pages(made)
        if isinstance(page, Sheet) and page.fields[1:2] and page.fields[1].key == "question"
    )
    in_book = [[words(str(cell)) for cell in row] for row in sheet.rows]
    document = Document(BytesIO(annex(made)))
    in_annex = [[words(cell.text) for cell in row.cells] for row in document.tables[1].rows][1:]
    assert in_annex == [[words(f"{criterion} {question}"), *cells] for criterion, question, *cells in in_book]
    page = html.fromstring(report.page(made))
    in_report = []
    for row in page.xpath("//table[contains(@class, 'questions')]/tbody/tr"):
        cells = [
            "".join(cell.xpath(f".//span[@lang='{language}']//text()") or cell.itertext())
            for cell in row.xpath("./th | ./td[not(a)]")
        ]
        in_report.append([*map(words, cells)])
    assert in_report == [[row[0], row[1], *row[4:]] for row in in_book]


@pytest.fixture(scope="module")
def decided(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, decided by people, with a question at each finding."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("questions") / "study")
    path = root / "coded" / "findings.toml"
    path.write_text(
        re.sub(r"(\[\[findings\]\]\n)", r'\1question = "Does it last?"\n', path.read_text("utf-8")), "utf-8"
    )
    decide(root)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    return root


def wrong(root: Path) -> list[str]:
    return [str(problem) for check in audit(root) for problem in check.problems]


def test_an_untouched_matrix_is_what_the_audit_expects(decided: Path) -> None:
    assert wrong(decided) == []


@pytest.mark.parametrize(
    "column",
    "criterion question finding_id statement confirmed_sources persons supports qualifies contradicts undecided strength".split(),
)
def test_the_audit_names_a_cell_of_the_book_that_was_altered(decided: Path, tmp_path: Path, column: str) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Evaluation matrix"]
    at = [cell.value for cell in sheet[1]].index(column) + 1
    sheet.cell(3, at, 77 if column in COUNTS else "Something else")
    book.save(path)
    assert any(f"sheet Evaluation matrix row 3: its {column} differs" in problem for problem in wrong(root))


@pytest.mark.parametrize("column", COUNTS)
def test_a_second_verifier_counts_the_matrix_in_report_annex_and_book(
    decided: Path, tmp_path: Path, column: str
) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    study, number = StoredStudy(root), COUNTS.index(column)
    assert [*shown.workbook(study), *shown.report(study), *shown.annex(study)] == []
    outputs = root / "outputs"

    book = openpyxl.load_workbook(outputs / "evidence.xlsx")
    keys = [cell.value for cell in book["Evaluation matrix"][1]]
    book["Evaluation matrix"].cell(3, keys.index(column) + 1, 77)
    book.save(outputs / "evidence.xlsx")
    page = html.fromstring((outputs / "report.html").read_text("utf-8"))
    page.xpath("//table[contains(@class, 'questions')]/tbody/tr")[0].xpath("./td[@class='n']")[number].text = "77"
    (outputs / "report.html").write_bytes(html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>"))
    document = Document(str(outputs / "report.docx"))
    document.tables[1].rows[1].cells[number - len(COUNTS) - 1].paragraphs[0].runs[0].text = "77"
    document.save(str(outputs / "report.docx"))

    found = [str(each) for each in (*shown.workbook(study), *shown.report(study), *shown.annex(study))]
    for file in ("evidence.xlsx", "report.html", "report.docx"):
        assert any(file in each and "evaluation matrix" in each for each in found)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (0, "criterion"),
        (1, "question"),
        (3, "confirmed_sources"),
        (4, "persons"),
        (5, "supports"),
        (6, "qualifies"),
        (7, "contradicts"),
        (8, "undecided"),
        (9, "strength"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_audit_names_a_cell_of_the_report_that_was_altered(
    decided: Path, tmp_path: Path, cell: int, name: str, language: str
) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    page = html.fromstring(path.read_text("utf-8"))
    element = page.xpath("//table[contains(@class, 'questions')]/tbody/tr")[0][cell]
    spans = element.xpath(f".//span[@lang='{language}']") or [element]
    spans[0].text = "Something else 77"
    path.write_bytes(html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>"))
    assert any(
        "report.html evaluation matrix" in problem and f"its {name} does not match" in problem
        for problem in wrong(root)
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_audit_names_an_altered_count_of_undecided_excerpts(decided: Path, tmp_path: Path, language: str) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    page = html.fromstring(path.read_text("utf-8"))
    shown = page.xpath(f"//section/p[contains(@class, 'undecided')]/span[@lang='{language}']")[0]
    shown.text = f"77 {shown.text.split(' ', 1)[1]}"
    path.write_bytes(html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>"))
    assert any("its undecided does not follow" in problem for problem in wrong(root))
    assert any("undecided excerpts" in str(difference) for difference in second_report(StoredStudy(root)))


def test_the_audit_names_a_finding_that_is_gone_from_the_matrix(decided: Path, tmp_path: Path) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    page = html.fromstring(path.read_text("utf-8"))
    row = page.xpath("//table[contains(@class, 'questions')]/tbody/tr")[-1]
    row.getparent().remove(row)
    path.write_bytes(html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>"))
    assert any("evaluation matrix: has" in problem for problem in wrong(root))

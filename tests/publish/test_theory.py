"""The theory of change as it is shown: a drawing that can be read, one count in report, workbook, annex and CSV, audited."""

import re
import shutil
from dataclasses import replace
from io import BytesIO
from itertools import combinations
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from decided_study import decide
from docx import Document
from lxml import html
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch
from matplotlib.textpath import TextPath
from small_publication import THEORY, drawn_of, publication, with_theory
from studies import NOW, quiet

from pipeline import wording
from pipeline.codebook.theory_of_change import Arrow, Element, TheoryOfChange
from pipeline.publish import drawings
from pipeline.publish.html import report
from pipeline.publish.released import ReducedPublication
from pipeline.publish.theory.drawing import LARGEST, MARGIN, SIZES, name_lines
from pipeline.publish.theory.layout import Layout, layout
from pipeline.publish.word.annex import annex
from pipeline.publish.word.annex import write as write_annex
from pipeline.publish.workbook import pages
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.sheets import Sheet
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.check import check
from pipeline.vocabulary import DecisionKind, ElementKind

# ---------------------------------------------------------------- the layout


def theory(*parts: str) -> TheoryOfChange:
    """Elements such as "a activity > b c" (a leads to b and c)."""
    elements = []
    for part in parts:
        head, _, targets = part.partition(" > ")
        name, kind = head.split()
        elements.append(Element(name, ElementKind(kind), (("", name),), "x", leads_to=tuple(targets.split())))
    return TheoryOfChange(tuple(elements))


def drawn(made: TheoryOfChange, size: str = "wide") -> Layout:
    return layout(made.elements, made.arrows, {each.id: 90.0 for each in made.elements}, SIZES[size])


WIDE_THEORY = theory(
    "trust assumption > a1 a2",
    *(f"a{n} activity > o{n} o{n % 6 + 1}" for n in range(1, 7)),
    *(f"o{n} output > c1 c{n % 3 + 1}" for n in range(1, 7)),
    *(f"c{n} outcome > i" for n in (1, 2, 3)),
    "i impact",
)


@pytest.mark.parametrize("size", SIZES)
def test_no_two_boxes_overlap_and_all_are_inside_the_drawing(size: str) -> None:
    made = drawn(WIDE_THEORY, size)
    for one, two in combinations(made.boxes, 2):
        is_beside = one.x + one.width <= two.x or two.x + two.width <= one.x
        assert is_beside or one.y + one.height <= two.y or two.y + two.height <= one.y, (one, two)
    assert all(box.x >= 0 and box.x + box.width <= made.width for box in made.boxes)
    assert all(box.y >= 0 and box.y + box.height <= made.height for box in made.boxes)
    assert len(made.lines) == len(WIDE_THEORY.arrows)


def test_the_annex_shows_the_drawing_as_large_as_the_page_allows_and_says_what_it_is(tmp_path: Path) -> None:
    made = with_theory(publication())
    drawings.write(made, tmp_path, {})
    write_annex(made, tmp_path)
    document = Document(str(tmp_path / "report.docx"))
    (shape,) = document.inline_shapes
    is_high = shape.height > shape.width
    turned, page, after = document.sections[1:4] if is_high else [document.sections[1]] * 3
    assert (turned.page_height > turned.page_width, after.page_height > after.page_width) == (False, False)
    assert (page.page_height > page.page_width) is is_high
    assert shape.width <= page.page_width - page.left_margin - page.right_margin
    assert shape.height < page.page_height - page.top_margin - page.bottom_margin
    assert "Drawing of the theory of change" in shape._inline.docPr.get("descr")
    texts = [each.text for each in document.paragraphs]
    caption = next(text for text in texts if text.startswith("Figure 1."))
    title = wording.text("figure.theory_title", "en")  # in the picture
    assert not any(title in text for text in texts)
    at = texts.index(caption)
    assert texts[at - 1] == "3  Theory of change"  # on the upright page of the drawing, if it has one
    assert "3  Theory of change\t" in texts[:at]  # in the contents
    (picture,) = [each for each in document.part.package.iter_parts() if each.partname.startswith("/word/media/")]
    assert picture.blob == (tmp_path / "figures" / "theory-of-change.png").read_bytes()


def test_arrows_that_nobody_states_are_a_sentence_in_the_annex_and_those_that_somebody_states_a_table() -> None:
    made = with_theory(publication())
    texts = [each.text for each in Document(BytesIO(annex(made))).paragraphs]
    said = wording.text("annex.no_paths", "en", n=len(made.arrows))
    assert (said in texts, any("Arrows, drawn and stated" in text for text in texts)) == (True, False)
    stated = replace(made, arrows=made.arrows.assign(excerpts=1, persons=1))
    texts = [each.text for each in Document(BytesIO(annex(stated))).paragraphs]
    assert (said in texts, any("Arrows, drawn and stated" in text for text in texts)) == (False, True)


def test_the_figure_has_every_element_and_every_arrow_of_the_theory() -> None:
    made = with_theory(publication("es"))
    (axes,) = drawn_of(made)["theory-of-change"].get_axes()
    words = " ".join(text.get_text() for text in axes.texts)
    for element in made.theory.elements:
        assert all(word in words for word in element.name_in("es").split())
    arrows = [each for each in axes.patches if isinstance(each, FancyArrowPatch)]
    assert len(arrows) == len(made.theory.arrows)


def test_an_arrow_leads_down_and_kinds_follow_each_other() -> None:
    made = drawn(theory("late outcome", "work activity > late thing", "thing output > late", "hope assumption > late"))
    y = {box.element: box.y for box in made.boxes}
    assert y["work"] < y["thing"] < y["late"]
    assert y["hope"] < y["late"]
    assert not any(line.is_feedback for line in made.lines)


def test_a_long_arrow_passes_beside_the_boxes_between() -> None:
    made = drawn(theory("a activity > b c", "b output > c", "c outcome"))
    (between,) = (box for box in made.boxes if box.element == "b")
    (line,) = (each for each in made.lines if each.arrow == Arrow("a", "c"))
    straight = re.search(r"([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)", line.path)
    assert straight
    assert not between.x <= float(straight[1]) <= between.x + between.width


def test_feedback_is_drawn_upwards_and_marked() -> None:
    made = drawn(theory("a activity > b", "b outcome > a b"))
    (line,) = (each for each in made.lines if each.arrow == Arrow("b", "a"))
    first, last = re.search(r"M[\d.]+ ([\d.]+)", line.path), re.search(r" ([\d.]+)$", line.path)
    assert line.is_feedback
    assert first
    assert last
    assert float(first[1]) > float(last[1])


def test_the_order_of_a_layer_avoids_crossings() -> None:
    made = drawn(theory("a activity > x", "b activity > y", "y output", "x output"))
    x = {box.element: box.x for box in made.boxes}
    assert (x["a"] < x["b"]) == (x["x"] < x["y"])


def test_the_same_theory_gives_the_same_drawing() -> None:
    assert drawn(WIDE_THEORY) == drawn(WIDE_THEORY)


# ---------------------------------------------------------------- what is shown


def cells(language: str) -> dict[str, list[list[str]]]:
    """The cells of elements, kinds, targets, status and confirmed counts in workbook, annex and report."""
    made = with_theory(publication(language))
    (sheet,) = (page for page in pages(made) if isinstance(page, Sheet) and page.fields[1].key == "element_kind")
    document = Document(BytesIO(annex(made)))
    page = html.fromstring(report.page(made))
    of_report = [
        ["".join(cell.xpath(f".//span[@lang='{language}']//text()") or cell.itertext()) for cell in row][:9]
        for row in page.xpath("//table[contains(@class, 'elements')]/tbody/tr")
    ]
    return {
        "book": [[str(cell) for cell in row][:9] for row in sheet.rows],
        "annex": [[cell.text for cell in row.cells] for row in document.tables[6].rows][1:],
        "report": of_report,
    }


@pytest.mark.parametrize("language", ["en", "es"])
def test_report_workbook_and_annex_say_the_same(language: str) -> None:
    shown = cells(language)
    first = {"en": ["Somebody comes <b>", "activity", "It goes on", "contested"],
             "es": ["Alguien viene <b>", "actividad", "It goes on", "controvertido"]}[language]  # fmt: skip
    assert shown["book"][0] == [*first, "3", "3", "2", "4", "0"]
    documents = [row[8] for row in shown["book"]]
    assert documents == ["0", "1"]
    assert shown["annex"] == shown["report"] == shown["book"]


def test_a_study_without_a_theory_shows_nothing_of_it() -> None:
    made = publication()
    assert "theory" not in html.fromstring(report.page(made)).xpath("//nav[@class='pages']//a/@data-to")
    assert not [page for page in pages(made) if isinstance(page, Sheet) and page.fields[0].key == "element"]
    assert len(Document(BytesIO(annex(made))).tables) + 1 == len(Document(BytesIO(annex(with_theory(made)))).tables)


def test_a_box_leads_to_the_words_behind_it_and_says_so_without_colour() -> None:
    page = html.fromstring(report.page(with_theory(publication())))
    for drawing in page.xpath("//figure[contains(@class, 'theory')]//svg"):
        for link in drawing.xpath(".//a[@data-element]"):
            assert page.xpath(f"//section[@id='{link.get('href')[1:]}']//li[@data-excerpt]")
            assert link.xpath("./text[@class='status']/tspan[@lang='en']/text()")
        assert "2 elements and 1 arrow" in drawing.get("aria-label")
    names = page.xpath("//figure[contains(@class, 'wide')]//g[@lang='es']/text/text()")
    assert names == ["Alguien viene <b>"]


def test_what_the_machine_alone_believes_is_marked_and_counts_for_nothing() -> None:
    page = html.fromstring(report.page(with_theory(publication(), status="machine")))
    (row, _) = page.xpath("//table[contains(@class, 'elements')]/tbody/tr")
    assert "silent (the machine alone)" in row[3].text_content()
    section = page.get_element_by_id("element-visits")
    assert not section.xpath("./section")
    assert section.xpath("./details[contains(@class, 'machine')]//li[contains(@class, 'by-suggested')]")


def test_a_theory_with_too_many_elements_has_a_table_and_no_drawing() -> None:
    few = theory(*(f"e{n} outcome" for n in range(LARGEST + 1))).elements
    many = TheoryOfChange(tuple(replace(each, code="relevance") for each in few))
    page = html.fromstring(report.page(with_theory(publication(), many)))
    assert not page.xpath("//figure[contains(@class, 'theory')]")
    assert len(page.xpath("//table[contains(@class, 'elements')]/tbody/tr")) == LARGEST + 1


# ---------------------------------------------------------------- in a study

FILE = """
[[elements]]
id = "forms"
kind = "activity"
name.en = "Forms are handed in"
name.es = "Se entregan formularios"
code = "efficiency"
leads_to = ["lasts"]

[[elements]]
id = "lasts"
kind = "outcome"
name.en = "It lasts"
name.es = "Dura"
code = "sustainability"
leads_to = ["forms"]

[[elements]]
id = "lost"
kind = "impact"
name = "Left out"
code = "no-such-code"
"""


@pytest.fixture(scope="module")
def decided(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with a theory of change, decided by people."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("theory") / "study")
    (root / "coded" / "theory_of_change.toml").write_text(FILE, "utf-8")
    decide(root)
    return root


def wrong(root: Path) -> list[str]:
    return [str(problem) for check in audit(root) for problem in check.problems]


def test_check_and_run_name_the_element_that_is_left_out_and_the_loop(decided: Path) -> None:
    result = check(decided)
    assert any("element lost: code 'no-such-code' is not in the codebook" in str(each) for each in result.problems)
    assert any("forms: leads back to itself: forms → lasts → forms" in str(each) for each in result.remarks)
    outcome = analyze(decided, fresh=False, now=NOW, tick=quiet)
    assert any("element lost" in str(each) for each in outcome.problems)
    assert outcome.exit_code == 2


def test_the_table_has_the_elements_and_the_audit_counts_them_again(decided: Path) -> None:
    table = pd.read_csv(decided / "outputs" / "theory_of_change.csv", keep_default_na=False)
    assert list(table["element"]) == ["forms", "lasts"]
    assert table["status"].iloc[0] in ("contested", "contradicted")
    assert wrong(decided) == []


@pytest.mark.parametrize(
    "column", ["kind", "name", "codes", "leads_to", "status", "persons", "supporting", "machine_persons"]
)
def test_the_audit_names_a_cell_of_the_table_that_was_altered(decided: Path, tmp_path: Path, column: str) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "theory_of_change.csv"
    data = pd.read_csv(path, dtype="str", keep_default_na=False)
    data.loc[0, column] = "77"
    data.to_csv(path, index=False, lineterminator="\n")
    assert any(f"theory_of_change.csv line 2: its {column} does not match" in problem for problem in wrong(root))


@pytest.mark.parametrize(
    ("sheet", "column"),
    [
        ("Theory of change", name)
        for name in ("element", "leads_to", "element_status", "contradicting", "machine_excerpts")
    ]
    + [("Words on the theory", name) for name in ("element", "direction", "status", "quote", "excerpt_id")],
)
def test_the_audit_names_a_cell_of_the_book_that_was_altered(
    decided: Path, tmp_path: Path, sheet: str, column: str
) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    at = [cell.value for cell in book[sheet][1]].index(column) + 1
    book[sheet].cell(4, at, "77")
    book.save(path)
    assert any(f"sheet {sheet} row 4" in problem and column in problem for problem in wrong(root))


@pytest.mark.parametrize(
    ("find", "put", "name"),
    [
        ("//table[contains(@class, 'elements')]/tbody/tr[1]/td[6]", "77", "its contradicting is not"),
        ("//figure//text[@class='sides']/tspan[@lang='es']", "77 a favor", "does not show its name and evidence"),
        ("//figure//text[@class='status']/tspan[@lang='en']", "supported", "does not show its name and evidence"),
        ("//section[@id='element-forms']//blockquote", "Never spoken.", "are not the words of the excerpt"),
    ],
)
def test_the_audit_names_what_was_altered_in_the_report(
    decided: Path, tmp_path: Path, find: str, put: str, name: str
) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    page = html.fromstring(path.read_text("utf-8"))
    element = page.xpath(find)[0]
    for child in list(element):
        element.remove(child)
    element.text = put
    path.write_bytes(html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>"))
    assert any("report.html theory of change" in problem and name in problem for problem in wrong(root))


@pytest.mark.parametrize(
    ("find", "name"),
    [
        ("//figure//a[@data-start]", "its arrows are not those that are drawn or stated"),
        ("//figure//a[@data-element]", "its boxes are not the elements"),
        ("//section[@id='element-forms']//li[@data-excerpt]", "are not those of the codings"),
        ("//section[@data-page='theory']", "is missing"),
    ],
)
def test_the_audit_names_what_was_taken_out_of_the_report(decided: Path, tmp_path: Path, find: str, name: str) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    page = html.fromstring(path.read_text("utf-8"))
    element = page.xpath(find)[0]
    element.getparent().remove(element)
    path.write_bytes(html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>"))
    assert any("report.html theory of change" in problem and name in problem for problem in wrong(root))


def test_released_editions_have_no_place_for_it() -> None:
    assert not {"theory", "elements", "element_voices"} & set(ReducedPublication.__slots__)


# ---------------------------------------------------------------- causal paths


def mark(root: Path, note: str, number: int, coder: str = "ana") -> None:
    row = pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'").iloc[number]
    draft = Draft(DecisionKind.MEMO, row["excerpt_id"], row["text_sha256"], note=note)
    ledger.append(root / "coded" / "decisions.jsonl", [draft], coder=coder, now=NOW)


@pytest.fixture(scope="module")
def marked(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study in which coders marked paths in memos: told twice, divided, changed later, and not drawn."""
    root = shutil.copytree(decided, tmp_path_factory.mktemp("paths") / "study")
    theory = root / "coded" / "theory_of_change.toml"
    theory.write_text(FILE.replace('leads_to = ["forms"]\n', ""), "utf-8")
    mark(root, "forms -> lasts", 0)
    mark(root, "forms -> lasts", 1)
    mark(root, "forms -> lasts", 2)
    mark(root, "forms -/-> lasts", 2, "leo")
    mark(root, "forms -> lasts", 3)
    mark(root, "on second thoughts, nothing", 3)
    mark(root, "lasts -> forms", 4)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    return root


def test_paths_that_coders_marked_are_stated_and_the_audit_recounts_their_memos(marked: Path) -> None:
    table = pd.read_csv(marked / "outputs" / "causal_paths.csv")
    assert list(table["status"]) == ["told", "undrawn"]
    assert list(table["excerpts"]) == [2, 1]
    assert wrong(marked) == []
    page = html.fromstring((marked / "outputs" / "report.html").read_text("utf-8"))
    assert len(page.xpath("//section[@id='path-1']/ol/li")) == 2
    assert [
        link.find("path").get("class") for link in page.xpath("//figure[contains(@class, 'wide')]//a[@data-start]")
    ] == [
        "arrow told",
        "arrow undrawn feedback",
    ]


@pytest.mark.parametrize("column", ["status", "persons", "excerpts"])
def test_the_audit_names_a_path_whose_counts_were_altered(marked: Path, tmp_path: Path, column: str) -> None:
    root = shutil.copytree(marked, tmp_path / "altered")
    path = root / "outputs" / "causal_paths.csv"
    data = pd.read_csv(path, dtype="str", keep_default_na=False)
    data.loc[0, column] = "77"
    data.to_csv(path, index=False, lineterminator="\n")
    assert any(f"causal_paths.csv line 2: its {column} does not match" in problem for problem in wrong(root))


@pytest.mark.parametrize(
    ("sheet", "column", "name"),
    [
        ("Causal paths", "persons", "its persons differs"),
        ("Causal paths", "arrow_status", "its arrow_status differs"),
        ("Words on the paths", "quote", "its quote differs"),
        ("Words on the paths", "consequence", "suggests a path that codes and words do not"),
    ],
)
def test_the_audit_names_a_cell_on_paths_that_was_altered(
    marked: Path, tmp_path: Path, sheet: str, column: str, name: str
) -> None:
    root = shutil.copytree(marked, tmp_path / "altered")
    path = root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    at = [cell.value for cell in book[sheet][1]].index(column) + 1
    book[sheet].cell(3, at, "77")
    book.save(path)
    assert any(f"sheet {sheet}" in problem and name in problem for problem in wrong(root))


@pytest.mark.parametrize(
    ("find", "name"),
    [
        ("//section[@id='path-1']/ol/li", "are not those that coders marked"),
        ("//figure//a[@data-start]", "its arrows are not those that are drawn or stated"),
        ("//figure//text[@class='told']", "the numbers beside its arrows"),
        ("//table[contains(@class, 'paths')]/tbody/tr", "has 1 rows instead of 2"),
    ],
)
def test_the_audit_names_a_path_that_is_gone_from_the_report(
    marked: Path, tmp_path: Path, find: str, name: str
) -> None:
    root = shutil.copytree(marked, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    page = html.fromstring(path.read_text("utf-8"))
    element = page.xpath(find)[0]
    element.getparent().remove(element)
    path.write_bytes(html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>"))
    assert any(name in problem for problem in wrong(root))


def test_report_and_book_show_suggested_paths_apart_from_stated_ones() -> None:
    excerpts = publication().excerpts
    excerpt = str(excerpts.loc[excerpts["text"].str.startswith("They came"), "excerpt_id"].item())
    theory_of_one = TheoryOfChange(tuple(replace(each, code="relevance") for each in THEORY.elements))
    made = with_theory(publication(), theory_of_one, cues={excerpt: "when nobody"})
    page = html.fromstring(report.page(made))
    section = page.get_element_by_id("path-1")
    assert not section.xpath("./ol")
    assert section.xpath("./details//li[contains(@class, 'by-suggested')]")
    assert "visits -> lasting" in section.xpath("./details//code/text()")
    (sheet,) = (
        each for each in pages(made) if isinstance(each, Sheet) and "cue" in [field.key for field in each.fields]
    )
    (row,) = sheet.rows
    assert tuple(row[2:4]) == ("suggested by its words", "when nobody")


@pytest.mark.parametrize(
    "name",
    [
        "Communities mourn WITH many more women among them",
        "Familias que saben qué pasó con sus seres queridos",
        "Immunocompromised-community-members-whom-nobody-mentions",
        "a",
    ],
)
@pytest.mark.parametrize("width", [212, 256])
def test_the_lines_of_a_name_stay_within_its_box(name: str, width: int) -> None:
    font = FontProperties(family="DejaVu Sans", weight="bold", size=14)  # wider than the fonts of the page
    lines = name_lines(name, width - 2 * MARGIN)
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")
    for line in lines:
        assert TextPath((0, 0), line, prop=font).get_extents().width <= width - 2 * MARGIN

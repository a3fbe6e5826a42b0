"""What became of every excerpt: used by a finding, or why not; the counts add up, the words are there, consent holds."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from decided_study import decide
from lxml import html
from small_publication import publication

from pipeline.evidence.use_of_excerpts import use_of_excerpts
from pipeline.publish.html import report
from pipeline.publish.workbook import pages
from pipeline.sheets import Sheet
from pipeline.steps.audit import audit


def uses(links: str = "", coded: str = "", doubtful: str = "", copies: str = "", excerpts: str = "0123456") -> Any:
    """What became of excerpts, each in its own source; links such as "0c 1s 2r" are confirmed, suggested or rejected."""
    words = {"c": "confirmed", "s": "suggested", "r": "rejected"}
    rows = [(name, f"S{name}") for name in excerpts]
    linked = [(link[0], words[link[1]]) for link in links.split()]
    codings = [(name, name in coded, name in doubtful) for name in excerpts]
    table = use_of_excerpts(
        pd.DataFrame(rows, columns=["excerpt_id", "source_id"]),
        pd.DataFrame(linked, columns=["excerpt_id", "status"]),
        pd.DataFrame(codings, columns=["excerpt_id", "coded", "doubtful"]),
        copied={f"S{name}" for name in copies},
    )
    return dict(zip(table["excerpt_id"], table["use"], strict=True))


def test_every_excerpt_has_one_reason() -> None:
    assert uses("0c 1s 2r", coded="0123", doubtful="4", copies="5") == {
        "0": "used",
        "1": "suggested",
        "2": "rejected",
        "3": "no_finding",
        "4": "doubtful",
        "5": "copy",
        "6": "not_coded",
    }


def test_one_confirmed_link_is_enough_and_a_suggestion_waits_beside_a_rejected_one() -> None:
    assert uses("0r 0s 0c 1r 1s", excerpts="01") == {"0": "used", "1": "suggested"}


def test_a_copy_is_used_only_by_a_link_that_people_confirmed_on_it() -> None:
    assert uses("0c 1s", coded="01", copies="01", excerpts="01") == {"0": "used", "1": "copy"}


# ---------------------------------------------------------------- what is shown


def sheet_of(made: Any) -> Sheet:
    (sheet,) = (page for page in pages(made) if isinstance(page, Sheet) and page.fields[0].key == "use")
    return sheet


def test_the_book_has_the_unused_excerpts_with_their_words_codes_and_reasons() -> None:
    made = publication()
    rows = [dict(zip([field.key for field in sheet_of(made).fields], row, strict=True)) for row in sheet_of(made).rows]
    assert len(rows) == (made.uses["use"] != "used").sum()
    (row,) = (row for row in rows if str(row["text"]).startswith("The forms"))
    assert (row["use"], row["carried"], row["participant"]) == (
        "only suggested: nobody decided on the link",
        "Relevance",
        "P-2B3C",
    )
    assert not [row for row in rows if str(row["text"]).startswith("They came")]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_counts_of_the_report_add_up_to_all_excerpts_of_respondents(language: str) -> None:
    made = publication(language)
    page = html.fromstring(report.page(made))
    (table,) = page.xpath("//table[contains(@class, 'uses')]")
    counts = [int(row[1].text_content()) for row in table.xpath("./tbody/tr")]
    total = int(table.xpath("./tfoot/tr")[0][1].text_content())
    assert sum(counts) == total == (made.excerpts["role"] == "respondent").sum()


def test_of_who_wants_no_quotes_the_reason_is_listed_without_the_words() -> None:
    made = publication()
    is_theirs = made.excerpts["participant"] == "P-2B3C"
    hidden = made.excerpts.assign(
        text=made.excerpts["text"].mask(is_theirs, made.note), shown=made.excerpts["shown"].mask(is_theirs, "withheld")
    )
    made = replace(made, excerpts=hidden)
    assert "The forms took months" not in str(list(sheet_of(made).rows))
    page = html.fromstring(report.page(made))
    (foot,) = page.xpath("//table[contains(@class, 'uses')]/tfoot/tr")
    assert foot[2].text_content() == "2"


# ---------------------------------------------------------------- in a study


@pytest.fixture(scope="module")
def decided(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("unused") / "study")
    decide(root)
    return root


def wrong(root: Path) -> list[str]:
    return [str(problem) for check in audit(root) for problem in check.problems]


def test_nothing_is_lost_in_a_study_and_its_audit_counts_again(decided: Path) -> None:
    excerpts = pd.read_parquet(decided / "coded/machine/excerpts.parquet").query("role == 'respondent'")
    links = pd.read_parquet(decided / "coded/machine/links.parquet").query("status == 'confirmed'")
    sheet = openpyxl.load_workbook(decided / "outputs/evidence.xlsx")["Unused excerpts"]
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert len(rows) + links["excerpt_id"].nunique() == len(excerpts)
    assert len(Counter(row[0] for row in rows)) > 2
    assert wrong(decided) == []


@pytest.mark.parametrize("column", ["use", "text", "question", "source_id", "excerpt_id"])
def test_the_audit_names_a_cell_of_the_book_that_was_altered(decided: Path, tmp_path: Path, column: str) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Unused excerpts"]
    sheet.cell(4, [cell.value for cell in sheet[1]].index(column) + 1, "Something else")
    book.save(path)
    assert any("sheet Unused excerpts row" in problem and column in problem for problem in wrong(root))


def test_the_audit_names_an_unused_excerpt_that_is_gone(decided: Path, tmp_path: Path) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    book["Unused excerpts"].delete_rows(5)
    book.save(path)
    assert any("sheet Unused excerpts: has" in problem for problem in wrong(root))


@pytest.mark.parametrize("column", [1, 2])
def test_the_audit_names_a_count_of_the_report_that_was_altered(decided: Path, tmp_path: Path, column: int) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    page = html.fromstring(path.read_text("utf-8"))
    cell = page.xpath("//table[contains(@class, 'uses')]/tbody/tr")[0][column]
    for child in list(cell):
        cell.remove(child)
    cell.text = "7777"
    path.write_bytes(html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>"))
    assert any("what became of the excerpts" in problem for problem in wrong(root))


@pytest.mark.parametrize(("program", "is_named"), [("", True), ("an older program", False)])
def test_a_report_of_an_older_program_need_not_say_what_became_of_the_excerpts(
    decided: Path, tmp_path: Path, program: str, *, is_named: bool
) -> None:
    root = shutil.copytree(decided, tmp_path / "older")
    record = root / "outputs" / "run.json"
    content = json.loads(record.read_text("utf-8"))
    record.write_text(json.dumps({**content, "program": program or content["program"]}), "utf-8")
    path = root / "outputs" / "report.html"
    path.write_text(path.read_text("utf-8").replace('class="list narrow uses"', 'class="list narrow"'), "utf-8")
    assert any("what became of the excerpts" in problem for problem in wrong(root)) == is_named

"""The words that coders marked, in everything that is published: the quote shows them, with what is around them in grey."""

import csv
import json
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from lxml import etree, html
from second_verifier import verify
from studies import NOW, quiet

from pipeline import tables
from pipeline.evidence.marked import marked_stretches, with_marked_words
from pipeline.publish.html.texts import marked_in_excerpts
from pipeline.records import Draft, MarkedSpan
from pipeline.review import decisions as ledger
from pipeline.review.placement import with_selectors
from pipeline.spans import Stretch, of_cell
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.exchange.export import export
from pipeline.vocabulary import DecisionKind

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def stored(study: Path, table: tables.Table) -> pd.DataFrame:
    return tables.read_table(study / f"coded/machine/{table.name}.parquet", table)


def evidence(study: Path) -> list[dict[str, str]]:
    with (study / "outputs/evidence.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mark(study: Path, row: dict[str, str], coder: str, start: int, end: int) -> None:
    """Let a coder give the code of a row of evidence.csv to its excerpt and mark words of it."""
    excerpt = stored(study, tables.EXCERPTS).set_index("excerpt_id").loc[row["excerpt_id"]]
    blank = Draft(DecisionKind.CODE, row["excerpt_id"], excerpt["text_sha256"], criterion=row["criterion"])
    span = Draft(
        DecisionKind.SPAN,
        row["excerpt_id"],
        excerpt["text_sha256"],
        criterion=row["criterion"],
        span=MarkedSpan(start, end),
    )
    frames = {table.name: stored(study, table) for table in (tables.TEXTS, tables.TURNS)}
    ledger.append(study / "coded/decisions.jsonl", with_selectors([blank, span], frames), coder=coder, now=NOW)


def test_a_quote_shows_the_union_of_what_coders_marked_everywhere(analysed: Path) -> None:
    row = next(row for row in evidence(analysed) if row["shown"] == "whole" and len(row["quote"]) > 40)
    quote = row["quote"]
    for coder, start, end in (("ana", 0, 9), ("ben", 5, 14), ("ben", 20, 30)):
        mark(analysed, row, coder, start, end)
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    (now,) = [
        each
        for each in evidence(analysed)
        if (each["excerpt_id"], each["finding_id"]) == (row["excerpt_id"], row["finding_id"])
    ]
    marked = [quote[start:end] for start, end in of_cell(now["span_at"])]
    assert now["quote"] == quote
    assert now["span"] == " […] ".join(marked)
    assert marked[0].startswith(quote[:5])
    assert len(marked) == 2
    page = html.fromstring((analysed / "outputs/report.html").read_bytes())
    voice = page.xpath(f"//li[@data-excerpt='{row['excerpt_id']}']/blockquote")[0]
    assert [each.text for each in voice.xpath("./b[@class='marked']")] == marked
    assert "".join(voice.itertext()) == quote
    data = json.loads(page.xpath("//script[@id='data']/text()")[0])  # for the page of the person
    assert [quote[start:end] for start, end in data["marked"][row["excerpt_id"]]] == marked
    sheet = next(
        s for s in openpyxl.load_workbook(analysed / "outputs/evidence.xlsx", rich_text=True) if "Evidence" in s.title
    )
    keys = [cell.value for cell in sheet[1]]
    rich = next(r for r in sheet.iter_rows(min_row=3) if r[keys.index("excerpt_id")].value == row["excerpt_id"])
    parts = rich[keys.index("quote")].value
    ink = {part.font.color.rgb for part in parts if part.text in marked}
    assert str(parts) == quote
    assert ink == {"FF1F2933"}
    assert {part.font.color.rgb for part in parts if part.text not in marked} == {"FF6B7280"}
    assert rich[keys.index("span")].value == now["span"]
    with zipfile.ZipFile(analysed / "outputs/report.docx") as archive:
        body = etree.fromstring(archive.read("word/document.xml"))
    runs = [run for run in body.iter(f"{WORD}r") if "".join(run.itertext()) in marked]
    assert runs
    assert all(run.find(f"{WORD}rPr/{WORD}color") is None for run in runs)
    target = analysed / "flat.csv"
    export(analysed, target)
    with target.open(encoding="utf-8", newline="") as file:
        flat = [each for each in csv.DictReader(file) if each["excerpt_id"] == row["excerpt_id"]]
    assert {each["span"] for each in flat if each["criterion"] == row["criterion"]} == {now["span"]}
    assert {each["span"] for each in flat if each["criterion"] != row["criterion"]} <= {""}
    assert [str(problem) for check in audit(analysed) for problem in check.problems] == []
    assert [str(difference) for difference in verify(analysed)] == []
    report = analysed / "outputs/report.html"
    report.write_text(report.read_text("utf-8").replace('"marked":{"', '"marked":{"x'), "utf-8")
    (data_of_report,) = [check for check in audit(analysed) if any("marked words" in str(p) for p in check.problems)]
    assert len(data_of_report.problems) == 2  # one that is there no more, and one that nobody marked


def test_marked_words_of_a_persons_page_are_counted_as_its_script_counts() -> None:
    rows = [
        ("e", "🚰 the well, 🚰 dry", "2-10", "confirmed"),
        ("e", "🚰 the well, 🚰 dry", "6-12;14-17", "suggested"),
        ("f", "words", "0-5", "rejected"),
        ("g", "words", "", "confirmed"),
    ]
    frame = pd.DataFrame(rows, columns=["excerpt_id", "quote", "span_at", "status"])
    assert marked_in_excerpts(frame) == {"e": [[3, 13], [16, 19]]}


CODINGS = pd.DataFrame(
    [("e:0-20", "need", True), ("e:0-20", "relevance", True), ("e:0-20", "learning", False)],
    columns=["excerpt_id", "criterion", "coded"],
)
EXCERPTS = pd.DataFrame([("e:0-20", 100)], columns=["excerpt_id", "start"])


def spans(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [("e:0-20", *row) for row in rows], columns=["excerpt_id", "criterion", "coder", "start", "end"]
    )


def test_words_that_carry_a_code_carry_the_code_above_it_and_none_that_was_denied() -> None:
    table = spans(("need", "ana", 102, 105), ("relevance", "ben", 110, 115), ("learning", "ben", 100, 120))
    marked = marked_stretches(table, CODINGS, EXCERPTS, {"need": "relevance"})
    assert marked == {("e:0-20", "need"): ((2, 5),), ("e:0-20", "relevance"): ((2, 5), (10, 15))}


@pytest.mark.parametrize(("shown", "span"), [("whole", "cde"), ("withheld", "")])
def test_marked_words_are_withheld_with_their_quote(shown: str, span: str) -> None:
    rows = pd.DataFrame([("e:0-20", "need", shown, "abcdefgh")], columns=["excerpt_id", "criterion", "shown", "quote"])
    now = with_marked_words(rows, {("e:0-20", "need"): (Stretch(2, 5),)})
    assert list(now["span"]) == [span]
    assert list(now["span_at"]) == ["2-5" if span else ""]

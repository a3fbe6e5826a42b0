"""Words that changed: the coder sees the old beside the new, and one cell makes the decision again."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from studies import NOW, quiet

from pipeline import tables
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.review import Order, export, import_files
from pipeline.vocabulary import DecisionKind


@pytest.mark.slow
def test_a_stale_decision_comes_first_with_the_old_words_and_accept_makes_it_again(analysed: Path) -> None:
    excerpts = tables.read_table(analysed / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS)
    row = excerpts[excerpts["text"].str.contains("dos horas")].iloc[0]
    passage = (row["excerpt_id"], row["text_sha256"])
    drafts = [
        Draft(DecisionKind.CODE, *passage, criterion="efficiency", value="negative"),
        Draft(DecisionKind.UNCODE, *passage, criterion="sustainability"),
    ]
    ledger.append(analysed / "coded" / "decisions.jsonl", drafts, coder="ana", now=NOW)
    raw = analysed / "raw" / "interviews" / "rosa.txt"
    raw.write_text(raw.read_text("utf-8").replace("dos horas", "tres horas"), "utf-8")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    queue = tables.read_table(analysed / "coded" / "machine" / "queue.parquet", tables.QUEUE)
    assert queue.iloc[0]["reason"] == "stale"
    path = export(analysed, Order("ana", size=5), NOW)
    book = load_workbook(path)
    sheet = next(sheet for sheet in book if sheet["A1"].value and "excerpt_id" in [cell.value for cell in sheet[1]])
    keys = {cell.value: cell.column for cell in sheet[1]}
    assert "negativ" in sheet.cell(3, keys["suggestion"]).value
    assert "tres horas" in sheet.cell(3, keys["text"]).value
    sheet.cell(3, keys["accept"]).value = "x"
    book.save(path)
    result = import_files(analysed, [path], NOW)
    assert result.problems == ()
    again = ledger.load(analysed / "coded" / "decisions.jsonl")[2:]
    codes = {(d.kind, d.criterion, d.value) for d in again if d.criterion}
    assert codes == {(draft.kind, draft.criterion, draft.value) for draft in drafts}
    others = {code for d in again for code in d.codes} - {draft.criterion for draft in drafts}
    assert others == set()  # of codes that she had not decided on nothing is decided

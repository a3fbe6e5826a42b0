"""Lessons and promising practices lead to the findings that they rely on, and through these to the voices."""

from pathlib import Path

import openpyxl
import pytest
from lxml import html
from studies import NOW, quiet

from pipeline.findings import load_register
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit

LESSON = '\n[[{section}]]\nid = "{id}"\nstatement = "Agree on spare parts first."\nfindings = {findings}\n'


def with_entry(root: Path, section: str, name: str, *findings: str) -> None:
    path = root / "coded" / "findings.toml"
    listed = "[" + ", ".join(f'"{finding}"' for finding in findings) + "]"
    path.write_text(path.read_text("utf-8") + LESSON.format(section=section, id=name, findings=listed), "utf-8")


def wrong(root: Path) -> list[str]:
    return [str(problem) for check in audit(root) for problem in check.problems]


@pytest.mark.parametrize(("section", "name"), [("lessons", "L77"), ("practices", "GP77")])
def test_an_entry_leads_to_its_findings_in_report_and_book_and_the_audit_compares_them(
    analysed: Path, section: str, name: str
) -> None:
    with_entry(analysed, section, name, "F1")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    path = analysed / "outputs" / "report.html"
    page = html.fromstring(path.read_text("utf-8"))
    (entry,) = (item for item in page.xpath("//ul[@class='register']/li") if item.find("h3").text_content() == name)
    (link,) = entry.xpath(".//p[@class='rests']/a")
    assert (link.get("href"), link.text.strip()) == ("#finding-F1", "F1")
    sheet = openpyxl.load_workbook(analysed / "outputs" / "evidence.xlsx")["Registers"]
    keys = [cell.value for cell in sheet[1]]
    rows = [dict(zip(keys, row, strict=True)) for row in sheet.iter_rows(min_row=3, values_only=True)]
    assert [row["findings"] for row in rows if row["id"] == name] == ["F1"]
    assert wrong(analysed) == []
    link.getparent().remove(link)
    path.write_bytes(html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>"))
    assert any(f"{section} {name}: its basis differs" in problem for problem in wrong(analysed))


def test_a_lesson_that_names_no_finding_of_the_register_is_remarked(small_study: Path) -> None:
    with_entry(small_study, "lessons", "L77", "F99")
    remarks = load_register(small_study / "coded" / "findings.toml", None).remarks
    assert any(r.where == "findings.toml L77" and r.what == "refers to F99, which does not exist" for r in remarks)

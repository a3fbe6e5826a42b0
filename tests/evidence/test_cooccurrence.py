"""Codes that occur together: known counts, people and machine apart, small counts, and what the audit counts again."""

import re
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from decided_study import decide
from studies import NOW, quiet

from pipeline.codebook import Criterion
from pipeline.evidence.coded_by import by_machine
from pipeline.evidence.cooccurrence import COLUMNS, cooccurrence
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.vocabulary import DecisionKind

CARRIED = re.compile(r"([a-z])([-+~]?)")


def code(name: str, parent: str = "") -> Criterion:
    return Criterion(name, "criterion", (), (), (), (), (), (), (), parent)


def counted(
    *codings: str,
    persons: str = "aabb",
    machine: str = "",
    smallest: int = 1,
    status: str = "single",
    codes: Any = None,
) -> Any:
    """Pairs of "0x+y" (excerpt 0 carries x, positive, and y); `persons` names who speaks in each excerpt, "-" a document."""
    spoken = pd.DataFrame(
        [(str(n), who.strip("-")) for n, who in enumerate(persons)], columns=["excerpt_id", "participant"]
    )
    cells = [(each[0], *cell, True, status) for each in codings for cell in CARRIED.findall(each[1:])]
    votes = [
        (each[0], *cell, "classifier:1", 1, "{}") for each in machine.split() for cell in CARRIED.findall(each[1:])
    ]
    table = cooccurrence(
        spoken,
        with_stances(cells, ["coded", "status"]).astype({"coded": bool}),
        by_machine(with_stances(votes, ["voter", "vote", "because"]).astype({"voter": "str"})),
        criteria=codes or [code("x"), code("y"), code("z")],
        smallest_cell=smallest,
    )
    return {(row["code"], row["other"]): row for row in table.to_dict("records")}


def with_stances(rows: list[Any], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["excerpt_id", "criterion", "stance", *columns])
    return table.assign(stance=table["stance"].map({"": "", "+": "positive", "-": "negative", "~": "mixed"}))


def figures(row: Any, prefix: str = "") -> list[Any]:
    return [row[f"{prefix}{name}"] for name in COLUMNS[2:5]]


def stances(row: Any, prefix: str = "") -> list[int]:
    return [row[f"{prefix}{name}"] for name in COLUMNS[5:11]]


def test_codes_of_one_excerpt_and_of_one_person_are_counted_apart() -> None:
    pairs = counted("0xy", "1xy", "2x", "3y")
    assert list(pairs) == [("x", "y")]
    assert figures(pairs["x", "y"]) == [2, "1", "2"]


def test_the_stances_on_either_code_are_counted_apart() -> None:
    row = counted("0x+y-", "1x-y-", "2x~y", "3xy", machine="0x-y+")["x", "y"]
    assert stances(row) == [1, 1, 1, 0, 2, 0]
    assert stances(row, "machine_") == [0, 1, 0, 1, 0, 0]


def test_codes_of_different_persons_do_not_occur_together() -> None:
    assert counted("0x", "2y") == {}


def test_a_document_has_excerpts_but_is_not_a_person() -> None:
    assert figures(counted("0xy", persons="-")["x", "y"]) == [1, "0", "0"]
    assert counted("0x", "1y", persons="--") == {}


def test_people_and_machine_are_never_added_up() -> None:
    pairs = counted("0xy", machine="2xy 3xz")
    assert figures(pairs["x", "y"]) == [1, "1", "1"]
    assert figures(pairs["x", "y"], "machine_") == [1, "1", "1"]
    assert figures(pairs["x", "z"]) == [0, "0", "0"]


@pytest.mark.parametrize("status", ["machine", "stale", "conflicted"])
def test_what_nobody_confirmed_is_not_counted_as_confirmed(status: str) -> None:
    assert counted("0xy", status=status) == {}


def test_few_persons_are_not_shown_exactly() -> None:
    row = counted("0xy", "2xy", smallest=5)["x", "y"]
    assert figures(row) == [2, "<5", "<5"]


def test_a_code_and_one_below_it_are_not_a_pair() -> None:
    codes = [code("x"), code("y", parent="x"), code("z", parent="y")]
    assert counted("0xyz", codes=codes) == {}


# ---------------------------------------------------------------- in a study


@pytest.fixture(scope="module")
def together(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, in which people gave two codes to each excerpt."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("together") / "study")
    decide(root)
    spoken = pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'")
    drafts = [
        Draft(DecisionKind.CODE, row.excerpt_id, row.text_sha256, name, value="positive")
        for row in spoken.itertuples()
        for name in ("efficiency", "sustainability")
    ]
    ledger.append(root / "coded" / "decisions.jsonl", drafts, coder="zoe", now=NOW)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    return root


def wrong(root: Path) -> list[str]:
    return [str(problem) for check in audit(root) for problem in check.problems]


def test_table_book_and_report_show_the_pairs_and_the_audit_counts_them_again(together: Path) -> None:
    table = pd.read_csv(together / "outputs" / "cooccurrence.csv")
    assert table.query("code == 'efficiency' and other == 'sustainability'")["excerpts"].item() > 2
    book = openpyxl.load_workbook(together / "outputs" / "evidence.xlsx")["Codes together"]
    assert book.max_row - 2 == len(table)
    assert "Codes that occur together" in (together / "outputs" / "report.html").read_text("utf-8")
    assert wrong(together) == []


@pytest.mark.parametrize(
    "column",
    [
        "excerpts",
        "persons",
        "excerpt_persons",
        "positive",
        "other_negative",
        "machine_excerpts",
        "machine_persons",
        "machine_mixed",
    ],
)
def test_the_audit_names_a_count_of_the_table_that_was_altered(together: Path, tmp_path: Path, column: str) -> None:
    root = shutil.copytree(together, tmp_path / "altered")
    path = root / "outputs" / "cooccurrence.csv"
    data = pd.read_csv(path, dtype="str", keep_default_na=False)
    data.loc[0, column] = "77"
    data.to_csv(path, index=False, lineterminator="\n")
    assert any(f"cooccurrence.csv line 2: its {column} does not match" in problem for problem in wrong(root))


def test_the_audit_names_a_pair_that_is_gone(together: Path, tmp_path: Path) -> None:
    root = shutil.copytree(together, tmp_path / "altered")
    path = root / "outputs" / "cooccurrence.csv"
    path.write_text("\n".join(path.read_text("utf-8").split("\n")[:-2]) + "\n", "utf-8")
    assert any("its rows are not the codes that occur together" in problem for problem in wrong(root))


@pytest.mark.parametrize("column", ["code", "excerpts", "persons", "other_positive", "machine_excerpt_persons"])
def test_the_audit_names_a_cell_of_the_book_that_was_altered(together: Path, tmp_path: Path, column: str) -> None:
    root = shutil.copytree(together, tmp_path / "altered")
    path = root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Codes together"]
    at = [cell.value for cell in sheet[1]].index(column) + 1
    sheet.cell(4, at, sheet.cell(3, 2).value if column == "code" else 77)
    book.save(path)
    assert any("sheet Codes together row 4" in problem and "differs" in problem for problem in wrong(root))


@pytest.mark.parametrize("column", range(1, 7))
def test_the_audit_names_a_count_of_the_report_that_was_altered(together: Path, tmp_path: Path, column: int) -> None:
    root = shutil.copytree(together, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    head, mark, rest = path.read_text("utf-8").partition('class="list together"')
    parts = rest.split('<td class="n">')
    parts[column] = f"9{parts[column]}"
    path.write_text(head + mark + '<td class="n">'.join(parts), "utf-8")
    assert any("report.html codes together" in problem and "does not match" in problem for problem in wrong(root))


def test_the_audit_names_another_code_in_the_report(together: Path, tmp_path: Path) -> None:
    root = shutil.copytree(together, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    head, mark, rest = path.read_text("utf-8").partition('class="list together"')
    assert "<b>Efficiency</b>" in rest
    path.write_text(head + mark + rest.replace("<b>Efficiency</b>", "<b>Learning</b>", 1), "utf-8")
    assert any("codes together" in problem and "its code does not match" in problem for problem in wrong(root))

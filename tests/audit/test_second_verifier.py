"""A second verifier, which shares no code with the program, agrees with the audit."""

import ast
import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import second_verifier
from decided_study import decide
from second_verifier import shown, theory, unused, verify
from second_verifier.saturation import saturation as saturation_differences
from second_verifier.stored import StoredStudy
from studies import NOW, ROOT

from pipeline.evidence.saturation import saturation
from pipeline.evidence.strength import Counts
from pipeline.publish.csvs import write_table
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.audit import audit
from pipeline.vocabulary import DecisionKind

MODULES = sorted(Path(second_verifier.__file__).parent.glob("*.py"))


@pytest.fixture(scope="module")
def decided(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("decided") / "study")
    (root / "coded/theory_of_change.toml").write_text(THEORY, encoding="utf-8")
    mark_paths(root)
    decide(root)
    return root


THEORY = """
[[elements]]
id = "pump"
kind = "activity"
name = "A pump"
code = "efficiency"
leads_to = ["water"]

[[elements]]
id = "water"
kind = "outcome"
name = "Clean water"
code = "effectiveness"
leads_to = ["lasting"]

[[elements]]
id = "lasting"
kind = "impact"
name = "Water that lasts"
code = "sustainability"
"""


def mark_paths(root: Path) -> None:
    """Memos of two coders: one path that both state, one on which they differ, one that is not drawn, one taken back."""
    spoken = pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'")
    words = list(zip(spoken["excerpt_id"], spoken["text_sha256"], strict=True))
    notes = {
        "ana": ["pump -> water", "see the map; water -> lasting", "pump → lasting", "pump -> water"],
        "leo": ["pump->water", "water -/-> lasting"],
    }
    for coder, of_coder in notes.items():
        drafts = [Draft(DecisionKind.MEMO, *passage, note=note) for passage, note in zip(words, of_coder, strict=False)]
        ledger.append(root / "coded" / "decisions.jsonl", drafts, coder=coder, now=NOW)
    changed_mind = [Draft(DecisionKind.MEMO, *words[3], note="no, they only say that both came")]
    ledger.append(root / "coded" / "decisions.jsonl", changed_mind, coder="ana", now=NOW)


def imported(module: Path) -> set[str]:
    """The packages that a module imports."""
    tree = ast.parse(module.read_text("utf-8"))
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    parts = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in (*plain, *parts)}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_it_imports_nothing_of_the_program(module: Path) -> None:
    assert imported(module).isdisjoint({"pipeline", "studies", "conftest", "decided_study"})


def test_case_73_it_counts_the_same_as_the_program_on_a_study_that_people_decided_on(decided: Path) -> None:
    assert verify(decided) == []
    assert [problem for check in audit(decided) for problem in check.problems] == []


@pytest.mark.parametrize("count", Counts.__slots__)
def test_it_sees_every_count_of_a_finding_that_is_altered_alone_in_the_book(
    decided: Path, tmp_path: Path, count: str
) -> None:
    root = shutil.copytree(decided, tmp_path / "study")
    path = root / "outputs/evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    cell = sheet.cell(3, [cell.value for cell in sheet[1]].index(count) + 1)
    cell.value = float(cell.value or 0) + 0.5
    book.save(path)
    (difference,) = shown.workbook(StoredStudy(root))
    assert f"its {count} does not follow from the links" in str(difference)


def altered(path: Path, line: int, column: str) -> None:
    """Change one cell of a CSV file: a number by one, another word into none."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    cell = rows[line - 2][header.index(column)]
    rows[line - 2][header.index(column)] = str(float(cell) + 1) if cell.replace(".", "", 1).isdigit() else f"{cell}x"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


@pytest.mark.parametrize(
    ("file", "line", "column"),
    [
        ("theory_of_change.csv", 2, "persons"),
        ("theory_of_change.csv", 3, "status"),
        ("theory_of_change.csv", 4, "machine_excerpts"),
        ("causal_paths.csv", 2, "persons"),
        ("causal_paths.csv", 4, "status"),
        ("causal_paths.csv", 3, "suggested"),
        ("saturation.csv", 2, "interview"),
        ("saturation.csv", 3, "status"),
    ],
)
def test_it_sees_one_altered_cell_of_theory_paths_and_saturation(
    decided: Path, tmp_path: Path, file: str, line: int, column: str
) -> None:
    root = shutil.copytree(decided, tmp_path / "study")
    altered(root / "outputs" / file, line, column)
    differences = [str(each) for each in verify(root) if not str(each).startswith("outputs/run.json")]
    assert any(file in each and (column in each or "for each of" in each) for each in differences), differences


def test_it_counts_the_paths_that_memos_state(decided: Path) -> None:
    rows = StoredStudy(decided).csv("causal_paths.csv")
    stated = {(row["influence"], row["consequence"]): (row["status"], row["excerpts"]) for row in rows}
    assert stated == {
        ("pump", "water"): ("told", "1"),
        ("water", "lasting"): ("untold", "0"),  # the coders differ
        ("pump", "lasting"): ("undrawn", "1"),
    }
    assert list(theory.paths(StoredStudy(decided))) == []


def test_it_sees_a_reason_or_words_of_an_unused_excerpt_that_are_altered(decided: Path, tmp_path: Path) -> None:
    root = shutil.copytree(decided, tmp_path / "study")
    path = root / "outputs/evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Unused excerpts"]
    keys = [cell.value for cell in sheet[1]]
    by_person = next(row for row in range(3, sheet.max_row + 1) if sheet.cell(row, keys.index("participant") + 1).value)
    sheet.cell(3, keys.index("use") + 1).value = "used by a finding"
    sheet.cell(by_person, keys.index("text") + 1).value = "Other words"
    book.save(path)
    messages = [str(each) for each in unused.unused(StoredStudy(root))]
    assert "its reason is not" in messages[0]
    assert messages[1:] == [
        f"outputs/evidence.xlsx sheet Unused excerpts row {by_person}: is not the words of its excerpt"
    ]


def test_it_sees_a_count_of_what_became_of_the_excerpts_that_is_altered(decided: Path, tmp_path: Path) -> None:
    root = shutil.copytree(decided, tmp_path / "study")
    path = root / "outputs/report.html"
    page = path.read_text("utf-8")
    head, table, tail = page.partition('<table class="list narrow uses">')
    path.write_text(head + table + tail.replace('<td class="n">', '<td class="n">1', 1), encoding="utf-8")
    assert [each.where for each in unused.unused(StoredStudy(root))] == [
        f"outputs/report.html what became of the excerpts ({language})" for language in ("en", "es")
    ]


# ---------------------------------------------------------------- saturation of eight invented interviews

CODES = [f"c{number}" for number in range(12)]


@pytest.fixture
def eight_interviews(tmp_path: Path) -> Callable[[str], StoredStudy]:
    """Makes a stored study of eight interviews, seven of them read by people, with its saturation.csv."""

    def stored(order: str) -> StoredStudy:
        excerpts = [f"I{at // 4}:{at % 4}-9" for at in range(32)]
        codings = [
            {"excerpt_id": name, "criterion": code, "stance": "", "coded": (at * 7 + number * 5) % 11 < 2}
            for at, name in enumerate(excerpts)
            for number, code in enumerate(CODES)
        ]
        for row in codings:
            row["status"] = "single" if row["excerpt_id"] < "I7" else "machine"
        voted = [{**row, "voter": "classifier:1", "vote": 1, "because": "{}"} for row in codings if row["coded"]]
        names = [f"I{number}" for number in range(8)]
        dates = {name: f"2023-02-{20 - at}" if order == "held" else "" for at, name in enumerate(names)}
        tables = {
            "sources": [{"source_id": name, "kind": "interview", "copy_of": "", "date": dates[name]} for name in names],
            "excerpts": [
                {"excerpt_id": name, "source_id": name[:2], "role": "respondent", "participant_id": ""}
                for name in excerpts
            ],
            "codings": codings,
            "votes": voted,
            "attributes": [],
        }
        (tmp_path / "outputs").mkdir()
        (tmp_path / "outputs/run.json").write_text("{}")
        (tmp_path / "config.toml").write_text("[study]\n")
        frame = saturation(
            pd.DataFrame(tables["excerpts"]).assign(kind="interview"),
            pd.DataFrame(codings),
            pd.DataFrame(voted),
            dates=dates,
            criteria=CODES,
            seed=3,
        )
        write_table(frame, tmp_path / "outputs/saturation.csv")
        study = StoredStudy(tmp_path)
        study._tables = tables
        return study

    return stored


@pytest.mark.parametrize("order", ["held", "random"])
def test_it_counts_saturation_as_the_program_does(eight_interviews: Callable[[str], StoredStudy], order: str) -> None:
    study = eight_interviews(order)
    assert len(study.csv("saturation.csv")) == 7 + 8
    assert list(saturation_differences(study)) == []


@pytest.mark.parametrize("column", ["new_codes", "codes", "share", "low", "high", "saturated", "order", "of"])
def test_it_sees_every_figure_of_saturation_that_is_altered(
    eight_interviews: Callable[[str], StoredStudy], column: str
) -> None:
    study = eight_interviews("random")
    altered(study.root / "outputs/saturation.csv", 8, column)
    (difference,) = saturation_differences(study)
    assert column in str(difference) or "does not count 8 interviews" in str(difference)


@pytest.mark.skipif(not (ROOT / "outputs" / "run.json").exists(), reason="the demonstration has not been analysed")
def test_it_counts_the_same_as_the_program_on_the_demonstration(tmp_path: Path) -> None:
    assert verify(ROOT) == []
    assert [problem for check in audit(ROOT, tmp_path) for problem in check.problems] == []

"""How much further interviews would add: known courses, orders, what is too few, and what the audit counts again."""

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from studies import NOW, quiet

from pipeline.evidence.coded_by import by_machine
from pipeline.evidence.saturation import course, saturation
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.vocabulary import DecisionKind

CODES = [f"c{number}" for number in range(60)]


def carrying(*new: int) -> np.ndarray:
    """Interviews that add these numbers of codes, each with the codes of all before it."""
    known = np.cumsum(new)
    return np.array([[number < total for number in range(len(CODES))] for total in known])


def in_order(*new: int) -> Any:
    return course(carrying(*new), [list(range(len(new)))])


def test_new_information_is_the_codes_of_a_run_over_those_of_the_base() -> None:
    made = in_order(16, 11, 6, 4, 4, 3, 1, 0, 0)
    assert made.new[0].tolist() == [16, 11, 6, 4, 4, 3, 1, 0, 0]
    assert np.isnan(made.share[0, :5]).all()
    assert made.share[0, 5:] == pytest.approx([7 / 37, 4 / 37, 1 / 37, 0])


def test_runs_overlap_and_saturation_is_reached_at_six_and_two() -> None:
    """Reported as 6+2: at the sixth interview, shown by the seventh and eighth."""
    made = in_order(16, 11, 6, 4, 4, 3, 1, 0, 0)
    assert made.saturated[0].tolist() == [False] * 7 + [True] * 2


def test_what_is_exactly_at_the_threshold_is_saturated_and_what_is_above_is_not() -> None:
    assert in_order(20, 0, 0, 0, 0, 1).saturated[0, -1]
    assert not in_order(20, 0, 0, 0, 1, 1).saturated[0, -1]


def test_saturation_once_reached_stays_reached_though_a_late_interview_brings_more() -> None:
    assert in_order(10, 0, 0, 0, 0, 0, 9).saturated[0].tolist() == [False] * 5 + [True] * 2


def test_a_base_without_codes_is_never_saturated() -> None:
    assert not in_order(0, 0, 0, 0, 0, 0, 3).saturated.any()


def study(interviews: int, *, per_interview: int = 2, dates: str = "2023-02-{:02d}", status: str = "single") -> Any:
    """Saturation of interviews of two excerpts, of which the first carries the next codes."""
    rows = [(f"i{n:02d}:{k}", f"i{n:02d}", "interview") for n in range(interviews) for k in range(2)]
    spoken = pd.DataFrame(rows, columns=["excerpt_id", "source_id", "kind"])
    codings = pd.DataFrame(
        [
            (f"i{n:02d}:0", CODES[(n * per_interview + k) % 8], True, status)
            for n in range(interviews)
            for k in range(per_interview)
        ],
        columns=["excerpt_id", "criterion", "coded", "status"],
    ).assign(stance="")
    votes = pd.DataFrame(
        [(f"i{n:02d}:0", code, "classifier:1", 1, "{}") for n in range(interviews) for code in CODES[:6]]
        + [("i00:1", "c50", "classifier:1", 1, '{"suggested": 0.4}'), ("i00:1", "c51", "rule:x", 1, "{}")],
        columns=["excerpt_id", "criterion", "voter", "vote", "because"],
    ).assign(stance="")
    when = {f"i{n:02d}": dates.format(interviews - n) for n in range(interviews)}
    return saturation(spoken, codings, by_machine(votes), dates=when, criteria=CODES, seed=7)


def of(table: pd.DataFrame, codings: str) -> pd.DataFrame:
    return table[table["codings"] == codings].reset_index(drop=True)


def test_dated_interviews_are_counted_in_the_order_in_which_they_were_held() -> None:
    people = of(study(8), "people")
    assert set(people["order"]) == {"held"}
    assert people["new_codes"].tolist() == [2.0] * 4 + [0.0] * 4
    assert people["saturated"].tolist() == [0.0] * 5 + [1.0] * 3
    assert people[["low", "high"]].isna().all(axis=None)


def test_without_a_date_for_each_interview_the_figures_are_means_over_random_orders() -> None:
    people = of(study(8, dates="spring"), "people")
    assert set(people["order"]) == {"random"}
    assert people["codes"].iloc[-1] == 8
    last = people.iloc[-1]
    assert last["low"] <= last["share"] <= last["high"]
    assert people["saturated"].is_monotonic_increasing
    pd.testing.assert_frame_equal(study(8, dates="spring"), study(8, dates="spring"))


def test_the_mean_of_the_random_orders_is_near_what_combinatorics_expects() -> None:
    """Of codes in 2 of 8 interviews each, the first 4 interviews are expected to have 1 - C(6,4)/C(8,4) (Hurlbert 1971)."""
    people = of(study(8, dates="spring"), "people")
    assert people["codes"].iloc[3] == pytest.approx(8 * (1 - 15 / 70), abs=0.1)


def test_suggestions_and_patterns_are_not_codings_of_the_machine() -> None:
    assert of(study(8), "machine")["codes"].iloc[-1] == 6


def test_what_people_confirmed_and_what_the_machine_codes_are_never_added_up() -> None:
    table = study(8, per_interview=1, status="machine")
    assert of(table, "people")[["interview", "status"]].to_numpy().tolist() == [[0, "too few interviews"]]
    assert set(of(table, "machine")["status"]) == {"counted"}


def test_divided_coders_confirm_nothing() -> None:
    assert of(study(8, status="conflicted"), "people")["status"].tolist() == ["too few codes"]


def test_fewer_than_six_interviews_or_five_codes_give_no_number() -> None:
    few = of(study(5), "people")
    assert few[["interview", "of", "status"]].to_numpy().tolist() == [[5, 5, "too few interviews"]]
    assert few[["share", "codes", "saturated"]].isna().all(axis=None)
    table = study(8, per_interview=0)
    assert of(table, "people")["status"].tolist() == ["too few interviews"]


def test_an_interview_of_which_people_read_less_than_half_does_not_count() -> None:
    rows = [(f"i{n}:{k}", f"i{n}", "interview") for n in range(7) for k in range(3 if n == 6 else 2)]
    codings = pd.DataFrame(
        [(f"i{n}:0", code, True, "single") for n in range(7) for code in CODES[:6]],
        columns=["excerpt_id", "criterion", "coded", "status"],
    ).assign(stance="")
    spoken = pd.DataFrame(rows, columns=["excerpt_id", "source_id", "kind"])
    votes = pd.DataFrame(columns=["excerpt_id", "criterion", "voter", "vote", "because", "stance"]).astype(
        {"voter": "str"}
    )
    table = saturation(spoken, codings, by_machine(votes), dates={}, criteria=CODES, seed=7)
    assert of(table, "people")["interview"].max() == 6
    assert set(of(table, "people")["of"]) == {7}


# ---------------------------------------------------------------- in a study

MORE = ("water", "schools", "roads", "health")
SAYINGS = ("It was too expensive.", "The children are not sick any more.", "We go on without help.")


@pytest.fixture(scope="module", params=["held", "random"])
def counted(
    request: pytest.FixtureRequest, analysed_once: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The small study with eight further interviews, read and coded by people; dated or not."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("saturated") / "study")
    for number in range(8):
        said = f"{SAYINGS[number % len(SAYINGS)]} That was {number} years ago."
        path = root / "raw" / "interviews" / f"more-{number}.txt"
        path.write_text(
            f"Interviewer: What changed here?\nPia: {said}\nInterviewer: And then?\nPia: Year {number} it was.\n",
            "utf-8",
        )
    with (root / "coded" / "codebook.toml").open("a", encoding="utf-8") as file:
        file.write(
            "".join(
                f'\n[[criteria]]\nid = "{code}"\nfamily = "priority"\nname = "{code}"\ndefinition = "Of {code}."\n'
                for code in MORE
            )
        )
    if request.param == "held":
        names = sorted(path.relative_to(root / "raw").as_posix() for path in (root / "raw/interviews").iterdir())
        with (root / "raw" / "sources.csv").open("w", encoding="utf-8", newline="") as file:
            rows = [(name, f"2023-03-{number + 1:02d}") for number, name in enumerate(names)]
            csv.writer(file, lineterminator="\n").writerows([("path", "date"), *rows])
    analyze(root, fresh=False, now=NOW, tick=quiet)
    spoken = pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'")
    codes = list(dict.fromkeys(pd.read_parquet(root / "coded/machine/codings.parquet")["criterion"]))
    drafts = [
        Draft(DecisionKind.CODE, row.excerpt_id, row.text_sha256, codes[number % len(codes)], value="positive")
        for number, row in enumerate(spoken.itertuples())
    ]
    ledger.append(root / "coded" / "decisions.jsonl", drafts, coder="ana", now=NOW)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    return root, request.param


def wrong(root: Path) -> list[str]:
    return [str(problem) for check in audit(root) for problem in check.problems]


def test_table_book_report_and_annex_show_saturation_and_the_audit_counts_it_again(counted: tuple[Path, str]) -> None:
    root, order = counted
    table = pd.read_csv(root / "outputs" / "saturation.csv")
    assert set(table.query("codings == 'people'")["order"]) == {order}
    assert set(table.query("codings == 'people'")["status"]) == {"counted"}
    book = openpyxl.load_workbook(root / "outputs" / "evidence.xlsx")["Saturation"]
    assert book.max_row - 2 == len(table)
    page = (root / "outputs" / "report.html").read_text("utf-8")
    assert "confirmed by people" in page.partition('id="saturation"')[2]
    assert wrong(root) == []


@pytest.mark.parametrize("column", ["interview", "of", "new_codes", "codes", "share", "saturated", "status", "order"])
def test_the_audit_names_a_figure_of_the_table_that_was_altered(
    counted: tuple[Path, str], tmp_path: Path, column: str
) -> None:
    root = shutil.copytree(counted[0], tmp_path / "altered")
    path = root / "outputs" / "saturation.csv"
    data = pd.read_csv(path, dtype="str", keep_default_na=False)
    data.loc[6, column] = "3.25"
    data.to_csv(path, index=False, lineterminator="\n")
    assert any(f"saturation.csv line 8: its {column} does not match" in problem for problem in wrong(root))


@pytest.mark.parametrize("column", ["interview", "new_codes", "codes", "share", "saturated", "status", "codings"])
def test_the_audit_names_a_cell_of_the_book_that_was_altered(
    counted: tuple[Path, str], tmp_path: Path, column: str
) -> None:
    root = shutil.copytree(counted[0], tmp_path / "altered")
    path = root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Saturation"]
    at = [cell.value for cell in sheet[1]].index(column) + 1
    sheet.cell(9, at, "other" if column in ("status", "codings") else 77)
    book.save(path)
    assert any(f"sheet Saturation row 9: its {column} differs" in problem for problem in wrong(root))


@pytest.mark.parametrize("column", range(1, 7))
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_audit_names_a_cell_of_the_report_that_was_altered(
    counted: tuple[Path, str], tmp_path: Path, column: int, language: str
) -> None:
    root = shutil.copytree(counted[0], tmp_path / "altered")
    path = root / "outputs" / "report.html"
    head, mark, rest = path.read_text("utf-8").partition('id="saturation"')
    before, row, cells = rest.partition('<th scope="row">')
    parts = cells.split("<td>")
    spans = parts[column].split("</span>")
    if len(spans) > 1:
        at = 0 if language == "en" else 1
        spans[at] = spans[at][: spans[at].rindex(">") + 1] + "99 of 99"
        parts[column] = "</span>".join(spans)
    else:
        parts[column] = "99" + parts[column]
    path.write_text(head + mark + before + row + "<td>".join(parts), "utf-8")
    assert any("report.html saturation" in problem and "does not match" in problem for problem in wrong(root))

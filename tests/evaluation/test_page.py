"""The page of quality figures: one section per title, readable at any number of codes."""

import csv
from pathlib import Path
from typing import Any

from studies import ROOT

from pipeline.evaluation import page


def figures(codes: int) -> dict[str, Any]:
    """Figures as `evaluate` gives them, with `codes` codes whose F1 are .00, .01, .02 ..."""
    criteria = {
        f"code {n}": {
            "positive": 3,
            "n": 10,
            "precision": {"value": 0.5},
            "recall": {"value": 0.5},
            "f1": {"value": n / 100, "low": 0.1, "high": 0.9},
            "average_precision": 0.5,
            "calibration_error": 0.1,
            "stance_accuracy": None,
        }
        for n in range(codes)
    }
    return {
        "criteria": criteria,
        "macro_f1": 0.5,
        "macro_f1_interval": {"low": 0.4, "high": 0.6},
        "micro_f1": 0.55,
        "samples_f1": 0.6,
        "languages": {"es": {"macro_f1": 0.5}},
        "candidates": {"recall": 0.9, "precision": 0.3},
        "stance_accuracy": 0.7,
        "calibration_error": 0.05,
        "n": 10,
        "groups": 4,
    }


def result(codes: int) -> dict[str, Any]:
    return {
        "measured_on": "a gold file",
        "trained": figures(codes),
        "baselines": {"majority": {"macro_f1": 0.0, "micro_f1": 0.0}, "rules": {"macro_f1": 0.3, "micro_f1": 0.4}},
        "learning_curve": [{"decisions": 25, "macro_f1": 0.4}],
        "errors_by": {},
        "patterns": [],
    }


def test_a_section_is_replaced_and_the_text_around_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("# Title\n\nOur text.\n", "utf-8")
    page.update(path, "A", page.as_page("A", result(3)))
    page.update(path, "B", page.as_page("B", result(3)))
    first = path.read_text("utf-8")
    page.update(path, "A", page.as_page("A", result(3)))
    assert path.read_text("utf-8") == first
    assert first.startswith("# Title\n\nOur text.\n\n## A\n")
    assert first.count("## A\n") == first.count("## B\n") == 1


def test_a_section_names_each_code_with_its_interval() -> None:
    assert "| code 2 | 3 | 0.50 | 0.50 | 0.02 (0.10-0.90) | - |" in page.as_page("A", result(3))


def test_a_code_that_was_undecided_in_a_text_says_of_how_many_it_was_decided() -> None:
    few = result(3)
    few["trained"]["criteria"]["code 2"]["n"] = 8
    assert "| code 2 | 3 of 8 | " in page.as_page("A", few)


def test_where_the_table_would_be_too_long_the_section_gives_the_spread() -> None:
    section = page.as_page("A", result(31))
    assert "F1: 0.00 to 0.30, median 0.15, of 31 codes that occur." in section
    assert "| code 2 |" not in section


def test_of_many_groups_of_people_the_section_gives_the_spread_of_their_errors() -> None:
    row = {"error": {f"g{n}": n / 10 for n in range(5)}, "persons": {f"g{n}": 4 for n in range(5)}, "p": 0.2}
    many = {**result(2), "errors_by": {"group": row}}
    assert "Share of wrong codings by group: 0.00 to 0.40 in 5 groups; p = 0.20." in page.as_page("A", many)
    assert "  group: g0 0.00 (4 persons), g1 0.10 (4 persons)" in "\n".join(page.as_text(many))


def test_the_figures_over_all_codes_are_rows_of_the_table_beside_the_page(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    for title in ("A", "B", "A"):
        page.update_table(path, title, result(2))
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["section"], row["learnt from"], row["macro-F1"], row["micro-F1"]) for row in rows] == [
        ("A", "seeds and decisions", "0.50", "0.55"),
        ("A", "baseline: rules", "0.30", "0.40"),
        ("B", "seeds and decisions", "0.50", "0.55"),
        ("B", "baseline: rules", "0.30", "0.40"),
    ]
    assert rows[0]["measured on"] == "a gold file"
    assert (rows[0]["texts"], rows[0]["95% interval"], rows[0]["candidates: recall"]) == ("10", "0.40-0.60", "0.90")


def test_the_table_of_the_project_has_the_columns_that_the_program_writes() -> None:
    with (ROOT / "docs" / "quality.csv").open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        assert tuple(table.fieldnames or ()) == page.TABLE_COLUMNS


def test_a_code_that_two_coders_decided_has_their_agreement_beside_it() -> None:
    both = {"criteria": {"code 0": {"n": 9, "f1": {"value": 0.8, "low": 0.7, "high": 0.9}, "alpha": {"value": 0.75}}}}
    section = page.as_page("A", {**result(2), "human": both})
    assert "| code 0 | 3 | 0.50 | 0.50 | 0.00 (0.10-0.90) | - | 0.80 |" in section
    assert "| code 1 | 3 | 0.50 | 0.50 | 0.01 (0.10-0.90) | - | - |" in section


def test_of_many_codes_that_are_only_suggested_the_section_gives_the_number() -> None:
    few, many = result(2), result(2)
    few["trained"]["unreliable"] = ["code 0", "code 1"]
    many["trained"]["unreliable"] = [f"code {n}" for n in range(5)]
    assert "Only suggested: code 0, code 1." in page.as_page("A", few)
    assert "Only suggested: 5 codes." in page.as_page("A", many)
    assert "Only suggested: code 0, code 1, code 2, code 3, code 4." in "\n".join(page.as_text(many))

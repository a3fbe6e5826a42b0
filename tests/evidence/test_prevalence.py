"""The share of persons who speak of a code: unbiased whatever the machine does, with an interval that holds."""

import json
import shutil
from dataclasses import astuple
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from prevalence_simulation import MACHINES, OTHERS, coverage, misses
from scipy.stats import binom
from second_verifier.shares import _interval as second_interval
from second_verifier.shares import prevalence as second_shares
from second_verifier.stored import StoredStudy
from studies import NOW, quiet
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.audit.recount.prevalence import _interval as audit_interval
from pipeline.evidence.prevalence import Excerpts, PersonFigures, interval, more_needed, person_figures, prevalence
from pipeline.frames import OpenStudy
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.vocabulary import DecisionKind

UPPER_END_AT_WORST, LOWER_END_AT_WORST = 0.038, 0.116  # of samples with few speakers, as docs/method.md says


def study_of(decided: str, *, drawn: bool = True, machine: str = "") -> pd.DataFrame:
    """The table of persons with an excerpt each: decided y or n, or blank; a pattern hits where `machine` is y."""
    names = [f"e{i}" for i in range(len(decided))]
    who = [f"P-{i}" for i in range(len(decided))]
    spoken = pd.DataFrame(
        {"excerpt_id": names, "participant": who, "group": "", "country": "", "gender": ["w", "m"] * (len(who) // 2)}
    )
    status = ["single" if letter in "yn" else "machine" for letter in decided]
    codings = pd.DataFrame(
        {"excerpt_id": names, "criterion": "c", "coded": [x == "y" for x in decided], "status": status}
    )
    hits = {"c": {name for name, letter in zip(names, machine, strict=False) if letter == "y"}}
    return prevalence(
        spoken, codings, predicted=hits, drawn=names if drawn else (), criteria=["c"], smallest_cell=3
    )  # fmt: skip


def overall(table: pd.DataFrame) -> pd.Series:
    return table[table["attribute"] == ""].iloc[0]


def test_with_every_excerpt_decided_the_share_is_that_of_the_persons() -> None:
    row = overall(study_of("yynnnnyn"))
    assert (row["share"], row["status"], row["persons"]) == (3 / 8, "estimated", "8")
    assert row["low"] < 3 / 8 < row["high"]


def test_with_half_of_the_excerpts_decided_each_counts_for_two() -> None:
    row = overall(study_of("ynn?y???"))
    assert (row["drawn"], row["drawn_from"], row["share"]) == (4, 8, 0.5)


def test_persons_with_a_chosen_excerpt_that_carries_the_code_count_as_speaking() -> None:
    excerpts = Excerpts(
        person=np.array([0, 0, 1, 1]),
        decided=np.array([True, True, True, True]),
        yes=np.array([True, False, False, False]),
        predicted=np.zeros(4, dtype=bool),
        drawn=np.array([False, True, True, True]),
    )
    assert person_figures(excerpts, 2).spoken.tolist() == [1.0, 0.0]


def test_without_a_draw_there_is_no_share_and_the_plain_count_stays() -> None:
    row = overall(study_of("yyynnnnn", drawn=False))
    assert (row["status"], row["coded_persons"], row["coded_share"]) == ("none drawn", "3", 0.375)
    assert pd.isna(row["share"])


def test_few_decisions_give_the_number_that_is_missing() -> None:
    row = overall(study_of("yn??????"))
    assert (row["status"], row["more"]) == ("too few drawn", 6)
    assert pd.isna(row["share"])


@pytest.mark.parametrize(("persons", "expected", "more"), [(400, 0.1, 400), (100, 0.5, 800), (20, 0.5, 800)])
def test_more_persons_need_a_smaller_share_of_decisions(persons: int, expected: float, more: int) -> None:
    nothing = np.zeros(1000, dtype=bool)
    drawn = np.arange(1000) < 100
    excerpts = Excerpts(np.arange(1000) % persons, drawn, nothing, nothing, drawn)
    assert more <= more_needed(excerpts, persons, expected) <= 900


def test_small_groups_follow_the_rule_of_disclosure() -> None:
    spoken = "yyyynnnn"
    table = study_of(spoken).set_index(["attribute", "value"])
    assert table.loc[("gender", "w"), "coded_persons"] == "<3"
    assert pd.isna(table.loc[("gender", "w"), "coded_share"])
    assert overall(study_of("yn")[lambda t: t["attribute"] == ""])["status"] == "withheld"


def test_a_machine_that_is_right_takes_the_noise_of_the_draw_away() -> None:
    pattern = ("y" * 3 + "n" * 7) * 8
    decided = "".join(letter if i % 2 else "?" for i, letter in enumerate(pattern))
    alone, helped = overall(study_of(decided)), overall(study_of(decided, machine=pattern))
    assert helped["high"] - helped["low"] < alone["high"] - alone["low"]
    assert helped["share"] == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("machine", MACHINES[:2], ids=lambda machine: machine.name)
def test_the_interval_contains_the_share_as_often_as_it_says_and_the_naive_one_does_not(machine) -> None:
    held, _, naive = coverage(machine, share=0.3, persons=100, drawn=0.5, rounds=400)
    assert 0.93 <= held <= 0.98
    assert naive < 0.8


@pytest.mark.parametrize(("share", "persons"), [(0.02, 50), (0.05, 20)])
def test_the_interval_of_a_rare_code_contains_the_share_as_often_as_it_says(share: float, persons: int) -> None:
    held, *_ = coverage(OTHERS[1], share=share, persons=persons, drawn=0.5, rounds=1000)
    assert 0.93 <= held <= 0.97


def test_with_few_speakers_in_a_small_group_the_ends_fail_no_oftener_than_is_said() -> None:
    few = [
        misses(MACHINES[0], share=share, persons=persons, drawn=1.0, group=group, rounds=200)
        for share, persons, group in ((0.02, 50, 8), (0.1, 100, 15))
    ]
    assert max(too_low for too_low, _ in few) <= UPPER_END_AT_WORST
    assert max(too_high for _, too_high in few) <= LOWER_END_AT_WORST


def test_figures_near_nothing_do_not_make_an_interval_without_width() -> None:
    """With a little more than half drawn, two excerpts of one person that carry the code nearly cancel each other out."""
    row = interval(np.array([0.004, *[0.0] * 74]), 0.501)
    assert row.share < 0.001
    assert row.high > 0.05


def test_with_everything_drawn_the_interval_is_that_of_a_binomial_test() -> None:
    row = interval(np.array([1.0] * 3 + [0.0] * 17), 1.0)
    assert (row.share, row.low, row.high) == (0.15, 0.0518, 0.3636)
    assert binom.sf(3, 20, row.low) + binom.pmf(3, 20, row.low) / 2 == pytest.approx(0.05, abs=1e-4)
    nobody, everybody = interval(np.zeros(20), 1.0), interval(np.ones(20), 1.0)
    assert (nobody.low, nobody.high) == pytest.approx((1 - everybody.high, 1 - everybody.low))


def test_a_persons_own_figure_has_no_part_in_the_weight_of_its_correction() -> None:
    spoken, control = np.array([2.0, 0.0, 0.0, 2.0, 0.0]), np.array([1.0, -1.0, 0.0, 1.0, 0.0])
    more = spoken + np.array([1.0, 0.0, 0.0, 0.0, 0.0])
    assert PersonFigures(more, control).corrected[0] - PersonFigures(spoken, control).corrected[0] == 1.0


def test_a_single_person_is_not_corrected() -> None:
    assert PersonFigures(np.array([2.0]), np.array([1.0])).corrected.tolist() == [2.0]


def test_two_recounts_agree_with_the_interval_for_figures_of_all_kinds() -> None:
    rng = np.random.default_rng(1)
    for persons, drawn in ((1, 0.5), (6, 0.5), (20, 0.51), (60, 0.7), (40, 1.0)):
        for share in (0.0, 0.1, 1.0):
            figures = np.where(rng.random(persons) < share, rng.choice([1 / drawn, 0.9], persons), 0.0)
            expected = [*astuple(interval(figures, drawn))]
            assert audit_interval(figures.tolist(), drawn) == pytest.approx(expected, abs=1e-4)
            assert second_interval(figures.tolist(), drawn) == pytest.approx(expected, abs=1e-4)


def decide_by_chance(root: Path, share: float = 2 / 3) -> None:
    """Decide a share of the excerpts of respondents, in the lane of the draws by chance: efficiency or not."""
    spoken = (
        pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'").sort_values("excerpt_id")
    )
    rows = list(spoken.itertuples())[: int(len(spoken) * share + 1e-9)]
    lane = f"random {len(rows)}/{len(spoken)}"
    drafts = []
    for number, row in enumerate(rows):
        kind = DecisionKind.UNCODE if number % 3 else DecisionKind.CODE
        drafts.append(Draft(kind, row.excerpt_id, row.text_sha256, "efficiency", lane=lane))
    ledger.append(root / "coded" / "decisions.jsonl", drafts, coder="ana", now=NOW)
    config = root / "config.toml"
    config.write_text(config.read_text("utf-8") + "\n[disclosure]\nsmallest_cell = 2\n", "utf-8")
    analyze(root, fresh=False, now=NOW, tick=quiet)


@pytest.fixture(scope="module")
def drawn_once(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with a random sample decided for one code."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("drawn") / "study")
    decide_by_chance(root)
    return root


def wrong_shares(root: Path) -> list[str]:
    return [
        str(problem) for check in audit(root) for problem in check.problems if "prevalence.csv line" in str(problem)
    ]


def test_a_run_writes_shares_that_the_audit_counts_again(drawn_once: Path) -> None:
    table = pd.read_csv(drawn_once / "outputs" / "prevalence.csv", keep_default_na=False)
    row = table[(table["criterion"] == "efficiency") & (table["attribute"] == "")].iloc[0]
    assert row["status"] == "estimated"
    assert float(row["low"]) <= float(row["share"]) <= float(row["high"])
    assert [problem for check in audit(drawn_once) for problem in check.problems] == []
    assert list(second_shares(StoredStudy(drawn_once))) == []


def test_excerpts_in_which_a_name_is_masked_later_stay_drawn(analysed: Path) -> None:
    path = analysed / "raw/interviews/rosa.txt"
    more = "\nAna Rey: ¿Y quién más sabe de los baldes?\nTito Mar: Pregúntele a Rosa, que ella sabe y lo cuenta bien.\n"
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    decide_by_chance(analysed, 1.0)
    before = pd.read_csv(analysed / "outputs/prevalence.csv")["drawn"].tolist()
    names = analysed / "coded/names.csv"
    rows = pd.read_csv(names, dtype="str", keep_default_na=False)
    rows.loc[rows["words"] == "Rosa", "decision"] = "mask"
    rows.to_csv(names, index=False)
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    placements = pd.read_parquet(analysed / "coded/machine/placements.parquet")
    assert (placements["decided_on"] != placements["now_at"]).tolist() == [True]
    assert pd.read_csv(analysed / "outputs/prevalence.csv")["drawn"].tolist() == before
    assert wrong_shares(analysed) == list(second_shares(StoredStudy(analysed))) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("share", "0.99"), ("high", "0.99"), ("coded_persons", "1"), ("drawn", "1"), ("status", "withheld")],
)
def test_the_audit_names_a_share_that_was_altered(drawn_once: Path, tmp_path: Path, column: str, value: str) -> None:
    root = shutil.copytree(drawn_once, tmp_path / "altered")
    path = root / "outputs" / "prevalence.csv"
    data = pd.read_csv(path, dtype="str", keep_default_na=False)
    at = data.index[(data["criterion"] == "efficiency") & (data["attribute"] == "")][0]
    data.loc[at, column] = value
    data.to_csv(path, index=False, lineterminator="\n")
    assert column == "status" or list(second_shares(StoredStudy(root)))
    assert [problem for problem in wrong_shares(root) if f"line {at + 2}: its {column} does not match" in problem]


def test_report_and_evidence_book_show_the_shares_or_why_there_are_none(drawn_once: Path, analysed_once: Path) -> None:
    page = (drawn_once / "outputs" / "report.html").read_text("utf-8")
    assert "95% interval" in page
    assert "No share can be estimated" in (analysed_once / "outputs" / "report.html").read_text("utf-8")
    book = openpyxl.load_workbook(drawn_once / "outputs" / "evidence.xlsx")
    sheet = next(each for each in book if [cell.value for cell in each[1]][:2] == ["attribute", "value"])
    table = pd.read_csv(drawn_once / "outputs" / "prevalence.csv")
    assert sheet.max_row - 2 == len(table)


def test_shares_are_a_frame_in_python(drawn_once: Path) -> None:
    table = OpenStudy(drawn_once).prevalence("efficiency")
    row = table[table["attribute"] == ""].iloc[0]
    assert row["low"] <= row["share"] <= row["high"]


def test_the_audit_names_a_row_that_is_gone(drawn_once: Path, tmp_path: Path) -> None:
    root = shutil.copytree(drawn_once, tmp_path / "altered")
    path = root / "outputs" / "prevalence.csv"
    path.write_text("\n".join(path.read_text("utf-8").split("\n")[:-2]) + "\n", "utf-8")
    assert any("has no row for" in str(problem) for check in audit(root) for problem in check.problems)


def test_the_command_shows_shares_or_says_how_to_draw_a_sample(analysed_once: Path, drawn_once: Path) -> None:
    refused = CliRunner().invoke(app, ["prevalence", "efficiency", "--study", str(analysed_once)])
    assert refused.exit_code == 1
    assert "no excerpt was drawn at random and decided" in refused.stderr
    assert "start a round of" in refused.stderr
    ran = CliRunner().invoke(app, ["prevalence", "efficiency", "--study", str(drawn_once), "--json"])
    assert json.loads(ran.stdout)[0]["status"] == "estimated"
    shown = CliRunner().invoke(app, ["prevalence", "--study", str(drawn_once)])
    assert "coded (not corrected)" in shown.stdout

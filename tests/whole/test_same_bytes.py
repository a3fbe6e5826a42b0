"""The same inputs and program give the same bytes: on any day, in any place, with any number of workers."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from small_publication import publication
from studies import ROOT, SMALL, hashes

from pipeline import study as folders
from pipeline.publish import workbook
from pipeline.publish.html import report
from pipeline.steps import publish as publish_step
from pipeline.steps.inputs import load_brief

YEARS = (
    60 * 60 * 24 * 365 * 7 + 60 * 60 * 31
)  # seconds that the second run's clock is ahead: years, a day and some hours

# Python loads this module by itself when it starts, in the run and in its workers: every clock that Python code asks is ahead
AHEAD = """
    import datetime, os, time
    import pandas, pyarrow  # they build their own types on the real datetime, so they come first

    ahead = int(os.environ["SECONDS_AHEAD"])
    real, plain, gmtime, localtime = time.time, datetime.datetime, time.gmtime, time.localtime

    class Moved(plain):
        @classmethod
        def now(cls, tz=None):
            return plain.now(tz) + datetime.timedelta(seconds=ahead)

        today = now

    time.time = lambda: real() + ahead
    time.gmtime = lambda seconds=None: gmtime(time.time() if seconds is None else seconds)
    time.localtime = lambda seconds=None: localtime(time.time() if seconds is None else seconds)
    datetime.datetime = Moved
"""


def run(study: Path, *, ahead: int = 0, **surroundings: str) -> None:
    """`analyze` as its users call it, by a clock that is some seconds ahead."""
    clock = study.parent / f"clock of {study.name}"
    clock.mkdir(exist_ok=True)
    (clock / "sitecustomize.py").write_text(textwrap.dedent(AHEAD))
    path = os.pathsep.join((str(clock), str(ROOT)))
    environment = {**os.environ, **surroundings, "PYTHONPATH": path, "SECONDS_AHEAD": str(ahead)}
    environment.pop("SOURCE_DATE_EPOCH", None)
    command = [sys.executable, "-m", "pipeline", "analyze", "--study", str(study)]
    subprocess.run(command, check=True, env=environment, cwd=study.parent, capture_output=True)


def record(study: Path) -> dict[str, Any]:
    content = json.loads((study / "outputs" / "run.json").read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def differences(one: Any, other: Any, at: str = "") -> set[str]:
    """Where two records differ, as keys joined by >."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return set() if one == other else {at}
    inside = (differences(one.get(key), other.get(key), f"{at}>{key}" if at else key) for key in {*one, *other})
    return {place for found in inside for place in found}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, analysed today by one worker."""
    study = tmp_path_factory.mktemp("here") / "study"
    shutil.copytree(SMALL, study)
    run(study, TZ="America/Lima", LANG="es_PE.UTF-8", LC_ALL="C.UTF-8", PYTHONHASHSEED="1")
    return study


@pytest.fixture(scope="module")
def years_later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, analysed years later, elsewhere, by two workers."""
    study = tmp_path_factory.mktemp("elsewhere") / "otro estudio ñ"
    shutil.copytree(SMALL, study)
    config = study / "config.toml"
    config.write_text(config.read_text("utf-8").replace("workers = 1", "workers = 2"), "utf-8")
    run(study, ahead=YEARS, TZ="Pacific/Auckland", LANG="C", LC_ALL="C", PYTHONHASHSEED="2")
    return study


def test_case_61_the_same_study_gives_the_same_bytes_years_later_elsewhere_by_more_workers(
    today: Path, years_later: Path
) -> None:
    assert record(today)["at"][:4] != record(years_later)["at"][:4]
    assert hashes(today) == hashes(years_later)


def test_the_records_of_two_such_runs_differ_in_times_and_in_the_setting_that_differs(
    today: Path, years_later: Path
) -> None:
    one, other = record(today), record(years_later)
    times = {"at", *(f"stages>{stage}>seconds" for stage in one["stages"])}
    workers = {"inputs>config.toml", "blocks>config.toml"}
    assert differences(one, other) - times == {*workers, "seal", "tree"}


def test_what_is_brought_up_to_date_years_later_is_what_a_fresh_run_gives(today: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(today, old)
    shutil.copytree(SMALL, new)
    for study in (old, new):
        path = study / "raw" / "interviews" / "rosa.txt"
        path.write_text(path.read_text("utf-8") + "Rosa Luna: Y gracias.\n", "utf-8")
    run(old, ahead=YEARS)
    run(new)
    assert record(old)["stages"]["ingest"]["read_anew"] == 1
    assert hashes(old) == hashes(new)


# ---- the edition, and the date that a study may give itself


def test_workbook_report_and_record_name_one_edition(today: Path) -> None:
    edition = record(today)["edition"]
    assert len(edition) == 8
    said = f"edition {edition}: the same inputs and program give the same edition."
    assert said in (today / "outputs" / "report.html").read_text("utf-8")
    assert said in read_me(today / "outputs" / "evidence.xlsx")


def test_a_changed_input_or_setting_gives_another_edition_and_the_number_of_workers_does_not(small_study: Path) -> None:
    study = folders.locate_study(small_study)
    config, findings = small_study / "config.toml", small_study / "coded" / "findings.toml"

    def edition() -> str:
        return publish_step.edition_of(load_brief(study), folders.input_hashes(study), {})

    first = edition()
    config.write_text(config.read_text("utf-8").replace("workers = 1", "workers = 2  # a comment"), "utf-8")
    assert edition() == first
    config.write_text(config.read_text("utf-8").replace("seed = 7", "seed = 8"), "utf-8")
    second = edition()
    findings.write_text(findings.read_text("utf-8") + "\n", "utf-8")
    assert len({first, second, edition()}) == 3


def test_the_date_of_a_study_is_shown_as_it_is_written(tmp_path: Path) -> None:
    made = publication()
    dated = replace(
        made,
        settings=made.settings.model_copy(
            update={"study": made.settings.study.model_copy(update={"date": "May & June 2023"})}
        ),
    )
    workbook.write(dated, tmp_path)
    assert "May & June 2023" in read_me(tmp_path / "evidence.xlsx").split("\n")
    assert 'lang="en">Date: May &amp; June 2023.' in report.page(dated)
    assert 'lang="en">Date:' not in report.page(made)


def read_me(path: Path) -> str:
    """The text of a workbook's first sheet."""
    return "\n".join(str(cell.value) for cell in openpyxl.load_workbook(path).worksheets[0]["A"])

"""Every key of config.toml changes something of a run: what is read, coded or counted, what people see, or how it is worked on."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import BaseModel
from settings import set_key
from small_surveys import LONG, comma, read, workbook
from studies import NOW, quiet

from pipeline import engine, tables
from pipeline.config import EvidenceSettings, Settings, StrengthRule, StrongRule, load_settings
from pipeline.evidence import strength
from pipeline.records import Draft
from pipeline.registers.study_registers import load_registers
from pipeline.review import decisions as ledger
from pipeline.steps import ingest as ingest_step
from pipeline.steps.analyze import analyze
from pipeline.study import locate_study, study_id
from pipeline.vocabulary import DecisionKind, Strength

MADE_BY = {"version", "reading_key", "voter"}  # columns that name what made a row, and change with any choice


def stored(study: Path) -> dict[str, pd.DataFrame]:
    frames = {t.name: tables.read_table(study / f"coded/machine/{t.name}.parquet", t) for t in tables.TABLES}
    return {name: frame.drop(columns=MADE_BY.intersection(frame.columns)) for name, frame in frames.items()}


def published(study: Path) -> dict[str, str]:
    names = ("evidence.csv", "matrix.csv", "report.html")
    texts = {name: (study / "outputs" / name).read_text("utf-8") for name in names}
    return {name: re.sub(r"\b[0-9a-f]{8}\b", "EDITION", text) for name, text in texts.items()}


def decide(study: Path) -> None:
    """Let a coder code an excerpt with what the machine does not see in it."""
    excerpts = pd.read_parquet(study / "coded/machine/excerpts.parquet")
    row = excerpts[excerpts["role"] == "respondent"].iloc[0]
    draft = Draft(DecisionKind.CODE, row["excerpt_id"], row["text_sha256"], "sustainability", value="negative")
    ledger.append(
        study / "coded/decisions.jsonl", [draft], coder="ana", now=NOW, study=study_id(locate_study(study))
    )  # fmt: skip
    analyze(study, fresh=False, now=NOW, tick=quiet)


TABLES = {  # key -> value with which some table is another
    "study.languages": ["en"],
    "ingest.interviewers": [],
    "segment.sentences": 1,
    "segment.chars": 80,
    "tag.embeddings": True,
    "tag.recall": 0.5,
    "tag.decision_weight": 20.0,
    "evidence.closeness": 1.0,
    "privacy.names": "off",
}
OUTPUTS = {  # key -> value with which something that people read is another
    "study.title": "Another project",
    "study.subtitle": "In the upper valley",
    "study.date": "May 2023",
    "study.language": "es",
    "study.seed": 8,
    "study.group_by": "gender",
    "disclosure.smallest_cell": 2,
}


@pytest.mark.parametrize("key", TABLES)
def test_a_key_of_reading_and_coding_changes_a_table(analysed: Path, key: str) -> None:
    if key == "tag.decision_weight":
        decide(analysed)
    before = stored(analysed)
    set_key(analysed, key, TABLES[key])
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    after = stored(analysed)
    assert any(not before[name].equals(after[name]) for name in before)


@pytest.mark.parametrize("key", OUTPUTS)
def test_a_key_of_presentation_changes_what_people_read(analysed: Path, key: str) -> None:
    before = published(analysed)
    set_key(analysed, key, OUTPUTS[key])
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    assert published(analysed) != before


LIMITS: dict[str, Callable[[engine.Limits, int], int]] = {
    "ingest.seconds": lambda limits, _workers: limits.seconds,
    "ingest.memory_mb": lambda limits, _workers: limits.memory_mb,
    "engine.workers": lambda _limits, workers: workers,
}


@pytest.mark.parametrize("key", LIMITS)
def test_a_limit_reaches_the_processes_that_read(small_study: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    seen: list[int] = []

    def run(_function: object, _items: object, *, workers: int, limits: engine.Limits) -> Any:
        seen.append(LIMITS[key](limits, workers))
        return iter(())

    monkeypatch.setattr(engine, "run", run)
    set_key(small_study, key, 256)
    study = locate_study(small_study)
    ingest_step.read_all(study, load_settings(study.config), load_registers(study), {}, lambda _done, _total: None)
    assert seen == [256]


ROWS = [["person", "when", "a", "b"], ["P001", "x1", LONG[0], LONG[1]], ["P002", "x1", LONG[2], LONG[3]]]
SURVEY = {  # key -> value with which the same survey is read otherwise
    "person": "when",
    "id": "when",
    "open": ["a"],
    "ignore": ["a"],
    "rows": 9,
}


@pytest.mark.parametrize("key", SURVEY)
def test_a_key_of_a_survey_changes_what_is_read(key: str) -> None:
    assert read(comma(ROWS), **{key: SURVEY[key]}) != read(comma(ROWS), rows=2)


def test_the_language_of_a_survey_is_that_of_answers_too_short_to_detect() -> None:
    short = comma([["q"], ["12"], ["ok"]])
    assert {turn.language for turn in read(short, open=["q"], language="pt").turns} == {"pt"}


def test_the_file_of_a_survey_says_which_one_is_meant() -> None:
    assert read(comma(ROWS), "one.csv", open=["a"]) != read(comma(ROWS), "one.csv")


def test_the_sheet_of_a_survey_says_which_one_is_read() -> None:
    book = workbook({"first": ROWS, "second": [["q"], [LONG[3]]]})
    assert read(book, "one.xlsx", sheet="second") != read(book, "one.xlsx")


def test_rows_with_one_id_count_as_the_key_twice_says() -> None:
    readings = [read(comma(ROWS), id="when", twice=choice) for choice in ("all", "first", "last")]
    assert len(set(readings)) == 3


def test_the_form_of_a_survey_is_read_with_it(small_study: Path) -> None:
    (small_study / "raw/surveys/form.xlsx").write_bytes(b"a form")
    config = small_study / "config.toml"
    config.write_text(config.read_text("utf-8").replace('person = "id"', 'person = "id"\nform = "form.xlsx"'), "utf-8")
    study = locate_study(small_study)
    tasks = ingest_step.tasks_of(ingest_step.RawFiles(study), load_settings(study.config), load_registers(study))
    assert {task.form for task in tasks if task.path.endswith("vecinos.csv")} == {b"a form"}


COUNTS = strength.Counts(
    persons=12, groups=4, kinds=2, sources=12, confirmed=12, suggested=3, supports=12, contradicts=1, qualifies=0,
    top_share=0.1, contradicting_share=0.1, confirmed_share=0.8,
)  # fmt: skip
CONDITIONS = EvidenceSettings().strong.conditions()
STRICTER = {c.key: 0.0 if c.at_most else 0.99 if isinstance(c.limit, float) else 99 for c in CONDITIONS}
LENIENT = {c.key: 1.0 if c.at_most else 0 for c in CONDITIONS}


@pytest.mark.parametrize("key", StrongRule.model_fields)
def test_a_condition_of_strong_decides(key: str) -> None:
    rules = EvidenceSettings(strong=StrongRule(**LENIENT), moderate=StrengthRule(**LENIENT))
    assert strength.strength(COUNTS, rules) is Strength.STRONG
    stricter = rules.model_copy(update={"strong": StrongRule(**{**LENIENT, key: STRICTER[key]})})
    assert strength.strength(COUNTS, stricter) is Strength.MODERATE


@pytest.mark.parametrize("key", StrengthRule.model_fields)
def test_a_condition_of_moderate_decides(key: str) -> None:
    out_of_reach = StrongRule(**{**LENIENT, "persons": 99})
    rules = EvidenceSettings(strong=out_of_reach, moderate=StrengthRule(**LENIENT))
    assert strength.strength(COUNTS, rules) is Strength.MODERATE
    stricter = rules.model_copy(update={"moderate": StrengthRule(**{**LENIENT, key: STRICTER[key]})})
    assert strength.strength(COUNTS, stricter) is Strength.WEAK


def test_contested_decides_how_many_who_contradict_are_too_many() -> None:
    assert strength.strength(COUNTS, EvidenceSettings(contested=0.05)) is Strength.CONTESTED
    assert strength.strength(COUNTS, EvidenceSettings(contested=0.9)) is not Strength.CONTESTED


# Tested where their subject is: tests/review (the share drawn by chance), tests/evidence (null control, number of links),
# tests/ingest/survey, tests/engine (scheduler), tests/privacy/names (roster, models), tests/steps/test_voters.py (voters, chat).
ELSEWHERE = {
    "chat.leaves_the_machine",
    "chat.model",
    "chat.requests",
    "chat.seconds",
    "chat.url",
    "privacy.models",
    "privacy.roster",
    "review.chance_share",
    "engine.scheduler",
    "evidence.candidates",
    "evidence.false_findings",
    "evidence.false_links",
    "surveys.attributes",
    "surveys.include",
    "surveys.joined",
    "surveys.same_for_all",
    "tag.voters",
}


def test_no_key_is_without_a_test() -> None:
    keys = set()
    for section, field in Settings.model_fields.items():
        model = next(c for c in (field.annotation, *getattr(field.annotation, "__args__", ())) if _is_section(c))
        keys |= {f"{section}.{name}" for name in model.model_fields}
    surveys = {f"surveys.{name}" for name in (*SURVEY, "file", "language", "sheet", "twice", "form")}
    rules = {"evidence.strong", "evidence.moderate", "evidence.contested"}
    assert keys == {*TABLES, *OUTPUTS, *LIMITS, *surveys, *rules, *ELSEWHERE}


def _is_section(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)

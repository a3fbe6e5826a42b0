"""How much of a study is held at a time: counted in rows, texts and tables, never in megabytes or seconds."""

import gc
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_publication import publication
from studies import NOW, quiet

from pipeline import contract, tables
from pipeline import study as folders
from pipeline.evidence import evidence_rows
from pipeline.privacy import consent
from pipeline.privacy.shown_texts import shown_texts
from pipeline.publish import Publication, workbook
from pipeline.records import Vote
from pipeline.sheets import Sheet
from pipeline.steps import evidence, inputs
from pipeline.steps import publish as publish_step
from pipeline.steps.analyze import analyze
from pipeline.tag import coding, similarity


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows were made into tuples at a time, every time that rows were."""
    found: list[int] = []
    whole = tables.rows_of

    def counted(data: pd.DataFrame, names: Sequence[str]) -> Any:
        found.append(len(data))
        return whole(data, names)

    monkeypatch.setattr(tables, "rows_of", counted)
    return found


def excerpts(count: int) -> pd.DataFrame:
    rows = [
        (f"s:{i}-{i + 1}", "s", i, "p", "respondent", "en", i, i + 1, f"words {i}", "0", "", "") for i in range(count)
    ]
    return pd.DataFrame(rows, columns=tables.EXCERPTS.names)


def test_excerpts_become_records_some_at_a_time(made: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding, "AT_A_TIME", 7)
    spoken = coding.respondents(excerpts(50))
    assert [excerpt.text for excerpt in spoken] == [f"words {i}" for i in range(50)]
    assert (max(made), sum(made)) == (7, 50)


def test_the_excerpts_that_are_coded_share_the_words_of_their_table() -> None:
    frame = excerpts(50)
    assert coding.respondents(frame).frame is frame


def test_findings_are_compared_with_some_excerpts_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def cosines(statements: Sequence[str], _excerpts: object, _vectors: object) -> Any:
        def some(texts: Sequence[str]) -> Any:
            compared.append(len(texts))
            return pd.DataFrame(0.0, index=range(len(statements)), columns=range(len(texts))).to_numpy()

        return some

    monkeypatch.setattr(coding, "AT_A_TIME", 7)
    monkeypatch.setattr(similarity, "_cosines", cosines)
    similarity.similarity(["It works."], coding.respondents(excerpts(50)), None, least=0.25)
    assert (max(compared), sum(compared)) == (7, 50)


def test_reasons_are_worded_some_at_a_time_and_are_those_of_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = [
        Vote(f"s:{i}-{i + 1}", code, "rule:r", 1, 0.9, "", f'{{"words": "w{i}"}}', "1")
        for i in range(20)
        for code in ("a", "b")
    ]
    frame = tables.frame(votes, tables.VOTES)
    rows = frame[["excerpt_id", "criterion"]]
    whole = evidence.Reasons(frame, frozenset({"s:3-4"}), "en").of(rows)
    worded: list[int] = []
    real = evidence_rows.reasons
    monkeypatch.setattr(
        evidence_rows, "reasons", lambda some, language: worded.append(len(some)) or real(some, language)
    )
    monkeypatch.setattr(evidence, "WORDED", 4)
    assert list(evidence.Reasons(frame, frozenset({"s:3-4"}), "en").of(rows)) == list(whole)
    assert (max(worded), sum(worded)) == (4, 40)
    assert [
        why for (excerpt, _), why in zip(rows.itertuples(index=False), whole, strict=True) if excerpt == "s:3-4"
    ] == [
        "",
        "",
    ]


def test_rows_of_a_sheet_are_made_some_at_a_time_whenever_they_are_gone_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "AT_A_TIME", 2)
    (sheet,) = (p for p in workbook.pages(publication()) if isinstance(p, Sheet) and p.name == "Relevance")
    assert not isinstance(sheet.rows, list)
    first = iter(sheet.rows)
    assert next(first) == next(iter(sheet.rows))
    assert len(list(first)) == len(sheet.rows) - 1


def test_the_words_of_coded_excerpts_are_held_once(analysed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Publication] = []
    monkeypatch.setattr(publish_step, "publish", lambda _staging, made, _tick, _drawn: seen.append(made) or {})
    analyze(analysed, fresh=True, now=NOW, tick=quiet)
    assert len(seen[0].coded)
    assert not {"text", "question", "text_sha256"} & set(seen[0].coded.columns)


def test_a_text_is_made_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    blanked: list[str] = []
    real = consent.blanked
    monkeypatch.setattr(consent, "blanked", lambda text, stretches: blanked.append(text) or real(text, stretches))
    texts = pd.DataFrame([("a", "One two."), ("b", "Three.")], columns=["source_id", "text"])
    turns = pd.DataFrame([("a", 1, 4, 8), ("b", 1, 0, 6)], columns=["source_id", "turn", "start", "end"])
    shown = shown_texts({"texts": texts, "turns": turns}, {("a", 1)})
    assert (len(shown), list(shown), blanked) == (2, ["a", "b"], [])
    assert shown["a"] == "One     "
    assert blanked == ["One two."]


def test_the_votes_are_gone_when_the_outputs_are_written(analysed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    votes: list[weakref.ref[pd.DataFrame]] = []
    alive: list[bool] = []
    build, publish = evidence.build_evidence, publish_step.publish

    def building(brief: Any, people: Any, frames: dict[str, pd.DataFrame], tagged: Any, **named: Any) -> Any:
        votes.append(weakref.ref(frames["votes"]))
        return build(brief, people, frames, tagged, **named)

    def publishes(*given: Any) -> dict[str, str]:
        gc.collect()
        alive.append(votes[0]() is not None)
        return publish(*given)

    monkeypatch.setattr(evidence, "build_evidence", building)
    monkeypatch.setattr(publish_step, "publish", publishes)
    analyze(analysed, fresh=True, now=NOW, tick=quiet)
    assert alive == [False]


def test_frames_that_are_joined_are_emptied_column_by_column(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [excerpts(5), excerpts(5)]
    left: list[int] = []
    monkeypatch.setattr(contract, "hand_back", lambda: left.append(len(parts[0].columns)))
    tables.joined(parts, tables.EXCERPTS)
    assert left == list(range(len(tables.EXCERPTS.names)))[::-1]


def test_tables_of_the_last_run_are_read_on_demand_and_held_only_by_the_caller(analysed: Path) -> None:
    study = folders.locate_study(analysed)
    kept = inputs.kept_tables(study, folders.last_run(study))
    assert {table.name for table in tables.TABLES} == set(kept)
    assert "votes" in kept
    votes = weakref.ref(kept["votes"])
    gc.collect()
    assert votes() is None
    assert kept["votes"].equals(kept["votes"])

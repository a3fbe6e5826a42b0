"""Corrected transcripts are audited: by the audit and by the second verifier, each place has its line, and each line its place."""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest
from second_verifier import verify
from small_ledger import decide_on
from studies import NOW, quiet

from pipeline.records import MarkedSpan
from pipeline.registers.corrections import COLUMNS, NAME
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit, trace
from pipeline.steps.review import load_frames
from pipeline.steps.withdraw import withdraw
from pipeline.study import Study
from pipeline.vocabulary import DecisionKind

RIVER = "Antes íbamos al río con baldes, dos horas de camino. Los niños se enfermaban todo el tiempo."
PARTS = "Yo no creo. Cuando se rompa, ya nadie viene. No hay repuestos ni plata."
ROWS = (
    {"words": "baldes", "corrected": "cubetas grandes", "by": "Ana", "at": "2026-01-01T10:00:00+00:00", "reason": "heard"},
    {"words": "niños", "corrected": "hijos de Rosa Luna"},
    {"source": "jo", "words": "far too expensive, and", "corrected": "too expensive and"},
    {"words": "Yo no creo.", "speaker": "Tito Mar", "new_speaker": "Rosa Luna", "by": "Leo"},
    {"words": "¿Y ahora que se fueron", "speaker": "Ana Rey", "new_speaker": "Rosa Luna", "by": "Ana"},
    {"words": "Ahora la bomba sigue", "speaker": "Rosa Luna", "new_speaker": "INTERVIEWER"},
)  # fmt: skip


def correct(root: Path, *rows: dict[str, str]) -> None:
    with (root / NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({"source": "rosa", **row} for row in rows)


def problems_of(root: Path) -> list[str]:
    return [f"{p.where}: {p.what}" for check in audit(root) for p in check.problems]


@pytest.fixture(scope="module")
def corrected_once(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, decided on and then corrected; not to be changed."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("corrected") / "study")
    frames = load_frames(Study(root), "excerpts", "texts", "turns", "masks", "corrections", "sources")
    path = root / "coded/decisions.jsonl"
    decide_on(path, frames, RIVER, criterion="sustainability")
    at = RIVER.index("dos horas")
    decide_on(
        path, frames, RIVER, kind=DecisionKind.SPAN, criterion="sustainability", value="", span=MarkedSpan(at, at + 9)
    )
    decide_on(path, frames, PARTS, criterion="sustainability")
    correct(root, *ROWS)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    return root


def test_a_corrected_study_holds_and_only_the_decision_on_another_speakers_words_is_stale(corrected_once: Path) -> None:
    assert [each.split(":")[0] for each in problems_of(corrected_once)] == ["coded/decisions.jsonl line 3"]
    assert verify(corrected_once) == []
    placements = pd.read_parquet(corrected_once / "coded/machine/placements.parquet")
    assert sorted(placements["status"]) == ["corrected", "stale"]
    codings = pd.read_parquet(corrected_once / "coded/machine/codings.parquet").query("status == 'single'")
    assert list(codings["decided_by"]) == ["ana"]
    excerpts = pd.read_parquet(corrected_once / "coded/machine/excerpts.parquet").query("source_id == 'rosa'")
    columns = (excerpts["text"], excerpts["role"], excerpts["participant_id"])
    roles = {text.split()[1]: (role, person) for text, role, person in zip(*columns, strict=True)}
    assert roles["ahora"] == ("respondent", "W1")  # the file has the interviewer say so
    assert roles["la"][0] == "interviewer"  # and a respondent this


def test_a_trace_shows_what_was_recorded_and_what_it_became_but_no_name(corrected_once: Path) -> None:
    excerpts = pd.read_parquet(corrected_once / "coded/machine/excerpts.parquet")
    river, parts = (
        excerpts.loc[excerpts["text"].str.contains(word), "excerpt_id"].iloc[0] for word in ("cubetas", "repuestos")
    )
    lines = str(trace(corrected_once, river))
    assert "as recorded: “baldes”, corrected to: “cubetas grandes”; Ana, 2026-01-01T10:00:00+00:00; heard; " in lines
    assert "corrected; the words are not shown; coded/corrections.csv line 3" in lines
    assert "niños" not in lines
    assert "Rosa Luna" not in lines
    assert "who speaks was corrected; Leo; coded/corrections.csv line 5" in str(trace(corrected_once, parts))
    answer = excerpts.loc[excerpts["text"].str.startswith("¿Y ahora"), "excerpt_id"].iloc[0]
    assert "who speaks was corrected; Ana; coded/corrections.csv line 6" in str(trace(corrected_once, answer))


@pytest.fixture
def corrected(corrected_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(corrected_once, tmp_path / "study")


def test_a_line_that_is_gone_or_says_something_else_is_reported(corrected: Path) -> None:
    correct(corrected, {**ROWS[0], "corrected": "tinas"}, *ROWS[1:3])
    named = [each for each in problems_of(corrected) if "corrections" in each]
    assert any("line 2: is a correction that is not applied" in each for each in named)
    assert sum("no line of coded/corrections.csv says so" in each for each in named) == 4
    assert any("corrections" in str(each) for each in verify(corrected))


def test_a_line_whose_words_are_not_there_is_reported_by_the_run_and_by_the_audit(corrected: Path) -> None:
    correct(corrected, *ROWS[:3], {"words": "never written", "corrected": "x"})
    outcome = analyze(corrected, fresh=False, now=NOW, tick=quiet)
    assert [p.where for p in outcome.problems] == [f"{NAME} line 5"]
    assert problems_of(corrected) == [f"{NAME} line 5: is a correction that is not applied"]
    assert verify(corrected) == []


def test_a_withdrawal_takes_corrections_of_the_persons_words_and_leaves_who_speaks(corrected: Path) -> None:
    withdraw(corrected, "W1", is_removing=False, now=NOW, tick=quiet)
    with (corrected / NAME).open(encoding="utf-8-sig", newline="") as file:
        assert [row["words"] for row in csv.DictReader(file)] == [row["words"] for row in ROWS[2:]]
    texts = pd.read_parquet(corrected / "coded/machine/texts.parquet")
    assert not any(word in text for text in texts["text"] for word in ("creo", "ingenieros"))

"""Decisions on words of a transcript that is corrected: they stay on their words, and lapse where these are another speaker's."""

import csv
import random
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from small_ledger import decide_on
from studies import NOW, quiet

from pipeline.config import load_settings
from pipeline.records import Decision, MarkedSpan
from pipeline.registers.corrections import COLUMNS, NAME
from pipeline.registers.study_registers import load_registers
from pipeline.review import decisions as ledger
from pipeline.review.boundaries.drafting import Stretch, cut_draft, nearest_gap
from pipeline.review.identity import passages
from pipeline.review.placement import places_of, quotes_of, with_selectors
from pipeline.review.settle import State, settle
from pipeline.steps.apply_decisions import PlacedDecisions, place_decisions, spans_table
from pipeline.steps.ingest import read_all
from pipeline.study import locate_study
from pipeline.vocabulary import CodingStatus, DecisionKind

RIVER = "Antes íbamos al río con baldes, dos horas de camino. Los niños se enfermaban todo el tiempo."
PUMP = "Ahora la bomba sigue andando, nosotros mismos la cuidamos y cada familia paga su cuota."
PARTS = "Yo no creo. Cuando se rompa, ya nadie viene. No hay repuestos ni plata."


def correct(root: Path, *rows: dict[str, str]) -> None:
    path = root / NAME
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({"source": "rosa", **row} for row in rows)


def read(root: Path) -> dict[str, pd.DataFrame]:
    study = locate_study(root)
    return read_all(study, load_settings(study.config), load_registers(study), {}, partial(quiet, "read")).frames


class History:
    """A study as it goes on: its texts, and what became of the decisions on them."""

    def __init__(self, root: Path) -> None:
        self.root, self.quotes = root, {}
        self.frames = read(root)

    @property
    def decided(self) -> list[Decision]:
        return list(ledger.load(self.root / "coded/decisions.jsonl"))

    def decide(self, words: str, **more: object) -> Decision:
        line = decide_on(self.root / "coded/decisions.jsonl", self.frames, words, **more)
        self.remember()
        return line

    def remember(self) -> None:
        missing = set(passages(self.decided)) - set(self.quotes)
        self.quotes |= quotes_of(missing, self.frames)

    def run(self, *rows: dict[str, str]) -> None:
        correct(self.root, *rows)
        self.frames = read(self.root)
        limits = load_settings(self.root / "config.toml").segment
        self.placed: PlacedDecisions = place_decisions(self.decided, self.quotes, self.frames, limits)
        self.frames |= {"excerpts": self.placed.excerpts, "placements": self.placed.placements}

    @property
    def state(self) -> State:
        return settle(self.decided, places_of(self.decided, self.frames), {"criterion": ("relevance",)})

    def words_decided_on(self) -> list[str]:
        texts = dict(zip(self.frames["excerpts"]["excerpt_id"], self.frames["excerpts"]["text"], strict=True))
        return [texts[each.excerpt_id] for each in sorted(self.state.coder_decisions, key=lambda d: d.seq)]


@pytest.fixture
def history(small_study: Path) -> History:
    return History(small_study)


BUCKETS = {"words": "baldes", "corrected": "cubetas grandes"}
HOURS = {"words": "dos horas", "corrected": "3 h"}


def test_a_decision_stays_when_a_typo_is_corrected_corrected_again_and_taken_back(history: History) -> None:
    history.decide(RIVER)
    history.decide(PARTS)
    for rows, words in (
        ([BUCKETS], RIVER.replace("baldes", "cubetas grandes")),
        ([{**BUCKETS, "corrected": "tinas"}, HOURS], RIVER.replace("baldes", "tinas").replace("dos horas", "3 h")),
        ([{**BUCKETS, "corrected": "cubeta"}], RIVER.replace("baldes", "cubeta")),  # as long as it was: nothing moves
        ([HOURS], RIVER.replace("dos horas", "3 h")),
        ([], RIVER),
    ):
        history.run(*rows)
        assert history.words_decided_on() == [words, PARTS]
        assert not history.state.stale
        assert {coding.status for coding in history.state.codings} == {CodingStatus.SINGLE}


def test_a_decision_on_corrected_words_stays_when_the_correction_is_taken_back(history: History) -> None:
    history.run(BUCKETS)
    history.decide(RIVER.replace("baldes", "cubetas grandes"))
    history.run(HOURS)
    assert history.words_decided_on() == [RIVER.replace("dos horas", "3 h")]
    history.run()
    assert history.words_decided_on() == [RIVER]
    assert not history.state.stale


def test_a_decision_lapses_when_the_words_become_another_speakers_and_holds_again_when_they_do_not(
    history: History,
) -> None:
    history.decide(PARTS)
    history.decide(RIVER)
    wrong = {"words": "Yo no creo.", "speaker": "Tito Mar", "new_speaker": "Rosa Luna"}
    history.run(wrong)
    assert history.words_decided_on() == [RIVER]
    assert [line.seq for line in history.state.stale] == [1]
    row = history.frames["turns"].query("turn == 5").iloc[0]
    assert (row["participant_id"], row["question"]) == ("W1", "¿Y ahora que se fueron los ingenieros?")
    history.run()
    assert history.words_decided_on() == [PARTS, RIVER]


def test_words_that_become_the_interviewers_are_asked_and_no_answer(history: History) -> None:
    history.run({"words": "Los niños", "new_speaker": "INTERVIEWER"})
    turns = history.frames["turns"].query("source_id == 'rosa'")
    assert list(turns["role"])[:4] == ["interviewer"] * 3 + ["respondent"]
    assert set(turns.loc[turns["turn"] == 4, "question"]) == {"¿Y ahora que se fueron los ingenieros?"}
    assert set(turns.loc[turns["turn"] < 4, "question"]) == {""}


def test_a_cut_and_a_span_follow_a_correction_beside_and_inside_them(history: History) -> None:
    row = history.frames["excerpts"].query("text == @RIVER").iloc[0]
    stretch = Stretch("rosa", int(row["start"]), RIVER)
    gap = nearest_gap(RIVER, RIVER.index("dos horas") - 1)
    path = history.root / "coded/decisions.jsonl"
    ledger.append(path, with_selectors([cut_draft(stretch, gap)], history.frames), coder="ana", now=NOW)
    history.remember()
    history.run()
    second = RIVER[RIVER.index("dos horas") :]
    history.decide(second)
    at = second.index("Los niños")
    history.decide(second, kind=DecisionKind.SPAN, value="", span=MarkedSpan(at, at + len("Los niños")))
    history.run(BUCKETS, HOURS)
    assert not history.placed.lost
    assert history.words_decided_on() == [second.replace("dos horas", "3 h")]
    spans = spans_table(history.state, history.frames["excerpts"], ["relevance"])
    texts = dict(zip(history.frames["excerpts"]["excerpt_id"], history.frames["excerpts"]["text"], strict=True))
    (whole,) = history.frames["texts"].query("source_id == 'rosa'")["text"]
    marked = [whole[r.start : r.end] for r in spans.itertuples()]
    assert marked == ["Los niños"]
    assert RIVER[: RIVER.index(" dos horas")].replace("baldes", "cubetas grandes") in texts.values()


def test_a_decision_is_stale_where_the_file_itself_changed_so_that_the_correction_has_no_words(
    history: History,
) -> None:
    history.run(BUCKETS)
    history.decide(RIVER.replace("baldes", "cubetas grandes"))
    history.decide(PARTS)
    path = history.root / "raw/interviews/rosa.txt"
    path.write_text(path.read_text("utf-8").replace("baldes", "botes"), "utf-8")
    history.run(BUCKETS)
    assert list(history.frames["corrections"]["status"]) == ["not found"]
    assert history.words_decided_on() == [PARTS]
    assert [line.seq for line in history.state.stale] == [1]


def test_a_decision_stays_where_the_file_itself_is_corrected_in_the_same_way(history: History) -> None:
    history.run(BUCKETS)
    history.decide(RIVER.replace("baldes", "cubetas grandes"))
    path = history.root / "raw/interviews/rosa.txt"
    path.write_text(path.read_text("utf-8").replace("baldes", "cubetas grandes"), "utf-8")
    history.run(BUCKETS)
    assert len(history.words_decided_on()) == 1


POOL = (
    BUCKETS, HOURS, {"words": "niños", "corrected": "niños y niñas 😀"}, {"words": "plata", "corrected": "dinero"},
    {"words": "la bomba", "corrected": "la bombita de agua"}, {"words": "no", "nth": "1", "corrected": "casi no"},
    {"words": "camino", "corrected": "a pie"}, {"words": "viene", "corrected": "vendrá"},
)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_in_any_history_of_corrections_a_decision_is_on_its_words(history: History, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    on: dict[int, str] = {}
    for _ in range(6):
        history.run(*draw.sample(POOL, draw.randint(0, 4)))
        texts = [t for t in history.frames["excerpts"]["text"] if any(s in t for s in ("río", "cuota", "creo"))]
        words = draw.choice(texts)
        on[history.decide(words).seq] = next(s for s in ("río", "cuota", "creo") if s in words)
        history.run(*draw.sample(POOL, draw.randint(0, 4)))
        assert not history.state.stale
        present = [next(s for s in ("río", "cuota", "creo") if s in words) for words in history.words_decided_on()]
        assert set(present) == set(on.values())

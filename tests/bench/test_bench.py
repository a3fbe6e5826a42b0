"""The benchmarks: they measure what they say, on input of their own. No figure is asserted."""

import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from studies import ROOT, quiet

from pipeline.bench import aggregated as bench_aggregated
from pipeline.bench import audited as bench_audited
from pipeline.bench import figures as bench_figures
from pipeline.bench import inputs as bench_inputs
from pipeline.bench import layouts as bench_layouts
from pipeline.bench import readers as bench_readers
from pipeline.bench import run as bench
from pipeline.bench.cost import cost_of, side_by_side
from pipeline.bench.figures import Figure
from pipeline.errors import ConfigError
from pipeline.ingest import read_file
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LOOP = "import time\nwhile time.process_time() < 0.3: pass"


def test_the_cost_of_a_command_counts_what_its_children_use(tmp_path: Path) -> None:
    nested = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {LOOP!r}])"
    cost = cost_of([sys.executable, "-c", nested], tmp_path)
    assert 0.2 < cost.processor < 1.5
    assert cost.peak_mb >= cost.largest_mb > 10


def test_a_command_that_fails_is_not_a_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 3"):
        cost_of([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def test_two_works_take_turns() -> None:
    order: list[str] = []
    spent = side_by_side({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, times=2)
    assert "".join(order) == "ababab"
    assert set(spent) == {"a", "b"}


def test_the_same_seed_gives_the_same_speech_and_no_text_twice() -> None:
    texts = list(islice(bench_inputs.speech(), 300))
    assert texts == list(islice(bench_inputs.speech(), 300))
    assert len(set(texts)) > 290
    assert bench_inputs.perturbed(random.Random(1), "uno dos tres")  # noqa: S311


def test_every_file_of_the_readers_contest_holds_the_words() -> None:
    paragraphs = bench_inputs.text_of(6000)
    words = sum(len(p) for p in paragraphs)
    for contest in bench_readers.contests(paragraphs):
        assert contest.chars() > 0.7 * words, contest.format
        assert contest.bare(contest.data) is not None, contest.library


def test_a_conversation_has_the_same_turns_in_every_layout_and_in_the_table() -> None:
    paragraphs = bench_inputs.text_of(6000)
    tasks = [
        bench_layouts.in_table(paragraphs),
        *(bench_layouts.in_layout(one, paragraphs) for one in bench_layouts.LAYOUTS),
    ]
    turns = [[(turn.speaker, turn.language) for turn in read_file(task).turns] for task in tasks]
    assert turns == [turns[0]] * len(tasks)
    assert [speaker for speaker, _ in turns[0][:2]] == ["Ana Rojas", "Luis Vega"]
    assert len(turns[0]) == len(paragraphs)


def test_the_study_that_is_audited_has_persons_decisions_and_links_and_holds(tmp_path: Path) -> None:
    root = bench_audited.study(tmp_path, 12)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    assert bench_audited.decide(root) > 200
    record = analyze(root, fresh=False, now=NOW, tick=quiet).record
    assert record["summary"]["participants"] == record["summary"]["files"] == 12
    assert record["summary"]["links_confirmed"] > 50
    assert [problem for check in audit(root) for problem in check.problems] == []
    assert subprocess.run([sys.executable, "-c", bench_audited.READING, str(root)], check=False).returncode == 0


def test_copies_of_a_study_are_other_people_with_other_words_and_are_counted_as_such(analysed_once: Path) -> None:
    once, thrice = (bench_aggregated.large_study(analysed_once, copies) for copies in (1, 3))
    spoken = thrice.frames["excerpts"].query("role == 'respondent'")
    assert len(set(spoken["text"])) >= 3 * len(set(once.frames["excerpts"].query("role == 'respondent'")["text"]))
    of_one, of_three = bench_aggregated.aggregate(once), bench_aggregated.aggregate(thrice)
    assert len(of_three.uses) == 3 * len(of_one.uses) > 0
    assert len(of_three.people) == 3 * len(of_one.people)
    assert of_three.assessments.keys() == of_one.assessments.keys()


def test_an_unknown_benchmark_is_named() -> None:
    with pytest.raises(ConfigError, match="bench speed: is not a benchmark: use some of unchanged"):
        bench.bench(["speed"], None, files=1, tell=print)


def test_the_table_has_the_figures_with_a_target_in_the_order_of_the_benchmarks(tmp_path: Path) -> None:
    table = tmp_path / "performance.csv"
    figures = {
        "readers": [Figure("reading", "2 s CPU (3 s)", "bare: 1 s", 2.0, "< 3 s")],
        "trace": [Figure("F1", "1 s", target="< 2 s"), Figure("F2", "1 s")],
    }
    bench_figures.update(table, figures, bench.BENCHES, now=NOW)
    head, *rows = table.read_text("utf-8").splitlines()
    assert head == "benchmark,what,ours,peer,ratio,target,day (cores)"
    assert [row.rpartition(" (")[0] for row in rows] == [
        "trace,F1,1 s,,,< 2 s,2026-01-02",
        "readers,reading,2 s (3 s),bare: 1 s,2.00,< 3 s,2026-01-02",
    ]


def test_the_table_keeps_the_rows_that_were_not_measured_again_with_their_day(tmp_path: Path) -> None:
    table, later = tmp_path / "performance.csv", NOW + timedelta(days=40)
    plain, docx, again = (
        Figure(what, ours, target="≥ 1") for what, ours in (("plain", "3"), ("docx", "2"), ("plain", "4"))
    )
    first = {"trace": [Figure("F1", "1 s", target="< 2 s")], "readers": [plain, docx]}
    bench_figures.update(table, first, bench.BENCHES, now=NOW)
    bench_figures.update(table, {"readers": [again]}, bench.BENCHES, now=later)
    rows = [line.split(",") for line in table.read_text("utf-8").splitlines()[1:]]
    assert [(row[1], row[2], row[-1][:10]) for row in rows] == [
        ("F1", "1 s", "2026-01-02"),
        ("plain", "4", "2026-02-11"),
    ]


def test_the_table_of_the_project_is_as_the_program_writes_it(tmp_path: Path) -> None:
    table = tmp_path / "performance.csv"
    written = (ROOT / "docs" / "performance.csv").read_text("utf-8")
    table.write_text(written, "utf-8")
    bench_figures.update(table, {}, bench.BENCHES, now=NOW)
    assert table.read_text("utf-8") == written

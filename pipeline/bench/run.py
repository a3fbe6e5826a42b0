"""`bench`: what the program costs, beside named peers that do the bare part of the same work in the same run."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path

import spacy
from spacy.matcher import PhraseMatcher

from pipeline.bench import aggregated as bench_aggregated
from pipeline.bench import audited as bench_audited
from pipeline.bench import figures as bench_figures
from pipeline.bench import inputs as bench_inputs
from pipeline.bench import layouts as bench_layouts
from pipeline.bench import readers as bench_readers
from pipeline.bench import review_page
from pipeline.bench.cost import Cost, cost_of, middle, pipeline_command, side_by_side
from pipeline.bench.figures import Figure
from pipeline.bench.training import LARGE, exercise, ours, peer
from pipeline.errors import ConfigError, Problem
from pipeline.ingest import read_file
from pipeline.records import Example, Excerpt
from pipeline.steps.inputs import load_brief
from pipeline.study import Study
from pipeline.tag.rules import rules
from pipeline.tag.training import as_excerpt

PEER = """
import hashlib, json, sys
from pathlib import Path
root = Path(sys.argv[1])
run = json.loads((root / "outputs/run.json").read_bytes())
for part in ("inputs", "machine", "outputs"):
    for name, known in run[part].items():
        assert hashlib.sha256((root / name).read_bytes()).hexdigest() == known
"""
FOUND_OR_NOT = frozenset({0, 2})
FILES = 2000  # transcripts for which a limit is set
AUDITED, SURVEY_ROWS, IMPORTED, TRAINED, TAGGED, READ = 1000, 2738, 5000, 5000, 1500, 400_000


@dataclass
class Bench:
    """A temporary folder, and what the benchmarks share in it."""

    folder: Path
    files: int = 200  # of the study of many transcripts
    times: int = field(default=5)

    @cached_property
    def demonstration(self) -> tuple[Path, Cost]:
        """The demonstration, analysed from nothing."""
        root = bench_inputs.demonstration(self.folder)
        return root, self.analyze(root)

    @cached_property
    def survey(self) -> tuple[Path, Cost]:
        """A survey as large as the one of Madrid, analysed from nothing."""
        root = bench_inputs.survey(self.folder, SURVEY_ROWS)
        return root, self.analyze(root)

    def analyze(self, root: Path) -> Cost:
        """The cost of a run."""
        return self.cost(root, "analyze")

    def cost(self, root: Path, *arguments: str) -> Cost:
        """The cost of one of our commands on a study."""
        return cost_of(pipeline_command(*arguments, "--study", str(root)), Path.cwd(), allowed=FOUND_OR_NOT)


def unchanged(bench: Bench) -> Iterator[Figure]:
    """A run that finds nothing to do."""
    root, _ = bench.demonstration
    ours, peers = [], []
    for _ in range(bench.times):
        ours.append(bench.analyze(root))
        peers.append(cost_of([sys.executable, "-c", PEER, str(root)], Path.cwd()))
    our_cost, bare = middle(ours), middle(peers)
    peer = f"hash check alone: {bare.processor:.2f} s"
    yield Figure("nothing changed", _seconds(our_cost), peer, our_cost.processor / max(bare.processor, 0.01), "< 0.5 s")


def changed(bench: Bench) -> Iterator[Figure]:
    """A run after one interview changed, beside the run from nothing."""
    root, cold = bench.demonstration
    costs = []
    for _ in range(3):
        bench_inputs.change(root / bench_inputs.CHANGING)
        costs.append(bench.analyze(root))
    our_cost = middle(costs)
    peer = f"from nothing: {_seconds(cold)}"
    yield Figure("one interview changed", _seconds(our_cost), peer, our_cost.processor / cold.processor)


def cold_survey(bench: Bench) -> Iterator[Figure]:
    """A large survey from nothing."""
    target = "< 30 s (2 cores), < 1,500 MB"
    yield Figure(f"analyze {SURVEY_ROWS:,} rows from nothing", _whole(bench.survey[1]), target=target)
    if bench_inputs.MADRID.exists():
        cost = bench.analyze(bench_inputs.madrid(bench.folder))
        yield Figure("the same, Madrid's proposals", _whole(cost), target=target)


def transcripts(bench: Bench) -> Iterator[Figure]:
    """Many long transcripts, without embeddings."""
    root = bench_inputs.transcripts(bench.folder, bench.files, 50_000)
    config = root / "config.toml"
    config.write_text(config.read_text("utf-8").replace("embeddings = true", "embeddings = false"), "utf-8")
    what = f"analyze {bench.files:,} of 50,000 characters, words only"
    cost = cost_of(pipeline_command("analyze", "--study", str(root)), Path.cwd())  # all of it is read: it ends with 0
    ours = f"{_whole(cost)}, {cost.largest_mb:,.0f} MB in one process"
    target = f"< 1,500 MB in one process, {FILES:,} files"
    yield Figure(what, ours, target=target)


def ruled(bench: Bench) -> Iterator[Figure]:  # noqa: ARG001
    """The patterns over texts, beside spaCy's PhraseMatcher with as many phrases over the same texts."""
    codebook = load_brief(Study(bench_inputs.DEMONSTRATION)).codebook
    compiled = rules.compile_rules(codebook)
    texts = list(islice(bench_inputs.speech(), TAGGED))
    excerpts = [_excerpt(text, number) for number, text in enumerate(texts)]
    nlp = spacy.blank("es")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("phrases", [nlp.make_doc(p.match) for p in codebook.patterns])
    spent = side_by_side(
        {"ours": lambda: rules.votes(compiled, excerpts), "peer": lambda: [matcher(doc) for doc in nlp.pipe(texts)]},
        times=15,
    )
    mega = sum(map(len, texts)) / 1e6
    what = f"{len(codebook.patterns):,} patterns over {TAGGED:,} texts"
    yield _rates(what, "spaCy nlp.pipe + PhraseMatcher", spent, mega, target="≥ 2.5")


def read(bench: Bench) -> Iterator[Figure]:  # noqa: ARG001
    """Every format: millions of characters a second, beside the bare library on the same file."""
    for contest in bench_readers.contests(bench_inputs.text_of(READ)):
        chars = contest.chars()
        spent = side_by_side({"ours": contest.ours, "peer": lambda c=contest: c.bare(c.data)})  # type: ignore[misc]
        yield _rates(contest.format, contest.library, spent, chars / 1e6, target=contest.target)


def recognised(bench: Bench) -> Iterator[Figure]:  # noqa: ARG001
    """The turns of a conversation in several layouts, compared with the same turns in a table with a column of speakers."""
    paragraphs = bench_inputs.text_of(READ // 2)
    table = bench_layouts.in_table(paragraphs)
    for layout in bench_layouts.LAYOUTS:
        task = bench_layouts.in_layout(layout, paragraphs)
        spent = side_by_side({"ours": lambda t=task: read_file(t), "peer": lambda: read_file(table)}, times=9)  # type: ignore[misc]
        yield Figure(
            f"{len(paragraphs):,} paragraphs, {layout}",
            f"{1000 * spent['ours']:.0f} ms CPU",
            f"as a table: {1000 * spent['peer']:.0f} ms",
            spent["ours"] / spent["peer"],
            "≤ 1.25",
        )


def imported(bench: Bench) -> Iterator[Figure]:
    """A review workbook of 5,000 decided rows, beside openpyxl that only reads it."""
    root, _ = bench.survey
    order = ["review", "export", "--coder", "ana", "--size", str(IMPORTED)]
    bench.cost(root, *order)
    (path,) = (root / "coded/review").glob("*.xlsx")
    rows = bench_inputs.fill_in(path)
    our_cost = bench.cost(root, "review", "import", str(path))
    reading = f"import openpyxl; [list(s.values) for s in openpyxl.load_workbook({str(path)!r}, read_only=True)]"
    peer = cost_of([sys.executable, "-c", reading], Path.cwd())
    peer_words = f"openpyxl, reading: {peer.processor:.1f} s"
    yield Figure(f"{rows:,} rows", _seconds(our_cost), peer_words, our_cost.processor / peer.processor, "< 10 s")


def walked(bench: Bench) -> Iterator[Figure]:
    """Trace and audit of the demonstration."""
    root, _ = bench.demonstration
    trace = middle([bench.cost(root, "trace", "F1") for _ in range(3)])
    yield Figure("trace F1", _seconds(trace), target="< 1 s")
    audit = middle([cost_of(pipeline_command("audit", "--study", str(root)), Path.cwd()) for _ in range(3)])
    yield Figure("audit of the demonstration", _seconds(audit), target="< 5 s")


def audited(bench: Bench) -> Iterator[Figure]:
    """The audit of a study of a thousand decided interviews, beside what only reads its files."""
    root = bench_audited.study(bench.folder, AUDITED)
    bench.analyze(root)
    decisions = bench_audited.decide(root)
    bench.analyze(root)
    reading = cost_of([sys.executable, "-c", bench_audited.READING, str(root)], Path.cwd())
    peer = f"reading alone: {reading.processor:.1f} s"
    what = f"{AUDITED:,} interviews, {decisions:,} decisions"
    for option, target in ((), "< 60 s"), (("--quick",), ""):
        cost = cost_of(pipeline_command("audit", *option, "--study", str(root)), Path.cwd())
        name = " ".join(("audit", *option))
        yield Figure(f"{name}, {what}", _whole(cost), peer, cost.processor / reading.processor, target)


def aggregated(bench: Bench) -> Iterator[Figure]:
    """Links, strengths and all counts of many excerpts, beside the same for a tenth of them."""
    root, _ = bench.demonstration
    small, large = bench_aggregated.aggregations(root, bench.folder)
    yield Figure(
        f"{large.excerpts:,} excerpts × {large.findings} findings",
        f"{large.seconds:.1f} s CPU, {large.peak_mb:,.0f} MB",
        f"{small.excerpts:,} excerpts: {small.seconds:.1f} s",
        large.seconds / small.seconds,
        "< 20 s, < 2,000 MB",
    )


def reviewed(bench: Bench) -> Iterator[Figure]:
    """The review page of a study of a hundred thousand excerpts, beside that of the demonstration."""
    root, _ = bench.demonstration
    yield from review_page.measured(root, bench.folder)


def trained(bench: Bench) -> Iterator[Figure]:  # noqa: ARG001
    """Training on 5,000 excerpts and five criteria, beside TF-IDF with logistic regression by scikit-learn."""
    work = exercise(TRAINED)
    spent = side_by_side({"ours": lambda: ours(work), "peer": lambda: peer(work)}, times=1)
    peer_words = f"scikit-learn: {spent['peer']:.1f} s"
    what = f"{TRAINED:,} excerpts × {len(work.codebook.ids)} criteria"
    yield Figure(what, f"{spent['ours']:.1f} s CPU", peer_words, spent["ours"] / spent["peer"], "< 60 s")
    for size, codes, share in LARGE:
        order = f"from pipeline.bench.training import learn; learn({size}, {codes}, {share})"
        cost = cost_of([sys.executable, "-c", order], Path.cwd())
        what = f"without rules, {size:,} excerpts × {codes} codes, {share:.0%} of the cells decided"
        yield Figure(what, _whole(cost), target="< 60 s CPU, < 2,000 MB")


BENCHES: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "unchanged": unchanged,
    "trace": walked,
    "audit": audited,
    "changed": changed,
    "survey": cold_survey,
    "import": imported,
    "aggregation": aggregated,
    "review": reviewed,
    "rules": ruled,
    "readers": read,
    "layouts": recognised,
    "training": trained,
    "transcripts": transcripts,
}


def bench(names: Sequence[str], table: Path | None, *, files: int, tell: Callable[[str], None]) -> list[Figure]:
    """The figures of the benchmarks named (all, if none is), also put into a table; `tell` prints each as it is measured."""
    if unknown := [name for name in names if name not in BENCHES]:
        raise ConfigError(
            Problem(f"bench {' '.join(unknown)}", "is not a benchmark", f"use some of {', '.join(BENCHES)}")
        )
    figures: dict[str, list[Figure]] = {}
    with tempfile.TemporaryDirectory(prefix="hallazgo-bench-") as folder:
        shared = Bench(Path(folder), files)
        for name in names or BENCHES:
            figures[name] = []
            for figure in BENCHES[name](shared):
                tell(f"{name}: {bench_figures.as_line(figure)}")
                figures[name].append(figure)
    if table:
        bench_figures.update(table, figures, BENCHES, now=datetime.now(UTC))
    return [figure for of_one in figures.values() for figure in of_one]


def _excerpt(text: str, number: int) -> Excerpt:
    example = Example(text=text, question="", language="es", codes=(), asked=(), group="bench")
    return as_excerpt(str(number), example)


def _rates(what: str, peer: str, spent: dict[str, float], mega: float, target: str = "") -> Figure:
    ours, peers = mega / spent["ours"], mega / spent["peer"]
    return Figure(what, f"{ours:.2f} M/s", f"{peer}: {peers:.2f} M/s", ours / peers, target)


def _seconds(cost: Cost) -> str:
    return f"{cost.processor:.2f} s CPU ({cost.clock:.2f} s)"


def _whole(cost: Cost) -> str:
    return f"{_seconds(cost)}, {cost.peak_mb:,.0f} MB"

"""`evaluate` and `bench`: how good the tagger is, and what the program costs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, messages, options, progress, show_json, show_lines


@dataclass(frozen=True, slots=True)
class Evaluate:
    """What is typed after `evaluate`."""

    study: StudyPath = Path()
    gold: Annotated[Path | None, typer.Option(help="CSV of texts coded by people, to be scored against")] = None
    train: Annotated[Path | None, typer.Option(help="CSV to learn from instead of the study's decisions")] = None
    no_seeds: Annotated[bool, typer.Option("--no-seeds", help="learn without the study's seeds")] = False
    halves: Annotated[bool, typer.Option("--halves", help="learn from half of the gold file's groups at a time")] = (
        False
    )
    page: Annotated[Path | None, typer.Option(help="put the figures into this page of Markdown")] = None
    title: Annotated[str, typer.Option(help="title of their section on the page")] = "The study as it is"
    as_json: AsJson = False


@options(Evaluate)
def evaluate(asked: Evaluate) -> None:
    """How good the tagger is: per code and language, with intervals by person, baselines and learning curve."""
    from pipeline.evaluation import page as quality_page
    from pipeline.evaluation.data import EvaluationRequest
    from pipeline.evaluation.run import evaluate as run

    with messages(asked.as_json):
        with progress() as tick:
            material = EvaluationRequest(asked.gold, asked.train, not asked.no_seeds, asked.halves)
            result = run(asked.study, material, lambda done, total: tick("evaluate", done, total))
        if asked.page:
            quality_page.update(asked.page, asked.title, result)
        if asked.as_json:
            show_json(result)
        else:
            show_lines(quality_page.as_text(result))


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="some of the benchmarks; else all")] = None,
    files: Annotated[int, typer.Option(help="transcripts in the largest study")] = 200,
    page: Annotated[Path | None, typer.Option(help="put the figures into this page of Markdown, too")] = None,
    as_json: AsJson = False,
) -> None:
    """What the program costs, beside named peers in the same run."""
    from pipeline.bench import page as bench_page
    from pipeline.bench import run as benching

    with messages(as_json):
        stream = sys.stderr if as_json else sys.stdout
        figures = benching.bench(names or (), page, files=files, tell=lambda line: print(line, file=stream, flush=True))
        if as_json:
            show_json(bench_page.as_rows(figures))

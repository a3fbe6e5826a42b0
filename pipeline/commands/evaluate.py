"""`evaluate`: how good the tagger, the suggested links and the judgement of direction are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, messages, progress, show_json, show_lines
from pipeline.evaluation import page as quality_page


def evaluate(
    study: StudyPath = Path(),
    gold: Annotated[Path | None, typer.Option(help="CSV of texts coded by people, to be scored against")] = None,
    train: Annotated[Path | None, typer.Option(help="CSV to learn from instead of the study's decisions")] = None,
    no_seeds: Annotated[bool, typer.Option("--no-seeds", help="learn without the study's seeds")] = False,
    halves: Annotated[
        bool, typer.Option("--halves", help="learn from half of the gold file's groups at a time")
    ] = False,
    links: Annotated[bool, typer.Option("--links", help="measure the suggested links, on the shipped pairs")] = False,
    polarity: Annotated[
        bool, typer.Option("--polarity", help="measure who speaks well or badly, on the gold sets of the study")
    ] = False,
    page: Annotated[Path | None, typer.Option(help="put the figures into this page of Markdown")] = None,
    title: Annotated[str, typer.Option(help="title of their section on the page")] = "The study as it is",
    as_json: AsJson = False,
) -> None:
    """How good the tagger is: per code and language, with intervals by person, baselines and learning curve."""
    from pipeline.evaluation import data, run
    from pipeline.evaluation import links as link_figures
    from pipeline.evaluation import polarity as polarity_figures

    with messages(as_json):
        with progress() as tick:
            if links:
                result = link_figures.evaluate(study, lambda done, total: tick("evaluate", done, total))
                lines = link_figures.as_lines(result)
                section = quality_page.section(title, lines)
            elif polarity:
                result = polarity_figures.evaluate(study, lambda done, total: tick("evaluate", done, total))
                lines = polarity_figures.as_lines(result)
                section = quality_page.section(title, lines)
            else:
                request = data.EvaluationRequest(gold=gold, train=train, seeds=not no_seeds, halves=halves)
                result = run.evaluate(study, request, lambda done, total: tick("evaluate", done, total))
                lines, section = quality_page.as_text(result), quality_page.as_page(title, result)
        if page:
            quality_page.update(page, title, section)
        if as_json:
            show_json(result)
        else:
            show_lines(lines)

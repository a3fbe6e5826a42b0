"""`evaluate`: how good the tagger, the suggested links and the suggested directions are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, messages, progress, show_json, show_lines
from pipeline.evaluation import page as quality_page


def evaluate(
    study: StudyPath = Path(),
    gold: Annotated[Path | None, typer.Option(help="CSV of texts coded by people, to score against.")] = None,
    train: Annotated[Path | None, typer.Option(help="CSV to learn from instead of the study's decisions.")] = None,
    no_seeds: Annotated[bool, typer.Option("--no-seeds", help="Do not learn from the study's seeds.")] = False,
    halves: Annotated[
        bool,
        typer.Option(
            "--halves", help="Learn from half of the persons in the gold file and score the other half, both ways."
        ),
    ] = False,
    links: Annotated[bool, typer.Option("--links", help="Measure suggested links instead.")] = False,
    polarity: Annotated[
        bool, typer.Option("--polarity", help="Measure the recognition of positive and negative speech instead.")
    ] = False,
    unrelated: Annotated[
        list[Path] | None,
        typer.Option(
            help="Measure how many suggestions the findings get from the files of this folder, and from random words."
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(help="Also write the figures into this Markdown page, and into the CSV file beside it."),
    ] = None,
    title: Annotated[str, typer.Option(help="Title of the section on that page.")] = "The study as it is",
    as_json: AsJson = False,
) -> None:
    """Measure how good the tagger is, per code and language, compared with simple methods."""
    from pipeline.evaluation import data, run
    from pipeline.evaluation import links as link_figures
    from pipeline.evaluation import polarity as polarity_figures
    from pipeline.evaluation import unrelated as unrelated_figures

    with messages(as_json, study):
        with progress() as tick:
            if links:
                result = link_figures.evaluate(study, lambda done, total: tick("evaluate", done, total))
                lines = link_figures.as_lines(result)
                section = quality_page.section(title, lines)
            elif polarity:
                result = polarity_figures.evaluate(study, lambda done, total: tick("evaluate", done, total))
                lines = polarity_figures.as_lines(result)
                section = quality_page.section(title, lines)
            elif unrelated:
                result = unrelated_figures.evaluate(study, unrelated, datetime.now(UTC), tick)
                lines = unrelated_figures.as_lines(result)
                section = quality_page.section(title, lines)
            else:
                request = data.EvaluationRequest(gold=gold, train=train, seeds=not no_seeds, halves=halves)
                result = run.evaluate(study, request, lambda done, total: tick("evaluate", done, total))
                lines, section = quality_page.as_text(result), quality_page.as_page(title, result)
                if page:
                    quality_page.update_table(page, title, result)
        if page:
            quality_page.update(page, title, section)
        if as_json:
            show_json(result)
        else:
            show_lines(lines)

"""`query`: who says what, by whom and where, with a table and a figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, language, messages, show_json, show_lines
from pipeline.wording.messages import in_language, message

if TYPE_CHECKING:
    import pandas as pd

HEADS = ("persons", "excerpts", "sources", "machine_persons", "machine_excerpts", "machine_sources")


def query(
    query: Annotated[
        str, typer.Argument(help="Terms such as code:relevance near/3 code:efficiency not gender:man.")
    ] = "",
    by: Annotated[
        list[str] | None, typer.Option(help="A family of codes, an attribute of persons, or source; twice to cross.")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Folder for query.csv, excerpts.csv and the figure.")] = None,
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Count the persons, excerpts and sources that meet a query, by code, source or attribute of persons."""
    from pipeline.frames import OpenStudy

    with messages(as_json, study):
        opened = OpenStudy(study)
        table = opened.query(query, by=by or (), to=to)
        if as_json:
            show_json(table.to_dict("records"))
        else:
            show_lines(as_lines(opened.named_counts(table, by or ()), language()))


def as_lines(table: pd.DataFrame, language: str) -> Iterator[str]:
    """The counts in columns."""
    from pipeline.evidence.queries.answers import SIDES  # pandas is not loaded for other commands

    named = [side for side in SIDES if side in table.columns]
    heads = [*("" for _ in named), *(in_language(message(f"commands/query_{name}"), language) for name in HEADS)]
    rows = [heads, *(list(map(str, row)) for row in table[[*named, *HEADS]].itertuples(index=False, name=None))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        words = [text.ljust(width) for text, width in zip(row[: len(named)], widths, strict=False)]
        counts = [text.rjust(width) for text, width in zip(row[len(named) :], widths[len(named) :], strict=True)]
        yield "  ".join([*words, *counts]).rstrip()

"""The figure of a query: bars for the values of one side, shaded cells for two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline import wording
from pipeline.publish import labels
from pipeline.publish.figures import INK, draw_cell, new_figure, plain, tint, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LONGEST = 60  # characters of the query in the title
MOST = 40  # values of a side that are drawn: what can be read; the table has all


def query_figure(table: pd.DataFrame, *, query: str, axes_names: Sequence[str], language: str) -> Figure:
    """Excerpts that people confirmed, full, and those of the machine, hollow; with two sides those that people confirmed alone.

    `table` has named values in `rows` (and `columns`), without the row of all together.
    """
    title = labels.short(query, LONGEST) or wording.text("query.everything", language)
    if "columns" in table.columns:
        return _cells(table, title, axes_names, language)
    return _bars(table.head(MOST), title, axes_names[0], language)


def _bars(table: pd.DataFrame, title: str, name: str, language: str) -> Figure:
    figure = new_figure(7.6, 1.6 + 0.3 * len(table), title)
    axes = figure.add_subplot()
    people, machine = table["excerpts"].tolist(), table["machine_excerpts"].tolist()
    axes.barh(range(len(table)), machine, facecolor="white", edgecolor=labels.NEUTRAL, lw=0.8, height=0.62)
    axes.barh(range(len(table)), people, color=labels.ACCENTS[0], height=0.5)
    for y, (own, other, persons) in enumerate(zip(people, machine, table["persons"], strict=True)):
        shown = wording.text("query.bar", language, excerpts=own, persons=persons, machine=other)
        axes.annotate(shown, (max(own, other), y), (3, 0), textcoords="offset points", va="center", fontsize=7.5)
    plain(axes)
    axes.set(xlim=(0, max(*people, *machine, 5) * 1.45), ylim=(len(table) - 0.4, -0.6))
    axes.set(xlabel=wording.text("query.bars_axis", language), ylabel=name)
    axes.set_yticks(range(len(table)), [labels.short(value, 34) for value in table["rows"]])
    return figure


def _cells(table: pd.DataFrame, title: str, axes_names: Sequence[str], language: str) -> Figure:
    rows, columns = (list(dict.fromkeys(table[side]))[:MOST] for side in ("rows", "columns"))
    counts = dict(zip(zip(table["rows"], table["columns"], strict=True), table["excerpts"], strict=True))
    most = max([*counts.values(), 1])
    figure = new_figure(3.4 + 1.05 * len(columns), 1.9 + 0.32 * len(rows), title)
    axes = figure.add_subplot()
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            count = counts.get((row, column), 0)
            draw_cell(axes, x, y, count, colour=tint(labels.ACCENTS[0], 0.12 + 0.88 * count / most))
    axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0), ylabel=axes_names[0])
    axes.set_xlabel(f"{axes_names[1]} ({wording.text('query.cells_axis', language)})", color=INK)
    axes.set_xticks(
        [x + 0.5 for x in range(len(columns))], [wrapped(labels.short(each)) for each in columns], fontsize=8
    )
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [labels.short(each, 34) for each in rows])
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("bottom")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure

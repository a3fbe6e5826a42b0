"""Queries over a study: counts as a frame, with its figure, and a folder with both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.config import Settings
from pipeline.errors import ConfigError, Problem
from pipeline.evidence.queries.answers import SIDES, counts_of
from pipeline.evidence.queries.terms import Searched, matching, sides
from pipeline.publish import csvs, figures, query_figure
from pipeline.query_language import Mask
from pipeline.steps.results.sides import side_heading, value_heading
from pipeline.wording.messages import message

VOICE = "participant group country gender kind source_id place language question text excerpt_id".split()


@dataclass(frozen=True, slots=True)
class Queries:
    """The queries of one study; words and persons as in the outputs.

    `cells` has excerpt_id, criterion and stance of what people confirmed (key "") and of what the machine codes ("machine_").
    """

    searched: Searched
    cells: Mapping[str, pd.DataFrame]
    settings: Settings

    def masks(self, query: str) -> dict[str, Mask]:
        """The excerpts that meet a query, by what people confirmed and by the machine."""
        return {prefix: matching(query, self.searched, of_coders) for prefix, of_coders in self.cells.items()}

    def counts(self, masks: Mapping[str, Mask], by: Sequence[str]) -> pd.DataFrame:
        """Persons, excerpts and sources among some excerpts, by what people confirmed and by the machine (`machine_...`)."""
        if len(by) > len(SIDES):
            remedy = message("evidence/query_name_two")
            raise ConfigError(Problem(", ".join(by), message("evidence/query_two_sides"), remedy))
        smallest = self.settings.disclosure.smallest_cell
        return counts_of(masks, self.searched, self.cells, by=by, smallest_cell=smallest)

    def excerpts(self, masks: Mapping[str, Mask]) -> pd.DataFrame:
        """The excerpts of `masks`, with `confirmed` and `machine`: by whose codings they meet the query."""
        rows = self.searched.spoken.assign(confirmed=masks[""], machine=masks["machine_"])
        return rows.loc[rows["confirmed"] | rows["machine"], [*VOICE, "shown", "confirmed", "machine"]]

    def named(self, table: pd.DataFrame, by: Sequence[str], language: str) -> pd.DataFrame:
        """The counts with values as people read them; all together first."""
        shown = table
        for side, name in zip(SIDES, sides(by, self.searched), strict=False):
            shown = shown.assign(
                **{side: [value_heading(name, value, language, self._codebook) for value in table[side]]}
            )
        if "rows" in shown.columns and len(shown):
            first = shown.index == shown.index[0]
            shown["rows"] = shown["rows"].mask(first, wording.text("query.all", language))
            if "columns" in shown.columns:
                shown["columns"] = shown["columns"].mask(first, "")
        return shown

    def figure(self, query: str, table: pd.DataFrame, by: Sequence[str], language: str) -> dict[str, bytes]:
        """The figure of the counts by one side or two, as SVG and PNG, by file name."""
        shown = self.named(table, by, language).iloc[1:]
        names = [side_heading(name, language, self._codebook) for name in sides(by, self.searched)]
        draw = partial(query_figure.query_figure, shown, query=query, axes_names=names, language=language)
        return dict(figures.rendered(lambda: {"query": draw()}))

    def save(
        self, query: str, masks: Mapping[str, Mask], by: Sequence[str], *, table: pd.DataFrame, folder: Path
    ) -> None:
        """Write query.csv (the table of `counts`), excerpts.csv and the figure (SVG, PNG) into a folder.

        Without a side the figure is by group.
        """
        folder.mkdir(parents=True, exist_ok=True)
        csvs.write_table(table, folder / "query.csv")
        csvs.write_table(self.excerpts(masks).reset_index(drop=True), folder / "excerpts.csv")
        shown_by = by or ("group",)
        drawn = table if by else self.counts(masks, shown_by)
        for name, data in self.figure(query, drawn, shown_by, self.settings.study.language).items():
            (folder / name).write_bytes(data)

    @property
    def _codebook(self) -> Codebook:
        return self.searched.codebook

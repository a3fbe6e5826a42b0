"""Queries over a study: counts as a frame, and a folder with tables and figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.config import Settings
from pipeline.errors import ConfigError, Problem
from pipeline.evidence.coded_by import by_people
from pipeline.evidence.queries.answers import SIDES, answer
from pipeline.evidence.queries.terms import Searched, matching, sides
from pipeline.frames.shown_tables import ShownTables
from pipeline.publish import csvs, figures, query_figure
from pipeline.publish.crossings import attribute_name, value_name
from pipeline.wording.messages import message

VOICE = "participant group country gender kind source_id place language question text excerpt_id".split()


class Queries:
    """The queries of one study, as of its last run; words and persons as in the outputs."""

    def __init__(self, tables: ShownTables, codebook: Codebook, settings: Settings) -> None:
        self._codebook, self._settings = codebook, settings
        self._searched = Searched(tables.searched, tables.attributes, codebook)
        self._cells: Mapping[str, pd.DataFrame] = {
            "": by_people(tables["codings"]),
            "machine_": tables.coded_by_machine,
        }

    def counts(self, query: str, by: Sequence[str]) -> pd.DataFrame:
        """Persons, excerpts and sources that meet a query, by what people confirmed and by the machine (`machine_...`)."""
        if len(by) > len(SIDES):
            remedy = message("evidence/query_name_two")
            raise ConfigError(Problem(", ".join(by), message("evidence/query_two_sides"), remedy))
        smallest = self._settings.disclosure.smallest_cell
        return answer(query, self._searched, self._cells, by=by, smallest_cell=smallest)

    def excerpts(self, query: str) -> pd.DataFrame:
        """The excerpts that meet a query, with `confirmed` and `machine`: by whose codings they do."""
        masks = {
            name: matching(query, self._searched, self._cells[prefix])
            for prefix, name in (("", "confirmed"), ("machine_", "machine"))
        }
        rows = self._searched.spoken.assign(**masks)
        return rows.loc[rows["confirmed"] | rows["machine"], [*VOICE, "shown", "confirmed", "machine"]]

    def named(self, table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
        """The counts with values as people read them; all together first."""
        shown = table
        for side, name in zip(SIDES, sides(by, self._searched), strict=False):
            shown = shown.assign(**{side: [self._value(name, value) for value in table[side]]})
        if "rows" in shown.columns and len(shown):
            first = shown.index == shown.index[0]
            shown["rows"] = shown["rows"].mask(first, wording.text("query.all", self._language))
            if "columns" in shown.columns:
                shown["columns"] = shown["columns"].mask(first, "")
        return shown

    def save(self, query: str, by: Sequence[str], table: pd.DataFrame, folder: Path) -> None:
        """Writes query.csv, which is the table of `counts`, excerpts.csv and the figure (SVG, PNG) into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        csvs.write_table(table, folder / "query.csv")
        csvs.write_table(self.excerpts(query).reset_index(drop=True), folder / "excerpts.csv")
        shown_by = by or ("group",)
        shown = self.named(table if by else self.counts(query, shown_by), shown_by).iloc[1:]
        names = [self._side(name) for name in sides(shown_by, self._searched)]
        draw = partial(query_figure.query_figure, shown, query=query, axes_names=names, language=self._language)
        for name, data in figures.rendered(lambda: {"query": draw()}).items():
            (folder / name).write_bytes(data)

    @property
    def _language(self) -> str:
        return self._settings.study.language

    def _side(self, name: str) -> str:
        """The heading of a side of the table."""
        if name in self._codebook.families:
            return wording.closed_word("family", name, self._language)
        key = f"query.{name}" if name != "source" else "query.source_id"
        return wording.text(key, self._language) if key in wording.texts() else attribute_name(name, self._language)

    def _value(self, name: str, value: str) -> str:
        if name in self._codebook.families and value:
            return self._codebook[value].text("name", self._language) or value
        if name in ("kind", "language"):
            return wording.closed_word(name, value, self._language)
        return value if name in ("source", "person") else value_name(name, value, self._language)

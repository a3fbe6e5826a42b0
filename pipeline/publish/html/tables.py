"""The report's tables: matrix by family of codes, sources, what was not used, and the figures of the method."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.codebook import Criterion
from pipeline.publish import Publication, labels
from pipeline.vocabulary import ExcerptUse, Kind, LinkStatus, PrevalenceStatus, ReadStatus, Role, Shown

if TYPE_CHECKING:
    import pandas as pd

PLACES = 12  # places of a reason that are named; the others are counted
LEVELS = 4  # shades of a matrix cell
TOP_SHARE = 0.25
MORE = re.compile(r" and (\d+) more$")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix; `level` is its shade, 0 where it is empty."""

    excerpts: int
    persons: str
    level: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The matrix of one family: codes across, kinds and groups down."""

    family: str
    codes: tuple[Criterion, ...]
    kinds: tuple[tuple[str, tuple[tuple[str, tuple[Cell, ...]], ...]], ...]  # kind, rows of (group, cells)

    @property
    def all_cells(self) -> tuple[Cell, ...]:
        """Its cells, row by row."""
        return tuple(cell for _, rows in self.kinds for _, cells in rows for cell in cells)

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return len(self.all_cells)

    @property
    def empty(self) -> int:
        """The number of empty cells."""
        return sum(cell.level == 0 for cell in self.all_cells)


@dataclass(frozen=True, slots=True)
class File:
    """One file of the study: what was read of it, and what became of that."""

    path: str
    first: str  # source_id to open
    rows: int
    used: int  # of these rows, those that were read and not withheld
    kind: str
    status: str
    reading: str  # the status as shown: a file without a respondent was still read
    languages: tuple[str, ...]
    chars: int
    excluded: int
    excerpts: int
    coded: int
    linked: int
    note: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Stretches left out for one reason."""

    reason: str
    stage: str
    times: int
    chars: int
    places: tuple[tuple[str, str], ...]  # source_id, place: the first of them
    further: int  # places that are not listed


def grids(publication: Publication) -> tuple[Grid, ...]:
    """The matrix of every family of codes, empty cells included."""
    return tuple(_grid(publication, family) for family in labels.families(publication.codebook))


def main_grid(publication: Publication) -> Grid:
    """The matrix of the main family; without cells if there are no codes."""
    return _grid(publication, publication.codebook.main_family)


def _grid(publication: Publication, family: str) -> Grid:
    codes = publication.codebook.of_family(family)
    matrix = publication.matrix[publication.matrix["criterion"].isin([code.id for code in codes])]
    most = int(matrix["excerpts"].max()) if len(matrix) else 0
    counts = {(row.kind, row.group, row.criterion): row for row in matrix.itertuples(index=False)}
    kinds: dict[str, list[tuple[str, tuple[Cell, ...]]]] = {}
    for kind, group in dict.fromkeys(zip(matrix["kind"], matrix["group"], strict=True)):
        cells = tuple(_cell(counts[kind, group, code.id], most) for code in codes)
        kinds.setdefault(str(kind), []).append((str(group), cells))
    return Grid(family, codes, tuple((kind, tuple(rows)) for kind, rows in kinds.items()))


def _cell(row: Any, most: int) -> Cell:
    count = int(row.excerpts)
    return Cell(count, str(row.persons), -(-count * LEVELS // most) if count else 0)


@dataclass(frozen=True, slots=True)
class SpokenShare:
    """The share of all persons who speak of a code; `share` and its ends are blank unless estimated."""

    code: Criterion
    share: str
    low: str
    high: str
    status: str
    persons: str
    coded: str
    drawn: int
    drawn_from: int
    more: int


def spoken_shares(publication: Publication) -> tuple[SpokenShare, ...]:
    """The shares of all persons, by code; none if no excerpt was drawn at random."""
    rows = publication.prevalence[publication.prevalence["attribute"] == ""]
    if (rows["status"] == PrevalenceStatus.NO_SAMPLE).all():
        return ()
    return tuple(_spoken_share(publication, row) for row in rows.itertuples(index=False))


def _spoken_share(publication: Publication, row: Any) -> SpokenShare:
    ends = (labels.share(value) if value == value else "" for value in (row.share, row.low, row.high))
    share, low, high = ends
    return SpokenShare(
        code=publication.codebook[str(row.criterion)],
        share=share,
        low=low,
        high=high,
        status=str(row.status),
        persons=str(row.persons),
        coded=str(row.coded_persons),
        drawn=int(row.drawn),
        drawn_from=int(row.drawn_from),
        more=int(row.more),
    )


def files(publication: Publication) -> tuple[File, ...]:
    """Every file of the study, sorted by path."""
    is_spoken = publication.excerpts["role"] == Role.RESPONDENT
    counts = {
        "excerpts": publication.excerpts.loc[is_spoken, ["source_id"]].groupby("source_id").size().to_dict(),
        "coded": publication.coded.groupby("source_id")["excerpt_id"].nunique().to_dict(),
        "linked": publication.evidence.groupby("source_id")["excerpt_id"].nunique().to_dict(),
    }
    silent, withheld = set(publication.unanswered), publication.withheld
    return tuple(
        _file(str(path), rows, counts, silent, withheld)
        for path, rows in publication.sources.groupby("path", sort=True)
    )


def _file(
    path: str,
    rows: pd.DataFrame,
    counts: Mapping[str, Mapping[Any, int]],
    silent: set[str],
    withheld: Collection[str],
) -> File:
    ids = list(rows["source_id"])
    made = {name: sum(count.get(source_id, 0) for source_id in ids) for name, count in counts.items()}
    notes = dict.fromkeys(note for note in rows["note"] if note)
    languages = tuple(sorted(set(rows["language"]) - {""}))
    first = rows.iloc[0]
    is_used = (rows["status"] != ReadStatus.REJECTED) & ~rows["source_id"].isin(list(withheld))
    chars, excluded = int(rows["chars"].sum()), int(rows["chars_excluded"].sum())
    return File(
        path, ids[0], len(ids), int(is_used.sum()), str(first["kind"]), str(first["status"]),
        "unanswered" if path in silent else str(first["status"]), languages, chars, excluded, **made,
        note="; ".join(notes),
    )  # fmt: skip


def kinds(files: Iterable[File]) -> tuple[tuple[str, int], ...]:
    """How many sources of each kind were read and used, kinds without any left out."""
    counts = dict.fromkeys(map(str, Kind), 0)
    for file in files:
        counts[file.kind] += file.used
    return tuple((kind, count) for kind, count in counts.items() if count)


def left_out(rejected: pd.DataFrame) -> tuple[LeftOut, ...]:
    """What was read and left out, by reason, the most characters first."""
    losses = []
    for (reason, stage), rows in rejected.groupby(["reason", "stage"], sort=True):
        places = tuple(rows[["source_id", "place"]].head(PLACES).itertuples(index=False, name=None))
        losses.append(
            LeftOut(
                reason=str(reason),
                stage=str(stage),
                times=sum(map(_times, rows["place"])),
                chars=int(rows["chars"].sum()),
                places=places,
                further=len(rows) - len(places),
            )
        )
    return tuple(sorted(losses, key=lambda each: (-each.chars, each.reason)))


def _times(place: str) -> int:
    """How many stretches a place names: `line 4 and 9 more` are ten."""
    more = MORE.search(place)
    return 1 + int(more[1]) if more else 1


@dataclass(frozen=True, slots=True)
class Use:
    """How many excerpts of respondents had each outcome, and how many of them have their words withheld."""

    use: ExcerptUse
    excerpts: int
    withheld: int


def uses(publication: Publication) -> tuple[Use, ...]:
    """What became of the excerpts of respondents; the counts add up to all of them."""
    shown = publication.excerpts[["excerpt_id", "shown"]]
    rows = publication.uses.merge(shown, on="excerpt_id", how="left", validate="one_to_one")
    withheld = rows["shown"] == Shown.WITHHELD
    counts = {use: rows["use"] == use for use in ExcerptUse}
    return tuple(
        Use(use, int(is_so.sum()), int((is_so & withheld).sum())) for use, is_so in counts.items() if is_so.any()
    )


def uncoded(publication: Publication) -> tuple[tuple[str, str, int, int], ...]:
    """(path, first source_id, excerpts without a code, all excerpts) of every file with respondents' excerpts."""
    excerpts = publication.excerpts
    is_without = (excerpts["role"] == Role.RESPONDENT) & ~excerpts["excerpt_id"].isin(publication.coded["excerpt_id"])
    counts = excerpts.loc[is_without, ["source_id"]].groupby("source_id").size()
    return tuple(
        (file.path, file.first, left, file.excerpts)
        for file, left in zip(files(publication), _per_file(publication, counts), strict=True)
        if left
    )


def _per_file(publication: Publication, counts: pd.Series[int]) -> Iterator[int]:
    for _, rows in publication.sources.groupby("path", sort=True):
        yield int(counts.reindex(list(rows["source_id"]), fill_value=0).sum())


@dataclass(frozen=True, slots=True)
class Unlinked:
    """How many of the excerpts with a code bear on none of its findings, and how many findings it has."""

    code: Criterion
    left: int
    coded: int
    findings: int


def unlinked(publication: Publication) -> tuple[Unlinked, ...]:
    """The excerpts that bear on no finding of their code, for every code that excerpts carry or findings are on."""
    linked = set(zip(publication.evidence["criterion"], publication.evidence["excerpt_id"], strict=True))
    findings = Counter(finding.criterion for finding in publication.register.findings)
    rows = []
    for code in publication.codebook.criteria:
        excerpts = publication.coded.loc[publication.coded["criterion"] == code.id, "excerpt_id"]
        left = sum((code.id, excerpt) not in linked for excerpt in excerpts)
        if left or findings[code.id]:
            rows.append(Unlinked(code, left, len(excerpts), findings[code.id]))
    return tuple(rows)


def method_figures(publication: Publication, grid: Grid) -> dict[str, Any]:
    """The run's own figures, as the page on method and limits words them."""
    chars, excluded = (int(publication.sources[name].sum()) for name in ("chars", "chars_excluded"))
    facts, evidence = publication.facts, publication.evidence
    used = evidence[evidence["status"] != LinkStatus.REJECTED]
    return {
        "chars": chars,
        "excluded": excluded,
        "excluded_share": labels.share(excluded / chars if chars else 0),
        "patterns": len(publication.codebook.patterns),
        "codes": len(publication.codebook.criteria),
        "families": len(list(labels.families(publication.codebook))),
        "context": int((publication.excerpts["role"] != Role.RESPONDENT).sum()),
        "spoken": int((publication.excerpts["role"] == Role.RESPONDENT).sum()),
        "confirmed_share": labels.share(facts["links_confirmed"] / len(used) if len(used) else 0),
        "unread": publication.sources.loc[publication.sources["reader"] == "", "path"].nunique(),
        "top": sum(standing.top_share > TOP_SHARE for standing in publication.assessments.values()),
        "empty": grid.empty,
        "cells": grid.cells,
    }

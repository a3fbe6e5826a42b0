"""Which codes occur together: in one excerpt and with which stances, and in what one person says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from pipeline import tables
from pipeline.codebook import Criterion
from pipeline.evidence.coded_by import by_people
from pipeline.evidence.matrix import shown
from pipeline.vocabulary import Stance

STANCES = [*map(str, Stance)]
COLUMNS = tables.COOCCURRENCE.names


class Pair(NamedTuple):
    """Two codes, in the order of the codebook."""

    code: str
    other: str


def cooccurrence(
    spoken: pd.DataFrame,
    codings: pd.DataFrame,
    machine: pd.DataFrame,
    *,
    criteria: Sequence[Criterion],
    smallest_cell: int,
) -> pd.DataFrame:
    """A row for each two codes that occur together, by what people confirmed (`excerpts`, ...) and by the machine (`machine_...`).

    `spoken` has a row per excerpt of a respondent: excerpt_id, participant ("" for documents); copies are left out. `machine` has
    the cells of the classifier (`by_machine`).
    `excerpts` carry both codes, `excerpt_persons` are who speaks in them, and `persons` speak of both, in any excerpts.
    `positive`, ... count these excerpts by the stance towards `code`, `other_positive`, ... towards `other`.
    Counts of persons above 0 and below `smallest_cell` are given as "<k". A code and one below it always occur together,
    so they are no pair.
    """
    order = {code.id: number for number, code in enumerate(criteria)}
    counted = [_Counts(cells, spoken, list(order)) for cells in (by_people(codings), machine)]
    rows = []
    for pair in _pairs(criteria):
        places = order[pair.code], order[pair.other]
        if any(counts.persons[places] or counts.excerpts[places] for counts in counted):
            rows.append((*pair, *(figure for counts in counted for figure in counts.figures(*places, smallest_cell))))
    return pd.DataFrame(rows, columns=COLUMNS)


def _pairs(criteria: Sequence[Criterion]) -> Iterator[Pair]:
    parents = {code.id: code.parent for code in criteria}
    above = {code.id: set(_above(code.id, parents)) for code in criteria}
    for one, two in combinations([code.id for code in criteria], 2):
        if one not in above[two] and two not in above[one]:
            yield Pair(one, two)


def _above(code: str, parents: Mapping[str, str]) -> Iterator[str]:
    """The codes above a code."""
    while code := parents.get(code, ""):
        yield code


class _Counts:
    """The counts of every two codes (codes x codes), by one kind of coders.

    `excerpts` carry both, `speakers` are the persons who speak in these, `persons` speak of both; `stances`: excerpts that carry
    both, by the stance towards the first.
    """

    def __init__(self, cells: pd.DataFrame, spoken: pd.DataFrame, codes: Sequence[str]) -> None:
        excerpt = pd.Index(spoken["excerpt_id"]).get_indexer(pd.Index(cells["excerpt_id"]))
        code = pd.Index(codes).get_indexer(pd.Index(cells["criterion"]))
        counted = (excerpt >= 0) & (code >= 0)
        excerpt, code, stance = excerpt[counted], code[counted], cells["stance"].to_numpy()[counted]
        size = {"height": len(spoken), "width": len(codes)}
        carried = _incidence(excerpt, code, **size)
        self.excerpts = (carried.T @ carried).toarray()
        self.stances = {
            word: (_incidence(excerpt[of], code[of], **size).T @ carried).toarray() for word, of in _by(stance)
        }
        self._count_persons(carried, spoken)

    def _count_persons(self, carried: csr_array, spoken: pd.DataFrame) -> None:
        """Documents are no persons."""
        person, names = pd.factorize(spoken["participant"].where(spoken["participant"] != "", None))
        places = np.flatnonzero(person >= 0)
        speaks = _incidence(person[places], places, height=len(names), width=len(spoken))
        spoken_of = (speaks @ carried > 0).astype(int)
        self.persons = (spoken_of.T @ spoken_of).toarray()
        self.speakers = np.zeros_like(self.persons)
        of_code = carried.tocsc()
        for code in range(carried.shape[1]):
            where = of_code.indices[of_code.indptr[code] : of_code.indptr[code + 1]]
            self.speakers[code] = (speaks[:, where] @ carried[where] > 0).sum(axis=0)

    def figures(self, code: int, other: int, smallest_cell: int) -> tuple[str | int, ...]:
        """The figures of two codes, by their places, in the order of the table's columns."""
        together, speaking = (
            shown(int(counts[code, other]), smallest_cell) for counts in (self.speakers, self.persons)
        )
        stances = [int(self.stances[word][way]) for way in ((code, other), (other, code)) for word in STANCES]
        return int(self.excerpts[code, other]), together, speaking, *stances


def _by(stance: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    return ((word, stance == word) for word in STANCES)


def _incidence(rows: np.ndarray, columns: np.ndarray, *, height: int, width: int) -> csr_array:
    """A matrix with 1 at these places."""
    return csr_array((np.ones(len(rows), dtype=int), (rows, columns)), shape=(height, width))

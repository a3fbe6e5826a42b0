"""Which codes occur together: in one excerpt and with which stances, and in what one person says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import pandas as pd

from pipeline.codebook import Criterion
from pipeline.evidence.coded_by import CELL, by_people
from pipeline.evidence.matrix import shown
from pipeline.vocabulary import Stance

STANCES = [*map(str, Stance)]
FIGURES = ["excerpts", "excerpt_persons", "persons", *STANCES, *(f"other_{stance}" for stance in STANCES)]
COLUMNS = ["code", "other", *FIGURES, *(f"machine_{name}" for name in FIGURES)]


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
    person_of = dict(zip(spoken["excerpt_id"], spoken["participant"], strict=True))
    pairs = list(_pairs(criteria))
    order = {code.id: number for number, code in enumerate(criteria)}
    counted = [_Counts(cells, person_of, order) for cells in (by_people(codings), machine)]
    rows = []
    for pair in pairs:
        if any(counts.persons[pair] or counts.excerpts[pair] for counts in counted):
            rows.append((*pair, *(figure for counts in counted for figure in counts.figures(pair, smallest_cell))))
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
    """The counts of pairs, by one kind of coders."""

    def __init__(self, cells: pd.DataFrame, person_of: Mapping[str, str], order: Mapping[str, int]) -> None:
        of_excerpts: dict[str, dict[str, str]] = defaultdict(dict)
        of_persons: dict[str, set[str]] = defaultdict(set)
        for excerpt_id, code, stance in cells[CELL].itertuples(index=False, name=None):
            if excerpt_id in person_of and code in order:
                of_excerpts[excerpt_id][code] = stance
                of_persons[person_of[excerpt_id]].add(code)
        of_persons.pop("", None)  # documents
        self.excerpts = _counted(of_excerpts.values(), order)
        self.persons = _counted(of_persons.values(), order)
        self.speakers: dict[Pair, set[str]] = defaultdict(set)
        self.stances: Counter[tuple[Pair, str, str]] = Counter()
        for excerpt_id, codes in of_excerpts.items():
            for pair in _in_order(codes, order):
                self.speakers[pair].add(person_of[excerpt_id])
                self.stances.update((pair, code, codes[code]) for code in pair)

    def figures(self, pair: Pair, smallest_cell: int) -> tuple[str | int, ...]:
        """The figures of a pair, as in FIGURES."""
        together = len(self.speakers.get(pair, set()) - {""})
        stances = [self.stances[pair, code, stance] for code in pair for stance in STANCES]
        return self.excerpts[pair], shown(together, smallest_cell), shown(self.persons[pair], smallest_cell), *stances


def _counted(groups: Iterable[Collection[str]], order: Mapping[str, int]) -> Counter[Pair]:
    counts: Counter[Pair] = Counter()
    for codes in groups:
        counts.update(_in_order(codes, order))
    return counts


def _in_order(codes: Collection[str], order: Mapping[str, int]) -> Iterator[Pair]:
    ordered = sorted(codes, key=order.__getitem__)
    return (Pair(*each) for each in combinations(ordered, 2))

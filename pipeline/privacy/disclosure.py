"""Counts of persons that may be published: small ones are withheld, with whatever would give them away.

A released edition takes every count of persons from here. Three steps: primary suppression (counts above 0 and below the
smallest), complementary suppression (further counts, until no small one can be computed), and an audit: for each count
that is withheld, the least and the greatest value that agree with everything published, by integer programming (HiGHS).

The audit assumes the worst reader: one who knows the method, the totals, which counts are withheld for being small, and
all editions that were released before. After Fischetti and Salazar-González (2001).
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf, isfinite
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from pipeline.privacy.pseudonyms import keyed

Name = tuple[str, ...]  # of a count: its table, then its place in it
MANY = 1_000_000  # persons; more than any study has
EARLIER = "edition "  # begins the name of a count of an edition released before
STANDARD_OUTPUT = 1  # its descriptor
FEASIBLE = 0  # state of a solution of scipy.optimize.milp


@dataclass(frozen=True, slots=True)
class Relation:
    """What every reader knows of some counts: `low` <= sum of coefficient x count <= `high`."""

    terms: Mapping[Name, float]
    low: float = 0.0
    high: float = 0.0

    def holds(self, counts: Mapping[Name, int]) -> bool:
        """Whether it is about these counts alone, and true of them."""
        if not self.terms.keys() <= counts.keys():
            return False
        total = sum(factor * counts[name] for name, factor in self.terms.items())
        return self.low - 1e-9 <= total <= self.high + 1e-9


def sums_to(total: Name, parts: Iterable[Name]) -> Relation:
    """The parts add up to the total."""
    return Relation({total: -1.0, **dict.fromkeys(parts, 1.0)})


def at_most(part: Name, whole: Name) -> Relation:
    """A count is no more than another."""
    return Relation({whole: 1.0, part: -1.0}, high=inf)


def at_least(name: Name, number: float) -> Relation:
    """A count is at least this number."""
    return Relation({name: 1.0}, low=number, high=inf)


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of persons of one edition, what relates them, and who the persons are (keyed codes).

    `blocks` are counts that are withheld together, zeros among them, so that nobody knows which of them is small: the strength
    of a finding says too much about two counts that are known to be small.
    """

    numbers: Mapping[Name, int]
    relations: tuple[Relation, ...] = ()
    persons: frozenset[str] = frozenset()
    withheld: frozenset[Name] = frozenset()
    small: frozenset[Name] = frozenset()  # of these, what is withheld for being small itself
    blocks: tuple[frozenset[Name], ...] = ()

    @property
    def plainly_small(self) -> frozenset[Name]:
        """The withheld counts of which every reader knows that they are small."""
        return self.small.difference(*self.blocks)

    def whole_blocks(self) -> Counts:
        """The counts with a whole block withheld if one of its counts is."""
        touched = [block for block in self.blocks if not self.withheld.isdisjoint(block)]
        return replace(self, withheld=self.withheld.union(*touched))

    def shown(self, name: Name) -> int | None:
        """The count as it is published; None where it is withheld."""
        return None if name in self.withheld else self.numbers[name]

    def as_record(self) -> dict[str, Any]:
        """The counts as JSON keeps them; only inside the study."""
        return {
            "counts": [[list(name), count] for name, count in sorted(self.numbers.items())],
            "relations": [[_pairs(each.terms), _finite(each.low), _finite(each.high)] for each in self.relations],
            "persons": sorted(self.persons),
            "withheld": [list(name) for name in sorted(self.withheld)],
            "small": [list(name) for name in sorted(self.small)],
            "blocks": [sorted(map(list, block)) for block in self.blocks],
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Counts:
        """The counts of a record; KeyError, TypeError or ValueError where it is none."""
        return cls(
            numbers={tuple(name): int(count) for name, count in record["counts"]},
            relations=tuple(_relation(terms, low, high) for terms, low, high in record["relations"]),
            persons=frozenset(record["persons"]),
            withheld=frozenset(map(tuple, record["withheld"])),
            small=frozenset(map(tuple, record["small"])),
            blocks=tuple(frozenset(map(tuple, block)) for block in record["blocks"]),
        )


def _pairs(terms: Mapping[Name, float]) -> list[list[Any]]:
    return [[list(name), factor] for name, factor in sorted(terms.items())]


def _finite(limit: float) -> float | None:
    return limit if isfinite(limit) else None


def _relation(terms: list[Any], low: float | None, high: float | None) -> Relation:
    factors = {tuple(name): float(factor) for name, factor in terms}
    return Relation(factors, -inf if low is None else low, inf if high is None else high)


@dataclass(frozen=True, slots=True)
class Interval:
    """The least and the greatest value of a withheld count that agree with all that is published."""

    low: int
    high: int

    @property
    def width(self) -> int:
        """How many values there are beside the first."""
        return self.high - self.low


def protect(counts: Counts, *, smallest: int, key: bytes, before: Sequence[Counts] = ()) -> Counts:
    """The counts with everything withheld that must be: no small count can be computed from what is left.

    `before` are the editions released earlier. Where one that shows counts was of nearly the same persons (`is_nearly`), every
    count is withheld, also equal ones: those that are withheld alone would be the counts to which these few belong. Of the
    same persons, a count is withheld that differs from an earlier one by less than `smallest`; an equal one reveals nothing by
    subtraction. Every count is withheld, too, where no pattern protects the small ones.

    Which further counts are withheld depends on their names and on the secret `key`, not on their values: a reader who knows
    the method must learn nothing from the pattern itself.
    """
    small = frozenset(name for name, count in counts.numbers.items() if 0 < count < smallest)
    true = replace(
        counts, relations=tuple(each for each in counts.relations if each.holds(counts.numbers)), small=small
    )
    everything = replace(true, withheld=frozenset(counts.numbers), blocks=(frozenset(counts.numbers),))
    if any(is_nearly(counts, edition, smallest) for edition in before):
        return everything
    close = {name for edition in before for name in _too_close(counts, edition, smallest)}
    true = replace(true, withheld=small | close).whole_blocks()
    audited: dict[tuple[Name, ...], dict[Name, Interval]] = {}
    while recoverable := recoverable_counts(true, smallest=smallest, before=before, audited=audited):
        further = _complement(true, recoverable, key)
        if not further:
            return everything
        true = replace(true, withheld=true.withheld | further).whole_blocks()
    return true


def is_nearly(counts: Counts, edition: Counts, smallest: int) -> bool:
    """Whether fewer than `smallest` persons, and at least one, have come or gone since an edition that shows a count."""
    shows_counts = edition.withheld != edition.numbers.keys()
    return shows_counts and 0 < len(counts.persons ^ edition.persons) < smallest


def _too_close(counts: Counts, edition: Counts, smallest: int) -> Iterator[Name]:
    """The counts whose difference from an earlier edition is about few persons."""
    for name, value in counts.numbers.items():
        earlier = edition.shown(name) if name in edition.numbers else None
        if earlier is not None and 0 < abs(value - earlier) < smallest:
            yield name


def _complement(counts: Counts, recoverable: Collection[Name], key: bytes) -> frozenset[Name]:
    """For each recoverable count, a published count beside it whose withholding blurs it: parts first, then totals.

    Of a count of an earlier edition: the same count of this one, where it is published; otherwise nothing that this edition's
    own counts do not already ask for, so that two editions of equal counts withhold the same. Among equals the key decides.
    """

    def rank(name: Name) -> tuple[int, bytes]:
        return -len(name), keyed(key, f"complement|{'|'.join(name)}")

    further: set[Name] = set()
    for unclear in sorted(recoverable, key=lambda name: (name[0].startswith(EARLIER), name)):
        name = _without_edition(unclear)
        if name in counts.numbers and name not in counts.withheld:
            further.add(name)
            continue
        beside = set(_published_beside(counts, name))
        is_blurred = name != unclear and not beside.isdisjoint(further)
        if not is_blurred and beside - further:
            further.add(min(beside - further, key=rank))
    if not further and (beside := set(_beside_withheld(counts))):
        further = {min(beside, key=rank)}
    return frozenset(further)


def _published_beside(counts: Counts, name: Name) -> Iterator[Name]:
    """The published counts that share a relation with this one."""
    for relation in counts.relations:
        if name in relation.terms:
            yield from (other for other in relation.terms if other not in counts.withheld)


def _without_edition(name: Name) -> Name:
    return name[1:] if name[0].startswith(EARLIER) else name


def _beside_withheld(counts: Counts) -> Iterator[Name]:
    """The published counts that share a relation with a withheld one."""
    for relation in counts.relations:
        if not counts.withheld.isdisjoint(relation.terms):
            yield from (name for name in relation.terms if name not in counts.withheld)


def recoverable_counts(
    counts: Counts,
    *,
    smallest: int,
    before: Sequence[Counts] = (),
    audited: dict[tuple[Name, ...], dict[Name, Interval]] | None = None,
) -> dict[Name, Interval]:
    """The withheld counts whose interval is too narrow, audited together with all editions released before.

    `audited` holds the intervals of groups of counts that an audit before this one went through; it is added to.
    """
    system = _System.of(counts, before)
    as_small = max(smallest - 2, 0)  # a small count must be able to have every value that small counts have
    intervals = system.intervals(smallest, {} if audited is None else audited)
    return {
        name: interval
        for name, interval in intervals.items()
        if interval.width < (as_small if name in system.small else 1)
    }


@dataclass(frozen=True, slots=True)
class _System:
    """All that a reader knows, with the counts of earlier editions under the number of the edition."""

    values: dict[Name, int]
    withheld: frozenset[Name]
    small: frozenset[Name]
    plainly_small: frozenset[Name]
    relations: tuple[Relation, ...]

    @classmethod
    def of(cls, counts: Counts, before: Sequence[Counts]) -> _System:
        values, withheld, small = dict(counts.numbers), set(counts.withheld), set(counts.small)
        plainly_small = set(counts.plainly_small)
        relations = list(counts.relations)
        for number, edition in enumerate(before):
            names = {name: (f"{EARLIER}{number}", *name) for name in edition.numbers}
            values |= {names[name]: value for name, value in edition.numbers.items()}
            withheld |= {names[name] for name in edition.withheld}
            small |= {names[name] for name in edition.small}
            plainly_small |= {names[name] for name in edition.plainly_small}
            relations += [_renamed(relation, names) for relation in edition.relations]
            relations += _grown(counts, edition, names)
        true = tuple(relation for relation in relations if relation.holds(values))
        return cls(values, frozenset(withheld), frozenset(small), frozenset(plainly_small), true)

    def intervals(self, smallest: int, audited: dict[tuple[Name, ...], dict[Name, Interval]]) -> dict[Name, Interval]:
        """The interval of every withheld count. A group of the same counts as before has the same intervals."""
        intervals: dict[Name, Interval] = {}
        for names, relations in self._components():
            key = tuple(names)
            if key not in audited:
                program = _Program(names, relations, self, smallest)
                audited[key] = {name: program.interval(name) for name in names}
            intervals |= audited[key]
        return intervals

    def _components(self) -> Iterator[tuple[list[Name], list[Relation]]]:
        """The withheld counts in groups that no relation connects with one another, each with its relations."""
        root: dict[Name, Name] = {name: name for name in self.withheld}

        def leader(name: Name) -> Name:
            while root[name] != name:
                root[name] = root[root[name]]
                name = root[name]
            return name

        for relation in self.relations:
            unknown = [name for name in relation.terms if name in self.withheld]
            for name in unknown[1:]:
                root[leader(name)] = leader(unknown[0])
        members: dict[Name, list[Name]] = defaultdict(list)
        for name in sorted(self.withheld):
            members[leader(name)].append(name)
        connected: dict[Name, list[Relation]] = defaultdict(list)
        for relation in self.relations:
            if unknown := [name for name in relation.terms if name in self.withheld]:
                connected[leader(unknown[0])].append(relation)
        for first in sorted(members):
            yield members[first], connected[first]


def _renamed(relation: Relation, names: Mapping[Name, Name]) -> Relation:
    return replace(relation, terms={names[name]: factor for name, factor in relation.terms.items()})


def _grown(counts: Counts, edition: Counts, names: Mapping[Name, Name]) -> Iterator[Relation]:
    """What a reader may assume of two editions: a count grows, and by no more than the number of all persons does."""
    everybody = ("persons",)
    both = everybody in counts.numbers and everybody in edition.numbers
    for name in sorted(counts.numbers.keys() & edition.numbers.keys()):
        yield Relation({name: 1.0, names[name]: -1.0}, high=inf)
        if both and name != everybody:
            growth = {everybody: 1.0, names[everybody]: -1.0}
            yield Relation({**growth, name: -1.0, names[name]: 1.0}, high=inf)


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing reaches standard output: HiGHS prints lines for its own developers there, whatever its options say."""
    sys.stdout.flush()
    kept = os.dup(STANDARD_OUTPUT)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), STANDARD_OUTPUT)
        try:
            yield
        finally:
            os.dup2(kept, STANDARD_OUTPUT)
            os.close(kept)


class _Program:
    """The integer program of one group of withheld counts."""

    def __init__(self, names: Sequence[Name], relations: Sequence[Relation], system: _System, smallest: int) -> None:
        self.place = {name: i for i, name in enumerate(names)}
        is_small = [name in system.plainly_small for name in names]
        self.bounds = Bounds(
            [1.0 if each else 0.0 for each in is_small], [smallest - 1.0 if each else float(MANY) for each in is_small]
        )
        rows = np.zeros((len(relations), len(names)))
        low, high = np.zeros(len(relations)), np.zeros(len(relations))
        for i, relation in enumerate(relations):
            constant = 0.0
            for name, factor in relation.terms.items():
                if name in self.place:
                    rows[i, self.place[name]] += factor
                else:
                    constant += factor * system.values[name]
            low[i], high[i] = relation.low - constant, relation.high - constant
        self.constraints = [LinearConstraint(rows, low, high)] if len(relations) else []

    def interval(self, name: Name) -> Interval:
        """The least and the greatest value of a count."""
        return Interval(self._end(name, 1.0), self._end(name, -1.0))

    def _end(self, name: Name, sign: float) -> int:
        aim = np.zeros(len(self.place))
        aim[self.place[name]] = sign
        whole = np.ones(len(aim))
        options = {"presolve": False}  # presolve has missed the optimum of larger programs
        with _silent():
            solution = milp(aim, constraints=self.constraints, integrality=whole, bounds=self.bounds, options=options)
        if solution.status != FEASIBLE:
            raise ArithmeticError(f"the audit of disclosure ends with state {solution.status}: {solution.message}")
        return round(sign * float(solution.fun))

"""How much further interviews would add: base size, run length and new information threshold (Guest, Namey & Chen 2020).

The codes of the first interviews are the base. Each run of further interviews adds codes that no interview before it has;
their number over that of the base is the new information. Runs overlap: each starts one interview after the one before.
Saturation is reached at the first run that adds no more than the threshold; 6+2 means at six interviews, shown by two more.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.evidence.coded_by import by_people
from pipeline.vocabulary import UNDECIDED, Coders, Kind, Order, SaturationStatus

BASE = 4  # interviews: of 4, 5 and 6, which hardly differ (Guest et al.), the one that answers soonest
RUN = 2  # interviews of a run
THRESHOLD = 0.05  # of the base: the looser of the two thresholds of Guest et al., the other is 0
ORDERS = 1_000  # random orders: the ends of the interval move by less than a point from seed to seed
INTERVAL = (25, 974)  # of the sorted orders: 95 % of them lie between
LEAST_READ = 0.5  # of an interview's excerpts: below it, that nothing is new may only mean that nobody has looked
LEAST_CODES = 5  # with fewer, one new code is more than a fifth of all: nothing lies between much and nothing
DATE = re.compile(r"\d{4}-\d\d-\d\d")
COLUMNS = tables.SATURATION.names


@dataclass(frozen=True, slots=True)
class Course:
    """What each interview adds, one row an order, one column an interview.

    `share` is the new information of the run that ends with the interview, NaN before the first run is complete;
    `saturated` whether a run up to there added no more than the threshold.
    """

    new: np.ndarray
    share: np.ndarray
    saturated: np.ndarray


def course(carries: np.ndarray, orders: Sequence[Sequence[int]]) -> Course:
    """The course over some orders of the interviews; `carries` is a mask, interviews x codes."""
    count = len(carries)
    carries = carries[:, carries.any(axis=0)]
    new = np.zeros((len(orders), count), dtype=int)
    for number, order in enumerate(orders):
        new[number] = np.bincount(carries[list(order)].argmax(axis=0), minlength=count)
    share = np.full(new.shape, np.nan)
    base = new[:, :BASE].sum(axis=1)
    for last in range(BASE + RUN - 1, count):
        share[:, last] = new[:, last - RUN + 1 : last + 1].sum(axis=1) / np.maximum(base, 1)
    is_below = (share <= THRESHOLD) & (base > 0)[:, np.newaxis]  # a base without codes says nothing
    return Course(new, share, np.maximum.accumulate(is_below, axis=1))


def saturation(
    spoken: pd.DataFrame,
    codings: pd.DataFrame,
    machine: pd.DataFrame,
    *,
    dates: Mapping[str, str],
    criteria: Sequence[str],
    seed: int,
) -> pd.DataFrame:
    """A row for each interview, by the codes that people confirmed, and by those of the machine.

    `spoken` has a row per excerpt of a respondent: excerpt_id, source_id, kind; sources that are copies are left out.
    Of people's codings only interviews count that they have read, at least half of the excerpts. `machine` has the cells of
    the classifier (`by_machine`), whatever people decided. `dates` says when each source was held. Without a date for each
    interview, the figures are means over random orders, `low` and `high` contain 95 % of these, and `saturated` is the share
    of orders in which saturation is reached by then. What cannot be counted has one row, with the reason.
    """
    interviews = spoken.loc[spoken["kind"] == Kind.INTERVIEW, ["excerpt_id", "source_id"]]
    source_of = dict(tables.rows_of(interviews, ["excerpt_id", "source_id"]))
    read = _read(source_of, codings.loc[~codings["status"].isin(list(UNDECIDED)), "excerpt_id"])
    counted = {
        Coders.PEOPLE: _codes(by_people(codings), source_of, read),
        Coders.MACHINE: _codes(machine, source_of, set(source_of.values())),
    }
    everything = len(set(source_of.values()))
    rows = [
        row
        for coders, codes in counted.items()
        for row in _rows(codes, dates, everything=everything, criteria=criteria, seed=seed, coders=coders)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _read(source_of: Mapping[str, str], decided: pd.Series[str]) -> set[str]:
    """The interviews in which people decided on enough excerpts."""
    excerpts, done = pd.Series(source_of), set(decided.tolist())
    shares = pd.Series(excerpts.index.isin(list(done)), index=excerpts.index).groupby(excerpts).mean()
    return set(shares.index[shares >= LEAST_READ])


def _codes(codings: pd.DataFrame, source_of: Mapping[str, str], counted: Collection[str]) -> dict[str, set[str]]:
    """The codes of every interview that counts, blank ones included."""
    codes: dict[str, set[str]] = {name: set() for name in sorted(counted)}
    for excerpt_id, criterion in tables.rows_of(codings, ["excerpt_id", "criterion"]):
        if (source := source_of.get(excerpt_id, "")) in codes:
            codes[source].add(criterion)
    return codes


def _rows(
    codes: Mapping[str, set[str]],
    dates: Mapping[str, str],
    *,
    everything: int,
    criteria: Sequence[str],
    seed: int,
    coders: Coders,
) -> Iterator[tuple[object, ...]]:
    names = list(codes)
    status = _status(codes)
    if status is not SaturationStatus.COUNTED:
        yield (str(coders), "", len(names), everything, *[np.nan] * 6, str(status))
        return
    carries = np.array([[code in codes[name] for code in criteria] for name in names])
    order = Order.HELD if all(DATE.match(dates.get(name, "")) for name in names) else Order.RANDOM
    made = course(carries, list(_orders(names, dates, order, seed)))
    added = made.new.cumsum(axis=1)
    for at in range(len(names)):
        shares = np.sort(made.share[:, at])
        ends = [shares[end] for end in INTERVAL] if order is Order.RANDOM else [np.nan] * 2
        figures = (made.new[:, at].mean(), added[:, at].mean(), shares.mean(), *ends, made.saturated[:, at].mean())
        yield (str(coders), str(order), at + 1, everything, *(round(float(x), 4) for x in figures), str(status))


def _status(codes: Mapping[str, set[str]]) -> SaturationStatus:
    if len(codes) < BASE + RUN:
        return SaturationStatus.FEW_INTERVIEWS
    return SaturationStatus.FEW_CODES if len(set().union(*codes.values())) < LEAST_CODES else SaturationStatus.COUNTED


def _orders(names: Sequence[str], dates: Mapping[str, str], order: Order, seed: int) -> Iterator[list[int]]:
    """The order by date, interviews of one day by name; otherwise random orders, the same for the same seed."""
    places = list(range(len(names)))
    if order is Order.HELD:
        yield sorted(places, key=lambda place: (dates[names[place]], names[place]))
        return
    dice = random.Random(seed)  # noqa: S311 - the same orders for everybody who has the seed
    for _ in range(ORDERS):
        dice.shuffle(places)
        yield list(places)

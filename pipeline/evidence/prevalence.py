"""How many persons speak of a code: prediction-powered inference from a random sample of excerpts that people decided on.

A person speaks of a code if one excerpt or more carries it. Of the excerpts that nobody chose for a reason, a share `q` was drawn
at random and decided. If `a` of a person's drawn excerpts carry the code, 1 - (1 - 1/q)**a is an unbiased estimate of whether the
person speaks of it (Horvitz & Thompson 1952). The same figure from the patterns of the codebook, which do not depend on the
decisions, has a known value and takes out what both have in common (Angelopoulos, Duchi & Zrnic 2023). Persons are the units:
however the errors within one person correlate, the interval holds. It is that of a score test, as Wilson's (1927).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import pandas as pd
from scipy.special import ndtri

from pipeline import tables
from pipeline.evidence.groups import members
from pipeline.evidence.matrix import shown
from pipeline.vocabulary import PERSON_ATTRIBUTES, UNDECIDED, PrevalenceStatus

LEVEL = 0.95
LEAST_SHARE = (
    0.5  # of the excerpts: below it the weights of talkative persons grow beyond bounds, and intervals are too short
)
WANTED = 0.1  # half the width of the interval that `more` aims at
LEAST_EXPECTED = 0.05  # share for which `more` plans where the machine finds less
COLUMNS = tables.PREVALENCE.names


@dataclass(frozen=True, slots=True)
class Excerpts:
    """The excerpts in which persons respond, one element each: who speaks, and what is known of one code.

    `yes` is people's decision where `decided`, `predicted` that of the patterns, `drawn` whether the excerpt was drawn at random.
    """

    person: np.ndarray  # index of the person
    decided: np.ndarray
    yes: np.ndarray
    predicted: np.ndarray
    drawn: np.ndarray

    @property
    def open(self) -> np.ndarray:
        """The excerpts that nobody decided for a reason: those from which some were drawn."""
        chosen: np.ndarray = self.decided & ~self.drawn
        return ~chosen

    @property
    def share_drawn(self) -> float:
        """The share of the open excerpts that were drawn and decided."""
        everything = int(self.open.sum())
        return float((self.drawn & self.decided).sum() / everything) if everything else 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """Per person: the unbiased figure from the decisions, and that of the patterns less its known value."""

    spoken: np.ndarray
    control: np.ndarray
    share_drawn: float

    @property
    def weight(self) -> float:
        """The weight of the control that is subtracted: the one that makes the variance smallest."""
        spread = float(self.control.var())
        if not spread:
            return 0.0
        return float(np.clip(np.cov(self.spoken, self.control, ddof=0)[0, 1] / spread, 0.0, 1.0))

    def estimate(self, members: np.ndarray, weight: float) -> Estimate:
        """The share among some persons (a mask), with its interval."""
        figures = (self.spoken - weight * self.control)[members]
        return interval(figures, self.share_drawn)


def person_figures(excerpts: Excerpts, persons: int) -> PersonFigures:
    """The figures of every person, by index."""
    share = excerpts.share_drawn
    drawn = excerpts.drawn & excerpts.decided
    is_known = _any(excerpts, excerpts.decided & ~excerpts.drawn & excerpts.yes, persons)
    spoken = 1 - (1 - 1 / share) ** _count(excerpts, drawn & excerpts.yes, persons)
    predicted = 1 - (1 - 1 / share) ** _count(excerpts, drawn & excerpts.predicted, persons)
    control = predicted - _any(excerpts, excerpts.open & excerpts.predicted, persons)
    return PersonFigures(np.where(is_known, 1.0, spoken), np.where(is_known, 0.0, control), share)


def _count(excerpts: Excerpts, mask: np.ndarray, persons: int) -> np.ndarray:
    return np.bincount(excerpts.person[mask], minlength=persons)


def _any(excerpts: Excerpts, mask: np.ndarray, persons: int) -> np.ndarray:
    return _count(excerpts, mask, persons) > 0


def interval(figures: np.ndarray, share_drawn: float) -> Estimate:
    """The mean of persons' figures, with the shares of persons that a score test does not reject (as Wilson 1927 for counts).

    A share p of speakers, whose squared figures have the mean k, gives figures of the variance k p - p squared. k is 1 where
    everything was drawn, which is Wilson's interval, and at most 1 / share_drawn: where each speaker has a single excerpt. It
    is estimated by the figures, one speaker of that kind added. An estimate outside of these bounds is chance: a few figures
    near 0 would give an interval of almost no width.
    """
    count, most = len(figures), 1 / share_drawn
    mean = max(float(figures.mean()), 0.0)
    squares = mean * count if count == 1 else count * (float(figures.var(ddof=1)) + mean * mean)
    of_speakers = min(max((squares + most) / (mean * count + 1), 1.0), most)
    spread = float(ndtri((1 + LEVEL) / 2)) ** 2 / count
    middle = 2 * mean + spread * of_speakers
    reach = sqrt(max(0.0, middle**2 - 4 * (1 + spread) * mean**2))
    low, high = ((middle + side * reach) / (2 * (1 + spread)) for side in (-1, 1))
    return Estimate(*(round(min(max(share, 0.0), 1.0), 4) for share in (mean, low, high)))


def more_needed(excerpts: Excerpts, persons: int, expected: float) -> int:
    """How many further excerpts must be drawn and decided for an interval of about +-10 points, if `expected` is the share.

    At most all that are left; more persons would have to be asked where that is not enough.
    """
    everything, done = int(excerpts.open.sum()), int((excerpts.drawn & excerpts.decided).sum())
    expected = min(max(expected, LEAST_EXPECTED), 1 - LEAST_EXPECTED)
    allowed = persons * (WANTED / float(ndtri((1 + LEVEL) / 2))) ** 2 - expected * (1 - expected)
    share = expected / (expected + allowed) if allowed > 0 else 1.0
    return max(0, min(everything, ceil(max(share, LEAST_SHARE) * everything)) - done)


def prevalence(
    spoken: pd.DataFrame,
    codings: pd.DataFrame,
    *,
    predicted: Mapping[str, Collection[str]],
    drawn: Collection[str],
    criteria: Sequence[str],
    smallest_cell: int,
) -> pd.DataFrame:
    """A row for each code and each group of persons: all of them, and by group, country and gender.

    `spoken` has a row per excerpt of a respondent: excerpt_id, participant, group, country, gender; sources that are copies
    are left out. `predicted` has the excerpts in which a pattern gives each code, `drawn` those decided after a random draw.
    `coded_persons` and `coded_share` are plain counts of what is coded, by people or the machine, without any correction.
    Counts of persons above 0 and below `smallest_cell` are given as "<k", and groups that small get no shares.
    """
    spoken = spoken[spoken["participant"] != ""].reset_index(drop=True)
    people = spoken.drop_duplicates("participant").reset_index(drop=True)
    places = pd.Index(spoken["excerpt_id"])
    person = pd.Index(people["participant"]).get_indexer(pd.Index(spoken["participant"]))
    is_drawn = _mask(places, drawn)
    cells = list(_cells(people)) if len(people) else []
    codings = codings[codings["coded"] | ~codings["status"].isin(list(UNDECIDED))]  # the others say nothing
    at = places.get_indexer(pd.Index(codings["excerpt_id"]))  # -1: not spoken by a person
    is_decided, is_coded = ~codings["status"].isin(list(UNDECIDED)).to_numpy(), codings["coded"].to_numpy(dtype=bool)
    by_code = codings.groupby("criterion", observed=True).indices
    rows: list[tuple[object, ...]] = []
    for criterion in criteria:
        cells_of_code = by_code.get(criterion, np.array([], dtype=int))
        decided, coded = (
            _filled(at[cells_of_code], mask[cells_of_code], len(places)) for mask in (is_decided, is_coded)
        )
        excerpts = Excerpts(
            person=person,
            decided=decided,
            yes=coded & decided,
            predicted=_mask(places, predicted.get(criterion, ())),
            drawn=is_drawn & decided,
        )
        table = _Code(criterion, excerpts, np.bincount(person[coded], minlength=len(people)) > 0, smallest_cell)
        rows += [table.row(attribute, value, members) for attribute, value, members in cells]
    return pd.DataFrame(rows, columns=COLUMNS)


def _mask(places: pd.Index[str], names: Collection[str]) -> np.ndarray:
    """Which of the excerpts are named."""
    at = places.get_indexer(pd.Index(sorted(names), dtype="str"))
    return _filled(at, np.ones(len(at), dtype=bool), len(places))


def _filled(at: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """A mask that is true at the places whose value is true; places below 0 are left out."""
    mask = np.zeros(size, dtype=bool)
    mask[at[(at >= 0) & values]] = True
    return mask


def _cells(people: pd.DataFrame) -> Iterator[tuple[str, str, np.ndarray]]:
    """(attribute, value, mask of persons) of every group: everybody, then each value, blank ones if there are any.

    A person of several groups is in each of them.
    """
    yield "", "", np.ones(len(people), dtype=bool)
    for attribute in PERSON_ATTRIBUTES:
        for value, places in members(dict(enumerate(people[attribute].tolist()))).items():
            mask = np.zeros(len(people), dtype=bool)
            mask[places] = True
            yield attribute, value, mask


class _Code:
    """The rows of one code."""

    def __init__(self, criterion: str, excerpts: Excerpts, is_coded: np.ndarray, smallest_cell: int) -> None:
        self.criterion, self.excerpts, self.is_coded, self.smallest_cell = criterion, excerpts, is_coded, smallest_cell
        self.figures = person_figures(excerpts, len(is_coded)) if excerpts.share_drawn >= LEAST_SHARE else None
        self.weight = self.figures.weight if self.figures else 0.0

    def row(self, attribute: str, value: str, members: np.ndarray) -> tuple[object, ...]:
        """The row of some persons."""
        count, coded = int(members.sum()), int((self.is_coded & members).sum())
        is_theirs = members[self.excerpts.person]
        drawn, drawn_from = int((self.excerpts.drawn & is_theirs).sum()), int((self.excerpts.open & is_theirs).sum())
        is_small = count < self.smallest_cell or 0 < coded < self.smallest_cell
        coded_share = round(coded / count, 4) if count and not is_small else np.nan
        status = self._status(count)
        estimate = Estimate(np.nan, np.nan, np.nan)
        if status is PrevalenceStatus.ESTIMATED and self.figures:
            estimate = self.figures.estimate(members, self.weight)
        more = more_needed(self.excerpts, len(self.is_coded), float(self.is_coded.mean())) if not attribute else 0
        return (
            self.criterion, attribute, value, shown(count, self.smallest_cell), shown(coded, self.smallest_cell),
            coded_share, estimate.share, estimate.low, estimate.high, drawn, drawn_from, more, str(status),
        )  # fmt: skip

    def _status(self, persons: int) -> PrevalenceStatus:
        if not self.excerpts.drawn.any():
            return PrevalenceStatus.NO_SAMPLE
        if self.figures is None:
            return PrevalenceStatus.FEW
        return PrevalenceStatus.WITHHELD if persons < self.smallest_cell else PrevalenceStatus.ESTIMATED

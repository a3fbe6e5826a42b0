"""How many persons speak of a code: prediction-powered inference from a random sample of excerpts that people decided on.

A person speaks of a code if one excerpt or more carries it. Of the excerpts that nobody chose for a reason, a share `q` was drawn
at random and decided. If `a` of a person's drawn excerpts carry the code, 1 - (1 - 1/q)**a is an unbiased estimate of whether the
person speaks of it (Horvitz & Thompson 1952). The same figure from the patterns of the codebook, which do not depend on the
decisions, has a known value and takes out what both have in common (Angelopoulos, Duchi & Zrnic 2023). Persons are the units:
however the errors within one person correlate, the interval holds. It is that of a binomial test, two-sided and with mid-P values
(Agresti & Min 2001), of an effective count, chosen by the variance (as in Korn & Graubard 1998).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import betainc, ndtri

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
PRECISION = 1e-6  # of the ends of an interval, before they are rounded
NO_SPREAD = 1e-9  # a sum of squares below it is rounding
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

    @property
    def corrected(self) -> np.ndarray:
        """Per person: the figure less its control, weighted so that the variance among all others is smallest.

        Weights in which a person's own figure had a part would bias the mean (Wu & Gagnon-Bartsch 2018).
        """
        others = max(len(self.spoken) - 1, 1)
        spread = _of_others(self.control**2) - _of_others(self.control) ** 2 / others
        in_common = _of_others(self.spoken * self.control) - _of_others(self.spoken) * _of_others(self.control) / others
        weights = np.divide(in_common, spread, out=np.zeros(len(self.spoken)), where=spread > NO_SPREAD)
        corrected: np.ndarray = self.spoken - np.clip(weights, 0.0, 1.0) * self.control
        return corrected


def _of_others(values: np.ndarray) -> np.ndarray:
    """Per person: the sum over all others."""
    others: np.ndarray = values.sum() - values
    return others


def person_figures(excerpts: Excerpts, persons: int) -> PersonFigures:
    """The figures of every person, by index."""
    share = excerpts.share_drawn
    drawn = excerpts.drawn & excerpts.decided
    is_known = _any(excerpts, excerpts.decided & ~excerpts.drawn & excerpts.yes, persons)
    spoken = 1 - (1 - 1 / share) ** _count(excerpts, drawn & excerpts.yes, persons)
    predicted = 1 - (1 - 1 / share) ** _count(excerpts, drawn & excerpts.predicted, persons)
    control = predicted - _any(excerpts, excerpts.open & excerpts.predicted, persons)
    return PersonFigures(np.where(is_known, 1.0, spoken), np.where(is_known, 0.0, control))


def _count(excerpts: Excerpts, mask: np.ndarray, persons: int) -> np.ndarray:
    return np.bincount(excerpts.person[mask], minlength=persons)


def _any(excerpts: Excerpts, mask: np.ndarray, persons: int) -> np.ndarray:
    return _count(excerpts, mask, persons) > 0


def interval(figures: np.ndarray, share_drawn: float) -> Estimate:
    """The mean of persons' figures, with the shares of persons that a two-sided test at 5% does not reject.

    A share p of speakers, whose squared figures have the mean k, gives figures of the variance k p - p squared. So does k
    times a binomial count to which each person adds 1 with the chance p / k: such a count is tested. k is 1 where
    everything was drawn, and at most 1 / share_drawn: where each speaker has a single excerpt. It is estimated by the
    figures, one speaker of that kind added. An estimate outside of these bounds is chance: a few figures near 0 would give
    an interval of almost no width.
    """
    persons, most = len(figures), 1 / share_drawn
    mean = max(float(figures.mean()), 0.0)
    squares = mean if persons == 1 else persons * (float(figures.var(ddof=1)) + mean * mean)
    of_speakers = min(max((squares + most) / (mean * persons + 1), 1.0), most)
    mean = min(mean, 1.0)
    count = mean * persons / of_speakers

    def beyond(share: float) -> float:
        """How probable a count so far from the expected one is, above how improbable it may be."""
        opposite = 2 * persons * share / of_speakers - count
        low, high = sorted((count, opposite))
        chance = share / of_speakers
        return 1 - _above(low, persons, chance) + _above(high, persons, chance) - (1 - LEVEL)

    low, high = (end if beyond(end) >= 0 else float(brentq(beyond, mean, end, xtol=PRECISION)) for end in (0.0, 1.0))
    return Estimate(round(mean, 4), round(low, 4), round(high, 4))


def _above(count: float, persons: int, chance: float) -> float:
    """The probability of a binomial count above `count`, and half of that of `count` (Lancaster 1961).

    Between whole counts the incomplete beta function leads from one to the next.
    """
    if not 0 <= count <= persons:
        return float(count < 0)
    return float(betainc(count, persons - count + 1, chance) + betainc(count + 1, persons - count, chance)) / 2


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
        is_enough = excerpts.share_drawn >= LEAST_SHARE
        self.figures = person_figures(excerpts, len(is_coded)).corrected if is_enough else None

    def row(self, attribute: str, value: str, members: np.ndarray) -> tuple[object, ...]:
        """The row of some persons."""
        count, coded = int(members.sum()), int((self.is_coded & members).sum())
        is_theirs = members[self.excerpts.person]
        drawn, drawn_from = int((self.excerpts.drawn & is_theirs).sum()), int((self.excerpts.open & is_theirs).sum())
        is_small = count < self.smallest_cell or 0 < coded < self.smallest_cell
        coded_share = round(coded / count, 4) if count and not is_small else np.nan
        status = self._status(count)
        estimate = Estimate(np.nan, np.nan, np.nan)
        if status is PrevalenceStatus.ESTIMATED and self.figures is not None:
            estimate = interval(self.figures[members], self.excerpts.share_drawn)
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

"""How strong a finding is: the rule declared in config.toml, applied alike to welcome and unwelcome findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pipeline import tables, wording
from pipeline.config import EvidenceSettings, StrengthRule
from pipeline.evidence.expectation import NOTHING, Expectation
from pipeline.evidence.null_control import NOTHING_CLEARS, Clearance
from pipeline.records import StrengthAssessment
from pipeline.vocabulary import Direction, LinkStatus, Strength

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of what people confirmed of a finding. Persons are distinct; shares are 0 to 1.

    `suggested` counts the links that wait for a person; it and `confirmed_share` are the only figures with suggestions in them.
    """

    persons: int
    groups: int
    kinds: int
    sources: int
    confirmed: int
    suggested: int
    supports: int
    contradicts: int
    qualifies: int
    top_share: float
    contradicting_share: float
    confirmed_share: float


class EvidenceRow(NamedTuple):
    """What is counted of one row of the table `evidence`."""

    status: str
    direction: str
    participant: str
    group: str
    kind: str
    source_id: str


def evidence_rows(evidence: pd.DataFrame) -> list[EvidenceRow]:
    """The rows of the table `evidence`, as they are counted."""
    return [EvidenceRow(*row) for row in tables.rows_of(evidence, EvidenceRow._fields)]


def count(evidence: pd.DataFrame) -> Counts:
    """The counts of one finding's rows of the table `evidence`."""
    return tally(evidence_rows(evidence))


class Tally:
    """The counts of one finding's rows, kept up as rows are added and taken out again."""

    def __init__(self, of_finding: Iterable[EvidenceRow] = ()) -> None:
        self.directions: Counter[str] = Counter()  # of confirmed links, as the next one
        self.sources: Counter[str] = Counter()
        self.speaking: Counter[str] = Counter()  # of supporting excerpts, as the next two
        self.groups: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.against: Counter[str] = Counter()  # contradicting excerpts by person
        self.sides: Counter[str] = Counter()  # supporting or contradicting excerpts by person
        self.shares: Counter[int] = Counter()  # persons by the number of their supporting excerpts
        self.suggested = 0
        for row in of_finding:
            self.add(row)

    def add(self, row: EvidenceRow, by: int = 1) -> None:
        """Count a row; -1 takes it out again."""
        if row.status == LinkStatus.SUGGESTED:
            self.suggested += by
        if row.status != LinkStatus.CONFIRMED:
            return
        _count(self.directions, row.direction, by)
        _count(self.sources, row.source_id, by)
        if row.direction == Direction.SUPPORTS:
            self._add_supporting(row, by)
        if row.direction == Direction.CONTRADICTS and row.participant:
            _count(self.against, row.participant, by)
            _count(self.sides, row.participant, by)

    def _add_supporting(self, row: EvidenceRow, by: int) -> None:
        _count(self.kinds, row.kind, by)
        if not row.participant:
            return
        if row.group:
            _count(self.groups, row.group, by)
        _count(self.sides, row.participant, by)
        before = self.speaking[row.participant]
        _count(self.speaking, row.participant, by)
        for number, change in ((before, -1), (before + by, 1)):
            if number:
                _count(self.shares, number, change)

    def counts(self) -> Counts:
        """The counts of the rows that are in.

        Only confirmed links count. Persons, groups, kinds and the top informant's share are those of the supporting excerpts;
        the contradicting share is that of persons who contradict among persons who support or contradict.
        """
        confirmed = self.directions.total()
        largest = max(self.shares, default=0)
        return Counts(
            persons=len(self.speaking),
            groups=len(self.groups),
            kinds=len(self.kinds),
            sources=len(self.sources),
            confirmed=confirmed,
            suggested=self.suggested,
            supports=self.directions[Direction.SUPPORTS],
            contradicts=self.directions[Direction.CONTRADICTS],
            qualifies=self.directions[Direction.QUALIFIES],
            top_share=_share(largest, self.speaking.total()),
            contradicting_share=_share(len(self.against), len(self.sides)),
            confirmed_share=_share(confirmed, confirmed + self.suggested),
        )


Counted = TypeVar("Counted", str, int)


def _count(counter: Counter[Counted], what: Counted, by: int) -> None:
    """Add to a count; what is counted no more has no entry."""
    counter[what] += by
    if not counter[what]:
        del counter[what]


def tally(of_finding: Iterable[EvidenceRow]) -> Counts:
    """The counts of one finding's rows."""
    return Tally(of_finding).counts()


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def strength(counts: Counts, settings: EvidenceSettings) -> Strength:
    """The first strength whose conditions the counts meet, after unsupported and contested are ruled out."""
    if counts.supports == 0:
        return Strength.UNSUPPORTED
    if counts.contradicts and counts.contradicting_share >= settings.contested:
        return Strength.CONTESTED
    if not shortfalls(counts, settings.strong):
        return Strength.STRONG
    if not shortfalls(counts, settings.moderate):
        return Strength.MODERATE
    return Strength.WEAK


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A condition that is not met: what was counted, what the rule asks for."""

    what: str
    counted: float
    needed: float


def shortfalls(counts: Counts, rule: StrengthRule) -> list[Shortfall]:
    """The conditions of a rule that the counts do not meet."""
    missed = []
    for condition in rule.conditions():
        count = getattr(counts, condition.counted)
        if count > condition.limit if condition.at_most else count < condition.limit:
            missed.append(Shortfall(condition.counted, count, condition.limit))
    return missed


def assess(
    finding_id: str,
    evidence: pd.DataFrame,
    settings: EvidenceSettings,
    *,
    robustness: str,
    language: str,
    cleared: Clearance = NOTHING_CLEARS,
    expected: Expectation = NOTHING,
) -> StrengthAssessment:
    """The strength of a finding, with the sentence that explains it in the study's language."""
    counts = tally(evidence_rows(evidence))
    reached = strength(counts, settings)
    numbers = {name: getattr(counts, name) for name in Counts.__slots__}
    return StrengthAssessment(
        finding_id=finding_id,
        strength=reached,
        reason=reason(counts, reached, settings, language),
        robustness=robustness,
        cleared=cleared.links,
        by_chance=cleared.by_chance,
        expected_persons=expected.persons,
        expected_low=expected.low,
        expected_high=expected.high,
        review_first=expected.review_first,
        unshown=expected.unshown,
        **numbers,
    )


def counted(count: float, noun: str, language: str) -> str:
    """A count with its noun: 1 person, 2 persons."""
    return wording.text(f"noun.{noun}", language, n=count)


def reason(counts: Counts, reached: Strength, settings: EvidenceSettings, language: str) -> str:
    """Why a strength: what people confirmed, how much nobody decided, and what the next strength would have required."""
    sides = {
        name: counted(getattr(counts, name), "excerpts", language) for name in ("supports", "contradicts", "qualifies")
    }
    undecided = wording.text("why.undecided", language, n=counts.suggested)
    if reached is Strength.UNSUPPORTED:
        parts = [wording.text("why.unsupported", language)]
        if counts.contradicts:
            parts.append(wording.text("why.against", language, contradicts=sides["contradicts"]))
        return " ".join((*parts, undecided))
    nouns = {name: counted(getattr(counts, name), name, language) for name in ("persons", "groups", "kinds")}
    parts = [wording.text("why.support", language, **nouns, **sides), undecided]
    if reached is Strength.CONTESTED:
        share = counts.contradicting_share
        parts.append(wording.text("why.contested", language, share=share, limit=settings.contested))
    elif reached is not Strength.STRONG:
        parts.append(_next(counts, reached, settings, language))
    return " ".join(parts)


def _next(counts: Counts, reached: Strength, settings: EvidenceSettings, language: str) -> str:
    """What is missing for the next strength."""
    following = Strength.STRONG if reached is Strength.MODERATE else Strength.MODERATE
    rule = settings.strong if following is Strength.STRONG else settings.moderate
    missed = ", ".join(shortfall_in_words(shortfall, language) for shortfall in shortfalls(counts, rule))
    name = wording.closed_word("strength", following, language)
    return wording.text("why.next", language, next=name, missed=missed)


def shortfall_in_words(shortfall: Shortfall, language: str) -> str:
    """What was counted and what is required: "3 persons, 4 required"."""
    if isinstance(shortfall.counted, int):
        what = counted(shortfall.counted, shortfall.what, language)
        return wording.text("why.least", language, what=what, asked=float(shortfall.needed))
    return wording.text(f"why.{shortfall.what}", language, counted=shortfall.counted, asked=shortfall.needed)

"""How strong a finding is: the rule declared in config.toml, applied alike to welcome and unwelcome findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pipeline import wording
from pipeline.config import EvidenceSettings, StrengthRule
from pipeline.records import StrengthAssessment
from pipeline.vocabulary import Direction, LinkStatus, Strength

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands behind a finding, counted. Persons are distinct; rejected links are not counted; shares are 0 to 1."""

    persons: int
    groups: int
    kinds: int
    sources: int
    excerpts: int
    supports: int
    contradicts: int
    qualifies: int
    confirmed: int
    confirmed_persons: int
    top_share: float
    contradicting_share: float
    confirmed_contradicting_share: float
    confirmed_share: float


class Voice(NamedTuple):
    """What is counted of one row of the table `evidence`."""

    status: str
    direction: str
    participant: str
    group: str
    kind: str
    source_id: str


def voices(evidence: pd.DataFrame) -> list[Voice]:
    """The rows of the table `evidence`, as they are counted."""
    return [Voice(*row) for row in evidence[list(Voice._fields)].itertuples(index=False, name=None)]


def count(evidence: pd.DataFrame) -> Counts:
    """The counts of one finding's rows of the table `evidence`."""
    return tally(voices(evidence))


def tally(said: Iterable[Voice]) -> Counts:
    """The counts of one finding's voices.

    Persons, groups, kinds and the top informant's share are those of the supporting excerpts, confirmed persons those of
    the confirmed ones among them; the contradicting shares are those of persons who contradict among persons who support or
    contradict, in all excerpts and in the confirmed ones.
    """
    used = [voice for voice in said if voice.status != LinkStatus.REJECTED]
    by_direction = {word: [voice for voice in used if voice.direction == word] for word in Direction}
    supporting = by_direction[Direction.SUPPORTS]
    speaking = Counter(voice.participant for voice in supporting if voice.participant)
    against = _persons(by_direction[Direction.CONTRADICTS])
    confirmed = [voice for voice in used if voice.status == LinkStatus.CONFIRMED]
    vouched, doubted = (
        _persons(voice for voice in confirmed if voice.direction == word)
        for word in (Direction.SUPPORTS, Direction.CONTRADICTS)
    )
    return Counts(
        persons=len(speaking),
        groups=len({voice.group for voice in supporting if voice.participant and voice.group}),
        kinds=len({voice.kind for voice in supporting}),
        sources=len({voice.source_id for voice in used}),
        excerpts=len(used),
        supports=len(supporting),
        contradicts=len(by_direction[Direction.CONTRADICTS]),
        qualifies=len(by_direction[Direction.QUALIFIES]),
        confirmed=len(confirmed),
        confirmed_persons=len(vouched),
        top_share=_share(max(speaking.values(), default=0), speaking.total()),
        contradicting_share=_share(len(against), len(set(speaking) | against)),
        confirmed_contradicting_share=_share(len(doubted), len(vouched | doubted)),
        confirmed_share=_share(len(confirmed), len(used)),
    )


def _persons(said: Iterable[Voice]) -> set[str]:
    return {voice.participant for voice in said} - {""}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def strength(counts: Counts, settings: EvidenceSettings) -> Strength:
    """The first strength whose conditions the counts meet, after unsupported and contested are ruled out.

    Confirmed words that contest a finding keep it from being strong, however many suggestions support it.
    """
    if counts.supports == 0:
        return Strength.UNSUPPORTED
    if counts.contradicts and counts.contradicting_share >= settings.contested:
        return Strength.CONTESTED
    if not shortfalls(counts, settings.strong) and not is_contested_in_confirmed(counts, settings):
        return Strength.STRONG
    if not shortfalls(counts, settings.moderate):
        return Strength.MODERATE
    return Strength.WEAK


def is_contested_in_confirmed(counts: Counts, settings: EvidenceSettings) -> bool:
    """Whether so many persons contradict the finding in confirmed words that by these alone it is contested."""
    share = counts.confirmed_contradicting_share
    return share > 0 and share >= settings.contested


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A condition that is not met: what was counted, what the rule asks for."""

    what: str
    counted: float
    asked: float


def shortfalls(counts: Counts, rule: StrengthRule) -> list[Shortfall]:
    """The conditions of a rule that the counts do not meet."""
    least = [(name, getattr(counts, name), getattr(rule, name)) for name in ("persons", "groups", "kinds")]
    least.append(("confirmed_share", counts.confirmed_share, rule.confirmed))
    least.append(("confirmed_persons", counts.confirmed_persons, rule.confirmed_persons))
    missed = [Shortfall(name, has, needs) for name, has, needs in least if has < needs]
    if counts.top_share > rule.top_share:
        missed.append(Shortfall("top_share", counts.top_share, rule.top_share))
    return missed


class ToConfirm(NamedTuple):
    """How many more links a person must confirm, and of how many persons nobody confirmed before they must come."""

    links: int
    persons: int


def to_confirm(counts: Counts, rule: StrengthRule) -> ToConfirm:
    """What is still to be confirmed until the counts meet what a rule asks of confirmation; at most all of the links."""
    persons = max(0, rule.confirmed_persons - counts.confirmed_persons)
    open_links = counts.excerpts - counts.confirmed
    enough = (n for n in range(open_links) if _share(counts.confirmed + n, counts.excerpts) >= rule.confirmed)
    return ToConfirm(max(next(enough, open_links), persons), persons)


def standing(
    finding_id: str, evidence: pd.DataFrame, settings: EvidenceSettings, *, robustness: str, language: str
) -> StrengthAssessment:
    """How a finding stands, with the sentence that explains it in the study's language."""
    said = voices(evidence)
    counts = tally(said)
    reached = strength(counts, settings)
    confirmed = strength(tally(voice for voice in said if voice.status == LinkStatus.CONFIRMED), settings)
    why = reason(counts, reached, settings, language)
    numbers = {name: getattr(counts, name) for name in Counts.__slots__}
    return StrengthAssessment(finding_id, reached, confirmed, why, robustness=robustness, **numbers)


CONFIRMATION = {"confirmed_share", "confirmed_persons"}  # what people can still give a finding by confirming its links


def counted(count: float, noun: str, language: str) -> str:
    """A count with its noun: 1 person, 2 persons."""
    return wording.text(f"noun.{noun}", language, n=int(count))


def reason(counts: Counts, reached: Strength, settings: EvidenceSettings, language: str) -> str:
    """The sentence that explains a strength: what was counted, and what the next strength would have asked for."""
    if reached is Strength.UNSUPPORTED:
        return wording.text("why.unsupported", language)
    nouns = {name: counted(getattr(counts, name), name, language) for name in ("persons", "groups", "kinds")}
    sides = {
        name: counted(getattr(counts, name), "excerpts", language) for name in ("supports", "contradicts", "qualifies")
    }
    links = counted(counts.excerpts, "links", language)
    parts = [wording.text("why.support", language, **nouns, **sides, confirmed=counts.confirmed, links=links)]
    if reached is Strength.CONTESTED:
        share = counts.contradicting_share
        parts.append(wording.text("why.contested", language, share=share, limit=settings.contested))
    elif reached is not Strength.STRONG:
        parts.append(_next(counts, reached, settings, language))
    return " ".join(parts)


def _next(counts: Counts, reached: Strength, settings: EvidenceSettings, language: str) -> str:
    """What the next strength asks for: so many links confirmed, where nothing else is missing, or all that is missed."""
    to = Strength.STRONG if reached is Strength.MODERATE else Strength.MODERATE
    rule = settings.strong if to is Strength.STRONG else settings.moderate
    short, name = shortfalls(counts, rule), wording.closed_word("strength", to, language)
    is_doubted = to is Strength.STRONG and is_contested_in_confirmed(counts, settings)
    if not is_doubted and {s.what for s in short} <= CONFIRMATION and rule.confirmed_persons <= counts.persons:
        more = to_confirm(counts, rule)
        links = counted(more.links, "more_links", language)
        if more.persons:
            links += wording.text("why.from", language, persons=counted(more.persons, "more_persons", language))
        return wording.text("why.would", language, next=name, links=links)
    missed = [_missed(s, language) for s in short]
    if is_doubted:
        share = counts.confirmed_contradicting_share
        missed.append(wording.text("why.doubted", language, share=share, limit=settings.contested))
    return wording.text("why.next", language, next=name, missed=", ".join(missed))


def _missed(shortfall: Shortfall, language: str) -> str:
    form = {"top_share": "most", "confirmed_share": "share"}.get(shortfall.what, "least")
    what = counted(shortfall.counted, shortfall.what, language) if form == "least" else ""
    return wording.text(f"why.{form}", language, what=what, counted=shortfall.counted, asked=float(shortfall.asked))

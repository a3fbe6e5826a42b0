"""Which excerpts a coder gets: those that matter most, and a declared random share that keeps estimates unbiased."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, zip_longest
from math import ceil
from typing import TYPE_CHECKING

from pipeline.vocabulary import Lane, LinkStatus, Role

if TYPE_CHECKING:
    from hashlib import _Hash as HASH

    import pandas as pd


ORDER = "order"  # purpose of the order in which a blind coder sees the excerpts
LEAST_OF_A_GROUP = 5  # fewer decided excerpts say little about a group
QUOTA_PART = 4  # the quota takes at most one place in four


@dataclass(frozen=True, slots=True)
class Sample:
    """The excerpts for a hand-out in order, each with its lane; `drawn` of `drawn_from` were drawn at random."""

    lanes: Mapping[str, Lane]
    drawn: int = 0
    drawn_from: int = 0


@dataclass(frozen=True, slots=True)
class Ranking:
    """The excerpts of respondents in the order of a draw and by weight: the same for all coders, whatever they decided."""

    by_chance: tuple[str, ...]
    by_weight: tuple[tuple[str, Lane], ...]
    groups: Mapping[str, str]  # excerpt -> the stakeholder group of who speaks

    @classmethod
    def of(cls, frames: Mapping[str, pd.DataFrame], *, seed: int, groups: Mapping[str, str]) -> Ranking:
        """The ranking over the tables `excerpts`, `codings`, `links` and `queue`; `groups` has the group of each person."""
        excerpts = frames["excerpts"]
        excerpts = excerpts[excerpts["role"] == Role.RESPONDENT]
        names = excerpts["excerpt_id"].tolist()
        people = excerpts["participant_id"].tolist() if groups else []
        return cls(
            by_chance=tuple(by_chance(names, seed)),
            by_weight=tuple(_by_weight(frames)),
            groups={name: group for name, person in zip(names, people, strict=False) if (group := groups.get(person))},
        )


def build_queue(
    ranking: Ranking, *, done: Collection[str], size: int, chance_share: float, decided: Collection[str] = ()
) -> Sample:
    """The excerpts to look at, best first, with the random ones spread evenly among them.

    First a share of the size is drawn at random from all excerpts that the coder has not decided; the other places go to the
    table `queue`, then to groups of which fewer than `LEAST_OF_A_GROUP` excerpts were decided by anybody, then in turn to the
    most doubtful and the closest link. What coders are in conflict over is left to rulings: a coder new to it would
    be handed a sample chosen for disagreement.

    Excerpts in `done` are left out; `decided` are those of all coders. Equal input gives an equal sample.
    """
    done = set(done)
    order = [name for name in ranking.by_chance if name not in done]
    count = ceil(chance_share * min(size, len(order)))
    candidates = set(order) - set(order[:count])
    counts = Counter(ranking.groups[name] for name in {*done, *decided, *order[:count]} if name in ranking.groups)
    quota = _quota(ranking, counts, candidates, most=(size - count) // QUOTA_PART)
    ranked = _with_quota(ranking.by_weight, quota, candidates=candidates, size=size - count)
    chosen = _first_of_each(ranked, candidates, size - count)
    while count < len(order) and len(chosen) + count < size:  # the other lanes ran out: more at random
        chosen.pop(order[count], None)
        count += 1
    return Sample(lanes=dict(_spread(chosen, order[:count])), drawn=count, drawn_from=len(order))


def _quota(ranking: Ranking, counts: Counter[str], candidates: Collection[str], *, most: int) -> list[str]:
    """Excerpts of groups of which few were decided, a turn each for the groups, the weightiest first."""
    groups = sorted(set(ranking.groups.values()))
    missing = {group: LEAST_OF_A_GROUP - counts[group] for group in groups if counts[group] < LEAST_OF_A_GROUP}
    picked: dict[str, dict[str, None]] = {group: {} for group in missing}
    for name in chain((name for name, _ in ranking.by_weight), ranking.by_chance):
        if not missing:
            break
        group = ranking.groups.get(name, "")
        if name in candidates and group in missing:
            picked[group][name] = None
            if len(picked[group]) == LEAST_OF_A_GROUP - counts[group]:
                del missing[group]
    turns = zip_longest(*sorted(picked.values(), key=len))
    return [name for name in chain.from_iterable(turns) if name][:most]


def _with_quota(
    by_weight: Sequence[tuple[str, Lane]], quota: Sequence[str], *, candidates: Collection[str], size: int
) -> Iterator[tuple[str, Lane]]:
    """The ranking with the quota behind what the table `queue` names: as much of that as leaves the quota its places."""
    listed = [pair for pair in by_weight if pair[1] not in (Lane.DOUBT, Lane.LINK)]
    yield from [pair for pair in listed if pair[0] in candidates][: size - len(quota)]
    yield from ((name, Lane.QUOTA) for name in quota)
    yield from by_weight


def second_sample(
    excerpts: pd.DataFrame, groups: Mapping[str, str], *, decided: Collection[str], size: int, seed: int
) -> Sample:
    """A random sample of the excerpts that another coder decided on, spread over groups, kinds of sources and sources.

    Every excerpt has the same chance: of all, in the order of group and source, one at equal steps is taken from a random start
    (systematic sampling; Cochran 1977, chapter 8). `groups` has the stakeholder group of each person.
    """
    rows = excerpts[excerpts["excerpt_id"].isin(set(decided))]
    keys = zip(rows["excerpt_id"], rows["participant_id"], rows["source_id"], strict=True)
    places = sorted(
        (groups.get(person, ""), source, _chance(excerpt, seed, "draw"), excerpt) for excerpt, person, source in keys
    )
    ordered = [excerpt for *_, excerpt in places]
    count = min(size, len(ordered))
    if not count:
        return Sample({})
    step = len(ordered) / count
    start = int(_chance("", seed, "start")[:8], 16) / 16**8 * step
    drawn = [ordered[int(start + number * step)] for number in range(count)]
    lanes = dict.fromkeys(by_chance(drawn, seed, ORDER), Lane.SECOND_CODER)
    return Sample(lanes=lanes, drawn=count, drawn_from=len(ordered))


def by_chance(excerpt_ids: Collection[str], seed: int, purpose: str = "draw") -> list[str]:
    """Excerpts in a random order, that of a hash. The first of any part of them are a random sample of it.

    Two coders are handed the same excerpts first, whatever each has decided before. The orders for two purposes are unrelated;
    otherwise, in the order of the draw those drawn at random would come first.
    """
    chance = sha256(f"{seed} {purpose} ".encode())
    return [excerpt for _, excerpt in sorted((_after(chance, excerpt), excerpt) for excerpt in excerpt_ids)]


def _after(chance: HASH, name: str) -> str:
    """The hash of what `chance` has read and a name."""
    chance = chance.copy()
    chance.update(name.encode())
    return chance.hexdigest()


def _chance(name: str, seed: int, purpose: str) -> str:
    return _after(sha256(f"{seed} {purpose} ".encode()), name)


def _by_weight(frames: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, Lane]]:
    queue = frames["queue"]
    for excerpt, reason in zip(queue["excerpt_id"], queue["reason"], strict=True):
        if reason != Lane.CONFLICT:
            yield excerpt, Lane(reason)
    for doubtful, linked in zip_longest(_by_doubt(frames["codings"]), _by_link(frames["links"])):
        if doubtful:
            yield doubtful, Lane.DOUBT
        if linked:
            yield linked, Lane.LINK


def _first_of_each(ranked: Iterator[tuple[str, Lane]], candidates: Collection[str], size: int) -> dict[str, Lane]:
    chosen: dict[str, Lane] = {}
    for excerpt, lane in ranked:
        if len(chosen) >= size:
            break
        if excerpt in candidates:
            chosen.setdefault(excerpt, lane)
    return chosen


def _spread(chosen: Mapping[str, Lane], drawn: Sequence[str]) -> Iterator[tuple[str, Lane]]:
    """Spread the random excerpts evenly among the weighted ones, so that half a hand-out holds half of both."""
    by_lot = deque(drawn)
    total = len(chosen) + len(drawn)
    by_weight = iter(chosen.items())
    for place in range(1, total + 1):
        if len(drawn) * place // total > len(drawn) - len(by_lot):
            yield by_lot.popleft(), Lane.RANDOM
        else:
            yield next(by_weight)


def _by_doubt(codings: pd.DataFrame) -> list[str]:
    """The excerpts with a doubtful code, those with the code closest to even first."""
    doubtful = codings[codings["doubtful"]]
    doubt = (doubtful["probability"] - 0.5).abs().groupby(doubtful["excerpt_id"], sort=False, observed=True).min()
    return [name for _, name in sorted(zip(doubt.tolist(), doubt.index.tolist(), strict=True))]


def _by_link(links: pd.DataFrame) -> list[str]:
    suggested = links[links["status"] == LinkStatus.SUGGESTED]
    ordered = suggested.sort_values(["score", "excerpt_id"], ascending=[False, True], kind="stable")
    return list(ordered["excerpt_id"].drop_duplicates())

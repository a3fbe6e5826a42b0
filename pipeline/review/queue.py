"""Which excerpts a coder is handed: those that matter most, and a declared share by chance that keeps estimates honest."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import ceil
from typing import TYPE_CHECKING

from pipeline.provenance import sha256_text
from pipeline.vocabulary import Lane, LinkStatus, Role

if TYPE_CHECKING:
    import pandas as pd


ORDER = "order"  # purpose of the order in which a blind coder sees the excerpts


@dataclass(frozen=True, slots=True)
class Sample:
    """The excerpts for a hand-out in order, each with its lane; `drawn` of `drawn_from` came by chance."""

    lanes: Mapping[str, Lane]
    drawn: int = 0
    drawn_from: int = 0


def build_queue(
    frames: Mapping[str, pd.DataFrame], *, done: Collection[str], size: int, seed: int, chance_share: float
) -> Sample:
    """The excerpts to look at, best first, with those by chance spread evenly among them.

    First a share of the size is drawn by chance from all excerpts that the coder has not decided; the other places go to the
    table `queue`, then in turn to the most doubtful and the closest link. What coders are in conflict over is left to rulings:
    a coder who came new to it would be handed a sample chosen for disagreement.

    `frames` holds excerpts, codings, links and queue; excerpts in `done` are left out. Equal input gives an equal sample.
    """
    excerpts = frames["excerpts"]
    undecided = set(excerpts.loc[excerpts["role"] == Role.RESPONDENT, "excerpt_id"]) - set(done)
    order = by_chance(undecided, seed)
    count = ceil(chance_share * min(size, len(order)))
    chosen = _first_of_each(_by_weight(frames), undecided - set(order[:count]), size - count)
    while count < len(order) and len(chosen) + count < size:  # the other lanes ran out: more by chance
        chosen.pop(order[count], None)
        count += 1
    return Sample(lanes=dict(_spread(chosen, order[:count])), drawn=count, drawn_from=len(order))


def second_sample(
    excerpts: pd.DataFrame, groups: Mapping[str, str], *, decided: Collection[str], size: int, seed: int
) -> Sample:
    """A sample by chance of the excerpts that another coder decided, spread over groups, kinds of sources and sources.

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
    """Excerpts in an order by chance: that of a hash. The first of any part of them are a random sample of it.

    Two coders are handed the same excerpts first, whatever each has decided before. Orders of two purposes are unrelated:
    in the order of the draw those drawn by chance would come first.
    """
    return sorted(excerpt_ids, key=lambda excerpt: (_chance(excerpt, seed, purpose), excerpt))


def _chance(name: str, seed: int, purpose: str) -> str:
    return sha256_text(f"{seed} {purpose} {name}")


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
    """Those by chance evenly among those by weight, so that whoever stops half-way has done a share of both."""
    by_lot = deque(drawn)
    total = len(chosen) + len(drawn)
    by_weight = iter(chosen.items())
    for place in range(1, total + 1):
        if len(drawn) * place // total > len(drawn) - len(by_lot):
            yield by_lot.popleft(), Lane.RANDOM
        else:
            yield next(by_weight)


def _by_doubt(codings: pd.DataFrame) -> list[str]:
    doubt = codings[codings["doubtful"]].assign(doubt=lambda c: (c["probability"] - 0.5).abs())
    return list(doubt.sort_values(["doubt", "excerpt_id"], kind="stable")["excerpt_id"].drop_duplicates())


def _by_link(links: pd.DataFrame) -> list[str]:
    suggested = links[links["status"] == LinkStatus.SUGGESTED]
    ordered = suggested.sort_values(["score", "excerpt_id"], ascending=[False, True], kind="stable")
    return list(ordered["excerpt_id"].drop_duplicates())

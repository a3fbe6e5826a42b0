"""What a person should look at first, and why: doubt, links of findings, and a random part that keeps estimates honest."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING

from pipeline.vocabulary import LinkStatus, Role

if TYPE_CHECKING:
    import pandas as pd

REASONS = ("doubt", "link", "random")  # of what follows upon the table `queue`


def build_queue(
    frames: dict[str, pd.DataFrame], *, done: Collection[str], size: int, seed: int
) -> list[tuple[str, str]]:
    """(excerpt_id, reason) of the excerpts to look at, best first.

    After the table `queue` come in turn the most doubtful, the closest link, one by chance.

    `frames` holds excerpts, codings, links and queue; excerpts in `done` are left out. Equal input gives an equal queue.
    """
    excerpts = frames["excerpts"]
    open_ids = set(excerpts.loc[excerpts["role"] == Role.RESPONDENT, "excerpt_id"]) - set(done)
    lanes = (_by_doubt(frames["codings"]), _by_link(frames["links"]), _by_chance(open_ids, seed))
    turns = ((name, reason) for step in zip_longest(*lanes) for name, reason in zip(step, REASONS, strict=True) if name)
    first = zip(frames["queue"]["excerpt_id"], frames["queue"]["reason"], strict=True)
    return list(islice(_first_of_each(chain(first, turns), open_ids), size))


def _first_of_each(turns: Iterator[tuple[str, str]], wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for name, reason in turns:
        if name in wanted and name not in seen:
            seen.add(name)
            yield name, reason


def _by_doubt(codings: pd.DataFrame) -> list[str]:
    doubt = codings[codings["doubtful"]].assign(doubt=lambda c: (c["probability"] - 0.5).abs())
    return list(doubt.sort_values(["doubt", "excerpt_id"], kind="stable")["excerpt_id"].drop_duplicates())


def _by_link(links: pd.DataFrame) -> list[str]:
    suggested = links[links["status"] == LinkStatus.SUGGESTED]
    ordered = suggested.sort_values(["score", "excerpt_id"], ascending=[False, True], kind="stable")
    return list(ordered["excerpt_id"].drop_duplicates())


def _by_chance(excerpt_ids: Collection[str], seed: int) -> list[str]:
    drawn = sorted(excerpt_ids)
    random.Random(seed).shuffle(drawn)  # noqa: S311  (a sample, not a secret)
    return drawn

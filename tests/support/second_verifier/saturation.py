"""From codings, votes and dates to saturation.csv (docs/method.md, Saturation)."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import mean, pstdev

from second_verifier.shares import OPEN_STATUSES
from second_verifier.stored import Difference, Row, StoredStudy
from second_verifier.voices import by_coders, spoken

SATURATION = "outputs/saturation.csv"
BASE, RUN, LIMIT = 4, 2, 0.05  # of docs/method.md
HALF_READ, FEWEST_CODES = 0.5, 5
TAIL = 0.025  # of the orders lies beyond either end of the interval
ORDERS = 1000  # of our own, compared within what two draws of so many may differ
MEANS = ("new_codes", "codes", "share", "saturated")
Codes = dict[str, set[str]]  # by interview


def saturation(study: StoredStudy) -> Iterator[Difference]:
    """What each interview adds: exactly where the interviews are dated, otherwise within what chance allows."""
    interviews = _interviews(study)
    rows: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for line, row in enumerate(study.csv("saturation.csv"), 2):
        rows[row["codings"]].append((line, row))
    if rows.keys() != {"people", "machine"}:
        yield Difference(SATURATION, "does not tell people's codings from the machine's")
        return
    for coders, codes in _codes(study, interviews).items():
        if any(row["of"] != str(len(interviews)) for _, row in rows[coders]):
            yield Difference(SATURATION, f"does not count {len(interviews)} interviews")
        yield from _differences(rows[coders], codes, study)


def _interviews(study: StoredStudy) -> dict[str, set[str]]:
    kinds = {row["source_id"]: row["kind"] for row in study.table("sources")}
    interviews: dict[str, set[str]] = defaultdict(set)
    for excerpt in spoken(study):
        source = excerpt.rpartition(":")[0]
        if kinds[source] == "interview":
            interviews[source].add(excerpt)
    return interviews


def _codes(study: StoredStudy, interviews: dict[str, set[str]]) -> dict[str, Codes]:
    """The codes of each interview that counts, by people and by the machine."""
    decided = {row["excerpt_id"] for row in study.table("codings") if row["status"] not in OPEN_STATUSES}
    read = {name for name, own in interviews.items() if len(own & decided) >= HALF_READ * len(own)}
    said = by_coders(study)
    return {
        coders: {
            name: {code for excerpt in excerpts for code in said[prefix].get(excerpt, ())}
            for name, excerpts in interviews.items()
            if name in counting
        }
        for coders, prefix, counting in (("people", "", read), ("machine", "machine_", set(interviews)))
    }


def _differences(rows: list[tuple[int, Row]], codes: Codes, study: StoredStudy) -> Iterator[Difference]:
    status = "counted" if len(set().union(*codes.values())) >= FEWEST_CODES else "too few codes"
    status = status if len(codes) >= BASE + RUN else "too few interviews"
    if any(row["status"] != status for _, row in rows):
        yield Difference(SATURATION, f"its status is not {status}")
        return
    places = [str(at + 1) for at in range(len(codes))] if status == "counted" else [str(len(codes))]
    if [row["interview"] for _, row in rows] != places:
        yield Difference(SATURATION, f"does not have a row for each of {len(codes)} interviews")
        return
    if status != "counted":
        return
    dates = {row["source_id"]: row["date"] for row in study.table("sources")}
    is_dated = all(re.match(r"\d{4}-\d\d-\d\d", dates[name]) for name in codes)
    orders = [sorted(codes, key=lambda name: (dates[name], name))] if is_dated else list(_own_orders(codes))
    walks = [_walk([codes[name] for name in order]) for order in orders]
    for at, (line, row) in enumerate(rows):
        wrong = [] if row["order"] == ("held" if is_dated else "random") else ["order"]
        wrong += _unlike(row, [walk[at] for walk in walks])
        yield from (
            Difference(f"{SATURATION} line {line}", f"its {name} does not follow from codings") for name in wrong
        )


def _own_orders(codes: Codes) -> Iterator[list[str]]:
    dice = random.Random("another seed than the study's")  # noqa: S311 - it need only be another
    for _ in range(ORDERS):
        yield dice.sample(sorted(codes), len(codes))


def _walk(interviews: Sequence[set[str]]) -> list[dict[str, float]]:
    """What each interview adds; the share only where a whole run lies after the base."""
    steps: list[dict[str, float]] = []
    for at in range(len(interviews)):
        before = set().union(*interviews[:at])
        step = {"new_codes": len(interviews[at] - before), "codes": len(interviews[at] | before)}
        if at + 1 >= BASE + RUN:
            base = set().union(*interviews[:BASE])
            of_run = set().union(*interviews[: at + 1]) - set().union(*interviews[: at + 1 - RUN])
            step["share"] = len(of_run) / max(len(base), 1)
            step["saturated"] = float(bool(base) and step["share"] <= LIMIT)
        reached = bool(steps) and steps[-1].get("saturated", 0.0)
        steps.append(step | {"saturated": max(float(reached), step.get("saturated", 0.0))})
    return steps


def _unlike(row: Row, steps: list[dict[str, float]]) -> Iterator[str]:
    """The names of the figures that differ from ours."""
    for name in MEANS:
        values = [step[name] for step in steps if name in step]
        if bool(values) != bool(row[name]):
            yield name
        elif values:
            chance = 5 * pstdev(values) * (2 / len(values)) ** 0.5
            if abs(float(row[name]) - mean(values)) > 1e-4 + chance:
                yield name
    shares = [step["share"] for step in steps if "share" in step]
    has_interval = len(steps) > 1 and bool(shares)
    for name, sign in (("low", 1), ("high", -1)):
        is_right = bool(row[name]) == has_interval
        if is_right and has_interval:
            is_right = _is_end(float(row[name]) * sign, [share * sign for share in shares])
        if not is_right:
            yield name


def _is_end(end: float, shares: list[float]) -> bool:
    """Whether about the share TAIL lies beyond an end; figures are published with four places."""
    beyond = mean(share < end - 1e-4 for share in shares)
    up_to = mean(share <= end + 1e-4 for share in shares)
    return beyond <= 2 * TAIL and up_to >= TAIL / 2

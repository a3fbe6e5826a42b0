"""From codings, draws by chance and votes of patterns to prevalence.csv (docs/method.md, Prevalence)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import exp, lgamma, log, log1p
from statistics import fmean, variance

from second_verifier.counts import Speakers, several
from second_verifier.stored import Difference, Row, StoredStudy

PREVALENCE = "outputs/prevalence.csv"
OPEN_STATUSES = ("machine", "stale")  # nobody decided, or on other words
HALF = 0.5  # of the excerpts must be drawn
NEAR = 2e-4


def prevalence(study: StoredStudy) -> Iterator[Difference]:
    """Counts, draws, shares and intervals of every row, and that no row is missing."""
    of_code = _cells_of_codes(study)
    persons = _persons(study)
    published = study.csv("prevalence.csv")
    expected = {
        (code, attribute, value): row
        for code, cells in of_code.items()
        for attribute, value, row in _rows(persons, cells, study.settings["smallest_cell"])
    }
    if {(row["criterion"], row["attribute"], row["value"]) for row in published} != expected.keys():
        yield Difference(PREVALENCE, "its rows are not the codes and groups of the study")
    for line, row in enumerate(published, 2):
        where = f"{PREVALENCE} line {line}"
        for name, value in expected.get((row["criterion"], row["attribute"], row["value"]), {}).items():
            is_same = row[name] == value if isinstance(value, str) else abs(float(row[name] or -1) - value) <= NEAR
            if not is_same:
                yield Difference(where, f"its {name} is not {value}")


def _persons(study: StoredStudy) -> dict[str, tuple[Row, list[str]]]:
    """Everybody who answers, with attributes and excerpts; copied sources left out."""
    speakers = Speakers(study)
    persons: dict[str, tuple[Row, list[str]]] = {}
    for excerpt in study.table("excerpts"):
        key = speakers.key(excerpt)
        if excerpt["role"] == "respondent" and key and not speakers.sources[excerpt["source_id"]]["copy_of"]:
            persons.setdefault(key, (speakers.attributes(excerpt), []))[1].append(excerpt["excerpt_id"])
    return persons


def _cells_of_codes(study: StoredStudy) -> dict[str, dict[str, set[str]]]:
    """Of each code the excerpts that are coded, decided, named by a pattern, and drawn by chance."""
    moved = {row["decided_on"]: row["now_at"] for row in study.table("placements") if row["now_at"]}
    drawn = {
        moved.get(row["excerpt_id"], row["excerpt_id"])
        for row in study.decisions
        if row.get("lane", "").startswith("random")
    }
    cells: dict[str, dict[str, set[str]]] = {code["id"]: defaultdict(set, drawn=drawn) for code in study.codes}
    for row in study.table("codings"):
        if row["coded"]:
            cells[row["criterion"]]["coded"].add(row["excerpt_id"])
        if row["status"] not in OPEN_STATUSES:
            cells[row["criterion"]]["decided"].add(row["excerpt_id"])
    for row in study.table("votes"):
        if row["vote"] == 1 and row["voter"].startswith("rule:") and row["criterion"] in cells:
            cells[row["criterion"]]["predicted"].add(row["excerpt_id"])
    return cells


def _rows(
    persons: dict[str, tuple[Row, list[str]]], cells: dict[str, set[str]], smallest: int
) -> Iterator[tuple[str, str, Row]]:
    drawn, chosen = cells["decided"] & cells["drawn"], cells["decided"] - cells["drawn"]
    spoken = {excerpt for _, excerpts in persons.values() for excerpt in excerpts}
    share = len(spoken & drawn) / len(spoken - chosen) if spoken - chosen else 0.0
    figures = {name: _figure(set(own), cells, drawn, chosen, share) for name, (_, own) in persons.items()}
    corrected = {name: _corrected(name, figures) for name in figures}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, (attributes, _) in persons.items():
        groups["", ""].append(name)
        for attribute, value in attributes.items():
            for part in several(value):
                groups[attribute, part].append(name)
    for (attribute, value), names in groups.items():
        own = {excerpt for name in names for excerpt in persons[name][1]}
        coded = sum(not cells["coded"].isdisjoint(persons[name][1]) for name in names)
        row: Row = {
            "persons": _shown(len(names), smallest),
            "coded_persons": _shown(coded, smallest),
            "drawn": str(len(own & drawn)),
            "drawn_from": str(len(own - chosen)),
            **dict.fromkeys(("share", "low", "high"), ""),
        }
        if share >= HALF and len(names) >= smallest:
            ends = _interval([corrected[name] for name in names], share)
            row |= dict(zip(("share", "low", "high"), ends, strict=True))
        yield attribute, value, row


def _figure(
    own: set[str], cells: dict[str, set[str]], drawn: set[str], chosen: set[str], share: float
) -> tuple[float, float]:
    """A person's unbiased figure, and the patterns' figure less its true value."""
    if own & chosen & cells["coded"]:
        return 1.0, 0.0
    if share < HALF:
        return 0.0, 0.0
    yes, hits = len(own & drawn & cells["coded"]), len(own & drawn & cells["predicted"])
    is_predicted = bool((own - chosen) & cells["predicted"])
    return 1 - (1 - 1 / share) ** yes, 1 - (1 - 1 / share) ** hits - is_predicted


def _corrected(name: str, figures: dict[str, tuple[float, float]]) -> float:
    """A figure less its control times the slope that all other persons have."""
    figure, control = figures[name]
    if not control:
        return figure
    return figure - control * _slope([pair for other, pair in figures.items() if other != name])


def _slope(pairs: list[tuple[float, float]]) -> float:
    """The slope of the figures over the controls, between 0 and 1."""
    if not pairs:
        return 0.0
    x = fmean(control for _, control in pairs)
    spread = sum((control - x) ** 2 for _, control in pairs)
    slope = sum(figure * (control - x) for figure, control in pairs) / spread if spread > 1e-9 else 0.0
    return min(max(slope, 0.0), 1.0)


def _interval(figures: list[float], drawn: float) -> tuple[float, float, float]:
    """The mean, and the shares p on either side up to which the two tails of a binomial test add up to 5 % or more."""
    n, x = len(figures), max(fmean(figures), 0.0)
    squares = n * variance(figures) + n * x * x if n > 1 else x
    k = min(max((squares + 1 / drawn) / (n * x + 1), 1.0), 1 / drawn)
    x = min(x, 1.0)
    count = n * x / k

    def is_inside(p: float) -> bool:
        mirrored = 2 * n * p / k - count
        least, most = (count, mirrored) if count <= mirrored else (mirrored, count)
        return 1 - _above(least, n, p / k) + _above(most, n, p / k) >= 0.05

    def end(inside: float, outside: float) -> float:
        if is_inside(outside):
            return outside
        for _ in range(20):
            p = (inside + outside) / 2
            inside, outside = (p, outside) if is_inside(p) else (inside, p)
        return inside

    return x, end(x, 0.0), end(x, 1.0)


def _above(count: float, n: int, p: float) -> float:
    """The mid-P tail of a binomial distribution: more than `count`, and half of `count`."""
    if count < 0 or count > n:
        return float(count < 0)
    return sum(_beta(p, a, n + 1 - a) for a in (count, count + 1)) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, as a series of positive terms."""
    if a == 0 or x == 1:
        return 1.0
    if b <= 0 or x == 0:
        return 0.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    term = total = exp(lgamma(a + b) - lgamma(a + 1) - lgamma(b) + a * log(x) + b * log1p(-x))
    while term > total * 1e-12:
        a += 1
        term *= x * (a + b - 1) / a
        total += term
    return total


def _shown(count: int, smallest: int) -> str:
    return f"<{smallest}" if 0 < count < smallest else str(count)

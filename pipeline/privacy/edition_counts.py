"""All counts of persons of a released edition, and what a reader knows of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from pipeline.config import EvidenceSettings
from pipeline.privacy.disclosure import Counts, Name, Relation, at_least, at_most, sums_to
from pipeline.vocabulary import DIRECTIONS, PERSON_ATTRIBUTES, Strength

EVERYBODY: Name = ("persons",)
STRICTLY = 1e-4  # by which "less than" falls short of "at most", in counts of whole persons


def common_values(persons: pd.DataFrame, smallest: int) -> pd.DataFrame:
    """The persons with "" in the place of values that fewer than `smallest` of them share: one row for all others."""
    shown = persons.copy()
    for name in PERSON_ATTRIBUTES:
        counts = shown[name].value_counts()
        shown[name] = shown[name].where(shown[name].map(counts) >= smallest, "")
    return shown


def edition_counts(
    persons: pd.DataFrame,
    *,
    coded: pd.DataFrame,
    confirmed: pd.DataFrame,
    findings: Mapping[str, str],
    criteria: Sequence[str],
) -> Counts:
    """The counts of an edition: all persons, by attribute, by criterion, by criterion and group, and by finding and direction.

    `persons` has a row per person: participant, group, gender, country, as `common_values` gives them; `coded` a row per
    person and criterion, `confirmed` a row per finding, direction and person. `findings` gives the criterion of each finding.
    """
    group_of = dict(zip(persons["participant"], persons["group"], strict=True))
    values: dict[Name, int] = {EVERYBODY: len(persons)}
    relations: list[Relation] = []
    for name in PERSON_ATTRIBUTES:
        counts = persons[name].value_counts().sort_index()
        values |= {(name, str(value)): int(count) for value, count in counts.items()}
        relations.append(sums_to(EVERYBODY, [(name, str(value)) for value in counts.index]))
    groups = sorted(set(persons["group"]))
    for criterion in criteria:
        speaking = set(coded.loc[coded["criterion"] == criterion, "participant"]) & group_of.keys()
        by_speaker = Counter(group_of[who] for who in speaking)
        by_group: dict[Name, int] = {("matrix", criterion, group): by_speaker[group] for group in groups}
        total: Name = ("criterion", criterion)
        values |= {total: len(speaking), **by_group}
        relations += [sums_to(total, by_group), at_most(total, EVERYBODY)]
        relations += [at_most(cell, ("group", cell[2])) for cell in by_group]
    for (finding, direction), who in _speakers(confirmed, findings).items():
        cell: Name = ("finding", finding, direction)
        values[cell] = len(who & group_of.keys())
        relations.append(at_most(cell, EVERYBODY))
        if findings[finding] in criteria:
            relations.append(at_most(cell, ("criterion", findings[finding])))
    blocks = tuple(frozenset(("finding", finding, str(each)) for each in DIRECTIONS) for finding in findings)
    return Counts(values, tuple(relations), frozenset(group_of), blocks=blocks)


def implied_by_common_values(counts: Counts, smallest: int) -> Iterator[Relation]:
    """What the naming of a value implies: at least `smallest` persons share it."""
    for name in counts.numbers:
        if name[0] in PERSON_ATTRIBUTES and name[1]:
            yield at_least(name, smallest)


def _speakers(confirmed: pd.DataFrame, findings: Collection[str]) -> dict[tuple[str, str], set[str]]:
    """Who speaks to each finding, by finding and direction."""
    speakers = {(finding, str(direction)): set[str]() for finding in findings for direction in DIRECTIONS}
    rows = confirmed[["finding_id", "direction", "participant"]].itertuples(index=False, name=None)
    for finding, direction, who in rows:
        if (finding, direction) in speakers and who:
            speakers[finding, direction].add(who)
    return speakers


def implied_by_strengths(strengths: Mapping[str, Strength], settings: EvidenceSettings) -> Iterator[Relation]:
    """What the strength of a finding says of the persons behind it, by the study's rule, which everybody can read."""
    rules = {Strength.STRONG: settings.strong.persons, Strength.MODERATE: settings.moderate.persons}
    for finding, strength in strengths.items():
        supports, contradicts = (("finding", finding, str(each)) for each in DIRECTIONS[:2])
        if strength in rules:
            yield at_least(supports, rules[strength])
        if strength is Strength.CONTESTED:
            yield Relation({contradicts: 1.0, supports: -settings.contested}, low=0.0, high=float("inf"))
        elif strength is not Strength.UNSUPPORTED:
            yield Relation(
                {contradicts: 1 - settings.contested, supports: -settings.contested}, low=-float("inf"), high=-STRICTLY
            )


def cells_of_quote(row: pd.Series) -> list[Name]:
    """The counts to which a published quote adds its speaker, for anybody who counts the speakers of quotes.

    The row has finding_id, direction, criterion, and group, gender and country as they are published; a blank adds to none.
    """
    cells: list[Name] = [("finding", row["finding_id"], row["direction"]), ("criterion", row["criterion"])]
    cells += [(name, row[name]) for name in PERSON_ATTRIBUTES if row[name]]
    return [*cells, *([("matrix", row["criterion"], row["group"])] if row["group"] else [])]


def implied_by_quotes(quotes: pd.DataFrame) -> Iterator[Relation]:
    """What the quotes of an edition say of its counts: at least as many persons as are quoted."""
    speakers: dict[Name, set[str]] = {}
    for _, row in quotes[quotes["participant"] != ""].iterrows():
        for cell in cells_of_quote(row):
            speakers.setdefault(cell, set()).add(row["participant"])
    yield from (at_least(cell, len(speakers[cell])) for cell in sorted(speakers))

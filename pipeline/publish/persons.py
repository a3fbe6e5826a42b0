"""The persons of a study, counted by who they are; small counts are not given exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from pipeline.publish import Publication
from pipeline.vocabulary import PERSON_ATTRIBUTES, Role


class PersonCount(NamedTuple):
    """How many persons share values of attributes: in the register, and speaking; "<5" where that is few."""

    attributes: tuple[str, ...]
    registered: str | int
    speaking: str | int


def counted_persons(publication: Publication, attributes: Sequence[str]) -> list[PersonCount]:
    """Persons by these attributes, those in no register included."""
    smallest = publication.settings.disclosure.smallest_cell
    counted = persons(publication).groupby(list(attributes), sort=True)[["registered", "speaking"]].sum()
    rows = []
    for key, registered, speaking in counted.itertuples(name=None):
        values = tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)
        shown = (f"<{smallest}" if 0 < n < smallest else int(n) for n in (registered, speaking))
        rows.append(PersonCount(values, *shown))
    return rows


def persons(publication: Publication) -> pd.DataFrame:
    """A row per person: group, country, gender, whether in the register, and whether they speak in a source that is used."""
    attributes = ["participant", *PERSON_ATTRIBUTES]
    spoken = publication.excerpts[publication.excerpts["role"] == Role.RESPONDENT]
    spoken = spoken.loc[spoken["participant"] != "", attributes].drop_duplicates("participant")
    registered = publication.people[attributes]
    strangers = spoken[~spoken["participant"].isin(registered["participant"])]
    people = pd.concat([registered.assign(registered=True), strangers.assign(registered=False)], ignore_index=True)
    return people.assign(speaking=people["participant"].isin(spoken["participant"]))

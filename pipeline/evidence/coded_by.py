"""Who codes what: the codings that people confirmed, and those of the machine, apart."""

from __future__ import annotations

import json

import pandas as pd

from pipeline.vocabulary import CONFIRMED

CELL = ["excerpt_id", "criterion", "stance"]


def by_people(codings: pd.DataFrame) -> pd.DataFrame:
    """Excerpt, code and stance of every coding that people confirmed; divided coders confirm nothing until somebody rules."""
    return codings.loc[codings["coded"] & codings["status"].isin(list(CONFIRMED)), CELL]


SUGGESTING = ("definition", "suggested")  # keys in the `because` of a vote that only suggests its code


def is_suggestion(because: str) -> bool:
    """Whether a vote of the classifier, by its `because`, only suggests its code."""
    if not any(f'"{name}"' in because for name in SUGGESTING):  # most votes: they need not be parsed
        return False
    return not set(SUGGESTING).isdisjoint(json.loads(because))


def by_machine(votes: pd.DataFrame) -> pd.DataFrame:
    """Excerpt, code and stance of all that the classifier codes, whatever people decided; what it only suggests is left out."""
    ayes = votes[(votes["vote"] == 1) & votes["voter"].str.startswith("classifier:")]
    return ayes.loc[[not is_suggestion(because) for because in ayes["because"].tolist()], CELL]

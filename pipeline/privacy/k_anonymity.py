"""Attributes beside quotes, generalised until every published combination is shared by enough persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

Classes = Mapping[str, Mapping[str, str]]  # person -> attribute -> the value as it is published


def generalised(persons: pd.DataFrame, attributes: Sequence[str], *, smallest: int) -> pd.DataFrame:
    """The persons with blanks in the place of attributes that would single somebody out.

    `persons` has a row per person. They are parted by one attribute after the other, in this order. In each part a value is
    kept where at least `smallest` persons have it; all others of the part form one class with a blank, if they are as many,
    else the rarest values kept are blanked with them. So persons with the same published attributes are at least
    `smallest`, and a blank does not give away that its value is rare: the class of the blank is as large.
    """
    shown = persons.astype(dict.fromkeys(attributes, "str"))
    parts = [persons.index]
    for name in attributes:
        parts = [smaller for part in parts for smaller in _parted(shown, part, name, smallest)]
    return shown


def _parted(shown: pd.DataFrame, part: pd.Index, name: str, smallest: int) -> list[pd.Index]:
    """The classes of a part by one attribute, blanked in `shown` where a value is not kept."""
    values = shown.loc[part, name]
    counts = values[values != ""].value_counts()
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    kept_values = [value for value, count in ranked if count >= smallest]
    while kept_values and 0 < (~values.isin(kept_values)).sum() < smallest:
        kept_values.pop()
    without_value = part[~values.isin(kept_values)]
    shown.loc[without_value, name] = ""
    classes = [part[values == value] for value in kept_values]
    return [each for each in (*classes, without_value) if len(each)]


def coarsened(classes: pd.DataFrame, attributes: Sequence[str], *, before: Sequence[Classes]) -> pd.DataFrame:
    """The classes without what editions released before did not publish of the same person.

    A quote in two editions joins them: what one shows and the other leaves blank would add up. So a person quoted before
    keeps only the attributes that all editions have in common.
    """
    shown = classes.copy()
    for name in attributes:
        shown[name] = [
            "" if _differs(before, who=who, name=name, value=value) else value
            for who, value in zip(classes["participant"], classes[name], strict=True)
        ]
    return shown


def _differs(before: Sequence[Classes], *, who: str, name: str, value: str) -> bool:
    """Whether an edition shows another value of the person."""
    return any(edition[who][name] != value for edition in before if name in edition.get(who, {}))


def too_few(
    persons: pd.DataFrame, attributes: Sequence[str], *, smallest: int, before: Sequence[Classes]
) -> frozenset[str]:
    """The persons quoted before whom fewer than `smallest` of the persons there are now could be, by all that was published."""
    few: set[str] = set()
    for who in sorted({name for edition in before for name in edition}):
        published = {n: v for edition in before for n, v in edition.get(who, {}).items() if v and n in attributes}
        is_like = pd.Series(data=True, index=persons.index)
        for name, value in published.items():
            is_like &= persons[name] == value
        few |= {who} if int(is_like.sum()) < smallest else set()
    return frozenset(few)

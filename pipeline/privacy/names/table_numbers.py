"""Whether figures are the cells of a table and not a telephone or identity number, by how they are grouped and what is around."""

from __future__ import annotations

import re

DECIMAL = re.compile(r"\d[.,]\d$")  # 78.0: telephone numbers end in groups of two digits or more
YEAR = re.compile(r"(?:19|20)\d\d")
FIGURE = re.compile(r"\d+(?:[.,]\d+)*%?")
WORD = re.compile(r"[^\W\d_]{2,}")
AROUND = 200  # characters before and after: a few rows
LEAST_FIGURES = 6  # around, beside those in question
FIGURES_TO_A_WORD = 0.5
LONG_GROUP = 3  # digits: rows of a table seldom consist of nothing but such numbers without a year


def are_cells(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a row of a table, or a part of one, by its form or by the figures around."""
    words = text[start:end]
    return have_form_of_cells(words) or (not _is_grouped_like_a_number(words) and _is_among_figures(text, start, end))


def have_form_of_cells(words: str) -> bool:
    """Whether figures cannot be one number, whatever is around: `0 4 12 36 35`, `2012 0 38 38`, `1050 78.0`, `176) 2020`."""
    sizes = _sizes(words)
    has_single_digit = max(sizes) > 1 and 1 in sizes[1:]  # nobody writes one between groups
    return has_single_digit or DECIMAL.search(words) is not None or words.count(")") > words.count("(")


def _sizes(words: str) -> list[int]:
    return [len(group) for group in re.findall(r"\d+", words)]


def _is_grouped_like_a_number(words: str) -> bool:
    """Whether the groups are those of telephone numbers: in one piece, in threes and fours, in pairs after a 0."""
    sizes = _sizes(words)
    if len(sizes) == 1 or words.startswith(("+", "00", "(")):
        return True
    is_french = set(sizes) == {2} and words.startswith("0")
    return is_french or (min(sizes) >= LONG_GROUP and not YEAR.search(words))


def _is_among_figures(text: str, start: int, end: int) -> bool:
    around = f"{text[max(0, start - AROUND) : start]} {text[end : end + AROUND]}"
    figures = len(FIGURE.findall(around))
    return figures >= max(LEAST_FIGURES, FIGURES_TO_A_WORD * len(WORD.findall(around)))

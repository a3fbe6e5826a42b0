"""Long lists of problems as a person reads them: equal ones in one line, those of one place under its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from pipeline.errors import Problem
from pipeline.wording.messages import first_few

MANY = 4  # equal problems from which on their places share a line


def bulleted(problems: Iterable[Problem]) -> Iterator[str]:
    """The folded problems as a list: a dash before each, and those of one place below its name."""
    for line in folded(problems):
        yield f"  {line}" if line.startswith(" ") else f"  - {line}"


def folded(problems: Iterable[Problem]) -> Iterator[str]:
    """The problems as lines, in the order in which they first come."""
    for where, at_place in groupby(_without_repeats(problems), key=lambda problem: problem.where):
        here = list(at_place)
        if len(here) == 1:
            yield str(here[0])
        else:
            yield where
            yield from (f"    {problem.what}: {problem.remedy}" for problem in here)


def _without_repeats(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems; those that differ only in their place are merged into one, with the first places."""
    places: dict[str, list[str]] = {}
    listed = list(problems)
    for problem in listed:
        places.setdefault(_kind(problem), []).append(problem.where)
    for problem in listed:
        everywhere = places[_kind(problem)]
        if len(everywhere) < MANY:
            yield problem
        elif problem.where == everywhere[0]:
            yield Problem(first_few(everywhere), problem.what, problem.remedy)


def _kind(problem: Problem) -> str:
    return f"{problem.what}\n{problem.remedy}"

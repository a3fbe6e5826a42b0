"""Causal paths: who states that one element of the theory of change brought about another, beside the drawn arrows.

After causal mapping: Powell, Copestake & Remnant (2024), Evaluation 30. A path is stated if a coder marked it on an excerpt, in a
memo: `courses -> rules`; `courses -/-> rules` says that the excerpt does not state it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import pandas as pd

from pipeline import tables
from pipeline.codebook.theory_of_change import NAME, Arrow, TheoryOfChange
from pipeline.errors import Problem
from pipeline.evidence.theory.elements import Speakers
from pipeline.vocabulary import ArrowStatus, ElementKind, PathStatus
from pipeline.wording.messages import message

if TYPE_CHECKING:
    from pipeline.records import Decision

VOICES = ["influence", "consequence", "excerpt_id", "status", "cue"]
COLUMNS = tables.CAUSAL_PATHS.names
MARK = re.compile(r"\s*([\w-]+?)\s*(-/->|->|→|↛)\s*([\w-]+)\s*")
DENIALS = ("-/->", "↛")
RANK = {kind: number for number, kind in enumerate(ElementKind)} | {ElementKind.ASSUMPTION: -1}


@dataclass(frozen=True, slots=True)
class Mark:
    """What one coder says of a path on one excerpt: that it states the path, or that it does not."""

    excerpt_id: str
    coder: str
    arrow: Arrow
    is_told: bool


def marks_of(memos: Iterable[Decision]) -> Iterator[Mark]:
    """The marks in memos on excerpts: each line, or part between semicolons, that is nothing but a mark."""
    for memo in memos:
        for part in re.split(r"[;\n]", memo.note):
            if match := MARK.fullmatch(part):
                influence, sign, consequence = match.groups()
                yield Mark(memo.excerpt_id, memo.coder, Arrow(influence, consequence), sign not in DENIALS)


def remarks_on_marks(marks: Iterable[Mark], theory: TheoryOfChange) -> Iterator[Problem]:
    """A remark on each name in a mark that is not an element of the theory; none without a theory, for then nothing is marked."""
    ids = {element.id for element in theory.elements}
    unknown = {name for mark in marks for name in mark.arrow if name not in ids} if ids else set()
    for name in sorted(unknown):
        remedy = message("evidence/write_the_memo_again")
        yield Problem(f"{NAME} {name}", message("remark.unknown_path"), remedy)


def path_voices(
    theory: TheoryOfChange,
    marks: Iterable[Mark],
    on_elements: pd.DataFrame,
    cues: Mapping[str, str],
    spoken: Sequence[str],
) -> pd.DataFrame:
    """A row per path and excerpt (VOICES): what coders marked, and what is suggested where nobody marked anything.

    A path is suggested on an excerpt with a causal cue (`cues`: excerpt_id -> words) that bears on both elements, people's codings
    or the machine's: the arrows drawn between such elements, otherwise all pairs in the order of their kinds.
    """
    ids, counting = {element.id for element in theory.elements}, set(spoken)
    by_path: dict[tuple[str, Arrow], list[bool]] = defaultdict(list)
    for mark in marks:
        if mark.excerpt_id in counting and ids.issuperset(mark.arrow):
            by_path[mark.excerpt_id, mark.arrow].append(mark.is_told)
    rows = [[*arrow, excerpt, str(_status(answers)), ""] for (excerpt, arrow), answers in sorted(by_path.items())]
    marked = {excerpt for excerpt, _ in by_path}
    elements_of: dict[str, set[str]] = defaultdict(set)
    for element, excerpt in tables.rows_of(on_elements, ["element", "excerpt_id"]):
        elements_of[excerpt].add(element)
    for excerpt, cue in sorted(cues.items()):
        for arrow in _suggested(theory, elements_of[excerpt]) if excerpt not in marked else ():
            rows.append([*arrow, excerpt, str(PathStatus.SUGGESTED), cue])
    return pd.DataFrame(rows, columns=VOICES, dtype="str")


def _status(told: Sequence[bool]) -> PathStatus:
    if all(told):
        return PathStatus.CONFIRMED
    return PathStatus.DIVIDED if any(told) else PathStatus.REJECTED


def paths_on(theory: TheoryOfChange, carried: Collection[str]) -> list[Arrow]:
    """The paths that words of cause suggest on an excerpt that carries these codes."""
    return _suggested(theory, {element.id for element in theory.elements if set(element.codes).issubset(carried)})


def _suggested(theory: TheoryOfChange, borne: set[str]) -> list[Arrow]:
    drawn = [arrow for arrow in theory.arrows if borne.issuperset(arrow) and arrow.start != arrow.end]
    if drawn:
        return drawn
    elements = [element for element in theory.elements if element.id in borne]
    return [Arrow(one.id, two.id) for one, two in permutations(elements, 2) if RANK[one.kind] < RANK[two.kind]]


def arrow_rows(theory: TheoryOfChange, voices: pd.DataFrame, speakers: Speakers) -> pd.DataFrame:
    """A row per arrow (COLUMNS) that is drawn, or stated though not drawn: by how many persons, excerpts and documents.

    `suggested` counts excerpts on which nobody has marked anything; they do not count as stating it.
    """
    drawn = list(dict.fromkeys(theory.arrows))
    confirmed = voices[voices["status"] == PathStatus.CONFIRMED]
    stated = {Arrow(*pair) for pair in confirmed[["influence", "consequence"]].itertuples(index=False, name=None)}
    rows = []
    for arrow in [*drawn, *sorted(stated - set(drawn))]:
        persons, excerpts, *further = _figures(voices, arrow, speakers)
        by_whom = ArrowStatus.TOLD if persons else ArrowStatus.DOCUMENTS if excerpts else ArrowStatus.UNTOLD
        status = by_whom if arrow in drawn else ArrowStatus.UNDRAWN
        rows.append((*arrow, str(status), persons, excerpts, *further))
    return pd.DataFrame(rows, columns=COLUMNS)


def _figures(voices: pd.DataFrame, arrow: Arrow, speakers: Speakers) -> tuple[int, ...]:
    of_arrow = voices[(voices["influence"] == arrow.start) & (voices["consequence"] == arrow.end)]
    stating = of_arrow.loc[of_arrow["status"] == PathStatus.CONFIRMED, "excerpt_id"]
    persons = {name: speakers.person_of[name] for name in stating}
    documents = {speakers.source_of[name] for name, person in persons.items() if not person}
    suggested = int((of_arrow["status"] == PathStatus.SUGGESTED).sum())
    return len(set(persons.values()) - {""}), len(stating), len(documents), suggested

"""People's decisions where they count: as examples to learn from, as codings before the machine's, as links before suggestions."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.errors import Problem
from pipeline.records import Decision, Example, Vote
from pipeline.review.settle import ConsensusCoding, State, link_status
from pipeline.steps.inputs import Brief
from pipeline.steps.tag import TagResult
from pipeline.vocabulary import CodingStatus

SETTLED = ("coded", "stance", "status", "decided_by", "doubtful")  # columns of codings that people's decisions change


def with_examples(brief: Brief, state: State, excerpts: pd.DataFrame) -> Brief:
    """The brief with what coders settled among its examples, each weighing as config.toml says."""
    by_excerpt: dict[str, list[ConsensusCoding]] = {}
    for settled in state.codings:
        if settled.yes is not None and settled.target in brief.codebook.ids:
            by_excerpt.setdefault(settled.excerpt_id, []).append(settled)
    wanted = excerpts[excerpts["excerpt_id"].isin(list(by_excerpt))]
    learnt = tuple(_example(row, by_excerpt[str(row["excerpt_id"])], brief) for row in wanted.to_dict("records"))
    return replace(brief, seeds=(*brief.seeds, *learnt))


def _example(row: dict[Hashable, Any], settled: list[ConsensusCoding], brief: Brief) -> Example:
    return Example(
        text=str(row["text"]),
        question=str(row["question"]),
        language=str(row["language"]),
        codes=tuple(sorted((s.target, s.value) for s in settled if s.yes)),
        asked=tuple(sorted(s.target for s in settled)),
        group=str(row["participant_id"] or row["source_id"]),
        weight=brief.settings.tag.decision_weight,
    )


def decide(tagged: TagResult, state: State, reading: Mapping[str, pd.DataFrame]) -> TagResult:
    """The codings, votes and links with people's word in them; what coders are divided over waits and is the machine's for now.

    The votes of `tagged` are used up, so that they are not held twice. `reading` has the tables texts and turns, which tell
    decisions upon words that are not used from stale ones.
    """
    codings = _codings(tagged.frames["codings"], state)
    votes = _with(tagged.frames["votes"], list(_votes(state)), tables.VOTES)
    return replace(
        tagged,
        frames={"votes": votes, "codings": codings},
        decided_links=_links(state),
        problems=(*tagged.problems, *stale(state, reading)),
        remarks=(*tagged.remarks, *map(_is_withheld, _withheld(state, reading))),
    )


def stale(state: State, reading: Mapping[str, pd.DataFrame]) -> tuple[Problem, ...]:
    """Decisions upon words that changed: they count for nothing until somebody decides on the new words."""
    withheld = _withheld(state, reading)
    return tuple(_is_stale(decision) for decision in state.stale if decision not in withheld)


def _with(frame: pd.DataFrame, records: list[Vote], table: tables.Table) -> pd.DataFrame:
    return tables.joined([frame, tables.frame(records, table)], table) if records else frame


def _codings(codings: pd.DataFrame, state: State) -> pd.DataFrame:
    settled = {(s.excerpt_id, s.target): s for s in state.codings}
    if not settled:
        return codings
    places = codings["excerpt_id"].isin({excerpt for excerpt, _ in settled}).to_numpy().nonzero()[0]
    changed = codings.iloc[places]
    said = [settled.get(key) for key in zip(changed["excerpt_id"], changed["criterion"], strict=True)]
    coded, stance, status, by, doubtful = (changed[column].tolist() for column in SETTLED)
    for i, word in enumerate(said):
        if word is None:
            continue
        status[i], by[i] = str(word.status), word.decided_by
        doubtful[i] = word.status is CodingStatus.CONFLICTED
        if word.yes is not None:
            coded[i] = word.yes
            stance[i] = (word.value or stance[i]) if word.yes else ""
    values = dict(zip(SETTLED, (coded, stance, status, by, doubtful), strict=True))
    return codings.assign(**{column: _put(codings[column], places, values[column]) for column in SETTLED})


def _put(column: pd.Series[Any], places: np.ndarray, values: list[Any]) -> pd.Series[Any]:
    """The column with values at some places."""
    made = column.copy()
    made.iloc[places] = values
    return made


def _votes(state: State) -> Iterator[Vote]:
    codes = {s.target for s in state.codings}
    for o in state.coder_decisions:
        if o.target in codes:
            because = json.dumps({"decision": o.seq})
            yield Vote(o.excerpt_id, o.target, f"coder:{o.coder}", int(o.yes), 1.0, o.value, because, str(o.seq))


def _links(state: State) -> pd.DataFrame:

    rows = [
        (s.target, s.excerpt_id, s.value or "supports", 0.0, str(link_status(s)), s.decided_by) for s in state.links
    ]
    return tables.typed(pd.DataFrame(rows, columns=tables.LINKS.names), tables.LINKS)


def _withheld(state: State, reading: Mapping[str, pd.DataFrame]) -> tuple[Decision, ...]:
    """Decisions upon words of people who do not consent: their turns are blank."""
    if not state.stale:
        return ()
    asked = {decision.excerpt_id.rpartition(":")[0] for decision in state.stale}
    texts, turns = (frame[frame["source_id"].isin(asked)] for frame in (reading["texts"], reading["turns"]))
    words = dict(zip(texts["source_id"], texts["text"], strict=True))
    blank: dict[str, list[tuple[int, int]]] = {}
    for source_id, start, end in turns[["source_id", "start", "end"]].itertuples(index=False, name=None):
        if words[source_id][start:end].isspace():
            blank.setdefault(source_id, []).append((start, end))
    return tuple(d for d in state.stale if _lies_in(d.excerpt_id, blank))


def _lies_in(excerpt: str, stretches: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    source_id, _, place = excerpt.rpartition(":")
    start, _, end = (part if part.isdecimal() else "" for part in place.partition("-"))
    if not start or not end:
        return False
    return any(first <= int(start) and int(end) <= last for first, last in stretches.get(source_id, ()))


def _is_withheld(decision: Decision) -> Problem:
    what = f"is withheld: the speaker of {decision.excerpt_id} does not consent; it counts for nothing"
    return Problem(
        f"coded/decisions.jsonl line {decision.seq}", what, "leave it; it counts again if the speaker agrees"
    )


def _is_stale(decision: Decision) -> Problem:
    what = f"is stale: the text of {decision.excerpt_id} has changed or is gone"
    remedy = f"hand the new text out for review, and let {decision.coder} decide again"
    return Problem(f"coded/decisions.jsonl line {decision.seq}", what, remedy)

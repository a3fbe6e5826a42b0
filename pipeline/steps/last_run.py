"""What the last run left open, for `check`: stale decisions, people nobody heard, labels that are nobody's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline import study as folders
from pipeline.errors import Problem, UserError, first_few
from pipeline.records import Participant
from pipeline.steps.apply_decisions import stale
from pipeline.steps.inputs import Brief, kept_tables
from pipeline.steps.review import load_ledger, state_of
from pipeline.study import Study
from pipeline.vocabulary import Consent, Kind, Reason, Role

if TYPE_CHECKING:
    import pandas as pd


def look_back(study: Study, brief: Brief, people: Sequence[Participant]) -> tuple[Problem, ...]:
    """Remarks on the last run; none where there was no run, or its tables are another program's."""
    frames = kept_tables(study, folders.last_run(study))
    if not frames:
        return ()
    return (*_stale(study, brief, frames), *_unheard(people, frames["turns"]), *_strangers(frames), *_guesses(frames))


def _stale(study: Study, brief: Brief, frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    try:
        decisions = load_ledger(study)
    except UserError:
        return  # told with the files that people write
    yield from stale(state_of(decisions, frames["excerpts"], brief.codebook), frames)


def _unheard(people: Sequence[Participant], turns: pd.DataFrame) -> Iterator[Problem]:
    heard = set(turns["participant_id"])
    ids = [p.participant_id for p in people if p.participant_id not in heard and p.consent is not Consent.NO]
    if ids:
        what = f"in the last run nothing was heard from {len(ids)} of {len(people)}: {first_few(ids)}"
        yield Problem("raw/participants", what, "nothing to do where they did not speak; else see the labels and ids")


def _strangers(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Labels are names: they are told by their place."""
    sources = frames["sources"].query(f"kind == '{Kind.INTERVIEW}'")
    paths = dict(zip(sources["source_id"], sources["path"], strict=True))
    turns = frames["turns"].query("participant_id == '' and speaker != ''")
    turns = turns[turns["source_id"].isin(list(paths)) & (turns["role"] != Role.INTERVIEWER)]
    firsts = turns.drop_duplicates(["source_id", "speaker"])
    for source_id, places in firsts.groupby("source_id", sort=True)["place"]:
        count = "a label was" if len(places) == 1 else f"{len(places)} labels were"
        what = f"in the last run {count} nobody's of the register ({first_few(list(places))})"
        remedy = "name who speaks in raw/sources.csv, column speakers; OTHER where it is no respondent"
        yield Problem(f"raw/{paths[source_id]}", what, remedy)


def _guesses(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Where transcripts were read with a guess of who speaks; `propose` says it of surveys."""
    sources = frames["sources"].query(f"kind == '{Kind.INTERVIEW}'")
    paths = dict(zip(sources["source_id"], sources["path"], strict=True))
    rejected = frames["rejected"]
    rows = rejected[(rejected["reason"] == Reason.PERSON_GUESSED) & rejected["source_id"].isin(list(paths))]
    for source_id, places in rows.groupby("source_id", sort=True)["place"]:
        people = "1 person was" if len(places) == 1 else f"{len(places)} people were"
        what = f"in the last run {people} identified by a usual spelling of the name ({first_few(list(places))})"
        remedy = (
            "nothing to do if that is right; else add the spelling to raw/participants as an alias of the right person"
        )
        yield Problem(f"raw/{paths[source_id]}", what, remedy)

"""Whom the new speaker of a turn is: another label of the file, a person of the register, or a role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.ingest.transcript.roles import GIVEN_ROLES
from pipeline.ingest.transcript.speaker_labels import fold
from pipeline.people import NameRegister, find_person
from pipeline.records import Turn
from pipeline.vocabulary import Role


@dataclass(frozen=True, slots=True)
class NewSpeaker:
    """Who speaks a turn by a correction; `candidates` are the people who may be meant where that is unclear."""

    label: str
    role: Role
    participant_id: str = ""
    candidates: tuple[str, ...] = ()


def new_speaker(
    name: str, turns: Sequence[Turn], register: NameRegister, candidates: Mapping[int | None, tuple[str, ...]]
) -> NewSpeaker | None:
    """The speaker whom a correction names; None if nobody in the file or the register has that name.

    `candidates` are those of turns whose speaker may be several people.
    """
    by_label = {fold(turn.speaker): turn for turn in reversed(turns) if turn.speaker}
    if alike := by_label.get(fold(name)):
        return NewSpeaker(alike.speaker, alike.role, alike.participant_id, candidates.get(alike.turn, ()))
    if role := GIVEN_ROLES.get(name.upper()):
        return _of_role(role, turns)
    match = find_person(name, register)
    if match.participant_id:
        label = next((turn.speaker for turn in turns if turn.participant_id == match.participant_id), "")
        return NewSpeaker(label, Role.RESPONDENT, match.participant_id)
    return NewSpeaker(name, Role.RESPONDENT, candidates=match.candidates) if match.candidates else None


def _of_role(role: Role, turns: Sequence[Turn]) -> NewSpeaker:
    """The interviewer of the file; of another role, somebody without a label."""
    asking = next((turn for turn in turns if turn.role is role), None)
    if asking and role is Role.INTERVIEWER:
        return NewSpeaker(asking.speaker, role, asking.participant_id)
    return NewSpeaker("", role)

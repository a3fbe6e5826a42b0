"""What a study masks, put together: people of the register, the roster and the settings, their numbers, and the sheet of names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import ConfigError, IntegrityError, Problem
from pipeline.people import fold_name
from pipeline.privacy import consent
from pipeline.privacy.names.plan import NamedPerson, NamePlan, numbered
from pipeline.provenance import key_of
from pipeline.records import Participant
from pipeline.registers.names_sheet import NamesSheet
from pipeline.registers.roster import load_roster
from pipeline.study import Study, append_atomic, lines_of, person_key
from pipeline.wording.messages import message

NUMBERS = "coded/name_numbers.jsonl"
RESTORE = "registers/restore_the_file_from_your_own"


def load_plan(study: Study, settings: Settings, people: Sequence[Participant], sheet: NamesSheet) -> NamePlan | None:
    """What a study masks; None where config.toml turns that off.

    Everybody who is new gets a number, which is kept in coded/name_numbers.jsonl. ConfigError where the sheet or the roster
    cannot be used: nothing is read then, as names would be shown that somebody wants masked.
    """
    if settings.privacy.names == "off":
        return None
    if sheet.problems:
        raise ConfigError(sheet.problems)
    secret = key_of(person_key(study).hex(), "names")
    names = dict(_names(study, settings, people, sheet))
    before = load_numbers(study)
    numbers = numbered(names, before, secret)
    refusers = consent.refusing(people)
    _append_numbers(study, numbers, before)
    return NamePlan(
        language=settings.study.language,
        secret=secret,
        people=tuple(NamedPerson(key, numbers[key], names[key], key in refusers) for key in sorted(names)),
        choices=sheet.choices,
        added=sheet.added,
        models=settings.privacy.models,
    )


def _names(
    study: Study, settings: Settings, people: Iterable[Participant], sheet: NamesSheet
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Everybody who may be named, with their names: by the sheet alone, of the roster, who asks, of the register."""
    chosen = {choice.person for choice in sheet.choices} | {name.person for name in sheet.added}
    for person in sorted(chosen - {""}):
        yield person, ()
    if settings.privacy.roster:
        yield from load_roster(study.root / Path(settings.privacy.roster).expanduser())
    for name in settings.ingest.interviewers:
        yield f"interviewer {key_of(fold_name(name))[:8]}", (name,)
    for registered in people:
        yield registered.participant_id, registered.names


def load_numbers(study: Study) -> dict[str, int]:
    """The number of everybody in placeholders, by key; IntegrityError where a line cannot be read."""
    numbers: dict[str, int] = {}
    for number, line in enumerate(lines_of(study, NUMBERS, RESTORE), 1):
        try:
            row = json.loads(line)
            numbers[row["person"]] = int(row["number"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise IntegrityError(
                Problem(f"{NUMBERS} line {number}", message("registers/is_not_a_number"), message(RESTORE))
            ) from None
    return numbers


def _append_numbers(study: Study, numbers: dict[str, int], before: dict[str, int]) -> None:
    new = sorted((number, key) for key, number in numbers.items() if key not in before)
    if new:
        lines = (json.dumps({"number": number, "person": key}, ensure_ascii=False) for number, key in new)
        append_atomic(study.root / NUMBERS, "".join(f"{line}\n" for line in lines))

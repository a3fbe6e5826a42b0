"""coded/refusals.jsonl: who refused, so that no refusal is lost with a row, a column or the register. Lines are only added."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipeline.errors import IntegrityError, Problem
from pipeline.provenance import sha256_bytes
from pipeline.records import Participant
from pipeline.study import Study, append_atomic, lines_of, paths_in
from pipeline.vocabulary import Consent
from pipeline.wording.messages import counted, first_few, message

NAME = "coded/refusals.jsonl"
PENDING = "coded/withdrawing-"  # begins the name of a file that is there from the beginning of a withdrawal to its end
RESTORE = "common/restore_the_file_from_your_own_copy"
REFUSING = (Consent.NO_QUOTES, Consent.NO, Consent.WITHDRAWN)  # the stricter one last


def load_refusals(study: Study) -> dict[str, Consent]:
    """What holds for each person who ever refused: `no`, `no quotes`, `withdrawn`, or `yes` where they agreed again.

    IntegrityError if a line cannot be read.
    """
    refusals: dict[str, Consent] = {}
    for number, line in enumerate(lines_of(study, NAME, RESTORE), 1):
        try:
            row = json.loads(line)
            refusals[row["participant_id"]] = Consent(row["consent"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise IntegrityError(
                Problem(f"{NAME} line {number}", message("registers/is_not_a_refusal"), message(RESTORE))
            ) from None
    return refusals


def with_refusals(people: Iterable[Participant], refusals: Mapping[str, Consent]) -> tuple[Participant, ...]:
    """The people of the register, each with the consent that applies: a refusal, until the register says `yes`.

    A person who withdrew counts as `no`, whatever the register says.
    """
    return tuple(_with_refusal(person, refusals.get(person.participant_id, Consent.YES)) for person in people)


def _with_refusal(person: Participant, before: Consent) -> Participant:
    if before is Consent.WITHDRAWN:
        return replace(person, consent=Consent.NO)
    if before not in REFUSING or _agrees(person):
        return person
    return person if person.consent is Consent.NO else replace(person, consent=before)


def _agrees(person: Participant) -> bool:
    return person.is_consent_stated and person.consent is Consent.YES


def refusal_problems(people: Sequence[Participant], refusals: Mapping[str, Consent]) -> Iterator[Problem]:
    """Problems of people whose register contradicts a refusal that still holds."""
    for person in people:
        before = refusals.get(person.participant_id, Consent.YES)
        if before is Consent.WITHDRAWN and person.consent is not Consent.NO:
            consent = person.consent or message("registers/nothing")
            what = message(
                "registers/withdrew_but_the_register_says", participant_id=person.participant_id, consent=consent
            )
            yield Problem("raw/participants", what, message("registers/write_no_a_withdrawal_is_final"))
        elif before in REFUSING and person.consent not in (Consent.YES, before) and person.consent is not Consent.NO:
            what = message(
                "registers/said_before_and_this_still_applies", participant_id=person.participant_id, before=before
            )
            yield Problem("raw/participants", what, message("registers/write_yes_if_the_person"))


def missing_refusals(people: Sequence[Participant], refusals: Mapping[str, Consent]) -> Iterator[Problem]:
    """One problem if people who refused are not in the register: their words could not be recognised."""
    ids = {person.participant_id for person in people}
    missing = sorted(person for person, consent in refusals.items() if consent in REFUSING and person not in ids)
    if missing:
        what = message("registers/lacks_people_who_refused", places=first_few(missing))
        yield Problem("raw/participants", what, message("registers/put_their_rows_back"))


def lost_consent(people: Sequence[Participant], refusals: Mapping[str, Consent]) -> Iterator[Problem]:
    """One problem if a register no longer records consent although people refused in it before.

    A withdrawal is recorded without such a column.
    """
    before = sorted(person for person, consent in refusals.items() if consent in (Consent.NO, Consent.NO_QUOTES))
    if before and people and all(person.consent is Consent.UNSAID for person in people):
        what = message("registers/does_not_record_consent_any_more", places=first_few(before))
        yield Problem("raw/participants", what, message("registers/put_the_column_consent_back"))


def record_refusals(study: Study, stated: Iterable[Participant], now: datetime) -> None:
    """Add a line for everybody who refuses for the first time or more strictly, and for everybody who agreed again."""
    refusals = load_refusals(study)
    lines = []
    for person in stated:
        before = refusals.get(person.participant_id, Consent.YES)
        is_stricter = person.consent in REFUSING and (
            before not in REFUSING or REFUSING.index(person.consent) > REFUSING.index(before)
        )
        is_lifted = before in (Consent.NO_QUOTES, Consent.NO) and _agrees(person)
        if person.is_consent_stated and (is_stricter or is_lifted):
            lines.append(_line(person.participant_id, person.consent, now))
    if lines:
        append_atomic(study.root / NAME, "".join(lines))


def lifted_since(study: Study, before: Mapping[str, int | str]) -> list[str]:
    """The persons whose refusal was lifted since a run, whose record of the file `before` is, and who have not refused again."""
    rows = [json.loads(line) for line in lines_of(study, NAME, RESTORE)[int(before.get("lines", 0)) :]]
    latest = {row["participant_id"]: row["consent"] for row in rows}
    return sorted(person for person, consent in latest.items() if consent == Consent.YES)


def record_withdrawal(study: Study, participant_id: str, now: datetime) -> None:
    """Add the line that says that a person withdrew, unless it is there already."""
    if load_refusals(study).get(participant_id) is not Consent.WITHDRAWN:
        append_atomic(study.root / NAME, _line(participant_id, Consent.WITHDRAWN, now))


def pending_withdrawals(study: Study) -> list[Path]:
    """The files of withdrawals that are under way, or were interrupted."""
    return [path for path in paths_in(study.coded) if f"coded/{path.name}".startswith(PENDING)]


def interrupted_withdrawals(study: Study) -> Iterator[Problem]:
    """A problem for each unfinished withdrawal."""
    for path in pending_withdrawals(study):
        what = message("registers/holds_words_of_a_person_whose")
        yield Problem(f"coded/{path.name}", what, message("registers/withdraw_the_person_again_that_removes"))


def _line(participant_id: str, consent: Consent, now: datetime) -> str:
    row = {"at": now.isoformat(), "participant_id": participant_id, "consent": consent}
    return json.dumps(row, ensure_ascii=False) + "\n"


def state_of_refusals(study: Study) -> dict[str, int | str]:
    """How many lines the file has, and their hash: what the next run must find at its beginning."""
    lines = lines_of(study, NAME, RESTORE)
    return {"lines": len(lines), "sha256": sha256_bytes(b"".join(lines))}


def check_refusals_kept(study: Study, before: Mapping[str, int | str]) -> None:
    """IntegrityError if the file does not begin with the lines that the last run recorded."""
    count = int(before.get("lines", 0))
    lines = lines_of(study, NAME, RESTORE)[:count]
    if count and (len(lines) < count or sha256_bytes(b"".join(lines)) != before["sha256"]):
        what = message("common/does_not_begin", lines=counted(count, "line"))
        raise IntegrityError(Problem(NAME, what, message(RESTORE)))

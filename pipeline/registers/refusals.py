"""coded/refusals.jsonl: who refused, so that no refusal is lost with a row, a column or the register. Lines are only added."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipeline.errors import IntegrityError, Problem, counted, first_few
from pipeline.provenance import sha256_bytes
from pipeline.records import Participant
from pipeline.study import Study, append_atomic, lines_of, paths_in
from pipeline.vocabulary import Consent

NAME = "coded/refusals.jsonl"
PENDING = "coded/withdrawing-"  # begins the name of a file that is there from the beginning of a withdrawal to its end
RESTORE = "restore the file from your own copy, and never change it by hand"
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
            raise IntegrityError(Problem(f"{NAME} line {number}", "is not a refusal", RESTORE)) from None
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
            what = f"{person.participant_id} withdrew, but the register says {person.consent or 'nothing'}"
            yield Problem("raw/participants", what, "write no: a withdrawal is final")
        elif before in REFUSING and person.consent not in (Consent.YES, before) and person.consent is not Consent.NO:
            what = f"{person.participant_id} said {before} before, and this still applies"
            yield Problem("raw/participants", what, "write yes if the person has agreed since")


def missing_refusals(people: Sequence[Participant], refusals: Mapping[str, Consent]) -> Iterator[Problem]:
    """One problem if people who refused are not in the register: their words could not be recognised."""
    ids = {person.participant_id for person in people}
    missing = sorted(person for person, consent in refusals.items() if consent in REFUSING and person not in ids)
    if missing:
        what = f"lacks people who refused: {first_few(missing)}"
        yield Problem(
            "raw/participants", what, "put their rows back as they were; write yes for those who have agreed since"
        )


def lost_consent(people: Sequence[Participant], refusals: Mapping[str, Consent]) -> Iterator[Problem]:
    """One problem if a register says nothing of consent though people refused in it before: its column is gone.

    A withdrawal is recorded without such a column.
    """
    before = sorted(person for person, consent in refusals.items() if consent in (Consent.NO, Consent.NO_QUOTES))
    if before and people and all(person.consent is Consent.UNSAID for person in people):
        what = f"does not record consent any more, but people refused before: {first_few(before)}"
        yield Problem("raw/participants", what, "put the column consent back, with yes, no quotes or no")


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
        what = "holds words of a person whose withdrawal was interrupted"
        yield Problem(f"coded/{path.name}", what, "withdraw the person again; that removes the file")


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
        what = f"does not begin with the {counted(count, 'line')} that the last run recorded"
        raise IntegrityError(Problem(NAME, what, RESTORE))

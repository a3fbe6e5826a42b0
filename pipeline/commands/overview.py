"""What `check` understood of a study, in four lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipeline.registers.overview import Overview
from pipeline.wording.messages import Message, counted, message, separated


def as_lines(overview: Overview) -> Iterator[Message]:
    """Files by kind, people by consent, codes, findings."""
    kinds = separated(", ", (counted(number, kind) for kind, number in overview.files.items()))
    total = sum(overview.files.values())
    yield message("commands/files", total=total, kinds=kinds) if total else message("commands/no_files")
    yield _people(overview)
    if overview.codes is None:
        yield message("commands/codes_not_read")
    elif overview.codes:
        yield message(
            "commands/codes",
            codes=overview.codes,
            patterns=counted(overview.patterns, "pattern"),
            examples=counted(overview.examples, "example"),
        )
    if overview.findings is None:
        yield message("commands/findings_not_read")
    else:
        yield message("commands/findings_of_the_register", findings=overview.findings or message("commands/none_yet"))


def _people(overview: Overview) -> Message:
    if overview.people is None:
        return message("commands/people_not_read")
    consents = separated(", ", (_consent(number, consent) for consent, number in overview.people.items()))
    people = sum(overview.people.values())
    return message("commands/people", people=people, consents=consents) if people else message("commands/no_people")


def _consent(number: int, consent: str) -> Message:
    return message(f"commands/consent_{consent.replace(' ', '_') or 'not_stated'}", number=number)


def as_record(overview: Overview) -> dict[str, Any]:
    """The overview as JSON."""
    return asdict(overview)

"""What `check` understood of a study, in four lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipeline.errors import counted
from pipeline.registers.overview import Overview


def as_lines(overview: Overview) -> Iterator[str]:
    """Files by kind, people by consent, codes, findings."""
    kinds = ", ".join(counted(number, kind) for kind, number in overview.files.items())
    total = sum(overview.files.values())
    yield (
        f"files     {total}: {kinds}"
        if total
        else "files     none yet in raw/interviews, raw/surveys and raw/documents"
    )
    consents = ", ".join(f"{number} {consent or 'not stated'}" for consent, number in overview.people.items())
    people = sum(overview.people.values())
    yield f"people    {people} in the register: {consents}" if people else "people    none in raw/participants yet"
    if overview.codes:
        codes = f"{overview.codes} in codebook.toml with {counted(overview.patterns, 'pattern')}"
        yield f"codes     {codes}; {counted(overview.examples, 'example')}"
    yield f"findings  {overview.findings or 'none yet'} in findings.toml"


def as_record(overview: Overview) -> dict[str, Any]:
    """The overview as JSON."""
    return asdict(overview)

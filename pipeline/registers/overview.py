"""What a study consists of, counted: what the program understood of it before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.codebook import Codebook
from pipeline.records import Participant
from pipeline.vocabulary import Consent, Kind


@dataclass(frozen=True, slots=True)
class Overview:
    """Files by kind, people of the register by consent, codes with patterns and examples, findings; None: not readable."""

    files: Mapping[Kind, int]
    people: Mapping[Consent, int] | None
    codes: int | None
    patterns: int
    examples: int
    findings: int | None


def overview(
    kinds: Iterable[Kind],
    people: Iterable[Participant] | None,
    codebook: Codebook | None,
    *,
    examples: int,
    findings: int | None,
) -> Overview:
    """The overview of a study; `people`, `codebook` and `findings` None: their file cannot be read."""
    files = Counter(kinds)
    consents = Counter(person.consent for person in people or ())
    return Overview(
        files={kind: files[kind] for kind in Kind if files[kind]},
        people=None if people is None else {each: consents[each] for each in Consent if consents[each]},
        codes=len(codebook.ids) if codebook else None,
        patterns=len(codebook.patterns) if codebook else 0,
        examples=examples,
        findings=findings,
    )

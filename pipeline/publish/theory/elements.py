"""What is shown of each element of the theory of change: figures, what it leads to, and the words behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline import wording
from pipeline.codebook.theory_of_change import Element
from pipeline.publish import Publication
from pipeline.vocabulary import Direction, ElementStatus, LinkStatus

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 6  # voices of the machine alone that the report shows of an element; the workbook has all
WORDS = "excerpt_id source_id participant group country gender kind place language question text".split()
TABLE = ("persons", "supporting", "contradicting", "excerpts", "documents", "machine_persons")  # counts shown


@dataclass(frozen=True, slots=True)
class ElementVoice:
    """One excerpt that bears on an element: words, speaker and place."""

    excerpt_id: str
    source_id: str
    participant: str
    group: str
    country: str
    gender: str
    kind: str
    place: str
    language: str
    question: str
    text: str
    direction: str
    status: str


@dataclass(frozen=True, slots=True)
class ElementAccount:
    """Everything that is shown of one element."""

    element: Element
    status: ElementStatus
    counts: dict[str, int]  # as in theory_of_change.csv
    leads_to: tuple[Element, ...]
    confirmed: dict[str, tuple[ElementVoice, ...]]  # by direction, those without words left out
    machine: tuple[ElementVoice, ...]

    def leading_to(self, language: str) -> str:
        """The names of what it leads to."""
        return "; ".join(element.name_in(language) for element in self.leads_to)

    def status_in(self, language: str) -> str:
        """Its status, or that only the machine coded words about it."""
        word = wording.closed_word("element_status", self.status, language)
        is_only_machine = self.status is ElementStatus.SILENT and self.counts["machine_excerpts"]
        return f"{word} ({wording.text('theory.machine_only', language)})" if is_only_machine else word


def element_accounts(publication: Publication) -> tuple[ElementAccount, ...]:
    """An account of every element, in the order of the file."""
    elements = {element.id: element for element in publication.theory.elements}
    voices = _voices(publication)
    return tuple(
        _account(elements[row["element"]], row, voices, elements) for row in publication.elements.to_dict("records")
    )


def voice_rows(publication: Publication) -> pd.DataFrame:
    """A row per voice of an element: those of `element_voices`, with words, speaker and place."""
    words = publication.excerpts[WORDS]
    return publication.element_voices.merge(words, on="excerpt_id", how="left", validate="many_to_one")


def _account(
    element: Element, row: Any, voices: dict[str, list[ElementVoice]], elements: dict[str, Element]
) -> ElementAccount:
    of_element = voices[element.id]
    return ElementAccount(
        element=element,
        status=ElementStatus(row["status"]),
        counts={name: int(count) for name, count in row.items() if isinstance(count, int)},
        leads_to=tuple(elements[name] for name in element.leads_to if name in elements),
        confirmed=_by_direction(voice for voice in of_element if voice.status == LinkStatus.CONFIRMED),
        machine=tuple(voice for voice in of_element if voice.status == LinkStatus.SUGGESTED),
    )


def _by_direction(voices: Iterable[ElementVoice]) -> dict[str, tuple[ElementVoice, ...]]:
    by_direction: dict[str, list[ElementVoice]] = {str(word): [] for word in Direction}
    for voice in voices:
        by_direction[voice.direction].append(voice)
    return {word: tuple(of_word) for word, of_word in by_direction.items() if of_word}


def _voices(publication: Publication) -> dict[str, list[ElementVoice]]:
    """The voices of every element: one of each person, then their second, and so on."""
    rows = voice_rows(publication)
    by_element: dict[str, list[ElementVoice]] = defaultdict(list)
    columns = ElementVoice.__slots__
    for element, *values in rows[["element", *columns]].itertuples(index=False, name=None):
        by_element[element].append(ElementVoice(*values))
    return defaultdict(list, {name: _in_turn(of_element) for name, of_element in by_element.items()})


def _in_turn(voices: Sequence[ElementVoice]) -> list[ElementVoice]:
    turns: Counter[tuple[str, str, str]] = Counter()
    ranked = []
    for voice in sorted(voices, key=lambda each: each.excerpt_id):
        speaker = (voice.status, voice.direction, voice.participant or voice.source_id)
        ranked.append((turns[speaker], voice.excerpt_id, voice))
        turns[speaker] += 1
    return [voice for *_, voice in sorted(ranked, key=lambda each: each[:2])]

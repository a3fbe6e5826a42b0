"""All detectors over one text, and what persons decided applied: mentions in order, without overlap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pipeline.privacy.names import numbers, patterns
from pipeline.privacy.names.persons import PersonDetector
from pipeline.privacy.names.plan import AddedName, Mention, NameChoice, NamePlan, name_id
from pipeline.vocabulary import Identity, MaskEvidence, MaskStatus, NameDecision

PART = 2000  # characters of a text that are looked at in one go
MOST_PARTS = 1000  # that are remembered
PERSON_LABELS = frozenset({"PER", "PERSON"})


@dataclass(slots=True)
class Detector:
    """Finds names, numbers and places that lead to a person, by one plan."""

    plan: NamePlan
    _persons: PersonDetector = field(init=False)
    _choices: Mapping[str, NameChoice] = field(init=False)
    _added: Sequence[tuple[re.Pattern[str], AddedName]] = field(init=False)
    _parts: dict[str, list[Mention]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._persons = PersonDetector(self.plan.people)
        self._choices = {choice.name_id: choice for choice in self.plan.choices}
        self._added = [(_pattern(each.words), each) for each in self.plan.added]

    def mentions(self, text: str) -> list[Mention]:
        """All mentions of a text, in order; of those that overlap the surest, then the longest."""
        return [
            replace(mention, start=start + mention.start, end=start + mention.end)
            for start, part in _parts(text)
            for mention in self._of_part(part)
        ]

    def _of_part(self, text: str) -> list[Mention]:
        """The mentions of a part of a text; parts that are repeated are looked at once."""
        if text not in self._parts:
            if len(self._parts) >= MOST_PARTS:
                self._parts.clear()
            self._parts[text] = self._looked_for(text)
        return self._parts[text]

    def _looked_for(self, text: str) -> list[Mention]:
        everything = [*self._added_mentions(text), *patterns.mentions(text), *numbers.mentions(text)]
        everything += [*self._persons.mentions(text), *_by_models(text, self.plan.models)]
        return [self._decided(mention, text) for mention in _without_overlap(everything)]

    def _added_mentions(self, text: str) -> Iterator[Mention]:
        for pattern, name in self._added:
            for match in pattern.finditer(text):
                yield Mention(*match.span(), name.kind, MaskStatus.MASKED, MaskEvidence.ADDED, name.person)

    def _decided(self, mention: Mention, text: str) -> Mention:
        """The mention with what a person decided on these words."""
        choice = self._choices.get(self.id_of(mention, text))
        if choice is None:
            return mention
        status = MaskStatus.MASKED if choice.decision is NameDecision.MASK else MaskStatus.LIFTED
        return replace(mention, status=status, person=choice.person or mention.person)

    def id_of(self, mention: Mention, text: str) -> str:
        """The id of a mention in the sheet of names."""
        return name_id(mention.kind, text[mention.start : mention.end], self.plan.secret)


@cache
def detector_of(plan: NamePlan) -> Detector:
    """The detector of a plan, made once in every process."""
    return Detector(plan)


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """A text in parts that end where a line or a sentence ends, else between two words, with where each begins."""
    start = 0
    while len(text) - start > PART:
        end = start + PART
        at = max(text.rfind("\n", start, end), text.rfind(". ", start, end))
        at = at if at > start else text.rfind(" ", start, end)
        after = at + 1 if at > start else end
        yield start, text[start:after]
        start = after
    yield start, text[start:]


def _pattern(words: str) -> re.Pattern[str]:
    spaced = r"\s+".join(map(re.escape, words.split()))
    return re.compile(rf"(?<!\w){spaced}(?!\w)")


def _without_overlap(mentions: Iterable[Mention]) -> list[Mention]:
    chosen: list[Mention] = []
    for mention in sorted(mentions, key=_rank):
        if all(mention.end <= other.start or other.end <= mention.start for other in chosen):
            chosen.append(mention)
    return sorted(chosen, key=lambda each: each.start)


def _rank(mention: Mention) -> tuple[bool, bool, int, int, str]:
    is_added = mention.because is MaskEvidence.ADDED
    is_sure = mention.status is MaskStatus.MASKED
    return (not is_added, not is_sure, mention.start - mention.end, mention.start, mention.kind)


def _by_models(text: str, models: Sequence[str]) -> Iterator[Mention]:
    """The persons that installed models find; proposed, never masked."""
    for name in models:
        for entity in _model(name)(text).ents:
            if entity.label_ in PERSON_LABELS:
                yield Mention(entity.start_char, entity.end_char, Identity.NAME, MaskStatus.WAITING, MaskEvidence.MODEL)


@cache
def _model(name: str) -> Any:
    import spacy  # heavy, and only for those who name a model

    return spacy.load(name)

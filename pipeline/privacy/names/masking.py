"""A reading with masks: placeholders in the place of names, numbers and places that lead to a person, and where they were.

Offsets change, so every mask keeps its place in the text as it was read: from there the words in the file are found again.
No mask reaches over the end of a turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from pipeline.privacy.names.detector import Detector, detector_of
from pipeline.privacy.names.plan import Mention, NamePlan, placeholder
from pipeline.provenance import count_chars, sha256_text
from pipeline.records import Answer, FileReading, Mask, NameEntry, Rejected, Text, Turn
from pipeline.vocabulary import Identity, MaskStatus, Reason

SHORTEST_LABEL = 4  # characters of a speaker's label that may be a name; shorter ones are initials and codes


@dataclass(frozen=True, slots=True)
class MaskedReading:
    """A reading in which names are masked, the masks and proposals, and the words of each by its id."""

    reading: FileReading
    masks: tuple[Mask, ...]
    entries: tuple[NameEntry, ...]


def mask(reading: FileReading, plan: NamePlan | None) -> MaskedReading:
    """The reading with its names masked; as it is without a plan."""
    if plan is None:
        return MaskedReading(reading, (), ())
    masker = Masker(plan)
    by_source: dict[str, list[Turn]] = {text.source_id: [] for text in reading.texts}
    for turn in reading.turns:
        by_source[turn.source_id].append(turn)
    texts, turns = [], []
    for text in reading.texts:
        masked, moved = masker.text(text, by_source[text.source_id])
        texts.append(masked)
        turns += moved
    answers, rejected = _answers(reading.answers, masker)
    chars = {row.source_id: row.chars for row in rejected}
    sources = tuple(
        replace(source, chars_excluded=source.chars_excluded + chars[source.source_id])
        if source.source_id in chars
        else source
        for source in reading.sources
    )
    order = {(turn.source_id, turn.turn): turn for turn in turns}
    result = replace(
        reading,
        sources=sources,
        texts=tuple(texts),
        turns=tuple(order[turn.source_id, turn.turn] for turn in reading.turns),
        answers=answers,
        rejected=(*reading.rejected, *rejected),
    )
    return MaskedReading(result, tuple(masker.masks), tuple(masker.entries.values()))


class Masker:
    """Masks texts by one plan, and keeps what it masked and proposed."""

    def __init__(self, plan: NamePlan) -> None:
        self.plan = plan
        self.detector: Detector = detector_of(plan)
        self.numbers = {person.key: person.number for person in plan.people}
        self.masks: list[Mask] = []
        self.entries: dict[str, NameEntry] = {}

    def text(self, text: Text, turns: Sequence[Turn]) -> tuple[Text, list[Turn]]:
        """A text with its turns, masked."""
        before = len(self.masks)
        parts: list[str] = []
        moved = []
        at, length = 0, 0
        for turn in sorted(turns, key=lambda each: each.start):
            parts.append(self._stretch(text, at, turn.start, length, is_spoken=False))
            start = length + len(parts[-1])
            parts.append(self._stretch(text, turn.start, turn.end, start, is_spoken=True))
            length = start + len(parts[-1])
            moved.append(self._turn(turn, start, length))
            at = turn.end
        parts.append(self._stretch(text, at, len(text.text), length, is_spoken=False))
        if len(self.masks) == before:
            return text, moved
        words = "".join(parts)
        return Text(text.source_id, words, sha256_text(words)), moved

    def _stretch(self, text: Text, start: int, end: int, now_at: int, *, is_spoken: bool) -> str:
        """A stretch of a text, masked; `now_at` is where it begins in the new text.

        Outside turns, where labels and headers are, nothing is proposed: nobody reads it.
        """
        words = text.text[start:end]
        parts: list[str] = []
        at, length = 0, now_at
        for mention in self.detector.mentions(words) if words.strip() else ():
            if not is_spoken and mention.status is not MaskStatus.MASKED:
                continue
            parts.append(words[at : mention.start])
            length += mention.start - at
            original = words[mention.start : mention.end]
            shown = self.shown(mention, original)
            parts.append(shown)
            self.masks.append(
                Mask(
                    source_id=text.source_id,
                    start=length,
                    end=length + len(shown),
                    source_start=start + mention.start,
                    source_end=start + mention.end,
                    kind=mention.kind,
                    status=mention.status,
                    chars=count_chars(original),
                    name_id=self._entry(mention, words) if is_spoken else "",
                )
            )
            length += len(shown)
            at = mention.end
        return "".join([*parts, words[at:]])

    def shown(self, mention: Mention, original: str) -> str:
        """The placeholder of a mention in the text."""
        if mention.status is not MaskStatus.MASKED:
            return original
        return placeholder(mention.kind, self.numbers.get(mention.person, 0), self.plan.language)

    def _entry(self, mention: Mention, words: str) -> str:
        name = self.detector.id_of(mention, words)
        original = " ".join(words[mention.start : mention.end].split())
        entry = NameEntry(name, mention.kind, original, mention.status, mention.because, mention.person)
        self.entries.setdefault(name, entry)
        return name

    def line(self, words: str) -> str:
        """A text beside the words of a source, such as a question, with what is sure masked."""
        parts, at = [], 0
        for mention in self.detector.mentions(words):
            if mention.status is MaskStatus.MASKED:
                parts += [words[at : mention.start], self.shown(mention, words[mention.start : mention.end])]
                at = mention.end
        return "".join([*parts, words[at:]])

    def _turn(self, turn: Turn, start: int, end: int) -> Turn:
        return replace(
            turn,
            start=start,
            end=end,
            speaker=self._label(turn),
            question=self.line(turn.question),
            heading=self.line(turn.heading),
        )

    def _label(self, turn: Turn) -> str:
        """The label of a speaker; the placeholder where it is the name of a known person."""
        if len(turn.speaker) < SHORTEST_LABEL:
            return turn.speaker
        for mention in self.detector.mentions(turn.speaker):
            if mention.kind is Identity.NAME and mention.person:
                return placeholder(Identity.NAME, self.numbers.get(mention.person, 0), self.plan.language)
        return turn.speaker


def _answers(answers: Sequence[Answer], masker: Masker) -> tuple[tuple[Answer, ...], tuple[Rejected, ...]]:
    """The closed answers that name nobody, with their questions masked, and a row for those of each source that do.

    Two headings of a source stay apart, also where they are the same once they are masked.
    """
    nameless: list[Answer] = []
    taken: set[tuple[str, str]] = set()
    chars: dict[str, int] = {}
    for answer in answers:
        if masker.line(answer.value) != answer.value or masker.line(answer.label) != answer.label:
            chars[answer.source_id] = chars.get(answer.source_id, 0) + count_chars(answer.value)
        else:
            heading = masker.line(answer.column)
            number = next(n for n in count(1) if (answer.source_id, _numbered(heading, n)) not in taken)
            taken.add((answer.source_id, _numbered(heading, number)))
            column, question = _numbered(heading, number), masker.line(answer.question)
            nameless.append(replace(answer, column=column, question=question))
    rejected = (
        Rejected("ingest", name, "closed answers", Reason.NAMES_SOMEBODY, chars[name]) for name in sorted(chars)
    )
    return tuple(nameless), tuple(rejected)


def _numbered(heading: str, number: int) -> str:
    return heading if number == 1 else f"{heading} ({number})"

"""Builder of turns: spans of a text with their speakers, and exclusions."""

from dataclasses import dataclass, field

from pipeline.ingest.characters import count_visible
from pipeline.ingest.transcript.roles import Speaker
from pipeline.records import Exclusion, Reading
from pipeline.vocabulary import Part, Role, Undecided


@dataclass(slots=True)
class TurnSpan:
    """A turn in the making: `[start, end)` of the text, the label in the file, and what it answers."""

    label: str
    start: int
    end: int
    place: str
    heading: str = ""
    question: str = ""
    speaker: Speaker = field(default_factory=lambda: Speaker(Role.RESPONDENT))


@dataclass(frozen=True, slots=True)
class LayoutRecord:
    """How a transcript was read: the layout, the next best, how much better the first explains the file, and what is undecided."""

    layout: str = ""
    runner_up: str = ""
    margin: float = 0.0
    undecided: tuple[Undecided, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """The turns of a reading, the exclusions, and what a person should know about it.

    `reading` is the one whose text the turns point into: times inside the words are taken out of it.
    """

    turns: tuple[TurnSpan, ...]
    exclusions: tuple[Exclusion, ...]
    notes: tuple[str, ...] = ()
    reading: Reading | None = None
    record: LayoutRecord = field(default_factory=LayoutRecord)


@dataclass(slots=True)
class TurnBuilder:
    """Where turns and exclusions are collected, in order."""

    text: str
    turns: list[TurnSpan] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    is_open: bool = False  # the last turn may still grow
    label: str = ""  # of who speaks
    why: str = str(Part.FRONT)  # why nobody does

    def leave_out(self, start: int, end: int, place: str, reason: str) -> None:
        """Excludes a span."""
        self.exclusions.append(Exclusion(start, end, place, reason, count_visible(self.text[start:end])))
        self.is_open = False

    def say(self, start: int, end: int, place: str) -> None:
        """Adds a span to the current speaker, as a turn or as a continuation of the last one."""
        if self.is_open and self.turns[-1].label == self.label:
            self.turns[-1].end = end
        else:
            self.turns.append(TurnSpan(self.label, start, end, place))
        self.is_open = True

    def close(self, why: str) -> None:
        """Ends the current speaker, with the reason for what follows."""
        if self.label:
            self.label, self.why = "", why

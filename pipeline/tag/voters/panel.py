"""What the voters of a study say: their votes for the table, and their opinions as columns that the classifier calibrates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.records import Example, Excerpt, Vote
from pipeline.tag.voters import Ballot, text_key

KIND = "voter:"  # begins the name of a voter in the table of votes


@dataclass(frozen=True, slots=True)
class Seat:
    """A voter whose votes count: its name, the version of its votes, and its ballots by the key of the text."""

    name: str
    version: str
    ballots: Mapping[str, Ballot]


@dataclass(frozen=True, slots=True)
class Panel:
    """The voters of a study whose votes count, and the excerpts that they were shown."""

    seats: tuple[Seat, ...] = ()
    shown: frozenset[str] = field(default_factory=frozenset)

    def votes(self, excerpts: Iterable[Excerpt]) -> Iterator[Vote]:
        """Their votes on excerpts, in order."""
        for excerpt in excerpts if self.seats else ():
            for seat, ballot in self._ballots(excerpt):
                for opinion in sorted(ballot.opinions, key=lambda each: each.criterion):
                    because = json.dumps({"quote": opinion.quote} if opinion.quote else {}, ensure_ascii=False)
                    yield Vote(
                        excerpt_id=excerpt.excerpt_id,
                        criterion=opinion.criterion,
                        voter=f"{KIND}{seat.name}",
                        vote=opinion.vote,
                        score=opinion.score,
                        stance="",
                        because=because,
                        version=seat.version,
                    )

    def opinions(self, texts: Sequence[Excerpt | Example], codes: Sequence[str]) -> np.ndarray:
        """Two columns per voter, texts x codes x columns: how surely it says yes, and no as a negative number."""
        cells = np.zeros((len(texts), len(codes), 2 * len(self.seats)))
        column_of = {code: column for column, code in enumerate(codes)}
        for row, text in enumerate(texts if self.seats else ()):
            for number, seat in enumerate(self.seats):
                for opinion in self._ballot(seat, text).opinions:
                    if (column := column_of.get(opinion.criterion)) is not None:
                        cells[row, column, 2 * number + 1 - opinion.vote] = opinion.score * (2 * opinion.vote - 1)
        return cells

    def marks(self, examples: Sequence[Example]) -> list[Any]:
        """What a model that learns from examples depends on: who votes, and what they say of these."""
        if not self.seats:
            return []
        codes = sorted({code for example in examples for code in example.asked})
        used = np.argwhere(opinions := self.opinions(examples, codes)).tolist()
        return [[seat.name, seat.version] for seat in self.seats] + [
            [*place, round(float(opinions[tuple(place)]), 6)] for place in used
        ]

    def _ballots(self, excerpt: Excerpt) -> Iterator[tuple[Seat, Ballot]]:
        return ((seat, self._ballot(seat, excerpt)) for seat in self.seats)

    def _ballot(self, seat: Seat, text: Excerpt | Example) -> Ballot:
        """The ballot on a text; an empty one where the voter was not shown it."""
        if isinstance(text, Excerpt) and text.excerpt_id not in self.shown:
            return NO_BALLOT
        return seat.ballots.get(text_key(text), NO_BALLOT)


NO_BALLOT = Ballot("")
NOBODY = Panel()

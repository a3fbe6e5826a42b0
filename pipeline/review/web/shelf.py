"""The tables of a study as the review page reads them: one excerpt with its context, found in microseconds.

Rows are kept as Arrow columns; what belongs to an excerpt is a slice of a table sorted by the excerpt's number.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.vocabulary import LinkStatus, Role

NEIGHBOURS = 2  # excerpts shown before and after, of the same source


@dataclass(frozen=True, slots=True)
class Slices:
    """Rows of a table in the order of their keys: those of key `i` are `starts[i]` to `starts[i + 1]`."""

    rows: pa.Table
    starts: np.ndarray

    @classmethod
    def by(cls, column: str, table: pa.Table, keys: pa.Array) -> Slices:
        """The table's rows by the position of the column's value among `keys`; rows of other values are dropped."""
        at = pc.index_in(table[column], value_set=keys)
        rows = table.filter(at.is_valid())
        places = at.drop_null().to_numpy()
        if len(places) and (np.diff(places) < 0).any():
            order = np.argsort(places, kind="stable")
            rows, places = rows.take(order), places[order]
        return cls(rows.combine_chunks(), np.searchsorted(places, np.arange(len(keys) + 1)))

    def of(self, index: int) -> list[dict[str, Any]]:
        """The rows of the key at this position."""
        start, end = int(self.starts[index]), int(self.starts[index + 1])
        return self.rows.slice(start, end - start).to_pylist() if end > start else []


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of an excerpt that a pattern matched: `[start, end)` in its text, and the pattern's name."""

    start: int
    end: int
    pattern: str


class Shelf:
    """The excerpts of respondents with their context, the machine's codings and links, and the closed answers beside them.

    Args:
        tables: sources, texts, turns, answers, excerpts; codings (those that are coded or doubtful are enough); links; votes
            (those that say yes are enough).
        persons: participant id to the code that stands for the person.
        groups: participant id to the person's group.
    """

    def __init__(
        self, tables: Mapping[str, pa.Table], *, persons: Mapping[str, str], groups: Mapping[str, str]
    ) -> None:
        order = [("source_id", "ascending"), ("start", "ascending"), ("end", "ascending")]
        self.excerpts = tables["excerpts"].sort_by(order).combine_chunks()
        ids = self.excerpts["excerpt_id"].combine_chunks()
        self.ids: list[str] = ids.to_pylist()
        self.position = {name: i for i, name in enumerate(self.ids)}
        self.sources: list[str] = self.excerpts["source_id"].to_pylist()
        self.speakers: list[str] = self.excerpts["participant_id"].to_pylist()
        self.persons, self.groups = persons, groups
        self.is_respondent = pc.equal(self.excerpts["role"], str(Role.RESPONDENT)).to_numpy()
        self.folded = [text.casefold() for text in self.excerpts["text"].to_pylist()]
        self.codings = Slices.by("excerpt_id", tables["codings"], ids)
        self.links = Slices.by("excerpt_id", tables["links"], ids)
        self.votes = Slices.by("excerpt_id", tables["votes"], ids)
        self._source_ids = tables["texts"]["source_id"].combine_chunks()
        self._source_at = {name: i for i, name in enumerate(self._source_ids.to_pylist())}
        self._texts = tables["texts"]["text"]
        self._answers = Slices.by("source_id", tables["answers"], self._source_ids)
        self._turns = Slices.by("source_id", tables["turns"], self._source_ids)
        self.kinds = dict(zip(*(tables["sources"][name].to_pylist() for name in ("source_id", "kind")), strict=True))
        self._same: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, index: int) -> dict[str, Any]:
        """The excerpt at this position, as its table has it."""
        return dict(self.excerpts.slice(index, 1).to_pylist()[0])

    def text_sha256(self, excerpt_id: str) -> str:
        """The hash of an excerpt's words; "" where there is no such excerpt."""
        index = self.position.get(excerpt_id)
        return "" if index is None else str(self.excerpts["text_sha256"][index].as_py())

    def neighbours(self, index: int) -> tuple[list[str], list[str]]:
        """The texts before and after an excerpt, of the same source, in reading order."""
        low, high = index, index + 1
        while low > 0 and index - low < NEIGHBOURS and self.sources[low - 1] == self.sources[index]:
            low -= 1
        while high < len(self) and high - index <= NEIGHBOURS and self.sources[high] == self.sources[index]:
            high += 1
        texts = self.excerpts["text"]
        return texts.slice(low, index - low).to_pylist(), texts.slice(index + 1, high - index - 1).to_pylist()

    def marks(self, index: int) -> list[Mark]:
        """The words of an excerpt that patterns matched, in order and without overlap; the longer match goes first."""
        text = self.excerpts["text"][index].as_py()
        spans = [
            mark for row in self.votes.of(index) if row["voter"].startswith("rule:") and (mark := _mark(text, row))
        ]
        marks: list[Mark] = []
        for mark in sorted(spans, key=lambda m: (m.start - m.end, m.start, m.pattern)):
            if all(mark.end <= other.start or mark.start >= other.end for other in marks):
                marks.append(mark)
        return sorted(marks, key=lambda m: m.start)

    def alike(self, index: int) -> list[str]:
        """The other excerpts with exactly the same words."""
        text = self.folded[index]
        return [self.ids[i] for i in self._by_text().get(text, ()) if i != index]

    def _by_text(self) -> dict[str, list[int]]:
        """The excerpts of respondents by their words, made at the first call."""
        if not self._same:
            for i in np.flatnonzero(self.is_respondent):
                self._same.setdefault(self.folded[i], []).append(int(i))
        return self._same

    def closed_answers(self, source_id: str) -> list[dict[str, str]]:
        """The closed answers of a source: question and value."""
        at = self._source_at.get(source_id)
        rows = [] if at is None else self._answers.of(at)
        return [{"question": row["column"], "value": row["value"]} for row in rows]

    def turns(self, source_id: str, around: int, most: int = 200) -> list[dict[str, Any]]:
        """At most `most` turns of a source, those nearest to a turn number, with the code of who speaks."""
        at = self._source_at.get(source_id)
        if at is None:
            return []
        text, rows = self._texts[at].as_py(), self._turns.of(at)
        first = max(0, min(around - most // 2, len(rows) - most))
        return [
            {
                "turn": row["turn"],
                "role": row["role"],
                "place": row["place"],
                "who": self.persons.get(row["participant_id"], ""),
                "text": text[row["start"] : row["end"]],
            }
            for row in rows[first : first + most]
        ]

    def with_code(self, code: str) -> np.ndarray:
        """A mask over the excerpts: the machine or people code it."""
        rows = self.codings.rows
        is_coded = pc.and_(pc.equal(rows["criterion"], code), rows["coded"])
        return self._mask(rows["excerpt_id"].filter(is_coded).to_pylist())

    def with_finding(self, finding: str) -> np.ndarray:
        """A mask over the excerpts: a link to the finding that nobody rejected."""
        rows = self.links.rows
        is_link = pc.and_(pc.equal(rows["finding_id"], finding), pc.not_equal(rows["status"], str(LinkStatus.REJECTED)))
        return self._mask(rows["excerpt_id"].filter(is_link).to_pylist())

    def of_ids(self, ids: Collection[str]) -> np.ndarray:
        """A mask over the excerpts: those with these ids."""
        return self._mask(ids)

    def _mask(self, ids: Collection[str]) -> np.ndarray:
        mask = np.zeros(len(self), dtype=bool)
        at = [self.position[name] for name in ids if name in self.position]
        mask[at] = True
        return mask

    def where(self, values: Sequence[str], value_sought: str) -> np.ndarray:
        """A mask over the excerpts: the value beside each is the one wanted, without regard to case."""
        return np.fromiter((value.casefold() == value_sought.casefold() for value in values), bool, len(values))

    def person_codes(self) -> list[str]:
        """The code of the person who speaks, for every excerpt; "" where nobody of the register does."""
        return [self.persons.get(speaker, "") for speaker in self.speakers]

    def group_names(self) -> list[str]:
        """The group of the person who speaks, for every excerpt."""
        return [self.groups.get(speaker, "") for speaker in self.speakers]


def _mark(text: str, row: Mapping[str, Any]) -> Mark | None:
    """Where the words that a rule names are in the text; None where they are not in one piece."""
    words = str(json.loads(row["because"] or "{}").get("words", ""))
    start = text.casefold().find(words.casefold()) if words else -1
    if start < 0 or len(text.casefold()) != len(text):
        return None
    return Mark(start, start + len(words), str(row["voter"]).removeprefix("rule:"))

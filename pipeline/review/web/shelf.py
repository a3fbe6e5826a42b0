"""The tables of a study as the review page reads them: one excerpt with its context in microseconds.

Everything stays in Arrow columns, repeated texts once each (dictionary encoding); Python objects are made for what is shown.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import wording
from pipeline.provenance import excerpt_id
from pipeline.vocabulary import LinkStatus, Role

NEIGHBOURS = 2  # excerpts shown before and after, of the same source
TURNS_SHOWN = 200  # of a transcript
PUNCTUATION = "[.,;:!?()\"'¿¡«»“”‘’…–—-]+"


@dataclass(frozen=True, slots=True)
class Slices:
    """Rows of a table in the order of their keys: those of key `i` are `starts[i]` to `starts[i + 1]`."""

    rows: pa.Table
    starts: np.ndarray

    @classmethod
    def by(cls, column: str, table: pa.Table, keys: pa.Array) -> Slices:
        """The table's rows by the position of the column's value among `keys`; rows of other values are dropped."""
        places = places_of(table[column], keys)
        if (places < 0).any():
            table, places = table.filter(pa.array(places >= 0)), places[places >= 0]
        if (np.diff(places) < 0).any():
            order = np.argsort(places, kind="stable")
            table, places = table.take(pa.array(order)), places[order]
        return cls(table.combine_chunks(), np.searchsorted(places, np.arange(len(keys) + 1)).astype(np.int32))

    @property
    def places(self) -> np.ndarray:
        """The position of the key of each row."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def table_of(self, index: int) -> pa.Table:
        """The rows of the key at this position, as a table."""
        start, end = int(self.starts[index]), int(self.starts[index + 1])
        return self.rows.slice(start, end - start)

    def of(self, index: int) -> list[dict[str, Any]]:
        """The rows of the key at this position."""
        return list(self.table_of(index).to_pylist())


def encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column that stores every text once."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    return pa.chunked_array(column.unify_dictionaries().chunks, column.type).combine_chunks()


def decoded(table: pa.Table) -> pa.Table:
    """The table with plain texts, decoded from columns that store every text once."""
    columns = {
        name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pa.table(columns)


def places_of(column: pa.ChunkedArray, keys: pa.Array) -> np.ndarray:
    """The position of each value among the keys; -1 if it is not among them."""
    if not len(column):
        return np.zeros(0, dtype=np.int32)
    values = encoded(column)
    among_keys = pc.index_in(values.dictionary.cast(keys.type), value_set=keys).fill_null(-1).to_numpy()
    return np.asarray(among_keys[values.indices.to_numpy()])


@dataclass(frozen=True, slots=True)
class Labels:
    """One text for each excerpt, such as its source: the texts that occur, and which of them each excerpt has."""

    texts: list[str]
    codes: np.ndarray

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Labels:
        """The labels of a column."""
        values = encoded(column)
        return cls(values.dictionary.to_pylist(), values.indices.to_numpy())

    def __getitem__(self, index: int) -> str:
        return self.texts[int(self.codes[index])]

    def renamed(self, names: Mapping[str, str]) -> Labels:
        """The same excerpts with other texts; "" for a text that has no name."""
        return Labels([names.get(text, "") for text in self.texts], self.codes)

    def equal(self, text: str) -> np.ndarray:
        """A mask over the excerpts: those with this text, without regard to case."""
        is_equal = np.array([each.casefold() == text.casefold() for each in self.texts], dtype=bool)
        return np.asarray(is_equal[self.codes]) if len(self.texts) else np.zeros(len(self.codes), dtype=bool)


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of an excerpt that a pattern matched: `[start, end)` in its text, and the pattern's name."""

    start: int
    end: int
    pattern: str


class Shelf:
    """The excerpts with their context, the machine's codings and links, and the closed answers beside them.

    Args:
        tables: sources, texts, turns, answers, excerpts; codings (those that are coded or doubtful are enough); links; votes
            (those that say yes are enough). Excerpts and turns of a source are together, in reading order.
        persons: participant id to the person's code.
        groups: participant id to the person's group.
    """

    def __init__(
        self, tables: Mapping[str, pa.Table], *, persons: Mapping[str, str], groups: Mapping[str, str]
    ) -> None:
        self.excerpts = tables["excerpts"].combine_chunks()
        ids = self.excerpts["excerpt_id"].combine_chunks()
        self.ids: list[str] = ids.to_pylist()
        self.position = {name: i for i, name in enumerate(self.ids)}
        self.sources = Labels.of(self.excerpts["source_id"])
        self.speakers = Labels.of(self.excerpts["participant_id"])
        self.persons, self.groups = self.speakers.renamed(persons), self.speakers.renamed(groups)
        self.person_codes = persons
        self.is_respondent = Labels.of(self.excerpts["role"]).equal(str(Role.RESPONDENT))
        first = np.unique(self.sources.codes, return_index=True)[1]
        self._answers_until = np.cumsum(self.is_respondent)
        self._answers_before = self._answers_until[first] - self.is_respondent[first]
        self._answers_in = np.bincount(self.sources.codes[self.is_respondent], minlength=len(first))
        self.codings = Slices.by("excerpt_id", tables["codings"], ids)
        self.links = Slices.by("excerpt_id", tables["links"], ids)
        self.votes = Slices.by("excerpt_id", tables["votes"], ids)
        source_ids = tables["texts"]["source_id"].combine_chunks().cast(pa.string())
        self._source_at = {name: i for i, name in enumerate(source_ids.to_pylist())}
        self._texts = tables["texts"]["text"]
        self._answers = Slices.by("source_id", tables["answers"], source_ids)
        self._turns = Slices.by("source_id", tables["turns"], source_ids)
        self.kinds = dict(zip(*(tables["sources"][name].to_pylist() for name in ("source_id", "kind")), strict=True))
        self.paths = dict(zip(*(tables["sources"][name].to_pylist() for name in ("source_id", "path")), strict=True))
        self.languages = Labels.of(self.excerpts["language"])
        self.lowered = pc.utf8_lower(self.excerpts["text"])
        words = pc.utf8_trim_whitespace(pc.replace_substring_regex(self.lowered, PUNCTUATION, ""))
        self._same_words = encoded(words).indices.to_numpy()
        self._by_words = np.argsort(self._same_words, kind="stable").astype(np.int32)

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, index: int) -> dict[str, Any]:
        """The excerpt at this position, as its table has it."""
        return dict(self.excerpts.slice(index, 1).to_pylist()[0])

    def cell(self, name: str, index: int) -> str:
        """One text of the excerpt at this position."""
        return str(self.excerpts[name][int(index)].as_py())

    def quote(self, index: int) -> dict[str, Any]:
        """The excerpt at this position as lists of the page show it: who says what, and where."""
        return {
            "id": self.ids[index],
            "person": self.persons[index],
            "source": self.sources[index],
            "place": wording.place_by_language(self.cell("place", index)),
            "language": self.cell("language", index),
            "text": self.cell("text", index),
        }

    def place_in_source(self, index: int) -> dict[str, int]:
        """Which of the answers in its source the excerpt at this position is, in reading order, and among how many."""
        code = self.sources.codes[index]
        nth = self._answers_until[index] - self._answers_before[code]
        return {"nth": int(nth), "among": int(self._answers_in[code])}

    def text_sha256(self, excerpt_id: str) -> str:
        """The hash of an excerpt's words; "" where there is no such excerpt."""
        index = self.position.get(excerpt_id)
        return "" if index is None else self.cell("text_sha256", index)

    def neighbours(self, index: int) -> tuple[range, range]:
        """The positions of the excerpts before and after one, of the same source, in reading order."""
        low, high = index, index + 1
        codes = self.sources.codes
        while low > 0 and index - low < NEIGHBOURS and codes[low - 1] == codes[index]:
            low -= 1
        while high < len(self) and high - index <= NEIGHBOURS and codes[high] == codes[index]:
            high += 1
        return range(low, index), range(index + 1, high)

    def marks(self, index: int) -> list[Mark]:
        """The words of an excerpt that patterns matched, in order and without overlap; the longer match goes first."""
        text = self.cell("text", index)
        spans = [
            mark for row in self.votes.of(index) if row["voter"].startswith("rule:") and (mark := _mark(text, row))
        ]
        marks: list[Mark] = []
        for mark in sorted(spans, key=lambda m: (m.start - m.end, m.start, m.pattern)):
            if all(mark.end <= other.start or mark.start >= other.end for other in marks):
                marks.append(mark)
        return sorted(marks, key=lambda m: m.start)

    def alike(self, index: int) -> list[str]:
        """The other excerpts of respondents with the same words, without regard to case and punctuation."""
        same = self._same_words[index]
        low, high = np.searchsorted(self._same_words, [same, same + 1], sorter=self._by_words)
        return [self.ids[i] for i in sorted(self._by_words[low:high]) if i != index and self.is_respondent[i]]

    def same_words(self, index: int) -> int:
        """A number that an excerpt shares with those of the same words, without regard to case and punctuation."""
        return int(self._same_words[index])

    def with_words(self, words: str) -> np.ndarray:
        """A mask over the excerpts: those in which the words occur, without regard to case."""
        return np.asarray(pc.match_substring(self.lowered, words.lower()).to_numpy(), dtype=bool)

    def is_followed_in_turn(self, index: int) -> bool:
        """Whether the next excerpt is of the same turn."""
        if index + 1 >= len(self) or self.sources.codes[index] != self.sources.codes[index + 1]:
            return False
        return bool(self.excerpts["turn"][index].as_py() == self.excerpts["turn"][index + 1].as_py())

    def ids_of_source(self, source_id: str) -> list[str]:
        """The excerpts of a source, in reading order."""
        if source_id not in self.sources.texts:
            return []
        at = np.flatnonzero(self.sources.codes == self.sources.texts.index(source_id))
        return [self.ids[int(i)] for i in at]

    def words_between(self, source_id: str, start: int, end: int) -> str:
        """The words of a source from one place to another."""
        return str(self._texts[self._source_at[source_id]].as_py())[start:end]

    def closed_answers(self, source_id: str) -> list[dict[str, str]]:
        """The closed answers of a source: question and answer, with the label of a value if the survey has one."""
        at = self._source_at.get(source_id)
        rows = [] if at is None else self._answers.of(at)
        return [{"question": row["column"], "value": row["label"] or row["value"]} for row in rows]

    def turns(self, source_id: str, around: int) -> list[dict[str, Any]]:
        """The turns of a source that are nearest to a turn number, with the code of who speaks."""
        at = self._source_at.get(source_id)
        if at is None:
            return []
        text, rows = str(self._texts[at].as_py()), self._turns.of(at)
        first = max(0, min(around - TURNS_SHOWN // 2, len(rows) - TURNS_SHOWN))
        return [
            {
                "id": excerpt_id(source_id, row["start"], row["end"]),
                "turn": row["turn"],
                "role": row["role"],
                "place": wording.place_by_language(row["place"]),
                "who": self.person_codes.get(row["participant_id"], ""),
                "text": text[row["start"] : row["end"]],
            }
            for row in rows[first : first + TURNS_SHOWN]
        ]

    def all_turns(self, source_id: str) -> list[dict[str, Any]]:
        """The turns of a source, in reading order, as their table has them."""
        at = self._source_at.get(source_id)
        return [] if at is None else list(self._turns.of(at))

    def source_tables(self, source_ids: Iterable[str]) -> dict[str, pa.Table]:
        """The tables `texts` and `turns` of some sources alone."""
        names = sorted(name for name in source_ids if name in self._source_at)
        places = [self._source_at[name] for name in names]
        texts = pa.table({"source_id": names, "text": [str(self._texts[at].as_py()) for at in places]})
        turns = [self._turns.table_of(at) for at in places] or [self._turns.rows.slice(0, 0)]
        return {"texts": texts, "turns": decoded(pa.concat_tables(turns))}

    def excerpt_rows(self, excerpt_ids: Iterable[str], columns: list[str]) -> pa.Table:
        """Some columns of some excerpts; ids that are not there are left out."""
        at = sorted({self.position[name] for name in excerpt_ids if name in self.position})
        return decoded(self.excerpts.select(columns).take(pa.array(at, pa.int64())))

    def with_code(self, code: str, *, stance: str = "") -> np.ndarray:
        """A mask over the excerpts: the machine or people code it, and with this stance if one is named."""
        rows = self.codings.rows
        is_coded = pc.and_(pc.equal(rows["criterion"].cast(pa.string()), code), rows["coded"])
        if stance:
            is_coded = pc.and_(is_coded, pc.equal(rows["stance"].cast(pa.string()), stance))
        return self._of_rows(self.codings, is_coded)

    def carries(self, index: int, code: str) -> bool:
        """Whether the machine or people code the excerpt at this position, as of the last run."""
        return any(row["coded"] and row["criterion"] == code for row in self.codings.of(index))

    def of_kind(self, kind: str) -> np.ndarray:
        """A mask over the excerpts: those of a kind of source."""
        return self.sources.renamed(self.kinds).equal(kind)

    def with_finding(self, findings: Collection[str]) -> np.ndarray:
        """A mask of the excerpts with a link, not rejected, to one of the findings."""
        rows = self.links.rows
        is_finding = pc.is_in(rows["finding_id"].cast(pa.string()), value_set=pa.array(list(findings), pa.string()))
        is_link = pc.and_(is_finding, pc.not_equal(rows["status"].cast(pa.string()), str(LinkStatus.REJECTED)))
        return self._of_rows(self.links, is_link)

    def _of_rows(self, slices: Slices, is_wanted: pa.ChunkedArray) -> np.ndarray:
        """A mask over the excerpts: those with a row that is wanted."""
        counts = np.concatenate([[0], np.cumsum(is_wanted.to_numpy())])
        return np.asarray(np.diff(counts[slices.starts]) > 0)

    def of_ids(self, ids: Collection[str]) -> np.ndarray:
        """A mask over the excerpts: those with these ids."""
        mask = np.zeros(len(self), dtype=bool)
        mask[[self.position[name] for name in ids if name in self.position]] = True
        return mask


def _mark(text: str, row: Mapping[str, Any]) -> Mark | None:
    """Where the words that a rule names are in the text; None if they are not in one piece."""
    words = str(json.loads(row["because"] or "{}").get("words", ""))
    start = text.casefold().find(words.casefold()) if words else -1
    if start < 0 or len(text.casefold()) != len(text):
        return None
    return Mark(start, start + len(words), str(row["voter"]).removeprefix("rule:"))

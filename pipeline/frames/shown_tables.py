"""The tables of a study as they may be shown: words withheld by consent, and codes in place of people and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from pipeline import study as folders
from pipeline import tables
from pipeline.config import Settings, load_settings
from pipeline.errors import ConfigError, Problem
from pipeline.evidence.coded_by import by_machine
from pipeline.privacy import consent
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.privacy.shown_texts import shown_texts
from pipeline.publish import csvs
from pipeline.records import Participant
from pipeline.registers.study_registers import load_registers
from pipeline.steps.evidence import (
    attributes_of_persons,
    person_frame,
    searched_excerpts,
    shown_excerpts,
    unshown_turns,
)
from pipeline.steps.inputs import KeptTables
from pipeline.study import Study
from pipeline.vocabulary import Shown
from pipeline.wording.messages import message

DECLARED = {table.name: table for table in (*tables.TABLES, tables.EVIDENCE)}


@dataclass
class ShownTables(Mapping[str, pd.DataFrame]):
    """The tables of the last run by name, each read once, with the columns of `tables.py`, as the outputs show them.

    Words of people who want no quotes are withheld, and so are their closed answers. Persons appear by their codes, as do the
    labels of speakers. `evidence` is the table of outputs/evidence.csv.
    """

    study: Study
    _read: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in DECLARED:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = self._shown(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(DECLARED)

    def __len__(self) -> int:
        return len(DECLARED)

    @cached_property
    def spoken(self) -> pd.DataFrame:
        """The excerpts as outputs show them, with participant, group, country, gender, kind of source and `shown`."""
        return shown_excerpts(self._stored, self._persons, self._unshown, key=self._key, settings=self._settings)

    @cached_property
    def searched(self) -> pd.DataFrame:
        """The excerpts that count: of respondents, copies left out, in reading order."""
        return searched_excerpts(self.spoken, self._stored["sources"])

    @cached_property
    def coded_by_machine(self) -> pd.DataFrame:
        """Excerpt, code and stance of all that the classifier codes, also in words that are withheld."""
        return by_machine(self._stored["votes"])

    @cached_property
    def attributes(self) -> dict[str, dict[str, str]]:
        """All attributes of everybody who answers, by the code of the person; the `group` is that of config.toml."""
        group_by, stated = self._settings.study.group_by, self._stored["attributes"]
        return attributes_of_persons(self.searched, self._people, stated, group_by=group_by)

    @cached_property
    def codes(self) -> dict[str, str]:
        """The code of everybody in the register of participants, by id."""
        return pseudonyms((person.participant_id for person in self._people), key=self._key)

    @cached_property
    def _stored(self) -> KeptTables:
        if not self.study.run_record.exists():
            where = str(self.study.root.resolve())  # the folder in which the command will be typed is not known
            raise ConfigError(
                Problem(
                    where,
                    message("common/has_not_been_analysed_yet"),
                    message("study/run_make_analyze_study", where=where),
                )
            )
        return KeptTables(self.study, {table.name: table for table in tables.TABLES})

    @cached_property
    def _settings(self) -> Settings:
        return load_settings(self.study.config)

    @property
    def _note(self) -> str:
        """What is shown in place of words that are withheld."""
        return consent.note(self._settings.study.language)

    @cached_property
    def _key(self) -> bytes:
        return folders.person_key(self.study)

    @cached_property
    def _people(self) -> tuple[Participant, ...]:
        return load_registers(self.study).people

    @cached_property
    def _persons(self) -> pd.DataFrame:
        return person_frame(self._people, self._stored["turns"], key=self._key, group_by=self._settings.study.group_by)

    @cached_property
    def _unshown(self) -> frozenset[consent.TurnId]:
        return unshown_turns(self._people, self._stored)

    @property
    def _hidden(self) -> set[str]:
        """The excerpts whose words are withheld."""
        return set(self.spoken.loc[self.spoken["shown"] == Shown.WITHHELD, "excerpt_id"])

    def _shown(self, name: str) -> pd.DataFrame:
        stored = self._stored
        if name == tables.EVIDENCE.name:
            return self._evidence(csvs.read_table(self.study.outputs / "evidence.csv", tables.EVIDENCE))
        data = stored[name]
        return SHOWN_AS[name](self, data) if name in SHOWN_AS else data

    def _evidence(self, data: pd.DataFrame) -> pd.DataFrame:
        """The evidence, also without the words of people who want no quotes since the last run."""
        is_hidden = data["excerpt_id"].isin(self._hidden)
        quotes = data["quote"].mask(is_hidden, self._note)
        more = {name: data[name].mask(is_hidden, "") for name in ("because", "span", "span_at")}
        return data.assign(quote=quotes, **more)

    def _coded(self, ids: pd.Series[str]) -> pd.Series[str]:
        return ids.map(lambda joined: ";".join(self.codes.get(each, "") for each in joined.split(";"))).astype("str")

    def _texts(self, data: pd.DataFrame) -> pd.DataFrame:
        """The texts with blanks for what no output shows: words that are withheld, and what is in no turn, such as labels."""
        shown = shown_texts(self._stored, self._unshown)
        turns: dict[str, list[Span]] = {name: [] for name in data["source_id"]}
        columns = (self._stored["turns"][name] for name in ("source_id", "start", "end"))
        for name, start, end in zip(*columns, strict=True):
            turns[name].append(Span(start, end))
        return data.assign(
            text=[consent.blanked(shown[name], _between(spans, shown[name])) for name, spans in turns.items()]
        )

    def _turns(self, data: pd.DataFrame) -> pd.DataFrame:
        """The turns; who is in no register is numbered within the source, as in the report."""
        numbers = data.groupby(["source_id", "role"])["speaker"].transform(lambda labels: pd.factorize(labels)[0] + 1)
        codes = self._coded(data["participant_id"])
        named = codes.where(codes != "", data["role"] + " " + numbers.astype("str"))
        return data.assign(participant_id=codes, speaker=named.astype("str"))

    def _excerpts(self, data: pd.DataFrame) -> pd.DataFrame:
        return data.assign(participant_id=self._coded(data["participant_id"]), text=self.spoken["text"])

    def _sources(self, data: pd.DataFrame) -> pd.DataFrame:
        return data.assign(participant_ids=self._coded(data["participant_ids"]))

    def _answers(self, data: pd.DataFrame) -> pd.DataFrame:
        """The closed answers, with the note in place of those of people who want no quotes."""
        unquoted, sources = consent.unquoted(self._people), self._stored["sources"]
        is_theirs = sources["participant_ids"].map(lambda ids: not unquoted.isdisjoint(ids.split(";"))).astype(bool)
        withheld = {*sources.loc[is_theirs, "source_id"], *(source_id for source_id, _ in self._unshown)}
        is_hidden = data["source_id"].isin(withheld)
        return data.assign(
            value=data["value"].mask(is_hidden, self._note), label=data["label"].mask(is_hidden, self._note)
        )

    def _votes(self, data: pd.DataFrame) -> pd.DataFrame:
        return data.assign(because=data["because"].mask(data["excerpt_id"].isin(self._hidden), ""))

    def _placements(self, data: pd.DataFrame) -> pd.DataFrame:
        """The placements without old words: whose they were is no longer known."""
        return data.assign(text="").astype({"text": "str"})


class Span(NamedTuple):
    """A stretch of a text: its first character, and one past its last."""

    start: int
    end: int


def _between(spans: list[Span], text: str) -> Iterator[Span]:
    """The stretches of a text before, between and after others, which are in order."""
    for before, after in pairwise([Span(0, 0), *spans, Span(len(text), len(text))]):
        yield Span(before.end, after.start)


SHOWN_AS: dict[str, Callable[[ShownTables, pd.DataFrame], pd.DataFrame]] = {
    "texts": ShownTables._texts,
    "turns": ShownTables._turns,
    "excerpts": ShownTables._excerpts,
    "sources": ShownTables._sources,
    "answers": ShownTables._answers,
    "votes": ShownTables._votes,
    "placements": ShownTables._placements,
}

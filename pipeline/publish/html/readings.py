"""How each file was read: what was kept, what was left out and why, who speaks, and its beginning beside the turns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.provenance import count_chars
from pipeline.publish import Publication, labels
from pipeline.publish.html.tables import File, LeftOut, left_out
from pipeline.records import CLOSE
from pipeline.vocabulary import Kind, ReadStatus, Sureness

if TYPE_CHECKING:
    import pandas as pd

BEGINNING = 6  # turns of the beginning that are shown
WORDS_SHOWN = 240  # characters of each
QUESTIONS_SHOWN = 12
ORDER = (Sureness.UNDECIDED, Sureness.LIKELY)  # what a person should look at first


@dataclass(frozen=True, slots=True)
class Speaker:
    """One who speaks. `label` is blank if it may be a name; `who` is the pseudonym of a respondent of the register.

    `asking` is the share of turns with a question.
    """

    role: str
    label: str
    is_labelled: bool
    who: str
    because: str
    turns: int
    words: int
    asking: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """The beginning of a turn, and what became of it; `before` counts the characters between the turn before and this one."""

    before: int
    words: str
    withheld: bool
    role: str
    who: str
    language: str
    question: str
    heading: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How one file was read. Surveys and documents have no layout, speakers or sureness."""

    file: File
    kept: str  # share of the characters
    layout: str
    runner_up: str  # blank unless it fits nearly as well
    sureness: str
    undecided: tuple[str, ...]
    waiting: int  # words
    speakers: tuple[Speaker, ...]
    left_out: tuple[LeftOut, ...]
    beginning: tuple[Stretch, ...]
    questions: tuple[str, ...]  # of a survey: those with open answers

    @property
    def is_open(self) -> bool:
        """Whether a person should look at it first."""
        return self.sureness in ORDER


def readings(publication: Publication, files: tuple[File, ...]) -> tuple[Reading, ...]:
    """The reading of every file that a reader knows, the least certain first, then by path."""
    reading = {row.source_id: row for row in _rows(publication.reading)}
    paths = dict(zip(publication.sources["source_id"], publication.sources["path"], strict=True))
    losses = publication.rejected.assign(path=[paths.get(name, "") for name in publication.rejected["source_id"]])
    by_path = {str(path): left_out(rows) for path, rows in losses.groupby("path", sort=True)}
    firsts = {file.first for file in files}
    spoken = publication.turns[publication.turns["source_id"].isin(firsts) & (publication.turns["turn"] <= BEGINNING)]
    turns = {str(name): rows for name, rows in spoken.groupby("source_id", sort=True)}
    speakers = _speakers(publication.excerpts[publication.excerpts["source_id"].isin(firsts)])
    questions = _questions(publication)
    made = [
        _reading(
            file,
            reading.get(file.first),
            persons={turn: who for (name, turn), who in speakers.items() if name == file.first},
            losses=by_path.get(file.path, ()),
            beginning=tuple(_beginning(publication, turns[file.first], speakers)) if file.first in turns else (),
            questions=questions.get(file.path, ()),
        )
        for file in files
        if file.status != ReadStatus.REJECTED or file.reading == "unanswered"
    ]
    return tuple(sorted(made, key=lambda each: (_rank(each.sureness), each.file.path)))


def _rank(sureness: str) -> int:
    return [*ORDER, sureness].index(sureness)


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    yield from frame.itertuples(index=False)


def _questions(publication: Publication) -> dict[str, tuple[str, ...]]:
    """The questions of each survey, by its path, that people answered in their own words."""
    surveys = publication.sources.loc[publication.sources["kind"] == Kind.SURVEY, ["source_id", "path"]]
    questions = (
        publication.turns[["source_id", "question"]]
        .merge(surveys, on="source_id")
        .drop_duplicates(["path", "question"])
    )
    return {str(path): tuple(filter(None, rows["question"])) for path, rows in questions.groupby("path", sort=True)}


def _reading(
    file: File,
    row: Any,
    *,
    persons: Mapping[int, str],
    losses: tuple[LeftOut, ...],
    beginning: tuple[Stretch, ...],
    questions: tuple[str, ...],
) -> Reading:
    return Reading(
        file=file,
        kept=labels.share((file.chars - file.excluded) / file.chars if file.chars else 0),
        layout=str(row.layout) if row else "",
        runner_up=str(row.runner_up) if row and row.margin < CLOSE else "",
        sureness=str(row.sureness) if row else "",
        undecided=tuple(filter(None, row.undecided.split(";"))) if row else (),
        waiting=int(row.waiting) if row else 0,
        speakers=tuple(_speaker(entry, persons) for entry in json.loads(row.roles)) if row else (),
        left_out=losses,
        beginning=beginning,
        questions=questions,
    )


def _speaker(entry: dict[str, Any], persons: Mapping[int, str]) -> Speaker:
    return Speaker(
        role=entry["role"],
        label=entry["label"],
        is_labelled=entry["is_labelled"],
        who=persons.get(entry["first"], ""),
        because=entry["because"],
        turns=entry["turns"],
        words=entry["words"],
        asking=labels.share(entry["questions"] / entry["turns"] if entry["turns"] else 0),
    )


def _speakers(excerpts: pd.DataFrame) -> dict[tuple[str, int], str]:
    """The pseudonym of a turn's speaker."""
    rows = excerpts.loc[excerpts["participant"] != "", ["source_id", "turn", "participant"]]
    return {(name, turn): who for name, turn, who in rows.itertuples(index=False, name=None)}


def _beginning(
    publication: Publication, turns: pd.DataFrame, speakers: dict[tuple[str, int], str]
) -> Iterator[Stretch]:
    """The first turns of a source. Words of people who refuse or want no quotes are blanks in its text, and never shown."""
    at = 0
    for turn in _rows(turns.sort_values("turn")):
        text = publication.texts[turn.source_id]
        words = " ".join(text[turn.start : turn.end].split())
        yield Stretch(
            before=count_chars(text[at : turn.start]),
            words=words if len(words) <= WORDS_SHOWN else f"{words[:WORDS_SHOWN].rstrip()}…",
            withheld=not words,
            role=str(turn.role),
            who=speakers.get((turn.source_id, turn.turn), ""),
            language=str(turn.language),
            question=str(turn.question),
            heading=str(turn.heading),
        )
        at = turn.end


def waiting(readings: tuple[Reading, ...]) -> dict[str, int]:
    """How many transcripts there are, how many a person must decide, and how many words wait for that."""
    transcripts = [each for each in readings if each.file.kind == Kind.INTERVIEW]
    undecided = [each for each in transcripts if each.sureness == Sureness.UNDECIDED]
    return {
        "transcripts": len(transcripts),
        "undecided": len(undecided),
        "words": sum(each.waiting for each in undecided),
    }

"""`withdraw`: take one person's words out of the study, and report what that changes."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from pipeline import study as folders
from pipeline import tables
from pipeline.errors import ConfigError, Problem
from pipeline.people import fold_name
from pipeline.privacy.names.plan import placeholder
from pipeline.privacy.word_search import WordSearch, fragments_of
from pipeline.provenance import key_of
from pipeline.records import Participant
from pipeline.registers.corrections import CorrectionRow, drop_rows, plain_words
from pipeline.registers.name_plan import load_numbers
from pipeline.registers.refusals import PENDING, pending_withdrawals, record_withdrawal
from pipeline.registers.study_registers import load_registers
from pipeline.review.identity import passage_of
from pipeline.review.placement import places_of
from pipeline.steps.analyze import Outcome, Tick, analyze
from pipeline.steps.exchange.kept_parts import forget
from pipeline.steps.inputs import last_tables
from pipeline.steps.review import load_ledger
from pipeline.study import OWNER_ONLY, Study, append_atomic, write_atomic
from pipeline.vocabulary import CorrectionStatus, Identity
from pipeline.wording import LANGUAGES
from pipeline.wording.messages import Message, counted, message

RECEIPTS = "coded/withdrawals.jsonl"
SEARCHED = ("coded", "outputs", "notebooks", ".staging", ".work")
LONG_NAME = 4  # letters of a name that is looked for in what others say


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal took out, what a person must still do, and what it changed. It holds no words and no name."""

    participant_id: str
    excerpt_ids: tuple[str, ...]  # those of the person that there were
    decisions: int  # lines of the ledger on them, which do not count any more
    workbook_rows: int  # rows taken out of review workbooks
    removed: tuple[str, ...]  # files of raw/ that were removed on request
    in_raw: tuple[str, ...]  # files of raw/ that hold words of the person
    remaining: tuple[str, ...]  # other files in which sentences of the person are still found
    repeated: tuple[str, ...]  # excerpts of others with a sentence of the person
    mentions: tuple[str, ...]  # excerpts of others with a name of the person
    moved: tuple[dict[str, Any], ...]  # findings whose strength changed, as in run.json


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a person left in the tables of the last run."""

    excerpts: frozenset[str]
    paths: tuple[str, ...]  # below raw/
    own_paths: tuple[str, ...]  # of these, files of which every source is the person's own
    search: WordSearch
    decisions: int = 0  # lines of the ledger on the excerpts
    workbook_rows: int = 0  # rows of review workbooks with words of the person

    def as_json(self) -> bytes:
        """The footprint as it is stored while a withdrawal is under way. It holds words of the person."""
        row = {
            "excerpts": sorted(self.excerpts),
            "paths": self.paths,
            "own_paths": self.own_paths,
            "sentences": self.search.fragments,
            "decisions": self.decisions,
            "workbook_rows": self.workbook_rows,
        }
        return json.dumps(row, ensure_ascii=False).encode()

    @classmethod
    def of_json(cls, data: bytes) -> Footprint:
        """The footprint as it was stored."""
        row = json.loads(data)
        return cls(
            excerpts=frozenset(row["excerpts"]),
            paths=tuple(row["paths"]),
            own_paths=tuple(row["own_paths"]),
            search=WordSearch(row["sentences"]),
            decisions=row.get("decisions", 0),
            workbook_rows=row["workbook_rows"],
        )


def withdraw(root: Path, participant_id: str, *, is_removing: bool, now: datetime, tick: Tick) -> Withdrawal:
    """Take a person's words out of tables, models, outputs and review workbooks, and analyse what is left.

    Files of raw/ are listed; those in which only this person speaks are removed if `is_removing`. A second call continues where
    an interrupted one ended. ConfigError if the register does not have the person, or if a workbook cannot be saved; then
    nothing is withdrawn yet.
    """
    study = folders.locate_study(root)
    person = _person(study, participant_id)
    pending = study.root / f"{PENDING}{key_of(participant_id)}.json"
    left = Footprint.of_json(pending.read_bytes()) if pending.exists() else _footprint(study, participant_id)
    rows, cleaned = _clean_workbooks(study, left)
    if not pending.exists():  # a call after an interruption cannot count again what is gone by then
        left = replace(left, workbook_rows=rows)
        write_atomic(pending, left.as_json(), mode=OWNER_ONLY)
    for path, data in cleaned.items():
        write_atomic(path, data)
    _forget_corrections(study, participant_id)
    speaks_in = {excerpt.rpartition(":")[0] for excerpt in left.excerpts}
    forget(study, participant_id, load_registers(study).people, speaks_in)
    record_withdrawal(study, participant_id, now)
    removed = tuple(_remove(study, left.own_paths)) if is_removing else ()
    outcome = analyze(root, fresh=False, now=now, tick=tick)
    result = _result(study, person, left, outcome, removed=removed)
    _write_receipt(study, result, now)
    pending.unlink()
    return result


def _person(study: Study, participant_id: str) -> Participant:
    for person in load_registers(study).people:
        if person.participant_id == participant_id:
            return person
    what = message("steps/is_not_a_participant_id")
    raise ConfigError(Problem(participant_id, what, message("steps/look_it_up_in_raw_participants")))


def _footprint(study: Study, participant_id: str) -> Footprint:
    """What the tables of the last run hold of a person; nothing if there was no run, or if the withdrawal is done."""
    frames = last_tables(study, (tables.SOURCES, tables.TEXTS, tables.TURNS, tables.EXCERPTS, tables.PLACEMENTS))
    turns, excerpts, sources = frames["turns"], frames["excerpts"], frames["sources"]
    own_turns = turns[turns["participant_id"] == participant_id]
    named = sources[sources["participant_ids"].str.split(";").map(lambda ids: participant_id in ids).astype(bool)]
    touched = {*own_turns["source_id"], *named["source_id"]}
    answering = turns[(turns["role"] == "respondent") & (turns["participant_id"] != participant_id)]
    own_sources = touched - set(answering["source_id"])
    words = dict(frames["texts"][["source_id", "text"]].itertuples(index=False, name=None))
    places = own_turns[["source_id", "start", "end"]].itertuples(index=False, name=None)
    paths = sources[sources["source_id"].isin(touched)]["path"]
    other_paths = set(sources.loc[~sources["source_id"].isin(own_sources), "path"])
    own_excerpts = frozenset(excerpts.loc[excerpts["participant_id"] == participant_id, "excerpt_id"])
    return Footprint(
        excerpts=own_excerpts,
        paths=tuple(sorted(set(paths))),
        own_paths=tuple(sorted(set(paths) - other_paths)),
        search=WordSearch(fragments_of(words[source][start:end] for source, start, end in places)),
        decisions=_decisions_on(study, own_excerpts, frames),
    )


def _decisions_on(study: Study, excerpts: Collection[str], frames: Mapping[str, pd.DataFrame]) -> int:
    """How many lines of the ledger are on these excerpts of the last run."""
    decisions = load_ledger(study)
    now_at = places_of(decisions, frames).excerpt_ids
    return sum(now_at.get(passage_of(line)) in excerpts for line in decisions)


def _forget_corrections(study: Study, participant_id: str) -> None:
    """Take the corrections of the person's words out of coded/corrections.csv.

    Those that say who speaks stay: without them the words would be somebody else's again.
    """
    frames = last_tables(study, (tables.TEXTS, tables.TURNS, tables.CORRECTIONS))
    turns = frames["turns"][frames["turns"]["participant_id"] == participant_id]
    texts = dict(frames["texts"][["source_id", "text"]].itertuples(index=False, name=None))
    rows_of_person: dict[str, list[str]] = {}
    for source_id, start, end in turns[["source_id", "start", "end"]].itertuples(index=False, name=None):
        rows_of_person.setdefault(source_id, []).append(plain_words(texts[source_id][start:end]))
    applied = frames["corrections"][frames["corrections"]["status"] == CorrectionStatus.APPLIED]
    keys = set(applied.merge(turns[["source_id", "turn"]], on=["source_id", "turn"])["correction"])

    def is_own(row: CorrectionRow) -> bool:
        """Whether a row is applied to the person's words or, if it is not applied, whether they contain what it says."""
        correction = row.correction
        if correction.new_speaker or (row.key in set(applied["correction"]) and not row.withdrawn):
            return row.key in keys and not correction.new_speaker
        sought = [text for text in (correction.words, correction.corrected) if text]
        return any(text in words for words in rows_of_person.get(correction.source_id, ()) for text in sought)

    drop_rows(study, is_own)


def _remove(study: Study, paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        (study.raw / path).unlink(missing_ok=True)
        yield f"raw/{path}"


def _clean_workbooks(study: Study, left: Footprint) -> tuple[int, dict[Path, bytes]]:
    """How many rows of the review workbooks are the person's, and the workbooks without the person's words."""
    count, cleaned, problems = 0, {}, []
    for path in folders.paths_in(study.coded / "review"):
        if path.suffix != ".xlsx":
            continue
        try:
            path.open("r+b").close()  # refused where another program holds it
            rows, data = _without_words(path, left)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            what = message("steps/cannot_be_cleared_of_the_persons", name=type(error).__name__)
            remedy = message("steps/close_it_in_other_programs")
            problems.append(Problem(f"coded/review/{path.name}", what, remedy))
            continue
        count += rows
        if data:
            cleaned[path] = data
    if problems:
        raise ConfigError(problems)
    return count, cleaned


def _without_words(path: Path, left: Footprint) -> tuple[int, bytes]:
    """How many rows of a workbook are the person's, and the workbook without them and without their words in other rows."""
    book = openpyxl.load_workbook(path)
    count, is_changed = 0, False
    for sheet in book:
        for number in range(sheet.max_row, 0, -1):
            cells = sheet[number]
            if any(cell.value in left.excerpts for cell in cells):
                sheet.delete_rows(number)
                count += 1
                continue
            for cell in cells:
                if isinstance(cell.value, str) and left.search.in_text(cell.value):
                    cell.value, is_changed = "", True
    if not count and not is_changed:
        return 0, b""
    data = io.BytesIO()
    book.save(data)
    return count, data.getvalue()


def _result(
    study: Study,
    person: Participant,
    left: Footprint,
    outcome: Outcome,
    *,
    removed: tuple[str, ...],
) -> Withdrawal:
    spoken = tables.read_table(study.table("excerpts"), tables.EXCERPTS)[["excerpt_id", "text"]]
    return Withdrawal(
        participant_id=person.participant_id,
        excerpt_ids=tuple(sorted(left.excerpts)),
        decisions=left.decisions,
        workbook_rows=left.workbook_rows,
        removed=removed,
        in_raw=tuple(f"raw/{path}" for path in left.paths if f"raw/{path}" not in removed),
        remaining=tuple(_remaining(study, left.search)),
        repeated=tuple(sorted(name for name, text in spoken.itertuples(index=False) if left.search.in_text(text))),
        mentions=tuple(_mentions(person, spoken, placeholders=_placeholders(study, person))),
        moved=tuple(outcome.record["moved"]),
    )


def _remaining(study: Study, search: WordSearch) -> Iterator[str]:
    """The files outside raw/ in which sentences of the person are found, those of withdrawals under way apart."""
    pending = pending_withdrawals(study)
    for folder in SEARCHED:
        for path in folders.paths_below(study.root / folder):
            if path.is_file() and path not in pending and search.in_file(path):
                yield path.relative_to(study.root).as_posix()


def _placeholders(study: Study, person: Participant) -> tuple[str, ...]:
    """The placeholders of the person's name in texts."""
    number = load_numbers(study).get(person.participant_id)
    return tuple(placeholder(Identity.NAME, number, language) for language in LANGUAGES) if number else ()


def _mentions(person: Participant, spoken: pd.DataFrame, *, placeholders: Sequence[str]) -> Iterator[str]:
    """The excerpts of others that contain a name of the person, or its mask."""
    names = sorted({fold_name(name) for name in person.names if len(name) >= LONG_NAME})
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b") if names else None
    for name, text in spoken.sort_values("excerpt_id").itertuples(index=False):
        is_masked = any(each in text for each in placeholders)
        if is_masked or (pattern and pattern.search(fold_name(text))):
            yield str(name)


def _write_receipt(study: Study, result: Withdrawal, now: datetime) -> None:
    """Add the receipt, unless an interrupted call wrote it."""
    lines = folders.lines_of(study, RECEIPTS, "common/restore_the_file_from_your_own")
    last = json.loads(lines[-1]) if lines else {}
    row = json.loads(json.dumps(asdict(result)))
    if {**last, "at": ""} != {**row, "at": ""}:
        append_atomic(
            study.root / RECEIPTS,
            json.dumps({"at": now.isoformat(timespec="seconds"), **row}, ensure_ascii=False) + "\n",
        )


def as_lines(result: Withdrawal) -> list[Message]:
    """The withdrawal as a person reads it: what is done, and what only a person can do."""
    lists = (
        ("removed", result.removed),
        ("in_raw", result.in_raw),
        ("still_in", result.remaining),
        ("repeated", result.repeated),
        ("named_in", result.mentions),
    )
    lines = [
        message(
            "steps/has_withdrawn",
            who=result.participant_id,
            excerpts=message("steps/excerpts_out_of_tables", n=len(result.excerpt_ids)),
            rows=counted(result.workbook_rows, "row"),
            decisions=message("steps/decisions_do_not_count", n=result.decisions),
        )
    ]
    for name, places in lists:
        if places:
            lines.append(message(f"steps/withdrawn_{name}"))
            lines += [Message(f"               {place}") for place in places]
    remains = (message(f"steps/remains_{name}") for name in ("ledger", "register", "recognised", "reports"))
    return [*lines, *remains, message("steps/receipt", file=RECEIPTS)]

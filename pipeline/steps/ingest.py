"""Files of raw/ to sources, texts, turns and excerpts; unchanged files keep their rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import ingest, tables
from pipeline import study as folders
from pipeline.config import Settings
from pipeline.engine import Failure, Limits
from pipeline.engine.work import Work
from pipeline.errors import Problem
from pipeline.ingest.copies import find_copies
from pipeline.ingest.corrections.finding import correction_key
from pipeline.ingest.spreadsheets.delimited import headings
from pipeline.ingest.survey.repeat_files import parents_of
from pipeline.ingest.transcript.roles import label_without_name
from pipeline.privacy import consent
from pipeline.privacy.names.plan import NamePlan
from pipeline.provenance import code_version, key_of, sha256_bytes
from pipeline.records import (
    FileReading,
    NameEntry,
    ReadingRow,
    Rejected,
    Source,
    SourceEntry,
    Text,
    TranscriptReading,
)
from pipeline.registers.corrections import not_applied
from pipeline.registers.coverage import nameless_interviews, out_of_reach
from pipeline.registers.name_plan import load_plan
from pipeline.registers.names_sheet import load_names, waiting_names, write_names
from pipeline.registers.study_registers import KIND_OF_FOLDER, StudyRegisters
from pipeline.steps.reading.one_file import FileResult, read_one
from pipeline.study import Study, raw_files
from pipeline.vocabulary import Kind, ReadStatus, Reason, Sureness
from pipeline.wording.messages import Message, first_few, message, noted, separated

FIRST = 1 << 18  # bytes of a survey that hold its headings
PACKED, MOST_TEXT = 10_000, 5_000_000  # excerpts and characters of text that are held as records
READ_TABLES = (
    tables.SOURCES,
    tables.TEXTS,
    tables.TURNS,
    tables.ANSWERS,
    tables.ATTRIBUTES,
    tables.EXCERPTS,
    tables.REJECTED,
    tables.MASKS,
    tables.CORRECTIONS,
    tables.READING,
)


@dataclass(frozen=True, slots=True)
class IngestResult:
    """The tables of the reading stage, the files read again, and those that could not be read."""

    frames: dict[str, pd.DataFrame]
    read_anew: tuple[str, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...] = ()
    plan: NamePlan | None = None  # of what is masked
    unread: tuple[str, ...] = ()  # files that could not be opened at one time at least, by path below the study


def read_all(
    study: Study,
    settings: Settings,
    registers: StudyRegisters,
    stored: Mapping[str, pd.DataFrame],
    tick: Callable[[int, int], None],
) -> IngestResult:
    """Every file of raw/ as tables: rows of unchanged files come from `stored`, the others are read by limited child processes."""
    sheet = load_names(study)
    plan = load_plan(study, settings, registers.people, sheet)
    keys: dict[str, str] = {}
    tasks: dict[str, ingest.FileTask] = {}
    raw = RawFiles(study)
    for task in tasks_of(raw, settings, registers):
        keys[task.path], tasks[task.path] = reading_key(task, plan), replace(task, data=None)
    current = kept_paths(stored, keys, sheet.entries)
    todo = OpenedOneByOne(raw, [task for path, task in sorted(tasks.items()) if path not in current])
    work = Work.of(settings.engine, tick)
    gathered, anew = Gathered(), []
    entries = dict(sheet.entries)
    problems: list[Problem] = []
    outcomes = confined(work, partial(read_one, plan=plan), todo, study=study, settings=settings)
    for done, (index, outcome) in enumerate(outcomes, 1):
        task, result = todo.tasks[index], outcome
        if isinstance(outcome, Failure):
            problems += _located(outcome, task.path)
            result = FileResult(refused(todo[index], outcome))
        gathered.add(result, keys[task.path])
        _add_entries(entries, result)
        anew.append(task.path)
        tick(done, len(todo))
    still = {*current, *(file.path for path in current for file in tasks[path].repeats)}
    frames = _merge(gathered.tables(), stored, still, {tasks[p].entry.source_id for p in current})
    mark_copies(frames)
    problems += [*copied(frames), *unreached(frames, tasks, registers), *unidentified(frames)]
    problems += waiting(frames, registers.entries)
    problems += not_applied(registers.corrections, statuses_of(frames["corrections"]))
    problems += out_of_reach(
        registers.people,
        nameless_interviews(frames["turns"], frames["sources"]),
        turns=map(consent.Speaking._make, tables.rows_of(frames["turns"], consent.Speaking._fields)),
        sources=map(consent.Naming._make, tables.rows_of(frames["sources"], consent.Naming._fields)),
    )
    refusing = consent.refusing(registers.people)
    if plan:
        write_names(study, sheet, entries, frames, refusing=refusing, language=plan.language)
    remarks = tuple(waiting_names(load_names(study))) if plan else ()
    return IngestResult(
        frames=frames,
        read_anew=tuple(sorted(anew)),
        problems=tuple(sorted(problems, key=str)),
        remarks=remarks,
        plan=plan,
        unread=tuple(sorted(raw.unread)),
    )


def _located(failure: Failure, path: str) -> list[Problem]:
    return [replace(p, where=f"raw/{path}{p.where and ' ' + p.where}") for p in failure.problems]


def _add_entries(entries: dict[str, NameEntry], result: FileResult) -> None:
    """Add the names of a file that are not listed yet, or whose words are not."""
    for entry in result.entries:
        if entry.name_id not in entries or not entries[entry.name_id].words:
            entries[entry.name_id] = entry


def confined(
    work: Work, function: Callable[[Any], Any], tasks: Sequence[ingest.FileTask], *, study: Study, settings: Settings
) -> Iterator[tuple[int, Any]]:
    """(index, result or Failure) of a function that reads files, by children with the limits of [ingest]."""
    with folders.work_folder(study) as folder:
        limits = Limits(settings.ingest.seconds, settings.ingest.memory_mb, folder)
        yield from work.outcomes(function, tasks, limits)


@dataclass(frozen=True, slots=True)
class RawFiles:
    """The bytes of files in raw/, and which of them could not be opened."""

    study: Study
    unread: set[str] = field(default_factory=set)  # by path below the study

    def read(self, path: str, most: int = -1) -> bytes | None:
        """The first bytes of a file by its path below raw/ (-1: all); None if it is not a file or cannot be opened."""
        file = self.study.raw / path
        try:
            if not file.is_file():
                return None
            with file.open("rb") as stream:
                return stream.read(most)
        except OSError:
            self.unread.add(file.relative_to(self.study.root).as_posix())
            return None


@dataclass(frozen=True, slots=True)
class OpenedOneByOne(Sequence[ingest.FileTask]):
    """Tasks whose files are opened lazily, so that at most one file per worker is in memory."""

    raw: RawFiles
    tasks: Sequence[ingest.FileTask]

    def __len__(self) -> int:
        return len(self.tasks)

    def __getitem__(self, index: Any) -> Any:
        task = self.tasks[index]
        return replace(task, data=self.raw.read(task.path))


def mark_copies(frames: dict[str, pd.DataFrame]) -> None:
    """Set `copy_of` of every source with the words of another, in the order of their paths and ids."""
    sources = frames["sources"]
    words = dict(zip(frames["texts"]["source_id"], frames["texts"]["text"], strict=True))
    counted = sources[sources["status"] != ReadStatus.REJECTED].sort_values(["path", "source_id"], kind="stable")
    copies = find_copies((source_id, words.get(source_id, "")) for source_id in counted["source_id"])
    frames["sources"] = sources.assign(copy_of=[copies.get(source_id, "") for source_id in sources["source_id"]])


def copied(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """A problem for each file with the words of another file: one may be a copy."""
    sources = frames["sources"]
    paths = dict(zip(sources["source_id"], sources["path"], strict=True))
    copies = sources[sources["copy_of"] != ""]
    copies = copies.assign(first=[paths[source_id] for source_id in copies["copy_of"]])
    for (path, first), rows in copies.groupby(["path", "first"], sort=True):
        if path == first:
            continue
        what = message("steps/has_the_same_words_as_raw", first=first, n=len(rows))
        yield Problem(f"raw/{path}", what, message("steps/remove_one_of_them_from_raw"))


def unreached(
    frames: Mapping[str, pd.DataFrame], tasks: Mapping[str, ingest.FileTask], registers: StudyRegisters
) -> Iterator[Problem]:
    """Surveys in which a column may identify respondents, while somebody refuses use or quotes."""
    if all(person.consent.is_shown for person in registers.people):
        return
    paths = {task.entry.source_id: path for path, task in tasks.items()}
    rows = frames["rejected"]
    rows = rows[(rows["reason"] == Reason.MAYBE_PERSON_COLUMN) & rows["source_id"].isin(list(paths))]
    for source_id, place in zip(rows["source_id"], rows["place"], strict=True):
        path = paths[source_id]
        what = message("steps/hold_ids_of_the_register_but")
        remedy = message("steps/write_in_config_toml_under_surveys", name=Path(path).name)
        yield Problem(f"raw/{path} {place}", what, remedy)


def unidentified(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Files with words withheld because the speaker is unclear, by place: names are not repeated."""
    rejected = frames["rejected"]
    rows = rejected[rejected["reason"] == Reason.PERSON_UNCLEAR]
    paths = dict(zip(frames["sources"]["source_id"], frames["sources"]["path"], strict=True))
    rows = rows.assign(path=[paths[source_id] for source_id in rows["source_id"]])
    for path, places in rows.groupby("path", sort=True)["place"]:
        yield withheld_as_unclear(str(path), list(places))


def withheld_as_unclear(path: str, places: Sequence[str]) -> Problem:
    """The problem of a file with words at these places that are withheld because the speaker is unclear."""
    what = message("steps/withheld_it_is_unclear_who_speaks", n=len(places), places=first_few(places))
    return Problem(f"raw/{path}", what, message("steps/write_the_participant_id"))


def waiting(frames: Mapping[str, pd.DataFrame], entries: Mapping[str, SourceEntry]) -> Iterator[Problem]:
    """Transcripts whose reading a person must decide, and how many words wait for that.

    `entries` are the rows of raw/sources.csv by path.
    """
    rows = frames["reading"]
    paths = dict(zip(frames["sources"]["source_id"], frames["sources"]["path"], strict=True))
    rows = rows[rows["sureness"] == Sureness.UNDECIDED]
    for source_id, reasons, words in zip(rows["source_id"], rows["undecided"], rows["waiting"], strict=True):
        what = why_undecided(reasons.split(";"), words)
        remedy = correction_of(entries.get(paths[source_id])) or message("steps/run_make_check_study_to_see")
        yield Problem(f"raw/{paths[source_id]}", what, remedy)


def correction_of(entry: SourceEntry | None) -> Message | None:
    """What to correct in a row of raw/sources.csv that says who speaks and does not settle it; None without such a row."""
    return message("steps/correct_its_row") if entry and entry.speakers else None


def statuses_of(corrections: pd.DataFrame) -> dict[str, str]:
    """What became of each correction whose source was read, by its key."""
    return dict(zip(corrections["correction"], corrections["status"], strict=True))


def why_undecided(reasons: Iterable[str], words: int) -> Message:
    """Why a person must decide how a transcript is read, and how many words wait for that."""
    waiting = [message("steps/words_do_not_count_until_then", n=words)] if words else []
    return separated("; ", [*(message(f"undecided.{reason}") for reason in reasons), *waiting])


def reading_row(reading: TranscriptReading) -> ReadingRow:
    """A TranscriptReading without the labels of its speakers that may be names."""
    roles = [
        {
            "role": one.role,
            "because": one.because,
            "label": label_without_name(one.speaker),
            "is_labelled": bool(one.speaker),
            "first": one.first,
            "turns": one.turns,
            "words": one.words,
            "questions": one.questions,
        }
        for one in reading.speakers
    ]
    return ReadingRow(
        source_id=reading.source_id,
        layout=reading.layout,
        runner_up=reading.runner_up,
        margin=reading.margin,
        sureness=reading.sureness,
        undecided=";".join(reading.undecided),
        waiting=reading.waiting,
        speakers=len(reading.speakers),
        roles=json.dumps(roles),
    )


def tasks_of(
    raw: RawFiles, settings: Settings, registers: StudyRegisters, *, only: str = ""
) -> Iterator[ingest.FileTask]:
    """One task a file, or that of one path alone, with its register entry completed by a source id that no other file has.

    Repeats that were exported as files of their own are part of the task of the survey to which they belong.
    """
    paths = [path.relative_to(raw.study.raw).as_posix() for path in raw_files(raw.study)]
    ids = source_ids(paths, registers.entries)
    entries = {p: replace(registers.entries.get(p, SourceEntry(p)), source_id=ids[p]) for p in paths}
    kinds = {p: Kind(e.kind) if e.kind else KIND_OF_FOLDER[p.split("/")[0]] for p, e in entries.items()}
    surveys = [path for path in paths if kinds[path] is Kind.SURVEY]
    first_rows = {path: headings(raw.read(path, FIRST) or b"") for path in surveys}
    parents = parents_of(first_rows, settings.surveys)
    with_own_task = set(paths) - parents.keys()
    for path in sorted(with_own_task & {only} if only else with_own_task):
        data, form = raw.read(path), _form(raw, settings, path)
        beside = tuple(_repeats(raw, path, parents, ids))
        corrections = registers.corrections.of_source(ids[path], is_survey=kinds[path] is Kind.SURVEY)
        yield ingest.FileTask(
            path, data, kinds[path], entries[path], registers.people, settings, form, beside, corrections
        )


def _repeats(
    raw: RawFiles, survey: str, parents: Mapping[str, str], ids: Mapping[str, str]
) -> Iterator[ingest.RepeatsFile]:
    """The files with the repeats of a survey."""
    for path, parent in sorted(parents.items()):
        if parent == survey:
            yield ingest.RepeatsFile(path, ids[path], raw.read(path) or b"")


def _form(raw: RawFiles, settings: Settings, path: str) -> bytes:
    """The XLSForm that config.toml names for a survey, in the survey's folder; empty if it names none."""
    file = Path(path)
    name = next((survey.form for survey in settings.surveys if survey.file == file.name), "")
    return (raw.read((file.parent / name).as_posix()) or b"") if name else b""


def source_ids(paths: Sequence[str], entries: Mapping[str, SourceEntry]) -> dict[str, str]:
    """An id for every file: the register's, otherwise the file's stem made safe, made unique by its folders and by a number."""
    proposed = {
        p: entries[p].source_id if p in entries and entries[p].source_id else ingest.safe_id(Path(p).stem)
        for p in paths
    }
    times = Counter(proposed.values())
    taken: set[str] = set()
    ids = {}
    for path in sorted(paths):
        name = proposed[path] if times[proposed[path]] == 1 else ingest.safe_id(path.replace("/", "-"))
        while name in taken:
            name += "-2"
        taken.add(name)
        ids[path] = name
    return ids


def reading_key(task: ingest.FileTask, plan: NamePlan | None) -> str:
    """A hash of all that the reading of a file depends on."""
    settings = task.settings
    names = {Path(path).name for path in (task.path, *(file.path for file in task.repeats))}
    chosen = [s.model_dump() for s in settings.surveys if s.file in names]
    people = [(person.participant_id, person.names, str(person.consent)) for person in task.people]
    study = settings.study
    choices = (settings.ingest.model_dump(), settings.segment.model_dump(), study.languages, chosen, study.language)
    return key_of(
        sha256_bytes(task.data or b""),
        sha256_bytes(task.form),
        [(file.path, file.source_id, sha256_bytes(file.data)) for file in task.repeats],
        task.kind,
        asdict(task.entry),
        people,
        choices,
        plan.digest() if plan else "",
        *map(correction_key, task.corrections),
        code_version("steps/ingest.py", "ingest"),
    )


def kept_paths(
    stored: Mapping[str, pd.DataFrame], keys: Mapping[str, str], entries: Mapping[str, NameEntry]
) -> set[str]:
    """The files whose rows of the last run are still valid.

    Unreadable ones are tried again, and so are files with a name that is no longer in the sheet of names.
    """
    if {"masks", "corrections"} - stored.keys():  # nothing is stored, or by a version that looked for none of these
        return set()
    read = stored["sources"].query("reader != ''")
    keys_before = dict(zip(read["path"], read["reading_key"], strict=True))
    masks = stored["masks"]
    unlisted = set(masks.loc[~masks["name_id"].isin(["", *entries]), "source_id"])
    again = set(read.loc[read["source_id"].isin(list(unlisted)), "path"])
    return {path for path, key in keys.items() if keys_before.get(path) == key} - again


def refused(task: ingest.FileTask, failure: Failure) -> FileReading:
    """A file that could not be read, and the files read with it, as sources with the reason."""
    reason = noted((problem.what for problem in failure.problems), task.settings.study.language)
    file = ingest.RepeatsFile(task.path, task.entry.source_id, task.data or b"")
    sources = tuple(
        Source(
            file.source_id, file.path, task.kind, sha256_bytes(file.data), len(file.data), 0, 0, "", "", "",
            ReadStatus.REJECTED, reason, "",
        )
        for file in (file, *task.repeats)
    )  # fmt: skip
    rejected = Rejected("ingest", file.source_id, failure.problems[0].where, reason, 0)
    return FileReading(task.path, sources=sources, rejected=(rejected,))


@dataclass
class Gathered:
    """The rows of files as they are read. Many records become a frame, which takes a fraction of their memory."""

    records: dict[str, list[Any]] = field(default_factory=lambda: {table.name: [] for table in READ_TABLES})
    frames: dict[str, list[pd.DataFrame]] = field(default_factory=lambda: {table.name: [] for table in READ_TABLES})

    def add(self, result: FileResult, key: str) -> None:
        """Add the content of a file; `key` is the hash of what its reading depends on."""
        reading = result.reading
        rows_of_tables: tuple[Sequence[Any], ...] = (
            [replace(source, reading_key=key) for source in reading.sources],
            *(reading.texts, reading.turns, reading.answers, reading.attributes, result.excerpts, reading.rejected),
            result.masks,
            result.corrections,
            [reading_row(reading.transcript)] if reading.transcript else [],
        )
        for table, rows in zip(READ_TABLES, rows_of_tables, strict=True):
            self.records[table.name] += rows
        if len(self.records["excerpts"]) > PACKED or sum(map(_size, self.records["texts"])) > MOST_TEXT:
            self.pack()

    def pack(self) -> None:
        """Turn the records into frames."""
        for table in READ_TABLES:
            self.frames[table.name].append(tables.frame(self.records[table.name], table))
            self.records[table.name] = []

    def tables(self) -> dict[str, pd.DataFrame]:
        """The gathered rows, one frame per table; nothing stays behind."""
        self.pack()
        return {table.name: tables.joined(self.frames.pop(table.name), table) for table in READ_TABLES}


def _size(text: Text) -> int:
    return len(text.text)


def _merge(
    frames: dict[str, pd.DataFrame], stored: Mapping[str, pd.DataFrame], paths: set[str], files: set[str]
) -> dict[str, pd.DataFrame]:
    """The tables of files read again and of those kept, with their paths and source ids."""
    if not files:
        return frames
    sources = stored["sources"]
    is_kept = sources["path"].isin(list(paths))
    still = list(files | set(sources.loc[is_kept, "source_id"]))  # a survey has rows of its own and rows of its answers
    for table in READ_TABLES:
        old = stored[table.name]
        frames[table.name] = tables.joined([old[old["source_id"].isin(still)], frames[table.name]], table)
    return frames

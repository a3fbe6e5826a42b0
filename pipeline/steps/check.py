"""`check`: every problem of a study at once; runs nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from pipeline import study as folders
from pipeline.config import Settings
from pipeline.engine import Failure
from pipeline.engine.confinement import missing_protections
from pipeline.engine.work import Work
from pipeline.errors import Problem, UserError
from pipeline.records import Participant, SourceEntry
from pipeline.registers.corrections import not_applied
from pipeline.registers.coverage import (
    guessed_people,
    out_of_reach,
    several_choices,
    unheard_people,
    unknown_group,
    unregistered_voices,
)
from pipeline.registers.names_sheet import load_names, waiting_names
from pipeline.registers.overview import Overview, overview
from pipeline.registers.participants import with_speakers
from pipeline.registers.preview import Preview, preview, settles
from pipeline.registers.refusals import interrupted_withdrawals
from pipeline.registers.study_registers import KIND_OF_FOLDER, StudyRegisters, load_registers, named_after_refusers
from pipeline.review import decisions as ledger
from pipeline.review.codebook_changes import history, unknown_codes, unlike_ledger
from pipeline.review.placement import Places
from pipeline.review.settle import settle
from pipeline.steps.analyze import check_appended
from pipeline.steps.apply_decisions import notes_on_decisions, stale
from pipeline.steps.ingest import RawFiles, confined, correction_of, tasks_of, why_undecided, withheld_as_unclear
from pipeline.steps.inputs import Brief, WrittenFiles, kept_tables, load_written
from pipeline.steps.review import load_ledger, state_of
from pipeline.study import Study, write_atomic
from pipeline.tag import embeddings
from pipeline.tag.rules import match
from pipeline.vocabulary import Kind, Role, RoleEvidence
from pipeline.wording.messages import counted, message

PROPOSED = "proposed_sources.csv"  # in coded/: rows for raw/sources.csv, which a person corrects and copies


class CheckResult(NamedTuple):
    """What must be corrected in a study, what its authors should look at, how each transcript is read, and what there is."""

    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    transcripts: tuple[Preview, ...]
    overview: Overview


def check(root: Path) -> CheckResult:
    """What must be corrected in a study, what its authors should look at, and how each transcript is read."""
    study = folders.locate_study(root)
    registers = load_registers(study)
    written = load_written(study)
    brief = written.brief
    files = _read_files(study, written, registers) if written.settings else FilesRead()
    problems = [*written.problems, *written.register.problems, *written.theory.problems, *files.problems]
    remarks = [*written.register.remarks, *written.theory.remarks, *(_of_codes(brief) if brief else ()), *files.remarks]
    problems += embeddings.not_installed(written.settings.tag.embeddings) if written.settings else ()
    problems += [*registers.problems, *interrupted_withdrawals(study)]
    problems += named_after_refusers(study, registers.people)
    remarks += registers.remarks
    names = load_names(study)
    problems += names.problems
    remarks += waiting_names(names)
    book = ledger.Ledger(study.coded / "decisions.jsonl", folders.study_id(study) if brief else "")
    problems += _ledger_problems(study, book, brief)
    remarks += [*ledger.cut_lines(book.path), *book.coders.respelt(), *_unlike_ledger(book, brief)]
    remarks += _of_the_cluster(written.settings.engine.scheduler) if written.settings else ()
    if missing := missing_protections():
        what = message("steps/does_not_confine_the_readers", missing=", ".join(missing))
        remarks.append(Problem(message("steps/this_machine"), what, message("steps/read_untrusted_files_on_a_recent")))
    if not folders.raw_files(study):
        remarks.append(
            Problem(
                "raw/", message("steps/contains_no_files_yet"), message("steps/put_transcripts_into_raw_interviews")
            )
        )
    return CheckResult(tuple(problems), tuple(remarks), files.transcripts, _overview(study, registers, written))


def _of_the_cluster(scheduler: str) -> Iterator[Problem]:
    """A remark that a cluster gets people's words, if the study has one."""
    if scheduler:
        is_encrypted = scheduler.startswith("tls:")
        what = "steps/sends_words_to_a_cluster_by_tls" if is_encrypted else "steps/sends_words_to_a_cluster"
        yield Problem(
            f"config.toml [engine] scheduler = {scheduler}", message(what), message("steps/use_trusted_workers")
        )


class FilesRead(NamedTuple):
    """How the files of raw/ would be read: what must be corrected, what to look at, and the transcripts."""

    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    transcripts: tuple[Preview, ...] = ()


def _read_files(study: Study, written: WrittenFiles, registers: StudyRegisters) -> FilesRead:
    """How the files of raw/ would be read by the settings, also while the codebook cannot be read."""
    settings, people = written.settings, registers.people
    assert settings is not None  # noqa: S101 - asked for by the caller
    unread, previews = _previews(study, settings, registers)
    transcripts = tuple(each for each in previews if each.transcript)
    last = kept_tables(study, folders.last_run(study))
    propose_sources(study, transcripts, has_register=bool(people))
    problems = (
        *_survey_problems(study, settings),
        *unread,
        *_corrections_not_applied(registers, previews),
        *_out_of_reach(people, previews),
        *(withheld_as_unclear(each.path, each.presence.unclear) for each in previews if each.presence.unclear),
        *(problem for each in transcripts for problem in undecided(each, registers.entries.get(each.path))),
    )
    remarks = (
        *(remark for each in previews for remark in (*each.remarks, *questions_that_count(each))),
        *unregistered_voices(people, transcripts),
        *look_back(study, written.brief, people, last),
        *unknown_group(people, settings),
        *several_choices(people, settings),
    )
    return FilesRead(problems, remarks, transcripts)


def _corrections_not_applied(registers: StudyRegisters, previews: Sequence[Preview]) -> Iterator[Problem]:
    places = [place for each in previews for place in each.corrections]
    yield from not_applied(registers.corrections, {place.correction: place.status for place in places})


def _of_codes(brief: Brief) -> Iterator[Problem]:
    """Remarks on the codebook: doubtful patterns; that it is empty, as when a study with codes of its own begins; definitions."""
    yield from match.doubtful(brief.codebook, brief.settings.study.languages)
    if codes := brief.codebook.without_definition:
        what = message("study/has_codes_without_a_definition", codes=", ".join(codes))
        yield Problem("codebook.toml", what, message("study/write_what_they_cover"))
    if not brief.codebook.criteria:
        yield Problem("codebook.toml", message("study/has_no_codes_yet"), message("study/add_the_first_code"))


def _overview(study: Study, registers: StudyRegisters, written: WrittenFiles) -> Overview:
    """What there is in a study, as far as its files can be read."""
    paths = [path.relative_to(study.raw) for path in folders.raw_files(study)]
    entries = {path: registers.entries.get(path.as_posix()) for path in paths}
    kinds = [
        Kind(entry.kind) if entry and entry.kind else KIND_OF_FOLDER[path.parts[0]] for path, entry in entries.items()
    ]
    is_read = written.register.findings or not written.register.problems
    return overview(
        kinds,
        registers.people if registers.people or not registers.unsafe else None,
        written.codebook,
        examples=len(written.seeds),
        findings=len(written.register.findings) if is_read else None,
    )


def look_back(
    study: Study, brief: Brief | None, people: Sequence[Participant], frames: Mapping[str, pd.DataFrame]
) -> tuple[Problem, ...]:
    """Remarks on the last run: stale decisions, people without words, people identified by a guess; none without a run.

    `frames`: the tables of that run.
    """
    if not frames:
        return ()
    turns = frames["turns"]
    return (
        *(_stale_decisions(study, brief, frames) if brief else ()),
        *unheard_people(people, turns),
        *guessed_people(frames["sources"], frames["rejected"]),
    )


def _stale_decisions(study: Study, brief: Brief, frames: Mapping[str, pd.DataFrame]) -> tuple[Problem, ...]:
    try:
        state = state_of(load_ledger(study), frames, brief.codebook)
    except UserError:
        return ()  # reported with the files that people write
    return (*stale(state), *notes_on_decisions(state))


def _out_of_reach(people: Sequence[Participant], previews: Sequence[Preview]) -> Iterator[Problem]:
    """Problems if people who refuse are matched to nobody, by how the files would be read: the run says the same."""
    present = [each.presence for each in previews]
    nameless = sorted(each.path for each in previews if each.transcript and each.presence.is_nameless)
    yield from out_of_reach(
        people,
        nameless,
        turns=[turn for each in present for turn in each.turns],
        sources=[source for each in present for source in each.sources],
    )


def _survey_problems(study: Study, settings: Settings) -> Iterator[Problem]:
    present = {path.name for path in folders.raw_files(study)}
    for survey in settings.surveys:
        if survey.file not in present:
            yield Problem(
                f"config.toml [[surveys]] {survey.file}",
                message("common/there_is_no_such_file"),
                message("steps/correct_the_files_name"),
            )


def undecided(each: Preview, entry: SourceEntry | None) -> Iterator[Problem]:
    """What a person must decide about a transcript before its words count; `entry` is its row of raw/sources.csv."""
    transcript = each.transcript
    if transcript is None or not transcript.undecided:
        return
    what = why_undecided(transcript.undecided, transcript.waiting)
    remedy = message("steps/see_above_how_it_is_read", proposed=PROPOSED)
    if not any(speaker.speaker for speaker in transcript.speakers):
        remedy = message("steps/label_the_speakers_in_the_file", proposed=PROPOSED)
    yield Problem(f"raw/{each.path}", what, correction_of(entry) or remedy)


def questions_that_count(each: Preview) -> Iterator[Problem]:
    """A remark if raw/sources.csv names one person for a file without labels, but there are questions in it."""
    for one in each.transcript.speakers if each.transcript else ():
        is_said = not one.speaker and one.role is Role.RESPONDENT and one.because is RoleEvidence.SOURCES
        if is_said and one.questions:
            what = message("steps/of_with_a_question_count", questions=one.questions, turns=counted(one.turns, "turn"))
            remedy = message("steps/nothing_to_do_if_one_person")
            yield Problem(f"raw/{each.path}", what, remedy)


def propose_sources(study: Study, transcripts: Sequence[Preview], *, has_register: bool) -> None:
    """Propose rows of raw/sources.csv, in a file in coded/, that would settle how transcripts are read and who answers.

    Without an open question, the file of an earlier check goes. A study that cannot be written to keeps what it has.
    `has_register`: whether there are people whom a speaker could be.
    """
    speakers = {each.path: settles(each) for each in transcripts if _is_open(each, has_register=has_register)}
    path = study.coded / PROPOSED
    with suppress(OSError):
        if speakers:
            table = io.StringIO(newline="")
            csv.writer(table, lineterminator="\n").writerows(with_speakers(study.raw, speakers))
            write_atomic(path, table.getvalue().encode())
        else:
            path.unlink(missing_ok=True)


def _is_open(each: Preview, *, has_register: bool) -> bool:
    """Whether a person must say who speaks in a transcript."""
    is_answered_by_nobody = has_register and bool(each.unregistered)
    return each.transcript is not None and (bool(each.transcript.undecided) or is_answered_by_nobody)


def _previews(study: Study, settings: Settings, registers: StudyRegisters) -> tuple[list[Problem], list[Preview]]:
    """The problems of files that no reader knows, and how the others would be read."""
    tasks = list(tasks_of(RawFiles(study), settings, registers))
    work = Work.of(settings.engine, lambda _done, _total: None)
    outcomes = dict(confined(work, preview, tasks, study=study, settings=settings))
    problems: list[Problem] = []
    previews: list[Preview] = []
    for index, outcome in sorted(outcomes.items()):
        if isinstance(outcome, Failure):
            where = f"raw/{tasks[index].path}"
            problems += [replace(p, where=f"{where} {p.where}".strip()) for p in outcome.problems]
        else:
            previews.append(outcome)
    return problems, previews


def _unlike_ledger(book: ledger.Ledger, brief: Brief | None) -> Iterator[Problem]:
    """A remark for each code that codebook.toml has or lacks against what the ledger records."""
    codebook = brief.codebook if brief else None
    changes = history(book.decisions, codebook.families) if codebook else None
    codes = codebook.ids if codebook else ()
    for code in unlike_ledger(changes, codes) if changes else ():
        what = "steps/is_there_though_a_change_ended_it" if code in codes else "steps/is_not_there_though_begun"
        yield Problem(f"codebook.toml {code}", message(what), message("steps/record_the_change_with_make_codebook"))


def _ledger_problems(study: Study, book: ledger.Ledger, brief: Brief | None) -> tuple[Problem, ...]:
    """What is wrong with the ledger; where the codebook can be read, also codes in it that nothing explains."""
    try:
        decisions = book.refresh()
        check_appended(study, folders.last_run(study))
    except UserError as error:
        return error.problems
    return unknown_codes(settle(decisions, Places({}), brief.codebook.families).unknown_codes) if brief else ()

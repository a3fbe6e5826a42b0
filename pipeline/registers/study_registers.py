"""The registers of raw/, compared with its files and with each other before any file is read."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.errors import ConfigError, Problem
from pipeline.ingest.transcript.roles import GIVEN_ROLES
from pipeline.privacy import consent
from pipeline.records import Participant, SourceEntry
from pipeline.registers.corrections import CorrectionsFile, load_corrections
from pipeline.registers.file_names import files_named_after_people
from pipeline.registers.participants import gender_words_taken, load_participants, load_sources
from pipeline.registers.preview import UNKNOWN
from pipeline.registers.refusals import load_refusals, lost_consent, missing_refusals, refusal_problems, with_refusals
from pipeline.study import Study, last_run, other_files, raw_files, unread_links
from pipeline.vocabulary import Consent, Kind
from pipeline.wording.messages import counted, message

KIND_OF_FOLDER = {"interviews": Kind.INTERVIEW, "surveys": Kind.SURVEY, "documents": Kind.DOCUMENT}


@dataclass(frozen=True, slots=True)
class StudyRegisters:
    """People and files by the registers of raw/, with problems and remarks.

    `people` have the consent that holds, `stated` the one that the register states now. `unsafe` are the problems for which
    nobody can say who refused: while there are any, no run is made.
    """

    people: tuple[Participant, ...]
    entries: Mapping[str, SourceEntry]
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...] = ()
    stated: tuple[Participant, ...] = ()
    unsafe: tuple[Problem, ...] = ()
    corrections: CorrectionsFile = field(default_factory=CorrectionsFile)


def load_registers(study: Study) -> StudyRegisters:
    """The registers of a study, with the refusals of earlier runs. IntegrityError if the file of refusals is broken."""
    stated, people_problems = load_participants(study.raw)
    entries, entry_problems = load_sources(study.raw)
    refusals = load_refusals(study)
    people = with_refusals(stated, refusals)
    unsafe = [
        *missing_refusals(stated, refusals),
        *lost_consent(stated, refusals),
        *_fewer_people(study, stated),
    ]
    if not stated:
        unsafe += people_problems
    if not entries and any(person.consent is Consent.NO for person in people):
        unsafe += entry_problems
    corrections = load_corrections(study)
    present = {path.relative_to(study.raw).as_posix() for path in raw_files(study)}
    missing = tuple(_missing(path, present - set(entries)) for path in sorted(set(entries) - present))
    safe = [problem for problem in (*people_problems, *entry_problems) if problem not in unsafe]
    return StudyRegisters(
        people=people,
        entries=entries,
        problems=(
            *unsafe,
            *safe,
            *missing,
            *_links(study),
            *refusal_problems(stated, refusals),
            *_unknown_people(people, entries),
            *corrections.problems,
        ),
        remarks=(
            *_consent_unsaid(people),
            *gender_words_taken(study.raw),
            *_named_files(present, people),
            *_not_read(study),
        ),
        stated=stated,
        unsafe=tuple(unsafe),
        corrections=corrections,
    )


def _missing(path: str, others: Iterable[str]) -> Problem:
    """The problem of a row whose file is not there; `others` are the files without a row, one of which it may mean."""
    name = _file_name(path)
    alike = sorted(other for other in others if name in (_file_name(other), _file_name(other).rpartition(".")[0]))
    remedy = message("registers/correct_the_path_or_remove")
    if len(alike) == 1:
        remedy = message("registers/write_the_path", path=alike[0])
    return Problem(f"raw/sources.csv {path}", message("common/there_is_no_such_file"), remedy)


def _file_name(path: str) -> str:
    return unicodedata.normalize("NFC", path.rpartition("/")[2]).casefold()


def _links(study: Study) -> Iterator[Problem]:
    """A problem for each link that is not followed."""
    for path in unread_links(study):
        what = (
            message("registers/is_a_link_to_a_folder") if path.is_dir() else message("registers/is_a_link_out_of_raw")
        )
        yield Problem(path.relative_to(study.root).as_posix(), what, message("registers/put_a_copy_of_the_files"))


def _fewer_people(study: Study, people: Sequence[Participant]) -> Iterator[Problem]:
    """A problem if the register holds fewer people than in the last run."""
    before = last_run(study).get("people", 0)
    if isinstance(before, int) and len(people) < before:
        what = message("registers/holds_people_in_the_last_run", people=len(people), before=before)
        remedy = message("registers/put_the_missing_rows_back_write")
        yield Problem("raw/participants", what, remedy)


def _consent_unsaid(people: Sequence[Participant]) -> Iterator[Problem]:
    unsaid = sum(person.consent is Consent.UNSAID for person in people)
    if unsaid:
        refused = counted(len(people) - unsaid, "person")
        what = (
            message("registers/does_not_record_consent")
            if unsaid == len(people)
            else message("registers/does_not_record_consent_of_all", refused=refused)
        )
        yield Problem("raw/participants", what, message("registers/add_a_column_consent_with_yes"))


def _not_read(study: Study) -> Iterator[Problem]:
    """A remark for each thing in raw/ that is neither a register nor in a folder whose files are read."""
    unread = Counter(path.relative_to(study.raw).parts[0] for path in other_files(study))
    for name, files in sorted(unread.items()):
        what = (
            message("registers/is_not_read")
            if (study.raw / name).is_file()
            else message("registers/is_not_read_it_holds_file", files=counted(files, "file"))
        )
        remedy = message("registers/move_what_people_said_or_wrote")
        yield Problem(f"raw/{name}", what, remedy)


def named_after_refusers(study: Study, people: Sequence[Participant]) -> Iterator[Problem]:
    """A problem for each folder with files called by the name of somebody who refuses: outputs show it."""
    refusing = consent.refusing(people)
    present = [path.relative_to(study.raw).as_posix() for path in raw_files(study)]
    named = [person for person in people if person.participant_id in refusing]
    yield from _named_files(present, named, "registers/named_after_people_who_refuse")


def _named_files(
    present: Collection[str],
    people: Sequence[Participant],
    key: str = "registers/named_after_people_of_raw_participants",
) -> Iterator[Problem]:
    """A remark for each folder with files called by somebody's name. It gives their places: the names would be the people's."""
    for folder in KIND_OF_FOLDER:
        paths = sorted(path for path in present if path.startswith(f"{folder}/"))
        if positions := files_named_after_people(paths, people):
            places = ", ".join(str(at + 1) for at in positions)
            what = message(key, n=len(positions), places=places, files=len(paths))
            yield Problem(f"raw/{folder}", what, message("registers/rename_them_also_in_raw_sources"))


def check_register(registers: StudyRegisters) -> None:
    """Raise ConfigError if it cannot be established who refused."""
    if registers.unsafe:
        raise ConfigError(registers.unsafe)


def _unknown_people(people: Sequence[Participant], entries: Mapping[str, SourceEntry]) -> Iterator[Problem]:
    ids = {person.participant_id for person in people}
    for path, entry in sorted(entries.items()):
        named = [person for _, person in entry.speakers if person.upper() not in GIVEN_ROLES]
        for person in dict.fromkeys((*entry.participant_ids, *named)):
            if person in ids:
                continue
            what, remedy = message("registers/names_participant_who", person=person), "correct_the_id_or_add"
            if person == UNKNOWN:
                what, remedy = message("registers/does_not_say_yet_who_speaks"), "write_an_id_in_place"
            yield Problem(f"raw/sources.csv {path}", what, message(f"registers/{remedy}"))

"""What imported projects hold and a study cannot: kept in coded/imported/, and merged into every `export` of a project."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline import study as folders
from pipeline.config import Settings
from pipeline.errors import Problem, UserError
from pipeline.exchange import conventions
from pipeline.exchange.codebook_blocks import slug
from pipeline.exchange.kept.forgetting import without_person
from pipeline.exchange.kept.merging import Agreement, KeptProject
from pipeline.exchange.kept.translation import StoredPart, Translation, translated
from pipeline.exchange.placing import CodeNames, coders_of
from pipeline.exchange.project import Project, guid_of
from pipeline.exchange.reading import ProjectReading
from pipeline.ingest import safe_id
from pipeline.people import NameRegister, find_person, spelling_of
from pipeline.privacy import consent
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.records import Participant
from pipeline.review.coders import coder_name
from pipeline.steps.inputs import Brief
from pipeline.study import Study
from pipeline.vocabulary import Role

FOLDER = "imported"
LONG_WORD = 4  # letters of a name that is looked for in what is added


def path_of(study: Study, name: str) -> Path:
    """Where what a file of this name held is kept; a file of the same name takes its place."""
    return study.coded / FOLDER / f"{safe_id(Path(name).stem)}.qdpx"


def keep(
    study: Study,
    reading: ProjectReading,
    name: str,
    *,
    brief: Brief,
    people: Sequence[Participant],
    sources: Mapping[str, str],
    coders: Collection[str],
) -> tuple[Problem, ...]:
    """Keep what a project held beside what was read; `sources` are the study's, by the project's GUIDs.

    Returns what is left out.
    """
    stored = StoredPart(b"")
    if reading.remainder:
        identity = folders.study_id(study)
        codes = CodeNames.of(reading.project, brief.codebook, identity).ids
        users = coders_of(reading.project, identity).items()
        translation = Translation(
            codes={guid: guid_of(identity, "code", code) for guid, code in codes.items()},
            sources={guid: guid_of(identity, "source", source) for guid, source in sources.items()},
            users={guid: guid_of(identity, "user", _coder(user, coders)) for guid, user in users},
            cases=_cases(reading.project, people, study),
            held={slug(name) for person in people for name, _ in person.attributes}
            | set(_own_variables(reading.project, identity)),
        )
        stored = translated(reading.remainder, translation)
    path = path_of(study, name)
    if stored.data:
        folders.write_atomic(path, stored.data, mode=folders.OWNER_ONLY)
    else:
        path.unlink(missing_ok=True)
    return stored.left_out


def _coder(user: str, coders: Collection[str]) -> str:
    return user if user == conventions.MACHINE_ID else coder_name(user, set(coders))


def _cases(project: Project, people: Sequence[Participant], study: Study) -> dict[str, str]:
    """The case of everybody of the register who is a case of a project: by name, or as an export of the study wrote it."""
    identity, register = folders.study_id(study), NameRegister(people)
    codes = pseudonyms((each.participant_id for each in people), key=folders.person_key(study))
    cases = {person: guid_of(identity, "case", code) for person, code in codes.items()}
    ours = dict.fromkeys(cases.values())
    matches = {case.guid: find_person(case.name, register) for case in project.cases if case.guid not in ours}
    return {
        guid: cases[match.participant_id]
        for guid, match in matches.items()
        if match.participant_id and not match.is_guess
    }


def _own_variables(project: Project, identity: str) -> Iterator[str]:
    """The variables that an export of the study wrote."""
    for variable in project.variables:
        for scope in ("person", "source"):
            name = variable.name.removesuffix(f" ({scope})")
            if variable.guid == guid_of(identity, "variable", scope, name):
                yield slug(variable.name)


@dataclass(frozen=True, slots=True)
class KeptParts:
    """What is kept beside a study, and the files that cannot be read."""

    projects: tuple[KeptProject, ...]
    problems: tuple[Problem, ...] = ()


def load_kept(study: Study) -> KeptParts:
    """All that is kept, by the names of the files."""
    projects, problems = [], []
    for path in _paths(study):
        try:
            projects.append(KeptProject.of(path.read_bytes()))
        except UserError as error:
            problems += [Problem(f"coded/{FOLDER}/{path.name}", each.what, each.remedy) for each in error.problems]
    return KeptParts(tuple(projects), tuple(problems))


def _paths(study: Study) -> list[Path]:
    return [path for path in folders.paths_in(study.coded / FOLDER) if path.suffix == ".qdpx"]


def agreement_of(
    study: Study,
    *,
    people: Sequence[Participant],
    persons: pd.DataFrame,
    excerpts: pd.DataFrame,
    withheld: Collection[str],
    settings: Settings,
) -> Agreement:
    """What the people of a study agreed to. `withheld` are the sources with words that are not shown."""
    identity = folders.study_id(study)
    refusing, are_masked = consent.refusing(people), settings.privacy.names == "mask"
    codes = dict(zip(persons["participant_id"], persons["participant"], strict=True))
    guids = {person: guid_of(identity, "case", code) for person, code in codes.items()}
    spoken = excerpts[(excerpts["role"] == Role.RESPONDENT) & ~excerpts["source_id"].isin(list(withheld))]
    voices: dict[str, set[str]] = {}
    for source, code in spoken[["source_id", "participant"]].drop_duplicates().itertuples(index=False, name=None):
        voices.setdefault(guid_of(identity, "source", source), set()).add(guid_of(identity, "case", code))
    return Agreement(
        cases={guids[person]: code for person, code in codes.items() if person not in refusing},
        agreeing=frozenset(guids[person] for person in consent.agreeing(people)),
        voices=voices,
        names=_words_of_names(person for person in people if are_masked or person.participant_id in refusing),
        are_names_masked=are_masked,
    )


def _words_of_names(people: Iterable[Participant]) -> frozenset[str]:
    spellings = [spelling_of(name) for person in people for name in person.names]
    return frozenset(word for spelling in spellings for word in spelling.telling if len(word) >= LONG_WORD)


def forget(study: Study, participant_id: str, people: Sequence[Participant], sources: Collection[str]) -> int:
    """Take a person's case, and all media in which the person may be, out of what is kept; returns how many media.

    `sources` are those of the study in which the person speaks.
    """
    identity = folders.study_id(study)
    code = pseudonyms((each.participant_id for each in people), key=folders.person_key(study))[participant_id]
    source_guids = {guid_of(identity, "source", source) for source in sources}
    media = 0
    for path in _paths(study):
        left = without_person(path.read_bytes(), guid_of(identity, "case", code), source_guids)
        folders.write_atomic(path, left.data, mode=folders.OWNER_ONLY)
        media += left.media
    return media

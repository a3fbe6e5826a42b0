"""Differences between the register and who speaks: people without words, and speakers who are nobody in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.errors import Problem
from pipeline.privacy import consent
from pipeline.records import Participant
from pipeline.registers.headings import columns_of
from pipeline.registers.preview import Preview
from pipeline.vocabulary import PERSON_ATTRIBUTES, Consent, Kind, Reason, Role
from pipeline.wording.messages import counted, first_few, message

if TYPE_CHECKING:
    import pandas as pd

SAY_WHO_ANSWERS = "registers/say_who_answers"
ONE_CHOICE = "registers/write_the_one_that_matters"
REGISTER_THEM = "registers/name_who_speaks_in_raw_sources"
LOST_REFUSERS, LOST_UNQUOTED = "registers/people_who_refuse_speak", "registers/people_who_want_no_quotes_speak"


def unknown_group(people: Sequence[Participant], settings: Settings) -> Iterator[Problem]:
    """A remark if people are to be grouped by a column that neither the register nor a survey has."""
    columns = {name for person in people for name, _ in person.attributes}
    surveys = {name for survey in settings.surveys for name in (*survey.attributes, *survey.same_for_all)}
    if columns and settings.study.group_by not in columns | surveys:
        what = message("registers/group_by", group_by=settings.study.group_by)
        remedy = message("registers/name_one_of_or_add", columns=", ".join(sorted(columns)))
        (column,) = columns_of([settings.study.group_by], "participants")
        if column in columns:
            remedy = message("registers/is_read_as", heading=settings.study.group_by, column=column)
        yield Problem("config.toml [study]", what, remedy)


def several_choices(people: Sequence[Participant], settings: Settings) -> Iterator[Problem]:
    """A remark for each attribute in which people have several choices, joined by `;`."""
    for name in dict.fromkeys((settings.study.group_by, *PERSON_ATTRIBUTES)):
        values = [value for person in people for column, value in person.attributes if column == name and value]
        several = sum(";" in value.strip(" ;") for value in values)
        if several:
            what = message("registers/of_people_have_several_choices", several=several, people=len(values), name=name)
            yield Problem("raw/participants", what, message(ONE_CHOICE))


def unheard_people(people: Sequence[Participant], turns: pd.DataFrame) -> Iterator[Problem]:
    """A remark that lists the people of the register who speak in no turn; those who refused consent apart."""
    speaking = set(turns["participant_id"])
    ids = [p.participant_id for p in people if p.participant_id not in speaking and p.consent is not Consent.NO]
    if ids:
        what = message("registers/in_the_last_run_no_words", n=len(ids), people=len(people), places=first_few(ids))
        yield Problem("raw/participants", what, message("registers/nothing_to_do_if_they_did"))


def unregistered_voices(people: Sequence[Participant], transcripts: Iterable[Preview]) -> Iterator[Problem]:
    """A remark for each transcript with answers of somebody who is not in the register; none if the register is empty."""
    for each in transcripts if people else ():
        roles = {one.role for one in each.unregistered}
        if roles:
            key = "respondent_not_registered" if Role.RESPONDENT in roles else "label_not_registered"
            yield Problem(f"raw/{each.path}", message(f"registers/{key}"), message(SAY_WHO_ANSWERS))


def out_of_reach(
    people: Sequence[Participant],
    nameless: Sequence[str],
    turns: Iterable[consent.Speaking],
    sources: Iterable[consent.Naming],
) -> Iterator[Problem]:
    """Problems if people who want no quotes or refuse speak in no interview, while these have speakers who belong to no one."""
    lost = consent.unheard(people, turns, sources)
    refusing = consent.refusing(people)
    for key, persons in ((LOST_REFUSERS, lost & refusing), (LOST_UNQUOTED, lost - refusing)):
        if persons and nameless:
            what = message(
                key,
                people=first_few(sorted(persons)),
                interviews=counted(len(nameless), "interview"),
                places=first_few(nameless),
            )
            yield Problem("raw/participants", what, message(REGISTER_THEM))


def nameless_interviews(turns: pd.DataFrame, sources: pd.DataFrame) -> list[str]:
    """The paths of interviews in which somebody other than an interviewer speaks who belongs to no one in the register."""
    nameless = turns[(turns["participant_id"] == "") & (turns["role"] != Role.INTERVIEWER)]
    is_nameless = (sources["kind"] == Kind.INTERVIEW) & sources["source_id"].isin(nameless["source_id"])
    return sorted(sources.loc[is_nameless, "path"])


def guessed_people(sources: pd.DataFrame, rejected: pd.DataFrame) -> Iterator[Problem]:
    """A remark for each interview in which a person was recognised by a guess; for surveys `propose` makes it."""
    interviews = sources.query(f"kind == '{Kind.INTERVIEW}'")
    paths = dict(zip(interviews["source_id"], interviews["path"], strict=True))
    rows = rejected[(rejected["reason"] == Reason.PERSON_GUESSED) & rejected["source_id"].isin(list(paths))]
    for source_id, places in rows.groupby("source_id", sort=True)["place"]:
        what = message("registers/in_the_last_run_identified", n=len(places), places=first_few(list(places)))
        remedy = message("registers/nothing_to_do_or_add_the_alias")
        yield Problem(f"raw/{paths[source_id]}", what, remedy)

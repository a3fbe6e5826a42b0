"""From codings to the evidence for each finding."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.config import Settings
from pipeline.engine.cycles import unsearched
from pipeline.evidence import evidence_rows, matrix, robustness, strength
from pipeline.evidence import prevalence as shares
from pipeline.evidence import saturation as further
from pipeline.evidence.coded_by import by_machine
from pipeline.evidence.cooccurrence import cooccurrence
from pipeline.evidence.expectation import Chance, Expectation, expectation
from pipeline.evidence.link import Suggestions
from pipeline.evidence.marked import marked_stretches, with_marked_words
from pipeline.evidence.null_control import Clearance
from pipeline.evidence.profiles import profiles
from pipeline.evidence.theory.elements import Speakers, element_rows, element_voices
from pipeline.evidence.theory.paths import Mark, arrow_rows, path_voices
from pipeline.evidence.use_of_excerpts import use_of_excerpts
from pipeline.privacy import consent
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.records import Participant, StrengthAssessment
from pipeline.steps.inputs import Brief
from pipeline.steps.links import link_findings
from pipeline.steps.tag import TagResult
from pipeline.tag import polarity
from pipeline.tag.encoder import one_thread
from pipeline.vocabulary import PERSON_ATTRIBUTES, LinkStatus, Role, Shown

WHOSE = ["source_id", "start", "participant", "kind", "group", "country", "gender"]
CELL = ["excerpt_id", "criterion"]
WORDED = 20_000  # rows whose reasons are worded at a time


@dataclass(frozen=True, slots=True)
class EvidenceResult:
    """The evidence tables of a study and the strength of every finding (frames as described in publish.Publication)."""

    links: pd.DataFrame
    evidence: pd.DataFrame
    assessments: dict[str, StrengthAssessment]
    coded: pd.DataFrame
    excerpts: pd.DataFrame
    matrix: pd.DataFrame
    prevalence: pd.DataFrame
    saturation: pd.DataFrame
    cooccurrence: pd.DataFrame
    profiles: pd.DataFrame
    elements: pd.DataFrame
    element_voices: pd.DataFrame
    arrows: pd.DataFrame
    path_voices: pd.DataFrame
    uses: pd.DataFrame
    people: pd.DataFrame
    unshown: frozenset[consent.TurnId]  # turns whose words are not published
    contrary_recall: float  # share of negative excerpts that the machine would recognise


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided on findings and paths: links, the excerpts that they looked at after a random draw, and marks."""

    links: pd.DataFrame
    drawn: Collection[str] = ()
    marks: Sequence[Mark] = ()


@unsearched()
def build_evidence(
    brief: Brief,
    people: Sequence[Participant],
    frames: dict[str, pd.DataFrame],
    tagged: TagResult,
    *,
    decided: Decided,
    key: bytes,
) -> EvidenceResult:
    """Links, evidence and strength of every finding; the links that people `decided` take the place of the machine's suggestions.

    `key` is the secret key of the codes of persons.
    """
    settings, findings = brief.settings, {finding.id: finding for finding in brief.register.findings}
    persons = person_frame(people, frames["turns"], key=key, group_by=settings.study.group_by)
    copied = _copies(frames["sources"])
    unshown = unshown_turns(people, frames)
    excerpts = shown_excerpts(frames, persons, unshown, key=key, settings=settings)
    more = evidence_rows.masked_chars(frames["excerpts"], frames["masks"])
    excerpts = excerpts.assign(chars=excerpts["chars"] + excerpts["excerpt_id"].map(more).fillna(0).astype("int64"))
    reasons = Reasons(frames["votes"], _hidden(excerpts), settings.study.language)
    with one_thread():
        linked = link_findings(brief, frames, tagged, decided=decided.links, copied=set(copied))
    rows = evidence_rows.evidence(linked.links, frames["codings"], excerpts, findings)
    expected = _expectations(linked.suggestions, decided.links, excerpts, rows, list(findings))
    assessments = {
        name: _assessment(
            name, rows[rows["finding_id"] == name], linked.suggestions.clearances[name], expected[name], brief
        )
        for name in findings
    }
    rows = rows.assign(
        strength=[str(assessments[f].strength) for f in rows["finding_id"]], because=reasons.of(rows).array
    )
    marked = marked_stretches(frames["spans"], frames["codings"], frames["excerpts"], brief.codebook.lineage)
    rows = with_marked_words(rows, marked)
    coded = coded_frame(frames["codings"], excerpts, reasons)
    coded = coded[~coded["source_id"].isin(copied)].reset_index(drop=True)
    is_speech = (excerpts["role"] == Role.RESPONDENT) & ~excerpts["source_id"].isin(copied)
    speech, machine = excerpts[is_speech], by_machine(frames["votes"])
    on_elements = element_voices(brief.theory.elements, frames["codings"], speech["excerpt_id"])
    speakers = Speakers(
        person_of=dict(tables.rows_of(speech, ["excerpt_id", "participant"])),
        source_of=dict(tables.rows_of(speech, ["excerpt_id", "source_id"])),
    )
    paths = path_voices(
        brief.theory, decided.marks, on_elements, _cues(speech, on_elements), speech["excerpt_id"].tolist()
    )
    return EvidenceResult(
        links=linked.links,
        evidence=rows,
        assessments=assessments,
        coded=coded,
        excerpts=excerpts,
        matrix=_matrix(coded, excerpts, persons, brief),
        prevalence=_prevalence(frames, excerpts, brief, drawn=decided.drawn, copied=set(copied)),
        saturation=_saturation(frames, speech, machine, brief),
        cooccurrence=cooccurrence(
            speech,
            frames["codings"],
            machine,
            criteria=brief.codebook.criteria,
            smallest_cell=settings.disclosure.smallest_cell,
        ),
        profiles=profiles(
            speech,
            frames["codings"],
            machine,
            attributes=attributes_of_persons(speech, people, frames["attributes"], group_by=settings.study.group_by),
            criteria=brief.codebook.ids,
            smallest_cell=settings.disclosure.smallest_cell,
        ),
        elements=element_rows(
            brief.theory.elements,
            on_elements,
            speakers,
            contested=settings.evidence.contested,
            language=settings.study.language,
        ),
        element_voices=on_elements,
        arrows=arrow_rows(brief.theory, paths, speakers),
        path_voices=paths,
        uses=use_of_excerpts(
            excerpts.loc[excerpts["role"] == Role.RESPONDENT, ["excerpt_id", "source_id"]],
            linked.links,
            frames["codings"],
            copied=set(copied),
        ),
        people=persons.drop(columns=["participant_id"]),
        unshown=unshown,
        contrary_recall=polarity.load_for(tagged.vectors).recall,
    )


def shown_excerpts(
    frames: Mapping[str, pd.DataFrame],
    persons: pd.DataFrame,
    unshown: Collection[consent.TurnId],
    *,
    key: bytes,
    settings: Settings,
) -> pd.DataFrame:
    """The excerpts as outputs show them: each with its person, and a note in place of the words of the turns `unshown`."""
    rows = excerpts_with_persons(frames, persons, key=key, settings=settings)
    return evidence_rows.with_note(rows, unshown, consent.note(settings.study.language))


def searched_excerpts(spoken: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """The excerpts that count, with their persons: of respondents, copies left out, in reading order."""
    rows = spoken[(spoken["role"] == Role.RESPONDENT) & ~spoken["source_id"].isin(list(_copies(sources)))]
    return rows.sort_values(["source_id", "start"], kind="stable").reset_index(drop=True)


def excerpts_with_persons(
    frames: Mapping[str, pd.DataFrame], persons: pd.DataFrame, *, key: bytes, settings: Settings
) -> pd.DataFrame:
    """The excerpts, each with its person.

    `frames` has the tables excerpts, sources and attributes; `persons` is as in `person_frame`.
    """
    return evidence_rows.with_persons(
        frames["excerpts"],
        frames["sources"],
        persons,
        strangers_of(frames["sources"], key=key),
        attributes=survey_attributes(frames["attributes"], settings.study.group_by),
    )


def strangers_of(sources: pd.DataFrame, *, key: bytes) -> dict[str, str]:
    """By source, the code of an unregistered speaker; the same for a copy as for its original."""
    codes = pseudonyms(sources["source_id"], key=key, prefix="A")
    return {**codes, **{copy: codes[original] for copy, original in _copies(sources).items()}}


def survey_attributes(attributes: pd.DataFrame, group_by: str) -> dict[str, dict[str, str]]:
    """Group, country and gender of the respondents as surveys state them: by attribute, then by source."""
    columns = {"group": group_by, "country": "country", "gender": "gender"}
    by_name = {name: attributes[attributes["attribute"] == column] for name, column in columns.items()}
    return {name: dict(tables.rows_of(rows, ["source_id", "value"])) for name, rows in by_name.items()}


def attributes_of_persons(
    spoken: pd.DataFrame, people: Sequence[Participant], stated: pd.DataFrame, *, group_by: str
) -> dict[str, dict[str, str]]:
    """All attributes of everybody who answers, by the code of the person; the column `group_by` is their `group`.

    What the register leaves blank is as the surveys state it (table `attributes`), in the order of the excerpts `spoken`.
    """
    registered = {person.participant_id: dict(person.attributes) for person in people}
    in_surveys: dict[str, dict[str, str]] = {}
    for source, attribute, value in tables.rows_of(stated, ["source_id", "attribute", "value"]):
        in_surveys.setdefault(source, {})[attribute] = value
    attributes: dict[str, dict[str, str]] = {}
    voices = spoken.loc[spoken["participant"] != "", ["participant", "participant_id", "source_id"]].drop_duplicates()
    for who, person, source in tables.rows_of(voices, voices.columns):
        of_person = attributes.setdefault(who, {})
        for row in (registered.get(person, {}), in_surveys.get(source, {})):
            for name, value in row.items():
                of_person[name] = of_person.get(name, "") or value.strip()
    return {who: _with_group(row, group_by) for who, row in attributes.items()}


def _with_group(attributes: Mapping[str, str], group_by: str) -> dict[str, str]:
    further = {name: value for name, value in attributes.items() if name not in (group_by, "group")}
    return {"group": attributes.get(group_by, ""), **further}


def _copies(sources: pd.DataFrame) -> dict[str, str]:
    """The sources that are copies, each with its original: the same words count once."""
    marked = sources.loc[sources["copy_of"] != "", ["source_id", "copy_of"]]
    return dict(marked.itertuples(index=False, name=None))


def _matrix(coded: pd.DataFrame, excerpts: pd.DataFrame, persons: pd.DataFrame, brief: Brief) -> pd.DataFrame:
    return matrix.matrix(
        coded,
        excerpts.loc[excerpts["role"] == Role.RESPONDENT, ["kind", "group"]],
        brief.codebook.ids,
        sorted(set(persons["group"]) - {""}),
        smallest_cell=brief.settings.disclosure.smallest_cell,
    )


def _prevalence(
    frames: Mapping[str, pd.DataFrame],
    excerpts: pd.DataFrame,
    brief: Brief,
    *,
    drawn: Collection[str],
    copied: Collection[str],
) -> pd.DataFrame:
    votes = frames["votes"]
    by_pattern = votes.loc[(votes["vote"] == 1) & votes["voter"].str.startswith("rule:"), ["excerpt_id", "criterion"]]
    is_spoken = (excerpts["role"] == Role.RESPONDENT) & ~excerpts["source_id"].isin(copied)
    return shares.prevalence(
        excerpts.loc[is_spoken, ["excerpt_id", "participant", *PERSON_ATTRIBUTES]],
        frames["codings"],
        predicted={
            str(code): set(rows["excerpt_id"].tolist()) for code, rows in by_pattern.groupby("criterion", observed=True)
        },
        drawn=drawn,
        criteria=brief.codebook.ids,
        smallest_cell=brief.settings.disclosure.smallest_cell,
    )


def _saturation(
    frames: Mapping[str, pd.DataFrame], speech: pd.DataFrame, machine: pd.DataFrame, brief: Brief
) -> pd.DataFrame:
    return further.saturation(
        speech,
        frames["codings"],
        machine,
        dates=dict(tables.rows_of(frames["sources"], ["source_id", "date"])),
        criteria=brief.codebook.ids,
        seed=brief.settings.study.seed,
    )


def _cues(speech: pd.DataFrame, on_elements: pd.DataFrame) -> dict[str, str]:
    """The causal cues of excerpts that bear on two elements or more; not of words that are withheld."""
    counts = on_elements["excerpt_id"].value_counts()
    bears_on_two = tables.is_among(speech["excerpt_id"], counts[counts > 1].index)
    rows = speech[bears_on_two & (speech["shown"] != Shown.WITHHELD)]
    if rows.empty:
        return {}
    from pipeline.tag.rules.causal_cues import SpokenText, causal_cues  # spaCy is heavy, and few studies have a theory

    return causal_cues(SpokenText(*text) for text in tables.rows_of(rows, SpokenText._fields))


def unshown_turns(people: Sequence[Participant], frames: Mapping[str, pd.DataFrame]) -> frozenset[consent.TurnId]:
    """The turns of people whose words are used but not shown; `frames` has the tables turns and sources."""
    sources = tables.rows_of(frames["sources"], consent.Naming._fields)
    turns = tables.rows_of(frames["turns"], consent.Speaking._fields)
    return consent.unshown_turns(
        people, (consent.Speaking(*turn) for turn in turns), (consent.Naming(*source) for source in sources)
    )


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why the machine coded excerpts, by the votes on them; not where the words that they name are withheld (`hidden`)."""

    votes: pd.DataFrame
    hidden: frozenset[str]
    language: str

    def of(self, rows: pd.DataFrame) -> pd.Series[str]:
        """The reasons for the excerpt and criterion of every row, worded some at a time."""
        ayes = self.votes.loc[self.votes["vote"] == 1, [*CELL, "vote", "voter", "because"]]
        voted, cell_of_row = _cells(ayes, rows)
        parts = []
        for at in range(0, max(1, len(rows)), WORDED):
            worded = ayes[np.isin(voted, cell_of_row[at : at + WORDED])]
            parts.append(self._some(rows.iloc[at : at + WORDED], worded))
        return pd.concat(parts, ignore_index=True)

    def _some(self, rows: pd.DataFrame, votes: pd.DataFrame) -> pd.Series[str]:
        why = evidence_rows.reasons(votes, self.language)
        keys = tables.rows_of(rows, CELL)
        return pd.Series(["" if key[0] in self.hidden else why.get(key, "") for key in keys], dtype="str")


def _cells(votes: pd.DataFrame, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """A number for the excerpt and criterion of each vote and of each row, the same for the same two."""
    both = pd.concat([votes[CELL], rows[CELL]])
    excerpts, criteria = (pd.factorize(both[name])[0] for name in CELL)
    numbers = excerpts * (1 + criteria.max(initial=0)) + criteria
    return numbers[: len(votes)], numbers[len(votes) :]


def _hidden(excerpts: pd.DataFrame) -> frozenset[str]:
    return frozenset(excerpts.loc[excerpts["shown"] == Shown.WITHHELD, "excerpt_id"])


def _expectations(
    suggestions: Suggestions,
    decided: pd.DataFrame,
    excerpts: pd.DataFrame,
    rows: pd.DataFrame,
    finding_ids: Sequence[str],
) -> dict[str, Expectation]:
    """How many further persons the machine expects to speak to each finding, on excerpts that nobody decided on."""
    key = ["finding_id", "excerpt_id"]
    is_decided = pd.MultiIndex.from_frame(suggestions.clear[key]).isin(pd.MultiIndex.from_frame(decided[key]))
    waiting = suggestions.clear[~is_decided]
    persons = dict(tables.rows_of(excerpts, ["excerpt_id", "participant"]))
    expected = {}
    for name in finding_ids:
        of_finding = waiting[waiting["finding_id"] == name]
        undecided = [
            Chance(persons[excerpt], excerpt, bearing)
            for excerpt, bearing in tables.rows_of(of_finding, ["excerpt_id", "bearing"])
        ]
        confirmed = rows.loc[(rows["finding_id"] == name) & (rows["status"] == LinkStatus.CONFIRMED), "participant"]
        links = suggestions.links
        suggested = set(links.loc[links["finding_id"] == name, "excerpt_id"])
        expected[name] = expectation(undecided, confirmed=confirmed, suggested=suggested)
    return expected


def _assessment(
    finding_id: str, rows: pd.DataFrame, cleared: Clearance, expected: Expectation, brief: Brief
) -> StrengthAssessment:
    settings, language = brief.settings.evidence, brief.settings.study.language
    robust = robustness.sentence(rows, settings, language)
    return strength.assess(
        finding_id, rows, settings, robustness=robust, language=language, cleared=cleared, expected=expected
    )


def person_frame(people: Sequence[Participant], turns: pd.DataFrame, *, key: bytes, group_by: str) -> pd.DataFrame:
    """A row per participant: participant_id, participant (pseudonym), consent, group, country, gender, sources (how many)."""
    codes = pseudonyms((person.participant_id for person in people), key=key)
    speaks = turns[turns["participant_id"] != ""].groupby("participant_id")["source_id"].nunique()
    rows = [
        (
            person.participant_id,
            codes[person.participant_id],
            person.consent,
            *(dict(person.attributes).get(name, "") for name in (group_by, "country", "gender")),
            int(speaks.get(person.participant_id, 0)),
        )
        for person in people
    ]
    return pd.DataFrame(
        rows, columns=["participant_id", "participant", "consent", "group", "country", "gender", "sources"]
    )


def coded_frame(codings: pd.DataFrame, excerpts: pd.DataFrame, reasons: Reasons) -> pd.DataFrame:
    """A row per excerpt and code that it carries, with source, person and rationale; the words are in `excerpts` only."""
    rows = codings.loc[codings["coded"], [name for name in codings.columns if name not in ("coded", "decided_by")]]
    joined = rows.merge(excerpts[["excerpt_id", *WHOSE]], on="excerpt_id", how="left", validate="many_to_one")
    return joined.assign(because=reasons.of(joined).array)

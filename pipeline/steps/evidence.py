"""From codings to the evidence for each finding."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from pipeline.config import Settings
from pipeline.evidence import book, link, matrix, robustness, strength
from pipeline.evidence import prevalence as shares
from pipeline.evidence import saturation as further
from pipeline.evidence.coded_by import by_machine
from pipeline.evidence.cooccurrence import cooccurrence
from pipeline.evidence.expectation import Expectation, expectation
from pipeline.evidence.link import Suggestions
from pipeline.evidence.link_model import Bearing, StudyExcerpt, StudyFinding
from pipeline.evidence.null_control import Clearance
from pipeline.privacy import consent
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.records import Participant, StrengthAssessment
from pipeline.steps.inputs import Brief
from pipeline.steps.tag import TagResult
from pipeline.tag import embeddings, polarity
from pipeline.tag.embeddings import Vectors
from pipeline.tag.features import spoken
from pipeline.vocabulary import PERSON_ATTRIBUTES, CodingStatus, LinkStatus, Role, Shown

WHOSE = ["source_id", "start", "participant", "kind", "group", "country", "gender"]
CARRIED = ["excerpt_id", "criterion", "probability"]
WORDED_BY = ["excerpt_id", "text", "question"]
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
    people: pd.DataFrame
    unshown: frozenset[consent.TurnId]  # turns whose words are not published
    contrary_recall: float  # of excerpts that speak badly of a code: how many the machine would recognise


def build_evidence(
    brief: Brief,
    people: Sequence[Participant],
    frames: dict[str, pd.DataFrame],
    tagged: TagResult,
    *,
    key: bytes,
    drawn: Collection[str] = (),
) -> EvidenceResult:
    """Links, evidence and strength of every finding; `tagged.decided_links` of people take the place of the machine's suggestions.

    `key` is the secret key of the codes of persons, `drawn` the excerpts that people decided on after a draw by chance.
    """
    settings, findings = brief.settings, {finding.id: finding for finding in brief.register.findings}
    persons = person_frame(people, frames["turns"], key=key, group_by=settings.study.group_by)
    copied = _copies(frames["sources"])
    unshown = unshown_turns(people, frames)
    excerpts = shown_excerpts(frames, persons, unshown, key=key, settings=settings)
    more = book.masked_chars(frames["excerpts"], frames["masks"])
    excerpts = excerpts.assign(chars=excerpts["chars"] + excerpts["excerpt_id"].map(more).fillna(0).astype("int64"))
    reasons = Reasons(frames["votes"], _hidden(excerpts), settings.study.language)
    bearing = bearing_of(brief, frames, tagged.decided_links, tagged.vectors)
    bearing.learn(tagged.decided_links)
    suggestions = _suggestions(brief, frames, tagged, bearing, copied=set(copied))
    links = link.with_decisions(suggestions.links, tagged.decided_links, tagged.similarity, bearing.of)
    links = links[links["finding_id"].isin(findings)]  # a decision may be on a finding that was taken out
    rows = book.evidence(links, frames["codings"], excerpts, findings)
    expected = _expectations(suggestions, tagged.decided_links, excerpts, rows, list(findings))
    assessments = {
        name: _assessment(name, rows[rows["finding_id"] == name], suggestions.clearances[name], expected[name], brief)
        for name in findings
    }
    rows = rows.assign(
        strength=[str(assessments[f].strength) for f in rows["finding_id"]], because=reasons.of(rows).array
    )
    coded = coded_frame(frames["codings"], excerpts, reasons)
    coded = coded[~coded["source_id"].isin(copied)].reset_index(drop=True)
    is_spoken = (excerpts["role"] == Role.RESPONDENT) & ~excerpts["source_id"].isin(copied)
    spoken, machine = excerpts[is_spoken], by_machine(frames["votes"])
    return EvidenceResult(
        links=links,
        evidence=rows,
        assessments=assessments,
        coded=coded,
        excerpts=excerpts,
        matrix=_matrix(coded, excerpts, persons, brief),
        prevalence=_prevalence(frames, excerpts, brief, drawn=drawn, copied=set(copied)),
        saturation=_saturation(frames, spoken, machine, brief),
        cooccurrence=cooccurrence(
            spoken,
            frames["codings"],
            machine,
            criteria=brief.codebook.criteria,
            smallest_cell=settings.disclosure.smallest_cell,
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
    return book.with_note(rows, unshown, consent.note(settings.study.language))


def excerpts_with_persons(
    frames: Mapping[str, pd.DataFrame], persons: pd.DataFrame, *, key: bytes, settings: Settings
) -> pd.DataFrame:
    """The excerpts, each with its person.

    `frames` has the tables excerpts, sources and attributes; `persons` is as in `person_frame`.
    """
    return book.with_persons(
        frames["excerpts"],
        frames["sources"],
        persons,
        strangers_of(frames["sources"], key=key),
        attributes=survey_attributes(frames["attributes"], settings.study.group_by),
    )


def strangers_of(sources: pd.DataFrame, *, key: bytes) -> dict[str, str]:
    """The code of who speaks in each source and is in no register; the same for a copy as for its original."""
    codes = pseudonyms(sources["source_id"], key=key, prefix="A")
    return {**codes, **{copy: codes[original] for copy, original in _copies(sources).items()}}


def survey_attributes(attributes: pd.DataFrame, group_by: str) -> dict[str, dict[str, str]]:
    """Group, country and gender of the respondents as surveys state them: by attribute, then by source."""
    columns = {"group": group_by, "country": "country", "gender": "gender"}
    by_name = {name: attributes[attributes["attribute"] == column] for name, column in columns.items()}
    return {name: dict(zip(rows["source_id"], rows["value"], strict=True)) for name, rows in by_name.items()}


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
        predicted={str(code): set(rows["excerpt_id"]) for code, rows in by_pattern.groupby("criterion", observed=True)},
        drawn=drawn,
        criteria=brief.codebook.ids,
        smallest_cell=brief.settings.disclosure.smallest_cell,
    )


def _saturation(
    frames: Mapping[str, pd.DataFrame], spoken: pd.DataFrame, machine: pd.DataFrame, brief: Brief
) -> pd.DataFrame:
    return further.saturation(
        spoken,
        frames["codings"],
        machine,
        dates=dict(zip(frames["sources"]["source_id"], frames["sources"]["date"], strict=True)),
        criteria=brief.codebook.ids,
        seed=brief.settings.study.seed,
    )


def unshown_turns(people: Sequence[Participant], frames: Mapping[str, pd.DataFrame]) -> frozenset[consent.TurnId]:
    """The turns of people whose words are used but not shown; `frames` has the tables turns and sources."""
    sources = frames["sources"][list(consent.Naming._fields)].itertuples(index=False, name=None)
    turns = frames["turns"][list(consent.Speaking._fields)].itertuples(index=False, name=None)
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
        parts = [self._some(rows.iloc[at : at + WORDED]) for at in range(0, max(1, len(rows)), WORDED)]
        return pd.concat(parts, ignore_index=True)

    def _some(self, rows: pd.DataFrame) -> pd.Series[str]:
        why = book.reasons(self.votes[self.votes["excerpt_id"].isin(rows["excerpt_id"])], self.language)
        keys = zip(rows["excerpt_id"], rows["criterion"], strict=True)
        return pd.Series(["" if key[0] in self.hidden else why.get(key, "") for key in keys], dtype="str")


def _hidden(excerpts: pd.DataFrame) -> frozenset[str]:
    return frozenset(excerpts.loc[excerpts["shown"] == Shown.WITHHELD, "excerpt_id"])


def bearing_of(
    brief: Brief, frames: Mapping[str, pd.DataFrame], decided_links: pd.DataFrame, vectors: Vectors | None
) -> Bearing:
    """What gives the probability that an excerpt, coded or decided on, bears on a finding; `frames` has excerpts and codings."""
    findings = {
        finding.id: StudyFinding(finding.statement, finding.criterion, finding.sub_codes)
        for finding in brief.register.findings
    }
    codes = {code for finding in findings.values() for code in (finding.criterion, *finding.sub_codes)}
    codings = frames["codings"]
    codings = codings[codings["criterion"].isin(codes) & (codings["coded"] | codings["doubtful"])]
    excerpts = frames["excerpts"]
    excerpts = excerpts[excerpts["excerpt_id"].isin({*codings["excerpt_id"], *decided_links["excerpt_id"]})]
    code_probabilities: dict[str, dict[str, float]] = {name: {} for name in excerpts["excerpt_id"]}
    for excerpt_id, code, chance in zip(*(codings[name] for name in CARRIED), strict=True):
        code_probabilities[excerpt_id][code] = chance
    return Bearing(
        findings,
        {
            excerpt_id: StudyExcerpt(text, question, spoken(text, question), code_probabilities[excerpt_id])
            for excerpt_id, text, question in zip(*(excerpts[name] for name in WORDED_BY), strict=True)
        },
        partial(embeddings.matrix, vectors=vectors) if vectors is not None else None,
    )


def _suggestions(
    brief: Brief,
    frames: Mapping[str, pd.DataFrame],
    tagged: TagResult,
    bearing: Bearing,
    *,
    copied: Collection[str],
) -> Suggestions:
    """The machine's links, copied sources apart. A stance counts where a person gave it or the polarity model bears it out."""
    findings = brief.register.findings
    stances = {f.id: f.stance or tagged.finding_stances.get(f.id, "") for f in findings}
    codings = frames["codings"]
    is_suggested = codings["doubtful"] & codings["criterion"].isin(list(tagged.only_suggested))
    used = codings["coded"] | (is_suggested & (codings["status"] == CodingStatus.MACHINE))
    used &= codings["criterion"].isin({finding.criterion for finding in findings})
    usable = codings.loc[used, ["excerpt_id", "criterion", "stance", "status"]]
    texts = frames["excerpts"].loc[~frames["excerpts"]["source_id"].isin(copied), ["excerpt_id", "text", "question"]]
    usable = usable[usable["excerpt_id"].isin(texts["excerpt_id"])].merge(
        texts, on="excerpt_id", how="left", validate="many_to_one"
    )
    usable = usable.assign(stance=_stances_that_count(usable, tagged.vectors))
    return link.suggest(
        findings,
        stances,
        usable,
        tagged.similarity,
        bearing.of,
        brief.settings.evidence,
        gate=bearing.model.gate,
    )


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
    persons = dict(zip(excerpts["excerpt_id"], excerpts["participant"], strict=True))
    expected = {}
    for name in finding_ids:
        own = waiting[waiting["finding_id"] == name]
        voices = zip(own["excerpt_id"].map(persons), own["bearing"], strict=True)
        confirmed = rows.loc[(rows["finding_id"] == name) & (rows["status"] == LinkStatus.CONFIRMED), "participant"]
        expected[name] = expectation(voices, confirmed)
    return expected


def _stances_that_count(coded: pd.DataFrame, vectors: Vectors | None) -> list[str]:
    """The stance of each coded excerpt that counts: what people gave, or what the polarity model bears out."""
    general = polarity.load_for(vectors)
    read = [spoken(text, question) for text, question in zip(coded["text"], coded["question"], strict=True)]
    matrix = embeddings.matrix(read, vectors) if vectors is not None else None
    texts, is_decided = list(coded["text"]), (coded["status"] != CodingStatus.MACHINE).to_numpy()
    chances = general.chances(texts, matrix)
    corrected = general.corrected(chances[is_decided], list(coded.loc[is_decided, "stance"]))
    agreed = corrected.agreed(corrected.chances(texts, matrix), list(coded["stance"]))
    return [stance if done else other for stance, done, other in zip(coded["stance"], is_decided, agreed, strict=True)]


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

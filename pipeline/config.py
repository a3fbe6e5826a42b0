"""config.toml as frozen Settings, with all problems at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ConfigError, Problem
from pipeline.validation import Line, Prose, Text, one_of, one_of_these, problem_of, read_toml
from pipeline.vocabulary import DEFAULT_SEED, RESPONSE_STATES

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]  # what generators of random numbers take
EMBEDDINGS = (True, False, "best")
Texts = Annotated[tuple[Text, ...], Field(strict=False)]  # TOML has lists


class Section(BaseModel):
    """A section of config.toml: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class StudySettings(Section):
    """What the study is."""

    title: Line
    subtitle: Prose = ""
    date: Prose = ""
    language: Annotated[str, one_of("en", "es")] = "en"
    languages: Annotated[
        tuple[Annotated[str, one_of("es", "en", "fr", "pt")], ...], Field(strict=False, min_length=1)
    ] = ("es", "en")
    seed: Seed = DEFAULT_SEED
    group_by: str = "stakeholder_group"


class IngestSettings(Section):
    """How files are read."""

    interviewers: Texts = ()
    seconds: Annotated[int, Field(ge=1, le=600)] = 20
    memory_mb: Annotated[int, Field(ge=256, le=65536)] = 1024


class SurveySettings(Section):
    """Which columns of one survey are what. Whatever is not named is proposed by the program (see `check`)."""

    file: Text
    person: str = ""
    id: str = ""
    open: Texts = ()
    ignore: Texts = ()
    language: str = ""
    form: str = ""
    sheet: str = ""
    rows: Count = 0
    twice: Annotated[str, one_of("all", "first", "last")] = "all"
    include: Annotated[tuple[Annotated[str, one_of(*RESPONSE_STATES)], ...], Field(strict=False)] = ()
    attributes: Mapping[str, str] = {}
    same_for_all: Mapping[str, str] = {}
    joined: Mapping[str, str] = {}


class SegmentSettings(Section):
    """How turns become excerpts."""

    sentences: Annotated[int, Field(ge=1, le=20)] = 4
    chars: Annotated[int, Field(ge=80, le=5000)] = 600


class ChatSettings(Section):
    """The voter `chat`: a language model behind an endpoint that speaks OpenAI's protocol."""

    url: Prose = "http://localhost:11434/v1"
    model: Prose = ""
    leaves_the_machine: bool = False
    seconds: Annotated[int, Field(ge=1, le=3600)] = 120
    requests: Count = 0


class TagSettings(Section):
    """How excerpts are coded."""

    embeddings: Annotated[Literal[True, False, "best"], one_of_these(EMBEDDINGS)] = True
    recall: Annotated[float, Field(ge=0.5, le=0.99)] = 0.9
    decision_weight: Annotated[float, Field(ge=1, le=20)] = (
        3.0  # at 1, 2, 3, 5: F1 .628, .635, .636, .619 on the demonstration
    )
    voters: Texts = ()


class ReviewSettings(Section):
    """Settings for what coders are given to review."""

    chance_share: Share = 0.2


AT_MOST = frozenset({"top_share"})  # keys of a rule of strength that are maxima; all others are minima
LIMITS = {"confirmed": "confirmed_share"}  # the count that a key limits, where it has another name


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule of strength: its key, the count of `records.StrengthAssessment` that it limits, and the limit."""

    key: str
    counted: str
    limit: float
    at_most: bool


class StrengthRule(Section):
    """What people must have confirmed of a finding for it to reach a strength: a limit to a count per key."""

    persons: Count
    groups: Count
    kinds: Count
    top_share: Share
    confirmed: Share = 0.0

    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the rule, in the order of its keys."""
        return tuple(
            Condition(key, counted=LIMITS.get(key, key), limit=limit, at_most=key in AT_MOST) for key, limit in self
        )


class StrongRule(StrengthRule):
    """What a finding needs to be strong; by default people must have confirmed a quarter of its links."""

    confirmed: Share = 0.25


class EvidenceSettings(Section):
    """Which excerpts bear on a finding, and how strong that makes it."""

    candidates: Annotated[int, Field(ge=1, le=1000)] = 40
    closeness: Share = 0.25
    false_findings: Share = 0.05
    false_links: Share = 0.2
    contested: Share = 0.35
    strong: StrongRule = StrongRule(persons=10, groups=4, kinds=2, top_share=0.25)
    moderate: StrengthRule = StrengthRule(persons=5, groups=2, kinds=1, top_share=0.4)


class PrivacySettings(Section):
    """What is masked in the words of people before anything else reads them."""

    names: Annotated[str, one_of("mask", "off")] = "mask"
    roster: str = ""
    models: Texts = ()


class DisclosureSettings(Section):
    """What protects the people who spoke."""

    smallest_cell: Annotated[int, Field(ge=2, le=50)] = 5


class EngineSettings(Section):
    """Where the work runs."""

    workers: Annotated[int, Field(ge=0, le=256)] = 0
    scheduler: Prose = ""


class Settings(Section):
    """All settings of a study."""

    study: StudySettings
    ingest: IngestSettings = IngestSettings()
    surveys: Annotated[tuple[SurveySettings, ...], Field(strict=False)] = ()
    segment: SegmentSettings = SegmentSettings()
    tag: TagSettings = TagSettings()
    chat: ChatSettings = ChatSettings()
    review: ReviewSettings = ReviewSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    privacy: PrivacySettings = PrivacySettings()
    disclosure: DisclosureSettings = DisclosureSettings()
    engine: EngineSettings = EngineSettings()


def load_settings(path: Path) -> Settings:
    """The Settings of a study, or ConfigError with every problem of config.toml."""
    try:
        return Settings.model_validate(read_toml(path))
    except ValidationError as error:
        raise ConfigError([_problem(path, detail) for detail in error.errors()]) from None


def _problem(path: Path, detail: Any) -> Problem:
    *sections, key = [str(part) for part in detail["loc"]] or ["(file)"]
    where = f"{path.name} [{'.'.join(sections)}] {key}" if sections else f"{path.name} [{key}]"
    return problem_of(where, detail, "configuration.md")

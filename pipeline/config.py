"""config.toml as frozen Settings, with all problems at once."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ConfigError, Problem

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    """A section of config.toml: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class StudySettings(Section):
    """What the study is."""

    title: str
    subtitle: str = ""
    language: Annotated[str, Field(pattern="^(en|es)$")] = "en"
    languages: tuple[Annotated[str, Field(pattern="^(es|en|fr|pt)$")], ...] = ("es", "en")
    seed: Count = 20230531
    group_by: str = "stakeholder_group"


class IngestSettings(Section):
    """How files are read."""

    interviewers: tuple[str, ...] = ()
    seconds: Annotated[int, Field(ge=1, le=600)] = 20
    memory_mb: Annotated[int, Field(ge=256, le=65536)] = 1024


class SurveySettings(Section):
    """Which columns of one survey are what. Whatever is not named is proposed by the program (see `check`)."""

    file: str
    person: str = ""
    id: str = ""
    open: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    language: str = ""
    form: str = ""
    sheet: str = ""
    rows: Count = 0
    twice: Annotated[str, Field(pattern="^(all|first|last)$")] = "all"


class SegmentSettings(Section):
    """How turns become excerpts."""

    sentences: Annotated[int, Field(ge=1, le=20)] = 4
    chars: Annotated[int, Field(ge=80, le=5000)] = 600


class TagSettings(Section):
    """How excerpts are coded."""

    embeddings: bool = True
    recall: Annotated[float, Field(ge=0.5, le=0.99)] = 0.9
    decision_weight: Annotated[float, Field(ge=1, le=20)] = 3.0


class StrengthRule(Section):
    """What a finding needs, at the least or at the most, to reach a strength."""

    persons: Count
    groups: Count
    kinds: Count
    top_share: Share
    confirmed: Share = 0.0


class EvidenceSettings(Section):
    """Which excerpts bear on a finding, and how strong that makes it."""

    candidates: Annotated[int, Field(ge=1, le=1000)] = 40
    closeness: Share = 0.25
    contested: Share = 0.35
    strong: StrengthRule = StrengthRule(persons=10, groups=4, kinds=2, top_share=0.25)
    moderate: StrengthRule = StrengthRule(persons=5, groups=2, kinds=1, top_share=0.4)
    weak: StrengthRule = StrengthRule(persons=1, groups=1, kinds=1, top_share=1.0)


class DisclosureSettings(Section):
    """What protects the people who spoke."""

    smallest_cell: Annotated[int, Field(ge=2, le=50)] = 5


class EngineSettings(Section):
    """Where the work runs."""

    workers: Annotated[int, Field(ge=0, le=256)] = 0


class Settings(Section):
    """All choices of a study."""

    study: StudySettings
    ingest: IngestSettings = IngestSettings()
    surveys: tuple[SurveySettings, ...] = ()
    segment: SegmentSettings = SegmentSettings()
    tag: TagSettings = TagSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    disclosure: DisclosureSettings = DisclosureSettings()
    engine: EngineSettings = EngineSettings()


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file; ConfigError with the line where it breaks."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            Problem(str(path.name), "is missing", "make study STUDY=path lays out a study with one")
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            Problem(f"{path.name} byte {error.start}", "is not UTF-8", "save the file as UTF-8")
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            Problem(path.name, f"is not valid TOML: {error}", "mend the line named; text stands in quotes")
        ) from None


def load_settings(path: Path) -> Settings:
    """The Settings of a study, or ConfigError with every problem of config.toml."""
    try:
        return Settings.model_validate(read_toml(path))
    except ValidationError as error:
        raise ConfigError([_problem(path, detail) for detail in error.errors()]) from None


def _problem(path: Path, detail: Any) -> Problem:
    *sections, key = [str(part) for part in detail["loc"]] or ["(file)"]
    where = f"{path.name} [{'.'.join(sections)}] {key}" if sections else f"{path.name} [{key}]"
    if detail["type"] == "extra_forbidden":
        return Problem(where, "no such key", "remove it, or see docs/configuration.md for the keys")
    if detail["type"] == "missing":
        return Problem(where, "is missing", "add it; docs/configuration.md has an example")
    return Problem(
        f"{where} = {detail['input']!r}", "cannot be used", str(detail["msg"]).replace("Input should", "it should")
    )

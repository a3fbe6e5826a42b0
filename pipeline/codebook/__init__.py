"""Reads codebook.toml into criteria and patterns; reports duplicate ids and unknown words, all at once."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict

from pipeline.errors import ConfigError, Problem, UserError
from pipeline.provenance import key_of
from pipeline.validation import CodeId, Line, Text, Texts, blocks, one_of, read_entry, read_toml
from pipeline.vocabulary import Stance
from pipeline.wording.messages import message

SCOPES = ("answer", "question", "both")
MAIN_FAMILY = "criterion"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A named way of saying something, in one language. The match language is described in docs/codebook.md."""

    id: str
    criterion: str
    language: str
    match: str
    scope: str = "answer"
    stance: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Criterion:
    """A code of any family. Texts are kept per language: {"es": ..., "en": ...} as pairs."""

    id: str
    family: str
    name: tuple[tuple[str, str], ...]
    definition: tuple[tuple[str, str], ...]
    include: tuple[tuple[str, str], ...]
    exclude: tuple[tuple[str, str], ...]
    sub_codes: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    seeds: tuple[str, ...] = ()  # excerpts that carry it
    parent: str = ""  # the code that it is a part of: what carries it carries the parent too

    def text(self, field: str, language: str) -> str:
        """A text of the criterion in the given language, otherwise in the first one that it has."""
        texts = dict(getattr(self, field))
        return texts.get(language) or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Codebook:
    """The codes of a study in the order of the file, and its version (the author's and a hash of the content)."""

    version: str
    criteria: tuple[Criterion, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all codes."""
        return tuple(criterion.id for criterion in self.criteria)

    @property
    def without_definition(self) -> tuple[str, ...]:
        """The ids of the codes without a definition, which is still to be written."""
        return tuple(criterion.id for criterion in self.criteria if not criterion.definition)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns of all codes."""
        return tuple(pattern for criterion in self.criteria for pattern in criterion.patterns)

    @property
    def families(self) -> dict[str, tuple[str, ...]]:
        """The ids of the codes by family, in the order of the file."""
        codes: dict[str, list[str]] = {}
        for criterion in self.criteria:
            codes.setdefault(criterion.family, []).append(criterion.id)
        return {family: tuple(ids) for family, ids in codes.items()}

    @property
    def main_family(self) -> str:
        """The family whose codes have columns, sheets and colours: `criterion`; if no code is in it, the first one."""
        families = self.families
        return MAIN_FAMILY if MAIN_FAMILY in families else next(iter(families), MAIN_FAMILY)

    @property
    def main_codes(self) -> tuple[str, ...]:
        """The ids of the codes of the main family."""
        return self.families.get(self.main_family, ())

    @property
    def lineage(self) -> dict[str, str]:
        """Each code that has a parent with its parent, the deepest codes first: the order in which counts roll up."""
        parents = {criterion.id: criterion.parent for criterion in self.criteria if criterion.parent}
        depths = {code: len(ancestors(code, parents)) for code in parents}
        return {code: parents[code] for code in sorted(parents, key=lambda code: (-depths[code], code))}

    def with_codes_below(self, codes: Collection[str]) -> set[str]:
        """The codes, and all that are below one of them."""
        parents = self.lineage
        return {*codes, *(code for code in parents if not set(ancestors(code, parents)).isdisjoint(codes))}

    def above(self, codes: Iterable[str]) -> set[str]:
        """The parents of some codes, their parents, and so on."""
        parents = self.lineage
        return set().union(*(ancestors(code, parents) for code in codes))

    def of_family(self, family: str) -> tuple[Criterion, ...]:
        """The codes of one family."""
        return tuple(criterion for criterion in self.criteria if criterion.family == family)

    def __getitem__(self, criterion: str) -> Criterion:
        return next(c for c in self.criteria if c.id == criterion)


def ancestors(code: str, parents: Mapping[str, str]) -> list[str]:
    """The parent of a code, its parent, and so on, up to the first code that comes a second time."""
    line: list[str] = []
    while (code := parents.get(code, "")) and code not in line:
        line.append(code)
    return line


def with_parents(codes: Mapping[str, str], lineage: Mapping[str, str]) -> dict[str, str]:
    """Codes with their stances, and the parents of each: of the stance of their sub-codes, mixed where these differ.

    `lineage` has the parent of each code, the deepest codes first. A parent among `codes` keeps its stance.
    """
    carried = dict(codes)
    for parent in dict.fromkeys(lineage.values()):
        below = [carried[code] for code, above in lineage.items() if above == parent and code in carried]
        if below and parent not in codes:
            carried[parent] = stance_of_all(below)
    return carried


def stance_of_all(stances: Iterable[str]) -> str:
    """The stance that several have in common, mixed if they differ; blank ones are ignored."""
    different = {stance for stance in stances if stance}
    return str(Stance.MIXED) if len(different) > 1 else next(iter(different), "")


def load_codebook(path: Path) -> Codebook:
    """The codebook of a study, or ConfigError with every problem of the file."""
    return codebook_of(read_toml(path), path.name)


def codebook_of(content: dict[str, Any], file: str) -> Codebook:
    """The content of a file as a codebook; ConfigError with all its problems."""
    problems = list(_problems(content, file))
    if problems:
        raise ConfigError(problems)
    criteria = tuple(_criterion(entry) for entry in content.get("criteria", ()))
    return Codebook(f"{content.get('version', '0')}+{key_of(content)}", criteria)


def _criterion(entry: dict[str, Any]) -> Criterion:
    texts = {name: _texts(entry.get(name, {})) for name in ("name", "definition", "include", "exclude")}
    patterns = tuple(_pattern(entry["id"], pattern) for pattern in entry.get("patterns", ()))
    sub_codes, seeds = (tuple(entry.get(name, ())) for name in ("sub_codes", "seeds"))
    family = entry.get("family", MAIN_FAMILY)
    return Criterion(
        id=entry["id"],
        family=family,
        **texts,
        sub_codes=sub_codes,
        patterns=patterns,
        seeds=seeds,
        parent=entry.get("parent", ""),
    )


def _texts(value: str | dict[str, str]) -> tuple[tuple[str, str], ...]:
    return (("", value),) if isinstance(value, str) else tuple(value.items())


def _pattern(criterion: str, entry: dict[str, Any]) -> Pattern:
    return Pattern(criterion=criterion, **entry)


class _PatternEntry(BaseModel):
    """What may be written under [[criteria.patterns]]."""

    model_config = ConfigDict(extra="forbid")
    id: Text
    language: Text
    match: Text
    scope: Annotated[str, one_of(*SCOPES)] = "answer"
    stance: Annotated[str, one_of(*Stance, "")] = ""
    weight: Annotated[float, Strict(), Field(gt=0, le=1)] = 1.0


LocalText = Text | dict[str, Text]  # in one language, or by language


class _CriterionEntry(BaseModel):
    """What may be written under [[criteria]], patterns apart."""

    model_config = ConfigDict(extra="forbid")
    id: CodeId
    family: Line = MAIN_FAMILY
    name: LocalText = Field(default_factory=dict)
    definition: LocalText = Field(default_factory=dict)
    include: LocalText = Field(default_factory=dict)
    exclude: LocalText = Field(default_factory=dict)
    sub_codes: Texts = ()
    seeds: Texts = ()
    parent: CodeId = ""


PATTERN_KEYS = set(_PatternEntry.model_fields)


def _problems(content: dict[str, Any], file: str) -> Iterator[Problem]:
    yield from _problems_of_head(content, file)
    if content.get("criteria", []) == []:
        return  # a codebook that grows while one reads begins empty
    try:
        criteria = list(blocks(content, "criteria", file))
        patterns = [list(blocks(entry, "patterns", f"{file} criteria")) for _, entry in criteria]
    except UserError as error:
        yield from error.problems
        return
    entries = [entry for _, entry in criteria]
    patterns_of_all = [pattern for _, pattern in chain.from_iterable(patterns)]
    yield from _doubled("code", [entry.get("id", "") for entry in entries], file)
    yield from _doubled("pattern", [pattern.get("id", "") for pattern in patterns_of_all], file)
    yield from _wrong_parents(entries, file)
    for (number, entry), of_code in zip(criteria, patterns, strict=True):
        where = f"{file} criterion {entry.get('id') or f'number {number}'}"
        fields = {key: value for key, value in entry.items() if key != "patterns"}
        yield from read_entry(_CriterionEntry, fields, where, "codebook.md")[1]
        yield from _problems_of_patterns(of_code, where)


def _problems_of_head(content: dict[str, Any], file: str) -> Iterator[Problem]:
    for key in sorted(set(content) - {"version", "criteria"}):
        remedy = "begin_each_code_with_criteria" if isinstance(content[key], list) else "remove_it_or_see_docs_codebook"
        yield Problem(f"{file} {key}", message("study/no_such_key"), message(f"study/{remedy}"))
    if isinstance(content.get("version", ""), dict | list):
        yield Problem(f"{file} version", message("study/must_be_a_text"), message("study/write_it_in_quotes_version_1"))


def _problems_of_patterns(patterns: Iterable[tuple[int, dict[str, Any]]], where: str) -> Iterator[Problem]:
    for place, pattern in patterns:
        name = f"{where} pattern {pattern.get('id') or f'number {place}'}"
        yield from read_entry(_PatternEntry, pattern, name, "codebook.md")[1]


def _wrong_parents(entries: Sequence[dict[str, Any]], file: str) -> Iterator[Problem]:
    """Parents that are not there, are of another family, or are their own descendants."""
    families = {str(entry.get("id")): entry.get("family", MAIN_FAMILY) for entry in entries}
    parents = {str(entry.get("id")): str(entry["parent"]) for entry in entries if entry.get("parent")}
    for code, parent in parents.items():
        where = f"{file} criterion {code} parent"
        if families.get(parent) != families[code]:
            yield Problem(
                where, message("study/is_not_a_code", parent=parent), message("study/name_a_code_of_the_same")
            )
        elif code in ancestors(code, parents):
            yield Problem(
                where, message("study/leads_back_to_the_code_itself"), message("study/remove_one_of_the_parents")
            )


def _doubled(what: str, ids: list[Any], file: str) -> Iterator[Problem]:
    for name, times in Counter(name.casefold() for name in ids if isinstance(name, str) and name).items():
        if times > 1:
            yield Problem(
                file,
                message(f"study/{what}_id_is_used_times", name=name, times=times),
                message("study/give_each_its_own_id"),
            )

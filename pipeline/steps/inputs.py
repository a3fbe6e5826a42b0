"""What people wrote for a study, read before anything runs, and the tables of the last run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import study as folders
from pipeline import tables
from pipeline.codebook import Codebook, load_codebook, with_parents
from pipeline.codebook.theory_of_change import NAME as THEORY
from pipeline.codebook.theory_of_change import TheoryOfChange, load_theory
from pipeline.config import Settings, load_settings
from pipeline.errors import ConfigError, IntegrityError, Problem, UserError
from pipeline.findings import Register, load_register
from pipeline.ingest.language import identify
from pipeline.records import SEED, Example
from pipeline.study import Study
from pipeline.tag import embeddings
from pipeline.tag.rules import match
from pipeline.tag.voters import loading
from pipeline.vocabulary import Stance
from pipeline.wording.messages import first_few, message


@dataclass(frozen=True, slots=True)
class Brief:
    """What people wrote for a study."""

    settings: Settings
    codebook: Codebook
    register: Register
    seeds: tuple[Example, ...]  # of seeds.jsonl and of the codebook
    theory: TheoryOfChange


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """What people wrote for a study: None for a file that cannot be read. `problems`: why nothing can be run."""

    settings: Settings | None
    codebook: Codebook | None
    register: Register
    seeds: tuple[Example, ...]
    theory: TheoryOfChange
    problems: tuple[Problem, ...]

    @property
    def brief(self) -> Brief | None:
        """The brief of the study; None if it cannot be used."""
        if self.problems or self.settings is None or self.codebook is None:
            return None
        seeds = tuple(_with_parents(seed, self.codebook) for seed in self.seeds)
        return Brief(
            settings=self.settings, codebook=self.codebook, register=self.register, seeds=seeds, theory=self.theory
        )


def load_brief(study: Study, also: Sequence[Problem] = ()) -> Brief:
    """Settings, codebook, register, seeds and theory of change; ConfigError with the problems of all of them at once.

    `also` are further problems to report together with these if the study cannot be used.
    """
    written = load_written(study)
    brief = written.brief
    if brief is None:
        raise ConfigError([*written.problems, *written.register.problems, *written.theory.problems, *also])
    return brief


def brief_to_code(study: Study, also: Sequence[Problem] = ()) -> Brief:
    """The brief of a study that is about to be coded by machine; ConfigError also if it chose an encoder that is not installed."""
    brief = load_brief(study, also)
    if missing := embeddings.not_installed(brief.settings.tag.embeddings):
        raise ConfigError(missing)
    return brief


def load_written(study: Study) -> WrittenFiles:
    """What people wrote for a study, each file on its own."""
    problems: list[Problem] = []
    settings = _attempt(lambda: load_settings(study.config), problems)
    codebook = _attempt(lambda: load_codebook(study.coded / "codebook.toml"), problems)
    seeds = _attempt(lambda: load_seeds(study.coded / "seeds.jsonl", codebook.ids if codebook else None), problems)
    problems += match.unreadable(codebook) if codebook else ()
    problems += loading.problems_of(settings) if settings else ()
    register = load_register(study.coded / "findings.toml", codebook.ids if codebook else None)
    theory = load_theory(study.coded / THEORY, codebook.ids if codebook else None)
    languages = settings.study.languages if settings else ()
    return WrittenFiles(
        settings=settings,
        codebook=codebook,
        register=register,
        seeds=(*(seeds or ()), *(examples_of(codebook, languages) if codebook else ())),
        theory=theory,
        problems=tuple(problems),
    )


def _with_parents(seed: Example, codebook: Codebook) -> Example:
    """The seed with the parents of its codes added: naming a sub-code is not a no to the broader code."""
    if not codebook.lineage:
        return seed
    carried = with_parents(dict(seed.codes), codebook.lineage)
    considered = (*seed.asked, *(code for code in carried if code not in seed.asked))
    return replace(seed, codes=tuple(sorted(carried.items())), asked=considered)


def _attempt(load: Any, problems: list[Problem]) -> Any:
    try:
        return load()
    except UserError as error:
        problems += error.problems
        return None


def load_seeds(path: Path, codes: tuple[str, ...] | None) -> tuple[Example, ...]:
    """The example excerpts of a study; ConfigError names every line that cannot be used. No file, no seeds.

    A seed says all that it carries of the codes it was `asked` for (default: every code of the codebook).
    """
    if not path.exists():
        return ()
    problems: list[Problem] = []
    seeds, strange, lines = [], UnknownCodes(), 0
    for number, line in _lines(path):
        lines += 1
        where = f"{path.name} line {number}"
        try:
            row = json.loads(line)
            seeds.append(_seed(row, codes or ()))
            strange.note(row, codes or (), number)
        except json.JSONDecodeError as error:
            problems.append(
                Problem(
                    where,
                    message("steps/is_not_json_column", msg=error.msg, colno=error.colno),
                    message("steps/write_one_object_per_line_id"),
                )
            )
        except RecursionError:
            problems.append(
                Problem(where, message("common/is_nested_too_deeply"), message("steps/write_one_object_per_line_id"))
            )
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            problems.append(
                Problem(
                    where, message("steps/cannot_be_used_2", error=error), message("steps/give_id_lang_text_and_codes")
                )
            )
    problems += strange.problems(path.name, lines)
    if problems:
        raise ConfigError(problems)
    return tuple(seeds)


@dataclass(slots=True)
class UnknownCodes:
    """The codes of seeds that the codebook does not have, each with the lines that name it."""

    lines: dict[str, list[int]] = field(default_factory=dict)

    def note(self, row: dict[str, Any], codes: tuple[str, ...], number: int) -> None:
        """Keep the unknown codes of a seed; one that says what it was `asked` for may name others."""
        for code in row["codes"]:
            if codes and code not in codes and not row.get("asked"):
                self.lines.setdefault(code, []).append(number)

    def problems(self, name: str, total: int) -> Iterator[Problem]:
        """One problem for all of them: mostly the examples of the five criteria, left where a study has criteria of its own."""
        if not self.lines:
            return
        touched = sorted({number for numbers in self.lines.values() for number in numbers})
        counts = ", ".join(f"{code} ({len(numbers)})" for code, numbers in sorted(self.lines.items()))
        what = message("steps/of_examples_are_for_codes", examples=len(touched), total=total, counts=counts)
        remedy = message("steps/if_you_use_criteria_of_your")
        yield Problem(f"{name} line {first_few([str(number) for number in touched])}", what, remedy)


def examples_of(codebook: Codebook, languages: tuple[str, ...]) -> Iterator[Example]:
    """The example excerpts of the codebook: each carries its code and says nothing about others."""
    for code in codebook.criteria:
        for number, text in enumerate(code.seeds, 1):
            yield Example(
                text, "", identify(text, languages), ((code.id, ""),), (code.id,), f"{SEED}{code.id} {number}"
            )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold something, numbered; ConfigError if the file cannot be opened or is not UTF-8."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        what = message("common/cannot_be_opened", strerror=error.strerror)
        raise ConfigError(Problem(path.name, what, message("common/check_that_it_is_a_file"))) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            Problem(
                f"{path.name} byte {error.start}", message("common/is_not_utf_8"), message("steps/save_it_as_utf_8")
            )
        ) from None
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _check_texts(row: dict[str, Any]) -> None:
    for key in ("id", "lang", "text", "question", "group"):
        if not isinstance(row.get(key, ""), str) or (key in ("id", "lang", "text") and not row[key].strip()):
            raise ValueError(message("steps/is_not_a_text", key=key))
        row.get(key, "").encode("utf-8")
    if not isinstance(row["codes"], dict) or not all(isinstance(s, str) for s in row["codes"].values()):
        raise ValueError(message("steps/codes_are_not_written_so"))
    if not isinstance(row.get("asked", []), list) or not all(isinstance(a, str) for a in row.get("asked", [])):
        raise ValueError(message("steps/asked_is_not_a_list"))


def _seed(row: dict[str, Any], codes: tuple[str, ...]) -> Example:
    _check_texts(row)
    carried = {
        code: Stance(stance) if stance else "" for code, stance in row["codes"].items() if not codes or code in codes
    }
    judged = tuple(row.get("asked", codes))
    return Example(
        row["text"],
        row.get("question", ""),
        row["lang"],
        tuple(sorted(carried.items())),
        judged,
        f"{SEED}{row.get('group', row['id'])}",
    )


@dataclass(frozen=True, slots=True)
class KeptTables(Mapping[str, "pd.DataFrame"]):
    """Tables of the last run, each read on demand and not cached."""

    study: Study
    tables: Mapping[str, tables.Table]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return tables.read_table(self.study.table(name), self.tables[name])

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


def kept_tables(study: Study, previous: dict[str, Any]) -> KeptTables:
    """The tables of the last run by name; none if one was altered or does not have the columns that it should.

    Their content carries the version of the code that made it, so that each stage reuses what is still valid.
    """
    nothing, machine = KeptTables(study, {}), previous.get("machine", {})
    if not machine or not folders.is_intact(study, machine):
        return nothing
    stored = {table.name: table for table in tables.TABLES if study.table(table.name).exists()}
    try:
        for table in stored.values():
            tables.read_table(study.table(table.name), table)
    except IntegrityError:
        return nothing
    return KeptTables(study, stored)


def last_tables(study: Study, wanted: Sequence[tables.Table]) -> dict[str, pd.DataFrame]:
    """Tables of the last run, also of another version of the program; all of them empty if one cannot be read."""
    try:
        return {table.name: tables.read_table(study.table(table.name), table) for table in wanted}
    except IntegrityError:
        return {table.name: tables.frame((), table) for table in wanted}


def write_tables(staging: Path, frames: dict[str, pd.DataFrame]) -> None:
    """Write every table of the run as parquet, checked against its contract."""
    folder = staging / "coded" / "machine"
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables.TABLES:
        if table.name in frames:
            tables.write_table(frames[table.name], folder / f"{table.name}.parquet", table)


def check_opened(unread: Sequence[str], inputs: dict[str, str]) -> None:
    """Raise IntegrityError if a file could not be opened though it could when inputs were hashed.

    A file that may not be opened is set aside and named. One that the disk fails to deliver would go unnoticed in the next run,
    too, which finds nothing changed.
    """
    if lost := [name for name in unread if inputs.get(name, "").isalnum()]:
        what = message("steps/could_be_read_at_the_start")
        raise IntegrityError(Problem(name, what, message("steps/check_the_disk_then_run_make")) for name in lost)


def check_unchanged(study: Study, inputs: dict[str, str]) -> None:
    """Raise IntegrityError if an input changed while the run was reading it."""
    now = folders.input_hashes(study)
    changed = sorted(path for path in set(inputs) | set(now) if inputs.get(path) != now.get(path))
    if changed:
        raise IntegrityError(
            Problem(path, message("steps/changed_during_the_run_nothing"), message("steps/run_make_analyze_again"))
            for path in changed
        )

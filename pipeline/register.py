"""findings.toml as Findings, Conclusions and Recommendations; lists broken, doubled and missing links."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.config import read_toml
from pipeline.errors import Problem, UserError

PRIORITIES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement of the evaluation that must stand on evidence."""

    id: str
    criterion: str
    statement: str
    sub_codes: tuple[str, ...] = ()
    question: str = ""
    stance: str = ""  # what it says of its criterion; where blank, the machine reads the statement
    place: str = ""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A judgement that rests on findings."""

    id: str
    statement: str
    findings: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Something to be done, by whom and until when, resting on findings and conclusions."""

    id: str
    statement: str
    priority: str = ""
    timeframe: str = ""
    addressees: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    conclusions: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Learning:
    """A lesson learned or a promising practice."""

    id: str
    statement: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """All that the evaluation says, and what is wrong with its links."""

    findings: tuple[Finding, ...] = ()
    conclusions: tuple[Conclusion, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    lessons: tuple[Learning, ...] = ()
    practices: tuple[Learning, ...] = ()
    problems: tuple[Problem, ...] = ()  # entries that were left out
    remarks: tuple[Problem, ...] = field(default=())  # links that an author should look at; nothing was left out


SECTIONS: dict[str, Any] = {
    "findings": Finding,
    "conclusions": Conclusion,
    "recommendations": Recommendation,
    "lessons": Learning,
    "practices": Learning,
}


def load_register(path: Path, criteria: Sequence[str]) -> Register:
    """The register of a study. Entries that cannot be used are left out and listed in `problems`; a broken file is one problem."""
    if not path.exists():
        return Register()
    try:
        content = read_toml(path)
    except UserError as error:
        return Register(problems=error.problems)
    problems: list[Problem] = []
    entries = {name: _entries(name, content.get(name, []), problems) for name in SECTIONS}
    findings = [f for f in entries["findings"] if _has_known_criterion(f, criteria, problems)]
    entries["findings"] = tuple(_first_of_each_id(findings, problems))
    unknown = [
        Problem(f"findings.toml [{name}]", "no such section", f"use {', '.join(SECTIONS)}")
        for name in set(content) - set(SECTIONS)
    ]
    return Register(**entries, problems=tuple(problems + unknown), remarks=tuple(_remarks(entries)))


def _entries(section: str, rows: list[dict[str, Any]], problems: list[Problem]) -> tuple[Any, ...]:
    kept = []
    for number, row in enumerate(rows, 1):
        where = f"findings.toml [[{section}]] {row.get('id', f'number {number}')}"
        try:
            kept.append(SECTIONS[section](**{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}))
        except TypeError as error:
            what = str(error).partition(") ")[2] or str(error)
            problems.append(Problem(where, what, "see docs/findings.md for the keys of an entry"))
    return tuple(kept)


def _has_known_criterion(finding: Finding, criteria: Sequence[str], problems: list[Problem]) -> bool:
    if finding.criterion in criteria:
        return True
    what = f"criterion {finding.criterion!r} is not in the codebook; the finding is left out"
    problems.append(Problem(f"findings.toml finding {finding.id}", what, f"use one of {', '.join(criteria)}"))
    return False


def _first_of_each_id(findings: list[Finding], problems: list[Problem]) -> Iterator[Finding]:
    seen: set[str] = set()
    for finding in findings:
        if finding.id in seen:
            what = "a second finding with this id; only the first is used"
            problems.append(Problem(f"findings.toml finding {finding.id}", what, "give it its own id"))
        else:
            seen.add(finding.id)
            yield finding


def _remarks(entries: dict[str, tuple[Any, ...]]) -> Iterator[Problem]:
    findings, conclusions = ({e.id for e in entries[name]} for name in ("findings", "conclusions"))
    resting = (*entries["conclusions"], *entries["recommendations"])
    for entry in resting:
        yield from _broken(entry, "findings", findings)
        yield from _broken(entry, "conclusions", conclusions)
    for name in ("conclusions", "recommendations", "lessons", "practices"):
        for doubled, times in Counter(e.id for e in entries[name]).items():
            if times > 1:
                yield Problem(
                    f"findings.toml {doubled}", f"this number is used {times} times", "number each entry once"
                )
    taken_up = {f for r in entries["recommendations"] for f in r.findings}
    for finding in entries["findings"]:
        if finding.id not in taken_up:
            yield Problem(
                f"findings.toml {finding.id}", "no recommendation takes it up", "link it, or say in the report why not"
            )


def _broken(entry: Any, links: str, known: set[str]) -> Iterator[Problem]:
    for target in getattr(entry, links, ()):
        if target not in known:
            yield Problem(
                f"findings.toml {entry.id}", f"refers to {target}, which does not exist", f"correct its {links}"
            )

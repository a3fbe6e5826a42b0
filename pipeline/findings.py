"""findings.toml as Findings, Conclusions and Recommendations; lists broken, duplicate and missing links."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import with_config

from pipeline.errors import Problem, UserError
from pipeline.validation import ENTRY, Line, Prose, Text, Texts, blocks, is_line, one_of, read_entry, read_toml
from pipeline.vocabulary import Stance
from pipeline.wording.messages import message

PRIORITIES = ("high", "medium", "low")
REGISTERS = ("conclusions", "recommendations", "lessons", "practices")  # what rests on findings


@with_config(ENTRY)
@dataclass(frozen=True, slots=True)
class Finding:
    """A statement of the evaluation that needs evidence."""

    id: Line
    criterion: Text
    statement: Text
    sub_codes: Texts = ()
    question: Prose = ""
    stance: Annotated[str, one_of(*Stance, "")] = (
        ""  # what it says of its criterion; where blank, the machine reads the statement
    )
    place: Prose = ""


@with_config(ENTRY)
@dataclass(frozen=True, slots=True)
class Conclusion:
    """A judgement that relies on findings."""

    id: Line
    statement: Text
    findings: Texts = ()
    place: Prose = ""


@with_config(ENTRY)
@dataclass(frozen=True, slots=True)
class Recommendation:
    """What should be done, by whom and until when, based on findings and conclusions."""

    id: Line
    statement: Text
    priority: Annotated[str, one_of(*PRIORITIES, "")] = ""
    timeframe: Prose = ""
    addressees: Texts = ()
    findings: Texts = ()
    conclusions: Texts = ()
    place: Prose = ""


@with_config(ENTRY)
@dataclass(frozen=True, slots=True)
class Learning:
    """A lesson learned or a promising practice, based on findings."""

    id: Line
    statement: Text
    findings: Texts = ()
    place: Prose = ""


@dataclass(frozen=True, slots=True)
class Register:
    """Findings, conclusions, recommendations, lessons and practices, with remarks on their links."""

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


def load_register(path: Path, criteria: Sequence[str] | None) -> Register:
    """The register of a study. Entries that cannot be used are left out and listed in `problems`; a broken file is one problem.

    `criteria` None: the codebook is not known, and criteria are not checked.
    """
    if not path.exists():
        return Register()
    try:
        content = read_toml(path)
    except UserError as error:
        return Register(problems=error.problems)
    problems: list[Problem] = []
    entries = {name: _entries(name, content, problems) for name in SECTIONS}
    findings = [f for f in entries["findings"] if criteria is None or _has_known_criterion(f, criteria, problems)]
    entries["findings"] = tuple(_first_of_each_id(findings, problems))
    unknown = [
        Problem(
            f"findings.toml [{name}]",
            message("study/no_such_section"),
            message("study/use", words=", ".join(SECTIONS)),
        )
        for name in sorted(set(content) - set(SECTIONS))
    ]
    written = {str(row.get("id")) for name in SECTIONS for row in _rows(content, name)}
    remarks = tuple(_remarks(entries, written))
    return Register(**entries, problems=tuple(problems + unknown), remarks=remarks)


def _rows(content: dict[str, Any], section: str) -> list[dict[str, Any]]:
    rows = content.get(section, [])
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _entries(section: str, content: dict[str, Any], problems: list[Problem]) -> tuple[Any, ...]:
    entries = []
    try:
        for number, row in blocks(content, section, "findings.toml"):
            name = row["id"] if is_line(row.get("id")) else f"number {number}"
            entry, wrong = read_entry(SECTIONS[section], row, f"findings.toml [[{section}]] {name}", "findings.md")
            problems += [Problem(p.where, message("study/the_entry_is_left_out", what=p.what), p.remedy) for p in wrong]
            entries += [entry] if entry else []
    except UserError as error:
        problems += error.problems
    return tuple(entries)


def _has_known_criterion(finding: Finding, criteria: Sequence[str], problems: list[Problem]) -> bool:
    if finding.criterion in criteria:
        return True
    what = message("study/criterion_is_not_in_the_codebook", criterion=finding.criterion)
    problems.append(
        Problem(f"findings.toml finding {finding.id}", what, message("study/use_one_of", words=", ".join(criteria)))
    )
    return False


def _first_of_each_id(findings: list[Finding], problems: list[Problem]) -> Iterator[Finding]:
    seen: set[str] = set()
    for finding in findings:
        if finding.id in seen:
            what = message("study/is_a_second_finding")
            problems.append(Problem(f"findings.toml finding {finding.id}", what, message("study/give_it_its_own_id")))
        else:
            seen.add(finding.id)
            yield finding


def _remarks(entries: dict[str, tuple[Any, ...]], written: set[str]) -> Iterator[Problem]:
    findings = {finding.id for finding in entries["findings"]}
    conclusions = {conclusion.id for conclusion in entries["conclusions"]}
    resting = (*entries["conclusions"], *entries["recommendations"])
    for entry in (*resting, *entries["lessons"], *entries["practices"]):
        yield from _broken(entry, "findings", findings, written)
        yield from _broken(entry, "conclusions", conclusions, written)
    for name in REGISTERS:
        for doubled, times in Counter(e.id for e in entries[name]).items():
            if times > 1:
                where = f"findings.toml {doubled}"
                yield Problem(where, message("remark.doubled", n=times), message("study/give_each_entry_its_own_id"))
    yield from _differing(resting)
    if entries["recommendations"]:
        yield from _untaken(entries)


def _differing(resting: Iterable[Any]) -> Iterator[Problem]:
    """A remark on entries of one section with the same id, or the same words, that rely on different entries."""
    same: dict[tuple[str, str, str], list[Any]] = {}
    for entry in resting:
        section = type(entry).__name__
        same.setdefault((section, "id", entry.id), []).append(entry)
        same.setdefault((section, "words", " ".join(entry.statement.casefold().split())), []).append(entry)
    reported: set[tuple[str, ...]] = set()
    for entries in same.values():
        names = tuple(dict.fromkeys(entry.id for entry in entries))
        links = list(
            dict.fromkeys(", ".join((*entry.findings, *getattr(entry, "conclusions", ()))) for entry in entries)
        )
        if len(links) > 1 and names not in reported:
            reported.add(names)
            where = f"findings.toml {', '.join(names)}"
            shown = "; ".join(link or "-" for link in links)
            what = message("remark.differing", n=len(entries), links=shown)
            yield Problem(where, what, message("study/keep_one_entry_with_the_right"))


def _untaken(entries: dict[str, tuple[Any, ...]]) -> Iterator[Problem]:
    """A remark on every finding that no recommendation names; of use once there are recommendations."""
    taken_up = {f for r in entries["recommendations"] for f in r.findings}
    for finding in entries["findings"]:
        if finding.id not in taken_up:
            where = f"findings.toml {finding.id}"
            yield Problem(where, message("remark.untaken"), message("study/link_it_or_say_why_not"))


def _broken(entry: Any, links: str, targets: set[str], written: set[str]) -> Iterator[Problem]:
    for target in getattr(entry, links, ()):
        if target not in targets:
            kind = "elsewhere" if target in written else "broken"
            what = message(f"remark.{kind}", target=target)
            yield Problem(f"findings.toml {entry.id}", what, message(f"study/correct_its_{links}"))

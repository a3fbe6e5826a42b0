"""`study`, `check`, `analyze`, `prevalence` and `diff`: from a new folder to the report, its figures, and what moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands.folding import folded
from pipeline.commands.messages import (
    AsJson,
    StudyPath,
    as_dicts,
    messages,
    of_study,
    printable,
    progress,
    show_advice,
    show_json,
    show_lines,
    show_problems,
)
from pipeline.errors import Problem, counted, first_few
from pipeline.vocabulary import NewCodebook, Strength


def analyze(
    study: StudyPath = Path(),
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute everything again.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print problems only.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also list all remarks, and the time of each stage.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Turn raw/ into evidence tables and the report; only what changed is done again."""
    from pipeline.steps.analyze import analyze as run

    with messages(as_json):
        with progress() as tick:
            outcome = run(study, fresh=fresh, now=datetime.now(UTC), tick=tick)
        show_problems(outcome.problems)
        if as_json:
            show_json(outcome.record)
        elif not quiet:
            show_advice(summary(outcome.record, outcome.unchanged, study))
            show_advice(details(outcome.record) if verbose else ())
    raise typer.Exit(outcome.exit_code)


def details(record: dict[str, Any]) -> Iterator[str]:
    """Every remark of a run, and the seconds of each stage."""
    yield from (f"  - {printable(line)}" for line in folded(Problem(**remark) for remark in record["remarks"]))
    stages = (f"{name} {stage['seconds']:.1f} s" for name, stage in record["stages"].items())
    yield f"  time       {', '.join(stages)}"


def summary(record: dict[str, Any], unchanged: bool, study: Path) -> list[str]:
    """The closing lines of a run: what was read, how strong the findings are, what to review, where to look next."""
    f = record["summary"]
    seconds = sum(stage["seconds"] for stage in record["stages"].values())
    lines = [
        "Nothing changed since the last run." if unchanged else f"Done in {seconds:.1f} s.",
        _partial(record["partial"]),
        f"  read       {counted(f['sources'], 'source')} in {f['files_read']} of {counted(f['files'], 'file')}",
        *("  not counted " + printable(f"{p['where']}: {p['what']}: {p['remedy']}") for p in record["unanswered"]),
        f"  persons    {f['persons']} speaking, {f['participants']} in the register",
        f"  excerpts   {f['excerpts']}, {f['coded']} with a code ({counted(f['codings'], 'coding')})",
        f"  findings   {f['findings']}: {_findings(f)}",
        (
            f"  evidence   {counted(f['links'], 'link')}, {f['links_confirmed']} confirmed by a person, "
            f"words of {counted(f['persons_confirmed'], 'person')}"
        ),
        f"  to review  {counted(f['waiting'], 'excerpt')} first, {f['undecided']} undecided by anybody{_recall(f)}",
        *([] if unchanged else _changes(record)),
        f"  withheld   {counted(f['persons_not_used'], 'person')} not used, {f['persons_not_shown']} not shown, at their request"
        if f["persons_not_used"] or f["persons_not_shown"]
        else "",
        f"  remarks    {len(record['remarks'])} to look at: make analyze ARGS=--verbose lists them, and outputs/run.json"
        if record["remarks"]
        else "",
        f"  ledger     {counted(record['ledger']['lines'], 'line')}, head {record['ledger']['tree']}"
        if record["ledger"]["lines"]
        else "",
        f"  look at    {study / 'outputs' / 'report.html'} and {study / 'outputs' / 'evidence.xlsx'}",
        "  internal   for the team alone; make release EDITION=public writes an edition that may leave it",
    ]
    return [line for line in lines if line]


def _changes(record: dict[str, Any]) -> Iterator[str]:
    """What a run changed: strengths that moved, refusals that do not hold any more."""
    yield from (f"  moved      {moved_line(finding)}" for finding in record["moved"])
    yield from (f"  codes      {line}" for line in code_lines(record["codes"]))
    yield from (f"  lifted     {lifted_line(person)}" for person in record["lifted"])


def _partial(note: str) -> str:
    """That files were left out, and that the run is complete otherwise."""
    return note and f"{note}. Everything else is analysed; what was left out is listed above"


def lifted_line(person: str) -> str:
    """A line for a person whose refusal does not hold any more."""
    return printable(f"{person} refused before, and raw/participants says yes now: the words are used and shown")


def moved_line(finding: dict[str, Any]) -> str:
    """A line for a finding whose strength changed since the last run, with the cause."""
    lines = finding["decisions"]
    causes = [
        *([f"{counted(len(lines), 'decision')}: line {first_few([str(line) for line in lines])}"] if lines else []),
        *(f"codebook change of line {line}" for line in finding["codebook"]),
        *finding["sources"],
        *finding["files"],
    ]
    change = f"{finding['from'] or 'new'} -> {finding['to'] or 'gone'}"
    return printable(f"{finding['finding_id']} {change} ({'; '.join(causes) or 'the program changed'})")


def code_lines(codes: dict[str, list[str]]) -> Iterator[str]:
    """The codes by which the machine codes from now on, because decisions bear it out, and those by which it does no more."""
    if now := codes["reliable_now"]:
        yield printable(
            f"{first_few(now)}: the machine codes by it now, and no more only suggests it: decisions bear it out"
        )
    if now := codes["only_suggested_now"]:
        yield printable(f"{first_few(now)}: the machine only suggests it now: decisions do not bear it out")


def _recall(f: dict[str, int]) -> str:
    if f["excerpts"] and not f["codings"] and not f["waiting"]:
        return "; nothing is coded yet: decide on excerpts with make review CODER=name, or give the codes more examples or patterns"
    if "recall" not in f:
        return ""
    return f"; then about {f['recall']} % of the criteria found ({f['recall_low']}-{f['recall_high']})"


def _findings(f: dict[str, int]) -> str:
    if not f["findings"]:
        return "none in the register"
    return f"{by_strength(f)} (by what people confirmed; {f['findings_suggested_only']} suggested only)"


def by_strength(figures: dict[str, int]) -> str:
    """The number of findings of each strength; strengths without a finding are left out."""
    counts = {word: figures[f"findings_{word}"] for word in Strength}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def lay_out(
    path: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    codebook: Annotated[
        NewCodebook, typer.Option("--codebook", help="The five evaluation criteria, or empty for codes of your own.")
    ] = NewCodebook.FIVE,
    as_json: AsJson = False,
) -> None:
    """Create a new study."""
    from pipeline.new_study import lay_out as run

    with messages(as_json):
        written = run(path, codebook)
        if as_json:
            show_json({"study": str(path), "written": written})
        else:
            show_advice(
                [
                    f"Created a study in {path}: {', '.join(written)}.",
                    *(["Write your codes into coded/codebook.toml."] if codebook is NewCodebook.EMPTY else []),
                    f"Put your files into raw/ and your findings into coded/findings.toml. Next: make check-study{of_study(path)}",
                ]
            )


def next_step(study: Path, is_wrong: bool) -> str:
    """The command that comes after a check."""
    step = "fix the problems, then run make check-study" if is_wrong else "make analyze"
    return f"Next: {step}{of_study(study)}"


def check(study: StudyPath = Path(), as_json: AsJson = False) -> None:
    """List all problems of the study, and how each transcript and survey is read. Runs nothing."""
    from pipeline.commands import overview
    from pipeline.commands.transcripts import as_lines, as_record
    from pipeline.steps.check import check as run

    with messages(as_json):
        problems, remarks, transcripts, understood = run(study)
        if as_json:
            show_json(
                {
                    "understood": overview.as_record(understood),
                    "problems": as_dicts(problems),
                    "remarks": as_dicts(remarks),
                    "transcripts": [as_record(each) for each in transcripts],
                }
            )
        else:
            show_lines(overview.as_lines(understood))
            show_problems(problems)
            show_lines(printable(line) for each in transcripts for line in as_lines(each))
            show_advice(
                [
                    f"{counted(len(problems), 'problem')}, {counted(len(remarks), 'remark')}",
                    *(f"  - {printable(line)}" for line in folded(remarks)),
                    next_step(study, bool(problems)),
                ]
            )
    raise typer.Exit(1 if problems else 0)


def prevalence(
    code: Annotated[str, typer.Argument(help="Id of a code; all codes if left out.")] = "",
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Show what share of the persons speak of each code, corrected for the machine's errors by a random sample."""
    from pipeline.steps.results.shares import as_lines, shares

    with messages(as_json):
        rows = shares(study, code)
        if as_json:
            show_json(rows)
        else:
            show_lines(as_lines(rows))


def diff(
    before: Annotated[Path, typer.Argument(help="An earlier copy of the study's folder.")],
    after: Annotated[Path, typer.Argument(help="The study's folder as it is now.")] = Path(),
    page: Annotated[Path | None, typer.Option(help="Also write it as a page, with words: FILE.html.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show which strengths, codings and links moved between two runs, and why."""
    from pipeline.steps.results.difference import as_lines, difference, write_page

    with messages(as_json):
        result = difference(before, after)
        if page:
            write_page(result, before, after, page)
        if as_json:
            show_json(result)
        else:
            show_lines(as_lines(result, moved_line))

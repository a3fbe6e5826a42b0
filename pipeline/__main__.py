"""Arguments in, exit code out: the only place that prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import Problem, UserError

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__import__("pipeline").__doc__
)
StudyPath = Annotated[Path, typer.Option("--study", help="the study's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="print the result as JSON")]


@contextmanager
def messages(as_json: bool) -> Iterator[None]:
    """Turn errors that a person can mend into messages and an exit code."""
    try:
        yield
    except UserError as error:
        if as_json:
            print(json.dumps({"problems": [_as_dict(p) for p in error.problems]}, ensure_ascii=False))
        show_problems(error.problems)
        raise typer.Exit(error.exit_code) from None


def show_problems(problems: tuple[Problem, ...]) -> None:
    """Print each problem on a line of standard error; control characters of file names are escaped."""
    for problem in problems:
        print("  ! " + printable(str(problem)), file=sys.stderr)


def printable(text: str) -> str:
    """The text with control characters written out, so that no input can forge a line of the log."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _as_dict(problem: Problem) -> dict[str, str]:
    return {"where": problem.where, "what": problem.what, "remedy": problem.remedy}


def progress() -> tuple[Callable[[str, int, int], None], Callable[[], None]]:
    """A function that draws a bar per stage on standard error, and one that ends the drawing. Nothing where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bars = Progress(
        TextColumn("{task.description:<8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    tasks: dict[str, Any] = {}

    def tick(stage: str, done: int, total: int) -> None:
        if not tasks:
            bars.start()
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=total)
        bars.update(tasks[stage], completed=done, total=total)

    return tick, bars.stop


@app.command()
def analyze(
    study: StudyPath = Path(),
    fresh: Annotated[bool, typer.Option("--fresh", help="ignore what the last run left")] = False,
    as_json: AsJson = False,
) -> None:
    """From raw/ to evidence tables and the report; only what changed."""
    from pipeline.steps.analyze import analyze as run

    with messages(as_json):
        tick, stop = progress() if sys.stderr.isatty() else ((lambda *_: None), (lambda: None))
        try:
            outcome = run(study, fresh=fresh, now=datetime.now(UTC), tick=tick)
        finally:
            stop()
        show_problems(outcome.problems)
        print(
            json.dumps(outcome.record, ensure_ascii=False)
            if as_json
            else summary(outcome.record, outcome.unchanged, study)
        )
    raise typer.Exit(outcome.exit_code)


def summary(record: dict[str, Any], unchanged: bool, study: Path) -> str:
    """The closing lines: what was read, what was found, what is weak, what waits, where to look next."""
    f = record["summary"]
    by_strength = ", ".join(
        f"{f['findings_' + word]} {word}"
        for word in ("strong", "moderate", "weak", "contested", "unsupported")
        if f["findings_" + word]
    )
    seconds = sum(stage["seconds"] for stage in record["stages"].values())
    lines = [
        "Nothing changed since the last run." if unchanged else f"Done in {seconds:.1f} s.",
        record["partial"],
        f"  read       {f['sources']} sources in {f['files_read']} of {f['files']} files",
        f"  persons    {f['persons']} who speak, of {f['participants']} in the register",
        f"  excerpts   {f['excerpts']} of respondents, {f['coded']} with a code ({f['codings']} codings)",
        f"  findings   {f['findings']}: {by_strength or 'none in the register'}",
        f"  evidence   {f['links']} links, {f['links_confirmed']} confirmed by a person",
        f"  waiting    {f['waiting']} excerpts for review",
        f"  remarks    {len(record['remarks'])} on the register's links" if record["remarks"] else "",
        f"  look at    {study / 'outputs' / 'report.html'} and {study / 'outputs' / 'evidence.xlsx'}",
    ]
    return "\n".join(line for line in lines if line)


@app.command()
def study(path: Annotated[Path, typer.Argument(help="a folder that does not exist yet")]) -> None:
    """Lay out a new study."""
    from pipeline.steps.laying_out import lay_out

    with messages(as_json=False):
        written = lay_out(path)
        print(f"A new study stands in {path}: {', '.join(written)}.")
        print(
            "Put your files into raw/, name your findings in coded/findings.toml, then run: make analyze STUDY="
            + str(path)
        )


@app.command()
def check(study: StudyPath = Path(), as_json: AsJson = False) -> None:
    """List every problem of config, codebook, registers and ledger at once; runs nothing."""
    from pipeline.steps.checking import check as run

    with messages(as_json):
        problems, remarks = run(study)
        if as_json:
            print(
                json.dumps(
                    {"problems": [_as_dict(p) for p in problems], "remarks": [_as_dict(p) for p in remarks]},
                    ensure_ascii=False,
                )
            )
        else:
            show_problems(problems)
            print(
                "\n".join(
                    [
                        f"{len(problems)} problems, {len(remarks)} remarks",
                        *(f"  - {printable(str(r))}" for r in remarks),
                    ]
                )
            )
    raise typer.Exit(1 if problems else 0)


review = typer.Typer(no_args_is_help=True, help="Hand excerpts out to coders and take their decisions back.")
app.add_typer(review, name="review")


@review.command("export")
def review_export(
    coder: Annotated[str, typer.Option(help="who decides")],
    study: StudyPath = Path(),
    size: Annotated[int, typer.Option(help="how many excerpts")] = 50,
    blind: Annotated[bool, typer.Option("--blind", help="without the machine's suggestions")] = False,
    same_as: Annotated[str, typer.Option(help="the excerpts that this coder has decided")] = "",
) -> None:
    """Write a workbook for a coder into coded/review/."""
    from pipeline.steps.reviewing import Order, export

    with messages(as_json=False):
        print(export(study, Order(coder, size, blind, same_as), datetime.now(UTC)))


@review.command("import")
def review_import(files: list[Path], study: StudyPath = Path(), as_json: AsJson = False) -> None:
    """Read workbooks that came back (or another coder's ledger) into coded/decisions.jsonl."""
    from pipeline.steps.reviewing import import_files

    with messages(as_json):
        result = import_files(study, files, datetime.now(UTC))
        show_problems(result.problems)
        counts = ", ".join(f"{n} {fate}" for fate, n in result.counts.items()) or "no rows"
        said = {"rows": result.counts, "decisions": result.written, "problems": [_as_dict(p) for p in result.problems]}
        print(
            json.dumps(said, ensure_ascii=False) if as_json else f"Rows: {counts}. {result.written} decisions written."
        )
    raise typer.Exit(2 if result.problems else 0)


@app.command()
def agree(study: StudyPath = Path(), as_json: AsJson = False) -> None:
    """How far coders agree with each other and with the machine."""
    from pipeline.steps.agreeing import agree as run
    from pipeline.steps.agreeing import as_text

    with messages(as_json):
        result = run(study)
        print(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(as_text(result)))


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917 (each parameter is an option of the command)
    study: StudyPath = Path(),
    gold: Annotated[Path | None, typer.Option(help="CSV of texts coded by people, to be scored against")] = None,
    train: Annotated[Path | None, typer.Option(help="CSV to learn from instead of the study's decisions")] = None,
    no_seeds: Annotated[bool, typer.Option("--no-seeds", help="learn without the study's seeds")] = False,
    halves: Annotated[
        bool, typer.Option("--halves", help="learn from half of the gold file's groups at a time")
    ] = False,
    page: Annotated[Path | None, typer.Option(help="put the figures into this page of Markdown")] = None,
    title: Annotated[str, typer.Option(help="title of their section on the page")] = "The study as it is",
    as_json: AsJson = False,
) -> None:
    """How good the tagger is: per code and language, with intervals by person, baselines and learning curve."""
    from pipeline.steps import quality_page
    from pipeline.steps.evaluating import evaluate as run
    from pipeline.steps.material import Asked

    with messages(as_json):
        tick, stop = progress() if sys.stderr.isatty() else ((lambda *_: None), (lambda: None))
        try:
            result = run(
                study, Asked(gold, train, not no_seeds, halves), lambda done, total: tick("evaluate", done, total)
            )
        finally:
            stop()
        if page:
            quality_page.update(page, title, result)
        print(json.dumps(result, ensure_ascii=False) if as_json else printable_lines(quality_page.as_text(result)))


@app.command()
def audit(study: StudyPath = Path(), as_json: AsJson = False) -> None:
    """Check every artefact and every link; exit code 3 when anything is broken."""
    from pipeline.steps import auditing

    with messages(as_json):
        checks = auditing.audit(study)
        print(
            json.dumps(auditing.as_rows(checks), ensure_ascii=False)
            if as_json
            else printable_lines(auditing.as_text(checks))
        )
    raise typer.Exit(3 if any(check.problems for check in checks) else 0)


@app.command()
def trace(
    identity: Annotated[str, typer.Argument(metavar="ID")], study: StudyPath = Path(), as_json: AsJson = False
) -> None:
    """Walk from a recommendation, conclusion, finding, excerpt, source or participant to the words, and back."""
    from pipeline.steps import auditing

    with messages(as_json):
        walk = auditing.trace(study, identity)
        print(
            json.dumps(auditing.as_json(walk), ensure_ascii=False)
            if as_json
            else printable_lines(auditing.as_walk(walk))
        )


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(help="some of the benchmarks; else all")] = None,
    files: Annotated[int, typer.Option(help="transcripts in the largest study")] = 200,
    page: Annotated[Path | None, typer.Option(help="put the figures into this page of Markdown, too")] = None,
    as_json: AsJson = False,
) -> None:
    """What the program costs, beside named peers in the same run."""
    from pipeline.steps import benching

    with messages(as_json):
        stream = sys.stderr if as_json else sys.stdout
        figures = benching.bench(names or (), page, files=files, tell=lambda line: print(line, file=stream, flush=True))
        if as_json:
            print(json.dumps(benching.as_rows(figures), ensure_ascii=False))


def printable_lines(lines: list[str]) -> str:
    """Lines for the terminal, control characters written out."""
    return "\n".join(printable(line) for line in lines)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

"""`review export`, `review import` and `agree`: decisions out to people and back, compared with each other."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.examples import examples
from pipeline.commands.messages import (
    AsJson,
    StudyPath,
    as_dicts,
    language,
    messages,
    show_advice,
    show_json,
    show_lines,
    show_now,
    show_problems,
)
from pipeline.commands.typed import as_typed
from pipeline.wording.messages import counted, message, separated

if TYPE_CHECKING:
    from pipeline.steps.review import ImportResult

review = typer.Typer(
    invoke_without_command=True, help="Decide on excerpts in the browser, or in workbooks with export and import."
)


@review.callback()
def review_page(
    context: typer.Context,
    study: StudyPath = Path(),
    coder: Annotated[str, typer.Option(help="Who decides.")] = "",
    port: Annotated[int, typer.Option(help="Port on this computer; 0: any free one.", min=0, max=65535)] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Decide on excerpts: the review page, or `export` and `import` for workbooks."""
    if context.invoked_subcommand:
        return
    from pipeline.steps.review_page import serve

    with messages(as_json=False, study=study):
        serve(
            study,
            coder,
            port=port,
            opens_browser=not no_browser,
            tell=show_now,
            as_typed=partial(as_typed, study=study),
        )


@review.command("export", epilog=examples("review export"))
def review_export(
    coder: Annotated[str, typer.Option(help="Who decides.")],
    study: StudyPath = Path(),
    size: Annotated[int, typer.Option(help="Number of excerpts.")] = 50,
    blind: Annotated[bool, typer.Option("--blind", help="Leave out the machine's suggestions.")] = False,
    same_as: Annotated[str, typer.Option(help="Only excerpts that this coder decided on.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Excerpts that the coder has decided on, to change the decisions.")
    ] = False,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Disagreements between coders, to be ruled on.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a workbook for a coder into coded/review/."""
    from pipeline.steps.review import Order, export

    with messages(as_json, study):
        order = Order(coder=coder, size=size, blind=blind, same_as=same_as, again=again, conflicts=conflicts)
        path = export(study, order, datetime.now(UTC))
        if as_json:
            show_json({"workbook": str(path), "coder": coder})
        else:
            show_lines([str(path)])
            show_advice([message("commands/fill_it_in", file=shlex.quote(str(path)))])


@review.command("import", epilog=examples("review import"))
def review_import(
    files: Annotated[list[Path], typer.Argument(help="Workbooks (.xlsx, .ods) or ledgers (.jsonl).")],
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Add the decisions of filled-in workbooks, or of another coder's ledger, to coded/decisions.jsonl."""
    from pipeline.steps.review import import_files

    with messages(as_json, study):
        show_import(import_files(study, files, datetime.now(UTC)), as_json=as_json)


def show_import(result: ImportResult, *, as_json: bool) -> None:
    """Print the result of an import; exit with 2 if something could not be used."""
    show_problems(result.problems)
    if as_json:
        show_json(
            {
                "language": language(),
                "rows": dict(result.counts),
                "decisions": result.written,
                "problems": as_dicts(result.problems),
            }
        )
    else:
        rows = separated(", ", (message(f"commands/rows_{fate}", count=n) for fate, n in result.counts.items()))
        written = counted(result.written, "decision")
        show_lines([message("commands/rows", rows=rows or message("commands/no_rows"), decisions=written)])
    raise typer.Exit(2 if result.problems else 0)


def agree(study: StudyPath = Path(), as_json: AsJson = False) -> None:
    """Measure how well coders agree with each other and with the machine."""
    from pipeline.review.agreement.text import as_text
    from pipeline.steps.results.agreement import agree as run

    with messages(as_json, study):
        result = run(study)
        if as_json:
            show_json(result)
        else:
            show_advice(as_text(result, language()))

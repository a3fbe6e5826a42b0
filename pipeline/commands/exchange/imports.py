"""`import`: what was made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from pipeline.commands.messages import (
    AsJson,
    StudyPath,
    as_dicts,
    in_words,
    language,
    messages,
    show_advice,
    show_json,
    show_problems,
)
from pipeline.commands.review import show_import
from pipeline.errors import Problem, UserError
from pipeline.wording.messages import counted, message, separated

PROJECT = ".qdpx"
SPREADSHEETS = (".csv", ".xlsx", ".ods")


def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            help="A REFI-QDA project (.qdpx), a codebook (.qdc, .csv, .txt, .yaml), a table of codings (.csv, .xlsx, .ods), "
            "or a report (.docx, .pdf, .txt, .md, ...)."
        ),
    ],
    coder: Annotated[str, typer.Option(help="Whose codings they are, if the file does not say.")] = "",
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Read work from elsewhere: codings into the ledger, codes into coded/codebook.toml, findings into coded/findings.toml."""
    with messages(as_json, study):
        if file.suffix.casefold() == PROJECT:
            _import_project(study, file, coder, as_json=as_json)
        elif _is_codebook(file):
            _import_codebook(study, file, coder, as_json=as_json)
        elif coder or file.suffix.casefold() in SPREADSHEETS:
            _import_codings(study, file, coder, as_json=as_json)
        else:
            _import_report(study, file, as_json=as_json)


def _is_codebook(file: Path) -> bool:
    from pipeline.steps.exchange.import_codebook import holds_codebook

    return holds_codebook(file)


def _import_project(study: Path, file: Path, coder: str, *, as_json: bool) -> None:
    """Import a project and print what became of it; exit with 2 if something was left out."""
    from pipeline.steps.exchange.import_project import import_project as run

    result = run(study, file, coder=coder, now=datetime.now(UTC))
    counts = separated(
        ", ", (message(f"commands/imported_{name.replace(' ', '_')}", n=n) for name, n in result.counts.items())
    )
    _show(
        message(
            "commands/imported_project",
            counts=counts or message("commands/nothing_of_this_study"),
            decisions=counted(result.written, "decision"),
        ),
        {"counts": dict(result.counts), "decisions": result.written},
        mended=result.mended,
        left_out=result.left_out,
        as_json=as_json,
    )


def _import_codebook(study: Path, file: Path, coder: str, *, as_json: bool) -> None:
    """Import a codebook and print what was added; exit with 2 if something was left out."""
    from pipeline.steps.exchange.import_codebook import import_codebook as run

    result = run(study, file, coder=coder, now=datetime.now(UTC))
    added = counted(len(result.added), "code")
    _show(
        message("commands/imported_codebook", codes=added, present=result.present),
        {"added": list(result.added), "present": result.present},
        mended=result.mended,
        left_out=result.left_out,
        as_json=as_json,
    )


def _show(
    outcome: str,
    record: Mapping[str, Any],
    *,
    mended: Sequence[Problem],
    left_out: Sequence[Problem],
    as_json: bool,
) -> NoReturn:
    """Print what was read of another program's file, and exit with 2 if something was left out."""
    if as_json:
        show_json({"language": language(), **record, "mended": as_dicts(mended), "left_out": as_dicts(left_out)})
    else:
        show_problems(left_out)
        show_advice([outcome, *(f"  - {note}" for note in in_words(mended))])
    raise typer.Exit(2 if left_out else 0)


def _import_codings(study: Path, file: Path, coder: str, *, as_json: bool) -> None:
    from pipeline.steps.review import import_codings as run

    if not coder:
        what, remedy = message("commands/has_codings_of_an_unnamed_coder"), message("commands/say_whose_they_are")
        raise UserError(Problem(file.name, what, remedy))
    show_import(run(study, file, coder=coder, now=datetime.now(UTC)), as_json=as_json)


def _import_report(study: Path, file: Path, *, as_json: bool) -> None:
    """Import a report and print what was read; exit with 2 if something could not be read."""
    from pipeline.steps.imports.report import import_report as run

    result = run(study, file)
    if as_json:
        show_json(
            {
                "language": language(),
                "written": str(result.path),
                "entries": result.counts,
                "problems": as_dicts(result.unread),
            }
        )
    else:
        show_problems(result.unread)
        read = separated(", ", (message(f"commands/read_{section}", n=n) for section, n in result.counts.items()))
        show_advice([message("commands/imported_report", read=read, file=result.path)])
    raise typer.Exit(2 if result.unread else 0)

"""The command line: `hallazgo COMMAND`, or `python -m pipeline COMMAND`."""

import sys
from collections.abc import Callable

import typer

import pipeline
from pipeline.commands import (
    audit,
    bench,
    codebook,
    evaluate,
    query,
    release,
    review,
    roster,
    study,
    withdraw,
)
from pipeline.commands.examples import examples
from pipeline.commands.exchange import exports, imports
from pipeline.commands.messages import flush_all
from pipeline.commands.typed import note_program

COMMANDS: dict[str, Callable[..., None]] = {
    "analyze": study.analyze,
    "study": study.lay_out,
    "check": study.check,
    "codebook": codebook.codebook,
    "import": imports.import_file,
    "export": exports.export,
    "agree": review.agree,
    "prevalence": study.prevalence,
    "query": query.query,
    "diff": study.diff,
    "evaluate": evaluate.evaluate,
    "audit": audit.audit,
    "trace": audit.trace,
    "withdraw": withdraw.withdraw,
    "roster": roster.roster,
    "release": release.release,
    "bench": bench.bench,
}

USAGE_ERROR = typer.BadParameter.__mro__[1]  # typer exports no name of it

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=pipeline.__doc__)
for _name, _command in COMMANDS.items():
    app.command(_name, epilog=examples(_name))(_command)
app.add_typer(review.review, name="review", epilog=examples("review"))


def main() -> None:
    """Run the command line. What an old console cannot show is written out, so that it never ends a command."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    note_program(sys.argv[0])
    USAGE_ERROR.exit_code = 1  # type: ignore[attr-defined]  # 2 says that something was left out
    try:
        app()
    finally:
        flush_all()


if __name__ == "__main__":
    main()

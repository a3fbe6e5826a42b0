"""The command line: `python -m pipeline COMMAND`."""

import typer

import pipeline
from pipeline.commands import deciding, measuring, running, verifying

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=pipeline.__doc__)
app.command("analyze")(running.analyze)
app.command("study")(running.lay_out)
app.command("check")(running.check)
app.add_typer(deciding.review, name="review")
app.command("agree")(deciding.agree)
app.command("evaluate")(measuring.evaluate)
app.command("audit")(verifying.audit)
app.command("trace")(verifying.trace)
app.command("bench")(measuring.bench)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

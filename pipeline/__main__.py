"""The command line: `python -m pipeline COMMAND`."""

import typer

import pipeline
from pipeline.commands import audit, bench, codebook, evaluate, exchange, release, review, roster, study, withdraw

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=pipeline.__doc__)
app.command("analyze")(study.analyze)
app.command("study")(study.lay_out)
app.command("check")(study.check)
app.command("codebook")(codebook.codebook)
app.add_typer(review.review, name="review")
app.command("import")(review.import_file)
app.command("export")(exchange.export)
app.command("agree")(review.agree)
app.command("evaluate")(evaluate.evaluate)
app.command("audit")(audit.audit)
app.command("trace")(audit.trace)
app.command("withdraw")(withdraw.withdraw)
app.command("roster")(roster.roster)
app.command("release")(release.release)
app.command("bench")(bench.bench)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

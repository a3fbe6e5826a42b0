"""`check`: every problem of a study at once; runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline import study as folders
from pipeline.errors import Problem, UserError
from pipeline.review import decisions as ledger
from pipeline.steps.loading import Brief, load_brief
from pipeline.steps.reading import load_field
from pipeline.study import Study
from pipeline.tag import match


def check(root: Path) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """(problems, remarks) of a study: what must be mended, and what its authors should look at."""
    study = folders.open_study(root)
    problems: list[Problem] = []
    remarks: list[Problem] = []
    try:
        brief = load_brief(study)
    except UserError as error:
        problems += error.problems
    else:
        problems += brief.register.problems
        remarks += [*brief.register.remarks, *match.problems(brief.codebook)]
        problems += _survey_problems(study, brief)
    problems += load_field(study).problems
    problems += _ledger_problems(study)
    if not folders.raw_files(study):
        remarks.append(
            Problem("raw/", "holds no file yet", "put transcripts into raw/interviews, exports into raw/surveys")
        )
    return tuple(problems), tuple(remarks)


def _survey_problems(study: Study, brief: Brief) -> Iterator[Problem]:
    present = {path.name for path in folders.raw_files(study)}
    for survey in brief.settings.surveys:
        if survey.file not in present:
            yield Problem(
                f"config.toml [[surveys]] {survey.file}", "there is no such file in raw/", "correct the file's name"
            )


def _ledger_problems(study: Study) -> tuple[Problem, ...]:
    try:
        ledger.load(study.coded / "decisions.jsonl")
    except UserError as error:
        return error.problems
    return ()

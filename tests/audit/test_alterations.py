"""Random alterations of every artefact, plain and consistent: found, named, and no traceback. See docs/reliability.md."""

import shutil
from pathlib import Path

import pytest
from alterations import consistent, plain
from alterations.study_copy import StudyCopy
from alterations.trials import run
from decided_study import decide

from pipeline.steps.audit import audit

SEED, TRIALS = 7, 12


@pytest.fixture(scope="module")
def study(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> StudyCopy:
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("altered") / "study")
    decide(root)
    return StudyCopy(root)


def test_case_62_plain_alterations_are_found_and_named(study: StudyCopy) -> None:
    tally = run(study, [plain.alter], trials=TRIALS, seed=SEED)
    assert (tally.found, tally.named, tally.tracebacks) == (TRIALS, TRIALS, 0), tally.lines("plain")


def test_case_68_consistent_alterations_are_found_by_counting_again(study: StudyCopy) -> None:
    tally = run(study, consistent.ALTERATIONS, trials=TRIALS, seed=SEED)
    assert (tally.found, tally.tracebacks) == (TRIALS, 0), tally.lines("consistent")


def test_hashes_that_were_renewed_change_nothing(study: StudyCopy) -> None:
    consistent.renew(study.root)
    assert [problem for check in audit(study.root) for problem in check.problems] == []
    study.restore()


def test_an_altered_id_of_the_study_is_named(study: StudyCopy) -> None:
    (study.root / "coded" / "study_id").write_text("0123456789abcdef\n")
    problems = [problem for check in audit(study.root) for problem in check.problems]
    study.restore()
    assert [problem.where for problem in problems] == ["coded/study_id"]

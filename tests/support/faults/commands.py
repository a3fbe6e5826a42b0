"""The commands that meet faults, and the small studies on which they run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd
from review_page import desk_of
from studies import NOW, SMALL, quiet

from pipeline.commands.messages import show_problems
from pipeline.evaluation import run as evaluation
from pipeline.evaluation.data import EvaluationRequest
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.review.web.answering import Answers
from pipeline.review.web.app import answer
from pipeline.review.web.desk import Desk
from pipeline.steps.analyze import analyze
from pipeline.steps.release import release
from pipeline.steps.results.agreement import agree
from pipeline.steps.review import Order, export, import_codings
from pipeline.steps.withdraw import withdraw
from pipeline.vocabulary import DecisionKind, Edition

CODINGS = "codings.csv"
WITHDRAWN = "W3"
MORE = "\n00:00:21.000 --> 00:00:24.000\n<v Jo Vale>And nobody is sick. It was worth it.</v>\n"


@dataclass(frozen=True)
class Command:
    """A command, as a function that runs it on a study and returns its exit code, and the state that the study is in before.

    Whether a call after one that came to its end changes nothing.
    """

    run: Callable[[Path, datetime], int]
    study: str = "decided"
    is_repeatable: bool = True


def _analyze(root: Path, now: datetime) -> int:
    outcome = analyze(root, fresh=False, now=now, tick=quiet)
    show_problems(outcome.problems)
    return outcome.exit_code


def _import(root: Path, now: datetime) -> int:
    result = import_codings(root, root.parent / CODINGS, coder="eva", now=now)
    show_problems(result.problems)
    return 2 if result.problems else 0


def _agree(root: Path, now: datetime) -> int:
    agree(root)
    return 0


def _evaluate(root: Path, now: datetime) -> int:
    evaluation.evaluate(root, EvaluationRequest(), _no_progress)
    return 0


def _no_progress(done: int, total: int) -> None:
    pass


def _withdraw(root: Path, now: datetime) -> int:
    result = withdraw(root, WITHDRAWN, is_removing=True, now=now, tick=quiet)
    print(*result.remaining, file=sys.stderr)  # noqa: T201
    return 2 if result.remaining else 0


def _release(root: Path, now: datetime) -> int:
    release(root, Edition.PUBLIC, now)
    return 0


def _settle(root: Path, now: datetime) -> int:
    """What the review page does when a coder saves one excerpt: opened, answered, and the answer to the browser."""
    desk = desk_of(root, "zoe")
    try:
        response = answer(lambda: _settle_last(desk), str)
    except OSError as error:
        raise RuntimeError("the server of the page answers with an error of its own, and prints where") from error
    if response.status_code != 200:
        print(bytes(response.body).decode(), file=sys.stderr)  # noqa: T201
    return 0 if response.status_code == 200 else 1


def _settle_last(desk: Desk) -> object:
    name = max(desk.study.shelf.ids)
    card = desk.excerpt(name)
    return desk.settle(
        Answers(
            excerpt_id=name,
            text_sha256=card["sha"],
            base=card["base"],
            codes={"effectiveness": "positive"},
            links={},
        )
    )


COMMANDS = {
    "analyze": Command(_analyze, study="changed"),
    "import": Command(_import),
    "agree": Command(_agree),
    "evaluate": Command(_evaluate),
    "page": Command(_settle),
    "withdraw": Command(_withdraw, is_repeatable=False),
    "release": Command(_release, study="analysed"),
}


def lay_out(folder: Path) -> dict[str, Path]:
    """The small study analysed; with a decision more; and with a changed source and a new refusal, too.

    Two coders decided, agreement was measured, and a workbook is handed out. Beside each study is a file of codings.
    """
    root = folder / "analysed" / "study"
    shutil.copytree(SMALL, root)
    analyze(root, fresh=True, now=NOW, tick=quiet)
    review(root)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    return {"analysed": root, **{name: with_news(root, folder / name) for name in ("decided", "changed")}}


def review(root: Path) -> None:
    """Let people work on an analysed study, and write a file of codings beside it."""
    for coder in ("ana", "leo"):
        _decide(root, coder, slice(0, 3))
    export(root, Order(coder="mia"), NOW)
    agree(root)
    words = _answers_in(root)["text"].iloc[1]
    pd.DataFrame({"quote": [words], "effectiveness": ["positive"]}).to_csv(root.parent / CODINGS, index=False)


def with_news(root: Path, folder: Path) -> Path:
    """A copy of a study in a new folder, with what its name says that has happened since the last run."""
    shutil.copytree(root.parent, folder)
    _decide(folder / "study", "leo", slice(3, 4))
    if folder.name == "changed":
        change(folder / "study")
    return folder / "study"


def change(root: Path) -> None:
    """Add words to a source of a study, and a refusal to its register."""
    source, register = root / "raw/interviews/jo.vtt", root / "raw/participants.csv"
    source.write_text(source.read_text("utf-8") + MORE, "utf-8")
    register.write_text(register.read_text("utf-8").replace("Tito Mar,TM,,yes", "Tito Mar,TM,,no quotes"), "utf-8")


def _answers_in(root: Path) -> pd.DataFrame:
    return pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'")


def _decide(root: Path, coder: str, which: slice) -> None:
    rows = _answers_in(root).iloc[which]
    drafts = [
        Draft(DecisionKind.CODE, name, sha256, "efficiency", value="negative")
        for name, sha256 in zip(rows["excerpt_id"], rows["text_sha256"], strict=True)
    ]
    ledger.append(root / "coded" / "decisions.jsonl", drafts, coder=coder, now=NOW)

"""`diff`: what moved between two runs, each in a study folder of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import study as folders
from pipeline import tables
from pipeline.codebook import load_codebook
from pipeline.errors import ConfigError, Problem
from pipeline.evidence import evidence_rows
from pipeline.evidence.comparison import RunState, compare
from pipeline.findings import load_register
from pipeline.privacy import consent
from pipeline.publish.html.difference import Difference
from pipeline.publish.html.difference import page as html_page
from pipeline.steps.exchange.export import load_material
from pipeline.steps.inputs import last_tables
from pipeline.steps.review import load_ledger
from pipeline.study import Study
from pipeline.vocabulary import Cause
from pipeline.wording.messages import Message, message, separated

SHOWN = 10  # codings and links that are listed one by one; all of them are in the JSON


def difference(before: Path, after: Path) -> dict[str, Any]:
    """What moved from the last run of one study folder to that of another, a later copy of it.

    ConfigError if a folder has no run, if they are two studies, or if the ledger of the later is not that of the earlier with
    lines added.
    """
    first, second = folders.locate_study(before), folders.locate_study(after)
    old, new = _state(first), _state(second)
    if old.record.get("study") != new.record.get("study"):
        what = message("steps/is_not_the_same_study_as", before=before)
        raise ConfigError(Problem(str(after), what, message("steps/compare_two_copies_of_one_study")))
    hashes = [decision.hash for decision in new.decisions[: len(old.decisions)]]
    if hashes != [decision.hash for decision in old.decisions]:
        what = message("steps/its_ledger_does_not_continue", before=before)
        raise ConfigError(Problem(str(after), what, message("steps/put_the_earlier_copy_first")))
    register = load_register(second.coded / "findings.toml", load_codebook(second.coded / "codebook.toml").ids)
    return compare(old, new, register)


def write_page(result: Mapping[str, Any], before: Path, after: Path, page: Path) -> None:
    """Write what `difference` gives as a page, with the words of excerpts that may be shown.

    ConfigError if something has changed since the later run.
    """
    material = load_material(folders.locate_study(after))
    settings = material.brief.settings.study
    excerpts = evidence_rows.with_note(material.excerpts, material.hidden, consent.note(settings.language))
    runs = [folders.last_run(folders.locate_study(root))["at"][:16].replace("T", " ") for root in (before, after)]
    content = Difference(
        result=result,
        study=settings,
        codebook=material.brief.codebook,
        register=material.brief.register,
        words=dict(zip(excerpts["excerpt_id"], excerpts["text"], strict=True)),
        runs=runs,
    )
    folders.write_atomic(page, html_page(content).encode("utf-8", "replace"))


def _state(study: Study) -> RunState:
    record = folders.last_run(study)
    if not record:
        raise ConfigError(
            Problem(
                str(study.root),
                message("steps/has_no_run_to_compare"),
                message("steps/run_make_analyze_study", root=study.root),
            )
        )
    frames = last_tables(study, (tables.CODINGS, tables.LINKS, tables.SOURCES))
    lines = int(record.get("ledger", {}).get("lines", 0))
    return RunState(record, frames["codings"], frames["links"], frames["sources"], load_ledger(study)[:lines])


def as_lines(result: Mapping[str, Any], finding_line: Any) -> Iterator[str]:
    """The result for people: strengths, then counts and the first codings and links; `finding_line` words a finding."""
    yield message("steps/diff_findings", count=len(result["findings"]))
    yield from (separated("", ["  ", finding_line(each)]) for each in result["findings"])
    for kind, target in (("codings", "criterion"), ("links", "finding_id")):
        yield from _kind(kind, result[kind], target)
    yield message("steps/diff_decisions", n=len(result["decisions"]))
    files = [*result["sources"], *result["files"]]
    yield message("steps/diff_files", files=", ".join(files) if files else message("steps/none_changed"))
    yield message("steps/diff_another_program" if result["program"] else "steps/diff_same_program")


def _kind(kind: str, changes: Sequence[Mapping[str, Any]], target: str) -> Iterator[Message]:
    causes = Counter(_cause(change) for change in changes)
    by_cause = separated(
        ", ",
        (message("steps/count_by_cause", count=count, cause=message(cause)) for cause, count in causes.most_common()),
    )
    moved = message(f"steps/diff_{kind}", count=len(changes))
    yield separated(": ", [moved, by_cause]) if changes else moved
    for change in changes[:SHOWN]:
        yield message(
            "steps/moved_coding",
            excerpt=change["excerpt_id"],
            target=change[target],
            before=change["from"] or message("steps/none"),
            after=change["to"] or message("steps/none"),
            detail=_detail(change),
        )
    if len(changes) > SHOWN:
        yield message("steps/and_more", more=len(changes) - SHOWN)


def _cause(change: Mapping[str, Any]) -> str:
    return f"cause.{Cause.of(change)}"


def _detail(change: Mapping[str, Any]) -> str:
    if lines := change.get("decisions"):
        return message("cause.line", lines=", ".join(map(str, lines)))
    return ", ".join(change.get("sources") or change.get("files") or ()) or message(_cause(change))

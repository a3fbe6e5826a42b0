"""`diff`: what moved between two runs, each in a study folder of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import study as folders
from pipeline import tables, wording
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

SHOWN = 10  # codings and links that are listed one by one; all of them are in the JSON


def difference(before: Path, after: Path) -> dict[str, Any]:
    """What moved from the last run of one study folder to that of another, a later copy of it.

    ConfigError if a folder has no run, if they are two studies, or if the ledger of the later is not that of the earlier with
    lines added.
    """
    first, second = folders.locate_study(before), folders.locate_study(after)
    old, new = _state(first), _state(second)
    if old.record.get("study") != new.record.get("study"):
        what = f"is not the same study as {before}"
        raise ConfigError(Problem(str(after), what, "compare two copies of one study folder"))
    kept = [decision.hash for decision in new.decisions[: len(old.decisions)]]
    if kept != [decision.hash for decision in old.decisions]:
        what = f"its ledger does not continue that of {before}"
        raise ConfigError(Problem(str(after), what, "put the earlier copy first"))
    register = load_register(second.coded / "findings.toml", load_codebook(second.coded / "codebook.toml").ids)
    return compare(old, new, register)


def write_page(result: Mapping[str, Any], before: Path, after: Path, page: Path) -> None:
    """Write what `difference` gives as a page, with the words of excerpts that may be shown.

    ConfigError if something changed since the later run.
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
        raise ConfigError(Problem(str(study.root), "has no run to compare", f"run: make analyze STUDY={study.root}"))
    frames = last_tables(study, (tables.CODINGS, tables.LINKS, tables.SOURCES))
    lines = int(record.get("ledger", {}).get("lines", 0))
    return RunState(record, frames["codings"], frames["links"], frames["sources"], load_ledger(study)[:lines])


def as_lines(result: Mapping[str, Any], finding_line: Any) -> Iterator[str]:
    """The result for people: strengths, then counts and the first codings and links; `finding_line` words a finding."""
    yield f"findings   {len(result['findings'])} of another strength"
    yield from (f"  {finding_line(each)}" for each in result["findings"])
    for kind, target in (("codings", "criterion"), ("links", "finding_id")):
        yield from _kind(kind, result[kind], target)
    yield f"decisions  {len(result['decisions'])} new lines of the ledger"
    yield f"files      {', '.join([*result['sources'], *result['files']]) or 'none changed'}"
    yield f"program    {'another' if result['program'] else 'the same'}"


def _kind(kind: str, changes: Sequence[Mapping[str, Any]], target: str) -> Iterator[str]:
    causes = Counter(_cause(change) for change in changes)
    by_cause = ", ".join(f"{count} by {cause}" for cause, count in causes.most_common())
    yield f"{kind:9}  {len(changes)} moved{': ' if changes else ''}{by_cause}"
    for change in changes[:SHOWN]:
        move = f"{change['from'] or 'none'} -> {change['to'] or 'none'}"
        yield f"  {change['excerpt_id']}  {change[target]}  {move}  ({_detail(change)})"
    if len(changes) > SHOWN:
        yield f"  ... and {len(changes) - SHOWN} more (--json lists all)"


def _cause(change: Mapping[str, Any]) -> str:
    return wording.text(f"cause.{Cause.of(change)}", "en")


def _detail(change: Mapping[str, Any]) -> str:
    if lines := change.get("decisions"):
        return f"line {', '.join(map(str, lines))}"
    return ", ".join(change.get("sources") or change.get("files") or [_cause(change)])

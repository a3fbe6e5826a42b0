"""`review export` and `review import`: decisions out to people and back into the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import study as folders
from pipeline import tables, wording
from pipeline.codebook import Codebook
from pipeline.errors import ConfigError, Problem, UserError
from pipeline.evidence.book import reasons
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.records import Decision
from pipeline.review import conflicts, queue, returned, saved, workbook
from pipeline.review import decisions as ledger
from pipeline.review.codebook_changes import unknown_codes
from pipeline.review.coders import coder_name
from pipeline.review.placement import places_of, with_selectors
from pipeline.review.settle import CoderDecision, State, settle
from pipeline.steps.inputs import Brief, load_brief
from pipeline.study import Study

LEDGER = "decisions.jsonl"


@dataclass(frozen=True, slots=True)
class Order:
    """What a coder is to be handed: how many excerpts, blind or not; or all that they, or that another coder, decided."""

    coder: str
    size: int = 50
    blind: bool = False
    same_as: str = ""
    again: bool = False
    conflicts: bool = False


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import came to: rows by fate, decisions written, and what could not be used."""

    counts: dict[str, int]
    written: int
    problems: tuple[Problem, ...]


def load_ledger(study: Study) -> tuple[Decision, ...]:
    """The decisions of a study."""
    return ledger.load(study.coded / LEDGER, folders.study_id(study))


def state_of(decisions: Sequence[Decision], frames: Mapping[str, pd.DataFrame], codebook: Codebook) -> State:
    """The present state of the ledger over the tables `excerpts` and `placements`.

    Raises ConfigError that lists every code that people decided on and that neither the codebook nor a change of it explains.
    """
    state = settle(decisions, places_of(decisions, frames), codebook.families)
    if state.unknown_codes:
        raise ConfigError(unknown_codes(state.unknown_codes))
    return state


def load_frames(study: Study, *names: str) -> dict[str, pd.DataFrame]:
    """Stored tables by name; ConfigError where the study was not analysed yet."""
    by_name = {table.name: table for table in tables.TABLES}
    missing = [name for name in names if not study.table(name).exists()]
    if missing:
        raise ConfigError(
            Problem(str(study.root), "has not been analysed yet", f"run: make analyze STUDY={study.root}")
        )
    return {name: tables.read_table(study.table(name), by_name[name]) for name in names}


def export(root: Path, order: Order, now: datetime) -> Path:
    """Write a review workbook for a coder into coded/review/ and return its path; never over an existing one."""
    study = folders.locate_study(root)
    brief = load_brief(study)
    frames = load_frames(study, "excerpts", "placements", "codings", "links", "votes", "queue")
    decisions = load_ledger(study)
    order = replace(order, coder=coder_name(order.coder, {d.coder for d in decisions}))
    state = state_of(decisions, frames, brief.codebook)
    kind = conflicts.KIND if order.conflicts else "review"
    path = _free(study.coded / "review" / f"{kind}-{_safe(order.coder)}-{now.date().isoformat()}.xlsx")
    path.parent.mkdir(parents=True, exist_ok=True)
    handout = workbook.Handout(
        folders.study_id(study), order.coder, len(decisions), order.blind, brief.settings.study.language
    )
    if order.conflicts:
        _write_conflicts(path, (state, frames, brief), handout, again=order.again)
    else:
        _write_review(path, (state, frames, brief), handout, order)
    return path


Held = tuple[State, "dict[str, pd.DataFrame]", Brief]  # decisions, tables and what people wrote


def _write_review(path: Path, held: Held, handout: workbook.Handout, order: Order) -> None:
    state, frames, brief = held
    chosen = _chosen(order, state, frames, brief.settings.study.seed)
    if not chosen:
        raise ConfigError(
            Problem("review export", f"nothing is left for {order.coder} to decide", "name another coder, or --same-as")
        )
    own = [o for o in state.coder_decisions if o.coder == order.coder]
    form = workbook.Form(brief.codebook, brief.register.findings)
    memos = {d.excerpt_id: d.note for d in state.memos if d.coder == order.coder}
    items = [replace(item, memo=memos.get(item.excerpt_id, "")) for item in _items(chosen, frames, brief)]
    workbook.write(path, items, handout, form, own)


def _write_conflicts(path: Path, held: Held, handout: workbook.Handout, *, again: bool) -> None:
    """The workbook of what coders differ on, with the memos of all of them."""
    state, frames, brief = held
    found = conflicts.conflicts(state, ruled=again)
    if not found:
        raise ConfigError(
            Problem("review export", "coders differ on nothing that is not ruled", "--again hands out past rulings")
        )
    chosen = [(name, "conflict") for name in dict.fromkeys(conflict.excerpt_id for conflict in found)]
    memos: dict[str, list[str]] = {}
    for d in state.memos:
        memos.setdefault(d.excerpt_id, []).append(f"{d.coder}: {d.note}")
    items = {
        item.excerpt_id: replace(item, memo="\n".join(memos.get(item.excerpt_id, ())))
        for item in _items(chosen, frames, brief)
    }
    conflicts.write(path, found, items, handout, workbook.Form(brief.codebook, brief.register.findings))


def _chosen(order: Order, state: State, frames: dict[str, pd.DataFrame], seed: int) -> list[tuple[str, str]]:
    done = {o.excerpt_id for o in state.coder_decisions if o.coder == order.coder}
    if order.again:
        return [(str(excerpt), "again") for excerpt in frames["excerpts"]["excerpt_id"] if excerpt in done]
    if order.same_as:
        theirs = sorted({o.excerpt_id for o in state.coder_decisions if o.coder == order.same_as} - done)
        return [(excerpt, "second coder") for excerpt in theirs[: order.size]]
    return queue.build_queue(frames, done=done, size=order.size, seed=seed)


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name) or "coder"


def _free(path: Path) -> Path:
    number, free = 2, path
    while free.exists():
        free, number = path.with_stem(f"{path.stem}-{number}"), number + 1
    return free


def _items(chosen: Sequence[tuple[str, str]], frames: dict[str, pd.DataFrame], brief: Brief) -> list[workbook.Item]:
    excerpts = frames["excerpts"]
    study = brief.settings.study
    codes = pseudonyms(excerpts["participant_id"], seed=study.seed)
    suggestions = _suggestions({excerpt for excerpt, _ in chosen}, frames, brief)
    rows = {str(row.excerpt_id): row for row in excerpts.itertuples(index=False)}
    order = [str(name) for name in excerpts["excerpt_id"]]
    position = {name: i for i, name in enumerate(order)}
    items = []
    for name, reason in chosen:
        row, at = rows[name], position[name]
        before, after = (_neighbour(rows, order, at + step, row.source_id) for step in (-1, 1))
        items.append(workbook.Item(
            name, str(row.text_sha256), reason, str(row.source_id), str(row.place), codes.get(str(row.participant_id), ""),
            str(row.question), before, str(row.text), after, suggestions.get(name, ""),
        ))  # fmt: skip
    return items


def _neighbour(rows: dict[str, Any], order: list[str], at: int, source_id: Any) -> str:
    if 0 <= at < len(order) and rows[order[at]].source_id == source_id:
        return str(rows[order[at]].text)
    return ""


def _suggestions(wanted: set[str], frames: dict[str, pd.DataFrame], brief: Brief) -> dict[str, str]:
    """What the machine thinks of each excerpt wanted, and why, in a few lines."""
    language = brief.settings.study.language
    names = {code.id: code.text("name", language) or code.id for code in brief.codebook.criteria}
    codings, links, votes = (
        frames[name][frames[name]["excerpt_id"].isin(list(wanted))] for name in ("codings", "links", "votes")
    )
    because = reasons(votes, language)
    lines: dict[str, list[str]] = {}
    for row in codings[codings["coded"] | codings["doubtful"]].itertuples(index=False):
        why = because.get((str(row.excerpt_id), str(row.criterion)), "")
        mark, stance = "" if row.coded else "?", wording.closed_word("stance", str(row.stance), language)
        told = f"{names.get(str(row.criterion), row.criterion)}{mark} {stance}".strip()
        lines.setdefault(str(row.excerpt_id), []).append(f"{told} p={row.probability:.2f} {why}".strip())
    for row in links.itertuples(index=False):
        direction = wording.closed_word("direction", str(row.direction), language)
        lines.setdefault(str(row.excerpt_id), []).append(f"{row.finding_id}: {direction}")
    return {name: "\n".join(said) for name, said in lines.items()}


def import_files(root: Path, files: Sequence[Path], now: datetime) -> ImportResult:
    """Read workbooks (or another coder's ledger, .jsonl) into the ledger: what is decided is appended, the rest is listed."""
    study = folders.locate_study(root)
    with folders.lock(study, "review import"):
        brief = load_brief(study)
        frames = load_frames(study, "excerpts", "placements", "texts", "turns")
        counts: Counter[str] = Counter()
        problems: list[Problem] = []
        written = 0
        for file in files:
            try:
                written += _import_one(study, brief, frames, (file, now), (counts, problems))
            except (OSError, UserError) as error:
                problems += error.problems if isinstance(error, UserError) else [_unopened(file)]
    return ImportResult(dict(sorted(counts.items())), written, tuple(problems))


def _unopened(file: Path) -> Problem:
    return Problem(file.name, "cannot be opened", "check the path, and close the file in other programs")


def _import_one(
    study: Study,
    brief: Brief,
    frames: Mapping[str, pd.DataFrame],
    given: tuple[Path, datetime],
    into: tuple[Counter[str], list[Problem]],
) -> int:
    file, now = given
    counts, problems = into
    path = study.coded / LEDGER
    if file.suffix == ".jsonl":
        merged = ledger.Ledger(path, folders.study_id(study)).merge(file.read_bytes(), file.name)
        counts["merged"] += len(merged)
        return len(merged)
    book = saved.open_workbook(file.read_bytes(), file.name)
    decisions = load_ledger(study)
    coder = coder_name(book.info.get("coder", ""), {d.coder for d in decisions})
    state = state_of(decisions, frames, brief.codebook)
    own: dict[str, list[CoderDecision]] = {}
    for opinion in state.coder_decisions:
        if opinion.coder == coder:
            own.setdefault(opinion.excerpt_id, []).append(opinion)
    memos = frozenset((d.excerpt_id, d.note) for d in state.memos if d.coder == coder)
    excerpts = frames["excerpts"]
    texts, hashes = (
        dict(zip(excerpts["excerpt_id"], excerpts[column], strict=True)) for column in ("text", "text_sha256")
    )
    present = returned.Present(folders.study_id(study), texts, hashes, own, memos, state.rulings)
    result = returned.sort_rows(book, workbook.Form(brief.codebook, brief.register.findings), present)
    counts.update(result.counts)
    problems += result.problems
    return (
        len(
            ledger.append(
                path, with_selectors(result.drafts, frames), coder=coder, now=now, study=folders.study_id(study)
            )
        )
        if result.drafts
        else 0
    )

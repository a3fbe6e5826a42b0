"""Who changed what in the codebook, when, why, and how many codings it moved; the latest first."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.records import CodebookChange, Decision
from pipeline.review.codebook_changes import at_the_root, effective
from pipeline.vocabulary import CodebookAction

Json = dict[str, Any]


def history_rows(lines: Sequence[Decision], moved: Mapping[int, int]) -> list[Json]:
    """A row for each change, with what can be done with it (`undo`, `redo` or nothing); `latest` is the last line on it."""
    changes = {line.seq: line.change for line in lines if line.change}
    latest = _latest_lines(changes)
    counting = effective(changes)
    taken_back = {change.undoes for change in counting.values()}
    rows = [
        _row(line, changes, moved=moved.get(line.seq), can=_can(line.seq, counting, taken_back))
        | {"latest": latest[line.seq]}
        for line in lines
        if line.change
    ]
    return rows[::-1]


def _latest_lines(changes: Mapping[int, CodebookChange]) -> dict[int, int]:
    """For each line the last one that took its change back, or made it again, or the line itself."""
    latest = {line: line for line in changes}
    for line, change in sorted(changes.items(), reverse=True):
        if change.undoes in latest:
            latest[change.undoes] = max(latest[change.undoes], latest[line])
    for line, change in sorted(changes.items()):
        latest[line] = max(latest[line], latest.get(change.undoes, 0))
    return latest


def former_names(lines: Sequence[Decision]) -> dict[str, dict[str, str]]:
    """The names that codes had when a change took or renamed them, by their ids then; of several the latest."""
    names: dict[str, dict[str, str]] = {}
    for line in lines:
        before = line.change.before if line.change else {}
        for code, block in {**before.get("heads", {}), **before.get("blocks", {})}.items():
            name = tomllib.loads(block)["criteria"][0].get("name", {})
            names[code] = _by_language(name)
    return names


def _can(line: int, counting: Mapping[int, CodebookChange], taken_back: set[int]) -> str:
    if line not in counting or line in taken_back:
        return ""
    return "redo" if counting[line].action is CodebookAction.UNDO else "undo"


def _row(line: Decision, changes: Mapping[int, CodebookChange], *, moved: int | None, can: str) -> Json:
    change = changes[line.seq]
    done = at_the_root(change, changes)
    undone = changes.get(change.undoes)
    is_redo = undone is not None and undone.action is CodebookAction.UNDO
    pattern = str(done.before.get("pattern", ""))
    element = tomllib.loads(done.before.get("element", "")).get("elements", [{}])[0]
    return {
        "line": line.seq,
        "at": line.at,
        "who": line.coder,
        "action": "redo" if is_redo else str(change.action),
        "of": str(done.action) if done is not change else "",
        "codes": list(done.codes),
        "into": list(done.into),
        "undoes": change.undoes,
        "pattern": pattern,
        "element": {"id": element["id"], "name": _by_language(element["name"])} if element else None,
        "note": line.note,
        "moved": moved,
        "can": can,
    }


def _by_language(name: str | Mapping[str, str]) -> dict[str, str]:
    return {"": name} if isinstance(name, str) else dict(name)

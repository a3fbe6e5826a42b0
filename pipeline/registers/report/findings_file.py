"""A register as the text of coded/findings.toml, for a person to look over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from pipeline.errors import Problem
from pipeline.findings import SECTIONS, Register
from pipeline.validation import CONTROL

HEADING = """\
# Read from {file}. Compare each entry with the report; `place` says where it was read. See docs/findings.md for the keys.
"""


def findings_text(register: Register, unread: Sequence[Problem], file: str) -> str:
    """The text of a findings file: a comment for each problem, then a block for each entry."""
    lines = [HEADING.format(file=_in_comment(file))]
    if unread:
        lines.append("# What could not be read, or only in part:\n")
        lines += [f"# - {_in_comment(str(problem))}\n" for problem in unread]
    for section in SECTIONS:
        for entry in getattr(register, section):
            lines += ["\n", f"[[{section}]]\n", *_keys(asdict(entry))]
    return "".join(lines)


def _keys(entry: dict[str, Any]) -> Iterator[str]:
    for key, value in entry.items():
        if value:
            written = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
            yield f"{key} = {CONTROL.sub(' ', written)}\n"


def _in_comment(words: str) -> str:
    return CONTROL.sub(" ", " ".join(words.split()))

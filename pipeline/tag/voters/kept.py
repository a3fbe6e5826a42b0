"""The file of a voter's answers: a line per text with what was asked, what was answered and what was understood."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from pipeline.provenance import canonical_json, sha256_text
from pipeline.tag.voters import Ballot, Opinion
from pipeline.vocabulary import Fault

FOLDER = "coded/voters"


class Place(NamedTuple):
    """Which answer a line keeps: of which version of the voter, on the text with which key."""

    version: str
    key: str


def instructions_line(version: str, instructions: str) -> str:
    """The line that keeps, once for a version, what comes before every request."""
    return _line({"version": version, "instructions": instructions, "sha256": sha256_text(instructions)})


def ballot_line(place: Place, ballot: Ballot) -> str:
    """The line that keeps a ballot."""
    opinions = [asdict(opinion) for opinion in ballot.opinions]
    row = {"opinions": opinions, "faults": ballot.faults, "request": ballot.request, "answer": ballot.answer}
    return _line({**place._asdict(), **row})


def _line(row: Mapping[str, Any]) -> str:
    return canonical_json(row).encode("utf-8", "replace").decode("utf-8") + "\n"


def read_instructions(content: str) -> dict[str, str]:
    """The lines with instructions, by version."""
    return {
        row["version"]: line
        for line, row in _rows(content)
        if isinstance(row.get("version"), str) and isinstance(row.get("instructions"), str)
    }


def read_ballots(content: str) -> dict[Place, Ballot]:
    """The ballots that a file keeps. A line that was cut, or that is none, is left out: its text is asked about again."""
    ballots = {}
    for _, row in _rows(content):
        try:
            opinions = tuple(map(_opinion, row["opinions"]))
            faults = tuple(map(Fault, row["faults"]))
            place = Place(str(row["version"]), str(row["key"]))
            ballots[place] = Ballot("", opinions, faults, str(row["request"]), str(row["answer"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
    return ballots


def _opinion(row: Mapping[str, Any]) -> Opinion:
    return Opinion(str(row["criterion"]), int(row["vote"]), float(row["score"]), str(row["quote"]))


def _rows(content: str) -> Iterator[tuple[str, dict[str, Any]]]:
    *lines, _ = content.split("\n")  # what follows the last one was cut
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield f"{line}\n", row

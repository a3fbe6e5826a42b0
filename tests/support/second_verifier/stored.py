"""The files of a study as plain rows, read by the formats of docs/tables.md."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

Row = dict[str, Any]
YES = frozenset("yes y si sí true 1 x acepta consiente accepts consents".split())


class Difference(NamedTuple):
    """A place where two files contradict each other."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


GENDERS = {  # words of a register for women and men, each of whom are one group
    **dict.fromkeys(("woman", "female", "mujer", "femenino", "femenina", "fem", "f"), "woman"),
    **dict.fromkeys(("man", "male", "hombre", "masculino", "varón", "varon", "masc", "h"), "man"),
}


class StoredStudy:
    """The stored files of a study, each read when it is first asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.record: Row = strict_json((root / "outputs" / "run.json").read_bytes())
        self._tables: dict[str, list[Row]] = {}

    def table(self, name: str) -> list[Row]:
        """The rows of a stored table."""
        if name not in self._tables:
            frame = pd.read_parquet(self.root / "coded" / "machine" / f"{name}.parquet")
            self._tables[name] = frame.to_dict("records")
        return self._tables[name]

    def csv(self, name: str) -> list[Row]:
        """The rows of a CSV file of the outputs, the apostrophes against formulas taken away."""
        with (self.root / "outputs" / name).open(encoding="utf-8", newline="") as file:
            rows = [dict(row) for row in csv.DictReader(file, strict=True)]
        for row in rows:
            for column in filter(None, row["guarded"].split(";")):
                row[column] = row[column].removeprefix("'")
        return rows

    def toml(self, name: str) -> Row:
        """A TOML file; empty where it is not there."""
        path = self.root / name
        return tomllib.loads(path.read_text("utf-8-sig")) if path.exists() else {}

    @cached_property
    def settings(self) -> Row:
        """config.toml with the defaults that docs/configuration.md states."""
        content = self.toml("config.toml")
        evidence = content.get("evidence", {})
        strong = {"persons": 10, "groups": 4, "kinds": 2, "top_share": 0.25, "confirmed": 0.25}
        moderate = {"persons": 5, "groups": 2, "kinds": 1, "top_share": 0.4, "confirmed": 0.0}
        return {
            "language": content["study"].get("language", "en"),
            "group_by": content["study"].get("group_by", "stakeholder_group"),
            "smallest_cell": content.get("disclosure", {}).get("smallest_cell", 5),
            "contested": evidence.get("contested", 0.35),
            "strong": {"confirmed": 0.25, **evidence["strong"]} if "strong" in evidence else strong,
            "moderate": {"confirmed": 0.0, **evidence["moderate"]} if "moderate" in evidence else moderate,
        }

    @cached_property
    def findings(self) -> dict[str, Row]:
        """The findings of the register, by id; of a number that is used twice, the last."""
        return {finding["id"]: finding for finding in self.toml("coded/findings.toml").get("findings", ())}

    @cached_property
    def codes(self) -> list[Row]:
        """The codes of the codebook, in order."""
        return list(self.toml("coded/codebook.toml").get("criteria", ()))

    @cached_property
    def ledger_lines(self) -> list[bytes]:
        """The lines of the ledger that the last run saw, and those after it."""
        path = self.root / "coded" / "decisions.jsonl"
        return path.read_bytes().splitlines(keepends=True) if path.exists() else []

    @cached_property
    def decisions(self) -> list[Row]:
        """The decisions that the last run saw, with one spelling per coder."""
        spelling: dict[str, str] = {}
        rows = []
        for line in self.ledger_lines[: self.record["ledger"]["lines"]]:
            row = strict_json(line)
            name = " ".join(row["coder"].split())
            rows.append({**row, "coder": spelling.setdefault(name.casefold(), name)})
        return rows

    @cached_property
    def people(self) -> dict[str, Row]:
        """The register of participants by id, with `shown`: whether their words may be shown (None: it cannot be known here)."""
        path = self.root / "raw" / "participants.csv"
        if not path.exists():
            return {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            people = {row["participant_id"].strip(): row for row in csv.DictReader(file)}
        says_consent = any("consent" in row and row["consent"].strip() for row in people.values())
        self._name_genders(people.values())
        for row in people.values():
            row["shown"] = (row.get("consent", "").strip().casefold() in YES) if says_consent else True
        for refusal in self.refusals:
            if refusal["participant_id"] in people and refusal["consent"] != "yes":
                people[refusal["participant_id"]]["shown"] = False
        return people

    @staticmethod
    def _name_genders(rows: Collection[Row]) -> None:
        """Write woman or man for the words that say so; `M` is a man beside `F`, a woman beside `H`, else as it is."""
        folded = [(row.get("gender") or "").strip().strip(".").casefold() for row in rows]
        beside = {"f", "h"}.intersection(folded)
        of_m = {"f": {"m": "man"}, "h": {"m": "woman"}}[min(beside)] if len(beside) == 1 else {}
        for row, word in zip(rows, folded, strict=True):
            row["gender"] = {**GENDERS, **of_m}.get(word, (row.get("gender") or "").strip())

    @cached_property
    def refusals(self) -> list[Row]:
        """The lines of coded/refusals.jsonl: of each person the last."""
        path = self.root / "coded" / "refusals.jsonl"
        lines = path.read_bytes().splitlines() if path.exists() else []
        return list({row["participant_id"]: row for row in map(strict_json, lines)}.values())


def strict_json(data: bytes) -> Row:
    """A JSON object in which no key is doubled."""
    content: Row = json.loads(data, object_pairs_hook=_unique)
    if not isinstance(content, dict):
        raise TypeError("not an object")
    return content


def _unique(pairs: list[tuple[str, Any]]) -> Row:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key is doubled")
    return dict(pairs)

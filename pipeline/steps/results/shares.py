"""`prevalence`: the rows of outputs/prevalence.csv for people, or the reason why there is no share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import study as folders
from pipeline.codebook import load_codebook
from pipeline.errors import ConfigError, Problem
from pipeline.publish import csvs
from pipeline.vocabulary import PrevalenceStatus

TABLE = "outputs/prevalence.csv"
WHOLE = ("drawn", "drawn_from", "more")
SHARES = ("coded_share", "share", "low", "high")


def shares(root: Path, code: str) -> list[dict[str, Any]]:
    """The rows of one code, or of all.

    ConfigError if there was no run, if the code is unknown, or if no excerpt was drawn by chance and decided.
    """
    study = folders.locate_study(root)
    path = study.root / TABLE
    if not path.exists():
        raise ConfigError(Problem(str(root), "has not been analysed yet", f"run: make analyze STUDY={root}"))
    known = load_codebook(study.coded / "codebook.toml").ids
    if code and code not in known:
        raise ConfigError(Problem(code, "is not a code of the codebook", f"use one of {', '.join(known)}"))
    data = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    rows = [_typed(row) for row in csvs.unguarded(data).to_dict("records") if code in ("", row["criterion"])]
    if rows and all(row["status"] == PrevalenceStatus.NO_SAMPLE for row in rows):
        more = max(row["more"] for row in rows)
        what = (
            "no excerpt was drawn at random and decided: machine counts are not corrected, so they are not an estimate"
        )
        remedy = f"run make review CODER=name, start a round of {more} excerpts, decide them, then run make analyze"
        raise ConfigError(Problem(code or "all codes", what, remedy))
    return rows


def _typed(row: dict[Any, str]) -> dict[str, Any]:
    numbers = {name: int(row[name]) for name in WHOLE}
    return {**row, **numbers, **{name: float(row[name]) if row[name] else None for name in SHARES}}


def as_lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The rows in columns, and what is missing for shares that could not be estimated."""
    width = max((len(_name(row)) for row in rows), default=0)
    yield f"{'code':{width}}  persons  share    95 % interval  coded (not corrected)"
    for row in rows:
        coded = f"{row['coded_persons']:>5}  {_percent(row['coded_share'])}"
        yield f"{_name(row):{width}}  {row['persons']:>7}  {_estimate(row):22}  {coded}"
    missing = {row["criterion"]: row for row in rows if not row["attribute"] and row["more"]}
    for code, row in missing.items():
        yield (
            f"{code}: {row['drawn']} of {row['drawn_from']} excerpts drawn at random are decided; "
            f"{row['more']} more for an interval of about +-10 points"
        )


def _name(row: dict[str, Any]) -> str:
    return (
        f"{row['criterion']}, {row['attribute']} {row['value'] or '-'}" if row["attribute"] else str(row["criterion"])
    )


def _estimate(row: dict[str, Any]) -> str:
    if row["status"] != PrevalenceStatus.ESTIMATED:
        return str(row["status"])
    return f"{_percent(row['share'])}    {_percent(row['low'])} to {_percent(row['high'])}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:4.0%}"

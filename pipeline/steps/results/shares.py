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
from pipeline.wording.messages import Message, in_language, message

TABLE = "outputs/prevalence.csv"
WHOLE = ("drawn", "drawn_from", "more")
SHARES = ("coded_share", "share", "low", "high")


def shares(root: Path, code: str) -> list[dict[str, Any]]:
    """The rows of one code, or of all.

    ConfigError if there was no run, if the code is unknown, or if no excerpt was drawn at random and decided.
    """
    study = folders.locate_study(root)
    path = study.root / TABLE
    if not path.exists():
        raise ConfigError(
            Problem(
                str(root),
                message("common/has_not_been_analysed_yet"),
                message("steps/run_make_analyze_study", root=root),
            )
        )
    code_ids = load_codebook(study.coded / "codebook.toml").ids
    if code and code not in code_ids:
        raise ConfigError(
            Problem(code, message("common/is_not_a_code"), message("steps/use_one_of", known=", ".join(code_ids)))
        )
    data = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    rows = [_typed(row) for row in csvs.unguarded(data).to_dict("records") if code in ("", row["criterion"])]
    if rows and all(row["status"] == PrevalenceStatus.NO_SAMPLE for row in rows):
        more = max(row["more"] for row in rows)
        what = message("steps/no_excerpt_was_drawn_at_random")
        remedy = message("steps/run_make_review_coder_name_start", more=more)
        raise ConfigError(Problem(code or message("steps/all_codes"), what, remedy))
    return rows


def _typed(row: dict[Any, str]) -> dict[str, Any]:
    numbers = {name: int(row[name]) for name in WHOLE}
    return {**row, **numbers, **{name: float(row[name]) if row[name] else None for name in SHARES}}


def as_lines(rows: Sequence[dict[str, Any]], language: str = "en") -> Iterator[str]:
    """The rows in columns, and what it would take to estimate the missing shares."""
    width = max((len(_name(row)) for row in rows), default=0)
    heads = [in_language(message(f"steps/{name}"), language) for name in ("head_code", "heads_of_shares")]
    yield f"{heads[0]:{width}}  {heads[1]}"
    for row in rows:
        coded = f"{row['coded_persons']:>5}  {_percent(row['coded_share'])}"
        yield f"{_name(row):{width}}  {row['persons']:>7}  {in_language(_estimate(row), language):22}  {coded}"
    missing = {row["criterion"]: row for row in rows if not row["attribute"] and row["more"]}
    for code, row in missing.items():
        needed = message(
            "steps/more_for_an_interval", code=code, drawn=row["drawn"], drawn_from=row["drawn_from"], more=row["more"]
        )
        yield in_language(needed, language)


def _name(row: dict[str, Any]) -> str:
    return (
        f"{row['criterion']}, {row['attribute']} {row['value'] or '-'}" if row["attribute"] else str(row["criterion"])
    )


def _estimate(row: dict[str, Any]) -> Message:
    if row["status"] != PrevalenceStatus.ESTIMATED:
        return message(f"steps/shares_{row['status'].replace(' ', '_')}")
    return message(
        "steps/estimated_share",
        share=_percent(row["share"]),
        low=_percent(row["low"]),
        high=_percent(row["high"]),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:4.0%}"

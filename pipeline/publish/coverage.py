"""What further interviews would add, and which codes occur together, as report and annex show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.codebook import Criterion
from pipeline.publish import Publication
from pipeline.publish.method import Sentence
from pipeline.vocabulary import Order, SaturationStatus

if TYPE_CHECKING:
    import pandas as pd

BASE, RUN = 4, 2  # interviews of the base and of a run, as in saturation.csv
HALF, MOST = 0.5, 0.95  # shares of the orders
SATURATION = ("codings", "order", "interviews", "base", "codes", "new", "result")  # columns
BLANK = Sentence("saturation.blank")


def saturation_rows(publication: Publication) -> tuple[tuple[Sentence, ...], ...]:
    """A row of cells for what people confirmed, and one for the machine; dashes where nothing could be counted."""
    by_coders = publication.saturation.groupby("codings", sort=False)
    return tuple(_row(str(codings), rows) for codings, rows in by_coders)


def _row(codings: str, rows: pd.DataFrame) -> tuple[Sentence, ...]:
    last = rows.iloc[-1]
    coders = Sentence(f"coders.{codings}")
    interviews = Sentence("saturation.of_all", {"n": int(last["interview"]), "all": int(last["of"])})
    if last["status"] != SaturationStatus.COUNTED:
        return coders, BLANK, interviews, BLANK, BLANK, BLANK, Sentence(f"saturation_status.{last['status']}")
    base, codes = (_figure(count_of_codes(row["codes"])) for row in (rows.iloc[BASE - 1], last))
    return coders, Sentence(f"order.{last['order']}"), interviews, base, codes, _new(last), _result(rows)


def _figure(shown: str) -> Sentence:
    return Sentence("saturation.figure", {"shown": shown})


def count_of_codes(mean: float) -> str:
    """A number of codes: whole, or a mean over orders with one digit."""
    return f"{mean:.0f}" if mean == int(mean) else f"{mean:.1f}"


def _new(last: Any) -> Sentence:
    share, low, high = (f"{last[name]:.1%}" for name in ("share", "low", "high"))
    is_held = last["order"] == Order.HELD
    return _figure(share) if is_held else Sentence("saturation.between", {"share": share, "low": low, "high": high})


def _result(rows: pd.DataFrame) -> Sentence:
    """When saturation is reached: at which interview, or in how many of the orders."""
    last = rows.iloc[-1]
    if last["order"] == Order.HELD:
        reached = _first(rows, 1.0) - RUN
        return Sentence("saturation.reached", {"at": reached}) if last["saturated"] else NOT_REACHED
    if not last["saturated"]:
        return NOT_REACHED
    if last["saturated"] < HALF:
        return Sentence("saturation.share", {"share": f"{last['saturated']:.1%}"})
    half = {"half": _first(rows, HALF)}
    if last["saturated"] < MOST:
        return Sentence("saturation.half", half)
    return Sentence("saturation.most", {**half, "most": _first(rows, MOST)})


NOT_REACHED = Sentence("saturation.not_reached")


def _first(rows: pd.DataFrame, share: float) -> int:
    """The first interview by which this share of the orders is saturated; 0 if there is none."""
    return int(rows.loc[rows["saturated"] >= share, "interview"].min()) if (rows["saturated"] >= share).any() else 0


PAIRS = 12  # of codes that occur together: what can be read at a glance; the workbook has all
COUNTS = ["excerpts", "excerpt_persons", "persons", "machine_excerpts", "machine_excerpt_persons", "machine_persons"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two codes that occur together, with the counts of people's codings and of the machine's."""

    code: Criterion
    other: Criterion
    counts: tuple[int | str, ...]  # as in COUNTS


def pairs(publication: Publication) -> tuple[Pair, ...]:
    """The codes that occur together most often: by confirmed excerpts, then by those of the machine."""
    rows = publication.cooccurrence
    rows = rows.sort_values(["excerpts", "machine_excerpts"], ascending=False, kind="stable").head(PAIRS)
    codes, counts = (rows[columns].itertuples(index=False, name=None) for columns in (["code", "other"], COUNTS))
    return tuple(
        Pair(publication.codebook[one], publication.codebook[two], tuple(map(_count, figures)))
        for (one, two), figures in zip(codes, counts, strict=True)
    )


def _count(figure: int | str) -> int | str:
    return int(figure) if str(figure).isdecimal() else figure

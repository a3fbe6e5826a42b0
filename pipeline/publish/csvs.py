"""evidence.csv and the tables of counts beside it: for other programs, safe to open in a spreadsheet."""

from __future__ import annotations

from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import tables
from pipeline.contract import REBUILD
from pipeline.errors import IntegrityError, Problem, is_of_the_disk
from pipeline.publish import Publication
from pipeline.sheets import RISKY
from pipeline.wording.messages import message

if TYPE_CHECKING:
    import pandas as pd


def write(publication: Publication, folder: Path) -> None:
    """Write evidence.csv (a row per link) and the tables of counts; those on the theory of change if the study has one."""
    write_table(publication.evidence, folder / "evidence.csv")
    write_table(publication.matrix, folder / "matrix.csv")
    write_table(publication.prevalence, folder / "prevalence.csv")
    write_table(publication.saturation, folder / "saturation.csv")
    write_table(publication.cooccurrence, folder / "cooccurrence.csv")
    write_table(publication.profiles, folder / "profiles.csv")
    if publication.theory.elements:
        write_table(publication.elements, folder / "theory_of_change.csv")
        write_table(publication.arrows, folder / "causal_paths.csv")


def guarded(data: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before cells that a spreadsheet may run, and a column `guarded` that names where."""
    text = [name for name in data.columns if data[name].dtype == "str"]
    risky = {name: data[name].str.startswith(RISKY) for name in text}
    safe = data.assign(**{name: data[name].where(~mask, "'" + data[name]) for name, mask in risky.items()})
    rows = zip(*(risky[name] for name in text), strict=True) if text else ((),) * len(data)
    return safe.assign(guarded=[";".join(compress(text, flags)) for flags in rows])


def unguarded(data: pd.DataFrame) -> pd.DataFrame:
    """The frame that was guarded, read as text: without apostrophes, and without the column `guarded`."""
    import pandas as pd

    flagged, plain = data["guarded"].str.split(";"), data.drop(columns="guarded")
    for name in plain.columns:
        is_guarded = pd.Series([name in flags for flags in flagged], index=plain.index, dtype=bool)
        plain[name] = plain[name].where(~is_guarded, plain[name].str[1:])
    return plain


def write_table(data: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, guarded."""
    guarded(data).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def as_text(data: pd.DataFrame) -> str:
    """A frame as `write_table` writes it."""
    return str(guarded(data).to_csv(index=False, lineterminator="\n"))


def read_table(path: Path, table: tables.Table) -> pd.DataFrame:
    """The frame that was written, without apostrophes, typed; IntegrityError if the file cannot be read."""
    import pandas as pd

    try:
        data = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
        return tables.typed(unguarded(data), table)
    except (OSError, ValueError, KeyError) as error:
        if isinstance(error, OSError) and is_of_the_disk(error):
            raise
        raise IntegrityError(
            Problem(path.name, message("common/cannot_be_read_as_a_table"), message(REBUILD))
        ) from error

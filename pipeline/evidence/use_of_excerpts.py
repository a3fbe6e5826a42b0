"""What became of every excerpt of a respondent: used by a finding, or why not."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from pipeline import tables
from pipeline.vocabulary import ExcerptUse, LinkStatus

COLUMNS = ["excerpt_id", "use"]
OF_LINKS = {
    LinkStatus.CONFIRMED: ExcerptUse.USED,
    LinkStatus.SUGGESTED: ExcerptUse.SUGGESTED,
    LinkStatus.REJECTED: ExcerptUse.REJECTED,
}  # of an excerpt with several links the first one here counts


def use_of_excerpts(
    respondents: pd.DataFrame, links: pd.DataFrame, codings: pd.DataFrame, *, copied: Collection[str]
) -> pd.DataFrame:
    """A row per excerpt of a respondent (COLUMNS), in the order of `respondents` (excerpt_id, source_id): the counts add up to all.

    An excerpt is used if people confirmed a link of it to a finding. `copied` are the sources that are copies of others.
    """
    by_status = {status: set(links.loc[links["status"] == status, "excerpt_id"].tolist()) for status in OF_LINKS}
    coded, doubtful = (set(codings.loc[codings[name], "excerpt_id"].tolist()) for name in ("coded", "doubtful"))

    def use(excerpt_id: str, source_id: str) -> ExcerptUse:
        if excerpt_id in by_status[LinkStatus.CONFIRMED]:
            return ExcerptUse.USED
        if source_id in copied:
            return ExcerptUse.COPY
        linked = next((OF_LINKS[status] for status, names in by_status.items() if excerpt_id in names), None)
        if linked:
            return linked
        if excerpt_id in coded:
            return ExcerptUse.NO_FINDING
        return ExcerptUse.DOUBTFUL if excerpt_id in doubtful else ExcerptUse.NOT_CODED

    uses = [str(use(*each)) for each in tables.rows_of(respondents, ["excerpt_id", "source_id"])]
    return pd.DataFrame({"excerpt_id": respondents["excerpt_id"].array, "use": uses}, columns=COLUMNS, dtype="str")

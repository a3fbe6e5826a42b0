"""The report of the evaluation itself among the documents: it would be evidence for what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.errors import Problem
from pipeline.findings import Finding
from pipeline.people import fold_name
from pipeline.vocabulary import Kind
from pipeline.wording.messages import message

if TYPE_CHECKING:
    import pandas as pd

FEWEST_WORDS = 4  # of a statement: fewer may stand in any document


def own_reports(findings: Sequence[Finding], frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """A problem for each document that holds the statements of findings word for word.

    `frames` has the tables sources and excerpts.
    """
    statements = list(filter(_is_telling, (_words(finding.statement) for finding in findings)))
    sources, excerpts = frames["sources"], frames["excerpts"]
    documents = sources[sources["kind"] == Kind.DOCUMENT]
    for source_id, path in zip(documents["source_id"], documents["path"], strict=True):
        text = "\n".join(map(_words, excerpts.loc[excerpts["source_id"] == source_id, "text"]))
        held = sum(statement in text for statement in statements)
        if held:
            what = message("registers/holds_statements_of_findings", n=held)
            yield Problem(f"raw/{path}", what, message("registers/take_the_report_out_of_raw"))


def _words(text: str) -> str:
    """The words of a text alone, between spaces."""
    return f" {fold_name(text)} "


def _is_telling(words: str) -> bool:
    return len(words.split()) >= FEWEST_WORDS

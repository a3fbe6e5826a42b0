"""What people read: workbook, report, tables and figures, all made from one Publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline import tables
from pipeline.codebook import Codebook
from pipeline.codebook.theory_of_change import TheoryOfChange
from pipeline.config import Settings
from pipeline.errors import Problem
from pipeline.findings import Register
from pipeline.records import StrengthAssessment
from pipeline.vocabulary import ReadStatus

if TYPE_CHECKING:
    import pandas as pd


# Columns by which each frame is recognised, so that swapped frames are refused.
FRAMES = {
    "evidence": tables.EVIDENCE.names,
    "coded": [
        "excerpt_id",
        "criterion",
        "stance",
        "probability",
        "status",
        "doubtful",
        "because",
        "start",
        "participant",
    ],
    "excerpts": [*tables.EXCERPTS.names, "participant", "kind", "group", "shown", "chars"],
    "matrix": ["criterion", "kind", "group", "persons", "sources", "excerpts", "positive"],
    "prevalence": ["criterion", "attribute", "value", "persons", "coded_persons", "share", "low", "high", "status"],
    "saturation": ["codings", "order", "interview", "of", "new_codes", "codes", "share", "saturated", "status"],
    "cooccurrence": ["code", "other", "excerpts", "excerpt_persons", "persons", "machine_excerpts", "machine_persons"],
    "profiles": ["attribute", "value", "criterion", "persons", "speaking", "excerpts", "machine_speaking"],
    "elements": ["element", "kind", "status", "persons", "supporting", "contradicting", "machine_persons"],
    "element_voices": ["element", "excerpt_id", "direction", "status"],
    "arrows": ["influence", "consequence", "status", "persons", "excerpts", "suggested"],
    "path_voices": ["influence", "consequence", "excerpt_id", "status", "cue"],
    "uses": ["excerpt_id", "use"],
    "sources": tables.SOURCES.names,
    "turns": tables.TURNS.names,
    "people": ["participant", "consent", "group", "country", "gender", "sources"],
    "rejected": tables.REJECTED.names,
    "reading": tables.READING.names,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """All that is published of a study. People appear by pseudonym; no name and no participant id is published.

    `evidence` is the table of that name. `coded` has a row per respondent's excerpt and code that it carries: excerpt_id,
    criterion, stance, probability, status, doubtful, because, source_id, start, participant, kind, group, country, gender;
    its words and place are those of `excerpts`, which has the last five for every excerpt, beside the columns of the table.
    `people` has a row per participant: participant, consent, group, country, gender, sources (how many they speak in).
    `matrix`, `prevalence`, `saturation`, `cooccurrence`, `profiles`, `elements`, `element_voices`, `arrows`, `path_voices` and
    `uses` as in evidence/; sources, turns, rejected and reading are the tables of those names, `texts` maps source_id to canonical
    text, in which words that are withheld are blanks.
    """

    settings: Settings
    codebook: Codebook
    register: Register
    assessments: Mapping[str, StrengthAssessment]
    evidence: pd.DataFrame
    coded: pd.DataFrame
    excerpts: pd.DataFrame
    matrix: pd.DataFrame
    prevalence: pd.DataFrame
    saturation: pd.DataFrame
    cooccurrence: pd.DataFrame
    profiles: pd.DataFrame
    theory: TheoryOfChange
    elements: pd.DataFrame
    element_voices: pd.DataFrame
    arrows: pd.DataFrame
    path_voices: pd.DataFrame
    uses: pd.DataFrame
    sources: pd.DataFrame
    turns: pd.DataFrame
    texts: Mapping[str, str]
    people: pd.DataFrame
    rejected: pd.DataFrame
    reading: pd.DataFrame
    problems: tuple[Problem, ...]
    facts: Mapping[str, int]  # persons, sources, excerpts, coded, confirmed, waiting, files, files_read, ...
    edition: str  # of the outputs: the same inputs and program give the same
    ledger_lines: int  # decisions in the ledger
    ledger_head: str  # their Merkle tree hash: proves later that they are unchanged
    version: str
    quality: Mapping[str, Any]
    agreement: Mapping[str, Any]
    note: str  # shown in place of words that are withheld at the speaker's request
    divided: frozenset[tuple[str, str]] = frozenset()  # (finding, excerpt): undecided links on which coders differ
    withheld: frozenset[str] = frozenset()  # the sources of which nothing is used, as everybody in them refuses
    remarks: tuple[Problem, ...] = ()  # on people and decisions; those on the registers are in `register`
    voters: tuple[str, ...] = ()  # further ones whose votes count, by name and model

    def __post_init__(self) -> None:
        """ValueError if a frame lacks columns, as when two frames were swapped."""
        for name, columns in FRAMES.items():
            missing = set(columns) - set(getattr(self, name).columns)
            if missing:
                raise ValueError(f"Publication.{name} lacks {', '.join(sorted(missing))}")

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The files that were read but have no identified respondent."""
        silent = self.sources[(self.sources["status"] == ReadStatus.REJECTED) & (self.sources["reader"] != "")]
        return tuple(dict.fromkeys(silent["path"].astype(str)))

    @property
    def partial(self) -> str:
        """`PARTIAL: n of m files read`, or '' if all were read."""
        read, files = self.facts["files_read"], self.facts["files"]
        return "" if read == files else f"PARTIAL: {read} of {files} files read"

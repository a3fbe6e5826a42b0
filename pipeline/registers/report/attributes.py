"""What a report says of an entry beside its words: priority, time frame, addressees and the entries that it relies on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.registers.report.marks import WORDS
from pipeline.vocabulary import RegisterSection, ReportColumn

RELATED = (
    r"(?:(?:directly )?(?:related|links?|linked|based|relates|corresponding|associated|supporting)(?: to| on| with)?(?: the)? ?|"
    r"(?:relacionad[oa]s?|vinculad[oa]s?|basad[oa]s?)(?: con| a| en)?(?: l[oa]s)? ?)?"
)
BEHIND = r"(?: relacionad[oa]s?| vinculad[oa]s?| related| no\.?)?"
LABELS = {
    ReportColumn.PRIORITY: r"(?:level of )?priority(?: level)?|(?:nivel de )?prioridad|importance|urgency|urgencia",
    ReportColumn.TIMEFRAME: (
        r"time[- ]?frame|time[- ]?line|timing|deadline|by when|due date|"
        r"plazos?|calendario|cronograma|horizonte(?: temporal)?"
    ),
    ReportColumn.ADDRESSEES: (
        r"addressed to[^:]{0,40}|addressees?|responsib(?:le|ility)(?: [a-z/ ]{1,30})?|(?:directed|targeted) (?:to|at)|"
        r"target audience|(?:for )?action by|"
        r"dirigid[oa]s? a[^:]{0,40}|destinatari[oa]s?|responsables?(?: [a-záéíóú ]{1,30})?|a cargo de"
    ),
    ReportColumn.FINDINGS: rf"{RELATED}(?:{WORDS[RegisterSection.FINDINGS]}){BEHIND}",
    ReportColumn.CONCLUSIONS: rf"{RELATED}(?:{WORDS[RegisterSection.CONCLUSIONS]}){BEHIND}",
    ReportColumn.NUMBER: r"no\.?|n\.?º|n°|#|number|número",
    ReportColumn.RECOMMENDATIONS: rf"(?:{WORDS[RegisterSection.RECOMMENDATIONS]})",
}
COLUMNS = {column: re.compile(label, re.IGNORECASE) for column, label in LABELS.items()}
BESIDE = (
    ReportColumn.PRIORITY,
    ReportColumn.TIMEFRAME,
    ReportColumn.ADDRESSEES,
    ReportColumn.FINDINGS,
    ReportColumn.CONCLUSIONS,
)
LABELLED = re.compile(
    "|".join(rf"(?P<{column}>(?<![\w-])(?:{LABELS[column]}))\s*:\s*" for column in BESIDE), re.IGNORECASE
)
PRIORITIES = {
    "high": r"(?:very )?high|urgent|critical|(?:muy )?alt[ao]|urgente",
    "medium": r"medium|moderate|medi[ao]",
    "low": r"low|baj[ao]",
}
YEAR = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:short|medium|long)[- ]term\b|\b(?:corto|mediano|medio|largo) plazo\b|immediate|inmediat",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"[\d\s,.;&–-]+(?:(?:and|y|e)[\d\s,.;&–-]+)*")
FEWEST_COLUMNS = 2


@dataclass(slots=True)
class Attributes:
    """The values of an entry by column, as the report has them."""

    values: dict[ReportColumn, str]

    def add(self, more: Mapping[ReportColumn, str]) -> None:
        """Take further values; those of a column that has one are put behind it."""
        for column, value in more.items():
            self.values[column] = "; ".join(filter(None, (self.values.get(column, ""), value)))

    @property
    def priority(self) -> str:
        """high, medium or low; blank if the report has none of these."""
        value = self.values.get(ReportColumn.PRIORITY, "")
        return next((level for level, words in PRIORITIES.items() if re.search(rf"(?i:\b(?:{words})\b)", value)), "")

    @property
    def addressees(self) -> tuple[str, ...]:
        """Who should act."""
        parts = re.split(r"\s*[;•\n]\s*", self.values.get(ReportColumn.ADDRESSEES, ""))
        return tuple(part.strip(" .,:") for part in parts if part.strip(" .,:"))


def columns_of(cells: Sequence[str]) -> tuple[ReportColumn, ...] | None:
    """The columns that a row names, if it is a row of headings: every cell names one, and two or more do."""
    columns = [_column(cell) for cell in cells]
    if len(columns) < FEWEST_COLUMNS or None in columns or not set(columns) & set(BESIDE):
        return None
    return tuple(column for column in columns if column)


def _column(cell: str) -> ReportColumn | None:
    return next((column for column, label in COLUMNS.items() if label.fullmatch(cell.strip(" :"))), None)


def in_columns(cells: Sequence[str], columns: Sequence[ReportColumn]) -> dict[ReportColumn, str]:
    """A row's cells by column. Where cells are missing, by what they look like; {} if they fit no column."""
    if len(cells) == len(columns):
        return dict(zip(columns, cells, strict=True))
    placed: dict[ReportColumn, str] = {}
    for cell in cells:
        column = _looks_like(cell, [column for column in columns if column not in placed])
        if column:
            placed[column] = cell
    return placed


def _looks_like(cell: str, columns: Sequence[ReportColumn]) -> ReportColumn | None:
    tests = {
        ReportColumn.PRIORITY: bool(Attributes({ReportColumn.PRIORITY: cell}).priority) and len(cell.split()) < 3,
        ReportColumn.TIMEFRAME: bool(YEAR.search(cell)),
        ReportColumn.FINDINGS: bool(NUMBERS.fullmatch(cell)),
        ReportColumn.CONCLUSIONS: bool(NUMBERS.fullmatch(cell)),
        ReportColumn.ADDRESSEES: any(map(str.isalpha, cell)),
    }
    return next((column for column in BESIDE if column in columns and tests[column]), None)


def labelled(words: str) -> dict[ReportColumn, str]:
    """The values of a paragraph such as `Priority: high. Time frame: 2027`; {} if it does not begin with a label."""
    matches = list(LABELLED.finditer(words))
    if not matches or matches[0].start() > 0:
        return {}
    ends = [*(match.start() for match in matches[1:]), len(words)]
    values = {}
    for match, end in zip(matches, ends, strict=True):
        values[ReportColumn(str(match.lastgroup))] = words[match.end() : end].strip(" .;|,")
    return values

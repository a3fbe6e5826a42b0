"""evidence.xlsx: the evidence book of a study, one row per fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import wording
from pipeline.codebook import Codebook, Criterion
from pipeline.findings import REGISTERS, Finding
from pipeline.publish import Publication, crossings, dependents, labels
from pipeline.publish.persons import counted_persons
from pipeline.publish.questions import QuestionRow, question_rows
from pipeline.publish.references import References, references
from pipeline.publish.theory.elements import ElementAccount, element_accounts, voice_rows
from pipeline.publish.theory.paths import path_accounts, path_rows
from pipeline.sheets import Field, Prose, Rows, Sheet, write_book, write_large_book
from pipeline.vocabulary import CodingStatus, Direction, ElementStatus, ExcerptUse, Kind, Stance, Strength
from pipeline.wording.commands import in_files
from pipeline.wording.messages import in_language

MARKS = "span_at"  # which words of a quote are marked
WIDTHS = {"quote": 80, "text": 80, "statement": 44, "reason": 44, "robustness": 36, "review_first": 36, "question": 32,
          "because": 40, "note": 40,
          "findings": 24, "conclusions": 12, "recommendations": 16,
          "addressees": 36, "place": 22, "use": 24, "carried": 30, "group": 16, "country": 11, "gender": 10,
          "kind": 11, "direction": 12, "stance": 11, "excerpt_id": 22, "finding_id": 10,
          "participant": 13, "path": 40, "source_id": 14, "name": 36, "definition": 80,
          "criterion": 20, "confirmed_sources": 36, "code": 30, "other": 30,
          "codings": 23, "order": 22, "element": 40, "leads_to": 40, "influence": 34, "consequence": 34, "element_status": 26,
          "span": 50, "family": 20, "other_family": 20, "section": 20, "reader": 16,
          "supports": 11, "qualifies": 11, "contradicts": 12,
          "priority": 10, "remarks": 40}  # fmt: skip
PERCENT = {
    "coded_share",
    "share",
    "low",
    "high",
    "top_share",
    "contradicting_share",
    "confirmed_share",
    "saturated",
    "probability",
    "score",
    "bearing",
}
COUNTED = """persons groups kinds sources confirmed suggested supports contradicts qualifies top_share contradicting_share
    confirmed_share expected_persons expected_low expected_high looks cleared unshown""".split()
COUNTS = {
    *COUNTED,
    *"""excerpts positive negative mixed chars chars_excluded participants speaking undecided interview of new_codes
    codes excerpt_persons machine_excerpts machine_excerpt_persons machine_persons supporting contradicting documents
    machine_supporting machine_contradicting machine_speaking machine_positive machine_negative machine_mixed
    other_positive other_negative other_mixed machine_other_positive machine_other_negative
    machine_other_mixed""".split(),
} - PERCENT
FINDING = """finding_id criterion statement strength suggested_only reason robustness conclusions recommendations
    persons supports qualifies contradicts""".split()
FINDINGS_PRINTED = len(FINDING)  # what follows would make the print too small to read
FINDING += [*(name for name in COUNTED if name not in FINDING), "review_first"]
QUESTION = """criterion question finding_id statement confirmed_sources persons supports qualifies contradicts undecided
    strength""".split()
EVIDENCE = """finding_id direction status quote question participant reference group country gender kind source_id place
    language criterion stance probability score bearing coding_status because span excerpt_id span_at""".split()
EXCERPT = ["excerpt_id", "participant", "group", "country", "gender", "kind", "source_id", "place", "text", "question", "stance",
           "status", "probability", "because"]  # fmt: skip
SOURCE = [
    "source_id",
    "reference",
    "path",
    "kind",
    "status",
    "language",
    "date",
    "site",
    "chars",
    "chars_excluded",
    "reader",
    "note",
]
PARTICIPANT = ["group", "country", "gender", "participants", "speaking"]
UNUSED = ["stage", "source_id", "place", "reason", "chars"]
UNUSED_EXCERPT = "use carried text question participant group country gender kind source_id place excerpt_id".split()
MATRIX = ["criterion", "kind", "group", "persons", "sources", "excerpts", "positive", "negative", "mixed"]
SATURATION = "codings order interview of new_codes codes share low high saturated status".split()
TOGETHER = """code other family other_family excerpts excerpt_persons persons positive negative mixed other_positive
    other_negative other_mixed machine_excerpts machine_excerpt_persons machine_persons machine_positive machine_negative
    machine_mixed machine_other_positive machine_other_negative machine_other_mixed""".split()
PROFILE = """attribute value criterion persons speaking excerpts positive negative mixed machine_speaking machine_excerpts
    machine_positive machine_negative machine_mixed""".split()
ELEMENT = """element element_kind leads_to element_status persons supporting contradicting excerpts documents machine_persons
    machine_supporting machine_contradicting machine_excerpts""".split()
ELEMENT_VOICE = """element direction status quote question participant group country gender kind source_id place
    excerpt_id""".split()
PATH = "influence consequence arrow_status persons excerpts documents suggested".split()
PATH_VOICE = """influence consequence status cue quote question participant group country gender kind source_id place
    excerpt_id""".split()
PREVALENCE = """attribute value criterion persons coded_persons coded_share share low high drawn drawn_from more status""".split()
# The vocabulary of a column with closed words; `status` has another one in each sheet.
SECTIONS = {
    "direction": "direction", "stance": "stance", "kind": "kind", "language": "language", "coding_status": "coded_by",
    "gender": "sex", "attribute": "attribute", "stage": "stage", "reason": "reason", "codings": "coders", "order": "order",
    "use": "excerpt_use", "family": "family", "other_family": "family",
}  # fmt: skip
CLOSED = {
    "strength": Strength,
    "direction": Direction,
    "stance": Stance,
    "kind": Kind,
    "coded_by": CodingStatus,
    "element_status": ElementStatus,
}
AT_A_TIME = 2_000  # rows of a sheet that are held
LARGE = 100_000  # codings and excerpts from which on the book is not made in memory
ROWS_OF_SOURCES = 400  # up to this number, a survey's rows are listed one by one


def write(publication: Publication, folder: Path) -> None:
    """Write evidence.xlsx into `folder`; equal publications give equal bytes."""
    title = publication.settings.study.title
    put = write_large_book if len(publication.coded) + len(publication.uses) > LARGE else write_book
    put(folder / "evidence.xlsx", pages(publication), title=title)


def pages(publication: Publication) -> Iterator[Sheet | Prose]:
    """The sheets of the evidence book, in order."""
    words = Words(publication.settings.study.language, publication.codebook)
    yield _read_me(publication, words)
    named = references(publication)
    findings = _finding_rows(publication, words, named)
    yield words.sheet("findings", FINDING, findings, frozen=2, printed=FINDINGS_PRINTED)
    evidence = words.with_groups(publication.evidence)
    speakers = zip(evidence["source_id"], evidence["participant"], strict=True)
    evidence = evidence.assign(reference=[named.of(source, who) for source, who in speakers])
    rows = words.rows(evidence, EVIDENCE, status="link")
    yield words.sheet("evidence", EVIDENCE, rows, printed=EVIDENCE.index("place") + 1)
    for criterion in publication.codebook.of_family(publication.codebook.main_family):
        name = criterion.text("name", words.language)
        rows = words.rows(words.with_groups(_coded_with(publication, criterion)), EXCERPT, status="coded_by")
        yield Sheet(sheet_name(name), words.fields(EXCERPT), rows, printed=EXCERPT.index("status") + 1)
    questions = [_question_row(row, words) for row in question_rows(publication, named)]
    yield words.sheet("questions", QUESTION, questions, frozen=3)
    yield from _theory(publication, words)
    yield words.sheet(
        "matrix",
        MATRIX,
        words.rows(words.with_groups(publication.matrix), MATRIX),
        frozen=3,
        shade=("persons", "sources", "excerpts"),
    )
    yield words.sheet(
        "prevalence", PREVALENCE, words.rows(_shares(publication), PREVALENCE, status="prevalence"), frozen=3
    )
    yield words.sheet(
        "saturation",
        SATURATION,
        words.rows(_blanked(publication.saturation), SATURATION, status="saturation_status"),
        frozen=3,
    )
    yield words.sheet("together", TOGETHER, words.rows(_with_families(publication), TOGETHER), frozen=2, printed=10)
    yield words.sheet("profiles", PROFILE, words.rows(_profiles(publication, words), PROFILE), frozen=3)
    sources = (
        publication.sources.drop_duplicates("path")
        if len(publication.sources) > ROWS_OF_SOURCES
        else publication.sources
    )
    sources = sources.assign(
        status=sources["status"].where(~sources["path"].isin(publication.unanswered), "unanswered"),
        reference=[named.sources.get(source, "") for source in sources["source_id"]],
    )
    yield words.sheet("sources", SOURCE, words.rows(sources, SOURCE, status="reading"))
    yield words.sheet("participants", PARTICIPANT, _participant_rows(publication, words))
    yield words.sheet("registers", REGISTER, _register_rows(publication, words), frozen=2)
    yield words.sheet("unused", UNUSED_EXCERPT, words.rows(_unused(publication, words), UNUSED_EXCERPT), printed=5)
    yield words.sheet("not_used", UNUSED, words.rows(publication.rejected, UNUSED))
    yield words.sheet("codebook", ["criterion", "family", "name", "definition"], _codebook_rows(publication, words))


def _theory(publication: Publication, words: Words) -> Iterator[Sheet]:
    """The elements of the theory of change, and the words behind each; nothing if the study has none."""
    accounts = element_accounts(publication)
    if not accounts:
        return
    yield words.sheet("theory", ELEMENT, [_element_row(each, words) for each in accounts], frozen=1)
    names = {account.element.id: account.element.name_in(words.language) for account in accounts}
    voices = words.with_groups(voice_rows(publication).rename(columns={"text": "quote"}))
    voices = voices.assign(element=voices["element"].map(names))
    rows = words.rows(voices, ELEMENT_VOICE, status="link")
    yield words.sheet("theory_words", ELEMENT_VOICE, rows, printed=ELEMENT_VOICE.index("participant") + 1)

    paths = [
        (
            names[path.influence.id],
            names[path.consequence.id],
            words.cell("arrow_status", "", path.status),
            *(path.counts[name] for name in PATH[3:]),
        )
        for path in path_accounts(publication)
    ]
    yield words.sheet("paths", PATH, paths, frozen=2)
    stated = words.with_groups(path_rows(publication).rename(columns={"text": "quote"}))
    stated = stated.assign(**{name: stated[name].map(names) for name in ("influence", "consequence")})
    rows = words.rows(stated, PATH_VOICE, status="path_status")
    yield words.sheet("path_words", PATH_VOICE, rows, printed=PATH_VOICE.index("participant") + 1)


def _element_row(account: ElementAccount, words: Words) -> tuple[Any, ...]:
    element = account.element
    kind, status = words.cell("element_kind", "", element.kind), words.cell("element_status", "", account.status)
    counts = (account.counts[name] for name in ELEMENT[4:])
    return element.name_in(words.language), kind, account.leading_to(words.language), status, *counts


def _unused(publication: Publication, words: Words) -> pd.DataFrame:
    """The excerpts of respondents that no finding uses, with the names of their codes, in the order of their sources."""
    rows = publication.uses[publication.uses["use"] != ExcerptUse.USED]
    rows = rows.merge(publication.excerpts, on="excerpt_id", how="left", validate="one_to_one")
    coded = publication.coded[publication.coded["excerpt_id"].isin(rows["excerpt_id"])]
    names = coded["criterion"].map(words.codes).groupby(coded["excerpt_id"]).agg("; ".join)
    carried = rows["excerpt_id"].map(names).astype("str").fillna("")
    return words.with_groups(rows.assign(carried=carried)).sort_values(["source_id", "start"], kind="stable")


def _shares(publication: Publication) -> pd.DataFrame:
    """The shares of persons, by group within each attribute; a share that could not be estimated is a blank cell."""
    rows = _blanked(publication.prevalence)
    values = [
        labels.group_name(value) if key == "group" else value
        for key, value in zip(rows["attribute"], rows["value"], strict=True)
    ]
    return rows.assign(value=values)


def _with_families(publication: Publication) -> pd.DataFrame:
    """The codes that occur together, with the family of each."""
    rows, families = publication.cooccurrence, {code.id: code.family for code in publication.codebook.criteria}
    return rows.assign(family=rows["code"].map(families), other_family=rows["other"].map(families))


def _profiles(publication: Publication, words: Words) -> pd.DataFrame:
    """The profiles by group, with attributes and values as people read them."""
    rows = publication.profiles
    names = [
        crossings.value_name(attribute, value, words.language)
        for attribute, value in zip(rows["attribute"], rows["value"], strict=True)
    ]
    attributes = {name: crossings.attribute_name(name, words.language) for name in rows["attribute"].unique()}
    return rows.assign(attribute=rows["attribute"].map(attributes), value=names)


def _blanked(data: pd.DataFrame) -> pd.DataFrame:
    """The frame with blanks in the place of missing figures."""
    rows = data.astype("object")
    return rows.where(rows.notna(), "")


class Words:
    """Headings, sheet names and the words in cells, in one language."""

    def __init__(self, language: str, codebook: Codebook) -> None:
        self.language = language
        self.codes = {code.id: code.text("name", language) or code.id for code in codebook.criteria}
        words = wording.book("evidence_book", language)
        self.columns: dict[str, str] = words["columns"]
        self.headings: dict[str, dict[str, str]] = words["headings"]  # of single sheets
        self.meanings = {key: in_files(meaning, language) for key, meaning in words["meanings"].items()}
        self.names: dict[str, str] = words["sheets"]
        self.marks: dict[str, str] = words["marks"]
        self.read_me: list[dict[str, str]] = words["read_me"]

    def sheet(
        self,
        name: str,
        keys: Sequence[str],
        rows: Rows,
        *,
        frozen: int = 1,
        printed: int = 0,
        shade: Sequence[str] = (),
    ) -> Sheet:
        """A sheet of these columns, with name and headings in the language of the study."""
        headings = {**self.columns, **self.headings.get(name, {})}
        return Sheet(self.names[name], self.fields(keys, shade, headings), rows, frozen, printed)

    def fields(
        self, keys: Sequence[str], shade: Sequence[str] = (), headings: Mapping[str, str] | None = None
    ) -> tuple[Field, ...]:
        """The columns of these keys, headed in the language; `headings` are those of a sheet, where it has its own."""
        return tuple(
            Field(
                key,
                (headings or self.columns).get(key, key),
                WIDTHS.get(key, 14),
                WIDTHS.get(key, 14) >= 16,
                shade=key in shade,
                percent=key in PERCENT,
                count=key in COUNTS,
                hidden=key == MARKS,
                marked_by=MARKS if key == "quote" and MARKS in keys else "",
            )
            for key in keys
        )

    def rows(self, data: pd.DataFrame, keys: Sequence[str], *, status: str = "") -> RowsOf:
        """The frame's rows as tuples, in the order of `keys`; `status` is the section of the words in the column of that name."""
        sections = {**SECTIONS, "status": status}
        return RowsOf(data, keys, lambda key, value: self.cell(sections.get(key, ""), key, value))

    def person(self, group: str, country: str, gender: str) -> tuple[str, str, str]:
        """The attributes of a person, as the cells of a row."""
        return self.group(group), country, wording.closed_word("sex", gender, self.language)

    def with_groups(self, data: pd.DataFrame) -> pd.DataFrame:
        """The frame with *no group* for persons without a group; documents have a blank."""
        groupless = (data["group"] == "") & (data["kind"] != Kind.DOCUMENT)
        return data.assign(group=data["group"].mask(groupless, self.group("")))

    def partial(self, publication: Publication) -> str:
        """`PARTIAL: n of m files read`, or '' if all were read."""
        read, files = publication.facts["files_read"], publication.facts["files"]
        return "" if read == files else wording.text("overview.partial", self.language, read=read, files=files)

    def cell(self, section: str, key: str, value: Any) -> Any:
        """A value as people read it: closed words, codes, places and groups in the language, all else as it is."""
        if section:
            return wording.closed_word(section, value, self.language)
        if key in ("criterion", "code", "other"):
            return self.codes.get(value, value)
        if key == "place":
            return wording.place(value, self.language)
        return labels.group_name(value) if key == "group" else value

    def group(self, name: str) -> str:
        """A group as people read it; persons without one have a row of their own."""
        return labels.group_name(name) or wording.text("matrix.no_group", self.language)

    def column(self, key: str, meaning: str) -> str:
        """A column's heading and meaning, with its closed words."""
        closed = {section: self._listed(section, words) for section, words in CLOSED.items()}
        return f"{self.columns[key]}: {meaning.format(**closed)}"

    def _listed(self, section: str, words: Iterable[str]) -> str:
        return ", ".join(wording.closed_word(section, word, self.language) for word in words)


def _coded_with(publication: Publication, criterion: Criterion) -> pd.DataFrame:
    """The excerpts that carry a criterion, with their words, in the order of their sources."""
    coded = publication.coded[publication.coded["criterion"] == criterion.id]
    words = publication.excerpts[["excerpt_id", "text", "question", "place"]]
    words = words[words["excerpt_id"].isin(coded["excerpt_id"])]
    ordered = coded.sort_values(["source_id", "start"], kind="stable")
    return ordered.merge(words, on="excerpt_id", how="left", validate="one_to_one")


@dataclass(frozen=True, slots=True)
class RowsOf:
    """A frame's rows as tuples, in the order of `keys`: made in batches each time they are iterated over."""

    data: pd.DataFrame
    keys: Sequence[str]
    cell: Callable[[str, Any], Any]  # a value as people read it, by key

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for at in range(0, len(self.data), AT_A_TIME):
            part = self.data.iloc[at : at + AT_A_TIME]
            yield from zip(*(self._column(part, key) for key in self.keys), strict=True)

    def _column(self, part: pd.DataFrame, key: str) -> list[Any]:
        return [self.cell(key, value) for value in part[key].astype(object)]


def sheet_name(name: str) -> str:
    r"""A name that a workbook accepts: no []:*?/\, 31 characters at most, no apostrophe at its ends."""
    return "".join(" " if c in "[]:*?/\\" or not c.isprintable() else c for c in name).strip("' ")[:31] or "Sheet"


def _read_me(publication: Publication, words: Words) -> Prose:
    settings = publication.settings
    facts = {
        **publication.facts,
        "title": settings.study.title,
        "subtitle": settings.study.subtitle,
        "date": settings.study.date,
        "internal": wording.text("edition.internal", settings.study.language),
        "edition": publication.edition,
        "ledger_lines": publication.ledger_lines,
        "ledger_head": publication.ledger_head,
        "codebook": publication.codebook.version,
        "version": publication.version,
        "partial": words.partial(publication),
        "smallest_cell": settings.disclosure.smallest_cell,
    }
    lines = [(line["heading"].format(**facts), line.get("text", "").format(**facts)) for line in words.read_me]
    columns = [("", words.column(key, meaning)) for key, meaning in words.meanings.items()]
    return Prose(words.names["read_me"], [*[line for line in lines if any(line)], *columns])


def _finding_rows(publication: Publication, words: Words, named: References) -> list[tuple[Any, ...]]:
    sources = publication.evidence.groupby("finding_id")["source_id"].unique()
    return [
        _finding_row(finding, publication, words, named.named_in(standing.robustness, sources.get(finding.id, ())))
        for finding in publication.register.findings
        for standing in [publication.assessments[finding.id]]
    ]


def _finding_row(finding: Finding, publication: Publication, words: Words, hangs_on: str) -> tuple[Any, ...]:
    register, assessment = publication.register, publication.assessments[finding.id]
    cells = {
        **{key: "" if (count := assessment.shown(key)) is None else count for key in COUNTED},
        "finding_id": finding.id,
        "criterion": words.codes[finding.criterion],
        "statement": finding.statement,
        "strength": words.cell("strength", "", assessment.strength),
        "suggested_only": words.marks["suggested_only"] if assessment.suggested_only else "",
        "reason": assessment.reason,
        "robustness": hangs_on,
        "review_first": ", ".join(assessment.review_first),
        "conclusions": dependents.resting(finding, register.conclusions),
        "recommendations": dependents.resting(finding, register.recommendations),
    }
    return tuple(cells[key] for key in FINDING)


def _question_row(row: QuestionRow, words: Words) -> tuple[Any, ...]:
    finding = row.finding
    texts = (words.codes[finding.criterion], finding.question, finding.id, finding.statement)
    counts = (row.persons, row.supports, row.qualifies, row.contradicts, row.undecided)
    return *texts, row.sources(words.language), *counts, row.rating(words.language)


REGISTER = ["section", "id", "statement", "priority", "timeframe", "addressees", "findings", "conclusions", "remarks"]


def _register_rows(publication: Publication, words: Words) -> list[tuple[Any, ...]]:
    register = publication.register
    rows = []
    for section in REGISTERS:
        for entry in getattr(register, section):
            joined = [", ".join(getattr(entry, name, ())) for name in ("addressees", "findings", "conclusions")]
            notes = [in_language(r.what, words.language) for r in register.remarks if r.where.endswith(f" {entry.id}")]
            if shaky := dependents.remark(section, entry, publication.assessments):
                notes.append(in_language(shaky, words.language))
            rows.append(
                (
                    words.cell("section", "", section),
                    entry.id,
                    entry.statement,
                    words.cell("rank", "", getattr(entry, "priority", "")),
                    getattr(entry, "timeframe", ""),
                    *joined,
                    "; ".join(notes),
                )
            )
    return rows


def _participant_rows(publication: Publication, words: Words) -> list[tuple[Any, ...]]:
    """Numbers of people by group, country and gender, those in no register included; cells below the smallest are "<k"."""
    counts = counted_persons(publication, ("group", "country", "gender"))
    return [(*words.person(*each.attributes), each.registered, each.speaking) for each in counts]


def _codebook_rows(publication: Publication, words: Words) -> list[tuple[Any, ...]]:
    return [
        (c.id, words.cell("family", "", c.family), words.codes[c.id], c.text("definition", words.language))
        for c in publication.codebook.criteria
    ]

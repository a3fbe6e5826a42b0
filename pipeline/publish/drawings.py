"""What each figure is drawn from: words, counts and colours. Equal drawings give equal files, so none is drawn twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import wording
from pipeline.codebook import Codebook, Criterion
from pipeline.findings import Finding
from pipeline.provenance import key_of
from pipeline.publish import Publication, labels
from pipeline.publish.html import findings as report_findings
from pipeline.publish.html import tables as report_tables
from pipeline.publish.html import trust as report_trust
from pipeline.publish.html.trust import Dot
from pipeline.publish.theory import drawing as theory_drawing
from pipeline.publish.theory.elements import element_accounts
from pipeline.publish.theory.paths import path_accounts
from pipeline.vocabulary import Direction, Kind, LinkStatus, Stance, Strength

if TYPE_CHECKING:
    import pandas as pd

Files = Mapping[str, bytes]  # of one figure, by file name
SUFFIXES = ("svg", "png")
THEORY = "theory-of-change"


@dataclass(frozen=True, slots=True)
class Code:
    """A code as a figure shows it."""

    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding as a figure shows it, with the id of its criterion."""

    name: str
    criterion: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that one figure shows."""

    language: str

    @property
    def key(self) -> str:
        """A key that equal drawings share, and no others."""
        return key_of(type(self).__name__, asdict(self))


@dataclass(frozen=True, slots=True)
class Strengths(Drawing):
    """Findings, each on the rung of its strength."""

    criteria: Mapping[str, Code]  # in the order of the key
    rungs: Mapping[str, Sequence[Mark]]


@dataclass(frozen=True, slots=True)
class PersonsByFinding(Drawing):
    """Distinct persons of each finding: those whose words a person confirmed, and with those of the machine."""

    criteria: Mapping[str, Code]
    findings: Sequence[Mark]
    confirmed: Mapping[str, Sequence[int]]  # by direction, a number for each finding
    every: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A kind of source or a group, with its excerpts of each code."""

    name: str
    excerpts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Matrix(Drawing):
    """Excerpts of each code, by kind of source and group."""

    codes: Sequence[Code]
    rows: Sequence[MatrixRow]


@dataclass(frozen=True, slots=True)
class StanceByCriterion(Drawing):
    """Excerpts of each code, by their stance; "" for none."""

    codes: Sequence[Code]
    excerpts: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class ExcerptsByCountry(Drawing):
    """Excerpts of each country, by code; the last country is blank."""

    codes: Sequence[Code]
    countries: Sequence[str]
    excerpts: Sequence[Sequence[int]]  # for each code, a number for each country


@dataclass(frozen=True, slots=True)
class MeasuredCode:
    """How well a code was given."""

    code: Code
    precision: Dot | None
    recall: Dot | None
    f1: Dot | None


@dataclass(frozen=True, slots=True)
class Quality(Drawing):
    """How well each code was given."""

    rows: Sequence[MeasuredCode]


@dataclass(frozen=True, slots=True)
class Reliability(Drawing):
    """Probabilities that the machine gave, and the share of them that was right."""

    bins: Sequence[report_trust.Bin]


@dataclass(frozen=True, slots=True)
class TheoryBox:
    """An element: its place in pixels, its kind and status (closed words), and the lines of text in it."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    status: str
    heading: str
    name: Sequence[str]
    below: Sequence[str]


@dataclass(frozen=True, slots=True)
class TheoryArrow:
    """An arrow: its path as in SVG, its status, and how many persons state it, beside its end."""

    path: str
    x: float
    y: float
    status: str
    is_feedback: bool
    persons: int


@dataclass(frozen=True, slots=True)
class TheoryOfChange(Drawing):
    """The elements and arrows of the theory of change, with who speaks for and against each."""

    width: float
    height: float
    boxes: Sequence[TheoryBox]
    arrows: Sequence[TheoryArrow]


def write(publication: Publication, folder: Path, earlier: Mapping[str, Files]) -> dict[str, str]:
    """Write every figure into `folder`/figures, in the study's language; returns the key of each by its name.

    `earlier` holds the files of figures drawn before, by key: they are written unchanged.
    """
    target = folder / "figures"
    target.mkdir(parents=True, exist_ok=True)
    wanted = drawings(publication)
    files = [earlier[drawing.key] for drawing in wanted.values() if drawing.key in earlier]
    anew = {name: drawing for name, drawing in wanted.items() if drawing.key not in earlier}
    if anew:
        from pipeline.publish import figures  # matplotlib is loaded only to draw

        files.append(figures.rendered(lambda: {name: figures.draw(drawing) for name, drawing in anew.items()}))
    for each in files:
        for name, data in each.items():
            (target / name).write_bytes(data)
    return {name: drawing.key for name, drawing in wanted.items()}


def drawings(publication: Publication) -> dict[str, Drawing]:
    """What the figures are drawn from, by name; figures that would be empty are left out."""
    made: dict[str, Drawing] = {}
    if publication.register.findings:
        made["findings-by-strength"] = strengths(
            report_findings.ordered(publication),
            {name: assessment.strength for name, assessment in publication.assessments.items()},
            codebook=publication.codebook,
            language=publication.settings.study.language,
        )
        made["persons-by-finding"] = _persons_by_finding(publication)
    grid = report_tables.main_grid(publication)
    if grid.cells:
        made["matrix"] = _matrix(publication, grid)
    if publication.codebook.criteria and len(publication.coded):
        made["stance-by-criterion"] = _stance_by_criterion(publication)
        made["excerpts-by-country"] = _excerpts_by_country(publication)
    for theory in theory_drawing.drawings(element_accounts(publication), path_accounts(publication)):
        if theory.name == "wide":
            made[THEORY] = _theory_of_change(theory, publication.settings.study.language)
    trust = report_trust.trust(publication)
    if trust is not None:
        made["quality"] = _quality(publication, trust)
        if trust.reliability:
            made["reliability"] = Reliability(publication.settings.study.language, trust.reliability)
    return made


def _theory_of_change(theory: theory_drawing.Drawing, language: str) -> TheoryOfChange:
    paths = [(line, theory.paths[line.arrow]) for line in theory.layout.lines]
    return TheoryOfChange(
        language,
        width=theory.layout.width,
        height=theory.layout.height,
        boxes=[_theory_box(each, language) for each in theory.boxes],
        arrows=[
            TheoryArrow(line.path, line.x, line.y, str(path.status), line.is_feedback, path.counts["persons"])
            for line, path in paths
        ],
    )


def _theory_box(drawn: theory_drawing.DrawnBox, language: str) -> TheoryBox:
    box, account = drawn.box, drawn.account
    counts = account.counts
    below = [wording.closed_word("element_status", account.status, language)]
    below.append(wording.text("theory.sides", language, **{side: counts[side] for side in SIDES}))
    if counts["machine_excerpts"]:
        below.append(wording.text("theory.machine_count", language, persons=counts["machine_persons"]))
    return TheoryBox(
        box.x,
        box.y,
        width=box.width,
        height=box.height,
        kind=str(account.element.kind),
        status=str(account.status),
        heading=wording.closed_word("element_kind", account.element.kind, language),
        name=drawn.lines[language],
        below=below,
    )


SIDES = ("supporting", "contradicting")


def strengths(
    findings: Sequence[Finding], strengths_by_id: Mapping[str, Strength], *, codebook: Codebook, language: str
) -> Strengths:
    """The findings, each on the rung of its strength, in the order in which they come."""
    rungs: dict[str, list[Mark]] = {str(word): [] for word in Strength}
    for finding in findings:
        rungs[str(strengths_by_id[finding.id])].append(Mark(labels.short(finding.id, 6), finding.criterion))
    return Strengths(language, criteria_of(findings, codebook, language), rungs)


def criteria_of(findings: Sequence[Finding], codebook: Codebook, language: str) -> dict[str, Code]:
    """The criteria of some findings, by id, in the order in which they come."""
    used = dict.fromkeys(finding.criterion for finding in findings)
    return dict(zip(used, codes_as_shown([codebook[name] for name in used], codebook, language), strict=True))


def codes_as_shown(codes: Sequence[Criterion], codebook: Codebook, language: str) -> tuple[Code, ...]:
    """Codes with their short names and colours."""
    colours = labels.colours(codebook)
    return tuple(Code(labels.short(code.text("name", language) or code.id), colours[code.id]) for code in codes)


def _persons_by_finding(publication: Publication) -> PersonsByFinding:
    findings = report_findings.ordered(publication)
    used = publication.evidence[publication.evidence["status"] != LinkStatus.REJECTED]
    speaking = used[used["participant"] != ""]
    confirmed = speaking[speaking["status"] == LinkStatus.CONFIRMED]
    language = publication.settings.study.language
    return PersonsByFinding(
        language,
        criteria=criteria_of(findings, publication.codebook, language),
        findings=[Mark(labels.short(finding.id, 12), finding.criterion) for finding in findings],
        confirmed=_persons(confirmed, findings),
        every=_persons(speaking, findings),
    )


def _persons(evidence: pd.DataFrame, findings: Sequence[Finding]) -> dict[str, list[int]]:
    """How many persons speak in the links, by direction, a number for each finding."""
    counts = evidence.groupby(["direction", "finding_id"])["participant"].nunique()
    ids = [finding.id for finding in findings]
    return {str(word): _at(counts, product([str(word)], ids)) for word in Direction}


def _at(counts: pd.Series[int], places: Iterable[tuple[str, str]]) -> list[int]:
    """The count at each place, 0 where there is none."""
    return [int(counts.get(place, 0)) for place in places]


def _matrix(publication: Publication, grid: report_tables.Grid) -> Matrix:
    language = publication.settings.study.language
    rows = []
    for kind, of_kind in grid.kinds:
        for group, cells in of_kind:
            rows.append(MatrixRow(_place(kind, group, language), [cell.excerpts for cell in cells]))
    return Matrix(language, codes=codes_as_shown(grid.codes, publication.codebook, language), rows=rows)


def _place(kind: str, group: str, language: str) -> str:
    shown = labels.closed_in("kind", kind, language)
    if kind == Kind.DOCUMENT:
        return shown
    return f"{shown}, {labels.short(labels.group_name(group), 24) or wording.text('matrix.no_group', language)}"


def _stance_by_criterion(publication: Publication) -> StanceByCriterion:
    language, codes = publication.settings.study.language, _main_family(publication)
    ids = [code.id for code in codes]
    counts = publication.coded.groupby(["criterion", "stance"]).size()
    return StanceByCriterion(
        language,
        codes=codes_as_shown(codes, publication.codebook, language),
        excerpts={
            str(stance): _at(counts, product(ids, [str(stance)]))
            for stance in (Stance.POSITIVE, Stance.MIXED, Stance.NEGATIVE, "")
        },
    )


def _excerpts_by_country(publication: Publication) -> ExcerptsByCountry:
    language, codes, coded = publication.settings.study.language, _main_family(publication), publication.coded
    counts = coded.groupby(["criterion", "country"]).size()
    countries = [*sorted(set(coded.loc[coded["criterion"].isin([c.id for c in codes]), "country"]) - {""}), ""]
    return ExcerptsByCountry(
        language,
        codes=codes_as_shown(codes, publication.codebook, language),
        countries=[labels.short(country, 16) or wording.text("figure.no_country", language) for country in countries],
        excerpts=[_at(counts, product([code.id], countries)) for code in codes],
    )


def _main_family(publication: Publication) -> Sequence[Criterion]:
    return publication.codebook.of_family(publication.codebook.main_family)


def _quality(publication: Publication, trust: report_trust.Trust) -> Quality:
    language, codebook = publication.settings.study.language, publication.codebook
    shown = dict(zip(codebook.ids, codes_as_shown(codebook.criteria, codebook, language), strict=True))
    return Quality(
        language,
        rows=[
            MeasuredCode(
                shown.get(row.code, Code(labels.short(row.code), labels.NEUTRAL)), row.precision, row.recall, row.f1
            )
            for row in trust.rows
        ],
    )

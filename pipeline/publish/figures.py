"""Figures for reports and slides, as PNG and SVG: the same publication gives the same bytes."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from pipeline import wording
from pipeline.codebook import Codebook, Criterion
from pipeline.findings import Finding
from pipeline.publish import Publication, labels, quality_figures
from pipeline.publish.html import findings as report_findings
from pipeline.publish.html import tables as report_tables
from pipeline.vocabulary import Direction, Kind, LinkStatus, Stance, Strength

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

INK, MUTED, LINE = "#1d2024", "#565c66", "#dddad3"
STYLE: Any = {
    "svg.hashsalt": "hallazgo",
    "svg.fonttype": "path",
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": LINE,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "hatch.linewidth": 0.6,
    "hatch.color": "#c9c5bc",
}
FORMATS: Any = {
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "png": {"dpi": 160, "metadata": {"Software": None}},
}


def write(publication: Publication, folder: Path) -> None:
    """Write every figure into `folder`/figures, in the study's language."""
    save(partial(figures, publication), folder)


def save(draw: Callable[[], Mapping[str, Figure]], folder: Path) -> None:
    """Write what `draw` makes into `folder`/figures as PNG and SVG."""
    target = folder / "figures"
    target.mkdir(parents=True, exist_ok=True)
    for name, data in rendered(draw).items():
        (target / name).write_bytes(data)


def rendered(draw: Callable[[], Mapping[str, Figure]]) -> dict[str, bytes]:
    """What `draw` makes, by file name, as PNG and SVG without the day or the program in them."""
    files: dict[str, bytes] = {}
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # of a script that the font does not have
        for name, figure in draw().items():
            figure.draw_without_rendering()
            figure.set_layout_engine("none")  # laid out once, for both files
            for suffix, settings in FORMATS.items():
                data = BytesIO()
                figure.savefig(data, format=suffix, **settings)
                files[f"{name}.{suffix}"] = data.getvalue()
    return files


def figures(publication: Publication) -> dict[str, Figure]:
    """The figures by file name; those that would be empty are left out."""
    drawn: dict[str, Figure] = {}
    if publication.register.findings:
        drawn["findings-by-strength"] = draw_strengths(
            report_findings.ordered(publication),
            {name: assessment.strength for name, assessment in publication.assessments.items()},
            codebook=publication.codebook,
            language=publication.settings.study.language,
        )
        drawn["persons-by-finding"] = _persons_by_finding(publication)
    grid = report_tables.main_grid(publication)
    if grid.cells:
        drawn["matrix"] = _matrix(publication, grid)
    if publication.codebook.criteria and len(publication.coded):
        drawn["stance-by-criterion"] = _stance_by_criterion(publication)
        drawn["excerpts-by-country"] = _excerpts_by_country(publication)
    return drawn | quality_figures.figures(publication)


class _Words:
    """The words of one study's figures."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return wording.text(key, self.language, **values)

    def code(self, criterion: Criterion) -> str:
        return labels.short(criterion.text("name", self.language) or criterion.id)

    def closed(self, section: str, word: str) -> str:
        return labels.closed_in(section, word, self.language)


def new_figure(width: float, height: float, title: str) -> Figure:
    """An empty figure of this size in inches, with its title at the left."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    return figure


def plain(axes: Axes, steps: int = 4) -> None:
    """Remove what carries no information; the scale has at most this number of steps."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=steps, integer=True))


def draw_strengths(
    findings: Sequence[Finding], strengths: Mapping[str, Strength], *, codebook: Codebook, language: str
) -> Figure:
    """A square a finding, named and in the colour of its criterion, on the rung of its strength."""
    say, colours = _Words(language), labels.colours(codebook)
    rungs: dict[Strength, list[Finding]] = {word: [] for word in Strength}
    for finding in findings:
        rungs[strengths[finding.id]].append(finding)
    longest = max(map(len, rungs.values()))
    figure = new_figure(max(6.4, 1.9 + 0.42 * longest), 3.4, say("figure.strength_title"))
    axes = figure.add_subplot()
    for row, rung in enumerate(rungs.values()):
        for column, finding in enumerate(rung):
            colour = colours[finding.criterion]
            axes.add_patch(Rectangle((column + 0.04, row - 0.4), 0.92, 0.8, color=colour, lw=0))
            axes.text(
                column + 0.5, row, labels.short(finding.id, 6), ha="center", va="center", color="white", fontsize=7.5
            )
    plain(axes)
    axes.set(xlim=(0, max(longest, 8)), ylim=(len(rungs) - 0.5, -0.5), xlabel=say("figure.findings_axis"))
    axes.set_yticks(range(len(rungs)), [say.closed("strength", word) for word in rungs])
    _key_of_criteria(figure, findings, codebook, say)
    return figure


def _key_of_criteria(figure: Figure, findings: Sequence[Finding], codebook: Codebook, say: _Words) -> None:
    colours = labels.colours(codebook)
    used = dict.fromkeys(finding.criterion for finding in findings)
    keys = [Patch(color=colours[name], label=say.code(codebook[name])) for name in used]
    figure.legend(handles=keys, loc="outside lower left", ncols=min(5, len(keys)), frameon=False, fontsize=8)


def _counts(persons: pd.Series[int], direction: str, finding_ids: Sequence[str]) -> list[int]:
    return [int(persons.get((str(direction), finding), 0)) for finding in finding_ids]


def _persons_by_finding(publication: Publication) -> Figure:
    """Distinct persons per finding, a panel for each direction: full bars in confirmed words, hollow ones with suggested words."""
    say, colours = _Words(publication.settings.study.language), labels.colours(publication.codebook)
    findings = report_findings.ordered(publication)
    used = publication.evidence[publication.evidence["status"] != LinkStatus.REJECTED]
    speaking = used[used["participant"] != ""]
    every, confirmed = (
        rows.groupby(["direction", "finding_id"])["participant"].nunique()
        for rows in (speaking, speaking[speaking["status"] == LinkStatus.CONFIRMED])
    )
    most = max(int(every.max()) if len(every) else 0, 5)
    ids = [finding.id for finding in findings]
    hues = [colours[finding.criterion] for finding in findings]
    figure = new_figure(9.6, 1.6 + 0.21 * len(ids), say("figure.persons_title"))
    panels = figure.subplots(1, len(Direction), sharey=True)
    for axes, word in zip(panels, Direction, strict=True):
        both, sure = (_counts(rows, word, ids) for rows in (every, confirmed))
        axes.barh(range(len(ids)), both, facecolor="white", edgecolor=hues, lw=0.8, height=0.62)
        axes.barh(range(len(ids)), sure, color=hues, height=0.68)
        for y, (whole, part) in enumerate(zip(both, sure, strict=True)):
            shown = f"{part} / {whole}" if whole else "–"
            axes.annotate(shown, (whole, y), (2, 0), textcoords="offset points", va="center", fontsize=7)
        axes.set_title(say.closed("direction", word), loc="left", fontsize=9)
        axes.set(xlim=(0, most * 1.35), ylim=(len(ids) - 0.4, -0.6), xlabel=say("figure.persons_axis"))
        axes.set_yticks(range(len(ids)), [labels.short(name, 12) for name in ids])
        plain(axes, steps=3)
    panels[0].set_ylabel(say("registers.finding"))
    _key_of_criteria(figure, findings, publication.codebook, say)
    return figure


def _matrix(publication: Publication, grid: report_tables.Grid) -> Figure:
    """Excerpts per code, kind of source and group; empty cells are hatched, because a gap is a result."""
    say, colours = _Words(publication.settings.study.language), labels.colours(publication.codebook)
    rows = [(kind, group, cells) for kind, of_kind in grid.kinds for group, cells in of_kind]
    most = max([cell.excerpts for cell in grid.all_cells] + [1])
    figure = new_figure(3.0 + 1.05 * len(grid.codes), 1.9 + 0.27 * len(rows), say("figure.matrix_title"))
    axes = figure.add_subplot()
    for y, (_, _, cells) in enumerate(rows):
        for x, (code, cell) in enumerate(zip(grid.codes, cells, strict=True)):
            draw_cell(axes, x, y, cell.excerpts, colour=tint(colours[code.id], 0.12 + 0.88 * cell.excerpts / most))
    axes.set(xlim=(0, len(grid.codes)), ylim=(len(rows), 0), ylabel=say("figure.matrix_axis"))
    axes.set_xlabel(f"{say('figure.codes_axis')} ({say('figure.empty_cell')})")
    axes.set_xticks([i + 0.5 for i in range(len(grid.codes))], [wrapped(say.code(c)) for c in grid.codes], fontsize=8)
    axes.set_yticks([i + 0.5 for i in range(len(rows))], [_place(say, kind, group) for kind, group, _ in rows])
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("bottom")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def draw_cell(axes: Axes, x: int, y: int, excerpts: int, *, colour: tuple[float, ...]) -> None:
    """A cell with its count on its colour; an empty one is hatched."""
    if not excerpts:
        axes.add_patch(Rectangle((x, y), 1, 1, edgecolor="#c9c5bc", lw=0, fill=False, hatch="////"))
        return
    axes.add_patch(Rectangle((x, y), 1, 1, edgecolor="white", lw=1.2, facecolor=colour))
    axes.text(x + 0.5, y + 0.52, str(excerpts), ha="center", va="center", color=_on(colour), fontsize=8)


def _place(say: _Words, kind: str, group: str) -> str:
    if kind == Kind.DOCUMENT:
        return say.closed("kind", kind)
    return f"{say.closed('kind', kind)}, {labels.short(labels.group_name(group), 24) or say('matrix.no_group')}"


def wrapped(name: str) -> str:
    """A name in lines that fit above a column."""
    return "\n".join(textwrap.wrap(name, 14)) or name


def tint(colour: str, share: float) -> tuple[float, ...]:
    """The colour laid on white, 1 as it is and 0 white."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(round(1 - share * (1 - part), 4) for part in parts)


def _on(ground: Sequence[float]) -> str:
    """Ink or white, whichever reads better on the ground."""
    red, green, blue = (part**2.2 for part in ground)
    return "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18 else INK


def _stance_by_criterion(publication: Publication) -> Figure:
    """Excerpts of each code of the main family by what they say of it: full colour, half, hatched, outline."""
    say, colours = _Words(publication.settings.study.language), labels.colours(publication.codebook)
    codes = _main_family(publication)
    counts = publication.coded.groupby(["criterion", "stance"]).size()
    looks: tuple[tuple[str, Callable[[str], dict[str, Any]]], ...] = (
        (Stance.POSITIVE, lambda colour: {"facecolor": colour}),
        (Stance.MIXED, lambda colour: {"facecolor": tint(colour, 0.45)}),
        (
            Stance.NEGATIVE,
            lambda colour: {"facecolor": "white", "edgecolor": colour, "hatchcolor": colour, "hatch": "////"},
        ),
        ("", lambda _: {"facecolor": "white", "edgecolor": LINE}),
    )
    figure = new_figure(7.6, 1.5 + 0.42 * len(codes), say("figure.stance_title"))
    axes = figure.add_subplot()
    for y, code in enumerate(codes):
        left = 0
        for stance, look in looks:
            value = int(counts.get((code.id, str(stance)), 0))
            drawn = look(colours[code.id])
            axes.barh(y, value, left=left, height=0.62, lw=0.8, **{"hatch_linewidth": 1.4, **drawn})
            left += value
        axes.text(left, y, f"  {left}", va="center", fontsize=8)
    plain(axes)
    axes.set(ylim=(len(codes) - 0.4, -0.6), xlabel=say("figure.excerpts_axis"))
    axes.margins(x=0.08)
    axes.set_yticks(range(len(codes)), [say.code(code) for code in codes])
    keys = [
        Patch(label=say.closed("stance", str(s) or "untold"), **{"edgecolor": MUTED, **look(MUTED)})
        for s, look in looks
    ]
    figure.legend(handles=keys, loc="outside lower left", ncols=4, frameon=False, fontsize=8)
    return figure


def _excerpts_by_country(publication: Publication) -> Figure:
    """Excerpts of each code of the main family by country, one panel a code on one scale."""
    say, colours = _Words(publication.settings.study.language), labels.colours(publication.codebook)
    codes, coded = _main_family(publication), publication.coded
    counts = coded.groupby(["criterion", "country"]).size()
    ids = [code.id for code in codes]
    countries = [*sorted(set(coded.loc[coded["criterion"].isin(ids), "country"]) - {""}), ""]
    most = max([int(counts.get((i, c), 0)) for i in ids for c in countries] + [5])
    figure = new_figure(1.6 + 1.55 * len(codes), 1.5 + 0.32 * len(countries), say("figure.country_title"))
    panels = figure.subplots(1, len(codes), sharey=True, squeeze=False)[0]
    for axes, code in zip(panels, codes, strict=True):
        values = [int(counts.get((code.id, country), 0)) for country in countries]
        bars = axes.barh(range(len(countries)), values, color=colours[code.id], height=0.62)
        axes.bar_label(bars, labels=[str(value) if value else "–" for value in values], padding=2, fontsize=7.5)
        axes.set_title(wrapped(say.code(code)), loc="left", fontsize=9)
        axes.set(xlim=(0, most * 1.25), ylim=(len(countries) - 0.4, -0.6), xlabel=say("figure.excerpts_axis"))
        axes.set_yticks(
            range(len(countries)), [labels.short(country, 16) or say("figure.no_country") for country in countries]
        )
        plain(axes, steps=2)
    panels[0].set_ylabel(say("figure.country_axis"))
    return figure


def _main_family(publication: Publication) -> Sequence[Criterion]:
    return publication.codebook.of_family(publication.codebook.main_family)

"""Figures for reports and slides, as PNG and SVG: the same drawing gives the same bytes."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import singledispatch
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch, Rectangle
from matplotlib.path import Path as Curve
from matplotlib.ticker import MaxNLocator

from pipeline import wording
from pipeline.publish import labels
from pipeline.publish.drawings import (
    Code,
    Drawing,
    ExcerptsByCountry,
    Matrix,
    MeasuredCode,
    PersonsByFinding,
    Quality,
    Reliability,
    StanceByCriterion,
    Strengths,
    TheoryArrow,
    TheoryBox,
    TheoryOfChange,
)
from pipeline.publish.html.trust import Dot
from pipeline.vocabulary import ArrowStatus, Direction, ElementKind, ElementStatus, Stance, Strength

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, LINE, DIAGONAL = "#1d2024", "#565c66", "#dddad3", "#8d929b"
AREA = 1.8  # points squared of a circle whose radius is one in the report
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


@singledispatch
def draw(drawing: Drawing) -> Figure:
    """The figure of a drawing."""
    raise TypeError(type(drawing).__name__)


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


@draw.register
def _strengths(drawing: Strengths) -> Figure:
    """A square a finding, named and in the colour of its criterion, on the rung of its strength."""
    longest = max(map(len, drawing.rungs.values()))
    figure = new_figure(max(6.4, 1.9 + 0.42 * longest), 3.4, wording.text("figure.strength_title", drawing.language))
    axes = figure.add_subplot()
    for row, marks in enumerate(drawing.rungs.values()):
        for column, mark in enumerate(marks):
            colour = drawing.criteria[mark.criterion].colour
            axes.add_patch(Rectangle((column + 0.04, row - 0.4), 0.92, 0.8, color=colour, lw=0))
            axes.text(column + 0.5, row, mark.name, ha="center", va="center", color="white", fontsize=7.5)
    plain(axes)
    xlabel = wording.text("figure.findings_axis", drawing.language)
    axes.set(xlim=(0, max(longest, 8)), ylim=(len(drawing.rungs) - 0.5, -0.5), xlabel=xlabel)
    rungs = [labels.closed_in("strength", word, drawing.language) for word in Strength]
    axes.set_yticks(range(len(rungs)), rungs)
    _key_of_criteria(figure, drawing.criteria)
    return figure


def _key_of_criteria(figure: Figure, criteria: Mapping[str, Code]) -> None:
    keys = [Patch(color=code.colour, label=code.name) for code in criteria.values()]
    figure.legend(handles=keys, loc="outside lower left", ncols=min(5, len(keys)), frameon=False, fontsize=8)


@draw.register
def _persons_by_finding(drawing: PersonsByFinding) -> Figure:
    """Distinct persons per finding, a panel for each direction: full bars in confirmed words, hollow ones with suggested words."""
    names = [mark.name for mark in drawing.findings]
    colours = [drawing.criteria[mark.criterion].colour for mark in drawing.findings]
    most = max(5, *(count for counts in drawing.every.values() for count in counts))
    figure = new_figure(9.6, 1.6 + 0.21 * len(names), wording.text("figure.persons_title", drawing.language))
    panels = figure.subplots(1, len(Direction), sharey=True)
    for axes, word in zip(panels, Direction, strict=True):
        every, confirmed = drawing.every[word], drawing.confirmed[word]
        axes.barh(range(len(names)), every, facecolor="white", edgecolor=colours, lw=0.8, height=0.62)
        axes.barh(range(len(names)), confirmed, color=colours, height=0.68)
        for y, (whole, part) in enumerate(zip(every, confirmed, strict=True)):
            shown = f"{part} / {whole}" if whole else "–"
            axes.annotate(shown, (whole, y), (2, 0), textcoords="offset points", va="center", fontsize=7)
        axes.set_title(labels.closed_in("direction", word, drawing.language), loc="left", fontsize=9)
        xlabel = wording.text("figure.persons_axis", drawing.language)
        axes.set(xlim=(0, most * 1.35), ylim=(len(names) - 0.4, -0.6), xlabel=xlabel)
        axes.set_yticks(range(len(names)), names)
        plain(axes, steps=3)
    panels[0].set_ylabel(wording.text("registers.finding", drawing.language))
    _key_of_criteria(figure, drawing.criteria)
    return figure


@draw.register
def _matrix(drawing: Matrix) -> Figure:
    """Excerpts per code, kind of source and group; empty cells are hatched, because a gap is a result."""
    codes, rows, language = drawing.codes, drawing.rows, drawing.language
    most = max([count for row in rows for count in row.excerpts] + [1])
    title = wording.text("figure.matrix_title", language)
    figure = new_figure(3.0 + 1.05 * len(codes), 1.9 + 0.27 * len(rows), title)
    axes = figure.add_subplot()
    for y, row in enumerate(rows):
        for x, (code, count) in enumerate(zip(codes, row.excerpts, strict=True)):
            draw_cell(axes, x, y, count, colour=tint(code.colour, 0.12 + 0.88 * count / most))
    axes.set(xlim=(0, len(codes)), ylim=(len(rows), 0), ylabel=wording.text("figure.matrix_axis", language))
    axes.set_xlabel(f"{wording.text('figure.codes_axis', language)} ({wording.text('figure.empty_cell', language)})")
    axes.set_xticks([i + 0.5 for i in range(len(codes))], [wrapped(code.name) for code in codes], fontsize=8)
    axes.set_yticks([i + 0.5 for i in range(len(rows))], [row.name for row in rows])
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


LOOKS: Mapping[str, Callable[[str], dict[str, Any]]] = {  # of what is said, in the colour of a code
    Stance.POSITIVE: lambda colour: {"facecolor": colour},
    Stance.MIXED: lambda colour: {"facecolor": tint(colour, 0.45)},
    Stance.NEGATIVE: lambda colour: {"facecolor": "white", "edgecolor": colour, "hatchcolor": colour, "hatch": "////"},
    "": lambda _: {"facecolor": "white", "edgecolor": LINE},
}


@draw.register
def _stance_by_criterion(drawing: StanceByCriterion) -> Figure:
    """Excerpts of each code of the main family by what they say of it: full colour, half, hatched, outline."""
    codes, language = drawing.codes, drawing.language
    figure = new_figure(7.6, 1.5 + 0.42 * len(codes), wording.text("figure.stance_title", language))
    axes = figure.add_subplot()
    for y, code in enumerate(codes):
        left = 0
        for stance, look in LOOKS.items():
            value = drawing.excerpts[stance][y]
            axes.barh(y, value, left=left, height=0.62, lw=0.8, **{"hatch_linewidth": 1.4, **look(code.colour)})
            left += value
        axes.text(left, y, f"  {left}", va="center", fontsize=8)
    plain(axes)
    axes.set(ylim=(len(codes) - 0.4, -0.6), xlabel=wording.text("figure.excerpts_axis", language))
    axes.margins(x=0.08)
    axes.set_yticks(range(len(codes)), [code.name for code in codes])
    keys = [
        Patch(label=labels.closed_in("stance", stance or "untold", language), **{"edgecolor": MUTED, **look(MUTED)})
        for stance, look in LOOKS.items()
    ]
    figure.legend(handles=keys, loc="outside lower left", ncols=4, frameon=False, fontsize=8)
    return figure


@draw.register
def _excerpts_by_country(drawing: ExcerptsByCountry) -> Figure:
    """Excerpts of each code of the main family by country, one panel a code on one scale."""
    codes, countries, language = drawing.codes, drawing.countries, drawing.language
    most = max([count for counts in drawing.excerpts for count in counts] + [5])
    title = wording.text("figure.country_title", language)
    figure = new_figure(1.6 + 1.55 * len(codes), 1.5 + 0.32 * len(countries), title)
    panels = figure.subplots(1, len(codes), sharey=True, squeeze=False)[0]
    for axes, code, values in zip(panels, codes, drawing.excerpts, strict=True):
        bars = axes.barh(range(len(countries)), values, color=code.colour, height=0.62)
        axes.bar_label(bars, labels=[str(value) if value else "–" for value in values], padding=2, fontsize=7.5)
        axes.set_title(wrapped(code.name), loc="left", fontsize=9)
        xlabel = wording.text("figure.excerpts_axis", language)
        axes.set(xlim=(0, most * 1.25), ylim=(len(countries) - 0.4, -0.6), xlabel=xlabel)
        axes.set_yticks(range(len(countries)), countries)
        plain(axes, steps=2)
    panels[0].set_ylabel(wording.text("figure.country_axis", language))
    return figure


@draw.register
def _quality(drawing: Quality) -> Figure:
    """A dot and its 95 % interval for each code and measure, on one scale."""
    rows, language = drawing.rows, drawing.language
    figure = new_figure(8.2, 1.5 + 0.42 * len(rows), wording.text("figure.quality_title", language))
    panels = figure.subplots(1, 3, sharey=True, sharex=True)
    for axes, measure in zip(panels, ("precision", "recall", "f1"), strict=True):
        _draw_dots(axes, rows, measure)
        axes.set_title(wording.text(f"measured.{measure}", language), loc="left", fontsize=9)
        axes.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5), xlabel=wording.text("figure.quality_axis", language))
    panels[0].set_yticks(range(len(rows)), [row.code.name for row in rows])
    return figure


def _draw_dots(axes: Axes, rows: Sequence[MeasuredCode], measure: str) -> None:
    for y, row in enumerate(rows):
        dot: Dot | None = getattr(row, measure)
        if dot:
            span = [[max(0.0, dot.value - dot.low)], [max(0.0, dot.high - dot.value)]]
            axes.errorbar([dot.value], [y], xerr=span, fmt="o", color=row.code.colour, lw=2.2, ms=6)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis="x", lw=0.5, color=LINE)
    axes.set_axisbelow(True)


@draw.register
def _reliability(drawing: Reliability) -> Figure:
    """Circles of the probability given and the share that is right; on the diagonal the probability holds."""
    figure = new_figure(5.0, 5.0, wording.text("trust.reliability_title", drawing.language))
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], lw=1, ls="--", color=DIAGONAL)
    for each in drawing.bins:
        axes.scatter([each.probability], [each.true], s=AREA * each.radius**2, color=labels.ACCENTS[0], alpha=0.8, lw=0)
        axes.annotate(
            f"{each.n}", (each.probability, each.true), (9, -11), textcoords="offset points", color=MUTED, fontsize=8
        )
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel(wording.text("trust.predicted", drawing.language))
    axes.set_ylabel(wording.text("trust.observed", drawing.language))
    return figure


PIXEL = 1 / 96  # of an inch, as in the report, where boxes have room for their names
BOX_LINES: Mapping[str, Any] = {  # of an element, as in the report
    ElementStatus.SUPPORTED: {"lw": 2.2},
    ElementStatus.CONTRADICTED: {"lw": 2.2, "ls": (0, (4, 2))},
    ElementStatus.CONTESTED: {"lw": 2.2, "ls": (0, (4, 2))},
    ElementStatus.SILENT: {"lw": 1.1, "ls": (0, (2, 2)), "edgecolor": DIAGONAL},
}
ARROW_LINES: Mapping[str, Any] = {
    ArrowStatus.TOLD: {"lw": 2.2, "color": INK},
    ArrowStatus.UNDRAWN: {"lw": 1.8, "color": INK, "ls": (0, (1, 2))},
}
PLAIN_ARROW: Any = {"lw": 1.1, "color": DIAGONAL}
FEEDBACK: Any = {"ls": (0, (3, 2))}
POINTS = {"M": Curve.MOVETO, "L": Curve.LINETO, "C": Curve.CURVE4}


@draw.register
def _theory_of_change(drawing: TheoryOfChange) -> Figure:
    """Boxes of the elements with who speaks for and against each, and the arrows between them, as in the report."""
    title = wording.text("figure.theory_title", drawing.language)
    figure = new_figure(drawing.width * PIXEL + 0.2, drawing.height * PIXEL + 0.8, title)
    axes = figure.add_subplot()
    axes.set(xlim=(-2, drawing.width + 2), ylim=(drawing.height + 2, -2), aspect="equal")
    axes.set_axis_off()
    for arrow in drawing.arrows:
        _draw_arrow(axes, arrow)
    for box in drawing.boxes:
        _draw_element(axes, box)
    _key_of_arrows(figure, drawing)
    return figure


def _draw_element(axes: Axes, box: TheoryBox) -> None:
    corners = 14 if box.kind == ElementKind.ASSUMPTION else 3
    look = {"facecolor": "white", "edgecolor": INK, "lw": 1.1, **BOX_LINES.get(box.status, {})}
    size = (box.x, box.y), box.width, box.height
    axes.add_patch(FancyBboxPatch(*size, boxstyle=f"round,pad=0,rounding_size={corners}", **look))
    lines: list[tuple[str, Any]] = [(box.heading, {"color": MUTED, "fontsize": 8})]
    lines += [(line, {"fontweight": "bold", "fontsize": 9.5}) for line in box.name]
    lines += [(line, {"fontsize": 8.5}) for line in box.below]
    for number, (text, style) in enumerate(lines):
        axes.text(box.x + 12, box.y + 17 + 18 * number, text, va="baseline", **style)


def _draw_arrow(axes: Axes, arrow: TheoryArrow) -> None:
    points: list[tuple[float, float]] = []
    codes: list[Any] = []
    for letter, numbers in re.findall("([MLC])([^MLC]+)", arrow.path):
        values = [float(each) for each in numbers.split()]
        points += zip(values[::2], values[1::2], strict=True)
        codes += [POINTS[letter]] * (len(values) // 2)
    look = _look_of(arrow.status, is_feedback=arrow.is_feedback)
    axes.add_patch(FancyArrowPatch(path=Curve(points, codes), arrowstyle="-|>", mutation_scale=9, **look))
    if arrow.persons:
        axes.text(arrow.x + 6, arrow.y + (20 if arrow.is_feedback else -8), str(arrow.persons), fontsize=8.5)


def _look_of(status: str, *, is_feedback: bool) -> dict[str, Any]:
    return {**ARROW_LINES.get(status, PLAIN_ARROW), **(FEEDBACK if is_feedback else {})}


def _key_of_arrows(figure: Figure, drawing: TheoryOfChange) -> None:
    present = {arrow.status for arrow in drawing.arrows}
    keys = [
        Line2D(
            [],
            [],
            label=wording.closed_word("arrow_status", status, drawing.language),
            **_look_of(status, is_feedback=False),
        )
        for status in ArrowStatus
        if status in present
    ]
    if any(arrow.is_feedback for arrow in drawing.arrows):
        keys.append(Line2D([], [], label=wording.text("theory.feedback", drawing.language), **PLAIN_ARROW, **FEEDBACK))
    if keys:
        figure.legend(handles=keys, loc="outside lower left", ncols=len(keys), frameon=False, fontsize=8)

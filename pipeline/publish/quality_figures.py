"""Figures of how good the codings are: precision, recall and F1 of each code with their intervals, and reliability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from pipeline import wording
from pipeline.publish import Publication, labels
from pipeline.publish.html import trust as report_trust

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE, MUTED = "#8d929b", "#565c66"
AREA = 1.8  # points squared of a circle whose radius is one in the report


def figures(publication: Publication) -> dict[str, Figure]:
    """The figures by file name; none if nothing was measured."""
    trust = report_trust.trust(publication)
    if trust is None:
        return {}
    drawn = {"quality": _dots(publication, trust)}
    if trust.reliability:
        drawn["reliability"] = _reliability(publication, trust)
    return drawn


def _figure(publication: Publication, key: str, *, width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    title = wording.text(key, publication.settings.study.language)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    return figure


def _dots(publication: Publication, trust: report_trust.Trust) -> Figure:
    """A dot and its 95 % interval for each code and measure, on one scale."""
    language = publication.settings.study.language
    figure = _figure(publication, "figure.quality_title", width=8.2, height=1.5 + 0.42 * len(trust.rows))
    panels = figure.subplots(1, 3, sharey=True, sharex=True)
    for axes, measure in zip(panels, ("precision", "recall", "f1"), strict=True):
        _panel(axes, publication, trust, measure)
        axes.set_title(wording.text(f"measured.{measure}", language), loc="left", fontsize=9)
        axes.set(xlim=(0, 1), ylim=(len(trust.rows) - 0.5, -0.5), xlabel=wording.text("figure.quality_axis", language))
    names = {code.id: code.text("name", language) or code.id for code in publication.codebook.criteria}
    panels[0].set_yticks(range(len(trust.rows)), [labels.short(names.get(row.code, row.code)) for row in trust.rows])
    return figure


def _panel(axes: Axes, publication: Publication, trust: report_trust.Trust, measure: str) -> None:
    colours = labels.colours(publication.codebook)
    for y, row in enumerate(trust.rows):
        dot: report_trust.Dot | None = getattr(row, measure)
        if dot:
            span = [[max(0.0, dot.value - dot.low)], [max(0.0, dot.high - dot.value)]]
            axes.errorbar(
                [dot.value], [y], xerr=span, fmt="o", color=colours.get(row.code, labels.NEUTRAL), lw=2.2, ms=6
            )
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis="x", lw=0.5, color="#dddad3")
    axes.set_axisbelow(True)


def _reliability(publication: Publication, trust: report_trust.Trust) -> Figure:
    """Circles of the probability given and the share that is right; on the diagonal the probability holds."""
    language = publication.settings.study.language
    figure = _figure(publication, "trust.reliability_title", width=5.0, height=5.0)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], lw=1, ls="--", color=LINE)
    for each in trust.reliability:
        axes.scatter([each.probability], [each.true], s=AREA * each.radius**2, color=labels.ACCENTS[0], alpha=0.8, lw=0)
        axes.annotate(
            f"{each.n}", (each.probability, each.true), (9, -11), textcoords="offset points", color=MUTED, fontsize=8
        )
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set(xlabel=wording.text("trust.predicted", language), ylabel=wording.text("trust.observed", language))
    return figure

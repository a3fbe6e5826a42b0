"""Figures of a released edition: drawn from its counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from pipeline import wording
from pipeline.publish import labels
from pipeline.publish.drawings import strengths
from pipeline.publish.figures import draw, new_figure, plain, save
from pipeline.publish.released import ReducedPublication
from pipeline.publish.released.report import ordered
from pipeline.vocabulary import DIRECTIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WITHHELD_HATCH = "////"
PALE = "#c9c5bc"


def write(publication: ReducedPublication, folder: Path) -> None:
    """Write every figure into `folder`/figures, in the study's language."""
    save(partial(figures, publication), folder)


def figures(publication: ReducedPublication) -> dict[str, Figure]:
    """The figures by file name; those that would be empty are left out."""
    if not publication.register.findings:
        return {}
    findings = ordered(publication)
    return {
        "findings-by-strength": draw(
            strengths(findings, publication.strengths, codebook=publication.codebook, language=publication.language)
        ),
        "persons-by-finding": _persons_by_finding(publication),
    }


def _persons_by_finding(publication: ReducedPublication) -> Figure:
    """Persons per finding, a panel for each direction; a count that is not shown is hatched to the same length everywhere."""
    language = publication.language
    findings = ordered(publication)
    counts = {word: [publication.persons(finding.id, str(word)) for finding in findings] for word in DIRECTIONS}
    most = max([count or 0 for listed in counts.values() for count in listed] + [publication.smallest])
    figure = new_figure(8.2, 1.6 + 0.21 * len(findings), wording.text("release.counted", language))
    panels = figure.subplots(1, len(DIRECTIONS), sharey=True)
    for axes, word in zip(panels, DIRECTIONS, strict=True):
        _draw_counts(axes, publication, counts[word])
        axes.set_title(labels.closed_in("direction", word, language), loc="left", fontsize=9)
        xlabel = wording.text("figure.persons_axis", language)
        axes.set(xlim=(0, most * 1.6), ylim=(len(findings) - 0.4, -0.6), xlabel=xlabel)
        axes.set_yticks(range(len(findings)), [labels.short(finding.id, 12) for finding in findings])
        plain(axes, steps=3)
    panels[0].set_ylabel(wording.text("registers.finding", language))
    return figure


def _draw_counts(axes: Axes, publication: ReducedPublication, counts: Sequence[int | None]) -> None:
    """A bar a finding, in the colour of its criterion, with its number or that it is not shown."""
    colours = labels.colours(publication.codebook)
    for y, (finding, count) in enumerate(zip(ordered(publication), counts, strict=True)):
        length = publication.smallest - 1 if count is None else count
        if count is None:
            axes.barh(y, length, facecolor="white", edgecolor=PALE, hatch=WITHHELD_HATCH, lw=0)
        else:
            axes.barh(y, length, color=colours[finding.criterion], height=0.68)
        note = wording.text("release.withheld", publication.language) if count is None else str(count)
        axes.annotate(note, (length, y), (2, 0), textcoords="offset points", va="center", fontsize=7)

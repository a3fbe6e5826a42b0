"""Every matrix, figure, sheet and page of a study counts to the same totals as its tables; nobody drops out of one."""

import re
from dataclasses import replace
from typing import Any

import pytest
import small_publication
from matplotlib.patches import Rectangle

from pipeline import wording
from pipeline.publish import Publication, labels
from pipeline.publish.html import findings as report_findings
from pipeline.publish.html import report
from pipeline.publish.html import tables as report_tables
from pipeline.vocabulary import Direction, Kind, LinkStatus


@pytest.fixture(scope="module")
def made() -> Publication:
    """Among those whose words are coded is a person without a group and a country."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(small_publication.PEOPLE, "P3", ("P-6G7H", "", ""))
        return small_publication.publication()


@pytest.fixture(scope="module")
def drawn(made: Publication) -> dict[str, Any]:
    return small_publication.drawn_of(made)


def coded(made: Publication, family: str) -> int:
    ids = [code.id for code in made.codebook.of_family(family)]
    return int(made.coded["criterion"].isin(ids).sum())


def numbers(axes: Any) -> list[int]:
    """The whole numbers that stand in a figure."""
    texts = (text.get_text() for text in axes.texts)
    return [int(text) for text in texts if re.fullmatch(r"\d+", text)]


def test_the_material_has_somebody_without_a_group(made: Publication) -> None:
    assert ((made.coded["group"] == "") & (made.coded["kind"] != Kind.DOCUMENT)).any()


def test_the_rows_of_the_matrix_add_up_to_the_coded_excerpts(made: Publication) -> None:
    counted = made.matrix.groupby("criterion")["excerpts"].sum()
    in_table = made.coded.groupby("criterion").size().reindex(counted.index, fill_value=0)
    assert counted.to_dict() == in_table.to_dict()


def test_every_matrix_of_the_report_adds_up_to_the_coded_excerpts(made: Publication) -> None:
    for grid in report_tables.grids(made):
        assert sum(cell.excerpts for cell in grid.all_cells) == coded(made, grid.family)
        assert any(group == "" for kind, rows in grid.kinds if kind == Kind.INTERVIEW for group, _ in rows)


def test_the_figure_of_the_matrix_adds_up_to_the_coded_excerpts(made: Publication, drawn: dict[str, Any]) -> None:
    first = next(iter(labels.families(made.codebook)))
    assert sum(numbers(drawn["matrix"].axes[0])) == coded(made, first)


@pytest.mark.parametrize("name", ["stance-by-criterion", "excerpts-by-country"])
def test_the_bars_of_a_figure_add_up_to_the_coded_excerpts(made: Publication, drawn: dict[str, Any], name: str) -> None:
    first = next(iter(labels.families(made.codebook)))
    bars = [patch for axes in drawn[name].axes for patch in axes.patches if isinstance(patch, Rectangle)]
    assert round(sum(bar.get_width() for bar in bars)) == coded(made, first)


def test_the_bars_of_persons_are_those_of_the_evidence(made: Publication, drawn: dict[str, Any]) -> None:
    used = made.evidence[(made.evidence["status"] != LinkStatus.REJECTED) & (made.evidence["participant"] != "")]
    for axes, direction in zip(drawn["persons-by-finding"].axes, Direction, strict=True):
        rows = used[used["direction"] == direction]
        every = rows.groupby("finding_id")["participant"].nunique().sum()
        confirmed = rows[rows["status"] == LinkStatus.CONFIRMED].groupby("finding_id")["participant"].nunique().sum()
        assert sum(bar.get_width() for bar in axes.patches) == every + confirmed


def test_the_ladder_has_a_square_for_every_finding(made: Publication, drawn: dict[str, Any]) -> None:
    assert {text.get_text() for text in drawn["findings-by-strength"].axes[0].texts} == set(made.assessments)


def test_the_voices_of_a_finding_are_its_rows_of_the_evidence(made: Publication) -> None:
    for account in report_findings.accounts(made, report_findings.registers(made)):
        rows = made.evidence[made.evidence["finding_id"] == account.finding.id]
        assert sum(map(len, account.voices.values())) + len(account.rejected) == len(rows)


def test_the_files_add_up_to_what_was_coded_and_linked(made: Publication) -> None:
    files = report_tables.files(made)
    assert sum(file.coded for file in files) == made.facts["coded"] == made.coded["excerpt_id"].nunique()
    assert sum(file.linked for file in files) == made.evidence["excerpt_id"].nunique()
    assert sum(file.excerpts for file in files) == made.facts["excerpts"]


def test_the_sentence_on_the_method_names_the_totals_of_the_tables(made: Publication) -> None:
    page = report.page(made)
    assert f"Of {made.facts['links']} links, people confirmed {made.facts['links_confirmed']}." in page
    assert made.facts["links"] == len(made.evidence)


def cells_by_name(made: Publication) -> dict[tuple[str, str, str], int]:
    return {
        (kind, group, code.id): cell.excerpts
        for grid in report_tables.grids(made)
        for kind, rows in grid.kinds
        for group, cells in rows
        for code, cell in zip(grid.codes, cells, strict=True)
    }


def test_a_cell_is_looked_up_by_its_names_and_not_by_its_place(made: Publication) -> None:
    turned = replace(made, matrix=made.matrix.iloc[::-1].reset_index(drop=True))
    assert cells_by_name(turned) == cells_by_name(made)


@pytest.mark.parametrize(
    ("language", "coding", "decision"), [("en", "coding", "decision"), ("es", "codificaci", "decisi")]
)
def test_what_counts_the_noes_of_people_is_called_a_decision_and_never_a_coding(
    language: str, coding: str, decision: str
) -> None:
    """`confirmed` counts every answer of people on a code; a coding is an excerpt that has one."""
    figure = wording.text("overview.confirmed", language, n=2)
    assert decision in figure
    assert coding not in figure
    sentence = wording.text("method.coding_say", language)
    assert re.search(rf"{{codings}} {coding}", sentence)
    assert re.search(rf"{{confirmed}} {decision}", sentence)

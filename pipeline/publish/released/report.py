"""report.html of a released edition: one page without scripts or data, in the study's language."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from pipeline import wording
from pipeline.findings import Finding
from pipeline.publish import labels
from pipeline.publish.html import quality as report_quality
from pipeline.publish.html.report import accents, digest, template_environment
from pipeline.publish.released import ReducedPublication
from pipeline.spans import of_cell, parts_of
from pipeline.vocabulary import DIRECTIONS, PERSON_ATTRIBUTES


def write(publication: ReducedPublication, folder: Path) -> None:
    """Write report.html into `folder`; the same publication gives the same bytes."""
    (folder / "report.html").write_bytes(page(publication).encode("utf-8", "replace"))


def page(publication: ReducedPublication) -> str:
    """The report as HTML. Words of the study enter it only as escaped text."""
    language = publication.language
    environment = template_environment()
    environment.globals.update(
        say=lambda key, **values: wording.text(key, language, **values),
        closed=lambda section, word: wording.closed_word(section, word, language),
        number=lambda value: wording.number(value, language),
        group_name=labels.group_name,
        share=labels.share,
        shown_share=partial(wording.percentage, language=language),
        shown_value=partial(value_in_words, language=language),
    )
    return environment.get_template("release.html").render(**_context(publication))


def value_in_words(attribute: str, value: str, language: str) -> str:
    """A value of an attribute as people read it; "" means all others."""
    if not value:
        return wording.text("release.others", language)
    if attribute == "gender":
        return wording.closed_word("sex", value, language)
    return labels.group_name(value) if attribute == "group" else value


def persons_in_words(publication: ReducedPublication) -> str:
    """How many persons an edition rests on, or that the number is not shown."""
    number = publication.counts["persons",]
    if number is None:
        return wording.text("release.persons_withheld", publication.language)
    return wording.text("release.persons", publication.language, n=number)


def ordered(publication: ReducedPublication) -> tuple[Finding, ...]:
    """The findings in the order of the codebook's criteria and of the register."""
    order = {name: i for i, name in enumerate(publication.codebook.ids)}
    return tuple(sorted(publication.register.findings, key=lambda finding: order[finding.criterion]))


def _context(publication: ReducedPublication) -> dict[str, Any]:
    style = (labels.TEMPLATES / "release.css").read_text("utf-8") + accents(publication.codebook)
    findings = ordered(publication)
    codes = publication.codebook.criteria
    return {
        "publication": publication,
        "study": publication.settings.study,
        "findings": findings,
        "everybody": persons_in_words(publication),
        "code_names": {code.id: code.text("name", publication.language) or code.id for code in codes},
        "hues": labels.hues(publication.codebook),
        "directions": tuple(map(str, DIRECTIONS)),
        "attributes": PERSON_ATTRIBUTES,
        "columns": wording.book("evidence_book", publication.language)["columns"],
        "quotes": {finding.id: _quotes(publication, finding.id) for finding in findings},
        "measured": report_quality.tables_of(publication.quality, publication.agreement, publication.codebook),
        "style": Markup(style),  # noqa: S704 (our own file)
        "policy": f"default-src 'none'; style-src '{digest(style)}'; base-uri 'none'; form-action 'none'",
    }


def _quotes(publication: ReducedPublication, finding_id: str) -> dict[str, list[dict[Any, Any]]]:
    """The quotes of a finding by direction; directions without any are left out."""
    rows = publication.quotes[publication.quotes["finding_id"] == finding_id]
    by_direction = {str(word): _with_parts(rows[rows["direction"] == word]) for word in DIRECTIONS}
    return {word: listed for word, listed in by_direction.items() if listed}


def _with_parts(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """The quotes, each with its parts: words that coders marked, and what is around them."""
    records = rows.to_dict("records")
    return [{**row, "parts": tuple(parts_of(row["quote"], of_cell(row["span_at"])))} for row in records]

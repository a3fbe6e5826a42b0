"""report.html: one file, offline, in which every finding opens onto the words that it rests on."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.publish import Publication, coverage, crossings, labels, method
from pipeline.publish.html import findings as report_findings
from pipeline.publish.html import quality as report_quality
from pipeline.publish.html import readings as report_readings
from pipeline.publish.html import tables as report_tables
from pipeline.publish.html import texts as report_texts
from pipeline.publish.html import trust as report_trust
from pipeline.publish.html import undecided as report_undecided
from pipeline.publish.questions import question_rows
from pipeline.publish.references import references
from pipeline.publish.theory import elements as theory_elements
from pipeline.publish.theory import paths as theory_paths
from pipeline.publish.theory.drawing import drawings
from pipeline.vocabulary import Direction, Strength

FEW_DECISIONS = 30  # decisions on codes below which the first screen says that codings rest on few
PAGES = ("overview", "findings", "registers", "theory", "matrix", "sources", "reading", "unused", "method", "quality")


def write(publication: Publication, folder: Path) -> None:
    """Write report.html into `folder`. The same publication gives the same bytes."""
    (folder / "report.html").write_bytes(page(publication).encode("utf-8", "replace"))


def page(publication: Publication, *, limit: int = report_texts.WHOLE_LIMIT) -> str:
    """The report as HTML. Words of the study enter it only as text: escaped, or as JSON data."""
    template = _environment(publication.settings.study.language).get_template("report.html")
    return template.render(**context(publication, limit))


def template_environment() -> Environment:
    """The environment of the templates: words are escaped, and a name that is not there is an error."""
    return Environment(
        loader=FileSystemLoader(labels.TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _environment(language: str) -> Environment:
    environment = template_environment()
    environment.globals.update(
        t=labels.both,
        command=labels.command,
        drawn=labels.in_drawing,
        say=wording.text,
        languages=labels.LANGUAGES,
        closed=labels.closed,
        name=code_name,
        definition=lambda code: _of_code(code, "definition"),
        attribute=lambda name, key, **values: labels.attribute(name, key, language, **values),
        said=labels.said,
        problem_place=labels.problem_place,
        at=labels.place,
        group_name=labels.group_name,
        number=lambda value: labels.in_both({each: wording.number(value, each) for each in labels.LANGUAGES}),
        share=labels.share,
        unbroken=labels.unbroken,
        shown_share=labels.shown_share,
        in_both=lambda text, *values: labels.in_both({each: text(*values, each) for each in labels.LANGUAGES}),
        attribute_name=crossings.attribute_name,
        value_name=crossings.value_name,
        sentence=lambda each: labels.both(each.key, **each.values),
        one_of=report_findings.SHOWN,
    )
    return environment


def code_name(code: Any) -> Markup:
    """The name of a code in both languages."""
    return labels.in_both({each: code.text("name", each) or code.id for each in labels.LANGUAGES})


def _of_code(code: Any, field: str) -> Markup:
    return labels.in_both({each: code.text(field, each) for each in labels.LANGUAGES})


def context(publication: Publication, limit: int) -> dict[str, Any]:
    """All values of the template."""
    registers = report_findings.registers(publication)
    elements = theory_elements.element_accounts(publication)
    paths = theory_paths.path_accounts(publication)
    drawn = drawings(elements, paths)
    accounts = report_findings.accounts(publication, registers)
    grids, files = report_tables.grids(publication), report_tables.files(publication)
    readings = report_readings.readings(publication, files)
    embedded = report_texts.data(publication, limit=limit)
    figures, trust = (
        report_tables.method_figures(publication, report_tables.main_grid(publication)),
        report_trust.trust(publication),
    )
    named = references(publication)
    script, style = _static("report.js"), _static("report.css") + accents(publication.codebook)
    return {
        "publication": publication,
        "language": publication.settings.study.language,
        "study": publication.settings.study,
        "facts": publication.facts,
        "measured": report_quality.measured(publication),
        "trust": trust,
        "documents_alone": method.is_of_documents_alone(publication),
        "few_decisions": FEW_DECISIONS,
        "pages": tuple(page for page in PAGES if page != "theory" or elements),
        "elements": elements,
        "element_counts": theory_elements.TABLE,
        "theory_paths": paths,
        "path_counts": theory_paths.TABLE,
        "machine_shown": theory_elements.SHOWN,
        "theory_drawings": drawn,
        "has_feedback": any(line.is_feedback for drawing in drawn for line in drawing.layout.lines),
        "hues": labels.hues(publication.codebook),
        "accounts": accounts,
        "by_id": {account.finding.id: account for account in accounts},
        "criteria": report_findings.by_criterion(accounts),
        "ladder": report_findings.ladder(accounts),
        "undecided": _undecided,
        "basis": _basis,
        "review": _review,
        "coverage": _coverage,
        "spoken": _spoken(publication),
        "without_finding": report_findings.without_finding(publication),
        "attention": report_findings.attention(publication, accounts, registers),
        "registers": registers,
        "conclusions": {entry.content.id: entry for entry in reversed(registers.conclusions)},
        "grids": grids,
        "shares": report_tables.spoken_shares(publication),
        "saturation": coverage.saturation_rows(publication),
        "saturation_columns": coverage.SATURATION,
        "together": coverage.pairs(publication),
        "pairs": len(publication.cooccurrence),
        "crossings": crossings.crossings(publication),
        "profiles": crossings.profiles(publication),
        "questions": question_rows(publication, named),
        "files": files,
        "references": named.sources,
        "reference": named.of,
        "hangs_on": lambda account: named.named_in(account.standing.robustness, account.sources),
        "readings": readings,
        "waiting": report_readings.waiting(readings),
        "questions_shown": report_readings.QUESTIONS_SHOWN,
        "paths": dict(zip(publication.sources["source_id"], publication.sources["path"], strict=True)),
        "file_hashes": dict(zip(publication.sources["source_id"], publication.sources["sha256"], strict=True)),
        "hashes": report_texts.hashes(publication),
        "kinds": report_tables.kinds(files),
        "left_out": report_tables.left_out(publication.rejected),
        "uses": report_tables.uses(publication),
        "uncoded": report_tables.uncoded(publication),
        "unlinked": report_tables.unlinked(publication),
        "method": figures,
        "says": _says(publication, figures, is_measured=trust is not None),
        "whole": sum(source["whole"] for source in embedded["sources"]),
        "with_words": publication.turns["source_id"].nunique(),
        "limit": limit // 1_000_000,
        "directions": tuple(map(str, Direction)),
        "strengths": tuple(map(str, Strength)),
        "data": report_texts.as_block(embedded),
        "script": Markup(script),  # noqa: S704 (our own file)
        "style": Markup(style),  # noqa: S704 (our own file)
        "policy": policy(script, style),
    }


def _undecided(account: report_findings.Account, language: str) -> str:
    return " ".join(report_undecided.sentences(account.standing, account.all_voices, language))


def _basis(account: report_findings.Account, language: str) -> str:
    return " ".join(report_undecided.basis(account.standing, account.all_voices, language))


def _review(account: report_findings.Account, language: str) -> str:
    return report_undecided.review(account.standing, account.all_voices, language)


def _coverage(account: report_findings.Account, language: str) -> str:
    return report_findings.coverage(account.all_voices, language)


def _spoken(publication: Publication) -> dict[str, Any]:
    """The excerpts to review first, by id: participant, source_id, place."""
    first = {name for each in publication.assessments.values() for name in each.review_first}
    rows: Any = publication.excerpts[publication.excerpts["excerpt_id"].isin(first)].itertuples(index=False)
    return {row.excerpt_id: row for row in rows}


def _says(publication: Publication, figures: dict[str, Any], *, is_measured: bool) -> dict[str, Any]:
    """The sentences on method and limits."""
    return {
        "words": method.words(publication, figures),
        "coding": method.coding(publication, figures),
        "voters": method.voters(publication),
        "evidence": method.evidence(publication),
        "rule": method.rule(publication),
        "people": tuple(method.people(publication)),
        "held_back": method.held_back(publication),
        "limits": tuple(method.limits(publication, figures, is_measured=is_measured)),
    }


def _static(name: str) -> str:
    return (labels.TEMPLATES / name).read_text("utf-8")


def accents(codebook: Codebook) -> str:
    """A rule of style for each colour of a code."""
    used = sorted(set(labels.hues(codebook).values()))
    return "".join(f".hue-{n}{{--hue:{labels.ACCENTS[n] if n >= 0 else labels.NEUTRAL}}}\n" for n in used)


def policy(script: str, style: str) -> str:
    """The content policy: nothing is loaded, and only our own script and style, known by their hash, are run."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{digest(script)}'",
            f"style-src '{digest(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def digest(text: str) -> str:
    """The hash of a script or style, as a content policy names it."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"

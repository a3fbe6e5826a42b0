"""report.docx: the annex of an evaluation report, in the study's language, made from the same Publication as the other outputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline import wording
from pipeline.config import StudySettings
from pipeline.publish import Publication, labels, method
from pipeline.publish.drawings import THEORY
from pipeline.publish.references import references
from pipeline.publish.word import (
    crossing_parts,
    findings_parts,
    method_parts,
    register_parts,
    study_parts,
    theory_parts,
)
from pipeline.publish.word.blocks import Paragraph, Part, TitlePage
from pipeline.publish.word.document import FileFacts, as_docx
from pipeline.publish.word.texts import Texts

FOOTER = 60  # characters of the study's title at the foot of a page
PROPERTY = 200  # characters of a property of the file: the format allows 255


def write(publication: Publication, folder: Path) -> None:
    """Write report.docx into `folder`, with the drawn theory of change of its figures; equal publications give equal bytes."""
    drawing = folder / "figures" / f"{THEORY}.png"
    (folder / "report.docx").write_bytes(annex(publication, drawing.read_bytes() if drawing.exists() else b""))


def annex(publication: Publication, drawing: bytes = b"") -> bytes:
    """The annex as a .docx file; `drawing` is the theory of change as PNG."""
    study = publication.settings.study
    texts = Texts(study.language, publication.codebook, references(publication))
    edition = texts.say("edition.internal")
    return as_annex(study, texts, edition, title_page(publication, texts), parts(publication, texts, drawing))


def as_annex(study: StudySettings, texts: Texts, edition: str, first: TitlePage, parts: Sequence[Part]) -> bytes:
    """A first page and parts as a .docx file, with the edition at the head of every page and the study at its foot."""
    footer = f"{labels.short(study.title, FOOTER)}: {texts.say('annex.title')}"
    facts = FileFacts(
        title=labels.short(f"{study.title}: {texts.say('annex.title')}", PROPERTY),
        subject=labels.short(study.subtitle, PROPERTY),
        language=study.language,
        header=edition,
        footer=footer,
    )
    return as_docx(first, parts, facts)


def title_page(publication: Publication, texts: Texts) -> TitlePage:
    """Title, what the annex is, how to read it, and from which edition it comes."""
    facts, study = publication.facts, publication.settings.study
    counts = {name: facts[name] for name in ("findings", "persons", "sources", "excerpts")}
    edition = {"version": publication.version, "codebook": publication.codebook.version, "edition": publication.edition}
    kinds = {name: texts.say(f"annex_reference.{name}") for name in ("interview", "group", "survey", "document")}
    partial = {"read": facts["files_read"], "files": facts["files"]}
    paragraphs = (
        Paragraph(study.date, "note"),
        Paragraph(texts.say("overview.partial", **partial) if publication.partial else ""),
        Paragraph(texts.say("annex.about", **counts)),
        Paragraph(texts.say("annex.key", **kinds)),
        Paragraph(texts.say("annex.confirmed_apart")),
        Paragraph(f"{texts.say('edition.internal')} {texts.say('interface.edition', **edition)}", "note"),
    )
    return TitlePage(
        title=study.title,
        subtitle=study.subtitle,
        kicker=texts.say("annex.title"),
        paragraphs=tuple(each for each in paragraphs if each.text),
        contents=wording.text("annex.contents", study.language),
    )


def parts(publication: Publication, texts: Texts, drawing: bytes) -> tuple[Part, ...]:
    """The parts of the annex, in order; `drawing` as in `annex`."""
    figures = method.figures_of(publication)
    strengths = {name: each.strength for name, each in publication.assessments.items()}
    registers = register_parts.registers(publication.register, strengths, texts)
    theory = theory_parts.theory_of_change(publication, texts, drawing)
    return (
        findings_parts.matrix(publication, texts),
        *filter(None, (registers, theory)),
        study_parts.persons(publication, texts),
        study_parts.sources(publication, texts),
        findings_parts.evidence(publication, texts),
        crossing_parts.crossings_and_profiles(publication, texts),
        study_parts.codebook(publication.codebook, texts),
        method_parts.coding(publication, texts, figures),
        method_parts.quality(publication, texts),
        method_parts.limits(publication, texts, figures),
        method_parts.coreq(publication, texts, figures),
    )

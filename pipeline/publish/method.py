"""The sentences on method and limits, with the run's own figures: keys of wording and the values that fill them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline import wording
from pipeline.publish import Publication, labels
from pipeline.publish.html.tables import main_grid, method_figures
from pipeline.vocabulary import Kind, ReadStatus


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text of wording, by its key, and the values that fill it."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The text in one language."""
        return wording.text(self.key, language, **self.values)


def figures_of(publication: Publication) -> dict[str, Any]:
    """The run's own figures."""
    return method_figures(publication, main_grid(publication))


def words(publication: Publication, figures: Mapping[str, Any]) -> Sentence:
    """From files to excerpts."""
    facts, segment = publication.facts, publication.settings.segment
    return Sentence(
        "method.words_say",
        {
            "read": facts["files_read"],
            "files": facts["files"],
            "chars": figures["chars"],
            "excluded": figures["excluded"],
            "share": figures["excluded_share"],
            "excerpts": facts["excerpts"],
            "sentences": segment.sentences,
            "size": segment.chars,
        },
    )


def coding(publication: Publication, figures: Mapping[str, Any]) -> Sentence:
    """From excerpts to codes."""
    counts = {name: publication.facts[name] for name in ("coded", "codings", "confirmed", "doubtful")}
    sizes = {name: figures[name] for name in ("codes", "families", "patterns")}
    return Sentence("method.coding_say", {"version": publication.codebook.version, **sizes, **counts})


def voters(publication: Publication) -> Sentence | None:
    """Who else judged the excerpts; None if nobody did."""
    return Sentence("method.voters_say", {"voters": ", ".join(publication.voters)}) if publication.voters else None


def evidence(publication: Publication) -> Sentence:
    """From codes to evidence."""
    chosen = publication.settings.evidence
    return Sentence(
        "method.evidence_say",
        {
            "candidates": chosen.candidates,
            "closeness": chosen.closeness,
            "links": publication.facts["links"],
            "confirmed": publication.facts["links_confirmed"],
        },
    )


def rule(publication: Publication) -> Sentence:
    """How the strength of a finding is decided."""
    return Sentence("method.rule_say", {"contested": labels.share(publication.settings.evidence.contested)})


def people(publication: Publication) -> Iterator[Sentence]:
    """Under which codes people appear, what is masked, and what is held back at their request."""
    yield Sentence("method.people_say", {"k": publication.settings.disclosure.smallest_cell})
    masks = publication.settings.privacy.names == "mask"
    yield Sentence("method.names_masked" if masks else "method.names_as_spoken")


def held_back(publication: Publication) -> Sentence | None:
    """How many people's words are not used, or not shown; None if nobody asked for that."""
    facts = publication.facts
    if not (facts["persons_not_used"] or facts["persons_not_shown"]):
        return None
    names = {"n": "persons_not_used", "chars": "chars_not_used", "quiet": "persons_not_shown"}
    counts = {name: facts[fact] for name, fact in {**names, "quiet_chars": "chars_not_shown"}.items()}
    return Sentence("method.held_back", counts)


def is_of_documents_alone(publication: Publication) -> bool:
    """Whether only documents were read, for which no person is counted."""
    read = publication.sources.loc[publication.sources["status"] != ReadStatus.REJECTED, "kind"]
    return set(read) == {Kind.DOCUMENT}


def limits(publication: Publication, figures: Mapping[str, Any], *, is_measured: bool) -> Iterator[Sentence]:
    """What a reader must know before relying on the findings; what does not apply is left out."""
    facts = publication.facts
    if facts["links"] and not facts["links_confirmed"]:
        yield Sentence("method.limit_unconfirmed")
    elif facts["links"]:
        yield Sentence("method.limit_share", {"share": figures["confirmed_share"]})
    if figures["unread"]:
        yield Sentence("method.limit_partial", {"n": figures["unread"]})
    yield Sentence("method.limit_measured" if is_measured else "method.limit_quality")
    if figures["top"]:
        yield Sentence("method.limit_top", {"n": figures["top"]})
    if figures["empty"]:
        yield Sentence("method.limit_silence", {"empty": figures["empty"], "n": figures["cells"]})
    if not facts["persons"]:
        yield Sentence("method.limit_documents" if is_of_documents_alone(publication) else "method.limit_nobody")
    yield Sentence("method.limit_contrary", {"recall": facts["contrary_recall"]})
    yield Sentence("method.limit_counts")

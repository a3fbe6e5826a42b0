"""What outputs may show of an excerpt: its words, or the note in their place."""

from __future__ import annotations

from pipeline import wording
from pipeline.audit.recount.book import cell_text
from pipeline.audit.recount.counts import person_key
from pipeline.audit.recount.links import PersonsOf
from pipeline.audit.stored import Stored


class ShownWords:
    """The texts that may be shown for each excerpt, by the consent of who speaks in it."""

    def __init__(self, stored: Stored) -> None:
        self.excerpts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
        self.sources = {row["source_id"]: row for row in stored.tables["sources"]}
        self.persons = PersonsOf(stored)
        self.note = wording.text("consent.withheld", stored.settings.study.language)

    def texts(self, excerpt_id: str) -> set[str]:
        """The texts that may stand there, with one space for any run of white space."""
        excerpt = self.excerpts[excerpt_id]
        words = {True: (excerpt["text"],), False: (self.note,), None: (excerpt["text"], self.note)}
        return {" ".join(cell_text(text).split()) for text in words[self.is_shown(excerpt_id)]}

    def speaker(self, excerpt_id: str) -> str:
        """The key of who speaks in it; "" in documents."""
        excerpt = self.excerpts[excerpt_id]
        return person_key(excerpt, self.sources[excerpt["source_id"]], self.sources)

    def is_shown(self, excerpt_id: str) -> bool | None:
        """Whether its words may be shown; None if that is unknown for the speaker."""
        return self.persons.is_shown(self.excerpts[excerpt_id])

    def may_be(self, text: str, excerpt_id: str) -> bool:
        """Whether a text is one of them."""
        return " ".join(text.split()) in self.texts(excerpt_id)

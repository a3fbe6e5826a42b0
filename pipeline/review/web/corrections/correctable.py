"""What can be corrected in a transcript: the words of an excerpt, or a whole turn, also an interviewer's."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.provenance import excerpt_id, sha256_text
from pipeline.review.web.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Correctable:
    """An excerpt or a turn, by its source and the place of its words in it. Words that are withheld are blanks."""

    id: str
    source_id: str
    turn: int
    text: str

    @property
    def text_sha256(self) -> str:
        """The hash of its words."""
        return sha256_text(self.text)

    @property
    def is_withheld(self) -> bool:
        """Whether its words are not shown to anybody."""
        return not self.text.strip()


def correctable_of(shelf: Shelf, passage_id: str) -> Correctable | None:
    """The excerpt or turn with this id; None if there is none."""
    if passage_id in shelf.position:
        row = shelf.row(shelf.position[passage_id])
        return Correctable(passage_id, row["source_id"], row["turn"], row["text"])
    source_id = passage_id.rpartition(":")[0]
    for turn in shelf.all_turns(source_id):
        if excerpt_id(source_id, turn["start"], turn["end"]) == passage_id:
            return Correctable(
                passage_id, source_id, turn["turn"], shelf.words_between(source_id, turn["start"], turn["end"])
            )
    return None


def excerpts_of(shelf: Shelf, passage: Correctable) -> list[str]:
    """The ids of the excerpts of a passage's turn."""
    names = shelf.ids_of_source(passage.source_id)
    return [name for name in names if shelf.row(shelf.position[name])["turn"] == passage.turn]

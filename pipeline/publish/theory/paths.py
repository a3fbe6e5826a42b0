"""What is shown of each causal path: whether it is drawn and stated, by how many persons, and their words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.codebook.theory_of_change import Arrow, Element
from pipeline.publish import Publication
from pipeline.publish.theory.elements import WORDS, ElementVoice
from pipeline.vocabulary import ArrowStatus, PathStatus

if TYPE_CHECKING:
    import pandas as pd

TABLE = ("persons", "excerpts", "documents", "suggested")  # counts shown


@dataclass(frozen=True, slots=True)
class PathAccount:
    """An arrow with the words for it: those that people marked, and those that only suggest it."""

    anchor: str
    influence: Element
    consequence: Element
    status: ArrowStatus
    counts: dict[str, int]  # as in causal_paths.csv
    told: tuple[ElementVoice, ...]
    suggested: tuple[ElementVoice, ...]

    @property
    def arrow(self) -> Arrow:
        """The ids of its elements."""
        return Arrow(self.influence.id, self.consequence.id)

    def name_in(self, language: str) -> str:
        """What leads to what."""
        return f"{self.influence.name_in(language)} → {self.consequence.name_in(language)}"


def path_accounts(publication: Publication) -> tuple[PathAccount, ...]:
    """An account of every arrow: drawn ones in the order of the file, then those that are stated but not drawn."""
    elements = {element.id: element for element in publication.theory.elements}
    voices = _voices(publication)
    accounts = []
    for number, row in enumerate(publication.arrows.to_dict("records"), 1):
        of_arrow = voices[Arrow(row["influence"], row["consequence"])]
        accounts.append(
            PathAccount(
                anchor=f"path-{number}",
                influence=elements[row["influence"]],
                consequence=elements[row["consequence"]],
                status=ArrowStatus(row["status"]),
                counts={name: int(row[name]) for name in TABLE},
                told=tuple(voice for voice in of_arrow if voice.status == PathStatus.CONFIRMED),
                suggested=tuple(voice for voice in of_arrow if voice.status == PathStatus.SUGGESTED),
            )
        )
    return tuple(accounts)


def path_rows(publication: Publication) -> pd.DataFrame:
    """A row per path and excerpt: those of `path_voices`, with words, speaker and place."""
    words = publication.excerpts[WORDS]
    return publication.path_voices.merge(words, on="excerpt_id", how="left", validate="many_to_one")


def _voices(publication: Publication) -> dict[Arrow, list[ElementVoice]]:
    rows = path_rows(publication).assign(direction="")
    voices: dict[Arrow, list[ElementVoice]] = defaultdict(list)
    columns = ["influence", "consequence", *ElementVoice.__slots__]
    for influence, consequence, *values in rows[columns].itertuples(index=False, name=None):
        voices[Arrow(influence, consequence)].append(ElementVoice(*values))
    return voices

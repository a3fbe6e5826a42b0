"""The texts of a study as they may be shown: blanks in the place of words that are withheld, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.privacy import consent


@dataclass(frozen=True, slots=True)
class ShownTexts(Mapping[str, str]):
    """Canonical text by source, with at most one in memory beside the table."""

    texts: pd.Series[str]
    places: Mapping[str, int]  # where in `texts` the text of a source is
    withheld: Mapping[str, Sequence[tuple[int, int]]]  # stretches of a source that are not shown

    def __getitem__(self, source_id: str) -> str:
        text = str(self.texts.iloc[self.places[source_id]])
        return consent.blanked(text, self.withheld.get(source_id, ()))

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def shown_texts(frames: Mapping[str, pd.DataFrame], unshown: Collection[consent.TurnId]) -> ShownTexts:
    """The canonical texts with blanks in the place of the words of these turns."""
    turns, texts = frames["turns"], frames["texts"]
    spoken = turns[turns["source_id"].isin({source_id for source_id, _ in unshown})]
    withheld: dict[str, list[tuple[int, int]]] = {}
    for source_id, turn, start, end in spoken[["source_id", "turn", "start", "end"]].itertuples(index=False, name=None):
        if (source_id, turn) in unshown:
            withheld.setdefault(source_id, []).append((start, end))
    return ShownTexts(texts["text"], {name: at for at, name in enumerate(texts["source_id"])}, withheld)

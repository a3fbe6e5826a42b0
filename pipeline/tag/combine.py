"""What the voters' opinions come to: a coding with its probability for every respondent's excerpt and every code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import tables
from pipeline.records import CodingStatus, Vote
from pipeline.tag.features import Features
from pipeline.tag.model import Model, probabilities, stances, top_terms

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Judged:
    """The classifier's view of some excerpts: probabilities (excerpts x codes) and the stance of each excerpt."""

    excerpt_ids: tuple[str, ...]
    chances: np.ndarray
    stances: tuple[str, ...]


def judge(model: Model, excerpt_ids: Sequence[str], features: Features) -> Judged:
    """Probabilities and stances of the excerpts whose features are given, in their order."""
    return Judged(tuple(excerpt_ids), probabilities(model, features), tuple(stances(model, features)))


def classifier_votes(
    model: Model, judged: Judged, features: Features, rules: Mapping[str, Mapping[str, float]]
) -> Iterator[Vote]:
    """The classifier's votes: yes from the threshold on, no where a rule said yes and it does not; elsewhere it abstains."""
    yes = judged.chances >= model.thresholds[:, 1]
    voter = f"classifier:{model.version}"
    for row, excerpt_id in enumerate(judged.excerpt_ids):
        ruled = rules.get(excerpt_id, {})
        for column, code in enumerate(model.codes):
            if model.known[column] and (yes[row, column] or code in ruled):
                terms = top_terms(model, features.texts[row], column) if yes[row, column] else []
                stance = judged.stances[row] if yes[row, column] else ""
                because = json.dumps({"terms": terms} if terms else {}, ensure_ascii=False)
                chance = float(judged.chances[row, column])
                yield Vote(excerpt_id, code, voter, int(yes[row, column]), chance, stance, because, model.version)


def codings(model: Model, judged: Judged, rule_stances: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """The table `codings`: a row for every excerpt and code. Where nothing was learnt of a code, the rules speak alone."""
    import numpy as np
    import pandas as pd

    lower, threshold, upper = model.thresholds.T
    n, m = judged.chances.shape
    coded = judged.chances >= threshold
    doubtful = (judged.chances >= lower) & (judged.chances < upper)
    ids, names = np.repeat(np.array(judged.excerpt_ids, dtype=object), m), list(model.codes) * n
    said = [_stance(model, judged, rule_stances, i, j) if coded[i, j] else "" for i in range(n) for j in range(m)]
    frame = pd.DataFrame(
        {
            "excerpt_id": ids,
            "criterion": names,
            "coded": coded.ravel(),
            "probability": judged.chances.ravel(),
            "stance": said,
            "status": str(CodingStatus.MACHINE),
            "decided_by": "machine",
            "doubtful": doubtful.ravel(),
        }
    )
    return tables.typed(frame, tables.CODINGS)


def _stance(model: Model, judged: Judged, rules: Mapping[tuple[str, str], str], row: int, column: int) -> str:
    ruled = rules.get((judged.excerpt_ids[row], model.codes[column]), "")
    return ruled or judged.stances[row]

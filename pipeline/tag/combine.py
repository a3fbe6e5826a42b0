"""Combine votes into codings: one with its probability for every respondent's excerpt and every code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline import tables
from pipeline.records import Vote
from pipeline.tag.features import Features
from pipeline.tag.model import Model
from pipeline.vocabulary import CodingStatus

BLOCK = 2000  # excerpts judged at a time, so that memory stays flat


@dataclass(frozen=True, slots=True)
class ClassifierOutput:
    """The classifier's view of some excerpts: probabilities (excerpts x codes), what is coded, and the stance of those cells.

    Codes that are not reliable are never coded, only `suggested`: they compete, and each excerpt is suggested for the
    likeliest of them, from its lower threshold on, and for each of which nothing is learnt yet and that a pattern or voter names.
    """

    excerpt_ids: tuple[str, ...]
    chances: np.ndarray
    coded: np.ndarray
    suggested: np.ndarray
    stances: Mapping[tuple[int, int], str]  # (row, column) -> stance, of coded cells
    words: Any  # excerpts x words, sparse


def judge(model: Model, excerpt_ids: Sequence[str], features: Features) -> ClassifierOutput:
    """Probabilities, codes and stances of the excerpts with these features, in the same order."""
    count = len(excerpt_ids)
    chances = np.zeros((count, len(model.codes)))
    stances: dict[tuple[int, int], str] = {}
    words = []
    for at in range(0, max(1, count), BLOCK):
        part = features.part(range(at, min(at + BLOCK, count)))
        columns = model.space.transform(part)
        chances[at : at + BLOCK] = model.probabilities(part, columns)
        rows, codes = np.nonzero(_is_coded(model, chances[at : at + BLOCK]))
        stance_words = model.stance.predict(columns.of(rows), codes)
        stances.update(zip(zip((rows + at).tolist(), codes.tolist(), strict=True), stance_words, strict=True))
        words.append(model.words_of(columns))
    return ClassifierOutput(
        excerpt_ids=tuple(excerpt_ids),
        chances=chances,
        coded=_is_coded(model, chances),
        suggested=_is_suggested(model, chances, (features.on_answer > 0) | (features.by_voters > 0).any(axis=2)),
        stances=stances,
        words=sparse.vstack(words, format="csr"),
    )


def _is_coded(model: Model, chances: np.ndarray) -> np.ndarray:
    coded: np.ndarray = (chances >= model.classifier.thresholds_[:, 1]) & model.is_reliable
    return coded


def _is_suggested(model: Model, chances: np.ndarray, by_others: np.ndarray) -> np.ndarray:
    open_codes = np.where(model.is_reliable, -1.0, chances)
    likeliest = open_codes == open_codes.max(axis=1, initial=-1.0, keepdims=True)
    suggested: np.ndarray = likeliest & (open_codes >= model.classifier.thresholds_[:, 0])
    suggested |= model.is_new & by_others
    return suggested


def classifier_votes(model: Model, judged: ClassifierOutput, ruled: Set[tuple[str, str]]) -> Iterator[Vote]:
    """The classifier's votes: yes from the threshold on, no if only a pattern or voter says yes; otherwise it abstains.

    `ruled`: the (excerpt, code) for which a rule or a further voter says yes. Of a code that is not reliable it says yes where it
    suggests it, by its definition or by what little was learnt.
    """
    voter = f"classifier:{model.version}"
    says_yes = judged.coded | judged.suggested
    learnt, reliable = model.is_learnt, model.is_reliable
    has_opinion = learnt | model.definitions.any(axis=1)
    for row, excerpt_id in enumerate(judged.excerpt_ids):
        for column, code in enumerate(model.codes):
            yes = bool(says_yes[row, column])
            by_rule = (excerpt_id, code) in ruled
            if (yes or by_rule) if reliable[column] else (yes and not by_rule and has_opinion[column]):
                stance, chance = judged.stances.get((row, column), ""), float(judged.chances[row, column])
                because: dict[str, Any] = {}
                if not reliable[column]:
                    because["suggested" if learnt[column] else "definition"] = chance
                if learnt[column] and yes:
                    because["terms"] = model.top_terms(judged.words[[row]], column)
                rationale = json.dumps(because, ensure_ascii=False)
                yield Vote(excerpt_id, code, voter, int(yes), chance, stance, rationale, model.version)


def codings(model: Model, judged: ClassifierOutput, rule_stances: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """The table `codings`: a row for every excerpt and code.

    An excerpt is coded from the code's threshold on and doubtful between its lower and its upper one, or where it is only
    suggested. The stance is the classifier's; where it learnt none, that of the rules (`rule_stances`).
    """
    lower, _, upper = model.classifier.thresholds_.T
    count = len(model.codes)
    doubtful = np.where(model.is_reliable, (judged.chances >= lower) & (judged.chances < upper), judged.suggested)
    cells = np.full(judged.chances.shape, "", dtype=object)
    for (row, column), stance in judged.stances.items():
        cells[row, column] = stance or rule_stances.get((judged.excerpt_ids[row], model.codes[column]), "")
    frame = pd.DataFrame(
        {
            "excerpt_id": np.repeat(np.array(judged.excerpt_ids, dtype=object), count),
            "criterion": list(model.codes) * len(judged.excerpt_ids),
            "coded": judged.coded.ravel(),
            "probability": judged.chances.ravel(),
            "stance": cells.ravel(),
            "status": str(CodingStatus.MACHINE),
            "decided_by": "machine",
            "doubtful": doubtful.ravel(),
        }
    )
    return tables.typed(frame, tables.CODINGS)

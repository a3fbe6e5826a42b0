"""A trained tagger as arrays and words: scored with NumPy alone, stored as npz and JSON, never pickled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.provenance import canonical_json
from pipeline.tag import definitions
from pipeline.tag.calibrate import sigmoid
from pipeline.tag.features import Features
from pipeline.tag.kernel import PARTS, Lexicons, gaussian, scaled
from pipeline.tag.lexical import Lexicon
from pipeline.tag.rules.match import EVERYWHERE
from pipeline.tag.stance import STANCES

ON_ANSWER, ON_QUESTION = 0.2, 0.15  # what a sure rule adds to a score (0: no, 1: yes)
ALONE = 0.6  # a sure rule's chance of being right where nothing was learnt of its code
NAMED = 0.002  # what a word must add to be named as a reason
BLOCK = 2000  # samples scored at a time


@dataclass(frozen=True, slots=True)
class Goal:
    """What is trained: the codes with their families, the version of the data, the recall asked for, the seed of chance.

    `definitions`, `usual`: what is known of each code before any example (tag/definitions.py).
    """

    codes: tuple[str, ...]
    families: tuple[str, ...]
    version: str
    recall: float
    seed: int
    definitions: np.ndarray
    usual: np.ndarray


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt. `known` says of which codes there was anything to learn; for the others rules and definitions speak."""

    version: str  # hash of the data that it was trained on
    codes: tuple[str, ...]
    lexicons: Lexicons
    known: np.ndarray  # codes
    centres: np.ndarray  # examples x dimensions: the vectors it compares with
    weights: np.ndarray  # examples x codes: what likeness to each example adds
    of_words: np.ndarray  # terms x codes
    of_pieces: np.ndarray
    of_question: np.ndarray
    definitions: np.ndarray  # codes x dimensions: the mean vector of what each code is meant for
    calibration: (
        np.ndarray
    )  # codes x (slope, offset): of scores, or of closeness to a definition where nothing was learnt
    thresholds: np.ndarray  # codes x (lower, threshold, upper)
    stance_of: np.ndarray  # codes x examples x stances: what likeness to each example says of the stance
    stance_words: np.ndarray  # codes x terms x stances
    stance_prior: np.ndarray  # codes x stances


ARRAYS = tuple(
    """known centres weights of_words of_pieces of_question definitions calibration thresholds stance_of stance_words
    stance_prior""".split()
)


def raw_scores(model: Model, features: Features) -> np.ndarray:
    """The scores before calibration, samples x codes: 0 for no, 1 for yes."""
    scores = ON_ANSWER * features.on_answer + ON_QUESTION * features.on_question
    by_terms = (model.of_words, model.of_pieces, model.of_question)
    for (lexicon, texts), weights in zip(model.lexicons.parts(features), by_terms, strict=True):
        scores = scores + lexicon.scores(texts, weights)
    blocks = [alike @ model.weights for alike in _alike(model, features)]
    return scores + np.vstack(blocks) if blocks else scores


def _alike(model: Model, features: Features) -> list[np.ndarray]:
    rows, centres = scaled(features.vectors), scaled(model.centres.astype(float))
    return [gaussian(rows[at : at + BLOCK], centres) for at in range(0, len(rows), BLOCK)]


def probabilities(model: Model, features: Features) -> np.ndarray:
    """Calibrated probabilities, samples x codes, to four digits; of rules or definitions where nothing was learnt."""
    learnt = sigmoid(raw_scores(model, features) * model.calibration[:, 0] + model.calibration[:, 1])
    ruled = ALONE * np.maximum(features.on_answer, features.on_question / 2)
    by_definition = definitions.chances(features, model.definitions, model.calibration)
    return np.round(np.where(model.known, learnt, np.maximum(ruled, by_definition)), 4)


def stances(model: Model, features: Features, codes: np.ndarray) -> list[str]:
    """The likeliest stance of each sample towards a code (its number in `codes`); blank where nothing was learnt of it."""
    scores = model.stance_prior[codes]
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        part = features.part(rows)
        scores[rows] += model.lexicons.words.scores(part.texts, model.stance_words[code])
        scores[rows] += np.vstack([alike @ model.stance_of[code] for alike in _alike(model, part)])
    likeliest = scores.round(6).argmax(axis=1)
    return [
        STANCES[best] if model.stance_prior[code].any() else "" for best, code in zip(likeliest, codes, strict=True)
    ]


def top_terms(model: Model, text: str, code: int, most: int = 5) -> list[tuple[str, float]]:
    """The words of a text that speak most for a code, with what each adds to its score; words of every sentence left out."""
    lexicon = model.lexicons.words
    places, values = lexicon.row(text)
    added = (values * model.of_words[places, code]).round(3).tolist()
    named = [(lexicon.terms[place], add) for place, add in zip(places.tolist(), added, strict=True) if add >= NAMED]
    telling = [t for t in named if not EVERYWHERE.issuperset(t[0].split())]
    best = sorted(telling, key=lambda t: (-t[1], t[0]))[: 2 * most]
    in_longer = {word for term, _ in best if " " in term for word in term.split()}
    return [t for t in best if t[0] not in in_longer][:most]


def save(model: Model, folder: Path) -> None:
    """Write model.npz and model.json. Equal models give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    lexicons = {name: getattr(model.lexicons, name) for name in PARTS}
    with (folder / "model.npz").open("wb") as file:
        arrays = {name: getattr(model, name) for name in ARRAYS}
        np.savez(file, **arrays, **{f"idf_{name}": lexicon.idf for name, lexicon in lexicons.items()})
    terms = {name: lexicon.terms for name, lexicon in lexicons.items()}
    content = {"version": model.version, "codes": model.codes, "terms": terms}
    (folder / "model.json").write_text(canonical_json(content) + "\n", "utf-8")


def load(folder: Path, version: str, codes: Sequence[str]) -> Model | None:
    """The stored model, where it was trained on data of this hash; else None."""
    try:
        content = json.loads((folder / "model.json").read_text("utf-8"))
        if content["version"] != version or tuple(content["codes"]) != tuple(codes):
            return None
        with np.load(folder / "model.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ARRAYS}
            idf = {name: stored[f"idf_{name}"] for name in PARTS}
    except (OSError, ValueError, KeyError):
        return None
    kinds = {name: "pieces" if name == "pieces" else "words" for name in PARTS}
    lexicons = Lexicons(**{name: Lexicon(kinds[name], tuple(content["terms"][name]), idf[name]) for name in PARTS})
    return Model(version, tuple(codes), lexicons, **arrays)

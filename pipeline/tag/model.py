"""A trained tagger as arrays and words: scored with NumPy alone, stored as npz and JSON, never pickled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.provenance import canonical_json
from pipeline.tag.features import Features
from pipeline.tag.lexical import Lexicon

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Model:
    """Weights per code. `known` says for which codes there was anything to learn; for the others the rules speak alone."""

    version: str  # hash of the data that it was trained on
    codes: tuple[str, ...]
    known: np.ndarray
    lexicon: Lexicon
    of_terms: np.ndarray  # codes x terms
    of_dense: np.ndarray  # codes x dense features
    of_rules: np.ndarray  # codes
    bias: np.ndarray  # codes
    slope: np.ndarray  # of the calibration, codes
    offset: np.ndarray
    thresholds: np.ndarray  # codes x (lower, threshold, upper)
    stance_of_dense: np.ndarray  # stances x dense features
    stance_bias: np.ndarray


ARRAYS = (
    "known",
    "of_terms",
    "of_dense",
    "of_rules",
    "bias",
    "slope",
    "offset",
    "thresholds",
    "stance_of_dense",
    "stance_bias",
)
STANCES = ("positive", "negative", "mixed")


def margins(model: Model, features: Features) -> np.ndarray:
    """The raw scores, samples x codes."""
    import numpy as np

    lexical = np.array([model.lexicon.scores(text, model.of_terms) for text in features.texts])
    lexical = lexical.reshape(len(features.texts), len(model.codes))
    dense = features.dense @ model.of_dense.T if model.of_dense.shape[1] else 0.0
    total: np.ndarray = lexical + dense + features.rules * model.of_rules + model.bias
    return total


def probabilities(model: Model, features: Features) -> np.ndarray:
    """Calibrated probabilities, samples x codes, to four digits; the rules' own where nothing was learnt."""
    import numpy as np

    learnt = 1 / (1 + np.exp(-(margins(model, features) * model.slope + model.offset)))
    return np.round(np.where(model.known, learnt, features.rules), 4)


def stances(model: Model, features: Features) -> list[str]:
    """The likeliest stance of each sample."""
    if not model.stance_bias.size or features.dense.shape[1] != model.stance_of_dense.shape[1]:
        return [""] * len(features.texts)
    scores = features.dense @ model.stance_of_dense.T + model.stance_bias
    return [STANCES[best] for best in scores.round(6).argmax(axis=1)]


def top_terms(model: Model, text: str, code: int, most: int = 5) -> list[tuple[str, float]]:
    """The terms of a text that speak most for a code, with what each adds."""
    weighed = [
        (model.lexicon.terms[i], round(float(w * model.of_terms[code, i]), 3)) for i, w in model.lexicon.row(text)
    ]
    return sorted((t for t in weighed if t[1] > 0), key=lambda t: (-t[1], t[0]))[:most]


def save(model: Model, folder: Path) -> None:
    """Write model.npz and model.json. Equal models give equal bytes."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "model.npz").open("wb") as file:
        np.savez(file, **{name: getattr(model, name) for name in ARRAYS})
    said = {
        "version": model.version,
        "codes": model.codes,
        "terms": model.lexicon.terms,
        "idf": model.lexicon.idf,
    }
    (folder / "model.json").write_text(canonical_json(said) + "\n", "utf-8")


def load(folder: Path, version: str, codes: Sequence[str]) -> Model | None:
    """The stored model, where it was trained on data of this hash; else None."""
    import numpy as np

    try:
        said = json.loads((folder / "model.json").read_text("utf-8"))
        if said["version"] != version or tuple(said["codes"]) != tuple(codes):
            return None
        with np.load(folder / "model.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ARRAYS}
    except (OSError, ValueError, KeyError):
        return None
    return Model(version, tuple(codes), lexicon=Lexicon(tuple(said["terms"]), tuple(said["idf"])), **arrays)

"""A trained tagger: which codes a text carries, with which stance, and why. Stored as npz and JSON, never pickled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from pipeline.provenance import canonical_json
from pipeline.records import Example
from pipeline.tag import definitions
from pipeline.tag.features import Features, Goal
from pipeline.tag.learning import grouping
from pipeline.tag.learning.classifier import FEWEST, MANY, UNIVERSAL, CodeClassifier, Hints, truth_of
from pipeline.tag.learning.second_opinion import SecondOpinion
from pipeline.tag.learning.space import PARTS, Columns, TextSpace
from pipeline.tag.learning.stance import StanceClassifier
from pipeline.tag.rules.match import EVERYWHERE

ON_ANSWER, ON_QUESTION = 0.2, 0.15  # what a sure rule adds to a score (0: no, 1: yes)
ALONE = 0.6  # a sure rule's chance of being right where nothing was learnt of its code
NAMED = 0.002  # what a word must add to be named as a reason
CODES = ("weights_", "intercepts_", "is_learnt_", "rates_", "calibration_", "thresholds_", "is_reliable_")
STANCE = ("of_near_", "intercepts_", "is_learnt_", "both_")
OF_TERMS = ("data", "indices", "indptr")  # of the stance's sparse weights of terms


@dataclass(frozen=True, slots=True)
class Model:
    """A trained tagger of some codes; `version` is the hash of all that it depends on."""

    version: str
    codes: tuple[str, ...]
    space: TextSpace
    classifier: CodeClassifier
    stance: StanceClassifier
    definitions: np.ndarray  # codes x dimensions: the mean vector of what each code is meant for
    usual: (
        np.ndarray
    )  # codes x (slope, offset): of closeness to a definition; corrected where decisions teach nothing else
    second: SecondOpinion | None = None

    @property
    def is_universal(self) -> np.ndarray:
        """The codes that nearly all examples carry."""
        universal: np.ndarray = self.classifier.rates_ >= UNIVERSAL
        return universal

    @property
    def is_learnt(self) -> np.ndarray:
        """The codes learnt from the examples: which texts carry them, or that nearly all do."""
        learnt: np.ndarray = self.classifier.is_learnt_ | self.is_universal
        return learnt

    @property
    def is_new(self) -> np.ndarray:
        """The codes on which too little was decided to learn anything, not even how rare they are."""
        new: np.ndarray = ~self.classifier.is_learnt_ & np.isnan(self.classifier.rates_)
        return new

    @property
    def is_reliable(self) -> np.ndarray:
        """The codes that may be assigned: held-out examples bear out what was learnt, or nearly all texts carry them."""
        reliable: np.ndarray = self.classifier.is_reliable_ | self.is_universal
        return reliable

    def not_learnt(self) -> list[str]:
        """The codes that only rules and definitions suggest."""
        return self._codes(~self.is_learnt)

    def unreliable(self) -> list[str]:
        """The codes that were learnt, but not so well that they may be coded."""
        return self._codes(self.is_learnt & ~self.is_reliable)

    def only_suggested(self) -> list[str]:
        """The codes that are never coded, only suggested."""
        return self._codes(~self.is_reliable)

    def _codes(self, chosen: np.ndarray) -> list[str]:
        return [code for code, is_chosen in zip(self.codes, chosen, strict=True) if is_chosen]

    def probabilities(self, features: Features, columns: Columns | None = None) -> np.ndarray:
        """Calibrated probabilities, samples x codes, to four digits; from rules or definitions if nothing was learnt."""
        hints, columns = hints_of(features, self.definitions, self.usual), columns or self.space.transform(features)
        learnt = self.classifier.predict_proba(columns, hints)
        if self.second:
            learnt = self.second.revised(learnt.round(4), features, columns, hints)
        ruled = ALONE * np.maximum(features.on_answer, features.on_question / 2)
        by_definition = definitions.as_chances(hints.by_definition, self.definitions)
        untrained = np.fmax(np.maximum(ruled, by_definition), np.where(self.is_learnt, np.nan, self.classifier.rates_))
        return np.where(self.is_learnt, learnt, untrained).round(4)

    def words_of(self, columns: Columns) -> Any:
        """The words among the terms of samples: samples x words, sparse."""
        return columns.terms[:, : len(self.space.parts_["words"].terms_)]

    def top_terms(self, words: Any, code: int, most: int = 5) -> list[tuple[str, float]]:
        """The words that speak most for a code, with what each adds to its score; words of every sentence left out.

        `words`: those of one text, a row of `words_of`.
        """
        terms, behind = self.space.parts_["words"].terms_, len(self.space.landmarks_)
        added = (words.data * self.classifier.weights_[behind + words.indices, code]).round(3).tolist()
        named = [(terms[place], add) for place, add in zip(words.indices.tolist(), added, strict=True) if add >= NAMED]
        telling = [t for t in named if not EVERYWHERE.issuperset(t[0].split())]
        best = sorted(telling, key=lambda t: (-t[1], t[0]))[: 2 * most]
        in_longer = {word for term, _ in best if " " in term for word in term.split()}
        return [t for t in best if t[0] not in in_longer][:most]


def hints_of(features: Features, defined: np.ndarray, usual: np.ndarray) -> Hints:
    """What rules, definitions and voters say of samples."""
    bonus = ON_ANSWER * features.on_answer + ON_QUESTION * features.on_question
    return Hints(bonus, definitions.log_odds(features, defined, usual), features.by_voters)


def train(examples: Sequence[Example], features: Features, goal: Goal) -> Model:
    """A Model of the goal's codes. `features` are those of the examples, in their order."""
    truth = truth_of([dict(example.codes) for example in examples], [example.asked for example in examples], goal.codes)
    about = {
        "weight": np.array([example.weight for example in examples], dtype=float),
        "group": grouping.groups([example.group for example in examples], features.vectors),
    }
    space = TextSpace(goal.seed)
    columns = space.fit_transform(features)
    hints = hints_of(features, goal.definitions, goal.usual)
    is_seed = np.array([example.is_seed for example in examples], dtype=bool)
    classifier = CodeClassifier(goal.recall).fit(columns, truth, is_seed=is_seed, hints=hints, **about)
    stance = StanceClassifier(len(goal.codes)).fit(columns, _stances(examples, goal.codes), **about)
    second = None
    if features.second and len(space.rows_):
        vectors = features.read_again(range(len(examples)))
        second = SecondOpinion(goal.recall).fit(space, columns, vectors, truth, is_seed=is_seed, hints=hints, **about)
        classifier.thresholds_ = second.classifier_.thresholds_
    classifier.weights_ = space.on_landmarks(classifier.weights_)
    classifier.round_as_stored()
    stance.on_landmarks(space)
    space.basis_ = None
    usual = _corrected(goal, features, np.where(classifier.is_learnt_, np.nan, truth))
    return Model(goal.version, goal.codes, space, classifier, stance, goal.definitions, usual, second)


def _stances(examples: Sequence[Example], codes: Sequence[str]) -> list[tuple[int, int, str]]:
    """What the examples say of their codes: (number of the example, number of the code, stance)."""
    number = {code: i for i, code in enumerate(codes)}
    return [(i, number[c], s) for i, e in enumerate(examples) for c, s in e.codes if s and c in number]


def _corrected(goal: Goal, features: Features, truth: np.ndarray) -> np.ndarray:
    """The goal's slopes and offsets of closeness to a definition, corrected by the `truth` of `MANY` examples or more."""
    usual = goal.usual.copy()
    close = definitions.closeness(features, goal.definitions)
    for code in np.flatnonzero(goal.definitions.any(axis=1) & ((~np.isnan(truth)).sum(axis=0) >= MANY)):
        rows = np.flatnonzero(~np.isnan(truth[:, code]))
        usual[code] = definitions.corrected(close[rows, code], truth[rows, code], usual[code])
    return usual


def lacking(examples: Sequence[Example], codes: Sequence[str]) -> dict[str, int]:
    """How many examples, at least, each of these codes lacks before anything can be learnt of it."""
    return {code: _lacks(code, examples) for code in codes}


def _lacks(code: str, examples: Sequence[Example]) -> int:
    carries = [code in dict(each.codes) for each in examples if code in each.asked]
    too_few = sum(max(0, FEWEST - carries.count(answer)) for answer in (True, False))
    return max(too_few, MANY - len(carries))


def save(model: Model, folder: Path) -> None:
    """Write model.npz and model.json. Equal models give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {
        "landmarks": model.space.landmarks_.astype(np.float16),
        "definitions": model.definitions,
        "usual": model.usual,
    }
    arrays.update((f"idf_{part}", terms.idf_) for part, terms in model.space.parts_.items())
    arrays.update((f"codes_{name}", getattr(model.classifier, name)) for name in CODES)
    if model.second:
        arrays.update(second_centre=model.second.centre_, second_landmarks=model.second.landmarks_.astype(np.float16))
        arrays.update((f"second_{name}", getattr(model.second.classifier_, name)) for name in CODES)
    arrays.update((f"stance_{name}", getattr(model.stance, name)) for name in STANCE)
    arrays.update((f"stance_{name}", getattr(model.stance.of_terms_, name)) for name in OF_TERMS)
    with (folder / "model.npz").open("wb") as file:
        np.savez(file, **arrays)
    terms = {part: each.terms_ for part, each in model.space.parts_.items()}
    content = {"version": model.version, "codes": model.codes, "terms": terms}
    (folder / "model.json").write_text(canonical_json(content) + "\n", "utf-8")


def load(folder: Path, version: str, codes: Sequence[str]) -> Model | None:
    """The stored model, if it was trained on data of this hash; else None."""
    try:
        content = json.loads((folder / "model.json").read_text("utf-8"))
        if content["version"] != version or tuple(content["codes"]) != tuple(codes):
            return None
        with np.load(folder / "model.npz", allow_pickle=False) as stored:
            arrays = dict(stored)
        space = TextSpace.of(
            arrays["landmarks"], {part: (tuple(content["terms"][part]), arrays[f"idf_{part}"]) for part in PARTS}
        )
        classifier, stance = CodeClassifier(), StanceClassifier(len(codes))
        _fill(classifier, arrays, "codes", CODES)
        _fill(stance, arrays, "stance", STANCE)
        shape = len(classifier.weights_) - len(space.landmarks_), 2 * (1 + len(codes))
        stance.of_terms_ = sparse.csr_matrix(tuple(arrays[f"stance_{name}"] for name in OF_TERMS), shape=shape)
        second = _second(arrays) if "second_centre" in arrays else None
    except (OSError, ValueError, KeyError):
        return None
    return Model(version, tuple(codes), space, classifier, stance, arrays["definitions"], arrays["usual"], second)


def _second(arrays: Mapping[str, np.ndarray]) -> SecondOpinion:
    second = SecondOpinion()
    second.centre_, second.landmarks_ = arrays["second_centre"], arrays["second_landmarks"].astype(float)
    second.classifier_ = CodeClassifier()
    _fill(second.classifier_, arrays, "second", CODES)
    return second


def _fill(estimator: Any, arrays: Mapping[str, np.ndarray], prefix: str, names: Sequence[str]) -> None:
    """Give an estimator what it had learnt when it was stored."""
    for name in names:
        setattr(estimator, name, arrays[f"{prefix}_{name}"])

"""The baselines that the tagger must beat: the more frequent answer, the rules alone, and TF-IDF with logistic regression."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from pipeline.records import Example
from pipeline.tag.features import Features
from pipeline.tag.learning.classifier import membership

SURE = 0.5  # a rule of at least this score counts as a yes
Baseline = Callable[[Sequence[Example], Features, Features, tuple[str, ...]], "np.ndarray"]


def majority(examples: Sequence[Example], _learn: Features, test: Features, codes: tuple[str, ...]) -> np.ndarray:
    """The more common answer of the examples, for every text."""
    judged = membership([example.asked for example in examples], codes).sum(axis=0)
    coded = membership([dict(example.codes) for example in examples], codes).sum(axis=0)
    return np.tile(coded * 2 > judged, (len(test.texts), 1))


def rules(_examples: Sequence[Example], _learn: Features, test: Features, _codes: tuple[str, ...]) -> np.ndarray:
    """Yes where a pattern matches the answer."""
    predicted: np.ndarray = test.on_answer >= SURE
    return predicted


def words(examples: Sequence[Example], learn: Features, test: Features, codes: tuple[str, ...]) -> np.ndarray:
    """TF-IDF on words and pairs with a class-weighted logistic regression per code, as scikit-learn has them."""
    terms = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, strip_accents="unicode")
    predicted = np.zeros((len(test.texts), len(codes)), dtype=bool)
    try:
        rows = terms.fit_transform(learn.texts)
    except ValueError:  # no word occurs in two texts: there is nothing to learn
        return predicted
    new = terms.transform(test.texts)
    for column, code in enumerate(codes):
        judged = [i for i, example in enumerate(examples) if code in example.asked]
        truth = np.array([code in dict(examples[i].codes) for i in judged])
        if len(set(truth)) == 2:
            model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(rows[judged], truth)
            predicted[:, column] = model.predict(new)
    return predicted


BASELINES: dict[str, Baseline] = {"majority": majority, "rules": rules, "words and logistic regression": words}

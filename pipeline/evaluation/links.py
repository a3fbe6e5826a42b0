"""Fits the shipped link model on judged pairs of finding and excerpt, and measures it with whole evaluations held out.

`evaluate --links` prints the figures; `python -m pipeline.evaluation.links` rewrites pipeline/evidence/link_model.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, cohen_kappa_score
from sklearn.model_selection import GroupKFold

from pipeline.engine.work import Tick, Work
from pipeline.evidence import link_model, null_control
from pipeline.evidence.link_model import FEATURES, OFFSET, WITH_VECTORS, WORDS_ALONE, LinkModel, Pair
from pipeline.steps import review as review_step
from pipeline.steps.evidence import bearing_of
from pipeline.steps.inputs import load_brief
from pipeline.study import Study, locate_study
from pipeline.tag import embeddings
from pipeline.tag.embeddings import VectorStore
from pipeline.tag.features import spoken
from pipeline.tag.folding import fold
from pipeline.vocabulary import LinkStatus

FOLDS = 12  # of 48 evaluations: each is held out once, with both of its findings
FAR = 8  # excerpts of other evaluations, of the same criterion, beside each finding: most of what a study offers is far from it
TOP = 10
DIGITS = 4
BINS = 10  # of probabilities, for the calibration error
OWN, GENERAL, BARE = FORMS = ("own question", "general question", "no question")  # in which each pair is read
LEXICAL = 4  # column of the first feature that needs no vectors


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A finding's statement and an excerpt, and whether it bears on it by two judgements; None if nobody had to judge."""

    evaluation: str
    finding: str
    criterion: str
    pair: Pair
    general_question: str
    first: bool
    second: bool
    is_near: bool = True  # both from one evaluation and about one criterion

    def under(self, form: str) -> JudgedPair:
        """The pair with its own question, with a general one, or without a question."""
        question = {OWN: self.pair.question, GENERAL: self.general_question, BARE: ""}[form]
        return replace(self, pair=pair_of(self.pair.statement, self.pair.text, question))


def judged_pairs() -> list[JudgedPair]:
    """The shipped pairs in their order."""
    return [
        JudgedPair(
            evaluation=row["programme"],
            finding=row["pair"].rstrip("0123456789"),
            criterion=row["criterion"],
            pair=pair_of(row["statement"], row["excerpt"], row["question"]),
            general_question=row["general_question"],
            first=row["first"] == "1",
            second=row["second"] == "1",
        )
        for row in pair_rows()
    ]


def pair_rows() -> list[dict[str, str]]:
    """The rows of the shipped pairs, by column."""
    path = resources.files(link_model.__package__) / "link_pairs.csv"
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def pair_of(statement: str, text: str, question: str) -> Pair:
    """A judged pair as input of the link model."""
    return Pair(statement, text, question, spoken(text, question))


def far_pairs(near: Sequence[JudgedPair]) -> Iterator[JudgedPair]:
    """Excerpts of other evaluations beside each finding, of its criterion: they do not bear on it."""
    by_finding = {each.finding: each for each in near}
    for number, of_finding in enumerate(by_finding.values()):
        other = {
            each.pair.text: each
            for each in near
            if each.criterion == of_finding.criterion and each.evaluation != of_finding.evaluation
        }
        pool = list(other.values())
        for step in range(FAR):
            other_pair = pool[(number * FAR + step * 7) % len(pool)]
            pair = pair_of(of_finding.pair.statement, other_pair.pair.text, other_pair.pair.question)
            yield replace(
                other_pair,
                finding=of_finding.finding,
                evaluation=of_finding.evaluation,
                pair=pair,
                first=False,
                second=False,
                is_near=False,
            )


@dataclass(frozen=True, slots=True)
class LinkData:
    """Pairs on which both judgements agree, in every form, with their features; `forms` and `evaluations` name those of each."""

    pairs: tuple[JudgedPair, ...]
    forms: np.ndarray
    rows: np.ndarray
    truth: np.ndarray
    evaluations: np.ndarray

    @property
    def is_near(self) -> np.ndarray:
        """A mask of the pairs within one evaluation."""
        return np.array([each.is_near for each in self.pairs])


def load(work: Work) -> LinkData:
    """The shipped pairs with their features."""
    near = [each for each in judged_pairs() if each.first == each.second]
    asked = [*near, *far_pairs(near)]
    pairs = tuple(each.under(form) for form in FORMS for each in asked)
    store = VectorStore({})
    store.add(_texts(pairs), work)
    return LinkData(
        pairs=pairs,
        forms=np.repeat(FORMS, len(asked)),
        rows=link_model.features([each.pair for each in pairs], partial(embeddings.matrix, vectors=store.used)),
        truth=np.array([each.first for each in pairs]),
        evaluations=np.array([each.evaluation for each in pairs]),
    )


def _texts(pairs: Sequence[JudgedPair]) -> set[str]:
    texts = {each.statement for each in null_control.statements()}
    for each in pairs:
        texts |= {each.pair.statement, each.pair.question, each.pair.read}
    return texts


def fit(rows: np.ndarray, truth: np.ndarray, columns: slice = slice(None)) -> LinkModel:
    """A model of some of the features; the other weights are 0."""
    chosen = rows[:, columns]
    mean, spread = chosen.mean(axis=0), chosen.std(axis=0)
    spread[spread == 0] = 1.0
    learner = LogisticRegression(max_iter=500).fit((chosen - mean) / spread, truth)
    weights = np.zeros(len(FEATURES))
    weights[columns] = learner.coef_[0] / spread
    offset = float(learner.intercept_[0]) - float(weights[columns] @ mean)
    return LinkModel(weights.round(DIGITS), round(offset, DIGITS))


def held_out(data: LinkData, columns: slice = slice(None)) -> np.ndarray:
    """The probability of each pair by a model that saw nothing of its evaluation."""
    chances = np.zeros(len(data.pairs))
    for learn, test in folds(data):
        model = fit(data.rows[learn], data.truth[learn], columns)
        chances[test] = _chances(model, data.rows[test])
    return chances


def folds(data: LinkData) -> list[Any]:
    """(pairs to learn from, pairs to test on), evaluations whole."""
    return list(GroupKFold(FOLDS).split(data.rows, data.truth, data.evaluations))


def _chances(model: LinkModel, rows: np.ndarray) -> np.ndarray:
    logits = model.logits(rows)
    shared = np.zeros((len(rows), 2))
    return link_model.probabilities(logits, shared, link_model.UNCORRECTED)


def evaluate(root: Path, tick: Tick) -> dict[str, Any]:
    """The figures on the shipped pairs, and on the links that the people of the study decided on, if there are enough."""
    study = locate_study(root)
    result = measure(load(Work(0, tick)))
    decided = of_study(study)
    return {**result, "study": decided} if decided else result


def of_study(study: Study) -> dict[str, Any]:
    """How far the model, corrected by the other findings' links, ranks the confirmed links of each above the rejected ones.

    Empty where the study was not analysed yet, where fewer than `FEWEST` links were confirmed, or rejected, or where all are of
    one finding.
    """
    if not study.table("links").exists():
        return {}
    brief = load_brief(study)
    frames = review_step.load_frames(study, "excerpts", "codings", "links")
    links = frames["links"]
    decided = links[links["status"].isin([LinkStatus.CONFIRMED, LinkStatus.REJECTED])].reset_index(drop=True)
    truth = (decided["status"] == LinkStatus.CONFIRMED).to_numpy()
    count = min(FOLDS, decided["finding_id"].nunique())
    if count < 2 or min(truth.sum(), (~truth).sum()) < link_model.FEWEST:
        return {}
    vectors = embeddings.read(study.machine / "vectors.npz") if brief.settings.tag.embeddings else None
    bearing = bearing_of(brief, frames, decided, vectors)
    chances = np.zeros(len(decided))
    for learn, test in GroupKFold(count).split(decided, truth, decided["finding_id"]):
        bearing.learn(decided.iloc[learn])
        of_fold = zip(test, decided["finding_id"].iloc[test], decided["excerpt_id"].iloc[test], strict=True)
        chances[test] = [bearing.of(finding, [excerpt])[0] for _, finding, excerpt in of_fold]
    precision = float(average_precision_score(truth, chances))
    return {"confirmed": int(truth.sum()), "rejected": int((~truth).sum()), "average_precision": round(precision, 3)}


def measure(data: LinkData) -> dict[str, Any]:
    """The figures of the model over evaluations held out, beside TF-IDF and vectors alone."""
    chances = held_out(data)
    scores = {
        "the link model": chances,
        "the link model without vectors": held_out(data, slice(LEXICAL, None)),
        "cosine of vectors": data.rows[:, 0],
        "TF-IDF": _tfidf(data),
    }
    judged = judged_pairs()
    first, second = [each.first for each in judged], [each.second for each in judged]
    return {
        "pairs": len(judged),
        "findings": len({each.finding for each in judged}),
        "bearing": sum(each.first and each.second for each in judged),
        "agreement": round(float(np.mean(np.array(first) == np.array(second))), 4),
        "kappa": round(float(cohen_kappa_score(first, second)), 4),
        "ranking": {name: _by_form(data, score) for name, score in scores.items()},
        "calibration_error": {form: calibration_error(data, chances, form) for form in FORMS},
        "suggested": {form: suggested(data, chances, form) for form in FORMS},
    }


def _by_form(data: LinkData, scores: np.ndarray) -> dict[str, dict[str, float]]:
    return {form: _figures(data, scores, data.is_near & (data.forms == form)) for form in FORMS}


def _figures(data: LinkData, scores: np.ndarray, rows: np.ndarray) -> dict[str, float]:
    """Average precision over all pairs, and how many of the ten likeliest of each fold bear on their finding."""
    top = []
    for _, test in folds(data):
        tested = test[rows[test]]
        top.append(data.truth[tested[np.argsort(-scores[tested], kind="stable")][:TOP]].mean())
    precision = float(average_precision_score(data.truth[rows], scores[rows]))
    return {"average_precision": round(precision, 3), "precision_at_10": round(float(np.mean(top)), 3)}


def calibration_error(data: LinkData, chances: np.ndarray, form: str) -> float:
    """The mean distance of probability and share that is true, over bins of equal width."""
    rows = data.forms == form
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    gaps = [abs(float((chances - data.truth)[rows & (bins == b)].sum())) for b in range(BINS)]
    return round(sum(gaps) / int(rows.sum()), 3)


def suggested(data: LinkData, chances: np.ndarray, form: str) -> dict[str, float]:
    """Figures at the threshold of a suggestion: precision, recall, and findings that rightly get none."""
    rows = data.forms == form
    is_above = rows & (chances >= link_model.MARK)
    findings = np.array([each.finding for each in data.pairs])
    wrong = set(findings[is_above & ~data.truth])
    return {
        "precision": round(float(data.truth[is_above].mean()), 3),
        "recall": round(float(is_above[rows & data.truth].mean()), 3),
        "empty_without_true_excerpts": round(1 - len(wrong) / len(set(findings)), 3),
    }


def _tfidf(data: LinkData) -> np.ndarray:
    """The cosine of statement and excerpt with its question by TF-IDF."""
    statements, read = [each.pair.statement for each in data.pairs], [each.pair.read for each in data.pairs]
    vectorizer = TfidfVectorizer(preprocessor=fold).fit([*statements, *read])
    product = vectorizer.transform(statements).multiply(vectorizer.transform(read))
    return np.asarray(product.sum(axis=1)).ravel()


def as_lines(figures: Mapping[str, Any]) -> list[str]:
    """The figures as lines of Markdown."""
    bearing = f"in {figures['bearing']} the excerpt bears on the finding"
    agreement = f"two judgements agree on {figures['agreement']:.1%} of them (kappa {figures['kappa']:.2f})"
    lines = [
        f"{figures['pairs']} pairs of {figures['findings']} findings; {bearing}; {agreement}.",
        "",
        "Average precision, and precision at 10:",
        "",
        f"| ranked by | {' | '.join(FORMS)} |",
        "|---" * (1 + len(FORMS)) + "|",
    ]
    for name, by_form in figures["ranking"].items():
        cells = [f"{by_form[form]['average_precision']:.2f}, {by_form[form]['precision_at_10']:.2f}" for form in FORMS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", f"Suggestions, from a probability of {link_model.MARK} on:", ""]
    for form in FORMS:
        mark, error = figures["suggested"][form], figures["calibration_error"][form]
        lines.append(
            f"- {form}: precision {mark['precision']:.2f}, recall {mark['recall']:.2f}; without the excerpts that bear on them "
            f"{mark['empty_without_true_excerpts']:.2f} of the findings get no suggestion; calibration error {error:.2f}"
        )
    if "study" in figures:
        own = figures["study"]
        counts = f"{own['confirmed']} confirmed, {own['rejected']} rejected links, findings held out"
        lines += ["", f"In this study ({counts}): average precision {own['average_precision']:.2f}."]
    return lines


def write(work: Work) -> None:
    """Fit the model on all pairs and write its weights."""
    data = load(work)
    models = {
        WITH_VECTORS: fit(data.rows, data.truth),
        WORDS_ALONE: fit(data.rows, data.truth, slice(LEXICAL, None)),
    }
    with Path(link_model.__file__).with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["feature", *models])
        for column, name in enumerate(FEATURES):
            writer.writerow([name, *(float(model.weights[column]) for model in models.values())])
        writer.writerow([OFFSET, *(model.offset for model in models.values())])


if __name__ == "__main__":
    write(Work(1, lambda _done, _total: None))

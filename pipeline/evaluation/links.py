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
from scipy.stats import binomtest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, cohen_kappa_score
from sklearn.model_selection import GroupKFold

from pipeline.engine.work import Tick, Work
from pipeline.evidence import link_model, null_control
from pipeline.evidence.link_model import FEATURES, GATE, OFFSET, WITH_VECTORS, WORDS_ALONE, LinkModel, Pair
from pipeline.steps import review as review_step
from pipeline.steps.inputs import load_brief
from pipeline.steps.links import bearing_of
from pipeline.study import Study, locate_study
from pipeline.tag import embeddings
from pipeline.tag.embeddings import VectorStore
from pipeline.tag.features import spoken
from pipeline.tag.folding import fold
from pipeline.vocabulary import LinkStatus

READ = (
    Path("tests") / "gold" / "links" / "read.csv"
)  # suggestions that somebody read without scores and in another order
FOLDS = 12  # of 48 evaluations: each is held out once, with both of its findings
NEEDLESS = 0.1  # share of findings without a true excerpt that may get suggestions: the gate is chosen for it
FAR = 8  # excerpts of other evaluations, of the same criterion, beside each finding: most of what a study offers is far from it
TOP = 10
DIGITS = 4
BINS = 10  # of probabilities, for the calibration error
JUDGES = ("first", "second")
OWN, GENERAL, BARE = FORMS = ("own question", "general question", "no question")  # in which each pair is read
SUGGESTED = ("with", "precision", "recall", "none", "calibration error")
LEXICAL = 4  # column of the first feature that needs no vectors


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A finding's statement and an excerpt, and whether it bears on it by two judges, of whom the second judged blind."""

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
    """The pairs in every form with their features; `forms` names that of each.

    The model learns from both judges: a pair on which they differ counts half for, half against. Figures are of pairs on which
    they agree.
    """

    pairs: tuple[JudgedPair, ...]
    forms: np.ndarray
    rows: np.ndarray

    @property
    def is_near(self) -> np.ndarray:
        """A mask of the pairs within one evaluation."""
        return np.array([each.is_near for each in self.pairs])

    @property
    def judgements(self) -> np.ndarray:
        """The judgements, true or false: pairs x 2."""
        return np.array([(each.first, each.second) for each in self.pairs])

    @property
    def share(self) -> np.ndarray:
        """The share of judges for whom each pair belongs together."""
        share: np.ndarray = self.judgements.mean(axis=1)
        return share

    @property
    def is_agreed(self) -> np.ndarray:
        """Which pairs both judges rate alike."""
        agreed: np.ndarray = self.share != HALF
        return agreed

    @property
    def truth(self) -> np.ndarray:
        """Which pairs belong together for both judges."""
        truth: np.ndarray = self.share == 1
        return truth

    @property
    def evaluations(self) -> np.ndarray:
        """The evaluation of each pair."""
        return np.array([each.evaluation for each in self.pairs])

    @property
    def findings(self) -> np.ndarray:
        """The number of each pair's finding."""
        return np.unique([each.finding for each in self.pairs], return_inverse=True)[1]

    def part(self, rows: np.ndarray) -> LinkData:
        """Some of the pairs."""
        return LinkData(tuple(self.pairs[row] for row in rows), self.forms[rows], self.rows[rows])


HALF = 0.5


def load(work: Work) -> LinkData:
    """The shipped pairs with their features."""
    near = judged_pairs()
    scored_pairs = [*near, *far_pairs(near)]
    pairs = tuple(each.under(form) for form in FORMS for each in scored_pairs)
    store = VectorStore({})
    store.add(_texts(pairs), work)
    return LinkData(
        pairs=pairs,
        forms=np.repeat(FORMS, len(scored_pairs)),
        rows=link_model.features([each.pair for each in pairs], partial(embeddings.matrix, vectors=store.used)),
    )


def _texts(pairs: Sequence[JudgedPair]) -> set[str]:
    texts = {each.statement for each in null_control.statements()}
    for each in pairs:
        texts |= {each.pair.statement, each.pair.question, each.pair.read}
    return texts


def fit(data: LinkData, columns: slice = slice(None)) -> LinkModel:
    """A model of some of the features, without a gate; the other weights are 0."""
    chosen, share = data.rows[:, columns], data.share
    mean, spread = chosen.mean(axis=0), chosen.std(axis=0)
    spread[spread == 0] = 1.0
    scaled = (chosen - mean) / spread
    learner = LogisticRegression(max_iter=500).fit(
        np.vstack([scaled, scaled]),
        np.repeat([True, False], len(share)),
        sample_weight=np.concatenate([share, 1 - share]),
    )
    weights = np.zeros(len(FEATURES))
    weights[columns] = learner.coef_[0] / spread
    offset = float(learner.intercept_[0]) - float(weights[columns] @ mean)
    return LinkModel(weights.round(DIGITS), round(offset, DIGITS))


def held_out(data: LinkData, columns: slice = slice(None)) -> np.ndarray:
    """The probability of each pair by a model that saw nothing of its evaluation."""
    chances = np.zeros(len(data.pairs))
    for learn, test in folds(data):
        chances[test] = _chances(fit(data.part(learn), columns), data.rows[test])
    return chances


def gate_of(data: LinkData, chances: np.ndarray) -> float:
    """The least probability that the likeliest excerpt of a list must reach, so that few findings get needless suggestions.

    Of the findings without their true excerpts at most `NEEDLESS` have an excerpt above it, with any form of the question.
    """
    highest = []
    for form in FORMS:
        rows = np.flatnonzero((data.forms == form) & data.is_agreed & ~data.truth)
        highest.append(np.quantile(_highest(data, chances, rows), 1 - NEEDLESS, method="higher"))
    return float(np.ceil(max(highest) * 100) / 100)


def held_out_gates(data: LinkData, columns: slice = slice(None)) -> np.ndarray:
    """For each pair a gate that was chosen without its evaluation."""
    gates = np.zeros(len(data.pairs))
    for learn, test in folds(data):
        part = data.part(learn)
        gates[test] = gate_of(part, held_out(part, columns))
    return gates


def _highest(data: LinkData, chances: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The highest probability among some pairs of each finding; 0 where there are none."""
    highest = np.zeros(int(data.findings.max()) + 1)
    np.maximum.at(highest, data.findings[rows], chances[rows])
    return highest


def folds(data: LinkData) -> list[Any]:
    """(pairs to learn from, pairs to test on), evaluations whole."""
    return list(GroupKFold(FOLDS).split(data.rows, groups=data.evaluations))


def _chances(model: LinkModel, rows: np.ndarray) -> np.ndarray:
    logits = model.logits(rows)
    shared = np.zeros((len(rows), 2))
    return link_model.probabilities(logits, shared, link_model.UNCORRECTED)


def evaluate(root: Path, tick: Tick) -> dict[str, Any]:
    """The figures on the shipped pairs, on suggestions that were read, and on links that people of the study decided on."""
    study = locate_study(root)
    beside = {"read": read_blind(study.root / READ), "study": of_study(study)}
    return {**measure(load(Work(0, tick))), **{name: figures for name, figures in beside.items() if figures}}


def read_blind(path: Path) -> dict[str, Any]:
    """How many suggestions of the demonstration, judged blind, bear on their finding; empty without the file."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    bearing = binomtest(sum(row["bears"] == "1" for row in rows), len(rows))
    return {
        "links": bearing.n,
        "findings": len({row["finding_id"] for row in rows}),
        "bearing": bearing.k,
        "interval": [round(bound, 2) for bound in bearing.proportion_ci(method="wilson")],
    }


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
    chances, gates = held_out(data), held_out_gates(data)
    scores = {
        "the link model": chances,
        "the link model without vectors": held_out(data, slice(LEXICAL, None)),
        "cosine of vectors": data.rows[:, 0],
        "TF-IDF": _tfidf(data),
    }
    return {
        **agreement(pair_rows()),
        "ranking": {name: _by_form(data, score) for name, score in scores.items()},
        "by_judge": {judge: _against(data, chances, column) for column, judge in enumerate(JUDGES)},
        "calibration_error": {form: calibration_error(data, chances, form) for form in FORMS},
        "suggested": {form: suggested(data, chances, gates, form) for form in FORMS},
        "gate": link_model.load(WITH_VECTORS).gate,
    }


def agreement(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """How far the two judges agree: whether each pair belongs together, and of those that do by both, in which direction."""
    first, second = [row["first"] for row in rows], [row["second"] for row in rows]
    by_both = [row for row in rows if row["first"] == row["second"] == "1"]
    directions = [row["direction"] for row in by_both], [row["second_direction"] for row in by_both]
    return {
        "pairs": len(rows),
        "findings": len({row["statement"] for row in rows}),
        "bearing": len(by_both),
        "agreement": _equal(first, second),
        "kappa": round(float(cohen_kappa_score(first, second)), 4),
        "direction_agreement": _equal(*directions),
        "direction_kappa": round(float(cohen_kappa_score(*directions)), 4),
    }


def _equal(first: Sequence[str], second: Sequence[str]) -> float:
    return round(float(np.mean(np.array(first) == np.array(second))), 4)


def _against(data: LinkData, chances: np.ndarray, judge: int) -> dict[str, float]:
    """The ranking of pairs with their own question, by the judgements of one judge alone."""
    return _figures(data, chances, data.is_near & (data.forms == OWN), data.judgements[:, judge])


def _by_form(data: LinkData, scores: np.ndarray) -> dict[str, dict[str, float]]:
    rows = data.is_near & data.is_agreed
    return {form: _figures(data, scores, rows & (data.forms == form), data.truth) for form in FORMS}


def _figures(data: LinkData, scores: np.ndarray, rows: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Average precision over some pairs, and how many of the ten likeliest of each fold bear on their finding."""
    top = []
    for _, test in folds(data):
        tested = test[rows[test]]
        top.append(truth[tested[np.argsort(-scores[tested], kind="stable")][:TOP]].mean())
    precision = float(average_precision_score(truth[rows], scores[rows]))
    return {"average_precision": round(precision, 3), "precision_at_10": round(float(np.mean(top)), 3)}


def calibration_error(data: LinkData, chances: np.ndarray, form: str) -> float:
    """The mean distance of probability and share that is true, over bins of equal width."""
    rows = data.forms == form
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    gaps = [abs(float((chances - data.truth)[rows & (bins == b)].sum())) for b in range(BINS)]
    return round(sum(gaps) / int(rows.sum()), 3)


def suggested(data: LinkData, chances: np.ndarray, gates: np.ndarray, form: str) -> dict[str, Any]:
    """What the lists are worth: precision, recall, and how many findings get none where no true excerpt is among theirs."""
    rows = (data.forms == form) & data.is_agreed
    is_listed = _listed(data, chances, gates, rows)
    needless = set(data.findings[_listed(data, chances, gates, rows & ~data.truth)].tolist())
    findings = len(set(data.findings.tolist()))
    empty = binomtest(findings - len(needless), findings)
    return {
        "precision": round(float(data.truth[is_listed].mean()), 3),
        "recall": round(float(is_listed[rows & data.truth].mean()), 3),
        "empty": empty.k,
        "findings": empty.n,
        "empty_interval": [round(bound, 3) for bound in empty.proportion_ci(method="wilson")],
    }


def _listed(data: LinkData, chances: np.ndarray, gates: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which of some pairs are suggested: above the mark, if the likeliest of their finding reaches the gate."""
    highest = _highest(data, chances, np.flatnonzero(rows))
    listed: np.ndarray = rows & (chances >= link_model.LEAST_BEARING) & (highest[data.findings] >= gates)
    return listed


def _tfidf(data: LinkData) -> np.ndarray:
    """The cosine of statement and excerpt with its question by TF-IDF."""
    statements, read = [each.pair.statement for each in data.pairs], [each.pair.read for each in data.pairs]
    vectorizer = TfidfVectorizer(preprocessor=fold).fit([*statements, *read])
    product = vectorizer.transform(statements).multiply(vectorizer.transform(read))
    return np.asarray(product.sum(axis=1)).ravel()


def as_lines(figures: Mapping[str, Any]) -> list[str]:
    """The figures as lines of Markdown."""
    bearing = f"in {figures['bearing']} both judges say that the excerpt bears on the finding"
    agreed = (
        f"They agree on {figures['agreement']:.1%} of the pairs (kappa {figures['kappa']:.3f}), on the direction in "
        f"{figures['direction_agreement']:.1%} of the {figures['bearing']} (kappa {figures['direction_kappa']:.3f})."
    )
    lines = [
        f"{figures['pairs']} pairs of {figures['findings']} findings; {bearing}.",
        agreed,
        "",
        f"| average precision, precision at 10 | {' | '.join(FORMS)} |",
        "|---" * (1 + len(FORMS)) + "|",
    ]
    for name, by_form in figures["ranking"].items():
        lines.append(f"| {name} | {' | '.join(_both(by_form[form]) for form in FORMS)} |")
    by_judge = "; ".join(f"{_both(row)}" for row in figures["by_judge"].values())
    lines += ["", f"By either judge alone, own question: {by_judge}."]
    gate = f"if a finding's likeliest excerpt reaches {figures['gate']:.2f}"
    lines += [
        "",
        (
            f"Excerpts are suggested at a probability of {link_model.LEAST_BEARING} or more, {gate}; "
            f"*none*: of {figures['findings']} findings, those"
        ),
    ]
    lines += ["that get no suggestion once the excerpts that bear on them are removed:", ""]
    lines += [f"| {' | '.join(SUGGESTED)} |", "|---" * len(SUGGESTED) + "|"]
    lines += [_row_of_form(figures, form) for form in FORMS]
    if "read" in figures:
        low, high = figures["read"]["interval"]
        read = "{bearing} of {links} links suggested for {findings} findings of the demonstration bear on their finding".format(
            **figures["read"]
        )
        lines += ["", f"Read blind: {read} (95% interval of the share: {low:.2f} to {high:.2f})."]
    if "study" in figures:
        own = figures["study"]
        counts = f"{own['confirmed']} confirmed, {own['rejected']} rejected links, findings held out"
        lines += ["", f"In this study ({counts}): average precision {own['average_precision']:.2f}."]
    return lines


def _both(row: Mapping[str, float]) -> str:
    """Average precision and precision at 10."""
    return f"{row['average_precision']:.2f}, {row['precision_at_10']:.2f}"


def _row_of_form(figures: Mapping[str, Any], form: str) -> str:
    row, error = figures["suggested"][form], figures["calibration_error"][form]
    low, high = row["empty_interval"]
    return f"| {form} | {row['precision']:.2f} | {row['recall']:.2f} | {row['empty']} ({low:.2f}-{high:.2f}) | {error:.2f} |"


def write(work: Work) -> None:
    """Fit the model on all pairs and write its weights."""
    data = load(work)
    models = {
        WITH_VECTORS: fit_with_gate(data),
        WORDS_ALONE: fit_with_gate(data, slice(LEXICAL, None)),
    }
    with Path(link_model.__file__).with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["feature", *models])
        for column, name in enumerate(FEATURES):
            writer.writerow([name, *(float(model.weights[column]) for model in models.values())])
        writer.writerow([OFFSET, *(model.offset for model in models.values())])
        writer.writerow([GATE, *(model.gate for model in models.values())])


def fit_with_gate(data: LinkData, columns: slice = slice(None)) -> LinkModel:
    """The model of all pairs, with the gate that evaluations held out ask for."""
    return replace(fit(data, columns), gate=gate_of(data, held_out(data, columns)))


if __name__ == "__main__":
    write(Work(1, lambda _done, _total: None))

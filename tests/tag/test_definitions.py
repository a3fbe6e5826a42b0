"""Closeness to a definition: what there is to go by where nobody gave an example of a code."""

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from few_decisions import Seeds
from scipy.special import expit
from studies import ROOT

from pipeline.codebook import Codebook, Criterion, load_codebook
from pipeline.config import load_settings
from pipeline.engine.work import Work, perform
from pipeline.records import Example
from pipeline.steps import inputs
from pipeline.tag import combine, definitions, embeddings, features, model, training
from pipeline.tag.features import Sample

WATER = Criterion(
    "water", "topic", (), (("en", "What is said of wells, pumps, rivers and water to drink."),), (), (), (), ()
)
SAID = ("The pump broke and we drank from the river.", "My daughter married in the spring.")


def vectors_of(texts: set[str]) -> dict[str, np.ndarray]:
    chosen = sorted(texts)
    return dict(zip(map(embeddings.key, chosen), embeddings.encode(chosen), strict=True))


def alone(
    *criteria: Criterion, embed: bool = True, decided: Sequence[Example] = ()
) -> tuple[model.Model, features.Features]:
    """A model of codes of which there are few examples or none, and the features of what was said."""
    codebook, settings = Codebook("1", criteria), load_settings(ROOT / "config.toml")
    texts = {*SAID, *(e.text for e in decided), *(text for c in criteria for text in definitions.texts_of(c))}
    vectors = vectors_of(texts) if embed else None
    work = Work(1, lambda _done, _total: None)
    nothing = [Example(text, "", "en", (), ("other",), text, 1.0) for text in SAID]
    trained = perform(training.training([*nothing, *decided], codebook, settings, vectors, work))
    return trained, features.build([Sample(text, "", {}) for text in SAID], codebook.ids, vectors)


def chances(trained: model.Model, built: features.Features) -> np.ndarray:
    return trained.probabilities(built)


def test_what_is_close_to_a_definition_is_likelier_than_what_is_not() -> None:
    near, far = chances(*alone(WATER))[:, 0]
    assert near > 2 * far > 0


def test_what_a_code_includes_is_read_with_its_definition() -> None:
    bordered = replace(WATER, include=(("en", "The pump broke; the river is dirty."),))
    bare, told = (chances(*alone(code))[0, 0] for code in (WATER, bordered))
    assert told > bare


def test_what_is_coded_by_its_definition_says_so() -> None:
    trained, built = alone(replace(WATER, include=(("en", "The pump broke; we drank from the river."),)))
    judged = combine.judge(trained, ["a", "b"], built)
    (vote,) = combine.classifier_votes(trained, judged, set())
    assert (vote.excerpt_id, vote.vote, json.loads(vote.because)) == ("a", 1, {"definition": vote.score})
    assert not list(combine.classifier_votes(trained, judged, {("a", "water")}))


def test_a_code_without_a_definition_is_left_to_the_rules() -> None:
    assert not chances(*alone(replace(WATER, definition=()))).any()


def test_without_embeddings_definitions_say_nothing() -> None:
    assert not chances(*alone(WATER, embed=False)).any()


@pytest.mark.parametrize(("left_out", "expected"), [("", definitions.WITH_BORDERS), ("include", definitions.BARE)])
def test_slope_and_offset_are_what_the_seeds_say(left_out: str, expected: tuple[float, float]) -> None:
    from sklearn.linear_model import LogisticRegression

    whole = load_codebook(ROOT / "coded/codebook.toml")
    five = Codebook("1", tuple(replace(c, **{left_out: ()} if left_out else {}) for c in whole.of_family("criterion")))
    seeds = [s for s in inputs.load_seeds(ROOT / "coded/seeds.jsonl", whole.ids) if set(five.ids) <= set(s.asked)]
    vectors = vectors_of(training.training_texts(five, seeds) - {""})
    built = features.build([Sample(s.text, s.question, {}) for s in seeds], five.ids, vectors)
    close = built.vectors[:, : embeddings.DIMENSIONS] @ definitions.means(five, vectors).T
    carried = np.array([[code in dict(s.codes) for code in five.ids] for s in seeds])
    fit = LogisticRegression(C=1e6).fit(close.reshape(-1, 1), carried.ravel())
    assert (fit.coef_[0, 0], fit.intercept_[0]) == pytest.approx(expected, abs=0.05)


PARTIES = replace(
    WATER,
    id="parties",
    definition=(("en", "Weddings and feasts: a daughter or son who married, in spring or autumn."),),
)


def test_a_code_without_examples_is_suggested_and_never_coded() -> None:
    trained, built = alone(replace(WATER, include=(("en", SAID[0]),)))
    judged = combine.judge(trained, ["a", "b"], built)
    rows = combine.codings(trained, judged, {}).set_index("excerpt_id")
    assert rows.loc["a", "probability"] > trained.classifier.thresholds_[0, 2]
    assert not rows["coded"].any()
    assert list(rows["doubtful"]) == [True, False]


def test_codes_without_examples_compete_for_an_excerpt() -> None:
    trained, built = alone(replace(WATER, include=(("en", SAID[0]),)), replace(PARTIES, include=(("en", SAID[1]),)))
    judged = combine.judge(trained, ["a", "b"], built)
    assert judged.suggested.tolist() == [[True, False], [False, True]]


DRY = "We had no water in the well this year."


def decisions(count: int, *, ayes: int) -> list[Example]:
    """What people decided on `count` texts about water: `ayes` times that they carry the code."""
    texts = [f"{DRY} That was house {number}." for number in range(count)]
    return [
        Example(text, "", "en", (("water", ""),) if i < ayes else (), ("water",), text) for i, text in enumerate(texts)
    ]


def test_ten_decisions_on_a_code_without_training_correct_what_closeness_to_its_definition_says() -> None:
    before = chances(*alone(WATER))[0, 0]
    assert chances(*alone(WATER, decided=decisions(9, ayes=0)))[0, 0] == before
    trained, built = alone(WATER, decided=decisions(10, ayes=0))
    assert trained.not_learnt() == ["water"]
    assert chances(trained, built)[0, 0] < 0.6 * before
    assert chances(*alone(WATER, decided=decisions(10, ayes=9)))[0, 0] > before


def test_a_corrected_line_predicts_the_rate_of_a_code_that_is_rarer_than_usual() -> None:
    generator = np.random.default_rng(4)
    close = generator.uniform(0.0, 0.5, 400)
    slope, usual_offset = definitions.BARE
    truth = (generator.uniform(size=400) < expit(close * slope + usual_offset - 2)).astype(float)
    corrected = definitions.corrected(close, truth, np.array(definitions.BARE))
    predicted = expit(close * corrected[0] + corrected[1])
    assert expit(close * slope + usual_offset).mean() > 2 * truth.mean()
    assert predicted.mean() == pytest.approx(truth.mean(), abs=0.02)


def test_few_decisions_rank_no_worse_than_the_definition_alone_and_many_rank_better() -> None:
    seeds = Seeds.of_the_demonstration(1200)
    scored = range(400, 1200)
    rest = seeds.features.part(scored)

    def after(count: int) -> float:
        """By the examples of five draws each."""
        draws = [range(start, start + count) for start in range(0, 400 - count + 1, max(1, (400 - count) // 4))]
        return float(np.mean([seeds.precision(seeds.learn(rows).probabilities(rest), scored) for rows in draws]))

    alone = seeds.by_definition(scored)
    assert after(20) >= alone - 0.02
    assert after(400) >= alone + 0.1

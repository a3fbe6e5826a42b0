"""What the classifier learns, from whom, and that it comes back from disk as it was."""

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.kernel_ridge import KernelRidge

from pipeline.records import Example
from pipeline.tag import features, model
from pipeline.tag.features import Goal, Sample
from pipeline.tag.learning import calibrate, grouping
from pipeline.tag.learning.ridge import dual_ridge
from pipeline.tag.learning.space import Columns
from pipeline.tag.learning.stance import StanceClassifier
from pipeline.tag.learning.terms import PieceTerms, WordTerms
from pipeline.tag.model import Model

CODES = ("money", "water")
MONEY = ["the budget was late", "late budget again", "they spent the budget", "no budget for fuel", "budget cut twice"]
WATER = ["the well is dry", "a new well for us", "water from the well", "well water is clean", "the well broke"]
OTHER = [
    "we had rice for lunch",
    "my sister lives far",
    "it rained on monday",
    "the bus was red",
    "he sings well enough",
]


def example(text: str, *codes: str, asked: tuple[str, ...] = CODES, weight: float = 1.0) -> Example:
    return Example(text, "", "en", tuple((code, "") for code in codes), asked, text, weight)


def examples() -> list[Example]:
    return [
        *(example(t, "money") for t in MONEY),
        *(example(t, "water") for t in WATER),
        *(example(t) for t in OTHER),
    ]


def trained(learnt_from: list[Example], codes: tuple[str, ...] = CODES) -> Model:
    built = features.build([Sample(e.text, e.question, {}) for e in learnt_from], codes, None)
    undefined = np.zeros((len(codes), 0)), np.tile([1.0, 0.0], (len(codes), 1))
    return model.train(learnt_from, built, Goal(codes, "v1", 0.9, 1, *undefined))


def chances(learnt: Model, text: str, rules: dict[str, tuple[float, float]] | None = None) -> dict[str, float]:
    built = features.build([Sample(text, "", rules or {})], learnt.codes, None)
    return dict(zip(learnt.codes, learnt.probabilities(built)[0].tolist(), strict=True))


def stances(learnt: Model, *texts: str, code: str = "water") -> list[str]:
    built = features.build([Sample(text, "", {}) for text in texts], learnt.codes, None)
    return learnt.stance.predict(learnt.space.transform(built), np.full(len(texts), learnt.codes.index(code)))


def test_words_like_those_of_a_code_make_it_likelier() -> None:
    likely = chances(trained(examples()), "the budget came late")
    assert likely["money"] > 0.5 > likely["water"]


def test_a_rule_makes_its_code_likelier() -> None:
    learnt = trained(examples())
    assert chances(learnt, "nothing known", {"water": (1.0, 0.0)})["water"] > chances(learnt, "nothing known")["water"]


def test_an_example_teaches_only_the_codes_that_were_asked() -> None:
    undecided = [example(t, asked=("water",)) for t in MONEY]
    denied = [example(t) for t in MONEY]
    assert (
        chances(trained([*examples(), *undecided]), MONEY[0])["money"]
        > chances(trained([*examples(), *denied]), MONEY[0])["money"]
    )


def test_a_decision_weighs_more_than_a_seed() -> None:
    against = "the budget of the well"
    light, heavy = (trained([*examples(), example(against, "water", weight=w)]) for w in (1.0, 8.0))
    assert chances(heavy, against)["water"] > chances(light, against)["water"]


@pytest.mark.parametrize("few", [[], [example("one", "money")], [example(t, "money") for t in MONEY]])
def test_without_examples_for_and_against_the_rules_speak_alone(few: list[Example]) -> None:
    learnt = trained(few)
    assert learnt.not_learnt() == list(CODES)
    assert chances(learnt, "anything", {"money": (0.5, 0.0)}) == {"money": 0.3, "water": 0.0}


def test_contradictory_decisions_are_borne() -> None:
    divided = [*examples(), example("the budget", "money"), example("the budget", asked=("money",))]
    assert 0 < chances(trained(divided), "the budget")["money"] < 1


def test_a_model_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    learnt = trained(examples())
    model.save(learnt, tmp_path / "one")
    again = model.load(tmp_path / "one", "v1", CODES)
    assert again is not None
    assert chances(again, "late budget well") == chances(learnt, "late budget well")
    model.save(again, tmp_path / "two")
    for name in ("model.npz", "model.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert model.load(tmp_path / "one", "other data", CODES) is None
    assert model.load(tmp_path / "one", "v1", ("money",)) is None


def test_a_broken_model_is_trained_again(tmp_path: Path) -> None:
    model.save(trained(examples()), tmp_path)
    (tmp_path / "model.json").write_text("{", "utf-8")
    assert model.load(tmp_path, "v1", CODES) is None


def test_the_terms_that_speak_for_a_code_are_named() -> None:
    learnt = trained(examples())
    built = features.build([Sample("the budget came late", "", {})], CODES, None)
    terms = [term for term, _ in learnt.top_terms(learnt.words_of(learnt.space.transform(built)), 0)]
    assert any("budget" in term for term in terms)


def test_stance_is_learnt_from_examples_of_the_code() -> None:
    good = [
        Example(f"the well is {w}", "", "en", (("water", "positive"),), CODES, w)
        for w in ("fine", "fine too", "so fine")
    ]
    bad = [
        Example(f"the well is {w}", "", "en", (("water", "negative"),), CODES, w) for w in ("bad", "bad too", "so bad")
    ]
    learnt = trained([*examples(), *good, *bad])
    assert stances(learnt, "it is fine", "it is bad") == ["positive", "negative"]


def test_no_group_and_no_near_copy_is_on_both_sides() -> None:
    vectors = vectors_of(np.eye(6)[[0, 1, 1, 2, 3, 4]], asked=0.0)
    group = grouping.groups(["a", "a", "b", "c", "d", "e"], vectors)
    assert group[0] == group[1] == group[2]
    assert len(set(group)) == 4
    fold = grouping.folds(group, count=2)
    assert fold[0] == fold[1] == fold[2]
    assert set(fold) == {0, 1}


def test_the_only_stance_that_was_ever_given_is_given_again() -> None:
    good = [
        Example(f"the well is {w}", "", "en", (("water", "positive"),), CODES, w)
        for w in ("fine", "good", "cool", "full", "near")
    ]
    bare = [Example(e.text, "", "en", tuple((c, "") for c, _ in e.codes), CODES, e.group) for e in examples()]
    assert stances(trained([*bare, *good]), "it is bad") == ["positive"]
    assert stances(trained([*bare, *good[:2]]), "it is bad") == [""], "two say nothing of a third"


def vectors_of(answers: np.ndarray, asked: float) -> np.ndarray:
    """Vectors of answers to one question, whose own vector counts `asked` times in that of both."""
    question = np.zeros((len(answers), answers.shape[1]))
    question[:, -1] = float(asked > 0)
    both = answers + asked * question
    return np.hstack([both / np.linalg.norm(both, axis=1, keepdims=True), question])


def test_answers_to_one_long_question_are_not_near_copies() -> None:
    group = grouping.groups(list("abcdef"), vectors_of(np.eye(7)[[0, 1, 1, 2, 3, 4]], asked=3.0))
    assert group[1] == group[2]
    assert len(set(group)) == 5


def test_a_chain_of_answers_that_are_all_alike_leaves_every_fold_something_to_learn_from() -> None:
    angle = np.linspace(0, np.pi, 200)
    chain = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(200)])
    group = grouping.groups([f"p{i}" for i in range(200)], vectors_of(chain, asked=0.0))
    assert max(np.bincount(group)) <= 10
    assert min(np.bincount(grouping.folds(group))) == 40


def test_ten_thousand_equal_answers_are_shared_out_quickly() -> None:
    group = grouping.groups([f"p{i}" for i in range(10_000)], vectors_of(np.tile([1.0, 0.0], (10_000, 1)), asked=0.0))
    assert max(np.bincount(group)) <= 200
    assert min(np.bincount(grouping.folds(group))) > 1900


def test_two_hundred_codes_are_learnt_side_by_side() -> None:
    codes = tuple(f"code{i}" for i in range(200))
    about = [example(f"word{i} again {n}", f"code{i}", asked=codes) for i in range(200) for n in range(3)]
    learnt = trained(about, codes)
    likeliest = chances(learnt, "word7 again")
    assert max(likeliest, key=lambda code: likeliest[code]) == "code7"


def test_calibrated_scores_mean_what_they_say() -> None:
    generator = np.random.default_rng(1)
    scores = generator.normal(size=4000)
    truth = (generator.random(4000) < expit(2 * scores - 1)).astype(float)
    slope, _, offset = calibrate.fit_calibration(scores, np.zeros(4000), truth, np.ones(4000))
    assert slope == pytest.approx(2, abs=0.15)
    assert offset == pytest.approx(-1, abs=0.15)


def test_meaningless_scores_of_a_few_examples_do_not_code_everything() -> None:
    truth = np.repeat([1.0, 0.0], [6, 44])
    shares = []
    for seed in range(8):
        scores = np.random.default_rng(seed).normal(0.15, 0.15, 50)
        slope, _, offset = calibrate.fit_calibration(scores, np.zeros(50), truth, np.ones(50))
        chances = expit(slope * scores + offset)
        shares.append((chances >= calibrate.best_threshold(chances)).mean())
    assert np.mean(shares) < 0.4


def test_thresholds_are_in_order_and_keep_the_recall_asked_for() -> None:
    generator = np.random.default_rng(2)
    chances_ = generator.random(500)
    truth = (generator.random(500) < chances_**2).astype(float)
    lower, threshold, upper = calibrate.fit_thresholds(chances_, truth, 0.9)
    assert lower <= threshold <= upper
    assert (chances_[truth == 1] >= lower).mean() >= 0.9


def test_the_best_set_of_a_text_holds_its_likeliest_codes_or_none() -> None:
    sets = calibrate.best_sets(np.array([[0.9, 0.8, 0.1], [0.05, 0.02, 0.01]]))
    assert sets.tolist() == [[1, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("ours", "choices"),
    [
        (WordTerms, {"token_pattern": r"[^\W_]+", "ngram_range": (1, 2)}),
        (PieceTerms, {"analyzer": "char_wb", "ngram_range": (2, 5)}),
    ],
)
def test_terms_are_weighted_as_scikit_learn_weights_them(ours: type[WordTerms], choices: dict[str, object]) -> None:
    texts = ["the well is dry", "the well well is deep", "a dry year", "year of the well"]
    theirs = TfidfVectorizer(min_df=2, sublinear_tf=True, **choices).fit(texts)
    learnt = ours().fit(texts)
    assert list(learnt.terms_) == list(theirs.get_feature_names_out())
    assert np.allclose(learnt.transform(["the deep well"]).toarray(), theirs.transform(["the deep well"]).toarray())


def test_texts_without_a_word_in_common_have_no_terms() -> None:
    for texts in (["", "..."], ["one", "two"], []):
        assert WordTerms().fit(texts).transform(["one", ""]).shape == (2, 0)


def asked_all(text: str, *codes: str) -> Example:
    return example(text, *codes, asked=("always", *CODES))


def test_a_code_that_all_examples_carry_has_their_smoothed_rate() -> None:
    everywhere = [asked_all(e.text, "always", *(code for code, _ in e.codes)) for e in examples()]
    learnt = trained(everywhere, ("always", *CODES))
    assert chances(learnt, "anything at all")["always"] == round(16 / 17, 4)
    assert learnt.not_learnt() == []


def test_a_code_that_no_example_carries_has_their_smoothed_rate_and_is_never_coded() -> None:
    nowhere = [example(e.text, *dict(e.codes), asked=("never", *CODES)) for e in examples()]
    learnt = trained(nowhere, ("never", *CODES))
    assert chances(learnt, "anything at all")["never"] == round(1 / 17, 4)
    assert learnt.not_learnt() == ["never"]


def test_fewer_than_ten_decisions_teach_no_code() -> None:
    few = [*(example(t, "money", asked=("money",)) for t in MONEY), *(example(t, asked=("money",)) for t in OTHER[:4])]
    assert trained(few).not_learnt() == list(CODES)
    assert trained([*few, example(OTHER[4], asked=("money",))]).not_learnt() == ["water"]


def test_one_denial_among_many_does_not_turn_a_universal_code_into_a_rare_one() -> None:
    everywhere = [asked_all(e.text, "always", *(code for code, _ in e.codes)) for e in examples()]
    learnt = trained([*everywhere, asked_all("the bus was green")], ("always", *CODES))
    assert chances(learnt, "anything at all")["always"] > 0.85


def test_where_coders_mark_only_yes_no_code_is_universal() -> None:
    marked = [example(e.text, *dict(e.codes), asked=tuple(dict(e.codes))) for e in examples() if e.codes]
    learnt = trained(marked)
    assert learnt.not_learnt() == list(CODES)
    assert chances(learnt, "the budget came late") == {"money": 0.0, "water": 0.0}


def test_random_decisions_rarely_make_a_code_reliable() -> None:
    words = np.array(" ".join(MONEY + WATER + OTHER).split())
    reliable = 0
    for seed in range(20):
        generator = np.random.default_rng(seed)
        texts = [" ".join(generator.choice(words, 6)) for _ in range(40)]
        learnt = trained([example(text, *(("money",) if generator.random() < 0.4 else ())) for text in texts])
        reliable += "money" not in learnt.only_suggested()
    assert reliable <= 3


def test_few_decisions_that_agree_with_their_words_are_enough() -> None:
    few = [
        *(example(f"the budget was late {n}", "money") for n in "abcd"),
        *(example(f"{t} {t}") for t in OTHER + WATER),
    ]
    assert trained(few).only_suggested() == ["water"]


def test_of_equal_texts_under_different_codes_nothing_is_sure() -> None:
    divided = [example("the same words", *(("money",) if i % 2 else ()), asked=CODES) for i in range(40)]
    assert 0.1 < chances(trained([*examples(), *divided]), "the same words")["money"] < 0.9


def test_a_language_without_patterns_is_learnt_from_examples() -> None:
    japanese = [
        *(example(f"予算 が 遅れ {i}", "money") for i in range(6)),
        *(example(f"井戸 の 水 {i}") for i in range(6)),
    ]
    learnt = trained(japanese)
    assert chances(learnt, "予算 は 遅れ")["money"] > chances(learnt, "井戸 と 水")["money"]


def test_stance_of_both_kinds_is_mixed() -> None:
    kinds = {"good": "positive", "bad": "negative", "good but bad": "mixed"}
    about = [
        Example(f"{word} {n}", "", "en", (("water", stance),), CODES, f"{word} {n}")
        for word, stance in kinds.items()
        for n in "abcdefgh"
    ]
    assert stances(trained([*examples(), *about]), "good", "bad", "good but bad") == list(kinds.values())


def test_one_word_is_praise_of_one_code_and_blame_of_another() -> None:
    about = [
        Example(f"{word} {n}", "", "en", ((code, stance),), CODES, f"{word} {n}")
        for word, code, stance in (
            ("cheap", "money", "positive"),
            ("cheap", "water", "negative"),
            ("deep", "money", "negative"),
            ("deep", "water", "positive"),
        )
        for n in "abcdefgh"
    ]
    learnt = trained([*examples(), *about])
    assert stances(learnt, "cheap", "deep", code="money") == ["positive", "negative"]
    assert stances(learnt, "cheap", "deep", code="water") == ["negative", "positive"]


def test_where_one_person_alone_speaks_both_ways_nothing_is_called_mixed() -> None:
    about = [
        Example(f"{word} {n}", "", "en", (("water", stance),), CODES, "one person")
        for word, stance in (("good", "positive"), ("bad", "negative"), ("good but bad", "mixed"))
        for n in "abcdefgh"
    ]
    learnt = trained([*(Example(e.text, "", "en", e.codes, CODES, "one person") for e in examples()), *about])
    assert stances(learnt, "good", "bad") == ["positive", "negative"]
    assert "mixed" not in stances(learnt, "good but bad"), "its threshold would rest on nobody else"


def test_the_shares_of_examples_are_those_of_kernel_ridge_regression() -> None:
    dice = np.random.default_rng(1)
    columns, targets, weight = dice.normal(size=(60, 8)), dice.normal(size=(60, 2)), dice.uniform(0.5, 2, 60)
    weight[:10] = 0  # held out
    shares = dual_ridge(lambda values: columns @ (columns.T @ values), targets, np.tile(weight[:, None], 2), 0.5)
    library = KernelRidge(alpha=0.5, kernel="precomputed")
    library.fit((columns @ columns.T)[10:, 10:], targets[10:], sample_weight=weight[10:])
    assert not shares[:10].any()
    assert shares[10:] == pytest.approx(library.dual_coef_, abs=0.01)


def test_every_one_of_very_many_examples_teaches_stance() -> None:
    size, codes = 5000, 2
    near = np.random.default_rng(1).normal(size=(size, 6)).astype(np.float32)
    columns = Columns(near, sparse.csr_matrix((size, 0), dtype=np.float32))
    pairs = [(row, 0, "positive" if near[row, 0] > 0 else "negative") for row in range(4500)]
    pairs += [(row, 1, "positive" if near[row, 1] > 0 else "negative") for row in range(4500, size)]
    learnt = StanceClassifier(codes).fit(columns, pairs, weight=np.ones(size), group=np.arange(size) % 50)
    last = columns.of(np.arange(4500, size))
    right = [
        stance == pair[2] for stance, pair in zip(learnt.predict(last, np.ones(500, int)), pairs[4500:], strict=True)
    ]
    assert np.mean(right) > 0.8


def test_equal_examples_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        model.save(trained([*examples(), example("the well", "water")]), tmp_path / name)
    for name in ("model.npz", "model.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("terms", [WordTerms, PieceTerms])
def test_no_text_has_no_row_of_terms(terms: type[WordTerms]) -> None:
    learnt = terms().fit(["the pump runs", "the pump is broken"])
    assert learnt.transform([]).shape[0] == 0

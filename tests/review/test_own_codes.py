"""A study with criteria of its own: how well suggestions rank after every ten excerpts, and patterns from confirmed words."""

import shutil
from dataclasses import replace
from itertools import pairwise, permutations
from math import log, sqrt
from pathlib import Path
from statistics import mean
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from chromium import needs_chromium
from own_codes_study import code_of, own_codes_study
from review_page import Open, desk_of, start, until
from sklearn.metrics import average_precision_score
from studies import NOW, quiet

from pipeline.codebook import load_codebook
from pipeline.review.spans.marking import Mark
from pipeline.review.suggestions.precision import average_precision, in_random_order
from pipeline.review.suggestions.words import SpokenTerms, telling_terms
from pipeline.review.web.answering import Answers
from pipeline.review.web.codebook.desk import CodebookDesk
from pipeline.review.web.codebook.orders import ChangeOrder
from pipeline.review.web.desk import Desk, RoundOrder
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.codebook.proposable import ProposableWords
from pipeline.vocabulary import CodebookAction


@pytest.fixture(scope="module")
def own_codes_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = own_codes_study(tmp_path_factory.mktemp("own") / "study")
    assert analyze(root, fresh=True, now=NOW, tick=quiet).exit_code == 0
    return root


@pytest.fixture
def study(own_codes_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(own_codes_once, tmp_path / "study"))


def settle(desk: Desk, name: str, *codes: str) -> dict[str, Any]:
    shown = desk.excerpt(name)
    answers = Answers(
        excerpt_id=name,
        text_sha256=shown["sha"],
        codes=dict.fromkeys(codes, "yes"),
        links={},
        tab="t1",
        base=shown["base"],
        is_rest_no=True,
    )
    return desk.settle(answers)


def go_on(desk: Desk, count: int) -> list[dict[str, Any] | None]:
    """Decide on the next excerpts as a careful reader does; the ranking after each."""
    rankings = []
    for item in [item for item in desk.queue() if not item["done"]][:count]:
        code = code_of(desk.excerpt(item["id"])["text"])
        rankings.append(settle(desk, item["id"], *([code] if code else []))["ranking"])
    return rankings


def test_average_precision_is_that_of_scikit_learn_and_over_ties_the_mean_of_all_orders() -> None:
    dice = np.random.default_rng(3)
    truths, scores = [bool(each) for each in dice.random(40) < 0.3], list(dice.permutation(40) / 40)
    assert average_precision(truths, scores) == pytest.approx(average_precision_score(truths, scores))
    truths, scores = [True, False, True, False, True, False], [0.9, 0.9, 0.9, 0.4, 0.4, 0.1]
    orders = [order for order in permutations(range(6)) if all(scores[a] >= scores[b] for a, b in pairwise(order))]
    ranks = -np.arange(6)
    every = [average_precision_score([truths[i] for i in order], ranks) for order in orders]
    assert average_precision(truths, scores) == pytest.approx(mean(every))
    every = [average_precision_score([truths[i] for i in order], ranks) for order in permutations(range(6))]
    assert in_random_order(truths) == pytest.approx(mean(every))


def test_after_every_ten_excerpts_the_page_says_how_well_each_code_was_ranked(study: Path) -> None:
    desk = desk_of(study)
    rankings = go_on(desk, 20)
    assert rankings[:9] == [None] * 9
    assert [ranking and ranking["count"] for ranking in rankings[9:]] == [10] * 10 + [20]
    assert rankings[-1] == desk_of(study).start()["study"]["ranking"]
    stored = pq.read_table(study / "coded/machine/codings.parquet").to_pandas()
    chances = {(row.excerpt_id, row.criterion): row.probability for row in stored.itertuples()}
    decided = [name for name in desk.ledger.own if desk.ledger.own_on(name).is_settled]
    for each in rankings[-1]["codes"]:
        truths = [desk.ledger.own_on(name).decisions[each["code"]].yes for name in decided]
        expected = average_precision_score(truths, [chances[name, each["code"]] for name in decided])
        assert each["precision"] == pytest.approx(expected)
        assert (each["decided"], each["ayes"]) == (20, sum(truths))
        assert each["random"] < each["precision"]


def test_what_the_machine_learnt_from_is_not_counted_and_the_next_ten_are(study: Path) -> None:
    desk = desk_of(study)
    go_on(desk, 10)
    assert analyze(study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    desk.look_for_new_run()
    assert desk.start()["study"]["ranking"] is None
    *before, ranking = go_on(desk, 10)
    assert not any(before)
    assert ranking
    assert ranking["count"] == 10
    assert ranking["precision"] > ranking["random"]


def test_where_nothing_can_be_ranked_the_page_says_why(study: Path) -> None:
    desk = desk_of(study)
    names = [item["id"] for item in desk.queue()[:10]]
    last = [settle(desk, name, "meetings") for name in names][-1]
    why = {each["code"]: each.get("why_not") for each in last["ranking"]["codes"]}
    assert why == {"fees": "all_no", "repairs": "all_no", "meetings": "all_yes"}
    assert last["ranking"]["precision"] is None
    assert desk.undo(names[0])["ranking"] is None  # nine are left


def test_a_round_that_hides_the_machine_hides_how_well_it_ranked(study: Path) -> None:
    desk = desk_of(study)
    go_on(desk, 10)
    desk.start_round(RoundOrder(name="r1", coders=("ana",), size=5, shows="blind"))
    assert desk.start()["study"]["ranking"] is None
    desk.close_round("r1")
    assert desk.start()["study"]["ranking"]["count"] == 10


def decide_all(study: Path) -> Desk:
    desk = desk_of(study)
    go_on(desk, len(desk.queue()))
    return desk


def test_proposed_patterns_are_words_of_several_persons_that_tell_a_code_from_the_others(study: Path) -> None:
    desk = decide_all(study)
    proposed = CodebookDesk(desk).proposals()["proposals"]
    assert {row["code"] for row in proposed} == {"fees", "repairs", "meetings"}
    by_words = {row["match"]: row for row in proposed}
    assembly = by_words["assembly"]
    # Nadia wants no quotes: the words of the other four persons count, in three or four of their sayings each
    assert (assembly["code"], assembly["ayes"], assembly["persons"]) == ("meetings", 16, 4)
    assert (assembly["noes"], assembly["persons_without"]) == (0, 0)
    assert {"fee", "pump"} <= by_words.keys()
    assert not any("lucinda" in words for words in by_words)  # a name


def test_an_accepted_proposal_is_a_pattern_and_is_proposed_no_more_until_it_is_undone(study: Path) -> None:
    codebook = CodebookDesk(decide_all(study))
    first = next(row for row in codebook.proposals()["proposals"] if row["match"] == "assembly")
    order = ChangeOrder(
        action=CodebookAction.PATTERN,
        reason="proposed",
        base=codebook.show()["version"],
        codes=("meetings",),
        pattern={"language": "en", "match": first["match"]},
    )
    line = codebook.change(order)["line"]
    assert "assembly" not in {row["match"] for row in codebook.proposals()["proposals"]}
    caught = codebook.patterns()["patterns"]
    assert [(row["code"], row["match"], row["right"], row["decided"]) for row in caught] == [
        ("meetings", "assembly", 20, 20)
    ]
    codebook.change(replace(order, action=CodebookAction.UNDO, base=codebook.show()["version"], codes=(), line=line))
    assert "assembly" in {row["match"] for row in codebook.proposals()["proposals"]}


def test_words_that_always_suggest_two_codes_suggest_both_in_the_next_run_and_code_none(study: Path) -> None:
    codebook = CodebookDesk(desk_of(study))
    for code in ("meetings", "fees"):
        order = ChangeOrder(
            action=CodebookAction.PATTERN,
            reason="read",
            base=codebook.show()["version"],
            codes=(code,),
            pattern={"language": "en", "match": "assembly"},
        )
        codebook.change(order)
    assert analyze(study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    desk = desk_of(study)
    caught = [shown for item in desk.queue() if "assembly" in (shown := desk.excerpt(item["id"]))["text"]]
    assert len(caught) == 20
    assert all({"meetings", "fees"} <= set(shown["suggestion"]["doubtful"]) for shown in caught)
    assert not pq.read_table(study / "coded/machine/codings.parquet").to_pandas()["coded"].any()
    assert [str(problem) for check in audit(study) for problem in check.problems] == []


def test_a_code_that_keeps_its_name_when_it_is_split_is_suggested_only_where_its_words_are(study: Path) -> None:
    desk = desk_of(study)
    go_on(desk, 40)
    codebook = CodebookDesk(desk)
    names, base = ("Meetings", "votes"), codebook.show()["version"]
    codebook.change(
        ChangeOrder(action=CodebookAction.SPLIT, reason="two things", base=base, codes=("meetings",), names=names)
    )
    (unsorted,) = codebook.show()["unsorted"]
    for number, quote in enumerate(unsorted["quotes"]):
        settle(desk, quote["id"], unsorted["codes"][number % 2])
    assert analyze(study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    codings = pq.read_table(study / "coded/machine/codings.parquet").to_pandas()
    shown = codings[(codings["status"] == "machine") & (codings["coded"] | codings["doubtful"])]
    kept = shown[shown["criterion"] == "meetings"]["excerpt_id"]
    assert {code_of(desk.excerpt(name)["text"]) for name in kept} == {"meetings"}
    assert len(kept) > 3


def test_marked_words_alone_are_proposed_where_people_marked_them(study: Path) -> None:
    desk = decide_all(study)
    for name, own in list(desk.ledger.own.items()):
        text = desk.excerpt(name)["text"]
        if own.decisions["meetings"].yes and "assembly" in text:
            start = text.index("assembly")
            shown = desk.excerpt(name)
            desk.settle(
                Answers(
                    excerpt_id=name,
                    text_sha256=shown["sha"],
                    codes={"meetings": "yes"},
                    links={},
                    tab="t1",
                    base=shown["base"],
                    is_rest_no=True,
                    spans=(Mark("meetings", start, start + 8),),
                )
            )
    of_code = [row["match"] for row in CodebookDesk(desk).proposals()["proposals"] if row["code"] == "meetings"]
    assert of_code[0] == "assembly"
    assert not {"men spoke", "women sat"} & set(of_code)


def test_words_are_proposed_by_their_dictionary_form_without_names_and_masks() -> None:
    texts = {
        "es": "Nadie preguntó a doña Rosa Luna; las bombas, rosa, se rompieron. [persona 3] paga cuotas.",
        "en": "Nobody asked Rosa's aunt about the broken pumps: [person 3] pays 20 coins.",
    }
    rows = [
        {"source_id": "a", "turn": n, "text": text, "language": name} for n, (name, text) in enumerate(texts.items())
    ]
    shelf: Any = SimpleNamespace(row=rows.__getitem__)
    words = ProposableWords(shelf, {("a", 7)}, frozenset({"rosa", "luna"}))
    spanish, english = words.terms(0, ()), words.terms(1, ())
    assert spanish == {
        "preguntar": "preguntó",
        "nadie preguntar": "nadie preguntó",
        "don": "doña",
        "bomba": "bombas",
        "romper": "rompieron",
        "paga": "paga",
        "cuota": "cuotas",
        "paga cuota": "paga cuotas",
    }
    assert english.keys() >= {"ask", "nobody ask", "aunt", "pump", "pay", "coin"}
    assert not {"person", "rosa", "pay coin", "persona"} & (english.keys() | spanish.keys())
    assert words.terms(1, [(0, 12)]).keys() == {"ask", "nobody ask"}
    assert ProposableWords(shelf, {("a", 1)}, frozenset()).terms(1, ()) == {}


def test_a_telling_term_has_the_log_odds_of_monroe_and_others() -> None:
    def spoken(person: str, *terms: str) -> SpokenTerms:
        return SpokenTerms(person, frozenset(terms))

    ayes = [spoken(f"p{n % 3}", "pump", "water") for n in range(6)]
    noes = [spoken(f"p{n % 3}", "road", "water") for n in range(6)]
    (pump,) = telling_terms(ayes, noes, [])
    # 24 terms were decided on and as many make the prior, in which "pump" comes 6 times
    yes, no = log((6 + 6) / (12 + 24 - 12)), log((0 + 6) / (12 + 24 - 6))
    assert pump.score == pytest.approx((yes - no) / sqrt(1 / 12 + 1 / 6))
    assert (pump.term, pump.ayes, pump.persons, pump.noes, pump.persons_without) == ("pump", 6, 3, 0, 0)
    of_one_person = [spoken("p1", "pump", "water") for _ in range(6)]
    assert telling_terms(of_one_person, noes, []) == []
    assert telling_terms(ayes[:4], noes, []) == []


@needs_chromium
def test_the_page_shows_the_ranking_and_a_key_accepts_a_proposal(study: Path, open_page: Open) -> None:
    decide_all(study)
    running = start(study, "ana")
    try:
        page = open_page(running.address)
        page.click("#ranking")
        assert page.locator("#drawer tbody tr").count() == 3
        page.keyboard.press("Escape")
        page.keyboard.press("o")
        page.wait_for_selector(".codes")
        page.keyboard.press("3")
        page.wait_for_selector("#proposals [aria-pressed=true]")
        words = page.locator("#proposals [aria-pressed=true] code").inner_text()
        page.wait_for_selector(".chosen-proposal #pattern-count")
        page.keyboard.press("a")
        page.wait_for_selector("[data-pattern]", state="attached")
        until(lambda: page.locator(f"[data-proposal='{words}']").count() == 0)
        assert words in {pattern.match for pattern in load_codebook(study / "coded/codebook.toml").patterns}
        page.keyboard.press("u")
        page.wait_for_selector(f"[data-proposal='{words}']")
        assert not load_codebook(study / "coded/codebook.toml").patterns
        page.keyboard.press("ArrowDown")
        assert page.locator("#proposals > button").nth(1).get_attribute("aria-pressed") == "true"
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        running.stop()

"""A coder's desk: answers become ledger lines, and nothing of an open blind round reaches its coders."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from page_client import Client
from review_page import desk_of, start
from studies import quiet

from pipeline.errors import ConfigError
from pipeline.records import Decision
from pipeline.review.agreement.text import as_text
from pipeline.review.web import rounds
from pipeline.review.web.answering import Answers, Clash
from pipeline.review.web.app import make_app
from pipeline.review.web.codebook.desk import CodebookDesk
from pipeline.review.web.coder_queue import QueueEntry, entry_card
from pipeline.review.web.desk import Desk, RoundOrder, WordsChangedError
from pipeline.review.web.guard import Session
from pipeline.review.web.search.desk import SearchDesk
from pipeline.steps.analyze import analyze
from pipeline.steps.results.agreement import agree
from pipeline.vocabulary import CoderView, DecisionKind

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def answers(desk: Desk, name: str, **values: Any) -> Answers:
    shown = desk.excerpt(name)
    plain: dict[str, Any] = {"codes": {}, "links": {}, "tab": "t1", "base": shown["base"], "is_rest_no": True}
    return Answers(excerpt_id=name, text_sha256=shown["sha"], **{**plain, **values})


@pytest.fixture
def desk(analysed: Path) -> Desk:
    return desk_of(analysed)


def first(desk: Desk, at: int = 0) -> str:
    return str(desk.queue()[at]["id"])


def lines(desk: Desk, coder: str = "ana") -> list[Decision]:
    return [d for d in desk.ledger.ledger.refresh() if d.coder == coder]


def kinds(desk: Desk, coder: str = "ana") -> list[str]:
    return [str(d.kind) for d in lines(desk, coder)]


def settle(desk: Desk, name: str, **values: Any) -> None:
    desk.settle(answers(desk, name, **values))


def test_a_page_that_is_loaded_again_has_lasting_totals_and_the_ticks_of_today(analysed: Path) -> None:
    desk = desk_of(analysed)
    names = [first(desk, at) for at in range(2)]
    excerpts = len(desk.study.ranking.by_chance)
    assert desk.start()["study"]["settled"] == {"today": 0, "all": 0, "undecided": excerpts}
    settled = desk.settle(answers(desk, names[0], codes={"effectiveness": "yes"}))["settled"]
    assert settled == {"today": 1, "all": 1, "undecided": excerpts - 1}
    settle(desk, names[1])
    again = desk_of(analysed)
    shown = again.start()
    assert shown["study"]["settled"] == {"today": 2, "all": 2, "undecided": excerpts - 2}
    assert [(item["id"], item["done"]) for item in shown["items"][:3]] == [
        (names[0], True),
        (names[1], True),
        (first(again), False),
    ]
    assert shown["excerpts"][0]["id"] == first(again)
    again.now = lambda: NOW + timedelta(days=1)
    tomorrow = again.start()
    assert tomorrow["study"]["settled"] == {"today": 0, "all": 2, "undecided": excerpts - 2}
    assert tomorrow["items"][0]["id"] == first(again)


@pytest.mark.slow
def test_the_page_and_the_run_count_the_same_excerpts_as_undecided(analysed: Path) -> None:
    desk = desk_of(analysed)
    settle(desk, first(desk), codes={"effectiveness": "yes"})
    record = analyze(analysed, fresh=False, now=NOW, tick=quiet).record
    assert record["summary"]["undecided"] == len(desk.study.ranking.by_chance) - 1
    for coder in ("ana", "ben"):
        assert desk_of(analysed, coder).start()["study"]["settled"]["undecided"] == record["summary"]["undecided"]


def test_undo_says_how_much_it_took_back_and_that_nothing_is_left(desk: Desk) -> None:
    name = first(desk)
    settle(desk, name, codes={"effectiveness": "positive"}, memo="ask again")
    undone = desk.undo(name)
    assert (undone["undone"], undone["settled"]["all"]) == (3, 0)
    assert desk.excerpt(name)["own"] == UNDECIDED
    assert desk.undo(name)["undone"] == 0


def test_a_place_comes_in_both_languages(desk: Desk) -> None:
    name = next(name for name in desk.study.shelf.ids if desk.excerpt(name)["place"]["en"].startswith("line "))
    place = desk.excerpt(name)["place"]
    assert place["es"] == place["en"].replace("line", "línea")


UNDECIDED = {"codes": {}, "links": {}, "memo": "", "settled": False, "undecided": [], "spans": []}


def test_an_excerpt_comes_with_its_question_neighbours_suggestion_and_the_coders_own_word(desk: Desk) -> None:
    shown = desk.excerpt(first(desk))
    assert shown["text"]
    assert shown["sha"]
    assert shown["suggestion"] is not None
    assert shown["own"] == UNDECIDED


def test_settling_writes_each_answer_and_that_all_codes_were_gone_through(desk: Desk) -> None:
    name = first(desk)
    desk.settle(answers(desk, name, codes={"effectiveness": "positive", "sustainability": "no"}, memo="see F1"))
    written = lines(desk)
    codebook = desk.study.form.codebook
    assert [(d.kind, d.criterion, d.value) for d in written[:2]] == [
        (DecisionKind.CODE, "effectiveness", "positive"),
        (DecisionKind.UNCODE, "sustainability", ""),
    ]
    assert written[2].kind is DecisionKind.REVIEWED
    assert set(written[2].codes) == set(codebook.ids)
    assert written[3].note == "see F1"
    assert {(d.handout, d.shown, d.codebook) for d in written} == {("page s1 t1", "suggestion", codebook.version)}
    own = desk.excerpt(name)["own"]
    assert own["codes"] == {"effectiveness": "positive", "sustainability": "no"}
    assert own["settled"]
    assert own["undecided"] == []


def test_settling_the_same_again_writes_nothing(desk: Desk) -> None:
    name = first(desk)
    desk.settle(answers(desk, name, codes={"effectiveness": "positive"}))
    before = len(kinds(desk))
    desk.settle(answers(desk, name, codes={"effectiveness": "positive"}))
    assert len(kinds(desk)) == before


def test_an_undone_settling_leaves_what_held_before_and_stays_in_the_ledger(desk: Desk) -> None:
    name = first(desk)
    desk.settle(answers(desk, name, codes={"effectiveness": "positive"}))
    desk.settle(answers(desk, name, codes={"effectiveness": "negative"}))
    desk.undo(name)
    assert desk.excerpt(name)["own"]["codes"] == {"effectiveness": "positive"}
    desk.undo(name)
    assert desk.excerpt(name)["own"] == UNDECIDED
    assert kinds(desk).count("undo") == 2
    assert desk_of(folders_root(desk)).excerpt(name)["own"]["codes"] == {}


def folders_root(desk: Desk) -> Path:
    return desk.ledger.ledger.path.parents[1]


def test_two_sessions_of_one_coder_clash_with_both_versions_and_lose_none(desk: Desk) -> None:
    other = desk_of(folders_root(desk))
    name = first(desk)
    mine, theirs = (
        answers(desk, name, codes={"effectiveness": "positive"}),
        answers(other, name, codes={"effectiveness": "negative"}, tab="t2"),
    )
    other.settle(theirs)
    with pytest.raises(Clash) as clash:
        desk.settle(mine)
    assert clash.value.details["theirs"]["codes"] == {"effectiveness": "negative"}
    desk.settle(Answers(**{**asdict(mine), "base": clash.value.details["base"]}))
    assert desk.excerpt(name)["own"]["codes"] == {"effectiveness": "positive"}
    assert kinds(desk).count("code") == 2


def asdict(value: Answers) -> dict[str, Any]:
    return {name: getattr(value, name) for name in Answers.__slots__}


def test_words_that_are_not_those_of_now_and_unknown_codes_are_refused(desk: Desk) -> None:
    name = first(desk)
    with pytest.raises(WordsChangedError):
        desk.settle(Answers(**{**asdict(answers(desk, name)), "text_sha256": "0" * 64}))
    with pytest.raises(ConfigError, match="invented"):
        desk.settle(answers(desk, name, codes={"invented": "yes"}))
    with pytest.raises(ConfigError, match="likes"):
        desk.settle(answers(desk, name, links={"F1": "likes"}))
    with pytest.raises(KeyError):
        desk.excerpt("no such:0-1")
    assert kinds(desk) == []


SECRETS = ("probability", "because", "doubtful", "pattern", "ben", "conflict", "contrary", "strength", "alpha")
QUERIES = {
    "/api/excerpt": [{"id": "{excerpt}"}],
    "/api/source": [{"id": "{source}", "around": "1"}],
    "/api/find": [
        {"q": q} for q in ("", "by:ben", "status:single", "code:effectiveness", "finding:F1", "strength:weak")
    ],
    "/api/agreement": [{"code": "effectiveness"}],
}
SAME_FOR_ALL = ("texts", "codes", "findings")  # the codebook, the findings and the words of the interface


def recorded(root: Path, desk: Desk) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every answer of the program to ana, over HTTP: each route that reads, for each excerpt of her queue."""
    reads = [r.path for r in make_app(desk, Session(1)).app.routes if "GET" in r.methods and "/api/" in r.path]  # type: ignore[attr-defined]
    calls = [(path, query) for path in reads for query in QUERIES.get(path, [{}])]
    page = start(root, "ana")
    client = Client(page.address)
    try:
        for item in client.get("/api/queue")["items"]:
            places = {"{excerpt}": item["id"], "{source}": item["source"]}
            for path, query in calls:
                call = f"{path}?{urlencode({key: places.get(value, value) for key, value in query.items()})}"
                yield call, client.get(call)
    finally:
        client.wire.close()
        page.stop()


def telling(call: str, body: dict[str, Any]) -> list[str]:
    """What an answer tells of the opinion of others or of the machine."""
    study = {key: value for key, value in body.get("study", {}).items() if key not in SAME_FOR_ALL}
    written = json.dumps({**body, "study": study})
    return [f"{call}: {word}" for word in SECRETS if f'"{word}"' in written or f"{word} thinks" in written]


def test_no_recorded_answer_of_an_open_blind_round_reveals_what_others_or_the_machine_think(desk: Desk) -> None:
    root = folders_root(desk)
    ben = desk_of(root, "ben")
    for name in [entry["id"] for entry in ben.queue()][:3]:
        ben.settle(answers(ben, name, codes={"effectiveness": "negative"}, memo="ben thinks so"))
    size = min(4, len(desk.queue()))
    desk.start_round(RoundOrder(name="blind", coders=("ana", "eva"), size=size, shows="blind"))
    bodies = list(recorded(root, desk))
    assert [word for call, body in bodies for word in telling(call, body)] == []
    counts = {call: body.get("count", 0) for call, body in bodies if "/find?q=" in call}  # 0: by ben is refused
    assert [call for call, count in counts.items() if count and not call.endswith("q=")] == []
    assert all(body["suggestion"] is None for call, body in bodies if "/excerpt?" in call)
    assert all(body["study"]["recall"] is None for call, body in bodies if "/start" in call)
    assert all(body["is_hidden"] for call, body in bodies if "/differences" in call)


@pytest.mark.parametrize("why", ["contrary", "strength", "doubt", "link"])
def test_an_excerpt_that_others_decided_reveals_nothing_of_what_they_or_the_machine_think(why: str, desk: Desk) -> None:
    name = next(entry["id"] for entry in desk.queue() if desk.excerpt(entry["id"])["marks"])
    entry = QueueEntry(name, why, about="F1")
    before = entry_card(entry, desk.study, desk.ledger)
    assert (before["why"], before["about"]) == (why, "F1")
    settle(desk_of(folders_root(desk), "ben"), name, codes={"effectiveness": "negative"})
    shown = desk.excerpt(name)
    assert (shown["suggestion"], shown["marks"]) == (None, [])
    after = entry_card(entry, desk.study, desk.ledger)
    assert (after["why"], after["about"]) == ("", "")


def test_what_is_decided_in_a_round_says_so_and_a_closed_round_shows_everything(desk: Desk) -> None:
    size = min(4, len(desk.queue()))
    desk.start_round(RoundOrder(name="blind", coders=("ana", "eva"), size=size, shows="blind"))
    name = first(desk)
    desk.settle(answers(desk, name, codes={"effectiveness": "positive"}, lane="round"))
    line = next(d for d in lines(desk) if d.kind is DecisionKind.CODE)
    assert (line.shown, line.round) == ("blind", "blind")
    assert line.lane.startswith(f"random {size}/")
    assert SearchDesk(desk).find("code:effectiveness", is_whole=True)["count"] == 1
    desk.close_round("blind")
    assert desk.excerpt(name)["suggestion"] is not None
    assert not desk.differences()["is_hidden"]


def test_a_round_shows_how_far_each_coder_is_and_is_over_after_its_last_day(desk: Desk) -> None:
    ends = (NOW + timedelta(days=2)).date().isoformat()
    desk.start_round(RoundOrder(name="blind", coders=("ana", "ben"), size=4, shows="blind", ends=ends))
    ben = desk_of(folders_root(desk), "ben")
    ben.now = lambda: NOW
    ben.settle(answers(ben, first(ben), codes={"effectiveness": "negative"}, lane="round"))
    started = desk.start()["study"]["round"]
    assert (started["coders"], started["ends"], started["done"]) == ({"ana": 0, "ben": 1}, ends, 0)
    desk.now = lambda: NOW + timedelta(days=3)
    assert desk.start()["study"]["round"] is None
    assert not desk.differences()["is_hidden"]
    with pytest.raises(ConfigError, match="before today"):
        desk.start_round(RoundOrder(name="late", coders=("ana",), size=4, shows="blind", ends=ends))


def test_an_excerpt_that_comes_back_shows_nothing_and_measures_agreement_with_oneself(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = first(desk)
    desk.settle(answers(desk, name, codes={"effectiveness": "positive", "efficiency": "no"}))
    assert desk.differences()["second_looks"] is None
    monkeypatch.setattr(rounds, "EARLY", 0)
    monkeypatch.setattr(rounds, "REPEATED_SHARE", 1.0)
    entry = next(entry for entry in desk.queue() if entry["id"] == name)
    assert (entry["why"], entry["done"]) == ("", False)
    card = desk.excerpt(name)
    assert (card["own"], card["suggestion"], card["marks"]) == (UNDECIDED, None, [])
    desk.settle(answers(desk, name, codes={"efficiency": "no"}))
    again = [line for line in lines(desk) if line.lane == "repeat"]
    assert {line.shown for line in again} == {CoderView.BLIND}
    answered = {line.criterion for line in again if line.kind is DecisionKind.UNCODE}
    assert answered == {"effectiveness", "efficiency"}
    assert name not in [entry["id"] for entry in desk.queue()]
    figures = desk.differences()["second_looks"]
    codes = len(desk.study.form.codebook.ids)
    assert (figures["excerpts"], figures["decisions"], figures["counts"]["yes_no"]) == (1, codes, 1)
    assert "ana, second look at 1 excerpt: same answer in" in "\n".join(as_text(agree(folders_root(desk))))


@pytest.mark.parametrize("about", ["code", "finding", "person"])
def test_a_memo_is_on_the_code_finding_or_person_and_comes_back(about: str, desk: Desk) -> None:
    card = next(card for entry in desk.queue() if (card := desk.excerpt(entry["id"]))["person"])
    subject = {"code": "effectiveness", "finding": "F1", "person": card["person"]}[about]
    desk.memo(about=about, id=subject, note="ask again")
    again = desk_of(folders_root(desk))
    study = again.start()["study"]
    memos = {each["id"]: each["memo"] for each in (*study["codes"], *study["findings"])}
    memos[card["person"]] = again.excerpt(card["id"])["person_memo"]
    assert {subject for subject, memo in memos.items() if memo} == {subject}
    assert memos[subject] == "ask again"


def test_a_ruling_against_most_coders_asks_for_a_reason(desk: Desk) -> None:
    root = folders_root(desk)
    name = first(desk)
    for coder, value in (("ana", "positive"), ("ben", "positive"), ("eva", "no")):
        each = desk_of(root, coder)
        each.settle(answers(each, name, codes={"effectiveness": value}))
    judge = desk_of(root, "judge")
    item = next(i for i in judge.differences()["items"] if i["target"] == "effectiveness")
    assert {side["value"] for side in item["sides"]} == {"positive", "no"}
    ruling = {"excerpt_id": name, "text_sha256": item["sha"], "target": "effectiveness"}
    with pytest.raises(ConfigError, match="goes against most"):
        judge.rule(**ruling, value="no", note="")
    judge.rule(**ruling, value="no", note="nothing changed by it")
    assert all(i["target"] != "effectiveness" or i["id"] != name for i in judge.differences()["items"])


def test_excerpts_with_the_same_words_are_settled_together_only_where_they_are_the_same(desk: Desk) -> None:
    names = [entry["id"] for entry in desk.queue()]
    with pytest.raises(ConfigError, match="other words"):
        desk.settle(answers(desk, names[0], also=(names[1],)))
    assert kinds(desk) == []


def hits(desk: Desk, query: str) -> set[str]:
    return {str(hit["id"]) for hit in SearchDesk(desk).find(query, is_whole=True)["hits"]}


def test_a_search_by_code_counts_what_people_decided_since_the_last_run(desk: Desk) -> None:
    coded = hits(desk, "code:effectiveness")
    given = next(item["id"] for item in desk.queue() if item["id"] not in coded)
    settle(desk, given, codes={"effectiveness": "yes"})
    assert hits(desk, "code:effectiveness") == coded | {given}
    denied = next(iter(sorted(coded)))
    settle(desk, denied, codes={"effectiveness": "no"})
    assert hits(desk, "code:effectiveness") == (coded | {given}) - {denied}
    assert given in hits(desk_of(Path(desk.ledger.ledger.path).parents[1], "ben"), "code:effectiveness")


def test_no_to_all_others_is_no_answer_on_a_code_above_one_that_is_given(analysed: Path) -> None:
    path = analysed / "coded/codebook.toml"
    path.write_text(
        path.read_text("utf-8").replace('id = "efficiency"\n', 'id = "efficiency"\nparent = "effectiveness"\n'), "utf-8"
    )
    desk = desk_of(analysed)
    name = first(desk)
    settle(desk, name, codes={"efficiency": "positive"})
    decided = desk.ledger.own_on(name).words_on_codes
    assert decided["efficiency"] == "positive"
    assert "effectiveness" not in decided
    assert {word for code, word in decided.items() if code != "efficiency"} == {"no"}
    assert desk.excerpt(name)["own"]["undecided"] == []
    assert name in hits(desk, "code:effectiveness")
    counts = {row["id"]: (row["confirmed"], row["own"]) for row in CodebookDesk(desk).show()["codes"]}
    assert (counts["effectiveness"], counts["efficiency"]) == ((1, 0), (1, 1))
    settle(desk, name, codes={"efficiency": "no"})
    assert desk.ledger.own_on(name).words_on_codes["effectiveness"] == "no"
    settle(desk, name, codes={"efficiency": "negative"})
    assert desk.ledger.own_on(name).words_on_codes["effectiveness"] == "negative", "left blank before, it was a no"
    settle(desk, name, codes={"efficiency": "negative", "effectiveness": "no"})
    assert desk.ledger.own_on(name).words_on_codes["effectiveness"] == "no", "who says no in so many words means it"


def test_excerpts_can_be_read_interview_by_interview_with_their_place_in_it(desk: Desk) -> None:
    def in_order() -> list[dict[str, Any]]:
        return desk.queue(is_in_order=True)

    whole, there = in_order(), set(desk.study.ranking.by_chance)
    assert [item["id"] for item in whole] == [name for name in desk.study.shelf.ids if name in there]
    of_one = [item for item in whole if item["source"] == next(each["source"] for each in whole if each["among"] > 2)]
    count = len(of_one)
    assert [(item["nth"], item["among"]) for item in of_one] == [(n, count) for n in range(1, count + 1)]
    shown = desk.excerpt(of_one[-1]["id"])
    assert (shown["nth"], shown["among"]) == (count, count)
    for item in whole[: whole.index(of_one[0])]:
        settle(desk, item["id"])
    settle(desk, of_one[-1]["id"])
    assert [(item["id"], item["done"]) for item in in_order()[:count]] == [
        (item["id"], item is of_one[-1]) for item in of_one
    ], "the first interview that is not done, whole"
    assert {line.lane for line in lines(desk)} <= {""}
    desk.start_round(RoundOrder(name="r1", coders=("ana",), size=3, shows="blind"))
    assert [item["id"] for item in in_order()] == [item["id"] for item in desk.queue()]


def test_what_is_put_off_comes_last(desk: Desk) -> None:
    name = first(desk)
    desk.later(name)
    assert desk.queue()[-1]["id"] == name


def mask(desk: Desk, query: str) -> set[str]:
    return {desk.study.shelf.ids[i] for i in np.flatnonzero(SearchDesk(desk)._search().find(query))}


def test_a_query_joins_words_codes_sources_and_their_opposites(desk: Desk) -> None:
    everything = mask(desk, "")
    coded, uncoded = mask(desk, "code:effectiveness"), mask(desk, "not code:effectiveness")
    assert coded | uncoded == everything
    assert not coded & uncoded
    assert coded
    source = desk.study.shelf.sources[desk.study.shelf.position[next(iter(coded))]]
    assert mask(desk, f"source:{source} code:effectiveness") <= coded
    assert mask(desk, "code:effectiveness near/1 code:effectiveness") == coded
    assert mask(desk, "code:efficiency near/500 code:effectiveness") >= mask(desk, "code:efficiency code:effectiveness")


def test_a_search_is_read_in_spanish_too(desk: Desk) -> None:
    def ids(query: str) -> list[str]:
        return [hit["id"] for hit in SearchDesk(desk).find(query, is_whole=True)["hits"]]

    settle(desk, first(desk), codes={"effectiveness": "positive"})
    assert ids("código:effectiveness cerca/2 codigo:efficiency") == ids("code:effectiveness near/2 code:efficiency")
    for spanish, english in (
        ("por:ana", "by:ana"),
        ('estado:"una persona"', "status:single"),
        ("solidez:débil", "strength:weak"),
    ):
        assert ids(spanish) == ids(english)
    assert ids("por:ana")
    assert ids('estado:"una persona"')


def test_brackets_and_or_join_terms_too(desk: Desk) -> None:
    either = mask(desk, "code:effectiveness or code:efficiency")
    assert either == mask(desk, "code:effectiveness") | mask(desk, "code:efficiency")
    assert mask(desk, "not (code:effectiveness or code:efficiency)") == mask(desk, "") - either


@pytest.mark.parametrize("query", ["colour:red", "near/3 word", "word not", "word near/2", "(word", "word)"])
def test_a_query_that_cannot_be_used_says_which_part_of_it(desk: Desk, query: str) -> None:
    with pytest.raises(ConfigError, match="cannot use"):
        mask(desk, query)


def test_the_page_starts_without_the_libraries_that_only_a_run_needs(analysed_once: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pipeline.steps.review_page import make_page\n"
        f"make_page(Path({str(analysed_once)!r}), 'ana', port=1)\n"
        "print(sorted(set(sys.modules) & {'spacy', 'sklearn', 'scipy', 'matplotlib', 'openpyxl'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("second", ["1", "2"])
def test_what_this_page_decided_and_took_back_is_no_decision_made_elsewhere(analysed: Path, second: str) -> None:
    desk = desk_of(analysed)
    codes = {"1": {"efficiency": "positive"}, "2": {"effectiveness": "negative"}}
    sorted_once = answers(desk, first(desk), codes=codes["1"], tab="")  # as when the quotes of a split code are sorted
    for _ in range(2):
        assert desk.settle(sorted_once)["seq"]
        assert desk.undo(sorted_once.excerpt_id)["undone"]
    assert desk.redo(sorted_once.excerpt_id)["redone"]
    assert desk.undo(sorted_once.excerpt_id)["undone"]
    assert desk.settle(replace(sorted_once, codes=codes[second]))["seq"]
    assert desk.excerpt(sorted_once.excerpt_id)["own"]["codes"] == codes[second]


def test_an_answer_that_was_shown_and_is_taken_back_elsewhere_is_a_conflict(analysed: Path) -> None:
    desk = desk_of(analysed)
    name = first(desk)
    settle(desk, name, codes={"efficiency": "positive"}, tab="t1")
    shown = answers(desk, name, codes={"efficiency": "negative"}, tab="t2")
    assert desk.undo(name)["undone"]
    with pytest.raises(Clash):
        desk.settle(shown)

"""Correcting the transcript on the review page: the desk without a server, and the page in a real browser."""

import csv
from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium
from review_page import Open, Running, desk_of, hold, look_up, until, words
from studies import NOW, quiet

from pipeline.errors import ConfigError
from pipeline.registers.corrections import NAME
from pipeline.review.web.answering import Answers
from pipeline.review.web.corrections.desk import CorrectionsDesk
from pipeline.review.web.corrections.orders import CorrectionOrder, Withdrawal
from pipeline.review.web.desk import Desk, RoundOrder, WordsChangedError
from pipeline.steps.analyze import analyze

WELL = "In month 7 the well gave 49 buckets a day."
RIVER = "Antes íbamos al río con baldes, dos horas de camino. Los niños se enfermaban todo el tiempo."
PARTS = "Yo no creo. Cuando se rompa, ya nadie viene. No hay repuestos ni plata."


def card_of(desk: Desk, text: str) -> dict[str, Any]:
    shelf = desk.study.shelf
    return desk.excerpt(next(name for name in shelf.ids if shelf.cell("text", shelf.position[name]) == text))


def settle(desk: Desk, text: str, *, codes: dict[str, str], memo: str = "") -> None:
    card = card_of(desk, text)
    shown = {"tab": "t1", "base": card["base"], "is_rest_no": True, "links": {}}
    desk.settle(Answers(excerpt_id=card["id"], text_sha256=card["sha"], codes=codes, memo=memo, **shown))


def correct(desk: Desk, text: str, old: str, new: str, **more: Any) -> list[dict[str, Any]]:
    card, start = card_of(desk, text), text.index(old)
    order = CorrectionOrder(card["id"], card["sha"], start=start, end=start + len(old), corrected=new, **more)
    return CorrectionsDesk(desk).correct(order)["corrections"]


def rows(root: Path) -> list[dict[str, str]]:
    with (root / NAME).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def holding(root: Path) -> list[tuple[str, str, str]]:
    return [(row["words"], row["nth"], row["corrected"]) for row in rows(root) if not row["withdrawn"]]


def test_words_are_corrected_corrected_again_and_taken_back_before_and_after_a_run(study: Path) -> None:
    desk = desk_of(study)
    (shown,) = correct(desk, RIVER, "bald", "cubet", reason="heard again")
    assert (shown["words"], shown["corrected"], shown["is_applied"]) == ("baldes", "cubetes", False)
    correct(desk, RIVER, "baldes", "cubetas grandes")
    correct(desk, WELL, "buckets", "pails")
    assert holding(study) == [("baldes", "", "cubetas grandes"), ("buckets", "8", "pails")]
    assert [row["by"] for row in rows(study)] == ["ana"] * 3
    analyze(study, fresh=False, now=NOW, tick=quiet)
    desk = desk_of(study)
    now = RIVER.replace("baldes", "cubetas grandes")
    assert card_of(desk, now)["corrections"][0]["is_applied"]
    assert card_of(desk, WELL.replace("buckets", "pails"))["corrections"][0]["words"] == "buckets"
    correct(desk, now, "grandes, dos", "enormes, tres")
    assert holding(study) == [("buckets", "8", "pails"), ("baldes, dos", "", "cubetas enormes, tres")]
    with pytest.raises(ConfigError, match="part of another"):
        correct(desk, now, "cubetas grandes", "baldes")
    waiting = next(each for each in card_of(desk, now)["corrections"] if not each["is_applied"])
    CorrectionsDesk(desk).withdraw(card_of(desk, now)["id"], Withdrawal(waiting["key"]))
    assert holding(study) == [("buckets", "8", "pails")]
    card = card_of(desk, WELL.replace("buckets", "pails"))
    assert CorrectionsDesk(desk).withdraw(card["id"], Withdrawal(card["corrections"][0]["key"])) == {"corrections": []}
    assert holding(study) == []
    assert all(row["withdrawn"].startswith("ana ") for row in rows(study))


def test_what_is_put_back_does_not_contradict_what_somebody_else_wrote_meanwhile(study: Path) -> None:
    ana, ben = desk_of(study), desk_of(study, "ben")
    (first,) = correct(ana, RIVER, "baldes", "cubetas", reason="heard again")
    (second,) = correct(ben, RIVER, "baldes", "tinas")
    corrections, passage = CorrectionsDesk(ana), card_of(ana, RIVER)["id"]
    for withdrawal in (Withdrawal("", (first["key"],)), Withdrawal(first["key"])):
        with pytest.raises(ConfigError):
            corrections.withdraw(passage, withdrawal)
    assert holding(study) == [("baldes", "", "tinas")]
    CorrectionsDesk(ben).withdraw(passage, Withdrawal(second["key"], (first["key"],)))
    assert holding(study) == [("baldes", "", "cubetas")]
    assert [(row["by"], row["reason"]) for row in rows(study) if not row["withdrawn"]] == [("ben", "")]


def test_what_was_decided_stays_when_a_memo_is_written_after_a_correction(study: Path) -> None:
    desk = desk_of(study)
    settle(desk, WELL, codes={"effectiveness": "positive"})
    correct(desk, WELL, "buckets", "big pails")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    desk, now = desk_of(study), WELL.replace("buckets", "big pails")
    settle(desk, now, codes={"effectiveness": "positive"}, memo="ask again")
    own = card_of(desk, now)["own"]
    assert (own["codes"]["effectiveness"], own["memo"]) == ("positive", "ask again")


def test_a_turn_is_given_to_another_speaker_of_the_source_and_back(study: Path) -> None:
    desk = desk_of(study)
    corrections, card = CorrectionsDesk(desk), card_of(desk, PARTS)
    speakers = corrections.speakers(card["id"])
    assert [(each["role"], each["is_here"]) for each in speakers] == [
        ("respondent", True), ("interviewer", False), ("respondent", False),
    ]  # fmt: skip
    order = CorrectionOrder(card["id"], card["sha"], speaker_of=speakers[2]["turn"])
    (shown,) = corrections.correct(order)["corrections"]
    assert (shown["is_speaker"], shown["words"]) == (True, "")
    (row,) = rows(study)
    assert (row["speaker"], row["new_speaker"], row["words"]) == (
        "Tito Mar",
        "Rosa Luna",
        PARTS[:59].rpartition(" ")[0],
    )
    corrections.correct(CorrectionOrder(card["id"], card["sha"], speaker_of=speakers[0]["turn"]))
    assert rows(study)[0]["withdrawn"].startswith("ana ")


def test_a_correction_is_refused_with_the_reason(study: Path) -> None:
    desk = desk_of(study)
    for old, new, why in (("baldes", "baldes", "change"), ("baldes", " ", "No words"), ("río", "r\ue000", "invisible")):
        with pytest.raises(ConfigError, match=why):
            correct(desk, RIVER, old, new)
    card = card_of(desk, RIVER)
    with pytest.raises(WordsChangedError):
        CorrectionsDesk(desk).correct(CorrectionOrder(card["id"], "0" * 64, start=0, end=5, corrected="Ahora"))
    path = study / "raw/interviews/rosa.txt"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(ConfigError, match="changed since"):
        correct(desk, RIVER, "baldes", "cubetas")
    assert not (study / NAME).exists()
    desk.start_round(RoundOrder("week 3", ("ana",), int(desk.study.shelf.is_respondent.sum()), "blind"))
    with pytest.raises(ConfigError, match="open round"):
        correct(desk, WELL, "buckets", "pails")


def turns_of(desk: Desk, source: str) -> list[dict[str, Any]]:
    return desk.source(source, around=1)["turns"]


def correct_turn(desk: Desk, turn: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return CorrectionsDesk(desk).correct(CorrectionOrder(turn["id"], turn["sha"], **more))["corrections"]


def test_any_turn_of_the_transcript_is_corrected_and_taken_back_also_one_that_the_file_gives_the_interviewer(
    study: Path,
) -> None:
    desk = desk_of(study)
    corrections = CorrectionsDesk(desk)
    asked = turns_of(desk, "rosa")[0]
    assert (asked["role"], asked["text"], asked["corrections"]) == ("interviewer", "¿Cómo era antes?", [])
    speakers = corrections.speakers(asked["id"])
    assert [(each["role"], each["is_here"]) for each in speakers[:2]] == [("interviewer", True), ("respondent", False)]
    (shown,) = correct_turn(desk, asked, speaker_of=speakers[1]["turn"], reason="Rosa says so")
    assert (shown["is_speaker"], shown["is_applied"], shown["by"]) == (True, False, "ana")
    (row,) = rows(study)
    assert (row["words"], row["speaker"], row["new_speaker"]) == ("¿Cómo era antes?", "Ana Rey", "Rosa Luna")
    assert [len(turn["corrections"]) for turn in turns_of(desk, "rosa")] == [1, 0, 0, 0, 0]
    assert corrections.withdraw(asked["id"], Withdrawal(shown["key"])) == {"corrections": []}
    correct_turn(desk, asked, speaker_of=speakers[1]["turn"])

    second = [turn for turn in turns_of(desk, "well") if turn["text"] == "Do you pay?"][1]
    correct_turn(desk, second, start=7, end=10, corrected="give")
    assert holding(study)[-1] == ("pay", "2", "give")
    assert [turn["id"] for turn in turns_of(desk, "well") if turn["corrections"]] == [second["id"]]
    with pytest.raises(WordsChangedError):
        correct_turn(desk, {**second, "sha": "0" * 64}, corrected="x")
    with pytest.raises(WordsChangedError):
        correct_turn(desk, {**second, "id": "well:1-2"}, corrected="x")

    people = study / "raw/participants.csv"
    people.write_text(people.read_text("utf-8").replace("Tito Mar,TM,,yes", "Tito Mar,TM,,no"), "utf-8")
    assert analyze(study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    desk.look_for_new_run()
    answer = card_of(desk, asked["text"])
    assert (answer["person"], answer["id"] in {item["id"] for item in desk.queue()}) == (
        card_of(desk, RIVER)["person"],
        True,
    )
    *_, tito = turns_of(desk, "rosa")
    assert (tito["text"], tito["is_withheld"]) == ("", True)
    for order in ({"speaker_of": speakers[1]["turn"]}, {"start": 0, "end": 3, "corrected": "x"}):
        with pytest.raises(ConfigError, match="withheld"):
            correct_turn(desk, tito, **order)
    assert len(rows(study)) == 3


def test_a_turn_is_not_given_to_another_speaker_while_an_excerpt_of_it_is_in_an_open_round(study: Path) -> None:
    desk = desk_of(study)
    everything = int(desk.study.shelf.is_respondent.sum())
    desk.start_round(RoundOrder("week 3", ("ana",), everything, "blind"))
    asked, answered = turns_of(desk, "rosa")[:2]
    with pytest.raises(ConfigError, match="open round"):
        correct_turn(desk, answered, speaker_of=0)
    correct_turn(desk, asked, start=0, end=5, corrected="¿Cuándo")
    assert holding(study) == [("¿Cómo", "", "¿Cuándo")]


def test_a_round_keeps_its_excerpts_and_decisions_when_a_correction_before_them_moves_their_places(study: Path) -> None:
    desk = desk_of(study)
    everything = int(desk.study.shelf.is_respondent.sum())
    desk.start_round(RoundOrder("week 3", ("ana",), everything, "blind"))
    settle(desk, RIVER, codes={"efficiency": "positive"})
    before = [desk.excerpt(item["id"])["text"] for item in desk.queue()]
    correct_turn(desk, turns_of(desk, "rosa")[0], start=0, end=5, corrected="¿De qué manera")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    desk = desk_of(study)
    assert sorted(desk.excerpt(item["id"])["text"] for item in desk.queue()) == sorted(before)
    assert [desk.excerpt(item["id"])["text"] for item in desk.queue() if item["done"]] == [RIVER]
    current = desk.ledger.round
    assert current is not None
    assert desk.ledger.done_in(current) == {"ana": 1}
    with pytest.raises(ConfigError, match="open round"):
        correct(desk, RIVER, "baldes", "cubetas")


@needs_chromium
def test_the_page_corrects_by_key_keeps_what_is_refused_and_takes_back(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    look_up(page, '"baldes"')
    until(lambda: words(page) == RIVER)
    page.keyboard.press("h")
    page.click("#do-correct")
    assert page.locator("#dialog .alert").inner_text() == "Select words first, or choose another speaker."
    page.click("#choose-words")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    until(lambda: page.locator("#corrected").count() == 1)
    assert page.locator("#corrected").input_value() == "baldes,"
    page.fill("#why-corrected", "heard again")
    page.fill("#corrected", " ")
    page.keyboard.press("Enter")
    until(lambda: "No words would be left" in page.locator("#dialog .alert").inner_text())
    assert page.locator("#why-corrected").input_value() == "heard again"
    page.fill("#corrected", "cubetas,")
    page.keyboard.press("Enter")
    until(lambda: page.locator(".corrections li").count() == 1)
    assert "Recorded as “baldes,”, corrected to “cubetas,” (ana, " in page.locator(".corrections li").inner_text()
    assert "heard again; applied with the next hallazgo analyze" in page.locator(".corrections li").inner_text()
    assert holding(study) == [("baldes,", "", "cubetas,")]
    for act, count in (("u", 0), ("U", 1), ("take back", 0), ("U", 1), ("u", 0)):
        if act == "take back":
            page.click(".take-back")
        else:
            page.keyboard.press(act)
        until(lambda count=count: page.locator(".corrections li").count() == count)
        until(lambda count=count: holding(study) == [("baldes,", "", "cubetas,")] * count)
    page.keyboard.press("U")
    until(lambda: page.locator(".corrections li").count() == 1)
    first, second = [("baldes,", "", "cubetas,")], [("baldes,", "", "tinas,")]
    correct_the_sixth_word(page, "tinas,")
    until(lambda: holding(study) == second)
    for act, expected in (("u", first), ("U", second), ("u", first)):
        page.keyboard.press(act)
        until(lambda expected=expected: holding(study) == expected)
        until(lambda expected=expected: expected[0][2] in page.locator(".corrections").inner_text())
    correct_the_sixth_word(page, "baldes,")  # as the file has it
    until(lambda: holding(study) == [])
    for act, expected in (("u", first), ("U", []), ("u", first), ("u", [])):
        page.keyboard.press(act)
        until(lambda expected=expected: holding(study) == expected)
        until(lambda expected=expected: page.locator(".corrections li").count() == len(expected))
    a_turn_of_the_interviewer_is_given_to_a_respondent(study, page)


def correct_the_sixth_word(page: Any, corrected: str) -> None:
    page.keyboard.press("h")
    page.click("#choose-words")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    until(lambda: page.locator("#corrected").count() == 1)
    page.fill("#corrected", corrected)
    page.keyboard.press("Enter")
    until(lambda: page.locator("#dialog").is_hidden())


def a_turn_of_the_interviewer_is_given_to_a_respondent(study: Path, page: Any) -> None:
    """By key and by mouse in the transcript."""
    asked = page.locator('#drawer .turn:has-text("¿Cómo era antes?")')
    page.keyboard.press("g")
    page.wait_for_selector("#drawer .turn.here .correct:focus")
    page.keyboard.press("k")
    assert asked.locator(".correct:focus").count() == 1
    page.keyboard.press("h")
    page.wait_for_selector("#speaker")
    page.click("#choose-words")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    until(lambda: page.locator("#corrected").count() == 1 and page.locator("#corrected").input_value() == "era")
    page.fill("#corrected", "fue")
    page.keyboard.press("Enter")
    until(lambda: asked.locator(".corrections li").count() == 1)
    assert page.locator("#drawer .corrections li").count() == 1
    asked.locator(".take-back").click()
    until(lambda: page.locator("#drawer .corrections li").count() == 0)
    asked.locator(".correct").click()
    page.wait_for_selector("#speaker")
    assert page.locator("#speaker option").first.inner_text() == "as now: Interviewer [person 2]"
    page.locator("#speaker").select_option(index=1)
    page.click("#do-correct")
    until(lambda: "this turn becomes an excerpt" in page.locator("#notice").inner_text())
    assert [(row["words"], row["new_speaker"]) for row in rows(study) if not row["withdrawn"]] == [
        ("¿Cómo era antes?", "Rosa Luna")
    ]
    page.keyboard.press("g")
    page.wait_for_selector("#drawer", state="hidden")


@needs_chromium
def test_a_correction_asked_for_before_another_screen_came_is_not_asked_there(
    running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    held = hold(page, "**/api/speakers?*")
    with page.expect_request("**/api/speakers?*"):
        page.keyboard.press("h")
    page.keyboard.press("o")
    page.wait_for_selector(".tree")
    with page.expect_response("**/api/speakers?*"):
        held[0].continue_()
    page.wait_for_timeout(100)
    assert page.locator("#dialog").is_hidden()

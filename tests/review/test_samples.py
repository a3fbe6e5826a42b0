"""What a coder is handed: a declared share by chance, spread over groups and sources, and nothing that tells others' opinions."""

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
from review_workbooks import answer, back, cells_of, decided, handed_out
from small_publication import codebook

from pipeline.codebook import Codebook
from pipeline.config import load_settings
from pipeline.findings import Finding
from pipeline.review.form import Form
from pipeline.review.handouts import Handout
from pipeline.review.queue import LEAST_OF_A_GROUP, ORDER, Ranking, Sample, build_queue, by_chance, second_sample
from pipeline.review.row_answers import Suggestion
from pipeline.review.settle import CoderDecision
from pipeline.review.workbooks.review_workbook import Item, write
from pipeline.vocabulary import CoderView, Lane


def frames(excerpts: int, *, queue: dict[str, str] | None = None, doubtful: int = 0) -> dict[str, pd.DataFrame]:
    names = [f"e{n:03}" for n in range(excerpts)]
    queue = queue or {}
    return {
        "excerpts": pd.DataFrame({"excerpt_id": names, "role": "respondent"}),
        "codings": pd.DataFrame(
            {"excerpt_id": names, "doubtful": [n < doubtful for n in range(excerpts)], "probability": 0.5}
        ),
        "links": pd.DataFrame({"excerpt_id": names[:1], "status": ["confirmed"], "score": [1.0]}),
        "queue": pd.DataFrame({"excerpt_id": list(queue), "reason": list(queue.values())}, dtype=object),
    }


def handed(
    frames: dict[str, pd.DataFrame], *, seed: int, groups: dict[str, str] | None = None, **wishes: Any
) -> Sample:
    return build_queue(Ranking.of(frames, seed=seed, groups=groups or {}), **wishes)


def test_d1_a_fifth_of_every_hand_out_is_by_chance_however_much_else_waits() -> None:
    waiting = {f"e{n:03}": "strength" for n in range(150)}
    sample = handed(frames(200, queue=waiting), done=(), size=50, seed=1, chance_share=0.2)
    assert Counter(sample.lanes.values()) == {Lane.STRENGTH: 40, Lane.RANDOM: 10}
    assert (sample.drawn, sample.drawn_from) == (10, 200)
    lanes = list(sample.lanes.values())
    assert lanes[:25].count(Lane.RANDOM) == 5  # whoever stops half-way has done half of them


def test_an_excerpt_that_matters_can_come_by_chance_as_well() -> None:
    waiting = {f"e{n:03}": "strength" for n in range(100)}
    sample = handed(frames(100, queue=waiting), done=(), size=20, seed=1, chance_share=0.5)
    assert Counter(sample.lanes.values()) == {Lane.STRENGTH: 10, Lane.RANDOM: 10}


def test_where_nothing_else_waits_all_come_by_chance_and_the_fraction_says_so() -> None:
    sample = handed(frames(40), done={"e000"}, size=30, seed=1, chance_share=0.2)
    assert set(sample.lanes.values()) == {Lane.RANDOM}
    assert (sample.drawn, sample.drawn_from) == (30, 39)


def test_every_excerpt_has_the_same_chance() -> None:
    counts: Counter[str] = Counter()
    for seed in range(300):
        counts.update(list(handed(frames(20), done=(), size=5, seed=seed, chance_share=1.0).lanes))
    assert len(counts) == 20
    assert 45 < min(counts.values()) <= max(counts.values()) < 110  # 75 expected


def test_two_coders_meet_by_chance_whatever_each_has_decided() -> None:
    first = handed(frames(100), done={"e001"}, size=30, seed=1, chance_share=1.0).lanes
    second = handed(frames(100), done={"e050"}, size=30, seed=1, chance_share=1.0).lanes
    assert len(set(first) & set(second)) >= 28


def test_d5_what_others_are_in_conflict_over_is_not_handed_to_a_new_coder() -> None:
    waiting = {"e000": "conflict", "e001": "contrary", "e002": "stale"}
    sample = handed(frames(50, queue=waiting, doubtful=20), done=(), size=10, seed=1, chance_share=0.2)
    assert sample.lanes.get("e000") in (None, Lane.DOUBT, Lane.RANDOM)
    assert {"e001", "e002"} <= set(sample.lanes)


def test_no_group_is_left_out_while_others_wait() -> None:
    few = frames(400, queue={f"e{n:03}": "strength" for n in range(300)}, doubtful=390)
    few["excerpts"]["participant_id"] = ["p-herder" if n >= 390 else "p-police" for n in range(400)]
    groups = {"p-herder": "herders", "p-police": "police"}
    done = {f"e{n:03}" for n in range(100)}
    sample = handed(few, groups=groups, done=done, size=40, seed=1, chance_share=0.1)
    herders = [name for name in sample.lanes if name >= "e390"]
    assert len(herders) >= LEAST_OF_A_GROUP
    assert Lane.QUOTA in {sample.lanes[name] for name in herders}
    again = handed(few, groups=groups, done=done | set(herders), size=40, seed=1, chance_share=0.1)
    assert Lane.QUOTA not in set(again.lanes.values())


def test_d2_a_second_coder_gets_a_sample_spread_over_groups_and_sources() -> None:
    rows = [
        (f"{kind}{n:02}-{k}", f"p{kind}{n:02}", f"{kind}{n:02}")
        for kind in ("PE", "SV")
        for n in range(20)
        for k in range(3)
    ]
    excerpts = pd.DataFrame(rows, columns=["excerpt_id", "participant_id", "source_id"])
    groups = {person: "police" if person.startswith("pPE") else "neighbours" for _, person, _ in rows}
    sample = second_sample(excerpts, groups, decided=set(excerpts["excerpt_id"]), size=40, seed=3)
    assert Counter(groups[f"p{name.split('-')[0]}"] for name in sample.lanes) == {"police": 20, "neighbours": 20}
    assert len({name.split("-")[0] for name in sample.lanes}) == 40
    assert (sample.drawn, sample.drawn_from) == (40, 120)


def test_every_excerpt_of_the_first_coder_has_the_same_chance_for_the_second() -> None:
    excerpts = pd.DataFrame({"excerpt_id": [f"e{n}" for n in range(10)], "participant_id": "", "source_id": "s"})
    counts: Counter[str] = Counter()
    for seed in range(400):
        sample = second_sample(excerpts, {}, decided=set(excerpts["excerpt_id"]), size=3, seed=seed)
        counts.update(list(sample.lanes))
    assert 85 < min(counts.values()) <= max(counts.values()) < 155  # 120 expected


def test_d4_the_order_in_a_blind_workbook_does_not_reveal_which_were_drawn_by_chance() -> None:
    names = [f"e{n:03}" for n in range(200)]
    first_by_draw = set(by_chance(names, 1)[:50])
    assert 5 < len(first_by_draw & set(by_chance(names, 1, ORDER)[:50])) < 25  # 12.5 expected


def test_the_order_by_chance_has_nothing_to_do_with_the_names() -> None:
    names = [f"e{n:03}" for n in range(200)]
    order = by_chance(names, 1)
    assert sorted(order) == names
    assert order[:100] != names[:100]
    assert abs(sum(int(name[1:]) for name in order[:100]) / 100 - 99.5) < 15


# ---- in the workbook


def test_a_line_of_the_ledger_carries_the_lane_and_the_fraction(analysed: Path) -> None:
    path = handed_out(analysed, size=5)
    for row in range(3, 8):
        answer(path, {"code:efficiency": "no"}, row)
    back(analysed, path)
    lanes = {line.lane for line in decided(analysed)}
    assert any(lane.startswith("random 1/") for lane in lanes)
    assert lanes & {"doubt", "link", "contrary", "strength"}


def test_d4_a_blind_workbook_shows_neither_reason_nor_order_nor_anything_in_its_hidden_sheets(analysed: Path) -> None:
    from openpyxl import load_workbook

    path = handed_out(analysed, size=8, blind=True)
    book = load_workbook(path)
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    words = " ".join(cells)
    assert not {"reason", "suggestion", "suggested", "accept"} & set(cells_of(path))
    assert not [lane for lane in ("random", "doubt", "by chance", "in doubt", "may speak against") if lane in words]
    shown = [str(cells_of(path, row)["excerpt_id"]) for row in range(3, 11)]
    assert shown == by_chance(shown, load_settings(analysed / "config.toml").study.seed, ORDER)
    assert sorted(shown) == sorted(
        str(cells_of(handed_out(analysed, size=8), row)["excerpt_id"]) for row in range(3, 11)
    )


# ---- cost


class CountingCodebook(Codebook):
    """A codebook that counts how often its codes are gone through."""

    looks = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all codes."""
        type(self).looks += 1
        return super().ids

    @property
    def families(self) -> dict[str, tuple[str, ...]]:
        """The codes by family."""
        type(self).looks += 1
        return super().families


def looks_for(rows: int, folder: Path) -> int:
    small = codebook()
    counting = CountingCodebook(small.version, small.criteria)
    CountingCodebook.looks = 0
    form = Form.of(counting, [Finding(id="F1", criterion=small.ids[0], statement="The water came.")])
    own = [CoderDecision(f"e{n}", small.ids[0], "ana", yes=True, value="positive", seq=n) for n in range(rows)]
    items = [
        Item(f"e{n}", "hash", "again", "s", "line 1", "P-1", "", "", f"words {n}", "", suggested=Suggestion())
        for n in range(rows)
    ]
    handout = Handout(key="k", study="s", coder="ana", base=0, codebook="1", shown=CoderView.SUGGESTION)
    write(folder / f"{rows}.xlsx", items, handout=handout, form=form, decisions=own, language="en")
    return CountingCodebook.looks


def test_c9_writing_twice_as_many_rows_does_not_ask_the_codebook_more_often(tmp_path: Path) -> None:
    assert looks_for(200, tmp_path) == looks_for(10, tmp_path)

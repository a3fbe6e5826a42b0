"""Whatever is edited, cut or recoded: a decision is on the very words it was made on, or it does not count.

The figures go into docs/reliability.md: `PYTHONPATH=.:tests/support python tests/review/test_decisions_last.py`.
"""

import dataclasses
import random
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_ledger import After, Said, after, decide_on, interview, quotes_in

from pipeline.config import SegmentSettings
from pipeline.provenance import sha256_text
from pipeline.records import CodebookChange, Decision, Draft
from pipeline.review import decisions as ledger
from pipeline.review.identity import Passage, passage_of
from pipeline.review.placement import Places, Quote, places_of, with_selectors
from pipeline.review.settle import settle
from pipeline.review.undo import undo_draft
from pipeline.vocabulary import CodebookAction, DecisionKind

TRIALS = {"trial_of_edits": 500, "trial_of_codes": 500, "trial_of_histories": 200}  # for the page
NOW = datetime(2026, 1, 2, tzinfo=UTC)
SENTENCES = (
    "We waited two hours.", "The form was lost.", "Yes.", "No.", "Nobody came back to us after the second visit in May.",
    "It worked", "It worked badly", "Sí, pero tarde.", "The pump is broken, and the nearest mechanic is a day away.", "¿Y ahora?",
)  # fmt: skip
PEOPLE = (("ROSA", "P1"), ("JUAN", "P2"), ("ANA", ""))


def random_turns(draw: random.Random) -> list[Said]:
    """An interview of short turns in which sentences often repeat."""
    turns = []
    for _ in range(draw.randint(2, 6)):
        label, person = draw.choice(PEOPLE)
        turns.append(Said("Q", draw.choice(("Why?", "What came of it?"))))
        turns.append(Said(label, " ".join(draw.choices(SENTENCES, k=draw.randint(1, 5))), person))
    return turns


def edited(turns: Sequence[Said], draw: random.Random) -> list[Said]:
    """The interview with a few edits of all kinds: letters, words, sentences, turns, speakers."""
    turns = list(turns)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(turns))
        said = turns[at]
        words = said.words.split(" ")
        match draw.randrange(7):
            case 0:
                cut = draw.randrange(len(said.words) + 1)
                turns[at] = Said(said.label, said.words[:cut] + draw.choice("xé. ") + said.words[cut:], said.person)
            case 1 if len(words) > 1:
                del words[draw.randrange(len(words))]
                turns[at] = Said(said.label, " ".join(words), said.person)
            case 2:
                turns[at] = Said(said.label, f"{draw.choice(SENTENCES)} {said.words}", said.person)
            case 3:
                turns[at] = Said(said.label, f"{said.words} {draw.choice(SENTENCES)}", said.person)
            case 4 if len(turns) > 2:
                del turns[at]
            case 5:
                turns.insert(at, draw.choice(turns))
            case _:
                label, person = draw.choice(PEOPLE)
                turns[at] = Said(label, said.words, person)
    return turns


def limits_of(draw: random.Random) -> SegmentSettings:
    return SegmentSettings(sentences=draw.randint(1, 5), chars=draw.choice((80, 200, 600)))


def wrong_decisions(decisions: Sequence[Decision], now: After, speakers: dict[int, str], turns: Sequence[Said]) -> int:
    """How many decisions in force are on other words than they were made on, or on another speaker's."""
    by_seq = {d.seq: d for d in decisions}
    rows = {row["excerpt_id"]: row for row in now.excerpts.to_dict("records")}
    count = 0
    for d in now.state.coder_decisions:
        row = rows[d.excerpt_id]
        turn = turns[row["turn"] - 1]
        is_same_words = sha256_text(row["text"]) == by_seq[d.seq].text_sha256
        is_whole = row["text"].endswith((".", "?")) or turn.words.rstrip().endswith(row["text"])
        count += not is_same_words or not is_whole or turn.label != speakers[d.seq]
    return count


def trial_of_edits(seed: int, folder: Path) -> Counter[str]:
    """One interview, decisions on it, an edit, other settings: what became of the decisions."""
    draw = random.Random(seed)  # noqa: S311 - a trial, not a secret
    path = folder / f"{seed}.jsonl"
    turns, limits = random_turns(draw), limits_of(draw)
    before = interview(*turns, limits=limits)
    speakers = {}
    answered = before["excerpts"].query("role == 'respondent'")
    for words in draw.sample(list(answered["text"]), k=min(4, len(answered))):
        nth = draw.randrange(int((answered["text"] == words).sum()))
        line = decide_on(path, before, words, nth=nth, has_selector=draw.random() < 0.7)
        row = answered.query("excerpt_id == @line.excerpt_id").iloc[0]
        speakers[line.seq] = turns[int(row["turn"]) - 1].label
    decisions = ledger.load(path)
    changed, limits = edited(turns, draw) if draw.random() < 0.8 else turns, limits_of(draw)
    quotes = quotes_in(decisions, before)
    now = after(decisions, interview(*changed, limits=limits), quotes=quotes, limits=limits)
    stale = len(now.state.stale)
    return Counter(
        trials=1,
        decisions=len(decisions),
        carried=len(now.state.carried),
        stale=stale,
        in_place=len(decisions) - stale - len(now.state.carried),
        wrong=wrong_decisions(decisions, now, speakers, changed),
        lost_without_a_change=stale if changed is turns else 0,
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(min_value=10_000, max_value=10**9))
def test_a_decision_is_never_on_other_words_whatever_is_edited_and_however_it_is_cut(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        counts = trial_of_edits(seed, Path(folder))
    assert counts["wrong"] == 0
    assert counts["lost_without_a_change"] == 0


CODES = ("a", "b", "c", "d")


def trial_of_codes(seed: int, folder: Path) -> Counter[str]:
    """Decisions of two coders on four codes amid random changes of the codebook, against a slow account of each answer."""
    draw = random.Random(seed)  # noqa: S311 - a trial, not a secret
    path = folder / f"{seed}.jsonl"
    alive, fresh = list(CODES), iter("efghijklmnopqrstuvwxyz")
    answers: dict[tuple[str, str], bool | None] = {}
    for _ in range(draw.randint(5, 25)):
        coder, code = draw.choice(("ana", "ben")), draw.choice(alive)
        if draw.random() < 0.75 or len(alive) < 3:
            answers[coder, code] = draw.random() < 0.5
            kind = DecisionKind.CODE if answers[coder, code] else DecisionKind.UNCODE
            ledger.append(path, [Draft(kind, "s:0-5", "aa", criterion=code)], coder=coder, now=NOW)
            continue
        change = _random_change(draw, code, alive, fresh)
        ledger.append(path, [Draft(DecisionKind.CODEBOOK, change=change)], coder="eva", now=NOW)
        for who in ("ana", "ben"):
            before = [answers.pop((who, old), None) for old in change.codes]
            if change.action is CodebookAction.RENAME and before[0] is not None:
                answers[who, change.into[0]] = before[0]
            if change.action is CodebookAction.MERGE and (True in before or None not in before):
                answers[who, change.into[0]] = True in before
            if change.action is CodebookAction.SPLIT and before[0] is False:
                answers |= {(who, part): False for part in change.into}
        alive = [c for c in alive if c not in change.codes] + list(change.into)
    state = settle(ledger.load(path), Places({Passage("s:0-5", "aa"): "s:0-5"}), {"criterion": tuple(alive)})
    found = {(d.coder, d.target): d.yes for d in state.coder_decisions}
    expected = {key: answer for key, answer in answers.items() if answer is not None}
    wrong = sum(found.get(key) != expected.get(key) for key in {*found, *expected})
    return Counter(trials=1, answers=len(expected), wrong=wrong, unknown=len(state.unknown_codes))


def _random_change(draw: random.Random, code: str, alive: Sequence[str], fresh: object) -> CodebookChange:
    action = draw.choice((CodebookAction.RENAME, CodebookAction.MERGE, CodebookAction.SPLIT, CodebookAction.RETIRE))
    new = next(fresh)  # type: ignore[call-overload]
    if action is CodebookAction.MERGE:
        other = draw.choice([c for c in alive if c != code])
        return CodebookChange(action, codes=(code, other), into=(draw.choice((new, code)),))
    if action is CodebookAction.SPLIT:
        return CodebookChange(action, codes=(code,), into=(new, next(fresh)))  # type: ignore[call-overload]
    return CodebookChange(action, codes=(code,), into=(new,) if action is CodebookAction.RENAME else ())


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(min_value=10_000, max_value=10**9))
def test_an_answer_follows_its_code_through_any_changes_of_the_codebook(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        counts = trial_of_codes(seed, Path(folder))
    assert (counts["wrong"], counts["unknown"]) == (0, 0)


Cell = tuple[str, str]  # (excerpt, coder)
Answers = dict[str, tuple[bool, int]]  # code -> (yes, number of the line that says it)


class History:
    """An interview that is decided on, corrected and cut again, and a codebook that changes, all in random order."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311 - a trial, not a secret
        self.turns, self.limits = random_turns(self.draw), limits_of(self.draw)
        self.alive, self.fresh = list(CODES), iter("efghijklmnopqrstuvwxyz")
        self.lines: list[Decision] = []
        self.speakers: dict[int, str] = {}
        self.former: dict[int, list[str]] = {}  # the codes that were there before a change
        self.open: list[Decision] = []  # changes that can be undone, the last first
        self.quotes: dict[Passage, Quote] = {}
        self.look()

    def look(self) -> None:
        """Read the interview as it is now, with the boundaries of what was decided on."""
        frames = interview(*self.turns, limits=self.limits)
        self.now = after(self.lines, frames, quotes=self.quotes, limits=self.limits)
        self.frames = {**frames, "excerpts": self.now.excerpts}

    def write(self, draft: Draft, coder: str) -> Decision:
        fields = {field.name: getattr(draft, field.name) for field in dataclasses.fields(Draft)}
        seq = len(self.lines) + 1
        self.lines.append(Decision(**fields, seq=seq, at=NOW.isoformat(), coder=coder, hash=f"hash {seq}"))
        return self.lines[-1]

    def decide(self) -> None:
        """A yes or a no to one code, or a row that is gone through."""
        row = self.draw.choice(self.now.excerpts.query("role == 'respondent'").to_dict("records"))
        kind = self.draw.choice((DecisionKind.CODE, DecisionKind.UNCODE, DecisionKind.REVIEWED))
        draft = Draft(kind, row["excerpt_id"], row["text_sha256"], codebook="1")
        if kind is DecisionKind.REVIEWED:
            draft = dataclasses.replace(draft, codes=tuple(self.alive))
        else:
            draft = dataclasses.replace(draft, criterion=self.draw.choice(self.alive))
        if self.draw.random() < 0.7:
            (draft,) = with_selectors([draft], self.frames)
        line = self.write(draft, self.draw.choice(("ana", "ben")))
        self.speakers[line.seq] = self.turns[int(row["turn"]) - 1].label

    def is_by_its_speaker(self, line: Decision, places: Places) -> bool:
        """Whether the words of a line, where they are now, are said by the person who said them then."""
        now = places.excerpt_ids.get(passage_of(line), "")
        turns = dict(zip(self.now.excerpts["excerpt_id"], self.now.excerpts["turn"], strict=True))
        return now in turns and self.turns[int(turns[now]) - 1].label == self.speakers[line.seq]

    def take_back(self) -> None:
        """A decision that its coder takes back."""
        decided = [line for line in self.lines if line.excerpt_id and line.kind is not DecisionKind.UNDO]
        if decided:
            line = self.draw.choice(decided)
            self.write(undo_draft([line]), line.coder)

    def correct(self) -> None:
        """A correction of the transcript, or another setting of `segment`."""
        self.quotes = quotes_in(self.lines, self.frames) | self.quotes  # what was recorded first stays
        if self.draw.random() < 0.5:
            self.limits = limits_of(self.draw)
        else:
            self.turns = edited(self.turns, self.draw)
        self.look()

    def change(self) -> None:
        """A change of the codebook."""
        if len(self.alive) < 2:
            return
        change = _random_change(self.draw, self.draw.choice(self.alive), self.alive, self.fresh)
        line = self.write(Draft(DecisionKind.CODEBOOK, change=change), "eva")
        self.former[line.seq] = self.alive
        self.alive = [code for code in self.alive if code not in change.codes] + list(change.into)
        self.open.append(line)

    def undo(self) -> None:
        """The last change that still holds, taken back."""
        if self.open:
            done = self.open.pop()
            change = CodebookChange(CodebookAction.UNDO, undoes=done.seq)
            self.write(Draft(DecisionKind.CODEBOOK, change=change), "eva")
            self.alive = self.former[done.seq]


def slow_account(lines: Sequence[Decision], places: Mapping[Passage, str]) -> dict[Cell, Answers]:
    """What each coder says of each excerpt, from whole copies of everything before each change."""
    gone = {(line.coder, line.value) for line in lines if line.kind is DecisionKind.UNDO}
    cells: dict[Cell, Answers] = {}
    copies: dict[int, dict[Cell, Answers]] = {}
    changes = {line.seq: line.change for line in lines if line.change}
    for line in lines:
        place = places.get(passage_of(line))
        if line.change and line.change.undoes:
            done, copy = changes[line.change.undoes], copies[line.change.undoes]
            cells = {key: _undone(done, line.change.undoes, copy.get(key, {}), cells[key]) for key in cells}
        elif line.change:
            copies[line.seq] = {key: dict(cell) for key, cell in cells.items()}
            cells = {key: _changed(line.change, cell) for key, cell in cells.items()}
        elif place and line.kind is not DecisionKind.UNDO and (line.coder, line.hash) not in gone:
            cell = cells.setdefault((place, line.coder), {})
            if line.kind is DecisionKind.REVIEWED:
                cells[place, line.coder] = {**dict.fromkeys(line.codes, (False, line.seq)), **cell}
            else:
                cell[line.criterion] = (line.kind is DecisionKind.CODE, line.seq)
    return cells


def _changed(change: CodebookChange, cell: Answers) -> Answers:
    kept = {code: answer for code, answer in cell.items() if code not in change.codes}
    before = [cell.get(code) for code in change.codes]
    ayes = [answer for answer in before if answer and answer[0]]
    if change.action is CodebookAction.RENAME and before[0]:
        kept[change.into[0]] = before[0]
    if change.action is CodebookAction.MERGE and (ayes or all(before)):
        kept[change.into[0]] = max(ayes or [answer for answer in before if answer], key=lambda answer: answer[1])
    if change.action is CodebookAction.SPLIT and before[0] and not ayes:
        kept |= dict.fromkeys(change.into, before[0])
    return kept


def _undone(done: CodebookChange, line: int, copy: Answers, cell: Answers) -> Answers:
    kept = {code: answer for code, answer in cell.items() if code not in done.into}
    kept |= {code: answer for code, answer in copy.items() if code in done.codes}
    between = [answer if (answer := cell.get(code)) and answer[1] > line else None for code in done.into]
    ayes = [answer for answer in between if answer and answer[0]]
    if done.action is CodebookAction.RENAME and between[0]:
        kept[done.codes[0]] = between[0]
    if done.action is CodebookAction.MERGE and between[0] and not ayes:
        kept |= dict.fromkeys(done.codes, between[0])
    sorted_out = not ayes and copy.get(done.codes[0], (False, 0))[0]  # into none of the parts: the yes stays
    if done.action is CodebookAction.SPLIT and (ayes or all(between)) and not sorted_out:
        kept[done.codes[0]] = (bool(ayes), max(answer[1] for answer in ayes or between if answer))
    return kept


def trial_of_histories(seed: int, _folder: Path) -> Counter[str]:
    """Thirty things that happen to a study, in random order: which decisions are wrong at the end."""
    history = History(seed)
    happens = ["decide"] * 8 + ["correct"] * 3 + ["change"] * 3 + ["undo"] * 2 + ["take_back"]
    for name in history.draw.choices(happens, k=30):
        if history.now.excerpts.query("role == 'respondent'").empty or len(history.alive) < 1:
            break
        getattr(history, name)()
    history.quotes = quotes_in(history.lines, history.frames) | history.quotes
    history.look()
    present = {"excerpts": history.now.excerpts, "placements": history.now.placements}
    places = places_of(history.lines, present)
    state = settle(history.lines, places, {"criterion": tuple(history.alive)})
    spoken = [
        line for line in history.lines if line.seq not in history.speakers or history.is_by_its_speaker(line, places)
    ]
    expected = {
        (*key, code): yes
        for key, cell in slow_account(spoken, places.excerpt_ids).items()
        for code, (yes, _) in cell.items()
    }
    answers = {(d.excerpt_id, d.coder, d.target): d.yes for d in state.coder_decisions}
    wrong = sum(answers.get(key) != expected.get(key) for key in {*answers, *expected})
    now = After(state, history.now.excerpts, history.now.placements)
    without_speaker = {passage_of(line) for line in history.lines if line.seq in history.speakers and not line.selector}
    return Counter(
        trials=1,
        decisions=sum(bool(line.excerpt_id) and line.kind is not DecisionKind.UNDO for line in history.lines),
        changes=sum(line.kind is DecisionKind.CODEBOOK for line in history.lines),
        carried=len(state.carried),
        stale=len(state.stale),
        answers=len(expected),
        wrong=wrong + wrong_decisions(history.lines, now, history.speakers, history.turns),
        unknown=len(state.unknown_codes),
        of_two_speakers=len(of_two_speakers(history)),
        unknowable=len(of_two_speakers(history) & without_speaker),
    )


def of_two_speakers(history: History) -> set[Passage]:
    """The passages on which people decided twice, the same words at the same place being somebody else's in between."""
    speakers: dict[Passage, set[str]] = {}
    for seq, label in history.speakers.items():
        speakers.setdefault(passage_of(history.lines[seq - 1]), set()).add(label)
    return {passage for passage, labels in speakers.items() if len(labels) > 1}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(min_value=10_000, max_value=10**9))
def test_no_history_of_corrections_cuts_changes_and_undoing_makes_a_decision_say_something_else(seed: int) -> None:
    counts = trial_of_histories(seed, Path())
    assume(not counts["unknowable"])  # the first versions wrote lines that do not say whose the words were
    assert (counts["wrong"], counts["unknown"]) == (0, 0)


def test_a_decision_on_words_that_changed_speakers_is_stale_even_if_others_decide_on_them() -> None:
    counts = trial_of_histories(10_445, Path())
    assert counts["of_two_speakers"] > counts["unknowable"] == counts["wrong"] == 0


def main() -> None:
    """Print the figures of docs/reliability.md."""
    for trial in (trial_of_edits, trial_of_codes, trial_of_histories):
        with tempfile.TemporaryDirectory() as folder:
            counts = sum((trial(seed, Path(folder)) for seed in range(TRIALS[trial.__name__])), Counter())
        print(trial.__name__, {name: counts[name] for name in sorted(counts)} | {"wrong": counts["wrong"]})  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()

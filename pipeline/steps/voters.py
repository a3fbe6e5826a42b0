"""The further voters of a study: what they may be shown, what they are asked, and what they answered, kept in coded/voters/.

A voter counts only once it has answered on every text that it may see: otherwise some people would be judged with its help and
others without. Kept answers are an input of the run, and are not asked for again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from pipeline import study as folders
from pipeline import tables
from pipeline.codebook import Codebook
from pipeline.engine.work import Tick
from pipeline.errors import Problem
from pipeline.privacy.consent import TurnId
from pipeline.records import Example, Excerpt, Participant
from pipeline.steps.evidence import unshown_turns
from pipeline.steps.inputs import Brief
from pipeline.study import OWNER_ONLY, Study, write_atomic
from pipeline.tag.coding import respondents
from pipeline.tag.training import as_excerpt
from pipeline.tag.voters import Ballot, Voter, VoterDownError, checked, instructions_of, text_key, version_of
from pipeline.tag.voters.kept import (
    FOLDER,
    Place,
    ballot_line,
    instructions_line,
    read_ballots,
    read_instructions,
)
from pipeline.tag.voters.loading import NAMES, load_voter, name_of
from pipeline.tag.voters.panel import NOBODY, Panel, Seat
from pipeline.vocabulary import MaskStatus, VoterState
from pipeline.wording.messages import message, separated

SEEDS_SHOWN = 200  # of the seeds, by which a voter is calibrated before people decide: each is a request
LETTERS_OF_A_TOKEN = 4  # of English; Spanish has rather fewer


@dataclass(frozen=True, slots=True)
class VoterFacts:
    """What became of a voter in a run, for run.json."""

    state: str
    version: str = ""
    model: str = ""
    texts: int = 0  # that it may judge, equal ones once
    judged: int = 0
    asked: int = 0  # in this run
    not_shown: int = 0  # excerpts of people who want no quotes, or with a name that waits for a decision
    faults: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voting:
    """The votes of further voters, and what is to be said about them."""

    panel: Panel = NOBODY
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    facts: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The voters whose votes count, each with its model if it has one."""
        models = {seat.name: self.facts[seat.name]["model"] for seat in self.panel.seats}
        return tuple(f"{name} ({model})" if model else name for name, model in models.items())


def files_of(study: Study) -> list[str]:
    """The files with answers of voters, by path below the study."""
    return [f"{FOLDER}/{path.name}" for path in folders.paths_in(study.root / FOLDER) if path.suffix == ".jsonl"]


def with_answers(study: Study, hashes: dict[str, str]) -> dict[str, str]:
    """The hashes of inputs with those of the answers of voters as they are now."""
    names = {*files_of(study), *(name for name in hashes if name.startswith(f"{FOLDER}/"))}
    for name in sorted(names):
        hashes = folders.with_hash_of(study, hashes, name)
    return hashes


def shown_to_voters(frames: Mapping[str, pd.DataFrame], unshown: Collection[TurnId]) -> frozenset[str]:
    """The excerpts that voters may see: what people said, without the words of those who want no quotes (`unshown` turns).

    Left out are also those in which, or in whose question, a word stands of which nobody has decided yet whether it is a name.
    """
    excerpts = frames["excerpts"].iloc[respondents(frames["excerpts"]).places]
    waiting = WaitingNames.of(frames)
    columns = ["excerpt_id", "source_id", "turn", "text", "question"]
    return frozenset(
        excerpt_id
        for excerpt_id, source_id, turn, text, question in tables.rows_of(excerpts, columns)
        if (source_id, turn) not in unshown and not waiting.are_in(text) and not waiting.are_in(question)
    )


WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class WaitingNames:
    """Words of which nobody has decided yet whether they are a name, wherever they were found."""

    first_words: frozenset[str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, frames: Mapping[str, pd.DataFrame]) -> WaitingNames:
        """Those of a study, by its tables masks and texts."""
        masks = frames["masks"]
        waiting = masks[masks["status"] == MaskStatus.WAITING].merge(frames["texts"], on="source_id")
        rows = tables.rows_of(waiting, ["text", "start", "end"])
        words = sorted({text[start:end].strip() for text, start, end in rows})
        first_words = (word[0] for name in words if (word := WORD.search(name)))
        return cls(frozenset(first_words), re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)"))

    def are_in(self, text: str) -> bool:
        """Whether a text has such a word. Few texts have even the first word of one: the others are not searched."""
        return not self.first_words.isdisjoint(WORD.findall(text)) and self.pattern.search(text) is not None


def ask_voters(
    study: Study, brief: Brief, frames: Mapping[str, pd.DataFrame], people: Sequence[Participant], tick: Tick
) -> Voting:
    """Ask the voters that config.toml names about the excerpts that they may be shown, and take their answers.

    Answers on words that are no longer in the study, or may no longer be shown, are forgotten, also those of other voters.
    """
    named = brief.settings.tag.voters
    if not named and not files_of(study):
        return Voting()
    shown, coded = shown_to_voters(frames, unshown_turns(people, frames)), respondents(frames["excerpts"])
    texts = _texts((excerpt for excerpt in coded if excerpt.excerpt_id in shown), brief.seeds)
    for name in files_of(study):
        _forget(study.root / name, texts.keys())
    sittings = [_sitting(study, brief, voter, texts, tick) for voter in named]
    return Voting(
        panel=Panel(tuple(each.seat for each in sittings if each.seat), shown),
        problems=tuple(chain.from_iterable(each.problems for each in sittings)),
        remarks=tuple(chain.from_iterable(_remarks(each) for each in sittings)),
        facts={each.name: asdict(replace(each.facts, not_shown=len(coded) - len(shown))) for each in sittings},
    )


def kept_panel(study: Study, brief: Brief, examples: Sequence[Example]) -> Panel:
    """The voters with the answers on these examples that are kept; nobody is asked."""
    seats = []
    texts = {text_key(example): as_excerpt(text_key(example), example) for example in examples}
    for named in brief.settings.tag.voters:
        try:
            voter = load_voter(named, brief.settings, study.root)
        except VoterDownError:
            continue
        version = version_of(voter, brief.codebook)
        ballots = _checked(_read(_path(study, name_of(named))), version, texts, brief.codebook.ids)
        if ballots:
            seats.append(Seat(name_of(named), version, ballots))
    return Panel(tuple(seats))


def _texts(excerpts: Iterable[Excerpt], examples: Sequence[Example]) -> dict[str, Excerpt]:
    """What voters judge: words, question and language alone, each once under its key; after the excerpts a sample of the seeds."""
    texts = {text_key(excerpt): as_excerpt(text_key(excerpt), excerpt) for excerpt in excerpts}
    seeds = {text_key(example): example for example in examples if example.is_seed}
    for key in sorted(seeds)[:SEEDS_SHOWN]:
        texts.setdefault(key, as_excerpt(key, seeds[key]))
    return texts


@dataclass(frozen=True, slots=True)
class _Sitting:
    """What became of one voter: its seat if its votes count."""

    name: str
    facts: VoterFacts
    seat: Seat | None = None
    problems: tuple[Problem, ...] = ()


def _sitting(study: Study, brief: Brief, named: str, texts: Mapping[str, Excerpt], tick: Tick) -> _Sitting:
    """Ask a voter what it has not answered yet."""
    name = name_of(named)
    try:
        voter = load_voter(named, brief.settings, study.root)
        version = version_of(voter, brief.codebook)
    except VoterDownError as error:
        return _Sitting(name, VoterFacts(VoterState.DOWN, texts=len(texts)), problems=error.problems)
    path = _path(study, name)
    ballots = _checked(_read(path), version, texts, brief.codebook.ids)
    before, state = len(ballots), VoterState.COUNTS
    problems: tuple[Problem, ...] = ()
    open_texts = [text for key, text in texts.items() if key not in ballots]
    if too_many := _too_many(voter, open_texts, instructions_of(voter, brief.codebook), name):
        problems, state = (too_many,), VoterState.NOT_ASKED
    elif open_texts:
        try:
            ballots.update((ballot.excerpt_id, ballot) for ballot in _asked(path, brief, voter, open_texts, tick))
            _check_all(name, len(texts) - len(ballots))
        except VoterDownError as error:
            problems, state = error.problems, VoterState.DOWN
    faults = Counter(str(fault) for ballot in ballots.values() for fault in ballot.faults)
    facts = VoterFacts(
        state=state,
        version=version,
        model=str(getattr(voter, "model", "")),
        texts=len(texts),
        judged=len(ballots),
        asked=len(ballots) - before,
        faults=dict(sorted(faults.items())),
    )
    return _Sitting(name, facts, Seat(name, version, ballots) if state is VoterState.COUNTS else None, problems)


def _check_all(name: str, left_out: int) -> None:
    """VoterDownError if a voter gave no ballot on some texts."""
    if left_out:
        what = message("steps/voter_left_texts_out", name=name, n=left_out)
        raise VoterDownError(Problem(NAMES, what, message("steps/correct_the_voter")))


def _too_many(voter: Voter, texts: Sequence[Excerpt], instructions: str, name: str) -> Problem | None:
    """What asking would cost, where that is more than config.toml allows; a voter that makes no requests has no limit."""
    most = getattr(voter, "requests", None)
    if most is None or len(texts) <= most:
        return None
    letters = sum(len(instructions) + len(text.question) + len(text.text) for text in texts)
    what = message(
        "steps/would_need_requests",
        name=name,
        n=len(texts),
        letters=letters,
        tokens=letters // LETTERS_OF_A_TOKEN,
        most=most,
    )
    return Problem(f"config.toml [{name}] requests", what, message("steps/allow_requests", n=len(texts)))


def _asked(path: Path, brief: Brief, voter: Voter, texts: Sequence[Excerpt], tick: Tick) -> Iterator[Ballot]:
    """The ballots of a voter on texts, as they count, each kept before the next one is asked for."""
    version, instructions = version_of(voter, brief.codebook), instructions_of(voter, brief.codebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(OWNER_ONLY)
    tick(0, len(texts))
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            if instructions:
                _keep(file, instructions_line(version, instructions))
            for number, ballot in enumerate(_ballots_of(voter, texts, brief.codebook), 1):
                _keep(file, ballot_line(Place(version, ballot.excerpt_id), ballot))
                yield ballot
                tick(number, len(texts))
    finally:
        _forget(path, None)


def _ballots_of(voter: Voter, texts: Sequence[Excerpt], codebook: Codebook) -> Iterator[Ballot]:
    """The ballots of a voter with what counts of them, as they come; VoterDownError whatever it raises or hands over."""
    by_key = {text.excerpt_id: text for text in texts}
    try:
        for ballot in voter.vote(texts, codebook):
            if (text := by_key.pop(ballot.excerpt_id, None)) is not None:
                yield checked(ballot, text.text, codebook.ids)
    except VoterDownError:
        raise
    except Exception as error:  # noqa: BLE001 - somebody else's code; what it says may hold words of people
        what = message("steps/voter_failed", name=type(voter).__name__, error=type(error).__name__)
        raise VoterDownError(Problem(NAMES, what, message("steps/correct_the_voter"))) from None


def _keep(file: TextIO, line: str) -> None:
    file.write(line)
    file.flush()


def _remarks(sitting: _Sitting) -> Iterator[Problem]:
    """A remark on answers that were given and do not count."""
    name, faults = sitting.name, sitting.facts.faults
    if faults:
        kinds = [message(f"steps/fault_{fault.replace(' ', '_')}", n=count) for fault, count in faults.items()]
        what = message("steps/answers_that_do_not_count", name=name, kinds=separated(", ", kinds))
        yield Problem(f"{FOLDER}/{name}.jsonl", what, message("steps/they_count_as_no_opinion"))


def _path(study: Study, name: str) -> Path:
    return study.root / FOLDER / f"{name}.jsonl"


def _read(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""


def _checked(content: str, version: str, texts: Mapping[str, Excerpt], codes: Collection[str]) -> dict[str, Ballot]:
    """The kept ballots of a version by key, with what counts of them: whoever changes the file adds no vote on other words."""
    return {
        place.key: checked(replace(ballot, excerpt_id=place.key), texts[place.key].text, codes)
        for place, ballot in read_ballots(content).items()
        if place.version == version and place.key in texts
    }


def _forget(path: Path, keys: Collection[str] | None) -> None:
    """Write the lines of a file anew, in order; of ballots those on texts with these keys alone (None: all)."""
    content = _read(path)
    kept = {place: each for place, each in read_ballots(content).items() if keys is None or place.key in keys}
    versions = {place.version for place in kept}
    instructions = {name: line for name, line in read_instructions(content).items() if name in versions}
    lines = [
        *(line for _, line in sorted(instructions.items())),
        *(ballot_line(*pair) for pair in sorted(kept.items())),
    ]
    text = "".join(lines)
    if not lines:
        path.unlink(missing_ok=True)
    elif text != content:
        write_atomic(path, text.encode(), mode=OWNER_ONLY)

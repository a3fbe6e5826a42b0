"""`review export`, `review import` and `import`: workbooks out to coders, decisions back into the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import study as folders
from pipeline import tables, wording
from pipeline.codebook import Codebook, stance_of_all
from pipeline.errors import ConfigError, Problem, UnreadableError, UserError, problem_of
from pipeline.evidence.evidence_rows import only_suggested, reasons
from pipeline.ingest.spreadsheets.book import read_book
from pipeline.ingest.spreadsheets.every_sheet import read_every_sheet
from pipeline.merkle import tree_hash
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.records import Decision, Draft
from pipeline.registers.participants import load_participants
from pipeline.review import conflicts, queue, returned
from pipeline.review import decisions as ledger
from pipeline.review import settle as settled
from pipeline.review.codebook_changes import history, names_since, unexplained_codes, unknown_codes
from pipeline.review.coders import coder_name
from pipeline.review.form import NO, YES, Form
from pipeline.review.handouts import Handout
from pipeline.review.placement import Places, places_of, with_selectors
from pipeline.review.row_answers import Suggestion
from pipeline.review.settle import State, settle
from pipeline.review.workbooks import conflicts_workbook, review_workbook, saved
from pipeline.review.workbooks.sorted_rows import sort_codings, sort_rows
from pipeline.review.workbooks.spreadsheet_codings import ExcerptIndex, place_codings
from pipeline.steps.inputs import Brief, load_brief
from pipeline.study import Study
from pipeline.vocabulary import (
    CoderView,
    CodingStatus,
    DecisionKind,
    Direction,
    Lane,
    LinkStatus,
    PlacementStatus,
    Role,
)
from pipeline.wording.messages import message

LEDGER = "decisions.jsonl"
LOCK_MARK = "~$"  # begins the name of what Excel keeps beside an open workbook
FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".ods": "ods"}  # of codings made elsewhere
IMPORT_FRAMES = ("excerpts", "placements", "texts", "turns")  # what decisions are read into the ledger with


@dataclass(frozen=True, slots=True)
class Order:
    """What to hand out to a coder: how many excerpts, blind or not; or all that they, or another coder, decided."""

    coder: str
    size: int = 50
    blind: bool = False
    same_as: str = ""
    again: bool = False
    conflicts: bool = False


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import: rows by fate, decisions written, and what could not be used."""

    counts: Mapping[str, int]
    written: int
    problems: tuple[Problem, ...]


def load_ledger(study: Study) -> tuple[Decision, ...]:
    """The decisions of a study."""
    return ledger.load(study.coded / LEDGER, folders.study_id(study))


def state_of_ledger(study: Study, decisions: Sequence[Decision]) -> dict[str, str | int]:
    """How many lines these decisions are, the hash of the last, and the Merkle tree hash of all.

    The ledger may grow during a run: later decisions do not belong to it.
    """
    path = study.coded / LEDGER
    lines = path.read_bytes().splitlines(keepends=True)[: len(decisions)] if decisions else []
    return {"lines": len(lines), "head": decisions[-1].hash if decisions else "", "tree": tree_hash(lines)}


def state_of(decisions: Sequence[Decision], frames: Mapping[str, pd.DataFrame], codebook: Codebook) -> State:
    """The present state of the ledger over the tables `excerpts` and `placements`.

    Raises ConfigError that lists every code that people decided on and that neither the codebook nor a change of it explains.
    """
    state = settle(decisions, places_of(decisions, frames), codebook.families)
    if state.unknown_codes:
        raise ConfigError(unknown_codes(state.unknown_codes))
    return state


def load_frames(study: Study, *names: str) -> dict[str, pd.DataFrame]:
    """Stored tables by name; ConfigError if the study was not analysed yet."""
    by_name = {table.name: table for table in tables.TABLES}
    missing = [name for name in names if not study.table(name).exists()]
    if missing:
        raise ConfigError(
            Problem(
                str(study.root),
                message("common/has_not_been_analysed_yet"),
                message("steps/run_make_analyze_study", root=study.root),
            )
        )
    return {name: tables.read_table(study.table(name), by_name[name]) for name in names}


@dataclass(frozen=True, slots=True)
class ReviewInputs:
    """What is handed out from: the study's tables, its codebook and findings, and the decisions of all coders."""

    study: Study
    brief: Brief
    frames: dict[str, pd.DataFrame]
    decisions: tuple[Decision, ...]
    state: State

    @property
    def form(self) -> Form:
        """What can be answered in this study."""
        return Form.of(self.brief.codebook, self.brief.register.findings)

    @property
    def language(self) -> str:
        """The language of the hand-outs."""
        return self.brief.settings.study.language

    @property
    def seed(self) -> int:
        """The seed of random samples."""
        return self.brief.settings.study.seed


def review_inputs(study: Study) -> ReviewInputs:
    """All that a review needs; ConfigError if the study was not analysed yet."""
    brief = load_brief(study)
    frames = load_frames(study, "excerpts", "placements", "codings", "links", "votes", "queue")
    decisions = load_ledger(study)
    return ReviewInputs(
        study=study,
        brief=brief,
        frames=frames,
        decisions=decisions,
        state=state_of(decisions, frames, brief.codebook),
    )


def export(root: Path, order: Order, now: datetime) -> Path:
    """Write a review workbook for a coder into coded/review/ and return its path; never over an existing one.

    The record of the hand-out, with the lane of every excerpt, stays in coded/review/handouts/.
    """
    study = folders.locate_study(root)
    inputs = review_inputs(study)
    order = replace(order, coder=coder_name(order.coder, {decision.coder for decision in inputs.decisions}))
    kind = conflicts.KIND if order.conflicts else "review"
    path = _free(study.coded / "review" / f"{kind}-{_safe(order.coder)}-{now.date().isoformat()}.xlsx")
    path.parent.mkdir(parents=True, exist_ok=True)
    handout = _write_conflicts(path, order, inputs) if order.conflicts else _write_review(path, order, inputs)
    record = handout_record(study, handout.key)
    record.parent.mkdir(exist_ok=True)
    folders.write_atomic(record, handout.as_json())
    return path


def handout_record(study: Study, key: str) -> Path:
    """The file that keeps why each excerpt of a hand-out is in it."""
    return study.coded / "review" / "handouts" / f"{key}.json"


def _handout(order: Order, inputs: ReviewInputs, sample: queue.Sample, shown: CoderView) -> Handout:
    return Handout(
        key="",
        study=folders.study_id(inputs.study),
        coder=order.coder,
        base=len(inputs.decisions),
        codebook=inputs.brief.codebook.version,
        shown=shown,
        lanes=sample.lanes,
        drawn=sample.drawn,
        drawn_from=sample.drawn_from,
    ).with_key()


def _nothing_to_decide(order: Order, inputs: ReviewInputs) -> Problem:
    """Why there is no row to hand out: nobody's words count yet, or the coder has decided on all."""
    if not (inputs.frames["excerpts"]["role"] == Role.RESPONDENT).any():
        return Problem("review export", message("steps/no_words_count_yet"), message("steps/settle_who_speaks"))
    what = message("steps/there_is_nothing_left", coder=order.coder)
    return Problem("review export", what, message("steps/choose_another_coder_or_use_same"))


def _write_review(path: Path, order: Order, inputs: ReviewInputs) -> Handout:
    sample = _sample(order, inputs)
    if not sample.lanes:
        raise ConfigError(_nothing_to_decide(order, inputs))
    handout = _handout(order, inputs, sample, CoderView.BLIND if order.blind else CoderView.SUGGESTION)
    decisions = [decision for decision in inputs.state.coder_decisions if decision.coder == order.coder]
    memos = {memo.excerpt_id: memo.note for memo in inputs.state.memos if memo.coder == order.coder}
    # the order of a blind workbook reveals nothing: it is random
    excerpts = queue.by_chance(sample.lanes, inputs.seed, queue.ORDER) if order.blind else list(sample.lanes)
    lanes = {excerpt: sample.lanes[excerpt] for excerpt in excerpts}
    items = [replace(item, memo=memos.get(item.excerpt_id, "")) for item in _items(lanes, inputs)]
    if not order.blind:
        items = _with_stale_decisions(items, order.coder, inputs)
    review_workbook.write(path, items, handout=handout, form=inputs.form, decisions=decisions, language=inputs.language)
    return handout


def _with_stale_decisions(
    items: Sequence[review_workbook.Item], coder: str, inputs: ReviewInputs
) -> list[review_workbook.Item]:
    """The items, each with what its coder decided before its words changed as its suggestion: *Accept* takes that whole."""
    suggestions = stale_suggestions(inputs.state, coder, inputs.brief.codebook.ids)
    return [
        replace(
            item,
            suggestion=_decided_before(suggestions[item.excerpt_id], inputs),
            suggested=suggestions[item.excerpt_id],
        )
        if item.excerpt_id in suggestions
        else item
        for item in items
    ]


def stale_suggestions(state: State, coder: str, codes: Collection[str]) -> dict[str, Suggestion]:
    """What a coder decided on words that were changed, cut or joined since, by the excerpt in their place.

    What was not decided is doubtful. After a join, one part that carries a code is enough; what disagrees is open.
    """
    suggestions: dict[str, Suggestion] = {}
    left_blank: dict[str, set[str]] = {}
    for decision, excerpt in state.waiting:
        if decision.coder != coder or not excerpt:
            continue
        suggestion = suggestions.setdefault(excerpt, Suggestion())
        if decision.kind in settled.CODES:
            _add_code(suggestion, decision)
        elif decision.kind is DecisionKind.LINK:
            suggestion.links[decision.finding_id] = decision.value
        elif decision.kind is DecisionKind.UNLINK:
            suggestion.links.setdefault(decision.finding_id, NO)
        left_blank.setdefault(excerpt, set()).update(decision.codes)
    for excerpt, suggestion in suggestions.items():
        suggestions[excerpt] = _with_joined(suggestion, state.rejoined.get((excerpt, coder), {}), codes)
    _add_what_holds(suggestions, state, coder, codes)
    for excerpt, suggestion in suggestions.items():  # of other codes nothing was decided, and accepting decides nothing
        decided = {*suggestion.codes, *left_blank[excerpt]} - suggestion.disagreeing.keys()
        undecided = tuple(code for code in codes if code not in decided)
        suggestions[excerpt] = replace(suggestion, doubtful=undecided)
    return suggestions


def _add_code(suggestion: Suggestion, decision: Decision) -> None:
    before = suggestion.codes.get(decision.criterion, NO)
    now = NO if decision.kind in settled.NO else decision.value
    suggestion.codes[decision.criterion] = now if before == NO else stance_of_all({before, now} - {NO})


def _with_joined(suggestion: Suggestion, waiting: Mapping[str, tuple[str, ...]], codes: Collection[str]) -> Suggestion:
    """The suggestion with what the parts of a joined excerpt say together; where they disagree, nothing is suggested."""
    for target, words in waiting.items():
        if target not in codes:
            suggestion.links[target] = words[0] if len(words) == 1 else str(Direction.NOT_TOLD)
        elif len(words) == 1:
            suggestion.codes[target] = "" if words[0] == YES else words[0]
        else:
            suggestion.codes.pop(target, None)
    disagreeing = {target: words for target, words in waiting.items() if len(words) > 1}
    return replace(
        suggestion, disagreeing={code: disagreeing[code] for code in codes if code in disagreeing} | disagreeing
    )


def _add_what_holds(suggestions: Mapping[str, Suggestion], state: State, coder: str, codes: Collection[str]) -> None:
    """Add what the coder has decided on a joined excerpt, beside what waits."""
    for made in state.coder_decisions:
        if made.coder == coder and made.excerpt_id in suggestions and made.yes:
            suggestion = suggestions[made.excerpt_id]
            if made.target in suggestion.disagreeing:
                continue
            (suggestion.codes if made.target in codes else suggestion.links).setdefault(made.target, made.value)


def _decided_before(suggestion: Suggestion, inputs: ReviewInputs) -> str:
    """What a coder decided on words that changed, in words."""
    language = inputs.language
    names = {code.id: code.text("name", language) or code.id for code in inputs.brief.codebook.criteria}
    answers = []
    decided = {target: (word,) for target, word in (*suggestion.codes.items(), *suggestion.links.items())}
    for target, words in {**decided, **suggestion.disagreeing}.items():
        section = "direction" if target in suggestion.links else "stance"
        said = [_answer_in_words(section, word, language) for word in words]
        answers.append(f"{names.get(target, target)}: {' / '.join(said)}")
    return wording.text("review.decided_before", language, answers="\n".join(answers))


def _answer_in_words(section: str, word: str, language: str) -> str:
    return wording.closed_word("answer" if word in (NO, YES, "") else section, word or YES, language)


def _sample(order: Order, inputs: ReviewInputs) -> queue.Sample:
    decisions = inputs.state.coder_decisions
    done = {decision.excerpt_id for decision in decisions if decision.coder == order.coder}
    excerpts = inputs.frames["excerpts"]
    if order.again:
        return queue.Sample(lanes={str(name): Lane.AGAIN for name in excerpts["excerpt_id"] if name in done})
    if order.same_as:
        first = coder_name(order.same_as, {decision.coder for decision in inputs.decisions})
        decided = {decision.excerpt_id for decision in decisions if decision.coder == first} - done
        groups = _groups(inputs)
        return queue.second_sample(excerpts, groups, decided=decided, size=order.size, seed=inputs.seed)
    share = inputs.brief.settings.review.chance_share
    ranking = queue.Ranking.of(inputs.frames, seed=inputs.seed, groups=_groups(inputs))
    decided = {decision.excerpt_id for decision in decisions}
    return queue.build_queue(ranking, done=done, decided=decided, size=order.size, chance_share=share)


def _groups(inputs: ReviewInputs) -> dict[str, str]:
    """The stakeholder group of each person of the register."""
    people, _ = load_participants(inputs.study.raw)
    name = inputs.brief.settings.study.group_by
    return {person.participant_id: dict(person.attributes).get(name, "") for person in people}


def _write_conflicts(path: Path, order: Order, inputs: ReviewInputs) -> Handout:
    """The workbook of what coders differ on, with the latest memo of each of them."""
    rows = conflicts.conflicts(inputs.state, ruled=order.again)
    if not rows:
        raise ConfigError(
            Problem(
                "review export",
                message("steps/there_are_no_disagreements_without"),
                message("steps/use_again_to_hand_out_past"),
            )
        )
    lanes = {conflict.excerpt_id: Lane.CONFLICT for conflict in rows}
    handout = _handout(order, inputs, queue.Sample(lanes=lanes), CoderView.OTHERS)
    latest = {(memo.excerpt_id, memo.coder): memo.note for memo in inputs.state.memos}
    memos: dict[str, list[str]] = {}
    for (excerpt, coder), note in latest.items():
        memos.setdefault(excerpt, []).append(f"{coder}: {note}")
    items = {
        item.excerpt_id: replace(item, memo="\n".join(memos.get(item.excerpt_id, ()))) for item in _items(lanes, inputs)
    }
    conflicts_workbook.write(path, rows, items, handout=handout, form=inputs.form, language=inputs.language)
    return handout


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name) or "coder"


def _free(path: Path) -> Path:
    number, free = 2, path
    while free.exists():
        free, number = path.with_stem(f"{path.stem}-{number}"), number + 1
    return free


def _items(lanes: Mapping[str, Lane], inputs: ReviewInputs) -> list[review_workbook.Item]:
    excerpts = inputs.frames["excerpts"]
    codes = pseudonyms(excerpts["participant_id"], key=folders.person_key(inputs.study))
    suggestions = suggestions_of(set(lanes), inputs)
    texts = suggestions_in_words(suggestions, inputs)
    placements = inputs.frames["placements"]
    stale = placements[placements["status"] == PlacementStatus.STALE]
    old_words = dict(zip(stale["now_at"], stale["text"], strict=True))
    rows = {str(row.excerpt_id): row for row in excerpts.itertuples(index=False)}
    order = list(rows)
    position = {name: i for i, name in enumerate(order)}
    return [
        review_workbook.Item(
            excerpt_id=name,
            text_sha256=str(rows[name].text_sha256),
            lane=str(lane),
            source_id=str(rows[name].source_id),
            place=str(rows[name].place),
            participant=codes.get(str(rows[name].participant_id), ""),
            question=str(rows[name].question),
            before=_neighbour(rows, order, position[name] - 1, rows[name].source_id),
            text=str(rows[name].text),
            after=_neighbour(rows, order, position[name] + 1, rows[name].source_id),
            suggestion=texts.get(name, ""),
            suggested=suggestions.get(name),
            old_words=old_words.get(name, ""),
        )
        for name, lane in lanes.items()
    ]


def _neighbour(rows: dict[str, Any], order: list[str], at: int, source_id: Any) -> str:
    if 0 <= at < len(order) and rows[order[at]].source_id == source_id:
        return str(rows[order[at]].text)
    return ""


def suggestions_of(excerpts: set[str], inputs: ReviewInputs) -> dict[str, Suggestion]:
    """What the machine suggests for each excerpt; nothing for one on which people decided: that would be their opinion."""
    codings, links = (
        frame[frame["excerpt_id"].isin(excerpts)] for frame in (inputs.frames["codings"], inputs.frames["links"])
    )
    decided = {decision.excerpt_id for decision in inputs.state.coder_decisions}
    decided |= set(codings.loc[codings["status"] != CodingStatus.MACHINE, "excerpt_id"])
    suggestions = {excerpt: Suggestion(codes={}, links={}) for excerpt in excerpts - decided}
    doubtful: dict[str, list[str]] = {}
    for row in codings[codings["coded"] | codings["doubtful"]].to_dict("records"):
        excerpt, code = str(row["excerpt_id"]), str(row["criterion"])
        if excerpt in suggestions and row["coded"]:
            suggestions[excerpt].codes[code] = str(row["stance"])
        elif excerpt in suggestions:
            doubtful.setdefault(excerpt, []).append(code)
    for row in links[links["status"] == LinkStatus.SUGGESTED].to_dict("records"):
        if (excerpt := str(row["excerpt_id"])) in suggestions:
            suggestions[excerpt].links[str(row["finding_id"])] = str(row["direction"])
    return {
        excerpt: replace(suggestion, doubtful=tuple(doubtful.get(excerpt, ())))
        for excerpt, suggestion in suggestions.items()
    }


def suggestions_in_words(suggestions: Mapping[str, Suggestion], inputs: ReviewInputs) -> dict[str, str]:
    """The suggestions as people read them: each code with its probability and why, then what is in doubt, then findings.

    A code that is only suggested has no probability.
    """
    language = inputs.language
    words = review_workbook.words_of(language)["suggestion"]
    names = {code.id: code.text("name", language) or code.id for code in inputs.brief.codebook.criteria}
    shown = list(suggestions)
    codings, votes = (
        inputs.frames[name][inputs.frames[name]["excerpt_id"].isin(shown)] for name in ("codings", "votes")
    )
    because, open_cells = reasons(votes, language), only_suggested(votes)
    probabilities = {
        (str(row["excerpt_id"]), str(row["criterion"])): float(row["probability"])
        for row in codings[codings["coded"] | codings["doubtful"]].to_dict("records")
    }
    texts: dict[str, str] = {}
    for excerpt, suggestion in suggestions.items():
        lines = []
        for code, stance in suggestion.codes.items():
            label = f"{names.get(code, code)} {wording.closed_word('stance', stance, language)}".strip()
            lines.append(f"{label} p={probabilities[excerpt, code]:.2f} {because.get((excerpt, code), '')}".strip())
        doubtful = [
            f"{names.get(code, code)}?"
            + ("" if (excerpt, code) in open_cells else f" ({probabilities[excerpt, code]:.2f})")
            for code in suggestion.doubtful
        ]
        links = [
            f"{finding} {wording.closed_word('direction', direction, language)}"
            for finding, direction in suggestion.links.items()
        ]
        lines += [
            f"{words[key]}: {', '.join(parts)}" for key, parts in (("doubtful", doubtful), ("links", links)) if parts
        ]
        texts[excerpt] = "\n".join(lines)
    return texts


# ---- import


def import_files(root: Path, files: Sequence[Path], now: datetime) -> ImportResult:
    """Read workbooks (or another coder's ledger, .jsonl) into the ledger: what is decided is appended, the rest is listed."""
    study = folders.locate_study(root)
    tally = ImportTally()
    with folders.lock(study, "review import"):
        brief = load_brief(study)
        frames = load_frames(study, *IMPORT_FRAMES)
        for file in files:
            try:
                if file.name.startswith(LOCK_MARK):
                    what = message("steps/is_not_a_workbook_but")
                    raise ConfigError(Problem(file.name, what, message("steps/close_the_workbook_there_then_import")))
                if file.suffix == ".jsonl":
                    tally.add(_merge(study, brief, file, set(frames["excerpts"]["source_id"])))
                else:
                    tally.add(_import_workbook(study, brief, frames, file, now))
            except (OSError, UserError) as error:
                tally.problems += _named(error, file)
    return tally.result()


@dataclass(slots=True)
class ImportTally:
    """The results of several files so far."""

    counts: Counter[str] = field(default_factory=Counter)
    written: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, result: ImportResult) -> None:
        """Add the result of one file."""
        self.counts.update(result.counts)
        self.written += result.written
        self.problems += result.problems

    def result(self) -> ImportResult:
        """The result of all files."""
        return ImportResult(dict(sorted(self.counts.items())), self.written, tuple(self.problems))


def _named(error: OSError | UserError, file: Path) -> list[Problem]:
    """The problems of a file, each beginning with its name."""
    if isinstance(error, OSError) and Path(error.filename or "") != file:
        return [problem_of(error)]
    if isinstance(error, OSError):
        return [Problem(file.name, message("steps/cannot_be_opened"), message("steps/check_the_path_and_close"))]
    return [
        p if p.where.startswith(file.name) else replace(p, where=f"{file.name} {p.where}".strip())
        for p in error.problems
    ]


def _merge(study: Study, brief: Brief, file: Path, sources: Collection[str]) -> ImportResult:
    """Add the lines of another coder's ledger; nothing of a ledger of other sources or with codes that nothing explains."""
    data = file.read_bytes()
    lines = ledger.read_chain(data, file.name)
    decided = {line.excerpt_id.rpartition(":")[0] for line in lines if line.excerpt_id}
    if decided and decided.isdisjoint(sources):
        what = message("steps/has_no_decision_on_a_source")
        raise ConfigError(Problem(file.name, what, message("steps/import_it_in_its_own_study")))
    codes = unexplained_codes((*load_ledger(study), *lines), brief.codebook.ids)
    if codes:
        what = message("steps/names_codes_that_the_codebook_does", codes=", ".join(codes))
        remedy = message("steps/record_what_became_of_them_make")
        raise ConfigError(Problem(file.name, what, remedy))
    merged = ledger.Ledger(study.coded / LEDGER, folders.study_id(study)).merge(data, file.name)
    return ImportResult({"merged": len(merged)}, len(merged), tuple(_superseded(study, brief, merged)))


def _superseded(study: Study, brief: Brief, merged: Sequence[Decision]) -> Iterator[Problem]:
    """Lines just merged that are older than another decision of their coder, which holds."""
    state = settle(load_ledger(study), Places({}), brief.codebook.families)
    new = {line.seq for line in merged}
    for pair in state.superseded:
        if pair.older.seq in new:
            where, what = (
                f"line {pair.older.seq}",
                message("steps/of_is_older_than_line", coder=pair.older.coder, newer_seq=pair.newer_seq),
            )
            yield Problem(where, what, message("steps/ask_the_coder_to_decide_again"))


def _import_workbook(
    study: Study, brief: Brief, frames: Mapping[str, pd.DataFrame], file: Path, now: datetime
) -> ImportResult:
    content = read_every_sheet(file.read_bytes())
    book = saved.saved_workbook(
        content.sheets, file.name, without_value=content.without_value, comments=content.comments
    )
    handout = _handout_of(study, book)
    decisions = load_ledger(study)
    book = book.with_codes(names_since(history(decisions, brief.codebook.families), book.codes, handout.base))
    coder = coder_name(handout.coder, {decision.coder for decision in decisions})
    excerpts = frames["excerpts"]
    present = returned.Present.of(
        folders.study_id(study),
        coder,
        texts=dict(zip(excerpts["excerpt_id"], excerpts["text"], strict=True)),
        hashes=dict(zip(excerpts["excerpt_id"], excerpts["text_sha256"], strict=True)),
        state=state_of(decisions, frames, brief.codebook),
        ledger=decisions,
    )
    form = Form.of(brief.codebook, brief.register.findings)
    result = sort_rows(book, handout, form, present)
    written = append(study, result.drafts, frames, coder=coder, now=now)
    return ImportResult(dict(result.counts), written, tuple(result.problems))


def append(
    study: Study, drafts: Sequence[Draft], frames: Mapping[str, pd.DataFrame], *, coder: str, now: datetime
) -> int:
    """Write drafts to the study's ledger, each with what its words are found again by; how many lines were added."""
    if not drafts:
        return 0
    book = ledger.Ledger(study.coded / LEDGER, folders.study_id(study))
    return len(book.append(with_selectors(drafts, frames), coder=coder, now=now))


def _handout_of(study: Study, book: saved.SavedWorkbook) -> Handout:
    """The record of a workbook's hand-out; if it is gone, the one inside the workbook."""
    in_workbook = Handout.of_info(book.info)
    try:
        return Handout.of_json(handout_record(study, in_workbook.key).read_bytes())
    except (FileNotFoundError, ValueError):
        return in_workbook


# ---- codings made elsewhere


def import_codings(root: Path, file: Path, *, coder: str, now: datetime) -> ImportResult:
    """Read the codings of a spreadsheet into the ledger. What cannot be placed is listed; nothing else is guessed.

    Read again after a correction, a file of the same name corrects its own lines; decisions that the coder made
    elsewhere stay.
    """
    study = folders.locate_study(root)
    with folders.lock(study, "import"):
        brief = load_brief(study)
        frames = load_frames(study, *IMPORT_FRAMES)
        excerpts = frames["excerpts"]
        excerpts = excerpts[excerpts["role"] == Role.RESPONDENT]
        decisions = load_ledger(study)
        coder = coder_name(coder, {decision.coder for decision in decisions})
        texts = dict(zip(excerpts["excerpt_id"], excerpts["text"], strict=True))
        hashes = dict(zip(excerpts["excerpt_id"], excerpts["text_sha256"], strict=True))
        form = Form.of(brief.codebook, brief.register.findings)
        index = ExcerptIndex.of(texts, hashes)
        placed = place_codings(_rows_of(file), file.name, index=index, form=form, choices=form.choices("en"))
        identity = folders.study_id(study)
        present = returned.Present.of(
            identity,
            coder,
            texts=texts,
            hashes=hashes,
            state=state_of(decisions, frames, brief.codebook),
            ledger=decisions,
        )
        handout = Handout.of_import(file.name, coder, study=identity, codebook=brief.codebook.version)
        result = sort_codings(placed, file.name, index=index, form=form, handout=handout, present=present)
        written = append(study, result.drafts, frames, coder=coder, now=now)
        return ImportResult(dict(sorted(result.counts.items())), written, tuple(result.problems))


def _rows_of(file: Path) -> Sequence[Sequence[str]]:
    """The rows of the first sheet that has some; UnreadableError if the file is no table."""
    try:
        book = read_book(file.read_bytes(), FORMATS.get(file.suffix.lower(), file.suffix.lower().lstrip(".")))
    except OSError:
        problem = Problem(file.name, message("steps/cannot_be_opened"), message("steps/check_the_path_and_close"))
        raise UnreadableError(problem) from None
    except UserError as error:
        raise UnreadableError([replace(p, where=f"{file.name} {p.where}".strip()) for p in error.problems]) from None
    return next((sheet.rows for sheet in book.sheets if sheet.rows), ())

"""People's decisions, put to use: as examples to learn from, as codings before the machine's, as links before suggestions."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.codebook import stance_of_all, with_parents
from pipeline.config import SegmentSettings
from pipeline.errors import Problem
from pipeline.privacy import consent
from pipeline.privacy.names.masking import Masker
from pipeline.privacy.names.plan import NamePlan
from pipeline.provenance import excerpt_id
from pipeline.records import Decision, Example, Participant, Vote
from pipeline.review.boundaries.recut import recut_passages
from pipeline.review.boundaries.standing import (
    Standing,
    moved_bounds,
    sources_with_other_bounds,
    standing_bounds,
    standings,
)
from pipeline.review.decisions import load
from pipeline.review.identity import Passage, decided_passages, passage_of, passages, pinned
from pipeline.review.placement import QUOTES, Quote, load_quotes, place, placements, quotes_as_lines, quotes_of
from pipeline.review.settle import ConsensusCoding, State
from pipeline.review.undo import without_undone
from pipeline.segment import recut
from pipeline.spans import whole_characters
from pipeline.steps.inputs import Brief, last_tables
from pipeline.study import Study, last_run, study_id, write_atomic
from pipeline.vocabulary import UNDECIDED, CodingStatus, DecisionKind, Lane, PlacementStatus
from pipeline.wording.messages import counted, message

if TYPE_CHECKING:
    from pipeline.steps.tag import TagResult  # the review page places decisions without what learns from them

MARKED = 10  # excerpts from which on a coder without a single no is taken to mark only what is there
NO = ""  # a no among the codes that a coder used
DECIDED_COLUMNS = ("coded", "stance", "status", "decided_by", "doubtful")  # of codings: what people's decisions change


@dataclass(frozen=True, slots=True)
class PlacedDecisions:
    """The decisions of a study, and the tables `excerpts` and `placements` that say where the words of each are."""

    decisions: tuple[Decision, ...]
    excerpts: pd.DataFrame
    placements: pd.DataFrame
    lost: tuple[Standing, ...] = ()  # cuts and joins of words that have changed since


def notes_on_bounds(placed: PlacedDecisions) -> tuple[Problem, ...]:
    """The cuts and joins that no longer apply, or only in part, because the words have changed since."""
    return tuple(
        Problem(
            f"coded/decisions.jsonl line {each.line.seq}",
            message(f"steps/{each.line.value}_does_not_hold", coder=each.line.coder, excerpt_id=each.line.excerpt_id),
            message("steps/do_it_again_on_the_page"),
        )
        for each in placed.lost
    )


def remember_words(study: Study, decisions: Sequence[Decision], refusing: Collection[str]) -> dict[Passage, Quote]:
    """The words of decisions, with those of the last run's tables added to coded/quotes.jsonl.

    The tables are about to be replaced: where a transcript was corrected, they are the last to hold the words that were
    decided on. Words of the persons `refusing` are taken out.
    """
    path = study.coded / QUOTES
    quotes = {p: quote for p, quote in load_quotes(path).items() if quote.selector.participant not in refusing}
    missing = set(passages(decisions)) - set(quotes)
    if missing:
        last = last_tables(study, (tables.TEXTS, tables.TURNS))
        last |= last_tables(study, (tables.MASKS,)) | last_tables(study, (tables.CORRECTIONS, tables.SOURCES))
        quotes |= quotes_of(missing, last)
    quotes = {p: quote for p, quote in quotes.items() if quote.selector.participant not in refusing}
    data = quotes_as_lines(quotes)
    if data != (path.read_bytes() if path.exists() else b""):
        write_atomic(path, data)
    return quotes


def place_decisions(
    decisions: Sequence[Decision],
    quotes: Mapping[Passage, Quote],
    reading: Mapping[str, pd.DataFrame],
    limits: SegmentSettings,
    *,
    refusing: Collection[str] = (),
) -> PlacedDecisions:
    """Every decision on its words as they are now: excerpts that people cut, joined or decided on keep their bounds.

    Words of the persons `refusing` are withheld.
    """
    selectors = {
        passage: selector or (quotes[passage].selector if passage in quotes else None)
        for passage, selector in passages(decisions).items()
    }
    placed = place(selectors, reading, quotes)
    standing = standings(decisions)
    decided = {passage: placed[passage] for passage in decided_passages(decisions) if passage in placed}
    excerpts = _with_decided_bounds(placed, decided, standing, reading, limits)
    present = set(excerpts["excerpt_id"])
    recut_now = recut_passages(placed, moved_bounds(standing, placed), excerpts)
    places, placed = placed, {passage: excerpt for passage, excerpt in placed.items() if excerpt in present}
    frames = {**reading, "excerpts": excerpts}
    table = placements(decisions, placed, quotes, frames, refusing=refusing, recut=recut_now)
    lost = tuple(each for each in standing if len(each.standing_places(places)) < len(each.passages))
    return PlacedDecisions(tuple(decisions), excerpts, table, lost)


@dataclass(frozen=True, slots=True)
class BoundsSince:
    """The sources that people cut or joined excerpts of since the last run: their excerpts and placements as they are now."""

    sources: frozenset[str]
    excerpts: pd.DataFrame
    placements: pd.DataFrame

    def queue(self, queue: pd.DataFrame, present: Collection[str]) -> pd.DataFrame:
        """The table `queue` with what waits on excerpts of these sources first."""
        of_excerpts = self.placements[self.placements["status"].isin([PlacementStatus.CUT, PlacementStatus.JOINED])]
        waiting = [name for name in dict.fromkeys(of_excerpts["now_at"]) if name in present]
        rows = pd.DataFrame({"excerpt_id": waiting, "reason": "stale", "about": ""})
        later = queue[queue["excerpt_id"].isin(list(present)) & ~queue["excerpt_id"].isin(waiting)]
        return pd.concat([rows, later], ignore_index=True).assign(rank=range(1, len(rows) + len(later) + 1))


def bounds_since(study: Study, brief: Brief, people: Sequence[Participant]) -> BoundsSince | None:
    """The tables of the last run with people's later cuts and joins; None if there are none."""
    decisions = load(study.coded / "decisions.jsonl", study_id(study))
    lines = last_run(study).get("ledger", {}).get("lines", 0)
    sources = sources_with_other_bounds(decisions[:lines], decisions)
    if not sources:
        return None
    names = (tables.TEXTS, tables.TURNS, tables.EXCERPTS, tables.MASKS, tables.CORRECTIONS, tables.SOURCES)
    stored = last_tables(study, names)
    frames = {name: frame[frame["source_id"].isin(list(sources))] for name, frame in stored.items()}
    of_sources = [d for d in decisions if d.excerpt_id.rpartition(":")[0] in sources]
    quotes = load_quotes(study.coded / QUOTES)
    refusing = consent.refusing(people)
    placed = place_decisions(of_sources, quotes, frames, brief.settings.segment, refusing=refusing)
    return BoundsSince(sources, placed.excerpts, placed.placements)


def without_names(placements: pd.DataFrame, plan: NamePlan | None) -> pd.DataFrame:
    """The table `placements` with names masked in the words of stale decisions, which may be older than the masks."""
    if plan is None:
        return placements
    masker = Masker(plan)
    return placements.assign(text=[masker.line(text) for text in placements["text"]]).astype({"text": "str"})


def _with_decided_bounds(
    placed: Mapping[Passage, str],
    decided: Mapping[Passage, str],
    held: Sequence[Standing],
    reading: Mapping[str, pd.DataFrame],
    limits: SegmentSettings,
) -> pd.DataFrame:
    """The excerpts, split again in sources in which one that was decided on, or that people's cuts and joins give, is missing."""
    excerpts = reading["excerpts"]
    present = set(excerpts["excerpt_id"])
    of_people = standing_bounds(held, placed)
    sources = {passage.source_id for passage, excerpt in placed.items() if excerpt not in present}
    sources |= {
        name for name, bounds in of_people.items() if any(excerpt_id(name, *each) not in present for each in bounds)
    }
    if not sources:
        return excerpts
    by_source: dict[str, dict[Passage, str]] = {name: {} for name in sorted(sources)}
    for passage, excerpt in decided.items():
        if passage.source_id in by_source:
            by_source[passage.source_id][passage] = excerpt
    pins = {name: pinned(of_source, of_people.get(name, ())) for name, of_source in by_source.items()}
    return recut(reading, pins, limits)


def with_examples(brief: Brief, state: State, excerpts: pd.DataFrame) -> Brief:
    """The brief with the coders' consensus among its examples, weighted by config.toml, and what their blanks say.

    Where a coder marks only what is there, each code that they use and left blank beside a mark counts as a *no* with the weight
    of a seed, unless somebody decided on it.
    """
    by_excerpt: dict[str, list[ConsensusCoding]] = {}
    for coding in state.codings:
        if coding.yes is not None:
            by_excerpt.setdefault(coding.excerpt_id, []).append(coding)
    decided = excerpts[excerpts["excerpt_id"].isin(list(by_excerpt))]
    rows = decided.to_dict("records")
    examples = {str(row["excerpt_id"]): _example(row, by_excerpt[str(row["excerpt_id"])], brief) for row in rows}
    blanks = _blanks(state, examples, set(brief.codebook.ids))
    return replace(brief, seeds=(*brief.seeds, *examples.values(), *blanks))


def who_marks_only(state: State, codes: Collection[str]) -> dict[str, set[str]]:
    """For each coder who never says no, on at least `MARKED` excerpts: the codes that they use."""
    marks: dict[str, set[str]] = {}
    excerpts: dict[str, set[str]] = {}
    for decision in state.coder_decisions:
        if decision.target in codes:
            marks.setdefault(decision.coder, set()).add(decision.target if decision.yes else NO)
            excerpts.setdefault(decision.coder, set()).add(decision.excerpt_id)
    return {coder: used for coder, used in marks.items() if NO not in used and len(excerpts[coder]) >= MARKED}


def _blanks(state: State, examples: Mapping[str, Example], codes: Collection[str]) -> Iterator[Example]:
    """Blanks beside the codes of coders who never say no, as examples against these codes."""
    used = who_marks_only(state, codes)
    blank: dict[str, set[str]] = {}
    for decision in state.coder_decisions:
        if decision.coder in used and decision.target in codes:
            blank.setdefault(decision.excerpt_id, set()).update(used[decision.coder])
    for excerpt, left_blank in sorted(blank.items()):
        example = examples.get(excerpt)
        if example is not None and (unanswered := left_blank - set(example.asked)):
            yield replace(example, codes=(), asked=tuple(sorted(unanswered)), weight=1.0)


def _example(row: dict[Hashable, Any], codings: list[ConsensusCoding], brief: Brief) -> Example:
    """The decisions on an excerpt as a training example: a yes to a code is a yes to its parent, unless people decided on that."""
    decided = {coding.target for coding in codings}
    ayes = {coding.target: coding.value for coding in codings if coding.yes}
    with_all = with_parents(ayes, brief.codebook.lineage)
    carried = {code: stance for code, stance in with_all.items() if code in ayes or code not in decided}
    return Example(
        text=str(row["text"]),
        question=str(row["question"]),
        language=str(row["language"]),
        codes=tuple(sorted(carried.items())),
        asked=tuple(sorted({*carried, *decided})),
        group=str(row["participant_id"] or row["source_id"]),
        weight=brief.settings.tag.decision_weight,
    )


def apply(tagged: TagResult, state: State, lineage: Mapping[str, str]) -> TagResult:
    """The codings and votes with people's decisions; if coders are evenly divided, the machine's coding stays for now.

    The votes of `tagged` are used up, so that they are not held twice.
    """
    codings = rolled_up(_codings(tagged.frames["codings"], state), lineage)
    votes = _with(tagged.frames["votes"], list(_votes(state)), tables.VOTES)
    return replace(
        tagged,
        frames={"votes": votes, "codings": codings},
        problems=(*tagged.problems, *stale(state)),
        remarks=(
            *tagged.remarks,
            *notes_on_decisions(state),
            *notes_on_blanks(state),
        ),
    )


def stale(state: State) -> tuple[Problem, ...]:
    """Decisions on words that changed: they do not count until their coder decides on the new words."""
    return tuple(_is_stale(decision, state) for decision in state.stale)


def spans_table(state: State, excerpts: pd.DataFrame, codes: Collection[str]) -> pd.DataFrame:
    """The table `spans`: what coders marked, as whole characters of the canonical text; `codes` are those of the codebook."""
    names = {span.excerpt_id for span in state.spans}
    there = excerpts.loc[excerpts["excerpt_id"].isin(list(names)), ["excerpt_id", "start", "text"]]
    places = {name: (int(start), text) for name, start, text in there.itertuples(index=False, name=None)}
    rows: dict[tuple[str, str, str, int, int], int] = {}
    for span in state.spans:
        start, text = places.get(span.excerpt_id, (0, ""))
        stretch = whole_characters(text, span.start, span.end) if span.criterion in codes else None
        if stretch:
            key = (span.excerpt_id, span.criterion, span.coder, start + stretch.start, start + stretch.end)
            rows.setdefault(key, span.seq)
    data = pd.DataFrame([(*key, line) for key, line in sorted(rows.items())], columns=tables.SPANS.names)
    return tables.typed(data, tables.SPANS)


def notes_on_blanks(state: State) -> Iterator[Problem]:
    """A remark on each coder who never says no: their blanks are taken as a weak no."""
    findings = {link.target for link in state.links}
    codes = {decision.target for decision in state.coder_decisions} - findings
    for coder in sorted(who_marks_only(state, codes)):
        what = message("steps/never_says_no_where_they_coded", coder=coder)
        yield Problem("coded/decisions.jsonl", what, message("steps/if_a_blank_does_not_mean"))


def _with(frame: pd.DataFrame, records: list[Vote], table: tables.Table) -> pd.DataFrame:
    return tables.joined([frame, tables.frame(records, table)], table) if records else frame


def _codings(codings: pd.DataFrame, state: State) -> pd.DataFrame:
    """The codings with people's answers; stale where the decided words have changed."""
    consensus = {(coding.excerpt_id, coding.target): coding for coding in state.codings}
    stale = _stale_coders(state)
    touched = {excerpt for excerpt, _ in (*consensus, *stale)}
    rows = codings["excerpt_id"].isin(touched).to_numpy().nonzero()[0]
    if not rows.size:
        return codings
    changed = {column: codings[column].iloc[rows].tolist() for column in ("excerpt_id", "criterion", *DECIDED_COLUMNS)}
    for i, key in enumerate(zip(changed["excerpt_id"], changed["criterion"], strict=True)):
        if coding := consensus.get(key):
            changed["status"][i], changed["decided_by"][i] = str(coding.status), coding.decided_by
            changed["doubtful"][i] = coding.status is CodingStatus.CONFLICTED
            if coding.yes is not None:
                changed["coded"][i] = coding.yes
                changed["stance"][i] = coding.value if coding.yes else ""
        elif key in stale:
            changed["status"][i] = str(CodingStatus.STALE)
            changed["doubtful"][i] = True
    return codings.assign(**{column: _put(codings[column], rows, changed[column]) for column in DECIDED_COLUMNS})


def _stale_coders(state: State) -> set[tuple[str, str]]:
    """(excerpt, code) of which people decided on the words that were there before, or in other bounds."""
    return {(excerpt, decision.criterion) for decision, excerpt in state.waiting if decision.criterion and excerpt}


def rolled_up(codings: pd.DataFrame, lineage: Mapping[str, str]) -> pd.DataFrame:
    """The codings in which an excerpt that carries a code carries its parent too, unless people decided on the parent.

    The parent is coded as its sub-codes are: as people decided, else as the machine codes; its stance is mixed where theirs
    differ. `lineage` has the parent of each code, the deepest codes first.
    """
    if not lineage:
        return codings
    codings = codings.copy()
    for parent in dict.fromkeys(lineage.values()):
        children = [code for code, above in lineage.items() if above == parent]
        below = _by_weight(codings[codings["criterion"].isin(children) & codings["coded"]])
        is_by_people = ~below["status"].isin(list(UNDECIDED))
        is_open = (codings["criterion"] == parent) & codings["status"].isin(list(UNDECIDED))
        is_weightier = codings["excerpt_id"].isin(below.index[is_by_people]) | ~codings["coded"]
        rows = codings.index[is_open & is_weightier & codings["excerpt_id"].isin(below.index)]
        for column in ("coded", "probability", "stance", "status", "decided_by", "doubtful"):
            codings.loc[rows, column] = below.loc[codings.loc[rows, "excerpt_id"], column].to_numpy()
    return codings


def _by_weight(codings: pd.DataFrame) -> pd.DataFrame:
    """One coding per excerpt, by its id: people's decisions first, then the most probable."""
    is_by_machine = codings["status"].isin(list(UNDECIDED))
    ranked = codings.assign(is_by_machine=is_by_machine).sort_values(
        ["excerpt_id", "is_by_machine", "probability", "criterion"], ascending=[True, True, False, True], kind="stable"
    )
    weightiest = ranked.drop_duplicates("excerpt_id").set_index("excerpt_id")
    alike = ranked.merge(weightiest[["is_by_machine"]].reset_index(), on=["excerpt_id", "is_by_machine"])
    stances = alike.groupby("excerpt_id")["stance"].agg(stance_of_all)
    return weightiest.assign(stance=stances.reindex(weightiest.index))


def _put(column: pd.Series[Any], places: np.ndarray, values: list[Any]) -> pd.Series[Any]:
    """The column with values at some places."""
    made = column.copy()
    made.iloc[places] = values
    return made


def _votes(state: State) -> Iterator[Vote]:
    codes = {s.target for s in state.codings}
    for o in state.coder_decisions:
        if o.target in codes:
            because = json.dumps({"decision": o.seq, **({"with": o.others} if o.others else {})})
            yield Vote(o.excerpt_id, o.target, f"coder:{o.coder}", int(o.yes), 1.0, o.value, because, str(o.seq))


def _is_stale(decision: Decision, state: State) -> Problem:
    successor = state.successors.get(passage_of(decision))
    is_span = decision.kind is DecisionKind.SPAN
    key = "steps/marks_words_of_a_text_that_changed" if is_span else "common/is_stale_the_text"
    what = message(key, excerpt_id=decision.excerpt_id, criterion=decision.criterion)
    remedy = message(
        "steps/hand_out_for_review_and_let", text=successor or message("steps/the_new_text"), coder=decision.coder
    )
    return Problem(f"coded/decisions.jsonl line {decision.seq}", what, remedy)


def notes_on_decisions(state: State) -> tuple[Problem, ...]:
    """What a person should know about decisions: withheld, carried, superseded by a newer one, to be sorted."""
    ledger = "coded/decisions.jsonl"
    notes = []
    if count := len(state.withheld):
        what = message("steps/decisions_are_withheld", n=count)
        notes.append(Problem(ledger, what, message("steps/nothing_to_do_the_table_placements")))
    if state.carried:
        passages_moved = len({(d.excerpt_id, d.text_sha256) for d, _ in state.carried})
        what = message(
            "steps/on_carried_the_same_words",
            n=len(state.carried),
            excerpts=counted(passages_moved, "excerpt"),
        )
        notes.append(Problem(ledger, what, message("steps/nothing_to_do_the_table_placements")))
    if state.unconfirmed:
        excerpts = len({each.excerpt_id for each in state.unconfirmed})
        what = message("steps/wait_to_be_confirmed", n=len(state.unconfirmed), excerpts=counted(excerpts, "excerpt"))
        notes.append(Problem(ledger, what, message("steps/let_their_coders_confirm_them")))
    for older in state.superseded:
        what = message("steps/is_older_than_line", newer_seq=older.newer_seq, coder=older.older.coder)
        notes.append(Problem(f"{ledger} line {older.older.seq}", what, message("steps/ask_the_coder_to_decide_again")))
    for decision in state.outside:
        what = message("steps/marks_words_outside", excerpt_id=decision.excerpt_id)
        remedy = message("steps/let_mark_again", coder=decision.coder)
        notes.append(Problem(f"{ledger} line {decision.seq}", what, remedy))
    for decision in state.unsorted:
        what = message("steps/says_yes_to_now_several_codes", criterion=decision.criterion)
        remedy = message("steps/let_decide_on_again", coder=decision.coder, excerpt_id=decision.excerpt_id)
        notes.append(Problem(f"{ledger} line {decision.seq}", what, remedy))
    return tuple(notes)


def drawn_by_chance(decisions: Sequence[Decision], state: State) -> frozenset[str]:
    """The excerpts on which people decided after a random draw, under their present ids."""
    now_at = {decision.seq: excerpt for decision, excerpt in state.renamed}
    holding = without_undone(decisions)
    return frozenset(now_at.get(d.seq, d.excerpt_id) for d in holding if d.lane.startswith(Lane.RANDOM))

"""Where coders differ, with what is needed to rule on it."""

from __future__ import annotations

from typing import Any

from pipeline import wording
from pipeline.errors import ConfigError, Problem
from pipeline.records import Draft
from pipeline.review.conflicts import Conflict, conflicts, word
from pipeline.review.form import Choices
from pipeline.review.handouts import Handout
from pipeline.review.returned import rule
from pipeline.review.settle import State
from pipeline.review.web.answering import present_of
from pipeline.review.web.ledger_view import LedgerView
from pipeline.review.web.study_view import StudyView
from pipeline.spans import Stretch, united, words_of
from pipeline.vocabulary import RowFate
from pipeline.wording.messages import message

SHOWN = 50  # conflicts at a time


def differences(study: StudyView, ledger: LedgerView) -> list[dict[str, Any]]:
    """The first conflicts that are not ruled on."""
    state = ledger.whole_state()
    open_ = [c for c in conflicts(state, ruled=False) if c.excerpt_id in study.shelf.position]
    return [_as_json(conflict, study, state) for conflict in open_[:SHOWN]]


def _as_json(conflict: Conflict, study: StudyView, state: State) -> dict[str, Any]:
    row = study.shelf.row(study.shelf.position[conflict.excerpt_id])
    code = study.form.codebook[conflict.target] if conflict.target in study.form.codebook.ids else None
    marked = _marked(conflict, row["text"], state)
    memos = {memo.coder: memo.note for memo in state.memos if memo.excerpt_id == conflict.excerpt_id}
    return {
        "id": conflict.excerpt_id,
        "sha": row["text_sha256"],
        "target": conflict.target,
        "text": row["text"],
        "question": row["question"],
        "language": row["language"],
        "source": row["source_id"],
        "place": wording.place_by_language(row["place"]),
        "person": study.shelf.persons[study.shelf.position[conflict.excerpt_id]],
        "definition": dict(code.definition) if code else {},
        "sides": [
            {"coder": d.coder, "value": word(d), "memo": memos.get(d.coder, ""), "marked": marked.get(d.coder, "")}
            for d in conflict.decisions
        ],
    }


def _marked(conflict: Conflict, text: str, state: State) -> dict[str, str]:
    """The words that each coder marked for the code of a conflict."""
    stretches: dict[str, list[Stretch]] = {}
    for span in state.spans:
        if (span.excerpt_id, span.criterion) == (conflict.excerpt_id, conflict.target):
            stretches.setdefault(span.coder, []).append(Stretch(span.start, span.end))
    return {coder: words_of(text, united(of_coder)) for coder, of_coder in stretches.items()}


def ruling(cells: dict[str, str], handout: Handout, ledger: LedgerView, choices: Choices) -> tuple[Draft, ...]:
    """The lines of a ruling. ConfigError if it cannot be used, or goes against most coders without a reason."""
    state = ledger.whole_state()
    excerpt, target, value = cells["excerpt_id"], cells["target"], cells["ruling"]
    form = ledger.study.form
    if target not in {*form.codebook.ids, *form.finding_ids}:
        raise ConfigError(
            Problem("ruling", message("review/is_not_about_a_code"), message("review/load_the_page_again"))
        )
    sides = [word(d) for d in state.coder_decisions if (d.excerpt_id, d.target) == (excerpt, target)]
    if 2 * sides.count(value) < len(sides) and not cells["why"]:
        raise ConfigError(Problem("ruling", message("review/goes_against_most_coders"), message("review/say_why")))
    result = rule(cells, handout, form, choices, present_of(ledger, excerpt, ledger.own_on(excerpt)))
    if result.fate not in (RowFate.DECIDED, RowFate.UNCHANGED):
        raise ConfigError(list(result.problems))
    return result.drafts

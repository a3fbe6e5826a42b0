"""The quotes of a code that was split, until somebody has sorted them into the new codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.records import Decision
from pipeline.review.codebook_changes import CodebookHistory
from pipeline.review.settle import State
from pipeline.review.web.ledger_view import LedgerView
from pipeline.review.web.study_view import StudyView

Json = dict[str, Any]


def unsorted_quotes(
    study: StudyView, ledger: LedgerView, state: State, changes: CodebookHistory, *, shows_others: bool
) -> list[Json]:
    """What waits to be sorted: for each set of new codes its quotes, the coder's own first.

    A quote that only others coded leaves the list as soon as the coder decides on it; it waits for those others too.
    """
    quotes: dict[tuple[str, ...], dict[str, Json]] = {}
    for line in sorted(state.unsorted, key=lambda each: (each.coder != ledger.coder, each.seq)):
        is_own = line.coder == ledger.coder
        codes = codes_now(line, changes, study.form.codebook.ids)
        if len(codes) < 2 or line.excerpt_id not in study.shelf.position or not (is_own or shows_others):
            continue
        if not is_own and set(codes) & set(ledger.own_on(line.excerpt_id).decisions):
            continue
        of_codes = quotes.setdefault(codes, {})
        quote = of_codes.setdefault(line.excerpt_id, _quote(line, study, ledger))
        quote["by"] = sorted({*quote["by"], line.coder})
        quote["spans"] += _marked_for(line, codes, state)
    return [{"codes": list(codes), "quotes": list(of_codes.values())} for codes, of_codes in quotes.items()]


def _marked_for(line: Decision, codes: Sequence[str], state: State) -> list[Json]:
    """The words that the coder of a line marked for the code that it names, each once."""
    spans = (each for each in state.open_spans if (each.excerpt_id, each.coder) == (line.excerpt_id, line.coder))
    stretches = dict.fromkeys((span.start, span.end) for span in spans if span.criterion in codes)
    return [{"code": line.criterion, "start": start, "end": end} for start, end in stretches]


def codes_now(line: Decision, changes: CodebookHistory, codes: Sequence[str]) -> tuple[str, ...]:
    """The codes that took the place of the one that a line names, in the order of the codebook."""
    now = changes.now(line.criterion, changes.position(line))
    return tuple(code for code in codes if code in now)


def _quote(line: Decision, study: StudyView, ledger: LedgerView) -> Json:
    shelf, at = study.shelf, study.shelf.position[line.excerpt_id]
    own = ledger.own_on(line.excerpt_id)
    return {
        **shelf.quote(at),
        "sha": shelf.cell("text_sha256", at),
        "base": ledger.seen,
        "own": {**own.as_json(), "codes": own.words_on_codes},  # all of it goes back: blank would take it back
        "value": line.value,
        "by": [line.coder],
        "spans": [],
    }

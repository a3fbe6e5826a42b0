"""One coder's desk at the codebook: what its screen shows, and the changes that it asks for."""

from __future__ import annotations

from typing import Any

from pipeline.review.codebook_changes import history, unlike_ledger
from pipeline.review.web.cards import family_names
from pipeline.review.web.codebook.history import former_names, history_rows
from pipeline.review.web.codebook.orders import ChangeOrder
from pipeline.review.web.codebook.patterns import pattern_rows, patterns_added, preview_of
from pipeline.review.web.codebook.proposals import proposals
from pipeline.review.web.codebook.sorting import unsorted_quotes
from pipeline.review.web.codebook.tree import Places, code_rows, counts_of, quote_of, uses_of_codes
from pipeline.review.web.coder_queue import QueueEntry, entry_card
from pipeline.review.web.desk import Desk
from pipeline.review.web.rounds import Item, is_visible
from pipeline.vocabulary import Lane

MOST_QUOTES = 200  # of a code that are shown at once

Json = dict[str, Any]


class CodebookDesk:
    """The codebook as one coder sees it. In a blind round it has no counts, which would tell what others decided."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> Json:
        """The codes with their counts, what waits to be sorted, and the history."""
        self.desk.catch_up()
        study, ledger = self.desk.study, self.desk.ledger
        memos = {code: memo for code in study.form.codebook.ids if (memo := ledger.memo_on(code=code))}
        rows = code_rows(study, memos)
        shows_counts = is_visible(Item.COUNTS, ledger.round)
        state = ledger.whole_state()
        if shows_counts:
            uses = uses_of_codes(study, state)
            rows = [{**row, **counts_of(uses[row["id"]], study.shelf)} for row in rows]
        shows_others = is_visible(Item.OTHERS, ledger.round)
        changes = history(ledger.ledger.decisions, study.form.codebook.families)
        return {
            "version": study.form.codebook.version,
            "codes": rows,
            "main_family": study.form.codebook.main_family,
            "family_names": family_names(study.form.codebook),
            "is_hidden": not shows_counts,
            "is_newer": study.codebook_is_newer,
            "unsorted": unsorted_quotes(study, ledger, state, changes, shows_others=shows_others),
            "history": history_rows(ledger.ledger.decisions, state.moved if shows_counts else {}),
            "former_names": former_names(ledger.ledger.decisions),
            "unlike_ledger": unlike_ledger(changes, study.form.codebook.ids),
        }

    def quotes(self, code: str) -> Json:
        """The excerpts with a code, those to which people gave it first; in a blind round the coder's own."""
        self.desk.catch_up()
        study, ledger = self.desk.study, self.desk.ledger
        if is_visible(Item.COUNTS, ledger.round):
            uses = uses_of_codes(study, ledger.whole_state())[code]
            confirmed, suggested = sorted(uses.confirmed), sorted(uses.suggested)
        else:
            own = ledger.own_by_target().get(code, frozenset())
            confirmed, suggested = (
                sorted(study.shelf.position[name] for name in own if name in study.shelf.position),
                [],
            )
        shown = [*confirmed, *suggested][:MOST_QUOTES]
        return {
            "count": len(confirmed) + len(suggested),
            "hits": [quote_of(study.shelf, at, is_confirmed=n < len(confirmed)) for n, at in enumerate(shown)],
            "items": [entry_card(QueueEntry(study.shelf.ids[at], Lane.FOUND), study, ledger) for at in shown],
        }

    def change(self, order: ChangeOrder) -> Json:
        """Make a change; ConfigError if it cannot be made, with the reason. The screen as it is afterwards."""
        line = self.desk.study.editor.change(order, self.desk.ledger.coder)
        self.desk.catch_up()
        return {"line": line.seq, **self.show()}

    def preview(self, *, code: str, language: str, match: str) -> Json:
        """Everything that a pattern would catch, and how often it is right so far. ConfigError if it cannot be read."""
        self.desk.catch_up()
        catches = self.desk.study.editor.preview(language, match)
        ayes, noes = self._decided().get(code, (set(), set()))
        return preview_of(catches, self.desk.study.shelf, ayes=ayes, noes=noes)

    def patterns(self) -> Json:
        """The patterns of the codebook, with what each caught in the last run."""
        self.desk.catch_up()
        study = self.desk.study
        added = patterns_added(self.desk.ledger.ledger.decisions[study.lines_of_run :])
        live = {
            pattern.id: {at for at, _, _ in study.editor.preview(pattern.language, pattern.match)}
            for pattern in study.form.codebook.patterns
            if pattern.id in added
        }
        return {"patterns": pattern_rows(study, self._decided(), live)}

    def proposals(self) -> Json:
        """Patterns proposed from the words of excerpts to which people gave a code; in a blind round the coder's own."""
        self.desk.catch_up()
        ledger = self.desk.ledger
        shows_others = is_visible(Item.COUNTS, ledger.round)
        spans = [span for span in ledger.whole_state().spans if shows_others or span.coder == ledger.coder]
        return {"proposals": proposals(self.desk.study, self._decided(), spans)}

    def _decided(self) -> dict[str, tuple[Places, Places]]:
        """By code the excerpts to which people gave it and did not give it; in a blind round the coder's own decisions."""
        study, ledger = self.desk.study, self.desk.ledger
        decided: dict[str, tuple[Places, Places]] = {code: (set(), set()) for code in study.form.codebook.ids}
        state = ledger.whole_state()
        own = [(d.target, d.excerpt_id, d.yes) for d in state.coder_decisions if d.coder == ledger.coder]
        all_codings = [(each.target, each.excerpt_id, each.yes) for each in state.codings]
        for code, excerpt, yes in all_codings if is_visible(Item.COUNTS, ledger.round) else own:
            if code in decided and excerpt in study.shelf.position and yes is not None:
                decided[code][not yes].add(study.shelf.position[excerpt])
        return decided

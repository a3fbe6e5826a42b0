"""What the page shows of an excerpt: its words in their context, the suggestion, and the coder's own answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.review.row_answers import Suggestion
from pipeline.review.web.corrections.correctable import Correctable
from pipeline.review.web.ledger_view import LedgerView, as_marks
from pipeline.review.web.rounds import Item, is_visible
from pipeline.review.web.shelf import Shelf
from pipeline.review.web.study_view import StudyView
from pipeline.vocabulary import CodingStatus, ElementKind, LinkStatus

Json = dict[str, Any]


def card(study: StudyView, ledger: LedgerView, excerpt_id: str, *, is_second_look: bool) -> Json:
    """An excerpt as JSON. KeyError: no such excerpt."""
    shelf, index = study.shelf, study.shelf.position[excerpt_id]
    row = shelf.row(index)
    before, after = shelf.neighbours(index)
    shows_suggestion = is_visible(Item.SUGGESTION, ledger.round, is_second_look=is_second_look)
    is_others = excerpt_id in ledger.decided_by_others
    shows_marks = shows_suggestion and is_visible(Item.SUGGESTION, ledger.round, is_decided_by_others=is_others)
    shows_own = is_visible(Item.OWN, ledger.round, is_second_look=is_second_look)
    marks = shelf.marks(index) if shows_marks else []
    person = shelf.persons[index]
    return {
        "id": excerpt_id,
        "sha": row["text_sha256"],
        "base": ledger.seen,
        "question": row["question"],
        "before": [_neighbour(shelf, i) for i in before],
        "text": row["text"],
        "after": [_neighbour(shelf, i) for i in after],
        "marks": [{"start": m.start, "end": m.end, "pattern": m.pattern} for m in marks],
        "place": wording.place_by_language(row["place"]),
        "source": row["source_id"],
        **shelf.place_in_source(index),
        "kind": shelf.kinds.get(row["source_id"], ""),
        "turn": row["turn"],
        "language": row["language"],
        "person": person,
        "person_memo": ledger.memo_on(person=person) if person else "",
        "group": shelf.groups[index],
        "closed": shelf.closed_answers(row["source_id"]),
        "own": _own(ledger, excerpt_id if shows_own else ""),
        "suggestion": suggestion(study, ledger, index) if shows_suggestion else None,
        "alike": shelf.alike(index) if not is_second_look else [],
        "old": study.old_words.get(excerpt_id, "") if shows_own else "",
        "is_recut": excerpt_id in ledger.unconfirmed,
        "can_join": shelf.is_followed_in_turn(index),
        "corrections": shown_corrections(study, Correctable(excerpt_id, row["source_id"], row["turn"], row["text"])),
    }


def _own(ledger: LedgerView, excerpt_id: str) -> Json:
    """The coder's own answers on an excerpt; of one that was cut or joined since, they are shown as a suggestion to accept."""
    waits = excerpt_id in ledger.unconfirmed
    own = ledger.own_on("" if waits else excerpt_id).as_json()
    return own | {"spans": as_marks(ledger.marked(excerpt_id))}


def turn_card(study: StudyView, source_id: str, row: Json) -> Json:
    """A turn of a transcript as JSON: what a correction of it needs, and the corrections that it shows."""
    passage = Correctable(row["id"], source_id, row["turn"], row["text"])
    return {
        **row,
        "text": "" if passage.is_withheld else passage.text,
        "sha": passage.text_sha256,
        "is_withheld": passage.is_withheld,
        "corrections": shown_corrections(study, passage),
    }


def shown_corrections(study: StudyView, passage: Correctable) -> list[Json]:
    """The corrections of the transcript that an excerpt or a turn shows."""
    return [asdict(each) for each in study.corrector.shown(passage.id, passage.turn, passage.text)]


def _neighbour(shelf: Shelf, index: int) -> Json:
    """An excerpt before or after the one to be decided: its words, who speaks, and the question that was asked."""
    row = shelf.row(index)
    return {"text": row["text"], "role": row["role"], "person": shelf.persons[index], "question": row["question"]}


def suggestion(study: StudyView, ledger: LedgerView, index: int) -> Json | None:
    """What the coder may accept, and why: their own answers on words that changed, else what the machine suggests.

    None where other people have decided on the excerpt: what the tables have of it is their opinion.
    """
    excerpt_id = study.shelf.ids[index]
    if excerpt_id in ledger.stale:
        return _shown(ledger.stale[excerpt_id], {}, {}, is_own=True) | {"paths": []}
    if excerpt_id in ledger.decided_by_others:
        return None
    codings = _codings_of_machine(study, index)
    links = [row for row in study.shelf.links.of(index) if row["status"] == LinkStatus.SUGGESTED]
    suggested = Suggestion(
        codes={row["criterion"]: row["stance"] for row in codings if row["coded"]},
        links={row["finding_id"]: row["direction"] for row in links},
        doubtful=tuple(row["criterion"] for row in codings if not row["coded"]),
    )
    probabilities = {row["criterion"]: round(float(row["probability"]), 2) for row in codings}
    shown = _shown(suggested, probabilities, study.because(study.shelf.votes.of(index)), is_own=False)
    return shown | {"paths": [asdict(path) for path in study.paths(index)]}


def _codings_of_machine(study: StudyView, index: int) -> list[Json]:
    """What the machine codes or doubts in an excerpt, in the order of the tables, which is that of a workbook."""
    codings = [row for row in study.shelf.codings.of(index) if row["criterion"] in study.form.codebook.ids]
    return [row for row in codings if row["status"] == CodingStatus.MACHINE]


def _shown(suggested: Suggestion, probabilities: Json, because: Any, *, is_own: bool) -> Json:
    """A suggestion as the page shows it, the likeliest code first."""
    codes = sorted(suggested.codes.items(), key=lambda pair: -probabilities.get(pair[0], 1.0))
    return {
        "cell": suggested.as_cell(),  # comes back as it is where the coder accepts
        "is_own": is_own,
        "codes": [
            {
                "code": code,
                "stance": stance,
                "probability": probabilities.get(code),
                "because": dict(because.get(code, {})),
            }
            for code, stance in codes
        ],
        "doubtful": list(suggested.doubtful),
        "links": [{"finding": finding, "direction": word} for finding, word in suggested.links.items()],
        "open": [
            {"kind": "link" if target in suggested.links else "code", "id": target, "answers": list(words)}
            for target, words in suggested.disagreeing.items()
        ],
    }


def family_names(codebook: Codebook) -> dict[str, dict[str, str]]:
    """The families in the order of the codebook, each as people read it."""
    families = dict.fromkeys((*codebook.families, codebook.main_family))
    return {name: _in_languages("family", name) for name in families}


def _in_languages(section: str, word: str) -> dict[str, str]:
    return {each: wording.closed_word(section, word, each) for each in wording.LANGUAGES}


def study_card(study: StudyView, ledger: LedgerView) -> Json:
    """What the page needs once: title, coder, codes and findings with the coder's memos on them, elements of the theory."""
    codebook, language = study.form.codebook, study.language
    return {
        "title": study.title,
        "coder": ledger.coder,
        "language": language,
        "run": f"{study.run} {ledger.last_bounds}",
        "codebook": codebook.version,
        "is_newer": study.codebook_is_newer,
        "families": family_names(codebook),
        "codes": [
            {
                "id": code.id,
                "family": code.family,
                "parent": code.parent,
                "is_criterion": code.id in study.form.criteria,
                "memo": ledger.memo_on(code=code.id),
                **{name: dict(getattr(code, name)) for name in ("name", "definition", "include", "exclude")},
            }
            for code in codebook.criteria
        ],
        "findings": [
            {"id": f.id, "statement": f.statement, "criterion": f.criterion, "memo": ledger.memo_on(finding=f.id)}
            for f in study.form.findings
        ],
        "elements": [
            {
                "id": element.id,
                "name": {each: element.name_in(each) for each in wording.LANGUAGES},
                "kind": _in_languages("element_kind", element.kind),
                "codes": list(element.codes),
                "leads_to": list(element.leads_to),
            }
            for element in study.theory.elements
        ],
        "element_kinds": [{"kind": str(kind), **_in_languages("element_kind", kind)} for kind in ElementKind],
        "theory": study.theory.version,
    }

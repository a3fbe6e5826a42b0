"""What people decided and what the machine codes, as a search asks for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.codebook import stance_of_all
from pipeline.review.settle import CoderDecision, ConsensusCoding
from pipeline.review.web.ledger_view import LedgerView
from pipeline.review.web.rounds import Item, is_visible
from pipeline.review.web.study_view import StudyView
from pipeline.vocabulary import CONFIRMED

Excerpts = Mapping[str, str]  # excerpt id -> stance or direction


@dataclass(frozen=True, slots=True)
class Opinions:
    """To which excerpts somebody says yes and no: code or finding -> excerpts."""

    ayes: Mapping[str, Excerpts] = field(default_factory=dict)
    noes: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def excerpts(self) -> frozenset[str]:
        """The excerpts with a yes or a no."""
        return frozenset().union(*self.ayes.values(), *self.noes.values())


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided since the study began, all together and each coder alone, and what the machine codes."""

    together: Opinions = Opinions()
    confirmed: Opinions = Opinions()  # of these, what counts: coders who are divided confirm nothing
    by_coder: Mapping[str, Opinions] = field(default_factory=dict)  # coder, folded
    by_status: Mapping[str, frozenset[str]] = field(default_factory=dict)  # status of a coding -> excerpt ids
    strengths: Mapping[str, str] = field(default_factory=dict)  # finding -> its strength, as of the last run
    machine: Callable[[], Opinions] = Opinions  # all that the classifier codes, whatever people decided
    hides_tables: bool = False  # the tables would reveal the opinion of others


def opinions_of(
    answers: Iterable[ConsensusCoding | CoderDecision],
    lineage: Mapping[str, str],
    *,
    open_answers: Iterable[ConsensusCoding] = (),
) -> Opinions:
    """Yes and no by code and finding. A yes to a code is one to its parent, unless somebody decided on that, also if divided."""
    ayes: dict[str, dict[str, str]] = {}
    noes: dict[str, set[str]] = {}
    divided: dict[str, set[str]] = {}
    for coding in open_answers:
        divided.setdefault(coding.target, set()).add(coding.excerpt_id)
    for each in answers:
        if each.yes:
            ayes.setdefault(each.target, {})[each.excerpt_id] = each.value
        elif each.yes is False:
            noes.setdefault(each.target, set()).add(each.excerpt_id)
    for parent in dict.fromkeys(lineage.values()):  # the deepest first
        below = [ayes.get(code, {}) for code, above in lineage.items() if above == parent]
        decided = {*ayes.get(parent, {}), *noes.get(parent, ()), *divided.get(parent, ())}
        ayes[parent] = {**_joined(below, without=decided), **ayes.get(parent, {})}
    return Opinions(ayes, {target: frozenset(excerpts) for target, excerpts in noes.items()})


def _joined(of_codes: Sequence[Excerpts], *, without: Collection[str]) -> dict[str, str]:
    """The excerpts of several codes, each with the stance that these have in common."""
    stances: dict[str, list[str]] = {}
    for excerpts in of_codes:
        for excerpt, stance in excerpts.items():
            if excerpt not in without:
                stances.setdefault(excerpt, []).append(stance)
    return {excerpt: stance_of_all(each) for excerpt, each in stances.items()}


def decided_in(study: StudyView, ledger: LedgerView) -> Decided:
    """The decisions that a coder may search: in a blind round only their own."""
    lineage = study.form.codebook.lineage
    state = ledger.whole_state()
    by_coder: dict[str, list[CoderDecision]] = {ledger.coder: []}
    for decision in state.coder_decisions:
        by_coder.setdefault(decision.coder, []).append(decision)
    if not is_visible(Item.OTHERS, ledger.round):
        own = opinions_of(by_coder[ledger.coder], lineage)
        return Decided(together=own, confirmed=own, by_coder={ledger.coder.casefold(): own}, hides_tables=True)
    by_status: dict[str, set[str]] = {}
    for coding in state.codings:
        by_status.setdefault(str(coding.status), set()).add(coding.excerpt_id)
    confirmed = [coding for coding in state.codings if coding.status in CONFIRMED]
    divided = [coding for coding in state.codings if coding.status not in CONFIRMED]
    return Decided(
        together=opinions_of((*state.codings, *state.links), lineage),
        confirmed=opinions_of(confirmed, lineage, open_answers=divided),
        by_coder={name.casefold(): opinions_of(decisions, lineage) for name, decisions in by_coder.items()},
        by_status={name: frozenset(ids) for name, ids in by_status.items()},
        strengths=study.strengths,
        machine=lambda: Opinions(study.search.machine()),
    )

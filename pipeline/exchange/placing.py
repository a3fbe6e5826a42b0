"""Codings of a project under the excerpts, codes and coders of the study; what has no place is listed."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.codebook import Codebook
from pipeline.errors import Problem
from pipeline.exchange import conventions
from pipeline.exchange.codes import ID, stated
from pipeline.exchange.project import Coding, Link, Note, Project, Selection, codes_in, guid_of
from pipeline.exchange.sources import Matched, SourceIndex
from pipeline.review.coders import CoderNames
from pipeline.review.form import NO, YES, Form, criterion_key, folded
from pipeline.review.spans.marking import Mark
from pipeline.spans import Stretch
from pipeline.vocabulary import Direction
from pipeline.wording.messages import listed, message

NO_NOTE = Note(guid="", name="", text="")
HALF = 0.5  # of an excerpt that a selection must cover if it goes on into the next
SEPARATORS = ("::", ">>", "/")  # between the names of a code and what is above it, where programs write them in one
ADD_CODES = "exchange/add_it_make_import_file_codebook"


@dataclass(frozen=True, slots=True)
class Span:
    """An excerpt of a source; `is_codable` if a respondent speaks."""

    excerpt_id: str
    start: int
    end: int
    is_codable: bool


@dataclass(slots=True)
class Answers:
    """What one coder says of one excerpt: a word per code and finding, memos, rulings, and when."""

    codes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    findings: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    rulings: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)  # by code or finding; of a ruling after conventions.RULING
    memos: list[str] = field(default_factory=list)
    times: dict[str, str] = field(default_factory=dict)  # the same; of the memo under ""
    words: list[Mark] = field(default_factory=list)  # that codings are on, where these are a part of the excerpt
    denies_the_rest: bool = False
    gone_through: tuple[str, ...] = ()  # the codes of which the rest is denied; none: all of the codebook

    def explain(self, target: str, reason: str, at: str) -> None:
        """Keep why and when something was decided; of several times the latest."""
        if reason:
            self.reasons[target] = reason
        self.times[target] = max(self.times.get(target, ""), at)

    def cells(self, excerpt: str, digest: str, form: Form) -> dict[str, str]:
        """The answers as a row of the form, by machine key."""
        cells = {"excerpt_id": excerpt, "text_sha256": digest}
        words = {code: next(iter(every)) for code, every in sorted(self.codes.items())}
        cells |= {criterion_key(code): word for code, word in words.items() if code in form.criteria}
        further = [(code, word) for code, word in words.items() if code not in form.criteria]
        for number, (code, word) in enumerate(further, 1):
            cells[f"other{number}"] = code
            cells[f"other{number}_stance"] = "" if word == YES else word
        for number, (finding, every) in enumerate(sorted(self.findings.items()), 1):
            cells[f"finding{number}"], cells[f"direction{number}"] = finding, next(iter(every))
        if self.denies_the_rest:
            cells["rest"] = NO
        if self.memos:
            cells["memo"] = "\n".join(dict.fromkeys(self.memos))
        return cells

    def ruling_cells(self, excerpt: str, digest: str) -> Iterator[dict[str, str]]:
        """A row per ruling."""
        for target, word in sorted(self.rulings.items()):
            why = self.reasons.get(f"{conventions.RULING}{target}", "")
            yield {"excerpt_id": excerpt, "text_sha256": digest, "target": target, "ruling": word, "why": why}


@dataclass(slots=True)
class PlacedProject:
    """The answers of each coder by excerpt, how much came from where, and what was left out."""

    answers: dict[str, dict[str, Answers]] = field(default_factory=dict)  # coder -> excerpt -> answers
    sources: dict[str, str] = field(default_factory=dict)  # the study's source of each text, by GUID
    counts: Counter[str] = field(default_factory=Counter)
    mended: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)

    def of(self, coder: str, excerpt: str) -> Answers:
        """The answers of a coder on an excerpt, new if there are none."""
        return self.answers.setdefault(coder, {}).setdefault(excerpt, Answers())


@dataclass(frozen=True, slots=True)
class CodeNames:
    """What the codes of a project are in the study, by GUID; `unknown` are the names of those that it does not have."""

    ids: Mapping[str, str]
    unknown: Mapping[str, str]

    @classmethod
    def of(cls, project: Project, codebook: Codebook, study_id: str) -> CodeNames:
        """By GUID, by the id in a description, then by name; a sub-code is part of its code."""
        guids = {guid_of(study_id, "code", code): code for code in codebook.ids}
        for criterion in codebook.criteria:
            guids |= {guid_of(study_id, "code", name): criterion.id for name in criterion.sub_codes}
        names = _names(codebook)
        ids: dict[str, str] = {}
        unknown: dict[str, str] = {}
        for code in codes_in(project.codes):
            written = stated(code.description, ID)
            ours = guids.get(code.guid) or (written if written in codebook.ids else _by_name(code.name, names))
            (ids if ours else unknown)[code.guid] = ours or code.name
        return cls(ids, unknown)


def _names(codebook: Codebook) -> dict[str, str]:
    """Everything that a code is called by, folded; a name of two codes is left out."""
    names: dict[str, set[str]] = defaultdict(set)
    for criterion in codebook.criteria:
        for text in (criterion.id, *(name for _, name in criterion.name)):
            names[folded(text)].add(criterion.id)
        for sub_code in criterion.sub_codes:
            names[folded(sub_code)].add(criterion.id)
    return {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}


def _by_name(name: str, names: Mapping[str, str]) -> str:
    parts = [name, *(name.rpartition(sign)[2] for sign in SEPARATORS if sign in name)]
    return next((names[folded(part)] for part in parts if folded(part) in names), "")


class Placing:
    """Places what users say in a project. `excerpts` are those of each source, in order."""

    def __init__(
        self,
        project: Project,
        *,
        study_id: str,
        codebook: Codebook,
        finding_ids: Sequence[str],
        excerpts: Mapping[str, Sequence[Span]],
        coder: str = "",
    ) -> None:
        self._project = project
        self._codes = CodeNames.of(project, codebook, study_id)
        self._excerpts = excerpts
        self._starts = {source: [each.start for each in spans] for source, spans in excerpts.items()}
        self._coder = coder
        self._finding_ids = frozenset(finding_ids)
        self._notes = {note.guid: note for note in project.notes}
        self._users = coders_of(project, study_id)
        self._is_ours = project.origin.startswith(conventions.ORIGIN)
        self._links: dict[str, list[Link]] = defaultdict(list)
        for link in project.links:
            self._links[link.origin].append(link)
            self._links[link.target].append(link)
        self._unknown: Counter[str] = Counter()
        self._nobody: Counter[str] = Counter()
        self.result = PlacedProject()

    def place(self, index: SourceIndex) -> PlacedProject:
        """All that can be placed, and lists of what cannot."""
        for source in self._project.sources:
            matched = index.match(source) if source.text else None
            self._count_source(source.codings, source.name)
            if matched:
                self.result.counts["sources"] += 1
                self.result.sources[source.guid] = matched.source_id
                self._place_source(matched)
            elif source.selections:
                codings = sum(len(each.codings) for each in source.selections)
                what = message("exchange/is_not_a_source", n=codings)
                remedy = message("exchange/put_its_file_into_raw")
                self.result.left_out.append(Problem(f"source {source.name}", what, remedy))
        self._list_unknown()
        if not self._is_ours:
            self.result.left_out += _unread(self._project)
        self._set_aside_contradictions()
        return self.result

    def _count_source(self, codings: Sequence[Coding], name: str) -> None:
        if codings:
            what = message("exchange/is_coded_as_a_whole_codings", n=len(codings))
            self.result.left_out.append(
                Problem(f"source {name}", what, message("exchange/code_the_passages_that_say_it"))
            )

    def _place_source(self, matched: Matched) -> None:
        outside: Counter[str] = Counter()
        for selection in matched.source.selections:
            stretch = matched.alignment.stretch(selection.start, selection.end)
            spans, why = self._met(matched.source_id, stretch.start, stretch.end) if stretch else ([], "other_words")
            if not spans:
                outside[why] += len(selection.codings) or 1
            for span, is_part in spans:
                self.result.counts["on part of an excerpt"] += is_part * len(selection.codings)
                self._place_selection(selection, span)
                if stretch and is_part:
                    words = Stretch(max(0, stretch.start - span.start), min(stretch.end, span.end) - span.start)
                    self._place_words(selection, span, words)
        for why, count in sorted(outside.items()):
            what = message(f"exchange/{why}", count=count)
            self.result.left_out.append(
                Problem(f"source {matched.source.name}", what, message(f"exchange/{why}_remedy"))
            )

    def _met(self, source_id: str, start: int, end: int) -> tuple[list[tuple[Span, bool]], str]:
        """The excerpts that a stretch codes, each with whether only a part of it is meant; or why there is none."""
        spans = self._excerpts.get(source_id, ())
        starts = self._starts.get(source_id, [])
        low = max(0, bisect_right(starts, start) - 1)
        met = [span for span in spans[low : bisect_right(starts, end)] if span.start < end and start < span.end]
        if not met:
            return [], "between_excerpts"
        codable = [span for span in met if span.is_codable]
        if not codable:
            return [], "words_of_who_asks"
        chosen = []
        for span in codable:
            covered = min(end, span.end) - max(start, span.start)
            if len(met) == 1 or covered >= HALF * (span.end - span.start):
                chosen.append((span, covered < span.end - span.start))
        return chosen, "less_than_half"

    def _place_selection(self, selection: Selection, span: Span) -> None:
        for coding in selection.codings:
            self._place_coding(coding, self._who(coding.user or selection.user), span)
        notes = [note for guid in selection.notes if (note := self._notes.get(guid))]
        links = self._links.get(selection.guid, [])
        memo = "" if self._is_ours else selection.description  # ours says in words what the notes say
        if not (notes or links or memo):
            return
        who = self._who(selection.user or _user_of(selection.codings))
        if who == conventions.MACHINE_ID:
            return
        if not who:
            self._nobody["memos_and_links"] += 1
            return
        self._place_notes(notes, links, memo, selection.guid, self.result.of(who, span.excerpt_id))

    def _place_words(self, selection: Selection, span: Span, words: Stretch) -> None:
        """Keep which words of an excerpt a coding is on; a ruling is on all of it."""
        for coding in selection.codings:
            code, who = self._codes.ids.get(coding.code, ""), self._who(coding.user or selection.user)
            is_ruling = any(note.name == conventions.RULED for each in coding.notes if (note := self._notes.get(each)))
            if code and who and who != conventions.MACHINE_ID and not is_ruling:
                self.result.of(who, span.excerpt_id).words.append(Mark(code, *words))

    def _place_notes(
        self, notes: Sequence[Note], links: Sequence[Link], memo: str, selection: str, answers: Answers
    ) -> None:
        for note in notes:
            self._place_note(note, answers)
        if memo:
            answers.memos.append(memo)
        for link in links:
            self._place_link(link, selection, answers)

    def _who(self, user: str) -> str:
        """The coder that a user is; the machine's id for ours; "" where nobody is named."""
        return self._users.get(user, self._coder)

    def _place_coding(self, coding: Coding, who: str, span: Span) -> None:
        code = self._codes.ids.get(coding.code, "")
        if who == conventions.MACHINE_ID:
            self.result.counts["of the machine"] += 1
        elif not code:
            self._unknown[self._codes.unknown.get(coding.code, "")] += 1
        elif not who:
            self._nobody["codings"] += 1
        else:
            self.result.counts["codings"] += 1
            self._answer(coding, code, self.result.of(who, span.excerpt_id))

    def _answer(self, coding: Coding, code: str, answers: Answers) -> None:
        """Put a coding, with the stance and the reason in its notes, under an excerpt; or a ruling, if its notes say so."""
        notes = {note.name: note for guid in coding.notes if (note := self._notes.get(guid))}
        stance = next((stance for name, stance in conventions.STANCES.items() if name in notes), "")
        reason = notes.get(conventions.MEMO, NO_NOTE).text
        if conventions.RULED in notes:
            answers.rulings[code] = stance or YES
            answers.explain(f"{conventions.RULING}{code}", reason, coding.at)
        else:
            answers.codes[code].add(stance or YES)
            answers.explain(code, reason, coding.at)

    def _place_note(self, note: Note, answers: Answers) -> None:
        if note.name.startswith(conventions.REST):
            answers.denies_the_rest = True
            codes = note.name.removeprefix(conventions.REST).removeprefix(" of ")
            answers.gone_through = tuple(filter(None, codes.split(";")))
        elif note.name.startswith(f"{conventions.RULING}{conventions.NO}"):
            code = note.name.removeprefix(f"{conventions.RULING}{conventions.NO}")
            answers.rulings[code] = NO
            answers.explain(f"{conventions.RULING}{code}", _reason_of(note), note.at)
        elif note.name.startswith(conventions.NO):
            code = note.name.removeprefix(conventions.NO)
            answers.codes[code].add(NO)
            answers.explain(code, _reason_of(note), note.at)
        elif note.text:
            answers.memos.append(note.text)
            answers.explain("", "", note.at)

    def _place_link(self, link: Link, selection: str, answers: Answers) -> None:
        """A link to a finding, or to a memo, as some programs write them."""
        note = self._notes.get(link.target if link.origin == selection else link.origin)
        if note is None:
            self.result.counts["links to something else"] += 1
            return
        finding = note.name.removeprefix(conventions.FINDING)
        if finding == note.name:
            if note.text:
                answers.memos.append(note.text)
            return
        word = link.name.removeprefix(conventions.RULING)
        if finding not in self._finding_ids or word not in (*Direction, NO):
            what = message("exchange/is_linked_as_the_study", link=link.name or message("exchange/nothing"))
            self.result.left_out.append(
                Problem(f"finding {finding}", what, message("exchange/add_the_finding_then_import_again"))
            )
            return
        reason = next((self._notes[guid] for guid in link.notes if guid in self._notes), NO_NOTE)
        if word != link.name:
            answers.rulings[finding] = word
            answers.explain(f"{conventions.RULING}{finding}", reason.text, reason.at)
        else:
            answers.findings[finding].add(word)
            answers.explain(finding, reason.text, reason.at)

    # ---- lists

    def _list_unknown(self) -> None:
        for name, count in sorted(self._unknown.items()):
            what = message("exchange/is_not_a_code", count=count)
            self.result.left_out.append(
                Problem(
                    message("exchange/code_named", code=name or message("exchange/not_in_the_file")),
                    what,
                    message(ADD_CODES),
                )
            )
        for thing, count in sorted(self._nobody.items()):
            what = message(f"exchange/does_not_say_who_made_{thing}", count=count)
            self.result.left_out.append(
                Problem(message("common/the_project"), what, message("exchange/say_who_coder_name"))
            )
        part = self.result.counts.pop("on part of an excerpt", 0)
        if part and not self._is_ours:  # ours are on part of an excerpt where words were marked
            what = message("exchange/codings_cover_only_part", n=part)
            self.result.mended.append(
                Problem(message("common/the_project"), what, message("exchange/look_at_them_on_the_review"))
            )

    def _set_aside_contradictions(self) -> None:
        """List codes and findings that one coder answers in different words on one excerpt, and take neither."""
        for coder, by_excerpt in sorted(self.result.answers.items()):
            for excerpt, answers in sorted(by_excerpt.items()):
                for words_of in (answers.codes, answers.findings):
                    for target in [target for target, words in words_of.items() if len(words) > 1]:
                        shown = listed(sorted(words_of.pop(target)))
                        what = message(
                            "exchange/answers_twice_neither_is_read", coder=coder, target=target, shown=shown
                        )
                        self.result.left_out.append(Problem(excerpt, what, message("common/keep_one_answer")))


def _user_of(codings: Sequence[Coding]) -> str:
    """The user of the first coding, who also wrote the notes beside it."""
    return codings[0].user if codings else ""


def _reason_of(note: Note) -> str:
    """The reason in a note that says no; "" where it says no more than its name."""
    return note.text if note.text != note.name else ""


def _unread(project: Project) -> Iterator[Problem]:
    """What a project holds beside codings, and a study has its own place for, or none."""
    if project.cases or project.variables:
        what = message(
            "exchange/has_cases_and_variables_the_study", cases=len(project.cases), variables=len(project.variables)
        )
        yield Problem(message("common/the_project"), what, message("exchange/write_what_is_missing_into_raw"))
    referred = {link.origin for link in project.links} | {link.target for link in project.links}
    for source in project.sources:
        for selection in source.selections:
            referred.update(selection.notes)
            referred.update(note for coding in selection.codings for note in coding.notes)
    loose = sum(note.guid not in referred for note in project.notes)
    if loose:
        yield Problem(
            message("common/the_project"),
            message("exchange/has_notes_that_belong", loose=loose),
            message("exchange/is_kept"),
        )


def coders_of(project: Project, study_id: str) -> dict[str, str]:
    """The coder that each user is, by GUID; the machine under its id."""
    names = CoderNames()
    machine = guid_of(study_id, "user", conventions.MACHINE_ID)
    coders = {}
    for user in project.users:
        is_machine = user.guid == machine or user.name == conventions.MACHINE_NAME
        if is_machine:
            coders[user.guid] = conventions.MACHINE_ID
        elif user.name.strip():
            coders[user.guid] = names.read(user.name)
    return coders

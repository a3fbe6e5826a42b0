"""A study as a REFI-QDA project: its sources, codes, people, codings of coders and of the machine, memos and findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.exchange import conventions
from pipeline.exchange.codes import codes_of
from pipeline.exchange.project import (
    Case,
    Coding,
    Link,
    Note,
    Original,
    Project,
    Selection,
    TextSource,
    User,
    Value,
    Variable,
    guid_of,
)
from pipeline.findings import Finding
from pipeline.privacy import consent
from pipeline.records import Decision
from pipeline.review.settle import CoderDecision, State, ruled_answer
from pipeline.spans import Stretch
from pipeline.vocabulary import CodingStatus, DecisionKind, Kind, LinkStatus, ReadStatus, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyContent:
    """What a project is made of. `excerpts` have the person's code in `participant`; `hidden` are turns that are not shown.

    `attributes` are those of the register by participant code; `originals` the files that may go out, by source.
    """

    study_id: str
    title: str
    version: str
    language: str
    codebook: Codebook
    findings: Sequence[Finding]
    frames: Mapping[str, pd.DataFrame]
    excerpts: pd.DataFrame
    hidden: frozenset[consent.TurnId]
    attributes: Mapping[str, Mapping[str, str]]
    originals: Mapping[str, Original]
    state: State
    decisions: Sequence[Decision]


@dataclass(slots=True)
class _Marks:
    """What one user says of one excerpt: codings, links as (finding, word), and notes that the selection refers to."""

    codings: list[Coding] = field(default_factory=list)
    links: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # the same for people to read
    spans: list[tuple[Stretch, Coding]] = field(
        default_factory=list
    )  # codings of marked words, and where these are in the source


@dataclass(frozen=True, slots=True)
class Mark:
    """What a user says of a finding: a direction, or that the excerpt does not bear on it."""

    finding: str
    name: str
    notes: tuple[str, ...] = ()


def shown_text(text: str, source_id: str, turns: Iterable[Mapping[str, Any]], hidden: frozenset[consent.TurnId]) -> str:
    """The text of a source with blanks in the place of words that are not shown; offsets stay."""
    spans = [(turn["start"], turn["end"]) for turn in turns if (source_id, turn["turn"]) in hidden]
    return consent.blanked(text, spans) if spans else text


def project_of(content: StudyContent) -> Project:
    """The project of a study."""
    return _Builder(content).project()


@dataclass(slots=True)
class _Builder:
    """A project under way: notes are collected where they are first referred to."""

    content: StudyContent
    notes: dict[str, Note] = field(default_factory=dict)
    marks: dict[tuple[str, str], _Marks] = field(default_factory=lambda: defaultdict(_Marks))
    variables: dict[str, Variable] = field(default_factory=dict)
    reviewed: set[tuple[str, str]] = field(default_factory=set)  # (excerpt, coder) who went through codes and left some
    marked: dict[tuple[str, str, str], list[Stretch]] = field(default_factory=dict)  # by excerpt, coder and code

    def project(self) -> Project:
        """All of it, sorted."""
        content = self.content
        lines = {decision.seq: decision for decision in content.decisions}
        self._add_machine()
        self._read_spans()
        for decision in content.state.coder_decisions:
            self._add_decision(decision, lines[decision.seq])
        self._add_reviewed()
        for ruling in content.state.rulings.values():
            self._add_ruling(ruling)
        for memo in content.state.memos:
            self._add_memo(memo)
        findings = [self._finding(finding) for finding in content.findings]
        sources = tuple(self._sources())
        cases = tuple(self._cases(sources))
        links = [link for key in sorted(self.marks) for link in self._links(*key)]
        coders = sorted({user for _, user in self.marks} - {conventions.MACHINE_ID})
        machine = User(self._user(conventions.MACHINE_ID), conventions.MACHINE_NAME, conventions.MACHINE_ID)
        return Project(
            name=content.title,
            origin=f"{conventions.ORIGIN} {content.version}",
            users=(
                *(User(self._user(coder), coder) for coder in coders),
                machine,
            ),  # programs take the first for their own
            codes=codes_of(content.codebook, content.study_id, content.language),
            variables=tuple(self.variables[name] for name in sorted(self.variables)),
            cases=cases,
            sources=sources,
            notes=(*findings, *(self.notes[guid] for guid in sorted(self.notes))),
            links=tuple(links),
        )

    def _guid(self, kind: str, *parts: str) -> str:
        return guid_of(self.content.study_id, kind, *parts)

    def _user(self, name: str) -> str:
        return self._guid("user", name)

    def _note(self, name: str, text: str = "", *, key: str = "", user: str = "", at: str = "") -> str:
        """The GUID of a note, which becomes part of the project."""
        guid = self._guid("note", key or name)
        self.notes.setdefault(guid, Note(guid, name, text or name, user=self._user(user) if user else "", at=_time(at)))
        return guid

    # ---- what people and the machine say

    def _read_spans(self) -> None:
        columns = ["excerpt_id", "coder", "criterion", "start", "end"]
        for excerpt, coder, code, start, end in self.content.frames["spans"][columns].itertuples(
            index=False, name=None
        ):
            self.marked.setdefault((excerpt, coder, code), []).append(Stretch(int(start), int(end)))

    def _add_machine(self) -> None:
        codings, links = self.content.frames["codings"], self.content.frames["links"]
        by_machine = codings[codings["coded"] & (codings["status"] == CodingStatus.MACHINE)]
        for excerpt, code, stance in by_machine[["excerpt_id", "criterion", "stance"]].itertuples(
            index=False, name=None
        ):
            self._add_coding(excerpt, conventions.MACHINE_ID, code, stance)
        suggested = links[links["status"] == LinkStatus.SUGGESTED]
        for finding, excerpt, direction in suggested[["finding_id", "excerpt_id", "direction"]].itertuples(
            index=False, name=None
        ):
            self.marks[excerpt, conventions.MACHINE_ID].links.append(Mark(finding, direction))

    def _add_coding(
        self, excerpt: str, user: str, code: str, stance: str, *, at: str = "", notes: Sequence[str] = ()
    ) -> None:
        marks = self.marks[excerpt, user]
        about = (self._note(f"{conventions.STANCE}{stance}"),) if stance else ()
        guid = self._guid("coding", excerpt, user, code, *(("ruling",) if self._ruling in notes else ()))
        coding = Coding(
            guid=guid,
            code=self._guid("code", code),
            user=self._user(user),
            at=_time(at),
            notes=(*about, *notes),
        )
        stretches = [] if self._ruling in notes else self.marked.get((excerpt, user, code), [])
        for number, stretch in enumerate(stretches):
            copy = replace(coding, guid=self._guid("coding", excerpt, user, code, f"{stretch.start}-{stretch.end}"))
            marks.spans.append((stretch, copy if number else coding))
        if not stretches:
            marks.codings.append(coding)
        if stance:
            name = self.content.codebook[code].text("name", self.content.language) or code
            marks.lines.append(f"{name}: {wording.closed_word('stance', stance, self.content.language)}")

    @property
    def _ruling(self) -> str:
        return self._guid("note", conventions.RULED)

    def _add_decision(self, decision: CoderDecision, line: Decision) -> None:
        excerpt, user, target = decision.excerpt_id, decision.coder, decision.target
        key = f"{excerpt} {user} {target}"
        if target not in self.content.codebook.ids:
            name = decision.value if decision.yes else conventions.REJECTED
            self.marks[excerpt, user].links.append(Mark(target, name, tuple(self._reason(line, key))))
        elif decision.yes:
            self._add_coding(excerpt, user, target, decision.value, at=line.at, notes=self._reason(line, key))
        elif line.kind is DecisionKind.REVIEWED:
            self.reviewed.add((excerpt, user))
        else:
            self._refer(excerpt, user, self._reasoned(conventions.no_to(target), line, key))

    def _add_reviewed(self) -> None:
        """Note which codes a coder went through, saying no to all but those given."""
        decided: dict[tuple[str, str], set[str]] = defaultdict(set)
        for decision in self.content.state.coder_decisions:
            decided[decision.excerpt_id, decision.coder].add(decision.target)
        every = self.content.codebook.ids
        for excerpt, coder in sorted(self.reviewed):
            codes = [code for code in every if code in decided[excerpt, coder]]
            self._refer(excerpt, coder, self._note(conventions.no_to_the_rest(codes, every)))

    def _reasoned(self, name: str, line: Decision, key: str) -> str:
        """A note that says no, with the reason if there is one."""
        if not line.note:
            return self._note(name)
        return self._note(name, line.note, key=f"{name} {key}", user=line.coder, at=line.at)

    def _reason(self, line: Decision, key: str) -> list[str]:
        """The note with the reason of a decision, if it has one."""
        return [self._note(conventions.MEMO, line.note, key=key, user=line.coder, at=line.at)] if line.note else []

    def _refer(self, excerpt: str, user: str, note: str) -> None:
        notes = self.marks[excerpt, user].notes
        if note not in notes:
            notes.append(note)

    def _add_ruling(self, ruling: Decision) -> None:
        answer, excerpt, user = ruled_answer(ruling), ruling.excerpt_id, ruling.coder
        target = ruling.criterion or ruling.finding_id
        key = f"{excerpt} {user} {target} ruling"
        if ruling.finding_id:
            name = answer.value if answer.yes else conventions.REJECTED
            self.marks[excerpt, user].links.append(
                Mark(target, f"{conventions.RULING}{name}", tuple(self._reason(ruling, key)))
            )
        elif answer.yes:
            notes = [self._note(conventions.RULED), *self._reason(ruling, key)]
            self._add_coding(excerpt, user, target, answer.value, at=ruling.at, notes=notes)
        else:
            self._refer(excerpt, user, self._reasoned(conventions.ruled_no_to(target), ruling, key))

    def _add_memo(self, memo: Decision) -> None:
        key = f"{memo.excerpt_id} {memo.coder}"
        note = self._note(conventions.MEMO, memo.note, key=key, user=memo.coder, at=memo.at)
        self._refer(memo.excerpt_id, memo.coder, note)
        self.marks[memo.excerpt_id, memo.coder].lines.append(memo.note)  # where programs that read no notes show it

    def _finding(self, finding: Finding) -> Note:
        guid = self._guid("finding", finding.id)
        return Note(guid, f"{conventions.FINDING}{finding.id}", finding.statement, description=finding.criterion)

    def _links(self, excerpt: str, user: str) -> Iterator[Link]:
        """The links of one user's selection, in the order of the register."""
        finding_ids = {finding.id for finding in self.content.findings}
        for mark in sorted(self.marks[excerpt, user].links, key=lambda mark: (mark.finding, mark.name)):
            if mark.finding in finding_ids:
                yield Link(
                    guid=self._guid("link", excerpt, user, mark.finding, mark.name),
                    name=mark.name,
                    origin=self._selection_guid(excerpt, user),
                    target=self._guid("finding", mark.finding),
                    notes=mark.notes,
                )

    # ---- sources and people

    def _selection_guid(self, excerpt: str, user: str) -> str:
        return self._guid("selection", excerpt, user)

    def _sources(self) -> Iterator[TextSource]:
        frames = self.content.frames
        texts = dict(zip(frames["texts"]["source_id"], frames["texts"]["text"], strict=True))
        turns = rows_by(frames["turns"][["source_id", "turn", "start", "end"]], "source_id")
        answers, attributes = rows_by(frames["answers"], "source_id"), rows_by(frames["attributes"], "source_id")
        excerpts = rows_by(self.content.excerpts[["source_id", "excerpt_id", "start", "end"]], "source_id")
        users: dict[str, list[str]] = defaultdict(list)
        for excerpt, user in sorted(self.marks):
            users[excerpt].append(user)
        for row in frames["sources"].sort_values("source_id").to_dict("records"):
            source = row["source_id"]
            text = shown_text(texts.get(source, ""), source, turns.get(source, ()), self.content.hidden)
            if row["status"] == ReadStatus.REJECTED or not text.strip():
                continue
            values = [
                *((each["column"], each["label"] or each["value"]) for each in answers.get(source, ())),
                *((each["attribute"], each["value"]) for each in attributes.get(source, ())),
            ]
            yield TextSource(
                guid=self._guid("source", source),
                name=f"{source}.txt",  # some programs take what follows the last dot for an ending
                text=text,
                selections=tuple(self._selections(excerpts.get(source, ()), users)),
                values=self._values(values, "source"),
                original=self.content.originals.get(source),
            )

    def _selections(
        self, excerpts: Iterable[Mapping[str, Any]], users: Mapping[str, Sequence[str]]
    ) -> Iterator[Selection]:
        for excerpt in excerpts:
            for user in users.get(excerpt["excerpt_id"], ()):
                marks = self.marks[excerpt["excerpt_id"], user]
                if marks.codings or marks.notes or marks.links or not marks.spans:
                    yield self._selection(excerpt, user)
                yield from (self._span(excerpt, user, *each) for each in marks.spans)

    def _span(self, excerpt: Mapping[str, Any], user: str, stretch: Stretch, coding: Coding) -> Selection:
        """The words of an excerpt that a coder marked for a code, with that coding."""
        return Selection(
            guid=self._guid("selection", excerpt["excerpt_id"], user, coding.guid),
            start=stretch.start,
            end=stretch.end,
            name=excerpt["excerpt_id"],
            user=self._user(user),
            codings=(coding,),
        )

    def _selection(self, excerpt: Mapping[str, Any], user: str) -> Selection:
        marks = self.marks[excerpt["excerpt_id"], user]
        return Selection(
            guid=self._selection_guid(excerpt["excerpt_id"], user),
            start=int(excerpt["start"]),
            end=int(excerpt["end"]),
            name=excerpt["excerpt_id"],
            description="; ".join(marks.lines),
            user=self._user(user),
            codings=tuple(marks.codings),
            notes=tuple(marks.notes),
        )

    def _values(self, pairs: Iterable[Sequence[str]], scope: str) -> tuple[Value, ...]:
        """The values of variables, each of which becomes part of the project; blank ones are left out."""
        values: dict[str, Value] = {}
        for name, text in pairs:
            if text:
                guid, key = self._guid("variable", scope, name), f"{name}\0{scope}"
                if key not in self.variables:
                    self.variables[key] = Variable(guid, self._free_name(name, scope))
                values.setdefault(guid, Value(guid, text))
        return tuple(values.values())

    def _free_name(self, name: str, scope: str) -> str:
        """The name of a variable; a second one of the same name is qualified by what it is about."""
        taken = {key.partition("\0")[0] for key in self.variables}
        return f"{name} ({scope})" if name in taken else name

    def _cases(self, sources: Sequence[TextSource]) -> Iterator[Case]:
        """A case per person who answers: the whole source where nobody else answers in it, otherwise the person's selections."""
        spoken = self.content.excerpts
        spoken = spoken[
            (spoken["role"] == Role.RESPONDENT) & (spoken["kind"] != Kind.DOCUMENT) & (spoken["participant"] != "")
        ]
        present = {source.name.removesuffix(".txt"): source for source in sources}
        spoken = spoken[spoken["source_id"].isin(present)]
        speakers = spoken.groupby("source_id")["participant"].nunique()
        for person, rows in spoken.groupby("participant", sort=True):
            alone = sorted({source for source in rows["source_id"] if speakers[source] == 1})
            shared = set(rows.loc[~rows["source_id"].isin(alone), "excerpt_id"])
            among = [
                selection.guid
                for source in sorted(set(rows["source_id"]) - set(alone))
                for selection in present[source].selections
                if selection.name in shared
            ]
            yield Case(
                guid=self._guid("case", str(person)),
                name=str(person),
                values=self._values(sorted(self.content.attributes.get(str(person), {}).items()), "person"),
                sources=tuple(present[source].guid for source in alone),
                selections=tuple(among),
            )


def rows_by(frame: pd.DataFrame, column: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a frame by a column."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in frame.to_dict("records"):
        rows[row[column]].append({str(key): value for key, value in row.items()})
    return rows


def _time(at: str) -> str:
    """A time of the ledger as the schema wants it."""
    return at.replace("+00:00", "Z")

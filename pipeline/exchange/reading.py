"""Reads REFI-QDA projects and codebooks of any maker: what the standard says, and what programs write instead.

Nothing is guessed silently: corrections and omissions are listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from pipeline.errors import Problem, UnreadableError, UserError
from pipeline.exchange import conventions
from pipeline.exchange.archive import EXPORT_AGAIN, ProjectArchive, document_of
from pipeline.exchange.kept.remainder import Remainder, local, normal_guid, remainder_of
from pipeline.exchange.positions import Interpretation, Positions, Span, best_interpretation
from pipeline.exchange.project import (
    Case,
    Code,
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
    codes_in,
    guid_of,
)
from pipeline.ingest.characters import decode
from pipeline.wording.messages import first_few, message

MOST_CODES = 50_000  # of a codebook; the largest that people work with has a few thousand
MEDIA = frozenset(
    """PictureSource AudioSource VideoSource PictureSelection PDFSelection AudioSelection VideoSelection Set Graph""".split()
)
WITH_TEXT = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
TEXTS_INSIDE = ("Representation", "Transcript", "TextDescription")


@dataclass(frozen=True, slots=True)
class ProjectReading:
    """A project as read: `mended` lists corrections, `left_out` what is not used; of this, `remainder` goes out again."""

    project: Project
    mended: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()
    remainder: Remainder | None = None


def read_qdpx(data: bytes) -> ProjectReading:
    """A project. UnreadableError if its archive or its XML cannot be read at all."""
    archive = ProjectArchive.of(data)
    return _Reader(archive, archive.document()).reading()


def read_qdc(data: bytes) -> ProjectReading:
    """A codebook, as a project that has codes alone."""
    return _Reader(None, document_of(data, "codebook")).reading()


def _children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    return (child for child in element if local(child) in names)


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next(_children(element, name), None)


def _text(element: etree._Element, name: str) -> str:
    child = _child(element, name)
    return "" if child is None else "".join(child.itertext())


@dataclass(slots=True)
class _Reader:
    """A project under way. GUIDs are lower case without braces; a missing one is made from the place."""

    archive: ProjectArchive | None
    root: etree._Element
    mended: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)  # what was mended, by kind
    seen: set[str] = field(default_factory=set)
    doubled: list[str] = field(default_factory=list)

    def reading(self) -> ProjectReading:
        """All of the project that can be held."""
        book = self.root if local(self.root) == "CodeBook" else _child(self.root, "CodeBook")
        if local(self.root) not in ("Project", "CodeBook"):
            problem = Problem(
                "", message("exchange/is_not_a_refi_qda_file", element=local(self.root)), message(EXPORT_AGAIN)
            )
            raise UnreadableError(problem)
        codes = self._codes(book)
        project = Project(
            name=self.root.get("name", ""),
            origin=self.root.get("origin", ""),
            users=tuple(
                User(self._guid(user), user.get("name") or user.get("id", ""), user.get("id", ""))
                for user in self._listed("Users", "User")
            ),
            codes=codes,
            variables=tuple(
                Variable(
                    self._guid(each),
                    each.get("name", ""),
                    each.get("typeOfVariable", "Text"),
                    _text(each, "Description"),
                )
                for each in self._listed("Variables", "Variable")
            ),
            cases=tuple(self._case(case) for case in self._listed("Cases", "Case")),
            sources=tuple(self._sources()),
            notes=tuple(self._note(note) for note in self._listed("Notes", "Note")),
            links=tuple(
                Link(
                    guid=self._guid(link),
                    name=link.get("name", ""),
                    origin=self._ref(link, "originGUID"),
                    target=self._ref(link, "targetGUID"),
                    notes=self._notes_of(link),
                )
                for link in self._listed("Links", "Link")
            ),
            description=_text(self.root, "Description"),
        )
        self._list_the_rest(project)
        remainder = remainder_of(self.root, self.archive) if self.archive else None
        return ProjectReading(project, tuple(self.mended), tuple(self.left_out), remainder)

    def _listed(self, container: str, name: str) -> Iterator[etree._Element]:
        for group in _children(self.root, container):
            yield from _children(group, name)

    # ---- GUIDs

    def _guid(self, element: etree._Element) -> str:
        """The GUID of an element; where it has none that is valid, one made from its place in the file."""
        written = element.get("guid", "")
        guid = normal_guid(written)
        if not guid:
            self.counts["GUIDs_missing_or_wrong"] += 1
            guid = guid_of("", "place", self.root.getroottree().getpath(element))
        if guid in self.seen:
            self.doubled.append(guid)
        self.seen.add(guid)
        return guid

    def _ref(self, element: etree._Element, name: str) -> str:
        return normal_guid(element.get(name, "")) or element.get(name, "")

    def _notes_of(self, element: etree._Element) -> tuple[str, ...]:
        return tuple(self._ref(note, "targetGUID") for note in _children(element, "NoteRef"))

    # ---- codes

    def _codes(self, book: etree._Element | None) -> tuple[Code, ...]:
        if book is None:
            return ()
        every = [element for element in book.iter() if local(element) == "Code"]
        if len(every) > MOST_CODES:
            what = message("exchange/has_codes_more_than", codes=len(every), most=MOST_CODES)
            raise UnreadableError(Problem("", what, message("exchange/export_a_part_of_the_codebook")))
        made: dict[etree._Element, list[Code]] = {element: [] for element in every}
        top: list[Code] = []
        for element in reversed(every):  # sub-codes come after their code
            code = self._code(element, tuple(reversed(made[element])))
            above = element.getparent()
            (made[above] if above is not None and above in made else top).append(code)
        return tuple(reversed(top))

    def _code(self, element: etree._Element, below: tuple[Code, ...]) -> Code:
        if not element.get("name", "").strip():
            self.counts["codes_without_a_name"] += 1
        guid = self._guid(element)
        return Code(
            guid=guid,
            name=element.get("name", "").strip() or f"code {guid[:8]}",
            description=_text(element, "Description").strip(),
            color=element.get("color", ""),
            is_codable=element.get("isCodable", "true").strip().lower() not in ("false", "0"),
            codes=below,
        )

    # ---- sources

    def _sources(self) -> Iterator[TextSource]:
        for source in [each for group in _children(self.root, "Sources") for each in _children(group, *WITH_TEXT)]:
            texts = [source] if local(source) == "TextSource" else list(_children(source, *TEXTS_INSIDE))
            for text in texts:
                yield self._source(source, text)

    def _source(self, source: etree._Element, text: etree._Element) -> TextSource:
        name = source.get("name") or text.get("name") or ""
        guid = self._guid(source)
        where = f"source {name or guid}"
        try:
            words = self._words(text)
        except UserError as error:
            self.left_out += [
                Problem(where, message("exchange/its_text", what=p.what), p.remedy) for p in error.problems
            ]
            words = ""
        elements = list(_children(text, "PlainTextSelection"))
        positions = self._positions(words, elements, where)
        selections = [self._selection(each, positions) for each in elements]
        selections += self._transcript_selections(text, positions)
        self._list_impossible(selections, words, where)
        return TextSource(
            guid=guid,
            name=name,
            text=words,
            description=_text(source, "Description"),
            selections=tuple(selection for selection in selections if selection.end > selection.start or not words),
            codings=tuple(self._codings(source)),
            notes=self._notes_of(source),
            values=tuple(self._values(source)),
            original=self._original(source),
        )

    def _words(self, text: etree._Element) -> str:
        content = _child(text, "PlainTextContent")
        if content is not None:
            return "".join(content.itertext())
        path = text.get("plainTextPath", "")
        if not path:
            remedy = message("exchange/export_the_project_again_with_plain")
            raise UnreadableError(
                Problem("", message("exchange/is_missing_neither_plaintextcontent_nor_plaintextpath"), remedy)
            )
        if self.archive is None:
            return ""
        decoded = decode(self.archive.read(path))
        self.mended += [
            Problem(f"source {text.get('name', '')}", note, message("exchange/check_the_accents"))
            for note in decoded.notes
        ]
        return decoded.text

    def _original(self, source: etree._Element) -> Original | None:
        path = source.get("path") or source.get("richTextPath") or ""
        if not path or self.archive is None or local(source) not in ("TextSource", "PDFSource"):
            return None
        try:
            part = self.archive.part_of(path)
            return Original("." + part.rpartition(".")[2].lower(), self.archive.archive.read(part))
        except UserError:
            self.counts["originals_not_in_the_archive"] += 1
            return None

    def _positions(self, words: str, elements: list[etree._Element], where: str) -> Positions:
        """How positions count in this source, judged by the words that they meet."""
        spans = [
            Span(_whole(each, "startPosition"), _whole(each, "endPosition"), each.get("name", "")) for each in elements
        ]
        usual = Interpretation.of(self.root.get("origin", ""))
        chosen = best_interpretation(words, spans, usual)
        if chosen != Interpretation() and chosen.differs(words):
            self.mended.append(
                Problem(
                    where,
                    message("exchange/its_positions_count", unit=chosen.in_words()),
                    message("common/nothing_to_do"),
                )
            )
        return Positions(words, chosen)

    def _selection(self, element: etree._Element, positions: Positions) -> Selection:
        start, end = _whole(element, "startPosition"), _whole(element, "endPosition")
        if start > end:
            self.counts["selections_reversed"] += 1
            start, end = end, start
        first, last = positions.index(start), positions.index(end)
        self.counts["positions_inside_a_character"] += (not first.is_exact) + (not last.is_exact)
        return self._with_content(element, first.at, last.at)

    def _with_content(self, element: etree._Element, start: int, end: int) -> Selection:
        return Selection(
            guid=self._guid(element),
            start=start,
            end=end,
            name=element.get("name", ""),
            description=_text(element, "Description").strip(),
            user=self._ref(element, "creatingUser") or self._ref(element, "modifyingUser"),
            codings=tuple(self._codings(element)),
            notes=self._notes_of(element),
        )

    def _transcript_selections(self, text: etree._Element, positions: Positions) -> Iterator[Selection]:
        """The selections of a recording's transcript, which lie between two points of it."""
        points = {normal_guid(each.get("guid", "")): each for each in _children(text, "SyncPoint")}
        for element in _children(text, "TranscriptSelection"):
            ends = [points.get(self._ref(element, name)) for name in ("fromSyncPoint", "toSyncPoint")]
            start, end = (-1 if point is None else _whole(point, "position") for point in ends)
            yield self._with_content(element, positions.index(start).at, positions.index(end).at)

    def _list_impossible(self, selections: list[Selection], words: str, where: str) -> None:
        """Selections that meet no character of the text."""
        lost = [each for each in selections if words and each.end <= each.start]
        if lost:
            codings = sum(len(each.codings) for each in lost)
            names = first_few([each.guid for each in lost])
            what = message(
                "exchange/selections_with_codings_are_beyond", selections=len(lost), codings=codings, guids=names
            )
            self.left_out.append(Problem(where, what, message("exchange/code_these_words_again")))

    def _codings(self, element: etree._Element) -> Iterator[Coding]:
        for coding in _children(element, "Coding"):
            reference = _child(coding, "CodeRef")
            yield Coding(
                guid=self._guid(coding),
                code="" if reference is None else self._ref(reference, "targetGUID"),
                user=self._ref(coding, "creatingUser"),
                at=coding.get("creationDateTime", ""),
                notes=self._notes_of(coding),
            )

    # ---- cases and notes

    def _values(self, element: etree._Element) -> Iterator[Value]:
        for value in _children(element, "VariableValue"):
            reference = _child(value, "VariableRef")
            text = next(("".join(each.itertext()) for each in value if local(each).endswith("Value")), "")
            if reference is not None and text.strip():
                yield Value(self._ref(reference, "targetGUID"), text.strip())

    def _case(self, case: etree._Element) -> Case:
        return Case(
            guid=self._guid(case),
            name=case.get("name", ""),
            description=_text(case, "Description"),
            values=tuple(self._values(case)),
            sources=tuple(self._ref(each, "targetGUID") for each in _children(case, "SourceRef")),
            selections=tuple(self._ref(each, "targetGUID") for each in _children(case, "SelectionRef")),
        )

    def _note(self, note: etree._Element) -> Note:
        try:
            words = (
                self._words(note) if note.get("plainTextPath") or _child(note, "PlainTextContent") is not None else ""
            )
        except UserError as error:
            where = f"note {note.get('name', '')}"
            self.left_out += [
                Problem(where, message("exchange/its_text", what=p.what), p.remedy) for p in error.problems
            ]
            words = ""
        return Note(
            guid=self._guid(note),
            name=note.get("name", ""),
            text=words.strip() or _text(note, "Description").strip(),
            description=_text(note, "Description"),
            user=self._ref(note, "creatingUser") or self._ref(note, "modifyingUser"),
            at=note.get("creationDateTime", "").replace(conventions.UNDATED, ""),
        )

    # ---- what could not be held as it is

    def _list_the_rest(self, project: Project) -> None:
        for what, count in sorted(self.counts.items()):
            if count:
                self.mended.append(
                    Problem(
                        message("common/the_project"),
                        message(f"exchange/{what}", count=count),
                        message("common/nothing_to_do"),
                    )
                )
        if self.doubled:
            what = message(
                "exchange/guids_are_used_twice",
                n=len(set(self.doubled)),
                places=first_few(sorted(set(self.doubled))),
            )
            self.left_out.append(
                Problem(message("common/the_project"), what, message("exchange/check_what_the_second_ones_stand"))
            )
        media = Counter(name for element in self.root.iter() if (name := local(element)) in MEDIA)
        for name, count in sorted(media.items()):
            what = message("exchange/has_which_a_study_does", media=message(f"exchange/{name}"), count=count)
            self.left_out.append(Problem(message("common/the_project"), what, message("exchange/is_kept")))
        ids = {code.guid for code in codes_in(project.codes)}
        lost = Counter(coding.code for coding in _codings_of(project) if coding.code not in ids)
        if lost:
            what = message("exchange/codings_name_a_code", n=lost.total(), places=first_few(sorted(lost)))
            self.left_out.append(Problem(message("common/the_project"), what, message(EXPORT_AGAIN)))


def _codings_of(project: Project) -> Iterator[Coding]:
    for source in project.sources:
        for selection in source.selections:
            yield from selection.codings


def _whole(element: etree._Element, name: str) -> int:
    """A whole number of an attribute; -1 where it is none."""
    try:
        return int(element.get(name, ""))
    except ValueError:
        return -1

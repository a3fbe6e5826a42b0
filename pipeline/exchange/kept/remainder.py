"""What a project holds beside texts, codes and codings, as a project of its own: media, sets, graphs, cases, variables, notes."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lxml import etree

from pipeline.errors import Problem, UserError
from pipeline.exchange import conventions
from pipeline.exchange.archive import SCHEMES, ProjectArchive
from pipeline.exchange.project import guid_of
from pipeline.wording.messages import message

PROJECT = "urn:QDA-XML:project:1.0"
AREAS = {
    "PictureSource": "PictureSelection",
    "PDFSource": "PDFSelection",
    "AudioSource": "AudioSelection",
    "VideoSource": "VideoSelection",
}
TEXT_SOURCES = ("TextSource", "PDFSource")
TEXTS_INSIDE = ("Representation", "Transcript", "TextDescription")  # the study holds texts as sources of its own
ABOUT_A_TEXT = ("Description", "Coding", "NoteRef", "VariableValue")
OF_TEXTS = ("PlainTextSelection", "TranscriptSelection")
ENDING = re.compile(r"\.[a-z0-9]{1,5}$")
GUIDS = tuple("guid targetGUID originGUID representedGUID creatingUser modifyingUser sourceVertex targetVertex".split())
REFERENCES = tuple(name for name in GUIDS if name != "guid")
DASHES = str.maketrans(dict.fromkeys("‐‑–", "-"))  # as the examples of the standard are typeset


def normal_guid(written: str) -> str:
    """A GUID in small letters without braces; "" if it is none."""
    try:
        return str(UUID(written.strip().translate(DASHES)))
    except ValueError:
        return ""


def local(element: etree._Element) -> str:
    """The name of an element without its namespace, of which programs write several versions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


@dataclass(frozen=True, slots=True)
class Remainder:
    """A project with the elements that a study does not hold, and the files that they name."""

    xml: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    left_out: tuple[Problem, ...] = ()


def remainder_of(root: etree._Element, archive: ProjectArchive) -> Remainder | None:
    """What remains of a project when all that a study holds is taken out; None if nothing does."""
    return _Remaining(archive, _named_alike(root)).remainder()


def _named_alike(root: etree._Element) -> etree._Element:
    """A copy in the namespace of the standard, with GUIDs in one spelling."""
    alike = copy.deepcopy(root)
    etree.strip_tags(alike, etree.Comment, etree.ProcessingInstruction)
    for element in alike.iter():
        element.tag, element.tail = f"{{{PROJECT}}}{local(element)}", None
        element.text = None if len(element) else element.text
        for name in GUIDS:
            if name in element.attrib:
                element.set(name, normal_guid(element.get(name, "")) or element.get(name, ""))
        if "guid" in element.attrib and not normal_guid(element.get("guid", "")):
            element.set("guid", guid_of("", "place", alike.getroottree().getpath(element)))
    return alike


@dataclass(slots=True)
class _Remaining:
    """A project under way to what remains of it."""

    archive: ProjectArchive
    root: etree._Element
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[Problem] = field(default_factory=list)

    def remainder(self) -> Remainder | None:
        passages = {each.get("guid", "") for each in self._every(*OF_TEXTS)}
        sources = list(filter(_is_something, map(self._source, self._listed("Sources"))))
        items_of = {
            "Users": list(self._every("User")),
            "CodeBook": list(filter(len, map(_with_notes_alone, self._every("Code")))),
            "Variables": list(self._every("Variable")),
            "Cases": self._cases(sources),
            "Sources": sources,
            "Notes": self._notes(passages),
            "Links": [link for link in self._listed("Links") if passages.isdisjoint(_ends(link))],
            "Sets": list(self._listed("Sets")),
            "Graphs": list(self._listed("Graphs")),
        }
        return self._packed(items_of)

    def _cases(self, sources: Sequence[etree._Element]) -> list[etree._Element]:
        """The cases, with references to media alone: which texts are a person's is in the study's registers."""
        media = [source for source in sources if local(source) in AREAS]
        areas = [each for source in media for each in source if local(each) in AREAS.values()]
        cases = list(self._listed("Cases"))
        for case in cases:
            _without(case, "SourceRef", other_than={medium.get("guid", "") for medium in media})
            _without(case, "SelectionRef", other_than={area.get("guid", "") for area in areas})
        return list(filter(len, cases))

    def _notes(self, passages: set[str]) -> list[etree._Element]:
        memos = {each.get("targetGUID", "") for each in self._references_of(passages)}
        return [self._note(note) for note in self._listed("Notes") if self._stays(note, memos)]

    def _every(self, *names: str) -> Iterator[etree._Element]:
        yield from self.root.iter(*(f"{{{PROJECT}}}{name}" for name in names))

    def _listed(self, container: str) -> Iterator[etree._Element]:
        for group in self.root.iterchildren(f"{{{PROJECT}}}{container}"):
            yield from group

    def _references_of(self, passages: set[str]) -> Iterator[etree._Element]:
        """The references to notes of passages: a study holds these notes as memos."""
        for passage in self._every(*OF_TEXTS):
            yield from passage.iter(f"{{{PROJECT}}}NoteRef")
        for link in self._listed("Links"):
            origin, target = _ends(link)
            for one, other in ((origin, target), (target, origin)):
                if one in passages:
                    yield etree.Element("NoteRef", targetGUID=other)

    def _stays(self, note: etree._Element, memos: set[str]) -> bool:
        return note.get("guid", "") not in memos and not note.get("name", "").startswith(conventions.FINDING)

    def _note(self, note: etree._Element) -> etree._Element:
        """A note with its words inside, and with a time."""
        note.set("creationDateTime", note.get("creationDateTime") or conventions.UNDATED)
        path = note.attrib.pop("plainTextPath", "")
        note.attrib.pop("richTextPath", "")
        for name in OF_TEXTS:
            _without(note, name)
        if path and note.find(f"{{{PROJECT}}}PlainTextContent") is None:
            words = self._bytes(note, path)
            content = etree.Element(f"{{{PROJECT}}}PlainTextContent")
            content.text = words.decode("utf-8-sig", "replace") if words else ""
            has_description = len(note) > 0 and local(note[0]) == "Description"
            note.insert(int(has_description), content)
        return note

    def _source(self, source: etree._Element) -> etree._Element | None:
        """A medium with its file; of a text what is said about all of it; None where there is nothing."""
        kind = local(source)
        has_areas = kind in AREAS and source.find(f"{{{PROJECT}}}{AREAS[kind]}") is not None
        if kind in TEXT_SOURCES and not has_areas:
            stub = etree.Element(f"{{{PROJECT}}}TextSource", guid=source.get("guid", ""))
            stub.extend([each for each in source if local(each) in ABOUT_A_TEXT])
            return stub if len(stub) else None
        if kind not in AREAS:
            return None
        for element in list(source.iter()):
            if local(element) in TEXTS_INSIDE and element.getparent() is not None:
                element.getparent().remove(element)
        source.attrib.pop("currentPath", "")
        self._take_file(source)
        return source

    def _take_file(self, medium: etree._Element) -> None:
        """Take a medium's file along under its GUID; one outside the archive keeps its path."""
        path = medium.get("path", "")
        if not path or path.lower().startswith(SCHEMES[1:]):
            return
        ending = ENDING.search(path.lower())
        name = medium.get("guid", "") + (ending.group() if ending else "")
        del medium.attrib["path"]
        if data := self._bytes(medium, path):
            self.files[name] = data
            medium.set("path", f"internal://{name}")

    def _bytes(self, element: etree._Element, path: str) -> bytes:
        try:
            return self.archive.read(path)
        except UserError as error:
            where = f"{local(element)} {element.get('guid', '')}"
            self.left_out += [
                Problem(where, message("exchange/its_file", what=each.what), each.remedy) for each in error.problems
            ]
            return b""

    def _packed(self, kept: Mapping[str, list[etree._Element]]) -> Remainder | None:
        more = [each for each in self.root if local(each) in ("Description", "NoteRef")]
        if not more and not any(parts for name, parts in kept.items() if name != "Users"):
            return None
        root = etree.Element(f"{{{PROJECT}}}Project", nsmap={None: PROJECT}, name="")
        for name, parts in kept.items():
            if parts:
                inside = etree.SubElement(root, f"{{{PROJECT}}}{name}")
                if name == "CodeBook":
                    inside = etree.SubElement(inside, f"{{{PROJECT}}}Codes")
                inside.extend(_first_of_each(parts))
        root.extend(more)
        return Remainder(bytes(etree.tostring(root)), dict(self.files), tuple(self.left_out))


def _is_something(element: etree._Element | None) -> bool:
    return element is not None


def _ends(link: etree._Element) -> tuple[str, str]:
    return link.get("originGUID", ""), link.get("targetGUID", "")


def _with_notes_alone(code: etree._Element) -> etree._Element:
    stub = etree.Element(f"{{{PROJECT}}}Code", guid=code.get("guid", ""))
    stub.extend([copy.deepcopy(each) for each in code if local(each) == "NoteRef"])
    return stub


def _without(element: etree._Element, name: str, *, other_than: Collection[str] = ()) -> None:
    """Take the children of a name out, but for references to these GUIDs."""
    for child in list(element.iterchildren(f"{{{PROJECT}}}{name}")):
        if child.get("targetGUID", "") not in other_than:
            element.remove(child)


def _first_of_each(parts: list[etree._Element]) -> list[etree._Element]:
    """The elements without those whose GUID another one has."""
    counts: Counter[str] = Counter()
    first = []
    for part in parts:
        guid = part.get("guid", "")
        counts[guid] += 1
        if counts[guid] == 1:
            first.append(part)
    return first

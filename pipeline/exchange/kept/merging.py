"""What imported projects held beside what the study has, merged into an export: valid, with nothing that leads nowhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from pipeline.errors import Problem
from pipeline.exchange.archive import document_of
from pipeline.exchange.codebook_blocks import slug
from pipeline.exchange.kept.dangling import USERS, Cleaning, referred
from pipeline.exchange.kept.remainder import AREAS, PROJECT, local
from pipeline.exchange.kept.translation import FILES, OUR_SOURCE, QDE
from pipeline.ingest.guard import open_archive
from pipeline.people import fold_name
from pipeline.wording.messages import message

CONTAINERS = "Users CodeBook Variables Cases Sources Notes Links Sets Graphs Description NoteRef".split()
PARTS = {
    "Project": CONTAINERS,
    "Code": "Description NoteRef Code".split(),
    "Case": "Description CodeRef VariableValue SourceRef SelectionRef".split(),
    "TextSource": "Description PlainTextContent PlainTextSelection Coding NoteRef VariableValue".split(),
    "PDFSource": "Description PDFSelection Representation Coding NoteRef VariableValue".split(),
}
STUBS = ("Code", "Case", "TextSource")
WORDS = ("Description", "PlainTextContent", "TextValue")
ADDED = ("Variables", "Notes", "Links", "Sets", "Graphs")  # the lists whose items are added as they are
INSIDE = "internal://"


@dataclass(frozen=True, slots=True)
class KeptProject:
    """What one imported project held: its elements, and files by name."""

    root: etree._Element
    files: Mapping[str, bytes]

    @classmethod
    def of(cls, data: bytes) -> KeptProject:
        """The stored archive. UnreadableError if it is broken."""
        archive = open_archive(data)
        names = [name for name in archive.parts if name.startswith(FILES)]
        files = {name.removeprefix(FILES): archive.read(name) for name in names}
        return cls(document_of(archive.read(QDE), QDE), files)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the people of the study agreed to.

    `cases` are the codes, by GUID of their cases, of people whose words are used; `agreeing` the GUIDs of those who said yes;
    `voices` the cases of all who are heard in a source, by its GUID, where every word of it is shown. Nothing that is added may
    hold one of the folded `names`. No media leave where `are_names_masked`.
    """

    cases: Mapping[str, str]
    agreeing: Collection[str]
    voices: Mapping[str, Collection[str]]
    names: Collection[str]
    are_names_masked: bool


@dataclass(slots=True)
class Merging:
    """An export under way to holding what is kept. `root` is changed."""

    root: etree._Element
    agreement: Agreement
    files: dict[str, bytes] = field(default_factory=dict)
    added: list[etree._Element] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)  # by the key of the message that says why

    def add(self, kept: Sequence[KeptProject]) -> None:
        """Add what may leave, and take out again what leads nowhere."""
        before: Counter[str] = Counter()
        for project in kept:
            before.update(referred(project.root.iter()))
            self._add_project(project)
        cleaning = Cleaning(self.root, self.added, before)
        cleaning.clean()
        self.left_out.update(cleaning.taken)
        for container in list(self.root):
            if not len(container) and local(container) not in ("Description", "NoteRef"):
                self.root.remove(container)

    def problems(self) -> Iterator[Problem]:
        """What was left out, with the reason and how often."""
        for reason, count in sorted(self.left_out.items()):
            what, remedy = message(f"exchange/{reason}", n=count), message(f"exchange/{reason}_remedy")
            yield Problem(message("exchange/of_imported_projects"), what, remedy)

    @property
    def count(self) -> int:
        """How many things of imported projects the export holds."""
        return sum(local(each) != "User" and self.root in each.iterancestors() for each in self.added)

    def _add_project(self, project: KeptProject) -> None:
        taken = {element.get("guid", "") for element in self.root.iter()} - {""}
        needed = {element.get(name) for element in project.root.iter() for name in USERS}
        for user in items(project.root, "Users"):
            if user.get("guid") in needed:
                self._add_item("Users", user, taken)
        self._add_media(project, taken)
        for container in ADDED:
            for item in items(project.root, container):
                if container != "Variables" or slug(item.get("name", "")) not in self._variables():
                    self._add_item(container, item, taken)
        self._add_to_ours(project.root)

    def _variables(self) -> set[str]:
        ours = self.root.iter(f"{{{PROJECT}}}Variable")
        return {slug(variable.get("name", "")) for variable in ours if variable not in self.added}

    def _add_item(self, container: str, item: etree._Element, taken: set[str]) -> None:
        """Add an item to a list, unless the export has this GUID already or the item names somebody."""
        if item.get("guid", "") in taken:
            return
        if self._names_somebody(item):
            self.left_out["kept_names_somebody"] += 1
            return
        for vertex in item.iter(f"{{{PROJECT}}}Vertex"):
            if code := self.agreement.cases.get(vertex.get("representedGUID", "")):
                vertex.set("name", code)
        self._place(self.root, etree.SubElement(etree.Element("new"), f"{{{PROJECT}}}{container}"), unique=True).append(
            item
        )
        taken.update(element.get("guid", "") for element in item.iter())
        self.added.append(item)

    def _place(self, parent: etree._Element, part: etree._Element, *, unique: bool = False) -> etree._Element:
        """Put a part where the schema wants it; where there may be one alone, returns the one that is there."""
        order = PARTS[local(parent)]
        if unique and (present := parent.find(part.tag)) is not None:
            return present
        after = sum(order.index(local(each)) <= order.index(local(part)) for each in parent)
        parent.insert(after, part)
        return part

    def _add_to_ours(self, root: etree._Element) -> None:
        """Add what is said of the project, and of sources, codes and people that the study has."""
        ours = {element.get("guid", ""): element for element in self.root.iter() if local(element) in PARTS}
        for stub in [root, *root.iter(*(f"{{{PROJECT}}}{name}" for name in STUBS))]:
            guid = stub.get("guid", "")
            if stub is root:
                self._add_parts(self.root, [each for each in root if local(each) in ("Description", "NoteRef")])
            elif local(stub) == "Case" and guid not in self.agreement.cases:
                self.left_out["kept_case_not_registered"] += 1
            elif guid in ours:
                self._add_parts(ours[guid], list(stub))
            elif guid in self.agreement.agreeing:
                self._add_parts(self._case(guid), list(stub))
            else:
                self.left_out["kept_leads_nowhere"] += len(stub)

    def _case(self, guid: str) -> etree._Element:
        """The case of somebody; a new one for a person of whom the study has no words."""
        for case in self.root.iter(f"{{{PROJECT}}}Case"):
            if case.get("guid") == guid:
                return case
        case = etree.Element(f"{{{PROJECT}}}Case", guid=guid, name=self.agreement.cases[guid])
        self._add_item("Cases", case, set())
        return case

    def _add_parts(self, element: etree._Element, parts: Sequence[etree._Element]) -> None:
        present = {_content(each) for each in element}
        for part in parts:
            has_one = local(part) == "Description" and element.find(part.tag) is not None
            if self._names_somebody(part):
                self.left_out["kept_names_somebody"] += 1
            elif not has_one and _content(part) not in present:
                self.added.append(self._place(element, part))

    # ---- media

    def _add_media(self, project: KeptProject, taken: set[str]) -> None:
        people = people_of_media(project.root, self.agreement.voices)
        for medium in items(project.root, "Sources"):
            guid, path = medium.get("guid", ""), medium.get("path", "").removeprefix(INSIDE)
            if local(medium) not in AREAS or guid in taken:
                continue
            if self.agreement.are_names_masked:
                self.left_out["kept_media_masked"] += 1
            elif not people[guid] or not people[guid] <= set(self.agreement.agreeing):
                self.left_out["kept_media_without_consent"] += 1
            else:
                medium.attrib.pop(OUR_SOURCE, None)
                self._add_item("Sources", medium, taken)
                if path in project.files and medium in self.added:
                    self.files[path] = project.files[path]
                for person in sorted(people[guid]):
                    reference = etree.Element(f"{{{PROJECT}}}SourceRef", targetGUID=guid)
                    self._add_parts(self._case(person), [reference])

    def _names_somebody(self, element: etree._Element) -> bool:
        """Whether a name of somebody who is not to be named is in what is written in an element."""
        texts = [each.get("name", "") for each in element.iter()]
        texts += [each.text or "" for each in element.iter() if local(each) in WORDS]
        words = f" {' '.join(fold_name(text) for text in texts)} "
        return any(f" {name} " in words for name in self.agreement.names)


def items(root: etree._Element, container: str) -> list[etree._Element]:
    """The items of a list of a project."""
    return [item for group in root.iterchildren(f"{{{PROJECT}}}{container}") for item in group]


def _content(element: etree._Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n", with_tail=False).strip())


def people_of_media(root: etree._Element, voices: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """The cases that each medium belongs to, and those heard in the source with its words; "" for somebody unknown."""
    holder = {
        area.get("guid", ""): area.getparent().get("guid", "") for area in root.iter() if local(area) in AREAS.values()
    }
    people: dict[str, set[str]] = defaultdict(set)
    for case in root.iter(f"{{{PROJECT}}}Case"):
        for reference in case:
            target = reference.get("targetGUID", "")
            people[holder.get(target, target)].add(case.get("guid", ""))
    for medium in items(root, "Sources"):
        if source := medium.get(OUR_SOURCE, ""):
            people[medium.get("guid", "")].update(voices.get(source) or {""})
    return people

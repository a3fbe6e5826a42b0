"""What remains of an imported project, in the GUIDs of the study: as it is stored beside the study until the next export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lxml import etree

from pipeline.errors import Problem
from pipeline.exchange.archive import document_of
from pipeline.exchange.codebook_blocks import slug
from pipeline.exchange.kept.remainder import AREAS, GUIDS, PROJECT, Remainder, local
from pipeline.exchange.kept.valid import without_faults
from pipeline.publish.zipped import zipped
from pipeline.wording.messages import message

OUR_SOURCE = (
    "{urn:hallazgo:kept}source"  # of a medium: the study's source with its words, whose speakers are heard in it
)
QDE, FILES = "project.qde", "sources/"


@dataclass(frozen=True, slots=True)
class Translation:
    """The study's GUIDs by those of the project.

    `cases` are those of people of the register; `held` the variables, by `slug`, that the study's own registers have.
    """

    codes: Mapping[str, str]
    sources: Mapping[str, str]
    users: Mapping[str, str]
    cases: Mapping[str, str]
    held: Collection[str] = ()

    def guid_of(self, guid: str) -> str:
        """The study's GUID for one of the project; the same where the study has no such thing."""
        for names in (self.codes, self.sources, self.users, self.cases):
            if guid in names:
                return names[guid]
        return guid


@dataclass(frozen=True, slots=True)
class StoredPart:
    """The archive to store, b"" if nothing is left; and what was left out."""

    data: bytes
    left_out: tuple[Problem, ...] = ()


def translated(remainder: Remainder, translation: Translation) -> StoredPart:
    """What remains of a project as an archive in the study's GUIDs, without what the official schema refuses.

    What stands for something that the study has (a source, a code, a person) has no name and only what is to be added to it.
    """
    root = document_of(remainder.xml, QDE)
    _drop_held_variables(root, translation.held)
    _drop_empty_lists(root)
    refused = without_faults(_named(root))
    _translate(root, translation)
    _reduce_to_stubs(root, translation)
    _drop_empty(root)
    problems = (*remainder.left_out, *_list_refused(refused))
    if not any(local(each) != "Users" for each in root):
        return StoredPart(b"", problems)
    members = {QDE: bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))}
    members |= {f"{FILES}{name}": data for name, data in remainder.files.items()}
    return StoredPart(zipped(sorted(members.items())), problems)


def _translate(root: etree._Element, translation: Translation) -> None:
    """Put the study's GUIDs in the place of the project's; media keep theirs, and say which source has their words."""
    media = {element.get("guid", "") for element in root.iter() if local(element) in AREAS}
    for element in root.iter():
        ours = translation.sources.get(element.get("guid", "")) if local(element) in AREAS else None
        if ours:
            element.set(OUR_SOURCE, ours)
        for name in GUIDS:
            guid = element.get(name, "")
            if guid and guid not in media:
                element.set(name, translation.guid_of(guid))


def _reduce_to_stubs(root: etree._Element, translation: Translation) -> None:
    """Leave of codes, people and sources what is to be added to them; sources that the study does not have go."""
    for case in root.iter(f"{{{PROJECT}}}Case"):
        case.attrib.pop("name", None)  # exports call people by their codes
    for code in root.iter(f"{{{PROJECT}}}Code"):
        del code.attrib["name"], code.attrib["isCodable"]
    for source in list(root.iter(f"{{{PROJECT}}}TextSource")):
        if source.get("guid") not in translation.sources.values():
            source.getparent().remove(source)


def _named(root: etree._Element) -> etree._Element:
    """The same, valid where it has stubs of codes: the schema wants a name."""
    for code in root.iter(f"{{{PROJECT}}}Code"):
        code.set("name", "")
        code.set("isCodable", "true")
    return root


def _drop_held_variables(root: etree._Element, held: Collection[str]) -> None:
    guids = set()
    for variable in list(root.iter(f"{{{PROJECT}}}Variable")):
        if slug(variable.get("name", "")) in held:
            guids.add(variable.get("guid"))
            variable.getparent().remove(variable)
    for reference in list(root.iter(f"{{{PROJECT}}}VariableRef")):
        value = reference.getparent()
        if reference.get("targetGUID") in guids and value.getparent() is not None:
            value.getparent().remove(value)


def _drop_empty(root: etree._Element) -> None:
    """Take out stubs to which nothing is to be added, and the lists that they leave empty."""
    for name in ("Case", "TextSource", "Code", "Codes"):
        for element in list(root.iter(f"{{{PROJECT}}}{name}")):
            if not len(element):
                element.getparent().remove(element)
    _drop_empty_lists(root)


def _drop_empty_lists(root: etree._Element) -> None:
    """Take out lists without items: the schema allows none."""
    for container in list(root):
        if not len(container) and local(container) not in ("Description", "NoteRef"):
            root.remove(container)


def _list_refused(refused: Counter[str]) -> list[Problem]:
    what = "exchange/is_refused_by_the_schema"
    remedy = message("exchange/export_the_project_again")
    return [
        Problem(message("common/the_project"), message(what, element=name, count=count), remedy)
        for name, count in sorted(refused.items())
    ]

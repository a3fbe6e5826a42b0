"""Projects and codebooks written as REFI-QDA: valid against the official schemas, the same bytes for the same records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from pipeline.exchange import conventions
from pipeline.exchange.project import (
    Case,
    Code,
    Coding,
    Link,
    Note,
    Project,
    Selection,
    TextSource,
    User,
    Value,
    Variable,
)
from pipeline.publish.zipped import NOT_IN_XML, zipped

PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"
RICH = frozenset({".docx", ".rtf"})  # what `richTextPath` may name; a program that cannot read it rejects the project


def write_qdpx(project: Project, root: etree._Element, files: Mapping[str, bytes]) -> bytes:
    """The archive of a project: project.qde, and below sources/ the texts, the files that they were read from, and `files`.

    `root` is the `project_root`, to which more may have been added.
    """
    members = {"project.qde": _document(root)}
    members |= {f"sources/{name}": data for name, data in files.items()}
    for source in project.sources:
        members[f"sources/{source.guid}.txt"] = source.text.encode("utf-8", "surrogatepass")
        if source.original:
            members[f"sources/{source.guid}{_ending(source)}"] = source.original.data
    return zipped(sorted(members.items()))


def write_qdc(codes: tuple[Code, ...], origin: str) -> bytes:
    """A codebook."""
    root = etree.Element(f"{{{CODEBOOK}}}CodeBook", nsmap={None: CODEBOOK}, origin=_legal(origin))
    _add_codes(root, codes)
    return _document(root)


def _document(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _ending(source: TextSource) -> str:
    """The ending of the original's name in the archive, made different from that of the text."""
    ending = source.original.ending if source.original else ""
    return ".original.txt" if ending == ".txt" else ending


def project_root(project: Project) -> etree._Element:
    """A project as XML."""
    root = etree.Element(f"{{{PROJECT}}}Project", nsmap={None: PROJECT})
    _set(root, name=project.name, origin=project.origin)
    users = _list(root, "Users", project.users)
    for user in project.users:
        _user(users, user)
    if project.codes:
        _add_codes(etree.SubElement(root, _tag(root, "CodeBook")), project.codes)
    variables = _list(root, "Variables", project.variables)
    for variable in project.variables:
        _variable(variables, variable)
    cases = _list(root, "Cases", project.cases)
    for case in project.cases:
        _case(cases, case)
    sources = _list(root, "Sources", project.sources)
    for source in project.sources:
        _source(sources, source)
    notes = _list(root, "Notes", project.notes)
    for note in project.notes:
        _note(notes, note)
    links = _list(root, "Links", project.links)
    for link in project.links:
        _link(links, link)
    _text(root, "Description", project.description)
    return root


def _tag(near: etree._Element, name: str) -> str:
    return f"{{{etree.QName(near).namespace}}}{name}"


def _add(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, _tag(parent, tag))
    _set(element, **attributes)
    return element


def _set(element: etree._Element, /, **attributes: str) -> None:
    """Set those attributes that have a value."""
    for key, value in attributes.items():
        if value:
            element.set(key, _legal(value))


def _list(root: etree._Element, name: str, records: Iterable[object]) -> etree._Element:
    """The element that holds a list; not part of the document where the list is empty, as the schema wants it."""
    return _add(root, name) if records else etree.Element(_tag(root, name))


def _text(parent: etree._Element, name: str, text: str) -> None:
    if text:
        _add(parent, name).text = _legal(text)


def _legal(text: str) -> str:
    """The text with U+FFFD for each character that XML cannot hold."""
    return NOT_IN_XML.sub("\ufffd", text)


def _user(users: etree._Element, user: User) -> None:
    _add(users, "User", guid=user.guid, name=user.name, id=user.id)


def _add_codes(parent: etree._Element, codes: tuple[Code, ...]) -> None:
    _children(_add(parent, "Codes"), codes)


def _children(parent: etree._Element, codes: tuple[Code, ...]) -> None:
    for code in codes:
        codable = "true" if code.is_codable else "false"
        element = _add(parent, "Code", guid=code.guid, name=code.name, isCodable=codable, color=code.color)
        _text(element, "Description", code.description)
        _children(element, code.codes)


def _variable(variables: etree._Element, variable: Variable) -> None:
    element = _add(variables, "Variable", guid=variable.guid, name=variable.name, typeOfVariable=variable.type)
    _text(element, "Description", variable.description)


def _values(parent: etree._Element, values: tuple[Value, ...]) -> None:
    for value in values:
        element = _add(parent, "VariableValue")
        _add(element, "VariableRef", targetGUID=value.variable)
        _text(element, "TextValue", value.text)


def _references(parent: etree._Element, name: str, guids: tuple[str, ...]) -> None:
    for guid in guids:
        _add(parent, name, targetGUID=guid)


def _case(cases: etree._Element, case: Case) -> None:
    element = _add(cases, "Case", guid=case.guid, name=case.name)
    _text(element, "Description", case.description)
    _values(element, case.values)
    _references(element, "SourceRef", case.sources)
    _references(element, "SelectionRef", case.selections)


def _source(sources: etree._Element, source: TextSource) -> None:
    plain = f"internal://{source.guid}.txt"
    original = f"internal://{source.guid}{_ending(source)}" if source.original else ""
    if source.original and source.original.ending == ".pdf":
        element = _add(sources, "PDFSource", guid=source.guid, name=source.name, path=original)
        _text(element, "Description", source.description)
        text = _add(element, "Representation", guid=_representation(source), name=source.name, plainTextPath=plain)
    else:
        rich = original if source.original and source.original.ending in RICH else ""
        element = text = _add(sources, "TextSource", guid=source.guid, name=source.name, richTextPath=rich)
        _set(element, plainTextPath=plain)
        _text(element, "Description", source.description)
    for selection in source.selections:
        _selection(text, selection)
    _codings(element, source.codings)
    _references(element, "NoteRef", source.notes)
    _values(element, source.values)


def _representation(source: TextSource) -> str:
    """The GUID of a PDF's text: that of the source with its last group turned, so that the two differ."""
    head, _, tail = source.guid.rpartition("-")
    return f"{head}-{tail[::-1]}" if tail != tail[::-1] else f"{head}-{'0' * len(tail)}"


def _selection(parent: etree._Element, selection: Selection) -> None:
    element = _add(parent, "PlainTextSelection", guid=selection.guid, name=selection.name)
    _set(element, startPosition=str(selection.start), endPosition=str(selection.end), creatingUser=selection.user)
    _text(element, "Description", selection.description)
    _codings(element, selection.codings)
    _references(element, "NoteRef", selection.notes)


def _codings(parent: etree._Element, codings: tuple[Coding, ...]) -> None:
    for coding in codings:
        element = _add(parent, "Coding", guid=coding.guid, creatingUser=coding.user, creationDateTime=coding.at)
        _add(element, "CodeRef", targetGUID=coding.code)
        _references(element, "NoteRef", coding.notes)


def _note(notes: etree._Element, note: Note) -> None:
    element = _add(notes, "Note", guid=note.guid, name=note.name, creatingUser=note.user)
    _set(element, creationDateTime=note.at or conventions.UNDATED)
    _text(element, "Description", note.description)
    _add(element, "PlainTextContent").text = _legal(note.text)


def _link(links: etree._Element, link: Link) -> None:
    element = _add(links, "Link", guid=link.guid, name=link.name, direction="OneWay")
    _set(element, originGUID=link.origin, targetGUID=link.target)
    _references(element, "NoteRef", link.notes)

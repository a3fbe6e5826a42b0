"""What is kept of an imported project without a person who withdraws."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lxml import etree

from pipeline.exchange.kept.merging import INSIDE, KeptProject, items, people_of_media
from pipeline.exchange.kept.remainder import PROJECT
from pipeline.exchange.kept.translation import FILES, OUR_SOURCE, QDE
from pipeline.publish.zipped import zipped


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The archive that is left, and how many media were taken out."""

    data: bytes
    media: int


def without_person(data: bytes, case: str, sources: Collection[str]) -> Forgotten:
    """A stored archive without somebody's case, what is said of `sources`, and the media in which the person may be."""
    project = KeptProject.of(data)
    people, count = people_of_media(project.root, {}), 0
    for source in items(project.root, "Sources"):
        is_medium_of = case in people[source.get("guid", "")] or source.get(OUR_SOURCE, "") in sources
        if is_medium_of or source.get("guid", "") in sources:
            source.getparent().remove(source)
            count += is_medium_of
    for stub in list(project.root.iter(f"{{{PROJECT}}}Case")):
        if stub.get("guid") == case:
            stub.getparent().remove(stub)
    used = {source.get("path", "").removeprefix(INSIDE) for source in items(project.root, "Sources")}
    members = {QDE: bytes(etree.tostring(project.root, encoding="UTF-8", xml_declaration=True))}
    members |= {f"{FILES}{name}": file for name, file in project.files.items() if name in used}
    return Forgotten(zipped(sorted(members.items())), count)

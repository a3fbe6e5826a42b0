"""References that lead nowhere, taken out of what was added to a project; the project's own are never touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from pipeline.exchange.kept.remainder import REFERENCES, local

WHOLE = ("Coding", "VariableValue")  # what is nothing without what it refers to
USERS = ("creatingUser", "modifyingUser")


@dataclass(slots=True)
class Cleaning:
    """What was added to a project, with how often each GUID was referred to before anything was taken out."""

    root: etree._Element
    added: Sequence[etree._Element]
    before: Counter[str]
    taken: Counter[str] = field(default_factory=Counter)  # by the key of the message that says why

    def clean(self) -> None:
        """Take out what leads nowhere, and notes on things that are not there, until nothing changes."""
        while self._drop_references() or self._drop_notes():
            pass

    def _standing(self) -> Iterator[etree._Element]:
        """All elements that were added and are still there."""
        for element in self.added:
            if self.root in element.iterancestors():
                yield from element.iter()

    def _drop_references(self) -> bool:
        present = {element.get("guid", "") for element in self.root.iter()}
        lost = []
        for element in self._standing():
            for name in REFERENCES:
                if element.get(name, "") and element.get(name) not in present:
                    lost.append((element, name))
        for element, name in lost:
            self._drop(element, name)
        return bool(lost)

    def _drop(self, element: etree._Element, name: str) -> None:
        if name in USERS:
            del element.attrib[name]
            return
        above = element.getparent()
        if above is not None and local(above) in WHOLE:
            element, above = above, above.getparent()
        if above is not None:
            above.remove(element)
            self.taken["kept_leads_nowhere"] += 1

    def _drop_notes(self) -> bool:
        """Take out notes that were on something of which nothing is left: on a person or source that is not in the export."""
        now = referred(self._standing())
        lonely = [
            element
            for element in self._standing()
            if local(element) == "Note" and self.before[element.get("guid", "")] and not now[element.get("guid", "")]
        ]
        for note in lonely:
            note.getparent().remove(note)
            self.taken["kept_leads_nowhere"] += 1
        return bool(lonely)


def referred(elements: Iterable[etree._Element]) -> Counter[str]:
    """How often each GUID is referred to."""
    return Counter(element.get(name, "") for element in elements for name in REFERENCES if element.get(name))

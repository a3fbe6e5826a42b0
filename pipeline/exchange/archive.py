"""The parts of a project's archive: its XML and its texts, whatever names and paths the program that wrote it chose."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.guard import Archive, open_archive, safe_xml
from pipeline.wording.messages import message

ENDING = ".qde"
EXPORT_AGAIN = "exchange/export_the_project_again"
WITH_FILES = "exchange/export_the_project_again_with_its_files"
SCHEMES = ("internal:", "relative:", "absolute:")
MOST_ELEMENTS = 3_000_000  # of an XML file; they need about a kilobyte each while it is read


def document_of(data: bytes, name: str) -> etree._Element:
    """The root of an XML file. UnreadableError if it is not well-formed, too large, or declares entities."""
    content = safe_xml(data, name)
    if (count := content.count(b"<")) > MOST_ELEMENTS:
        what = message("exchange/has_tags_more_than", tags=count, most=MOST_ELEMENTS)
        raise UnreadableError(Problem(f"part {name}", what, message("exchange/export_less_at_a_time")))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line = error.position[0] if error.position else 0
        problem = Problem(f"part {name} line {line}", message("exchange/is_not_well_formed_xml"), message(EXPORT_AGAIN))
        raise UnreadableError(problem) from None


@dataclass(slots=True)
class ProjectArchive:
    """An archive whose parts are looked for without regard to capitals and folders."""

    archive: Archive
    qde: str
    by_name: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, data: bytes) -> ProjectArchive:
        """The archive. UnreadableError if it is out of order, or holds no project or several."""
        archive = open_archive(data)
        projects = [name for name in archive.parts if name.lower().endswith(ENDING)]
        if len(projects) != 1:
            what = message("exchange/holds_projects_files_one_is_needed", projects=len(projects), ending=ENDING)
            raise UnreadableError(Problem("", what, message(EXPORT_AGAIN)))
        by_name: dict[str, list[str]] = {}
        for name in archive.parts:
            by_name.setdefault(name.rpartition("/")[2].lower(), []).append(name)
        return cls(archive, projects[0], by_name)

    def document(self) -> etree._Element:
        """The root of the project's XML."""
        return document_of(self.archive.read(self.qde), self.qde)

    def part_of(self, path: str) -> str:
        """The part that a path such as `internal://GUID.txt` names; UnreadableError if it is not in the archive."""
        scheme = next((scheme for scheme in SCHEMES if path.lower().startswith(scheme)), "")
        if scheme in ("relative:", "absolute:"):
            raise UnreadableError(
                Problem(
                    "", message("exchange/is_outside_the_archive_where_nothing", scheme=scheme), message(WITH_FILES)
                )
            )
        steps = path[len(scheme) :].replace("\\", "/").lstrip("/")
        candidates = self.by_name.get(steps.rpartition("/")[2].lower(), [])
        if ".." in steps.split("/") or not candidates:
            raise UnreadableError(Problem("", message("exchange/is_not_in_the_archive"), message(WITH_FILES)))
        exact = [name for name in candidates if name.lower().endswith(f"/{steps.lower()}")]
        return (exact or candidates)[0]

    def read(self, path: str) -> bytes:
        """The bytes of the part that a path names."""
        return self.archive.read(self.part_of(path))

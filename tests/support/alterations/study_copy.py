"""A copy of a study whose files are altered and put back."""

from __future__ import annotations

from pathlib import Path

SKIPPED = ("outputs/audit/", "outputs/README.md", "raw/README.md")


class StudyCopy:
    """The files of a study as they were; `restore` puts back what was altered, removed or added."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.content = {name: (root / name).read_bytes() for name in self._names()}

    def _names(self) -> list[str]:
        paths = (path for path in self.root.rglob("*") if path.is_file())
        names = sorted(path.relative_to(self.root).as_posix() for path in paths)
        return [name for name in names if not name.startswith(SKIPPED) and not name.split("/")[-1].startswith(".")]

    def altered(self) -> list[str]:
        """The files that are not as they were."""
        return [name for name, data in self.content.items() if not self._is_as_before(name, data)]

    def _is_as_before(self, name: str, data: bytes) -> bool:
        path = self.root / name
        return path.is_file() and path.read_bytes() == data

    def restore(self) -> None:
        """Put everything back."""
        for name in set(self._names()) - set(self.content):
            (self.root / name).unlink()
        for name in self.altered():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_bytes(self.content[name])

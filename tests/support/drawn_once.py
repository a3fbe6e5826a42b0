"""Figures that are drawn once for all runs of a process: equal drawings give equal files, which tests of figures check."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from pipeline.publish import Publication, drawings


@contextmanager
def drawn_once() -> Iterator[None]:
    """Let all runs of this process share the figures that one of them drew."""
    write_anew = drawings.write
    drawn: dict[str, drawings.Files] = {}

    def write(publication: Publication, folder: Path, earlier: Mapping[str, drawings.Files]) -> dict[str, str]:
        keys = write_anew(publication, folder, {**drawn, **earlier})
        for name, key in keys.items():
            if key not in earlier:
                names = [f"{name}.{suffix}" for suffix in drawings.SUFFIXES]
                drawn[key] = {each: (folder / "figures" / each).read_bytes() for each in names}
        return keys

    with patch.object(drawings, "write", write):
        yield

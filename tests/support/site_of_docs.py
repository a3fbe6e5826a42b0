"""The documentation site: its pages laid out as in the repository, and built with every link checked."""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import command_page
import table_page
from studies import ROOT

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "raw/README.md")
WRITTEN_HERE = {"tables.md": table_page.with_columns, "commands.md": command_page.with_options}
BESIDE = ("tests/support/field_repositories.txt",)  # files that pages link to


def with_table(page: str, csv_file: Path) -> str:
    """A page with a CSV file beside it as a table, above its first section."""
    with csv_file.open(encoding="utf-8", newline="") as file:
        head, *rows = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in csv.reader(file))
    lines = [f"| {head} |", "|---" * (head.count(" | ") + 1) + "|", *(f"| {row} |" for row in rows)]
    above, mark, below = page.partition("\n## ")
    return "\n".join([above, *lines, ""]) + mark + below


def lay_out(folder: Path) -> Path:
    """The pages and pictures in a folder of their own, where their links expect them, with what the program declares."""
    shutil.copytree(ROOT / "docs", folder / "docs")
    for name in (*PAGES, *BESIDE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name, whole in WRITTEN_HERE.items():
        page = folder / "docs" / name
        page.write_text(whole(page.read_text("utf-8")), "utf-8")
    for table in (folder / "docs").glob("*.csv"):
        page = table.with_suffix(".md")
        page.write_text(with_table(page.read_text("utf-8"), table), "utf-8")
    return folder


def build(target: Path) -> subprocess.CompletedProcess[str]:
    """Build the site into `target`; a broken link is an error."""
    with tempfile.TemporaryDirectory() as folder:
        pages = lay_out(Path(folder) / "pages")
        settings = (ROOT / "mkdocs.yml").read_text("utf-8")
        config = Path(folder) / "mkdocs.yml"
        config.write_text(f"{settings}docs_dir: {pages}\nsite_dir: {target.resolve()}\n", "utf-8")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config)]
        quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=quiet)


def main() -> int:
    """Build the site into a folder outside the repository."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("target", type=Path, help="where the site goes")
    target = parser.parse_args().target
    if target.resolve().is_relative_to(ROOT):
        sys.exit(f"{target}: is inside the repository: name a folder outside it")
    done = build(target)
    sys.stdout.write(done.stderr if done.returncode else f"{target / 'index.html'}\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())

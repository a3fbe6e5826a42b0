"""The documentation site: it is built without a broken link, holds every page, and fetches nothing from elsewhere."""

import re
from pathlib import Path

import pytest
import site_of_docs as site
from studies import ROOT

pytest.importorskip("material", reason="mkdocs-material is not installed")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site") / "site"
    done = site.build(target)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return target


def test_every_page_of_the_documentation_is_on_the_site(built: Path) -> None:
    named = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))]
    assert [page for page in pages if f": {page}\n" not in named] == []
    assert len(list(built.rglob("index.html"))) >= len(pages)


def test_the_site_loads_nothing_from_elsewhere(built: Path) -> None:
    loading = re.compile(r"<(?:script|img|link rel=\"stylesheet\")[^>]*(?:src|href)=\"?(https?://[^\"\s>]+)")
    loaded = {url for page in built.rglob("*.html") for url in loading.findall(page.read_text("utf-8"))}
    assert loaded == set()


def test_first_hour_review_and_audit_are_there_in_spanish(built: Path) -> None:
    assert all((built / "docs/es" / name / "index.html").is_file() for name in ("first-hour", "reviewing", "auditing"))


def test_the_site_is_never_built_inside_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["site", str(ROOT / "built")])
    with pytest.raises(SystemExit, match="is inside the repository"):
        site.main()


@pytest.mark.slow
@pytest.mark.parametrize("link", ["[x](nowhere.md)", "[x](method.md#nowhere)"])
def test_a_broken_link_stops_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    whole = site.lay_out

    def with_broken_link(folder: Path) -> Path:
        pages = whole(folder)
        page = pages / "docs/first-hour.md"
        page.write_text(page.read_text("utf-8") + f"\n{link}\n", "utf-8")
        return pages

    monkeypatch.setattr(site, "lay_out", with_broken_link)
    done = site.build(tmp_path / "site")
    assert done.returncode != 0
    assert "nowhere" in done.stderr

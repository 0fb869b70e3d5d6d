"""The docs build into a site without a warning, and none of its links leads nowhere; the network is asked nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    # a proxy that nobody answers at: whatever asked the network would fail
    blocked = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        ["scripts/docs-site.sh", str(folder)],
        cwd=PROJECT,
        env={**ENVIRONMENT, **blocked, "CLOUDTRAIL_MONITORING_REPOSITORY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


# R-DEL-5, R-DEL-6
@pytest.mark.parametrize("page", ["index", "quick-reference", "troubleshooting", "settings", "architecture"])
def test_the_site_has_its_pages(site: Path, page: str) -> None:
    assert (site / f"{page}.html").is_file()


def test_every_page_of_the_docs_is_reached_from_the_first(site: Path) -> None:
    sources = {path.relative_to(PROJECT / "docs").with_suffix(".html") for path in (PROJECT / "docs").rglob("*.md")}
    navigation = (site / "index.html").read_text(encoding="utf-8")
    unreached = [page for page in sorted(map(str, sources)) if f'href="{page}"' not in navigation]
    assert unreached == ["index.html"]


def test_a_linked_file_of_the_repository_comes_along(site: Path) -> None:
    assert list((site / "_downloads").rglob("prices.toml"))


def small_site(project: Path, page: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Builds a page of its own with the project's configuration, beside a folder and a file to link to."""
    docs = project / "docs"
    (docs / "static").mkdir(parents=True)
    (project / "examples").mkdir()
    (project / "prices.toml").touch()
    shutil.copy(PROJECT / "docs" / "conf.py", docs)
    shutil.copy(PROJECT / "docs" / "static" / "site.css", docs / "static")
    (docs / "index.md").write_text(f"# Page\n\n{page}\n", encoding="utf-8")
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-b",
            "html",
            "-q",
            "-n",
            "-W",
            "--keep-going",
            str(docs),
            str(project / "site"),
        ],
        env={**ENVIRONMENT, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_links_out_of_the_docs_go_to_the_repository_that_is_named(tmp_path: Path) -> None:
    links = "[prices](../prices.toml) and [examples](../examples)"
    done = small_site(tmp_path, links, CLOUDTRAIL_MONITORING_REPOSITORY="https://github.com/xyz-corp/monitoring/")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert 'href="https://github.com/xyz-corp/monitoring/blob/main/prices.toml"' in page
    assert 'href="https://github.com/xyz-corp/monitoring/tree/main/examples"' in page


def test_a_link_to_nothing_fails_the_build(tmp_path: Path) -> None:
    targets = ("../nothing.toml", "../../beyond.toml", "nothing.md", "#no-such-heading", "nothing.png")
    links = " ".join(f"{'!' if target.endswith('png') else ''}[x]({target})" for target in targets)
    done = small_site(tmp_path, links, CLOUDTRAIL_MONITORING_REPOSITORY="https://github.com/xyz-corp/monitoring")
    assert done.returncode == 1
    assert [target for target in targets if target.lstrip("#") not in done.stderr] == []


def test_the_architecture_says_in_words_what_it_shows() -> None:
    picture = (PROJECT / "docs" / "pictures" / "architecture.svg").read_text(encoding="utf-8")
    assert "<title" in picture
    assert "<desc" in picture
    assert "prefers-color-scheme:dark" in picture


def links_of(tmp_path: Path, *pages: str) -> list[str]:
    for number, page in enumerate(pages):
        (tmp_path / f"{number}.html").write_text(page, encoding="utf-8")
    command = [sys.executable, "scripts/site_links.py", str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == (1 if done.stderr else 0)
    return done.stderr.splitlines()


def test_links_that_lead_somewhere_are_left_alone(tmp_path: Path) -> None:
    page = '<p id="a"><a href="#a">x</a> <a href="1.html?q=1#b">y</a> <a href="https://docs.aws.amazon.com/x">z</a>'
    assert links_of(tmp_path, page, '<img src="data:image/png,"><b id="b">') == []


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ('<a href="nowhere.html">', "there is no such file"),
        ('<a href="#nowhere">', "there is no #nowhere"),
        ('<a href="1.html#nowhere">', "there is no #nowhere"),
        ('<a href="../../etc/hosts">', "leads out of the site"),
        ('<a href="">', "leads nowhere"),
        ('<a href="http://docs.aws.amazon.com">', "is no https address"),
        ('<a href="https://docs aws.com">', "is no https address"),
        ('<a href="https://">', "is no https address"),
        ('<script src="https://cdn.example.com/x.js">', "is loaded from elsewhere"),
        ('<img src="missing.png">', "there is no such file"),
        ('<link href="https://fonts.example.com/x.css">', "is loaded from elsewhere"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(tmp_path: Path, link: str, problem: str) -> None:
    [told] = links_of(tmp_path, link, '<p id="b">')
    assert told.startswith("0.html: ")
    assert problem in told


def test_a_folder_without_pages_is_told(tmp_path: Path) -> None:
    [told] = links_of(tmp_path)
    assert "no pages here" in told

"""Checks the links of a built site without a network: ``python scripts/site_links.py FOLDER``.

A link within the site must lead to a file and, with ``#``, to an id in it. A link that leaves it must be https and well
formed; whether it answers is not asked. Images, scripts and styles must be the site's own.
"""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_LOADED = {("img", "src"), ("script", "src"), ("link", "href"), ("source", "src"), ("iframe", "src")}


class Link(NamedTuple):
    """Where a page points, and whether the browser fetches it at once."""

    target: str
    is_loaded: bool


class Page(HTMLParser):
    """The links and ids of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[Link] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif (tag, name) in _LOADED or (tag == "a" and name == "href"):
                self.links.append(Link(value or "", (tag, name) in _LOADED))


def faults(site: Path) -> Iterator[str]:
    """A line for each link that leads nowhere."""
    pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    if not pages:
        yield f"{site}: no pages here"
    for path, page in pages.items():
        for link in page.links:
            if problem := _fault(link, path, pages, site.resolve()):
                yield f"{path.relative_to(site.resolve())}: {link.target or '(empty)'}: {problem}"


def _fault(link: Link, path: Path, pages: dict[Path, Page], site: Path) -> str | None:
    try:
        parts = urlsplit(link.target)
    except ValueError as error:
        return str(error)
    if parts.scheme or parts.netloc:
        return _external_fault(link, parts.scheme, parts.hostname)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not link.target:
        return "leads nowhere"
    if not target.is_relative_to(site):
        return "leads out of the site"
    if not target.is_file():
        return "there is no such file"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].ids:
        return f"there is no #{anchor} in {target.name}"
    return None


def _external_fault(link: Link, scheme: str, host: str | None) -> str | None:
    if scheme in {"mailto", "data"}:
        return None
    if link.is_loaded:
        return "is loaded from elsewhere"
    if scheme != "https" or not host or "." not in host or " " in link.target:
        return "is no https address"
    return None


if __name__ == "__main__":
    found = list(faults(Path(sys.argv[1])))
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    sys.exit(1 if found else 0)

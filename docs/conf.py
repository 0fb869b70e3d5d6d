"""How Sphinx builds the site from these pages (``make docs``), and which page stands where in its navigation.

The pages stay plain Markdown that reads well in the repository, too: the navigation is here and not in them. A page
that is not named below lands in the last group, so that none is missing. Links that leave this folder go to the
repository if ``CLOUDTRAIL_MONITORING_REPOSITORY`` holds its address; otherwise a file comes along with the site, and a
folder is named without a link. Nothing is fetched: no inventories of other projects, no fonts, no scripts of others.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

DOCS = Path(__file__).parent
PROJECT = DOCS.parent
REPOSITORY = os.environ.get("CLOUDTRAIL_MONITORING_REPOSITORY", "").rstrip("/")

NAVIGATION = {
    "Start": ("architecture", "quick-reference", "troubleshooting", "settings"),
    "Detect": ("runbooks/README", "tuning", "filter-patterns", "responders"),
    "Look": ("dashboard", "saved-queries", "archive-search", "cost"),
    "Deliver": ("pull-requests", "plan-review", "delivery-roles", "state-recovery"),
    "Protect and prove": ("access", "guard-rails", "access-review", "checks", "compliance", "requirements"),
}
REST = "More"
BELOW = {"runbooks/README": "runbooks", "architecture": "decisions"}
"""Pages whose entry holds a folder's pages."""

project = "cloudtrail-monitoring"
author = "the authors of cloudtrail-monitoring"
project_copyright = f"{author}, Apache License 2.0"
extensions = ["myst_parser", "sphinx_copybutton"]
language = "en"
highlight_language = "none"
nitpicky = True
# as deep as a page's headings go, with the anchors that GitHub gives them
myst_heading_anchors = 4

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad"},
    "dark_css_variables": {"color-brand-primary": "#7cb7ff", "color-brand-content": "#7cb7ff"},
}

_LINK = re.compile(r"\[(?P<text>[^\]\n]*)\]\((?P<path>\.\./[^)#\s]*)(?P<anchor>#[^)\s]*)?\)")
_logger = logging.getLogger(__name__)


def _toctree(entries: Iterable[str], caption: str = "") -> str:
    """Sphinx's list of pages, which shows in the navigation and not on the page."""
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "```{toctree}", *options, "", *(f"/{page}" for page in entries), "```", ""])


def _with_navigation(app: Sphinx, docname: str, content: list[str]) -> None:
    """Adds the navigation to the first page, and a folder's pages to the page that leads to them."""
    pages = sorted(app.env.found_docs)
    if docname == "index":
        named = {page for group in NAVIGATION.values() for page in group}
        rest = tuple(page for page in pages if "/" not in page and page not in named | {"index"})
        for caption, group in {**NAVIGATION, REST: rest}.items():
            there = [page for page in group if page in pages]
            content[0] += _toctree(there, caption) if there else ""
    elif folder := BELOW.get(docname):
        content[0] += _toctree(page for page in pages if page.startswith(f"{folder}/") and page != docname)


def _leaving(_app: Sphinx, docname: str, content: list[str]) -> None:
    """Turns links to what lies outside of this folder into links to the repository, or into plain text."""

    def turned(found: re.Match[str]) -> str:
        target = (DOCS / docname).parent.joinpath(found["path"]).resolve()
        if target.is_relative_to(DOCS):
            return found[0]
        if not target.is_relative_to(PROJECT) or not target.exists():
            _logger.warning("there is no %s", found["path"], location=docname)
            return found[0]
        if REPOSITORY:
            kind = "tree" if target.is_dir() else "blob"
            address = f"{REPOSITORY}/{kind}/main/{target.relative_to(PROJECT).as_posix()}"
            return f"[{found['text']}]({address}{found['anchor'] or ''})"
        return found["text"] if target.is_dir() else f"[{found['text']}]({found['path']})"

    content[0] = _LINK.sub(turned, content[0])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", _leaving)
    app.connect("source-read", _with_navigation)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

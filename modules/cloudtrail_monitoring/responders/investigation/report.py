"""The report of an incident, as Markdown and as a page of its own: no scripts, no outside resources, all escaped.

What it says is left to ``report_view``. Whatever is put into Markdown passes ``markdown_text``, whatever is put into
the page Jinja's escaping: neither template can forget it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloudtrail_monitoring.responders.investigation.desk import InvestigationError
from cloudtrail_monitoring.responders.investigation.markdown import markdown_text

MARKDOWN, HTML = "report.md", "report.html"
_PACKAGE = "cloudtrail_monitoring.responders.investigation"


def write_report(directory: Path, view: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write both; a report of an earlier time is replaced.

    Returns:
        The Markdown's path and the page's.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    common: dict[str, Any] = {
        "loader": PackageLoader(_PACKAGE, "."),
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "keep_trailing_newline": True,
    }
    page = Environment(autoescape=True, **common).get_template("report.html.j2").render(view)
    # Markdown is no HTML: ``finalize`` sees everything that a template puts in
    text = Environment(autoescape=False, finalize=markdown_text, **common)  # noqa: S701
    files = {directory / MARKDOWN: text.get_template("report.md.j2").render(view), directory / HTML: page}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            path.write_text(content, encoding="utf-8", errors="replace")
    except OSError as error:
        raise InvestigationError(f"{directory}: can't be written: {error.strerror}") from None
    return directory / MARKDOWN, directory / HTML

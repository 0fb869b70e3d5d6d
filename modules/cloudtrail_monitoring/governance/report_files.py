"""The files that reports are written to: a page and Markdown from a report's own templates, and whatever else is text.

What they say is left to views. Markdown passes ``markdown_text``, the page Jinja's escaping: no template can forget.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cloudtrail_monitoring.responders.investigation.markdown import markdown_text


class ReportError(ValueError):
    """A report can't be written; ``str()`` is one line."""


def write_files(wanted: Mapping[Path | None, Callable[[], str]]) -> None:
    """Write those that are wanted; all are made before the first is written.

    Args:
        wanted: how each text is made, by its file; ``None`` is not wanted.

    Raises:
        ReportError: a file can't be written.
    """
    texts = {path: make() for path, make in wanted.items() if path is not None}
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="replace")
        except OSError as error:
            raise ReportError(f"{path}: can't be written: {error.strerror}") from None


def page_of(package: str, view: Mapping[str, Any]) -> str:
    """A package's ``report.html.j2``, all that is put in escaped.

    Raises:
        ReportError: Jinja2 is not installed.
    """
    return _rendered(package, "report.html.j2", view, autoescape=True)


def markdown_of(package: str, view: Mapping[str, Any]) -> str:
    """A package's ``report.md.j2``.

    Raises:
        ReportError: Jinja2 is not installed.
    """
    # Markdown is no HTML: ``finalize`` sees everything that a template puts in
    return _rendered(package, "report.md.j2", view, autoescape=False, finalize=markdown_text)


def _rendered(package: str, template: str, view: Mapping[str, Any], **options: Any) -> str:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ModuleNotFoundError:
        raise ReportError("jinja2 is not installed: pip install 'cloudtrail-monitoring[investigate]'") from None
    environment = Environment(  # noqa: S701 - each caller says how what it is given gets escaped
        loader=PackageLoader(package, "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **options,
    )
    return environment.get_template(template).render(view)

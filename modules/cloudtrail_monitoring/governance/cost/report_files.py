"""The files a report is written to, beside what is printed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudtrail_monitoring.governance.cost.prices import CostError


@dataclass(frozen=True)
class Destination:
    """Files to write, if any."""

    markdown: Path | None = None
    json: Path | None = None
    html: Path | None = None

    def write(
        self, *, markdown: Callable[[], str], content: Callable[[], dict[str, Any]], html: Callable[[], str]
    ) -> None:
        """Make and write what is asked for.

        Raises:
            CostError: a file can't be written, or the page needs what is not installed.
        """
        if self.json:
            _write(self.json, json.dumps(content(), indent=2) + "\n")
        if self.markdown:
            _write(self.markdown, markdown())
        if self.html:
            _write(self.html, html())


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CostError(f"{path}: {error.strerror or error}") from None

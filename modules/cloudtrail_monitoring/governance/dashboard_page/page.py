"""The page: a dashboard's widgets on their grid, in one file without scripts or outside resources.

Whatever comes from the account is escaped. A page is passed on more easily than an account's logs: of an e-mail
address, such as a federated session has for its name, only what stands before the @ is shown. Each widget is drawn by
`widgets`; what the data are, and are not, is said by whoever asks for the page.
"""

import errno
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from cloudtrail_monitoring.governance.charts import CHART_STYLE
from cloudtrail_monitoring.governance.dashboard_page.body import Dashboard, DashboardError
from cloudtrail_monitoring.governance.dashboard_page.metric_views import ROW_PIXELS
from cloudtrail_monitoring.governance.dashboard_page.observed import Observed
from cloudtrail_monitoring.governance.dashboard_page.widgets import draw

_ADDRESS = re.compile(r"([\w.+-]{1,64})@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True)
class Source:
    """Where a page's data come from.

    Args:
        title: what the page is called.
        where: the account, in a few words.
        notes: what a reader has to know about the data, a sentence each.
    """

    title: str
    where: str
    notes: Sequence[str] = ()


def render(dashboard: Dashboard, observed: Observed, source: Source, *, prefix: str) -> str:
    """The page as HTML.

    Args:
        prefix: what names in the account begin with, and what is left out of the alarms' names.

    Raises:
        AccountError: the account can't be asked.
    """
    drawn = [draw(widget, observed, prefix) for widget in dashboard.widgets]
    environment = Environment(
        loader=PackageLoader("cloudtrail_monitoring.governance.dashboard_page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    start, end = observed.span
    html = environment.get_template("page.html.j2").render(
        source=source,
        widgets=drawn,
        span=f"{start:%A %d %B %Y, %H:%M} to {end:%A %d %B %Y, %H:%M} UTC",
        chart_style=CHART_STYLE,
        row_pixels=ROW_PIXELS,
    )
    return _ADDRESS.sub(r"\1@…", html)


def write_page(html: str, file: Path) -> None:
    """Write the page, and the folders it needs.

    Raises:
        DashboardError: the file can't be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(html, encoding="utf-8", errors="replace")
    except OSError as error:
        reason = error.strerror or errno.errorcode.get(error.errno or 0, "")
        raise DashboardError(f"{file} can't be written: {reason}") from None

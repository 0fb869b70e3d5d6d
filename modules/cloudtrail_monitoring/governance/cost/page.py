"""A report as one HTML page that needs nothing else: the verdict first, then charts, then tables."""

from collections.abc import Sequence

from markupsafe import Markup

from cloudtrail_monitoring.governance.charts import CHART_STYLE
from cloudtrail_monitoring.governance.cost.prices import CostError
from cloudtrail_monitoring.governance.cost.report_table import Table, is_sum, plain


def page(
    title: str,
    *,
    verdict: str,
    good: bool | None,
    remarks: Sequence[str],
    figures: Sequence[tuple[str, str]] = (),
    charts: Sequence[tuple[str, Markup]] = (),
    tables: Sequence[Table],
    footer: str,
) -> str:
    """The page.

    Args:
        verdict: in a line.
        good: how the verdict is coloured; ``None``: it is neither good nor bad.
        figures: what is counted, and how much.
        charts: each with its title.

    Raises:
        CostError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ModuleNotFoundError:
        raise CostError("jinja2 is not installed: pip install 'cloudtrail-monitoring[investigate]'") from None
    environment = Environment(
        loader=PackageLoader("cloudtrail_monitoring.governance.cost", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2").render(
        title=title,
        verdict=verdict,
        outcome={True: "good", False: "bad", None: "plain"}[good],
        remarks=remarks,
        figures=figures,
        charts=charts,
        tables=tables,
        is_sum=is_sum,
        plain=plain,
        footer=footer,
        chart_style=CHART_STYLE,
    )

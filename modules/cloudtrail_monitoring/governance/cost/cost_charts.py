"""The charts of the cost report: the archive's build-up by storage class, and the monthly cost by part."""

from markupsafe import Markup

from cloudtrail_monitoring.governance.charts import Series, chart
from cloudtrail_monitoring.governance.cost.cost_report import storage_classes
from cloudtrail_monitoring.governance.cost.estimate import MONTHS, Estimate
from cloudtrail_monitoring.governance.cost.searches import STORAGE_CLASS
from cloudtrail_monitoring.governance.cost.usage import Part

_YEARS = [(1.0, "month 1"), *((float(month), f"year {month // 12}") for month in range(12, MONTHS + 1, 12))]
_HEIGHT = 260


def charts(estimate: Estimate) -> tuple[tuple[str, Markup], ...]:
    """Title and drawing of each."""
    return (_archive(estimate), _parts(estimate))


def _archive(estimate: Estimate) -> tuple[str, Markup]:
    title = "The archive builds up"
    series = [
        Series(
            class_,
            [(bill.month, bill.quantity(STORAGE_CLASS + class_)) for bill in estimate.bills],
            figure=f"{estimate.bill(MONTHS).quantity(STORAGE_CLASS + class_):,.1f} GB",
        )
        for class_ in storage_classes(estimate)
    ]
    return title, chart(
        series,
        title=title,
        description=f"Gigabytes in each storage class, month by month over {MONTHS} months.",
        kind="stacked_areas",
        x_labels=_YEARS,
        y_format=lambda gigabytes: f"{gigabytes:,.0f} GB",
        height=_HEIGHT,
    )


def _parts(estimate: Estimate) -> tuple[str, Markup]:
    title, money = "What a month costs", estimate.prices.money
    series = [
        Series(
            part.value,
            [(bill.month, bill.cost(part)) for bill in estimate.bills],
            figure=money(estimate.bill(MONTHS).cost(part)),
        )
        for part in Part
        if any(bill.cost(part) > 0 for bill in estimate.bills)
    ]
    return title, chart(
        series,
        title=title,
        description=f"The monthly cost of each part over {MONTHS} months.",
        kind="stacked_areas",
        x_labels=_YEARS,
        y_format=money,
        height=_HEIGHT,
    )

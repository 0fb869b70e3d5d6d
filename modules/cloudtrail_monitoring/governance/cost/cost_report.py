"""The report of one environment's cost: its sections as plain tables, and the same as Markdown and as JSON.

What it costs is left to ``estimate``; what a change costs to ``difference``.
"""

from collections.abc import Iterator
from typing import Any

from cloudtrail_monitoring.governance.cost.difference import COMPARED, Difference
from cloudtrail_monitoring.governance.cost.estimate import MONTHS, Bill, Estimate, Item
from cloudtrail_monitoring.governance.cost.report_table import Table, markdown_table, sum_of
from cloudtrail_monitoring.governance.cost.searches import STORAGE_CLASS
from cloudtrail_monitoring.governance.cost.usage import Part

SHOWN = (1, 12, MONTHS)
"""The months shown: the first, the end of the first year, and the end of the seventh."""
_YEARS = tuple(range(12, MONTHS + 1, 12))
_LEAST_SHOWN = 0.005
_LARGE = 100

NOT_COUNTED = (
    "free tiers: none is taken off",
    "restores and downloads from the archive, and the evidence of incidents",
    "the requests by which Athena lists and reads files",
    "the state bucket, a few cents",
    "taxes, and what carriers add to an SMS",
)


def headline(estimate: Estimate) -> str:
    """The verdict in a line.

    >>> headline(estimate)  # doctest: +SKIP
    'within the budget: $71.18 of $200.00 in month 84'
    """
    money = estimate.prices.money
    said = ", ".join(
        f"{verdict.limit.name} {money(verdict.cost)} of {money(verdict.limit.amount)} in month {verdict.month}"
        for verdict in estimate.verdicts
        if not verdict.is_within
    )
    if said:
        return f"over the budget: {said}"
    verdict = estimate.verdicts[-1]
    return f"within the budget: {money(verdict.cost)} of {money(verdict.limit.amount)} in month {verdict.month}"


def dominating(estimate: Estimate) -> str:
    """The part that costs most in the end, and the line of it that does."""
    bill, money = estimate.bill(MONTHS), estimate.prices.money
    if not bill.cost():
        return "nothing costs anything"
    part = max(Part, key=bill.cost)
    item, charge = max(((i, c) for i, c in bill.charges.items() if i.part is part), key=lambda one: one[1].cost)
    share = bill.cost(part) / bill.cost()
    return f"{part.value} dominates: {share:.0%} in month {MONTHS}, most of it {item.name} ({money(charge.cost)})"


def remarks(estimate: Estimate) -> Iterator[str]:
    """What one should know beside the figures, a line each."""
    yield dominating(estimate)
    if estimate.headroom:
        factor, limit = estimate.headroom
        yield (
            f"the budget bears {factor:.1f} times these events; what ends it is {limit.name}"
            f" ({estimate.prices.money(limit.amount)})"
        )
    yield from estimate.notes


def tables(estimate: Estimate) -> tuple[Table, ...]:
    """The sections, in their order."""
    return (_against_budget(estimate), _by_item(estimate), _archive(estimate), _assumptions(estimate))


def as_markdown(estimate: Estimate) -> str:
    """The whole report."""
    prices = estimate.prices
    lines = [f"# What {estimate.environment} costs a month", "", f"R-CST-1: {headline(estimate)}.", ""]
    lines += [f"- {remark}" for remark in remarks(estimate)]
    for table in tables(estimate):
        lines += markdown_table(table)
    lines += ["", f"Prices: {prices.region}, {prices.currency}, {prices.date}, the first tier of each.", ""]
    lines += ["Not counted:", "", *(f"- {one}" for one in NOT_COUNTED)]
    return "\n".join(lines) + "\n"


def as_json(estimate: Estimate, difference: Difference | None = None) -> dict[str, Any]:
    """Every month, by part and by storage class; the lines of the shown months; and what was assumed."""
    prices = estimate.prices
    content: dict[str, Any] = {
        "environment": estimate.environment,
        "within_budget": estimate.is_within_budget,
        "budget": [
            {"name": one.limit.name, "limit": one.limit.amount, "cost": one.cost, "month": one.month}
            for one in estimate.verdicts
        ],
        "headroom": estimate.headroom and {"factor": estimate.headroom.factor, "limit": estimate.headroom.limit.name},
        "prices": {"region": prices.region, "currency": prices.currency, "date": prices.date.isoformat()},
        "months": [_month(bill) for bill in estimate.bills],
        "lines": [
            {
                "part": item.part.value,
                "item": item.name,
                "price": item.price,
                "unit": prices.row(item.price).unit,
                "months": {str(month): _charge(estimate.bill(month), item) for month in SHOWN},
            }
            for item in _items(estimate)
        ],
        "volumes": estimate.declared.volumes.model_dump(mode="json"),
        "volumes_from": estimate.declared.origin,
        "notes": list(estimate.notes),
        "not_counted": list(NOT_COUNTED),
    }
    if difference:
        content["difference"] = {
            str(month): {
                name: difference.change(month, *parts)._asdict()
                for name, parts in (*((part.value, (part,)) for part in difference.changed_parts), ("all", ()))
            }
            for month in COMPARED
        }
    return content


def _against_budget(estimate: Estimate) -> Table:
    money = estimate.prices.money
    rows = [
        (
            one.limit.name,
            *(money(estimate.bill(month).cost(*one.limit.parts)) for month in SHOWN),
            money(one.limit.amount),
            "within" if one.is_within else f"over in month {one.month}",
        )
        for one in estimate.verdicts
    ]
    return Table("Against the budget", ("", *_headings(), "budget", ""), tuple(rows))


def _by_item(estimate: Estimate) -> Table:
    """Parts with their lines; a line that never makes half a cent is left to the sum of its part."""
    money = estimate.prices.money
    rows: list[tuple[str, ...]] = []
    for part in Part:
        rows.append((sum_of(part.value), "", *(money(estimate.bill(month).cost(part)) for month in SHOWN)))
        for item in _items(estimate):
            charges = [estimate.bill(month).charges.get(item) for month in SHOWN]
            costs = [charge.cost if charge else 0.0 for charge in charges]
            last = charges[-1]
            if item.part is part and max(costs) >= _LEAST_SHOWN:
                unit = estimate.prices.row(item.price).unit
                quantity = f"{_number(last.quantity)} {unit}" if last else ""
                rows.append((_label(item), quantity, *map(money, costs)))
    rows.append((sum_of("all"), "", *(money(estimate.bill(month).cost()) for month in SHOWN)))
    return Table("By part", ("", f"in month {MONTHS}", *_headings()), tuple(rows))


def _archive(estimate: Estimate) -> Table:
    """GB by storage class at the end of each year."""
    classes = storage_classes(estimate)
    rows = [
        (
            f"year {month // 12}",
            *(f"{estimate.bill(month).quantity(STORAGE_CLASS + one):,.1f}" for one in classes),
            estimate.prices.money(estimate.bill(month).cost(Part.STORAGE)),
        )
        for month in _YEARS
    ]
    return Table("The archive, GB by storage class", ("", *classes, "storage a month"), tuple(rows))


def _assumptions(estimate: Estimate) -> Table:
    rows: list[tuple[str, ...]] = []
    for name, value in estimate.declared.volumes.model_dump().items():
        if name == "data_events":
            for type_, volume in value.items():
                rows += [(f"{type_} {key}", _number(count)) for key, count in volume.items()]
        elif name == "management_reads_of":
            rows += [(f"{name} {source}", _number(count)) for source, count in value.items()]
        else:
            rows.append((name, _number(value)))
    return Table(f"Assumed volumes ({estimate.declared.origin})", ("", "value"), tuple(rows))


def _headings() -> tuple[str, ...]:
    return tuple(f"month {month}" for month in SHOWN)


def _items(estimate: Estimate) -> list[Item]:
    """The lines of the shown months, dearest part first as the parts stand, in the order of their readers."""
    return list(dict.fromkeys(item for month in reversed(SHOWN) for item in estimate.bill(month).charges))


def _label(item: Item) -> str:
    """The line's name, with the storage class that its price is of."""
    for kind, joined in ((STORAGE_CLASS, ", "), ("s3-transition-", " to "), ("s3-retrieval-", " from ")):
        before, _, class_ = item.price.partition(kind)
        if class_ and not before:
            return f"{item.name}{joined}{class_}"
    return item.name


def storage_classes(estimate: Estimate) -> list[str]:
    """The classes the archive passes through, in their order."""
    found = (item.price.partition(STORAGE_CLASS)[2] for item in _items(estimate))
    return list(dict.fromkeys(one for one in found if one))


def _month(bill: Bill) -> dict[str, Any]:
    stored: dict[str, float] = {}
    for item, charge in bill.charges.items():
        class_ = item.price.partition(STORAGE_CLASS)[2]
        if class_:
            stored[class_] = stored.get(class_, 0.0) + charge.quantity
    return {
        "month": bill.month,
        "cost": bill.cost(),
        "parts": {part.value: bill.cost(part) for part in Part},
        "stored_gb": stored,
    }


def _charge(bill: Bill, item: Item) -> dict[str, float]:
    charge = bill.charges.get(item)
    return charge._asdict() if charge else {"quantity": 0.0, "cost": 0.0}


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= _LARGE else f"{value:,.2f}".rstrip("0").rstrip(".")

"""The estimate of one environment: seven years of monthly bills, and how they stand against the budget.

Quantities come from the readers of the synthesised output, prices from the table; free tiers are not taken off, because
they belong to the account and may be used up elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cloudtrail_monitoring.governance.cost.alerts import alert_usage
from cloudtrail_monitoring.governance.cost.cloudwatch import cloudwatch_usage
from cloudtrail_monitoring.governance.cost.counted_types import type_notes
from cloudtrail_monitoring.governance.cost.functions import function_usage, invocations_a_day
from cloudtrail_monitoring.governance.cost.keys import key_usage
from cloudtrail_monitoring.governance.cost.prices import PriceTable
from cloudtrail_monitoring.governance.cost.searches import search_usage
from cloudtrail_monitoring.governance.cost.storage import storage_usage
from cloudtrail_monitoring.governance.cost.trails import read_trails, trail_notes, trail_usage
from cloudtrail_monitoring.governance.cost.usage import Month, Part, Usage
from cloudtrail_monitoring.governance.cost.volumes import Declared, EventVolumes
from cloudtrail_monitoring.simulation.deployed_detections import blocks
from cloudtrail_monitoring.simulation.synthesised_output import Document

MONTHS = 84
"""Seven years (R-ARC-5): the archive grows until then."""
_MOST_EVENTS = 1_000.0
_BISECTIONS = 40


class Limit(NamedTuple):
    """A line of the budget, a month."""

    name: str
    parts: frozenset[Part]
    amount: float


BUDGET = (
    Limit("storage", frozenset({Part.STORAGE}), 150),
    Limit("CloudWatch", frozenset({Part.CLOUDWATCH}), 50),
    Limit("all", frozenset(Part), 200),
)
"""What R-CST-1 budgets for an environment, in dollars."""


class Item(NamedTuple):
    """What a line of the bill is for."""

    part: Part
    name: str
    price: str


class Charge(NamedTuple):
    quantity: float
    cost: float


@dataclass(frozen=True)
class Bill:
    """One month's charges."""

    month: int
    charges: Mapping[Item, Charge]

    def cost(self, *parts: Part) -> float:
        """What some parts cost; without any, all of them."""
        return sum(charge.cost for item, charge in self.charges.items() if not parts or item.part in parts)

    def quantity(self, price: str) -> float:
        """How much of a row of the price table the month takes."""
        return sum(charge.quantity for item, charge in self.charges.items() if item.price == price)


@dataclass(frozen=True)
class Verdict:
    """How the dearest month stands against one line of the budget."""

    limit: Limit
    month: int
    cost: float

    @property
    def is_within(self) -> bool:
        return self.cost <= self.limit.amount


class Headroom(NamedTuple):
    """How many times the declared events the budget bears, and the line of it that ends it."""

    factor: float
    limit: Limit


@dataclass(frozen=True)
class Estimate:
    """Bills of the months 1 to 84."""

    environment: str
    prices: PriceTable
    declared: Declared
    bills: tuple[Bill, ...]
    headroom: Headroom | None
    """``None`` if the budget does not bear even the declared events, or whatever number of them."""
    notes: tuple[str, ...]

    def bill(self, month: int) -> Bill:
        return self.bills[month - 1]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(_verdict(limit, self.bills) for limit in BUDGET)

    @property
    def is_within_budget(self) -> bool:
        return all(verdict.is_within for verdict in self.verdicts)


def estimate(document: Document, environment: str, declared: Declared, prices: PriceTable) -> Estimate:
    """What a synthesised stack costs.

    Raises:
        CostError: the table lacks a price the stack needs.

    Example:
        >>> from cloudtrail_monitoring.governance.cost.prices import read_prices
        >>> one_alarm = {"resource": {"aws_cloudwatch_metric_alarm": {"errors": {"metric_name": "Errors"}}}}
        >>> none = Declared(EventVolumes(logs_insights_gb_a_month=0), "")
        >>> round(estimate(one_alarm, "prod", none, read_prices()).bill(1).cost(), 2)
        0.1
    """
    bills = tuple(_bill(document, declared.volumes, prices, month) for month in range(1, MONTHS + 1))
    return Estimate(
        environment,
        prices,
        declared,
        bills,
        _headroom(document, declared.volumes, prices, bills),
        tuple(_notes(document, declared, prices)),
    )


def _bill(document: Document, volumes: EventVolumes, prices: PriceTable, number: int) -> Bill:
    quantities: dict[Item, float] = {}
    for usage in _usage(document, volumes, Month(number)):
        if usage.quantity:
            item = Item(usage.part, usage.item, usage.price)
            quantities[item] = quantities.get(item, 0.0) + usage.quantity
    charges = {item: Charge(quantity, prices.cost(item.price, quantity)) for item, quantity in quantities.items()}
    return Bill(number, charges)


def _usage(document: Document, volumes: EventVolumes, month: Month) -> Iterator[Usage]:
    trails = read_trails(document, volumes)
    stored = tuple(storage_usage(document, trails, volumes, month))
    yield from stored
    yield from search_usage(document, stored, volumes, month)
    yield from cloudwatch_usage(document, trails, volumes, invocations_a_day(document, volumes), month)
    yield from trail_usage(trails, volumes)
    yield from key_usage(document, trails, volumes, month)
    yield from function_usage(document, volumes)
    yield from alert_usage(document, volumes)


def _verdict(limit: Limit, bills: tuple[Bill, ...]) -> Verdict:
    """The first of the dearest months: later ones that cost the same to the cent are no news."""
    costs = [round(bill.cost(*limit.parts), 2) for bill in bills]
    dearest = max(costs)
    return Verdict(limit, bills[costs.index(dearest)].month, dearest)


def _headroom(
    document: Document, volumes: EventVolumes, prices: PriceTable, bills: tuple[Bill, ...]
) -> Headroom | None:
    """The factor is sought in the dearest month of these volumes: more of them shift no month before another."""
    dearest = max(bills, key=Bill.cost).month

    def exceeded(factor: float) -> Limit | None:
        bill = _bill(document, volumes.scaled(factor), prices, dearest)
        return next((limit for limit in BUDGET if bill.cost(*limit.parts) > limit.amount), None)

    least, most = 1.0, _MOST_EVENTS
    ends = exceeded(most)
    if ends is None or exceeded(least):
        return None
    for _ in range(_BISECTIONS):
        middle = (least + most) / 2
        over = exceeded(middle)
        if over is None:
            least = middle
        else:
            most, ends = middle, over
    return Headroom(least, ends)


def _notes(document: Document, declared: Declared, prices: PriceTable) -> Iterator[str]:
    home = next((one.get("region") for one in _providers(document) if not one.get("alias")), None)
    if home and home != prices.region:
        yield f"the prices are of {prices.region}, and the environment is in {home}: --prices takes another table"
    yield from trail_notes(read_trails(document, declared.volumes), document, declared.volumes)
    yield from type_notes(document)


def _providers(document: Document) -> list[Mapping[str, object]]:
    declared = document.get("provider")
    return list(blocks(declared.get("aws"))) if isinstance(declared, dict) else []

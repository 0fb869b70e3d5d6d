"""What a change costs: two estimates of one environment, with the same volumes and prices, part by part.

For the review of a pull request; a difference below half a cent a month is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cloudtrail_monitoring.governance.cost.estimate import MONTHS, Estimate
from cloudtrail_monitoring.governance.cost.usage import Part

COMPARED = (1, MONTHS)
"""The months shown: the first, and the last, when the archive is full."""


class Change(NamedTuple):
    """Before and after of one part, or of all, in one month."""

    before: float
    after: float

    @property
    def amount(self) -> float:
        return self.after - self.before

    @property
    def is_none(self) -> bool:
        return round(self.amount, 2) == 0


@dataclass(frozen=True)
class Difference:
    """The estimate of the output that is proposed, against that of the output that stands."""

    before: Estimate
    after: Estimate

    def change(self, month: int, *parts: Part) -> Change:
        """What some parts cost in a month; without any, all of them."""
        return Change(self.before.bill(month).cost(*parts), self.after.bill(month).cost(*parts))

    @property
    def changed_parts(self) -> tuple[Part, ...]:
        """The parts that cost other than before in one month at least."""
        return tuple(part for part in Part if not all(one.is_none for one in self._changes(part)))

    @property
    def is_none(self) -> bool:
        return not self.changed_parts

    def _changes(self, part: Part) -> Iterator[Change]:
        return (self.change(month, part) for month in range(1, MONTHS + 1))


def difference_as_markdown(difference: Difference) -> str:
    """At most eleven lines: a row for each part that changes, and one for all.

    Example:
        >>> print(difference_as_markdown(difference))  # doctest: +SKIP
        ### Cost of prod: +$0.10 a month
        <BLANKLINE>
        | part | month 1 | month 84 | change |
        |---|---|---|---:|
        | CloudWatch | $30.68 → $30.78 | $31.41 → $31.51 | +$0.10 |
        | all | $62.85 → $62.95 | $71.18 → $71.28 | +$0.10 |
    """
    environment, money = difference.after.environment, difference.after.prices.money
    if difference.is_none:
        return f"### Cost of {environment}: no change in cost\n"
    amount = difference.change(MONTHS).amount
    lines = [
        f"### Cost of {environment}: {money(amount, signed=True)} a month",
        "",
        f"| part | {' | '.join(f'month {month}' for month in COMPARED)} | change |",
        f"|---|{'---|' * len(COMPARED)}---:|",
    ]
    for name, parts in (*((part.value, (part,)) for part in difference.changed_parts), ("all", ())):
        changes = [difference.change(month, *parts) for month in COMPARED]
        cells = [f"{money(one.before)} → {money(one.after)}" for one in changes]
        lines.append(f"| {name} | {' | '.join(cells)} | {money(changes[-1].amount, signed=True)} |")
    return "\n".join(lines) + "\n"

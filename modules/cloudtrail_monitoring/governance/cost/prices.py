"""The price table: one file of rows, each with its unit and the page it stands on, for one Region and day.

What is consumed is left to the readers of the synthesised output: they name a row by its id.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from cloudtrail_monitoring.validation import AT_LEAST_ONE, RegionName, Settings, matching

SHIPPED = Path(__file__).with_name("prices.toml")
_SYMBOLS = {"USD": "$"}


class CostError(ValueError):
    """Prices or volumes that can't be used; ``str()`` is one line that says what is wrong and where."""


class Price(Settings):
    """A row: ``usd`` of the table's currency for each ``per`` of ``unit``, the first tier, no free tier taken off."""

    id: Annotated[str, matching(r"[\w-]+", "an id of letters, digits, - and _")]
    usd: float = Field(ge=0, allow_inf_nan=False)
    per: float = Field(gt=0, allow_inf_nan=False)
    unit: str
    source: Annotated[str, matching(r"https://\S+", "the https:// address of the price page")]
    seen: str | None = None
    """Where the figure was read, if not there."""
    seen_on: date | None = Field(None, alias="date")
    """Of what day that is, if it says so."""


class _Table(Settings):
    region: RegionName
    currency: Annotated[str, matching(r"[A-Z]{3}", "a currency such as USD")]
    date: date
    price: Annotated[tuple[Price, ...], AT_LEAST_ONE, Field(strict=False)]


@dataclass(frozen=True)
class PriceTable:
    """The prices of one Region on one day."""

    path: Path
    region: str
    currency: str
    date: date
    rows: Mapping[str, Price]

    def cost(self, id_: str, quantity: float) -> float:
        """What a quantity costs, in the table's currency.

        Raises:
            CostError: the table has no such row.
        """
        row = self.row(id_)
        return quantity / row.per * row.usd

    def row(self, id_: str) -> Price:
        if id_ not in self.rows:
            raise CostError(f"{self.path}: there is no price {id_}, and the environment uses it: add a row")
        return self.rows[id_]

    def money(self, amount: float, *, signed: bool = False) -> str:
        """An amount for people, such as `$3.10`; a change with its sign.

        >>> read_prices(SHIPPED).money(-0.1, signed=True)
        '-$0.10'
        """
        rounded = round(amount, 2) or 0.0
        sign = "-" if rounded < 0 else "+" if signed else ""
        symbol = _SYMBOLS.get(self.currency, f"{self.currency} ")
        return f"{sign}{symbol}{abs(rounded):,.2f}"


def read_prices(path: Path = SHIPPED) -> PriceTable:
    """The prices of a TOML file of the shipped one's form.

    Raises:
        CostError: it can't be read, is not of that form, or gives an id twice; the line names the row.
    """
    content = read_toml(path)
    try:
        table = _Table.model_validate(content)
        rows: dict[str, Price] = {}
        for row in table.price:
            if row.id in rows:
                raise CostError(f"{path}: price {row.id} stands twice")
            rows[row.id] = row
    except ValidationError as error:
        raise CostError(f"{path}: {first_fault(error)}") from None
    return PriceTable(path, table.region, table.currency, table.date, rows)


def read_toml(path: Path) -> dict[str, object]:
    """A TOML file.

    Raises:
        CostError: it can't be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CostError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise CostError(f"{path}: not TOML: {error}") from None


def first_fault(error: ValidationError) -> str:
    """The first fault in a line: where, what is wrong, and the value that was given."""
    part = error.errors(include_url=False)[0]
    given = part["input"]
    shown = "" if isinstance(given, (dict, list)) else f" (given: {given!r})"
    return f"{'.'.join(map(str, part['loc']))}: {part['msg']}{shown}"

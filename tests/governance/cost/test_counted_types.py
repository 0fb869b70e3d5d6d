"""No type of resource is silently free (R-CST-1)."""

from cloudtrail_monitoring.governance.cost.cost_report import as_markdown
from cloudtrail_monitoring.governance.cost.counted_types import COUNTED, FREE, type_notes
from cloudtrail_monitoring.governance.cost.estimate import estimate
from cloudtrail_monitoring.governance.cost.prices import read_prices
from cloudtrail_monitoring.governance.cost.volumes import Declared
from tests.governance.cost.stacks import NOTHING, stack
from tests.synthesised import Stack


def test_every_type_of_an_environment_is_counted_or_free(stack: Stack) -> None:
    assert list(type_notes(stack.document)) == []


def test_an_unknown_type_is_named_in_the_report() -> None:
    found = estimate(stack(aws_nat_gateway={"a": {}}), "prod", Declared(NOTHING, "here"), read_prices())
    assert found.notes == ("not counted: 1 of aws_nat_gateway, whose cost is not known here",)
    assert "1 of aws_nat_gateway" in as_markdown(found)


def test_no_type_is_both() -> None:
    assert COUNTED.isdisjoint(FREE)

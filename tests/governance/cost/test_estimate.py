"""The estimate against the budget, and what a change costs (R-CST-1, R-DEL-3)."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtrail_monitoring.governance.cost.difference import Difference, difference_as_markdown
from cloudtrail_monitoring.governance.cost.estimate import BUDGET, MONTHS, Estimate, estimate
from cloudtrail_monitoring.governance.cost.prices import SHIPPED, CostError, read_prices
from cloudtrail_monitoring.governance.cost.usage import Part
from cloudtrail_monitoring.governance.cost.volumes import Declared, EventVolumes
from tests.governance.cost.stacks import LOG_GROUP, NOTHING, OBJECTS, SEVEN_YEARS, archive, selector, stack, trail
from tests.governance.cost.stacks import volumes as declared_volumes

PRICES = read_prices()
AUDITED = stack(
    trail(cloud_watch_logs_group_arn=LOG_GROUP, advanced_event_selector=[selector("Management"), OBJECTS]),
    **archive(SEVEN_YEARS),
    aws_cloudwatch_log_group={"trail": {"name": "CloudTrail/audit", "retention_in_days": 365}},
    aws_cloudwatch_metric_alarm={"errors": {"metric_name": "Errors", "namespace": "AWS/Lambda"}},
    aws_kms_key={"trail": {"enable_key_rotation": True}},
)
COUNTS = st.floats(0, 1e8)


def of(document: dict[str, Any], volumes: EventVolumes = NOTHING, prices: Path = SHIPPED) -> Estimate:
    return estimate(document, "prod", Declared(volumes, "the test"), read_prices(prices))


def with_an_alarm_more(document: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    changed["resource"]["aws_cloudwatch_metric_alarm"]["throttles"] = {
        "metric_name": "Throttles",
        "namespace": "AWS/Lambda",
    }
    return changed


def test_a_small_account_by_hand() -> None:
    # a million events a month of 1,000 bytes, all of them changes, and as many reads of objects
    a_day = 1_000_000 / (365.25 / 12)
    recorded = declared_volumes(
        management_writes_a_day=a_day,
        data_events={"AWS::S3::Object": {"reads_a_day": a_day}},
        event_bytes=1_000,
        gzip_ratio=0.1,
        regions=1,
    )
    bill = of(AUDITED, recorded).bill(1)
    # 2,000,000 x 1,026 bytes are 1.911 GB: $0.96; a tenth of it, kept for half a month: $0.003; an alarm: $0.10
    assert bill.cost(Part.CLOUDWATCH) == pytest.approx(0.9555 + 0.0029 + 0.10, abs=1e-3)
    # a million data events; the only copy of management events is free
    assert bill.cost(Part.CLOUDTRAIL) == pytest.approx(1.00)
    # 288 files a day are 8,766 a month: $0.0438; 0.186 GB for half a month in Standard: $0.0021
    assert bill.cost(Part.STORAGE) == pytest.approx(0.0438 + 0.0021, abs=1e-3)
    assert bill.cost(Part.KEYS) == pytest.approx(1.00)
    assert bill.cost() == pytest.approx(sum(bill.cost(part) for part in Part))


def test_each_month_of_seven_years_has_its_bill() -> None:
    found = of(AUDITED, EventVolumes())
    assert [bill.month for bill in found.bills] == list(range(1, MONTHS + 1))
    assert found.bill(84).cost(Part.STORAGE) > found.bill(12).cost(Part.STORAGE) > found.bill(1).cost(Part.STORAGE)


@settings(max_examples=25, deadline=None)
@given(reads=COUNTS, writes=COUNTS, objects=COUNTS, more=st.floats(1, 100), month=st.sampled_from((1, 12, 84)))
def test_more_events_are_never_cheaper(reads: float, writes: float, objects: float, more: float, month: int) -> None:
    recorded = declared_volumes(
        management_reads_a_day=reads,
        management_writes_a_day=writes,
        data_events={"AWS::S3::Object": {"reads_a_day": objects}},
    )
    fewer, many = of(AUDITED, recorded), of(AUDITED, recorded.scaled(more))
    for part in Part:
        assert many.bill(month).cost(part) >= fewer.bill(month).cost(part) * (1 - 1e-9)


def test_another_price_changes_the_sum(tmp_path: Path) -> None:
    dearer = tmp_path / "prices.toml"
    row = 'id = "cloudwatch-alarm-metric"\nusd = '
    dearer.write_text(SHIPPED.read_text().replace(f"{row}0.10", f"{row}0.60"))
    assert of(AUDITED, prices=dearer).bill(1).cost() - of(AUDITED).bill(1).cost() == pytest.approx(0.50)


def test_prices_of_another_region_are_told() -> None:
    elsewhere = {
        **AUDITED,
        "provider": {"aws": [{"region": "eu-west-1"}, {"region": "us-east-1", "alias": "us-east-1"}]},
    }
    (note,) = of(elsewhere, EventVolumes()).notes
    assert note.startswith("the prices are of us-east-1, and the environment is in eu-west-1")
    assert of(AUDITED, EventVolumes()).notes == ()


def test_the_budget_is_that_of_the_source() -> None:
    assert [(limit.name, limit.amount) for limit in BUDGET] == [("storage", 150), ("CloudWatch", 50), ("all", 200)]


def test_too_many_events_are_over_the_budget_and_which_line_of_it_is_told() -> None:
    found = of(AUDITED, declared_volumes(management_writes_a_day=5_000_000))
    assert not found.is_within_budget
    assert [verdict.is_within for verdict in found.verdicts] == [True, False, True]
    assert found.headroom is None


def test_the_headroom_is_the_last_factor_that_fits() -> None:
    recorded = declared_volumes(management_writes_a_day=100_000)
    room = of(AUDITED, recorded).headroom
    assert room is not None
    assert room.limit.name == "CloudWatch"
    assert of(AUDITED, recorded.scaled(room.factor * 0.999)).is_within_budget
    assert not of(AUDITED, recorded.scaled(room.factor * 1.001)).is_within_budget


def test_no_events_never_end_the_budget() -> None:
    assert of(AUDITED).headroom is None
    assert of(AUDITED).is_within_budget


def test_an_alarm_more_costs_ten_cents() -> None:
    difference = Difference(of(AUDITED), of(with_an_alarm_more(AUDITED)))
    assert difference.changed_parts == (Part.CLOUDWATCH,)
    assert difference.change(1).amount == pytest.approx(0.10)
    assert difference_as_markdown(difference).splitlines() == [
        "### Cost of prod: +$0.10 a month",
        "",
        "| part | month 1 | month 84 | change |",
        "|---|---|---|---:|",
        "| CloudWatch | $0.10 → $0.20 | $0.10 → $0.20 | +$0.10 |",
        "| all | $1.10 → $1.20 | $3.10 → $3.20 | +$0.10 |",
    ]


def test_an_alarm_less_saves_ten_cents() -> None:
    text = difference_as_markdown(Difference(of(with_an_alarm_more(AUDITED)), of(AUDITED)))
    assert text.startswith("### Cost of prod: -$0.10 a month\n")


def test_the_same_output_costs_the_same() -> None:
    difference = Difference(of(AUDITED, EventVolumes()), of(copy.deepcopy(AUDITED), EventVolumes()))
    assert difference.is_none
    assert difference_as_markdown(difference) == "### Cost of prod: no change in cost\n"


def test_a_longer_retention_shows_when_the_archive_is_full() -> None:
    shorter = copy.deepcopy(AUDITED)
    configuration = shorter["resource"]["aws_s3_bucket_lifecycle_configuration"]["archive"]
    configuration["rule"] = [{**SEVEN_YEARS, "expiration": [{"days": 365}]}]
    difference = Difference(of(shorter, EventVolumes()), of(AUDITED, EventVolumes()))
    assert difference.change(1).is_none
    assert difference.change(MONTHS, Part.STORAGE).amount > 0
    assert difference.changed_parts == (Part.STORAGE,)


def test_a_number_that_is_known_at_apply_alone_is_told() -> None:
    document = copy.deepcopy(AUDITED)
    document["resource"]["aws_cloudwatch_log_group"]["trail"]["retention_in_days"] = "${var.days}"
    with pytest.raises(CostError, match=r"^retention_in_days is '\$\{var\.days\}' in the output"):
        of(document)


def test_a_difference_in_every_part_fits_a_comment() -> None:
    everything = of(AUDITED, EventVolumes())
    text = difference_as_markdown(Difference(of(stack()), everything))
    assert len(text.splitlines()) <= 11

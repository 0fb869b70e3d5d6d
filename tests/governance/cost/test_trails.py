"""What trails record, told from their selectors, and what CloudTrail asks for it (R-CST-1)."""

from collections import defaultdict
from typing import Any

import pytest

from cloudtrail_monitoring.governance.cost.trails import read_trails, trail_notes, trail_usage
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, HOURS_A_MONTH
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from tests.governance.cost.stacks import OBJECTS, archive, objects, selector, stack, trail, volumes

DECLARED = volumes(
    management_reads_a_day=1_000,
    management_writes_a_day=100,
    management_reads_of={"kms.amazonaws.com": 400},
    data_events=objects(5_000, 500),
    enhanced_hours_a_month=HOURS_A_MONTH / 4,
)
ALL_INSIGHTS = [{"insight_type": "ApiCallRateInsight"}, {"insight_type": "ApiErrorRateInsight"}]


def daily(*trails: dict[str, Any], declared: EventVolumes = DECLARED) -> dict[str, float]:
    """What is charged of each price, a day."""
    charged: dict[str, float] = defaultdict(float)
    for usage in trail_usage(read_trails(stack(*trails), declared), declared):
        charged[usage.price] += usage.quantity / DAYS_A_MONTH
    return {price: quantity for price, quantity in charged.items() if quantity}


def test_the_first_copy_of_management_events_is_free() -> None:
    assert daily(trail()) == {}


def test_a_second_copy_is_charged() -> None:
    assert daily(trail(), trail(name="other")) == {"cloudtrail-management-event-copy": pytest.approx(1_100)}


def test_a_copy_beside_somebody_elses_trail_is_charged() -> None:
    declared = DECLARED.model_copy(update={"other_trails": 1})
    assert daily(trail(), declared=declared) == {"cloudtrail-management-event-copy": pytest.approx(1_100)}


def test_a_stopped_trail_is_charged_while_it_is_declared_to_run() -> None:
    # R-RSP-3
    charged = daily(trail(), trail(name="enhanced", enable_logging=False))
    assert charged == {"cloudtrail-management-event-copy": pytest.approx(275)}


def test_the_copy_that_is_free_is_the_one_of_the_trail_that_runs() -> None:
    stopped = trail(name="enhanced", enable_logging=False)
    assert daily(stopped, trail()) == daily(trail(), stopped)


def test_excluded_sources_are_not_counted() -> None:
    # R-TRL-7
    quiet = selector("Management", eventSource={"not_equals": ["kms.amazonaws.com"]})
    charged = daily(trail(), trail(advanced_event_selector=[quiet]))
    assert charged == {"cloudtrail-management-event-copy": pytest.approx(700)}


@pytest.mark.parametrize(
    ("read_only", "events"), [(None, 5_500), ({"equals": ["true"]}, 5_000), ({"equals": ["false"]}, 500)]
)
def test_data_events_are_counted_as_far_as_they_are_recorded(
    read_only: dict[str, list[str]] | None, events: int
) -> None:
    # R-TRL-2
    fields = {"resources_type": {"equals": ["AWS::S3::Object"]}, **({"readOnly": read_only} if read_only else {})}
    charged = daily(trail(advanced_event_selector=[selector("Data", **fields)]))
    assert charged == {"cloudtrail-data-event": pytest.approx(events)}


def test_two_selectors_of_one_type_record_an_event_once() -> None:
    writes = selector("Data", resources_type={"equals": ["AWS::S3::Object"]}, readOnly={"equals": ["false"]})
    charged = daily(trail(advanced_event_selector=[OBJECTS, writes]))
    assert charged == {"cloudtrail-data-event": pytest.approx(5_500)}


@pytest.mark.parametrize(
    ("types", "events"),
    [(ALL_INSIGHTS, 1_200), (ALL_INSIGHTS[:1], 100), (ALL_INSIGHTS[1:], 1_100), ([], None)],
)
def test_insights_look_at_writes_for_the_call_rate_and_at_all_for_the_error_rate(
    types: list[dict[str, str]], events: int | None
) -> None:
    # R-TRL-5
    assert daily(trail(insight_selector=types)).get("cloudtrail-insights") == (events and pytest.approx(events))


def test_a_trail_without_selectors_records_management_events() -> None:
    (plain,) = read_trails(stack(trail(advanced_event_selector=[])), DECLARED)
    assert (plain.management_events, plain.data_events) == (1_100, 0)


def test_a_type_without_a_volume_is_told() -> None:
    tables = selector("Data", resources_type={"equals": ["AWS::DynamoDB::Table"]})
    document = stack(trail(advanced_event_selector=[tables]), **archive())
    notes = list(trail_notes(read_trails(document, DECLARED), document, DECLARED))
    assert notes == ["audit records AWS::DynamoDB::Table, and no volume is declared for it: counted as none"]


def test_a_bucket_of_another_stack_is_told() -> None:
    document = stack(trail())
    notes = list(trail_notes(read_trails(document, DECLARED), document, DECLARED))
    assert ["bucket of another stack" in note for note in notes] == [True]


def test_basic_selectors_are_told() -> None:
    document = stack(trail(advanced_event_selector=[], event_selector=[{}]), **archive())
    assert list(trail_notes(read_trails(document, DECLARED), document, DECLARED)) == [
        "audit has basic event selectors, not read here: counted as management events"
    ]

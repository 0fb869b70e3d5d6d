"""What records cost a month: exact, from few records (R-CST-2)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.governance.cost.prices import read_prices
from cloudtrail_monitoring.governance.cost.trails import read_trails
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from cloudtrail_monitoring.governance.event_review.event_costs import (
    COPIES,
    DATA_EVENTS,
    INGESTION,
    INSIGHTS,
    KINDS,
    EventCosts,
)
from cloudtrail_monitoring.governance.event_review.event_report import EventReport, by_event, by_source
from cloudtrail_monitoring.governance.event_review.selection import Selection
from cloudtrail_monitoring.governance.event_review.tally import Tally, tally
from cloudtrail_monitoring.simulation.deployed_detections import read_detections
from cloudtrail_monitoring.simulation.simulate import Simulation
from tests.governance.event_review.recorded import FUNCTION, MANAGEMENT, data, record, stack

INSIGHTS_ON = {"insight_selector": [{"insight_type": "ApiCallRateInsight"}, {"insight_type": "ApiErrorRateInsight"}]}


def seen(records: list[dict[str, Any]], document: dict[str, Any]) -> Tally:
    return tally(records, Selection(document), Simulation(read_detections(document).detections))


def costs(document: dict[str, Any], months: float = 1, other_trails: int = 0) -> EventCosts:
    trails = {trail.name: trail for trail in read_trails(document, EventVolumes())}
    return EventCosts(read_prices(), trails, months, other_trails)


def of_all(records: list[dict[str, Any]], document: dict[str, Any], **arguments: Any) -> dict[str, float]:
    found = seen(records, document)
    charges = [costs(document, **arguments).of(event, one) for event, one in found.events.items()]
    return {kind: sum(one[kind] for one in charges) for kind in KINDS}


def test_data_events_are_charged_and_ingested() -> None:
    one = data("PutObject")
    size = len(json.dumps(one, separators=(",", ":")))
    found = of_all([one] * 1000, stack())
    assert found[DATA_EVENTS] == pytest.approx(1000 / 100_000 * 0.10)
    assert found[INGESTION] == pytest.approx(1000 * (size + 26) / 2**30 * 0.50)
    assert found[COPIES] == found[INSIGHTS] == 0


def test_the_first_copy_of_management_events_is_free() -> None:
    records = [record("CreateUser")] * 10
    assert of_all(records, stack())[COPIES] == 0
    # unless another trail has it
    assert of_all(records, stack(), other_trails=1)[COPIES] == pytest.approx(10 / 100_000 * 2.00)


def test_a_second_trail_pays_for_its_copy() -> None:
    document = stack()
    trails = document["resource"]["aws_cloudtrail"]
    trails["second"] = {"name": "second", "advanced_event_selector": [MANAGEMENT]}
    assert of_all([record("CreateUser")] * 10, document)[COPIES] == pytest.approx(10 / 100_000 * 2.00)


def test_insights_looks_twice_at_writes_and_once_at_reads() -> None:
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/insights-events-costs.html
    records = [record("CreateUser")] * 3 + [record("ListUsers", readOnly=True)] * 5
    assert of_all(records, stack(**INSIGHTS_ON))[INSIGHTS] == pytest.approx((3 * 2 + 5) / 100_000 * 0.35)


def test_what_no_trail_records_costs_nothing() -> None:
    assert set(of_all([data("PutObject")] * 9, stack(MANAGEMENT)).values()) == {0}


def test_a_trail_without_a_log_group_ingests_nothing() -> None:
    document = stack(cloud_watch_logs_group_arn=None)
    assert of_all([record("CreateUser")], document)[INGESTION] == 0


def test_a_longer_span_makes_a_month_cheaper() -> None:
    once, half = (of_all([data("PutObject")] * 8, stack(), months=months) for months in (1, 2))
    assert half == pytest.approx({kind: cost / 2 for kind, cost in once.items()})


RECORDS = st.lists(
    st.one_of(
        st.builds(
            record,
            st.sampled_from(["CreateUser", "ListUsers", "Decrypt"]),
            source=st.sampled_from(["iam.amazonaws.com", "kms.amazonaws.com"]),
            readOnly=st.booleans(),
        ),
        st.builds(data, st.sampled_from(["GetObject", "PutObject"]), read=st.booleans()),
        st.builds(data, st.just("Invoke"), st.just(FUNCTION)),
    ),
    min_size=1,
    max_size=60,
)


@given(RECORDS)
def test_shares_and_costs_add_up(records: list[dict[str, Any]]) -> None:
    document = stack(**INSIGHTS_ON)
    found = seen(records, document)
    report = EventReport("prod", read_prices(), found, found.span, 0, costs(document, 0.5), ())
    for by in (by_event, by_source):
        lines = report.lines(by)
        assert sum(one.count for one in lines) == len(records) == report.total.count
        assert sum(one.size for one in lines) == report.total.size
        assert sum(one.cost for one in lines) == pytest.approx(report.total.cost)
        assert sum(one.count / report.total.count for one in lines) == pytest.approx(1)
    assert report.total.size == sum(len(json.dumps(one, separators=(",", ":"))) for one in records)

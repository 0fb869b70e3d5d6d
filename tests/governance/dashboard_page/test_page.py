"""The page of a dashboard, drawn from an account: here the embedded AWS, with what the test puts into it."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError, read_dashboard
from cloudtrail_monitoring.governance.dashboard_page.observed import Observed, deployed_dashboard, split_sources
from cloudtrail_monitoring.governance.dashboard_page.page import Source, render, write_page
from cloudtrail_monitoring.governance.dashboard_page.widgets import markdown
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws

NOW = datetime(2026, 3, 9, 6, 30, tzinfo=UTC)
ACCOUNT = "333333333333"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(ACCOUNT, "us-east-1") as running:
        cloudwatch = running.client("cloudwatch")
        for hours, calls in ((1, 4), (2, 7), (30, 2)):
            put(cloudwatch, "Calls", NOW - timedelta(hours=hours), calls)
        for hours, share in ((1, 87.5), (3, 12)):
            put(cloudwatch, "Share", NOW - timedelta(hours=hours), share)
        for country, logins in (("US", 6), ("AQ", 2)):
            put(cloudwatch, "Logins", NOW - timedelta(hours=1), logins, Country=country)
        put(cloudwatch, "Logins", NOW - timedelta(days=2), 50, Country="US")
        for name in ("root-activity", "policy-change", "quiet"):
            alarm(cloudwatch, f"acme-{name}")
        ring(cloudwatch, "acme-root-activity", "ALARM", minutes_ago=10)
        ring(cloudwatch, "acme-root-activity", "OK", minutes_ago=-30)
        ring(cloudwatch, "acme-policy-change", "ALARM", minutes_ago=50)
        ring(cloudwatch, "acme-policy-change", "OK", minutes_ago=40)
        logs = running.client("logs")
        logs.create_log_group(logGroupName="trail")
        logs.create_log_stream(logGroupName="trail", logStreamName="one")
        at = int((NOW - timedelta(minutes=5)).timestamp() * 1000)
        record = {"eventName": "ConsoleLogin", "eventTime": "2026-03-09T06:25:00Z", "userIdentity": {"userName": EVIL}}
        event = {"timestamp": at, "message": json.dumps(record)}
        logs.put_log_events(logGroupName="trail", logStreamName="one", logEvents=[event])
        yield running


def put(client: Any, name: str, at: datetime, value: float, **dimensions: str) -> None:
    named = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    datum = {"MetricName": name, "Timestamp": at, "Value": value, "Dimensions": named}
    client.put_metric_data(Namespace="Acme", MetricData=[datum])


def alarm(client: Any, name: str) -> None:
    client.put_metric_alarm(
        AlarmName=name,
        Namespace="Acme",
        MetricName="Calls",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def ring(client: Any, name: str, state: str, *, minutes_ago: int) -> None:
    at = {"queryDate": (NOW - timedelta(minutes=minutes_ago)).isoformat()}
    client.set_alarm_state(AlarmName=name, StateValue=state, StateReason=EVIL, StateReasonData=json.dumps(at))


def arn(name: str) -> str:
    return f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:acme-{name}"


def metric(view: str, *rows: list[Any], **properties: Any) -> dict[str, Any]:
    named = {"view": view, "metrics": list(rows), "region": "us-east-1", "stat": "Sum", "period": 3600, **properties}
    return {"type": "metric", "properties": named}


def page(aws: EmbeddedAws, *widgets: dict[str, Any], start: str = "-P7D") -> str:
    dashboard = read_dashboard(json.dumps({"start": start, "widgets": list(widgets)}))
    observed = Observed(aws.client, dashboard.span(NOW))
    return render(dashboard, observed, Source("Acme", "Somewhere", (EVIL,)), prefix="acme-")


def shown(html: str) -> str:
    """What a reader reads, in a line."""
    main = html.split("<main>")[1]
    text = re.sub(r"<[^>]*>", " ", re.sub(r"<(title|desc)>.*?</\1>", " ", main))
    return " ".join(unescape(text).split())


def test_the_page_brings_everything_along_and_runs_nothing(aws: EmbeddedAws) -> None:
    html = page(aws, metric("timeSeries", ["Acme", "Calls"]))
    assert "default-src 'none'" in html
    assert not re.search(r"<(script|link|img|iframe|object)|\bon\w+=|url\(|@import|https?://", html)


def test_nothing_from_the_account_becomes_markup(aws: EmbeddedAws) -> None:
    html = page(
        aws,
        metric("timeSeries", ["Acme", "Calls", {"label": EVIL}], title=EVIL),
        metric("table", ["Acme", EVIL]),
        {"type": EVIL, "properties": {"title": EVIL}},
        {"type": "text", "properties": {"markdown": EVIL}},
        {"type": "alarm", "properties": {"alarms": [arn("root-activity"), arn(EVIL)]}},
        {
            "type": "log",
            "properties": {"query": "SOURCE 'trail' | fields userIdentity.userName", "region": "us-east-1"},
        },
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 8


# R-DSH-4
def test_a_time_series_is_drawn_with_its_gaps(aws: EmbeddedAws) -> None:
    html = page(aws, metric("timeSeries", ["Acme", "Calls", {"label": "calls"}], title="API calls"))
    assert "API calls" in shown(html)
    assert html.count('<path class="line"') == 1
    # two hours side by side are a line, the hour of the day before stands alone
    assert html.count("<circle") == 1


def test_what_is_counted_by_the_day_is_drawn_as_bars(aws: EmbeddedAws) -> None:
    html = page(aws, metric("timeSeries", ["Acme", "Calls"], period=86_400))
    assert html.count("<rect") == 2  # of the 8th and of the 9th of March: from midnight, not from half past six


def test_an_anomaly_band_lies_behind_its_line(aws: EmbeddedAws) -> None:
    band = [{"expression": "ANOMALY_DETECTION_BAND(m1, 2)", "id": "e1", "label": "usual"}]
    html = page(aws, metric("timeSeries", ["Acme", "Calls", {"id": "m1"}], band))
    assert html.count('class="band"') == 1
    assert "usual" in shown(html)


# R-DSH-2
def test_a_single_value_is_the_latest(aws: EmbeddedAws) -> None:
    rate = [{"expression": "share * 1", "id": "e1", "label": "with MFA"}]
    hidden = ["Acme", "Share", {"id": "share", "visible": False}]
    assert "87.5 with MFA" in shown(page(aws, metric("singleValue", hidden, rate)))


# R-DSH-3
def test_a_pie_has_a_share_for_each_series_that_a_search_finds(aws: EmbeddedAws) -> None:
    search = [{"expression": "SEARCH('{Acme,Country} MetricName=\"Logins\"', 'Sum', 86400)", "id": "e1", "label": ""}]
    html = page(aws, metric("pie", search))
    assert "AQ 2 (25 %)" in shown(html)
    assert "US 6 (75 %)" in shown(html)
    assert html.count("<circle") == 2


def test_bars_stand_in_order_of_their_size(aws: EmbeddedAws) -> None:
    text = shown(page(aws, metric("bar", ["Acme", "Share"], ["Acme", "Calls"], ["Acme", "Nothing"])))
    assert re.search(r"Share 87.5 .*Calls 4 .*Nothing no data", text)


def test_a_table_sums_up_what_it_is_told_to(aws: EmbeddedAws) -> None:
    columns = {"summaryColumns": ["SUM", "MAX"], "showTimeSeriesData": False}
    text = shown(page(aws, metric("table", ["Acme", "Calls"], ["Acme", "Nothing"], table=columns)))
    assert "sum max Calls 13 7 Nothing no data no data" in text


def test_a_gauge_shows_its_value(aws: EmbeddedAws) -> None:
    html = page(aws, metric("gauge", ["Acme", "Share"], yAxis={"left": {"min": 0, "max": 100}}))
    assert "width: 87.5%" in html


def test_the_right_axis_has_a_chart_of_its_own(aws: EmbeddedAws) -> None:
    html = page(aws, metric("timeSeries", ["Acme", "Calls"], ["Acme", "Share", {"yAxis": "right"}], title="Two"))
    assert re.findall(r"<title>(Two[^<]*)</title>", html) == ["Two", "Two, right axis"]


def test_a_threshold_is_drawn(aws: EmbeddedAws) -> None:
    line = {"horizontal": [{"label": "too many", "value": 5}]}
    assert "too many" in shown(page(aws, metric("timeSeries", ["Acme", "Calls"], annotations=line)))


@pytest.mark.parametrize("view", ["timeSeries", "singleValue", "bar", "pie", "table", "gauge"])
def test_a_metric_without_data_is_named_and_says_so(aws: EmbeddedAws, view: str) -> None:
    text = shown(page(aws, metric(view, ["Acme", "Nothing"])))
    assert "Nothing" in text
    assert "no data" in text


@pytest.mark.parametrize(
    ("widget", "said"),
    [
        ({"type": "explorer", "properties": {}}, "A widget of the type explorer is not drawn here."),
        (metric("radar", ["Acme", "Calls"]), "the view 'radar' is not drawn here"),
        (metric("timeSeries", [{"expression": "RATE(m1)", "id": "e1"}], ["Acme", "Calls", {"id": "m1"}]), "RATE"),
        (
            metric("timeSeries", ["Acme", "Calls"], annotations={"vertical": [{}]}),
            "Not drawn here: vertical annotations",
        ),
        (
            metric("timeSeries", ["Acme", "Calls"], annotations={"horizontal": [[{"value": 1}, {"value": 2}]]}),
            "Not drawn here: bands between annotations",
        ),
        (metric("timeSeries", ["Acme", "Calls"], glitter=True), "Not drawn here: glitter."),
        (metric("timeSeries", ["Acme", "Calls"], start="-PT3H", end="P0D"), "Not drawn here: end, start."),
        (metric("timeSeries", ["Acme", "Calls", {"accountId": "111122223333"}]), "row 1 of the metrics has its own"),
        ({"type": "log", "properties": {"query": "fields @message"}}, "the query names no log group"),
        ({"type": "log", "properties": {"query": "SOURCE 'nowhere' | fields @message"}}, "ResourceNotFoundException"),
    ],
)
def test_what_can_t_be_drawn_is_said_on_its_widget(aws: EmbeddedAws, widget: dict[str, Any], said: str) -> None:
    text = shown(page(aws, widget, metric("singleValue", ["Acme", "Share"])))
    assert said in text
    assert "87.5" in text  # the others are drawn all the same


class Refusing:
    """CloudWatch where it can't read a metric, which the embedded one never says; ``asked`` is the request."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def get_paginator(self, _: str) -> "Refusing":
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        self.asked = asked
        messages = [{"Code": "Forbidden", "Value": "no access to the source account"}]
        result = {"Id": "row_1", "Timestamps": [], "Values": [], "StatusCode": "Forbidden", "Messages": messages}
        return [{"MetricDataResults": [result]}]


def test_a_metric_that_may_not_be_read_is_not_shown_as_one_without_data() -> None:
    text, _ = refused(metric("timeSeries", ["Acme", "Calls"]))
    assert "CloudWatch has no answer for row_1 (Forbidden): no access to the source account" in text


@pytest.mark.parametrize(
    ("period", "start"),
    [(86_400, datetime(2026, 3, 2, tzinfo=UTC)), (3_600, datetime(2026, 3, 2, 6, tzinfo=UTC))],
)
def test_a_period_is_asked_for_from_its_beginning(period: int, start: datetime) -> None:
    # the embedded CloudWatch begins its periods there whatever is asked, so that no picture would tell
    _, asked = refused(metric("timeSeries", ["Acme", "Calls"], period=period))
    assert (asked["StartTime"], asked["EndTime"]) == (start, NOW)


def refused(widget: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What a reader sees of a widget that CloudWatch refuses, and what was asked."""
    client = Refusing()
    dashboard = read_dashboard(json.dumps({"start": "-P7D", "widgets": [widget]}))
    observed = Observed(lambda _service, _region: client, dashboard.span(NOW))
    return shown(render(dashboard, observed, Source("Acme", "Somewhere"), prefix="acme-")), client.asked


# R-DSH-5
def test_alarms_show_their_state_at_the_end_of_the_span_and_when_they_rang(aws: EmbeddedAws) -> None:
    alarms = [arn("quiet"), arn("policy-change"), arn("root-activity")]
    html = page(aws, {"type": "alarm", "properties": {"title": "Alarms", "alarms": alarms}})
    assert (
        "root-activity In alarm since 09 Mar 06:20"
        " policy-change OK; in alarm 09 Mar 05:40–05:50"  # noqa: RUF001 - a span of time has an en dash
        " quiet OK"
    ) in shown(html)
    assert re.findall(r'class="alarm-state ([a-z_]+)"', html) == ["rings", "rang", "ok"]


def test_an_alarm_widget_may_show_some_states_only(aws: EmbeddedAws) -> None:
    properties = {"alarms": [arn("quiet"), arn("root-activity")], "states": ["ALARM"]}
    text = shown(page(aws, {"type": "alarm", "properties": properties}))
    assert "root-activity" in text
    assert "quiet" not in text


def test_an_alarm_that_is_not_there_is_named(aws: EmbeddedAws) -> None:
    assert "gone does not exist" in shown(page(aws, {"type": "alarm", "properties": {"alarms": [arn("gone")]}}))


def test_a_log_widget_answers_its_query(aws: EmbeddedAws) -> None:
    query = "SOURCE 'trail' | filter eventName = 'ConsoleLogin' | stats count(*) as logins by eventName"
    text = shown(page(aws, {"type": "log", "properties": {"query": query, "region": "us-east-1"}}))
    assert "eventName logins ConsoleLogin 1" in text


def test_of_an_address_in_the_account_s_logs_only_the_name_is_shown(aws: EmbeddedAws) -> None:
    query = 'SOURCE \'trail\' | fields "lena.hoffmann@mail.example.com" as who, "203.0.113.7" as address'
    html = page(aws, {"type": "log", "properties": {"query": query, "region": "us-east-1"}})
    assert "lena.hoffmann@… 203.0.113.7" in shown(html)
    assert "example.com" not in html


def test_widgets_lie_where_the_body_puts_them(aws: EmbeddedAws) -> None:
    html = page(aws, {"type": "text", "x": 6, "y": 2, "width": 12, "height": 3, "properties": {"markdown": "x"}})
    assert "--area: 3 / 7 / span 3 / span 12" in html


def test_the_page_says_where_its_data_come_from_and_of_when_they_are(aws: EmbeddedAws) -> None:
    assert "Somewhere. Monday 02 March 2026, 06:30 to Monday 09 March 2026, 06:30 UTC." in shown(page(aws))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Title", "<h3>Title</h3>"),
        ("[button:Runbooks](https://example.com)", '<a href="https://example.com">Runbooks</a>'),
        ("[button:primary:Runbooks](https://example.com)", '<a href="https://example.com">Runbooks</a>'),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![x](https://example.com/x.png)", "!<a href"),
        ("| a |\n|---|\n| b |", "<td>b</td>"),
        ("<b>x</b>", "&lt;b&gt;"),
    ],
)
def test_markdown_is_rendered_without_what_loads_or_runs(text: str, html: str) -> None:
    rendered = markdown(text)
    assert html in rendered
    assert "<img" not in rendered
    assert 'href="javascript' not in rendered


def test_a_query_names_its_log_groups() -> None:
    assert split_sources("SOURCE 'a' | SOURCE \"b\" | fields x | sort y") == (["a", "b"], "fields x | sort y")


def test_the_only_dashboard_of_an_environment_is_found(aws: EmbeddedAws) -> None:
    cloudwatch = aws.client("cloudwatch")
    for name in ("acme-overview", "other"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')
    assert deployed_dashboard(aws.client, "acme")[0] == "acme-overview"
    assert deployed_dashboard(aws.client, "acme", "other")[0] == "other"
    with pytest.raises(DashboardError, match="no dashboard begins with nobody"):
        deployed_dashboard(aws.client, "nobody")
    with pytest.raises(DashboardError, match="choose a dashboard with --name: acme-overview, other"):
        deployed_dashboard(aws.client, "")
    with pytest.raises(DashboardError, match="no dashboard is called acme"):
        deployed_dashboard(aws.client, "acme", "acme")


def test_a_file_that_can_t_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DashboardError, match="can't be written: Is a directory"):
        write_page("", tmp_path)
    write_page("page", tmp_path / "new" / "page.html")
    assert (tmp_path / "new" / "page.html").read_text() == "page"

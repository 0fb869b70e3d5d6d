"""What an environment's dashboard shows, for a person who looks for ten seconds: what is red first, the rest below it.

Only what is published is drawn: a panel whose detections are disabled, or whose responders are off, is left out, and
its neighbours take its room. Names are the settings' own and no references, so that a plan shows every change of the
dashboard in words. The grid is left to ``body``, the widgets' limits to ``widgets``.
"""

from collections.abc import Iterator, Sequence

from cloudtrail_monitoring.detections.call_volume import VOLUME_METRIC, VOLUME_NAMESPACE
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.observability.body import Row
from cloudtrail_monitoring.observability.metric_queries import Expression, Metric, Statistic
from cloudtrail_monitoring.observability.monitored import AN_HOUR, Monitored, ShownAlarm
from cloudtrail_monitoring.observability.widgets import (
    MAX_ALARMS,
    AlarmState,
    AlarmWidget,
    LogWidget,
    MetricWidget,
    TextWidget,
    View,
)
from cloudtrail_monitoring.responders.runtime.metrics import (
    CONTAINMENTS_BEGUN,
    CONTAINMENTS_ENDED,
    INCIDENTS_OPENED,
    LOGINS_BY_COUNTRY,
    OPEN_INCIDENTS,
)

LOUD_FIRST = (Level.HIGH, Level.MEDIUM, Level.LOW)

IAM_CHANGES = {
    "iam-user-changed": "users",
    "iam-role-changed": "roles",
    # counts at any hour; only its alarm looks at the clock
    "off-hours-iam-policy-change": "policies",
}
"""R-DSH-1, by detection."""

_WHO = "coalesce(userIdentity.userName, userIdentity.arn, userIdentity.principalId) as who"
LATEST_LOGINS = (
    f"fields eventTime as time, {_WHO}, sourceIPAddress as address, additionalEventData.MFAUsed as mfa,"
    " awsRegion as region, responseElements.ConsoleLogin as result\n"
    '| filter eventName = "ConsoleLogin"\n'
    "| sort @timestamp desc\n"
    "| limit 20"
)
RAREST_LOGINS = (
    f"fields {_WHO}, sourceIPAddress as address, awsRegion as region\n"
    '| filter eventName = "ConsoleLogin" and responseElements.ConsoleLogin = "Success"\n'
    "| stats count(*) as logins, latest(eventTime) as last by who, address, region\n"
    "| sort logins asc\n"
    "| limit 20"
)
"""R-DSH-3: who came only once or twice from somewhere stands on top."""


def rows(shown: Monitored) -> Iterator[Row]:
    """The dashboard from top to bottom."""
    yield Row(2, [header(shown)])
    yield from alarms_now(shown)
    yield Row(4, [open_incidents(shown), authentication(shown), mfa(shown)])
    yield Row(7, [countries(shown), latest_logins(shown)])
    yield Row(6, [rarest_logins(shown), iam_changes(shown)])
    yield Row(6, [call_volume(shown), *against_usual(shown)])
    yield Row(6, responder_activity(shown))
    yield from alarm_states(shown)
    yield from counts(shown)


def header(shown: Monitored) -> TextWidget:
    place = shown.location
    alarms = f"{place.console_url}/cloudwatch/home?region={place.region}#alarmsV2:"
    return TextWidget(
        title="header",
        markdown=(
            f"## {shown.prefix}\n"
            f"[Runbooks]({shown.runbook_url}) | [all alarms]({alarms}) | on a terminal:"
            " `cloudtrail-monitoring investigate list`, `cloudtrail-monitoring report compliance` |"
            " made by Terraform, which undoes what is changed here"
        ),
    )


def alarms_now(shown: Monitored) -> Iterator[Row]:
    """What is red, of all that tells somebody (R-DSH-5); of what is Low something always is: it stands further down."""
    telling = [alarm for alarm in shown.alarms if alarm.level is not Level.LOW]
    yield Row(3, _alarm_widgets(shown, "In alarm now", telling, (AlarmState.ALARM,)))


def alarm_states(shown: Monitored) -> Iterator[Row]:
    """Every alarm, whatever its state (R-DSH-5)."""
    titles: dict[Level | None, str] = {level: f"Alarms, {level.value}" for level in LOUD_FIRST}
    titles[None] = "Alarms on this system itself"
    by_level = {level: [alarm for alarm in shown.alarms if alarm.level is level] for level in titles}
    tallest = max(map(len, by_level.values()), default=0)
    # two alarms fit side by side into a quarter of the grid
    yield Row(
        max(4, -(-tallest // 2) + 1),
        [widget for level, title in titles.items() for widget in _alarm_widgets(shown, title, by_level[level])],
    )


def _alarm_widgets(
    shown: Monitored, title: str, alarms: Sequence[ShownAlarm], states: tuple[AlarmState, ...] = ()
) -> list[AlarmWidget]:
    arns = [shown.location.arn("cloudwatch", f"alarm:{alarm.name}") for alarm in alarms]
    parts = [tuple(arns[start : start + MAX_ALARMS]) for start in range(0, len(arns), MAX_ALARMS)]
    return [
        AlarmWidget(
            title=title if len(parts) == 1 else f"{title} ({number} of {len(parts)})", alarms=part, states=states
        )
        for number, part in enumerate(parts, 1)
    ]


def authentication(shown: Monitored) -> MetricWidget | None:
    """R-DSH-2: of a day's console logins the share that succeeded; a day without logins has none."""
    if not (shown.counts("console-login") and shown.counts("console-login-failures")):
        return None
    return shown.chart(
        "Console logins that succeed, % a day",
        View.SINGLE_VALUE,
        shown.metric("console-login", id="logins", visible=False),
        shown.metric("console-login-failures", id="failures", visible=False),
        Expression(
            expression="IF(logins > 0, 100 * (logins - FILL(failures, 0)) / logins)", id="rate", label="succeed"
        ),
    )


def mfa(shown: Monitored) -> MetricWidget | None:
    """R-DSH-2: of a day's logins of IAM users and root the share with MFA; SSO's logins are in neither count."""
    if not (shown.counts("console-login-with-mfa") and shown.counts("console-login-without-mfa")):
        return None
    return shown.chart(
        "Logins of IAM users and root with MFA, % a day",
        View.SINGLE_VALUE,
        shown.metric("console-login-with-mfa", id="with_mfa", visible=False),
        shown.metric("console-login-without-mfa", id="without_mfa", visible=False),
        Expression(expression="FILL(with_mfa, 0) + FILL(without_mfa, 0)", id="all", visible=False),
        Expression(expression="IF(all > 0, 100 * FILL(with_mfa, 0) / all)", id="rate", label="with MFA"),
    )


def countries(shown: Monitored) -> MetricWidget | None:
    """R-DSH-3: only responders look up where an address is."""
    if shown.responders is None or shown.responders.geography is None:
        return None
    # a table sums up the whole range, while a pie is of its last day alone, and would hide who came before
    return shown.chart(
        "Console logins by country", View.TABLE, shown.counted_by(LOGINS_BY_COUNTRY, query_id="countries")
    )


def latest_logins(shown: Monitored) -> LogWidget:
    return _logins(shown, "Latest console logins (of SSO, MFA is not told)", LATEST_LOGINS)


def rarest_logins(shown: Monitored) -> LogWidget:
    return _logins(shown, "Who logged in from where, rarest first", RAREST_LOGINS)


def _logins(shown: Monitored, title: str, query: str) -> LogWidget:
    return LogWidget(title=title, region=shown.location.region, log_group_name=shown.login_log_group, query=query)


def iam_changes(shown: Monitored) -> MetricWidget | None:
    """R-DSH-1."""
    metrics = [shown.metric(id_, label=label) for id_, label in IAM_CHANGES.items() if shown.counts(id_)]
    return shown.chart("IAM changes a day", View.TIME_SERIES, *metrics) if metrics else None


def call_volume(shown: Monitored) -> MetricWidget:
    """R-DSH-4: the records that come into the trail's log group, in the band of their alarm."""
    calls = Metric(
        namespace=VOLUME_NAMESPACE,
        name=VOLUME_METRIC,
        dimensions={"LogGroupName": shown.log_group_name},
        id="counted",
        label="API calls",
    )
    return _in_its_band(shown, "API calls, and what is usual", calls)


def against_usual(shown: Monitored) -> list[MetricWidget]:
    """R-DSH-4: what else is compared with the usual, such as failed calls."""
    return [
        _in_its_band(shown, f"{one.id}, and what is usual", shown.metric(one.id, id="counted", label=one.id))
        for one in shown.detections
        if one.against_usual
    ]


def _in_its_band(shown: Monitored, title: str, metric: Metric) -> MetricWidget:
    band = f"ANOMALY_DETECTION_BAND({metric.id}, {shown.anomaly.band_standard_deviations:g})"
    usual = Expression(expression=band, id="usual", label="usual")
    return shown.chart(title, View.TIME_SERIES, metric, usual, period=shown.anomaly.period_seconds)


def open_incidents(shown: Monitored) -> MetricWidget | None:
    """How many nobody has closed: the highest of what is counted each hour."""
    if shown.responders is None:
        return None
    number = shown.metric(OPEN_INCIDENTS, label="open")
    return shown.chart("Open incidents", View.SINGLE_VALUE, number, period=AN_HOUR, stat=Statistic.MAXIMUM)


def responder_activity(shown: Monitored) -> list[MetricWidget]:
    """What responders hold and let go again, and the incidents they opened."""
    if shown.responders is None:
        return []
    return [
        shown.chart(
            "Containments begun a day", View.TIME_SERIES, shown.counted_by(CONTAINMENTS_BEGUN, query_id="begun")
        ),
        shown.chart(
            "Containments ended a day", View.TIME_SERIES, shown.counted_by(CONTAINMENTS_ENDED, query_id="ended")
        ),
        shown.chart("Incidents opened a day", View.TIME_SERIES, shown.metric(INCIDENTS_OPENED, label="opened")),
    ]


def counts(shown: Monitored) -> Iterator[Row]:
    """How often each detection counted, by level (R-DSH-5)."""
    by_level = {level: [one for one in shown.detections if one.level is level] for level in LOUD_FIRST}
    tallest = max(map(len, by_level.values()), default=0)
    yield Row(
        tallest + 3,
        [
            shown.chart(
                f"Counted, {level.value}",
                View.TABLE,
                *(shown.metric(one.id, label=one.title) for one in detections),
            )
            for level, detections in by_level.items()
            if detections
        ],
    )

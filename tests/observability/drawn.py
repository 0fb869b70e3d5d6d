"""A synthesised dashboard, read as a test wants to ask it: its widgets, their metrics, and who publishes those."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cloudtrail_monitoring.responders.runtime.country_database import VARIABLE as COUNTRY_VARIABLE
from cloudtrail_monitoring.responders.runtime.metrics import (
    LOGINS_BY_COUNTRY,
    METRICS,
    NAMESPACE_VARIABLE,
    OPEN_INCIDENTS,
)
from tests.synthesised import Stack

_SEARCH = re.compile(r"""SEARCH\('\{"([^"]+)",(\w+)\} MetricName="(\w+)"', '(\w+)', (\d+)\)""")


class Drawn(NamedTuple):
    """A metric that a widget draws; of a dimension's values ``*`` stands for all that there are."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


def body(stack: Stack) -> dict[str, Any]:
    # Terraform reads two dollars before a brace as one
    text = stack.one("aws_cloudwatch_dashboard")["dashboard_body"].replace("$${", "${").replace("%%{", "%{")
    parsed = json.loads(text)
    assert isinstance(parsed, dict)
    return parsed


def widgets(stack: Stack, type_: str) -> list[dict[str, Any]]:
    """The properties of the widgets of a type."""
    return [widget["properties"] for widget in body(stack)["widgets"] if widget["type"] == type_]


def titled(stack: Stack, beginning: str) -> list[dict[str, Any]]:
    found = [widget["properties"] for widget in body(stack)["widgets"]]
    return [one for one in found if one.get("title", "").startswith(beginning)]


def expressions(properties: Mapping[str, Any]) -> dict[str, str]:
    """Metric math of a widget, by id."""
    return {row[-1]["id"]: row[-1]["expression"] for row in properties["metrics"] if _is_expression(row)}


def ids(properties: Mapping[str, Any]) -> list[str]:
    return [row[-1]["id"] for row in properties["metrics"] if isinstance(row[-1], dict) and "id" in row[-1]]


def drawn(properties: Mapping[str, Any]) -> Iterator[Drawn]:
    """The metrics of a widget, those of its searches too."""
    for row in properties["metrics"]:
        if not _is_expression(row):
            namespace, name, *dimensions = [part for part in row if isinstance(part, str)]
            yield Drawn(namespace, name, tuple(zip(dimensions[::2], dimensions[1::2], strict=True)))
        elif "SEARCH" in row[-1]["expression"]:
            found = _SEARCH.fullmatch(row[-1]["expression"])
            assert found, row
            yield Drawn(found[1], found[3], ((found[2], "*"),))


def published(stack: Stack) -> set[Drawn]:
    """What somebody in the stack writes: its metric filters, the trail's log group, its responders' functions."""
    found = set()
    for one in stack.all("aws_cloudwatch_log_metric_filter"):
        metric = one["metric_transformation"]
        found.add(Drawn(metric["namespace"], metric["name"]))
    for one in stack.all("aws_cloudwatch_log_group"):
        # one that nothing writes to has no events
        if any(trail.refers_to(one, "cloud_watch_logs_group_arn") for trail in stack.all("aws_cloudtrail")):
            found.add(Drawn("AWS/Logs", "IncomingLogEvents", (("LogGroupName", one["name"]),)))
    hourly = any("sweep" in one["target"]["input"] for one in stack.all("aws_scheduler_schedule"))
    for one in stack.all("aws_lambda_function"):
        variables = one["environment"]["variables"]
        for name, dimension in METRICS.items():
            # logins have a country only where a function has the database, and the hourly call alone counts incidents
            wanting = {LOGINS_BY_COUNTRY: COUNTRY_VARIABLE not in variables, OPEN_INCIDENTS: not hourly}
            if not wanting.get(name):
                found.add(Drawn(variables[NAMESPACE_VARIABLE], name, ((dimension, "*"),) if dimension else ()))
    return found


def _is_expression(row: list[Any]) -> bool:
    return isinstance(row[-1], dict) and "expression" in row[-1]

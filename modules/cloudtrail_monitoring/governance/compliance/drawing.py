"""Evidence of what a dashboard shows: its widgets, read from the body CloudWatch is given.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudtrail_monitoring.governance.compliance.assertion import Judgement, Seen
from cloudtrail_monitoring.governance.compliance.output import Output, Resource

_BOARD, _ALARM = "aws_cloudwatch_dashboard", "aws_cloudwatch_metric_alarm"
NO_BOARD = Judgement(faults=("there is no dashboard",))


@dataclass(frozen=True)
class Draws:
    """A widget of a kind says all of these: names of metrics, fields of a query, functions.

    Args:
        kind: ``metric``, ``log`` or ``alarm``.
        texts: what stands in the widget's properties.
    """

    kind: str
    texts: tuple[str, ...]

    def judge(self, output: Output) -> Judgement:
        if not output.of_type(_BOARD):
            return NO_BOARD
        found = tuple(
            Seen(board.address, board.path, {"widget": properties.get("title") or self.kind})
            for board, properties in _widgets(output, self.kind)
            if all(text in json.dumps(properties) for text in self.texts)
        )
        missing = f"no {self.kind} widget of a dashboard draws {' and '.join(self.texts)}"
        return Judgement(found) if found else Judgement(faults=(missing,))


@dataclass(frozen=True)
class DrawsEveryAlarm:
    """Each alarm of the stack is in an alarm widget."""

    def judge(self, output: Output) -> Judgement:
        alarms = output.of_type(_ALARM)
        if not output.of_type(_BOARD) or not alarms:
            return NO_BOARD
        found, drawn = [], set()
        for board, properties in _widgets(output, "alarm"):
            names = {str(arn).rpartition(":alarm:")[2] for arn in properties.get("alarms") or ()}
            drawn |= names
            values = {"widget": properties.get("title") or "alarm", "alarms": len(names)}
            found.append(Seen(board.address, board.path, values))
        faults = tuple(
            f"{one.address} is in no alarm widget" for one in alarms if one.attributes.get("alarm_name") not in drawn
        )
        return Judgement(tuple(found), faults)


def _widgets(output: Output, kind: str) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    """The properties of each widget of a kind, with its dashboard; a body that is no JSON has none."""
    for board in output.of_type(_BOARD):
        try:
            body = json.loads(str(board.attributes.get("dashboard_body")))
        except ValueError:
            continue
        for widget in body.get("widgets", ()) if isinstance(body, dict) else ():
            if isinstance(widget, dict) and widget.get("type") == kind:
                yield board, widget.get("properties") or {}

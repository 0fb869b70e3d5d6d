"""Searches of the trail's log group for people to repeat: a command, and a link that opens Logs Insights.

AWS documents no form of such links; this one is what the console makes: an object with ``~`` for its joints, values
with ``*`` for ``%``, and what is left escaped twice with ``$`` for ``%``. Should it ever fail, the command does not.

https://docs.aws.amazon.com/cli/latest/reference/logs/filter-log-events.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import re
import shlex
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import ip_address

from cloudtrail_monitoring.responders.runtime.configuration import Configuration

MAX_ADDRESSES = 10
_FIELDS = "eventTime, eventName, userIdentity.arn, sourceIPAddress, awsRegion, errorCode, eventID"
_PLAIN = re.compile(r"[A-Za-z0-9.-]")
_ESCAPED = {"~": "$257E", "(": "$2528", ")": "$2529", "'": "$2527"}


class LogSearch:
    """Searches in an environment's log group."""

    def __init__(self, configuration: Configuration) -> None:
        self._region = configuration.region
        self._log_group_name = configuration.log_group_name
        self._console_url = configuration.console_url

    def command(self, pattern: str, begin: datetime) -> str:
        """What a metric filter's pattern has matched from a time until now, a line each."""
        return "\n".join(
            (
                f"aws logs filter-log-events --region {self._region} \\",
                f"  --log-group-name {shlex.quote(self._log_group_name)} \\",
                f"  --start-time {int(begin.timestamp() * 1000)} \\",
                f"  --filter-pattern {shlex.quote(pattern)} \\",
                "  --query 'events[].message' --output text |",
                "  jq -r '[.eventTime, .eventName, .userIdentity.arn, .sourceIPAddress, .errorCode] | @tsv'",
            )
        )

    def link(self, addresses: Iterable[str], begin: datetime, end: datetime) -> str:
        """All that some addresses did between two times; empty if none of them is an address."""
        real = [one for one in addresses if _is_address(one)][:MAX_ADDRESSES]
        if not real:
            return ""
        query = "\n".join(
            (f"fields {_FIELDS}", f"| filter sourceIPAddress in {json.dumps(real)}", "| sort eventTime", "| limit 500")
        )
        detail = "".join(
            (
                f"~(end~'{_value(_stamp(end))}~start~'{_value(_stamp(begin))}~timeType~'ABSOLUTE~tz~'UTC",
                f"~editorString~'{_value(query)}~source~(~'{_value(self._log_group_name)}))",
            )
        )
        escaped = "".join(_ESCAPED.get(one, one) for one in detail)
        page = f"{self._console_url}/cloudwatch/home?region={self._region}#logsV2:logs-insights"
        return f"{page}$3FqueryDetail$3D{escaped}"


def _is_address(text: str) -> bool:
    """A service's name stands in ``sourceIPAddress``, too, and an address with a zone holds any text."""
    try:
        return "%" not in text and bool(ip_address(text))
    except ValueError:
        return False


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _value(text: str) -> str:
    return "".join(one if _PLAIN.fullmatch(one) else "".join(f"*{byte:02x}" for byte in one.encode()) for one in text)

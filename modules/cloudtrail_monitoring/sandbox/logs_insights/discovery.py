"""What Logs Insights discovers in a JSON event: its values by flattened names, 200 of them and no more.

* Objects and arrays are known by the values in them: ``a.b``, ``a.0.b``; a name that begins with ``@`` gets a second.
* Booleans are the numbers 1 and 0 (AWS: by reports of users, see ``insights_query``).
* AWS: doesn't say what becomes of null and of empty objects; here they are no fields.
* AWS: doesn't say which 200 fields it keeps; here the first in the order of the event.
* AWS: ``@timestamp`` is when CloudTrail handed the event to CloudWatch Logs, minutes after ``eventTime``; here they are
  the same. ``@message`` is the event as JSON; ``@log``, ``@logStream`` and ``@ingestionTime`` are missing.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from .values import Timestamp, Value, timestamp

MAX_FIELDS = 200

Row = dict[str, Value]


def discovered(event: Mapping[str, Any]) -> Row:
    """The fields of one event.

    >>> discovered({"a": [{"b": True}], "@c": "x"}) | {"@message": None}
    {'@timestamp': None, '@message': None, 'a.0.b': 1, '@@c': 'x'}
    """
    row: Row = {"@timestamp": _event_time(event), "@message": json.dumps(event, ensure_ascii=False)}
    found = ((f"{name}", value) for first, below in event.items() for name, value in _values(_own_name(first), below))
    row.update(islice(found, MAX_FIELDS))
    return row


def _own_name(name: str) -> str:
    return f"@{name}" if name.startswith("@") else name


def _values(name: str, value: Any) -> Iterator[tuple[str, Value]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _values(f"{name}.{key}", below)
    elif isinstance(value, list | tuple):
        for position, below in enumerate(value):
            yield from _values(f"{name}.{position}", below)
    elif isinstance(value, bool):
        yield name, int(value)
    elif isinstance(value, str | int | float):
        yield name, value


def _event_time(event: Mapping[str, Any]) -> Timestamp | None:
    try:
        moment = datetime.fromisoformat(str(event.get("eventTime")))
    except ValueError:
        return None
    return timestamp(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)

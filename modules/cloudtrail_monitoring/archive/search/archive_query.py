"""The SQL of a search: account, Region and day first, then the time to the second, then what is looked for.

There is no query without a time: one without reads every log file that the archive ever got. The folders are those of
the day of delivery, which follows an event by minutes as a rule, so a search looks a day further than its end and takes
the events by their own time. CloudTrail delivers late where it could not reach the bucket, for up to 30 days:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html

An event stands in the archive once for each trail that recorded it, and now and then twice; a search tells it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cloudtrail_monitoring.archive.search.cloudtrail_table import ACCOUNT, DAY, DAY_FORMAT, REGION, SearchNames
from cloudtrail_monitoring.detections.translations.athena_values import literal

MAX_QUERY_BYTES = 262_144
"""https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html"""
DELIVERED_WITHIN = timedelta(days=1)
"""How much later than the events their log files are looked for."""

TOLD = {
    "eventtime": "eventtime",
    "eventname": "eventname",
    "eventsource": "eventsource",
    "account": ACCOUNT,
    "region": REGION,
    "principal": "coalesce(useridentity.arn, useridentity.principalid, useridentity.type)",
    "address": "sourceipaddress",
    "error": "errorcode",
    "request": "requestparameters",
    "eventid": "eventid",
}
"""What a search tells of an event: the result's columns, and what each is in the table."""

_EVENT_TIME = "%Y-%m-%dT%H:%M:%SZ"
_EVENT_TIME_IN_SQL, _DAY_IN_SQL = "%Y-%m-%dT%H:%i:%sZ", "%Y/%m/%d"
"""As ``date_format`` has it. https://trino.io/docs/current/functions/datetime.html#mysql-date-functions"""


@dataclass(frozen=True, slots=True)
class Between:
    """Events from ``first`` on and before ``end``; both aware."""

    first: datetime
    end: datetime

    @property
    def conditions(self) -> tuple[str, ...]:
        first, end = self.first.astimezone(UTC), self.end.astimezone(UTC)
        # what happened before midnight is delivered until a day after it
        last_day = end - timedelta(microseconds=1) + DELIVERED_WITHIN
        return (
            f"{DAY} BETWEEN {literal(f'{first:{DAY_FORMAT}}')} AND {literal(f'{last_day:{DAY_FORMAT}}')}",
            f"eventtime >= {literal(f'{first:{_EVENT_TIME}}')}",
            f"eventtime < {literal(f'{end:{_EVENT_TIME}}')}",
        )


@dataclass(frozen=True, slots=True)
class LastDays:
    """Events of the last so many days, counted by Athena when the query runs; Athena's clock is UTC."""

    number: int

    @property
    def conditions(self) -> tuple[str, ...]:
        since = f"current_timestamp - INTERVAL '{self.number}' DAY"
        return (
            f"{DAY} >= date_format({since}, {literal(_DAY_IN_SQL)})",
            f"eventtime >= date_format({since}, {literal(_EVENT_TIME_IN_SQL)})",
        )


def archive_query(
    names: SearchNames,
    when: Between | LastDays,
    *,
    account_ids: Sequence[str],
    regions: Sequence[str] = (),
    conditions: Sequence[str] = (),
    limit: int | None = None,
) -> str:
    """One search.

    Args:
        account_ids: at least one.
        regions: all that the table has if there are none.
        conditions: in SQL, over the table's columns; all have to hold.
        limit: rows at most, the oldest first.
    """
    held = [
        _one_of(ACCOUNT, account_ids),
        *([_one_of(REGION, regions)] if regions else []),
        *when.conditions,
        *(f"({condition})" for condition in conditions),
    ]
    told = ",\n".join(f"  {sql}" if name == sql else f"  {sql} AS {name}" for name, sql in TOLD.items())
    return "\n".join(
        [
            f"SELECT DISTINCT\n{told}",
            f'FROM "{names.database}"."{names.table}"',
            "WHERE " + "\n  AND ".join(held),
            "ORDER BY eventtime, eventid",
            *([f"LIMIT {limit}"] if limit is not None else []),
        ]
    )


def made_by(principal_arn: str) -> str:
    """Holds for what a user did, or the sessions of a role, whichever of their ARNs is given.

    >>> made_by("ARN")
    "useridentity.arn = 'ARN' OR useridentity.sessioncontext.sessionissuer.arn = 'ARN'"
    """
    arn = literal(principal_arn)
    return f"useridentity.arn = {arn} OR useridentity.sessioncontext.sessionissuer.arn = {arn}"


def named(event_names: Sequence[str]) -> str:
    """Holds for the events of these names.

    >>> named(["CreateUser"])
    "eventname = 'CreateUser'"
    """
    return _one_of("eventname", event_names)


def _one_of(column: str, values: Sequence[str]) -> str:
    if len(values) == 1:
        return f"{column} = {literal(values[0])}"
    return f"{column} IN ({', '.join(map(literal, values))})"

"""What somebody wants to know of the archive, as the command line gives it, made into SQL.

Every text ends up in a literal: what is asked for can't become part of the question. A request that could find nothing,
or only part of what it asks for, is refused. Running the query is left to ``athena``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cloudtrail_monitoring.archive.search.archive_query import (
    DELIVERED_WITHIN,
    MAX_QUERY_BYTES,
    Between,
    archive_query,
    made_by,
    named,
)
from cloudtrail_monitoring.archive.search.cloudtrail_table import CloudTrailTable
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern, PatternSyntaxError
from cloudtrail_monitoring.detections.translations.athena_predicate import NotExpressible, athena_predicate
from cloudtrail_monitoring.settings import MonitoringSettings

DEFAULT_DAYS = 7
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_AN_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:.+", re.DOTALL)


class SearchError(ValueError):
    """What keeps a search from being made; ``str()`` is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to look for.

    Args:
        first: a day such as ``2026-01-31``, or a time such as ``2026-01-31T10:00:00Z``; seven days before ``last`` if
            there is none. UTC where no offset is given.
        last: the same; a day is meant to its end. Now if there is none.
        account_ids: those of the table if there are none.
        regions: those of the table if there are none.
        detection: an id of the environment's.
        pattern: a filter pattern of CloudWatch Logs.
        principal: the ARN of a user, a role or a role's session.
        event_names: any of these.
        limit: events at most.
    """

    first: str | None = None
    last: str | None = None
    account_ids: Sequence[str] = ()
    regions: Sequence[str] = ()
    detection: str | None = None
    pattern: str | None = None
    principal: str | None = None
    event_names: Sequence[str] = ()
    limit: int = 100


def sql_of(settings: MonitoringSettings, request: SearchRequest, *, now: datetime) -> str:
    """The query of a request.

    Raises:
        SearchError: the environment has no search, the request can't be meant so, or Athena can't say it.
    """
    table = settings.archive_table
    if table is None:
        raise SearchError(f"{settings.environment} has no search: give it SearchSettings, as environments/prod.py does")
    sql = archive_query(
        settings.search_names,
        _when(request, table, now),
        account_ids=_accounts(request, table),
        regions=_among("--region", request.regions, table.regions, "search.regions"),
        conditions=list(_conditions(settings, request)),
        limit=request.limit,
    )
    if len(sql.encode()) > MAX_QUERY_BYTES:
        raise SearchError(f"the query has {len(sql.encode()):,} bytes, and Athena takes {MAX_QUERY_BYTES:,}")
    return sql


def _when(request: SearchRequest, table: CloudTrailTable, now: datetime) -> Between:
    end = now.astimezone(UTC).replace(microsecond=0)
    if request.last:
        end = _instant("--to", request.last, day_ends=True)
    first = _instant("--from", request.first) if request.first else end - timedelta(days=DEFAULT_DAYS)
    if first >= end:
        raise SearchError(f"--from {first:%Y-%m-%dT%H:%M:%SZ} is not before --to {end:%Y-%m-%dT%H:%M:%SZ}")
    if first > now:
        raise SearchError(f"--from {first:%Y-%m-%dT%H:%M:%SZ} is yet to come")
    # the seven days before --to may begin before the archive did, but not end there
    asked, option = (first, "--from") if request.first else (end - _SECOND, "--to")
    if asked.date() < table.first_day:
        raise SearchError(
            f"{option} {asked:%Y-%m-%d}: the table begins with {table.first_day}: search from then on, or set"
            " search.first_day"
        )
    return Between(first, end)


def _instant(option: str, text: str, *, day_ends: bool = False) -> datetime:
    try:
        if day := _day(text):
            begins = datetime.combine(day, time(), UTC)
            found = begins + _DAY if day_ends else begins
        else:
            found = datetime.fromisoformat(text)
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
            # events have whole seconds: one begun is within it
            found = found.replace(microsecond=0) + (_SECOND if day_ends and found.microsecond else timedelta())
        found + DELIVERED_WITHIN  # those days are looked into, too, and have to be days
    except (ValueError, OverflowError):
        raise SearchError(
            f"{option} {text!r} is no day such as 2026-01-31, nor a time such as 2026-01-31T10:00:00Z"
        ) from None
    return found


def _day(text: str) -> date | None:
    """The day, as ISO 8601 writes it with and without hyphens; ``None`` if it says more or something else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _accounts(request: SearchRequest, table: CloudTrailTable) -> Sequence[str]:
    for account in request.account_ids:
        if not (len(account) == 12 and account.isascii() and account.isdigit()):
            raise SearchError(f"--account {account!r} is no AWS account id of 12 digits")
    if table.account_ids:
        wanted = _among("--account", request.account_ids, table.account_ids, "search.organization_account_ids")
        return wanted or table.account_ids
    if not request.account_ids:
        raise SearchError("the trail is an organization's: say whose folders to look into with --account")
    return request.account_ids


def _among(option: str, wanted: Sequence[str], known: Sequence[str], setting: str) -> Sequence[str]:
    for one in wanted:
        if one not in known:
            raise SearchError(f"{option} {one!r}: the table has {', '.join(known)} ({setting})")
    return list(dict.fromkeys(wanted))


def _conditions(settings: MonitoringSettings, request: SearchRequest) -> list[str]:
    return [
        *([_said(_pattern_of(settings, request.detection))] if request.detection else []),
        *([_said(request.pattern)] if request.pattern else []),
        *([made_by(_arn(request.principal))] if request.principal else []),
        *([named(request.event_names)] if request.event_names else []),
    ]


def _arn(principal: str) -> str:
    if not _AN_ARN.fullmatch(principal):
        raise SearchError(
            f"--principal {principal!r} is no ARN of a user, a role or a role's session; to look for a name:"
            " --pattern '{ $.userIdentity.userName = \"jordan\" }'"
        )
    return principal


def _pattern_of(settings: MonitoringSettings, id_: str) -> str:
    for detection in settings.deployed_detections:
        if detection.id == id_:
            return detection.pattern
    raise SearchError(
        f"{settings.environment} has no detection {id_!r}: cloudtrail-monitoring detections lists those it has"
    )


def _said(pattern: str) -> str:
    try:
        return athena_predicate(FilterPattern.parse(pattern))
    except PatternSyntaxError as error:
        raise SearchError(str(error)) from None
    except NotExpressible as error:
        raise SearchError(f"Athena can't ask this: {error}") from None

"""What people ask of the trail's log group in CloudWatch Logs Insights, as data: names, folders and texts of queries.

Conditions come from filter patterns: those of the catalogue where it has them, so that a query and the alarm it
explains can't differ. Saving the queries in an account is left to ``saved_queries``.

A saved query has no time range of its own: whoever runs it chooses one in the console or the call. R-QRY-1's seven days
stand in its text, by ``now()``; the range chosen must be as long, or a part is missing.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html (now)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloudtrail_monitoring.detections.call_volume import CALL_VOLUME
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.language.tree import Or
from cloudtrail_monitoring.detections.translations.insights_query import (
    FIELDS,
    NotExpressible,
    insights_filter,
    insights_query,
)
from cloudtrail_monitoring.responders.names import CONSOLE_EVENTS_LOG_GROUP, IAM_EVENTS_LOG_GROUP

REQUIREMENTS, DETECTIONS, INVESTIGATION, CATEGORIES = "requirements", "detections", "investigation", "categories"
"""Folders, each in the one of the environment's prefix."""

PRINCIPAL, ACCESS_KEY, ADDRESS = "arn-or-a-part-of-it", "access-key-id", "ip-address"
"""What whoever runs a query puts something else in place of."""

CALLS_BY_CALLER = "calls by caller"
"""The one that the runbook of the anomaly alarm names."""

POLICY_ATTACHMENTS = FilterPattern.parse(
    '{ ($.eventSource = "iam.amazonaws.com") && ($.errorCode NOT EXISTS)'
    ' && (($.eventName = "AttachUserPolicy") || ($.eventName = "AttachRolePolicy")) }'
)
"""R-QRY-3; refused calls attached nothing."""

_DAY_MILLISECONDS = 24 * 60 * 60 * 1000
_WHO = "coalesce(userIdentity.arn, userIdentity.principalId, userIdentity.invokedBy) as who"
_LOGIN_FIELDS = (
    "@timestamp",
    "userIdentity.type",
    _WHO,
    "userIdentity.userName",
    "sourceIPAddress",
    "responseElements.ConsoleLogin as outcome",
    "additionalEventData.MFAUsed as mfa",
    "errorMessage",
    "awsRegion",
    "userAgent",
    "eventID",
)
_IAM_FIELDS = (
    "@timestamp",
    "eventName",
    _WHO,
    "coalesce(requestParameters.userName, requestParameters.roleName) as target",
    "requestParameters.policyArn as policy",
    "sourceIPAddress",
    "userAgent",
    "eventID",
)


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """One query and where it is kept.

    Args:
        folder: within the environment's.
        name: what people look for; may hold a folder of its own.
        text: in Logs Insights' language.
        log_group_name: of the category whose events it asks; ``None``: the trail's.
    """

    folder: str
    name: str
    text: str
    log_group_name: str | None = None

    def full_name(self, prefix: str) -> str:
        """As CloudWatch shows it, with the folders before it.

        >>> SavedQuery("investigation", "calls by caller", "").full_name("acme-audit")
        'acme-audit/investigation/calls by caller'
        """
        return f"{prefix}/{self.folder}/{self.name}"


def required_queries() -> tuple[SavedQuery, ...]:
    """R-QRY-1 to R-QRY-3. The newest 1,000 of each."""
    users_made, logins_failed = (
        FilterPattern.parse(CATALOGUE[id_].pattern) for id_ in ("user-created", "console-login-failures")
    )
    return (
        SavedQuery(
            REQUIREMENTS,
            "R-QRY-1 IAM users made in the last 7 days",
            _found(users_made, _IAM_FIELDS, f"toMillis(@timestamp) >= (now() * 1000 - {7 * _DAY_MILLISECONDS})"),
        ),
        SavedQuery(REQUIREMENTS, "R-QRY-2 failed console logins", _found(logins_failed, _LOGIN_FIELDS)),
        SavedQuery(REQUIREMENTS, "R-QRY-3 policies attached", _found(POLICY_ATTACHMENTS, _IAM_FIELDS)),
    )


def investigation_queries(account_id: str) -> tuple[SavedQuery, ...]:
    """What analysts ask first, and what the runbooks send them to.

    Args:
        account_id: of the environment, to tell other accounts from it.
    """
    logins, root, refused = (
        FilterPattern.parse(CATALOGUE[id_].pattern)
        for id_ in ("console-login", "root-activity", "cis-unauthorized-api-calls")
    )
    texts: Mapping[str, str] = {
        "calls of one principal": _of_one(PRINCIPAL, f'userIdentity.arn like "{PRINCIPAL}"'),
        "calls with one access key": _of_one(ACCESS_KEY, f'userIdentity.accessKeyId = "{ACCESS_KEY}"'),
        "calls from one address": _of_one(ADDRESS, f'sourceIPAddress = "{ADDRESS}"'),
        CALLS_BY_CALLER: _lines(
            f"fields {_WHO}",
            "stats count(*) as calls, count_distinct(eventName) as kinds, count_distinct(sourceIPAddress) as addresses"
            " by who",
            "sort calls desc",
            "limit 100",
        ),
        "calls by event": _lines(
            "stats count(*) as calls, count(errorCode) as refused by eventSource, eventName",
            "sort calls desc",
            "limit 100",
        ),
        "calls over time": _lines("stats count(*) as calls, count(errorCode) as refused by bin(5m)"),
        "refused calls by principal": _lines(
            f"fields {_WHO}",
            f"filter {insights_filter(refused)}",
            "stats count(*) as refused, count_distinct(eventName) as kinds by who, errorCode",
            "sort refused desc",
            "limit 100",
        ),
        "console logins with MFA and address": _found(logins, _LOGIN_FIELDS),
        "what root did": _found(root, FIELDS),
        "calls from other accounts": _found(_from_other_accounts(account_id), FIELDS),
    }
    return tuple(SavedQuery(INVESTIGATION, name, text) for name, text in texts.items())


def category_queries() -> tuple[SavedQuery, ...]:
    """The newest events of each category, from the log groups of R-QRY-4: small ones, so a look costs little."""
    return (
        SavedQuery(CATEGORIES, "changes in IAM", _newest(_IAM_FIELDS), IAM_EVENTS_LOG_GROUP),
        SavedQuery(CATEGORIES, "console logins", _newest(_LOGIN_FIELDS), CONSOLE_EVENTS_LOG_GROUP),
    )


def detection_query(detection: Detection) -> SavedQuery:
    """What a detection counted, as ``cloudtrail-monitoring detections --as insights`` prints it.

    Raises:
        NotExpressible: Logs Insights can't say it; the clause and the reason in one line.
    """
    text = insights_query(FilterPattern.parse(detection.pattern))
    return SavedQuery(DETECTIONS, f"{detection.level.value}/{detection.id}", text)


def detection_queries(detections: Sequence[Detection]) -> tuple[tuple[SavedQuery, ...], dict[str, str]]:
    """The queries of those that Logs Insights can say, and of the others by id why it can't."""
    queries: list[SavedQuery] = []
    refused: dict[str, str] = {}
    for detection in detections:
        try:
            queries.append(detection_query(detection))
        except NotExpressible as error:
            refused[detection.id] = str(error)
    return tuple(queries), refused


def saved_query_of(detection: Detection, prefix: str) -> str | None:
    """The full name of the query that a detection's runbook sends people to; ``None`` if there is none.

    The volume of calls is no filter's count: who makes the calls says more than the newest of them.
    """
    if detection.id == CALL_VOLUME.id:
        return SavedQuery(INVESTIGATION, CALLS_BY_CALLER, "").full_name(prefix)
    try:
        return detection_query(detection).full_name(prefix)
    except NotExpressible:
        return None


def _from_other_accounts(account_id: str) -> FilterPattern:
    assumed, used = (
        CATALOGUE[id_].named({"account_id": account_id})
        for id_ in ("role-assumed-from-another-account", "call-from-another-account")
    )
    return FilterPattern.from_tree(
        Or((FilterPattern.parse(assumed.pattern).root, FilterPattern.parse(used.pattern).root))
    )


def _lines(*commands: str) -> str:
    return "\n| ".join(commands)


def _newest(fields: Sequence[str], *conditions: str) -> str:
    filters = (f"filter {condition}" for condition in conditions)
    return _lines(f"fields {', '.join(fields)}", *filters, "sort @timestamp desc", "limit 1000")


def _found(pattern: FilterPattern, fields: Sequence[str], *further: str) -> str:
    return _newest(fields, insights_filter(pattern), *further)


def _of_one(placeholder: str, condition: str) -> str:
    return f"# Put what you look for in place of {placeholder}.\n{_newest(FIELDS, condition)}"

"""The roles of this system doing anything but their work: someone else runs their code, or holds their credentials.

IAM can't limit which inline policies a role writes; this tells of one that isn't ours. Listed are the calls that the
trail records: data events of queues, tables and topics are none of them, and those of our own functions are left out.
"""

from collections.abc import Sequence

from cloudtrail_monitoring.detections.detection import Detection, Level

_ISSUER = "$.userIdentity.sessionContext.sessionIssuer.arn"
_SESSION = "$.userIdentity.arn"
BY_OTHERS_THAN_RESPONDERS = (
    f'({_SESSION} NOT EXISTS || ({_SESSION} != "<router_session_arn>/*" && {_SESSION} != "<release_session_arn>/*"))'
)
"""A lockout is a policy on a user, of which its own alert tells: it need not ring the alarms on such policies, too.
The two roles are named to the last letter, as whoever may make roles can make one that begins with our prefix; by
their sessions, whose ARNs have no path, as a pattern has room for 1,024 characters."""

# By function: what `responders/permissions.py` allows, and what AWS's services call in the name of its role.
WORK = (
    "AttachUserPolicy",
    "CreateLogStream",
    "CreatePolicy",
    "CreateSchedule",
    "Decrypt",
    "DeletePolicy",
    "DeleteSchedule",
    "DeleteUserPolicy",
    "DescribeMetricFilters",
    "DetachUserPolicy",
    "FilterLogEvents",
    "GenerateDataKey",
    "GetParameter",
    "GetQueueAttributes",
    "GetUser",
    "ListAttachedUserPolicies",
    "ListMFADevices",
    "ListTagsForResource",
    "PutUserPolicy",
    "StartLogging",
    "StopLogging",
)
# What the policies of containments are called, inline or managed, after which the latter name the user.
_OUR_POLICIES = ('"<name_prefix>-account-lockout*"', '"<name_prefix>-geo-challenge*"')


def _none(selector: str, values: Sequence[str]) -> str:
    return " && ".join(f"{selector}!={value}" for value in values)


OWN_ROLES = (
    Detection(
        id="responder-misused",
        title="A role of the responders did what it is not for",
        level=Level.HIGH,
        pattern=f'{{ ({_ISSUER} = "*:role/<name_prefix>-*")'
        f" && (({_none('$.eventName', WORK)})"
        f" || ({_none('$.requestParameters.policyName', _OUR_POLICIES)})"
        # a lockout and a challenge only deny
        ' || ($.requestParameters.policyDocument = "*Allow*")) }',
        reason="Responders may write policies onto users: so may whoever has their credentials, or runs code as them.",
        requirement="R-INT-2",
        techniques=("T1078.004", "T1098.003"),
        references=("https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",),
        period_seconds=60,
    ),
)

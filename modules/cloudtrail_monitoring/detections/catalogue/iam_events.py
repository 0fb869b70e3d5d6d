"""The monitored events of R-EVT-1 to R-EVT-11, each at its level; calls that failed changed nothing and don't count.

Denied attempts are told by the CIS detection on unauthorized calls. ``AssumeRole`` is the constant noise of services
and roles: all are counted (Low), and those of other accounts alert (Medium), see ``cross_account``.
"""

from cloudtrail_monitoring.detections.catalogue.own_roles import BY_OTHERS_THAN_RESPONDERS
from cloudtrail_monitoring.detections.detection import Detection, Level

IAM_ACTIONS = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_identityandaccessmanagement.html"
STS_EVENTS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html"
SIGN_IN_EVENTS = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html"

_IAM, _STS, _SIGN_IN = "iam.amazonaws.com", "sts.amazonaws.com", "signin.amazonaws.com"
_REFERENCES = {_IAM: IAM_ACTIONS, _STS: STS_EVENTS, _SIGN_IN: SIGN_IN_EVENTS}

# requirement, id, level, technique, source, event, title, reason
_EVENTS = (
    (
        "R-EVT-1",
        "user-created",
        Level.MEDIUM,
        "T1136.003",
        _IAM,
        "CreateUser",
        "An IAM user was made",
        "People come through SSO: a new user with a password or key of its own is a way to stay.",
    ),
    (
        "R-EVT-2",
        "user-deleted",
        Level.HIGH,
        "T1531",
        _IAM,
        "DeleteUser",
        "An IAM user was deleted",
        "Whoever depends on the user is locked out, and traces of what it was go with it.",
    ),
    (
        "R-EVT-3",
        "user-policy-attached",
        Level.MEDIUM,
        "T1098.003",
        _IAM,
        "AttachUserPolicy",
        "A policy was attached to an IAM user",
        "Rights were given to one user directly, past groups and roles.",
    ),
    (
        "R-EVT-4",
        "role-created",
        Level.MEDIUM,
        "T1136.003",
        _IAM,
        "CreateRole",
        "An IAM role was made",
        "A role says who may become it: another account's trust is a back door.",
    ),
    (
        "R-EVT-5",
        "user-inline-policy-put",
        Level.HIGH,
        "T1098.003",
        _IAM,
        "PutUserPolicy",
        "An inline policy was put on an IAM user",
        "Inline rights show in no list of policies: the quiet way to become an administrator.",
    ),
    (
        "R-EVT-6",
        "password-changed",
        Level.LOW,
        "T1098",
        _IAM,
        "ChangePassword",
        "An IAM user changed the password",
        "Ordinary on its own, telling beside a login from a new place.",
    ),
    (
        "R-EVT-7",
        "console-login",
        Level.LOW,
        "T1078.004",
        _SIGN_IN,
        "ConsoleLogin",
        "Somebody logged in to the console, or tried",
        "The count that failures and unusual places are measured against.",
    ),
    (
        "R-EVT-8",
        "role-assumed",
        Level.LOW,
        "T1548.005",
        _STS,
        "AssumeRole",
        "A role was assumed",
        "Constant noise of services: counted for comparison; what is unusual alerts on its own.",
    ),
    (
        "R-EVT-9",
        "session-token-issued",
        Level.LOW,
        "T1550.001",
        _STS,
        "GetSessionToken",
        "A session token was issued",
        "Temporary credentials outlive the deactivation of the key they came from.",
    ),
    (
        "R-EVT-10",
        "access-key-created",
        Level.HIGH,
        "T1098.001",
        _IAM,
        "CreateAccessKey",
        "An access key was made",
        "A key outlives the session that made it, and works from anywhere.",
    ),
    (
        "R-EVT-11",
        "access-key-deleted",
        Level.MEDIUM,
        "T1531",
        _IAM,
        "DeleteAccessKey",
        "An access key was deleted",
        "Rotation, or the end of a key that somebody is done with.",
    ),
)


def _pattern(source: str, event: str) -> str:
    if source == _SIGN_IN:
        # a failed login carries no errorCode and is counted, too
        return f'{{ ($.eventSource = "{source}") && ($.eventName = "{event}") }}'
    others = f" && {BY_OTHERS_THAN_RESPONDERS}" if event == "PutUserPolicy" else ""
    return f'{{ ($.eventSource = "{source}") && ($.eventName = "{event}") && ($.errorCode NOT EXISTS){others} }}'


IAM_EVENTS = tuple(
    Detection(
        id=id_,
        title=title,
        level=level,
        pattern=_pattern(source, event),
        reason=reason,
        requirement=requirement,
        techniques=(technique,),
        references=(_REFERENCES[source],),
    )
    for requirement, id_, level, technique, source, event, title, reason in _EVENTS
)

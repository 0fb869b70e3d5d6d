"""The detections behind the requirements' alarms, R-ALM-1 to R-ALM-4."""

from cloudtrail_monitoring.detections.catalogue.own_roles import BY_OTHERS_THAN_RESPONDERS
from cloudtrail_monitoring.detections.detection import Detection, Level

CONSOLE_SIGN_IN_EVENTS = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html"
USER_IDENTITY = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"
)
IAM_ACTIONS = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_identityandaccessmanagement.html"

IAM_POLICY_CHANGES = (
    "AttachGroupPolicy",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreatePolicy",
    "CreatePolicyVersion",
    "DeleteGroupPolicy",
    "DeletePolicy",
    "DeletePolicyVersion",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DeleteUserPermissionsBoundary",
    "DeleteUserPolicy",
    "DetachGroupPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "PutGroupPolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "PutUserPermissionsBoundary",
    "PutUserPolicy",
    "SetDefaultPolicyVersion",
)

ALARMS = (
    Detection(
        id="console-login-failures",
        title="More than 5 failed console logins in 15 minutes",
        level=Level.MEDIUM,
        # Console sign-in records carry no errorCode: R-ALM-1's "SigninFailure" does not occur in them.
        pattern=(
            '{ ($.eventName = "ConsoleLogin") && (($.errorMessage = "Failed authentication")'
            ' || ($.responseElements.ConsoleLogin = "Failure")) }'
        ),
        reason="Somebody may be guessing passwords.",
        requirement="R-ALM-1",
        techniques=("T1110",),
        references=(CONSOLE_SIGN_IN_EVENTS,),
        period_seconds=900,
        threshold=5,
    ),
    Detection(
        id="root-activity",
        title="The root user did something",
        level=Level.HIGH,
        # CIS 4.3 letter by letter: Security Hub reads it as that control's filter
        pattern=(
            '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}'
        ),
        reason="No policy limits the root user, and daily work never needs it.",
        is_published=True,
        requirement="R-ALM-2, R-EVT-12, CIS 4.3, CloudWatch.1",
        techniques=("T1078.004",),
        references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html", USER_IDENTITY),
        period_seconds=60,
    ),
    Detection(
        id="off-hours-iam-policy-change",
        title="An IAM policy was changed outside business hours",
        level=Level.HIGH,
        pattern=(
            '{ $.eventSource = "iam.amazonaws.com" && ('
            + " || ".join(f"$.eventName={name}" for name in IAM_POLICY_CHANGES)
            + f") && {BY_OTHERS_THAN_RESPONDERS} }}"
        ),
        reason="Whoever holds stolen credentials widens them when nobody is watching.",
        requirement="R-ALM-3",
        techniques=("T1098.003",),
        references=(IAM_ACTIONS,),
        period_seconds=60,
        only_outside_business_hours=True,
    ),
    Detection(
        id="console-login-without-mfa",
        title="Somebody logged in to the console without MFA",
        level=Level.MEDIUM,
        # IAM users and root only: SSO and federated logins bring their MFA from the identity provider and always
        # read MFAUsed "No" here. Root's own records also write "YES".
        pattern=(
            '{ ($.eventName = "ConsoleLogin") && ($.responseElements.ConsoleLogin = "Success")'
            ' && (($.userIdentity.type = "IAMUser") || ($.userIdentity.type = "Root"))'
            " && (($.additionalEventData.MFAUsed NOT EXISTS)"
            ' || (($.additionalEventData.MFAUsed != "Yes") && ($.additionalEventData.MFAUsed != "YES"))) }'
        ),
        reason="A password alone opened the console: a stolen one would have, too.",
        requirement="R-ALM-4",
        techniques=("T1078.004",),
        references=(CONSOLE_SIGN_IN_EVENTS,),
    ),
)

"""What the dashboard counts a day, beside what alarms: changes of IAM users and roles, and logins with MFA.

All Low: they tell nobody. Changes of policies (R-DSH-1) are counted by ``off-hours-iam-policy-change`` already, at
whatever hour and also where they were refused, and logins without MFA (R-DSH-2) by ``console-login-without-mfa``: a
login of an IAM user or root is counted there or by ``console-login-with-mfa``. The MFA of whoever comes through an
identity provider is asked for there and not recorded here: these logins are in neither.
"""

from cloudtrail_monitoring.detections.catalogue.alarms import CONSOLE_SIGN_IN_EVENTS, IAM_ACTIONS, USER_IDENTITY
from cloudtrail_monitoring.detections.detection import Detection, Level

USER_CHANGES = (
    # by their endings, since a filter has 1,024 characters; what reads them is called otherwise (List…s)
    '"*ServiceSpecificCredential"',
    '"*SigningCertificate"',
    "AddUserToGroup",
    "ChangePassword",
    "CreateAccessKey",
    "CreateLoginProfile",
    "CreateUser",
    "DeactivateMFADevice",
    "DeleteAccessKey",
    "DeleteLoginProfile",
    "DeleteSSHPublicKey",
    "DeleteUser",
    "EnableMFADevice",
    "RemoveUserFromGroup",
    "TagUser",
    "UntagUser",
    "UpdateAccessKey",
    "UpdateLoginProfile",
    "UpdateSSHPublicKey",
    "UpdateUser",
    "UploadSSHPublicKey",
)
"""A user, its credentials and its groups; what is attached to it is a change of policies."""
ROLE_CHANGES = (
    "CreateRole",
    "CreateServiceLinkedRole",
    "DeleteRole",
    "DeleteServiceLinkedRole",
    "TagRole",
    "UntagRole",
    "UpdateAssumeRolePolicy",
    "UpdateRole",
    "UpdateRoleDescription",
)


def _changes(id_: str, title: str, reason: str, technique: str, events: tuple[str, ...]) -> Detection:
    named = " || ".join(f"$.eventName={name}" for name in events)
    return Detection(
        id=id_,
        title=title,
        level=Level.LOW,
        pattern=f'{{ $.eventSource = "iam.amazonaws.com" && ({named}) && $.errorCode NOT EXISTS }}',
        reason=reason,
        requirement="R-DSH-1",
        techniques=(technique,),
        references=(IAM_ACTIONS,),
    )


DAILY_COUNTS = (
    _changes(
        "iam-user-changed",
        "An IAM user, its credentials or its groups were changed",
        "Ordinary one by one; a day with many more than usual is worth a question.",
        "T1098",
        USER_CHANGES,
    ),
    _changes(
        "iam-role-changed",
        "An IAM role was made, changed or deleted",
        "Deployments change roles, and so does whoever wants to stay: the day's number tells them apart.",
        "T1098.003",
        ROLE_CHANGES,
    ),
    Detection(
        id="console-login-with-mfa",
        title="An IAM user or root logged in to the console with MFA",
        level=Level.LOW,
        # console sign-ins alone; root's own records also write "YES"
        pattern=(
            '{ ($.eventName = "ConsoleLogin") && ($.responseElements.ConsoleLogin = "Success")'
            ' && (($.userIdentity.type = "IAMUser") || ($.userIdentity.type = "Root"))'
            ' && (($.additionalEventData.MFAUsed = "Yes") || ($.additionalEventData.MFAUsed = "YES")) }'
        ),
        reason="The share of logins with MFA is measured by it.",
        requirement="R-DSH-2",
        techniques=("T1078.004",),
        references=(CONSOLE_SIGN_IN_EVENTS, USER_IDENTITY),
    ),
)

"""Access across accounts, made visible (R-INT-3), and the unusual part of R-EVT-8.

A call from another account is recorded in this one with ``userIdentity.type`` AWSAccount; so are anonymous reads of
public objects, which are no account's.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from cloudtrail_monitoring.detections.detection import Detection, Level

IDENTITY = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"
ROLE_TRUST = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html"

CROSS_ACCOUNT = (
    Detection(
        id="role-assumed-from-another-account",
        title="Another account assumed a role of this one",
        level=Level.MEDIUM,
        pattern=(
            '{ ($.eventSource = "sts.amazonaws.com") && ($.eventName = "AssumeRole") && ($.errorCode NOT EXISTS)'
            ' && ($.userIdentity.type = "AWSAccount") }'
        ),
        reason="A role's trust lets somebody of another account act here, as the role.",
        requirement="R-EVT-8, R-INT-3",
        techniques=("T1199", "T1548.005"),
        references=(IDENTITY,),
    ),
    Detection(
        id="call-from-another-account",
        title="Another account used something of this one",
        level=Level.LOW,
        # our own account's identities come as AWSAccount, too, where a service does not look them up
        pattern=(
            '{ ($.userIdentity.type = "AWSAccount") && ($.eventName != "AssumeRole")'
            ' && ($.userIdentity.accountId != "<account_id>")'
            ' && ($.userIdentity.accountId != "ANONYMOUS_PRINCIPAL") }'
        ),
        reason="A resource's policy lets another account in: bucket, key, queue or topic.",
        requirement="R-INT-3",
        techniques=("T1199",),
        references=(IDENTITY,),
    ),
    Detection(
        id="role-trust-changed",
        title="Who may assume a role was changed",
        level=Level.MEDIUM,
        pattern=(
            '{ ($.eventSource = "iam.amazonaws.com") && ($.eventName = "UpdateAssumeRolePolicy")'
            " && ($.errorCode NOT EXISTS) }"
        ),
        reason="A new trust opens an existing role, and its rights, to somebody else.",
        requirement="R-INT-3",
        techniques=("T1098.003",),
        references=(ROLE_TRUST,),
    ),
)

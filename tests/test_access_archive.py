"""R-ARC-6: who may do what with the archive's buckets, decided by the synthesised bucket policies of prod."""

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import Principal
from tests.access_requests import (
    ACCOUNT,
    ADMIN,
    ANYBODY,
    AUDIT,
    BREAK_GLASS,
    CLOUDTRAIL,
    CLOUDWATCH_LOGS,
    DEPLOY,
    LOOKALIKE,
    NAMESAKE,
    OTHER_ACCOUNT,
    ROOT,
    S3_LOGS,
    STRANGER,
    TLS,
    TRAIL_ARN,
    USER,
    Case,
    check,
    decide_under,
)
from tests.settings_samples import ARCHIVE, LOCATION, changed
from tests.synthesised import Stack, synthesise

BUCKET = "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025"
ACCESS_LOGS = f"{BUCKET}-access"
LOG_FILE = f"{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/11/23/a.json.gz"
DIGEST = f"{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail-Digest/us-east-1/2026/11/23/a.json.gz"
ACCESS_LOG = f"{ACCESS_LOGS}/xyz-corp-cloudtrail-logs-2025/2026-11-23-a"

# What Terraform's provider calls on a bucket at every plan.
REFRESH = (
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
)
# What it calls to make, change or destroy one, and what would weaken one.
CONFIGURATION = (
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucketWebsite",
    "s3:PutAccelerateConfiguration",
    "s3:PutBucketAcl",
    "s3:PutBucketCORS",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketRequestPayment",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutBucketWebsite",
    "s3:PutEncryptionConfiguration",
    "s3:PutInventoryConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
)
READS = (
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectAttributes",
    "s3:GetObjectRetention",
    "s3:GetObjectTagging",
    "s3:GetObjectTorrent",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionForReplication",
)
WRITES = (
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:UpdateObjectEncryption",
)
DELETIONS = (
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersion",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
)
NOT_AUDIT = {
    "an administrator": ADMIN,
    "a user": USER,
    "root": ROOT,
    "the deploy role": DEPLOY,
    "break-glass": BREAK_GLASS,
    "a role of the audit team's name on another path": LOOKALIKE,
    "another account": STRANGER,
    "another account's audit team": NAMESAKE,
    "nobody in particular": ANYBODY,
}


def tables() -> list[Case]:
    cases = [
        case
        for bucket in (BUCKET, ACCESS_LOGS)
        for action in REFRESH
        for case in (
            Case("Terraform refreshes", DEPLOY, action, bucket, True),
            Case("administrators see the configuration", ADMIN, action, bucket, True),
            Case("another account sees nothing", STRANGER, action, bucket, False),
        )
    ]
    for bucket in (BUCKET, ACCESS_LOGS):
        for action in CONFIGURATION:
            cases += [
                Case("the deploy role configures", DEPLOY, action, bucket, True),
                Case("break-glass configures", BREAK_GLASS, action, bucket, True),
                Case("the audit team does not", AUDIT, action, bucket, False, sid="DenyConfigurationButByDeployment"),
                Case("an administrator does not", ADMIN, action, bucket, False, sid="DenyConfigurationButByDeployment"),
                Case("another account does not", STRANGER, action, bucket, False),
                Case("nobody in particular does", ANYBODY, action, bucket, False),
            ]
    for object_ in (LOG_FILE, DIGEST, ACCESS_LOG):
        for action in READS:
            cases.append(Case("the audit team reads", AUDIT, action, object_, True))
            cases += [
                Case(f"{name} does not read", caller, action, object_, False, sid="DenyObjectReadsButByAudit")
                for name, caller in NOT_AUDIT.items()
            ]
        for action in WRITES:
            cases += [
                Case(f"{name} does not write", caller, action, object_, False, sid="DenyObjectWritesButByServices")
                for name, caller in {**NOT_AUDIT, "the audit team": AUDIT}.items()
            ]
        for action in DELETIONS:
            cases.append(Case("break-glass deletes", BREAK_GLASS, action, object_, True))
            cases += [
                Case(f"{name} does not delete", caller, action, object_, False, sid="DenyObjectDeletionButByBreakGlass")
                for name, caller in {**NOT_AUDIT, "the audit team": AUDIT}.items()
                if caller != BREAK_GLASS
            ]
    return cases


OURS = {"aws:SourceArn": TRAIL_ARN}
CANNED = {"s3:x-amz-acl": "bucket-owner-full-control"}
FOREIGN_TRAIL = {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{OTHER_ACCOUNT}:trail/xyz-corp-audit-trail"}
SECOND_TRAIL = {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/somebodys-trail"}
FROM_ARCHIVE = {"aws:SourceArn": BUCKET, "aws:SourceAccount": ACCOUNT}
FROM_OTHER_BUCKET = {"aws:SourceArn": "arn:aws:s3:::another-bucket", "aws:SourceAccount": ACCOUNT}
FROM_OTHER_ACCOUNT = {"aws:SourceArn": BUCKET, "aws:SourceAccount": OTHER_ACCOUNT}
PUT, ACL = "s3:PutObject", "s3:GetBucketAcl"

SERVICES = [
    Case("CloudTrail checks", CLOUDTRAIL, ACL, BUCKET, True, OURS, "CloudTrailAclCheck"),
    Case("CloudTrail delivers", CLOUDTRAIL, PUT, LOG_FILE, True, {**OURS, **CANNED}, "CloudTrailDelivery"),
    Case("CloudTrail delivers digests", CLOUDTRAIL, PUT, DIGEST, True, {**OURS, **CANNED}, "CloudTrailDelivery"),
    Case("not without the ACL", CLOUDTRAIL, PUT, LOG_FILE, False, OURS),
    Case("not for another account's trail", CLOUDTRAIL, PUT, LOG_FILE, False, {**FOREIGN_TRAIL, **CANNED}),
    Case("not for another trail", CLOUDTRAIL, PUT, LOG_FILE, False, {**SECOND_TRAIL, **CANNED}),
    Case("not without a trail", CLOUDTRAIL, PUT, LOG_FILE, False, CANNED),
    Case("another account's trail can't check", CLOUDTRAIL, ACL, BUCKET, False, FOREIGN_TRAIL),
    Case("not elsewhere", CLOUDTRAIL, PUT, f"{BUCKET}/a.json.gz", False, {**OURS, **CANNED}),
    Case("not as another account", CLOUDTRAIL, PUT, f"{BUCKET}/AWSLogs/{OTHER_ACCOUNT}/a", False, {**OURS, **CANNED}),
    Case("CloudTrail does not read", CLOUDTRAIL, "s3:GetObject", LOG_FILE, False, OURS),
    Case("CloudTrail does not delete", CLOUDTRAIL, "s3:DeleteObject", LOG_FILE, False, OURS),
    Case("another service does not write", CLOUDWATCH_LOGS, PUT, LOG_FILE, False, {**OURS, **CANNED}),
    Case("S3 writes access logs", S3_LOGS, PUT, ACCESS_LOG, True, FROM_ARCHIVE, "AccessLogDelivery"),
    Case("not those of another bucket", S3_LOGS, PUT, ACCESS_LOG, False, FROM_OTHER_BUCKET),
    Case("not those of another account", S3_LOGS, PUT, ACCESS_LOG, False, FROM_OTHER_ACCOUNT),
    Case("not into the archive", S3_LOGS, PUT, LOG_FILE, False, FROM_ARCHIVE),
    Case("CloudTrail does not write among them", CLOUDTRAIL, PUT, ACCESS_LOG, False, {**OURS, **CANNED}),
]

PLAIN_HTTP = {"aws:SecureTransport": "false"}
TRANSPORT = [
    case
    for caller in (AUDIT, BREAK_GLASS, DEPLOY, ROOT)
    for case in (
        Case("plain HTTP", caller, "s3:ListBucket", BUCKET, False, PLAIN_HTTP, "DenyPlainHttp"),
        Case("TLS 1.1", caller, "s3:ListBucket", BUCKET, False, {"s3:TlsVersion": "1.1"}, "DenyOldTls"),
        Case("TLS 1.0", caller, "s3:ListBucket", BUCKET, False, {"s3:TlsVersion": "1.0"}, "DenyOldTls"),
        Case("TLS 1.2", caller, "s3:ListBucket", BUCKET, True, {"s3:TlsVersion": "1.2"}),
        Case("TLS 1.3", caller, "s3:ListBucket", BUCKET, True, TLS),
    )
] + [
    Case("an object over plain HTTP", AUDIT, "s3:GetObject", LOG_FILE, False, PLAIN_HTTP, "DenyPlainHttp"),
    Case(
        "an access log over TLS 1.1", AUDIT, "s3:GetObject", ACCESS_LOG, False, {"s3:TlsVersion": "1.1"}, "DenyOldTls"
    ),
    Case(
        "a delivery over plain HTTP",
        CLOUDTRAIL,
        PUT,
        LOG_FILE,
        False,
        {**OURS, **CANNED, **PLAIN_HTTP},
        "DenyPlainHttp",
    ),
]


def checked(case: Case, prod: Stack) -> None:
    inside_access_logs = case.resource.startswith(ACCESS_LOGS)
    path = "archive/access-logs/policy" if inside_access_logs else "archive/logs/policy"
    check(case, decide_under(prod.by_path(path), case))


def by_title(cases: list[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.title, []).append(case)
    return found


TABLES = by_title(tables())


@pytest.mark.parametrize("title", TABLES)
def test_people(title: str, prod: Stack) -> None:
    # R-ARC-6
    for case in TABLES[title]:
        checked(case, prod)


@pytest.mark.parametrize("case", SERVICES, ids=str)
def test_services(case: Case, prod: Stack) -> None:
    # R-ARC-6
    checked(case, prod)


@pytest.mark.parametrize("case", TRANSPORT, ids=lambda case: f"{case.title} {case.caller} {case.action}")
def test_transport(case: Case, prod: Stack) -> None:
    # R-ARC-6
    checked(case, prod)


def test_the_deploy_role_deploys_twice_and_changes_the_policy(prod: Stack) -> None:
    # R-ARC-6: the policy of the first deployment stands during the second
    for action in ("s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"):
        checked(Case("the deploy role", DEPLOY, action, BUCKET, True), prod)


def test_reading_the_configuration_is_denied_to_nobody(stack: Stack) -> None:
    # R-ARC-6: Terraform refreshes with s3:GetBucket*, and CloudTrail checks with it
    for policy in stack.all("aws_s3_bucket_policy"):
        for statement in policy.policy()["Statement"]:
            if statement["Effect"] == "Deny" and statement["Sid"] not in ("DenyPlainHttp", "DenyOldTls"):
                assert "s3:GetBucket" not in str(statement["Action"]), policy


def test_root_can_mend_a_policy_that_locks_everybody_out_and_nothing_more(prod: Stack) -> None:
    # AWS lets the root user of the bucket's account at its policy, whatever that says
    for action in ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"):
        checked(Case("root", ROOT, action, BUCKET, True), prod)
    checked(Case("root", ROOT, "s3:PutBucketVersioning", BUCKET, False), prod)


def test_a_service_of_somebody_else_acting_for_an_administrator_is_the_administrator(prod: Stack) -> None:
    # a call through Athena or the console is the caller's own, not the service's
    context = {"aws:ViaAWSService": "true", "aws:CalledVia": ["athena.amazonaws.com"]}
    checked(Case("through Athena", ADMIN, "s3:GetObject", LOG_FILE, False, context), prod)
    checked(Case("through Athena", AUDIT, "s3:GetObject", LOG_FILE, True, context), prod)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_each_environment_trusts_its_own_account_only(environment: str, stacks: dict[str, Stack]) -> None:
    # R-ARC-6
    account = stacks[environment].document["provider"]["aws"][0]["allowed_account_ids"][0]
    policy = stacks[environment].by_path("archive/logs/policy").statement("DenyObjectReadsButByAudit")
    assert policy["Condition"]["ArnNotLike"]["aws:PrincipalArn"] == f"arn:aws:iam::{account}:role/audit-team"


def test_a_permission_set_s_role_reads_under_whatever_name_it_got() -> None:
    # R-ARC-6
    from cloudtrail_monitoring.archive.log_archive import LogArchive

    settings = changed(ARCHIVE, audit_role_names=("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit_*",))
    stack = synthesise(lambda scope: LogArchive(scope, "archive", settings, location=LOCATION, trail_arns=[TRAIL_ARN]))
    policy = stack.by_path("archive/logs/policy")
    object_ = "arn:aws:s3:::sample-logs/AWSLogs/333333333333/a.json.gz"
    path = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO"
    for name, allowed in (("Audit_0123456789abcdef", True), ("Administrator_0123456789abcdef", False)):
        case = Case(name, Principal.role(f"{path}_{name}"), "s3:GetObject", object_, allowed)
        check(case, decide_under(policy, case))

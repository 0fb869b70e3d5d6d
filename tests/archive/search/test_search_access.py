"""R-ARC-6: who searches, by the synthesised policies: an audit role with the policy made for it, and nobody else."""

from collections.abc import Mapping
from typing import Any

import pytest

from cloudtrail_monitoring.archive.access_policy import keepers
from cloudtrail_monitoring.archive.search.search_access import searcher_policy
from cloudtrail_monitoring.delivery.search_parts import search
from cloudtrail_monitoring.governance.policy_evaluator import Request, decide
from tests.access_requests import (
    ADMIN,
    ANYBODY,
    AUDIT,
    BREAK_GLASS,
    LOOKALIKE,
    NAMESAKE,
    ROOT,
    S3_LOGS,
    STRANGER,
    TLS,
    USER,
    Case,
    check,
    decide_under,
    role,
)
from tests.archive.search.samples import NAMES, ORGANIZATION, SEARCH, table
from tests.settings_samples import ACCOUNT, ARCHIVE, LOCATION
from tests.synthesised import Stack, synthesise

RESULTS = "arn:aws:s3:::sample-results"
RESULT = f"{RESULTS}/0f0e.csv"
LOGS = "arn:aws:s3:::sample-logs"
LOG_FILE = f"{LOGS}/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/02/10/a.json.gz"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"
BY_ATHENA = {"aws:CalledVia": ["athena.amazonaws.com"], "aws:ViaAWSService": "true", **TLS}
DEPLOY = role("deploy")
EVERYBODY_ELSE = {
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


@pytest.fixture(scope="module")
def stack() -> Stack:
    def build(scope: Any) -> None:
        from cloudtrail_monitoring.archive.log_archive import LogArchive
        from cloudtrail_monitoring.archive.search.query_results import QueryResults

        LogArchive(scope, "archive", ARCHIVE, location=LOCATION, trail_arns=[LOCATION.arn("cloudtrail", "trail/a")])
        QueryResults(scope, "results", SEARCH, location=LOCATION, keepers=keepers(ARCHIVE, LOCATION))

    return synthesise(build)


def results_cases() -> list[Case]:
    put, get = "s3:PutObject", "s3:GetObject"
    listed = [
        Case("Athena puts a result for an auditor", AUDIT, put, RESULT, True, BY_ATHENA),
        Case("an auditor reads it", AUDIT, get, RESULT, True, TLS),
        Case("not over plain HTTP", AUDIT, get, RESULT, False, {"aws:SecureTransport": "false"}, "DenyPlainHttp"),
        Case("not over old TLS", AUDIT, get, RESULT, False, {"s3:TlsVersion": "1.1"}, "DenyOldTls"),
        Case("an auditor deletes none", AUDIT, "s3:DeleteObject", RESULT, False, TLS),
        Case("nor shares one", AUDIT, "s3:PutObjectAcl", RESULT, False, TLS, "DenyOtherObjectWrites"),
        Case("break-glass deletes", BREAK_GLASS, "s3:DeleteObject", RESULT, True, TLS),
        Case("deployment configures", DEPLOY, "s3:PutLifecycleConfiguration", RESULTS, True, TLS),
        Case("an administrator does not", ADMIN, "s3:PutLifecycleConfiguration", RESULTS, False, TLS),
        Case("nor takes the policy off", ADMIN, "s3:DeleteBucketPolicy", RESULTS, False, TLS),
    ]
    for who, caller in EVERYBODY_ELSE.items():
        listed.append(Case(f"{who} reads none", caller, get, RESULT, False, TLS))
        listed.append(Case(f"{who} reads none by Athena", caller, get, RESULT, False, BY_ATHENA))
        listed.append(Case(f"{who} puts none", caller, put, RESULT, False, TLS))
    return listed


@pytest.mark.parametrize("case", results_cases(), ids=str)
def test_results_are_the_audit_roles_alone(case: Case, stack: Stack) -> None:  # R-ARC-6
    check(case, decide_under(stack.by_path("results/results/policy"), case))


def test_accesses_to_results_are_logged_to_a_bucket_of_their_own(stack: Stack) -> None:
    log = stack.by_path("results/access-logs/policy")
    arn = "arn:aws:s3:::sample-results-access/sample-results/2026-02-10"
    ours = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": RESULTS, **TLS}
    for case in (
        Case("S3 logs", S3_LOGS, "s3:PutObject", arn, True, ours),
        Case("an auditor reads", AUDIT, "s3:GetObject", arn, True, TLS),
        Case("and writes nothing", AUDIT, "s3:PutObject", arn, False, TLS),
    ):
        check(case, decide_under(log, case))


# Athena asks S3 in its caller's name: AWS calls that a forward access session.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
@pytest.mark.parametrize("who", EVERYBODY_ELSE)
def test_athena_opens_the_archive_to_nobody(who: str, stack: Stack) -> None:  # R-ARC-6
    case = Case(f"{who}, by Athena", EVERYBODY_ELSE[who], "s3:GetObject", LOG_FILE, False, BY_ATHENA)
    check(case, decide_under(stack.by_path("archive/logs/policy"), case))


def test_athena_reads_the_archive_for_an_auditor(stack: Stack) -> None:  # R-ARC-8
    case = Case("an auditor, by Athena", AUDIT, "s3:GetObject", LOG_FILE, True, BY_ATHENA)
    check(case, decide_under(stack.by_path("archive/logs/policy"), case))


# -- the policy for who searches

POLICY = searcher_policy(NAMES, table(), results_bucket_name=SEARCH.results_bucket_name, key_arn=KEY)
OURS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    *(
        (f"athena:{action}", NAMES.workgroup_arn, {})
        for action in ("StartQueryExecution", "GetQueryExecution", "GetQueryResults", "StopQueryExecution")
    ),
    ("glue:GetTable", NAMES.table_arn, {}),
    ("glue:GetDatabase", NAMES.database_arn, {}),
    ("glue:GetDatabase", f"arn:aws:glue:us-east-1:{ACCOUNT}:database/default", {}),
    ("s3:GetObject", LOG_FILE, {}),
    ("s3:ListBucket", LOGS, {"s3:prefix": f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/02/10"}),
    ("s3:GetBucketLocation", RESULTS, {}),
    ("s3:PutObject", RESULT, {}),
    ("s3:GetObject", RESULT, {}),
    ("s3:ListMultipartUploadParts", RESULT, {}),
    ("kms:Decrypt", KEY, {}),
)
NOT_OURS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("athena:StartQueryExecution", f"arn:aws:athena:us-east-1:{ACCOUNT}:workgroup/primary", {}),
    ("athena:UpdateWorkGroup", NAMES.workgroup_arn, {}),
    ("athena:DeleteNamedQuery", NAMES.workgroup_arn, {}),
    ("glue:GetTable", f"arn:aws:glue:us-east-1:{ACCOUNT}:table/billing/invoices", {}),
    ("glue:GetTable", f"{NAMES.table_arn}-2", {}),
    ("glue:GetTable", f"arn:aws:glue:us-east-1:{ACCOUNT}:table/default/a", {}),
    ("glue:UpdateTable", NAMES.table_arn, {}),
    ("glue:CreateTable", NAMES.table_arn, {}),
    ("s3:GetObject", f"{LOGS}/AWSLogs/{ACCOUNT}/CloudTrail-Digest/us-east-1/2026/02/10/a.json.gz", {}),
    ("s3:GetObject", f"{LOGS}/AWSLogs/444444444444/CloudTrail/us-east-1/2026/02/10/a.json.gz", {}),
    ("s3:GetObject", f"{LOGS}-2/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/02/10/a.json.gz", {}),
    ("s3:ListBucket", LOGS, {"s3:prefix": ""}),
    ("s3:ListBucket", LOGS, {}),
    ("s3:PutObject", LOG_FILE, {}),
    ("s3:DeleteObject", RESULT, {}),
    ("s3:PutObject", f"{RESULTS}-2/0f0e.csv", {}),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/5678", {}),
    ("kms:GenerateDataKey", KEY, {}),
)


OPEN_KEY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    },
}
"""A key that leaves everything to the account's IAM policies; what the trail's own allows: ``test_trail_key``."""


def may(action: str, arn: str, context: Mapping[str, Any], policy: str = POLICY) -> bool:
    request = Request(AUDIT, action, arn, dict(context))
    resource = OPEN_KEY if action.startswith("kms:") else None
    return decide(request, identity_policies=policy, resource_policy=resource, resource_account=ACCOUNT).allowed


@pytest.mark.parametrize(("action", "arn", "context"), OURS)
def test_the_policy_allows_a_search(action: str, arn: str, context: Mapping[str, Any]) -> None:  # R-ARC-8
    assert may(action, arn, context)


@pytest.mark.parametrize(("action", "arn", "context"), NOT_OURS)
def test_and_not_the_neighbours_nor_a_change(action: str, arn: str, context: Mapping[str, Any]) -> None:  # R-ARC-6
    assert not may(action, arn, context)


def test_deployment_neither_asks_nor_reads_an_answer() -> None:  # R-ARC-6
    granted = [action for part in search(NAMES) for action in (*part.reads, *part.changes)]
    assert granted
    assert not {"athena:StartQueryExecution", "athena:GetQueryResults", "s3:GetObject"} & set(granted)
    assert not [action for action in granted if "*" in action]


def test_without_a_key_it_decrypts_nothing() -> None:
    policy = searcher_policy(NAMES, table(), results_bucket_name=SEARCH.results_bucket_name)
    assert "kms" not in policy


def test_of_an_organization_it_reads_all_accounts_and_nothing_outside() -> None:  # R-TRL-6
    policy = searcher_policy(NAMES, table(organization_id=ORGANIZATION), results_bucket_name=SEARCH.results_bucket_name)
    inside = f"{LOGS}/AWSLogs/{ORGANIZATION}/444444444444/CloudTrail/us-east-1/2026/02/10/a.json.gz"
    assert may("s3:GetObject", inside, {}, policy)
    assert not may("s3:GetObject", inside.replace(ORGANIZATION, "o-other67890"), {}, policy)
    assert not may("s3:GetObject", inside.replace("/CloudTrail/", "/CloudTrail-Digest/"), {}, policy)

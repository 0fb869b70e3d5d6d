"""R-RSP-5: investigators put evidence, auditors read it, nobody deletes: decided by the synthesised bucket policy."""

from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.archive.access_policy import keepers
from cloudtrail_monitoring.archive.settings import LockMode, ObjectLock
from cloudtrail_monitoring.responders.evidence_bucket import EvidenceBucket
from cloudtrail_monitoring.responders.evidence_settings import EvidenceSettings
from tests.access_requests import (
    ADMIN,
    ANYBODY,
    AUDIT,
    BREAK_GLASS,
    CLOUDTRAIL,
    LOOKALIKE,
    NAMESAKE,
    ROOT,
    STRANGER,
    USER,
    Case,
    check,
    decide_under,
    role,
)
from tests.settings_samples import ARCHIVE, LOCATION, changed
from tests.synthesised import Stack, synthesise

SETTINGS = EvidenceSettings(
    bucket_name="sample-logs-evidence",
    access_log_bucket_name="sample-logs-evidence-access",
    investigator_role_names=("incident-response",),
)
BUCKET = "arn:aws:s3:::sample-logs-evidence"
EVIDENCE = f"{BUCKET}/evidence/inc-20260309-1f0c9a7be2d4/0123456789ab/records.jsonl.gz"
INVESTIGATOR, DEPLOY = role("incident-response"), role("deploy")
PUT, GET = "s3:PutObject", "s3:GetObject"
EVERYBODY_ELSE = {
    "an administrator": ADMIN,
    "a user": USER,
    "root": ROOT,
    "the deploy role": DEPLOY,
    "a role of the audit team's name on another path": LOOKALIKE,
    "another account": STRANGER,
    "another account's audit team": NAMESAKE,
    "another account's investigator": role("incident-response", "444444444444"),
    "nobody in particular": ANYBODY,
}
BUCKET_PARTS = (
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
)
ONCE = {"aws_s3_bucket_logging": 1, "aws_s3_bucket_object_lock_configuration": 1}


def made(settings: EvidenceSettings = SETTINGS, **existing: Any) -> Stack:
    who = keepers(ARCHIVE, LOCATION)
    return synthesise(
        lambda scope: EvidenceBucket(scope, "evidence", settings, location=LOCATION, keepers=who, **existing)
    )


@pytest.fixture(scope="module")
def stack() -> Stack:
    return made()


def cases() -> list[Case]:
    put = "DenyEvidenceButByInvestigators"
    listed = [
        Case("an investigator puts evidence", INVESTIGATOR, PUT, EVIDENCE, True),
        Case("not elsewhere", INVESTIGATOR, PUT, f"{BUCKET}/other/a", False, sid="DenyEvidenceElsewhere"),
        Case("nor beside it", INVESTIGATOR, PUT, f"{BUCKET}/evidence", False, sid="DenyEvidenceElsewhere"),
        Case("nor changes its ACL", INVESTIGATOR, "s3:PutObjectAcl", EVIDENCE, False, sid="DenyOtherObjectWrites"),
        Case("an investigator does not read", INVESTIGATOR, GET, EVIDENCE, False, sid="DenyObjectReadsButByAudit"),
        Case("the audit team reads", AUDIT, GET, EVIDENCE, True),
        Case("earlier versions, too", AUDIT, "s3:GetObjectVersion", EVIDENCE, True),
        Case("the audit team puts nothing", AUDIT, PUT, EVIDENCE, False, sid=put),
        Case("break-glass puts nothing", BREAK_GLASS, PUT, EVIDENCE, False, sid=put),
        Case("CloudTrail puts nothing", CLOUDTRAIL, PUT, EVIDENCE, False),
        Case("plain HTTP", INVESTIGATOR, PUT, EVIDENCE, False, {"aws:SecureTransport": "false"}, "DenyPlainHttp"),
        Case("old TLS", AUDIT, GET, EVIDENCE, False, {"s3:TlsVersion": "1.1"}, "DenyOldTls"),
        Case("the deploy role configures", DEPLOY, "s3:PutBucketPolicy", BUCKET, True),
        Case("an investigator does not", INVESTIGATOR, "s3:PutBucketPolicy", BUCKET, False),
        Case("Terraform refreshes", DEPLOY, "s3:GetBucketObjectLockConfiguration", BUCKET, True),
    ]
    for name, caller in EVERYBODY_ELSE.items():
        listed += [
            Case(f"{name} does not put", caller, PUT, EVIDENCE, False, sid=put),
            Case(f"{name} does not read", caller, GET, EVIDENCE, False, sid="DenyObjectReadsButByAudit"),
        ]
    for action in (
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:BypassGovernanceRetention",
        "s3:PutObjectRetention",
    ):
        listed.append(Case("break-glass deletes", BREAK_GLASS, action, EVIDENCE, True))
        others = {**EVERYBODY_ELSE, "the audit team": AUDIT, "an investigator": INVESTIGATOR}
        listed += [
            Case(f"{name} does not delete", caller, action, EVIDENCE, False, sid="DenyObjectDeletionButByBreakGlass")
            for name, caller in others.items()
        ]
    return listed


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.title} {case.action}")
def test_who_may_do_what(case: Case, stack: Stack) -> None:
    # R-RSP-5
    check(case, decide_under(stack.by_path("evidence/evidence/policy"), case))


def test_it_stands_alone_and_makes_no_more_than_its_parts(stack: Stack) -> None:
    # R-DEL-4
    assert Counter(one.type for one in stack.resources()) == {**dict.fromkeys(BUCKET_PARTS, 2), **ONCE}
    alone = made(existing_access_log_bucket="everybodys-access-logs")
    assert Counter(one.type for one in alone.resources()) == {**dict.fromkeys(BUCKET_PARTS, 1), **ONCE}
    assert alone.one("aws_s3_bucket_logging")["target_bucket"] == "everybodys-access-logs"


def test_it_is_versioned_encrypted_private_and_locked_for_a_year(stack: Stack) -> None:
    # R-RSP-5
    assert stack.by_path("evidence/evidence/bucket")["object_lock_enabled"] is True
    assert stack.by_path("evidence/evidence/versioning")["versioning_configuration"] == {"status": "Enabled"}
    (rule,) = stack.by_path("evidence/evidence/encryption")["rule"]
    assert rule == {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    lock = stack.by_path("evidence/object-lock")
    assert lock["rule"] == {"default_retention": {"days": 365, "mode": "GOVERNANCE"}}
    policy = stack.by_path("evidence/evidence/policy")
    assert any("object_lock_configuration" in one for one in policy["depends_on"]), policy


def test_the_lock_can_be_longer_and_stricter() -> None:
    lock = ObjectLock(mode=LockMode.COMPLIANCE, retention_days=2557)
    stack = made(changed(SETTINGS, object_lock=lock))
    assert stack.by_path("evidence/object-lock")["rule"] == {"default_retention": {"days": 2557, "mode": "COMPLIANCE"}}


@pytest.mark.parametrize("field", ["investigator_role_names"])
def test_somebody_must_be_able_to_put_evidence(field: str) -> None:
    with pytest.raises(ValidationError, match="at least one is needed"):
        changed(SETTINGS, **{field: ()})


def test_nothing_is_destroyed_unless_told(stack: Stack) -> None:
    assert stack.by_path("evidence/evidence/bucket")["lifecycle"] == {"prevent_destroy": True}
    assert made(protected=False).by_path("evidence/evidence/bucket")["force_destroy"] is True

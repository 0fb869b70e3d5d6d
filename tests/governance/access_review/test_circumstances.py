"""A policy under the most favourable circumstances: what a caller can arrange is taken for arranged."""

import json
from typing import Any

import pytest

from cloudtrail_monitoring.governance.access_review.circumstances import favourable
from cloudtrail_monitoring.governance.policy_statements import parse_policy


def conditioned(effect: str, conditions: dict[str, Any], **rest: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "s3:*", "Resource": "*", "Condition": conditions, **rest}
    return {"Version": "2012-10-17", "Statement": [statement]}


ARRANGED = {
    "MFA": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    "an address": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    "a time": {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
    "an encryption context": {"StringEquals": {"kms:EncryptionContext:app": "x"}},
}
OF_THE_CALLER = {
    "who it is": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::333333333333:role/audit-team"}},
    "its account": {"StringEquals": {"AWS:PrincipalAccount": "333333333333"}},
    "its tag": {"StringEquals": {"aws:PrincipalTag/team": "audit"}},
    "for which resource a service asks": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::logs"}},
}


@pytest.mark.parametrize("conditions", ARRANGED.values(), ids=ARRANGED)
def test_what_can_be_arranged_allows_and_does_not_deny(conditions: dict[str, Any]) -> None:
    # R-INT-4
    (allowing,) = favourable(conditioned("Allow", conditions))["Statement"]
    assert "Condition" not in allowing
    (left,) = favourable(conditioned("Deny", conditions))["Statement"]
    assert left["Action"] == "none:Nothing"


@pytest.mark.parametrize("conditions", OF_THE_CALLER.values(), ids=OF_THE_CALLER)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_who_the_caller_is_stays(effect: str, conditions: dict[str, Any]) -> None:
    # R-INT-4
    document = conditioned(effect, conditions)
    assert favourable(document) == document


def test_an_allowance_keeps_the_part_that_stays() -> None:
    both = {**ARRANGED["MFA"], **OF_THE_CALLER["its account"]}
    (statement,) = favourable(conditioned("Allow", both))["Statement"]
    assert statement["Condition"] == OF_THE_CALLER["its account"]


def test_a_denial_that_can_be_avoided_in_part_is_avoided() -> None:
    both = {**ARRANGED["MFA"], **OF_THE_CALLER["its account"]}
    (statement,) = favourable(conditioned("Deny", both))["Statement"]
    assert statement["Action"] == "none:Nothing"


def test_a_document_stays_one_that_can_be_judged() -> None:
    text = json.dumps(conditioned("Deny", ARRANGED["MFA"], Principal="*"))
    assert parse_policy(favourable(text, resource_based=True), name="policy", resource_based=True)
    assert parse_policy(favourable(conditioned("Deny", ARRANGED["MFA"])), name="policy")

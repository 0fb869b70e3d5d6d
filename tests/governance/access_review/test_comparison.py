"""Policies that say the same, and those that do not."""

import json
from typing import Any

from cloudtrail_monitoring.governance.access_review.comparison import policy_differences

READ: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::333333333333:root"},
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": "arn:aws:s3:::logs/*",
    "Condition": {"StringEquals": {"aws:SourceAccount": "333333333333"}},
}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_order_single_values_and_the_case_of_keys_make_no_difference() -> None:
    # R-INT-4
    same = {
        **READ,
        "Principal": {"AWS": ["333333333333"]},
        "Action": ["s3:ListBucket", "s3:GetObject"],
        "Resource": ["arn:aws:s3:::logs/*"],
        "Condition": {"StringEquals": {"AWS:SourceAccount": ["333333333333"]}},
    }
    assert list(policy_differences(document(READ), document(same))) == []


def test_each_difference_is_a_line() -> None:
    # R-INT-4
    other = {**READ, "Resource": "*"}
    more = {**READ, "Sid": "More", "Action": "s3:*"}
    assert list(policy_differences(document(READ), document(other, more))) == [
        'statement "More" is additional (Allow s3:*)',
        'statement "Read" has another resource',
    ]
    assert list(policy_differences(document(READ), None)) == ['statement "Read" is missing']


def test_permissions_that_terraform_numbers_are_told_by_what_they_say() -> None:
    unnamed = {name: value for name, value in READ.items() if name != "Sid"}
    numbered = {**READ, "Sid": "terraform-20260331090000000000000001"}
    assert list(policy_differences(document(unnamed), document(numbered))) == []

"""A request under one of the two documents, made by somebody whose own policies allow everything."""

import json
from typing import Any, Literal

from cloudtrail_monitoring.governance.policy_evaluator import Decision, Principal, Request, decide
from tests.access_requests import ACCOUNT, ADMINISTRATOR_ACCESS
from tests.guard_rails.guarded_calls import Guarded
from tests.synthesised import Stack

Document = Literal["service_control_policy", "permission_boundary"]
DOCUMENTS: tuple[Document, ...] = ("service_control_policy", "permission_boundary")

# keys leave it to IAM who manages them
_KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    },
}


def document_of(stack: Stack, name: Document) -> dict[str, Any]:
    parsed = json.loads(stack.document["output"][name]["value"])
    assert isinstance(parsed, dict)
    return parsed


def decide_under(
    document: dict[str, Any],
    name: Document,
    caller: Principal,
    call: Guarded,
    *,
    resource_policy: str | dict[str, Any] | None = None,
) -> Decision:
    if call.resource.startswith("arn:aws:kms:") and ":key/" in call.resource:
        resource_policy = _KEY_POLICY
    limits: dict[str, Any] = (
        {"service_control_policies": [[ADMINISTRATOR_ACCESS], [ADMINISTRATOR_ACCESS, document]]}
        if name == "service_control_policy"
        else {"permission_boundary": document}
    )
    return decide(
        Request(caller, call.action, call.resource, call.context),
        identity_policies=ADMINISTRATOR_ACCESS,
        resource_policy=resource_policy,
        resource_account=ACCOUNT,
        **limits,
    )

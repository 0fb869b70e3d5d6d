"""The policies of the plan and the deploy role: the table of ``parts`` as documents, one for each group of it.

Beside what the table grants, both read Terraform's state; the deploy role writes the one of its environment and the
lock file beside it. What neither may do stands as a denial, so that no policy attached later grants it by accident.

The actions that take no ARN (``part.EVERYWHERE``) stand alone in statements of their own.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.part import Part
from cloudtrail_monitoring.delivery.parts import parts
from cloudtrail_monitoring.policy_document import Statement, allow, deny
from cloudtrail_monitoring.validation import SettingsError

MAX_MANAGED_POLICY = 6_144
"""Characters without white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

IAM_CHANGES = (
    "iam:Add*",
    "iam:Attach*",
    "iam:Create*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:PassRole",
    "iam:Put*",
    "iam:Remove*",
    "iam:Set*",
    "iam:Tag*",
    "iam:Untag*",
    "iam:Update*",
)


def plan_policies(of: Delivered) -> dict[str, str]:
    """The plan role's documents as JSON text, by group: reads alone.

    Raises:
        SettingsError: a document is longer than IAM takes.
    """
    statements = _grouped(of, _reads)
    statements["storage"] += [
        _state_of(of, [of.environment, f"state-{of.environment}"]),
        deny("DenyReadingLogs", ["s3:GetObject*"], [f"{arn}/*" for arn in of.own_buckets]),
    ]
    if of.ours.responders:
        statements["responders"].append(_variables(of))
    return _written(of, "plan", statements)


def deploy_policies(of: Delivered) -> dict[str, str]:
    """The deploy role's documents as JSON text, by group: reads and changes.

    Raises:
        SettingsError: a document is longer than IAM takes.
    """
    statements = _grouped(of, _reads_and_changes)
    state = of.state_object(of.environment)
    statements["storage"] += [
        _state_of(of, [of.environment]),
        allow("WriteState", ["s3:PutObject"], [state]),
        allow("LockState", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [f"{state}.tflock"]),
        deny("DenyReadingLogs", ["s3:GetObject*"], [f"{arn}/*" for arn in of.own_buckets]),
    ]
    statements["roles"].append(
        deny(
            "DenyChangingDelivery",
            IAM_CHANGES,
            [*of.delivery_roles, *of.people_s_roles, *of.delivery_policies, of.oidc_provider],
        )
    )
    return _written(of, "deploy", statements)


def _grouped(of: Delivered, statements_of: Callable[[Part], list[Statement]]) -> dict[str, list[Statement]]:
    groups: dict[str, list[Statement]] = {}
    for part in parts(of):
        groups.setdefault(part.group, []).extend(statements_of(part))
    return groups


def _reads(part: Part) -> list[Statement]:
    if not part.reads:
        return []
    return [allow(f"Read{part.title}", part.reads, part.resources, conditions=part.conditions)]


def _reads_and_changes(part: Part) -> list[Statement]:
    return [allow(part.title, [*part.reads, *part.changes], part.resources, conditions=part.conditions)]


def _state_of(of: Delivered, stacks: Sequence[str]) -> Statement:
    return allow("ReadState", ["s3:GetObject"], [of.state_object(stack) for stack in stacks])


def _variables(of: Delivered) -> Statement:
    """Without it Lambda leaves the variables out, and every plan would show them as lost.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    """
    place = of.location
    return allow(
        "ReadVariables",
        ["kms:Decrypt"],
        [place.arn("kms", "key/*")],
        conditions={
            "ArnLike": {"kms:EncryptionContext:aws:lambda:FunctionArn": of.ours.named("lambda", "function:")},
            "StringEquals": {"kms:ViaService": f"lambda.{place.region}.{place.dns_suffix}"},
        },
    )


def _written(of: Delivered, role: str, groups: Mapping[str, Sequence[Statement]]) -> dict[str, str]:
    return {
        group: written(statements, of.policy_name(role, group)) for group, statements in groups.items() if statements
    }


def written(statements: Sequence[Statement], name: str) -> str:
    """A managed policy as JSON text without white space.

    Raises:
        SettingsError: it is longer than IAM takes.
    """
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))
    if len(text) > MAX_MANAGED_POLICY:
        raise SettingsError(
            f"delivery: the policy {name} has {len(text)} characters, and IAM takes {MAX_MANAGED_POLICY}: shorten the"
            " names of buckets, trail and log group"
        )
    return text

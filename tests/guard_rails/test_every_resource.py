"""Every synthesised resource is guarded: a new type of resource without a guard rail fails here (R-INT-2)."""

from typing import Any

import pytest

from tests.access_requests import ADMIN, ADMINISTRATOR_ACCESS, BREAK_GLASS, DEPLOY, ROOT, USER
from tests.guard_rails.guarded_calls import BUCKET_PARTS, UNGUARDED, Guarded, calls
from tests.guard_rails.restricted import DOCUMENTS, Document, decide_under, document_of
from tests.synthesised import Resource, Stack

STACKS = ("prod", "state-prod")
OURS, THEIRS = "xyz-corp", "abc-corp"
# who carries the boundary takes none off, and makes no role without it, whoever's
OF_THE_BOUNDARY = {"iam:CreateRole", "iam:DeleteRolePermissionsBoundary"}


@pytest.fixture(params=DOCUMENTS)
def name(request: pytest.FixtureRequest) -> Document:
    chosen: Document = request.param
    return chosen


@pytest.fixture
def document(prod: Stack, name: Document) -> dict[str, Any]:
    return document_of(prod, name)


def resources(stacks: dict[str, Stack]) -> list[tuple[Stack, Resource]]:
    return [(stacks[one], resource) for one in STACKS for resource in stacks[one].resources()]


def everything(stacks: dict[str, Stack]) -> dict[Guarded | tuple[str, str, str], tuple[Guarded, str]]:
    """Each request once, with the address of a resource it would hit."""
    found: dict[Any, tuple[Guarded, str]] = {}
    for stack, resource in resources(stacks):
        for call in calls(stack, resource):
            found[(call.action, call.resource, str(call.context))] = (call, resource.address)
    return found


def one_of_each_type(stacks: dict[str, Stack]) -> list[Guarded]:
    seen = {resource.type: (stack, resource) for stack, resource in resources(stacks)}
    return [call for stack, resource in seen.values() for call in calls(stack, resource)]


def bucket_policy(stacks: dict[str, Stack], call: Guarded) -> str | None:
    """The policy of the bucket that the call is about: it denies what the boundary therefore need not."""
    for one in STACKS:
        for policy in stacks[one].all("aws_s3_bucket_policy"):
            bucket = next(b for b in stacks[one].all("aws_s3_bucket") if policy.refers_to(b, "bucket"))
            if call.resource == f"arn:aws:s3:::{bucket['bucket']}":
                return str(policy["policy"])
    return None


def test_every_type_of_resource_is_guarded_or_has_a_reason(stacks: dict[str, Stack]) -> None:  # R-INT-2
    for stack, resource in resources(stacks):
        assert resource.type in UNGUARDED or calls(stack, resource), resource.address


def test_nobody_else_changes_any_of_them(
    stacks: dict[str, Stack], document: dict[str, Any], name: Document
) -> None:  # R-INT-2
    for call, address in everything(stacks).values():
        decision = decide_under(document, name, ADMIN, call, resource_policy=bucket_policy(stacks, call))
        assert not decision, f"{address}: {call.action} on {call.resource}: {decision.reason}"
        if name == "service_control_policy":
            assert "service control policy 2" in decision.reason, f"{address}: {decision.reason}"


def test_neither_do_users_nor_the_root_user(stacks: dict[str, Stack], prod: Stack) -> None:  # R-INT-2
    document = document_of(prod, "service_control_policy")
    for call in one_of_each_type(stacks):
        for caller in (USER, ROOT):
            assert not decide_under(document, "service_control_policy", caller, call), f"{caller}: {call}"


def test_deployment_and_break_glass_change_all_of_them(
    stacks: dict[str, Stack], document: dict[str, Any], name: Document
) -> None:  # R-INT-2
    for call in one_of_each_type(stacks):
        for caller in (DEPLOY, BREAK_GLASS):
            decision = decide_under(document, name, caller, call)
            assert decision, f"{caller}: {call.action} on {call.resource}: {decision.reason}"


def test_what_is_the_neighbours_is_theirs(
    stacks: dict[str, Stack], document: dict[str, Any], name: Document
) -> None:  # R-INT-2
    for call in one_of_each_type(stacks):
        theirs = neighbouring(call)
        if theirs.action in OF_THE_BOUNDARY and name == "permission_boundary":
            continue
        decision = decide_under(document, name, ADMIN, theirs)
        assert decision, f"{theirs.action} on {theirs.resource}: {decision.reason}"


def neighbouring(call: Guarded) -> Guarded:
    """The same call on what bears another company's name."""

    def renamed(text: str) -> str:
        changed = text.replace(OURS, THEIRS).replace("CloudTrail/IAMEvents", "CloudTrail/OtherEvents")
        changed = changed.replace("role/cloudtrail-monitoring-", "role/other-")
        # Glue's names have no hyphens
        changed = changed.replace(OURS.replace("-", "_"), THEIRS.replace("-", "_"))
        return changed.replace("CloudTrail/ConsoleEvents", "CloudTrail/OtherEvents")

    context = {
        key: renamed(value) if isinstance(value, str) else [renamed(one) for one in value]
        for key, value in call.context.items()
    }
    return Guarded(call.action, renamed(call.resource), context)


def test_without_the_documents_an_administrator_could(stacks: dict[str, Stack]) -> None:
    """The calls are denied by the documents, and not by how they are asked."""
    for call in one_of_each_type(stacks):
        assert decide_under(ADMINISTRATOR_ACCESS, "permission_boundary", ADMIN, call), call


def test_buckets_are_guarded_one_and_all(stacks: dict[str, Stack]) -> None:
    assert {call.resource for call, _ in everything(stacks).values() if call.resource.startswith("arn:aws:s3:::")} == {
        f"arn:aws:s3:::{bucket['bucket']}" for one in STACKS for bucket in stacks[one].all("aws_s3_bucket")
    }
    assert set(BUCKET_PARTS) <= {resource.type for _, resource in resources(stacks)}

"""Who may take the plan and the deploy role, what the roles' stack holds, and what is refused (R-DEL-3)."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.deployment_roles import DeploymentRoles
from cloudtrail_monitoring.delivery.documents import written
from cloudtrail_monitoring.delivery.settings import DeliverySettings
from cloudtrail_monitoring.governance.policy_evaluator import Principal, Request, decide
from cloudtrail_monitoring.governance.policy_statements import parse_policy
from cloudtrail_monitoring.policy_document import allow
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.validation import SettingsError
from tests.conftest import ENVIRONMENTS
from tests.settings_samples import ACCOUNT, SAMPLE, changed
from tests.synthesised import Stack, synthesise, synthesise_monitoring

REPOSITORY = "xyz-corp/cloudtrail-monitoring"
ISSUER = "token.actions.githubusercontent.com"
MAX_MANAGED_POLICY = 6_144
MAX_POLICIES_OF_A_ROLE = 10
SETTINGS = DeliverySettings(repository=REPOSITORY)


def roles_of(delivery: DeliverySettings = SETTINGS, **settings: Any) -> Stack:
    delivered = Delivered.of(changed(SAMPLE, **settings), delivery)
    return synthesise(lambda scope: DeploymentRoles(scope, "delivery", delivery, delivered=delivered))


def takes(stack: Stack, kind: str, subject: str, audience: str = "sts.amazonaws.com") -> bool:
    """Whether a token of GitHub's gets a role. The evaluator knows no federated callers: conditions decide alone."""
    role = stack.by_path(f"delivery/{kind}")
    trust = role.policy("assume_role_policy")
    [statement] = trust["Statement"]
    account = statement["Principal"]["Federated"].split(":")[4]
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::{account}:oidc-provider/{ISSUER}"}
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    statement["Principal"] = "*"
    request = Request(
        Principal.anonymous(),
        "sts:AssumeRoleWithWebIdentity",
        f"arn:aws:iam::{account}:role/{role['name']}",
        {f"{ISSUER}:sub": subject, f"{ISSUER}:aud": audience},
    )
    return decide(request, resource_policy=trust).allowed


@pytest.mark.parametrize(
    ("subject", "plans", "deploys"),
    [
        (f"repo:{REPOSITORY}:pull_request", True, False),
        (f"repo:{REPOSITORY}:ref:refs/heads/main", True, False),
        (f"repo:{REPOSITORY}:environment:prod", False, True),
        (f"repo:{REPOSITORY}:environment:dev", False, False),
        (f"repo:{REPOSITORY}:environment:prod-2", False, False),
        (f"repo:{REPOSITORY}:ref:refs/heads/main-2", False, False),
        (f"repo:{REPOSITORY}:ref:refs/heads/feature", False, False),
        (f"repo:{REPOSITORY}:ref:refs/tags/main", False, False),
        ("repo:stranger/cloudtrail-monitoring:pull_request", False, False),
        ("repo:stranger/cloudtrail-monitoring:environment:prod", False, False),
        ("repo:xyz-corp/cloudtrail-monitoring-2:environment:prod", False, False),
        ("repo:xyz-corp/another:ref:refs/heads/main", False, False),
        (f"repo:{REPOSITORY}:*", False, False),
        (f"repo:{REPOSITORY.upper()}:environment:prod", False, False),
    ],
)
def test_who_may_take_which_role(subject: str, plans: bool, deploys: bool, stacks: dict[str, Stack]) -> None:
    stack = stacks["state-prod"]
    assert takes(stack, "plan", subject) is plans
    assert takes(stack, "deploy", subject) is deploys


@pytest.mark.parametrize("audience", ["https://github.com/xyz-corp", "sts.amazonaws.com.attacker.example", ""])
def test_a_token_for_somebody_else_gets_no_role(audience: str, stacks: dict[str, Stack]) -> None:
    assert not takes(stacks["state-prod"], "plan", f"repo:{REPOSITORY}:pull_request", audience)
    assert not takes(stacks["state-prod"], "deploy", f"repo:{REPOSITORY}:environment:prod", audience)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_s_deploy_role_is_for_its_own_github_environment(
    environment: str, stacks: dict[str, Stack]
) -> None:
    for other in ENVIRONMENTS:
        subject = f"repo:{REPOSITORY}:environment:{other}"
        assert takes(stacks[f"state-{environment}"], "deploy", subject) is (other == environment)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("kind", ["plan", "deploy"])
def test_trust_compares_whole_values(kind: str, environment: str, stacks: dict[str, Stack]) -> None:
    trust = stacks[f"state-{environment}"].by_path(f"delivery/{kind}").policy("assume_role_policy")
    for statement in trust["Statement"]:
        assert list(statement["Condition"]) == ["StringEquals"]
        assert set(statement["Condition"]["StringEquals"]) == {f"{ISSUER}:aud", f"{ISSUER}:sub"}
        assert "*" not in json.dumps(statement["Condition"])


def test_subjects_of_a_repository_with_immutable_ones() -> None:
    stack = roles_of(DeliverySettings(repository="xyz-corp@1234/monitoring@5678"))
    assert takes(stack, "deploy", "repo:xyz-corp@1234/monitoring@5678:environment:sample")
    assert not takes(stack, "deploy", "repo:xyz-corp/monitoring:environment:sample")
    assert not takes(stack, "deploy", "repo:xyz-corp@1234/monitoring@9999:environment:sample")


def test_branch_and_github_environment_are_settings() -> None:
    stack = roles_of(DeliverySettings(repository="a/b", branch="release", github_environment="production"))
    assert takes(stack, "plan", "repo:a/b:ref:refs/heads/release")
    assert not takes(stack, "plan", "repo:a/b:ref:refs/heads/main")
    assert takes(stack, "deploy", "repo:a/b:environment:production")
    assert not takes(stack, "deploy", "repo:a/b:environment:sample")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_key_is_stored_and_sessions_end_in_an_hour(environment: str, stacks: dict[str, Stack]) -> None:
    stack = stacks[f"state-{environment}"]
    types = {resource.type for resource in stack.resources()}
    assert not types & {"aws_iam_user", "aws_iam_access_key", "aws_iam_user_policy"}
    assert {role["max_session_duration"] for role in stack.all("aws_iam_role")} == {3600}


def test_the_identity_provider_is_made_or_an_existing_one_is_used() -> None:
    made = roles_of()
    provider = made.one("aws_iam_openid_connect_provider")
    assert provider["url"] == f"https://{ISSUER}"
    assert provider["client_id_list"] == ["sts.amazonaws.com"]
    assert made.by_path("delivery/deploy")["depends_on"] == [provider.address]
    existing = roles_of(DeliverySettings(repository=REPOSITORY, existing_oidc_provider=True))
    assert existing.all("aws_iam_openid_connect_provider") == []
    assert takes(existing, "deploy", f"repo:{REPOSITORY}:environment:sample")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_roles_are_of_the_state_s_stack(environment: str, stacks: dict[str, Stack]) -> None:
    # which the deploy role does not apply
    made = {role["name"] for role in stacks[f"state-{environment}"].all("aws_iam_role")}
    assert made == {"cloudtrail-monitoring-deploy", "cloudtrail-monitoring-plan"}
    assert not made & {role["name"] for role in stacks[environment].all("aws_iam_role")}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_policies_fit_into_iam(environment: str, stacks: dict[str, Stack]) -> None:
    stack = stacks[f"state-{environment}"]
    for policy in stack.all("aws_iam_policy"):
        assert "${" not in policy["policy"], policy
        assert parse_policy(policy["policy"], name=policy["name"])
        assert len(policy["policy"]) <= MAX_MANAGED_POLICY, policy
    for role in stack.all("aws_iam_role"):
        attached = [one for one in stack.all("aws_iam_role_policy_attachment") if one.refers_to(role, "role")]
        assert 0 < len(attached) <= MAX_POLICIES_OF_A_ROLE
    assert stack.all("aws_iam_role_policy") == []


def test_long_names_still_fit(environments: dict[str, MonitoringSettings]) -> None:
    prod = environments["prod"]
    assert prod.evidence
    buckets = ("bucket_name", "access_log_bucket_name")
    long = changed(
        prod,
        name_prefix="p" * 30,
        archive=changed(prod.archive, **{field: field[0] * 63 for field in buckets}),
        evidence=changed(prod.evidence, **{field: field[0].replace("a", "d") * 62 for field in buckets}),
        state=changed(prod.state, **{field: field[0].replace("a", "e") * 61 for field in buckets}),
        trail=changed(prod.trail, name="t" * 50, log_group_name="CloudTrail/" + "g" * 50),
    )
    delivered = Delivered.of(long, SETTINGS)
    stack = synthesise(lambda scope: DeploymentRoles(scope, "delivery", SETTINGS, delivered=delivered))
    assert max(len(policy["policy"]) for policy in stack.all("aws_iam_policy")) <= MAX_MANAGED_POLICY


def test_a_policy_that_is_longer_than_iam_takes_is_refused() -> None:
    fits = [allow("Fits", ["s3:GetBucketPolicy"], ["arn:of:" + "a" * 5_900])]
    assert len(written(fits, "audit-plan-storage")) <= MAX_MANAGED_POLICY
    with pytest.raises(SettingsError, match=r"the policy audit-plan-storage has 6\d{3} characters, and IAM takes 6144"):
        written([allow("Fits", ["s3:GetBucketPolicy"], ["arn:of:" + "a" * 6_100])], "audit-plan-storage")


@pytest.mark.parametrize(
    ("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eusc-de-east-1", "aws-eusc")]
)
def test_every_arn_is_of_the_partition(region: str, partition: str) -> None:
    stack = roles_of(home_region=region)
    assert f"arn:{partition}:iam::{ACCOUNT}:oidc-provider/{ISSUER}" in stack.text
    assert "arn:aws:" not in stack.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("repository", "monitoring", "a GitHub repository"),
        ("repository", "xyz-corp/*", "a GitHub repository"),
        ("repository", "xyz-corp/monitoring:pull_request", "a GitHub repository"),
        ("repository", "xyz-corp@1234/monitoring", "the numbers of owner and repository"),
        ("branch", "*", "the name of a branch"),
        ("github_environment", "prod*", "the name of a GitHub environment"),
        ("plan_role_name", "ci/plan", "without path and asterisk"),
        ("plan_role_name", "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Plan_*", "without path and asterisk"),
    ],
)
def test_a_setting_that_would_let_others_in_is_refused(field: str, value: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DeliverySettings(**{"repository": REPOSITORY, field: value})


def test_a_deploy_role_that_is_made_elsewhere_is_refused() -> None:
    name = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Deploy_*"
    with pytest.raises(SettingsError, match=r"sample: delivery: archive\.deploy_role_name .* made elsewhere"):
        roles_of(archive=changed(SAMPLE.archive, deploy_role_name=name))


def test_plan_and_deploy_role_differ() -> None:
    with pytest.raises(SettingsError, match="the name of the deploy role, too"):
        roles_of(DeliverySettings(repository=REPOSITORY, plan_role_name="deploy"))


def test_an_organization_s_policy_is_not_for_the_deploy_role() -> None:
    rails = changed(SAMPLE.guard_rails, organization_targets=("ou-ab12-c3d4e5f6",))
    with pytest.raises(SettingsError, match=r"guard_rails\.organization_targets"):
        roles_of(guard_rails=rails)


def test_without_delivery_there_are_no_roles_and_no_boundary() -> None:
    from cloudtrail_monitoring.state.state_stack import StateStack

    assert SAMPLE.delivery is None
    built: list[StateStack] = []
    synthesise(lambda scope: built.append(StateStack(scope, SAMPLE)))
    assert built[0].delivery is None
    roles = synthesise_monitoring(SAMPLE).all("aws_iam_role")
    assert roles
    assert not [role for role in roles if "permissions_boundary" in role]

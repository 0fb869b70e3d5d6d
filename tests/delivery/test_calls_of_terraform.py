"""What Terraform asks of AWS, recorded (``record_calls``), is what the roles may do, and hardly more (R-DEL-3)."""

from collections.abc import Iterable

import pytest

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.deployment_roles import DeploymentRoles
from cloudtrail_monitoring.delivery.settings import DeliverySettings
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.conftest import ENVIRONMENTS, PROJECT
from tests.delivery.delivery_requests import DeliveryRole, many
from tests.delivery.judged_calls import refused
from tests.delivery.needed_permissions import NAMED_OTHERWISE, needed
from tests.delivery.record_calls import read_calls
from tests.delivery.recorded_calls import Call
from tests.settings_samples import changed
from tests.synthesised import Stack, synthesise

MADE_BY = {
    "aws_athena_named_query": "athena:CreateNamedQuery",
    "aws_athena_workgroup": "athena:CreateWorkGroup",
    "aws_budgets_budget": "budgets:CreateBudget",
    "aws_cloudtrail": "cloudtrail:CreateTrail",
    "aws_cloudwatch_dashboard": "cloudwatch:PutDashboard",
    "aws_cloudwatch_event_rule": "events:PutRule",
    "aws_cloudwatch_event_target": "events:PutTargets",
    "aws_cloudwatch_log_group": "logs:CreateLogGroup",
    "aws_cloudwatch_log_metric_filter": "logs:PutMetricFilter",
    "aws_cloudwatch_log_subscription_filter": "logs:PutSubscriptionFilter",
    "aws_cloudwatch_metric_alarm": "cloudwatch:PutMetricAlarm",
    "aws_cloudwatch_query_definition": "logs:PutQueryDefinition",
    "aws_dynamodb_table": "dynamodb:CreateTable",
    "aws_glue_catalog_database": "glue:CreateDatabase",
    "aws_glue_catalog_table": "glue:CreateTable",
    "aws_iam_policy": "iam:CreatePolicy",
    "aws_iam_role": "iam:CreateRole",
    "aws_iam_role_policy": "iam:PutRolePolicy",
    "aws_kms_alias": "kms:CreateAlias",
    "aws_kms_key": "kms:CreateKey",
    "aws_lambda_event_source_mapping": "lambda:CreateEventSourceMapping",
    "aws_lambda_function": "lambda:CreateFunction",
    "aws_lambda_layer_version": "lambda:PublishLayerVersion",
    "aws_lambda_permission": "lambda:AddPermission",
    "aws_s3_bucket": "s3:CreateBucket",
    "aws_s3_bucket_lifecycle_configuration": "s3:PutBucketLifecycleConfiguration",
    "aws_s3_bucket_logging": "s3:PutBucketLogging",
    "aws_s3_bucket_object_lock_configuration": "s3:PutObjectLockConfiguration",
    "aws_s3_bucket_ownership_controls": "s3:PutBucketOwnershipControls",
    "aws_s3_bucket_policy": "s3:PutBucketPolicy",
    "aws_s3_bucket_public_access_block": "s3:PutPublicAccessBlock",
    "aws_s3_bucket_server_side_encryption_configuration": "s3:PutBucketEncryption",
    "aws_s3_bucket_versioning": "s3:PutBucketVersioning",
    "aws_scheduler_schedule": "scheduler:CreateSchedule",
    "aws_scheduler_schedule_group": "scheduler:CreateScheduleGroup",
    "aws_sns_topic": "sns:CreateTopic",
    "aws_sns_topic_policy": "sns:SetTopicAttributes",
    "aws_sns_topic_subscription": "sns:Subscribe",
    "aws_sqs_queue": "sqs:CreateQueue",
    "aws_ssm_parameter": "ssm:PutParameter",
}
"""The call that makes a resource, by its type."""

NOT_RECORDED = {
    # a change of what stands, which the recording has not
    "athena:UntagResource",
    "athena:UpdateNamedQuery",
    "budgets:UntagResource",
    "cloudtrail:RemoveTags",
    "cloudtrail:UpdateTrail",
    "cloudwatch:UntagResource",
    "dynamodb:UntagResource",
    "events:DisableRule",
    "events:EnableRule",
    "events:UntagResource",
    "glue:UntagResource",
    "glue:UpdateDatabase",
    "glue:UpdateTable",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicyVersion",
    "iam:PutRolePermissionsBoundary",
    "iam:UntagPolicy",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
    "kms:DisableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "lambda:DeleteFunctionConcurrency",
    "lambda:GetFunctionConfiguration",
    "lambda:UntagResource",
    "lambda:UpdateEventSourceMapping",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "logs:AssociateKmsKey",
    "logs:DisassociateKmsKey",
    "logs:UntagResource",
    "scheduler:UntagResource",
    "scheduler:UpdateSchedule",
    "sns:SetSubscriptionAttributes",
    "sns:UntagResource",
    "sqs:SetQueueAttributes",
    "sqs:UntagQueue",
    "ssm:RemoveTagsFromResource",
    # the enhanced trail is stopped by hand, and by whoever answers to that
    "cloudtrail:StopLogging",
    # the state's stack is planned, too, and applied by an administrator
    "iam:GetOpenIDConnectProvider",
}
"""What the deploy role may do beside what is recorded."""


@pytest.fixture(scope="module")
def prod_settings(environments: dict[str, MonitoringSettings]) -> MonitoringSettings:
    return environments["prod"]


def role_of(settings: MonitoringSettings, kind: str) -> DeliveryRole:
    delivery = settings.delivery
    assert isinstance(delivery, DeliverySettings)
    delivered = Delivered.of(settings, delivery)
    stack = synthesise(lambda scope: DeploymentRoles(scope, "delivery", delivery, delivered=delivered))
    return DeliveryRole.of(stack, kind, settings.account_id)


def granted(role: DeliveryRole) -> set[str]:
    allowed = [one for one in role.statements if one["Effect"] == "Allow"]
    return {action for statement in allowed for action in many(statement["Action"])}


def used(calls: Iterable[Call], account: str) -> set[str]:
    return {permission.action for call in calls for permission in needed(call, account)}


@pytest.mark.parametrize("phase", ["plan", "plan-state"])
def test_a_plan_may_make_its_calls(phase: str, prod_settings: MonitoringSettings) -> None:
    assert refused(read_calls(phase), role_of(prod_settings, "plan"), prod_settings) == []


def test_a_deployment_may_make_its_calls(prod_settings: MonitoringSettings) -> None:
    assert refused(read_calls("deploy"), role_of(prod_settings, "deploy"), prod_settings) == []


def test_what_is_unprotected_can_be_destroyed(prod_settings: MonitoringSettings) -> None:
    # R-DEL-1
    unprotected = changed(prod_settings, deletion_protection=False)
    assert refused(read_calls("destroy"), role_of(unprotected, "deploy"), unprotected) == []
    assert refused(read_calls("destroy"), role_of(prod_settings, "deploy"), prod_settings) != []


def test_a_plan_may_do_nothing_that_its_calls_do_not_need(prod_settings: MonitoringSettings) -> None:
    calls = [*read_calls("plan"), *read_calls("plan-state")]
    # Lambda decrypts in the caller's name, which no call of the caller's shows
    assert granted(role_of(prod_settings, "plan")) - used(calls, prod_settings.account_id) == {"kms:Decrypt"}


def test_a_deployment_may_do_nothing_that_no_change_needs(prod_settings: MonitoringSettings) -> None:
    calls = [*read_calls("deploy"), *read_calls("destroy")]
    beyond = granted(role_of(prod_settings, "deploy")) - used(calls, prod_settings.account_id)
    assert beyond == NOT_RECORDED


def test_a_plan_does_not_suffice_to_deploy(prod_settings: MonitoringSettings) -> None:
    found = "\n".join(refused(read_calls("deploy"), role_of(prod_settings, "plan"), prod_settings))
    for action in ("s3:CreateBucket", "iam:PassRole", "kms:TagResource", "cloudtrail:AddTags", "s3:PutObject"):
        assert f" needs {action} on " in found


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_kind_of_resource_is_recorded(environment: str, stacks: dict[str, Stack]) -> None:
    kinds = {resource.type for resource in stacks[environment].resources()}
    recorded = {f"{call.service}:{call.operation}" for call in read_calls("deploy")}
    missing = {kind for kind in kinds if MADE_BY.get(kind) not in recorded}
    assert not missing, f"record the calls anew (tests/delivery/record_calls.py): {missing}"


def test_the_page_names_what_is_granted_everywhere_and_what_iam_calls_otherwise(
    prod_settings: MonitoringSettings,
) -> None:
    page = (PROJECT / "docs" / "delivery-roles.md").read_text(encoding="utf-8")
    for kind in ("plan", "deploy"):
        for statement in role_of(prod_settings, kind).statements:
            if statement["Resource"] == "*":
                assert not [action for action in many(statement["Action"]) if f"`{action}`" not in page], statement
    missing = [
        f"{call} {action}"
        for call, action in NAMED_OTHERWISE.items()
        if f"`{call.removeprefix('s3:')}`" not in page or f"`{action}`" not in page
    ]
    # but for its capitals the same
    assert missing == ["s3:GetBucketCors s3:GetBucketCORS"]

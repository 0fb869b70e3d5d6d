"""Which types of resources the estimate knows: those it counts, and those that cost nothing by themselves.

A type that is in neither table is named in the report: its cost is not counted, and it is not said to be free.
"""

from collections.abc import Iterator

from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

COUNTED = frozenset(
    {
        "aws_athena_workgroup",
        "aws_cloudtrail",
        "aws_cloudwatch_composite_alarm",
        "aws_cloudwatch_dashboard",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_log_metric_filter",
        "aws_cloudwatch_log_subscription_filter",
        "aws_cloudwatch_metric_alarm",
        "aws_dynamodb_table",
        "aws_glue_catalog_database",
        "aws_glue_catalog_table",
        "aws_kms_key",
        "aws_lambda_event_source_mapping",
        "aws_lambda_function",
        "aws_s3_bucket",
        "aws_scheduler_schedule",
        "aws_sns_topic_subscription",
        "aws_sqs_queue",
    }
)

FREE = frozenset(
    {
        # queries that nobody runs cost nothing: https://aws.amazon.com/athena/pricing/
        "aws_athena_named_query",
        "aws_cloudwatch_query_definition",
        # without actions: https://aws.amazon.com/aws-cost-management/aws-budgets/pricing/
        "aws_budgets_budget",
        # rules of AWS's own events: https://aws.amazon.com/eventbridge/pricing/
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_log_data_protection_policy",
        "aws_cloudwatch_log_resource_policy",
        "aws_iam_openid_connect_provider",
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_kms_alias",
        "aws_lambda_layer_version",
        "aws_lambda_permission",
        "aws_organizations_policy",
        "aws_organizations_policy_attachment",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_object_lock_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_scheduler_schedule_group",
        "aws_sns_topic",
        "aws_sns_topic_policy",
        "aws_sqs_queue_policy",
        # a standard parameter: https://aws.amazon.com/systems-manager/pricing/
        "aws_ssm_parameter",
    }
)
"""What costs nothing, or nothing that its owner is not counted for."""


def type_notes(document: Document) -> Iterator[str]:
    """A line for each type whose cost is not counted.

    >>> list(type_notes({"resource": {"aws_nat_gateway": {"a": {}, "b": {}}}}))
    ['not counted: 2 of aws_nat_gateway, whose cost is not known here']
    """
    declared = document.get("resource")
    for type_ in sorted(declared if isinstance(declared, dict) else ()):
        if type_ not in COUNTED | FREE and (number := len(resources(document, type_))):
            yield f"not counted: {number} of {type_}, whose cost is not known here"

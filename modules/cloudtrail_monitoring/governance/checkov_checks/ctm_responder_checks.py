"""R-RSP-1 to R-RSP-4, read off functions, queues and roles.

A function is judged by what calls it: rules, schedules and log groups call it without waiting for an answer, a queue's
mapping hands it batches. Functions that nothing of this configuration calls are not judged.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
    from cloudtrail_monitoring.governance.checkov_checks import ctm_configuration as graph
else:
    import ctm_attributes as tf
    import ctm_configuration as graph

_HOLDS = ("iam:PutUserPolicy", "iam:AttachUserPolicy")
_FUNCTION = "aws_lambda_function"
_MAPPING = "aws_lambda_event_source_mapping"


def _is_called_without_waiting(configuration: graph.Configuration, function: graph.Resource) -> bool:
    called = [
        *(
            tf.one(one.attributes, "destination_arn")
            for one in configuration.of("aws_cloudwatch_log_subscription_filter")
        ),
        *(tf.one(one.attributes, "arn") for one in configuration.of("aws_cloudwatch_event_target")),
        *(tf.one(tf.block(one.attributes, "target"), "arn") for one in configuration.of("aws_scheduler_schedule")),
    ]
    return any(function.is_named_by(target, name="arn") for target in called)


def _hands_on_failures(configuration: graph.Configuration, function: graph.Resource) -> bool | None:
    if not _is_called_without_waiting(configuration, function):
        return None
    if tf.one(tf.block(function.attributes, "dead_letter_config"), "target_arn"):
        return True
    settings = configuration.companions(
        function, "aws_lambda_function_event_invoke_config", "function_name", name="function_name"
    )
    return any(tf.block(one.attributes, "destination_config", "on_failure") for one in settings)


def _reports_each_message(mapping: tf.Attributes) -> list[str] | None:
    source = str(tf.one(mapping, "event_source_arn"))
    if "aws_sqs_queue." not in source and ":sqs:" not in source:
        return None
    types = tf.many(mapping, "function_response_types")
    if any(tf.is_computed(one) for one in types):
        raise tf.UnreadableError(types)
    return [] if "ReportBatchItemFailures" in types else ["function_response_types has no ReportBatchItemFailures"]


def _sorts_out_failures(configuration: graph.Configuration, queue: graph.Resource) -> bool | None:
    sources = [tf.one(one.attributes, "event_source_arn") for one in configuration.of(_MAPPING)]
    if not any(queue.is_named_by(source, name="arn") for source in sources):
        return None
    if tf.one(queue.attributes, "redrive_policy"):
        return True
    return bool(configuration.companions(queue, "aws_sqs_queue_redrive_policy", "queue_url", name="name"))


def _spares_break_glass(configuration: graph.Configuration, policy: graph.Resource) -> bool | None:
    role = configuration.named("aws_iam_role", tf.one(policy.attributes, "role"), name="name")
    functions = [tf.one(one.attributes, "role") for one in configuration.of(_FUNCTION)]
    if role is None or not any(role.is_named_by(function, name="arn") for function in functions):
        return None
    statements = configuration.policy(tf.one(policy.attributes, "policy"))
    allowed = [
        (statement, action)
        for statement in statements
        for action in _HOLDS
        if statement.effect == "Allow" and statement.covers(action)
    ]
    if not allowed:
        return None
    denied = [statement for statement in statements if statement.effect == "Deny"]
    return all(
        "*" not in statement.resources and any(denial.covers(action) for denial in denied)
        for statement, action in allowed
    )


checks = [
    graph.register("CKV2_CTM_RSP_1", "aws_iam_role_policy", _spares_break_glass),
    graph.register("CKV2_CTM_RSP_FAILURE", _FUNCTION, _hands_on_failures),
    tf.RequirementCheck("CKV_CTM_RSP_BATCH", _MAPPING, _reports_each_message),
    graph.register("CKV2_CTM_RSP_QUEUE", "aws_sqs_queue", _sorts_out_failures),
]

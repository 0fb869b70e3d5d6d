"""The rules of the responders: R-RSP-1 to R-RSP-4."""

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rule import AWS_DOCS, Rule
else:
    from ctm_rule import AWS_DOCS, Rule

_LAMBDA = f"{AWS_DOCS}/lambda/latest/dg"

RESPONDER_RULES = (
    Rule(
        "CKV2_CTM_RSP_1",
        "R-RSP-1",
        "a function that may hold users is denied to hold those of break-glass",
        "A responder that locks out the last resort turns an incident into an outage.",
        "Beside the statement that allows iam:PutUserPolicy or iam:AttachUserPolicy on users, deny the same on the "
        "break-glass users; never allow it on *.",
        f"{AWS_DOCS}/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    ),
    Rule(
        "CKV2_CTM_RSP_FAILURE",
        "R-RSP-1 to R-RSP-4",
        "a function that rules, schedules or log groups call hands on the events it failed on",
        "After two more tries Lambda drops the event, and nobody was contained or told.",
        "Set dead_letter_config.target_arn, or add aws_lambda_function_event_invoke_config with on_failure.",
        f"{_LAMBDA}/invocation-async-retain-records.html",
    ),
    Rule(
        "CKV_CTM_RSP_BATCH",
        "R-RSP-1 to R-RSP-4",
        "a function that reads a queue reports which messages of a batch failed",
        "One bad event would bring the whole batch back, and act on the good ones again.",
        "Set function_response_types = [ReportBatchItemFailures] on the event source mapping.",
        f"{_LAMBDA}/services-sqs-errorhandling.html",
    ),
    Rule(
        "CKV2_CTM_RSP_QUEUE",
        "R-RSP-1 to R-RSP-4",
        "a queue that a function reads has a dead-letter queue",
        "An event that always fails blocks the others until it expires, unseen.",
        "Set redrive_policy with deadLetterTargetArn, or add aws_sqs_queue_redrive_policy.",
        f"{AWS_DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    ),
)

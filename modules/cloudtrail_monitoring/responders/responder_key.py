"""The key of the responders: their queues, tables, logs and the functions' variables, and who may use it for which.

As with the topics' key, EventBridge carries no source conditions: what AWS documents for encrypted topics it does not
say for encrypted queues, and a wrong guess would end deliveries in silence. It is bound to the one queue by the
encryption context, which SQS sets to the queue's ARN; the queue's own policy names the rule.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
"""

from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from cloudtrail_monitoring.policy_document import Conditions, Statement, allow, aws, document, service
from cloudtrail_monitoring.responders.names import (
    ALARM_STORY,
    CALLED_ASYNCHRONOUSLY,
    CONSOLE_EVENTS_LOG_GROUP,
    FUNCTIONS,
    IAM_EVENTS_LOG_GROUP,
    INTAKE,
    RELEASE,
    ROUTER,
    ResponderNames,
)
from cloudtrail_monitoring.trail.trail_key import DELETION_WINDOW_DAYS, THIS_KEY, administration

_BOTH_WAYS = ("kms:Decrypt", "kms:GenerateDataKey*")
_ALL_WAYS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_QUEUE_CONTEXT = "kms:EncryptionContext:aws:sqs:arn"


class ResponderKey(Construct):
    """The key and its alias.

    Args:
        deploy_role_arn: who makes functions and tables, and so hands the key to their services, and redrives.
        plan_role_arn: who compares the functions' variables with what is written, and changes nothing.
        reader_role_arns: people's roles that read incidents and dead letters, as far as their own policies let them.
        protected: whether Terraform refuses to destroy the key, without which no incident can be read.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        names: ResponderNames,
        deploy_role_arn: str,
        plan_role_arn: str | None = None,
        reader_role_arns: Sequence[str] = (),
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        self.key = KmsKey(
            self,
            "key",
            description=f"Responders of {names.prefix}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=document(
                administration(names.location),
                _logs(names),
                *_queue(names),
                *_dead_letters(names, deploy_role_arn, reader_role_arns),
                _variables(names),
                _tables(names, [deploy_role_arn, *reader_role_arns]),
                *_deployment(names, deploy_role_arn),
                *([_planning(names, plan_role_arn)] if plan_role_arn else []),
            ),
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protected else None,
        )
        self.arn = self.key.arn
        self.alias = KmsAlias(self, "alias", name=f"alias/{names.prefix}-responders", target_key_id=self.key.key_id)


def _roles(names: ResponderNames, sid: str, actions: Sequence[str], arns: Sequence[str], held: Conditions) -> Statement:
    """The roles are named in a condition: KMS refuses a policy whose principal does not exist yet."""
    return allow(
        sid,
        actions,
        THIS_KEY,
        principal=aws("*"),
        conditions={
            "ArnLike": {"aws:PrincipalArn": arns},
            **held,
            "StringEquals": {"aws:PrincipalAccount": names.location.account_id, **held.get("StringEquals", {})},
        },
    )


def _via(names: ResponderNames, *services: str) -> list[str]:
    return [f"{one}.{names.location.region}.{names.location.dns_suffix}" for one in services]


def _logs(names: ResponderNames) -> Statement:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""
    groups = [*map(names.function_log_group, FUNCTIONS), IAM_EVENTS_LOG_GROUP, CONSOLE_EVENTS_LOG_GROUP]
    return allow(
        "CloudWatchLogsEncrypts",
        ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        THIS_KEY,
        principal=service(*_via(names, "logs")),
        conditions={"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": list(map(names.log_group_arn, groups))}},
    )


def _queue(names: ResponderNames) -> tuple[Statement, ...]:
    only_the_queue: Conditions = {"StringEquals": {_QUEUE_CONTEXT: names.queue_arn}}
    return (
        allow(
            "EventBridgeSendsToQueue",
            _BOTH_WAYS,
            THIS_KEY,
            principal=service("events.amazonaws.com"),
            conditions=only_the_queue,
        ),
        _roles(names, "IntakeSendsToQueue", _BOTH_WAYS, [names.role_arn(INTAKE)], only_the_queue),
        _roles(names, "RouterReadsQueue", ["kms:Decrypt"], [names.role_arn(ROUTER)], only_the_queue),
    )


def _dead_letters(names: ResponderNames, deploy_role_arn: str, readers: Sequence[str]) -> tuple[Statement, ...]:
    """Looking takes decryption; redriving, the deploy role's, both: whoever starts it sends to the first queue.

    Readers can't send: what they put among the dead letters would be redriven as if it were an event.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    """
    queues = [names.queue_arn, names.dead_letters_arn, names.failed_calls_arn]
    through_sqs = {"kms:ViaService": _via(names, "sqs")}
    return (
        _roles(
            names,
            "FailedCallsAreHandedOver",
            _BOTH_WAYS,
            list(map(names.role_arn, CALLED_ASYNCHRONOUSLY)),
            {"StringEquals": {_QUEUE_CONTEXT: names.failed_calls_arn}},
        ),
        _roles(
            names,
            "DeadLettersAreRedriven",
            _BOTH_WAYS,
            [deploy_role_arn],
            {"StringEquals": {**through_sqs, _QUEUE_CONTEXT: queues}},
        ),
        *(
            [
                _roles(
                    names,
                    "DeadLettersAreRead",
                    ["kms:Decrypt"],
                    readers,
                    {"StringEquals": {**through_sqs, _QUEUE_CONTEXT: queues[1:]}},
                )
            ]
            if readers
            else []
        ),
    )


def _variables(names: ResponderNames) -> Statement:
    functions = list(map(names.function_arn, FUNCTIONS))
    return _roles(
        names,
        "FunctionsReadTheirVariables",
        ["kms:Decrypt"],
        list(map(names.role_arn, FUNCTIONS)),
        {"StringEquals": {"kms:EncryptionContext:aws:lambda:FunctionArn": functions}},
    )


def _tables(names: ResponderNames, others: Sequence[str]) -> Statement:
    """DynamoDB uses the key in the name of whoever reads or writes.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html (encryption context)
    """
    return _roles(
        names,
        "TablesAreReadAndWritten",
        _ALL_WAYS,
        [*(names.role_arn(name) for name in (ROUTER, RELEASE, ALARM_STORY)), *others],
        {
            "StringEquals": {
                "kms:ViaService": _via(names, "dynamodb"),
                "kms:EncryptionContext:aws:dynamodb:tableName": [names.state_table, names.incidents_table],
            }
        },
    )


def _deployment(names: ResponderNames, role_arn: str) -> tuple[Statement, Statement]:
    return (
        _roles(
            names,
            "DeploymentLetsServicesUseKey",
            ["kms:CreateGrant"],
            [role_arn],
            {
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                "StringEquals": {"kms:ViaService": _via(names, "dynamodb", "lambda")},
            },
        ),
        _roles(
            names,
            "DeploymentWritesVariables",
            _ALL_WAYS,
            [role_arn],
            {"StringEquals": {"kms:ViaService": _via(names, "lambda")}},
        ),
    )


def _planning(names: ResponderNames, role_arn: str) -> Statement:
    """Lambda leaves out the variables that the caller can't decrypt, and every plan would show them as lost."""
    return _roles(
        names,
        "PlanningReadsVariables",
        ["kms:Decrypt"],
        [role_arn],
        {
            "StringEquals": {
                "kms:ViaService": _via(names, "lambda"),
                "kms:EncryptionContext:aws:lambda:FunctionArn": list(map(names.function_arn, FUNCTIONS)),
            }
        },
    )

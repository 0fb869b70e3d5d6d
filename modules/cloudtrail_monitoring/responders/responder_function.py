"""One Lambda function with a role, a log group and alarms of its own.

The role may do what the statements say, write the function's own log and its traces, hand over calls that failed for
good where somebody calls it asynchronously, and nothing else.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionDeadLetterConfig,
    LambdaFunctionEnvironment,
    LambdaFunctionTracingConfig,
)
from constructs import Construct

from cloudtrail_monitoring.governance.waivers import waive
from cloudtrail_monitoring.policy_document import Statement, allow, document, trust
from cloudtrail_monitoring.responders.names import CALLED_ASYNCHRONOUSLY, ResponderNames
from cloudtrail_monitoring.responders.packaging import RUNTIME_PACKAGE, runtime_archive

RUNTIME = "python3.13"
ARCHITECTURE = "arm64"
_ALARMS = {
    "Errors": "fails: its log group {group} says why",
    "Throttles": "is held back: its concurrency, or the account's, is used up",
}


class FunctionSettings(NamedTuple):
    """What differs between the functions."""

    name: str
    """After the environment's prefix; its module of ``runtime`` bears it with underscores."""
    does: str
    """What it is there for, in a line."""
    timeout_seconds: int
    concurrency: int
    """Reserved of the account's; the account keeps 100 for everything else, so it needs more than the default of a
    brand-new one. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""
    memory_megabytes: int = 256


class FunctionParts(NamedTuple):
    """What the functions of an environment share."""

    archive_path: str
    """The code, relative to the synthesised stack."""
    layer_arns: Sequence[str]
    key_arn: str
    failed_calls_arn: str
    """The queue of asynchronous calls that failed for good."""
    variables: Mapping[str, str]
    log_retention_days: int
    alarm_actions: Sequence[str]


class ResponderFunction(Construct):
    """The function.

    Args:
        statements: what its role may do and must not.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: FunctionSettings,
        *,
        names: ResponderNames,
        parts: FunctionParts,
        statements: Sequence[Statement],
    ) -> None:
        super().__init__(scope, id_)
        self.name = name = names.function(settings.name)
        called_asynchronously = settings.name in CALLED_ASYNCHRONOUSLY
        self.log_group = CloudwatchLogGroup(
            self,
            "log-group",
            name=names.function_log_group(settings.name),
            retention_in_days=parts.log_retention_days,
            kms_key_id=parts.key_arn,
        )
        self.role = IamRole(
            self,
            "role",
            name=name,
            description=settings.does,
            assume_role_policy=document(trust("Lambda", "lambda.amazonaws.com")),
        )
        self.policy = IamRolePolicy(
            self,
            "policy",
            name="respond",
            role=self.role.name,
            policy=document(
                *statements,
                *([_failed_calls(names)] if called_asynchronously else []),
                *_own_traces(names, settings.name),
            ),
        )
        self.function = LambdaFunction(
            self,
            "function",
            function_name=name,
            description=settings.does,
            role=self.role.arn,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=f"{RUNTIME_PACKAGE}.{settings.name.replace('-', '_')}.handler",
            filename=parts.archive_path,
            source_code_hash=runtime_archive().source_code_hash,
            layers=list(parts.layer_arns),
            timeout=settings.timeout_seconds,
            memory_size=settings.memory_megabytes,
            reserved_concurrent_executions=settings.concurrency,
            kms_key_arn=parts.key_arn,
            dead_letter_config=LambdaFunctionDeadLetterConfig(target_arn=parts.failed_calls_arn)
            if called_asynchronously
            else None,
            environment=LambdaFunctionEnvironment(variables={"POWERTOOLS_SERVICE_NAME": name, **parts.variables}),
            tracing_config=LambdaFunctionTracingConfig(mode="Active"),
            # Lambda would make the log group itself, without a key and for ever
            depends_on=[self.policy, self.log_group],
        )
        self.arn = self.function.arn
        self.alarms = {metric: self._alarm(metric, parts.alarm_actions) for metric in _ALARMS}
        waive(
            self.function,
            "CKV_AWS_117",
            reason="It calls AWS's own endpoints and nothing else: a VPC would add a way in, and gateways to pay for",
        )
        waive(
            self.function,
            "CKV_AWS_272",
            reason="A plan shows the code's digest, and whoever changes it around deployment raises responders-changed",
        )
        waive(
            self.function,
            "CKV_AWS_45",
            reason="What looks like a secret is the account's id, which every ARN beside it holds; there is none here",
        )
        if not called_asynchronously:
            waive(
                self.function,
                "CKV_AWS_116",
                reason="The queue it reads has a dead-letter queue, with an alarm; nobody calls it asynchronously",
            )

    def _alarm(self, metric: str, actions: Sequence[str]) -> CloudwatchMetricAlarm:
        says = _ALARMS[metric].format(group=f"/aws/lambda/{self.name}")
        return CloudwatchMetricAlarm(
            self,
            f"{metric.lower()}-alarm",
            alarm_name=f"{self.name}-{metric.lower()}",
            alarm_description=f"The responder function {self.name} {says}",
            namespace="AWS/Lambda",
            metric_name=metric,
            dimensions={"FunctionName": self.name},
            statistic="Sum",
            period=300,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            treat_missing_data="notBreaching",
            alarm_actions=list(actions),
        )


def _failed_calls(names: ResponderNames) -> Statement:
    """Lambda hands them over in the name of the function's role."""
    return allow("HandOverFailedCalls", ["sqs:SendMessage"], [names.failed_calls_arn])


def _own_traces(names: ResponderNames, function: str) -> tuple[Statement, Statement]:
    return (
        allow(
            "WriteOwnLog",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"{names.log_group_arn(names.function_log_group(function))}:*"],
        ),
        # X-Ray knows no resource for these two, so that IAM takes "*" only.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
        allow("WriteTraces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]),
    )

"""The queue that both paths end in, its dead letters, the calls of functions that failed, and the alarms that say so.

Redriving is the caller's own ``sqs:SendMessage``: the deploy role may, beside the rule and the intake, and nobody else,
as whoever writes into the queue makes responders act. Failed calls have a queue of their own: SQS redrives only what
came from a queue, and what Lambda was called with is no event.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html (visibility timeout, receive count)
"""

import json
from collections.abc import Sequence
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct

from cloudtrail_monitoring.policy_document import EVERYONE, Statement, allow, deny, document, service
from cloudtrail_monitoring.responders.names import INTAKE, ResponderNames

KEPT_SECONDS = 14 * 86_400
"""As long as SQS keeps a message: dead letters wait for people.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""
MAX_RECEIVE_COUNT = 5
"""AWS's recommendation for Lambda: fewer, and throttling alone makes dead letters."""
VISIBILITY_TIMEOUTS = 6
"""In the function's timeouts, as AWS recommends."""
OLDEST_SECONDS = 900


class EventQueue(Construct):
    """The queues, with policies that take TLS only; the first takes what the rule and the intake send.

    Args:
        key_arn: encrypts all of them.
        deploy_role_arn: who may redrive.
        reader_timeout_seconds: of the function that reads it.
        alarm_actions: topics to tell.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        names: ResponderNames,
        key_arn: str,
        deploy_role_arn: str,
        reader_timeout_seconds: int,
        alarm_actions: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        self._alarm_actions = list(alarm_actions)
        self.dead_letters = self._kept("dead-letters", names.dead_letters, names.dead_letters_arn, key_arn)
        self.failed_calls = self._kept("failed-calls", names.failed_calls, names.failed_calls_arn, key_arn)
        self.queue = SqsQueue(
            self,
            "queue",
            name=names.queue,
            kms_master_key_id=key_arn,
            message_retention_seconds=KEPT_SECONDS,
            visibility_timeout_seconds=VISIBILITY_TIMEOUTS * reader_timeout_seconds,
            redrive_policy=json.dumps(
                {"deadLetterTargetArn": names.dead_letters_arn, "maxReceiveCount": MAX_RECEIVE_COUNT},
                separators=(",", ":"),
            ),
            policy=document(_from_rule(names), _from_nobody_else(names, deploy_role_arn), _tls_only(names.queue_arn)),
            # the redrive policy names it by a built ARN
            depends_on=[self.dead_letters],
        )
        self.dead_letters_alarm = self._alarm(
            names.dead_letters,
            "dead-letters-alarm",
            alarm_name=names.dead_letters,
            alarm_description=f"Events could not be handled and lie in {names.dead_letters}: see the router's log, mend"
            " what fails, and redrive them",
            metric_name="ApproximateNumberOfMessagesVisible",
            threshold=0,
        )
        self.failed_calls_alarm = self._alarm(
            names.failed_calls,
            "failed-calls-alarm",
            alarm_name=names.failed_calls,
            alarm_description=f"Calls of functions failed for good and lie in {names.failed_calls}: see the functions'"
            " logs, mend what fails, and call them again",
            metric_name="ApproximateNumberOfMessagesVisible",
            threshold=0,
        )
        self.age_alarm = self._alarm(
            names.queue,
            "age-alarm",
            alarm_name=f"{names.queue}-old",
            alarm_description=f"Events wait in {names.queue} for over {OLDEST_SECONDS // 60} minutes: responders lag",
            metric_name="ApproximateAgeOfOldestMessage",
            threshold=OLDEST_SECONDS,
        )

    def _kept(self, id_: str, name: str, arn: str, key_arn: str) -> SqsQueue:
        """What waits there for people."""
        return SqsQueue(
            self,
            id_,
            name=name,
            kms_master_key_id=key_arn,
            message_retention_seconds=KEPT_SECONDS,
            policy=document(_tls_only(arn)),
        )

    def _alarm(self, queue: str, id_: str, **rest: Any) -> CloudwatchMetricAlarm:
        return CloudwatchMetricAlarm(
            self,
            id_,
            namespace="AWS/SQS",
            dimensions={"QueueName": queue},
            statistic="Maximum",
            period=300,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=self._alarm_actions,
            **rest,
        )


def _from_rule(names: ResponderNames) -> Statement:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions"""
    return allow(
        "EventBridgeRule",
        ["sqs:SendMessage"],
        [names.queue_arn],
        principal=service("events.amazonaws.com"),
        conditions={"ArnEquals": {"aws:SourceArn": names.event_rule_arn}},
    )


def _from_nobody_else(names: ResponderNames, deploy_role_arn: str) -> Statement:
    """Also not from who may send to every queue of the account."""
    return deny(
        "DenyForgedEvents",
        ["sqs:SendMessage"],
        [names.queue_arn],
        principal=EVERYONE,
        conditions={
            "ArnNotEquals": {
                "aws:SourceArn": names.event_rule_arn,
                "aws:PrincipalArn": [names.role_arn(INTAKE), deploy_role_arn],
            }
        },
    )


def _tls_only(queue_arn: str) -> Statement:
    return deny(
        "DenyPlainHttp",
        ["sqs:*"],
        [queue_arn],
        principal=EVERYONE,
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )

"""Calls the alarm-story function when one of our alarms goes to ALARM (R-RSP-6).

The alarm's own message needs no function and goes out whatever happens here; this adds who did what.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from constructs import Construct

from cloudtrail_monitoring.responders.names import ResponderNames
from cloudtrail_monitoring.responders.runtime.alarm_change import ALARM, DETAIL_TYPE


class AlarmStoryRule(Construct):
    """The rule, its target, and the function's permission for it.

    Args:
        function_arn: of the function.
    """

    def __init__(self, scope: Construct, id_: str, *, names: ResponderNames, function_arn: str) -> None:
        super().__init__(scope, id_)
        self.rule = CloudwatchEventRule(
            self,
            "rule",
            name=names.story_rule,
            description="R-RSP-6: an alarm is told with the events behind it",
            event_pattern=json.dumps(
                {
                    "account": [names.location.account_id],
                    "source": ["aws.cloudwatch"],
                    "detail-type": [DETAIL_TYPE],
                    "detail": {"alarmName": [{"prefix": f"{names.prefix}-"}], "state": {"value": [ALARM]}},
                }
            ),
        )
        self.permission = LambdaPermission(
            self,
            "permission",
            function_name=function_arn,
            statement_id="AlarmRule",
            action="lambda:InvokeFunction",
            principal="events.amazonaws.com",
            source_arn=self.rule.arn,
        )
        self.target = CloudwatchEventTarget(
            self,
            "target",
            rule=self.rule.name,
            target_id="alarm-story",
            arn=function_arn,
            depends_on=[self.permission],
        )

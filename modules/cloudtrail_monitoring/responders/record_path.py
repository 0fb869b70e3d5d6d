"""The complete path: the trail's log group has every Region's events, and hands those of interest to the intake.

CloudWatch Logs can feed a function, and no queue; a log group takes two subscription filters, and this is one of them.
The intake also writes the category log groups of R-QRY-4, which are made here.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html (subscription filters)
"""

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cloudwatch_log_subscription_filter import CloudwatchLogSubscriptionFilter
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from constructs import Construct

from cloudtrail_monitoring.responders.interests import interests
from cloudtrail_monitoring.responders.names import (
    CONSOLE_EVENTS_LOG_GROUP,
    IAM_EVENTS_LOG_GROUP,
    ResponderNames,
)


class RecordPath(Construct):
    """The subscription and the category log groups.

    Args:
        log_group_name: of the trail; its name, not a reference.
        log_group_reference: the same as a reference, so that it is made first.
        intake_arn: the function.
        key_arn: encrypts the category log groups.
        log_retention_days: of these.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        names: ResponderNames,
        log_group_name: str,
        log_group_reference: str,
        intake_arn: str,
        key_arn: str,
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        self.categories = [
            CloudwatchLogGroup(self, id_, name=name, retention_in_days=log_retention_days, kms_key_id=key_arn)
            for id_, name in (("iam-events", IAM_EVENTS_LOG_GROUP), ("console-events", CONSOLE_EVENTS_LOG_GROUP))
        ]
        self.permission = LambdaPermission(
            self,
            "permission",
            function_name=intake_arn,
            statement_id="TrailLogGroup",
            action="lambda:InvokeFunction",
            principal="logs.amazonaws.com",
            source_arn=f"{names.log_group_arn(log_group_name)}:*",
            source_account=names.location.account_id,
        )
        self.subscription = CloudwatchLogSubscriptionFilter(
            self,
            "subscription",
            name=names.event_rule,
            log_group_name=log_group_reference,
            filter_pattern=interests(names).all.text,
            destination_arn=intake_arn,
            # CloudWatch Logs tries the function when the filter is made
            depends_on=[self.permission],
        )

"""Who calls the release function: one-time schedules, which responders make, and an hourly one that mends.

The group holds all of them; the role may call the release function only, and only for schedules of this group.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
"""

import json

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.scheduler_schedule import (
    SchedulerSchedule,
    SchedulerScheduleFlexibleTimeWindow,
    SchedulerScheduleTarget,
)
from cdktf_cdktf_provider_aws.scheduler_schedule_group import SchedulerScheduleGroup
from constructs import Construct

from cloudtrail_monitoring.governance.waivers import waive
from cloudtrail_monitoring.policy_document import document, trust
from cloudtrail_monitoring.responders.names import ResponderNames
from cloudtrail_monitoring.responders.permissions import of_scheduler


class ReleaseSchedules(Construct):
    """The group, the role and the hourly schedule.

    Args:
        release_arn: the function.
    """

    def __init__(self, scope: Construct, id_: str, *, names: ResponderNames, release_arn: str) -> None:
        super().__init__(scope, id_)
        self.group = SchedulerScheduleGroup(self, "group", name=names.schedule_group)
        self.role = IamRole(
            self,
            "role",
            name=names.scheduler_role,
            description="EventBridge Scheduler calls the release function",
            assume_role_policy=document(
                trust(
                    "Scheduler",
                    "scheduler.amazonaws.com",
                    {
                        "StringEquals": {"aws:SourceAccount": names.location.account_id},
                        "ArnLike": {"aws:SourceArn": names.schedule_group_arn},
                    },
                )
            ),
        )
        self.policy = IamRolePolicy(
            self, "policy", name="call-release", role=self.role.name, policy=document(*of_scheduler(names))
        )
        self.sweep = SchedulerSchedule(
            self,
            "sweep",
            name=f"{names.prefix}-sweep",
            group_name=self.group.name,
            description="Ends what a crash or a lost schedule left standing",
            schedule_expression="rate(1 hour)",
            flexible_time_window=SchedulerScheduleFlexibleTimeWindow(mode="OFF"),
            target=SchedulerScheduleTarget(arn=release_arn, role_arn=self.role.arn, input=json.dumps({"sweep": True})),
            depends_on=[self.policy],
        )
        waive(
            self.sweep,
            "CKV_AWS_297",
            reason="The schedule holds nothing but the order to sweep; AWS's own key encrypts it",
        )

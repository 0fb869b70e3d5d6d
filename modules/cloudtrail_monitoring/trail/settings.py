"""Settings of the trail: its name, what it records, where CloudWatch Logs keeps it and for how long."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import model_validator

from cloudtrail_monitoring.validation import Settings, fault, matching

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip

# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
MAX_SELECTOR_VALUES = 500

MAX_TRAIL_NAME = 128
TrailName = Annotated[
    str,
    matching(
        r"(?=.{3,128}\Z)(?!\d+\.\d+\.\d+\.\d+\Z)[A-Za-z0-9]([._-]?[A-Za-z0-9])*",
        "a trail name of 3 to 128 letters, digits, single dots, underscores and hyphens, with a letter or digit at"
        " both ends, and no IP address,",
    ),
]
"""https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html"""


def enhanced_trail_name(trail_name: str) -> str:
    """The trail that stands beside the one of that name, for enhanced logging."""
    return f"{trail_name}-enhanced"


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_ROLE_NAME = 64
_ROLE_ENDING = "-log-delivery"


def log_delivery_role_name(trail_name: str) -> str:
    """The role as which CloudTrail delivers the trail of that name to its log group.

    >>> log_delivery_role_name("audit")
    'audit-log-delivery'
    """
    return f"{trail_name[: MAX_ROLE_NAME - len(_ROLE_ENDING)]}{_ROLE_ENDING}"


LogGroupName = Annotated[
    str, matching(r"(?!aws/)[A-Za-z0-9._/#-]{1,512}", "a log group name of 1 to 512 characters, not aws/...,")
]
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"""
ArnPrefix = Annotated[
    str, matching(r"arn:[^:*?\s]+:(s3|lambda):[^*?\s]+", "the ARN, or its beginning, of S3 or Lambda")
]
OrganizationId = Annotated[str, matching(r"o-[a-z0-9]{10,32}", "an organization id such as o-a1b2c3d4e5")]


class DataResource(StrEnum):
    """Resource types whose data events the trail can record."""

    S3_OBJECT = "AWS::S3::Object"
    LAMBDA_FUNCTION = "AWS::Lambda::Function"


_SERVICES = {DataResource.S3_OBJECT: "s3", DataResource.LAMBDA_FUNCTION: "lambda"}


class ReadWrite(StrEnum):
    ALL = "All"
    READ_ONLY = "ReadOnly"
    WRITE_ONLY = "WriteOnly"


class DataEvents(Settings):
    """One kind of data events to record (R-TRL-2). This system's own resources are always left out."""

    resource_type: DataResource
    read_write: ReadWrite = ReadWrite.ALL
    """``WRITE_ONLY`` holds the cost (R-TRL-7)."""
    arn_prefixes: tuple[ArnPrefix, ...] = ()
    """Only resources whose ARN begins with one of these; all resources where empty."""

    @property
    def service(self) -> str:
        """The service in the ARNs of the resource type."""
        return _SERVICES[self.resource_type]

    @model_validator(mode="after")
    def _of_one_service(self) -> Self:
        for arn in self.arn_prefixes:
            if arn.split(":")[2] != self.service:
                raise fault(
                    "arn_prefixes: {arn} is no ARN of {resource_type}, and would record nothing",
                    arn=arn,
                    resource_type=self.resource_type.value,
                )
        return self


class Insight(StrEnum):
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html"""

    API_CALL_RATE = "ApiCallRateInsight"
    API_ERROR_RATE = "ApiErrorRateInsight"


ExcludedSource = Literal["kms.amazonaws.com", "rdsdata.amazonaws.com"]
"""The sources CloudTrail lets a management selector leave out."""


class TrailSettings(Settings):
    """R-TRL-1 to R-TRL-7. Multi-Region, global events and log file validation are always on and have no field."""

    name: TrailName
    log_group_name: LogGroupName
    log_retention_days: int = 365
    """Days CloudWatch Logs keeps the events; one of the numbers it offers."""
    data_events: tuple[DataEvents, ...] = ()
    """What is recorded beside management events; charged by the event."""
    phi_resources: tuple[ArnPrefix, ...] = ()
    """S3 and Lambda ARNs, or their beginnings, that hold protected health information (HIPAA 164.312(b)).
    All their data events are recorded, whatever ``data_events`` says."""
    insights: tuple[Insight, ...] = ()
    exclude_management_sources: tuple[ExcludedSource, ...] = ()
    """Management events left out to hold the cost (R-TRL-7)."""
    customer_managed_key: bool = True
    """Encrypt log files and the log group with a KMS key of this environment (R-ARC-2)."""
    organization_id: OrganizationId | None = None
    """Set in a management account to make this an organization trail (R-TRL-6)."""

    @model_validator(mode="after")
    def _offered(self) -> Self:
        if self.log_retention_days not in RETENTION_DAYS:
            raise fault(
                "log_retention_days ({days}) must be one of {offered}",
                days=self.log_retention_days,
                offered=", ".join(map(str, RETENTION_DAYS)),
            )
        return self

"""Where an environment lives: account, Region and, derived from the Region, the partition. Builds every ARN.

Nothing else in the project writes ``arn:`` or a domain of a partition, so GovCloud and China synthesise as well.
"""

import re
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from cloudtrail_monitoring.validation import AccountId, RegionName, Settings, fault, matching


class _Partition(NamedTuple):
    name: str
    dns_suffix: str
    console_domain: str


# https://docs.aws.amazon.com/general/latest/gr/rande.html
_PARTITIONS = {
    "us-gov-": _Partition("aws-us-gov", "amazonaws.com", "console.amazonaws-us-gov.com"),
    "cn-": _Partition("aws-cn", "amazonaws.com.cn", "console.amazonaws.cn"),
    "us-iso-": _Partition("aws-iso", "c2s.ic.gov", "console.c2shome.ic.gov"),
    "us-isob-": _Partition("aws-iso-b", "sc2s.sgov.gov", "console.sc2shome.sgov.gov"),
    "eu-isoe-": _Partition("aws-iso-e", "cloud.adc-e.uk", "console.csphome.adc-e.uk"),
    "us-isof-": _Partition("aws-iso-f", "csp.hci.ic.gov", "console.csphome.hci.ic.gov"),
    "eusc-": _Partition("aws-eusc", "amazonaws.eu", "console.amazonaws-eusc.eu"),
}
_COMMERCIAL = _Partition("aws", "amazonaws.com", "console.aws.amazon.com")

# What Budgets counts in. GovCloud has none: its bill is in the commercial account that belongs to it.
# https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/usage-and-payment.html
# https://docs.amazonaws.cn/en_us/aws/latest/userguide/billing-and-payment.html
_BUDGET_CURRENCY = {"aws": "USD", "aws-cn": "CNY"}

# Where IAM, STS's global endpoint and Organizations write their events, by partition.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
_GLOBAL_EVENTS_REGION = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}


class Location(Settings):
    """An account in a Region.

    >>> Location(account_id="333333333333", region="us-east-1").arn("sns", "alerts")
    'arn:aws:sns:us-east-1:333333333333:alerts'
    """

    account_id: AccountId
    region: RegionName

    @property
    def partition(self) -> str:
        return self._partition.name

    @property
    def dns_suffix(self) -> str:
        return self._partition.dns_suffix

    @property
    def console_url(self) -> str:
        return f"https://{self._partition.console_domain}"

    @property
    def global_events_region(self) -> str:
        """The Region in which the partition's global services record their events."""
        return _GLOBAL_EVENTS_REGION.get(self.partition, self.region)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource of this account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def iam_arn(self, resource: str) -> str:
        """The ARN of an IAM resource of this account, such as ``root`` or ``role/deploy``."""
        return f"arn:{self.partition}:iam::{self.account_id}:{resource}"

    def dashboard_arn(self, name: str) -> str:
        """The ARN of a CloudWatch dashboard, which is an account's and no Region's.
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html"""
        return f"arn:{self.partition}:cloudwatch::{self.account_id}:dashboard/{name}"

    def budgets_arn(self, resource: str) -> str:
        """The ARN of what AWS Budgets keeps for this account, such as ``budget/monthly``; it has no Region."""
        return f"arn:{self.partition}:budgets::{self.account_id}:{resource}"

    @property
    def budget_currency(self) -> str | None:
        """What AWS Budgets counts in; ``None`` where there is none."""
        return _BUDGET_CURRENCY.get(self.partition)

    def session_arn(self, role_name: str) -> str:
        """What the ARNs of a role's sessions begin with, up to the slash before the session's name."""
        return f"arn:{self.partition}:sts::{self.account_id}:assumed-role/{role_name}"

    def bucket_arn(self, bucket_name: str) -> str:
        return f"arn:{self.partition}:s3:::{bucket_name}"

    def in_region(self, region: str) -> "Location":
        return Location(account_id=self.account_id, region=region)

    @property
    def _partition(self) -> _Partition:
        return next((part for prefix, part in _PARTITIONS.items() if self.region.startswith(prefix)), _COMMERCIAL)


# A role that IAM Identity Center makes for a permission set: its name ends at random.
# https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
_PERMISSION_SET_ROLE = re.compile(r"aws-reserved/sso\.[a-z.]+/([a-z0-9-]+/)?AWSReservedSSO_[A-Za-z0-9+=,.@-]+_\*")


def _known_role(value: str) -> str:
    if value.endswith("*") and not _PERMISSION_SET_ROLE.fullmatch(value):
        raise fault("only a permission set's role may end in *: aws-reserved/sso.amazonaws.com/AWSReservedSSO_<name>_*")
    return value


RoleName = Annotated[
    str,
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    matching(
        r"([A-Za-z0-9._-]+/)*[A-Za-z0-9+=,.@_-]{0,63}[A-Za-z0-9+=,.@_*-]",
        "a role's name of 1 to 64 letters, digits and +=,.@_-, with its path before it where it has one,",
    ),
    AfterValidator(_known_role),
]
"""A role of the environment's account: its name, with the path before it where it has one."""


def role_arns(location: Location, names: tuple[str, ...]) -> list[str]:
    return [location.iam_arn(f"role/{name}") for name in names]

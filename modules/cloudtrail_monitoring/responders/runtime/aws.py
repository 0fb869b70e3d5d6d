"""The AWS clients and the clock that responders are given: made once for each function, replaced in tests.

https://docs.aws.amazon.com/boto3/latest/guide/configuration.html (retries, time-outs)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

Clock = Callable[[], datetime]

# A function has a minute: waiting for one call must leave time for the others.
_CONFIG: dict[str, Any] = {
    "retries": {"mode": "standard", "total_max_attempts": 4},
    "connect_timeout": 3,
    "read_timeout": 10,
}


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Aws:
    """Clients by service, each made when it is first used.

    Args:
        region: of all clients.
        now: the time, aware.
    """

    region: str
    now: Clock = field(default=utc_now)

    def client(self, service: str) -> Any:
        # imported when first used: importing boto3 is most of a cold start
        import boto3
        from botocore.config import Config

        # boto3's stubs know a client only by a literal name
        return boto3.client(service, region_name=self.region, config=Config(**_CONFIG))  # type: ignore[call-overload]

    def table(self, name: str) -> Any:
        """A DynamoDB table, as boto3's resource."""
        import boto3
        from botocore.config import Config

        return boto3.resource("dynamodb", region_name=self.region, config=Config(**_CONFIG)).Table(name)

    @cached_property
    def iam(self) -> Any:
        return self.client("iam")

    @cached_property
    def sns(self) -> Any:
        return self.client("sns")

    @cached_property
    def sqs(self) -> Any:
        return self.client("sqs")

    @cached_property
    def scheduler(self) -> Any:
        return self.client("scheduler")

    @cached_property
    def ssm(self) -> Any:
        return self.client("ssm")

    @cached_property
    def cloudtrail(self) -> Any:
        return self.client("cloudtrail")

    @cached_property
    def logs(self) -> Any:
        return self.client("logs")

    @cached_property
    def cloudwatch(self) -> Any:
        return self.client("cloudwatch")

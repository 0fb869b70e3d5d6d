"""CloudTrail: topics given by ARN, and selectors that are replaced as AWS does and seen in the trail's description."""

import json
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement


def _take_topic_arns() -> Iterable[Replacement]:
    from moto.cloudtrail.exceptions import InsufficientSnsTopicPolicyException
    from moto.cloudtrail.models import Trail
    from moto.sns.models import sns_backends
    from moto.utilities.arns import parse_arn

    arn_of_name: Any = vars(Trail)["topic_arn"]

    def topic_arn(self: Any) -> Any:
        given = self.sns_topic_name
        return given if given and given.startswith("arn:") else arn_of_name.fget(self)

    def check_topic_exists(self: Any) -> None:
        if not self.topic_arn:
            return
        topic = parse_arn(self.topic_arn)
        if self.topic_arn not in sns_backends[topic.account][topic.region].topics:
            raise InsufficientSnsTopicPolicyException("SNS Topic does not exist or the topic policy is incorrect!")

    yield Replacement(Trail, "topic_arn", property(topic_arn))
    yield Replacement(Trail, "check_topic_exists", check_topic_exists)


def _replace_insight_selectors() -> Iterable[Replacement]:
    from moto.cloudtrail.models import Trail

    def put_insight_selectors(self: Any, insight_selectors: list[dict[str, str]]) -> None:
        self.insight_selectors = list(insight_selectors)

    yield Replacement(Trail, "put_insight_selectors", put_insight_selectors)


def _tell_that_there_are_selectors() -> Iterable[Replacement]:
    from moto.cloudtrail.models import Trail

    describe = Trail.description

    def description(self: Any, include_region: bool = False) -> dict[str, Any]:
        return {
            **describe(self, include_region),
            "HasCustomEventSelectors": bool(self.event_selectors or self.advanced_event_selectors),
            "HasInsightSelectors": bool(self.insight_selectors),
        }

    yield Replacement(Trail, "description", description)


def _describe_the_trails_asked_for() -> Iterable[Replacement]:
    from moto.cloudtrail.responses import CloudTrailResponse

    describe = CloudTrailResponse.describe_trails

    def describe_trails(self: Any) -> str:
        wanted = self._get_param("trailNameList")
        trails = json.loads(describe(self))["trailList"]
        found = [one for one in trails if not wanted or one["Name"] in wanted or one["TrailARN"] in wanted]
        return json.dumps({"trailList": found})

    yield Replacement(CloudTrailResponse, "describe_trails", describe_trails)


def _delete_trails_by_arn() -> Iterable[Replacement]:
    from moto.cloudtrail.models import CloudTrailBackend

    delete = CloudTrailBackend.delete_trail

    def delete_trail(self: Any, name: str) -> None:
        delete(self, name.rpartition("trail/")[2])

    yield Replacement(CloudTrailBackend, "delete_trail", delete_trail)


CLOUDTRAIL_GAPS = (
    Gap(
        operation="cloudtrail:DescribeTrails",
        aws="describes the trails that are asked for, by name or ARN",
        moto="describes all trails whatever is asked for: with a second one Terraform can't read the first",
        bridge=_describe_the_trails_asked_for,
    ),
    Gap(
        operation="cloudtrail:DeleteTrail",
        aws="takes the trail's name or its ARN",
        moto="deletes nothing when given the ARN, as Terraform does, and reports success",
        bridge=_delete_trails_by_arn,
    ),
    Gap(
        operation="cloudtrail:CreateTrail",
        aws="takes the name or the ARN of the topic, which may lie in another Region",
        moto="takes a name only and looks for it in the trail's Region",
        bridge=_take_topic_arns,
    ),
    Gap(
        operation="cloudtrail:PutInsightSelectors",
        aws="replaces the insight selectors of the trail",
        moto="adds to them",
        bridge=_replace_insight_selectors,
    ),
    Gap(
        operation="cloudtrail:GetTrail",
        aws="says whether the trail has event selectors or insight selectors of its own",
        moto="says it has none, so that Terraform does not read them and sees no change to them",
        bridge=_tell_that_there_are_selectors,
    ),
)

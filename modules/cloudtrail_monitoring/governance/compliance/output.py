"""An environment's synthesised stack as an assertion asks it: the trails that record, the bucket and log group they
deliver to, what belongs to that bucket, and whom a topic reaches. Finding the document is left to
``simulation.synthesised_output``.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cloudtrail_monitoring.simulation.deployed_detections import blocks
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

_ARN_PARTITION = re.compile(r"\barn:(aws[a-z-]*):")


@dataclass(frozen=True)
class Resource:
    """A resource as it stands in the output, or a block beside the resources: backend, provider, output value."""

    address: str
    attributes: Mapping[str, Any]

    @property
    def path(self) -> str:
        """The construct's path below the stack, such as ``trail/trail``; the address where there is none."""
        comment = self.attributes.get("//")
        path = comment.get("metadata", {}).get("path", "") if isinstance(comment, dict) else ""
        return str(path).partition("/")[2] or self.address

    def is_named_in(self, value: object) -> bool:
        """Whether a value holds a reference to this resource."""
        return f"{self.address}." in str(value)


class Output:
    """One synthesised stack.

    >>> Output({}).trails
    ()
    """

    def __init__(self, document: Document) -> None:
        self.document = document

    def of_type(self, type_: str) -> tuple[Resource, ...]:
        """The resources of a Terraform type, in the document's order."""
        return tuple(
            Resource(f"{type_}.{name}", attributes) for name, attributes in resources(self.document, type_).items()
        )

    @cached_property
    def trails(self) -> tuple[Resource, ...]:
        """The trails that record: those Terraform starts."""
        return tuple(one for one in self.of_type("aws_cloudtrail") if one.attributes.get("enable_logging") is not False)

    @cached_property
    def archives(self) -> tuple[Resource, ...]:
        """The buckets they deliver to."""
        return self._delivered_to("aws_s3_bucket", "s3_bucket_name", "bucket")

    @cached_property
    def log_groups(self) -> tuple[Resource, ...]:
        """The log groups they deliver to."""
        return self._delivered_to("aws_cloudwatch_log_group", "cloud_watch_logs_group_arn", "name")

    def of_archive(self, type_: str) -> tuple[Resource, ...]:
        """The resources of a type that configure such a bucket, such as its versioning."""
        names = {one.attributes.get("bucket") for one in self.archives}
        return tuple(
            one
            for one in self.of_type(type_)
            if one.attributes.get("bucket") in names
            or any(archive.is_named_in(one.attributes.get("bucket")) for archive in self.archives)
        )

    def readers(self, topic_reference: object) -> tuple[Resource, ...]:
        """The subscriptions of the topic that a value refers to."""
        topics = [one for one in self.of_type("aws_sns_topic") if one.is_named_in(topic_reference)]
        return tuple(
            one
            for one in self.of_type("aws_sns_topic_subscription")
            if any(topic.is_named_in(one.attributes.get("topic_arn")) for topic in topics)
        )

    @cached_property
    def backends(self) -> tuple[Resource, ...]:
        """Where the state is kept."""
        settings = self.document.get("terraform")
        kinds = settings.get("backend", {}) if isinstance(settings, dict) else {}
        return tuple(Resource(f"terraform.backend.{kind}", attributes) for kind, attributes in kinds.items())

    @cached_property
    def providers(self) -> tuple[Resource, ...]:
        """The AWS providers, one for each Region that is written to."""
        declared = self.document.get("provider")
        aws = declared.get("aws", []) if isinstance(declared, dict) else []
        return tuple(Resource(f"provider.aws[{number}]", one) for number, one in enumerate(blocks(aws)))

    def value(self, name: str) -> str | None:
        """The text of a stack's output."""
        outputs = self.document.get("output")
        found = outputs.get(name, {}).get("value") if isinstance(outputs, dict) else None
        return found if isinstance(found, str) else None

    @property
    def account_id(self) -> str | None:
        """The account that the providers admit."""
        admitted = [one.attributes.get("allowed_account_ids") or [None] for one in self.providers]
        return next((str(ids[0]) for ids in admitted if ids[0]), None)

    @property
    def partition(self) -> str:
        """The partition the ARNs of the output are of."""
        found = _ARN_PARTITION.search(json.dumps(self.document.get("resource", {})))
        return found[1] if found else "aws"

    def _delivered_to(self, type_: str, argument: str, name: str) -> tuple[Resource, ...]:
        targets = [trail.attributes.get(argument) for trail in self.trails]
        return tuple(
            one
            for one in self.of_type(type_)
            if any(target and (one.is_named_in(target) or one.attributes.get(name) == target) for target in targets)
        )


@dataclass(frozen=True)
class Selection:
    """Which resources an assertion looks at, and what to call them where there are none."""

    name: str
    find: Callable[[Output], Sequence[Resource]]


def of_type(type_: str, called: str, /, **attributes: object) -> Selection:
    """The resources of a type with these very attributes."""
    return Selection(
        called,
        lambda output: [
            one
            for one in output.of_type(type_)
            if all(one.attributes.get(argument) == value for argument, value in attributes.items())
        ],
    )


def of_archive(type_: str, called: str) -> Selection:
    """What configures the bucket that the trail delivers to."""
    return Selection(called, lambda output: output.of_archive(type_))


TRAIL = Selection("trail that records", lambda output: output.trails)
EACH_TRAIL = of_type("aws_cloudtrail", "trail")
ARCHIVE = Selection("bucket that the trail delivers to", lambda output: output.archives)
LOG_GROUP = Selection("log group that the trail delivers to", lambda output: output.log_groups)
BACKEND = Selection("backend of the state", lambda output: output.backends)
PROVIDER = Selection("AWS provider", lambda output: output.providers)


def leaves(attributes: object, path: str) -> Iterator[Any]:
    """The values at a dotted path; a list on the way, or at its end, stands for each of its members.

    >>> list(leaves({"rule": [{"days": 30}, {"days": 90}]}, "rule.days"))
    [30, 90]
    """
    if isinstance(attributes, list):
        for one in attributes:
            yield from leaves(one, path)
    elif not path:
        if attributes is not None:
            yield attributes
    elif isinstance(attributes, Mapping):
        name, _, rest = path.partition(".")
        yield from leaves(attributes.get(name), rest)

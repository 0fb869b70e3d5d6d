"""How trail, archive and log group stand together: rules that no single resource can show.

The archive is the bucket a trail delivers to. Here stands that it has each companion its protection needs (what such a
companion says is judged where it stands), that the trail leaves it out of its data events, and that the trail's log
group keeps a year. Other buckets, and a bucket that is not in this configuration, are not judged.

A rule is a Checkov graph check whose solver is written in Python: Checkov's own connection rules can't tell the bucket
a trail delivers to from one its event selectors merely name.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck
from checkov.common.graph.checks_infra.enums import SolverType
from checkov.common.graph.checks_infra.solvers.base_solver import BaseSolver
from checkov.common.graph.graph_builder import CustomAttributes
from checkov.runner_filter import RunnerFilter

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
    from cloudtrail_monitoring.governance.checkov_checks import ctm_bucket_checks as bucket_checks
    from cloudtrail_monitoring.governance.checkov_checks import ctm_rules as catalogue
    from cloudtrail_monitoring.governance.checkov_checks import ctm_selectors as events
else:
    import ctm_attributes as tf
    import ctm_bucket_checks as bucket_checks
    import ctm_rules as catalogue
    import ctm_selectors as events

Vertex = dict[str, Any]
"""A block in Checkov's graph."""
_LOG_RETENTION_DAYS = 365
_S3_OBJECTS = "AWS::S3::Object"


@dataclass(frozen=True)
class _Resource:
    """A resource of the configuration: its address, its arguments, and its place in Checkov's graph."""

    address: str
    attributes: tf.Attributes
    vertex: Vertex

    def is_named_by(self, value: Any, *, name: str) -> bool:
        """Whether a value refers to this resource, or is its name (the argument ``name`` holds it)."""
        text = str(value)
        return text == tf.one(self.attributes, name) or bool(re.search(rf"\b{re.escape(self.address)}(?![\w-])", text))


@dataclass(frozen=True)
class _Configuration:
    """The resources of one directory, by type."""

    resources: dict[str, list[_Resource]]

    def of(self, resource_type: str) -> list[_Resource]:
        return self.resources.get(resource_type, [])

    def archives(self) -> Iterator[tuple[_Resource, _Resource]]:
        """Each trail with the bucket it delivers to."""
        for trail in self.of("aws_cloudtrail"):
            for bucket in self.of("aws_s3_bucket"):
                if bucket.is_named_by(tf.one(trail.attributes, "s3_bucket_name"), name="bucket"):
                    yield trail, bucket


Verdicts = Iterable[tuple[_Resource, bool]]
_GraphJudge = Callable[[_Configuration], Verdicts]


def _has_companion(
    companion_type: str,
    # the defaults ask nothing: their argument is there for the signature
    says: Callable[[tf.Attributes], bool] = lambda companion: True,  # noqa: ARG005
    needed_by: Callable[[tf.Attributes], bool] = lambda bucket: True,  # noqa: ARG005
) -> _GraphJudge:
    """The judgement that each archive which needs it has a companion of that type that says something."""

    def judge(configuration: _Configuration) -> Verdicts:
        for _, bucket in configuration.archives():
            if needed_by(bucket.attributes):
                yield (
                    bucket,
                    any(
                        bucket.is_named_by(tf.one(companion.attributes, "bucket"), name="bucket")
                        and says(companion.attributes)
                        for companion in configuration.of(companion_type)
                    ),
                )

    return judge


def _must_lock(bucket: tf.Attributes) -> bool:
    return tf.is_true(tf.one(bucket, "object_lock_enabled")) or tf.is_production(bucket)


def _keeps_a_year(configuration: _Configuration) -> Verdicts:
    for trail in configuration.of("aws_cloudtrail"):
        for group in configuration.of("aws_cloudwatch_log_group"):
            if group.is_named_by(tf.one(trail.attributes, "cloud_watch_logs_group_arn"), name="arn"):
                # CloudWatch Logs never deletes where nothing, or 0, is set
                days = tf.whole_number(tf.one(group.attributes, "retention_in_days")) or 0
                yield group, days == 0 or days >= _LOG_RETENTION_DAYS


def _leaves_archive_out(configuration: _Configuration) -> Verdicts:
    for trail, bucket in configuration.archives():
        taken = [
            fields
            for fields in events.selectors(trail.attributes, "Data")
            if _S3_OBJECTS in events.values(fields.get("resources.type", []), ("equals",))
        ]
        if taken:
            yield trail, not any(_takes(fields, bucket) for fields in taken)


def _takes(fields: events.Fields, bucket: _Resource) -> bool:
    """Whether a selector of S3 data events takes in the bucket's objects."""
    arns = fields.get("resources.ARN", [])
    if any(_means(arn, bucket) for arn in events.values(arns, ("not_starts_with",))):
        return False
    taken_in = events.values(arns, ("starts_with", "equals"))
    return not taken_in or any(_means(arn, bucket) for arn in taken_in)


def _means(arn: str, bucket: _Resource) -> bool:
    name = arn.rpartition(":::")[2].partition("/")[0]
    return bucket.is_named_by(arn, name="arn") or name == tf.one(bucket.attributes, "bucket")


class _Solver(BaseSolver):
    """Runs one judgement on every directory of the graph."""

    def __init__(self, rule_id: str, judge: _GraphJudge) -> None:
        super().__init__(SolverType.CONNECTION)
        self._rule_id = rule_id
        self._judge = judge

    # named as Checkov passes it
    def run(self, graph_connector: Any) -> tuple[list[Vertex], list[Vertex], list[Vertex]]:
        try:
            verdicts = [
                verdict for configuration in _configurations(graph_connector) for verdict in self._judge(configuration)
            ]
        except Exception:
            # Checkov drops what a graph check raises; the log line is all that shows it
            logging.error(f"Failed to run check {self._rule_id}", exc_info=True)
            raise
        passed = [resource.vertex for resource, holds in verdicts if holds]
        failed = [resource.vertex for resource, holds in verdicts if not holds]
        return [vertex for vertex in passed if vertex not in failed], failed, []

    def get_operation(self, *args: Any, **kwargs: Any) -> None:
        """Only solvers that are part of another are asked for it."""

    def _get_operation(self, *args: Any, **kwargs: Any) -> None:
        """Only solvers that are part of another are asked for it."""


def _configurations(graph: Any) -> list[_Configuration]:
    try:
        nodes = graph.nodes(data=True)
    except TypeError:
        # rustworkx, Checkov's default, gives the data unasked; networkx is what CHECKOV_GRAPH_FRAMEWORK can choose
        nodes = graph.nodes()
    found: dict[PurePath, dict[str, list[_Resource]]] = {}
    for _, vertex in nodes:
        if vertex.get(CustomAttributes.BLOCK_TYPE) == "resource":
            resource_type, _, name = vertex[CustomAttributes.BLOCK_NAME].partition(".")
            attributes = vertex[CustomAttributes.CONFIG].get(resource_type, {}).get(name, {})
            directory = PurePath(vertex[CustomAttributes.FILE_PATH]).parent
            resource = _Resource(f"{resource_type}.{name}", attributes, vertex)
            found.setdefault(directory, {}).setdefault(resource_type, []).append(resource)
    return [_Configuration(resources) for resources in found.values()]


def _register(rule_id: str, judge: _GraphJudge) -> BaseGraphCheck:
    rule = catalogue.RULES[rule_id]
    check = BaseGraphCheck()
    check.id = rule.id
    check.name = rule.name
    check.category = "LOGGING"
    check.guideline = rule.guideline
    check.set_solver(_Solver(rule_id, judge))
    registry = get_graph_checks_registry("terraform")
    if not any(known.id == check.id for known in registry.checks):
        RunnerFilter.notify_external_check(check.id)
        registry.checks.append(check)
    return check


_CHECKS: tuple[tuple[str, _GraphJudge], ...] = (
    ("CKV2_CTM_TRL_2_OWN", _leaves_archive_out),
    ("CKV2_CTM_TRL_4", _keeps_a_year),
    ("CKV2_CTM_ARC_2", _has_companion("aws_s3_bucket_server_side_encryption_configuration")),
    ("CKV2_CTM_ARC_3", _has_companion("aws_s3_bucket_versioning")),
    ("CKV2_CTM_ARC_4", _has_companion("aws_s3_bucket_lifecycle_configuration", says=bucket_checks.moves_objects)),
    ("CKV2_CTM_ARC_5", _has_companion("aws_s3_bucket_object_lock_configuration", needed_by=_must_lock)),
    ("CKV2_CTM_ARC_6_POLICY", _has_companion("aws_s3_bucket_policy")),
    ("CKV2_CTM_ARC_6_PUBLIC", _has_companion("aws_s3_bucket_public_access_block")),
    ("CKV2_CTM_ARC_6_OWNER", _has_companion("aws_s3_bucket_ownership_controls")),
    ("CKV2_CTM_ARC_6_LOGGING", _has_companion("aws_s3_bucket_logging")),
)

checks = [_register(rule_id, judge) for rule_id, judge in _CHECKS]

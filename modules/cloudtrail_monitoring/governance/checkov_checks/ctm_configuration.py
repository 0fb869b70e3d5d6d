"""The resources of one directory together, for rules that no single resource can show, and how such a rule is run.

A rule is a Checkov graph check whose solver is written in Python: Checkov's own connection rules can't tell the bucket
a trail delivers to from one its event selectors merely name. What is judged stands in the ``ctm_*_checks`` files.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
    from cloudtrail_monitoring.governance.checkov_checks import ctm_policy as iam
    from cloudtrail_monitoring.governance.checkov_checks import ctm_rules as catalogue
else:
    import ctm_attributes as tf
    import ctm_policy as iam
    import ctm_rules as catalogue

Vertex = dict[str, Any]
"""A block in Checkov's graph."""
_REFERENCE = re.compile(r"(?<![\w.])(?P<kind>aws_[a-z0-9_]+)\.(?P<name>[\w-]+)")


@dataclass(frozen=True)
class Resource:
    """A resource of the configuration: its address, its arguments, and its place in Checkov's graph."""

    address: str
    attributes: tf.Attributes
    vertex: Vertex

    def is_named_by(self, value: Any, *, name: str) -> bool:
        """Whether a value refers to this resource, or is its name (the argument ``name`` holds it)."""
        own = tf.one(self.attributes, name)
        return (own is not None and str(value) == own) or self.is_referred_to_by(value)

    def is_referred_to_by(self, value: Any) -> bool:
        """Whether a value holds a reference to this resource."""
        text = str(value)
        return self.address in text and bool(re.search(rf"(?<![\w.]){re.escape(self.address)}(?!\w|-)", text))


@dataclass(frozen=True)
class Configuration:
    """The blocks of one directory: resources by type, IAM policy documents by name, and what else rules ask for."""

    resources: dict[str, list[Resource]] = field(default_factory=dict)
    documents: dict[str, tf.Attributes] = field(default_factory=dict)
    modules: list[tf.Attributes] = field(default_factory=list)
    settings: list[tf.Attributes] = field(default_factory=list)
    """The ``terraform`` blocks."""

    def of(self, resource_type: str) -> list[Resource]:
        """The resources of that type."""
        return self.resources.get(resource_type, [])

    def named(self, resource_type: str, value: Any, *, name: str) -> Resource | None:
        """The resource of that type that a value refers to, or names."""
        return next((found for found in self.of(resource_type) if found.is_named_by(value, name=name)), None)

    def companions(self, owner: Resource, resource_type: str, argument: str, *, name: str) -> list[Resource]:
        """The resources of that type whose argument means the owner, whose own name its argument ``name`` holds.

        Raises:
            UnreadableError: if there is none, but one may hide behind a value or a module that can't be read.
        """
        found = [
            one for one in self.of(resource_type) if owner.is_named_by(tf.one(one.attributes, argument), name=name)
        ]
        if not found:
            values = [tf.one(one.attributes, argument) for one in self.of(resource_type)]
            if any(not self._is_known(value) for value in values) or any(
                owner.is_named_by(module, name=name) for module in self.modules
            ):
                raise tf.UnreadableError(resource_type)
        return found

    def is_archive(self, bucket: Resource) -> bool:
        """Whether a trail of this configuration delivers to the bucket."""
        return any(
            bucket.is_named_by(tf.one(trail.attributes, "s3_bucket_name"), name="bucket")
            for trail in self.of("aws_cloudtrail")
        )

    def is_written_by_trail(self, group: Resource) -> bool:
        """Whether a trail of this configuration delivers to the log group."""
        return any(
            group.is_named_by(tf.one(trail.attributes, "cloud_watch_logs_group_arn"), name="arn")
            for trail in self.of("aws_cloudtrail")
        )

    def _is_known(self, value: Any) -> bool:
        """Whether a value is a plain name, or refers to a resource of this configuration."""
        text = str(value)
        if tf.is_computed(text):
            return False
        known = {one.address.partition("[")[0] for ones in self.resources.values() for one in ones}
        return all(f"{found['kind']}.{found['name']}" in known for found in _REFERENCE.finditer(text))

    def policy(self, value: Any) -> list[iam.Statement]:
        """The statements of a policy argument, written out or by an ``aws_iam_policy_document``.

        Raises:
            UnreadableError: if it is neither.
        """
        found = iam.statements(value, self.documents)
        if found is None:
            raise tf.UnreadableError(value)
        return found


GraphJudge = Callable[[Configuration, Resource], "bool | None"]
"""Says whether the rule holds for a resource; None where it does not apply. May raise ``UnreadableError``."""


class _Solver(BaseSolver):
    """Runs one judgement on each resource of a type, in every directory of the graph."""

    def __init__(self, rule_id: str, resource_type: str, judge: GraphJudge) -> None:
        super().__init__(SolverType.CONNECTION)
        self._rule_id = rule_id
        self._resource_type = resource_type
        self._judge = judge

    # named as Checkov passes it
    def run(self, graph_connector: Any) -> tuple[list[Vertex], list[Vertex], list[Vertex]]:
        try:
            verdicts = [
                (resource.vertex, self._verdict(configuration, resource))
                for configuration in configurations(graph_connector)
                for resource in configuration.of(self._resource_type)
            ]
        except Exception:
            # Checkov drops what a graph check raises; the log line is all that shows it
            logging.error(f"Failed to run check {self._rule_id}", exc_info=True)
            raise
        passed, failed, unknown = (
            [vertex for vertex, verdict in verdicts if verdict is wanted] for wanted in (True, False, None)
        )
        return passed, failed, unknown

    def _verdict(self, configuration: Configuration, resource: Resource) -> bool | None:
        try:
            return self._judge(configuration, resource)
        except tf.UnreadableError:
            return None

    def get_operation(self, *args: Any, **kwargs: Any) -> None:
        """Only solvers that are part of another are asked for it."""

    def _get_operation(self, *args: Any, **kwargs: Any) -> None:
        """Only solvers that are part of another are asked for it."""


def configurations(graph: Any) -> list[Configuration]:
    """The directories of Checkov's graph."""
    found: dict[PurePath, Configuration] = {}
    for vertex in _vertices(graph):
        directory = PurePath(vertex[CustomAttributes.FILE_PATH]).parent
        _add(found.setdefault(directory, Configuration()), vertex)
    return list(found.values())


def documents_beside(check: Any) -> Mapping[str, tf.Attributes]:
    """The ``aws_iam_policy_document`` data sources in the directory of what a check that is no graph check looks at."""
    vertices = _vertices(check.graph) if check.graph is not None else []
    # Checkov names the file from the scanned folder on, the graph from the root or the working directory on
    file = check.entity_path.partition(":")[0]
    paths = [
        path for path in {str(vertex[CustomAttributes.FILE_PATH]) for vertex in vertices} if f"/{path}".endswith(file)
    ]
    beside = Configuration()
    if paths:
        directory = PurePath(min(paths, key=len)).parent
        for vertex in vertices:
            if PurePath(vertex[CustomAttributes.FILE_PATH]).parent == directory:
                _add(beside, vertex)
    return beside.documents


def _vertices(graph: Any) -> list[Vertex]:
    try:
        nodes = graph.nodes(data=True)
    except TypeError:
        # rustworkx, Checkov's default, gives the data unasked; networkx is what CHECKOV_GRAPH_FRAMEWORK can choose
        nodes = graph.nodes()
    return [vertex for _, vertex in nodes]


def _add(configuration: Configuration, vertex: Vertex) -> None:
    content = vertex[CustomAttributes.CONFIG]
    kind, _, name = vertex[CustomAttributes.BLOCK_NAME].partition(".")
    match vertex.get(CustomAttributes.BLOCK_TYPE):
        case "resource":
            resource = Resource(f"{kind}.{name}", content.get(kind, {}).get(name, {}), vertex)
            configuration.resources.setdefault(kind, []).append(resource)
        case "data" if kind == "aws_iam_policy_document":
            configuration.documents[name] = content.get(kind, {}).get(name, {})
        case "module":
            configuration.modules.append(content)
        case "terraform":
            configuration.settings.append(content)


def register(rule_id: str, resource_type: str, judge: GraphJudge) -> BaseGraphCheck:
    """Make a judgement on resources of a type a check of Checkov."""
    rule = catalogue.RULES[rule_id]
    check = BaseGraphCheck()
    check.id = rule.id
    check.name = rule.name
    check.category = "LOGGING"
    check.guideline = rule.guideline
    check.set_solver(_Solver(rule_id, resource_type, judge))
    registry = get_graph_checks_registry("terraform")
    if not any(known.id == check.id for known in registry.checks):
        RunnerFilter.notify_external_check(check.id)
        registry.checks.append(check)
    return check

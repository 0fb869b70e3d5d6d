"""Reads a synthesised stack as a test wants to ask it: resources by type and attributes, policies as data.

An assertion that fails on a ``Resource``, or that finds none or several where there must be one, prints what is there.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from cloudtrail_monitoring.settings import MonitoringSettings

Attributes = Mapping[str, Any]


class Resource:
    """One resource block.

    Args:
        type_: such as ``aws_sns_topic``.
        id_: its name in the configuration.
        attributes: what the block says.
    """

    def __init__(self, type_: str, id_: str, attributes: Attributes) -> None:
        self.type = type_
        self.id = id_
        self.attributes = attributes

    @property
    def address(self) -> str:
        return f"{self.type}.{self.id}"

    def __getitem__(self, attribute: str) -> Any:
        assert attribute in self.attributes, f"{attribute} is missing from {self!r}"
        return self.attributes[attribute]

    def __contains__(self, attribute: str) -> bool:
        return attribute in self.attributes

    def get(self, attribute: str, default: Any = None) -> Any:
        return self.attributes.get(attribute, default)

    def has(self, **attributes: Any) -> bool:
        return all(self.attributes.get(name) == value for name, value in attributes.items())

    def policy(self, attribute: str = "policy") -> dict[str, Any]:
        """A policy document of the resource, as data."""
        parsed = json.loads(self[attribute])
        assert isinstance(parsed, dict), f"{attribute} is no policy document in {self!r}"
        return parsed

    def statement(self, sid: str, attribute: str = "policy") -> dict[str, Any]:
        """The one statement of that name."""
        found = [one for one in self.policy(attribute)["Statement"] if one.get("Sid") == sid]
        assert len(found) == 1, f"{len(found)} statements {sid} in {self!r}"
        return dict(found[0])

    def refers_to(self, other: "Resource", attribute: str) -> bool:
        """Whether an attribute holds a reference to another resource."""
        return f"${{{other.address}." in str(self.get(attribute))

    def __repr__(self) -> str:
        return f"{self.address} {json.dumps(self.attributes, indent=2, sort_keys=True)}"


class Stack:
    """One synthesised stack; ``document`` is its ``cdk.tf.json``, ``warnings`` are those of the constructs."""

    def __init__(self, document: dict[str, Any], warnings: Sequence[str] = ()) -> None:
        self.document = document
        self.warnings = warnings

    @classmethod
    def read(cls, output: Path, name: str) -> Self:
        """A stack of an output folder."""
        described = json.loads((output / "manifest.json").read_text(encoding="utf-8"))["stacks"][name]
        document = json.loads((output / described["synthesizedStackPath"]).read_text(encoding="utf-8"))
        return cls(document, [one["message"] for one in described["annotations"]])

    @property
    def text(self) -> str:
        return json.dumps(self.document)

    def resources(self) -> Iterator[Resource]:
        for type_, blocks in self.document.get("resource", {}).items():
            for id_, attributes in blocks.items():
                yield Resource(type_, id_, attributes)

    def all(self, type_: str, **attributes: Any) -> list[Resource]:
        """The resources of a type that have these attributes."""
        return [one for one in self.resources() if one.type == type_ and one.has(**attributes)]

    def one(self, type_: str, **attributes: Any) -> Resource:
        """The only resource of a type that has these attributes."""
        found = self.all(type_, **attributes)
        others = "\n".join(map(repr, self.all(type_)))
        assert len(found) == 1, f"{len(found)} of {type_} with {attributes}; there are:\n{others or 'none'}"
        return found[0]

    def by_path(self, path: str) -> Resource:
        """The resource of a construct path below the stack, such as ``archive/logs/policy``."""
        found = [one for one in self.resources() if one["//"]["metadata"]["path"].split("/", 1)[1] == path]
        assert len(found) == 1, f"{len(found)} resources have the path {path}"
        return found[0]

    def below(self, path: str, type_: str) -> list[Resource]:
        """The resources of a type that one construct made, such as those of ``root-activity``."""
        paths = ((one, one["//"]["metadata"]["path"].split("/", 1)[1]) for one in self.all(type_))
        return [one for one, own in paths if own.startswith(f"{path}/")]

    def policies(self) -> Iterator[tuple[Resource, str]]:
        """Every policy document with the resource that holds it, and the attribute it stands in."""
        for resource in self.resources():
            for attribute in ("policy", "assume_role_policy"):
                if attribute in resource:
                    yield resource, attribute


def synthesise(build: Callable[[Any], object]) -> Stack:
    """A stack of somebody else, filled by ``build``, which is given the stack."""
    from cdktf import TerraformStack

    def fill(app: Any) -> None:
        build(TerraformStack(app, "own"))

    return _written(fill, "own")


def synthesise_monitoring(settings: MonitoringSettings) -> Stack:
    """The whole system of one environment."""
    from cloudtrail_monitoring.monitoring_stack import MonitoringStack

    return _written(lambda app: MonitoringStack(app, settings), settings.environment)


def _written(fill: Callable[[Any], object], name: str) -> Stack:
    from cdktf import App

    with tempfile.TemporaryDirectory() as directory:
        # a construct alone brings no provider, and that is all CDKTF would complain of
        app = App(outdir=directory, skip_validation=True)
        fill(app)
        app.synth()
        return Stack.read(Path(directory), name)

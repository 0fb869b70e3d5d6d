"""Evidence of what the trail records: its advanced event selectors.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloudtrail_monitoring.governance.compliance.assertion import Judgement, Seen
from cloudtrail_monitoring.governance.compliance.output import Output, Resource
from cloudtrail_monitoring.simulation.deployed_detections import blocks

MANAGEMENT, DATA = "Management", "Data"
S3_OBJECTS, LAMBDA_FUNCTIONS = "AWS::S3::Object", "AWS::Lambda::Function"
_SELECTOR = "advanced_event_selector"
_READ_ONLY = {"read": "true", "write": "false"}
_FIELDS = {
    MANAGEMENT: {"eventCategory", "readOnly", "eventSource"},
    DATA: {"eventCategory", "readOnly", "resources.type", "resources.ARN"},
}
"""Fields of a selector whose effect is judged here."""


@dataclass(frozen=True)
class Records:
    """A trail that records has a selector of a category, and of a resource type, that leaves neither reads nor writes
    out.

    Args:
        category: ``Management`` or ``Data``.
        resource_type: of data events.
        direction: ``read`` or ``write`` where one of them will do.
        named: how the selector's name begins, where selectors with a purpose of their own are asked for.
        whole: no source of events is left out (management); no ARN is asked for, and none is left out that is not this
            system's own (data).

    A selector with any other field, such as ``eventName``, narrows what it records, and is none of those looked for.
    """

    category: str
    resource_type: str | None = None
    direction: str | None = None
    named: str = ""
    whole: bool = False

    def judge(self, output: Output) -> Judgement:
        if not output.trails:
            return Judgement(faults=("there is no trail that records",))
        found = tuple(
            Seen(trail.address, trail.path, {f"{_SELECTOR}[{selector.get('name', number)}]": _fields(selector)})
            for trail in output.trails
            for number, selector in enumerate(blocks(trail.attributes.get(_SELECTOR)))
            if self._is_meant(selector, output)
        )
        return Judgement(found) if found else Judgement(faults=(self._missing(output.trails[0]),))

    def _is_meant(self, selector: Mapping[str, Any], output: Output) -> bool:
        fields = {str(one.get("field")): one for one in blocks(selector.get("field_selector"))}
        read_only = fields.get("readOnly", {}).get("equals")
        wanted = [_READ_ONLY[self.direction]] if self.direction else None
        arns = {
            name: list(given) for name, given in fields.get("resources.ARN", {}).items() if name != "field" and given
        }
        return (
            str(selector.get("name") or "").startswith(self.named)
            and fields.keys() <= _FIELDS[self.category]
            and fields.get("eventCategory", {}).get("equals") == [self.category]
            and (not self.resource_type or fields.get("resources.type", {}).get("equals") == [self.resource_type])
            and ("readOnly" not in fields or read_only == wanted)
            and not (self.named and not arns.get("starts_with"))
            and not (self.whole and ("eventSource" in fields or "starts_with" in arns))
            and not ((self.named or self.whole) and _narrows(arns, output))
        )

    def _missing(self, trail: Resource) -> str:
        what = f"{self.category.lower()} events" + (f" of {self.resource_type}" if self.resource_type else "")
        whole = ", leaving none out" if self.whole else ""
        name = f", named {self.named}…" if self.named else ""
        return f"{trail.address} has no selector for {self.direction or 'read and write'} {what}{whole}{name}"


def _narrows(arns: Mapping[str, list[str]], output: Output) -> bool:
    """Whether a selector leaves out more than this system's own buckets and functions, those of its state included."""
    buckets = tuple(f"{one.attributes.get('bucket')}/" for one in output.of_type("aws_s3_bucket"))
    # the state's bucket and its access log stand in a stack of their own
    state = tuple(
        f"{one.attributes['bucket']}{end}" for one in output.backends if "bucket" in one.attributes for end in "/-"
    )
    functions = [str(one.attributes.get("function_name")) for one in output.of_type("aws_lambda_function")]

    def is_own(arn: str) -> bool:
        bucket, function = arn.partition(":s3:::")[2], arn.partition(":function:")[2]
        return (
            bucket in buckets
            or bucket.startswith(state)
            or any(function and own.startswith(function) for own in functions)
        )

    return not (arns.keys() <= {"starts_with", "not_starts_with"} and all(map(is_own, arns.get("not_starts_with", ()))))


@dataclass(frozen=True)
class LeavesOutItself:
    """No data selector of any trail reaches the bucket that trails deliver to: it would record its own deliveries."""

    def judge(self, output: Output) -> Judgement:
        found, faults = [], []
        for trail in output.of_type("aws_cloudtrail"):
            for number, selector in enumerate(blocks(trail.attributes.get(_SELECTOR))):
                fields = {str(one.get("field")): one for one in blocks(selector.get("field_selector"))}
                if fields.get("resources.type", {}).get("equals") != [S3_OBJECTS]:
                    continue
                arns = fields.get("resources.ARN", {})
                left_out = [str(arn) for arn in arns.get("not_starts_with") or ()]
                name = f"{_SELECTOR}[{selector.get('name', number)}]"
                for bucket in output.archives:
                    own = f":s3:::{bucket.attributes.get('bucket')}/"
                    if any(arn.endswith(own) for arn in left_out):
                        found.append(Seen(trail.address, trail.path, {name: _fields(selector)}))
                    elif not arns.get("starts_with"):
                        faults.append(f"{trail.address}: {name} does not leave out {bucket.address}")
        if not found and not faults:
            faults.append("no selector of data events leaves out the bucket that the trail delivers to")
        return Judgement(tuple(found), tuple(faults))


def _fields(selector: Mapping[str, Any]) -> str:
    """A selector in one line, as ``field operator values``."""
    parts = []
    for one in blocks(selector.get("field_selector")):
        for operator, values in one.items():
            if operator != "field" and values:
                said = ", ".join(map(str, values)) if len(values) <= 2 else f"{values[0]} and {len(values) - 1} more"
                parts.append(f"{one.get('field')} {operator.replace('_', ' ')} {said}")
    return "; ".join(parts)

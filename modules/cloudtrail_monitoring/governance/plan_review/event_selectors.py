"""Whether a trail still records all that it did: its event selectors, the old against the new.

Basic selectors are put as advanced ones first. A trail without any records all management events
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html). An event is
recorded when one selector's fields all hold
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html), so each old selector has
to lie within a single new one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Change
from cloudtrail_monitoring.governance.plan_review.rule import at, kept_resources, shown

_POSITIVE = ("equals", "starts_with", "ends_with")
_NEGATIVE = {"not_equals": "equals", "not_starts_with": "starts_with", "not_ends_with": "ends_with"}
_EVERYTHING = {"AWS::S3::Object": "s3", "AWS::Lambda::Function": "lambda"}
"""What the ARN of a basic selector that means all resources of the type ends with."""
_READ_ONLY = {"ReadOnly": "true", "WriteOnly": "false"}

Field = Mapping[str, frozenset[str]]
Selector = Mapping[str, Field]
"""Conditions by field: operator to values."""


def selectors_narrowed(change: Change) -> Iterator[str]:
    """A sentence for each selector that recorded what no new one does."""
    if not kept_resources(change):
        return
    if any(at(change.after, name) is UNKNOWN for name in ("event_selector", "advanced_event_selector")):
        yield "event selectors: known after apply only"
        return
    after = [selector for _, selector in _selectors(change.after)]
    for name, selector in _selectors(change.before):
        if not any(_covers(new, selector) for new in after):
            yield f"no longer recorded as before: {name}{_difference(selector, after)}"


def _selectors(trail: Any) -> list[tuple[str, Selector]]:
    advanced = [
        (block.get("name") or _named(fields), fields)
        for block in trail.get("advanced_event_selector") or ()
        for fields in [_fields(block.get("field_selector") or ())]
    ]
    basic = [(_named(fields), fields) for block in trail.get("event_selector") or () for fields in _basic(block)]
    if trail.get("advanced_event_selector") or trail.get("event_selector"):
        return [*advanced, *basic]
    return [("management events", _management("All", ()))]


def _fields(blocks: Sequence[Mapping[str, Any]]) -> Selector:
    names = [block["field"] for block in blocks]
    if len(set(names)) < len(names):
        raise ValueError("a field stands twice in a selector")
    return {
        block["field"]: {
            operator: frozenset(block.get(operator) or ())
            for operator in (*_POSITIVE, *_NEGATIVE)
            if block.get(operator)
        }
        for block in blocks
    }


def _basic(block: Mapping[str, Any]) -> Iterator[Selector]:
    reads = str(block.get("read_write_type") or "All")
    if block.get("include_management_events") is not False:
        yield _management(reads, block.get("exclude_management_event_sources") or ())
    for resource in block.get("data_resource") or ():
        type_ = resource.get("type")
        whole = _EVERYTHING.get(type_)
        values = resource.get("values") or ()
        arns = frozenset(() if any(str(value).split(":", 2)[-1] == whole for value in values) else values)
        yield {
            "eventCategory": {"equals": frozenset({"Data"})},
            "resources.type": {"equals": frozenset({str(type_)})},
            **({"resources.ARN": {"starts_with": arns}} if arns else {}),
            **_read_only(reads),
        }


def _management(reads: str, excluded: Sequence[str]) -> Selector:
    sources: Selector = {"eventSource": {"not_equals": frozenset(excluded)}} if excluded else {}
    return {"eventCategory": {"equals": frozenset({"Management"})}, **sources, **_read_only(reads)}


def _read_only(reads: str) -> Selector:
    return {"readOnly": {"equals": frozenset({_READ_ONLY[reads]})}} if reads in _READ_ONLY else {}


def _covers(new: Selector, old: Selector) -> bool:
    return all(_field_covers(field, old.get(name, {})) for name, field in new.items())


def _field_covers(new: Field, old: Field) -> bool:
    """Whether whatever the old conditions on a field let through, the new ones do."""
    positive = {operator: values for operator, values in new.items() if operator in _POSITIVE}
    kept = all(
        _each_held(operator, value, old)
        for operator, values in new.items()
        if operator in _NEGATIVE
        for value in values
    )
    if not positive:
        return kept
    let_through = [(operator, value) for operator, values in old.items() if operator in _POSITIVE for value in values]
    return kept and bool(let_through) and all(_within(operator, value, positive) for operator, value in let_through)


def _within(operator: str, value: str, positive: Field) -> bool:
    """Whether what this old condition lets through is let through by one of the new."""
    for new, values in positive.items():
        for wider in values:
            if new == "equals" and operator == "equals" and value == wider:
                return True
            if new == "starts_with" and operator in ("equals", "starts_with") and value.startswith(wider):
                return True
            if new == "ends_with" and operator in ("equals", "ends_with") and value.endswith(wider):
                return True
    return False


def _each_held(operator: str, value: str, old: Field) -> bool:
    """Whether the old conditions let through nothing that this new exclusion takes away."""
    like = _NEGATIVE[operator]
    if any(_within(like, value, {_NEGATIVE[o]: values}) for o, values in old.items() if o in _NEGATIVE):
        return True
    let_through = [one for name in _POSITIVE for one in old.get(name, ())]
    return like == "equals" and bool(let_through) and set(old) <= {"equals", *_NEGATIVE} and value not in let_through


def _difference(old: Selector, after: Sequence[Selector]) -> str:
    """The conditions that the likest new selector adds, where there is one of the same kind."""
    kind = {name: old.get(name) for name in ("eventCategory", "resources.type")}
    alike = [new for new in after if {name: new.get(name) for name in kind} == kind]
    if not alike:
        return ""
    changed = {name for name, field in alike[0].items() if not _field_covers(field, old.get(name, {}))}
    added = [
        f"{name} {operator.replace('_', ' ')} {', '.join(sorted(more))}"
        for name in sorted(changed)
        for operator, values in alike[0][name].items()
        if (more := values - old.get(name, {}).get(operator, frozenset()))
    ]
    dropped = [
        f"{name} {operator} no longer {', '.join(sorted(fewer))}"
        for name in sorted(changed)
        for operator, values in old.get(name, {}).items()
        if operator in _POSITIVE and (fewer := values - alike[0][name].get(operator, frozenset()))
    ]
    return f" (now {shown('; '.join([*added, *dropped]))})" if added or dropped else ""


def _named(selector: Selector) -> str:
    kinds = (selector.get("resources.type") or selector.get("eventCategory") or {}).get("equals", frozenset())
    return f"{', '.join(sorted(kinds)) or 'all'} events"

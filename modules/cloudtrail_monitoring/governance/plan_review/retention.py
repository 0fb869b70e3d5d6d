"""Whether a bucket still keeps what it did: its lifecycle rules and its Object Lock, the old against the new.

Lifecycle rules are told apart by their id, as S3 does
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html). Only what deletes or hides counts;
objects that are kept longer, or moved to a class that is read at once, do not.
"""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Change
from cloudtrail_monitoring.governance.plan_review.rule import at, kept_resources, shown

_DAYS = {
    "expiration.days": "objects expire after days",
    "noncurrent_version_expiration.noncurrent_days": "old versions go after days",
}
_VERSIONS = "noncurrent_version_expiration.newer_noncurrent_versions"
_RESTORED_FIRST = ("GLACIER", "DEEP_ARCHIVE")
"""Classes that Athena and digest verification skip until somebody restores the objects.
https://docs.aws.amazon.com/athena/latest/ug/notes-on-storage.html"""
_DAYS_A_YEAR = 365


def kept_shorter(change: Change) -> Iterator[str]:
    """A sentence for each lifecycle rule that deletes earlier than it did, or newly."""
    for name, before, after in _rules(change):
        if after is UNKNOWN:
            yield "lifecycle rules: known after apply only"
            return
        for path, words in _DAYS.items():
            old, new = _days(before, path), _days(after, path)
            if new < old:
                yield f"{name}: {words} {_shown_days(old)} → {_shown_days(new)}"
        if (old_date := at(before, "expiration.date")) != (new_date := at(after, "expiration.date")) and new_date:
            yield f"{name}: objects expire on {shown(old_date)} → {shown(new_date)}"
        if (new_count := at(after, _VERSIONS)) is not None and _count(at(before, _VERSIONS)) > _count(new_count):
            yield f"{name}: newer old versions kept {shown(at(before, _VERSIONS))} → {shown(new_count)}"
        if before and _is_on(before) and _is_on(after) and _reach(before) != _reach(after) and _deletes(after):
            yield f"{name}: now holds for other objects: {shown(_reach(before))} → {shown(_reach(after))}"


def hidden_from_search(change: Change) -> Iterator[str]:
    """A sentence for each rule that moves objects to a class that can't be read at once, newly or earlier."""
    for name, before, after in _rules(change):
        if after is UNKNOWN:
            yield "lifecycle rules: known after apply only"
            return
        for kind in ("transition", "noncurrent_version_transition"):
            old, new = (dict(_moves(rule, kind)) for rule in (before, after))
            for storage_class, days in new.items():
                if days < old.get(storage_class, inf):
                    yield f"{name}: moves objects to {storage_class} after {days:g} days, where reading needs a restore"


def _moves(rule: Any, kind: str) -> Iterator[tuple[str, float]]:
    for block in (rule or {}).get(kind) or ():
        if block.get("storage_class") in _RESTORED_FIRST:
            yield block["storage_class"], float(block.get("days") or block.get("noncurrent_days") or 0)


def lock_shortened(change: Change) -> Iterator[str]:
    """A sentence if objects are locked for a shorter time, or less firmly."""
    if not kept_resources(change):
        return
    path = "rule.default_retention"
    if any(at(change.after, f"{path}.{name}") is UNKNOWN for name in ("days", "years", "mode")):
        yield "default retention: known after apply only"
        return
    old, new = (_locked_days(at(side, path)) for side in (change.before, change.after))
    if new < old:
        yield f"locked for days: {_shown_days(old)} → {_shown_days(new)}"
    modes = [at(side, f"{path}.mode") for side in (change.before, change.after)]
    if modes[0] == "COMPLIANCE" and modes[1] != "COMPLIANCE":
        yield f"lock mode: {modes[0]} → {shown(modes[1])}"


def _rules(change: Change) -> Iterator[tuple[str, Any, Any]]:
    """Name, old and new block of each rule that is on afterwards; the old one only if it was on."""
    if not kept_resources(change):
        return
    after = at(change.after, "rule")
    if after is UNKNOWN or any(rule is UNKNOWN for rule in after or ()):
        yield "", None, UNKNOWN
        return
    for side in (change.before, change.after):
        ids = [rule.get("id") for rule in at(side, "rule") or ()]
        if len(set(ids)) < len(ids):
            raise ValueError("two lifecycle rules have one id")
    before = {rule.get("id"): rule for rule in at(change.before, "rule") or ()}
    for rule in after or ():
        if _is_on(rule):
            old = before.get(rule.get("id"))
            yield f"rule {rule.get('id')}", old if old and _is_on(old) else None, rule


def _is_on(rule: Mapping[str, Any]) -> bool:
    return rule.get("status") != "Disabled"


def _deletes(rule: Mapping[str, Any]) -> bool:
    return any(_days(rule, path) < inf for path in _DAYS) or at(rule, "expiration.date") is not None


def _reach(rule: Mapping[str, Any]) -> Any:
    """What a rule holds for, however it is written: no filter and an empty prefix are the same."""
    reach = at(rule, "filter") or at(rule, "prefix")
    while isinstance(reach, list) and len(reach) == 1:
        reach = reach[0]
    return {name: value for name, value in reach.items() if value} or None if isinstance(reach, dict) else reach


def _days(rule: Any, path: str) -> float:
    days = at(rule, path) if rule else None
    if days is UNKNOWN:
        return 0
    return float(days) if days else inf


def _count(value: Any) -> float:
    return inf if value is None else 0 if value is UNKNOWN else float(value)


def _shown_days(days: float) -> str:
    return "never" if days == inf else f"{days:g}"


def _locked_days(retention: Any) -> float:
    years, days = at({"r": retention}, "r.years"), at({"r": retention}, "r.days")
    return float(days or 0) + _DAYS_A_YEAR * float(years or 0)

"""Whether a changed filter pattern still matches everything that the old one matched.

Decided by the language, not by the text: another order, another spelling or one more alternative loses nothing, and
where something is lost there is a record that shows it. Regular expressions are compared by their letters only, so that
of two different ones nothing is known. Undecided counts as lost: who reviews a change shall look at it. What a loss
means for a plan is left to ``governance``; the rules of the language stand in ``filter_pattern``.
"""

from typing import Any

from cloudtrail_monitoring.detections.language.coverage_search import (
    MAX_STEPS,
    Atom,
    Case,
    Domain,
    Form,
    Formula,
    all_of,
    any_of,
)
from cloudtrail_monitoring.detections.language.filter_pattern import (
    And,
    Comparison,
    Condition,
    FilterPattern,
    Node,
    Or,
    PatternSyntaxError,
    Regex,
    Selector,
    conditions,
)
from cloudtrail_monitoring.detections.language.loss import Loss, first_loss, shown, undecided
from cloudtrail_monitoring.detections.language.selector_relations import are_related, excludes, record_with
from cloudtrail_monitoring.detections.language.selector_values import condition_name, domain

__all__ = ["Loss", "loss"]


def loss(before: FilterPattern | str, after: FilterPattern | str, *, max_steps: int = MAX_STEPS) -> Loss | None:
    """What ``after`` doesn't match that ``before`` does; None if it matches all of that.

    Args:
        before: the filter pattern in force, as text or parsed. Text that can't be parsed is covered by itself only.
        after: the one that is to replace it.
        max_steps: how long to look for a record, before it is undecided whether there is one.

    >>> loss('{ $.eventName = "StopLogging" }', '{ $.eventName = "*Logging" }')
    >>> loss('{ $.eventName = "*Logging" }', '{ $.eventName = "StopLogging" }').sentence
    'no longer counts a record with eventName = "Logging"'
    """
    if _text(before) == _text(after):
        return None
    try:
        old, new = (one if isinstance(one, FilterPattern) else FilterPattern.parse(one) for one in (before, after))
    except PatternSyntaxError:
        return undecided(_Selectors, "one of its two patterns is not a JSON filter pattern")
    selectors = _Selectors(old.root, new.root)
    return first_loss(
        _formula(old.root),
        _formula(new.root),
        selectors,
        lambda record: old.matches(record) and not new.matches(record),
        relations=selectors,
        max_steps=max_steps,
    )


class _Selectors:
    """The selectors of two trees, under their texts."""

    verb = "count"
    noun = "a record"

    def __init__(self, *trees: Node) -> None:
        self._selectors: dict[str, Selector] = {}
        self._conditions: dict[str, list[Condition]] = {}
        for tree in trees:
            for condition in conditions(tree):
                place = str(condition.selector)
                self._selectors[place] = condition.selector
                self._conditions.setdefault(place, []).append(condition)

    def domain(self, place: str) -> Domain:
        return domain(self._selectors[place], self._conditions[place])

    def are_related(self, place: str, other: str) -> bool:
        return are_related(self._selectors[place], self._selectors[other])

    def excludes(self, place: str, form: Form, other: str, other_form: Form) -> bool:
        return excludes(self._selectors[place], form, self._selectors[other], other_form)

    def record(self, case: Case) -> dict[str, Any]:
        return record_with((self._selectors[place], choice.values) for place, choice in case.items())

    def doubt(self, place: str) -> str:
        values = [one.value for one in self._conditions[place] if isinstance(one, Comparison)]
        if any(isinstance(value, Regex) for value in values):
            return "regular expressions differ"
        return f"no value of {shown(place)} was found to try"


def _text(pattern: FilterPattern | str) -> str:
    return pattern.text if isinstance(pattern, FilterPattern) else pattern


def _formula(node: Node) -> Formula:
    match node:
        case And(terms):
            return all_of(*map(_formula, terms))
        case Or(terms):
            return any_of(*map(_formula, terms))
        case _:
            return Atom(str(node.selector), condition_name(node))

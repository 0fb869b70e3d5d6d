"""EventBridge event patterns derived from filter patterns, so that a rule and a metric filter can't drift apart.

``event_pattern`` gives the pattern of a CloudTrail record, ``for_cloudtrail`` that of the event that carries it. What
EventBridge can't say is refused with the clause and the reason; where a rule goes and what it feeds is left to
``alerting``.

What EventBridge says otherwise than a filter, and what is made of it:

* A list is "any of"; an "or" over several fields is ``$or``, which a pattern has once in each object and whose
  alternatives may not repeat a field of the object around it ("cannot be allowed multiple times"): such an "or" goes
  where its fields have their common object, otherwise it is spelled out, within ``MAX_COMBINATIONS``.
* Strings and numbers are kept apart. Text that is a number's becomes both; beyond ±5,000,000,000 or six decimal places
  EventBridge compares no numbers, so that an account id is taken as the string that CloudTrail writes. ``!=`` with a
  number, and texts with asterisks that a number could fit (``10.*``), are refused.
* A missing field matches no ``anything-but``, as it matches no ``!=``. But null and booleans do: don't use ``!=`` on a
  field that can be null.
* ``exists`` sees leaves only: ``NOT EXISTS`` on an object that CloudTrail documents is refused; on other objects it
  would hold always.
* An array matches if one of its elements does, which is ``[*]``; but so it does without ``[*]``, and ``[*]`` also finds
  a value that is no array. Two conditions on one array must hold for the same element, where the filter takes any two:
  refused. So are indices, ``.*`` and regular expressions.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-null-values.html,
https://github.com/aws/event-ruler (EventBridge's own matcher: arrays, ``$or``, reserved names)
"""

import json
import re
from typing import Any

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.language.tree import (
    And,
    AnyElement,
    AnyField,
    Comparison,
    Condition,
    Field,
    Index,
    IsBoolean,
    IsNull,
    Node,
    NotExists,
    Number,
    Operator,
    Or,
    Regex,
    Text,
)
from cloudtrail_monitoring.detections.translations.cloudtrail_columns import is_container
from cloudtrail_monitoring.detections.translations.event_pattern_terms import (
    MAX_COMBINATIONS,
    Path,
    Terms,
    all_terms,
    any_terms,
)
from cloudtrail_monitoring.detections.translations.event_pattern_values import (
    DECIMAL_PLACES,
    GREATEST_NUMBER,
    Between,
    Demand,
    Exactly,
    Fitting,
    Missing,
    OtherThan,
    is_comparable,
    range_of,
)
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible
from cloudtrail_monitoring.detections.translations.text_forms import may_fit_a_number, number_with_text

__all__ = ["MAX_CHARACTERS", "MAX_COMBINATIONS", "NotExpressible", "event_pattern", "for_cloudtrail"]

MAX_CHARACTERS = 2048
"""Characters in one event pattern, unless AWS has raised the account's quota, which can be up to 4,096.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html ("Event pattern size")"""


def event_pattern(pattern: FilterPattern, *, max_characters: int = MAX_CHARACTERS) -> dict[str, Any]:
    """The event pattern of the CloudTrail record, which stands under ``detail`` in an event.

    Args:
        pattern: any filter pattern.
        max_characters: the account's quota, 2,048 to 4,096.

    Raises:
        NotExpressible: EventBridge can't say it; the clause and the reason in one line.

    >>> event_pattern(FilterPattern.parse('{ $.eventName = "DeleteUser" && $.errorCode NOT EXISTS }'))
    {'eventName': ['DeleteUser'], 'errorCode': [{'exists': False}]}
    """
    terms = _terms(pattern.root)
    if terms is None:
        raise NotExpressible(pattern.root, "no event can match it, and EventBridge has no pattern for that")
    if terms.combinations > MAX_COMBINATIONS:
        raise NotExpressible(pattern.root, f'its "$or" comes to more than {MAX_COMBINATIONS:,} combinations')
    return _within(terms.render(), max_characters, pattern)


def for_cloudtrail(pattern: FilterPattern, account_id: str, *, max_characters: int = MAX_CHARACTERS) -> dict[str, Any]:
    """The event pattern of the events by which CloudTrail hands the records to EventBridge.

    Nobody but AWS puts events with a source of ``aws.`` onto a bus. The detail type is left open, as sign-in events
    come under two spellings of it.

    Args:
        pattern: any filter pattern.
        account_id: the account whose events count, 12 digits.
        max_characters: the account's quota, 2,048 to 4,096.

    Raises:
        NotExpressible: EventBridge can't say it; the clause and the reason in one line.
    """
    detail = event_pattern(pattern, max_characters=max_characters)
    whole = {"account": [account_id], "source": [{"prefix": "aws."}], "detail": detail}
    return _within(whole, max_characters, pattern)


def _within(rendered: dict[str, Any], max_characters: int, pattern: FilterPattern) -> dict[str, Any]:
    """The event pattern itself, once it is known to be short enough as compact JSON, the form Terraform sends."""
    length = len(json.dumps(rendered, separators=(",", ":")))
    if length > max_characters:
        raise NotExpressible(
            pattern.root, f"its event pattern has {length:,} characters, and the quota is {max_characters:,}"
        )
    return rendered


def _terms(node: Node) -> Terms | None:
    """The tree as EventBridge's fields and alternatives; None if nothing can match."""
    match node:
        case And(terms):
            return all_terms((_terms(term) for term in dict.fromkeys(terms)), node)
        case Or(terms):
            return any_terms(_terms(term) for term in terms)
        case _:
            return Terms({_path(node): _demands(node)})


def _path(condition: Condition) -> Path:
    """Where EventBridge finds what the selector selects."""
    names: list[str] = []
    array: int | None = None
    for step in condition.selector.steps:
        match step:
            case Field(name):
                if "." in name or name == "$or":
                    raise NotExpressible(condition, f'EventBridge reads a field name such as "{name}" otherwise')
                names.append(name)
            case AnyElement():
                array = len(names)
            case Index():
                raise NotExpressible(condition, "EventBridge has no index into arrays; [*] is any element")
            case AnyField():
                raise NotExpressible(condition, 'EventBridge has no ".*" for any field')
    return Path(tuple(names), array)


def _demands(condition: Condition) -> tuple[Demand, ...]:
    match condition:
        case IsNull():
            return (Exactly(None),)
        case IsBoolean(_, value):
            return (Exactly(value),)
        case NotExists(selector):
            if selector.has_wildcard:
                raise NotExpressible(condition, "EventBridge's exists doesn't look into arrays as the filter does")
            if is_container(selector.names):
                raise NotExpressible(condition, "EventBridge's exists sees no objects and arrays; name a field in it")
            return (Missing(),)
        case Comparison(_, _, Regex()):
            raise NotExpressible(condition, "EventBridge has no regular expressions; asterisks may do")
        case Comparison(_, operator, Text(text)):
            return _text_demands(condition, operator, re.sub(r"\*+", "*", text))
        case Comparison(_, operator, Number() as number):
            return _number_demands(condition, operator, number)
    raise AssertionError(condition)  # pragma: no cover


def _text_demands(condition: Condition, operator: Operator, text: str) -> tuple[Demand, ...]:
    if "*" in text and may_fit_a_number(text):
        raise NotExpressible(condition, "the text fits numbers too, and EventBridge's asterisks find strings only")
    number = number_with_text(text)
    also_number = number is not None and is_comparable(number)
    if operator is Operator.EQUAL:
        found: Demand = Fitting(text) if "*" in text else Exactly(text)
        return (found, Between(number, number)) if also_number else (found,)
    if also_number:
        raise NotExpressible(condition, "EventBridge's anything-but takes strings or numbers, and this would be both")
    return (OtherThan((text,)),)


def _number_demands(condition: Condition, operator: Operator, number: Number) -> tuple[Demand, ...]:
    comparable = is_comparable(number.value)
    if not operator.is_equality:
        if not comparable:
            raise NotExpressible(
                condition,
                f"EventBridge compares numbers to ±{GREATEST_NUMBER:,} and with {DECIMAL_PLACES} decimal places",
            )
        return (range_of(operator, number.value),)
    if operator is Operator.EQUAL:
        text = Exactly(number.text)
        return (text, Between(number.value, number.value)) if comparable else (text,)
    if comparable:
        raise NotExpressible(condition, "EventBridge's anything-but takes strings or numbers, and this would be both")
    return (OtherThan((number.text,)),)

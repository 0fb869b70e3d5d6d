"""CloudWatch Logs Insights queries derived from filter patterns: what the metric filter counted, to look at.

``insights_filter`` gives the condition, ``insights_query`` a whole query with the columns an investigation starts with.
Saving a query in CloudWatch is left to ``observability``.

How Insights differs from a metric filter, and what is made of it:

* It compares a missing field without saying how, so ``!=`` asks ``ispresent`` first.
* Booleans are the numbers 1 and 0 once discovered: ``IS TRUE`` and ``IS FALSE`` ask for those, and find numbers too.
* It has no word for null: ``IS NULL`` is refused. Whether ``ispresent`` sees a null field AWS doesn't say.
* JSON is flattened to its values: ``a[0].b`` is ``a.0.b``, but there is no "any element" and "any field" (``[*]``,
  ``.*``), and no ``NOT EXISTS`` of an object.
* It discovers 200 fields of an event and no more (earlier editions of the page say 100, later ones 1,000): a field
  beyond is missing, and in an event with long ``requestParameters`` that can be any.
* Types are lost with the discovery, so ``<`` and ``>`` may also hold for strings of digits.

``=`` and ``like`` heed case, as the filter does.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Guidelines.html (backticks),
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html (ispresent),
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html (JSON, limit),
https://github.com/aws-powertools/powertools-lambda-dotnet/issues/667 (booleans)
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.language.tree import (
    And,
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
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible
from cloudtrail_monitoring.detections.translations.text_forms import number_with_text, with_plain_counts

__all__ = ["FIELDS", "MAX_CHARACTERS", "MAX_RESULTS", "NotExpressible", "insights_filter", "insights_query"]

MAX_CHARACTERS = 10_000
"""Characters in one query.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html"""

MAX_RESULTS = 10_000
"""Events that one query returns.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Limit.html"""

FIELDS = (
    "@timestamp",
    "eventTime",
    "eventName",
    "coalesce(userIdentity.arn, userIdentity.principalId, userIdentity.invokedBy) as who",
    "sourceIPAddress",
    "awsRegion",
    "recipientAccountId",
    "errorCode",
    "eventID",
)
"""The columns of a query unless told otherwise: when, what, who, where from, where, and whether it was refused."""

_NEEDS_BACKTICKS = re.compile(r"[^A-Za-z0-9.@]")
_OPERATOR = re.compile(r"[.+?()\[\]{}|^$]")
_BY_CODE = frozenset("\"'`\\#")
"""Quotes, backslashes and comment signs, for which AWS gives no escape."""


def insights_query(pattern: FilterPattern, *, fields: Sequence[str] = FIELDS, limit: int = 100) -> str:
    """A query for the newest events that match the pattern.

    Args:
        pattern: any filter pattern.
        fields: what to show, each a field or an expression of Insights with ``as``; at least one.
        limit: how many events at most, 1 to 10,000.

    Raises:
        NotExpressible: Insights can't say it; the clause and the reason in one line.
        ValueError: no fields, or a limit out of bounds.

    >>> print(insights_query(FilterPattern.parse('{ $.eventName = "DeleteUser" }'), fields=["@timestamp"], limit=20))
    fields @timestamp
    | filter eventName = "DeleteUser"
    | sort @timestamp desc
    | limit 20
    """
    if not fields:
        raise ValueError("a query shows at least one field")
    if not 1 <= limit <= MAX_RESULTS:
        raise ValueError(f"limit is from 1 to {MAX_RESULTS:,}, not {limit}")
    query = f"fields {', '.join(fields)}\n| filter {insights_filter(pattern)}\n| sort @timestamp desc\n| limit {limit}"
    if len(query) > MAX_CHARACTERS:
        raise NotExpressible(
            pattern.root, f"its query has {len(query):,} characters, and {MAX_CHARACTERS:,} is the limit"
        )
    return query


def insights_filter(pattern: FilterPattern) -> str:
    """The condition that stands after ``filter``.

    Raises:
        NotExpressible: Insights can't say it; the clause and the reason in one line.
    """
    return _expression(pattern.root)


def _expression(node: Node, *, within: bool = False) -> str:
    """The tree as text, in parentheses if it is to stand ``within`` another and joins several terms."""
    match node:
        case And(terms):
            parts, word = _operands(terms, Operator.NOT_EQUAL), " and "
        case Or(terms):
            parts, word = _operands(terms, Operator.EQUAL), " or "
        case _:
            return _condition(node)
    return f"({word.join(parts)})" if within and len(parts) > 1 else word.join(parts)


def _operands(terms: Iterable[Node], listed: Operator) -> list[str]:
    """The terms as text, those that compare one field with plain strings by ``listed`` joined into one list."""
    values: dict[str, list[str]] = {}
    operands: list[str | tuple[str, list[str]]] = []
    for term in dict.fromkeys(terms):
        match term:
            case Comparison(_, operator, Text(text)) if operator is listed and _is_plain(text):
                name = _field(term)
                if name not in values:
                    values[name] = []
                    operands.append((name, values[name]))
                values[name].append(_quoted(text))
            case And() | Or():
                operands.append(_expression(term, within=True))
            case _:
                operands.append(_condition(term))
    return [operand if isinstance(operand, str) else _listed(*operand, listed) for operand in operands]


def _listed(name: str, values: Sequence[str], operator: Operator) -> str:
    several = f"[{', '.join(values)}]"
    if operator is Operator.EQUAL:
        return f"{name} in {several}" if len(values) > 1 else f"{name} = {values[0]}"
    return _present(name, f"{name} not in {several}" if len(values) > 1 else f"{name} != {values[0]}")


def _present(name: str, condition: str) -> str:
    return f"(ispresent({name}) and {condition})"


def _field(condition: Condition) -> str:
    """The name under which Insights discovers what the selector selects."""
    names: list[str] = []
    for step in condition.selector.steps:
        match step:
            case Field(name) if "." not in name and "`" not in name:
                names.append(name)
            case Field(name):
                raise NotExpressible(condition, f'Insights reads a field name such as "{name}" otherwise')
            case Index(position):
                names.append(str(position))
            case _:
                raise NotExpressible(condition, 'Insights has no "any element" and no "any field"; [0] is the first')
    name = ".".join(names)
    if name.startswith("@"):
        # Insights' own fields begin so: a discovered one gets a second
        name = f"@{name}"
    return f"`{name}`" if _NEEDS_BACKTICKS.search(name) else name


def _condition(condition: Condition) -> str:
    name = _field(condition)
    match condition:
        case IsNull():
            raise NotExpressible(condition, "Insights has no word for null")
        case IsBoolean(_, value):
            return f"{name} = {int(value)}"
        case NotExists(selector):
            if is_container(selector.names):
                raise NotExpressible(condition, "Insights knows the values in an object only; name a field in it")
            return f"not ispresent({name})"
        case Comparison(_, operator, Regex(expression)):
            return _like(name, operator, with_plain_counts(expression).replace("#", r"\x{23}"))
        case Comparison(_, operator, Text(text)):
            return _text(name, operator, text)
        case Comparison(_, operator, Number() as number):
            return _number(name, operator, number)
    raise AssertionError(condition)  # pragma: no cover


def _text(name: str, operator: Operator, text: str) -> str:
    if _is_plain(text):
        return _listed(name, [_quoted(text)], operator)
    number = number_with_text(text)
    if number is not None:
        return _either(name, operator, text, _as_number(number))
    return _like(name, operator, _whole(text))


def _number(name: str, operator: Operator, number: Number) -> str:
    value = _as_number(number.value)
    return _either(name, operator, number.text, value) if operator.is_equality else f"{name} {operator} {value}"


def _either(name: str, operator: Operator, text: str, number: str) -> str:
    """A comparison with what is a string and a number alike."""
    if operator is Operator.EQUAL:
        return f"({name} = {_quoted(text)} or {name} = {number})"
    return _present(name, f"{name} != {_quoted(text)} and {name} != {number}")


def _like(name: str, operator: Operator, expression: str) -> str:
    pattern = "/" + expression.replace("/", r"\/") + "/"
    return f"{name} like {pattern}" if operator is Operator.EQUAL else _present(name, f"{name} not like {pattern}")


def _is_plain(text: str) -> bool:
    """Whether it compares by ``=``: no asterisks, no number, and nothing whose quoting AWS leaves open."""
    return not set('*"\\') & set(text) and text.isprintable() and number_with_text(text) is None


def _quoted(text: str) -> str:
    return f'"{text}"'


def _whole(text: str) -> str:
    """The regular expression for a text with asterisks: all of the value, from end to end."""
    expression = ".*".join(_escaped(part) for part in re.split(r"\*+", text))
    start = "" if expression.startswith(".*") else "^"
    end = "" if expression.endswith(".*") else "$"
    return f"{start}{expression.removeprefix('.*').removesuffix('.*')}{end}" or ".*"


def _escaped(text: str) -> str:
    """Each character as itself in a regular expression; those that a query could read otherwise by their codes."""
    return "".join(
        f"\\x{{{ord(character):x}}}"
        if character in _BY_CODE or not character.isprintable()
        else _OPERATOR.sub(r"\\\g<0>", character)
        for character in text
    )


def _as_number(value: int | float) -> str:
    """Without an exponent, which Insights doesn't document."""
    return str(value) if isinstance(value, int) else format(Decimal(str(value)), "f")

"""How each condition of a filter pattern reads in Athena's SQL, for a text column and for a value in JSON text.

Where a value stands in the table is left to ``athena_predicate``, whose docstring says what differs from the filter.

``json_extract`` gives NULL for a missing field and ``null`` for a null one; ``json_extract_scalar`` gives the text of
strings, numbers and booleans alike and NULL for all else, so the kind is seen by the first character of the JSON.

Sources: https://trino.io/docs/current/functions/json.html, https://trino.io/docs/current/functions/comparison.html
"""

from dataclasses import dataclass

from cloudtrail_monitoring.detections.language.regex import compile_regex
from cloudtrail_monitoring.detections.language.tree import (
    Comparison,
    Condition,
    IsBoolean,
    NotExists,
    Number,
    Operator,
    Regex,
    Text,
)
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible
from cloudtrail_monitoring.detections.translations.text_forms import (
    fits,
    looks_like_a_number,
    number_with_text,
    with_plain_counts,
)

_EXACT_IN_DOUBLE = 2**53
_BOOLEANS = ("true", "false")
_STRING, _NUMBER = '"', "0-9-"
"""The characters with which the JSON of a string and of a number begins."""


def literal(text: str) -> str:
    """A string of SQL: Trino knows one escape, the doubled quote."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column, or a member of one, with strings."""

    sql: str

    @property
    def text(self) -> str:
        return self.sql

    @property
    def exists(self) -> str:
        return f"{self.sql} IS NOT NULL"

    def is_plain(self, text: str) -> bool:
        """Whether the string ``text`` is compared by ``=`` and no more."""
        return "*" not in text

    def test(self, condition: Condition) -> str:
        match condition:
            case NotExists():
                return f"{self.sql} IS NULL"
            case Comparison(_, operator, Text() | Regex() as value):
                return _guarded(self.sql, operator, _compared(self.sql, operator, value))
            case Comparison(_, operator, Number(written)) if operator.is_equality:
                return _guarded(self.sql, operator, _compared(self.sql, operator, Text(written)))
            case Comparison():
                raise NotExpressible(condition, f'"{self.sql}" is text, which the filter never orders')
            case IsBoolean():
                raise NotExpressible(condition, f'"{self.sql}" is text, never a boolean; compare it by =')
        raise NotExpressible(condition, _NULL)


@dataclass(frozen=True, slots=True)
class BooleanColumn:
    """A column with ``true`` or ``false`` for the booleans of the record."""

    sql: str

    @property
    def text(self) -> str:
        return self.sql

    @property
    def exists(self) -> str:
        return f"{self.sql} IS NOT NULL"

    def is_plain(self, _: str) -> bool:
        """Never: the filter compares no booleans with strings."""
        return False

    def test(self, condition: Condition) -> str:
        match condition:
            case NotExists():
                return f"{self.sql} IS NULL"
            case IsBoolean(_, value):
                return f"{self.sql} = '{_BOOLEANS[not value]}'"
            case Comparison():
                raise NotExpressible(condition, f'"{self.sql}" is a boolean; ask IS TRUE or IS FALSE')
        raise NotExpressible(condition, _NULL)


_NULL = "Athena's column is NULL for a null field and for a missing one; NOT EXISTS finds both"


@dataclass(frozen=True, slots=True)
class JsonValue:
    """The value at ``path`` in the JSON text, or JSON, that ``source`` is."""

    source: str
    path: str

    @property
    def text(self) -> str:
        return f"json_extract_scalar({self.source}, {literal(self.path)})"

    @property
    def json(self) -> str:
        return f"json_extract({self.source}, {literal(self.path)})"

    @property
    def exists(self) -> str:
        return f"{self.json} IS NOT NULL"

    def is_plain(self, text: str) -> bool:
        """Whether the string ``text`` is compared by ``=`` and no more: no number and no boolean has this text."""
        return "*" not in text and not looks_like_a_number(text) and text not in _BOOLEANS

    def test(self, condition: Condition) -> str:
        match condition:
            case NotExists():
                return f"{self.json} IS NULL"
            case IsBoolean(_, value):
                return f"json_format({self.json}) = '{_BOOLEANS[not value]}'"
            case Comparison(_, operator, Number() as number):
                return self._number(operator, number)
            case Comparison(_, operator, Text(text)) if looks_like_a_number(text):
                return self._text_of_number(operator, text)
            case Comparison(_, operator, Text() | Regex() as value):
                compared = _compared(self.text, operator, value)
                return (
                    f"({self._is(_STRING + _NUMBER)} AND {compared})" if _finds_booleans(operator, value) else compared
                )
        return f"json_format({self.json}) = 'null'"

    def _is(self, first: str) -> str:
        """Whether the JSON begins with one of these characters, and so is of their kind."""
        return f"regexp_like(json_format({self.json}), '^[{first}]')"

    def _text_of_number(self, operator: Operator, text: str) -> str:
        """A comparison with a string that is, or at least looks like, the text of a number."""
        number = number_with_text(text)
        if number is not None:
            return self._string_and_number(operator, text, number)
        # A number never has this text in the filter language, though it may be written so in the record.
        string = f"{self._is(_STRING)} AND {self.text} {_SQL_OPERATOR[operator]} {literal(text)}"
        return f"({string})" if operator is Operator.EQUAL else f"({string} OR {self._is(_NUMBER)})"

    def _number(self, operator: Operator, number: Number) -> str:
        if operator.is_equality:
            return self._string_and_number(operator, number.text, number.value)
        return f"({self._is(_NUMBER)} AND {self._as_number(operator, number.value)})"

    def _string_and_number(self, operator: Operator, text: str, number: int | float) -> str:
        """A string compares by its text, a number as a number."""
        string = f"{self._is(_STRING)} AND {self.text} {_SQL_OPERATOR[operator]} {literal(text)}"
        return f"({string} OR {self._is(_NUMBER)} AND {self._as_number(operator, number)})"

    def _as_number(self, operator: Operator, number: int | float) -> str:
        if operator.is_equality and abs(number) > _EXACT_IN_DOUBLE:
            return f"{self.text} {_SQL_OPERATOR[operator]} {literal(str(number))}"
        return f"TRY_CAST({self.text} AS DOUBLE) {_SQL_OPERATOR[operator]} DOUBLE {literal(str(number))}"


Value = TextColumn | BooleanColumn | JsonValue

_SQL_OPERATOR = {operator: operator.value for operator in Operator} | {Operator.NOT_EQUAL: "<>"}


def _guarded(sql: str, operator: Operator, compared: str) -> str:
    """Says outright that a missing field matches no ``!=``, which SQL's NULL would see to as well."""
    return compared if operator is Operator.EQUAL else f"({sql} IS NOT NULL AND {compared})"


def _compared(sql: str, operator: Operator, value: Text | Regex) -> str:
    negation = "" if operator is Operator.EQUAL else "NOT "
    match value:
        case Regex(expression):
            return f"{negation}regexp_like({sql}, {literal(f'(?s){with_plain_counts(expression)}')})"
        case Text(text) if value.has_wildcard:
            return f"{sql} {negation}LIKE {_like(text)}"
    return f"{sql} {_SQL_OPERATOR[operator]} {literal(value.value)}"


def _like(text: str) -> str:
    """The pattern for LIKE, in which ``%`` and ``_`` of the text must not stand for others."""
    if not {"%", "_", "\\"} & set(text):
        return literal(text.replace("*", "%"))
    for character in "\\%_":
        text = text.replace(character, f"\\{character}")
    return f"{literal(text.replace('*', '%'))} ESCAPE '\\'"


def _finds_booleans(operator: Operator, value: Text | Regex) -> bool:
    """Whether the comparison would hold for a boolean, which the filter compares with nothing."""
    if operator is Operator.NOT_EQUAL:
        return True
    if isinstance(value, Regex):
        return any(compile_regex(value.expression).search(text) for text in _BOOLEANS)
    return any(fits(value.value, text) for text in _BOOLEANS)

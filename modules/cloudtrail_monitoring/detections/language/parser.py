"""Reads the text of a JSON filter pattern into its syntax tree, and says exactly where a text is wrong.

A tokeniser that yields on demand, so that the first fault in reading order is the one reported, and a parser by
recursive descent: ``||`` of ``&&`` of conditions. Only what AWS documents is taken: a pattern that AWS might refuse
when the filter is created is refused here, with what to write instead. AWS's limits on one pattern are enforced too.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cloudtrail_monitoring.detections.language.regex import RegexSyntaxError
from cloudtrail_monitoring.detections.language.tree import (
    MAX_WILDCARDS_IN_SELECTOR,
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
    PatternTreeError,
    Regex,
    Selector,
    Step,
    Text,
    Value,
    is_number,
)

SYNTAX_URL = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"
API_URL = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html"

MAX_CHARACTERS = 1024
"""Characters in one filter pattern; ``API_URL``, parameter ``filterPattern``."""

MAX_REGEXES = 2
"""Regular expressions in one filter pattern; ``SYNTAX_URL``."""

MAX_WILDCARD_SELECTORS = 3
"""Wildcard selectors (``[*]`` or ``.*``) in one filter pattern; ``SYNTAX_URL``."""

MAX_NESTING = 64
"""Parentheses within one another. AWS names no bound; this one keeps hostile text from exhausting the stack."""

_OPERATOR: dict[str, Operator] = {operator.value: operator for operator in Operator}
_OPERATORS = "one of = != < > <= >=, IS NULL, IS TRUE, IS FALSE or NOT EXISTS"
_VALUE = "a string, a number or a %regular expression%"
_NAME = "a field name of letters, digits, _ and -, or ['any name'], or *"
_QUOTES = 'double quotes around a string with characters other than letters, digits, "_", "." and "*"'

_HINTS = {
    "==": "a single = for equality",
    "<>": "!=",
    "&": "&&",
    "|": "||",
    "AND": "&&",
    "and": "&&",
    "OR": "||",
    "or": "||",
    "!": "!= in a comparison (a condition can't be negated)",
    "EXISTS": '= "*" (the language has no EXISTS)',
    "exists": '= "*" (the language has no EXISTS)',
    "is": "IS in capitals",
    "not": "NOT EXISTS in capitals",
    "NOT": 'a selector such as $.eventName, or "(" (a condition can\'t be negated)',
}
"""What to write instead of what people often try."""

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    |(?P<symbol>&&|\|\||!=|<=|>=|==|<>|[{}()=<>&|!])
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<regex>%[^%]*%)
    |(?P<word>[^\s"(){}=<>!&|%$][^\s"(){}=<>!&|]*)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_STEP = re.compile(
    r"\.(?P<name>[A-Za-z0-9_-]+)|\.\['(?P<quoted>[^']+)'\]|(?P<field>\.\*)|\[(?P<index>[0-9]+)\]|(?P<element>\[\*\])"
)
_AFTER_SELECTOR = re.compile(r"[\s=!<>&|(){}]|\Z", re.ASCII)
_BARE = re.compile(r"[A-Za-z0-9_.*]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class PatternSyntaxError(ValueError):
    """Text that is no JSON filter pattern of CloudWatch Logs.

    Attributes:
        text: the whole text.
        position: 0-based index of the character that is wrong; ``len(text)`` if the end came too early.
        found: what stands there.
        expected: what may stand there.
    """

    def __init__(self, text: str, position: int, found: str, expected: str) -> None:
        super().__init__(text, position, found, expected)
        self.text, self.position, self.found, self.expected = text, position, _printable(found), expected

    def __str__(self) -> str:
        return f"filter pattern, character {self.position + 1}: found {self.found}, expected {self.expected}"

    @property
    def caret(self) -> str:
        """Two lines: the part of the text around the character, at most 76 characters, and a caret below it."""
        start = max(0, self.position - 50)
        return f"{_printable(self.text[start : start + 76])}\n{' ' * (self.position - start)}^"


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the text: ``kind`` is the symbol itself, or string, regex, word, selector, end."""

    kind: str
    position: int
    text: str
    selector: Selector | None = None

    @property
    def found(self) -> str:
        if self.kind == "end":
            return "the end"
        shown = self.text if len(self.text) <= 40 else f"{self.text[:37]}..."
        return shown if self.kind == "string" else f'"{shown}"'


def parse(text: str) -> Node:
    """The syntax tree of a JSON filter pattern.

    Raises:
        PatternSyntaxError: with the place, what is found there and what is expected.
    """
    if len(text) > MAX_CHARACTERS:
        raise PatternSyntaxError(
            text, MAX_CHARACTERS, f"{len(text):,} characters", f"at most {MAX_CHARACTERS:,} ({API_URL})"
        )
    return _Parser(text).pattern()


class _Parser:
    """Recursive descent with one token of look-ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = next(self._tokens)
        self._nesting = self._regexes = self._wildcards = 0

    def pattern(self) -> Node:
        self._take("{", 'a JSON filter pattern in braces, such as { $.eventName = "CreateUser" }')
        root = self._any_of()
        self._take("}", '&&, || or "}"')
        self._take("end", 'nothing after the "}"')
        return root

    def _any_of(self) -> Node:
        terms = [self._all_of()]
        while self._next.kind == "||":
            self._advance()
            terms.append(self._all_of())
        return Or(tuple(terms)) if len(terms) > 1 else terms[0]

    def _all_of(self) -> Node:
        terms = [self._term()]
        while self._next.kind == "&&":
            self._advance()
            terms.append(self._term())
        return And(tuple(terms)) if len(terms) > 1 else terms[0]

    def _term(self) -> Node:
        if self._next.kind != "(":
            return self._condition()
        if self._nesting == MAX_NESTING:
            raise self._error(f"at most {MAX_NESTING} parentheses within one another")
        self._advance()
        self._nesting += 1
        node = self._any_of()
        self._nesting -= 1
        self._take(")", '&&, || or ")"')
        return node

    def _condition(self) -> Condition:
        selector = self._next.selector
        if selector is None:
            raise self._error('a selector such as $.eventName, or "("')
        if selector.has_wildcard:
            self._wildcards += 1
            if self._wildcards > MAX_WILDCARD_SELECTORS:
                raise self._limit("wildcard selectors", MAX_WILDCARD_SELECTORS)
        self._advance()
        if self._next.kind == "word" and self._next.text in ("IS", "NOT"):
            return self._keywords(selector)
        if self._next.kind not in _OPERATOR:
            raise self._error(_OPERATORS)
        operator = _OPERATOR[self._advance().kind]
        if not operator.is_equality and not (self._next.kind == "word" and is_number(self._next.text)):
            raise self._error(f"a number after {operator}")
        return Comparison(selector, operator, self._value())

    def _keywords(self, selector: Selector) -> Condition:
        if self._advance().text == "NOT":
            self._word("EXISTS in capitals", "EXISTS")
            return NotExists(selector)
        what = self._word("NULL, TRUE or FALSE in capitals (the language has no IS NOT)", "NULL", "TRUE", "FALSE")
        return IsNull(selector) if what == "NULL" else IsBoolean(selector, what == "TRUE")

    def _word(self, expected: str, *words: str) -> str:
        if self._next.kind == "word" and self._next.text in words:
            return self._advance().text
        raise PatternSyntaxError(self._text, self._next.position, self._next.found, expected)

    def _value(self) -> Value:
        token = self._next
        if token.kind == "string":
            value: Value = Text(self._unescaped(token))
        elif token.kind == "regex":
            value = self._regex(token)
        elif token.kind == "word":
            value = self._bare(token)
        else:
            raise self._error(_VALUE)
        self._advance()
        return value

    def _bare(self, token: _Token) -> Value:
        if is_number(token.text):
            try:
                return Number(token.text)
            except PatternTreeError as error:
                raise PatternSyntaxError(self._text, token.position, token.found, "a smaller number") from error
        plain = _BARE.match(token.text)
        end = plain.end() if plain else 0
        if end < len(token.text):
            raise PatternSyntaxError(self._text, token.position + end, f'"{token.text[end]}"', _QUOTES)
        return Text(token.text)

    def _unescaped(self, token: _Token) -> str:
        for escape in _ESCAPE.finditer(token.text):
            if escape[1] not in '"\\':
                position = token.position + escape.start()
                raise PatternSyntaxError(
                    self._text, position, f'"{escape[0]}"', r"\" for a quotation mark or \\ for a backslash"
                )
        return _ESCAPE.sub(r"\1", token.text[1:-1])

    def _regex(self, token: _Token) -> Regex:
        self._regexes += 1
        if self._regexes > MAX_REGEXES:
            raise self._limit("regular expressions", MAX_REGEXES)
        try:
            return Regex(token.text[1:-1])
        except RegexSyntaxError as error:
            position = token.position + 1 + error.offset
            raise PatternSyntaxError(self._text, position, error.found, f"{error.expected} ({SYNTAX_URL})") from error

    def _take(self, kind: str, expected: str) -> _Token:
        if self._next.kind != kind:
            raise self._error(expected)
        return self._advance()

    def _advance(self) -> _Token:
        taken = self._next
        if taken.kind != "end":
            self._next = next(self._tokens)
        return taken

    def _error(self, expected: str) -> PatternSyntaxError:
        hint = _HINTS.get(self._next.text, expected)
        return PatternSyntaxError(self._text, self._next.position, self._next.found, hint)

    def _limit(self, what: str, most: int) -> PatternSyntaxError:
        expected = f"at most {most} {what} in a pattern ({SYNTAX_URL})"
        return PatternSyntaxError(self._text, self._next.position, f"{self._next.found} as one too many", expected)


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens of the text, and one of kind ``end``."""
    position = 0
    while position < len(text):
        if text[position] == "$":
            steps, end = _steps(text, position)
            yield _Token("selector", position, text[position:end], Selector(steps))
            position = end
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            mark = text[position]
            raise PatternSyntaxError(text, len(text), "the end", f"a closing {mark} for character {position + 1}")
        kind = match.lastgroup or ""
        if kind != "space":
            yield _Token(match.group() if kind == "symbol" else kind, position, match.group())
        position = match.end()
    yield _Token("end", position, "")


def _printable(text: str) -> str:
    """The text with a space for each line break or other character that would upset a one-line message."""
    return "".join(character if character.isprintable() else " " for character in text)


def _steps(text: str, start: int) -> tuple[tuple[Step, ...], int]:
    """The steps of the selector whose ``$`` is at ``start``, and where it ends."""
    steps: list[Step] = []
    wildcards, position = 0, start + 1
    while match := _STEP.match(text, position):
        step = _step(match)
        if not steps and isinstance(step, Index | AnyElement):
            break
        if isinstance(step, AnyField | AnyElement):
            wildcards += 1
            if wildcards > MAX_WILDCARDS_IN_SELECTOR:
                expected = f"at most {MAX_WILDCARDS_IN_SELECTOR} wildcard in a selector ({SYNTAX_URL})"
                raise PatternSyntaxError(text, position, f'"{match.group()}" as one too many', expected)
        steps.append(step)
        position = match.end()
    if steps and _AFTER_SELECTOR.match(text, position):
        return tuple(steps), position
    raise _selector_error(text, position, bool(steps))


def _step(match: re.Match[str]) -> Step:
    match match.lastgroup:
        case "index":
            return Index(int(match["index"]))
        case "field":
            return AnyField()
        case "element":
            return AnyElement()
        case _:
            return Field(match["name"] or match["quoted"])


def _selector_error(text: str, position: int, has_steps: bool) -> PatternSyntaxError:
    """Why the selector can't go on at ``position``; points into the step that is wrong."""
    if text.startswith(".", position):
        position, expected = position + 1, _NAME
    elif text.startswith("[", position) and has_steps:
        position, expected = position + 1, "an array index such as 0, or * (a quoted name follows a dot: .['name'])"
    else:
        expected = (
            '"." and a field name' if not has_steps else "a space or an operator; other names are written .['name']"
        )
    found = f'"{text[position]}"' if position < len(text) else "the end"
    return PatternSyntaxError(text, position, found, expected)

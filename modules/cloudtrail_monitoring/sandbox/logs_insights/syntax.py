"""The syntax of Logs Insights: from the text of a query to its commands, with faults that name the character.

The grammar stands in ``grammar.lark``. It is that of the commands ``fields``, ``filter`` (``where``), ``stats``,
``sort``, ``limit``, ``display``, ``dedup`` and ``parse``; others, such as ``pattern`` and ``join``, are refused as what
they are not here. What the parts do is left to ``run``.

* AWS: doesn't say whether its words may be capitals; here they are small.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html and the pages of its commands,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Guidelines.html (backticks, comments)
"""

import re
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput
from lark.exceptions import VisitError

from .literals import QueryFault
from .reading import Reading
from .tree import Dedup, Limit, Query

MAX_CHARACTERS = 10_000
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html"""

MAX_NESTING = 20
"""Ours, not AWS's: brackets and calls inside one another. A hostile query ends in one clear line."""

_WORD = re.compile(r"[\w@.]{1,30}|\S")
_WORDS = {
    "$END": "the end",
    "WORD": "a field or function",
    "BACKTICKED": "a field in backticks",
    "STRING": "a string in quotes",
    "REGEX": "a regular expression in slashes",
    "NUMBER": "a number",
    "PERIOD": "a period such as 5m",
    "COMPARISON": "a comparison",
    "VBAR": '"|"',
    "LPAR": '"("',
    "RPAR": '")"',
    "LSQB": '"["',
    "RSQB": '"]"',
    "COMMA": '","',
    "_FINDS": '"=~"',
    **dict.fromkeys(("PLUS", "STAR", "SLASH", "PERCENT", "CARET"), "an arithmetic operator"),
    "MINUS": "an arithmetic operator",
}


@lru_cache(maxsize=1024)
def parse(query: str) -> Query:
    """The commands of a query.

    Raises:
        QueryFault: it isn't a query as AWS documents it, is longer than 10,000 characters, nests more than 20 brackets,
            or has a command or function that isn't known here.

    >>> parse("fields @timestamp | limit 3")[1]
    Limit(most=3)
    >>> parse("fields a | limit many")
    Traceback (most recent call last):
    ...
    cloudtrail_monitoring.sandbox.logs_insights.literals.QueryFault: character 18: found "many", expected a number
    """
    if len(query) > MAX_CHARACTERS:
        raise QueryFault(f"the query has {len(query):,} characters, and {MAX_CHARACTERS:,} is the limit")
    try:
        parsed = _parser().parse(query)
    except UnexpectedInput as error:
        raise _unexpected(error, query) from None
    _check_nesting(parsed)
    try:
        commands: Query = Reading(query).transform(parsed)
    except VisitError as error:
        raise error.orig_exc from None
    _check_order(commands)
    return commands


@cache
def _parser() -> Lark:
    grammar = (resources.files(__package__) / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True)


def _unexpected(error: UnexpectedInput, query: str) -> QueryFault:
    start = error.pos_in_stream if error.pos_in_stream is not None and error.pos_in_stream >= 0 else len(query)
    token = getattr(error, "token", None)
    if isinstance(token, Token) and token.type == "$END":
        start, found = len(query), "the end"
    else:
        word = _WORD.match(query, start)
        found = f'"{word[0]}"' if word else "the end"
    wanted = error.allowed if isinstance(error, UnexpectedCharacters) else getattr(error, "accepts", None)
    expected = sorted({_WORDS.get(name, f'"{name.strip("_").lower()}"') for name in wanted or ()})
    return QueryFault(f"character {start + 1}: found {found}, expected {' or '.join(expected)}")


def _check_nesting(parsed: Tree[Token]) -> None:
    waiting: list[tuple[Tree[Token], int]] = [(parsed, 0)]
    while waiting:
        tree, depth = waiting.pop()
        depth += tree.data in ("bracketed", "call", "among")
        if depth > MAX_NESTING:
            raise QueryFault(f"brackets are nested more than {MAX_NESTING} deep")
        waiting.extend((child, depth) for child in tree.children if isinstance(child, Tree))


def _check_order(commands: Query) -> None:
    for command, following in pairwise(commands):
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Dedup.html
        if isinstance(command, Dedup) and not isinstance(following, Limit):
            raise QueryFault("after dedup stands limit only")

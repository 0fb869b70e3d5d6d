"""CloudWatch Logs JSON filter patterns: the language AWS, CIS and auditors write detections in, parsed and evaluated.

``FilterPattern.parse`` gives a syntax tree, ``matches`` decides on one event as the metric filter would. Deriving other
things from the tree (EventBridge patterns, queries) is left to its readers, levels and reasons to the detections.

Documented by AWS and followed (the page is ``SYNTAX_URL``):

* A selector that points to an array or object matches neither under ``=`` nor under ``!=``, which an older edition of
  the page said by example.
* Strings compare exactly, case included. ``*`` stands for any characters, and matches numbers too.
* ``IS NULL``, ``IS TRUE`` and ``IS FALSE`` hold for exactly these values, ``NOT EXISTS`` only if the field is not
  there: a null field exists. There is no ``EXISTS`` and no ``IS NOT``.
* A regular expression matches anywhere in the value unless anchored.
* ``&&`` binds tighter than ``||``. One wildcard selector in a selector, three in a pattern; two regular expressions.
* An unquoted word of digits is a number and a string alike (strings of letters and digits need no quotes).

AWS is silent, or its sources differ; chosen here:

* A missing field matches neither ``=`` nor ``!=`` (seen in the console by others), and nothing but ``NOT EXISTS``.
  A field below a value that is no object, or beyond the end of an array, is missing.
* Null and booleans match no comparison, as AWS calls only strings and numbers values: use ``IS``. Unquoted ``true`` and
  ``NULL`` on the right of ``=`` are the strings.
* Numbers compare as numbers if both sides are numbers, otherwise ``=``, ``!=`` and regular expressions see their text:
  ``400``, ``"400"`` and ``"4*"`` all equal the number 400, and ``= 400`` equals the string "400". The text of a number
  is its shortest form (1e3 in an event is "1000"), as the event's own spelling is gone once it is parsed.
* ``< > <= >=`` hold for numbers only, never for strings of digits.
* An asterisk is a wildcard wherever it stands. The page says so without limits; its older edition took it as a literal
  asterisk unless first or last, and the CDK's reference names these two places only. ``inner_wildcards`` lists the
  doubtful ones: write a regular expression instead where it matters.
* A wildcard selector holds if any selected value satisfies the condition, under ``!=`` too; ``NOT EXISTS`` if it
  selects nothing. ``[*]`` selects from arrays only, ``.*`` from objects only.
* Keywords are written in capitals, as on every AWS page.
* Unquoted strings take letters, digits and "_" by the page, "." and "*" by its examples; all else needs quotes.
  Within quotes a backslash escapes a quotation mark or a backslash (as the CDK writes them) and nothing else.
* Names in ``.['…']`` hold no single quote. The root is an object, so ``$[0]`` is refused, as is ``$`` alone.
* In regular expressions a space stands for itself (the page's example has one), only operators are escaped by a
  backslash, and repeated repetitions (``a+?``), empty expressions and counts above 1,000 are refused.
* Parentheses nest 64 deep at most.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html with its pages
``matching-terms-json-log-events.html`` and ``regex-expressions.html``, and their older editions
(``docs/filter-patterns.md`` has each rule's source, and what each choice costs if AWS did otherwise),
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_logs.FilterPattern.html,
https://github.com/DataBiosphere/azul/issues/5884 (missing field under ``!=``)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cloudtrail_monitoring.detections.language.matching import Predicate, compiled
from cloudtrail_monitoring.detections.language.parser import (
    MAX_CHARACTERS,
    MAX_REGEXES,
    MAX_WILDCARD_SELECTORS,
    SYNTAX_URL,
    PatternSyntaxError,
    parse,
)
from cloudtrail_monitoring.detections.language.regex import RegexSyntaxError, compile_regex
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
    PatternTreeError,
    Regex,
    Selector,
    Step,
    Text,
    Value,
    conditions,
)

__all__ = [
    "MAX_CHARACTERS",
    "MAX_REGEXES",
    "MAX_WILDCARD_SELECTORS",
    "SYNTAX_URL",
    "And",
    "AnyElement",
    "AnyField",
    "Comparison",
    "Condition",
    "Field",
    "FilterPattern",
    "Index",
    "IsBoolean",
    "IsNull",
    "Node",
    "NotExists",
    "Number",
    "Operator",
    "Or",
    "PatternSyntaxError",
    "PatternTreeError",
    "Regex",
    "RegexSyntaxError",
    "Selector",
    "Step",
    "Text",
    "Value",
    "compile_regex",
    "conditions",
]


@dataclass(frozen=True)
class FilterPattern:
    """A JSON filter pattern: made by ``parse`` or ``from_tree``, immutable, hashable, picklable.

    Attributes:
        text: the pattern as it was written; deploy this one, auditors compare it letter by letter.
        root: its syntax tree.

    >>> pattern = FilterPattern.parse('{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS }')
    >>> pattern.matches({"userIdentity": {"type": "Root"}})
    True
    """

    text: str
    root: Node

    @classmethod
    def parse(cls, text: str) -> "FilterPattern":
        """The pattern that ``text`` says.

        Args:
            text: at most 1,024 characters with at most 2 regular expressions and 3 wildcard selectors. Sources:
                https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html,
                https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

        Raises:
            PatternSyntaxError: with the place of the first fault, what is found there and what is expected.
        """
        return cls(text, parse(text))

    @classmethod
    def from_tree(cls, root: Node) -> "FilterPattern":
        """The pattern of a tree built by hand, its text being the canonical one.

        Raises:
            PatternSyntaxError: if the tree's text exceeds one of the limits of ``parse``.
        """
        return cls.parse(f"{{ {root} }}")

    def render(self) -> str:
        """The canonical text: one spelling for all texts with the same tree, and parsed it gives that tree again."""
        return f"{{ {self.root} }}"

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether a metric filter with this pattern would count the event.

        Args:
            event: one CloudTrail record (or any JSON object) as ``json.loads`` gives it.
        """
        return self._predicate(event)

    @cached_property
    def _predicate(self) -> Predicate:
        # Only on first use: most commands deploy patterns and never match one.
        return compiled(self.root)

    @property
    def regex_count(self) -> int:
        """How many regular expressions are in it; AWS takes at most 5 patterns with any for each log group."""
        return sum(isinstance(part, Comparison) and isinstance(part.value, Regex) for part in conditions(self.root))

    @property
    def inner_wildcards(self) -> tuple[Text, ...]:
        """The strings with an asterisk in the middle, which AWS's sources read differently."""
        values = (part.value for part in conditions(self.root) if isinstance(part, Comparison))
        return tuple(value for value in values if isinstance(value, Text) and value.has_inner_wildcard)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        # The compiled predicate is made of closures, which can't be pickled or copied.
        return FilterPattern.parse, (self.text,)

"""Search expressions of metric math: metrics by namespace, names of dimensions, and words, as AWS finds them.

Terms are joined by AND, as they are without a word between them; OR, NOT and brackets are refused by name rather than
guessed.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cloudtrail_monitoring.sandbox.alarm_evaluation import Metric
from cloudtrail_monitoring.sandbox.metric_math import MetricMathError

_SEARCH = re.compile(r"SEARCH\(\s*'([^']*)'\s*,\s*'([^']*)'\s*(?:,\s*(\d+)\s*)?\)")
_SCHEMA = re.compile(r"\s*\{([^{}]*)\}\s*(.*)", re.DOTALL)
_QUOTED_OR_PLAIN = r'"[^"]*"|[^\s"=]+'
_TERM = re.compile(rf"\s*(?:({_QUOTED_OR_PLAIN})\s*=\s*)?({_QUOTED_OR_PLAIN})\s*")
_METRIC_NAME = "metricname"
_NOT_EVALUATED = frozenset({"OR", "NOT", "(", ")"})
_DEFAULT_PERIOD = 300


@dataclass(frozen=True)
class Search:
    """One search expression."""

    text: str
    """As it stands in the metric math."""
    namespace: str
    dimensions: frozenset[str]
    """A metric has exactly these."""
    terms: tuple[tuple[str, str], ...]
    """Each a name, small or empty, and a value; a quoted value is the whole as it is written, another a part of it."""
    statistic: str
    period_seconds: int

    def matches(self, metric: Metric) -> bool:
        """Whether it finds a metric."""
        if metric.namespace != self.namespace or {name for name, _ in metric.dimensions} != self.dimensions:
            return False
        values = {_METRIC_NAME: metric.name, **{name.lower(): value for name, value in metric.dimensions}}
        return all(_holds(name, value, values) for name, value in self.terms)


def find_searches(expression: str) -> Iterator[Search]:
    """The search expressions in one of metric math.

    Raises:
        MetricMathError: one has no ``{namespace, dimension…}``, or uses what is not evaluated here.

    >>> next(find_searches("SUM(SEARCH('{Acme,Country} MetricName=\\"Logins\\"', 'Sum', 3600))")).terms
    (('metricname', '"Logins"'),)
    """
    for found in _SEARCH.finditer(expression):
        schema = _SCHEMA.fullmatch(found[1])
        if schema is None:
            raise MetricMathError(f"a search is evaluated here with its {{namespace, dimension}} only: {found[1]}")
        namespace, *dimensions = (part.strip().strip('"') for part in schema[1].split(","))
        terms = tuple(_terms(schema[2]))
        yield Search(found[0], namespace, frozenset(dimensions), terms, found[2], int(found[3] or _DEFAULT_PERIOD))


def distinguished(metrics: Sequence[Metric]) -> list[str]:
    """What tells found metrics apart: their dimensions' values, with the name where there are several."""
    several = len({metric.name for metric in metrics}) > 1
    labels = []
    for metric in metrics:
        values = [value for _, value in metric.dimensions]
        labels.append(" ".join([*values, *([metric.name] if several or not values else [])]))
    return labels


def _terms(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None or term[2] in _NOT_EVALUATED or set("()") & set(_unquoted(term[2])):
            raise MetricMathError(f"of a search only terms joined by AND are evaluated here: {text}")
        at = term.end()
        if term[1] or term[2] != "AND":
            yield (term[1] or "").strip('"').lower(), term[2]


def _unquoted(value: str) -> str:
    return "" if value.startswith('"') else value


def _holds(name: str, value: str, values: dict[str, str]) -> bool:
    whole = value.startswith('"')
    wanted = value.strip('"')
    candidates = [values[name]] if name in values else [] if name else list(values.values())
    return any(wanted == one if whole else wanted.lower() in one.lower() for one in candidates)

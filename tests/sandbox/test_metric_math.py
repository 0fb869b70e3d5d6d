"""The metric-math evaluator, against the rules and the worked examples of AWS's page on metric math."""

import operator
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.sandbox.metric_math import MetricMathError, evaluate

PERIOD = 60


def series(*values: float | None) -> dict[int, float]:
    return {at * PERIOD: value for at, value in enumerate(values) if value is not None}


def points(expression: str, /, **metrics: tuple[float | None, ...]) -> tuple[float | None, ...]:
    """The result at each period of the longest metric, `None` where there is no datapoint."""
    times = range(0, max(map(len, metrics.values())) * PERIOD, PERIOD)
    result = evaluate({"e1": expression}, {id_: series(*values) for id_, values in metrics.items()}, "e1", times=times)
    return tuple(result.get(at) for at in times)


def fault(expression: str) -> str:
    with pytest.raises(MetricMathError) as caught:
        evaluate({"e1": expression}, {"m1": series(1, 2), "m2": series(3, 4)}, "e1")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("metric1 < metric2", (0, 0, 1, None)),
        ("metric1 >= 30", (1, 0, 0, 0)),
        ("metric1 > 15 AND metric2 > 15", (1, 0, 0, 0)),
        ("metric1 > 15 && metric2 > 15", (1, 0, 0, 0)),
        ("metric1 > 25 OR metric2 > 15", (1, 0, 1, 0)),
        ("metric1 > 25 || metric2 > 15", (1, 0, 1, 0)),
        ("metric1 == metric2", (0, 0, 0, None)),
        ("metric1 != metric2", (1, 1, 1, None)),
        ("metric2 <= 20", (1, None, 1, None)),
    ],
)
def test_comparison_and_logical_operators(expression: str, expected: tuple[float | None, ...]) -> None:
    # R-ALM-3: metric1 and metric2 of AWS's page, but for the last period, in which neither has a datapoint here
    metric1: tuple[float | None, ...] = (30, 20, 0, 0 if expected[3] is not None else None)
    assert points(expression, metric1=metric1, metric2=(20, None, 20, None)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m1 + m2", (3, 2, 5, None)),
        ("m1 - m2", (-1, 2, -5, None)),
        ("m1 * m2", (2, 0, 0, None)),
        ("m1 / m2", (0.5, None, 0, None)),  # the division by zero is dropped
        ("m1 ^ 2", (1, 4, None, None)),
        ("-m1", (-1, -2, None, None)),
        ("-5 * m1", (-5, -10, None, None)),
        ("m1 + 1", (2, 3, None, None)),
        ("7 - m1 - 1", (5, 4, None, None)),
        ("1 + m1 * 2 ^ 3", (9, 17, None, None)),
        ("(1 + m1) * 2", (4, 6, None, None)),
        ("2 ^ m1 ^ 2", (2, 16, None, None)),
        ("(0 - m1) ^ 0.5", (None, None, None, None)),
        ("1 + m1 > 2", (0, 1, None, None)),
    ],
)
def test_arithmetic_counts_a_missing_value_as_zero(expression: str, expected: tuple[float | None, ...]) -> None:
    # R-ALM-3
    assert points(expression, m1=(1, 2, None, None), m2=(2, None, 5, None)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IF(metric1, metric2, metric3)", (30, 0, 20, None, None)),
        ("IF(metric1, 5, metric3)", (5, 5, 20, None, None)),
        ("IF(metric1, metric2, 5)", (30, 0, 5, 5, None)),
        ("IF(metric1, metric2)", (30, 0, None, None, None)),
        ("IF(metric1, 1, 2)", (1, 1, 2, 2, None)),
        ("IF(1 == 1, metric2, metric3)", (30, None, 0, 0, 30)),
        ("IF(1 == 2, metric2, metric3)", (0, 0, 20, None, 20)),
        ("IF(0, metric2)", (None, None, None, None, None)),
        ("IF(metric1 - 2, 1, 0)", (1, 1, 1, 1, None)),  # whatever is not 0 is true, negative numbers too
    ],
)
def test_if_follows_the_tables_of_aws(expression: str, expected: tuple[float | None, ...]) -> None:
    # R-ALM-3
    metrics = {"metric1": (1, 1, 0, 0, None), "metric2": (30, None, 0, 0, 30), "metric3": (0, 0, 20, None, 20)}
    assert points(expression, **metrics) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("FILL(m1, 7)", (7, 1, 7, 7, 4, 7)),
        ("FILL(m1, REPEAT)", (None, 1, 1, 1, 4, 4)),
        ("FILL(m1, LINEAR)", (None, 1, 2, 3, 4, None)),
        ("FILL(m1, m2)", (9, 1, None, 8, 4, None)),
        ("FILL(m1, MIN(m1))", (1, 1, 1, 1, 4, 1)),
        ("SUM(FILL([m1, m2], 0))", (9, 1, 0, 8, 4, 0)),
    ],
)
def test_fill(expression: str, expected: tuple[float | None, ...]) -> None:
    # R-ALM-3
    assert points(expression, m1=(None, 1, None, None, 4, None), m2=(9, None, None, 8, None, None)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("FLOOR(m1)", (1, -2, 2, None)),
        ("CEIL(m1)", (2, -1, 2, None)),
        ("ABS(m1)", (1.5, 1.5, 2, None)),
        ("MAX(ABS([m1, m2]))", (1.5, 1.5, 3, None)),
    ],
)
def test_rounding(expression: str, expected: tuple[float | None, ...]) -> None:
    # R-ALM-3
    assert points(expression, m1=(1.5, -1.5, 2, None), m2=(0, 0, -3, None)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("SUM([m1, m2])", (5, 2, 5, None)),
        ("MIN([m1, m2])", (1, 2, 5, None)),
        ("MAX([m1, m2])", (4, 2, 5, None)),
        ("AVG([m1, m2])", (2.5, 1, 2.5, None)),  # a missing value counts as 0
        ("SUM(METRICS())", (5, 2, 5, None)),
        ("SUM([METRICS(), m1])", (6, 4, 5, None)),
        ("SUM([m1, m2] / m1)", (5, 1, None, None)),
        ("SUM([m1, m2] * [m2, m2])", (20, 0, 25, None)),
        ("m1 - SUM(m1)", (-2, -1, None, None)),
        ("m1 - MIN(m1)", (0, 1, None, None)),
        ("MAX(m1) / m1", (2, 1, None, None)),
        ("m1 * AVG(m1)", (1.5, 3, None, None)),
        ("TIME_SERIES(MAX(m2))", (5, 5, 5, 5)),
    ],
)
def test_aggregation_of_a_series_is_a_number_and_of_an_array_a_series(
    expression: str, expected: tuple[float | None, ...]
) -> None:
    # R-ALM-3
    assert points(expression, m1=(1, 2, None, None), m2=(4, None, 5, None)) == expected


@pytest.mark.parametrize(
    ("function", "part"),
    [
        ("EPOCH", datetime.timestamp),
        ("MINUTE", lambda when: when.minute),
        ("HOUR", lambda when: when.hour),
        ("DAY", datetime.isoweekday),
        ("DATE", lambda when: when.day),
        ("MONTH", lambda when: when.month),
        ("YEAR", lambda when: when.year),
    ],
)
@given(at=st.integers(min_value=0, max_value=4102444800))
def test_parts_of_a_timestamp_are_utc(function: str, part: Callable[[datetime], float], at: int) -> None:
    # R-ALM-3: DAY is 1 on Monday and 7 on Sunday
    assert evaluate({"e1": f"{function}(m1)"}, {"m1": {at: 0}}, "e1") == {at: part(datetime.fromtimestamp(at, UTC))}


def test_parts_of_a_timestamp_have_no_gaps() -> None:
    # R-ALM-3
    assert points("EPOCH(m1)", m1=(5, None, 5)) == (0, 60, 120)


_NUMBERS = st.integers(min_value=1, max_value=9)


@given(_NUMBERS, st.lists(st.tuples(st.sampled_from("+-*"), _NUMBERS), max_size=8))
def test_arithmetic_binds_as_everywhere(first: int, rest: list[tuple[str, int]]) -> None:
    # R-ALM-3: Python's own reading of the same text
    text = str(first) + "".join(f" {symbol} {number}" for symbol, number in rest)
    assert points(f"{text} + (m1 - m1)", m1=(1,)) == (eval(text),)  # noqa: S307


@given(st.lists(st.floats(min_value=-1e9, max_value=1e9), min_size=1), st.floats(min_value=-1e9, max_value=1e9))
def test_comparison_is_pythons(values: list[float], other: float) -> None:
    # R-ALM-3
    for symbol, function in {"<": operator.lt, ">=": operator.ge, "==": operator.eq}.items():
        found = evaluate({"e1": f"m1 {symbol} m2"}, {"m1": series(*values), "m2": series(*[other] * len(values))}, "e1")
        assert list(found.values()) == [float(function(value, other)) for value in values]


def test_expressions_refer_to_each_other_in_any_order() -> None:
    # R-ALM-3
    expressions = {"e2": "e1 * e1", "e1": "m1 + 1"}
    assert evaluate(expressions, {"m1": series(1, 2)}, "e2") == series(4, 9)


def test_metric_itself_can_be_wanted() -> None:
    # R-ALM-3
    assert evaluate({}, {"m1": series(1, None, 2)}, "m1") == series(1, None, 2)


def test_only_the_periods_of_the_request_count() -> None:
    # R-ALM-3
    assert evaluate({"e1": "m1 + 1"}, {"m1": series(1, 2, 3)}, "e1", times=[60]) == {60: 3.0}


def test_metrics_without_datapoints_give_an_empty_series() -> None:
    # R-ALM-3
    assert evaluate({"e1": "IF(m1, EPOCH(m1), 0)"}, {"m1": {}}, "e1") == {}


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "e1: a number, an id, a function or a bracket is needed at character 1, not the end"),
        ("m1 +", "e1: a number, an id, a function or a bracket is needed at character 5, not the end"),
        ("m1 m2", "e1: an operator is needed at character 4, not m2"),
        ("(m1", "e1: ) is needed at character 4, not the end"),
        ("SUM([m1, m2)", "e1: ] is needed at character 12, not )"),
        ("m1 % 2", "e1: '%' at character 4 is not part of metric math"),
        ("m1 AND", "e1: a number, an id, a function or a bracket is needed at character 7, not the end"),
        ("MOD(m1, 2)", "e1: unknown function MOD at character 1"),
        ("1 + floor(m1)", "e1: unknown function floor at character 5; functions are in capitals: FLOOR"),
        ("m1 + m3", "e1: unknown id m3 at character 6"),
        ("IF(m1)", "e1: IF takes 2 to 3 arguments, not 1"),
        ("FLOOR()", "e1: FLOOR takes 1 arguments, not 0"),
        ("FLOOR(1.5)", "e1: FLOOR takes a time series"),
        ("EPOCH([m1, m2])", "e1: EPOCH takes a time series"),
        ("IF([m1, m2], 1, 0)", "e1: IF takes numbers and single time series"),
        ("IF(1, 2, m1)", "e1: IF with a number as its condition takes a time series"),
        ("FILL(m1, [m1, m2])", "e1: FILL takes a number, a time series, REPEAT or LINEAR to fill with"),
        ("TIME_SERIES(m1)", "e1: TIME_SERIES takes a number"),
        ("m1 + REPEAT", "e1: + takes numbers and time series only"),
        ("[m1, 1] * 2", "e1: an array holds time series only"),
        ("[m1, m2] > 1", "e1: > does not take an array of time series"),
        ("SUM([m1, m2] + [m1])", "e1: + needs arrays of one length, not of 2 and 1"),
        ("SUM(IF(0, m1))+m1", "e1: SUM of a time series without datapoints has no value"),
        ("m1 + 1 / 0", "e1: 1 / 0 has no value"),
        ("5", "e1: the result is not a time series"),
        ("SUM(m1)", "e1: the result is not a time series"),
        ("METRICS() * 2", "e1: an array of time series, an alarm takes a single one"),
        ("e1 + m1", "e1: the expressions refer to each other in a circle: e1 -> e1"),
        ("(" * 41 + "m1" + ")" * 41, "e1: nested more than 40 deep"),
        ("m1+" * 700 + "m1", "e1: 2102 characters, at most 2048 are allowed"),
    ],
)
def test_what_can_not_be_evaluated_is_refused_in_one_line(expression: str, message: str) -> None:
    # R-ALM-3
    assert fault(expression) == message


def test_fault_names_the_expression_it_is_in() -> None:
    # R-ALM-3
    with pytest.raises(MetricMathError, match=r"^inner: unknown id m9 at character 1$"):
        evaluate({"outer": "inner + 1", "inner": "m9"}, {"m1": series(1)}, "outer")


@pytest.mark.parametrize(
    ("expressions", "wanted", "message"),
    [
        ({"E1": "m1"}, "E1", "E1: an id is a small letter"),
        ({"m1": "m1"}, "m1", "m1: the id of both a metric and an expression"),
        ({"e1": "m1"}, "e2", "e2: no metric and no expression has this id"),
        ({"a": "b+1", "b": "c+1", "c": "b+1"}, "a", "b: the expressions refer to each other in a circle: b -> c -> b"),
    ],
)
def test_request_that_makes_no_sense_is_refused(expressions: dict[str, str], wanted: str, message: str) -> None:
    # R-ALM-3
    with pytest.raises(MetricMathError, match=message):
        evaluate(expressions, {"m1": series(1)}, wanted)


def test_longest_sum_is_no_deep_one() -> None:
    # R-ALM-3
    assert points("+".join(["m1"] * 682), m1=(1,)) == (682,)


@given(st.text(alphabet="m1 (),[]+-*/^<>=!&|.09AIFREPEATSUMLNO", max_size=60))
def test_any_text_ends_in_a_series_or_one_line(text: str) -> None:
    # R-ALM-3
    try:
        evaluate({"e1": text}, {"m1": series(1, None, -2)}, "e1")
    except MetricMathError as error:
        assert "\n" not in str(error)  # noqa: PT017

"""What a JSON filter pattern matches: AWS's documented meaning, and the choices where AWS is silent."""

import copy
import pickle
from typing import Any

import pytest

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern, Or, Selector, Text, conditions

EVENT: dict[str, Any] = {
    "eventName": "PutUserPolicy",
    "eventSource": "iam.amazonaws.com",
    "sourceIPAddress": "198.51.100.7",
    "recipientAccountId": "012345678901",
    "readOnly": False,
    "managementEvent": True,
    "requestParameters": None,
    "attempts": 5,
    "ratio": 0.25,
    "emptyText": "",
    "cluster.name": "blue",
    "tls": {"version": "TLSv1.3", "ports": [443, 8443]},
    "resources": [{"type": "AWS::IAM::User", "size": 1}, {"type": "AWS::S3::Bucket", "size": 2}],
    "matrix": [[1, 2], [3, 4]],
}


def matches(pattern: str, event: dict[str, Any] | None = None) -> bool:
    return FilterPattern.parse(pattern).matches(EVENT if event is None else event)


# https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide/blob/1487b9496d8366bf7039a1efbeeb3a0702b42c50/doc_source/FilterAndPatternSyntax.md#matching-json-terms-using-metric-filters
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('$.eventName = "PutUserPolicy"', True),
        ("$.eventName = PutUserPolicy", True),
        ('$.eventName = "putuserpolicy"', False),
        ('$.eventName = "PutUser"', False),
        ('$.eventName != "PutUserPolicy"', False),
        ('$.eventName != "CreateUser"', True),
        ("$.eventSource = iam.amazonaws.com", True),
        ('$.emptyText = ""', True),
        ('$.eventName = ""', False),
        ('$.eventName=PutUserPolicy&&$.tls.version="TLSv1.3"', True),
    ],
)
def test_strings_compare_exactly_and_with_case(condition: str, expected: bool) -> None:
    assert matches(f"{{ {condition} }}") is expected


# At the ends:
# https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide/blob/1487b9496d8366bf7039a1efbeeb3a0702b42c50/doc_source/FilterAndPatternSyntax.md#matching-json-terms-using-metric-filters
# In the middle AWS's sources differ: chosen, see docs/filter-patterns.md
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('$.eventName = "Put*"', True),
        ('$.eventName = "*Policy"', True),
        ('$.eventName = "*User*"', True),
        ('$.eventName = "Put*Policy"', True),
        ('$.eventName = "Put*User*User*Policy"', False),
        ('$.eventName = "PutUserPolicy*"', True),
        ('$.eventName = "*PutUserPolicyX*"', False),
        ('$.eventName = "PutUserPolicy*PutUserPolicy"', False),
        ("$.eventName = *", True),
        ("$.emptyText = *", True),
        ("$.eventName != *", False),
        ("$.eventName != Put*", False),
        ("$.eventName != Delete*", True),
        ("$.eventName = *.*", False),
    ],
)
def test_an_asterisk_stands_for_any_characters(condition: str, expected: bool) -> None:
    assert matches(f"{{ {condition} }}") is expected


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html (!= 123.123.*)
@pytest.mark.parametrize(
    ("value", "address", "expected"),
    [
        ('"192.0.2.*"', "192.0.2.99", True),
        ('"192.0.2.*"', "192.0.20.99", False),
        ("10.*.*.*", "10.1.2.3", True),
        ("10.*.*.*", "110.1.2.3", False),
        ("198.51.*", "198.51.100.7", True),
    ],
)
def test_networks_are_written_with_asterisks(value: str, address: str, expected: bool) -> None:
    assert matches(f"{{ $.sourceIPAddress = {value} }}", {"sourceIPAddress": address}) is expected
    assert matches(f"{{ $.sourceIPAddress != {value} }}", {"sourceIPAddress": address}) is not expected


# R-ALM-4: a != on a field that federated sign-ins lack must not fire on them
# AWS is silent: chosen, see docs/filter-patterns.md; https://github.com/DataBiosphere/azul/issues/5884
@pytest.mark.parametrize(
    "condition",
    [
        "= 1",
        "!= 1",
        '= "x"',
        '!= "x"',
        "= *",
        "!= *",
        "= %x%",
        "!= %x%",
        "< 1",
        ">= 1",
        "IS NULL",
        "IS TRUE",
        "IS FALSE",
    ],
)
@pytest.mark.parametrize("selector", ["$.absent", "$.tls.absent", "$.absent.deep", "$.eventName.deep", "$.matrix[2]"])
def test_a_missing_field_satisfies_no_condition(selector: str, condition: str) -> None:
    assert not matches(f"{{ {selector} {condition} }}")


# https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide/blob/1487b9496d8366bf7039a1efbeeb3a0702b42c50/doc_source/FilterAndPatternSyntax.md#json-metric-filter-examples
@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("$.absent", True),
        ("$.absent.deep", True),
        ("$.eventName.deep", True),
        ("$.requestParameters.name", True),
        ("$.resources[2]", True),
        ("$.tls[0]", True),
        ("$.eventName[0]", True),
        ("$.eventName", False),
        ("$.requestParameters", False),
        ("$.tls", False),
        ("$.resources[1]", False),
    ],
)
def test_not_exists_holds_for_absent_fields_only(selector: str, expected: bool) -> None:
    assert matches(f"{{ {selector} NOT EXISTS }}") is expected


# https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide/blob/1487b9496d8366bf7039a1efbeeb3a0702b42c50/doc_source/FilterAndPatternSyntax.md#json-special-considerations
@pytest.mark.parametrize("selector", ["$.tls", "$.resources", "$.matrix[0]"])
@pytest.mark.parametrize("condition", ["= 1", "!= 1", "= *", "!= *", "= %1%", "!= %1%", "> 0", "IS NULL"])
def test_arrays_and_objects_satisfy_no_comparison(selector: str, condition: str) -> None:
    assert not matches(f"{{ {selector} {condition} }}")


# https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide/blob/1487b9496d8366bf7039a1efbeeb3a0702b42c50/doc_source/FilterAndPatternSyntax.md#json-metric-filter-examples
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$.requestParameters IS NULL", True),
        ("$.eventName IS NULL", False),
        ("$.readOnly IS NULL", False),
        ("$.readOnly IS FALSE", True),
        ("$.readOnly IS TRUE", False),
        ("$.managementEvent IS TRUE", True),
        ("$.managementEvent IS FALSE", False),
        ("$.one IS TRUE", False),
        ("$.word IS TRUE", False),
    ],
)
def test_is_holds_for_exactly_that_value(condition: str, expected: bool) -> None:
    assert matches(f"{{ {condition} }}", {**EVENT, "one": 1, "word": "true"}) is expected


# AWS is silent: chosen, see docs/filter-patterns.md
@pytest.mark.parametrize("selector", ["$.requestParameters", "$.readOnly", "$.managementEvent"])
@pytest.mark.parametrize("condition", ["= true", "!= true", "= 1", "!= 1", "= 0", "= *", "!= NULL", ">= 0", "= %.%"])
def test_null_and_booleans_satisfy_no_comparison(selector: str, condition: str) -> None:
    assert not matches(f"{{ {selector} {condition} }}")


# https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide/blob/1487b9496d8366bf7039a1efbeeb3a0702b42c50/doc_source/FilterAndPatternSyntax.md#numeric-comparisons
# Text against a number: AWS is silent: chosen, see docs/filter-patterns.md
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$.attempts = 5", True),
        ("$.attempts = +5", True),
        ("$.attempts = 5.0", True),
        ("$.attempts = 50e-1", True),
        ("$.attempts = 0.5E+1", True),
        ("$.attempts != 5", False),
        ("$.attempts != -5", True),
        ("$.attempts > 5", False),
        ("$.attempts >= 5", True),
        ("$.attempts < 5.5", True),
        ("$.attempts <= 4", False),
        ("$.attempts > -1e-3", True),
        ("$.ratio = 0.25", True),
        ("$.ratio < 1", True),
        ("$.attempts = 5*", True),
        ('$.attempts = "5"', True),
        ('$.attempts != "5"', False),
        ("$.attempts = %^5$%", True),
    ],
)
def test_numbers_compare_as_numbers(condition: str, expected: bool) -> None:
    assert matches(f"{{ {condition} }}") is expected


# R-INT-3: account ids are strings of digits in CloudTrail records
# AWS is silent: chosen, see docs/filter-patterns.md
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$.recipientAccountId = 012345678901", True),
        ('$.recipientAccountId = "012345678901"', True),
        ("$.recipientAccountId = 12345678901", False),
        ("$.recipientAccountId != 012345678901", False),
        ("$.recipientAccountId != 12345678901", True),
        ("$.recipientAccountId > 0", False),
        ("$.recipientAccountId <= 99999999999999", False),
    ],
)
def test_an_unquoted_number_equals_a_string_of_the_same_digits(condition: str, expected: bool) -> None:
    assert matches(f"{{ {condition} }}") is expected


# AWS is silent: chosen, see docs/filter-patterns.md
@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [(1e3, "1000", True), (1e3, "1e3", False), (2.50, "2.5", True), (1e300, "1e+300", True), (-0.5, "-0.5", True)],
)
def test_the_text_of_a_number_is_its_shortest_form(value: float, text: str, expected: bool) -> None:
    assert matches(f'{{ $.n = "{text}" }}', {"n": value}) is expected


# AWS is silent: chosen, see docs/filter-patterns.md
def test_integers_compare_exactly_beyond_floats() -> None:
    assert not matches("{ $.n = 9007199254740993 }", {"n": 9007199254740992})
    assert matches("{ $.n = 9007199254740993 }", {"n": 9007199254740993})


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html ($.['cluster.name'])
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$.tls.ports[0] = 443", True),
        ("$.resources[1].type = %Bucket$%", True),
        ("$.matrix[1][0] = 3", True),
        ("$.['cluster.name'] = blue", True),
        ("$.tls.['version'] = *", True),
        ('$.cluster.name = "blue"', False),
        ("$.resources[0] NOT EXISTS", False),
    ],
)
def test_selectors_reach_into_arrays_and_odd_names(condition: str, expected: bool) -> None:
    assert matches(f"{{ {condition} }}") is expected


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html ($.arrayKey[*], $.*)
# Under != and NOT EXISTS AWS is silent: chosen, see docs/filter-patterns.md
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$.tls.ports[*] = 8443", True),
        ("$.tls.ports[*] = 80", False),
        ("$.tls.ports[*] != 443", True),
        ("$.resources[*].size > 1", True),
        ("$.resources[*].absent = *", False),
        ("$.resources[*].absent NOT EXISTS", True),
        ("$.resources[*].size NOT EXISTS", False),
        ("$.* = %^198\\.51%", True),
        ("$.tls.* = TLSv1.3", True),
        ("$.tls[*] = TLSv1.3", False),
        ("$.resources.* = 1", False),
        ("$.*.version = *", True),
        ("$.* IS NULL", True),
        ("$.eventName.* NOT EXISTS", True),
    ],
)
def test_a_wildcard_selector_holds_if_any_selected_value_does(condition: str, expected: bool) -> None:
    assert matches(f"{{ {condition} }}") is expected


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        ("Trail", "UpdateTrail", True),
        ("^Trail", "UpdateTrail", False),
        ("Trail$", "UpdateTrail", True),
        ("Trail$", "UpdateTrail\n", False),
        ("^start|^stop", "stopping", True),
        ("^start|^stop", "restart", False),
        ("colou?r", "color", True),
        ("^a{2,3}$", "aaaa", False),
        ("^a{2, 3}$", "aaa", True),
        ("^a{,2}$", "a", True),
        ("^a{2,}$", "a", False),
        ("^a{2}$", "aa", True),
        ("10\\.10\\.0\\.1", "10x10.0.1", False),
        ("10.10", "10x10", True),
        ("a.b", "a\nb", True),
        ("[^0-9]", "123", False),
        ("[a-cx-]$", "-", True),
        ("^[\\d-]+$", "12-3", True),
        ("\\D", "12", False),
        ("\\w\\s\\W", "a !", True),
        ("\\d", "٣", False),
        ("\\x28", "f(x)", True),
        ("[\\x28-\\x29]", "x)", True),
        ("\\[.\\]", "[a]", True),
        ("[.]", "x", False),
        ("a+:/,;@#=_-", "aa:/,;@#=_-", True),
        ("shutting down", "shutting down", True),
    ],
)
def test_regular_expressions_mean_what_aws_says(expression: str, value: str, expected: bool) -> None:
    assert matches(f"{{ $.v = %{expression}% }}", {"v": value}) is expected
    assert matches(f"{{ $.v != %{expression}% }}", {"v": value}) is not expected


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html (() > && > ||)
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$.attempts = 5 || $.attempts = 6 && $.ratio = 9", True),
        ("($.attempts = 5 || $.attempts = 6) && $.ratio = 9", False),
        ("$.ratio = 9 && $.attempts = 6 || $.attempts = 5", True),
        ("$.ratio = 9 && ($.attempts = 6 || $.attempts = 5)", False),
        ("((($.attempts = 5)))", True),
        ("$.a = 1 || $.b = 1 || $.eventName = X || $.eventName = PutUserPolicy", True),
        ("$.attempts = 5 && $.ratio > 0 && $.eventName = *", True),
    ],
)
def test_and_binds_tighter_than_or(condition: str, expected: bool) -> None:
    assert matches(f"{{ {condition} }}") is expected


# R-EVT-12: the text is what auditors compare, the tree is for everything else
def test_a_pattern_keeps_its_text_and_renders_one_canonical_form() -> None:
    text = "{($.eventSource=kms.amazonaws.com)&&(($.eventName = DisableKey)||($.eventName=EnableKey))}"
    pattern = FilterPattern.parse(text)
    assert pattern.text == text
    assert pattern.render() == (
        '{ $.eventSource = "kms.amazonaws.com" && ($.eventName = "DisableKey" || $.eventName = "EnableKey") }'
    )
    assert FilterPattern.parse(pattern.render()).root == pattern.root


# our own API: nothing of AWS's
def test_a_pattern_is_built_from_a_tree() -> None:
    parts = tuple(conditions(FilterPattern.parse("{ $.a = 1 || ($.b IS NULL && $.c NOT EXISTS) }").root))
    assert FilterPattern.from_tree(Or(parts)).text == "{ $.a = 1 || $.b IS NULL || $.c NOT EXISTS }"


# our own API: nothing of AWS's
def test_a_pattern_survives_copying_and_pickling_after_use() -> None:
    pattern = FilterPattern.parse('{ $.eventName = "Put*" }')
    pattern.matches(EVENT)
    assert pickle.loads(pickle.dumps(pattern)) == pattern  # noqa: S301
    assert copy.deepcopy(pattern) == pattern


# AWS's sources differ on asterisks in the middle: chosen, see docs/filter-patterns.md
def test_a_pattern_tells_what_needs_a_second_look() -> None:
    pattern = FilterPattern.parse('{ $.a = "x*y" || $.b = "*x*" || $.c = %z% || $.d = * || $.e = 10.*.*.* }')
    assert pattern.inner_wildcards == (Text("x*y"), Text("10.*.*.*"))
    assert pattern.regex_count == 1


# our own API: nothing of AWS's
@pytest.mark.parametrize(
    ("text", "names"), [("$.userIdentity.type", ("userIdentity", "type")), ("$.a[0]", None), ("$.a.*", None)]
)
def test_a_selector_tells_its_field_names(text: str, names: tuple[str, ...] | None) -> None:
    (condition,) = conditions(FilterPattern.parse(f"{{ {text} = 1 }}").root)
    assert condition.selector.names == names
    assert str(condition.selector) == text
    assert names is None or condition.selector == Selector.of(*names)

"""What each clause of a filter pattern becomes in Athena's SQL, how texts are quoted, and what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.filter_pattern import (
    Comparison,
    FilterPattern,
    Operator,
    Selector,
    Text,
)
from cloudtrail_monitoring.detections.translations.athena_predicate import NotExpressible, athena_predicate
from cloudtrail_monitoring.detections.translations.cloudtrail_columns import COLUMNS, ArrayOf, Struct, is_container
from tests.detections.language.trees import PATIENT
from tests.detections.translations import athena_table


def translated(clause: str) -> str:
    return athena_predicate(FilterPattern.parse(f"{{ {clause} }}"))


# R-QRY
@pytest.mark.parametrize(
    ("clause", "sql"),
    [
        ('$.eventName = "x"', "eventname = 'x'"),
        ('$.eventName != "x"', "(eventname IS NOT NULL AND eventname <> 'x')"),
        ('$.eventName = "x*y"', "eventname LIKE 'x%y'"),
        ('$.eventName != "x*"', "(eventname IS NOT NULL AND eventname NOT LIKE 'x%')"),
        ("$.eventName = %^x|y%", "regexp_like(eventname, '(?s)^x|y')"),
        ("$.eventName != %^x%", "(eventname IS NOT NULL AND NOT regexp_like(eventname, '(?s)^x'))"),
        ("$.eventName = %x{2, 5}y{,3}%", "regexp_like(eventname, '(?s)x{2,5}y{0,3}')"),
        ("$.errorCode = 400", "errorcode = '400'"),
        ("$.recipientAccountId = 012345678901", "recipientaccountid = '012345678901'"),
        ("$.errorCode NOT EXISTS", "errorcode IS NULL"),
        (
            '$.userIdentity.sessionContext.sessionIssuer.arn = "x"',
            "useridentity.sessioncontext.sessionissuer.arn = 'x'",
        ),
        ("$.userIdentity.invokedBy NOT EXISTS", "useridentity.invokedby IS NULL"),
        ("$.requestParameters NOT EXISTS", "requestparameters IS NULL"),
    ],
)
def test_a_column_of_text_compares_as_text(clause: str, sql: str) -> None:
    assert translated(clause) == sql


@pytest.mark.parametrize(
    ("clause", "sql"),
    [
        ("$.readOnly IS TRUE", "readonly = 'true'"),
        ("$.readOnly IS FALSE", "readonly = 'false'"),
        ("$.readOnly NOT EXISTS", "readonly IS NULL"),
    ],
)
def test_the_column_of_booleans_has_their_texts(clause: str, sql: str) -> None:
    assert translated(clause) == sql


JSON = """json_extract(requestparameters, '$["a"]')"""
TEXT = """json_extract_scalar(requestparameters, '$["a"]')"""
IS_STRING = f"""regexp_like(json_format({JSON}), '^["]')"""
IS_NUMBER = f"regexp_like(json_format({JSON}), '^[0-9-]')"
IS_EITHER = f"""regexp_like(json_format({JSON}), '^["0-9-]')"""


@pytest.mark.parametrize(
    ("clause", "sql"),
    [
        ('$.requestParameters.a = "x"', f"{TEXT} = 'x'"),
        ('$.requestParameters.a != "x"', f"({IS_EITHER} AND {TEXT} <> 'x')"),
        ('$.requestParameters.a = "true"', f"({IS_EITHER} AND {TEXT} = 'true')"),
        ('$.requestParameters.a = "x*"', f"{TEXT} LIKE 'x%'"),
        ('$.requestParameters.a = "t*e"', f"({IS_EITHER} AND {TEXT} LIKE 't%e')"),
        ("$.requestParameters.a = %x%", f"regexp_like({TEXT}, '(?s)x')"),
        ("$.requestParameters.a = %^fa%", f"({IS_EITHER} AND regexp_like({TEXT}, '(?s)^fa'))"),
        ("$.requestParameters.a NOT EXISTS", f"{JSON} IS NULL"),
        ("$.requestParameters.a IS NULL", f"json_format({JSON}) = 'null'"),
        ("$.requestParameters.a IS TRUE", f"json_format({JSON}) = 'true'"),
        ("$.requestParameters.a > 4.5", f"({IS_NUMBER} AND TRY_CAST({TEXT} AS DOUBLE) > DOUBLE '4.5')"),
        (
            "$.requestParameters.a = 400",
            f"({IS_STRING} AND {TEXT} = '400' OR {IS_NUMBER} AND TRY_CAST({TEXT} AS DOUBLE) = DOUBLE '400')",
        ),
        (
            "$.requestParameters.a != 400",
            f"({IS_STRING} AND {TEXT} <> '400' OR {IS_NUMBER} AND TRY_CAST({TEXT} AS DOUBLE) <> DOUBLE '400')",
        ),
        (
            "$.requestParameters.a = 9007199254740993",
            f"({IS_STRING} AND {TEXT} = '9007199254740993' OR {IS_NUMBER} AND {TEXT} = '9007199254740993')",
        ),
        ('$.requestParameters.a = "0400"', f"({IS_STRING} AND {TEXT} = '0400')"),
        ('$.requestParameters.a != "0400"', f"({IS_STRING} AND {TEXT} <> '0400' OR {IS_NUMBER})"),
    ],
)
def test_a_value_in_json_text_is_told_by_its_kind(clause: str, sql: str) -> None:
    assert translated(clause) == sql


@pytest.mark.parametrize(
    ("selector", "path"),
    [
        ("$.requestParameters.a.B.c", '$["a"]["B"]["c"]'),
        ("$.requestParameters.a[2].b", '$["a"][2]["b"]'),
        ("$.requestParameters.['a.b-c d']", '$["a.b-c d"]'),
        ("$.requestParameters.['$[*]']", '$["$[*]"]'),
        ("$.requestParameters[0]", "$[0]"),
    ],
)
def test_a_path_keeps_names_apart_whatever_is_in_them(selector: str, path: str) -> None:
    assert translated(f'{selector} = "x"') == f"json_extract_scalar(requestparameters, '{path}') = 'x'"


@pytest.mark.parametrize(
    ("clause", "sql"),
    [
        ('$.resources[*].ARN = "x"', "any_match(resources, element -> element.arn = 'x')"),
        (
            '$.resources[*].ARN = "x" || $.resources[*].ARN = "y"',
            "any_match(resources, element -> element.arn IN ('x', 'y'))",
        ),
        (
            "$.resources[*].ARN NOT EXISTS",
            "NOT coalesce(any_match(resources, element -> element.arn IS NOT NULL), FALSE)",
        ),
        ('$.resources[0].type = "x"', "element_at(resources, 1).type = 'x'"),
        (
            '$.requestParameters.a[*] = "x"',
            f"any_match(TRY_CAST({JSON} AS ARRAY(JSON)), element -> json_extract_scalar(element, '$') = 'x')",
        ),
        (
            "$.requestParameters.a[*].b[1] IS TRUE",
            f"any_match(TRY_CAST({JSON} AS ARRAY(JSON)),"
            """ element -> json_format(json_extract(element, '$["b"][1]')) = 'true')""",
        ),
        ("$.requestParameters.a[*] NOT EXISTS", f"coalesce(cardinality(TRY_CAST({JSON} AS ARRAY(JSON))), 0) = 0"),
    ],
)
def test_elements_of_arrays(clause: str, sql: str) -> None:
    assert translated(clause) == sql


@pytest.mark.parametrize(
    ("clause", "sql"),
    [
        ('$.eventName = "x" && $.errorCode = "y"', "eventname = 'x' AND errorcode = 'y'"),
        ('$.eventName = "x" || $.errorCode = "y"', "eventname = 'x' OR errorcode = 'y'"),
        (
            '$.eventName = "x" && ($.errorCode NOT EXISTS || $.errorCode = "y")',
            "eventname = 'x' AND (errorcode IS NULL OR errorcode = 'y')",
        ),
        (
            '$.eventName = "x" && $.errorCode = "y" || $.eventName = "z"',
            "(eventname = 'x' AND errorcode = 'y') OR eventname = 'z'",
        ),
        ('$.eventName = "x" || $.eventName = "y" || $.eventName = "x"', "eventname IN ('x', 'y')"),
        ('$.eventName = "x" || $.eventName = "y*"', "eventname = 'x' OR eventname LIKE 'y%'"),
        ('$.requestParameters.a = "x" || $.requestParameters.a = "y"', f"{TEXT} IN ('x', 'y')"),
        (
            '$.requestParameters.a = "x" || $.requestParameters.a = "true"',
            f"{TEXT} = 'x' OR ({IS_EITHER} AND {TEXT} = 'true')",
        ),
        (
            '$.requestParameters.a = "x" || $.requestParameters.a = "0400"',
            f"{TEXT} = 'x' OR ({IS_STRING} AND {TEXT} = '0400')",
        ),
        (
            '$.errorCode = "e" && ($.eventName = "x" || $.eventName = "y")',
            "errorcode = 'e' AND eventname IN ('x', 'y')",
        ),
    ],
)
def test_and_and_or_keep_their_grouping(clause: str, sql: str) -> None:
    assert translated(clause) == sql


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("x' OR 1=1 --", "eventname = 'x'' OR 1=1 --'"),
        ("''", "eventname = ''''''"),
        ("100%_", "eventname = '100%_'"),
        ("100%_*", r"eventname LIKE '100\%\_%' ESCAPE '\'"),
        ("back\\slash", "eventname = 'back\\slash'"),
        ("back\\slash*", r"eventname LIKE 'back\\slash%' ESCAPE '\'"),
        ("it's *", "eventname LIKE 'it''s %'"),
        ('"', "eventname = '\"'"),
        ("a\nb\t\x00", "eventname = 'a\nb\t\x00'"),
        ("/* ; */ --*", "eventname LIKE '/% ; %/ --%'"),
    ],
)
def test_a_text_stays_within_its_quotes(text: str, sql: str) -> None:
    node = Comparison(Selector.of("eventName"), Operator.EQUAL, Text(text))
    assert athena_predicate(FilterPattern.from_tree(node)) == sql


@PATIENT
@given(st.text("'%_\\\"*a-; \n", max_size=8), st.text("'%_\\\"a-; \n", max_size=8))
def test_no_text_is_read_as_anything_else(wanted: str, text: str) -> None:
    node = Comparison(Selector.of("requestParameters", "a"), Operator.EQUAL, Text(wanted))
    pattern = FilterPattern.from_tree(node)
    records = [{"requestParameters": {"a": one}} for one in (text, wanted, wanted.replace("*", text))]
    expected = [place for place, record in enumerate(records) if pattern.matches(record)]
    assert athena_table.AthenaTable(records).selected(athena_predicate(pattern)) == expected


@pytest.mark.parametrize(
    ("clause", "reason"),
    [
        ('$.managementEvent = "x"', 'no column for the field "managementEvent"'),
        ('$.eventname = "x"', 'no column for the field "eventname"'),
        ('$.userIdentity.nickname = "x"', 'no field "nickname" in "useridentity"'),
        ('$.userIdentity = "x"', "a value of its own kind"),
        ("$.userIdentity NOT EXISTS", "a value of its own kind"),
        ('$.eventName.x = "y"', "a value of its own kind"),
        ("$.resources[*] NOT EXISTS", "a value of its own kind"),
        ('$.resources.ARN = "x"', "no such step"),
        ('$.userIdentity.* = "x"', "no such step"),
        ('$.userIdentity.sessionContext.webIdFederationData.attributes.x = "y"', "no such step"),
        ('$.* = "x"', "a column has to be named"),
        ("$.eventName > 4", "never orders"),
        ("$.eventName IS TRUE", "never a boolean"),
        ("$.eventName IS NULL", "NULL for a null field and for a missing one"),
        ("$.readOnly IS NULL", "NULL for a null field and for a missing one"),
        ('$.readOnly = "true"', "ask IS TRUE or IS FALSE"),
        ('$.requestParameters = "x"', "name a field in it"),
        ("$.requestParameters IS NULL", "name a field in it"),
        ('$.requestParameters.a.* = "x"', 'no ".*" in a JSON path'),
        ('$.requestParameters.[\'a"b\'] = "x"', "otherwise in a JSON path"),
        ("$.requestParameters.['a\\b'] = \"x\"", "otherwise in a JSON path"),
        ('$.requestParameters.1 = "x"', "otherwise in a JSON path"),
        ("$.requestParameters.a[*] IS NULL", "nowhere documented"),
        ("$.resources[*].ARN IS NULL", "nowhere documented"),
    ],
)
def test_what_the_table_cannot_say_is_refused_with_clause_and_reason(clause: str, reason: str) -> None:
    with pytest.raises(NotExpressible) as refused:
        translated(clause)
    assert refused.value.clause == clause
    assert reason in refused.value.reason


def test_the_refused_clause_is_named_within_its_pattern() -> None:
    with pytest.raises(NotExpressible) as refused:
        translated('$.eventName = "x" && ($.eventName = "y" || $.readOnly IS NULL)')
    assert refused.value.clause == "$.readOnly IS NULL"


def names(column: Any) -> Any:
    """A column's members and theirs, in lower case as in the table; nothing for a value."""
    if isinstance(column, ArrayOf | list):
        return [names(column.element if isinstance(column, ArrayOf) else column[0])]
    members = column.members if isinstance(column, Struct) else column
    return {name.lower(): names(one) for name, one in members.items()} if isinstance(members, Mapping) else None


def test_the_columns_are_those_that_aws_documents() -> None:
    assert names(COLUMNS) == names(athena_table.COLUMNS)


@pytest.mark.parametrize("path", ["userIdentity", "userIdentity.sessionContext", "resources", "requestParameters"])
def test_objects_and_arrays_of_the_record_are_known(path: str) -> None:
    assert is_container(tuple(path.split(".")))


@pytest.mark.parametrize("path", ["eventName", "userIdentity.type", "requestParameters.a", "unheardOf", "eventName.x"])
def test_values_and_fields_unheard_of_are_no_containers(path: str) -> None:
    assert not is_container(tuple(path.split(".")))

"""What Logs Insights queries answer with over records (R-QRY-1)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cloudtrail_monitoring.sandbox.logs_insights import run

NOW = datetime(2026, 1, 8, tzinfo=UTC)


def event(minute: int, **fields: Any) -> dict[str, Any]:
    return {"eventTime": f"2026-01-01T00:{minute:02}:00Z", **fields}


def answer(query: str, *records: dict[str, Any]) -> list[dict[str, str]]:
    return run(query, records, now=NOW)


def value(expression: str, **fields: Any) -> str | None:
    """What an expression says of one event."""
    (row,) = answer(f"fields {expression} as x", event(7, **fields))
    return row.get("x")


def holds(condition: str, **fields: Any) -> bool:
    return answer(f"filter {condition}", event(7, **fields)) != []


class TestFields:
    def test_nested_values_have_flattened_names(self) -> None:
        record = event(0, a={"b": [{"c": "x"}, "y"]}, d=True)
        assert answer("fields a.b.0.c, a.b.1, d", record) == [{"a.b.0.c": "x", "a.b.1": "y", "d": "1"}]

    def test_missing_values_are_left_out(self) -> None:
        assert answer("fields a, b", event(0, a="x", b=None)) == [{"a": "x"}]

    def test_containers_are_no_values(self) -> None:
        assert answer("fields a, b", event(0, a={}, b=[])) == [{}]

    def test_a_name_with_an_at_sign_gets_a_second(self) -> None:
        assert answer("fields @@a, @a", {"@a": "x"}) == [{"@@a": "x"}]

    def test_the_201st_field_is_not_discovered(self) -> None:
        record = {f"f{number}": "x" for number in range(201)}
        assert answer("fields f199, f200", record) == [{"f199": "x"}]

    def test_backticks_take_any_name(self) -> None:
        assert answer("fields `a-b c`", event(0, **{"a-b c": "x"})) == [{"a-b c": "x"}]

    def test_without_fields_time_and_message_are_shown(self) -> None:
        (row,) = answer("filter a = 'x'", event(7, a="x"))
        assert row == {
            "@timestamp": "2026-01-01 00:07:00.000",
            "@message": '{"eventTime": "2026-01-01T00:07:00Z", "a": "x"}',
        }

    def test_several_fields_commands_add_up_and_the_last_display_decides(self) -> None:
        records = (event(0, a="x", b="y", c="z"),)
        assert answer("fields a | fields b", *records) == [{"a": "x", "b": "y"}]
        assert answer("fields a | display b | display c", *records) == [{"c": "z"}]

    def test_an_alias_is_a_field_of_the_rest_of_the_query(self) -> None:
        query = "fields tolower(a) as small, concat(small, '!') as loud | filter small = 'x'"
        assert answer(query, event(0, a="X"), event(1, a="Y")) == [{"small": "x", "loud": "x!"}]

    def test_an_expression_without_alias_is_named_by_its_text(self) -> None:
        assert answer("fields a + 1 | limit 1", event(0, a=1)) == [{"a + 1": "2"}]


class TestFilter:
    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            ("a = 'x'", True),
            ("a = 'X'", False),
            ("a != 'x'", False),
            ("n = 5", True),
            ("n = '5'", True),
            ("s = 5", True),
            ("n > 4 and n >= 5 and n < 6 and n <= 5", True),
            ("s < 10", True),
            ("n > 5", False),
            ("missing = 'x'", False),
            ("missing != 'x'", True),
            ("missing < 1", False),
            ("a in ['w', 'x']", True),
            ("n in [4, 5]", True),
            ("a not in ['x']", False),
            ("missing not in ['x']", True),
            ("long like 'bcd'", True),
            ("long like 'BCD'", False),
            ("long like /^ab.*e$/", True),
            ("long like /(?i)BCD/", True),
            ("long not like /x/", True),
            ("long =~ /c/", True),
            ("missing like /.*/", False),
            ("missing not like /.*/", True),
            ("n like /5/", True),
            ("slash like /^a\\/b\\x{23}c$/", True),
            ("line like /^a$/", False),
            ("not a = 'y'", True),
            ("a = 'y' or n = 5 and a = 'x'", True),
            ("(a = 'y' or n = 5) and a = 'y'", False),
            ("ispresent(a) and not isPresent(missing)", True),
        ],
    )
    def test_a_condition_holds_or_does_not(self, condition: str, expected: bool) -> None:
        fields = {"a": "x", "n": 5, "s": "5", "long": "abcde", "slash": "a/b#c", "line": "a\n"}
        assert holds(condition, **fields) is expected

    def test_now_is_when_the_query_starts(self) -> None:
        query = "filter toMillis(@timestamp) >= now() * 1000 - 604800000 | fields a"
        inside, outside = event(0, a="in"), {"eventTime": "2025-12-31T23:59:59Z", "a": "out"}
        assert answer(query, inside, outside) == [{"a": "in"}]


class TestFunctions:
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("2 + 3 * 4", "14"),
            ("(2 + 3) * 4", "20"),
            ("2 ^ 3", "8"),
            ("10 % 3", "1"),
            ("7 - 2 - 1", "4"),
            ("-n", "-5"),
            ("1 / 3", "0.3333"),
            ("1 / 0", None),
            ("9 ^ 9 ^ 9 ^ 9", None),
            ("text + 1", None),
            ("missing + 1", None),
            ("abs(-2.5)", "2.5"),
            ("ceil(1.2)", "2"),
            ("floor(1.8)", "1"),
            ("greatest(1, n, 3)", "5"),
            ("least(1, n)", "1"),
            ("sqrt(n + 4)", "3"),
            ("sqrt(-1)", None),
            ("log(1)", "0"),
            ("coalesce(missing, text, n)", "aXb"),
            ("coalesce(missing)", None),
            ("if(n > 4, 'big', 'small')", "big"),
            ("case(n > 5, 'a', n > 4, 'b', 'c')", "b"),
            ("case(n > 5, 'a', 'c')", "c"),
            ("case(n > 5, 'a')", None),
            ("isNumeric(text)", "0"),
            ("isempty(missing)", "1"),
            ("isempty(text)", "0"),
            ("isblank(space)", "1"),
            ("isempty(space)", "0"),
            ("concat(text, '-', n)", "aXb-5"),
            ("toupper(text)", "AXB"),
            ("tolower(text)", "axb"),
            ("strlen(text)", "3"),
            ("trim('  x ')", "x"),
            ('ltrim("xyZxyfooxyZ", "xyZ")', "fooxyZ"),
            ('rtrim("xyZfooxyxyZ", "xyZ")', "xyZfoo"),
            ('substr("xyZfooxyZ", 3, 3)', "foo"),
            ('substr("xyZfoo", 3)', "foo"),
            ("replace(text, 'X', '--')", "a--b"),
            ("strcontains(text, 'x')", "0"),
            ("strcontains(text, 'x', 1)", "1"),
            ("startsWith(text, 'aX')", "1"),
            ("endsWith(text, 'aX')", "0"),
            ("isValidIpV4(ip)", "1"),
            ("isValidIpV6(ip)", "0"),
            ("isValidIp(text)", "0"),
            ("isIpInSubnet(ip, '192.0.2.0/24')", "1"),
            ("isIpv4InSubnet(ip, '198.51.100.0/24')", "0"),
            ("isIpv6InSubnet('2001:db8::1', '2001:db8::/32')", "1"),
            ("isIpInSubnet(text, '192.0.2.0/24')", "0"),
            ("bin(5m)", "2026-01-01 00:05:00.000"),
            ("datefloor(@timestamp, 1h)", "2026-01-01 00:00:00.000"),
            ("dateceil(@timestamp, 1h)", "2026-01-01 01:00:00.000"),
            ("datefloor(@timestamp, 1w)", "2025-12-29 00:00:00.000"),
            ("dateceil(@timestamp, 1mo)", "2026-02-01 00:00:00.000"),
            ("datefloor(@timestamp, 1qtr)", "2026-01-01 00:00:00.000"),
            ("dateceil(@timestamp, 2years)", "2028-01-01 00:00:00.000"),
            ("datefloor(text, 1h)", None),
            ("toMillis(@timestamp)", "1767226020000"),
            ("fromMillis(1767225600123)", "2026-01-01 00:00:00.123"),
            ("fromMillis(9 ^ 99)", None),
            ("now()", "1767830400"),
        ],
    )
    def test_a_function_gives_what_aws_says(self, expression: str, expected: str | None) -> None:
        fields = {"n": 5, "text": "aXb", "space": " \t", "ip": "192.0.2.7"}
        assert value(expression, **fields) == expected


class TestStats:
    RECORDS = (event(1, a="x", n=1), event(7, a="x", n=4), event(8, a="y", n=10), event(9, n="text"))

    @pytest.mark.parametrize(
        ("figure", "expected"),
        [
            ("count(*)", "4"),
            ("count()", "4"),
            ("count(a)", "3"),
            ("count_distinct(a)", "2"),
            ("sum(n)", "15"),
            ("avg(n)", "5"),
            ("min(n)", "1"),
            ("max(n)", "10"),
            ("stddev(n)", "3.7417"),
            ("pct(n, 50)", "4"),
            ("pct(n, 100)", "10"),
            ("pct(n, 101)", None),
            ("earliest(a)", "x"),
            ("latest(a)", "y"),
            ("sortsFirst(n)", "text"),
            ("sortsLast(n)", "10"),
            ("max(@timestamp)", "2026-01-01 00:09:00.000"),
            ("sum(n) / count(n)", "3.75"),
            ("100 * sum(a = 'x') / count(*)", "50"),
            ("avg(missing)", None),
            ("sum(missing)", "0"),
            ("count(missing)", "0"),
        ],
    )
    def test_a_figure_of_all_events(self, figure: str, expected: str | None) -> None:
        (row,) = answer(f"stats {figure} as x", *self.RECORDS)
        assert row.get("x") == expected

    def test_events_are_grouped_by_values_and_times(self) -> None:
        rows = answer("stats count(*) as c by bin(5m), a | sort `bin(5m)`, a", *self.RECORDS)
        assert rows == [
            {"bin(5m)": "2026-01-01 00:00:00.000", "a": "x", "c": "1"},
            {"bin(5m)": "2026-01-01 00:05:00.000", "c": "1"},
            {"bin(5m)": "2026-01-01 00:05:00.000", "a": "x", "c": "1"},
            {"bin(5m)": "2026-01-01 00:05:00.000", "a": "y", "c": "1"},
        ]

    def test_a_number_and_its_text_are_one_value(self) -> None:
        records = (event(0, a=5), event(1, a="5"))
        assert answer("stats count(*) as c by a", *records) == [{"a": "5", "c": "2"}]
        assert answer("stats count_distinct(a) as c", *records) == [{"c": "1"}]
        assert len(answer("fields a | dedup a", *records)) == 1

    def test_nothing_has_a_count_of_0_but_no_groups(self) -> None:
        assert answer("filter a = 'z' | stats count(*) as c", *self.RECORDS) == [{"c": "0"}]
        assert answer("filter a = 'z' | stats count(*) as c by a", *self.RECORDS) == []

    def test_figures_are_fields_of_the_rest_of_the_query(self) -> None:
        query = "stats count(*) as c by a | filter c > 1 | stats sum(c) as all"
        assert answer(query, *self.RECORDS) == [{"all": "2"}]


class TestOrder:
    def test_the_newest_comes_first_unless_sorted(self) -> None:
        assert answer("fields a", event(1, a="old"), event(2, a="new")) == [{"a": "new"}, {"a": "old"}]

    def test_sorting_is_natural(self) -> None:
        # the example of AWS's page
        texts = ["!:", "#", "*%04", "0#", "5A", "111A", "2345_", "@", "@_", "A", "A9876fghj", "a12345hfh"]
        ordered = [*texts, "0", "01", "1", "2", "3"]
        records = [event(0, a=text) for text in reversed(ordered)]
        assert [row["a"] for row in answer("fields a | sort a asc", *records)] == ordered
        assert [row["a"] for row in answer("fields a | sort a desc", *records)] == ordered[::-1]

    def test_a_second_key_decides_between_equals(self) -> None:
        records = (event(0, a="x", b=1), event(1, a="x", b=2), event(2, a="w", b=3))
        assert [row["b"] for row in answer("fields b | sort a asc, b desc", *records)] == ["3", "2", "1"]

    def test_no_more_rows_than_the_limit(self) -> None:
        assert len(answer("fields a | limit 2", *(event(minute) for minute in range(3)))) == 2

    def test_one_of_each_is_kept_the_first_in_order(self) -> None:
        records = (event(0, a="x", b="old"), event(1, a="x", b="new"), event(2, b="p"), event(3, b="q"))
        rows = answer("fields a, b | sort @timestamp desc | dedup a", *records)
        assert rows == [{"b": "q"}, {"b": "p"}, {"a": "x", "b": "new"}]


class TestParse:
    def test_asterisks_become_fields(self) -> None:
        message = "25 May 2019 10:24:39,474 [ERROR] {foo=2, bar=data} The error was: DataIntegrityException"
        query = 'parse text "[*] * The error was: *" as level, config, exception | display level, config, exception'
        assert answer(query, event(0, text=message)) == [
            {"level": "ERROR", "config": "{foo=2, bar=data}", "exception": "DataIntegrityException"}
        ]

    def test_named_groups_become_fields(self) -> None:
        query = "parse text /user=(?<who>\\w+)/ | filter ispresent(who) | display who"
        assert answer(query, event(0, text="a user=eve"), event(1, text="none"), event(2)) == [{"who": "eve"}]

"""What people read: tables that fit the terminal, safe to show, patterns that can be copied back."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.simulation.deployed_detections import DeployedDetection, read_detections
from cloudtrail_monitoring.simulation.sightings import MAX_PRINCIPALS, Sightings
from cloudtrail_monitoring.simulation.summary import (
    Totals,
    pattern_lines,
    print_detections,
    print_patterns,
    print_summary,
    printable,
)
from tests.simulation.terraform_documents import alarm, document, metric_filter
from tests.synthesised import Stack

HOSTILE = "mallory\x1b[31m\u202e[bold red]\nroot"
DETECTIONS = read_detections(
    document(
        [metric_filter(name) for name in ("quiet", "loud", "often", "silent")],
        [alarm("quiet", "Low"), alarm("loud"), alarm("often", threshold=5, period=900), alarm("silent")],
    )
).detections


def by(name: str, at: str = "2026-03-12T02:13:00Z") -> dict[str, Any]:
    return {"eventTime": at, "userIdentity": {"type": "IAMUser", "userName": name}}


def summary(*, width: int = 140, show_all: bool = False, unreadable: int = 0, **seen: list[dict[str, Any]]) -> str:
    sightings = {detection.id: Sightings() for detection in DETECTIONS}
    for id_, records in seen.items():
        for record in records:
            sightings[id_].add(record)
    out = io.StringIO()
    totals = Totals(1_234, sum(map(len, seen.values())), unreadable)
    print_summary(Console(file=out, width=width), DETECTIONS, sightings, totals, show_all=show_all)
    return out.getvalue()


def rows(text: str) -> Iterator[str]:
    ids = {detection.id for detection in DETECTIONS}
    yield from (word for line in text.splitlines() for word in line.split()[1:2] if word in ids)


@pytest.mark.parametrize("width", [80, 140])
def test_detections_that_saw_something_are_listed_the_loudest_first(width: int) -> None:
    text = summary(width=width, quiet=[by("a")] * 3, loud=[by("a")], often=[by("a")] * 2)
    assert list(rows(text)) == ["often", "loud", "quiet"]
    assert "1 detection saw nothing" in text
    assert "1,234 records read, 6 with a detection" in text


@pytest.mark.parametrize("width", [80, 140])
def test_all_lists_those_that_saw_nothing_too(width: int) -> None:
    assert list(rows(summary(width=width, show_all=True, quiet=[by("a")]))) == ["loud", "often", "silent", "quiet"]


@pytest.mark.parametrize("width", [80, 140])
def test_a_row_says_when_by_whom_and_what_the_alarm_waits_for(width: int) -> None:
    records = [by("priya", "2026-03-12T02:13:00Z"), by("priya", "2026-03-12T04:00:00Z"), by("jordan")]
    text = summary(width=width, often=records)
    for part in ("2026-03-12 02:13", "2026-03-12 04:00", "2 priya, 1 jordan", "> 5 in 15 min"):
        assert part in text


def test_three_principals_are_named_and_the_others_counted() -> None:
    text = summary(loud=[by(name) for name in ("a", "b", "c", "d", "e")])
    assert "1 a, 1 b, 1 c, +2" in text
    many = summary(loud=[by(f"user-{number}") for number in range(MAX_PRINCIPALS + 1)])
    assert f"+{MAX_PRINCIPALS - 3:,} and others" in many


def test_long_principals_are_cut_in_the_middle() -> None:
    text = summary(
        loud=[by("deployment-role-of-the-pipeline/session-1111"), by("deployment-role-of-the-pipeline/session-2222")]
    )
    assert "1 deployment-role-of-…ession-1111" in text
    assert "ession-2222" in text


def test_the_unreadable_are_counted() -> None:
    assert "7 unreadable" in summary(unreadable=7)
    assert "unreadable" not in summary()


@pytest.mark.parametrize("width", [40, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = summary(width=width, often=[by("x" * 300)], loud=[by(HOSTILE)], quiet=[by("界" * 50)])
    assert max(map(len, text.splitlines())) <= width


def test_what_a_record_says_can_neither_colour_nor_hide() -> None:
    text = summary(loud=[by(HOSTILE)])
    assert "mallory" in text
    assert "[bold red]" in text
    assert not {"\x1b", "\u202e"} & set(text)


def test_printable_keeps_letters_of_all_scripts() -> None:
    assert printable("Zoë 界 …") == "Zoë 界 …"
    assert printable("a\x07\u202e\u2028\ud800b") == "a\ufffd\ufffd\ufffd\ufffdb"


@pytest.mark.parametrize(
    "text",
    [
        '{ $.a = "x" }',
        '{ ($.a = "x" || $.b = 1) && $.c NOT EXISTS }',
        '{ $.a = "x" && ($.b = 1 || ($.c = 2 && $.d != %x.y%)) || $.e IS NULL }',
    ],
)
def test_the_lines_of_a_pattern_are_the_same_pattern(text: str) -> None:
    pattern = FilterPattern.parse(text)
    lines = list(pattern_lines(pattern))
    assert FilterPattern.parse("\n".join(lines)).root == pattern.root
    assert all(line.count("=") <= 1 for line in lines)


def test_the_lines_of_every_deployed_pattern_are_the_same_pattern(prod: Stack) -> None:
    for detection in read_detections(prod.document).detections:
        # a line for each clause has spaces that the text may have no room for
        joined = "".join(re.sub(" (!?=) ", r"\1", line.strip()) for line in pattern_lines(detection.pattern))
        assert FilterPattern.parse(joined).root == detection.pattern.root


def detections_table(detections: tuple[DeployedDetection, ...], width: int = 140) -> str:
    out = io.StringIO()
    print_detections(Console(file=out, width=width), detections, "prod")
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 140])
def test_the_deployed_detections_are_listed_with_level_alarm_and_pattern(width: int) -> None:
    text = detections_table(DETECTIONS, width)
    assert list(rows(text)) == ["quiet", "loud", "often", "silent"]
    for part in ("High", "Low", "> 5 in 15 min", '$.eventName = "CreateUser"', "alarms named acme-<detection>"):
        assert part in text
    assert "4 detections, 4 metric filters in prod" in text


def test_an_alarm_of_another_name_is_named() -> None:
    detections = read_detections(document([metric_filter("one")], [alarm("one", alarm_name="Somebody else's")]))
    text = detections_table(detections.detections)
    assert "Somebody else's" in text
    assert "alarms named" not in text


def test_a_detection_without_an_alarm_says_so() -> None:
    assert "no alarm" in detections_table(read_detections(document([metric_filter("one")])).detections)


def test_one_detection_is_printed_in_full() -> None:
    long = " || ".join(f'$.eventName = "VeryLongEventName{number}"' for number in range(20))
    detections = read_detections(document([metric_filter("one", f"{{ {long} }}")], [alarm("one")])).detections
    out = io.StringIO()
    print_patterns(Console(file=out, width=40), detections)
    assert "acme-one" in out.getvalue()
    assert '  || $.eventName = "VeryLongEventName19"\n' in out.getvalue()

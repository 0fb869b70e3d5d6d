"""Reading CloudTrail records: every form they come in, and that nothing unreadable stops the rest."""

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.simulation.records import (
    Record,
    RecordsError,
    UnreadableRecord,
    event_time,
    read_records,
)


def record(number: int, **fields: Any) -> Record:
    return {"eventTime": "2026-03-12T02:13:00Z", "eventName": "CreateUser", "eventID": f"event-{number}", **fields}


def lines(*records: object) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


def read(*paths: Path) -> tuple[list[str], list[UnreadableRecord]]:
    unreadable: list[UnreadableRecord] = []
    return [one["eventID"] for one in read_records(paths, unreadable.append)], unreadable


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.jsonl"


def test_json_lines(file: Path) -> None:
    file.write_text(lines(record(1), record(2)) + "\n  \n" + lines(record(3)).rstrip())
    assert read(file) == (["event-1", "event-2", "event-3"], [])


def test_a_delivered_file(file: Path) -> None:
    file.write_text(json.dumps({"Records": [record(1), record(2)]}))
    assert read(file) == (["event-1", "event-2"], [])


@pytest.mark.parametrize("indent", [1, 2, 4, "\t"])
def test_a_pretty_printed_file(file: Path, indent: int | str) -> None:
    file.write_text(json.dumps({"Records": [record(1), record(2)]}, indent=indent))
    assert read(file) == (["event-1", "event-2"], [])


def test_pretty_printed_records_one_after_the_other(file: Path) -> None:
    file.write_text("\n".join(json.dumps(record(number), indent=2) for number in (1, 2)))
    assert read(file) == (["event-1", "event-2"], [])


def test_delivered_files_joined_line_by_line(file: Path) -> None:
    file.write_text(lines({"Records": [record(1)]}, {"Records": []}, {"Records": [record(2)]}))
    assert read(file) == (["event-1", "event-2"], [])


@pytest.mark.parametrize("indent", [None, 2])
def test_gzip_is_recognised_by_its_content(file: Path, indent: int | None) -> None:
    file.write_bytes(gzip.compress(json.dumps({"Records": [record(1), record(2)]}, indent=indent).encode()))
    assert read(file) == (["event-1", "event-2"], [])


def test_gzip_files_joined_into_one(file: Path) -> None:
    file.write_bytes(gzip.compress(lines(record(1)).encode()) + gzip.compress(lines(record(2)).encode()))
    assert read(file) == (["event-1", "event-2"], [])


def test_a_byte_order_mark_and_windows_line_ends(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + lines(record(1), record(2)).replace("\n", "\r\n").encode())
    assert read(file) == (["event-1", "event-2"], [])


def test_a_folder_is_read_recursively_in_order_of_path(tmp_path: Path) -> None:
    for name, number in (("2026/03/02.json", 3), ("2026/03/01.json.gz", 2), ("2025/12/31.jsonl", 1)):
        path = tmp_path / "AWSLogs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"Records": [record(number)]}).encode()
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    (tmp_path / "notes.txt").write_text("no records")
    assert read(tmp_path) == (["event-1", "event-2", "event-3"], [])


def test_digest_files_hold_no_records(tmp_path: Path) -> None:
    for folder, content in (("CloudTrail", {"Records": [record(1)]}), ("CloudTrail-Digest", {"digestBucket": "logs"})):
        path = tmp_path / "AWSLogs" / "333333333333" / folder
        path.mkdir(parents=True)
        (path / "file.json").write_text(json.dumps(content))
    assert read(tmp_path) == (["event-1"], [])


def test_paths_are_read_in_the_order_given(tmp_path: Path) -> None:
    for name, number in (("b.json", 1), ("a.json", 2)):
        (tmp_path / name).write_text(lines(record(number)))
    assert read(tmp_path / "b.json", tmp_path / "a.json")[0] == ["event-1", "event-2"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ('{"eventTime": "2026-03-12T02:13:00Z", ', "broken JSON at character"),
        ("[1, 2]", "not a JSON object but a list"),
        ('"text"', "not a JSON object but text"),
        ("null", "not a JSON object but null"),
        ("17", "not a JSON object but a number"),
        (json.dumps({"eventName": "CreateUser"}), "no eventTime"),
        (json.dumps({"eventTime": "2026-03-12T02:13:00Z"}), "no eventName"),
        (json.dumps(record(9, eventName="")), "no eventName"),
        (json.dumps(record(9, eventName=7)), "eventName is a number, not text"),
        (json.dumps(record(9, eventTime="yesterday")), "eventTime is not an ISO 8601 time: 'yesterday'"),
        ("[" * 200_000, "too large"),
        ("1" * 10_000, "too large"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(file: Path, bad: str, why: str) -> None:
    file.write_text(lines(record(1)) + bad + "\n" + lines(record(2)))
    names, (unreadable,) = read(file)
    assert names == ["event-1", "event-2"]
    assert str(unreadable).startswith(f"{file}:2: ")
    assert why in unreadable.why


# R-TRL-5
def test_a_record_without_a_name_is_read_where_names_may_be_missing(file: Path) -> None:
    unnamed = {"eventVersion": "1.09", "eventTime": "2026-03-12T02:13:00Z", "eventID": "insight"}
    untimed, bare = {**unnamed, "eventTime": "soon"}, {"eventTime": "2026-03-12T02:13:00Z", "eventID": "bare"}
    file.write_text(lines(record(1), unnamed, untimed, bare))
    unreadable: list[UnreadableRecord] = []
    names = [one["eventID"] for one in read_records([file], unreadable.append, named=False)]
    assert names == ["event-1", "insight"]
    assert [one.why for one in unreadable] == ["eventTime is not an ISO 8601 time: 'soon'", "no eventName"]
    assert read(file)[0] == ["event-1"]


def test_a_bad_first_line_does_not_hide_the_others(file: Path) -> None:
    file.write_text('{"eventTime": broken\n' + lines(record(1)))
    names, (unreadable,) = read(file)
    assert (names, unreadable.line) == (["event-1"], 1)


def test_a_bad_record_within_a_delivered_file(file: Path) -> None:
    file.write_text(json.dumps({"Records": [record(1), {"eventName": "CreateUser"}, record(2)]}, indent=2))
    names, (unreadable,) = read(file)
    assert names == ["event-1", "event-2"]
    assert (unreadable.line, unreadable.why) == (8, "no eventTime")


@pytest.mark.parametrize("indent", [None, 2])
def test_what_comes_before_the_break_in_a_delivered_file_is_read(file: Path, indent: int | None) -> None:
    text = json.dumps({"Records": [record(1), record(2), record(3)]}, indent=indent)
    file.write_text(text[: text.index("event-3")])
    names, unreadable = read(file)
    assert names == ["event-1", "event-2"]
    assert len(unreadable) == 1


def test_pretty_printed_records_after_a_broken_one_are_read(file: Path) -> None:
    broken = json.dumps(record(2), indent=2).replace('"event-2"', "event-2")
    file.write_text("\n".join((json.dumps(record(1), indent=2), broken, json.dumps(record(3), indent=2))))
    names, (unreadable,) = read(file)
    assert names == ["event-1", "event-3"]
    assert unreadable.line == 9


def test_a_line_that_is_not_utf8(file: Path) -> None:
    file.write_bytes(lines(record(1)).encode() + b'{"eventName": "\xff"}\n' + lines(record(2)).encode())
    names, (unreadable,) = read(file)
    assert names == ["event-1", "event-2"]
    assert unreadable == UnreadableRecord(str(file), 2, "not UTF-8 at byte 16")


def test_a_file_in_another_encoding_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(lines(record(1), record(2)), encoding="utf-16")
    (tmp_path / "b.json").write_text(lines(record(3)))
    names, (unreadable,) = read(tmp_path)
    assert names == ["event-3"]
    assert unreadable.why == "the file is UTF-16, not UTF-8"


@pytest.mark.parametrize("delivered", [False, True])
def test_a_truncated_gzip_file_gives_what_is_left_of_it(tmp_path: Path, delivered: bool) -> None:
    records = [record(number, padding=f"{number * 7919}") for number in range(400)]
    text = json.dumps({"Records": records}) if delivered else lines(*records)
    packed = gzip.compress(text.encode())
    (tmp_path / "a.json.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "b.json").write_text(lines(record(1000)))
    names, (unreadable,) = read(tmp_path)
    assert 50 < len(names) < 400
    assert names[:-1] == [f"event-{number}" for number in range(len(names) - 1)]
    assert names[-1] == "event-1000"
    assert unreadable.why == "the gzip stream ends early; what follows is lost"


def test_a_damaged_gzip_file(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(lines(record(1)).encode()))
    packed[12:16] = b"\xff\xff\xff\xff"
    (tmp_path / "a.json.gz").write_bytes(bytes(packed))
    (tmp_path / "b.json").write_text(lines(record(2)))
    names, (unreadable,) = read(tmp_path)
    assert names == ["event-2"]
    assert unreadable.why == "the gzip stream is damaged; what follows is lost"


def test_an_empty_file_is_no_silent_zero(file: Path) -> None:
    file.write_text("")
    with pytest.raises(RecordsError, match=r"records\.jsonl: no CloudTrail records here"):
        read(file)


def test_a_missing_path_is_found_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(lines(record(1)))
    with pytest.raises(RecordsError, match=r"missing\.json: no such file or folder") as error:
        read_records([tmp_path / "a.json", tmp_path / "missing.json"], lambda _: None)
    assert "\n" not in str(error.value)


def test_a_folder_without_record_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(RecordsError, match="no CloudTrail records here"):
        read_records([tmp_path], lambda _: None)


def test_a_folder_of_empty_files(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"Records": []}))
    with pytest.raises(RecordsError, match="no CloudTrail records here: nothing in its 1 files"):
        read(tmp_path)


def test_reading_json_lines_does_not_hold_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.jsonl.gz"
        with gzip.open(path, "wt") as packed:
            packed.writelines(lines(record(number, padding="x" * 500)) for number in range(count))
        tracemalloc.start()
        read_all: Iterator[Record] = read_records([path], lambda _: None)
        assert sum(1 for _ in read_all) == count
        (_, highest), _ = tracemalloc.get_traced_memory(), tracemalloc.stop()
        return highest

    assert peak(30_000) < 1.5 * peak(10_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-12T02:13:00Z", datetime(2026, 3, 12, 2, 13, tzinfo=UTC)),
        ("2026-03-12T02:13:00.250Z", datetime(2026, 3, 12, 2, 13, 0, 250_000, tzinfo=UTC)),
        ("2026-03-12T03:13:00+01:00", datetime(2026, 3, 12, 2, 13, tzinfo=UTC)),
        ("2026-03-12T02:13:00", datetime(2026, 3, 12, 2, 13, tzinfo=UTC)),
    ],
)
def test_event_time_is_utc(text: str, expected: datetime) -> None:
    assert event_time(record(1, eventTime=text)) == expected

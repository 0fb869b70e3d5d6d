"""Simulation: records through the detections, in a stream, and what each way of asking gets as an answer."""

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.samples import read_samples
from cloudtrail_monitoring.simulation.deployed_detections import read_detections
from cloudtrail_monitoring.simulation.records import RecordsError
from cloudtrail_monitoring.simulation.simulate import (
    Simulation,
    SimulationError,
    Source,
    load,
    run_detections,
    run_simulation,
)
from tests.simulation.terraform_documents import alarm, document, metric_filter, written

ROOT_USED = '{ $.userIdentity.type = "Root" }'
STACK = document(
    [
        metric_filter("user-created"),
        metric_filter("root-used", ROOT_USED),
        metric_filter("user-created", '{ $.eventName = "CreateServiceLinkedUser" }', name="acme-user-created-2"),
    ],
    [alarm("user-created", "Medium"), alarm("root-used")],
)
DETECTIONS = read_detections(STACK).detections


def record(number: int, name: str = "CreateUser", **fields: Any) -> dict[str, Any]:
    return {"eventID": f"Event-{number}", "eventName": name, "eventTime": "2026-03-12T02:13:00Z", **fields}


def lines(*records: object) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    written(tmp_path / "cdktf.out", prod=STACK)
    return Source("prod", tmp_path)


@pytest.fixture
def records_file(tmp_path: Path) -> Callable[..., Path]:
    def write(*records: object) -> Path:
        path = tmp_path / "records.jsonl"
        path.write_text(lines(*records))
        return path

    return write


class Ran:
    """What a run printed."""

    def __init__(self, capfd: pytest.CaptureFixture[str], *files: Path, source: Source, **options: Any) -> None:
        out = io.StringIO()
        wanted: dict[str, Any] = {"as_json": False, "show_all": False, "explain": None, **options}
        self.status = run_simulation(source, files, Console(file=out, width=140), **wanted)
        self.stdout, self.stderr = capfd.readouterr()
        self.printed = out.getvalue()

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.split("\n") if line]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], source: Source) -> Callable[..., Ran]:
    def runs(*files: Path, source: Source = source, **options: Any) -> Ran:
        return Ran(capfd, *files, source=source, **options)

    return runs


def insights(tmp_path: Path) -> Source:
    ids = ("insight-call-rate", "insight-error-rate")
    filters = [metric_filter(id_, CATALOGUE[id_].pattern) for id_ in ids]
    written(tmp_path / "insights" / "cdktf.out", prod=document(filters, [alarm(id_, "Medium") for id_ in ids]))
    return Source("prod", tmp_path / "insights")


@pytest.mark.parametrize("id_", ["insight-call-rate", "insight-error-rate"])
def test_an_insight_is_detected_though_it_is_no_call(
    id_: str, run: Callable[..., Ran], records_file: Callable[..., Path], tmp_path: Path
) -> None:
    # R-TRL-5: no eventName, no eventSource and no userIdentity stand in such a record
    samples = [one for one in read_samples(id_) if one.matches]
    events = [one.event for one in samples]
    assert all({"eventName", "userIdentity"}.isdisjoint(event) for event in events)
    ran = run(records_file(*events), source=insights(tmp_path), as_json=True)
    assert (ran.status, ran.stderr) == (0, "")
    assert [one["detections"] for one in ran.answers] == [[id_]] * len(events)
    assert [one["eventID"] for one in ran.answers] == [event["eventID"] for event in events]


def test_whoever_is_behind_an_insight_is_not_called_unknown(
    run: Callable[..., Ran], records_file: Callable[..., Path], tmp_path: Path
) -> None:
    (event, *_) = [one.event for one in read_samples("insight-call-rate") if one.matches]
    assert "CloudTrail Insights" in run(records_file(event), source=insights(tmp_path)).printed


def test_a_record_is_detected_by_each_filter_that_counts_it() -> None:
    simulation = Simulation(DETECTIONS)
    root = {"userIdentity": {"type": "Root"}}
    assert simulation.detect(record(1)) == ("user-created",)
    assert simulation.detect(record(2, **root)) == ("user-created", "root-used")
    assert simulation.detect(record(3, "ListUsers")) == ()
    assert (simulation.read, simulation.detected) == (3, 2)


def test_filters_on_one_metric_are_one_detection() -> None:
    assert Simulation(DETECTIONS).detect(record(1, "CreateServiceLinkedUser")) == ("user-created",)


def test_json_is_a_line_for_each_record_in_input_order(
    run: Callable[..., Ran], records_file: Callable[..., Path]
) -> None:
    late = record(2, "ListUsers", eventTime="2020-01-01T00:00:00Z")
    assert run(records_file(record(1), late), as_json=True).answers == [
        {
            "eventID": "Event-1",
            "eventName": "CreateUser",
            "eventTime": "2026-03-12T02:13:00Z",
            "detections": ["user-created"],
        },
        {"eventID": "Event-2", "eventName": "ListUsers", "eventTime": "2020-01-01T00:00:00Z", "detections": []},
    ]


def test_json_has_null_where_a_record_lacks_a_field(run: Callable[..., Ran], records_file: Callable[..., Path]) -> None:
    ran = run(records_file({"eventName": "CreateUser"}), as_json=True)
    assert ran.answers == [
        {"eventID": None, "eventName": "CreateUser", "eventTime": None, "detections": ["user-created"]}
    ]


def test_json_is_compact(run: Callable[..., Ran], records_file: Callable[..., Path]) -> None:
    assert run(records_file(record(1)), as_json=True).stdout.startswith('{"eventID":"Event-1",')


@pytest.mark.parametrize("odd", ["\ud800", 2**70, "\u2028", {"a": [1]}])
def test_odd_ids_come_out_as_they_went_in(
    run: Callable[..., Ran], records_file: Callable[..., Path], odd: object
) -> None:
    ran = run(records_file({**record(1), "eventID": odd}, record(2)), as_json=True)
    assert len(ran.answers) == 2 - ran.stderr.count("records.jsonl:1")
    assert ran.answers[-1]["eventID"] == "Event-2"


def test_unreadable_records_are_named_on_stderr_and_the_rest_goes_on(run: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "mixed.jsonl"
    file.write_text(lines(record(1)) + "Dear Sir\n" * 23 + lines(record(2)))
    for as_json in (True, False):
        ran = run(file, as_json=as_json)
        assert ran.status == 0
        told = ran.stderr.splitlines()
        assert len(told) == 21
        assert told[0].startswith(f"{file}:2: ")
        assert told[-1] == "and 3 more that could not be read"
    assert "2 records read, 2 with a detection, 23 unreadable" in ran.printed


def test_where_no_record_can_be_read_it_is_an_error_of_one_line(run: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir\nor Madam\n")
    for as_json in (True, False):
        with pytest.raises(SimulationError, match=r"^no record could be read: .*letter.txt:1: .* \(and 1 more\)$"):
            run(file, as_json=as_json)


def test_a_file_without_any_record_is_told_after_the_others_are_answered(
    run: Callable[..., Ran], tmp_path: Path, records_file: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text('{"Records": []}')
    with pytest.raises(RecordsError, match=r"empty\.json: no CloudTrail records here"):
        run(empty)
    with pytest.raises(RecordsError, match=r"empty\.json: no CloudTrail records here"):
        run(records_file(record(1)), empty, as_json=True)
    assert json.loads(capfd.readouterr().out)["eventID"] == "Event-1"


def test_people_get_a_table(run: Callable[..., Ran], records_file: Callable[..., Path]) -> None:
    ran = run(records_file(record(1), record(2, "ListUsers")))
    assert ran.stdout == ""  # all of it went to the console
    assert "user-created" in ran.printed
    assert "root-used" not in ran.printed
    assert "root-used" in run(records_file(record(1)), show_all=True).printed


def test_one_detection_alone(run: Callable[..., Ran], records_file: Callable[..., Path], source: Source) -> None:
    only_root = Source("prod", source.project, detection="root-used")
    root = record(1, userIdentity={"type": "Root"})
    assert run(records_file(root), source=only_root, as_json=True).answers[0]["detections"] == ["root-used"]


def test_an_unknown_detection_is_told_with_what_may_be_meant(source: Source) -> None:
    with pytest.raises(SimulationError, match="did you mean user-created"):
        load(Source("prod", source.project, detection="users-created"))
    with pytest.raises(SimulationError, match="`cloudtrail-monitoring detections` lists them"):
        load(Source("prod", source.project, detection="zzz"))


def test_filters_that_cannot_be_run_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "cdktf.out", prod=document([metric_filter("odd", "ERROR"), metric_filter("good")]))
    assert [one.id for one in load(Source("prod", tmp_path))] == ["good"]
    assert "metric filter acme-odd is left out" in capsys.readouterr().err


def test_without_a_usable_filter_there_is_nothing_to_simulate(tmp_path: Path) -> None:
    written(tmp_path / "cdktf.out", prod=document([metric_filter("odd", "ERROR")]))
    with pytest.raises(SimulationError, match="prod has no metric filter"):
        load(Source("prod", tmp_path))


def test_what_is_deployed_as_json(source: Source, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_detections(source, Console(), as_json=True) == 0
    answers = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [answer["id"] for answer in answers] == ["user-created", "root-used", "user-created"]
    assert answers[1] == {"id": "root-used", "level": "High", "pattern": ROOT_USED, "alarm": "acme-root-used"}


def many(path: Path, number: int) -> Path:
    """Records that each have another principal, in one file as CloudTrail delivers them."""
    with gzip.open(path, "wt", compresslevel=1) as file:
        for count in range(number):
            who = {"type": "IAMUser", "userName": f"user-{count}", "accessKeyId": "x" * 400}
            file.write(json.dumps(record(count, userIdentity=who)) + "\n")
    return path


def peak_kilobytes(source: Source, file: Path, *options: str) -> int:
    """The most memory a process of its own needs for the command."""
    # Through a small process in between: a process begins with the peak of the one that started it.
    between = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)"
    )
    program = "from cloudtrail_monitoring.cli import app; app()"
    command = [sys.executable, "-c", program, "simulate", str(file), "--project", str(source.project), *options]
    done = subprocess.run([sys.executable, "-c", between, *command], capture_output=True, text=True, check=True)
    assert done.stdout
    return int(done.stderr.splitlines()[-1])


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_memory_does_not_grow_with_the_records(source: Source, tmp_path: Path, options: tuple[str, ...]) -> None:
    few, lots = many(tmp_path / "few.gz", 3_000), many(tmp_path / "lots.gz", 60_000)
    assert peak_kilobytes(source, lots, *options) < 1.15 * peak_kilobytes(source, few, *options)


@pytest.fixture
def explained(run: Callable[..., Ran], records_file: Callable[..., Path]) -> Callable[..., Ran]:
    root = record(2, "ListUsers", userIdentity={"type": "Root"}, sourceIPAddress="192.0.2.7")
    file = records_file(record(1), root, record(2, "CreateUser"))
    return lambda event_id, **options: run(file, explain=event_id, **options)


def test_every_record_of_that_id_is_explained_whatever_its_case(explained: Callable[..., Ran]) -> None:
    ran = explained(" EVENT-2 ")
    assert ran.printed.count("Event-2") == 2
    assert "192.0.2.7" in ran.printed
    assert "Event-1" not in ran.printed


def test_explained_as_json_a_record_is_an_object(explained: Callable[..., Ran]) -> None:
    first, second = explained("event-2", as_json=True).answers
    assert first["detections"] == ["root-used"]
    assert second["detections"] == ["user-created"]
    assert {one["filter"]: one["matches"] for one in second["filters"]} == {
        "acme-user-created": True,
        "acme-root-used": False,
        "acme-user-created-2": False,
    }


def test_an_id_that_no_record_has_is_told(explained: Callable[..., Ran]) -> None:
    with pytest.raises(SimulationError, match=r"^no record has the eventID event-9$"):
        explained("event-9")

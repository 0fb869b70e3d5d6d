"""What nobody should feed `simulate`, but somebody will: one clear line each, and never a silent nothing."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.simulation.json_lines import dumped
from cloudtrail_monitoring.simulation.json_parsing import Broken
from cloudtrail_monitoring.simulation.record_stream import JsonStream
from cloudtrail_monitoring.simulation.records import RecordsError, UnreadableRecord, read_records
from cloudtrail_monitoring.simulation.simulate import Unreadable
from tests.simulation.terraform_documents import alarm, document, metric_filter, written

ESCAPES = "\x1b[2J\x1b]0;owned\x07\u202e\u2028\x9b31m\r\n"
CLI = "from cloudtrail_monitoring.cli import app; app()"


def record(number: int, **fields: Any) -> dict[str, Any]:
    return {"eventTime": "2026-03-12T02:13:00Z", "eventName": "CreateUser", "eventID": f"event-{number}", **fields}


def lines(*records: object) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in records).encode()


def read(*paths: Path) -> tuple[list[str], list[UnreadableRecord]]:
    unreadable: list[UnreadableRecord] = []
    return [one["eventID"] for one in read_records(paths, unreadable.append, timed=False, named=False)], unreadable


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.jsonl"


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., list[str]]:
    """The command line of `simulate` over a small environment."""
    written(tmp_path / "cdktf.out", prod=document([metric_filter("user-created")], [alarm("user-created")]))

    def simulate(*arguments: str | Path) -> list[str]:
        return [sys.executable, "-c", CLI, "simulate", "--project", str(tmp_path), *map(str, arguments)]

    return simulate


# -- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"true", "not a JSON object but true or false"),
        (b"\0\0\0", "broken JSON"),
        (b'{"eventName": "Create\0User"}', "broken JSON"),
        (b"\x1b[2J", "broken JSON"),
        (b'{"eventName":"x","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too large"),
        (b'{"eventName":"x","a":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, "too large"),
        (b'{"eventName":"x","a":1' + b"0" * 5_000 + b"}", "too large"),
        ('{"eventName": "Créer"}'.encode("latin-1"), "not UTF-8"),
        (b"1" + b"0" * 5_000, "too large"),
        (b'{"digestS3Object": "a", "digestEndTime": "b"}', "a digest"),
        (b'{"a": 1}', "no eventName"),
    ],
)
@pytest.mark.parametrize("delivered", [False, True])
def test_one_bad_value_is_one_fault_and_its_neighbours_are_read(
    file: Path, bad: bytes, why: str, delivered: bool
) -> None:
    good = [json.dumps(record(number)).encode() for number in (1, 2)]
    file.write_bytes(
        b'{"Records": [%b,\n%b,\n%b]}' % (good[0], bad, good[1])
        if delivered
        else b"%b\n%b\n%b" % (good[0], bad, good[1])
    )
    names, faults = read(file)
    assert names[0] == "event-1"
    if delivered and why in ("broken JSON", "not UTF-8"):  # how much of a list is broken is anybody's guess
        assert faults
    else:
        assert (names[-1], len(faults)) == ("event-2", 1)
        assert why in faults[0].why


@pytest.mark.parametrize(
    "odd",
    [
        b'{"eventName":"ListUsers","eventName":"CreateUser","eventID":"event-1","eventID":"event-2"}',
        b'{"eventName":"CreateUser","eventID":"event-2","a":1e999999,"b":-1e400}',
        b'{"eventName":"CreateUser","eventID":"event-2","a":123456789012345678901234567890}',
        b'{"eventName":"CreateUser","eventID":"event-2","a":"\\ud800"}',
        b'{"eventName":"Create\\u0000\\u001b[2JUser","eventID":"event-2"}',
        b'{"eventName":"CreateUser","eventID":"event-2","userIdentity":[1],"eventTime":{"a":1}}',
        b'{"eventName":"CreateUser","eventID":"event-2","a":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
    ids=lambda odd: odd[:60].decode(),
)
def test_what_json_allows_is_read(file: Path, odd: bytes) -> None:
    file.write_bytes(lines(record(1)) + odd + b"\n" + lines(record(3)))
    assert read(file) == (["event-1", "event-2", "event-3"], [])


# -- size -----------------------------------------------------------------------------------------------------------

LONGEST = 1 << 10
HELD = 1 << 17
"""An eighth of each text."""


class Pieces:
    """A text far longer than what may be held, made as it is read."""

    def __init__(self, begin: bytes, unit: bytes, end: bytes) -> None:
        self._parts = (begin, unit * (4096 // len(unit)), end)

    def __iter__(self) -> Iterator[bytes]:
        begin, middle, end = self._parts
        yield begin
        for _ in range(256):
            yield middle
        yield end


@pytest.mark.parametrize(
    ("begin", "unit", "end"),
    [
        (b'"', b"a", b'"'),
        (b'{"eventName": "', b"a", b'"}'),
        (b'{"eventName": [', b"1,", b"1]}"),
        (b'{"eventName": [', b'{"a":[]},', b"1]}"),
        (b'{"eventName": "', b"\\\\", b'"}'),
        (b'{"eventName": "', b'\\"', b'"}'),
        (b"1", b"0", b"0"),
    ],
)
@pytest.mark.parametrize("delivered", [False, True])
def test_a_value_without_end_is_one_fault_and_is_not_held(
    begin: bytes, unit: bytes, end: bytes, delivered: bool
) -> None:
    around = (b'{"Records": [{"n": 1},', b',{"n": 2}]}') if delivered else (b'{"n": 1}\n', b'\n{"n": 2}\n')
    stream = JsonStream(Pieces(around[0] + begin, unit, end + around[1]), held=256, longest=LONGEST)
    held = 0
    values: list[object] = []
    for batch in stream:
        values += batch.values
        held = max(held, len(stream._text.data))
    assert values[0] == {"n": 1}
    assert values[-1] == {"n": 2}
    (fault,) = [value for value in values if isinstance(value, Broken)]
    assert fault.why == "longer than 1024 bytes: no CloudTrail record is"
    assert held < HELD


@pytest.mark.parametrize("unit", [b"[", b'{"a":', b"1", b"\0", b"\\", b" ", b"\n", b"[{"])
def test_an_endless_line_of_one_character_is_not_held_and_comes_to_an_end(unit: bytes) -> None:
    stream = JsonStream(Pieces(b"", unit, b""), held=256, longest=LONGEST)
    held = faults = 0
    for batch in stream:
        faults += sum(isinstance(value, Broken) for value in batch.values)
        held = max(held, len(stream._text.data))
    assert held < HELD
    assert bool(faults) is bool(unit.strip())


# -- files ----------------------------------------------------------------------------------------------------------


def test_encodings_do_not_spread_from_file_to_file_or_line_to_line(tmp_path: Path) -> None:
    accented = json.dumps(record(2, userName="Zoë"), ensure_ascii=False)
    (tmp_path / "a.json").write_bytes(lines(record(1)) + accented.encode("latin-1") + b"\n" + accented.encode())
    (tmp_path / "b.json").write_text(accented, encoding="utf-16")
    (tmp_path / "c.json").write_bytes(lines(record(3)))
    names, faults = read(tmp_path)
    assert names == ["event-1", "event-2", "event-3"]
    assert [str(fault).removeprefix(f"{tmp_path}/") for fault in faults] == [
        "a.json:2: not UTF-8 at byte 103",
        "b.json:1: the file is UTF-16, not UTF-8",
    ]


@pytest.mark.parametrize(
    "name",
    ["AWSLogs/1/CloudTrail-Digest/eu-west-1/a.json.gz", "1_CloudTrail-Digest_eu-west-1_trail_20260312T021300Z.json.gz"],
)
def test_a_folder_of_digest_files_says_that_it_holds_nothing_else(tmp_path: Path, name: str) -> None:
    digest = tmp_path / name
    digest.parent.mkdir(parents=True, exist_ok=True)
    digest.write_bytes(gzip.compress(b'{"digestS3Object": "a"}'))
    with pytest.raises(RecordsError, match="no CloudTrail records here: only digest files"):
        read(tmp_path)
    (tmp_path / "a.json").write_bytes(lines(record(1)))
    assert read(tmp_path) == (["event-1"], [])


def test_a_link_to_nothing_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(lines(record(1)))
    (tmp_path / "b.json").symlink_to("nowhere.json")
    with pytest.raises(RecordsError, match=r"b\.json: a link to nothing"):
        read(tmp_path)


def test_a_folder_that_holds_itself_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(lines(record(1)))
    (tmp_path / "again").symlink_to(tmp_path)
    assert read(tmp_path) == (["event-1"], [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["a.json", "below"])
def test_what_may_not_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.json").write_bytes(lines(record(1)))
    (tmp_path / "a.json").write_bytes(lines(record(1)))
    (tmp_path / name).chmod(0)
    try:
        with pytest.raises(RecordsError, match=rf"{name}: (may not be read|Permission denied)"):
            read(tmp_path)
    finally:
        (tmp_path / name).chmod(0o700)


def test_a_pipe_is_read_if_it_is_named_and_passed_over_in_a_folder(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    (tmp_path / "a.json").write_bytes(lines(record(1)))
    assert read(tmp_path) == (["event-1"], [])
    writer = threading.Thread(target=pipe.write_bytes, args=(lines(record(2)),))
    writer.start()
    assert read(pipe) == (["event-2"], [])
    writer.join()


@pytest.mark.parametrize("name", ["a" * 5_000, "a\0b", f"missing{ESCAPES}", "bad\udcff"])
def test_a_path_of_any_name_is_refused_in_one_safe_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordsError) as error:
        read(tmp_path / name)
    assert str(error.value).isprintable()


def test_the_end_of_a_file_is_named_whatever_comes_before_it() -> None:
    unreadable = Unreadable()
    for number in range(100):
        unreadable(UnreadableRecord("a.json.gz", number, "broken JSON"))
    unreadable(UnreadableRecord("a.json.gz", 101, "what follows is lost", to_the_end=True))
    *_, lost, rest = unreadable.lines()
    assert lost == "a.json.gz:101: what follows is lost"
    assert rest == "and 80 more that could not be read"


@pytest.mark.parametrize("cut", [2, 5, 12, -9, -8, -1])
def test_wherever_a_gzip_file_is_cut_it_is_told(file: Path, cut: int) -> None:
    file.write_bytes(gzip.compress(lines(record(1), record(2)))[:cut])
    names, (fault,) = read(file)
    assert names in ([], ["event-1"], ["event-1", "event-2"])
    assert fault.why == "the gzip stream ends early; what follows is lost"
    assert fault.to_the_end


# -- the command ----------------------------------------------------------------------------------------------------


def test_nothing_a_record_or_file_says_reaches_the_terminal_as_a_command(
    tmp_path: Path, command: Callable[..., list[str]]
) -> None:
    folder = tmp_path / f"logs{ESCAPES}"
    folder.mkdir()
    odd = record(1, userIdentity={"type": "IAMUser", "userName": f"mallory{ESCAPES}"}, eventID=f"id{ESCAPES}")
    odd |= {"eventSource": ESCAPES, "awsRegion": ESCAPES, "sourceIPAddress": ESCAPES}
    (folder / f"a{ESCAPES}.json").write_bytes(lines(odd, record(2, eventName=ESCAPES), record(3)) + ESCAPES.encode())
    for options in ((), ("--json",), ("--explain", odd["eventID"]), ("--explain", f"{ESCAPES}none")):
        done = subprocess.run(command(folder, *options), capture_output=True, text=True, check=False)
        assert done.returncode in (0, 2)
        for line in (done.stdout + done.stderr).split("\n"):
            assert line.isprintable()
        assert "Traceback" not in done.stderr


def test_json_keeps_letters_and_escapes_what_a_terminal_obeys() -> None:
    assert dumped({"eventName": "Zoë 界"}) == '{"eventName":"Zoë 界"}\n'.encode()
    hostile = {"eventName": f"Zoë{ESCAPES}"}
    assert dumped(hostile).decode()[:-1].isprintable()
    assert json.loads(dumped(hostile)) == hostile


@pytest.mark.parametrize(
    ("redirection", "said"),
    [
        ("- <&-", "standard input is closed: nothing can be read from it\n"),
        ("- </dev/null", "standard input: no CloudTrail records here\n"),
        ("{file} >&-", "standard output is closed: there is nowhere to answer to\n"),
        ("{file} --json >&-", "standard output is closed: there is nowhere to answer to\n"),
        ("{file} >/dev/full", "standard output: No space left on device\n"),
        ("{file} --json >/dev/full", "standard output: No space left on device\n"),
        ("{file} --explain event-1 >/dev/full", "standard output: No space left on device\n"),
    ],
)
def test_a_shell_that_takes_input_or_output_away_is_told_in_a_line(
    file: Path, command: Callable[..., list[str]], redirection: str, said: str
) -> None:
    if "/dev/full" in redirection and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    file.write_bytes(lines(record(1)))
    script = f'exec "$@" {redirection.format(file=file)}'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *command()], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, check=False
    )
    assert (done.returncode, done.stderr.decode()) == (2, said)


def test_where_stderr_is_closed_the_answer_stays_clean(file: Path, command: Callable[..., list[str]]) -> None:
    file.write_bytes(lines(record(1)) + b"broken\n")
    script = ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh"]
    done = subprocess.run([*script, *command(file, "--json")], stdout=subprocess.PIPE, check=True)
    assert [json.loads(line)["eventID"] for line in done.stdout.splitlines()] == ["event-1"]


@pytest.mark.parametrize("options", [[], ["--explain", "event-1"]])
def test_a_table_whose_reader_has_left_ends_quietly(
    file: Path, command: Callable[..., list[str]], options: list[str]
) -> None:
    file.write_bytes(lines(record(1)))
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command(file, *options), stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("options", [[], ["--explain", "event-1"]])
def test_an_encoding_without_dashes_is_no_reason_to_fail(
    file: Path, command: Callable[..., list[str]], options: list[str]
) -> None:
    file.write_bytes(lines(record(1, userIdentity={"type": "IAMUser", "userName": "Zoë\ud800" * 20})))
    variables = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command(file, *options), env=variables, capture_output=True, text=True, check=True)
    assert "Zo?" in done.stdout
    if options:
        assert "+ user-created" in done.stdout


def test_control_c_ends_it_quietly(file: Path, command: Callable[..., list[str]]) -> None:
    os.mkfifo(file)
    with (
        subprocess.Popen(
            command(file),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # a shell that starts the tests in the background has them ignore it
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        ) as process,
        file.open("wb", buffering=0) as pipe,  # it waits for more
    ):
        pipe.write(lines(record(1)))
        process.send_signal(signal.SIGINT)
        answer, complaints = process.communicate()
    assert (process.returncode, answer, complaints) == (130, b"", b"")

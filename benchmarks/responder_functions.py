"""What the responders' functions cost: importing each as Lambda would, and the router's work for each kind of event.

Imports run with nothing but the archives that are deployed and boto3, which is in Lambda's runtime. The router works on
an emulated AWS, which is slower than its own code: the calls it makes for an event are what it costs in an account.
"""

import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from rich.console import Console
from rich.table import Table

from benchmarks.project import peak_bytes, run
from cloudtrail_monitoring.responders.names import FUNCTIONS
from cloudtrail_monitoring.responders.packaging import LAYER_FOLDER, dependency_layer, runtime_archive

_IMPORT = (
    "import sys, time; sys.path[1:1] = sys.argv[2:]; begin = time.perf_counter();"
    "import boto3, importlib; importlib.import_module(sys.argv[1]); print(time.perf_counter() - begin)"
)
_FLOOR = "json"
EVENTS = 200


def report_functions(console: Console, runs: int) -> None:
    """Print the table of imports, and the router's events a second with its calls to AWS."""
    _report_imports(console, runs)
    _report_router(console)


def _report_imports(console: Console, runs: int) -> None:
    modules = {name: f"cloudtrail_monitoring.responders.runtime.{name.replace('-', '_')}" for name in FUNCTIONS}
    table = Table(title="Cold import, shortest run of each, against boto3 alone", title_justify="left")
    for column in ("function", "× time", "× memory", "ms here", "MiB here"):
        table.add_column(column, justify="left" if column == "function" else "right")
    with TemporaryDirectory() as folder, console.status("imports"):
        floor = _imported(_FLOOR, Path(folder), runs)
        for name, module in modules.items():
            seconds, memory = _imported(module, Path(folder), runs)
            table.add_row(
                name,
                f"{seconds / floor[0]:.2f}",
                f"{memory / floor[1]:.2f}",
                f"{seconds * 1000:.0f}",
                f"{memory / 2**20:.0f}",
            )
    console.print(table)


def _imported(module: str, folder: Path, runs: int) -> tuple[float, int]:
    """Seconds and peak bytes of a process that imports boto3 and the module."""
    for archive in (runtime_archive(), dependency_layer()):
        zipfile.ZipFile(archive.path).extractall(folder)
    paths = [str(folder), str(folder / LAYER_FOLDER), str(Path(boto3.__file__).parents[1])]
    # without site: the project's own folder is not on the path
    command = [sys.executable, "-S", "-c", _IMPORT, module, *paths]
    return min(float(run(command)) for _ in range(runs)), peak_bytes(command)


def _report_router(console: Console) -> None:
    # of the tests: an emulated account with what the functions find in theirs
    from tests.runtime.account import BEGIN, begin
    from tests.runtime.records import by_root, failed_login

    kinds: dict[str, Callable[[int], dict[str, Any]]] = {
        "nobody answers to": lambda number: by_root("ListUsers", number % 60, eventID=f"quiet-{number}", readOnly=True),
        "failed login, each of another user": lambda number: failed_login(
            number, user=f"user-{number}", address=f"198.51.{number // 250}.{number % 250}", at=BEGIN
        ),
        "changing call by root": lambda number: by_root("CreateUser", number % 60, eventID=f"root-{number}"),
    }
    table = Table(title="The router, on an emulated AWS", title_justify="left")
    for column in ("event", "calls to AWS", "events a second here"):
        table.add_column(column, justify="left" if column == "event" else "right")
    for kind, made in kinds.items():
        with begin() as account, console.status(kind):
            account.clock.move(minutes=8)
            calls, seconds = _routed(account, [made(number) for number in range(EVENTS)])
        table.add_row(kind, f"{calls / EVENTS:.1f}", f"{EVENTS / seconds:,.0f}")
    console.print(table)


def _routed(account: Any, records: list[dict[str, Any]]) -> tuple[int, float]:
    from cloudtrail_monitoring.responders.runtime.router import Router, logger
    from tests.runtime.records import LambdaContext, batch

    logger.setLevel("ERROR")
    router = Router(account.configuration, account.aws)
    router.handle(batch(records[0]), LambdaContext())
    before, begun = len(account.aws.calls), time.perf_counter()
    for first in range(1, len(records), 10):
        router.handle(batch(*records[first : first + 10]), LambdaContext())
    return len(account.aws.calls) - before, time.perf_counter() - begun

"""``make bench``: what synthesis costs, as ratios within one run; absolute seconds mean nothing on a shared machine.

Every app runs in a process of its own, the runs of all apps taking turns; each app's shortest run counts. Options:
``--runs N``, ``--records PATH`` (CloudTrail records to match against prod's patterns, for events a second).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).parents[1]
STOCK = {"CLOUDTRAIL_MONITORING_STOCK_BINDINGS": "1"}
CONTACTS = {"CLOUDTRAIL_MONITORING_CONTACTS": str(ROOT / "environments" / "contacts.example.toml")}


@dataclass
class App:
    title: str
    command: list[str]
    variables: dict[str, str]
    runs: int
    seconds: float = float("inf")

    def run(self) -> None:
        with tempfile.TemporaryDirectory() as outdir:
            command = [argument.format(outdir=outdir) for argument in self.command]
            variables = {**os.environ, **CONTACTS, **self.variables, "CDKTF_OUTDIR": outdir}
            start = time.perf_counter()
            subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True)
            self.seconds = min(self.seconds, time.perf_counter() - start)


def synthesis_apps(runs: int) -> dict[str, App]:
    measured = [sys.executable, "-m", "benchmarks.synthesis"]
    optimised = [sys.executable, "-O", "-m", "benchmarks.synthesis"]
    main = [sys.executable, "main.py"]
    return {
        "floor": App("floor: import cdktf, one element", [*measured, "floor", "{outdir}"], {}, runs),
        "one": App("prod", [*measured, "1", "{outdir}"], {}, runs),
        "one -O": App("prod, python -O", [*optimised, "1", "{outdir}"], {}, runs),
        "all": App("python main.py: all environments and their state stacks", main, {}, runs),
        "ten": App("10 environments", [*measured, "10", "{outdir}"], {}, runs),
        "fifty": App("50 environments", [*measured, "50", "{outdir}"], {}, max(1, runs // 2)),
        "fifty -O": App("50 environments, python -O", [*optimised, "50", "{outdir}"], {}, max(1, runs // 2)),
        "stock one": App("prod, stock bindings", [*measured, "1", "{outdir}"], STOCK, 1 + runs // 4),
        "stock all": App("python main.py, stock bindings", main, STOCK, 1 + runs // 4),
    }


def resources_of_prod() -> int:
    with tempfile.TemporaryDirectory() as outdir:
        command = [sys.executable, "-m", "benchmarks.synthesis", "1", outdir]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        stack = json.loads((Path(outdir) / "stacks" / "environment-0" / "cdk.tf.json").read_text())
    return sum(len(resources) for resources in stack["resource"].values())


def report_synthesis(console: Console, runs: int) -> None:
    apps = synthesis_apps(runs)
    apps["floor"].run()  # fills the file caches
    apps["floor"].seconds = float("inf")
    turns = [app for turn in range(runs) for app in apps.values() if turn < app.runs]
    for app in track(turns, description="synthesis", console=console, transient=True):
        app.run()
    floor = apps["floor"].seconds
    table = Table(title="Synthesis, shortest run of each", title_justify="left")
    for column in ("app", "× floor", "stock ÷ this", "seconds here"):
        table.add_column(column, justify="left" if column == "app" else "right")
    stock = {"one": "stock one", "all": "stock all"}
    for name, app in apps.items():
        faster = f"{apps[stock[name]].seconds / app.seconds:.1f}" if name in stock else ""
        table.add_row(app.title, f"{app.seconds / floor:.2f}", faster, f"{app.seconds:.2f}")
    console.print(table)
    resources = resources_of_prod()
    for few, many, suffix in (("one", "fifty", ""), ("one -O", "fifty -O", ", python -O")):
        added = (apps[many].seconds - apps[few].seconds) / 49 / resources * 200 / floor
        console.print(f"each further environment adds {added:.2f} × floor per 200 resources{suffix}")


def report_matching(console: Console, records: Path) -> None:
    from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
    from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
    from cloudtrail_monitoring.simulation.records import read_records

    events = list(read_records([records], lambda fault: console.print(f"not read: {fault}", markup=False)))
    patterns = [FilterPattern.parse(detection.pattern) for detection in CATALOGUE.values()]
    start = time.perf_counter()
    matches = sum(pattern.matches(event) for event in events for pattern in patterns)
    seconds = time.perf_counter() - start
    console.print(
        f"{len(events)} records against {len(patterns)} patterns: {len(events) / seconds:,.0f} records a second,"
        f" {matches} matches"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=4, help="runs of each app (stock bindings and 50: fewer)")
    parser.add_argument("--records", type=Path, help="CloudTrail records to match against prod's patterns")
    options = parser.parse_args()
    console = Console()
    if options.records:
        report_matching(console, options.records)
    report_synthesis(console, options.runs)

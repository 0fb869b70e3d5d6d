"""What synthesis costs, as ratios to its floor; the apps themselves are in ``synthesis``.

Every app runs in a process of its own, the runs of all apps taking turns; each app's shortest run counts.
"""

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.project import run

STOCK = {"CLOUDTRAIL_MONITORING_STOCK_BINDINGS": "1"}


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
            start = time.perf_counter()
            run(command, **self.variables, CDKTF_OUTDIR=outdir)
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
        run([sys.executable, "-m", "benchmarks.synthesis", "1", outdir])
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

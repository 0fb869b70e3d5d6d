"""How much more memory ``simulate`` needs for a hundred times the records: none, if the ratio is 1."""

from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.project import peak_bytes, simulate, synthesised
from benchmarks.recorded import Recorded

FEW, MANY = 3_000, 300_000


def report_memory(console: Console, recorded: Recorded) -> None:
    """Print the peaks of ``simulate --json`` over few and many records, packed as CloudTrail delivers them."""
    with synthesised() as output, TemporaryDirectory() as folder, console.status("memory"):
        few, many = (
            peak_bytes(simulate(recorded.write(Path(folder) / f"{count}.jsonl.gz", count), output, "--json"))
            for count in (FEW, MANY)
        )
    console.print(
        f"peak memory of simulate --json: {many / few:.2f} × for {MANY:,} records what it is for {FEW:,}"
        f" ({many >> 20} and {few >> 20} MiB here)",
        soft_wrap=True,
    )

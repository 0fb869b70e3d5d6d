"""How far reading has come, in bytes of the files: a bar on a terminal, nothing in a pipe."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cloudtrail_monitoring.simulation.records import total_bytes


@contextmanager
def reading(paths: Sequence[Path], *, beside_output: bool) -> Iterator[Callable[[int], None]]:
    """A bar on stderr while records are read; what it gives takes the number of bytes of each piece read.

    Args:
        paths: What is read.
        beside_output: Whether lines are printed meanwhile: on one terminal the bar would run through them.
    """
    if not (sys.stderr and sys.stderr.isatty()) or (beside_output and sys.stdout.isatty()):
        yield lambda _: None
        return

    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    # stdout is not the bar's: it may be a file
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("reading", total=total_bytes(paths) or None)
        yield lambda number: bar.advance(task, number)

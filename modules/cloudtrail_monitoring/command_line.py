"""What the commands of ``cloudtrail-monitoring`` share: exit statuses, where they print, how they refuse."""

import sys
from typing import NoReturn

import typer
from rich.console import Console

from cloudtrail_monitoring.simulation.printable_text import printable

FAILED = 1
UNUSABLE_INPUT = 2
PIPE_WIDTH = 140
"""Characters; wide enough for the tables."""


def console_of(*, pipe_width: int = PIPE_WIDTH) -> Console:
    """Standard output: a terminal as wide as it is, a pipe or file ``pipe_width`` characters wide."""
    console = Console()
    return console if console.is_terminal else Console(width=pipe_width)


def refuse(error: object, status: int = UNUSABLE_INPUT) -> NoReturn:
    """Say on standard error what keeps the command from its work, and end it.

    Args:
        error: a line, or one for each fault; what would act on a terminal is made harmless.
        status: the exit status.
    """
    for line in str(error).split("\n"):
        print(printable(line), file=sys.stderr)
    raise typer.Exit(status) from None

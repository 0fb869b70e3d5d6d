"""The command ``cloudtrail-monitoring search``: parsed here, made into SQL by ``search_request``, run by ``athena``.

Imports what it needs when it runs.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudtrail_monitoring.command_line import console_of, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloudtrail_monitoring.archive.search.athena import Finished, Row
    from cloudtrail_monitoring.responders.runtime.aws import Aws
    from cloudtrail_monitoring.settings import MonitoringSettings

_PIPE_WIDTH = 200
_CENT = 0.01
_SHOWN = ("eventtime", "eventname", "account", "region", "principal", "address", "error")
"""The columns of the table on a terminal; ``--json`` has all."""


def search(
    first: Annotated[
        str | None, typer.Option("--from", metavar="WHEN", help="A day, or a time, in UTC; 7 days before --to if not.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="WHEN", help="The same, a day to its end; now if not given.")
    ] = None,
    detection: Annotated[
        str | None, typer.Option(metavar="ID", help="What this detection of the environment counts.")
    ] = None,
    pattern: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="What this filter pattern of CloudWatch Logs matches.")
    ] = None,
    principal: Annotated[str | None, typer.Option(metavar="ARN", help="What this user, role or session did.")] = None,
    event_name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Events of this name; may be given again.")
    ] = None,
    region: Annotated[list[str] | None, typer.Option(help="Only this Region's log files; may be given again.")] = None,
    account: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this account's log files; may be given again.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Events at most, the oldest first.")] = 100,
    run: Annotated[
        bool, typer.Option("--run", help="Run it, with your AWS credentials, instead of printing the SQL.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --run: a line of JSON for each event.")] = False,
    environment: Annotated[str, typer.Option(help="Environment whose archive is searched.")] = "prod",
    project: Annotated[Path, typer.Option(help="Folder that holds environments/.")] = Path(),
) -> None:
    """Write the Athena query for events of the archive, or run it: the days, then what is looked for.

    Every query names accounts and days, so that it reads those log files alone. All that is asked for has to hold.
    """
    from cloudtrail_monitoring.archive.search.search_request import SearchError, SearchRequest, sql_of
    from cloudtrail_monitoring.aws_account import AccountError
    from cloudtrail_monitoring.environments import load_environment
    from cloudtrail_monitoring.responders.runtime.aws import Aws, utc_now
    from cloudtrail_monitoring.validation import SettingsError

    if as_json and not run:
        refuse(SearchError("--json is how --run prints events: add --run, or leave it out to see the SQL"))
    request = SearchRequest(
        first, last, account or (), region or (), detection, pattern, principal, event_name or (), limit
    )
    try:
        settings = load_environment(project / "environments", environment)
        sql = sql_of(settings, request, now=utc_now())
        if not run:
            print(sql)
            return
        _tell(_found(settings, Aws(settings.home_region), sql), limit, as_json=as_json)
    except (AccountError, SearchError, SettingsError) as error:
        refuse(error)


def _found(settings: "MonitoringSettings", aws: "Aws", sql: str) -> "Finished":
    from cloudtrail_monitoring.archive.search.athena import run_query
    from cloudtrail_monitoring.aws_account import caller_of

    caller_of(settings, aws)
    with _progress() as told:
        return run_query(aws, settings.search_names, sql, progress=told)


@contextmanager
def _progress() -> Iterator["Callable[[str, int], None]"]:
    """On a terminal, on stderr, what the query is at; nothing in a pipe."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield lambda _state, _scanned: None
        return
    from rich.console import Console

    with Console(stderr=True).status("the query waits") as status:
        yield lambda state, scanned: status.update(f"the query is {state.lower()}, {scanned / 1e6:,.0f} MB read")


def _tell(found: "Finished", limit: int, *, as_json: bool) -> None:
    if as_json:
        for row in found.rows:
            print(json.dumps(_with_request(row)))
    else:
        _print_table(found.rows)
    number, usd = len(found.rows), found.estimated_usd
    print(
        f"{number:,} event{'' if number == 1 else 's'}{' (there may be more: --limit)' if number == limit else ''},"
        f" {found.scanned_bytes / 1e6:,.1f} MB read in {found.seconds:.1f} s,"
        f" {f'about ${usd:,.2f}' if usd >= _CENT else 'less than $0.01'}",
        file=sys.stderr,
    )


def _with_request(row: "Row") -> dict[str, object]:
    """The row with its JSON text as JSON."""
    told: dict[str, object] = dict(row)
    if row.get("request"):
        with suppress(ValueError):
            told["request"] = json.loads(str(row["request"]))
    return told


def _print_table(rows: Sequence["Row"]) -> None:
    from rich.table import Table
    from rich.text import Text

    from cloudtrail_monitoring.simulation.printable_text import printable

    table = Table(box=None, header_style="bold")
    for name in _SHOWN:
        table.add_column(name, overflow="fold")
    for row in rows:
        # text, not markup: what is in a record is somebody else's
        table.add_row(*(Text(printable(row.get(name) or "")) for name in _SHOWN))
    console_of(pipe_width=_PIPE_WIDTH).print(table)

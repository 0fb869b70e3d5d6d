"""Runs an access review: reads the settings, the synthesised output and, if asked, the account; prints and writes.

The clock and the AWS clients are passed in, so that a test gives its own.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from cloudtrail_monitoring.environments import load_environment
from cloudtrail_monitoring.governance.access_review.account import Account
from cloudtrail_monitoring.governance.access_review.account_callers import callers_of_account, role_differences
from cloudtrail_monitoring.governance.access_review.callers import callers_of_output
from cloudtrail_monitoring.governance.access_review.parts import System
from cloudtrail_monitoring.governance.access_review.report import print_review, write_reports
from cloudtrail_monitoring.governance.access_review.review import Review, review_access
from cloudtrail_monitoring.governance.access_review.synthesised_parts import read_system
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.simulation.synthesised_output import (
    MANIFEST,
    Document,
    SynthesisedOutputError,
    read_environment,
)

AS_MEANT, DEVIATES = 0, 1
"""Exit statuses."""


class Source(NamedTuple):
    """What is reviewed.

    Args:
        project: folder of ``environments/`` and ``cdktf.json``.
        output: folder of the synthesised output, relative to it.
        of_account: whether the account is read, too.
    """

    environment: str
    project: Path
    output: Path
    of_account: bool = False


class Destination(NamedTuple):
    """Files to write, beside what is printed."""

    markdown: Path | None = None
    html: Path | None = None
    as_json: Path | None = None


def run_access_review(
    source: Source,
    destination: Destination,
    console: Console,
    *,
    aws: Aws | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Review, print, write; 0 if all is as the settings mean it, else 1.

    Raises:
        SettingsError: the environments can't be read.
        SynthesisedOutputError: there is no usable output.
        AccountError: the account can't be read, or is another one.
        ReportError: a report can't be written.
    """
    settings = load_environment(source.project / "environments", source.environment)
    # the account first: nothing is synthesised for one that is the wrong one
    account = Account(settings, aws) if source.of_account else None
    system = read_system(settings, _documents(source))
    review = (
        review_access(settings, system, callers_of_output(settings, system), at=now())
        if account is None
        else review_of_account(settings, system, account, at=now())
    )
    write_reports(review, markdown=destination.markdown, html=destination.html, as_json=destination.as_json)
    print_review(review, console)
    return AS_MEANT if review.is_as_meant else DEVIATES


def review_of_account(settings: MonitoringSettings, system: System, account: Account, *, at: datetime) -> Review:
    """The review of an account; when each principal that holds a right was last used is looked up afterwards.

    Raises:
        AccountError: something can't be read.
    """
    deployed, differences = account.deployed(system)
    differences += role_differences(settings, system, account.details)
    callers = callers_of_account(settings, deployed, account.details)
    review = review_access(settings, deployed, callers, at=at, of_account=True, differences=differences)
    holders = {one.caller for one in review.held}
    looked_up = (account.with_last_use(one) if one.name in holders else one for one in review.callers)
    return replace(review, callers=tuple(looked_up))


def _documents(source: Source) -> list[Document]:
    """The environment's stack, and the stack of its state bucket where that was synthesised with it."""
    stack = read_environment(source.project, source.output, source.environment, _tell)
    folder = source.project / source.output
    try:
        stacks = json.loads((folder / MANIFEST).read_bytes())["stacks"]
        state = stacks.get(f"state-{source.environment}")
        if state is None:
            _tell(f"{folder} has no stack state-{source.environment}: the state bucket is not reviewed")
            return [stack]
        return [stack, json.loads((folder / state["synthesizedStackPath"]).read_bytes())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise SynthesisedOutputError(
            f"{folder}: the stack state-{source.environment} can't be read; write it again with `make synth`"
        ) from None


def _tell(line: str) -> None:
    print(line, file=sys.stderr)

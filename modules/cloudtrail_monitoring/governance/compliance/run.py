"""Runs the compliance report: reads the synthesised output, has Checkov judge it, assesses, prints and writes."""

import json
import sys
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from cloudtrail_monitoring.governance.compliance.assessment import Checks, assess
from cloudtrail_monitoring.governance.compliance.frameworks import FRAMEWORKS
from cloudtrail_monitoring.governance.compliance.output import Output
from cloudtrail_monitoring.governance.compliance.report import print_summary, write_reports
from cloudtrail_monitoring.governance.compliance.view import Compliance
from cloudtrail_monitoring.governance.scan import scan_stack
from cloudtrail_monitoring.simulation.synthesised_output import Document, read_environment


class Source(NamedTuple):
    """What is assessed.

    Args:
        project: folder of ``cdktf.json``.
        output: folder of the synthesised output, relative to it.
    """

    environment: str
    project: Path
    output: Path


class Destination(NamedTuple):
    """Files to write, beside what is printed."""

    markdown: Path | None = None
    html: Path | None = None
    as_json: Path | None = None


def run_compliance_report(source: Source, destination: Destination, console: Console) -> None:
    """Assess, write, print.

    Raises:
        SynthesisedOutputError: there is no usable output.
        ScanError: Checkov is not installed or gives no report.
        ReportError: a report can't be written.
    """
    document = read_environment(source.project, source.output, source.environment, _tell)
    compliance = assess_environment(source.environment, document)
    write_reports(compliance, markdown=destination.markdown, html=destination.html, as_json=destination.as_json)
    print_summary(compliance, console)


def assess_environment(environment: str, document: Document) -> Compliance:
    """The assessment of one stack, with Checkov run on that very document.

    Raises:
        ScanError: Checkov is not installed, can't read the stack, or gives no report.
    """
    output = Output(document)
    checks = Checks(scan_stack(environment, json.dumps(document, indent=2)), environment)
    return Compliance(environment, output.account_id or "unknown", assess(FRAMEWORKS, output, checks), checks)


def _tell(line: str) -> None:
    print(line, file=sys.stderr)

"""The commands ``cloudtrail-monitoring report …``: what an environment amounts to, read from its synthesised output."""

from pathlib import Path
from typing import Annotated

import typer

from cloudtrail_monitoring.command_line import console_of, refuse

report = typer.Typer(
    help="Reports on an environment, made from its synthesised output.", no_args_is_help=True, add_completion=False
)

Environment = Annotated[str, typer.Option(help="Environment whose synthesised output is read.")]
Project = Annotated[Path, typer.Option(help="Folder that holds cdktf.json and environments/.")]
Output = Annotated[
    Path, typer.Option(envvar="CDKTF_OUTDIR", help="Folder of the synthesised output, within the project.")
]
MarkdownFile = Annotated[Path | None, typer.Option("--markdown", metavar="F", help="Write it to F as Markdown, too.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", metavar="F", help="Write it to F as a page, too.")]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="F", help="Write it to F as JSON, too.")]


@report.command(epilog="Example: cloudtrail-monitoring report cost --environment prod --against ../main/cdktf.out")
def cost(
    environment: Environment = "prod",
    against: Annotated[
        Path | None,
        typer.Option(help="Another synthesised output, such as the main branch's: report what the change costs."),
    ] = None,
    volumes: Annotated[
        Path | None, typer.Option(help="Event volumes of the environments; environments/volumes.toml if not given.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="Another price table; the shipped one is of us-east-1 if not given.")
    ] = None,
    markdown: MarkdownFile = None,
    html: HtmlFile = None,
    as_json: JsonFile = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """Estimate what an environment costs a month, by part, over seven years, and against the budget.

    Nothing is asked of AWS: resources are counted in the synthesised output, events are declared, prices are a file.
    """
    from cloudtrail_monitoring.governance.cost.prices import CostError
    from cloudtrail_monitoring.governance.cost.report_files import Destination
    from cloudtrail_monitoring.governance.cost.run import Source, run_cost_report
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError

    source = Source(environment, project, output, against, volumes, prices)
    try:
        run_cost_report(source, Destination(markdown, as_json, html), console_of())
    except (CostError, SynthesisedOutputError) as error:
        refuse(error)


@report.command(epilog="Example: cloudtrail-monitoring report events ~/cloudtrail-logs/ --environment prod")
def events(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="CloudTrail records: JSON lines, Records files, gzip, folders of them; - is stdin."),
    ] = None,
    environment: Environment = "prod",
    from_archive: Annotated[
        int | None,
        typer.Option(min=1, metavar="DAYS", help="Print the SQL that counts the last days in the archive, instead."),
    ] = None,
    span_days: Annotated[
        float | None,
        typer.Option(min=0.0, help="Days that the records cover; from the first to the last if not given."),
    ] = None,
    volumes: Annotated[
        Path | None, typer.Option(help="Where other trails are declared; environments/volumes.toml if not given.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="Another price table; the shipped one is of us-east-1 if not given.")
    ] = None,
    markdown: MarkdownFile = None,
    html: HtmlFile = None,
    as_json: JsonFile = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """Review what an environment records: volume and cost by event and source, and what could be recorded less.

    What a detection counts, or a requirement records, is never proposed to go. Records that can't be read are named.
    """
    from cloudtrail_monitoring.environments import load_environment
    from cloudtrail_monitoring.governance.cost.prices import CostError
    from cloudtrail_monitoring.governance.cost.report_files import Destination
    from cloudtrail_monitoring.governance.event_review.archive_counts import counts_sql
    from cloudtrail_monitoring.governance.event_review.run import Source, run_event_review
    from cloudtrail_monitoring.simulation.records import RecordsError
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError
    from cloudtrail_monitoring.validation import SettingsError

    if bool(files) == (from_archive is not None):
        refuse("name files of records, or --from-archive DAYS for the query that counts them there")
    try:
        if from_archive is not None:
            print(counts_sql(load_environment(project / "environments", environment), from_archive))
            return
        source = Source(environment, files or [], project, output, span_days, volumes, prices)
        run_event_review(source, Destination(markdown, as_json, html), console_of())
    except (CostError, RecordsError, SettingsError, SynthesisedOutputError) as error:
        refuse(error)


@report.command(epilog="Example: cloudtrail-monitoring report access --environment prod --html access.html")
def access(
    environment: Environment = "prod",
    account: Annotated[
        bool, typer.Option("--account", help="Read the account, too: its users, roles and policies. Changes nothing.")
    ] = False,
    markdown: MarkdownFile = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="F", help="Write it to F as a page, too.")] = None,
    as_json: JsonFile = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """Review who can read, change or stop each part of an environment, against its settings.

    Exit 0 if all is as the settings mean it, 1 if not, 2 if that can't be seen.
    """
    from cloudtrail_monitoring.aws_account import AccountError
    from cloudtrail_monitoring.governance.access_review.run import Destination, Source, run_access_review
    from cloudtrail_monitoring.governance.report_files import ReportError
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError
    from cloudtrail_monitoring.validation import SettingsError

    source = Source(environment, project, output, of_account=account)
    try:
        status = run_access_review(source, Destination(markdown, html, as_json), console_of())
    except (AccountError, ReportError, SettingsError, SynthesisedOutputError) as error:
        refuse(error)
    raise typer.Exit(status)


@report.command(epilog="Example: cloudtrail-monitoring report compliance --environment prod --html compliance.html")
def compliance(
    environment: Environment = "prod",
    markdown: MarkdownFile = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="F", help="Write it to F as a page, too.")] = None,
    as_json: JsonFile = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """Tell which controls of SOX 404, PCI DSS 10, HIPAA, SOC 2 and CIS an environment's output meets, and why not.

    Runs Checkov on the environment's stack. Exit 0 whatever the statuses are: this is a report, `scan` is the gate.
    Exit 2 if it can't be made.
    """
    from cloudtrail_monitoring.governance.compliance.run import Destination, Source, run_compliance_report
    from cloudtrail_monitoring.governance.report_files import ReportError
    from cloudtrail_monitoring.governance.scan import ScanError
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError

    try:
        run_compliance_report(Source(environment, project, output), Destination(markdown, html, as_json), console_of())
    except (ReportError, ScanError, SynthesisedOutputError) as error:
        refuse(error)


@report.command(epilog="Example: cloudtrail-monitoring report dashboard --environment prod --html dashboard.html")
def dashboard(
    environment: Environment = "prod",
    account: Annotated[
        bool, typer.Option("--account", help="Of the account itself, as it is now, and no replay. Changes nothing.")
    ] = False,
    html: Annotated[Path, typer.Option("--html", metavar="F", help="Write the page to F.")] = Path(
        "build/dashboard/dashboard.html"
    ),
    name: Annotated[str | None, typer.Option(help="Of the dashboard, if the environment has more than one.")] = None,
    project: Project = Path(),
) -> None:
    """Draw an environment's CloudWatch dashboard as one page to open in a browser.

    Without --account the environment is deployed into an embedded AWS and an attack is replayed there, which takes
    minutes; nothing of AWS is contacted. With it, the log queries of the dashboard are run and billed as usual.
    """
    from cloudtrail_monitoring.aws_account import AccountError
    from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError
    from cloudtrail_monitoring.simulation.records import RecordsError
    from cloudtrail_monitoring.validation import SettingsError

    try:
        if account:
            from cloudtrail_monitoring.environments import load_environment
            from cloudtrail_monitoring.governance.dashboard_page.run import write_account_dashboard

            settings = load_environment(project / "environments", environment)
            write_account_dashboard(settings, html, name=name, console=console_of())
        else:
            from cloudtrail_monitoring.sandbox.dashboard import write_embedded_dashboard

            write_embedded_dashboard(project.resolve(), environment, html, name=name, console=console_of())
    except ModuleNotFoundError as error:
        extra = "investigate" if account else "sandbox"
        refuse(f"{error.name} is needed: pip install 'cloudtrail-monitoring[{extra}]'")
    except (AccountError, DashboardError, RecordsError, SettingsError) as error:
        refuse(error)

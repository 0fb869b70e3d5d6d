"""The command line ``cloudtrail-monitoring``: parses, calls, prints. A command imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from cloudtrail_monitoring.archive.search.command_line import search
from cloudtrail_monitoring.command_line import FAILED, console_of, refuse
from cloudtrail_monitoring.extras import CommandsWithExtras
from cloudtrail_monitoring.governance.report_command_line import report
from cloudtrail_monitoring.responders.investigation.command_line import investigate
from cloudtrail_monitoring.simulation.other_languages import Language
from cloudtrail_monitoring.state.command_line import state

app = typer.Typer(
    cls=CommandsWithExtras,
    help="Audit trail, archive, alarms, responders: try them, scan them, work with them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

alerts = typer.Typer(
    help="Whom alerts reach: look at the subscriptions, send a test. Uses your AWS credentials.", no_args_is_help=True
)
app.add_typer(alerts, name="alerts")
app.add_typer(investigate, name="investigate")
app.add_typer(report, name="report")
app.add_typer(state, name="state")
app.command(epilog="Example: cloudtrail-monitoring search --from 2026-01-01 --to 2026-01-31 --detection root-activity")(
    search
)

Environment = Annotated[str, typer.Option(help="Environment whose synthesised output is read.")]
Project = Annotated[Path, typer.Option(help="Folder that holds cdktf.json and environments/.")]
Output = Annotated[
    Path, typer.Option(envvar="CDKTF_OUTDIR", help="Folder of the synthesised output, within the project.")
]


@app.callback()
def main() -> None:
    """CloudTrail monitoring: try an environment before it is deployed, and work with what is."""


@app.command(epilog="Example: cloudtrail-monitoring demo --events ~/cloudtrail-logs/")
def demo(
    events: Annotated[
        list[Path] | None,
        typer.Option(help="CloudTrail records to replay: JSON lines, Records files, gzip, or folders of them."),
    ] = None,
    environment: Annotated[str, typer.Option(help="Environment to deploy.")] = "prod",
    project: Annotated[Path, typer.Option(help="Folder that holds cdktf.json and environments/.")] = Path(),
    output: Annotated[Path, typer.Option(help="Folder for logs and reports.")] = Path("build/demo"),
) -> None:
    """Deploy an environment into an embedded AWS, replay an attack, and report what was detected.

    Nothing of AWS is contacted, whatever credentials the shell holds.
    """
    from cloudtrail_monitoring.aws_account import AccountError
    from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError
    from cloudtrail_monitoring.sandbox.demo import run_demo
    from cloudtrail_monitoring.sandbox.deployment import DeploymentError
    from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAwsError
    from cloudtrail_monitoring.sandbox.event_bus import EventRuleError
    from cloudtrail_monitoring.sandbox.metric_filters import ReplayError
    from cloudtrail_monitoring.sandbox.metric_math import MetricMathError
    from cloudtrail_monitoring.sandbox.terraform import TerraformError
    from cloudtrail_monitoring.simulation.records import RecordsError
    from cloudtrail_monitoring.validation import SettingsError

    try:
        run_demo(project.resolve(), environment, events or [], directory=output.resolve(), console=console_of())
    except (RecordsError, SettingsError) as error:
        refuse(error)
    except (
        AccountError,
        DashboardError,
        DeploymentError,
        EmbeddedAwsError,
        EventRuleError,
        MetricMathError,
        ReplayError,
        TerraformError,
    ) as error:
        refuse(error, FAILED)


@app.command(epilog="Example: cloudtrail-monitoring scan cdktf.out --sarif scan.sarif --junit scan.xml")
def scan(
    output: Annotated[Path, typer.Argument(envvar="CDKTF_OUTDIR", help="Folder of the synthesised output.")] = Path(
        "cdktf.out"
    ),
    form: Annotated[str, typer.Option("--format", help="How to print it: text, json, sarif or junit.")] = "text",
    sarif: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write SARIF 2.1.0 to this file as well, for code scanning.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML to this file as well, for CI.")
    ] = None,
) -> None:
    """Run Checkov on the synthesised output and join its findings with the waivers declared in the code.

    Exit 0 if every finding is waived with a reason, 1 if not, 2 if the scan can't be done.
    """
    from cloudtrail_monitoring.governance.scan import Form, run

    if form not in list(Form):
        raise typer.BadParameter(f"{form!r} is not one of {', '.join(Form)}", param_hint="--format")
    files = {Form.SARIF: sarif, Form.JUNIT: junit}
    written = {kind: file for kind, file in files.items() if file is not None}
    raise typer.Exit(run(output, console_of(), form=Form(form), files=written))


@app.command(epilog="Example: cloudtrail-monitoring simulate ~/cloudtrail-logs/ --environment prod")
def simulate(
    files: Annotated[
        list[Path],
        typer.Argument(help="CloudTrail records: JSON lines, Records files, gzip, folders of them; - is stdin."),
    ],
    environment: Environment = "prod",
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each record, in input order.")] = False,
    show_all: Annotated[bool, typer.Option("--all", help="List detections that saw nothing, too.")] = False,
    explain: Annotated[
        str | None, typer.Option(metavar="EVENT_ID", help="Show why this record is detected or not, clause by clause.")
    ] = None,
    detection: Annotated[str | None, typer.Option(metavar="ID", help="Look at this detection only.")] = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """Run CloudTrail records through an environment's detections as synthesised, before anything is deployed.

    It tells which records the metric filters count; `demo` shows which alarms fire.
    """
    from cloudtrail_monitoring.simulation.records import RecordsError
    from cloudtrail_monitoring.simulation.simulate import SimulationError, Source, run_simulation
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError

    source = Source(environment, project, output, detection)
    try:
        status = run_simulation(source, files, console_of(), as_json=as_json, show_all=show_all, explain=explain)
    except (RecordsError, SimulationError, SynthesisedOutputError) as error:
        refuse(error)
    else:
        raise typer.Exit(status)


@app.command(epilog="Example: cloudtrail-monitoring detections --environment prod --id root-activity")
def detections(
    environment: Environment = "prod",
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each metric filter.")] = False,
    id_: Annotated[str | None, typer.Option("--id", metavar="ID", help="Print this detection in full.")] = None,
    language: Annotated[
        Language | None, typer.Option("--as", help="Say the one of --id for Logs Insights, Athena or EventBridge.")
    ] = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """List what an environment detects: its metric filters and their alarms, read from the synthesised output."""
    from cloudtrail_monitoring.simulation.simulate import SimulationError, Source, run_detections
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError

    try:
        source = Source(environment, project, output, id_)
        status = run_detections(source, console_of(), as_json=as_json, language=language)
    except (SimulationError, SynthesisedOutputError) as error:
        refuse(error)
    else:
        raise typer.Exit(status)


@app.command(
    "review-plan", epilog="Example: cloudtrail-monitoring review-plan build/plans/prod.json --markdown prod.md"
)
def review_plan(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="What `terraform show -json PLAN` printed.")],
    environment: Annotated[
        str | None, typer.Option(help="The plan's environment; the file's name without its ending if not given.")
    ] = None,
    approved: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A weakening that somebody approved; may be given again.")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the review there.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the verdict there.")] = None,
) -> None:
    """Tell what a plan changes, and what of that weakens the audit trail. Changes nothing.

    Exit 0 if nothing does, or all of it is approved; exit 3 if something needs approval; exit 2 if it can't be read.
    """
    from cloudtrail_monitoring.governance.plan_review.command import run
    from cloudtrail_monitoring.governance.plan_review.plan import PlanError

    try:
        status = run(
            plan,
            environment=environment or plan.stem,
            approved=approved or (),
            markdown=markdown,
            verdict=as_json,
            console=console_of(),
        )
    except PlanError as error:
        refuse(error)
    else:
        raise typer.Exit(status)


@app.command("quick-reference", epilog="Example: cloudtrail-monitoring quick-reference --environment prod")
def quick_reference(
    environment: Annotated[str, typer.Option(help="Environment whose names the commands have.")] = "prod",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: the commands by name.")] = False,
    project: Project = Path(),
) -> None:
    """Print the commands at hand for an environment, with its real names: look, query, validate, start. Runs none."""
    from cloudtrail_monitoring.environments import load_environment
    from cloudtrail_monitoring.quick_reference import as_json as json_of
    from cloudtrail_monitoring.quick_reference import as_text
    from cloudtrail_monitoring.validation import SettingsError

    try:
        settings = load_environment(project / "environments", environment)
    except SettingsError as error:
        refuse(error)
    else:
        print(json_of(settings) if as_json else as_text(settings))


@alerts.command("check", epilog="Example: cloudtrail-monitoring alerts check --environment prod")
def alerts_check(
    environment: Annotated[str, typer.Option(help="Environment whose topics are looked at.")] = "prod",
    project: Project = Path(),
) -> None:
    """List who is subscribed to an environment's topics, and whether alerts reach them. Changes nothing.

    Exit 1 if a reader is unconfirmed or missing, or a topic has none; exit 2 if that can't be seen.
    """
    from cloudtrail_monitoring.aws_account import AccountError
    from cloudtrail_monitoring.environments import load_environment
    from cloudtrail_monitoring.responders.alert_routes import AlertRoutesError, run_check
    from cloudtrail_monitoring.validation import SettingsError

    try:
        status = run_check(load_environment(project / "environments", environment), console_of())
    except (AccountError, AlertRoutesError, SettingsError) as error:
        refuse(error)
    else:
        raise typer.Exit(status)


@alerts.command("send-test", epilog="Example: cloudtrail-monitoring alerts send-test --environment prod --channel sms")
def alerts_send_test(
    environment: Annotated[str, typer.Option(help="Environment whose topics are written to.")] = "prod",
    channel: Annotated[
        str | None, typer.Option(help="Only this channel: email or sms. Without it, each that a level goes to.")
    ] = None,
    project: Project = Path(),
) -> None:
    """Send a message marked as a test through an environment's topics. Everybody subscribed receives it.

    Exit 1 if a message reaches nobody, 2 if it can't be sent.
    """
    from cloudtrail_monitoring.aws_account import AccountError
    from cloudtrail_monitoring.environments import load_environment
    from cloudtrail_monitoring.responders.alert_routes import AlertRoutesError, run_send_test
    from cloudtrail_monitoring.validation import SettingsError

    try:
        status = run_send_test(load_environment(project / "environments", environment), console_of(), channel=channel)
    except (AccountError, AlertRoutesError, SettingsError) as error:
        refuse(error)
    else:
        raise typer.Exit(status)

"""The quick reference of an environment (R-DEL-5): the commands at hand, each with the environment's real names.

One table, read three times: by the stack for its output ``quick_reference``, by the command line, and by the page
``docs/quick-reference.md``. A command is a line for bash with AWS's CLI, version 2, or one of this project's own. One
that names what an environment does not have (the responders' switch, say) is left out there. Nothing here stops the
trail: that has no quick way.
"""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import NamedTuple

from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.detections.catalogue.alarms import ALARMS
from cloudtrail_monitoring.detections.catalogue.iam_events import IAM_EVENTS
from cloudtrail_monitoring.location import role_arns
from cloudtrail_monitoring.observability.query_catalogue import required_queries
from cloudtrail_monitoring.responders.names import CONSOLE_EVENTS_LOG_GROUP, IAM_EVENTS_LOG_GROUP, ResponderNames
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.trail.settings import enhanced_trail_name, log_delivery_role_name


class Command(NamedTuple):
    """One line to paste: its name in the output, what it does, and the line."""

    name: str
    does: str
    line: str


class Topic(NamedTuple):
    """Commands that belong together."""

    title: str
    commands: tuple[Command, ...]


_DETECTIONS = {detection.id: detection for detection in (*IAM_EVENTS, *ALARMS)}
USER_CREATED = '{ $.eventName = "CreateUser" }'
"""In the log group that holds IAM's events alone, the name says enough."""
FAILED_LOGINS = _DETECTIONS["console-login-failures"].pattern

# arithmetic, as the date of a Mac has no -d
_A_WEEK = '--start-time "$(($(date +%s) - 604800))" --end-time "$(date +%s)"'
_A_DAY = '--start-time "$(($(date +%s) - 86400))000"'
_MESSAGES = "--query 'events[].message' --output text"
_QUERY = f"aws logs start-query --region {{region}} --log-group-name {{log_group}} {_A_WEEK} --query-string"

# Topic, name, what it does, the line. Braces hold a fact of the environment; where it has none, there is no such line.
# CloudWatch Logs counts milliseconds in filter-log-events, and seconds in start-query:
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
_LINES = (
    ("The trail", "account", "whose account your credentials are of",
     "cloudtrail-monitoring state account --environment {environment}"),
    ("The trail", "create", "make or change the trail and all that belongs to it, as the deploy role",
     "make deploy ENV={environment}"),
    ("The trail", "status", "whether it records, when it last delivered, and the last error",
     "aws cloudtrail get-trail-status --region {region} --name {trail}"),
    ("The trail", "describe", "how it is set up",
     "aws cloudtrail describe-trails --region {region} --trail-name-list {trail}"),
    ("The trail", "selectors", "which events it records",
     "aws cloudtrail get-event-selectors --region {region} --trail-name {trail}"),
    ("The trail", "insights", "which Insights it has on",
     "aws cloudtrail get-insight-selectors --region {region} --trail-name {insights_trail}"),
    ("The trail", "enhanced_status", "whether enhanced logging runs just now",
     "aws cloudtrail get-trail-status --region {region} --name {enhanced_trail}"),
    ("The trail", "start", "start it again after somebody stopped it, as the deploy role or break-glass",
     "aws cloudtrail start-logging --region {region} --name {trail}"),
    ("The trail", "create_by_hand", "break-glass, if it is gone and Terraform can't run; then start and import it",
     "aws cloudtrail create-trail --region {region} --name {trail} --s3-bucket-name {bucket} --is-multi-region-trail"
     " --include-global-service-events --enable-log-file-validation --cloud-watch-logs-log-group-arn {log_group_arn}"
     " --cloud-watch-logs-role-arn {log_role_arn}{key_option}{organization_option}"),
    ("What happened", "list_events", "who made users in the last 90 days, from CloudTrail's own history",
     "aws cloudtrail lookup-events --region {global_region} --lookup-attributes"
     " AttributeKey=EventName,AttributeValue=CreateUser --max-items 20"),
    ("What happened", "list_events_of_user", "what one user did: put in the name",
     "aws cloudtrail lookup-events --region {region} --lookup-attributes"
     " AttributeKey=Username,AttributeValue=jordan.meyer --max-items 20"),
    ("What happened", "tail", "events as they arrive, of all Regions",
     "aws logs tail {log_group} --region {region} --since 10m --follow --format short"),
    ("What happened", "iam_events", "users made since yesterday",
     f"aws logs filter-log-events --region {{region}} --log-group-name {{iam_events}} {_A_DAY}"
     f" --filter-pattern {{user_created}} {_MESSAGES}"),
    ("What happened", "console_events", "failed console logins since yesterday",
     f"aws logs filter-log-events --region {{region}} --log-group-name {{console_events}} {_A_DAY}"
     f" --filter-pattern {{failed_logins}} {_MESSAGES}"),
    ("Queries over the last 7 days", "query_users_created", "IAM users made (R-QRY-1)", f"{_QUERY} {{users_query}}"),
    ("Queries over the last 7 days", "query_failed_logins", "failed console logins (R-QRY-2)",
     f"{_QUERY} {{logins_query}}"),
    ("Queries over the last 7 days", "query_policies_attached", "policies attached to users and roles (R-QRY-3)",
     f"{_QUERY} {{attachments_query}}"),
    ("Queries over the last 7 days", "query_results", "what a query found: put in the id that start-query printed",
     "aws logs get-query-results --region {region} --query-id 12ab3456-12ab-123a-789e-1234567890ab"),
    ("Queries over the last 7 days", "saved_queries", "the queries saved in CloudWatch",
     "aws logs describe-query-definitions --region {region} --query-definition-name-prefix {prefix}"),
    ("Alarms", "alarms", "what rings now",
     "aws cloudwatch describe-alarms --region {region} --state-value ALARM --alarm-name-prefix {prefix}-"
     " --query 'MetricAlarms[].[AlarmName,StateUpdatedTimestamp,StateReason]' --output text"),
    ("Alarms", "alarm_history", "when root's alarm changed its state",
     "aws cloudwatch describe-alarm-history --region {region} --alarm-name {prefix}-root-activity"
     " --history-item-type StateUpdate --max-items 20"),
    ("Alarms", "dashboard", "the dashboard as a page, from the account as it is",
     "cloudtrail-monitoring report dashboard --environment {environment} --account --html dashboard.html"),
    ("Alarms", "subscriptions", "whether every reader of the alerts is confirmed",
     "cloudtrail-monitoring alerts check --environment {environment}"),
    ("Alarms", "email_subscriptions", "the same, read from SNS",
     "aws sns list-subscriptions-by-topic --region {region} --topic-arn {email_topic_arn}"),
    ("Alarms", "incidents", "open incidents, and what is held until when",
     "cloudtrail-monitoring investigate list --environment {responding}"),
    ("Alarms", "responders_state", "whether responders act: on or off",
     "aws ssm get-parameter --region {region} --name {switch} --query Parameter.Value --output text"),
    ("Alarms", "responders_off", "stop all responders: they tell and don't act, and let go within the hour",
     "aws ssm put-parameter --region {region} --name {switch} --value off --overwrite"),
    ("The archive", "newest_files", "what was delivered today (UTC)",
     "aws s3api list-objects-v2 --region {region} --bucket {bucket}"
     ' --prefix "{delivered}/CloudTrail/{region}/$(date -u +%Y/%m/%d)/"'
     " --query 'reverse(sort_by(Contents || `[]`,&LastModified))[:5].[LastModified,Key]' --output text"),
    ("The archive", "search", "events of the last 7 days: add what is looked for, and --run as the audit role",
     "cloudtrail-monitoring search --environment {searching} --event-name DeleteUser"),
    ("The archive", "validate", "whether the last day's files are as CloudTrail wrote them, as the audit role",
     "aws cloudtrail validate-logs --region {region} --trail-arn {trail_arn}"
     ' --start-time "$(date -u -d \'1 day ago\' +%Y-%m-%dT%H:%M:%SZ)"{account_option} --verbose'),
)  # fmt: skip


def topics(settings: MonitoringSettings) -> tuple[Topic, ...]:
    """The commands of an environment by topic, in the order in which they are wanted."""
    facts = _facts(settings)
    found: dict[str, list[Command]] = {}
    for topic, name, does, line in _LINES:
        if _fields(line) <= facts.keys():
            found.setdefault(topic, []).append(Command(name, does, line.format_map(facts)))
    return tuple(Topic(title, tuple(commands)) for title, commands in found.items())


def commands(settings: MonitoringSettings) -> dict[str, str]:
    """The lines by their names: the stack's output ``quick_reference``.

    >>> commands(prod)["status"]  # doctest: +SKIP
    'aws cloudtrail get-trail-status --region us-east-1 --name xyz-corp-audit-trail'
    """
    return {command.name: command.line for topic in topics(settings) for command in topic.commands}


def page(environments: Iterable[MonitoringSettings]) -> str:
    """The part of ``docs/quick-reference.md`` that is made from the environments, as Markdown."""
    return "\n".join(line for settings in environments for line in _section(settings))


def as_text(settings: MonitoringSettings) -> str:
    """What the command line prints: every command below what it does, ready to paste."""
    blocks = ("\n".join([f"## {topic.title}", "", *_shown(topic.commands)]).rstrip("\n") for topic in topics(settings))
    return "\n\n".join(blocks)


def as_json(settings: MonitoringSettings) -> str:
    """The lines by their names, as the Terraform output has them."""
    return json.dumps(commands(settings), indent=2)


def _section(settings: MonitoringSettings) -> Iterator[str]:
    yield from (
        f"## {settings.environment}",
        "",
        f"Account {settings.account_id}, home Region {settings.home_region}.",
        "",
    )
    for topic in topics(settings):
        yield from (f"### {topic.title}, {settings.environment}", "", "```sh", *_shown(topic.commands))
        yield from ("```", "")


def _shown(commands: tuple[Command, ...]) -> Iterator[str]:
    for number, command in enumerate(commands):
        if number:
            yield ""
        yield f"# {command.does}"
        yield command.line


def _fields(line: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(line) if field}


def _facts(settings: MonitoringSettings) -> Mapping[str, str]:
    """What the lines name, quoted for a shell; only what the environment has."""
    location, trail = settings.location, settings.trail
    responders = ResponderNames(location, settings.name_prefix)
    acts = settings.responders is not None
    users, logins, attachments = (query.text.replace("\n", " ") for query in required_queries())
    owner = f"{trail.organization_id}/{settings.account_id}" if trail.organization_id else settings.account_id
    facts = {
        "environment": settings.environment,
        "region": settings.home_region,
        "global_region": location.global_events_region,
        "prefix": settings.name_prefix,
        "trail": trail.name,
        "trail_arn": location.arn("cloudtrail", f"trail/{trail.name}"),
        "bucket": settings.archive.bucket_name,
        "delivered": f"AWSLogs/{owner}",
        "log_group": trail.log_group_name,
        "log_group_arn": f"{location.arn('logs', f'log-group:{trail.log_group_name}')}:*",
        "log_role_arn": role_arns(location, (log_delivery_role_name(trail.name),))[0],
        "email_topic_arn": location.arn("sns", f"{settings.name_prefix}-{Channel.EMAIL.value}"),
        # without the responders' intake the trail's own log group is all there is
        "iam_events": IAM_EVENTS_LOG_GROUP if acts else trail.log_group_name,
        "console_events": CONSOLE_EVENTS_LOG_GROUP if acts else trail.log_group_name,
        "user_created": USER_CREATED if acts else _DETECTIONS["user-created"].pattern,
        "failed_logins": FAILED_LOGINS,
        "users_query": users,
        "logins_query": logins,
        "attachments_query": attachments,
    }
    if acts:
        facts |= {"responding": settings.environment, "switch": responders.switch_parameter}
    if settings.search:
        facts["searching"] = settings.environment
    if settings.has_enhanced_trail:
        facts["enhanced_trail"] = enhanced_trail_name(trail.name)
    if trail.insights:
        facts["insights_trail"] = trail.name
    options = {
        "key_option": f" --kms-key-id alias/{settings.name_prefix}-trail" if trail.customer_managed_key else "",
        "organization_option": " --is-organization-trail" if trail.organization_id else "",
        "account_option": f" --account-id {settings.account_id}" if trail.organization_id else "",
    }
    return {name: shlex.quote(value) for name, value in facts.items()} | options

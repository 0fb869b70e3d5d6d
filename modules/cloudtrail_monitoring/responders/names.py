"""Names and ARNs of everything the responders consist of, built from the environment's prefix alone.

Policies, the key and the functions' configuration name each other in a circle; built names need no order, and a plan
shows every policy whole.
"""

from typing import NamedTuple

from cloudtrail_monitoring.location import Location

INTAKE, ROUTER, RELEASE, ALARM_STORY = FUNCTIONS = ("intake", "router", "release", "alarm-story")
"""The functions; each handler is in the module of ``runtime`` of that name."""

CALLED_ASYNCHRONOUSLY = (INTAKE, RELEASE, ALARM_STORY)
"""Lambda tries such a call three times, and what fails then goes to the queue of failed calls.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""

IAM_EVENTS_LOG_GROUP = "CloudTrail/IAMEvents"
CONSOLE_EVENTS_LOG_GROUP = "CloudTrail/ConsoleEvents"
"""R-QRY-4 names both, in every environment: each has an account of its own."""


class ResponderNames(NamedTuple):
    """What is called how, and its ARN.

    >>> names = ResponderNames(Location(account_id="333333333333", region="us-east-1"), "acme-audit")
    >>> names.queue_arn
    'arn:aws:sqs:us-east-1:333333333333:acme-audit-events'
    """

    location: Location
    prefix: str

    def function(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def function_arn(self, name: str) -> str:
        return self.location.arn("lambda", f"function:{self.function(name)}")

    def function_log_group(self, name: str) -> str:
        """The name Lambda itself would give it."""
        return f"/aws/lambda/{self.function(name)}"

    def role_arn(self, name: str) -> str:
        """The role of a function, which bears its name."""
        return self.location.iam_arn(f"role/{self.function(name)}")

    def session_arn(self, name: str) -> str:
        """What the ARNs of its role's sessions begin with, up to the slash before the session's name."""
        return self.location.session_arn(self.function(name))

    @property
    def own_policy_arns(self) -> tuple[str, ...]:
        """The managed policies of containments; ``runtime.user_deny`` names them."""
        measures = ("account-lockout", "geo-challenge")
        return tuple(self.location.iam_arn(f"policy/{self.prefix}-{measure}-*") for measure in measures)

    @property
    def publisher_role_arns(self) -> tuple[str, ...]:
        """The roles that publish alerts, which the topics' key has to let use it."""
        return tuple(self.role_arn(name) for name in (ROUTER, RELEASE, ALARM_STORY))

    @property
    def queue(self) -> str:
        return f"{self.prefix}-events"

    @property
    def queue_arn(self) -> str:
        return self.location.arn("sqs", self.queue)

    @property
    def queue_url(self) -> str:
        """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-general-identifiers.html"""
        place = self.location
        return f"https://sqs.{place.region}.{place.dns_suffix}/{place.account_id}/{self.queue}"

    @property
    def dead_letters(self) -> str:
        return f"{self.queue}-dead-letters"

    @property
    def dead_letters_arn(self) -> str:
        return self.location.arn("sqs", self.dead_letters)

    @property
    def failed_calls(self) -> str:
        return f"{self.prefix}-failed-calls"

    @property
    def failed_calls_arn(self) -> str:
        return self.location.arn("sqs", self.failed_calls)

    @property
    def state_table(self) -> str:
        return f"{self.prefix}-responder-state"

    @property
    def incidents_table(self) -> str:
        return f"{self.prefix}-incidents"

    def table_arn(self, table: str) -> str:
        return self.location.arn("dynamodb", f"table/{table}")

    @property
    def schedule_group(self) -> str:
        return self.prefix

    @property
    def schedule_group_arn(self) -> str:
        return self.location.arn("scheduler", f"schedule-group/{self.schedule_group}")

    @property
    def ending_schedules_arn(self) -> str:
        """The one-time schedules that end containments; ``runtime.schedules`` names them."""
        return self.location.arn("scheduler", f"schedule/{self.schedule_group}/{self.prefix}-end-*")

    @property
    def scheduler_role(self) -> str:
        return f"{self.prefix}-scheduler"

    @property
    def scheduler_role_arn(self) -> str:
        return self.location.iam_arn(f"role/{self.scheduler_role}")

    @property
    def switch_parameter(self) -> str:
        return f"/{self.prefix}/responders"

    @property
    def switch_parameter_arn(self) -> str:
        return self.location.arn("ssm", f"parameter{self.switch_parameter}")

    @property
    def event_rule(self) -> str:
        """The rule in every monitored Region; in the home Region it feeds the queue."""
        return f"{self.prefix}-responders"

    @property
    def event_rule_arn(self) -> str:
        return self.location.arn("events", f"rule/{self.event_rule}")

    @property
    def story_rule(self) -> str:
        return self.function(ALARM_STORY)

    def log_group_arn(self, log_group_name: str) -> str:
        return self.location.arn("logs", f"log-group:{log_group_name}")

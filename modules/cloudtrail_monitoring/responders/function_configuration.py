"""The functions' configuration as they read it: names of the resources and numbers of the settings, as JSON.

Both sides use the same dataclasses, so that a field that one of them lacks fails at synth and not in the account.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict

from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.responders.names import (
    CONSOLE_EVENTS_LOG_GROUP,
    IAM_EVENTS_LOG_GROUP,
    RELEASE,
    ResponderNames,
)
from cloudtrail_monitoring.responders.runtime.configuration import (
    CircuitBreaker,
    Configuration,
    EnhancedLogging,
    Geography,
    Lockout,
)
from cloudtrail_monitoring.responders.settings import EnhancedLoggingSettings, RespondersSettings
from cloudtrail_monitoring.validation import SettingsError

MAX_BYTES = 3584
"""Of the 4 KB that Lambda gives all variables of a function, with room for the others.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def function_configuration(
    settings: RespondersSettings,
    names: ResponderNames,
    *,
    log_group_name: str,
    topic_arns: Mapping[Channel, str],
    runbook_url: str,
    business_hours: BusinessHours,
    enhanced_trail_arn: str | None,
) -> str:
    """The variable's text.

    Raises:
        SettingsError: if it is longer than a function's variables can be.
    """
    location = names.location
    configuration = Configuration(
        account_id=location.account_id,
        region=location.region,
        partition=location.partition,
        console_url=location.console_url,
        name_prefix=names.prefix,
        log_group_name=log_group_name,
        iam_events_log_group=IAM_EVENTS_LOG_GROUP,
        console_events_log_group=CONSOLE_EVENTS_LOG_GROUP,
        queue_url=names.queue_url,
        state_table=names.state_table,
        incidents_table=names.incidents_table,
        email_topic_arn=topic_arns[Channel.EMAIL],
        sms_topic_arn=topic_arns.get(Channel.SMS, ""),
        runbook_url=runbook_url,
        time_zone=business_hours.time_zone,
        release_function_arn=names.function_arn(RELEASE),
        scheduler_role_arn=names.scheduler_role_arn,
        schedule_group=names.schedule_group,
        switch_parameter=names.switch_parameter,
        break_glass_users=settings.break_glass_users,
        circuit_breaker=CircuitBreaker(**settings.circuit_breaker.model_dump()),
        lockout=Lockout(**settings.lockout.model_dump()) if settings.lockout else None,
        enhanced_logging=_enhanced_logging(settings.enhanced_logging, enhanced_trail_arn, business_hours)
        if settings.enhanced_logging and enhanced_trail_arn
        else None,
        geography=Geography(**settings.geography.model_dump(exclude={"database"})) if settings.geography else None,
    )
    text = json.dumps(asdict(configuration), separators=(",", ":"))
    if len(text.encode()) > MAX_BYTES:
        raise SettingsError(
            f"responders: {len(text.encode()):,} bytes of configuration, and a function's variables take {MAX_BYTES:,}:"
            " name break-glass users by a path, and fewer holidays or networks"
        )
    return text


def _enhanced_logging(
    settings: EnhancedLoggingSettings, trail_arn: str, business_hours: BusinessHours
) -> EnhancedLogging:
    return EnhancedLogging(
        trail_arn=trail_arn,
        time_zone=business_hours.time_zone,
        start=f"{business_hours.start:%H:%M}",
        end=f"{business_hours.end:%H:%M}",
        days=tuple(day.value + 1 for day in business_hours.weekdays),
        **settings.model_dump(),
    )

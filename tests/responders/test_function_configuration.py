"""What the functions are told: it parses as they read it, and names what is there."""

from pathlib import Path

import pytest

from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.responders.function_configuration import MAX_BYTES, function_configuration
from cloudtrail_monitoring.responders.names import FUNCTIONS, ResponderNames
from cloudtrail_monitoring.responders.runtime.configuration import VARIABLE, Configuration
from cloudtrail_monitoring.responders.settings import GeographySettings, RespondersSettings
from cloudtrail_monitoring.validation import SettingsError
from tests.access_requests import ACCOUNT
from tests.settings_samples import ALERTING, LOCATION
from tests.synthesised import Stack

PREFIX = "xyz-corp-audit"
TRAIL = LOCATION.arn("cloudtrail", "trail/sample-enhanced")


def configuration(settings: RespondersSettings, trail: str | None = TRAIL) -> Configuration:
    text = function_configuration(
        settings,
        ResponderNames(LOCATION, "sample"),
        log_group_name="CloudTrail/sample",
        topic_arns=dict.fromkeys(Channel, "arn"),
        runbook_url=ALERTING.runbook_url,
        business_hours=ALERTING.business_hours,
        enhanced_trail_arn=trail,
    )
    return Configuration.read({VARIABLE: text})


@pytest.fixture(params=FUNCTIONS)
def variables(request: pytest.FixtureRequest, prod: Stack) -> dict[str, str]:
    """The variables of each function in turn."""
    found: dict[str, str] = prod.by_path(f"responders/{request.param}/function")["environment"]["variables"]
    return found


def test_each_function_reads_it(variables: dict[str, str]) -> None:
    read = Configuration.read(variables)
    assert (read.account_id, read.region, read.partition) == (ACCOUNT, "us-east-1", "aws")
    assert read.log_group_name == "CloudTrail/xyz-corp-audit-trail"
    assert read.time_zone == "America/New_York"
    # R-QRY-4
    assert (read.iam_events_log_group, read.console_events_log_group) == (
        "CloudTrail/IAMEvents",
        "CloudTrail/ConsoleEvents",
    )


def test_all_variables_fit(variables: dict[str, str]) -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 4 KB together
    assert sum(len(name) + len(value) for name, value in variables.items()) <= 4096


def test_it_names_what_the_stack_makes(prod: Stack) -> None:
    read = Configuration.read(prod.by_path("responders/router/function")["environment"]["variables"])
    assert read.state_table == prod.by_path("responders/store/state")["name"]
    assert read.incidents_table == prod.by_path("responders/store/incidents")["name"]
    assert read.queue_url.rsplit("/", 1)[1] == prod.by_path("responders/queue/queue")["name"]
    assert read.switch_parameter == prod.by_path("responders/switch")["name"]
    assert read.schedule_group == prod.by_path("responders/schedules/group")["name"]
    for arn, path, attribute in (
        (read.release_function_arn, "responders/release/function", "function_name"),
        (read.scheduler_role_arn, "responders/schedules/role", "name"),
        (read.email_topic_arn, "topics/email", "name"),
        (read.sms_topic_arn, "topics/sms", "name"),
    ):
        assert arn.endswith(prod.by_path(path)[attribute])
    assert read.enhanced_logging is not None
    assert read.enhanced_logging.trail_arn.endswith(f"trail/{prod.by_path('enhanced-trail/trail')['name']}")


def test_the_settings_arrive() -> None:
    geography = GeographySettings(
        database=Path("countries.mmdb"), trusted_countries=("DE",), trusted_networks=("192.0.2.0/24",)
    )
    read = configuration(RespondersSettings(geography=geography, break_glass_users=("emergency", "/ops/")))
    assert read.lockout is not None
    assert (read.lockout.failures, read.lockout.window_minutes, read.lockout.lock_minutes) == (5, 15, 30)
    assert read.geography is not None
    assert read.geography.trusted_networks == ("192.0.2.0/24",)
    assert read.break_glass_users == ("emergency", "/ops/")
    assert read.enhanced_logging is not None
    # R-ALM-3: Monday is 1, as the functions count
    assert read.enhanced_logging.days == (1, 2, 3, 4, 5)
    assert (read.enhanced_logging.start, read.enhanced_logging.end) == ("08:00", "18:00")


def test_what_is_off_is_absent() -> None:
    read = configuration(RespondersSettings(lockout=None, enhanced_logging=None), None)
    assert (read.lockout, read.enhanced_logging, read.geography) == (None, None, None)


def test_as_much_as_lambda_takes() -> None:
    with pytest.raises(SettingsError, match=f"a function's variables take {MAX_BYTES:,}"):
        configuration(RespondersSettings(break_glass_users=tuple(f"emergency-{number}" for number in range(200))))


def test_another_partition_has_its_own_addresses() -> None:
    names = ResponderNames(Location(account_id=ACCOUNT, region="cn-north-1"), "sample")
    assert names.queue_url == f"https://sqs.cn-north-1.amazonaws.com.cn/{ACCOUNT}/sample-events"
    assert names.queue_arn == f"arn:aws-cn:sqs:cn-north-1:{ACCOUNT}:sample-events"
